#include "common/area/decide_rules.hpp"

#include <algorithm>
#include <array>

#include "common/area/decide_routes.hpp"
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

// The row gives this recipient what only two people may release.
bool needs_release(const RuleInput& r) {
    const auto& views = r.policy.views();
    return r.route != nullptr && std::ranges::any_of(r.route->view_slots, [&](std::size_t slot) {
               const auto* section = r.policy.find_section(views[slot].section);
               return section != nullptr && section->needs_release;
           });
}

bool has_no_function(const RuleInput& r) { return r.route == nullptr; }
bool is_vital(const RuleInput& r) { return r.in.facts.vital; }
bool is_harm_sent_as_early_help(const RuleInput& r) {
    return r.type.row == 23 && harm_suspected_or_worse(r.in.facts);
}
// What is wrong with row 23 then is its type: whoever adds what is missing would be told so next.
bool is_incomplete(const RuleInput& r) {
    return !missing_facts(r.in.facts, r.type).empty() &&
           (is_desk(r) || !is_harm_sent_as_early_help(r));
}

// E-05: with harm in the air the front door gets what there is; everybody else waits until it is
// whole.
Verdict share_incomplete_with_front_door(const RuleInput& r) {
    return harm_suspected_or_worse(r.in.facts) && is_desk(r) ? Verdict::share : Verdict::refuse;
}

bool is_harmful_practice(const RuleInput& r) { return r.type.row == 15; }
Verdict share_with_police_and_front_door(const RuleInput& r) {
    return is_desk(r) || is_one_of(r.seat.role, {"pol"}) ? Verdict::share : Verdict::refuse;
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
    return (r.route != nullptr && r.route->must) || deciding ? Verdict::share : Verdict::hold;
}

bool has_answer(const RuleInput& r) {
    return r.status == wire::AgreementStatus::given || r.status == wire::AgreementStatus::refused ||
           r.status == wire::AgreementStatus::withdrawn;
}
// E-11: whoever has no parental responsibility, or is not known, can neither agree nor refuse.
bool giver_cannot_answer(const RuleInput& r) {
    const auto giver = r.in.facts.agreement.giver;
    return has_answer(r) && (giver == wire::Giver::no_pr || giver == wire::Giver::unknown ||
                             giver == wire::Giver::unstated);
}
void as_not_sought(RuleInput& r) {
    r.status = wire::AgreementStatus::not_sought;
    r.reason = wire::NotSoughtReason::unknown;
}
// E-12: an answer, and beside it the reason why it does not count.
bool giver_is_suspect(const RuleInput& r) {
    const auto& stated = r.in.facts.agreement;
    const bool answered = stated.status == wire::AgreementStatus::given ||
                          stated.status == wire::AgreementStatus::refused ||
                          stated.status == wire::AgreementStatus::withdrawn;
    return answered && stated.not_sought_reason == wire::NotSoughtReason::giver_is_suspect;
}
void as_not_sought_from_suspect(RuleInput& r) {
    r.status = wire::AgreementStatus::not_sought;
    r.reason = wire::NotSoughtReason::giver_is_suspect;
}
bool people_differ(const RuleInput& r) {
    return r.in.facts.agreement.other_holder_objects ||
           r.in.facts.agreement.child_and_parent_differ;
}

bool is_given(const RuleInput& r) { return r.status == wire::AgreementStatus::given; }
bool is_level_four(const RuleInput& r) { return r.in.facts.level == wire::Level::four; }
bool is_level_four_agreed(const RuleInput& r) { return is_level_four(r) && is_given(r); }
bool is_level_two_or_three(const RuleInput& r) {
    return r.in.facts.level == wire::Level::two || r.in.facts.level == wire::Level::three;
}
bool is_agreed(const RuleInput& r) { return is_level_two_or_three(r) && is_given(r); }
bool is_agreed_for_this(const RuleInput& r) {
    const auto& agreement = r.in.facts.agreement;
    const auto& named = agreement.named_agencies;
    // Nobody has agreed to a purpose that was not named to them (domain.md E4).
    const bool purpose_named =
        agreement.purpose != wire::Purpose::unstated && agreement.purpose == r.in.facts.purpose;
    return is_agreed(r) && purpose_named &&
           std::find(named.begin(), named.end(), r.seat.agency) != named.end();
}

