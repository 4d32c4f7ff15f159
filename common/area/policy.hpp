// The area's sharing agreement: signed TOML that an information-governance lead can read. Parsed
// once into an immutable value; a text that cannot be understood whole is refused whole, with every
// fault's place.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/calendar.hpp"
#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/wire/plan.hpp"

namespace mash::area {

/// One fault of a policy or catalogue text, for people: "policy.toml:41:9: unknown role "ffdd"
/// (nearest: "ffd")".
struct PolicyFault {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string message;
    std::string text() const;
};

/// A view of a section and the fields an agent cuts for it (catalogue.toml).
struct ViewDefinition {
    ViewId view;            ///< "rsk.word"; sections with one view use the bare code: "voi"
    std::string section;    ///< "rsk"
    std::uint8_t rank = 0;  ///< within its section: higher holds more
    std::vector<std::string> fields;
    std::vector<std::string> unless_protected;  ///< of `fields`: left out of what is said of a
                                                ///< child whose address is protected (domain.md C1)
};

struct SectionDefinition {
    std::string code;
    std::uint8_t sensitivity = 0;  ///< 1..4, domain.md D1
    std::string title;             ///< "Safe contact"
    std::string
        withholding;  ///< "marked", "silent" or "" when the sender has it and it is not granted
    std::vector<RoleId> marked_to;  ///< who sees the mark; empty = every recipient (domain.md G18:
                                    ///< a school sees none of `op`)
    bool only_when_named =
        false;            ///< in no profile: only a row whose catalogue entry names it may grant it
    bool travels = true;  ///< false: op - never, whatever a profile says
    bool needs_release = false;  ///< saf: travels only to whom two different people released it
                                 ///< (rules D3-1, D3-2), on a row that names it
    /// A person looks before any machine passes on what came beside it.
    bool goes_by_itself() const { return travels && !needs_release; }
    bool needs_condition = false;  ///< special category: a route that grants it has a basis with an
                                   ///< Article 9 condition
    bool in_every_update = false;  ///< goes with a type of `changed_only` whether it changed or not
    std::vector<std::string> fields;
};

/// What people are asked and shown of a field. Decides nothing.
struct FieldDefinition {
    std::string title;
    std::string hint;
    std::string kind = "text";  ///< "long_text", "date", "instant", "yes_no", "list", "choice"
    std::vector<std::pair<std::string, std::string>> choices;  ///< code and words, as shown
};
/// Codes of one vocabulary with their words, in the order in which they are shown.
using CodeWords = std::vector<std::pair<std::string, std::string>>;

/// Which seats a route reaches. `named`: agencies that the family's agreement names; `addressed`:
/// seats that the sender itself names (who is asked, who had asked, who had referred).
enum class RouteBy { area_role, involved, thread, named, addressed };

/// Out of hours of a role (domain.md C5 O1..O3).
enum class OutOfHours { none, emergency_duty, queue };

struct RouteCondition {  // all stated parts must hold; an empty list is not stated
    std::vector<std::string> risk_grades;  ///< "" = the sender gave none
    std::vector<std::string> markers_any;
    std::vector<std::string> markers_none;
    std::vector<std::string> kinds;
    std::vector<std::string> sender_kinds;
    std::vector<std::string> sender_roles;
    std::vector<std::string> sender_kinds_except;  ///< holds for every other kind of agency
    std::optional<bool> harm_suspected_or_worse;
    std::optional<bool> matched;  ///< the child has a token that links by itself
    std::vector<wire::Harm> harms;
    std::vector<wire::Level> levels;
    std::vector<wire::Purpose> purposes;
    std::vector<wire::Rag> rags;
    std::vector<wire::AgreementStatus> agreements;
    bool empty() const;
    /// Whatever the narrower one holds for, this one holds for. Never true by mistake; false where
    /// only several conditions together would cover.
    bool covers(const RouteCondition& narrower) const;
    /// Two stated parts exclude each other.
    bool never_holds() const;
    friend bool operator==(const RouteCondition&, const RouteCondition&) = default;
};

/// When something applies: always; in the periods of a statute; or, `inverted`, outside them. No
/// period: Parliament or the area has set no date.
struct InForce {
    struct Period {
        WallTime from;
        WallTime until;  ///< not set: it goes on
        friend bool operator==(const Period&, const Period&) = default;
    };
    bool always = true;
    bool inverted = false;
    std::vector<Period> periods;  ///< sorted, apart
    bool at(WallTime when) const {
        if (always) return true;
        bool inside = false;
        for (const auto& period : periods) {
            if (period.from <= when && (!period.until.is_set() || when < period.until))
                inside = true;
        }
        return inside != inverted;
    }
    friend bool operator==(const InForce&, const InForce&) = default;
};

/// The route of the automatic pass-on's own parcel. No policy may call one of its own so.
inline constexpr std::string_view pass_on_route = "pass-on";
/// The route by which somebody at another agency reads what it must decide about, and for that
/// only. No policy may call one of its own so.
inline constexpr std::string_view decider_route = "to-decide";
/// The route to whoever keeps an identity that an adoption severed (RelationRule::severs).
inline constexpr std::string_view severed_route = "severed";
/// Said of a decision that follows it.
inline constexpr std::string_view severed_warning = "identity_severed";

/// Said of a decision by rule E-04: a life was at stake and it went at once. Who looks at it after.
inline constexpr std::string_view review_warning = "manager_review_one_working_day";
inline constexpr std::string_view review_rule = "E-04";

struct Route {
    std::string id;  ///< "missing-start-front-door": the code of "why you"
    RoleId role;
    RouteBy by = RouteBy::area_role;
    std::string relation;  ///< for involved
    bool act = false;
    bool must = false;    ///< "must receive" of C2; else "may receive if involved"
    bool visible = true;  ///< false: reached by the front door, never in the sender's plan
    std::vector<ViewId>
        views;  ///< granted, expanded from the profile; at most one a section; sorted
    std::vector<std::uint16_t> view_slots;  ///< the same as places in Policy::views()
    OutOfHours out_of_hours = OutOfHours::none;
    bool emergency_if_harm_actual =
        false;  ///< row 6: queue, but emergency duty when harm is likely_or_actual
    bool task_if_absent = false;  ///< nobody connected: a not-connected task, not a gap
    std::string telephone;        ///< for that task: the route's own, else the role's
    bool before_school_session =
        false;  ///< take by the next session's start when that school is not at work before
    RouteCondition when;
    InForce in_force;
    std::string basis;       ///< "" = the row's
    std::string instead_of;  ///< route id: followed only when that one found nobody; "" = always
    /// For involved: what a sender says who may not know of them the front door's agent passes on
    /// by itself. Otherwise it is a task for a person.
    bool pass_on_by_itself = false;
};

struct UrgencyRule {
    RouteCondition when;
    wire::Urgency urgency{};
};

/// A sentence of the policy's own that the sender is shown with the decision: "do not delete from
/// the roll yet". Its code stands among the decision's warnings.
struct Advice {
    std::string code;
    std::string says;
    RouteCondition when;
    InForce in_force;
};

/// Sections that a row grants and these facts take back from everybody: "the words that the child
/// asked to keep, unless harm".
struct Withholding {
    RouteCondition when;
    std::vector<std::string> sections;
};

/// The lawful basis of a row may follow the facts: "high risk: d and 9c, else 9g p18". First match.
struct BasisRule {
    RouteCondition when;
    InForce in_force;
    std::string basis;
};

/// A time limit in law that a notification starts (domain.md F1), and whose it is. Stated to the
/// holder with the notification; nothing of the system reminds anybody of it.
struct ClockRule {
    /// F2: a statutory clock runs from its own trigger.
    enum class From {
        event,   ///< when it happened, as the sender says; never later than it was told
        receipt  ///< when the plan was made, as the time to take it
    };
    std::string name;                ///< "return_interview"
    std::string label;               ///< "Return interview", as people read it
    std::string source;              ///< statute or guidance, as people look it up
    std::vector<TypeId> types;       ///< that start it
    std::vector<std::string> kinds;  ///< and of which kinds; empty: of any
    From from = From::event;
    unsigned hours = 0;         ///< elapsed, across a change of the clocks too; 0: working days
    unsigned working_days = 0;  ///< to the close of business of the last; 0: hours
    /// In order of preference: the first whom the plan tells, or has rung, holds it.
    std::vector<RoleId> held_by;
    bool starts(const TypeId& type, std::string_view kind) const;
    friend bool operator==(const ClockRule&, const ClockRule&) = default;
};

/// One row of the catalogue as the area runs it.
struct TypeRule {
    TypeId type;
    std::uint16_t row = 0;  ///< of domain.md C2; 0 for an area's own
    std::string title;
    enum class Class {
        unconditional,
        conditional,
        agreement
    } agreement_class = Class::unconditional;
    bool any_agency_may_publish = false;
    std::vector<RoleId> publishers;
    std::map<std::string, std::vector<RoleId>>
        publishers_of_kind;  ///< "sighting" -> any: empty list = any
    std::vector<std::string> kinds;
    bool danger = false;                 ///< counts as the floor's content
    std::vector<UrgencyRule> urgencies;  ///< first match
    wire::Urgency urgency_default = wire::Urgency::u4;
    bool before_school_session = false;
    std::vector<Route> routes;
    std::vector<std::string>
        required_facts;  ///< words of RoutingFacts: "occurred_at", "level", "harm" ...
    std::vector<std::string>
        required_sections;     ///< sections without which nothing can be said: "evt"
    bool wants_voice = false;  ///< voi, or one coded reason for none (domain.md D2)
    bool statutory =
        false;  ///< a statute orders it: only that statute's exceptions count (E2 note 1)
    bool carries_content = true;  ///< false: control types; no view is ever granted, not even sfc
    /// Whoever had something of the thread gets the sections that have changed since, and those of
    /// `in_every_update` (domain.md C3 row 2).
    bool changed_only = false;
    InForce in_force;
    std::vector<BasisRule> bases;  ///< before `basis`
    std::string basis;
    std::vector<std::string> escalation;  ///< names of domain.md C5, X1 to X6, in their order
    std::string out_of_hours;             ///< O1 to O3
    std::vector<Advice> advice;
    std::vector<Withholding> withholdings;
};

/// A statute under which listed bodies may, or must, tell each other (Children Act 2004 s.16LA).
struct SharingDuty {
    InForce in_force;
    std::vector<std::string> bodies;  ///< kinds of agency
    bool between(const std::string& sender_kind, const std::string& recipient_kind,
                 WallTime at) const;
};

/// Another local authority that has no agent here: it is told by telephone.
struct OtherAuthority {
    std::string name;
    std::string telephone;  ///< day and night
};

struct RoleDefinition {
    RoleId role;
    std::string title;  ///< "Designated safeguarding lead of one school or college"
    bool school_clock =
        false;  ///< when told (know), the next school session counts, not the working day
    bool internal = false;  ///< decides inside an agency; never a recipient of the catalogue
};

/// Who may say "we work with this child" in these words, and who may be shown that they said so.
struct RelationRule {
    std::string relation;  ///< "health_visitor"
    std::string title;
    bool indexed = true;                  ///< false: `ask`, its holders deposit nothing
    std::vector<std::string> claimed_by;  ///< kinds of agency
    std::vector<RoleId> roles;            ///< seats that may be claimed for
    std::vector<std::string> known_to;    ///< kinds of sender that may be shown it; front door and
                                          ///< emergency duty always may
    bool protects = false;  ///< says that the child is protected: nobody but front door, social
                            ///< care and who says so is shown any relation of this child
    bool severs = false;    ///< says that an adoption severed this identity: what is said of it
                            ///< reaches whoever says so, and nobody else
    bool closes = false;    ///< says that an unborn child of this mother was born: nobody is
                            ///< involved with the unborn child any more
    /// Whom to tell, and after how many days, that a child left such a list and is on no other.
    RoleId lapse_to;
    std::int64_t lapse_days = 0;  ///< 0: nobody
    bool single = false;          ///< of one agency at a time: a second claim is a question for the
                                  ///< front door before it counts
};

/// In whose queue a HUMAN outcome waits, by kind of the sender's agency: the first seat that the
/// agency has.
struct DeciderRoles {
    std::vector<RoleId> safeguarding_lead;
    std::vector<RoleId> manager;
};

/// domain.md E5. Neither value touches rules E-01 to E-10.
enum class BelowThreshold { agreement_led, duty_led };

class Policy {
public:
    /// `policy_toml` and `catalogue_toml` as signed. On failure `faults` holds every fault found.
    /// Errors: malformed (not TOML), bad_value (TOML, but not a policy), too_large.
    static Result<Policy> parse(std::string_view policy_toml, std::string_view policy_file,
                                std::string_view catalogue_toml, std::string_view catalogue_file,
                                std::vector<PolicyFault>& faults);

