// What the core holds between steps (nothing that the store could not give back, besides the state
// of the link), and what the work on one input has at hand. Inside this folder only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/records.hpp"
#include "agents/runtime/core/tokens.hpp"
#include "common/area/policy.hpp"
#include "common/area/policy_end.hpp"
#include "common/area/registry.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/random.hpp"

namespace mash::runtime {

/// A question of ours that the broker has not answered yet.
struct Asked {
    enum class Kind { documents, plan, publish, errand, receipts, recalls, tokens } kind{};
    NotificationId notification;   ///< plan, publish
    std::uint32_t supplement = 0;  ///< plan, publish: which of its supplements; 0: itself
    std::string errand;            ///< name of the errand
    wire::RoutingFacts facts;      ///< plan: as stated, so that the answer is checked against it
    std::vector<wire::SignedAuthorisation> authorisations;
    bool floor = false;       ///< plan: asked for nothing but the floor
    std::uint64_t bytes = 0;  ///< publish: in flight
    std::uint64_t order = 0;  ///< receipts: which batch
    wire::Lane lane{};
    SteadyTime at;
    // tokens: whose, under which key, and the blinds that open the answer
    AgencyId agency;
    std::uint16_t token_epoch = 0;
    crypto::OprfPublicKey token_key;
    bool is_roll = false;
    std::vector<Digest> identities;
    std::shared_ptr<const crypto::OprfQuestion> question;
};

/// The session with the broker. Forgotten when the link goes down: everything that must survive
/// lies in the store.
struct Link {
    bool up = false;
    bool welcomed = false;
    SteadyTime hello_at;
    SteadyTime fetched_at;
    std::uint64_t next_request = 1;
    std::map<std::uint64_t, Asked> asked;
    std::map<NotificationId, std::uint64_t> request_of;  ///< plan or publish under way
    std::set<std::string> errands_sent;
    std::map<std::string, SteadyTime> errand_not_before;
    /// All open errands before this one are under way or were told to wait, none of these shorter
    /// than until `errands_wait_until`.
    std::uint64_t errands_from = 0;
    std::optional<SteadyTime> errands_wait_until;
    void look_at_all_errands() {
        errands_from = 0;
        errands_wait_until.reset();
    }
    std::uint64_t lower_lane_bytes = 0;         ///< published, unanswered, below the immediate lane
    std::set<Digest> identities_asked;          ///< of both maps of the desk
    std::size_t first_questions = 0;            ///< about tokens of one child, under way
    std::size_t roll_questions = 0;             ///< about those of lists
    SteadyTime receipts_at;                     ///< when unacknowledged receipts were last sent
    SteadyTime credit_at;                       ///< when credit was last given
    std::chrono::milliseconds broker_ahead{0};  ///< broker's clock minus ours, as of Welcome
};

struct Agent {
    Agent(CoreConfig settings, const HostKeys& host_keys)
        : config(std::move(settings)), keys(host_keys), trusted(config.area, config.root) {}

