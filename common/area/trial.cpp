#include "common/area/trial.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>

#include "common/area/decide_rules.hpp"
#include "common/area/policy_state.hpp"

namespace mash::area {
namespace {

using Kind = Alteration::Kind;

bool never(const RuleInput&) { return false; }

std::size_t place_of_conflict_rule() { return rules().size(); }
std::size_t place_of_publisher_rule() { return rules().size() + 1; }

bool decides_about_protection(const RoleId& role, const Policy& policy) {
    if (role == policy.front_door_role() || role == policy.emergency_duty_role()) return true;
    return std::ranges::any_of(std::initializer_list<std::string_view>{"sw", "pol", "lado", "prv"},
                               [&](std::string_view word) { return role.value() == word; });
}

// What the row cannot reach no test can show: E-06 guards areas whose catalogue allows more.
bool can_be_seen(const Rule& rule, Kind kind, const Policy& policy) {
    // Without a route there is nothing to share and nothing to ask about.
    if (rule.id == "E-03") return false;
    if (rule.id != "E-06" || kind != Kind::rule_shares) return true;
    for (const auto& type : policy.types()) {
        if (type.row != 15) continue;
        for (const auto& route : type.routes) {
            if (route.role != policy.front_door_role() && route.role.value() != "pol") return true;
        }
    }
    return false;
}

void add_rules(const Policy& policy, std::vector<Alteration>& out) {
    const auto names = rule_names();
    const auto add = [&](std::size_t rule, Kind kind, std::string_view what) {
        Alteration one;
        one.kind = kind;
        one.rule = rule;
        one.says = "rule " + names[rule] + " " + std::string(what);
        out.push_back(std::move(one));
    };
    for (std::size_t i = 0; i < rules().size(); ++i) {
        const Rule& rule = rules()[i];
        if (i + 1 < rules().size()) add(i, Kind::rule_left_out, "left out");
        if (rule.verdict == nullptr) continue;
        for (const auto& [kind, verdict, what] :
             {std::tuple{Kind::rule_shares, &to_share, "always shares"},
              std::tuple{Kind::rule_refuses, &to_refuse, "always refuses"},
              std::tuple{Kind::rule_holds, &to_ask, "always asks a person"}}) {
            if (rule.verdict == verdict || !can_be_seen(rule, kind, policy)) continue;
            add(i, kind, what);
        }
    }
    add(place_of_conflict_rule(), Kind::rule_left_out, "left out");
    add(place_of_publisher_rule(), Kind::rule_left_out, "left out");
}

class TypeAlterations {
public:
    TypeAlterations(const TypeRule& type, const Policy& policy, std::vector<Alteration>& out)
        : type_(type), policy_(policy), out_(out) {}

