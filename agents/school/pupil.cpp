#include "agents/school/pupil.hpp"

#include <algorithm>
#include <charconv>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source_row.hpp"

namespace mash::school {

using runtime::put;

std::string pupil_key(const Pupil& pupil) {
    if (!pupil.upn.reveal().empty()) return runtime::revision_of({pupil.upn});
    return runtime::revision_of({pupil.forename, pupil.surname, pupil.date_of_birth});
}

bool is_linkable(const Pupil& pupil) {
    return !pupil.upn.reveal().empty() ||
           (!pupil.surname.reveal().empty() && !pupil.date_of_birth.reveal().empty());
}

runtime::Subject subject_of(const Pupil& pupil, const std::string& school_urn) {
    runtime::Subject out;
    out.upn = pupil.upn;
    if (!pupil.former_upn.reveal().empty() && pupil.former_upn != pupil.upn)
        out.former_upns.push_back(pupil.former_upn);
    out.forename = pupil.forename;
    out.surname = pupil.surname;
    out.date_of_birth = pupil.date_of_birth;
    out.postcode = PersonalText(runtime::normalise_postcode(pupil.postcode.reveal()));
    out.school_urn = PersonalText(school_urn);
    const auto add = [&](const PersonalText& forename, const PersonalText& surname) {
        if (forename != pupil.forename || surname != pupil.surname)
            out.aliases.emplace_back(forename, surname);
    };
    const auto forename =
        pupil.preferred_forename.reveal().empty() ? pupil.forename : pupil.preferred_forename;
    add(forename, pupil.surname);
    for (const auto& surname : {pupil.preferred_surname, pupil.former_surname}) {
        if (surname.reveal().empty()) continue;
        add(pupil.forename, surname);
        if (forename != pupil.forename) add(forename, surname);
    }
    return out;
}

runtime::Notification education_notice(const runtime::ReadContext& context, const Pupil& pupil,
                                       std::string_view kind, const runtime::SourceTime& when) {
    runtime::Notification out;
    out.agency = context.agency;
    out.role = context.role;
    out.facts.type = TypeId("education_status_changed");
    out.facts.kind = std::string(kind);
    out.facts.occurred_at = runtime::instant_of(when);
    out.subject = subject_of(pupil, context.school_urn);
    auto& identity = out.sections["idn"];
    put(identity, "forenames", pupil.forename);
    put(identity, "surname", pupil.surname);
    std::string known_as = pupil.preferred_forename.reveal();
    if (!pupil.preferred_surname.reveal().empty())
        known_as += (known_as.empty() ? "" : " ") + pupil.preferred_surname.reveal();
    put(identity, "known_as", PersonalText(known_as));
    put(identity, "former_names", pupil.former_surname);
    put(identity, "date_of_birth", pupil.date_of_birth);
    put(identity, "sex", pupil.sex);
    put(identity, "upn", pupil.upn);
    runtime::SectionContent address;
    put(address, "address", pupil.address);
    put(address, "postcode", pupil.postcode);
    if (!address.empty()) out.sections["adr"] = std::move(address);
    return out;
}

std::string school_number(std::string_view la, std::string_view establishment) {
    const auto digits = [](std::string_view text, std::size_t count) {
        return text.size() == count &&
               std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (!digits(la, 3) || !digits(establishment, 4)) return {};
    return std::string(la) + std::string(establishment);
}

namespace {

std::string register_key(std::string_view number) { return "gias/school/" + std::string(number); }

}  // namespace

std::string urn_of_school(const runtime::SourceMemory& memory, std::string_view number) {
    return number.empty() ? std::string() : memory.get(register_key(number)).value_or("");
}

void keep_urn_of_school(runtime::SourceMemory& memory, std::string_view number,
                        const std::string& urn) {
    if (!number.empty() && memory.get(register_key(number)) != urn)
        memory.put(register_key(number), urn);
}

std::optional<double> count_of(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > 1e6)
        return std::nullopt;
    return value;
}

}  // namespace mash::school
