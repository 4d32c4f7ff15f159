#include "agents/health/handover_forms.hpp"

#include <nlohmann/json.hpp>

#include "agents/health/content.hpp"
#include "agents/health/fhir_codes.hpp"
#include "agents/health/hl7_ack.hpp"
#include "agents/health/hl7_message.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::health {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const runtime::HandOver& item) {
    return Json::parse(item.json.reveal(), nullptr, false);
}

std::string text_in(const Json& object, const std::string& name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>()
                              : found->dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& view_in(const Json& item, const std::string& larger, const std::string& smaller) {
    static const Json none = Json::object();
    if (!item.contains("views") || !item["views"].is_object()) return none;
    for (const auto& name : {larger, smaller}) {
        if (item["views"].contains(name) && item["views"][name].is_object())
            return item["views"][name];
    }
    return none;
}

struct Child {
    std::string forenames, surname, born, sex, nhs_number;
};

Child child_of(const Json& item) {
    const auto& identity = view_in(item, "idn.full", "idn.match");
    return {text_in(identity, "forenames"), text_in(identity, "surname"),
            text_in(identity, "date_of_birth"), text_in(identity, "sex"),
            text_in(identity, "nhs_number")};
}

std::string headline_of(const Json& item) {
    std::string what = text_in(view_in(item, "evt.full", "evt.incident"), "what");
    const std::string headline = text_in(view_in(item, "evt.headline", "evt.headline"), "what");
    if (!what.empty()) return what;
    return headline.empty() ? text_in(item, "title") : headline;
}

/// Every field of every view, what is its own to hold in law, and what is withheld: a reader of the
/// other system sees no less than one of ours.
std::vector<std::string> lines_of(const Json& item) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& name, const std::string& words) {
        if (!words.empty()) out.push_back(name + ": " + words);
    };
    add("Notification", text_in(item, "title"));
    add("Take it by", text_in(item, "take_by_in_words"));
    if (item.contains("clocks") && item["clocks"].is_array()) {
        for (const auto& each : item["clocks"])
            add("Yours to hold by " + text_in(each, "by_in_words"), text_in(each, "label"));
    }
    if (item.contains("why")) {
        add("Why you have it", text_in(item["why"], "you"));
        add("Basis", text_in(item["why"], "basis_in_words"));
    }
    if (item.contains("views") && item["views"].is_object()) {
        for (const auto& [view, fields] : item["views"].items()) {
            if (!fields.is_object()) {
                add(view, text_in(item["views"], view));
                continue;
            }
            for (const auto& [field, value] : fields.items())
                add(view + " " + field, text_in(fields, field));
        }
    }
    if (!item.contains("views") || !item["views"].contains("sfc"))
        add("Safe contact", "Not known: ask the sender before any contact");
    if (item.contains("withheld") && item["withheld"].is_array()) {
        for (const auto& each : item["withheld"]) add("Withheld", text_in(each, "message"));
    }
    add("From", text_in(item, "sender"));
    add("Reference", text_in(item, "id"));
    return out;
}

std::string digits_of(const std::string& date) {
    std::string out;
    for (const char c : date.substr(0, 10)) {
        if (c >= '0' && c <= '9') out += c;
    }
    return out.size() == 8 ? out : "";
}

Json coding(std::string_view system, std::string_view code, std::string_view words) {
    return Json{
        {"coding", Json::array({Json{{"system", system}, {"code", code}, {"display", words}}})}};
}

struct Plan {
    std::string_view code, words;
};

/// By the kind of a care status notification.
std::optional<Plan> plan_of_kind(std::string_view kind) {
    if (kind.starts_with("cp_plan"))
        return Plan{"342191000000101", "Subject to child protection plan"};
    if (kind.starts_with("looked_after")) return Plan{"764841000000100", "Looked after child"};
    if (kind.starts_with("unborn_plan"))
        return Plan{"818901000000100", "Unborn child subject to child protection plan"};
    return std::nullopt;
}

std::string url_of(const std::string& what, const std::string& id) {
    return "urn:mash:" + what + ":" + id;
}

Json entry(const std::string& url, Json resource) {
    return Json{{"fullUrl", url}, {"resource", std::move(resource)}};
}

Json patient_of(const Child& child) {
    Json out{{"resourceType", "Patient"}};
    const std::string number = runtime::normalise_nhs_number(child.nhs_number);
    if (!number.empty())
        out["identifier"] =
            Json::array({Json{{"system", "https://fhir.nhs.uk/Id/nhs-number"}, {"value", number}}});
    Json name = Json::object();
    if (!child.surname.empty()) name["family"] = child.surname;
    if (!child.forenames.empty()) name["given"] = Json::array({child.forenames});
    if (!name.empty()) out["name"] = Json::array({std::move(name)});
    if (child.sex == "male" || child.sex == "female" || child.sex == "unknown")
        out["gender"] = child.sex;
    if (!runtime::normalise_date_of_birth(child.born).empty()) out["birthDate"] = child.born;
    return out;
}

}  // namespace

std::string hl7_document_id(const runtime::HandOver& item) {
    // 20 characters, as the oldest systems allow.
    return runtime::revision_of({PersonalText(item.sender.value()),
                                 PersonalText(to_text(item.notification)),
                                 PersonalText(item.inbox.value())}) +
           (item.recalled ? "-R" : "-N");
}