    void add_all() {
        for (std::size_t i = 0; i < type_.routes.size(); ++i) add_route(i);
        for (std::size_t i = 0; i < type_.urgencies.size(); ++i) {
            if (type_.urgencies[i].urgency == type_.urgency_default) continue;
            add(Kind::urgency_left_out, i, "urgency " + std::to_string(i + 1) + " left out");
        }
        for (std::size_t i = 0; i < type_.bases.size(); ++i)
            add(Kind::basis_left_out, i, "basis_when " + std::to_string(i + 1) + " left out");
        for (std::size_t i = 0; i < type_.advice.size(); ++i)
            add(Kind::advice_left_out, i, "advice " + type_.advice[i].code + " left out");
        for (std::size_t i = 0; i < type_.withholdings.size(); ++i)
            add(Kind::withholding_left_out, i, "withhold " + std::to_string(i + 1) + " left out");
        for (std::size_t i = 0; i < policy_.clocks().size(); ++i) add_clock(i);
    }

private:
    void add_route(std::size_t i) {
        const Route& route = type_.routes[i];
        const std::string name = "route " + route.id + " (" + route.role.value() + ") ";
        const auto add = [&](Kind kind, std::string what, ViewId view = {}) {
            this->add(kind, 0, name + std::move(what));
            out_.back().route = route.id;
            out_.back().role = route.role;
            out_.back().view = std::move(view);
        };
        add(Kind::route_left_out, "left out");
        add(Kind::route_act_or_know, route.act ? "only told" : "made to act");
        for (const auto& view : route.views)
            add(Kind::route_view_left_out, "without " + view.value(), view);
        for (const auto& view : wider_by_one(route))
            add(Kind::route_view_added, "with " + view.value(), view);
        if (!route.when.empty()) add(Kind::route_condition_left_out, "without its condition");
        if (!route.in_force.always) add(Kind::route_law_left_out, "whatever the law");
        if (route.out_of_hours != OutOfHours::none)
            add(Kind::route_other_hours, "with the other way out of hours");
        if (route.before_school_session)
            add(Kind::route_other_clock, "without the school session's clock");
        // A desk that is missing is rung whatever its route says.
        if (route.task_if_absent && route.role != policy_.front_door_role())
            add(Kind::route_task, "without its task");
        if (!route.instead_of.empty())
            add(Kind::route_instead_of_left_out, "always, and not instead of another");
        if (route.pass_on_by_itself) add(Kind::route_pass_on, "passed on by a person");
        // Who must be told matters where E-10 asks the front door about everybody else.
        if (type_.agreement_class == TypeRule::Class::conditional &&
            !decides_about_protection(route.role, policy_)) {
            add(Kind::route_must, route.must ? "may be told" : "must be told");
        }
    }

    /// Of each section that the row may carry the next wider view, as far as there is one.
    std::vector<ViewId> wider_by_one(const Route& route) const {
        std::vector<ViewId> wider;
        if (!type_.carries_content) return wider;
        const auto& catalogue = PolicyState::of(policy_).catalogue;
        const auto& named = catalogue.types.at(type_.type.value()).named_sections;
        const auto& views = policy_.views();
        for (std::size_t slot = 0; slot < views.size(); ++slot) {
            const auto& section = catalogue.sections.at(views[slot].section);
            if (!section.travels || (section.only_when_named && !named.contains(section.code)))
                continue;
            const auto held = std::ranges::find_if(route.view_slots, [&](std::uint16_t one) {
                return views[one].section == section.code;
            });
            const bool is_next = held == route.view_slots.end()
                                     ? views[slot].rank == 1
                                     : slot == static_cast<std::size_t>(*held) + 1;
            if (is_next) wider.push_back(views[slot].view);
        }
        return wider;
    }

    void add_clock(std::size_t i) {
        const ClockRule& clock = policy_.clocks()[i];
        if (std::ranges::find(clock.types, type_.type) == clock.types.end()) return;
        const std::string name = "clock " + clock.name + " ";
        add(Kind::clock_left_out, i, name + "left out");
        if (!clock.kinds.empty()) add(Kind::clock_kinds_left_out, i, name + "whatever the kind");
        add(Kind::clock_longer, i, name + (clock.hours != 0 ? "an hour" : "a day") + " longer");
        add(Kind::clock_other_start, i, name + "from the other start");
        for (const auto& role : clock.held_by) {
            add(Kind::clock_holder_left_out, i, name + "not held by " + role.value());
            out_.back().role = role;
        }
        if (clock.held_by.size() > 1)
            add(Kind::clock_other_order, i, name + "held in the other order");
    }

    void add(Kind kind, std::size_t place, std::string says) {
        Alteration one;
        one.kind = kind;
        one.type = type_.type;
        one.place = place;
        one.says = type_.type.value() + ": " + std::move(says);
        out_.push_back(std::move(one));
    }

