#include "agents/runtime/core/notification_json.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/json_bounds.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {

namespace {

using Json = nlohmann::json;

/// Reads members of one object, remembers which were asked for, and reports the others as unknown.
class ObjectReader {
public:
    ObjectReader(const Json& object, std::string path, std::vector<InputFault>& faults)
        : object_(object), path_(std::move(path)), faults_(faults) {}

    const Json* member(const char* key) {
        known_.push_back(key);
        const auto it = object_.find(key);
        return it == object_.end() || it->is_null() ? nullptr : &*it;
    }
    std::string text(const char* key, std::size_t bytes_max = limits::name_bytes_max) {
        const Json* value = member(key);
        if (value == nullptr) return {};
        if (!value->is_string()) {
            fault(key, "not_text", "must be text in quotes");
            return {};
        }
        const auto& out = value->get_ref<const std::string&>();
        if (out.size() > bytes_max) {
            fault(key, "too_long", "is longer than this field may be");
            return {};
        }
        return out;
    }
    std::string name(const char* key) {
        std::string out = text(key);
        if (!out.empty() && !is_valid_name(out)) {
            fault(key, "bad_name",
                  "may hold only a to z, 0 to 9, full stop, hyphen and underscore");
            out.clear();
        }
        return out;
    }
    PersonalText personal(const char* key) {
        return PersonalText(text(key, limits::short_text_bytes_max));
    }
    bool flag(const char* key) {
        const Json* value = member(key);
        if (value == nullptr) return false;
        if (!value->is_boolean()) {
            fault(key, "not_a_flag", "must be true or false");
            return false;
        }
        return value->get<bool>();
    }
    template <class Enum>
    Enum word(const char* key) {
        const Json* value = member(key);
        if (value == nullptr) return Enum{};
        std::string text_value;
        if (value->is_number_unsigned()) {
            text_value = std::to_string(value->get<std::uint64_t>());
        } else if (value->is_string()) {
            text_value = value->get<std::string>();
        }
        const auto found = from_word<Enum>(text_value);
        if (!found) {
            fault(key, "unknown_word",
                  "is not one of the words for this field (see the API document)");
            return Enum{};
        }
        return *found;
    }
    WallTime time(const char* key) {
        const std::string value = text(key);
        if (value.empty()) return {};
        const auto parsed = wall_time_from_rfc3339(value);
        if (!parsed) {
            fault(key, "bad_time",
                  "must be a date and time with its zone, for example 2026-11-21T22:40:00Z");
            return {};
        }
        return *parsed;
    }
    void each(const char* key, std::size_t count_max,
              const std::function<void(const Json&, const std::string&)>& visit) {
        const Json* value = member(key);
        if (value == nullptr) return;
        if (!value->is_array())
            return fault(key, "not_a_list", "must be a list in square brackets");
        if (value->size() > count_max)
            return fault(key, "too_many", "holds more entries than are allowed");
        for (std::size_t i = 0; i < value->size(); ++i)
            visit((*value)[i], path_ + "/" + key + "/" + std::to_string(i));
    }
    void fault(std::string_view key, std::string rule, std::string_view what) {
        faults_.push_back({path_ + "/" + std::string(key), std::move(rule),
                           "\"" + std::string(key) + "\" " + std::string(what)});
    }
    void report_unknown() {
        for (const auto& [key, value] : object_.items()) {
            if (std::ranges::find(known_, key) != known_.end()) continue;
            // The key itself is foreign text: name its place only when it looks like a field name.
            const bool printable = is_valid_name(key);
            faults_.push_back(
                {path_ + "/" + (printable ? key : "?"), "unknown_field",
                 printable ? "\"" + key + "\" is not a field of this object" : "an unknown field"});
        }
    }
    const std::string& path() const { return path_; }

private:
    const Json& object_;
    std::string path_;
    std::vector<InputFault>& faults_;
    std::vector<std::string> known_;
};

void read_seats(ObjectReader& in, const char* key, std::vector<Seat>& out,
                std::vector<InputFault>& faults) {
    in.each(key, limits::parcels_max, [&](const Json& item, const std::string& path) {
        if (!item.is_object())
            return faults.push_back(
                {path, "not_an_object", "each entry names an agency and a role"});
        ObjectReader seat(item, path, faults);
        Seat value{AgencyId(seat.name("agency")), RoleId(seat.name("role"))};
        seat.report_unknown();
        if (value.agency.empty() || value.role.empty()) {
            return faults.push_back({path, "required", "each entry names an agency and a role"});
        }
        out.push_back(std::move(value));
    });
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
}

void read_agreement_fields(ObjectReader& in, wire::Agreement& out,
                           std::vector<InputFault>& faults) {
    out.status = in.word<wire::AgreementStatus>("status");
    out.not_sought_reason = in.word<wire::NotSoughtReason>("not_sought_reason");
    out.giver = in.word<wire::Giver>("giver");
    out.other_holder_objects = in.flag("other_holder_objects");
    out.child_and_parent_differ = in.flag("child_and_parent_differ");
    in.each("named_agencies", limits::parcels_max, [&](const Json& item, const std::string& path) {
        if (!item.is_string() || !is_valid_name(item.get_ref<const std::string&>())) {
            return faults.push_back({path, "bad_name", "each entry is the id of an agency"});
        }
        out.named_agencies.emplace_back(item.get<std::string>());
    });
    std::ranges::sort(out.named_agencies);
    out.purpose = in.word<wire::Purpose>("purpose");
}

void read_agreement(const Json& object, Notification& out, std::vector<InputFault>& faults) {
    ObjectReader in(object, "/agreement", faults);
    read_agreement_fields(in, out.facts.agreement, faults);
    if (const std::string record = in.text("record"); !record.empty()) {
        const auto bytes = uuid_from_text(record);
        if (bytes)
            out.agreement_record = AgreementId(*bytes);
        else
            in.fault("record", "bad_id", "is the id of an agreement that was recorded here");
    }
    in.report_unknown();
}

void read_identifiers(ObjectReader& in, Subject& out, std::vector<InputFault>& faults) {
    out.nhs_number = in.personal("nhs_number");
    out.upn = in.personal("upn");
    const auto former = [&](const char* field, std::vector<PersonalText>& numbers) {
        in.each(field, limits::tokens_per_claim_max,
                [&](const Json& item, const std::string& path) {
                    if (!item.is_string())
                        return faults.push_back({path, "not_text", "each former number is a text"});
                    numbers.emplace_back(item.get<std::string>());
                });
    };
    former("former_nhs_numbers", out.former_nhs_numbers);
    former("former_upns", out.former_upns);
    out.forename = in.personal("forename");
    out.surname = in.personal("surname");
    out.date_of_birth = in.personal("date_of_birth");
    out.postcode = in.personal("postcode");
    out.school_urn = in.personal("school_urn");
    in.each("aliases", limits::tokens_per_claim_max,
            [&](const Json& item, const std::string& path) {
                if (!item.is_object())
                    return faults.push_back(
                        {path, "not_an_object", "each alias has a forename or a surname"});
                ObjectReader alias(item, path, faults);
                PersonalText forename = alias.personal("forename");
                PersonalText surname = alias.personal("surname");
                out.aliases.emplace_back(std::move(forename), std::move(surname));
                alias.report_unknown();
            });
}

void read_subject(const Json& object, Subject& out, std::vector<InputFault>& faults,
                  const std::string& at = "/subject") {
    ObjectReader in(object, at, faults);
    read_identifiers(in, out, faults);
    out.unborn = in.flag("unborn");
    out.due_date = in.personal("due_date");
    if (const Json* before = in.member("before_birth"); before != nullptr) {
        const bool is_of_a_birth = before->is_object() && at == "/subject";
        if (!is_of_a_birth) {
            in.fault("before_birth", "not_an_object",
                     "is the child as it was known before its birth: the mother and the due date");
        } else {
            auto& mother = out.before_birth.emplace_back();
            read_subject(*before, mother, faults, at + "/before_birth");
            mother.unborn = true;
        }
    }
    in.report_unknown();
}

void read_linked(ObjectReader& in, std::vector<LinkedPerson>& out,
                 std::vector<InputFault>& faults) {
    in.each("linked", limits::linked_people_max, [&](const Json& item, const std::string& path) {
        if (!item.is_object())
            return faults.push_back(
                {path, "not_an_object", "each entry says who somebody is to the child"});
        ObjectReader person(item, path, faults);
        auto& read = out.emplace_back();
        const auto before = faults.size();
        read.relation = person.word<wire::LinkedRelation>("relation");
        if (word_of(read.relation).empty() && faults.size() == before)
            person.fault("relation", "required", "says who this person is to the child");
        read_identifiers(person, read.known_by, faults);
        person.report_unknown();
    });
}

void read_sections(const Json& object, std::map<std::string, SectionContent>& out,
                   std::vector<InputFault>& faults) {
    for (const auto& [code, fields] : object.items()) {
        const std::string path = "/sections/" + (is_valid_name(code) ? code : std::string("?"));
        if (!is_valid_name(code)) {
            faults.push_back(
                {path, "unknown_section", "a section's code is a short word such as \"evt\""});
            continue;
        }
        if (!fields.is_object()) {
            faults.push_back({path, "not_an_object", "a section is an object of fields"});
            continue;
        }
        SectionContent content;
        for (const auto& [field, value] : fields.items()) {
            if (value.is_null()) continue;
            if (!is_valid_name(field)) {
                faults.push_back({path + "/?", "unknown_field", "a field's name is a short word"});
                continue;
            }
            std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
            if (text.size() > limits::long_text_bytes_max) {
                faults.push_back({path + "/" + field, "too_long",
                                  "\"" + field + "\" is longer than this field may be"});
                continue;
            }
            content.emplace(field, PersonalText(std::move(text)));
        }
        out.emplace(code, std::move(content));
    }
}

}  // namespace

