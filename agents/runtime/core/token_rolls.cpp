// Lists whose tokens the broker has not all evaluated yet. They lie in the store as identities
// under the storage key and go on, some thousand at a time, behind whatever is about one child.
// The same way states what is held once more when the keys change.
#include <algorithm>

#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {
namespace {

using RollKey = std::tuple<Seat, std::string>;

/// Fewer than so many wanted: look for more.
constexpr std::size_t low_water = 512;
constexpr std::size_t looked_at_once = 2'048;

Bytes entry_key(const RollKey& roll, const Digest& entry) {
    return store::key_bytes(std::get<0>(roll), std::get<1>(roll), entry);
}

/// Looks on from the first entry that waited: all before it are here.
bool are_all_here(Step& step, const RollKey& roll, const PendingRoll& pending) {
    auto& cursors = step.agent.desk.cursors;
    const auto& [seat, relation] = roll;
    const Bytes prefix = store::key_bytes(seat, relation);
    while (true) {
        const auto cursor = cursors.find({seat, relation});
        const Bytes from = cursor == cursors.end() ? prefix : entry_key(roll, cursor->second);
        const auto keys = table::pending_entries.collect_keys(
            step.tx, {.prefix = prefix, .from = from, .limit = looked_at_once});
        std::optional<Digest> waits;
        for (const auto& key : keys) {
            const auto& entry = std::get<2>(key);
            const auto kept = kept_entry(step, sealed::roll_pending, entry_key(roll, entry));
            const auto made =
                make_tokens(step, seat.agency, kept.identities, limits::tokens_per_claim_max,
                            {.is_roll = true, .wait_for_next = pending.own});
            if (made.missing > 0 && !waits) waits = entry;
        }
        if (waits) cursors[{seat, relation}] = *waits;
        if (waits || keys.size() < looked_at_once) return !waits;
        cursors[{seat, relation}] = std::get<2>(keys.back());
    }
}

void complete(Step& step, const RollKey& roll, const PendingRoll& pending) {
    const auto& [seat, relation] = roll;
    Entries entries;
    const Bytes prefix = store::key_bytes(seat, relation);
    for (const auto& key : table::pending_entries.collect_keys(step.tx, {.prefix = prefix}))
        entries.emplace(std::get<2>(key),
                        kept_entry(step, sealed::roll_pending, entry_key(roll, std::get<2>(key))));
    ReplaceRoll list;
    list.seat = seat;
    list.relation = relation;
    list.partial = pending.partial;
    list.confirmed = pending.confirmed;
    forget_pending_roll(step, seat, relation);
    take_identified_roll(step, list, entries, pending.unusable);
}

}  // namespace

void keep_entry(Step& step, store::Space space, ByteView key, const EntryIdentity& entry) {
    Writer row;
    row.u32(static_cast<std::uint32_t>(entry.identities.size()));
    for (const auto& [kind, canonical] : entry.identities)
        row.u8(static_cast<std::uint8_t>(kind)).text(canonical.reveal());
    row.text(entry.shown.reveal());
    step.put_sealed(space, key, row.done());
}

EntryIdentity kept_entry(Step& step, store::Space space, ByteView key) {
    EntryIdentity entry;
    const auto row = step.get_sealed(space, key);
    if (!row) return entry;
    Reader in(*row);
    for (auto left = in.count(5); left > 0 && in.ok(); --left) {
        const auto kind = static_cast<wire::TokenKind>(in.u8());
        entry.identities.emplace_back(kind, PersonalText(in.text()));
    }
    if (in.finished()) return entry;  // kept before anything was shown
    entry.shown = PersonalText(in.text());
    if (in.finished()) return entry;
    step.tx.mark_failed(ErrorCode::store_failed, space.name(), "identities do not decode");
    return {};
}

