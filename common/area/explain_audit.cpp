// A decision in full, for whoever audits it: every input, who decided, what went to whom and what
// did not, how it was withheld, and why (domain.md E3). Codes and titles; nothing of the child.
#include <algorithm>

#include "common/area/decide.hpp"
#include "common/area/explain.hpp"

namespace mash::area {
namespace {

std::string seat_text(const Seat& seat) { return seat.agency.value() + "/" + seat.role.value(); }

template <class List, class ToText>
std::string joined(const List& list, const ToText& to_text) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ", ") + std::string(to_text(item));
    return out.empty() ? "none" : out;
}

std::string_view word(wire::Level level) {
    constexpr std::string_view words[] = {"not stated", "1", "2", "3", "4", "unknown"};
    return words[static_cast<std::size_t>(level)];
}
std::string_view word(wire::Harm harm) {
    constexpr std::string_view words[] = {"not stated", "none", "suspected", "likely_or_actual"};
    return words[static_cast<std::size_t>(harm)];
}
std::string_view word(wire::Purpose purpose) {
    constexpr std::string_view words[] = {"not stated", "inform_function", "request_service"};
    return words[static_cast<std::size_t>(purpose)];
}
std::string_view word(wire::AgreementStatus status) {
    constexpr std::string_view words[] = {"not stated", "given",      "refused",
                                          "withdrawn",  "not_sought", "not_required"};
    return words[static_cast<std::size_t>(status)];
}
std::string_view word(wire::NotSoughtReason reason) {
    constexpr std::string_view words[] = {"none",
                                          "risk_to_child",
                                          "risk_to_other",
                                          "delay_to_enquiry",
                                          "prejudice_crime",
                                          "cannot_be_contacted",
                                          "cannot_be_given",
                                          "giver_is_suspect",
                                          "unknown"};
    return words[static_cast<std::size_t>(reason)];
}
std::string_view word(wire::Giver giver) {
    constexpr std::string_view words[] = {
        "not stated",    "parent_pr",          "other_pr_holder", "young_person_16_17",
        "gillick_child", "la_with_care_order", "no_pr",           "unknown"};
    return words[static_cast<std::size_t>(giver)];
}
std::string_view word(wire::Rag rag) {
    constexpr std::string_view words[] = {"not stated", "red", "amber", "green", "blue"};
    return words[static_cast<std::size_t>(rag)];
}
std::string_view yes(bool value) { return value ? "yes" : "no"; }
std::string code_or_none(const std::string& code) { return code.empty() ? "none" : code; }

void add_inputs(const DecisionInput& input, std::string& out) {
    const auto& facts = input.facts;
    const auto& agreement = facts.agreement;
    const auto line = [&](std::string_view name, std::string_view value) {
        out += "  " + std::string(name) + ": " + std::string(value) + "\n";
    };
    out += "Inputs\n";
    line("sender",
         facts.sender.value() + "/" + facts.sender_role.value() + " (" + input.sender_kind + ")");
    line("type", facts.type.value() + (facts.kind.empty() ? "" : ", kind " + facts.kind));
    line("child matched", yes(is_matched(facts)));
    line("level", word(facts.level));
    line("harm", word(facts.harm));
    line("vital", yes(facts.vital));
    line("purpose", word(facts.purpose));
    line("RAG", word(facts.rag));
    line("risk grade", code_or_none(facts.risk_grade));
    line("markers", joined(facts.markers, [](const std::string& m) { return m; }));
    line("agreement", word(agreement.status));
    line("  giver", word(agreement.giver));
    line("  reason for not seeking", word(agreement.not_sought_reason));
    line("  other holder objects", yes(agreement.other_holder_objects));
    line("  child and parent differ", yes(agreement.child_and_parent_differ));
    line("  agencies named",
         joined(agreement.named_agencies, [](const AgencyId& agency) { return agency.value(); }));
    line("  purpose agreed to", word(agreement.purpose));
    line("involved", joined(input.involved, [](const Involvement& one) {
             return seat_text(one.seat) + " (" + one.relation + ")";
         }));
    line("addressed to", joined(facts.addressed_to, seat_text));
    if (facts.passed_on_from != Seat{})
        line("passed on, words of", seat_text(facts.passed_on_from));
    line("earlier recipients of the thread", joined(input.thread_seats, seat_text));
    line("detriment claimed for", joined(facts.detriment, seat_text));
    line("conflict stated for", joined(facts.conflicts_stated, seat_text));
    line("answers of deciders", joined(input.authorised, [](const AuthorisedDecision& one) {
             return one.rule + " " + (one.allow ? "allowed" : "refused") + " for " +
                    joined(one.seats, seat_text);
         }));
}