    CoreConfig config;
    const HostKeys& keys;
    area::TrustedArea trusted;
    std::optional<area::Policy> policy;
    std::uint64_t policy_version = 0;  ///< of the parsed one, and of its catalogue
    std::uint64_t catalogue_version = 0;
    std::vector<SteadyTime> identities_shown{};  ///< within the last hour
    struct AnsweredLately {
        SteadyTime since;
        std::uint32_t count = 0;
    };
    std::map<AgencyId, AnsweredLately> involvement_answers;  ///< only agencies that we serve
    /// Per agency, by epoch: the one that counts, and while they change the one that comes.
    std::map<AgencyId, std::vector<TokenEpoch>> tokens;
    TokenDesk desk;
    Link link;
    std::map<NotificationId, SteadyTime> not_before;  ///< backing off after a refusal that may pass
    std::map<NotificationId, std::uint32_t> stale_plans;  ///< so many answers in a row
    /// Of the open outbox, where the last pump stopped looking.
    std::optional<std::tuple<std::uint8_t, WallTime, NotificationId>> pumped_to;
    std::map<InboxKey, SteadyTime> handover_at;  ///< last asked of the shell
    /// Deliveries of a sender that our registry does not know yet: judged again when the newer one
    /// is here.
    std::vector<wire::Delivery> parked;
    std::optional<SteadyTime> not_fresh_since;
    area::PolicyEndWatch policy_end;
    std::optional<SteadyTime> hourly_at;
    std::optional<Now> last_now;
    bool clock_jumped = false;  ///< nothing expires until the broker's clock agrees with ours
    bool started = false;
    /// Agencies of ours whose pepper no box key here opens: without an entry in `tokens` they
    /// recognise no child.
    std::set<AgencyId> pepper_unreadable;
    std::optional<FilesSeen> files;  ///< as of the last Tick
    /// Of the last hour.
    std::map<PersonId, std::vector<SteadyTime>> care_look_ups;
};

/// One rung reached here, on its way into a signed batch at the end of the step.
struct PendingRung {
    wire::ReceiptEntry entry;
    DeliveryId delivery;
    wire::Lane lane{};
};

class Step {
public:
    Step(Agent& of, const Now& at, store::Transaction& in, std::vector<Effect>& out)
        : agent(of), now(at), tx(in), effects(out), random(std::array<std::uint8_t, 32>{}) {}

    Agent& agent;
    const Now& now;
    store::Transaction& tx;
    std::vector<Effect>& effects;
    crypto::SeededRandom random;  ///< of the input being worked on
    AgentRow row;                 ///< read at the start, written at the end when changed
    bool row_changed = false;
    std::map<std::pair<AgencyId, AgencyId>, std::vector<PendingRung>>
        rungs;  ///< (from, sender) -> entries
    bool credit_due = false;
    bool pump_due = false;  ///< something may now be planned or published

    // Signed documents
    const area::Registry* registry() const;
    const area::Policy* policy() const { return agent.policy ? &*agent.policy : nullptr; }
    /// ok when registry and policy are held, the policy is in force and the freshness statement
    /// vouches for them now. Otherwise only the floor of design rule 7 goes on.
    Result<void> check_documents() const;
    bool serves(const AgencyId& agency) const;
    /// The key that the registry has in force now; null: none of ours is.
    const crypto::SigningKey* signing_key(const AgencyId& agency) const;
    bool verify_broker(std::string_view label, ByteView body,
                       const crypto::Signature& signature) const;
    bool verify_agency(const AgencyId& agency, WallTime at, std::string_view label,
                       ByteView message, const crypto::Signature& signature) const;
    /// Whom to ring about this seat: its own number, else the agency's, else the area's.
    std::string telephone_of(const Seat& seat) const;

    // Effects
    void send(wire::AgentBody body, wire::Lane lane, std::uint64_t request = 0);
    std::uint64_t ask(wire::AgentBody body, Asked asked);
    void record(LogEvent event, const NotificationId& id = {}, const AgencyId& agency = {});
    void record(LogEvent event, ErrorCode code, const NotificationId& id = {},
                const AgencyId& agency = {});
    void record_count(LogEvent event, std::int64_t count);

    // Content at rest
    void put_sealed(store::Space space, ByteView key, ByteView plain);
    std::optional<Bytes> get_sealed(store::Space space, ByteView key);
    /// keyed_digest() under this host's storage key.
    Digest keyed(std::string_view what, std::initializer_list<ByteView> parts) const;

    template <class IdType>
    IdType random_id() {
        return IdType(random.array<16>());
    }
    void note_access(const PersonId& person, std::string_view action, const InboxId& inbox,
                     const AgencyId& sender, const NotificationId& id,
                     std::string_view reason = {});
};

/// Leaves with the first frames of a session; README.md "Session".
constexpr std::size_t in_flight_max = 64;

}  // namespace mash::runtime
