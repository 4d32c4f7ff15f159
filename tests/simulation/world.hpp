// Broker and agents of one area in one process, under virtual time, from one seed. Every frame goes
// through the codec and the broker's verify(), as in the programs; what leaves a core leaves it
// after its commit. Whoever watches (Watcher) sees every step.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "broker/core/core.hpp"
#include "tests/simulation/enrolled_area.hpp"
#include "tests/simulation/process.hpp"

namespace mash::simulation {

using BrokerProcess = Process<broker::Core, broker::Input, broker::Effect>;
using AgentProcess = Process<runtime::Core, runtime::Input, runtime::Effect>;

/// Probabilities: per frame (drop, duplicate, delay), per commit, per event (the others). All zero:
/// a quiet world.
struct Faults {
    double drop = 0;
    double duplicate = 0;
    double delay = 0;
    double commit = 0;
    double cut = 0;
    double kill = 0;
    double backup = 0;
    double restore = 0;
    double clock = 0;
    double documents = 0;
    double leap = 0;  ///< hours pass instead of seconds
    /// The last statement of freshness was given more than seven days ago. Each host goes without a
    /// newer one with this probability; `registrar_late`: nobody signs one, so everybody does.
    double late_host = 0;
    bool registrar_late = false;
    double late_ends = 0;  ///< per event: the statement comes, to the registrar first
    /// The registrar begins to change the keys of subject tokens, or ends it where the broker waits
    /// for nobody.
    double token_keys = 0;
};

/// Which of design part 2 was broken, and where.
struct Violation {
    std::string invariant;
    std::string detail;
    std::uint64_t step = 0;
};

/// Sees everything that leaves a process, after its commit.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void broker_said(const std::vector<broker::Effect>& effects) = 0;
    virtual void agent_said(const HostId& host, const std::vector<runtime::Effect>& effects) = 0;
    virtual void frame_to_broker(const HostId& host, ByteView bytes) = 0;
    virtual void frame_to_agent(const HostId& host, ByteView bytes) = 0;
    virtual void broker_restored() = 0;
    virtual void agent_restored(const HostId& host) = 0;
};