void add_withheld(const DecisionInput& input, const wire::Recipient& recipient,
                  const Policy& policy, std::string& out) {
    std::vector<std::string> offered;
    for (const auto& view : input.facts.views_on_offer) {
        const ViewDefinition* definition = policy.find_view(view);
        if (definition != nullptr) offered.push_back(definition->section);
    }
    std::sort(offered.begin(), offered.end());
    offered.erase(std::unique(offered.begin(), offered.end()), offered.end());
    for (const auto& section : offered) {
        const bool granted = std::any_of(
            recipient.views.begin(), recipient.views.end(),
            [&](const ViewId& view) { return policy.find_view(view)->section == section; });
        if (granted) continue;
        const SectionDefinition& definition = *policy.find_section(section);
        const bool marked = std::find(recipient.withheld.begin(), recipient.withheld.end(),
                                      section) != recipient.withheld.end();
        out += "      " + section + ": " +
               (marked                           ? "marked"
                : definition.withholding.empty() ? "not granted"
                                                 : "silent") +
               (!definition.travels        ? ", never travels"
                : definition.needs_release ? ", released by nobody"
                                           : ", the row gives it to no such recipient") +
               "\n";
    }
}

}  // namespace

std::string explain_for_auditor(const DecisionInput& input, const wire::Decision& decision,
                                const Registry& registry, const Policy& policy) {
    std::string out = "Policy " + policy.area().value() + " version " +
                      std::to_string(policy.version()) + ", registry version " +
                      std::to_string(registry.version) + ", decided " +
                      time_in_words(input.decided_at) + " (" + to_rfc3339(input.decided_at) + ")\n";
    add_inputs(input, out);
    out += "Outcome\n";
    out += "  rule of the whole: " + code_or_none(decision.rule) +
           ", refusal: " + code_or_none(decision.refusal) +
           ", incomplete: " + std::string(yes(decision.incomplete)) +
           ", floor: " + std::string(yes(decision.floor)) + "\n";
    for (const auto& recipient : decision.recipients) {
        out += "  told: " + seat_text(recipient.seat) + ", inbox " + recipient.inbox.value() +
               "\n    rule " + recipient.rule + ", route " + recipient.route + ", basis " +
               recipient.basis + ", " + (recipient.act ? "acts" : "knows") + ", U" +
               std::to_string(static_cast<int>(recipient.urgency)) + ", by " +
               to_rfc3339(recipient.take_by) + (recipient.estimated ? " (estimated)" : "") +
               "\n    gets " + joined(recipient.views, [](const ViewId& v) { return v.value(); }) +
               "\n    of that not sent again, unchanged: " +
               joined(recipient.unchanged, [](const ViewId& v) { return v.value(); }) +
               "\n    standing by: " +
               joined(recipient.standbys,
                      [](const wire::Standby& s) {
                          return s.inbox.value() + (s.cause == wire::StandbyCause::alternate
                                                        ? " (alternate)"
                                                        : " (out of hours)");
                      }) +
               "\n    clocks of its own: " +
               joined(recipient.clocks,
                      [](const wire::Clock& clock) {
                          return clock.name + " by " + to_rfc3339(clock.by);
                      }) +
               "\n    withheld from it:\n";
        add_withheld(input, recipient, policy, out);
    }
    for (const auto& held : decision.held) {
        out += "  held: " + seat_text(held.seat) + ", rule " + held.rule + ", decider " +
               seat_text(held.decider) + ", by " + to_rfc3339(held.decide_by) +
               ", then escalated and never discarded\n";
    }
    for (const auto& refused : decision.refused) {
        out += "  refused: " + seat_text(refused.seat) + ", rule " + refused.rule + ", " +
               refused.code + "\n";
    }
    for (const auto& task : decision.not_connected) {
        out += "  to be rung: " + task.role.value() + ", " + task.telephone + ", by " +
               to_rfc3339(task.tell_by) + "\n";
    }
    const auto itself = [](const std::string& code) { return code; };
    out += "  warnings: " + joined(decision.warnings, itself) + "\n";
    out += "  offers: " + joined(decision.offers, itself) + "\n";
    const TypeRule* type = policy.find_type(input.facts.type);
    if (type == nullptr) return out;
    for (const auto& name : type->escalation)
        out += "  if nobody takes it, " + name + ": " + policy.escalations().at(name) + "\n";
    if (!type->out_of_hours.empty()) {
        out += "  out of hours, " + type->out_of_hours + ": " +
               policy.out_of_hours_ways().at(type->out_of_hours) + "\n";
    }
    return out;
}

}  // namespace mash::area
