// What pages need besides what was sent and received: who is asking, who sits beside them, and the
// area's vocabulary in the words of its signed catalogue.
#include <algorithm>
#include <set>

#include "agents/runtime/core/api.hpp"
#include "common/area/alternates.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

Json title_of(const Step& step, const RoleId& role) {
    const auto* known = step.policy() == nullptr ? nullptr : step.policy()->find_role(role);
    return known == nullptr ? Json(role.value()) : Json(known->title);
}

/// The seat that an inbox serves; its own before one that it stands by for.
struct Served {
    const area::SeatEntry* seat = nullptr;
    bool alternate = false;
};

Served seat_of(const Step& step, const AgencyId& id, const InboxId& inbox) {
    const auto* agency = step.registry() == nullptr ? nullptr : step.registry()->find_agency(id);
    Served served;
    if (agency == nullptr) return served;
    for (const auto& seat : agency->seats) {
        if (seat.inbox == inbox) return {&seat, false};
        const auto alternates = area::alternates_of(*agency, seat.role);
        if (served.seat == nullptr && std::ranges::find(alternates, inbox) != alternates.end())
            served = {&seat, true};
    }
    return served;
}

Json codes_json(const area::CodeWords& words) {
    Json list = Json::array();
    for (const auto& [code, title] : words) list.push_back({{"code", code}, {"title", title}});
    return list;
}

template <class Names>
Json names_json(const Names& names) {
    Json list = Json::array();
    for (const auto& name : names) list.push_back(name.value());
    return list;
}

Json field_json(const area::Policy& policy, const std::string& section, const std::string& field) {
    static const area::FieldDefinition plain;
    const auto* found = policy.find_field(section, field);
    const auto& words = found == nullptr ? plain : *found;
    return {{"field", field},
            {"title", words.title.empty() ? field : words.title},
            {"hint", words.hint},
            {"kind", words.kind},
            {"choices", codes_json(words.choices)}};
}

Json sections_json(const area::Policy& policy) {
    Json list = Json::array();
    for (const auto& [code, section] : policy.sections()) {
        Json fields = Json::array();
        for (const auto& field : section.fields) fields.push_back(field_json(policy, code, field));
        list.push_back({{"section", code},
                        {"title", section.title},
                        {"sensitivity", section.sensitivity},
                        {"travels", section.travels},
                        {"needs_release", section.needs_release},
                        {"fields", std::move(fields)}});
    }
    return list;
}

/// Which facts the rules of this type look at, beyond those that it demands.
struct LooksAt {
    std::set<std::string> facts;
    std::set<std::string> markers;
    void add(const area::RouteCondition& when) {
        if (!when.risk_grades.empty()) facts.insert("risk_grade");
        if (!when.rags.empty()) facts.insert("rag");
        if (!when.levels.empty()) facts.insert("level");
        if (!when.purposes.empty()) facts.insert("purpose");
        if (!when.agreements.empty()) facts.insert("agreement");
        if (!when.harms.empty() || when.harm_suspected_or_worse) facts.insert("harm");
        markers.insert(when.markers_any.begin(), when.markers_any.end());
        markers.insert(when.markers_none.begin(), when.markers_none.end());
    }
};

LooksAt looks_at(const area::TypeRule& type) {
    LooksAt out;
    for (const auto& urgency : type.urgencies) out.add(urgency.when);
    for (const auto& route : type.routes) out.add(route.when);
    for (const auto& basis : type.bases) out.add(basis.when);
    for (const auto& advice : type.advice) out.add(advice.when);
    for (const auto& withholding : type.withholdings) out.add(withholding.when);
    for (const auto& fact : type.required_facts) {
        if (fact == "occurred_at" || fact == "kind" || fact == "thread") continue;
        out.facts.insert(fact == "status" || fact == "giver" ? "agreement" : fact);
    }
    return out;
}

