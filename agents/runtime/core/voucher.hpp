// Who stands for whom among an agency's people. Where two people must agree, a person and one whom
// they added themselves are one (domain.md D3): they were shown that person's token.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/caller.hpp"

namespace mash::runtime {

/// The member whose token added this person. No row: the recovery key did, or has since.
struct Vouched {
    PersonId by;
};
inline void write(Writer& out, const Vouched& row) { out.id(row.by); }
inline void read(Reader& in, Vouched& row) { row.by = in.id<PersonId>(); }

namespace table {
inline constexpr Table<PersonId, Vouched> vouched{Space("vouched")};
/// Accounts of one person at agencies of this host: each names the first of them, itself too.
inline constexpr Table<PersonId, Vouched> same_person{Space("same_person")};
}  // namespace table

/// Both are accounts of one person.
void note_same_person(Step& step, const PersonId& person, const PersonId& as);
/// Their other accounts here.
std::vector<PersonId> same_people(Step& step, const PersonId& person);

/// Who added this person, who added that one, and so on to whoever was added with the recovery key;
/// and the other accounts of each.
std::vector<PersonId> vouchers_of(Step& step, const PersonId& person);
/// The last who added somebody; whoever the recovery key added themselves. The same for all
/// accounts of one person.
PersonId first_voucher(Step& step, const PersonId& person);

/// Those who open an inbox, and those who stand behind them: a conflict that names somebody closes
/// every inbox that they, or one whom they added, open. Sorted; no more than a frame takes.
std::vector<PersonId> people_behind(Step& step, const InboxId& inbox);

/// A person who was not removed, as they count now. Whoever a member added has the roles that come
/// with an inbox they open and no other, and is nobody once they open none: they would stand on no
/// list of colleagues, and no colleague could remove them.
std::optional<PersonRow> person_here(Step& step, const PersonId& person);

// membership.cpp
std::vector<InboxId> inboxes_of(Step& step, const PersonId& person);

// inbox_keys.cpp
/// Somebody stands on their own from now on: whom each inbox of the agency is opened by is said
/// anew.
void tell_members_again(Step& step, const AgencyId& agency);

// conflict.cpp
/// Whoever leaves an inbox that a conflict closes, and whom somebody adds whom one keeps out, is
/// kept out until it ends: nobody steps past it.
void keep_out_who_leaves(Step& step, const InboxId& inbox, const PersonId& person);
void keep_out_too(Step& step, const Caller& by, const PersonId& added);

}  // namespace mash::runtime
