#include "agents/social_care/known_children.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"

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
    const std::string born = child.subject.date_of_birth.reveal();
    bool agrees = true;
    for (const auto other : sources) {
        if (other == source || born.empty()) continue;
        const auto held = from(other, child.local_id);
        if (!held || held->subject.date_of_birth.reveal().empty()) continue;
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

bool is_linkable(const Child& child) {
    return !runtime::canonical_identities(child.subject, runtime::TokenUse::notification).empty();
}

}  // namespace mash::social_care
