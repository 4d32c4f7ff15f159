// What a Policy holds once its two texts are understood, and the parts of the parser that fill it.
// Private to this folder.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/area/catalogue.hpp"
#include "common/area/policy.hpp"
#include "common/area/policy_document.hpp"

namespace mash::area {

/// "15 minutes", "4 working hours", "end of the 3rd working day".
struct TimeSpan {
    enum class Unit { minutes, working_hours, working_days };
    Unit unit = Unit::minutes;
    unsigned count = 0;
};

/// A policy needs bank holidays for so many working days after its grace ends.
inline constexpr unsigned calendar_days_checked = 5;

struct PolicyState {
    static Policy wrap(std::shared_ptr<const PolicyState> state) {
        return Policy(std::move(state));
    }
    static const PolicyState& of(const Policy& policy) { return *policy.state_; }

    AreaId area;
    std::uint64_t version = 0;
    std::string title;
    WallTime valid_from;
    WallTime expires;
    WallTime grace_until;  ///< expires, or later by the signed grace
    Catalogue catalogue;
    std::map<ViewId, std::uint16_t> view_slots;
    std::vector<TypeRule> types;    ///< sorted by type
    std::vector<ClockRule> clocks;  ///< sorted by name
    std::optional<Calendar> calendar;
    std::vector<WallTime> sessions;  ///< starts of school days, sorted
    std::set<CivilDate> school_days;
    std::array<TimeSpan, 5> urgencies{};  ///< U1 first
    std::array<wire::Lane, 5> lanes{};
    std::array<wire::Urgency, 5> rag{};  ///< by wire::Rag; [0] is unstated
    std::optional<wire::Urgency> urgency_when_vital;
    TimeSpan know;
    TimeSpan hold;
    TimeSpan hold_red;
    std::map<std::string, RelationRule, std::less<>> relations;
    std::map<std::string, DeciderRoles> deciders;
    std::map<RoleId, std::string> telephones;
    std::map<AgencyId, OtherAuthority> other_authorities;
    std::map<std::string, InForce> laws;
    RoleId front_door;
    RoleId emergency_duty;
    RoleId pass_on;
    SharingDuty sharing_duty;
    std::vector<std::string> withheld_when_reduced;
    std::string pass_on_marker;
    std::chrono::hours recall_confirm_within{4};
    unsigned agreement_confirm_working_days = 1;
    std::map<std::string, std::string> escalations;
    std::map<std::string, std::string> out_of_hours_ways;
    std::map<std::string, std::string> out_of_hours_desks;  ///< way -> "emergency_duty" or "queue"
    BelowThreshold below_threshold = BelowThreshold::agreement_led;
    bool schools_hear_of_missing_episodes = false;

    /// Only once the policy was read far enough to have one.
    const Calendar& times() const;
    WallTime end_of(const TimeSpan& span, WallTime from) const;
};

/// Duty hours, calendar, schools' calendar, urgencies, lanes, RAG. Needs area and roles.
void read_times(TableReader& policy, PolicyState& state, FaultSink& sink);
/// valid_from, expires, grace. Needs the calendar.
void read_validity(TableReader& policy, PolicyState& state, FaultSink& sink);
/// Telephones, relations, deciders, laws, the duty to share, escalation names, settings.
void read_partners(TableReader& policy, PolicyState& state, FaultSink& sink);
/// Who publishes each type, to whom it goes, how soon. Needs all of the above.
void read_types(TableReader& policy, PolicyState& state, FaultSink& sink);
/// Statutory clocks. Needs calendar, validity and types.
void read_clocks(TableReader& policy, PolicyState& state, FaultSink& sink);

/// A number to ring: digits, blanks, "+" and brackets. A fault otherwise.
void check_telephone(const std::string& number, Place place, FaultSink& sink);

/// "U1".."U5".
const std::vector<std::string>& urgency_words();
std::optional<wire::Urgency> urgency_from(std::string_view word);
/// Of a word that was found among urgency_words().
wire::Urgency known_urgency(std::string_view word);
inline std::size_t place_of(wire::Urgency urgency) { return static_cast<std::size_t>(urgency) - 1; }

}  // namespace mash::area
