#include "agents/runtime/core/voucher.hpp"

#include <algorithm>
#include <set>

#include "common/area/alternates.hpp"

namespace mash::runtime {
namespace {

/// Seats whose inbox this person opens, or the one that stands by for it.
bool opens_a_seat_of(Step& step, const area::Agency& agency, const PersonId& person,
                     const RoleId& role) {
    return std::ranges::any_of(agency.seats, [&](const area::SeatEntry& seat) {
        if (seat.role != role) return false;
        const auto alternates = area::alternates_of(agency, role);
        return table::members.contains(step.tx, {seat.inbox, person}) ||
               std::ranges::any_of(alternates, [&](const InboxId& inbox) {
                   return table::members.contains(step.tx, {inbox, person});
               });
    });
}

}  // namespace

std::vector<PersonId> vouchers_of(Step& step, PersonId person) {
    std::vector<PersonId> vouchers;
    std::set<PersonId> seen{person};
    while (const auto row = table::vouched.get(step.tx, person)) {
        // Nobody adds whoever added them: a circle was made by whoever wrote the store.
        if (!seen.insert(row->by).second) break;
        person = row->by;
        vouchers.push_back(person);
    }
    return vouchers;
}

PersonId first_voucher(Step& step, const PersonId& person) {
    const auto vouchers = vouchers_of(step, person);
    return vouchers.empty() ? person : vouchers.back();
}

std::vector<PersonId> people_behind(Step& step, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    std::set<PersonId> people;
    for (const auto& key : table::members.collect_keys(step.tx, {.prefix = prefix}))
        people.insert(std::get<1>(key));
    for (const auto& member : std::vector(people.begin(), people.end())) {
        for (const auto& voucher : vouchers_of(step, member)) {
            if (people.size() < limits::members_per_inbox_max) people.insert(voucher);
        }
    }
    return {people.begin(), people.end()};
}

std::optional<PersonRow> person_here(Step& step, const PersonId& person) {
    auto row = table::people.get(step.tx, person);
    if (!row || row->removed_at.is_set()) return std::nullopt;
    if (!table::vouched.contains(step.tx, person)) return row;
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(row->agency);
    std::erase_if(row->roles, [&](const RoleId& role) {
        return agency == nullptr || !opens_a_seat_of(step, *agency, person, role);
    });
    if (row->roles.empty() && inboxes_of(step, person).empty()) return std::nullopt;
    return row;
}

}  // namespace mash::runtime
