#include "agents/police/person.hpp"

#include "agents/runtime/core/json.hpp"

namespace mash::police {

namespace {

std::string key_of(const AgencyId& force, const std::string& number) {
    return "police-person/" + force.value() + "/" + number;
}

}  // namespace

void keep_person(runtime::SourceMemory& memory, const AgencyId& force, const std::string& number,
                 const KnownPerson& person) {
    if (number.empty()) return;
    runtime::Json json;
    if (person.adult) {
        json["adult"] = true;
    } else {
        json["forename"] = person.forename.reveal();
        json["surname"] = person.surname.reveal();
        json["date_of_birth"] = person.date_of_birth.reveal();
        json["postcode"] = person.postcode.reveal();
    }
    std::string text = runtime::text_of_json(json);
    if (memory.get(key_of(force, number)) != text)
        memory.put(key_of(force, number), std::move(text));
}

std::optional<KnownPerson> person_of(const runtime::SourceMemory& memory, const AgencyId& force,
                                     const std::string& number) {
    const auto held = memory.get(key_of(force, number));
    if (number.empty() || !held) return std::nullopt;
    const auto json = runtime::json_from_text(*held);
    if (!json) return std::nullopt;
    KnownPerson out;
    out.adult = runtime::flag_at(*json, "adult");
    out.forename = PersonalText(runtime::string_at(*json, "forename"));
    out.surname = PersonalText(runtime::string_at(*json, "surname"));
    out.date_of_birth = PersonalText(runtime::string_at(*json, "date_of_birth"));
    out.postcode = PersonalText(runtime::string_at(*json, "postcode"));
    return out;
}

}  // namespace mash::police