ParsedNotification notification_from_json(std::string_view json) {
    ParsedNotification out;
    auto& faults = out.faults;
    auto& notification = out.notification;
    if (!is_within(json)) {
        faults.push_back(
            {"", "too_deep",
             "the JSON is nested too deeply, or holds more values than a notification has"});
        return out;
    }
    const Json document = Json::parse(json, nullptr, false);
    if (document.is_discarded() || !document.is_object()) {
        faults.push_back({"", "not_json", "the file or body is not one JSON object in UTF-8"});
        return out;
    }
    ObjectReader in(document, "", faults);
    notification.source_ref = in.text("source_ref", limits::source_ref_bytes_max);
    notification.agency = AgencyId(in.name("agency"));
    notification.role = RoleId(in.name("role"));
    notification.thread_ref = in.text("thread_ref", limits::source_ref_bytes_max);
    notification.event_ref = in.text("event_ref", limits::source_ref_bytes_max);
    notification.supersedes_ref = in.text("supersedes_ref", limits::source_ref_bytes_max);
    notification.same_event_as = in.text("same_event_as", limits::source_ref_bytes_max);
    notification.about = in.text("about");
    auto& facts = notification.facts;
    facts.type = TypeId(in.name("type"));
    facts.kind = in.name("kind");
    facts.occurred_at = in.time("occurred_at");
    facts.level = in.word<wire::Level>("level");
    facts.harm = in.word<wire::Harm>("harm");
    facts.vital = in.flag("vital");
    facts.purpose = in.word<wire::Purpose>("purpose");
    facts.rag = in.word<wire::Rag>("rag");
    facts.risk_grade = in.name("risk_grade");
    in.each("markers", limits::sections_max, [&](const Json& item, const std::string& path) {
        if (!item.is_string() || !is_valid_name(item.get_ref<const std::string&>())) {
            return faults.push_back(
                {path, "bad_name", "each marker is a short word of the catalogue"});
        }
        facts.markers.push_back(item.get<std::string>());
    });
    std::ranges::sort(facts.markers);
    facts.markers.erase(std::ranges::unique(facts.markers).begin(), facts.markers.end());
    read_seats(in, "detriment", facts.detriment, faults);
    read_seats(in, "conflicts", facts.conflicts_stated, faults);
    read_seats(in, "addressed_to", facts.addressed_to, faults);
    const auto object = [&](const char* key, const auto& read) {
        const Json* value = in.member(key);
        if (value == nullptr) return;
        if (!value->is_object())
            return in.fault(key, "not_an_object", "must be an object in curly brackets");
        read(*value);
    };
    object("agreement", [&](const Json& value) { read_agreement(value, notification, faults); });
    object("subject",
           [&](const Json& value) { read_subject(value, notification.subject, faults); });
    read_linked(in, notification.linked, faults);
    object("sections",
           [&](const Json& value) { read_sections(value, notification.sections, faults); });
    in.report_unknown();
    if (notification.source_ref.empty()) {
        faults.push_back({"/source_ref", "required",
                          "give the source's own key of this event, so that sending it again makes "
                          "no second one"});
    }
    if (facts.type.empty())
        faults.push_back({"/type", "required", "say what kind of notification this is"});
    const bool is_bad = std::ranges::any_of(
        faults, [](const InputFault& fault) { return fault.path == "/occurred_at"; });
    if (!facts.occurred_at.is_set() && !is_bad)
        faults.push_back({"/occurred_at", "required", "say when it happened"});
    return out;
}

