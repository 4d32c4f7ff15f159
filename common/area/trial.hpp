// A decision under scrutiny: which rules and routes it exercised, and what it would have been had
// one of them been different. For the tools that prove a policy's tests; nothing that sends uses
// it.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

/// What decisions came past. Rules by their place in the table.
struct Trace {
    std::set<std::ptrdiff_t> rules;
    std::set<std::string> routes;  ///< ids
    bool refused_publisher = false;
    bool stated_conflict = false;
};

/// Names of the rules in their order, "E-19 (2)" for the second line of one id; then E-01, E-02.
std::vector<std::string> rule_names();
/// Those of rule_names() that `trace` has not seen.
std::vector<std::string> rules_unseen(const Trace& trace);
/// Routes that `trace` has not seen, in the order of the text.
std::vector<std::string> routes_unseen(const Policy& policy, const Trace& trace);

/// One change that some test must notice.
struct Alteration {
    enum class Kind {
        rule_left_out,
        rule_shares,
        rule_refuses,
        rule_holds,
        route_left_out,
        route_act_or_know,
        route_must,
        route_view_left_out,
        route_view_added,
        route_condition_left_out,
        route_law_left_out,
        route_other_hours,
        route_other_clock,
        route_task,
        route_instead_of_left_out,
        route_pass_on,
        urgency_left_out,
        basis_left_out,
        advice_left_out,
        withholding_left_out,
        clock_left_out,
        clock_kinds_left_out,
        clock_longer,
        clock_other_start,
        clock_holder_left_out,
        clock_other_order
    };
    Kind kind{};
    std::size_t rule = 0;   ///< place in rule_names()
    TypeId type;            ///< of a route or urgency: no other type is touched
    std::size_t place = 0;  ///< of an urgency, basis, advice or withholding within the type; of a
                            ///< clock among the policy's
    std::string route;      ///< id of a route, and the role it reaches; the latter of a clock too
    RoleId role;
    ViewId view;       ///< of the route's views, or one that it does not grant
    std::string says;  ///< "route referral-police left out"
};

/// Every alteration that can be seen from outside.
std::vector<Alteration> alterations(const Policy& policy);

/// The policy with one route, urgency, basis or clock altered; the same policy for an altered rule.
Policy altered(const Policy& policy, const Alteration& alteration);

/// The policy as if its first day had long come: tests are dated, and a new policy begins later.
Policy as_if_begun(const Policy& policy);

/// What `gets = "care+loc"` of a test grants under this type: sorted views, safe contact among
/// them. `faults` say what is wrong with the expression.
std::vector<ViewId> views_of_content(const Policy& policy, const TypeId& type,
                                     std::string_view content, std::vector<PolicyFault>& faults);

wire::Decision decide_traced(const DecisionInput& input, const Registry& registry,
                             const Policy& policy, Trace& trace);
/// `policy` as altered() gave it.
wire::Decision decide_altered(const DecisionInput& input, const Registry& registry,
                              const Policy& policy, const Alteration& alteration);

}  // namespace mash::area