using Purpose = wire::Purpose;
using Status = wire::AgreementStatus;
bool asks_service(const RuleInput& r) {
    return is_level_two_or_three(r) && r.in.facts.purpose == Purpose::request_service;
}
// A row that rests on agreement alone stays so whatever the area has chosen for the others.
bool informs_by_agreement(const RuleInput& r) {
    return is_level_two_or_three(r) && r.in.facts.purpose == Purpose::inform_function &&
           (r.policy.below_threshold() == BelowThreshold::agreement_led ||
            r.type.agreement_class == Class::agreement);
}
bool has_reason(const RuleInput& r) {
    return r.reason != wire::NotSoughtReason::none && r.reason != wire::NotSoughtReason::unknown;
}
template <bool (*applies)(const RuleInput&), wire::AgreementStatus answer>
bool answered(const RuleInput& r) {
    return applies(r) && r.status == answer;
}
template <bool (*applies)(const RuleInput&)>
bool not_asked_for_a_reason(const RuleInput& r) {
    return answered<applies, Status::not_sought>(r) && has_reason(r);
}

// E-20: both are bodies of the duty to share, and it is in force when the decision is made.
bool informs_under_duty(const RuleInput& r) {
    if (!is_level_two_or_three(r) || r.in.facts.purpose != Purpose::inform_function ||
        r.policy.below_threshold() != BelowThreshold::duty_led ||
        r.type.agreement_class == Class::agreement) {
        return false;
    }
    const Agency* recipient = r.registry.find_agency(r.seat.agency);
    return recipient != nullptr &&
           r.policy.sharing_duty().between(r.in.sender_kind, recipient->kind, r.in.decided_at);
}

bool is_level_one(const RuleInput& r) { return r.in.facts.level == wire::Level::one; }
bool always(const RuleInput&) { return true; }

constexpr auto lead = Decider::safeguarding_lead;
constexpr auto nobody = Decider::none;

constexpr std::array table = {
    Rule{"E-03", has_no_function, to_refuse, nobody, "no_function"},
    Rule{release_first, needs_release, to_ask, lead, "not_released", "", true},
    Rule{release_second, needs_release, to_ask, Decider::manager, "not_released"},
    Rule{"E-04", is_vital, to_share},
    Rule{"E-05", is_incomplete, share_incomplete_with_front_door, nobody, "incomplete"},
    Rule{"E-06", is_harmful_practice, share_with_police_and_front_door, nobody, "no_function"},
    Rule{"E-06a", is_harm_sent_as_early_help, to_refuse, nobody, "wrong_type",
         "send_as_safeguarding_referral"},
    Rule{"E-07", is_detrimental, to_ask, Decider::manager, "detrimental", "", true},
    Rule{"E-08", is_unconditional, to_share},
    Rule{"E-09", is_harm_likely, to_share},
    Rule{"E-10", is_harm_suspected, share_with_deciding_bodies, Decider::front_door,
         "decider_refused"},
    Rule{.id = "E-11",
         .when = giver_cannot_answer,
         .verdict = nullptr,
         .rewrite = as_not_sought,
         .warning = "giver_cannot_agree"},
    Rule{.id = "E-12",
         .when = giver_is_suspect,
         .verdict = nullptr,
         .rewrite = as_not_sought_from_suspect,
         .warning = "giver_is_suspect"},
    Rule{"E-13", people_differ, to_ask, lead, "decider_refused", "unnamed_advice"},
    Rule{"E-14", is_level_four_agreed, to_share},
    Rule{"E-14", is_level_four, to_ask, lead, "decider_refused", "unnamed_advice"},
    Rule{"E-15", is_agreed_for_this, to_share},
    Rule{"E-16", is_agreed, to_refuse, nobody, "agreement_scope", "ask_for_agreement"},
    Rule{"E-17", answered<asks_service, Status::refused>, to_refuse, nobody, "agreement_refused",
         "unnamed_advice"},
    Rule{"E-18", answered<asks_service, Status::withdrawn>, to_refuse, nobody, "withdrawn",
         "unnamed_advice"},
    Rule{"E-19", not_asked_for_a_reason<asks_service>, to_ask, lead, "decider_refused",
         "unnamed_advice"},
    Rule{"E-19", answered<asks_service, Status::not_sought>, to_refuse, nobody,
         "agreement_not_sought", "ask_for_agreement"},
    Rule{.id = "E-20",
         .when = informs_under_duty,
         .verdict = to_ask,
         .decider = lead,
         .refusal = "decider_refused",
         .offer = "unnamed_advice",
         .reduced = true},
    Rule{"E-21", answered<informs_by_agreement, Status::refused>, to_refuse, nobody,
         "agreement_refused", "unnamed_advice"},
    Rule{"E-21", answered<informs_by_agreement, Status::withdrawn>, to_refuse, nobody, "withdrawn",
         "unnamed_advice"},
    Rule{"E-21", not_asked_for_a_reason<informs_by_agreement>, to_ask, lead, "decider_refused",
         "unnamed_advice"},
    Rule{"E-21", answered<informs_by_agreement, Status::not_sought>, to_refuse, nobody,
         "agreement_not_sought", "ask_for_agreement"},
    Rule{"E-22", is_level_one, to_refuse, nobody, "below_threshold", "universal_services"},
    Rule{"E-23", always, to_ask, lead, "decider_refused", "unnamed_advice"},
};

}  // namespace