namespace {

Json subject_json(const Subject& subject) {
    Json json = {{"nhs_number", subject.nhs_number.reveal()},
                 {"upn", subject.upn.reveal()},
                 {"forename", subject.forename.reveal()},
                 {"surname", subject.surname.reveal()},
                 {"date_of_birth", subject.date_of_birth.reveal()},
                 {"postcode", subject.postcode.reveal()},
                 {"school_urn", subject.school_urn.reveal()},
                 {"unborn", subject.unborn},
                 {"aliases", Json::array()}};
    // Absent where there are none: what was sent before these fields existed keeps its digest.
    for (const auto& former : subject.former_upns) json["former_upns"].push_back(former.reveal());
    for (const auto& former : subject.former_nhs_numbers)
        json["former_nhs_numbers"].push_back(former.reveal());
    if (!subject.due_date.reveal().empty()) json["due_date"] = subject.due_date.reveal();
    for (const auto& before : subject.before_birth) json["before_birth"] = subject_json(before);
    for (const auto& [forename, surname] : subject.aliases)
        json["aliases"].push_back({{"forename", forename.reveal()}, {"surname", surname.reveal()}});
    return json;
}

}  // namespace

PersonalText subject_text(const Subject& subject) {
    return PersonalText(subject_json(subject).dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<Subject> subject_from_text(std::string_view json) {
    if (!is_within(json)) return std::nullopt;
    const Json parsed = Json::parse(json, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    Subject subject;
    std::vector<InputFault> faults;
    read_subject(parsed, subject, faults);
    if (!faults.empty()) return std::nullopt;
    return subject;
}

PersonalText to_canonical_json(const Notification& notification) {
    const auto seats = [](const std::vector<Seat>& list) {
        Json out = Json::array();
        for (const auto& seat : list)
            out.push_back({{"agency", seat.agency.value()}, {"role", seat.role.value()}});
        return out;
    };
    const auto& facts = notification.facts;
    Json named = Json::array();
    for (const auto& agency : facts.agreement.named_agencies) named.push_back(agency.value());
    Json out = {{"source_ref", notification.source_ref},
                {"agency", notification.agency.value()},
                {"role", notification.role.value()},
                {"thread_ref", notification.thread_ref},
                {"event_ref", notification.event_ref},
                {"supersedes_ref", notification.supersedes_ref},
                {"type", facts.type.value()},
                {"kind", facts.kind},
                {"occurred_at", facts.occurred_at.is_set() ? to_rfc3339(facts.occurred_at) : ""},
                {"level", word_of(facts.level)},
                {"harm", word_of(facts.harm)},
                {"vital", facts.vital},
                {"purpose", word_of(facts.purpose)},
                {"rag", word_of(facts.rag)},
                {"risk_grade", facts.risk_grade},
                {"markers", facts.markers},
                {"detriment", seats(facts.detriment)},
                {"conflicts", seats(facts.conflicts_stated)},
                {"addressed_to", seats(facts.addressed_to)},
                {"agreement",
                 {{"status", word_of(facts.agreement.status)},
                  {"not_sought_reason", word_of(facts.agreement.not_sought_reason)},
                  {"giver", word_of(facts.agreement.giver)},
                  {"other_holder_objects", facts.agreement.other_holder_objects},
                  {"child_and_parent_differ", facts.agreement.child_and_parent_differ},
                  {"named_agencies", named},
                  {"purpose", word_of(facts.agreement.purpose)}}},
                {"subject", subject_json(notification.subject)},
                {"sections", Json::object()}};
    // Only where it is: what was taken in before there were records is known again.
    if (!notification.agreement_record.is_zero())
        out["agreement"]["record"] = to_text(notification.agreement_record);
    if (!notification.same_event_as.empty()) out["same_event_as"] = notification.same_event_as;
    if (!notification.about.empty()) out["about"] = notification.about;
    for (const auto& person : notification.linked) {
        Json one = subject_json(person.known_by);
        for (const auto* of_a_child : {"unborn", "due_date", "before_birth"}) one.erase(of_a_child);
        one["relation"] = word_of(person.relation);
        out["linked"].push_back(std::move(one));
    }
    for (const auto& [code, fields] : notification.sections) {
        Json section = Json::object();
        for (const auto& [field, value] : fields)
            section[field] = Json::parse(value.reveal(), nullptr, false);
        out["sections"][code] = std::move(section);
    }
    return PersonalText(out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

ParsedAgreement agreement_from_json(std::string_view json) {
    ParsedAgreement out;
    auto& faults = out.faults;
    const Json document =
        is_within(json) ? Json::parse(json, nullptr, false) : Json(Json::value_t::discarded);
    if (document.is_discarded() || !document.is_object()) {
        faults.push_back({"", "not_json", "the body is not one JSON object in UTF-8"});
        return out;
    }
    ObjectReader in(document, "", faults);
    read_agreement_fields(in, out.said, faults);
    out.said_at = in.time("said_at");
    out.expires_at = in.time("expires_at");
    out.form = in.text("form");
    out.thread_ref = in.text("thread_ref", limits::source_ref_bytes_max);
    out.notification = in.text("notification");
    out.sought_by = in.personal("sought_by");
    out.evidence = in.personal("evidence");
    if (const Json* subject = in.member("subject"); subject != nullptr) {
        out.has_subject = subject->is_object();
        if (out.has_subject)
            read_subject(*subject, out.subject, faults);
        else
            in.fault("subject", "not_an_object", "must be an object in curly brackets");
    }
    in.report_unknown();
    return out;
}

Result<Notification> from_canonical_json(std::string_view json) {
    auto parsed = notification_from_json(json);
    if (!parsed.faults.empty()) return fail(ErrorCode::malformed);
    return std::move(parsed.notification);
}

}  // namespace mash::runtime