    const AreaId& area() const;
    std::uint64_t version() const;
    WallTime valid_from() const;
    WallTime expires() const;
    const TypeRule* find_type(const TypeId& type) const;
    const std::vector<TypeRule>& types() const;
    const ViewDefinition* find_view(const ViewId& view) const;
    const SectionDefinition* find_section(std::string_view code) const;
    const std::map<std::string, SectionDefinition>& sections() const;
    /// A section's views stand together, the smallest first.
    const std::vector<ViewDefinition>& views() const;
    std::optional<std::uint16_t> view_slot(const ViewId& view) const;
    /// Largest view on offer of the granted one's section whose rank is not above it; none when not
    /// on offer.
    std::optional<ViewId> fit_view(const ViewId& granted,
                                   const std::vector<ViewId>& on_offer) const;
    /// Null: the catalogue has no words for it.
    const FieldDefinition* find_field(std::string_view section, std::string_view field) const;
    /// "harm" -> "suspected": "Harm is suspected".
    const std::map<std::string, CodeWords>& words() const;
    const Calendar& calendar() const;  ///< front-door hours, closed dates, bank holidays
    bool is_front_door_open(WallTime at) const;
    /// Next opening or closing of the front door strictly after `at`.
    WallTime next_front_door_change(WallTime at) const;
    WallTime take_by(wire::Urgency urgency, WallTime from) const;
    wire::Lane lane_of(wire::Urgency urgency) const;
    bool relation_is_indexed(std::string_view relation) const;
    const std::string& telephone_of(const RoleId& role) const;  ///< "" when the policy has none
    const std::map<AgencyId, OtherAuthority>& other_authorities() const;
    const OtherAuthority* find_other_authority(const AgencyId& agency) const;
    RoleId front_door_role() const;
    RoleId emergency_duty_role() const;
    /// The front door's automatic inbox, from which its agent passes on by itself; "" when the area
    /// has none.
    RoleId pass_on_role() const;
    const std::vector<std::string>& risk_grades() const;
    const std::map<std::string, std::string>& markers() const;  ///< code -> title
    const std::vector<std::string>& agency_kinds() const;
    const std::map<RoleId, RoleDefinition>& roles() const;
    const RoleDefinition* find_role(const RoleId& role) const;
    const std::map<std::string, RelationRule, std::less<>>& relations() const;
    const RelationRule* find_relation(std::string_view relation) const;
    /// Of that kind of agency; empty lists when the policy says nothing.
    const DeciderRoles& deciders_of(const std::string& agency_kind) const;
    /// By when a held item must be decided: 4 working hours, 1 hour when red.
    WallTime decide_by(wire::Rag rag, WallTime from) const;
    /// By when somebody who is only told (know) should have seen it; `estimated` as in
    /// wire::Recipient.
    struct Due {
        WallTime at;
        bool estimated = false;
    };
    Due know_by(const RoleId& role, WallTime from) const;
    /// domain.md C5 row 6 and F2: `take_by` when that falls on a school day before the next
    /// session, else the start of the next session; always estimated, because the calendar is the
    /// local authority's.
    Due before_session(WallTime take_by, WallTime from) const;
    /// Start of the next school session strictly after `at` in the local authority's calendar; none
    /// past its end.
    std::optional<WallTime> next_school_session(WallTime at) const;
    /// From valid_from up to expires and any signed grace: otherwise only the floor goes on.
    bool in_force_at(WallTime at) const;
    bool in_grace_at(WallTime at) const;
    std::optional<wire::Urgency> urgency_when_vital()
        const;  ///< at least so urgent when life is at stake
    BelowThreshold below_threshold() const;
    const SharingDuty& sharing_duty() const;
    /// Sections that a reduced share (E-20) holds back.
    const std::vector<std::string>& withheld_when_reduced() const;
    /// With this marker front door and emergency duty pass on what another agency told them, to the
    /// involved only and whatever the row says of publishers; "" when the area does not.
    const std::string& pass_on_marker() const;
    /// In which each recipient confirms that a recalled message is removed (domain.md C5, K3).
    std::chrono::hours recall_confirm_within() const;
    /// By when each recipient confirms that it uses no more what rested on an agreement withdrawn
    /// at `at` (domain.md C5, K1): the close of that many working days.
    WallTime agreement_confirm_by(WallTime at) const;
    /// By name.
    const std::vector<ClockRule>& clocks() const;
    const ClockRule* find_clock(std::string_view name) const;
    /// When such a clock that began at `from` has run out. Working days beyond the holidays loaded
    /// are weekdays only: ask covers() of the calendar.
    WallTime clock_by(const ClockRule& clock, WallTime from) const;
    /// Names of escalation and out-of-hours ways, with a sentence each.
    const std::map<std::string, std::string>& escalations() const;
    const std::map<std::string, std::string>& out_of_hours_ways() const;
    const Advice* find_advice(std::string_view code) const;
    bool schools_hear_of_missing_episodes() const;
    const std::string& title() const;

    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;
    Policy(const Policy&);
    Policy& operator=(const Policy&);
    ~Policy();

private:
    friend struct PolicyState;
    explicit Policy(std::shared_ptr<const struct PolicyState> state);
    std::shared_ptr<const struct PolicyState> state_;
};

}  // namespace mash::area
