#include "common/area/decide_rules.hpp"

#include <algorithm>
#include <array>

#include "common/base/check.hpp"

namespace mash::area {
namespace {

using Class = TypeRule::Class;

bool is_one_of(const RoleId& role, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return role.value() == word; });
}

bool is_desk(const RuleInput& r) {
    return r.seat.role == r.policy.front_door_role() ||
           r.seat.role == r.policy.emergency_duty_role();
}

Verdict share(const RuleInput&) { return Verdict::share; }
Verdict refuse(const RuleInput&) { return Verdict::refuse; }
Verdict hold(const RuleInput&) { return Verdict::hold; }

bool has_no_function(const RuleInput& r) { return r.route == nullptr; }
bool is_vital(const RuleInput& r) { return r.in.facts.vital; }
bool is_incomplete(const RuleInput& r) { return !missing_facts(r.in.facts, r.type).empty(); }

// E-05: with harm in the air the front door gets what there is; everybody else waits until it is
// whole.
Verdict share_incomplete_with_front_door(const RuleInput& r) {
    return harm_suspected_or_worse(r.in.facts) && is_desk(r) ? Verdict::share : Verdict::refuse;
}

bool is_harmful_practice(const RuleInput& r) { return r.type.row == 15; }
Verdict share_with_police_and_front_door(const RuleInput& r) {
    return is_desk(r) || is_one_of(r.seat.role, {"pol"}) ? Verdict::share : Verdict::refuse;
}

bool is_harm_sent_as_early_help(const RuleInput& r) {
    return r.type.row == 23 && harm_suspected_or_worse(r.in.facts);
}

// Note 1 of E2: with harm suspected the front door is told even when another recipient is refused.
bool is_detrimental(const RuleInput& r) {
    if (is_desk(r) && harm_suspected_or_worse(r.in.facts)) return false;
    const auto& seats = r.in.facts.detriment;
    return std::find(seats.begin(), seats.end(), r.seat) != seats.end();
}

bool is_unconditional(const RuleInput& r) { return r.type.agreement_class == Class::unconditional; }
bool is_harm_likely(const RuleInput& r) { return r.in.facts.harm == wire::Harm::likely_or_actual; }
bool is_harm_suspected(const RuleInput& r) { return r.in.facts.harm == wire::Harm::suspected; }

Verdict share_with_deciding_bodies(const RuleInput& r) {
    const bool deciding = is_desk(r) || is_one_of(r.seat.role, {"sw", "pol", "lado", "prv"});
    return r.route->must || deciding ? Verdict::share : Verdict::hold;
}

bool always(const RuleInput&) { return true; }

// E-11 to E-22 (who may give agreement, what its scope is, what lack of it means) take their places
// before E-23 with the issue that brings the whole table; until then what reaches that point is
// held by a named person, never dropped.
constexpr std::array<Rule, 10> table = {{
    {"E-03", has_no_function, refuse, Decider::none, "no_function"},
    {"E-04", is_vital, share},
    {"E-05", is_incomplete, share_incomplete_with_front_door, Decider::none, "incomplete"},
    {"E-06", is_harmful_practice, share_with_police_and_front_door, Decider::none, "no_function"},
    {"E-06a", is_harm_sent_as_early_help, refuse, Decider::none, "wrong_type",
     "send_as_safeguarding_referral"},
    {"E-07", is_detrimental, hold, Decider::manager, "detrimental", "", true},
    {"E-08", is_unconditional, share},
    {"E-09", is_harm_likely, share},
    {"E-10", is_harm_suspected, share_with_deciding_bodies, Decider::front_door, "decider_refused"},
    {"E-23", always, hold, Decider::safeguarding_lead, "decider_refused", "unnamed_advice"},
}};

}  // namespace

std::span<const Rule> rules() { return table; }

const Rule* find_rule(std::string_view id) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Rule& rule) { return rule.id == id; });
    return found == table.end() ? nullptr : &*found;
}

bool harm_suspected_or_worse(const wire::RoutingFacts& facts) {
    return facts.harm == wire::Harm::suspected || facts.harm == wire::Harm::likely_or_actual;
}

bool may_publish(const DecisionInput& input, const TypeRule& type, const Registry& registry) {
    const auto& facts = input.facts;
    const Agency* agency = registry.find_active_agency(facts.sender, input.decided_at);
    if (agency == nullptr) return false;
    const auto in = [&](const std::vector<RoleId>& roles) {
        return std::find(roles.begin(), roles.end(), facts.sender_role) != roles.end();
    };
    if (!in(agency->roles)) return false;
    if (type.any_agency_may_publish || in(type.publishers)) return true;
    const auto kind = type.publishers_of_kind.find(facts.kind);
    return kind != type.publishers_of_kind.end() && (kind->second.empty() || in(kind->second));
}

std::vector<std::string> missing_facts(const wire::RoutingFacts& facts, const TypeRule& type) {
    std::vector<std::string> missing;
    if (type.agreement_class == Class::unconditional) return missing;
    // In the order of the alphabet, as every list of codes in a decision is.
    if (facts.harm == wire::Harm::unstated) missing.emplace_back("missing_harm");
    if (facts.level == wire::Level::unstated) missing.emplace_back("missing_level");
    if (facts.purpose == wire::Purpose::unstated) missing.emplace_back("missing_purpose");
    if (facts.agreement.status == wire::AgreementStatus::unstated)
        missing.emplace_back("missing_status");
    return missing;
}

Seat decider_seat(Decider decider, const DecisionInput& input, const Registry& registry,
                  const Policy& policy) {
    CHECK(decider != Decider::none);
    const auto& conflicts = input.facts.conflicts_stated;
    const auto free_of_conflict = [&](const Seat& seat) {
        return std::find(conflicts.begin(), conflicts.end(), seat) == conflicts.end();
    };
    if (decider != Decider::front_door) {
        const DeciderRoles& roles = policy.deciders_of(input.sender_kind);
        for (const auto& role :
             decider == Decider::manager ? roles.manager : roles.safeguarding_lead) {
            const Seat seat{input.facts.sender, role};
            if (registry.find_seat(seat) != nullptr && free_of_conflict(seat)) return seat;
        }
    }
    const bool open = policy.is_front_door_open(input.decided_at);
    for (const auto& role : {open ? policy.front_door_role() : policy.emergency_duty_role(),
                             open ? policy.emergency_duty_role() : policy.front_door_role()}) {
        for (const auto& seat : registry.seats_with_role(role, input.decided_at)) {
            if (free_of_conflict(seat)) return seat;
        }
    }
    return {input.facts.sender, input.facts.sender_role};
}

}  // namespace mash::area
