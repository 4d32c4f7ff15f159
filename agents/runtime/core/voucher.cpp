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

void note_same_person(Step& step, const PersonId& person, const PersonId& as) {
    const auto known = table::same_person.get(step.tx, as);
    const PersonId first = known ? known->by : as;
    table::same_person.put(step.tx, as, {first});
    table::same_person.put(step.tx, person, {first});
}

std::vector<PersonId> same_people(Step& step, const PersonId& person) {
    std::vector<PersonId> others;
    const auto first = table::same_person.get(step.tx, person);
    if (!first) return others;
    for (const auto& [other, row] : table::same_person.collect(step.tx, {})) {
        if (row.by == first->by && other != person) others.push_back(other);
    }
    return others;
}

std::vector<PersonId> vouchers_of(Step& step, const PersonId& person) {
    std::vector<PersonId> vouchers;
    std::set<PersonId> seen{person};
    const auto add = [&](const PersonId& one) {
        if (seen.insert(one).second) vouchers.push_back(one);
    };
    for (std::size_t next = 0; next <= vouchers.size(); ++next) {
        const PersonId of = next == 0 ? person : vouchers[next - 1];
        if (const auto row = table::vouched.get(step.tx, of)) add(row->by);
        for (const auto& other : same_people(step, of)) add(other);
    }
    return vouchers;
}

PersonId first_voucher(Step& step, const PersonId& person) {
    const auto first_of = [&](const PersonId& one) {
        const auto row = table::same_person.get(step.tx, one);
        return row ? row->by : one;
    };
    PersonId at = first_of(person);
    std::set<PersonId> seen{at};
    while (const auto row = table::vouched.get(step.tx, at)) {
        // Nobody adds whoever added them: a circle was made by whoever wrote the store.
        const PersonId by = first_of(row->by);
        if (!seen.insert(by).second) break;
        at = by;
    }
    return at;
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