Verdict to_share(const RuleInput&) { return Verdict::share; }
Verdict to_refuse(const RuleInput&) { return Verdict::refuse; }
Verdict to_ask(const RuleInput&) { return Verdict::hold; }

std::span<const Rule> rules() { return table; }

const Rule* find_rule(std::string_view id) {
    const Rule* found = nullptr;
    for (const auto& rule : table) {
        if (rule.id != id) continue;
        if (rule.decider != Decider::none) return &rule;
        if (found == nullptr) found = &rule;
    }
    return found;
}

bool harm_suspected_or_worse(const wire::RoutingFacts& facts) {
    return facts.harm == wire::Harm::suspected || facts.harm == wire::Harm::likely_or_actual;
}

bool may_publish(const DecisionInput& input, const TypeRule& type, const Registry& registry,
                 const Policy& policy) {
    const auto& facts = input.facts;
    const Agency* agency = registry.find_active_agency(facts.sender, input.decided_at);
    if (agency == nullptr) return false;
    const auto in = [&](const std::vector<RoleId>& roles) {
        return std::find(roles.begin(), roles.end(), facts.sender_role) != roles.end();
    };
    if (!in(agency->roles)) return false;
    if (type.any_agency_may_publish || in(type.publishers) || passes_on(facts, policy)) return true;
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

bool may_not_decide(const wire::RoutingFacts& facts, const Seat& seat, const Registry& registry) {
    const auto* entry = registry.find_seat(seat);
    if (entry == nullptr) return true;
    return std::ranges::any_of(facts.conflicts_stated, [&](const Seat& conflicted) {
        const auto* theirs = registry.find_seat(conflicted);
        return conflicted == seat || (theirs != nullptr && theirs->inbox == entry->inbox);
    });
}

std::optional<Seat> decider_after_the_sender(const wire::RoutingFacts& facts, WallTime at,
                                             const Registry& registry, const Policy& policy) {
    const bool open = policy.is_front_door_open(at);
    const auto front_door = policy.front_door_role();
    const auto emergency_duty = policy.emergency_duty_role();
    for (const auto& role :
         {open ? front_door : emergency_duty, open ? emergency_duty : front_door, RoleId("lado")}) {
        // The designated officer stands in for desks in a conflict, not for an area without any.
        if (role == RoleId("lado") && facts.conflicts_stated.empty()) continue;
        for (const auto& seat : registry.seats_with_role(role, at)) {
            if (!may_not_decide(facts, seat, registry)) return seat;
        }
    }
    return std::nullopt;
}

std::optional<Seat> decider_seat(Decider decider, const DecisionInput& input,
                                 const Registry& registry, const Policy& policy) {
    CHECK(decider != Decider::none);
    if (decider != Decider::front_door) {
        const DeciderRoles& roles = policy.deciders_of(input.sender_kind);
        for (const auto& role :
             decider == Decider::manager ? roles.manager : roles.safeguarding_lead) {
            Seat seat{input.facts.sender, role};
            if (!may_not_decide(input.facts, seat, registry)) return seat;
        }
    }
    return decider_after_the_sender(input.facts, input.decided_at, registry, policy);
}

}  // namespace mash::area
