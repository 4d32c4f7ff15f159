#include "agents/social_care/known_children.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"
#include "common/area/calendar.hpp"

namespace mash::social_care {

namespace {

constexpr std::array sources{source::caseload, source::api, source::census, source::placements};

using Json = nlohmann::json;

std::string word(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string text_of(const Child& child) {
    const auto& subject = child.subject;
    Json aliases = Json::array();
    for (const auto& [forename, surname] : subject.aliases) {
        aliases.push_back({forename.reveal(), surname.reveal()});
    }
    Json former_upns = Json::array();
    for (const auto& upn : subject.former_upns) former_upns.push_back(upn.reveal());
    return Json{{"nhs", subject.nhs_number.reveal()},
                {"upn", subject.upn.reveal()},
                {"former_upns", former_upns},
                {"forename", subject.forename.reveal()},
                {"surname", subject.surname.reveal()},
                {"born", subject.date_of_birth.reveal()},
                {"postcode", subject.postcode.reveal()},
                {"aliases", aliases},
                {"unborn", subject.unborn},
                {"sex", child.sex},
                {"due", child.due_date},
                {"grown_up", child.grown_up},
                {"died", child.died}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Child child_of(std::string local_id, const std::string& text) {
    Child out;
    out.local_id = std::move(local_id);
    const Json held = Json::parse(text, nullptr, false);
    if (!held.is_object()) return out;
    auto& subject = out.subject;
    subject.nhs_number = PersonalText(word(held, "nhs"));
    subject.upn = PersonalText(word(held, "upn"));
    subject.forename = PersonalText(word(held, "forename"));
    subject.surname = PersonalText(word(held, "surname"));
    subject.date_of_birth = PersonalText(word(held, "born"));
    subject.postcode = PersonalText(word(held, "postcode"));
    subject.unborn = held.value("unborn", false);
    for (const auto& alias : held.value("aliases", Json::array()))
        subject.aliases.emplace_back(PersonalText(alias.at(0).get<std::string>()),
                                     PersonalText(alias.at(1).get<std::string>()));
    for (const auto& upn : held.value("former_upns", Json::array()))
        subject.former_upns.emplace_back(upn.get<std::string>());
    out.sex = word(held, "sex");
    out.due_date = word(held, "due");
    out.grown_up = held.value("grown_up", false);
    out.died = held.value("died", false);
    return out;
}

/// As far apart as two due dates of one pregnancy may lie (agents/runtime/identity).
constexpr std::chrono::days of_one_pregnancy{42};

std::chrono::sys_days days_of(const area::CivilDate& date) {
    return std::chrono::year(date.year) / std::chrono::month(date.month) /
           std::chrono::day(date.day);
}

bool may_be_one(const std::string& due, const std::string& other) {
    const auto mine = area::civil_date_from_text(due);
    const auto theirs = area::civil_date_from_text(other);
    if (!mine || !theirs) return false;
    return std::chrono::abs(days_of(*mine) - days_of(*theirs)) <= of_one_pregnancy;
}

void fill(PersonalText& mine, const PersonalText& theirs) {
    if (mine.reveal().empty()) mine = theirs;
}

}  // namespace

std::string KnownChildren::key(std::string_view source, const std::string& local_id) const {
    return "social-care/" + agency_ + "/child/" + std::string(source) + "/" + local_id;
}

void KnownChildren::remember(std::string_view source, const Child& child) {
    const std::string where = key(source, child.local_id);
    std::string text = text_of(child);
    if (memory_.get(where) != text) memory_.put(where, std::move(text));
}

std::optional<Child> KnownChildren::from(std::string_view source,
                                         const std::string& local_id) const {
    const auto held = memory_.get(key(source, local_id));
    return held ? std::optional(child_of(local_id, *held)) : std::nullopt;
}

void KnownChildren::forget(const std::string& local_id) {
    for (const auto source : sources) {
        const std::string where = key(source, local_id);
        if (memory_.get(where)) memory_.put(where, "");
    }
}

bool KnownChildren::complete(std::string_view source, Child& child) const {
    if (child.subject.unborn) return complete_unborn(source, child);
    const std::string born = child.subject.date_of_birth.reveal();
    bool agrees = true;
    for (const auto other : sources) {
        if (other == source || born.empty()) continue;
        const auto held = from(other, child.local_id);
        // Of somebody unborn it is the mother's.
        if (!held || held->subject.unborn || held->subject.date_of_birth.reveal().empty()) continue;
        if (held->subject.date_of_birth.reveal() != born) {
            agrees = false;
            continue;
        }
        auto& mine = child.subject;
        const auto& theirs = held->subject;
        const bool nameless = mine.forename.reveal().empty() && mine.surname.reveal().empty();
        if (nameless) {
            mine.forename = theirs.forename;
            mine.surname = theirs.surname;
            mine.aliases = theirs.aliases;
        } else if (!theirs.surname.reveal().empty() &&
                   (theirs.forename.reveal() != mine.forename.reveal() ||
                    theirs.surname.reveal() != mine.surname.reveal())) {
            mine.aliases.emplace_back(theirs.forename, theirs.surname);
        }
        fill(mine.nhs_number, theirs.nhs_number);
        fill(mine.upn, theirs.upn);
        for (const auto& upn : theirs.former_upns) {
            if (std::ranges::find(mine.former_upns, upn) == mine.former_upns.end())
                mine.former_upns.push_back(upn);
        }
        fill(mine.postcode, theirs.postcode);
        if (child.sex.empty() || child.sex == "unknown") child.sex = held->sex;
    }
    return agrees;
}

// Whatever the file itself calls a child that is not born yet, it is found by its mother.
bool KnownChildren::complete_unborn(std::string_view source, Child& child) const {
    const auto mother = source == source::caseload ? std::nullopt : mother_of(child.local_id);
    child.subject = {};
    child.subject.unborn = true;
    if (!mother) return true;
    if (!may_be_one(child.due_date, mother->due_date)) return false;
    child.subject = mother->subject;
    return true;
}

std::optional<Child> KnownChildren::mother_of(const std::string& local_id) const {
    auto held = from(source::caseload, local_id);
    return held && held->subject.unborn ? std::move(held) : std::nullopt;
}

bool is_linkable(const Child& child) {
    return !runtime::canonical_identities(child.subject, runtime::TokenUse::notification).empty();
}

}  // namespace mash::social_care
