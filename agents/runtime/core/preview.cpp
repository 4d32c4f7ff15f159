// Who would be told, before anything is sent: the agent's own decision, made now from what it knows
// without asking anybody. Who works with the child is not among that. An agent that serves several
// agencies holds some of their claims, and even those are not looked at: a sender who may not know
// of them would learn it here (design rule 8), and the broker finds all of them when it is sent.
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "common/area/decide.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

/// What the row says of those who work with the child, whoever the child is.
struct InvolvedOfRow {
    bool any = false;           ///< it tells some of them
    std::vector<RoleId> shown;  ///< roles in which this sender would be shown them
    bool has_shown() const { return !shown.empty(); }
};

InvolvedOfRow involved_of_row(const Step& step, const area::AgencyKind& kind,
                              const wire::RoutingFacts& facts) {
    InvolvedOfRow out;
    const auto& policy = *step.policy();
    const auto* type = policy.find_type(facts.type);
    if (type == nullptr) return out;
    for (const auto& route : type->routes) {
        if (route.by != area::RouteBy::involved) continue;
        const bool used =
            area::row_uses_relation(facts, kind, route.relation, policy, step.now.wall);
        const auto left =
            area::pass_on_of(facts, kind, route.relation, *step.registry(), policy, step.now.wall);
        out.any = out.any || used || left != area::PassOn::nobody;
        if (used && area::may_know_involved(kind, facts.sender_role, route.relation, policy))
            out.shown.push_back(route.role);
    }
    return out;
}

/// Whoever is found to work with the child can change nothing about this recipient.
bool is_certain(const area::TypeRule* type, const wire::Recipient& recipient,
                const InvolvedOfRow& involved) {
    if (std::ranges::find(involved.shown, recipient.seat.role) != involved.shown.end())
        return false;
    if (type == nullptr || !involved.has_shown()) return true;
    const auto route = std::ranges::find(type->routes, recipient.route, &area::Route::id);
    if (route == type->routes.end() || route->instead_of.empty()) return true;
    const auto other = std::ranges::find(type->routes, route->instead_of, &area::Route::id);
    return other == type->routes.end() || other->by != area::RouteBy::involved;
}

std::string_view others_of(const InvolvedOfRow& involved) {
    if (!involved.any) return "Nobody is told of this because they work with the child.";
    if (involved.has_shown()) {
        return "Whoever has said that they work with this child is found only when you send it. "
               "Those whom this type of notification tells are then listed with the others.";
    }
    return "Others may work with this child and may have to be told. They are found only when you "
           "send it, the front door sees to it, and you are not shown who they are.";
}

/// The rules ask only whether there are any: the value of a token nobody asks the broker for here.
std::vector<wire::Token> tokens_expected(const Step& step, const AgencyId& agency,
                                         const Subject& subject) {
    std::vector<wire::Token> tokens;
    if (!step.agent.tokens.contains(agency)) return tokens;
    for (const auto& [kind, canonical] : canonical_identities(subject, TokenUse::notification))
        tokens.push_back({kind, 1, {}});
    return tokens;
}

Json held_of(const wire::Decision& decision) {
    Json list = Json::array();
    for (const auto& held : decision.held) {
        list.push_back({{"recipient", seat_json(held.seat)},
                        {"decider", seat_json(held.decider)},
                        {"rule", held.rule},
                        {"explanation", std::string(area::explain_rule(held.rule))},
                        {"decide_by", time_json(held.decide_by)}});
    }
    return list;
}

}  // namespace

Answer preview(Step& step, const Caller& caller, const ApiRequest& request) {
    auto parsed = notification_from_json(request.body.reveal());
    if (!parsed.faults.empty()) return Answer::faulty(std::move(parsed.faults));
    if (step.policy() == nullptr || step.registry() == nullptr)
        return Answer::failed(ErrorCode::busy, "This agent holds no policy yet");
    const auto drafted = draft(step, caller, parsed.notification);
    const auto& notification = drafted.notification;
    if (!drafted.faults.empty()) return Answer::faulty(drafted.faults);
    auto facts = facts_but_tokens(step, drafted.id, drafted.item, notification);
    if (const Seat seat{drafted.item.agency, drafted.item.role}; stands_by(step, caller, seat)) {
        facts.conflicts_stated.push_back(seat);
        std::ranges::sort(facts.conflicts_stated);
        const auto [first, last] = std::ranges::unique(facts.conflicts_stated);
        facts.conflicts_stated.erase(first, last);
    }
    facts.tokens = tokens_expected(step, drafted.item.agency, notification.subject);
    wire::PlanFacts known;
    known.decided_at = step.now.wall;
    known.policy_version = step.agent.policy_version;
    known.registry_version = step.registry()->version;
    known.thread_seats = facts.thread_seats;
    known.floor = !step.check_documents();
    const auto input = area::facts_for(drafted.id, facts, known, *step.registry(), *step.policy());
    if (!input) {
        return Answer::faulty(
            {{"/role", "not_entitled", "Your agency may not send in this role in this area"}});
    }
    const auto decision = area::decide(*input, *step.registry(), *step.policy());
    const auto involved = involved_of_row(step, input->sender_kind, facts);
    const auto* type = step.policy()->find_type(facts.type);

    Json json;
    json["policy_version"] = step.agent.policy_version;
    json["who"] = Json::array();
    for (const auto& recipient : decision.recipients) {
        Json one = told_json(step, recipient);
        one["certain"] = is_certain(type, recipient, involved);
        json["who"].push_back(std::move(one));
    }
    json["decided_by_a_person"] = held_of(decision);
    json["not_told"] = refused_json(decision);
    // Nobody found for a role is no gap while those who work with the child have not been asked
    // for.
    auto gaps = decision.not_connected;
    std::erase_if(gaps, [&](const wire::NotConnected& gap) {
        return std::ranges::find(involved.shown, gap.role) != involved.shown.end();
    });
    json["not_connected"] = gaps_json(gaps);
    const bool may_find_others = decision.refusal == nobody_involved && involved.has_shown();
    json["refusal"] = decision.refusal.empty() || may_find_others
                          ? Json(nullptr)
                          : refusal_json(decision.refusal, decision);
    json["warnings"] = warnings_json(step, decision);
    json["linked"] = linked_said_json(step, drafted.id, notification);
    json["incomplete"] = decision.incomplete;
    json["floor"] = decision.floor;
    json["others"] = std::string(others_of(involved));
    return Answer::of(std::move(json));
}

}  // namespace mash::runtime