/// Sections that some recipient gets, and those that a person may release.
std::vector<std::string> sections_of(const area::Policy& policy, const area::TypeRule& type) {
    std::set<std::string> found(type.required_sections.begin(), type.required_sections.end());
    for (const auto& route : type.routes) {
        for (const auto& view : route.views) {
            if (const auto* known = policy.find_view(view)) found.insert(known->section);
        }
    }
    for (const auto& [code, section] : policy.sections()) {
        if (section.needs_release && type.carries_content) found.insert(code);
    }
    return {found.begin(), found.end()};
}

std::string_view word_of(area::TypeRule::Class value) {
    switch (value) {
        case area::TypeRule::Class::unconditional: return "unconditional";
        case area::TypeRule::Class::conditional: return "conditional";
        case area::TypeRule::Class::agreement: return "agreement";
    }
    return "";
}

/// An empty list of a kind: every role may.
Json kinds_json(const area::Policy& policy, const area::TypeRule& type) {
    const auto words = policy.words().find("kind");
    Json list = Json::array();
    for (const auto& kind : type.kinds) {
        std::string title = kind;
        if (words != policy.words().end()) {
            const auto found =
                std::ranges::find(words->second, kind, &area::CodeWords::value_type::first);
            if (found != words->second.end()) title = found->second;
        }
        const auto own = type.publishers_of_kind.find(kind);
        const bool any = type.any_agency_may_publish ||
                         (own != type.publishers_of_kind.end() && own->second.empty());
        const auto& roles = own == type.publishers_of_kind.end() ? type.publishers : own->second;
        list.push_back({{"kind", kind},
                        {"title", title},
                        {"any_role", any},
                        {"sender_roles", any ? Json::array() : names_json(roles)}});
    }
    return list;
}

Json type_json(const area::Policy& policy, const area::TypeRule& type, WallTime now) {
    const auto looks = looks_at(type);
    Json sections = Json::array();
    for (const auto& code : sections_of(policy, type)) {
        const bool needed =
            std::ranges::find(type.required_sections, code) != type.required_sections.end();
        sections.push_back({{"section", code}, {"needed", needed}});
    }
    Json conditional;
    for (const auto* fact : {"level", "harm", "purpose", "agreement", "risk_grade", "rag"})
        conditional[fact] = looks.facts.contains(fact);
    return {{"type", type.type.value()},
            {"row", type.row},
            {"title", type.title},
            {"kind", std::string(word_of(type.agreement_class))},
            {"in_force", type.in_force.at(now)},
            {"danger", type.danger},
            {"statutory", type.statutory},
            {"wants_voice", type.wants_voice},
            {"required_facts", type.required_facts},
            {"kinds", kinds_json(policy, type)},
            {"any_role", type.any_agency_may_publish},
            {"sender_roles", names_json(type.publishers)},
            {"sections", std::move(sections)},
            {"conditional", std::move(conditional)},
            {"markers", Json(looks.markers)}};
}

Json agencies_json(const Step& step) {
    Json list = Json::array();
    for (const auto& [id, agency] : step.registry()->agencies) {
        if (step.registry()->find_active_agency(id, step.now.wall) == nullptr) continue;
        Json roles = Json::array();
        Json people = Json::array();
        for (const auto& seat : agency.seats) {
            roles.push_back(seat.role.value());
            if (seat.people)
                people.push_back({{"inbox", seat.inbox.value()}, {"role", seat.role.value()}});
        }
        list.push_back({{"agency", id.value()},
                        {"name", agency.name},
                        {"kind", agency.kind},
                        {"urn", agency.urn},
                        {"roles", std::move(roles)},
                        {"inboxes", std::move(people)},
                        {"telephone", agency.telephone}});
    }
    for (const auto& [id, authority] : step.policy()->other_authorities()) {
        if (step.registry()->find_agency(id) != nullptr) continue;
        list.push_back({{"agency", id.value()},
                        {"name", authority.name},
                        {"kind", "other_authority"},
                        {"urn", ""},
                        {"roles", Json::array({"ola"})},
                        {"inboxes", Json::array()},
                        {"telephone", authority.telephone}});
    }
    return list;
}

}  // namespace

