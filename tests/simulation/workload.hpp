// Invented children, and what police, schools, health and social care say about them: rolls,
// missing episodes, domestic abuse notices, referrals; and the people who open, take, decide,
// answer, recall and declare. Holds the truth that the invariants measure against: which child each
// notification is about, and who was ever involved with that child.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulation/world.hpp"

namespace mash::simulation {

/// Begins every invented word about a child, so that one search finds any of them.
inline constexpr std::string_view canary = "Canary";

struct Child {
    std::size_t number = 0;
    runtime::Subject subject;  ///< all that anybody knows
    bool is_known_by_address_only =
        false;  ///< police have name, birth date and postcode, no number
    bool is_known_by_initial =
        false;           ///< whoever reports has the first letter of the forename, no number
    std::string school;  ///< agency, "" for none
    bool has_social_worker = false;
    bool has_health_visitor = false;
    bool is_placed = false;     ///< by Northmere
    bool is_protected = false;  ///< social care says so
    std::map<std::string, std::string>
        also;  ///< by relation, the inbox of who has it; stories only
    std::set<Seat> ever_involved;
    /// What lists say, where it is not what everybody says; of one agency, or "" of all.
    std::map<std::string, runtime::Subject> in_lists;
};

Child invented_child(std::size_t number);
/// asking.cpp: from now on the area's policy has this relation in mode `ask`. False: it has no such
/// relation that is deposited.
bool ask_holders_of(World& world, const std::string& relation);
/// "Canary evt.what of child 3."
std::string marked(const std::string& section, const std::string& field, std::size_t child);

/// One record of a source system, kept there for ever: whoever restored a backup reads it again.
struct Source {
    HostId host;
    std::size_t child = 0;
    runtime::Notification notification;
    std::optional<NotificationId> id;  ///< once the agent has said that it holds it
    bool is_rejected = false;
    bool was_recalled = false;   ///< a person was told that the recall is under way
    bool was_withdrawn = false;  ///< a person was told that those who relied are told to stop
    bool had_gone = false;       ///< its agent knew then that it was accepted
};

class Workload {
public:
    Workload(World& world, std::uint64_t seed);

    /// asking.cpp: before anything happens. Some relations are asked for and not deposited, and
    /// senders know some children by little.
    void ask_holders();
    bool asks() const { return asks_; }
    /// Before anything happens: from now on some families agree, and some take it back.
    void let_families_agree() { families_agree_ = true; }
    /// One thing that happens in one of the agencies.
    void act();
    /// Everything that sources and people still owe, without faults: intake read again, rolls sent,
    /// all that is held answered, all that arrived taken.
    void finish();

    // Also for scenarios
    std::size_t add_child(Child child);
    std::vector<Child>& children() { return children_; }
    const std::vector<Child>& children() const { return children_; }
    const std::vector<Source>& sources() const { return sources_; }
    const Source* source_of(const NotificationId& id) const;
    /// The child of a notification, or of the one it continues. Nothing for an id that nobody gave.
    std::optional<std::size_t> child_of(const NotificationId& id) const;
    /// What a source gave, of a notification or of the one it continues; null as above.
    const Source* origin_of(const NotificationId& id) const;
    /// What the agency says, with every section it has words for, `change` made.
    runtime::Notification compose(const AgencyId& agency, const RoleId& role,
                                  const std::string& type, std::size_t child,
                                  const std::string& ref,
                                  const std::function<void(runtime::Notification&)>& change) const;
    /// Under which id the front door's agent passes this on by itself, if it does.
    NotificationId passed_on_id(const AgencyId& sender, const NotificationId& original,
                                WallTime occurred_at) const;
    /// The notification whose words these are, when the front door's agent passes them on.
    std::optional<NotificationId> original_of(const NotificationId& id) const;
    Source& send(const HostId& host, const AgencyId& agency, const RoleId& role,
                 const std::string& type, std::size_t child, const std::string& ref,
                 const std::function<void(runtime::Notification&)>& change = {});
    void submit(Source& source);
    void send_rolls();
    void rolls_changed() { rolls_sent_.clear(); }
    /// A store was put back: its sources and rolls are read again.
    void read_again(const HostId& host);
    void take_all(const std::string& host, const std::string& inbox, bool decide);
    void answer_all(const std::string& host, const std::string& inbox, bool allow);
    bool recall(Source& source, const std::string& inbox);
    std::optional<std::string> declare_conflict(std::size_t child,
                                                const std::string& excluded_inbox);
    /// The same, naming the person who opens this inbox.
    std::optional<std::string> declare_conflict_of_person(std::size_t child,
                                                          const std::string& inbox);
    /// What a person asked their agent to send, in the words of something that a source gave.
    void adopt(Source source);
    static std::string seat_inbox_of(const AgencyId& agency);

private:
    /// Killed before it could answer: if it was committed, it is sent, and its id is in the store
    /// only.
    void learn_id(const Source& source);
    std::optional<std::string> declare(std::size_t child, const char* field,
                                       const nlohmann::json& excluded);
    void missing();
    void domestic_abuse();
    void referral();
    /// What the front door's agent passes on by itself: said by whoever may not know who is
    /// involved.
    void sighting_or_exploitation();
    /// Below significant harm, where everything hangs on what was agreed (domain.md E2, E-11 on).
    std::optional<wire::RoutingFacts> agreed_otherwise();
    void somebody_reads();
    void somebody_recalls();
    void somebody_conflicted();
    /// Help that rests on nothing but what a family agreed to, recorded as it is sent. Some take it
    /// back.
    void family_agrees();
    void record_agreement(const Source& source);
    void family_withdraws();
    void child_moves();
    // asking.cpp
    struct Answering {
        bool looks = false;
        bool cannot_tell = false;
        bool takes_back = false;
    };
    void make_children_alike();
    void somebody_answers_questions();
    void answer_questions(const std::string& inbox, const Answering& how);
    bool send_roll(const std::string& host, const Seat& seat, const std::string& relation,
                   const std::function<bool(const Child&)>& is_on);

    struct Episode {
        std::size_t child = 0;
        int number = 0;
        bool is_open = true;
        int updates = 0;
    };

    World& world_;
    Dice dice_;
    Dice agreements_;
    Dice families_;  ///< drawn from by nothing else
    bool families_agree_ = false;
    Dice asking_;
    bool asks_ = false;
    std::vector<Child> children_;
    std::vector<Source> sources_;
    std::map<NotificationId, std::size_t> by_id_;
    mutable std::map<NotificationId, NotificationId> originals_;  ///< of what is passed on
    std::vector<Episode> episodes_;
    std::set<std::pair<Seat, std::string>> rolls_sent_;
    std::vector<std::string> conflicts_;
    struct Recorded {
        std::size_t source;
        std::string id;
    };
    std::vector<Recorded> recorded_;
    int next_ref_ = 1;
};

}  // namespace mash::simulation