class World {
public:
    /// `base` without agents: nobody is enrolled yet and no process holds anything. It and `trace`,
    /// which may be null, must outlive the world.
    World(const Enrolled* base, std::uint64_t seed, Faults faults, std::ostream* trace,
          std::chrono::milliseconds start_after = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Now now() const { return now_; }
    std::uint64_t steps() const { return steps_; }
    std::uint64_t trace_hash() const { return trace_hash_; }
    void watch(Watcher* watcher) { watcher_ = watcher; }
    SimulatedArea& simulated() { return simulated_; }
    const HostFiles& files(const HostId& host) const { return simulated_.hosts.at(host); }
    BrokerProcess& broker() { return broker_; }
    std::map<HostId, AgentProcess>& agents() { return agents_; }
    const std::map<HostId, AgentProcess>& agents() const { return agents_; }
    AgentProcess& agent(const HostId& host) { return agents_.at(host); }
    const PersonalText& token_of(const InboxId& inbox) const { return base_->tokens.at(inbox); }

    // ---- time and events ----

    /// The next event: frames that arrive together, a link, or the passing of time. Faults as
    /// drawn.
    void step();
    /// Until nothing is on its way; the clock moves only as far as the network needs.
    void settle();
    /// Everything due within `time` happens, in steps of at most `every`; each ends with a tick of
    /// everybody.
    void pass(std::chrono::milliseconds time,
              std::chrono::milliseconds every = std::chrono::seconds(10));
    /// Everything due by then happens, and one tick of everybody, at that very moment.
    void pass_until(SteadyTime end);
    /// Ends every fault: processes run, links stand, clocks agree and are confirmed, the registrar
    /// vouches anew.
    void heal();

    // ---- what people, adapters and operators do ----

    void connect_all();
    /// Nothing: the process is down, or was killed on the way.
    std::optional<std::vector<runtime::Effect>> give(const HostId& host,
                                                     decltype(runtime::Input::body) body);
    std::optional<runtime::ApiReply> ask(const HostId& host, runtime::ApiRequest::Kind kind,
                                         const PersonalText& token, std::string id = {},
                                         std::string body = {}, std::string inbox = {},
                                         std::string cursor = {});
    /// The lines of an inbox's list, of all its pages. Nothing: as `ask`, or it was refused, which
    /// is a violation.
    std::optional<std::vector<std::string>> received(const HostId& host, const PersonalText& token,
                                                     const InboxId& inbox);
    std::optional<broker::OperatorReply> operate(broker::OperatorCommand::Kind kind,
                                                 std::string argument = {});
    /// Whether some agency has claims or conflicts under old keys alone. Nothing: the broker is
    /// down, or was killed when it was asked.
    std::optional<bool> is_token_change_awaited();
    /// The signed documents of the area, as they are now, are put before the broker.
    void load_documents();

    // ---- what goes wrong ----

    void cut(const HostId& host, bool broker_notices);
    void connect(const HostId& host);
    void kill_agent(const HostId& host);
    void kill_broker();
    void start_agent(const HostId& host);
    void start_broker();
    void back_up_broker() { broker_.backups.push_back(broker_.store().snapshot()); }
    void back_up_agent(const HostId& host) {
        agent(host).backups.push_back(agent(host).store().snapshot());
    }
    /// The latest backup is put back while the process is down. `marked`: by the operator's
    /// command, as the runbook says; otherwise silently, of an agent only where the broker can tell
    /// by the batches of receipts that it holds.
    void restore_broker(bool marked);
    void restore_agent(const HostId& host, bool marked);
    /// The link stays down until it is regained.
    void lose_link(const HostId& host);
    void regain_link(const HostId& host);
    /// Frames from the broker for which this is true never arrive; null: none.
    void lose_frames(std::function<bool(const HostId& to, const wire::BrokerFrame& frame)> lost) {
        is_lost_ = std::move(lost);
    }
    void set_death_of_next_step(const HostId& host, Death death) { deaths_[host] = death; }

    std::optional<HostId> host_of_session(std::uint64_t connection) const {
        const auto found = sessions_.find(connection);
        return found == sessions_.end() ? std::nullopt : std::optional(found->second);
    }
    bool is_any_late() const { return is_registrar_late_ || !late_hosts_.empty(); }
    bool is_linked(const HostId& host) const { return connections_.contains(host); }
    void note(const std::string& line);
    void violate(std::string invariant, std::string detail);
    const std::optional<Violation>& violation() const { return violation_; }

private:
    struct ToBroker {
        HostId host;
        std::uint64_t connection = 0;
        Bytes bytes;
    };
    struct ToAgent {
        HostId host;
        std::uint64_t connection = 0;
        Bytes bytes;
    };
    struct Connect {
        HostId host;
    };
    struct LinkLost {
        HostId host;
        std::uint64_t connection = 0;
    };
    struct SessionLost {
        std::uint64_t connection = 0;
    };
    struct Start {
        HostId host;
    };  ///< empty: the broker
    struct Handed {
        HostId host;
        runtime::HandedOver done;
        bool taken = false;
    };  ///< what the shell says of a hand-over
    using Event = std::variant<ToBroker, ToAgent, Connect, LinkLost, SessionLost, Start, Handed>;
    using When = std::pair<std::int64_t, std::uint64_t>;

    void schedule(std::chrono::milliseconds after, Event event);
    void advance_to(std::int64_t steady_ms);
    void run_next();
    void tick_all();
    void begin_late();
    void end_late();
    bool keeps_from(const HostId& host, const wire::BrokerFrame& frame) const;
    void inject_fault();
    void inject_restore();
    void change_token_keys();
    Death death_of(const HostId& host);
    void send_to_broker(const HostId& host, Bytes bytes);
    void send_to_agent(const HostId& host, std::uint64_t connection, Bytes bytes);
    template <class Packet>
    void send_packet(Packet packet);
    void happen(ToBroker& frame) { arrive_at_broker(std::move(frame)); }
    void happen(ToAgent& frame) { arrive_at_agent(std::move(frame)); }
    void happen(Connect& link) { connect(link.host); }
    void happen(LinkLost& link);
    void happen(SessionLost& session);
    void happen(Start& process);
    void happen(Handed& item);
    void work_broker(std::vector<broker::Input> batch);
    void release(std::vector<broker::Effect> effects);
    std::optional<std::vector<runtime::Effect>> work_agent(const HostId& host,
                                                           std::vector<runtime::Input> batch);
    void release(const HostId& host, std::vector<runtime::Effect>& effects);
    broker::Input verified(const ToBroker& frame);
    void arrive_at_broker(ToBroker first);
    void arrive_at_agent(ToAgent first);
    void broker_died();
    void agent_died(const HostId& host);
    bool agent_restore_shows(const HostId& host, const store::MemorySnapshot& backup);

    const Enrolled* base_;
    SimulatedArea simulated_;
    Faults faults_;
    Dice network_;
    Dice chance_;
    Dice lateness_;
    Dice token_keys_;
    Now now_;
    BrokerProcess broker_;
    std::map<HostId, AgentProcess> agents_;
    std::shared_ptr<const area::Registry> registry_;  ///< what the broker's verifier uses
    std::map<HostId, std::uint64_t> connections_;     ///< as the agent sees it
    std::map<std::uint64_t, HostId> sessions_;        ///< as the broker's shell sees it
    std::map<HostId, Death> deaths_;
    std::map<When, Event> events_;
    std::uint64_t next_event_ = 1;
    std::uint64_t next_connection_ = 1;
    std::uint64_t next_reply_ = 1;
    std::optional<broker::OperatorReply> operator_reply_;
    std::int64_t next_tick_ms_ = 0;
    WallTime fresh_at_;
    std::set<HostId> kept_down_;
    std::set<HostId> late_hosts_;  ///< what the broker sends of signed documents does not come
    bool is_registrar_late_ = false;
    std::function<bool(const HostId&, const wire::BrokerFrame&)> is_lost_;
    std::uint64_t steps_ = 0;
    std::uint64_t trace_hash_ = 14695981039346656037ULL;
    std::ostream* trace_;
    Watcher* watcher_ = nullptr;
    std::optional<Violation> violation_;
};

}  // namespace mash::simulation