void keep_pending_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                       std::uint32_t unusable) {
    for (const auto& [entry, identity] : entries) {
        table::pending_entries.put(step.tx, {roll.seat, roll.relation, entry}, {});
        keep_entry(step, sealed::roll_pending, store::key_bytes(roll.seat, roll.relation, entry),
                   identity);
    }
    PendingRoll pending;
    pending.since = step.now.wall;
    pending.entries = static_cast<std::uint32_t>(entries.size());
    pending.unusable = unusable;
    pending.partial = roll.partial;
    pending.confirmed = roll.confirmed;
    table::pending_rolls.put(step.tx, {roll.seat, roll.relation}, pending);
}

bool add_to_pending_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                         std::uint32_t unusable) {
    auto pending = table::pending_rolls.get(step.tx, {roll.seat, roll.relation});
    if (!pending) return false;
    for (const auto& [entry, identity] : entries) {
        if (!table::pending_entries.contains(step.tx, {roll.seat, roll.relation, entry}))
            ++pending->entries;
        table::pending_entries.put(step.tx, {roll.seat, roll.relation, entry}, {});
        keep_entry(step, sealed::roll_pending, store::key_bytes(roll.seat, roll.relation, entry),
                   identity);
    }
    pending->unusable += unusable;
    table::pending_rolls.put(step.tx, {roll.seat, roll.relation}, *pending);
    step.agent.desk.cursors.erase({roll.seat, roll.relation});
    return true;
}

void forget_pending_roll(Step& step, const Seat& seat, const std::string& relation) {
    const Bytes prefix = store::key_bytes(seat, relation);
    for (const auto& key : table::pending_entries.collect_keys(step.tx, {.prefix = prefix})) {
        table::pending_entries.erase(step.tx, key);
        step.tx.erase(sealed::roll_pending, store::key_bytes(seat, relation, std::get<2>(key)));
    }
    table::pending_rolls.erase(step.tx, {seat, relation});
    step.agent.desk.cursors.erase({seat, relation});
}

void go_on_with_rolls(Step& step) {
    if (!step.agent.link.welcomed || step.registry() == nullptr || step.policy() == nullptr) return;
    for (const auto& [roll, pending] : table::pending_rolls.collect(step.tx, {})) {
        if (step.agent.desk.rolls.size() >= low_water) return;
        // Taking one in may state others anew, which then have gone on already.
        if (!table::pending_rolls.contains(step.tx, roll)) continue;
        if (are_all_here(step, roll, pending)) complete(step, roll, pending);
    }
}

Digest epochs_digest(const Step& step, const AgencyId& agency, bool without_next) {
    Writer all;
    if (const auto epochs = step.agent.tokens.find(agency); epochs != step.agent.tokens.end()) {
        for (const auto& epoch : epochs->second) {
            all.u16(epoch.epoch).fixed(epoch.key.view());
            if (without_next) break;
        }
    }
    return crypto::labelled_hash("mash.v1.token-epochs", {all.done()});
}

void state_rolls_anew(Step& step) {
    for (const auto& [roll, row] : table::rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = roll;
        const auto now = epochs_digest(step, seat.agency, false);
        if (!step.agent.tokens.contains(seat.agency) ||
            table::roll_epochs.get(step.tx, roll) == now ||
            table::pending_rolls.contains(step.tx, roll))
            continue;  // a list that is on its way is made under today's keys
        Entries entries;
        const Bytes prefix = store::key_bytes(seat, relation);
        for (const auto& key : table::claims.collect_keys(step.tx, {.prefix = prefix})) {
            auto kept = kept_entry(step, sealed::roll_identity, entry_key(roll, std::get<2>(key)));
            if (!kept.identities.empty()) entries.emplace(std::get<2>(key), std::move(kept));
        }
        if (entries.empty()) continue;
        ReplaceRoll list;
        list.seat = seat;
        list.relation = relation;
        list.partial = true;  // what was stated without identities stays as it is
        keep_pending_roll(step, list, entries, 0);
        auto pending = table::pending_rolls.get(step.tx, roll).value_or(PendingRoll{});
        pending.own = true;
        table::pending_rolls.put(step.tx, roll, pending);
    }
}

}  // namespace mash::runtime
