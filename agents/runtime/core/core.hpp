// The agent's deterministic core for one area: keeps what its agencies send until it is accepted,
// taken and closed; decides for itself before it seals; keeps what arrives until a person or a
// system has it; owes receipts. No clock, thread, socket, file or random source of its own.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/notification.hpp"
#include "common/base/limits.hpp"
#include "common/base/log.hpp"
#include "common/store/store.hpp"
#include "common/wire/frames.hpp"

namespace mash::runtime {

struct Agent;  // agent.hpp: what the core holds between steps

// ---- inputs ----

struct LinkUp {};  ///< transport is up: the core answers with Hello
struct LinkDown {};
struct FrameIn {
    wire::BrokerFrame frame;
};
struct BadFrameIn {
    ErrorCode code{};
};  ///< bytes from the broker that do not decode
/// What lies in the agent's folders, as the shell last saw it: how many files and since when, never
/// which.
struct FilesSeen {
    std::uint64_t unread = 0;  ///< in intake/
    WallTime unread_since;     ///< of the oldest; unset: there is none
    std::uint64_t held = 0;    ///< in waiting/
    WallTime held_since;
};
struct Tick {
    std::optional<FilesSeen> files;  ///< nothing: nobody has looked yet
};

/// One thing an adapter remembers of its source, from file to file (source.hpp).
struct Remembered {
    std::string key;
    std::string value;
};

/// An adapter or a person gives a notification. Answered by Submitted or SubmitRejected with the
/// same `reply`.
struct Submit {
    std::uint64_t reply = 0;
    Notification notification;
    PersonId person;     ///< "service" for file intake; overruled by the credential's owner
    std::string reason;  ///< "intake", "manual_entry"
    /// From the local API: the bearer token presented, "" included. Absent: the shell's own intake.
    std::optional<PersonalText> credential;
    /// Kept in the same commit that takes the notification: nothing refused is ever remembered as
    /// sent, and no crash comes between the two.
    std::vector<Remembered> remember;
};

/// What an adapter remembers of a file whatever becomes of its notifications. Answered by Kept.
struct Remember {
    std::uint64_t reply = 0;
    std::vector<Remembered> entries;
};

/// Involvement from a roll or caseload: the whole list of one seat and relation.
struct RollEntry {
    Subject subject;
    std::string source_ref;
};
struct ReplaceRoll {
    std::uint64_t reply = 0;
    Seat seat;
    std::string relation;
    std::vector<RollEntry> entries;
    bool confirmed = false;  ///< a person said yes to ending more than a tenth
    bool partial = false;    ///< some rows could not be read: add and renew, but end nothing
    std::optional<PersonalText>
        credential;  ///< as in Submit; `confirmed` counts only with a person's
};

/// A request of the local API. `credential` is the bearer token; the core finds out whose it is.
struct ApiRequest {
    enum class Kind {
        sent_list,
        sent_one,
        sent_content,
        received_list,
        received_one,
        taken,
        decided,
        held_list,
        held_answer,
        recall,
        release,
        tasks_list,
        task_answer,
        status,
        person_add,
        person_remove,
        conflict_add,
        conflicts_list,
        conflict_end,
        rolls_list,
        roll_answer,
        decisions_list,
        decision_one,
        decision_replay,
        access_log,
        keys,
        unconfirmed_list,
        agreement_add,
        agreements_list,
        agreement_one,
        agreement_withdraw,
        stopped,
        attached,
        me,
        catalogue,
        preview,
        colleagues,
        assigned,
        case_number,
        chronology,
        search,
        drafts_list,
        draft_one,
        draft_save,
        draft_delete,
        inbox_rotate,
        care_status,
        questions_list,
        question_one,
        question_look,
        question_answer,
        question_take_back,
        account_remove,
        // Asked by the shell only, never over HTTP:
        account_read,
        account_write,
        account_reset,
        known_changes,
        intake_reader
    } kind{};  ///< bodies and answers: README.md of this folder, agents/README.md
    std::uint64_t reply = 0;
    PersonalText credential;
    std::string id;  ///< notification, held or task id in text
    InboxId inbox;
    PersonalText body;      ///< JSON
    std::string cursor;     ///< of a list: go on after this place; "" from the top
    std::size_t limit = 0;  ///< lines of a list; 0: as many as there may be
    /// Which lines of a list of records: "sent", "from", "to", "person", "item", "state"; "full" of
    /// one. "unconfirmed": from a page whose person has not shown lately who they are.
    std::map<std::string, std::string> filter;
};

/// The shell has put an item where its system takes it (file renamed and synced, 2xx).
struct HandedOver {
    InboxId inbox;
    NotificationId notification;
    AgencyId sender;
    bool recalled = false;  ///< as in the HandOver that is answered
};
/// not_available: nothing is configured for this inbox, so nothing is to be tried again. Any other
/// code: later.
struct HandoverFailed {
    InboxId inbox;
    NotificationId notification;
    AgencyId sender;
    ErrorCode code{};
    bool recalled = false;
};

struct Input {
    std::variant<LinkUp, LinkDown, FrameIn, BadFrameIn, Tick, Submit, Remember, ReplaceRoll,
                 ApiRequest, HandedOver, HandoverFailed>
        body;
    std::array<std::uint8_t, 32>
        entropy{};  ///< every key, nonce and id made while working on it comes from here
};

// ---- effects, released after the commit ----

struct SendFrame {
    wire::AgentFrame frame;
    wire::Lane lane{};
};
struct Reconnect {
    ErrorCode code{};
};

struct Submitted {
    std::uint64_t reply = 0;
    NotificationId id;
    bool existed = false;
};
struct SubmitRejected {
    std::uint64_t reply = 0;
    ErrorCode code{};
    std::vector<InputFault> faults;
};
struct Kept {
    std::uint64_t reply = 0;
    bool ok = true;
};
struct RollReplaced {
    std::uint64_t reply = 0;
    ErrorCode code{};  ///< only when not ok
    bool ok = false;
    std::uint32_t added = 0, ended = 0, kept = 0;
    bool waits_for_broker = false;  ///< ok: taken in once its tokens are here (token_rolls.cpp)
    bool waits_for_person = false;  ///< kept aside until a person answers (rolls_waiting.cpp)
    std::uint32_t unusable =
        0;  ///< entries without any strong identity: nobody could recognise them
};

/// Answer to an ApiRequest. The body may be personal; the shell sends it and keeps nothing.
struct ApiReply {
    std::uint64_t reply = 0;
    int status = 200;
    PersonalText json;
};

/// An opened item for an automatic inbox, or a people's item on opening: the shell writes it to
/// folder or webhook and answers HandedOver or HandoverFailed. It comes again until one of them is
/// answered. `recalled`: the system must take back what it was given; `json` then holds ids and the
/// instruction only.
struct HandOver {
    InboxId inbox;
    NotificationId notification;
    AgencyId sender;
    PersonalText json;
    bool recalled = false;
};

/// Design rule 4: said by the agent itself, without the broker.
struct Alarm {
    enum class Kind {
        not_accepted,
        not_stored,
        plan_differs,
        registry_not_fresh,
        fact_unproved,
        undecryptable,
        version_went_back,
        clock_skew,
        not_taken,
        duplicate_conflict,
        publish_refused,
        held_overdue,
        delivery_rejected,
        pepper_unreadable,
        /// Somebody has not said that a recalled item, or what rests on a withdrawn agreement, is
        /// used no more.
        not_confirmed,
        tokens_unproved,   ///< the broker answered under another key than the registry's
        tokens_missing,    ///< goes on without all its tokens: the broker did not answer in time
        about_taken_back,  ///< what it was sent about has been taken back since
        /// It came, and the system that people work in has not taken it in for longer than its lane
        /// allows.
        not_handed_over,
        file_held,   ///< a file waits for a person, because it would send so much
        file_unread  ///< a file has lain in intake/ for longer than it may
    } kind{};
    static constexpr Kind last_kind = Kind::file_unread;
    NotificationId notification;  ///< zero: about the link or the documents
    std::string telephone;        ///< whom to ring
    bool cleared = false;
};
/// What has waited in this agent for longer than it should, for the log: how many, never which.
struct Backlog {
    enum class Queue : std::uint8_t { unsent, unopened, untaken } queue{};
    wire::Lane lane{};
    std::chrono::milliseconds oldest{0};
    friend bool operator==(const Backlog&, const Backlog&) = default;
};
std::string_view name_of(Backlog::Queue queue);

struct Recorded {
    LogEvent event{};
    NotificationId notification;
    AgencyId agency;
    ErrorCode code{};
    bool has_code = false;
    std::int64_t count = 0;
    std::optional<Backlog> backlog;
};

using Effect = std::variant<SendFrame, Reconnect, Submitted, SubmitRejected, Kept, RollReplaced,
                            ApiReply, HandOver, Alarm, Recorded>;

std::string_view name_of(Alarm::Kind kind);

struct CoreConfig {
    AreaId area;
    crypto::VerifyKey root;
    HostId host;
    std::vector<AgencyId> agencies;  ///< served here, as the registry must say too
    std::string area_telephone;      ///< to ring when the broker does not answer
    std::map<AgencyId, std::string>
        professional_contact;  ///< JSON of `pro` for sources that give none
    std::chrono::hours retention_after_taken{24 * 30};  ///< sealed content at the sender
    /// Records of decisions and of who looked at what, and the documents they rest on (domain.md
    /// F5).
    std::chrono::hours decision_record_term{24 * 365 * 25};
    /// Its own alarms: not accepted, and then not stored, in this time.
    std::chrono::seconds immediate_alarm{limits::accepted_immediate_alarm};
    std::chrono::seconds urgent_alarm{limits::accepted_urgent_alarm};
    /// What was put into intake/ is read, or somebody rung, in this time.
    std::chrono::seconds unread_alarm{limits::file_unread_alarm};
    /// Over it the longest unused go: asked again, they count against the budget.
    std::uint64_t token_outputs_max = limits::token_outputs_max;
    std::uint32_t credit_items = 64;
    std::uint64_t credit_bytes = std::uint64_t{4} * 1024 * 1024;
};

class Core {
public:
    /// `keys` hold this host's secrets and must outlive the core.
    Core(CoreConfig config, const HostKeys& keys);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Result<void> load(const Now& now, store::Transaction& transaction);
    /// As broker::Core::step: effects leave after the commit; on a failed commit drop effects and
    /// core, load again.
    std::vector<Effect> step(const Now& now, std::span<const Input> batch,
                             store::Transaction& transaction);

private:
    std::unique_ptr<Agent> agent_;
};

/// What was remembered under `key` by the last commit; any thread. Nothing also when the view
/// failed: ask it.
std::optional<std::string> remembered(store::View& view, const HostKeys& keys,
                                      std::string_view key);

/// A backup of this agent's store was put back: the next session tells the broker so (a new agent
/// epoch), and it delivers again what it still holds. Called by `restore` before the core is
/// loaded.
void mark_restored(store::Transaction& transaction);

}  // namespace mash::runtime