    const TypeRule& type_;
    const Policy& policy_;
    std::vector<Alteration>& out_;
};

bool concerns_rule(const Alteration& alteration) { return alteration.type.empty(); }

/// False: the alteration is of something else.
bool alter_clock(ClockRule& clock, const Alteration& alteration) {
    switch (alteration.kind) {
        case Kind::clock_left_out: return std::erase(clock.types, alteration.type) != 0;
        case Kind::clock_kinds_left_out: clock.kinds.clear(); return true;
        case Kind::clock_longer:
            ++(clock.hours != 0 ? clock.hours : clock.working_days);
            return true;
        case Kind::clock_other_start:
            clock.from = clock.from == ClockRule::From::event ? ClockRule::From::receipt
                                                              : ClockRule::From::event;
            return true;
        case Kind::clock_holder_left_out: return std::erase(clock.held_by, alteration.role) != 0;
        case Kind::clock_other_order: std::ranges::reverse(clock.held_by); return true;
        default: return false;
    }
}

template <class T>
void erase_at(std::vector<T>& values, std::size_t place) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(place));
}

void add_view(Route& route, const ViewId& view, const Policy& policy) {
    const auto slot = static_cast<std::uint16_t>(policy.view_slot(view).value());
    const auto& views = policy.views();
    for (std::size_t place = 0; place < route.view_slots.size(); ++place) {
        if (views[route.view_slots[place]].section != views[slot].section) continue;
        erase_at(route.views, place);
        erase_at(route.view_slots, place);
        break;
    }
    const auto before = std::ranges::lower_bound(route.views, view);
    route.view_slots.insert(route.view_slots.begin() + (before - route.views.begin()), slot);
    route.views.insert(before, view);
}

void alter_route(TypeRule& type, const Alteration& alteration, const Policy& policy) {
    const auto found = std::ranges::find_if(type.routes, [&](const Route& route) {
        return route.id == alteration.route && route.role == alteration.role;
    });
    if (found == type.routes.end()) return;  // a route that this variant has switched off
    Route& route = *found;
    switch (alteration.kind) {
        case Kind::route_left_out: type.routes.erase(found); return;
        case Kind::route_act_or_know: route.act = !route.act; return;
        case Kind::route_must: route.must = !route.must; return;
        case Kind::route_view_left_out: {
            const auto view = std::ranges::find(route.views, alteration.view);
            const auto place = static_cast<std::size_t>(view - route.views.begin());
            erase_at(route.views, place);
            return erase_at(route.view_slots, place);
        }
        case Kind::route_view_added: return add_view(route, alteration.view, policy);
        case Kind::route_condition_left_out: route.when = {}; return;
        case Kind::route_law_left_out: route.in_force = {}; return;
        case Kind::route_other_hours:
            route.out_of_hours = route.out_of_hours == OutOfHours::queue
                                     ? OutOfHours::emergency_duty
                                     : OutOfHours::queue;
            return;
        case Kind::route_other_clock: route.before_school_session = false; return;
        case Kind::route_task: route.task_if_absent = false; return;
        case Kind::route_instead_of_left_out: route.instead_of.clear(); return;
        case Kind::route_pass_on: route.pass_on_by_itself = false; return;
        default: return;
    }
}

}  // namespace

std::vector<std::string> rule_names() {
    std::vector<std::string> names;
    for (const auto& rule : rules()) {
        const auto before = std::ranges::count_if(
            rules().first(names.size()), [&](const Rule& other) { return other.id == rule.id; });
        names.push_back(std::string(rule.id) +
                        (before == 0 ? "" : " (" + std::to_string(before + 1) + ")"));
    }
    names.emplace_back("E-01");
    names.emplace_back("E-02");
    return names;
}

std::vector<std::string> rules_unseen(const Trace& trace) {
    std::vector<std::string> unseen;
    const auto names = rule_names();
    for (std::size_t i = 0; i < rules().size(); ++i) {
        if (!trace.rules.contains(static_cast<std::ptrdiff_t>(i))) unseen.push_back(names[i]);
    }
    if (!trace.stated_conflict) unseen.push_back(names[place_of_conflict_rule()]);
    if (!trace.refused_publisher) unseen.push_back(names[place_of_publisher_rule()]);
    return unseen;
}

