#include "agents/runtime/core/shown_child.hpp"

#include <algorithm>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/identity/names.hpp"

namespace mash::runtime {
namespace {

Child child_from(std::string_view nhs_number, std::string_view upn, std::string_view born,
                 std::string_view forename_text, std::string_view surname_text) {
    Child child;
    child.nhs_number = normalise_nhs_number(nhs_number);
    child.upn = normalise_upn(upn);
    child.born = normalise_date_of_birth(born);
    const auto forename = identity::folded(forename_text);
    const auto surname = identity::folded(surname_text);
    if (identity::is_full_forename(forename) && identity::is_full_surname(surname)) {
        child.forename = forename.first;
        child.surname = surname.whole;
    }
    return child;
}

}  // namespace

std::vector<Json> section_of(const Step& step, const Opened& opened, std::string_view section) {
    std::vector<Json> found;
    for (const auto& [view, text] : opened.views) {
        const auto* definition =
            step.policy() == nullptr ? nullptr : step.policy()->find_view(view);
        if (definition == nullptr || definition->section != section) continue;
        auto parsed = json_from_text(text.reveal());
        if (parsed && parsed->is_object()) found.push_back(std::move(*parsed));
    }
    return found;
}

Child child_of(const Step& step, const Opened& opened) {
    for (const auto& identity : section_of(step, opened, identity_section)) {
        return child_from(string_at(identity, "nhs_number"), string_at(identity, "upn"),
                          string_at(identity, "date_of_birth"), string_at(identity, "forenames"),
                          string_at(identity, "surname"));
    }
    return {};
}

Child child_of(const Subject& subject) {
    return child_from(subject.nhs_number.reveal(), subject.upn.reveal(),
                      subject.date_of_birth.reveal(), subject.forename.reveal(),
                      subject.surname.reveal());
}

std::string_view how_same(const Child& a, const Child& b) {
    constexpr std::string_view number = "same_number";
    if (!a.nhs_number.empty() && !b.nhs_number.empty())
        return a.nhs_number == b.nhs_number ? number : "";
    if (!a.upn.empty() && !b.upn.empty()) return a.upn == b.upn ? number : "";
    const bool same_name = !a.surname.empty() && a.surname == b.surname && a.forename == b.forename;
    return same_name && !a.born.empty() && a.born == b.born ? "name_and_birth_date" : "";
}

bool is_one_of(const Child& child, const std::vector<Child>& others) {
    return std::ranges::any_of(others,
                               [&](const Child& other) { return !how_same(child, other).empty(); });
}

KeptFrom::KeptFrom(Step& step, const Caller& caller) : step_(step), caller_(caller) {
    for (const auto& subject : subjects_kept_from(step, caller))
        children_.push_back(child_of(subject));
}

bool KeptFrom::hides(const InboxKey& key) {
    if (!anything()) return false;
    const auto known = hidden_.find(key);
    if (known != hidden_.end()) return known->second;
    return hidden_.emplace(key, is_about_one_of_them(key)).first->second;
}

bool KeptFrom::is_about_one_of_them(const InboxKey& key) {
    const auto item = table::inbox.get(step_.tx, key);
    const auto delivery = item ? stored_delivery(step_, key) : std::nullopt;
    if (!delivery) return false;
    const auto& inbox = std::get<0>(key);
    auto keys = keys_.find(inbox);
    if (keys == keys_.end())
        keys = keys_.emplace(inbox, inbox_keys_of(step_, caller_, inbox)).first;
    const auto opened = open_item(*item, key, *delivery, keys->second);
    return opened && hides(child_of(step_, *opened));
}

}  // namespace mash::runtime
