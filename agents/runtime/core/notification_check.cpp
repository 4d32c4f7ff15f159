#include <algorithm>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/identity/birth_date.hpp"

namespace mash::runtime {

namespace {

bool is_conditional(const area::TypeRule& type) {
    return type.agreement_class != area::TypeRule::Class::unconditional;
}

/// The rules send it to the front door whatever is missing (E-04, E-05).
bool goes_incomplete(const Notification& notification) {
    return notification.facts.vital || notification.facts.harm >= wire::Harm::suspected;
}

bool is_danger_of(const Notification& notification, const area::TypeRule& type) {
    const bool says_none = is_conditional(type) && notification.facts.harm == wire::Harm::none;
    return goes_incomplete(notification) || (type.danger && !says_none);
}

bool fact_is_stated(const wire::RoutingFacts& facts, std::string_view word) {
    if (word == "level") return facts.level != wire::Level::unstated;
    if (word == "harm") return facts.harm != wire::Harm::unstated;
    if (word == "purpose") return facts.purpose != wire::Purpose::unstated;
    if (word == "status") return facts.agreement.status != wire::AgreementStatus::unstated;
    if (word == "risk_grade") return !facts.risk_grade.empty();
    if (word == "rag") return facts.rag != wire::Rag::unstated;
    if (word == "occurred_at") return facts.occurred_at.is_set();
    if (word == "kind") return !facts.kind.empty();
    return true;
}

}  // namespace

bool is_danger(const Notification& notification, const area::Policy& policy) {
    const auto* type = policy.find_type(notification.facts.type);
    return type == nullptr ? goes_incomplete(notification) : is_danger_of(notification, *type);
}

std::vector<InputFault> check_against_policy(const Notification& notification,
                                             const area::Policy& policy) {
    std::vector<InputFault> faults;
    const auto& facts = notification.facts;
    const auto* type = policy.find_type(facts.type);
    if (type == nullptr) {
        faults.push_back({"/type", "unknown_type",
                          "this is not a kind of notification of this area's catalogue"});
        return faults;
    }
    // Danger to a child is never refused as incomplete: E-05 sends it to the front door, marked.
    const bool danger = is_danger_of(notification, *type);
    if (!facts.kind.empty() && std::ranges::find(type->kinds, facts.kind) == type->kinds.end()) {
        faults.push_back(
            {"/kind", "unknown_kind", "this kind of notification has no such sub-kind"});
    }
    if (!danger && facts.kind.empty() && !type->kinds.empty() &&
        std::ranges::find(type->required_facts, "kind") != type->required_facts.end()) {
        faults.push_back({"/kind", "required", "say which kind it is"});
    }
    for (const auto& marker : facts.markers) {
        if (!policy.markers().contains(marker)) {
            faults.push_back(
                {"/markers", "unknown_marker", "a marker is not in this area's catalogue"});
        }
    }
    if (!facts.risk_grade.empty() &&
        std::ranges::find(policy.risk_grades(), facts.risk_grade) == policy.risk_grades().end()) {
        faults.push_back(
            {"/risk_grade", "unknown_grade", "this is not a risk grade of this area's catalogue"});
    }
    for (const auto& [code, content] : notification.sections) {
        const auto* section = policy.find_section(code);
        if (section == nullptr) {
            faults.push_back({"/sections/" + code, "unknown_section",
                              "this is not a section of this area's catalogue"});
            continue;
        }
        for (const auto& [field, value] : content) {
            if (std::ranges::find(section->fields, field) == section->fields.end()) {
                faults.push_back({"/sections/" + code + "/" + field, "unknown_field",
                                  "this section has no such field"});
            }
        }
    }
    for (const auto& code : type->required_sections) {
        if (!danger && !notification.sections.contains(code)) {
            faults.push_back({"/sections/" + code, "required",
                              "this kind of notification cannot go without this section"});
        }
    }
    const std::string& born = notification.subject.date_of_birth.reveal();
    if (!born.empty() && !identity::birth_date_from_text(born) && !danger) {
        faults.push_back({"/subject/date_of_birth", "bad_date",
                          "give the date of birth as YYYY-MM-DD, or YYYY-MM or YYYY as far as it "
                          "is known, or leave it out"});
    }
    // What E-05 would refuse for want of a fact is told here by its name, whatever the type.
    if (is_conditional(*type) && !danger) {
        for (const auto& word : type->required_facts) {
            if (word != "kind" && !fact_is_stated(facts, word)) {
                faults.push_back(
                    {"/" + word, "required", "this kind of notification needs \"" + word + "\""});
            }
        }
    }
    const auto day = policy.calendar().date_of(facts.occurred_at);
    // Of an unborn child number, name and date of birth are the mother's.
    if (const auto age = age_at(born, day); age && *age >= 18 && !notification.subject.unborn) {
        faults.push_back(
            {"/subject/date_of_birth", std::string(not_a_child),
             "the person was 18 or over when it happened: this service is for children"});
    }
    return faults;
}

}  // namespace mash::runtime
