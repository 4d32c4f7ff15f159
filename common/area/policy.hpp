// The area's sharing agreement: signed TOML that an information-governance lead can read. Parsed once into an
// immutable value; a text that cannot be understood whole is refused whole, with every fault's place.
#pragma once

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

/// One fault of a policy or catalogue text, for people: "policy.toml:41:9: unknown role "ffdd" (nearest: "ffd")".
struct PolicyFault {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string message;
    std::string text() const;
};

/// A view of a section and the fields an agent cuts for it (catalogue.toml).
struct ViewDefinition {
    ViewId view;               ///< "rsk.word"; sections with one view use the bare code: "voi"
    std::string section;       ///< "rsk"
    std::uint8_t rank = 0;     ///< within its section: higher holds more
    std::vector<std::string> fields;
};

struct SectionDefinition {
    std::string code;
    std::uint8_t sensitivity = 0;      ///< 1..4, domain.md D1
    std::string title;                 ///< "Safe contact"
    std::string withholding;           ///< "marked", "silent" or "" when the sender has it and it is not granted
    bool travels = true;               ///< false: saf, op - never, whatever a profile says
    std::vector<std::string> fields;
};

/// Which seats a route reaches.
enum class RouteBy { area_role, involved, thread, named };

/// Out of hours of a role (domain.md C5 O1..O3).
enum class OutOfHours { none, emergency_duty, queue };

struct RouteCondition {                // all stated parts must hold
    std::vector<std::string> risk_grades;
    std::vector<std::string> markers_any;
    std::vector<std::string> kinds;
    std::vector<std::string> sender_kinds;
    std::optional<bool> harm_suspected_or_worse;
};

struct Route {
    std::string id;                    ///< "missing-start-front-door": the code of "why you"
    RoleId role;
    RouteBy by = RouteBy::area_role;
    std::string relation;              ///< for involved
    bool act = false;
    bool must = false;                 ///< "must receive" of C2; else "may receive if involved"
    bool visible = true;               ///< false: reached by the front door, never in the sender's plan
    std::vector<ViewId> views;         ///< granted, expanded from the profile; at most one a section
    OutOfHours out_of_hours = OutOfHours::none;
    bool emergency_if_harm_actual = false;   ///< row 6: queue, but emergency duty when harm is likely_or_actual
    bool task_if_absent = false;       ///< nobody connected: a not-connected task, not a gap
    std::string telephone;             ///< for that task
    RouteCondition when;
    std::string basis;
};

struct UrgencyRule { RouteCondition when; wire::Rag rag{}; wire::Urgency urgency{}; };

/// One row of the catalogue as the area runs it.
struct TypeRule {
    TypeId type;
    std::uint16_t row = 0;             ///< of domain.md C2; 0 for an area's own
    std::string title;
    enum class Class { unconditional, conditional, agreement } agreement_class = Class::unconditional;
    bool any_agency_may_publish = false;
    std::vector<RoleId> publishers;
    std::map<std::string, std::vector<RoleId>> publishers_of_kind;  ///< "sighting" -> any: empty list = any
    std::vector<std::string> kinds;
    bool danger = false;               ///< counts as the floor's content
    std::vector<UrgencyRule> urgencies;      ///< first match
    wire::Urgency urgency_default = wire::Urgency::u4;
    bool before_school_session = false;
    std::vector<Route> routes;
    std::vector<std::string> required_facts;
    std::string basis;
};

class Policy {
public:
    /// `policy_toml` and `catalogue_toml` as signed. On failure `faults` holds every fault found.
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
    const std::vector<ViewDefinition>& views() const;
    /// Largest view on offer of the granted one's section whose rank is not above it; none when not on offer.
    std::optional<ViewId> fit_view(const ViewId& granted, const std::vector<ViewId>& on_offer) const;
    const Calendar& calendar() const;          ///< front-door hours, closed dates, bank holidays
    bool is_front_door_open(WallTime at) const;
    /// Next opening or closing of the front door strictly after `at`.
    WallTime next_front_door_change(WallTime at) const;
    WallTime take_by(wire::Urgency urgency, WallTime from) const;
    wire::Lane lane_of(wire::Urgency urgency) const;
    bool relation_is_indexed(std::string_view relation) const;
    const std::string& telephone_of(const RoleId& role) const;   ///< "" when the policy has none
    RoleId front_door_role() const;
    RoleId emergency_duty_role() const;
    std::vector<std::string> risk_grades() const;

    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;
    Policy(const Policy&);
    Policy& operator=(const Policy&);
    ~Policy();

private:
    struct State;
    Policy();
    std::shared_ptr<const State> state_;
};

}  // namespace mash::area