std::optional<PersonalText> hl7_document_of(const runtime::HandOver& handed, WallTime at) {
    const auto item = json_of(handed);
    if (!item.is_object()) return std::nullopt;
    const Hl7Delimiters signs;
    const auto field = [&](const std::string& text) { return hl7_escaped(text, signs); };
    const std::string event = handed.recalled ? "T11" : "T02";
    const auto child = child_of(item);
    std::string out = "MSH|^~\\&|MASH|" + field(handed.inbox.value()) + "|||" + hl7_time(at) +
                      "||MDM^" + event + "|" + hl7_document_id(handed) +
                      "|P|2.4||||||UNICODE UTF-8\r";
    out += "EVN|" + event + "|" + hl7_time(at) + "\r";
    const std::string number = runtime::normalise_nhs_number(child.nhs_number);
    out += "PID|1||" + (number.empty() ? "" : number + "^^^NHS^NH") + "||" + field(child.surname) +
           "^" + field(child.forenames) + "||" + digits_of(child.born) + "|" +
           (child.sex == "male"     ? "M"
            : child.sex == "female" ? "F"
                                    : "U") +
           "\rPV1|1|N\r";
    out += "TXA|1|CN|TX|" + hl7_time(at) + "||||||||" + field(to_text(handed.notification)) +
           "|||||" + (handed.recalled ? "CA" : "AU") + "\r";
    auto lines = lines_of(item);
    if (handed.recalled) lines = {text_in(item, "instruction")};
    for (std::size_t i = 0; i < lines.size(); ++i)
        out += "OBX|" + std::to_string(i + 1) + "|TX|MASH^Safeguarding notification||" +
               field(lines[i]) + "||||||F\r";
    return PersonalText(std::move(out));
}

std::optional<PersonalText> fhir_bundle_of(const runtime::HandOver& handed, WallTime at) {
    const auto item = json_of(handed);
    if (!item.is_object()) return std::nullopt;
    const std::string id = to_text(handed.notification);
    const std::string child_url = url_of("patient", id);
    const std::string flag_url = url_of("flag", id);
    const std::string status = handed.recalled ? "entered-in-error" : "completed";
    const std::string when =
        text_in(item, "occurred_at").empty() ? to_rfc3339(at) : text_in(item, "occurred_at");
    const Json subject{{"reference", child_url}};
    Json entries = Json::array();
    entries.push_back(
        entry(url_of("message", id),
              Json{{"resourceType", "MessageHeader"},
                   {"eventCoding",
                    Json{{"system", "urn:mash:events"}, {"code", "safeguarding-notification"}}},
                   {"source", Json{{"name", handed.sender.value()},
                                   {"endpoint", "urn:mash:agency:" + handed.sender.value()}}},
                   {"reason",
                    coding("https://fhir.nhs.uk/CodeSystem/message-reason-bars",
                           handed.recalled ? "delete" : "new", handed.recalled ? "Delete" : "New")},
                   {"focus", Json::array({Json{{"reference", url_of("communication", id)}},
                                          Json{{"reference", flag_url}}})}}));
    entries.push_back(entry(child_url, patient_of(child_of(item))));

    const std::string kind = text_in(item, "kind");
    const auto plan =
        text_in(item, "type") == "care_status_changed" ? plan_of_kind(kind) : std::nullopt;
    const bool ended = kind.ends_with("_ended");
    Json flag{
        {"resourceType", "Flag"},
        {"identifier", Json::array({Json{{"system", "urn:mash:notification"}, {"value", id}}})},
        {"status", handed.recalled ? "entered-in-error"
                   : plan && ended ? "inactive"
                                   : "active"}};
    if (plan) {
        flag["extension"] =
            Json::array({Json{{"url", "http://hl7.org/fhir/StructureDefinition/flag-detail"},
                              {"valueReference", Json{{"reference", url_of("plan", id)}}}}});
        flag["code"] = coding("https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
                              cpis_flag, "Child Protection Information System Flag");
    } else {
        flag["category"] = Json::array(
            {coding(flag_categories_system, safeguarding_category, "Safeguarding Concern")});
        flag["code"] =
            coding(safeguarding_codes_system, "U", "Unspecified Safeguarding Concern Identified");
        flag["code"]["text"] = headline_of(item);
    }
    flag["subject"] = subject;
    flag["period"] = Json{{"start", when}};
    entries.push_back(entry(flag_url, std::move(flag)));
    if (plan) {
        Json period{{ended ? "end" : "start", when}};
        entries.push_back(
            entry(url_of("plan", id),
                  Json{{"resourceType", "CarePlan"},
                       {"status", ended ? "completed" : "active"},
                       {"intent", "plan"},
                       {"category",
                        Json::array({coding("http://snomed.info/sct", plan->code, plan->words)})},
                       {"subject", subject},
                       {"period", std::move(period)},
                       {"careTeam", Json::array({Json{{"reference", url_of("team", id)}}})}}));
        Json team{
            {"resourceType", "CareTeam"}, {"status", "active"}, {"name", handed.sender.value()}};
        const std::string phone = text_in(view_in(item, "leg.full", "leg.flag"), "whom_to_ring");
        if (!phone.empty())
            team["telecom"] = Json::array({Json{{"system", "phone"}, {"value", phone}}});
        entries.push_back(entry(url_of("team", id), std::move(team)));
    }
    Json payload = Json::array();
    auto lines = lines_of(item);
    if (handed.recalled) lines = {text_in(item, "instruction")};
    for (const auto& line : lines) payload.push_back(Json{{"contentString", line}});
    entries.push_back(entry(url_of("communication", id), Json{{"resourceType", "Communication"},
                                                              {"status", status},
                                                              {"subject", subject},
                                                              {"sent", to_rfc3339(at)},
                                                              {"payload", std::move(payload)}}));
    const Json bundle{{"resourceType", "Bundle"},
                      {"type", "message"},
                      {"timestamp", to_rfc3339(at)},
                      {"entry", std::move(entries)}};
    return PersonalText(bundle.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace mash::health