std::vector<std::string> routes_unseen(const Policy& policy, const Trace& trace) {
    std::vector<std::string> unseen;
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            if (!trace.routes.contains(route.id) &&
                std::ranges::find(unseen, route.id) == unseen.end())
                unseen.push_back(route.id);
        }
    }
    return unseen;
}

std::vector<Alteration> alterations(const Policy& policy) {
    std::vector<Alteration> out;
    add_rules(policy, out);
    for (const auto& type : policy.types()) TypeAlterations(type, policy, out).add_all();
    return out;
}

Policy altered(const Policy& policy, const Alteration& alteration) {
    if (concerns_rule(alteration)) return policy;
    auto state = std::make_shared<PolicyState>(PolicyState::of(policy));
    if (alteration.place < state->clocks.size() &&
        alter_clock(state->clocks[alteration.place], alteration))
        return PolicyState::wrap(std::move(state));
    for (auto& type : state->types) {
        if (type.type != alteration.type) continue;
        switch (alteration.kind) {
            case Kind::urgency_left_out: erase_at(type.urgencies, alteration.place); break;
            case Kind::basis_left_out: erase_at(type.bases, alteration.place); break;
            case Kind::advice_left_out: erase_at(type.advice, alteration.place); break;
            case Kind::withholding_left_out: erase_at(type.withholdings, alteration.place); break;
            default: alter_route(type, alteration, policy);
        }
    }
    return PolicyState::wrap(std::move(state));
}

Policy as_if_begun(const Policy& policy) {
    auto state = std::make_shared<PolicyState>(PolicyState::of(policy));
    state->valid_from = {};
    return PolicyState::wrap(std::move(state));
}

std::vector<ViewId> views_of_content(const Policy& policy, const TypeId& type,
                                     std::string_view content, std::vector<PolicyFault>& faults) {
    const auto& catalogue = PolicyState::of(policy).catalogue;
    const auto known = catalogue.types.find(type.value());
    if (known == catalogue.types.end() || !known->second.rule.carries_content ||
        content == "nothing") {
        return {};
    }
    FaultSink sink("", faults);
    Profile granted = parse_content(content, catalogue, known->second.named_sections, {}, sink);
    if (catalogue.find_view("sfc") != nullptr) granted.views["sfc"] = ViewId("sfc");
    std::vector<ViewId> views;
    for (const auto& [section, view] : granted.views) views.push_back(view);
    std::ranges::sort(views);
    return views;
}

wire::Decision decide_traced(const DecisionInput& input, const Registry& registry,
                             const Policy& policy, Trace& trace) {
    Rulebook book{rules()};
    book.trace = &trace;
    auto decision = decide_with(book, input, registry, policy);
    if (!input.facts.conflicts_stated.empty() && !trace.stated_conflict) {
        DecisionInput without = input;
        without.facts.conflicts_stated.clear();
        trace.stated_conflict = decide(without, registry, policy) != decision;
    }
    return decision;
}

wire::Decision decide_altered(const DecisionInput& input, const Registry& registry,
                              const Policy& policy, const Alteration& alteration) {
    if (!concerns_rule(alteration)) return decide(input, registry, policy);
    if (alteration.rule == place_of_publisher_rule()) {
        Rulebook book{rules()};
        book.publishers = false;
        return decide_with(book, input, registry, policy);
    }
    if (alteration.rule == place_of_conflict_rule()) {
        DecisionInput without = input;
        without.facts.conflicts_stated.clear();
        return decide(without, registry, policy);
    }
    std::vector<Rule> table(rules().begin(), rules().end());
    Rule& rule = table[alteration.rule];
    switch (alteration.kind) {
        case Kind::rule_shares: rule.verdict = to_share; break;
        case Kind::rule_refuses: rule.verdict = to_refuse; break;
        case Kind::rule_holds: rule.verdict = to_ask; break;
        default: rule.when = never;
    }
    if (rule.decider == Decider::none) rule.decider = Decider::safeguarding_lead;
    return decide_with({table}, input, registry, policy);
}

}  // namespace mash::area
