// What is stored about subject tokens and the lists whose tokens are being made.
#pragma once

#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/records.hpp"

namespace mash::runtime {

/// A list whose identities are not all evaluated yet.
struct PendingRoll {
    WallTime since;
    std::uint32_t entries = 0;
    std::uint32_t unusable = 0;
    bool partial = false;
    bool confirmed = false;
    bool own = false;  ///< what is held already, under the next keys
};
inline void write(Writer& out, const PendingRoll& row) {
    out.i64(row.since.unix_ms()).u32(row.entries).u32(row.unusable);
    out.flag(row.partial).flag(row.confirmed).flag(row.own);
}
inline void read(Reader& in, PendingRoll& row) {
    row.since = WallTime::from_unix_ms(in.i64());
    row.entries = in.u32();
    row.unusable = in.u32();
    row.partial = in.flag();
    row.confirmed = in.flag();
    row.own = in.flag();
}

struct Count {
    std::uint64_t rows = 0;
};
inline void write(Writer& out, const Count& count) { out.u64(count.rows); }
inline void read(Reader& in, Count& count) { count.rows = in.u64(); }

namespace table {

inline constexpr Table<std::tuple<Seat, std::string>, PendingRoll> pending_rolls{
    Space("pending_rolls")};
inline constexpr Table<std::tuple<Seat, std::string, Digest>, Flag> pending_entries{
    Space("pending_entries")};
/// Under which keys the tokens of a list were made.
inline constexpr Table<std::tuple<Seat, std::string>, Digest> roll_epochs{Space("roll_epochs")};
/// Went without all of its tokens: added to when they are here.
inline constexpr Table<NotificationId, Flag> tokens_late{Space("tokens_late")};
/// To be stated, or stated anew, once its tokens are here; the declaring agency.
inline constexpr Table<ConflictId, Name> conflicts_open{Space("conflicts_open")};
/// Outputs by the week in which they were last used.
inline constexpr Table<std::tuple<WallTime, Digest>, Flag> token_outputs_used{
    Space("token_outputs_used")};
/// How many outputs there are, under 0.
inline constexpr Table<std::uint8_t, Count> token_outputs_kept{Space("token_outputs_kept")};

}  // namespace table

namespace sealed {

/// Week of the last use, output of the OPRF; by keyed digest of key and identity.
inline constexpr store::Space token_output{"token_outputs"};
/// Identities of an entry, keys as in table::claims: of what is held, waits for the broker, waits
/// for a person.
inline constexpr store::Space roll_identity{"roll_identities"};
inline constexpr store::Space roll_pending{"roll_identities_pending"};
inline constexpr store::Space roll_waiting{"roll_identities_waiting"};

}  // namespace sealed

/// A list that only adds, to the one that waits for its tokens: false when none does.
bool add_to_pending_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                         std::uint32_t unusable);

}  // namespace mash::runtime