Json name_of_person(Step& step, const PersonId& person) {
    const auto name = step.get_sealed(sealed::person_name, store::key_bytes(person));
    return name ? Json(std::string(text_of(*name))) : Json(nullptr);
}

Answer who_am_i(Step& step, const Caller& caller) {
    Json json;
    json["person"] = caller.person.value();
    json["name"] = name_of_person(step, caller.person);
    json["agency"] = caller.row.agency.value();
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(caller.row.agency);
    json["agency_name"] = agency == nullptr ? "" : agency->name;
    json["agency_kind"] = agency == nullptr ? "" : agency->kind;
    json["roles"] = Json::array();
    for (const auto& role : caller.row.roles) {
        json["roles"].push_back({{"agency", caller.row.agency.value()},
                                 {"role", role.value()},
                                 {"title", title_of(step, role)}});
    }
    json["inboxes"] = Json::array();
    for (const auto& inbox : table::inboxes.collect_keys(step.tx, {})) {
        if (!is_member(step, caller, inbox)) continue;
        const auto row = table::inboxes.get(step.tx, inbox);
        if (!row) continue;
        const auto served = seat_of(step, row->agency, inbox);
        json["inboxes"].push_back(
            {{"id", inbox.value()},
             {"agency", row->agency.value()},
             {"role", served.seat == nullptr ? Json(nullptr) : Json(served.seat->role.value())},
             {"title", served.seat == nullptr ? Json("") : title_of(step, served.seat->role)},
             {"alternate", served.alternate},
             {"automatic", !row->people}});
    }
    json["data_protection_officer"] = is_auditor(caller);
    return Answer::of(std::move(json));
}

Answer colleagues_list(Step& step, const Caller& caller, const ApiRequest& request) {
    if (request.inbox.empty())
        return Answer::failed(ErrorCode::missing_field, "Say which 'inbox' is meant");
    if (!is_member(step, caller, request.inbox))
        return Answer::failed(ErrorCode::not_entitled, "You are not a member of this inbox");
    Json list = Json::array();
    const Bytes prefix = store::key_bytes(request.inbox);
    for (const auto& [inbox, person] : table::members.collect_keys(step.tx, {.prefix = prefix}))
        list.push_back({{"person", person.value()}, {"name", name_of_person(step, person)}});
    return Answer::of({{"colleagues", std::move(list)}});
}

Answer catalogue(Step& step) {
    if (step.policy() == nullptr || step.registry() == nullptr)
        return Answer::failed(ErrorCode::busy, "This agent holds no policy yet");
    const auto& policy = *step.policy();
    Json json;
    json["area"] = policy.area().value();
    json["title"] = policy.title();
    json["policy_version"] = step.agent.policy_version;
    json["in_force"] = policy.in_force_at(step.now.wall);
    json["types"] = Json::array();
    for (const auto& type : policy.types())
        json["types"].push_back(type_json(policy, type, step.now.wall));
    json["sections"] = sections_json(policy);
    json["views"] = Json::array();
    for (const auto& view : policy.views()) {
        json["views"].push_back({{"view", view.view.value()},
                                 {"section", view.section},
                                 {"title", area::explain_view(policy, view.view)},
                                 {"fields", view.fields}});
    }
    json["roles"] = Json::array();
    for (const auto& [role, definition] : policy.roles()) {
        json["roles"].push_back({{"role", role.value()},
                                 {"title", definition.title},
                                 {"internal", definition.internal},
                                 {"telephone", policy.telephone_of(role)}});
    }
    json["front_door"] = {{"day", policy.front_door_role().value()},
                          {"night", policy.emergency_duty_role().value()},
                          {"open", policy.is_front_door_open(step.now.wall)}};
    json["agencies"] = agencies_json(step);
    json["markers"] = Json::array();
    for (const auto& [code, title] : policy.markers())
        json["markers"].push_back({{"code", code}, {"title", title}});
    json["words"] = Json::object();
    for (const auto& [vocabulary, words] : policy.words())
        json["words"][vocabulary] = codes_json(words);
    return Answer::of(std::move(json));
}

}  // namespace mash::runtime
