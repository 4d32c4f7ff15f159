#include "agents/runtime/identity/person.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mash::identity {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Both spellings of what stands in nearly every address; the rest is compared as written.
std::string_view street_word(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> words{
        {{"STREET", "ST"},
         {"ROAD", "RD"},
         {"AVENUE", "AVE"},
         {"CLOSE", "CL"},
         {"DRIVE", "DR"},
         {"LANE", "LN"},
         {"CRESCENT", "CRES"},
         {"COURT", "CT"},
         {"PLACE", "PL"},
         {"GARDENS", "GDNS"},
         {"SQUARE", "SQ"},
         {"TERRACE", "TERR"}}};
    for (const auto& [full, cut] : words) {
        if (word == full) return cut;
    }
    return word;
}

void add_name(std::vector<PersonName>& names, std::string_view forename, std::string_view surname) {
    PersonName name{folded(forename), folded(surname), false, false};
    if (name.forename.whole.empty() && name.surname.whole.empty()) return;
    name.has_full_forename = is_full_forename(name.forename);
    name.has_full_surname = is_full_surname(name.surname);
    const bool known = std::ranges::any_of(names, [&](const PersonName& other) {
        return other.forename.whole == name.forename.whole &&
               other.surname.whole == name.surname.whole;
    });
    if (!known) names.push_back(std::move(name));
}

std::string folded_contact(std::string_view text) {
    std::string out;
    bool is_number = true;
    for (const char c : text) {
        if (c == ' ' || c == '\t') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if ((c < '0' || c > '9') && c != '+' && c != '-' && c != '(' && c != ')') is_number = false;
    }
    if (!is_number) return out;
    std::erase_if(out, [](char c) { return c < '0' || c > '9'; });
    if (out.starts_with("0044")) out.erase(0, 4);
    if (out.starts_with("44") && out.size() == 12) out.erase(0, 2);
    if (out.starts_with("0")) out.erase(0, 1);
    return out.size() < 6 ? std::string() : out;
}

}  // namespace

std::string_view to_text(Flag flag) {
    switch (flag) {
        case Flag::nhs_number_unverified: return "nhs_number_unverified";
        case Flag::upn_unverified: return "upn_unverified";
        case Flag::upn_temporary: return "upn_temporary";
        case Flag::uln_unverified: return "uln_unverified";
        case Flag::forename_not_given: return "forename_not_given";
        case Flag::date_of_birth_partial: return "date_of_birth_partial";
        case Flag::date_of_birth_unreadable: return "date_of_birth_unreadable";
        case Flag::postcode_impossible: return "postcode_impossible";
        case Flag::postcode_malformed: return "postcode_malformed";
        case Flag::no_fixed_address: return "no_fixed_address";
    }
    return {};
}

Sex sex_from_text(std::string_view text) {
    text = trimmed(text);
    if (text.size() > 2 && text[1] == ')') text = trimmed(text.substr(2));
    std::string word(text);
    for (auto& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (word == "1" || word == "m" || word == "male") return Sex::male;
    if (word == "2" || word == "f" || word == "female") return Sex::female;
    return Sex::unknown;
}

PersonalIdentity normalised(const PersonRecord& record, Postcodes postcodes) {
    Identity out;
    std::set<Flag> flags;

    const auto add_nhs_number = [&](std::string_view text) {
        auto nhs = check_nhs_number(text);
        if (nhs.quality == NumberQuality::verified)
            out.nhs_numbers.push_back(std::move(nhs.text));
        else if (nhs.quality != NumberQuality::absent)
            flags.insert(Flag::nhs_number_unverified);
    };
    add_nhs_number(record.nhs_number.reveal());
    for (const auto& former : record.former_nhs_numbers) add_nhs_number(former.reveal());

    const auto add_upn = [&](std::string_view text) {
        auto upn = check_upn(text);
        switch (upn.quality) {
            case NumberQuality::verified: out.upns.push_back(std::move(upn.text)); break;
            case NumberQuality::check_failed:
                flags.insert(Flag::upn_unverified);
                out.weak_upns.push_back(std::move(upn.text));
                break;
            case NumberQuality::temporary:
                flags.insert(Flag::upn_temporary);
                out.weak_upns.push_back(std::move(upn.text));
                break;
            case NumberQuality::placeholder:
            case NumberQuality::malformed: flags.insert(Flag::upn_unverified); break;
            case NumberQuality::absent:
            case NumberQuality::reason_code: break;
        }
    };
    add_upn(record.upn.reveal());
    for (const auto& former : record.former_upns) add_upn(former.reveal());
    for (auto* list : {&out.nhs_numbers, &out.upns, &out.weak_upns}) {
        std::ranges::sort(*list);
        const auto repeats = std::ranges::unique(*list);
        list->erase(repeats.begin(), repeats.end());
    }

    auto uln = check_uln(record.uln.reveal());
    if (uln.quality == NumberQuality::verified)
        out.uln = std::move(uln.text);
    else if (uln.quality != NumberQuality::absent)
        flags.insert(Flag::uln_unverified);

    add_name(out.names, record.forename.reveal(), record.surname.reveal());
    if (!out.names.empty() && !out.names.front().has_full_forename)
        flags.insert(Flag::forename_not_given);
    for (const auto& [forename, surname] : record.aliases) {
        add_name(out.names,
                 forename.reveal().empty() ? record.forename.reveal() : forename.reveal(),
                 surname.reveal().empty() ? record.surname.reveal() : surname.reveal());
    }

    out.date_of_birth = birth_date_from_text(record.date_of_birth.reveal());
    if (out.date_of_birth && !out.date_of_birth->is_whole())
        flags.insert(Flag::date_of_birth_partial);
    if (!out.date_of_birth && !record.date_of_birth.reveal().empty())
        flags.insert(Flag::date_of_birth_unreadable);
    out.sex = sex_from_text(record.sex.reveal());

    if (postcodes == Postcodes::any_country) {
        out.postcode = without_separators(record.postcode.reveal());
    } else {
        auto code = check_postcode(record.postcode.reveal());
        if (code.quality == PostcodeQuality::impossible) flags.insert(Flag::postcode_impossible);
        if (code.quality == PostcodeQuality::malformed) flags.insert(Flag::postcode_malformed);
        if (code.quality == PostcodeQuality::no_fixed_address) flags.insert(Flag::no_fixed_address);
        out.postcode = normalise_postcode(record.postcode.reveal());
    }

    for (const auto& word : folded(record.address.reveal()).parts) {
        out.has_house_number = out.has_house_number || (word.front() >= '0' && word.front() <= '9');
        out.address.emplace_back(street_word(word));
    }
    std::ranges::sort(out.address);

    out.contact = folded_contact(record.contact.reveal());
    out.school_urn = normalise_urn(record.school_urn.reveal());
    out.is_of_that_schools_roll = record.is_of_that_schools_roll && !out.school_urn.empty();
    out.is_unborn = record.is_unborn;
    if (record.is_unborn) out.due_date = birth_date_from_text(record.due_date.reveal());
    out.flags.assign(flags.begin(), flags.end());
    return PersonalIdentity(std::move(out));
}

}  // namespace mash::identity
