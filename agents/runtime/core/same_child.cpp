#include "agents/runtime/core/same_child.hpp"

#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/received.hpp"

namespace mash::runtime {

/// Twins share name, day and home: whole forenames that differ are two children, unless a number or
/// a token of both says otherwise. An initial, or a name that nobody is sure of, says nothing.
SameChild SaidChildren::same(const Said& a, const Said& b) {
    if (!how_same(a.child, b.child).empty()) return SameChild::yes;
    if (a.family && b.family) {
        if (is_same_child(*a.family, *b.family)) return SameChild::yes;
        if (are_two_children(*a.family, *b.family)) return SameChild::no;
    }
    const auto differ = [](const std::string& one, const std::string& other) {
        return !one.empty() && !other.empty() && one != other;
    };
    const bool are_two = differ(a.child.nhs_number, b.child.nhs_number) ||
                         differ(a.child.upn, b.child.upn) || differ(a.child.born, b.child.born) ||
                         differ(a.child.forename, b.child.forename);
    return are_two ? SameChild::no : SameChild::perhaps;
}

const SaidChildren::Said& SaidChildren::said_in(const InboxKey& key) {
    const auto [place, is_new] = said_.try_emplace(key);
    auto& said = place->second;
    if (!is_new) return said;
    const auto item = table::inbox.get(step_.tx, key);
    said.is_here = item && !gone(*item);
    const auto delivery = said.is_here ? stored_delivery(step_, key) : std::nullopt;
    const auto opened = delivery ? open_item(*item, key, *delivery, keys_)
                                 : Result<Opened>(fail(ErrorCode::not_found));
    said.is_read = opened.has_value();
    if (!opened) return said;
    said.child = child_of(step_, *opened);
    said.family = family_in(opened->cover);
    return said;
}

SaidChildren::Compared SaidChildren::compare(const EventKeys& a, const EventKeys& b) {
    Compared found;
    for (const auto& one : a) {
        const auto& here = said_in(one);
        if (!here.is_here) continue;
        if (!here.is_read) found.unreadable = one;
        for (const auto& other : b) {
            const auto& there = said_in(other);
            if (!there.is_here) continue;
            if (!there.is_read) found.unreadable = other;
            if (!here.is_read || !there.is_read) continue;
            const auto same_child = same(here, there);
            if (same_child == SameChild::no) return {SameChild::no, {}};
            if (same_child == SameChild::yes) found.same = SameChild::yes;
        }
    }
    return found;
}

}  // namespace mash::runtime
