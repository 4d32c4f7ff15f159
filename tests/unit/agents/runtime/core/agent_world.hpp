// A world for the agent's core: real cores over stores in memory, and a broker played by hand. The
// broker here is honest until a test makes it otherwise; it holds nothing but what it was sent, so
// that each test can bend one thing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "common/store/memory_store.hpp"
#include "tests/support/test_area.hpp"

namespace mash::runtime::testing {

/// One agent: store, keys and core. Frames it sends wait in `out`; everything else is kept in
/// `seen`.
class TestHost {
public:
    TestHost(test::TestArea& area, const Now& now, std::string host,
             std::vector<std::string> agencies, std::uint64_t seed);

    /// One input, one transaction, one commit.
    template <class Body>
    std::vector<Effect> give(Body body) {
        Input input;
        input.body = std::move(body);
        return give_input(std::move(input));
    }
    std::vector<Effect> give_input(Input input);
    /// The process dies and comes back: only what was committed is left.
    void restart();
    ApiReply ask(ApiRequest::Kind kind, const PersonalText& credential, std::string id = {},
                 std::string body = {}, std::string inbox = {});
    ApiReply ask(ApiRequest request);
    /// A member of these inboxes, added with the recovery key. Returns the bearer token.
    PersonalText add_person(const std::string& name, const std::string& agency,
                            const std::vector<std::string>& inboxes,
                            const std::vector<std::string>& roles = {});

    template <class Kind>
    std::vector<Kind> seen_of() const {
        std::vector<Kind> found;
        for (const auto& effect : seen) {
            if (const auto* one = std::get_if<Kind>(&effect)) found.push_back(*one);
        }
        return found;
    }
    bool has_alarm(Alarm::Kind kind) const;  ///< raised and not cleared since

    const HostId id;
    HostKeys keys;
    crypto::BoxKeyPair recovery;
    PersonalText service_token;
    CoreConfig config;
    store::MemoryStore store;
    std::vector<SendFrame> out;
    std::vector<Effect> seen;

private:
    const Now& now_;
    crypto::SeededRandom entropy_;
    std::unique_ptr<Core> core_;
    std::uint64_t next_reply_ = 1;
};

struct KeptPlan {
    wire::DisclosurePlan plan;
    wire::RoutingFacts facts;
};

/// What the broker knows, and the answers an honest one gives.
class HandBroker {
public:
    HandBroker(test::TestArea& area, const Now& now)
        : area_(area), now_(now), random_(99, "hand-broker") {}

    std::vector<wire::BrokerFrame> answer(const HostId& from, const wire::AgentFrame& frame);
    wire::Delivery delivery_of(const wire::SealedNotification& sealed, const NotificationId& id,
                               const wire::Recipient& recipient, const InboxId& inbox);
    wire::Accepted accepted(const NotificationId& id, const AgencyId& sender, const Digest& digest);
    wire::DisclosurePlan plan_for(const wire::RequestPlan& request);
    void queue(const HostId& host, wire::BrokerBody body) {
        queued[host].push_back({0, std::move(body)});
    }

    // Ways to be wrong
    std::function<void(wire::DisclosurePlan&)> tamper_plan;
    std::function<bool(const HostId&, const wire::AgentBody&)>
        swallow;  ///< true: neither done nor answered
    std::function<std::optional<ErrorCode>(const wire::AgentBody&)> refuse;
    /// By epoch; none until list_token_key().
    std::map<std::uint16_t, crypto::OprfKey> token_keys;
    bool loses_accepted = false;  ///< does everything and says nothing
    bool delivers = true;
    bool says_not_fresh = false;

    // What it was told
    std::map<InboxId, wire::SignedInboxCertificate> certificates;
    std::vector<wire::SignedClaim> claims;
    std::map<NotificationId, KeptPlan> plans;
    std::map<NotificationId, wire::SealedNotification> published;
    std::vector<wire::Publish> publishes;       ///< every one, repeats too
    std::vector<wire::Supplement> supplements;  ///< every one, repeats too
    std::set<PlanId> supplemented;
    std::vector<wire::EvaluateTokens> token_questions;
    std::vector<wire::RequestPlan> plan_requests;
    std::vector<wire::Receipts> receipts;
    std::vector<wire::Hello> hellos;
    std::vector<wire::AgentBody> others;
    std::map<NotificationId, std::vector<wire::Delivery>> delivered;
    std::map<HostId, std::vector<wire::BrokerFrame>> queued;
    std::array<std::uint8_t, 16> store_epoch{1};
    std::uint64_t commit_serial = 10;
    std::array<std::uint8_t, 16> store_start{};  ///< zero: an older broker, which states no commits
    std::map<HostId, std::uint64_t> stated;      ///< the last serial that a frame named
    bool says_put_back = false;

private:
    std::vector<wire::BrokerFrame> answer_to(const HostId& from, const wire::AgentFrame& frame);

    test::TestArea& area_;
    const Now& now_;
    crypto::SeededRandom random_;
};

class AgentWorld {
public:
    explicit AgentWorld(std::uint64_t seed = 1);

    /// Connects the host and works off everything that follows.
    void connect(TestHost& host);
    void disconnect(TestHost& host) {
        host.give(LinkDown{});
        host.out.clear();
        connected_.erase(host.id);
    }
    /// Hub, schools and police, and the child on her school's roll.
    void connect_all();
    /// Frames go back and forth until nobody has anything to say.
    void settle();
    /// Time passes; every connected agent ticks once.
    void pass(std::chrono::milliseconds time);
    void tick();

    /// Submits and works off what follows. Fails the test when it is not taken in.
    NotificationId send(TestHost& host, Notification notification);
    /// The registry lists the broker's key of this epoch; from the second on a pepper that comes
    /// with it.
    void list_token_key(std::uint16_t epoch);
    /// Only this epoch is left.
    void finish_token_change(std::uint16_t epoch);
    Notification missing_child(const std::string& ref = "misper:1",
                               const std::string& type = "missing_episode_started");
    /// Telling her school is stated to be worse for the child than silence: a manager decides.
    Notification detrimental_child();
    /// The hub is told that nobody is connected as Missing Children Officers.
    wire::Task give_gap_task();
    /// The child's school says that she is on its roll.
    void claim_school_roll(TestHost& schools);

    Now now{SteadyTime::from_ms(1'000'000), test::working_morning};
    test::TestArea area;
    HandBroker broker;
    TestHost police;
    TestHost hub;
    TestHost schools;

private:
    std::map<HostId, TestHost*> connected_;
};

/// All bytes of every space of this store, keys and values.
std::string everything_stored(store::MemoryStore& store);
std::string text_of_reply(const ApiReply& reply);
std::vector<wire::ReceiptEntry> entries_of(const wire::Receipts& receipts);

}  // namespace mash::runtime::testing
