#include "common/area/explain.hpp"

#include <array>
#include <chrono>

#include "common/area/calendar.hpp"

namespace mash::area {
namespace {

std::string name_of(const Seat& seat, const Registry& registry, const Policy& policy) {
    const Agency* agency = registry.find_agency(seat.agency);
    const RoleDefinition* role = policy.find_role(seat.role);
    return (agency == nullptr ? seat.agency.value() : agency->name) + ", " +
           (role == nullptr ? seat.role.value() : role->title);
}

std::string title_of(const RoleId& role, const Policy& policy) {
    const RoleDefinition* definition = policy.find_role(role);
    return definition == nullptr ? role.value() : definition->title;
}

template <class Values, class ToText>
std::string joined(const Values& values, std::string_view between, const ToText& to_text) {
    std::string out;
    for (const auto& value : values) {
        if (!out.empty()) out += between;
        out += to_text(value);
    }
    return out;
}

// Whom the recipient of a marked withholding should ask: the one who holds it, which is the sender.
std::string held_back(const wire::Recipient& recipient, const Policy& policy) {
    return joined(recipient.withheld, ", ", [&](const std::string& code) {
        const SectionDefinition* section = policy.find_section(code);
        return section == nullptr ? code : section->title;
    });
}

std::string recipient_lines(const wire::Recipient& recipient, const Registry& registry,
                            const Policy& policy) {
    std::string out = "- " + name_of(recipient.seat, registry, policy) + "\n";
    out += recipient.act ? "  A named person must take it by " : "  Told, to be seen by ";
    out += time_in_words(recipient.take_by);
    out += recipient.estimated ? " (estimated: the school's own calendar is not known here).\n"
                               : ".\n";
    for (const auto& clock : recipient.clocks) {
        const ClockRule* rule = policy.find_clock(clock.name);
        out += "  Theirs to hold by " + time_in_words(clock.by) + ": " +
               (rule == nullptr ? clock.name : rule->label + " (" + rule->source + ")") + ".\n";
    }
    out += "  Gets: " +
           (recipient.views.empty()
                ? std::string("nothing about the child")
                : joined(recipient.views, "; ",
                         [&](const ViewId& view) { return explain_view(policy, view); })) +
           ".\n";
    if (!recipient.unchanged.empty()) {
        out += "  Has already, unchanged, and is not sent again: " +
               joined(recipient.unchanged, "; ",
                      [&](const ViewId& view) { return explain_view(policy, view); }) +
               ".\n";
    }
    if (!recipient.withheld.empty()) {
        out += "  Held back, and marked as held back: " + held_back(recipient, policy) +
               ". They are told to ask the sender.\n";
    }
    out += "  Why: " + explain_route(policy, recipient.route, recipient.seat.role) + " " +
           std::string(explain_rule(recipient.rule)) + " (" + recipient.rule + ")\n";
    out += "  Lawful basis: " + explain_basis(recipient.basis) + ".\n";
    return out;
}

void add_recipients(const wire::Decision& decision, const Registry& registry, const Policy& policy,
                    std::string& out) {
    if (decision.recipients.empty()) return;
    out += "What goes, and to whom\n";
    for (const auto& recipient : decision.recipients)
        out += recipient_lines(recipient, registry, policy);
    if (decision.incomplete)
        out += "It is marked incomplete: send what is missing as soon as you can.\n";
    if (decision.floor) out += "It is marked: the area's policy or registry was not in force.\n";
    out += "\n";
}

void add_held(const wire::Decision& decision, const Registry& registry, const Policy& policy,
              std::string& out) {
    if (decision.held.empty()) return;
    out += "What waits for a person\n";
    for (const auto& held : decision.held) {
        out += "- " + name_of(held.seat, registry, policy) + ": " +
               name_of(held.decider, registry, policy) + " decides by " +
               time_in_words(held.decide_by) + ". " + std::string(explain_rule(held.rule)) + " (" +
               held.rule + ")\n";
    }
    out += "\n";
}

void add_refused(const wire::Decision& decision, const Registry& registry, const Policy& policy,
                 std::string& out) {
    if (decision.refused.empty() && decision.refusal.empty()) return;
    out += "What does not go\n";
    for (const auto& refused : decision.refused) {
        out += "- " + name_of(refused.seat, registry, policy) + ": " +
               std::string(explain_refusal(refused.code)) + " (" + refused.rule + ")\n";
    }
    if (!decision.refusal.empty()) {
        out += "- Nothing is sent. " + std::string(explain_refusal(decision.refusal));
        out += decision.rule.empty() ? "\n" : " (" + decision.rule + ")\n";
    }
    out += "\n";
}

void add_next_steps(const wire::Decision& decision, const Policy& policy, std::string& out) {
    std::string steps;
    for (const auto& task : decision.not_connected) {
        steps += "- " + title_of(task.role, policy) +
                 " cannot be reached by this system. Somebody must ring " +
                 (task.telephone.empty() ? std::string("them") : task.telephone) + " by " +
                 time_in_words(task.tell_by) + ". The front door has this as a task.\n";
    }
    for (const auto& offer : decision.offers)
        steps += "- " + std::string(explain_offer(offer)) + "\n";
    for (const auto& warning : decision.warnings)
        steps += "- " + explain_warning(policy, warning) + "\n";
    if (!decision.held.empty())
        steps +=
            "- Nothing that waits is lost. If it grows more urgent, ring the person who decides.\n";
    if (steps.empty())
        steps = "- Nothing. You will see here when a named person has taken it on.\n";
    out += "What to do now\n" + steps + "- If a child is in danger now, ring 999.\n";
}

}  // namespace

std::string explain_for_practitioner(const wire::Decision& decision, const Registry& registry,
                                     const Policy& policy) {
    std::string out;
    add_recipients(decision, registry, policy, out);
    add_held(decision, registry, policy, out);
    add_refused(decision, registry, policy, out);
    add_next_steps(decision, policy, out);
    return out;
}

std::string explain_warning(const Policy& policy, std::string_view code) {
    const Advice* advice = policy.find_advice(code);
    return advice != nullptr ? advice->says : std::string(explain_warning(code));
}

std::string explain_route(const Policy& policy, std::string_view route_id, const RoleId& role) {
    if (route_id == pass_on_route) {
        return "The front door's agent passes this on by itself to whoever works with the child, "
               "if "
               "anybody does. You are not told whether it did.";
    }
    if (route_id == decider_route) {
        return title_of(role, policy) +
               " decides whether others may have this, reads it for that only, and no longer has "
               "it "
               "once that is decided.";
    }
    if (route_id == severed_route) {
        return title_of(role, policy) +
               " keeps an identity that an adoption has severed. Whatever is said of that identity "
               "reaches it and nobody else.";
    }
    if (route_id == danger_route) {
        return title_of(role, policy) +
               " is told because a child may be in danger, and this type of notification would "
               "otherwise reach neither the front door nor emergency duty.";
    }
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            if (route.id != route_id) continue;
            const std::string title = title_of(role, policy);
            switch (route.by) {
                case RouteBy::area_role:
                    return title + " is told of this type of notification: " + type.title + ".";
                case RouteBy::thread:
                    return title + " had earlier messages about the same episode.";
                case RouteBy::named: return "The family named this agency.";
                case RouteBy::addressed:
                    return "The sender addressed " + title + ", as this type allows.";
                case RouteBy::involved: {
                    const RelationRule* relation = policy.find_relation(route.relation);
                    return (relation == nullptr ? route.relation : relation->title) +
                           ", by this agency's own statement.";
                }
            }
        }
    }
    return "The area's policy names " + title_of(role, policy) + ".";
}

std::string time_in_words(WallTime at) {
    using namespace std::chrono;
    static constexpr std::array<std::string_view, 7> days = {
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static constexpr std::array<std::string_view, 12> months = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    const int offset = uk_offset_minutes(at);
    const sys_time<milliseconds> local{milliseconds(at.unix_ms()) + minutes(offset)};
    const auto day = floor<std::chrono::days>(local);
    const year_month_day date(day);
    const auto of_day = duration_cast<minutes>(local - day).count();
    const auto two = [](long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::string(days[weekday(day).c_encoding()]) + " " +
           std::to_string(static_cast<unsigned>(date.day())) + " " +
           std::string(months[static_cast<unsigned>(date.month()) - 1]) + " " +
           std::to_string(static_cast<int>(date.year())) + " at " + two(of_day / 60) + ":" +
           two(of_day % 60) + (offset == 0 ? " GMT" : " BST");
}

}  // namespace mash::area
