// Who stands for whom among an agency's people. Where two people must agree, a person and one whom
// they added themselves are one (domain.md D3).
#pragma once

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// The member whose token added this person. No row: the recovery key did, or has since.
struct Vouched {
    PersonId by;
};
inline void write(Writer& out, const Vouched& row) { out.id(row.by); }
inline void read(Reader& in, Vouched& row) { row.by = in.id<PersonId>(); }

namespace table {
inline constexpr Table<PersonId, Vouched> vouched{Space("vouched")};
}  // namespace table

/// The person at the beginning of the chain of those who added one another: whoever was added
/// with the recovery key.
PersonId first_voucher(Step& step, PersonId person);

}  // namespace mash::runtime
