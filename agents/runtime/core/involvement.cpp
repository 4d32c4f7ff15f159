// Who works with which child: the whole roll or caseload of one seat, as signed claims with a lease
// of 14 days that is renewed every week. The broker gets tokens only. A list that would end more
// than a tenth of what is held, or has other children under those references, is kept aside and
// waits for a person (rolls_waiting.cpp): half a file, or another school's, is more likely than
// half a school leaving.
#include <algorithm>
#include <iterator>
#include <set>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/severed.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours lease{24 * 14};
constexpr std::chrono::hours renew_every{24 * 7};
/// Well under a frame: a claim is some 700 bytes with all its tokens.
constexpr std::size_t claims_per_part = 250;

using EntryKey = std::tuple<Seat, std::string, Digest>;

struct Wanted {
    std::vector<wire::Token> tokens;
    Digest digest{};
    EntryIdentity identity;  ///< kept, so that it can be stated under other keys, and shown
    bool without_next = false;
};

Digest digest_of(const std::vector<wire::Token>& tokens) {
    Writer all;
    for (const auto& token : tokens)
        all.u8(static_cast<std::uint8_t>(token.kind)).u16(token.epoch).fixed(token.value);
    return crypto::labelled_hash("mash.v1.claimed-tokens", {all.done()});
}

/// May this seat say so at all? The broker asks the same; here it is a sentence before anything is
/// sent.
Result<void> check_relation(const Step& step, const ReplaceRoll& roll) {
    if (!step.serves(roll.seat.agency)) return fail(ErrorCode::wrong_host);
    if (step.registry() == nullptr || step.policy() == nullptr) return fail(ErrorCode::busy);
    const auto* agency = step.registry()->find_active_agency(roll.seat.agency, step.now.wall);
    if (agency == nullptr || step.registry()->find_seat(roll.seat) == nullptr)
        return fail(ErrorCode::not_entitled);
    const auto* relation = step.policy()->find_relation(roll.relation);
    if (relation == nullptr) return fail(ErrorCode::bad_value);
    const auto holds = [](const auto& list, const auto& value) {
        return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
    };
    if (!holds(relation->claimed_by, agency->kind) || !holds(relation->roles, roll.seat.role)) {
        return fail(ErrorCode::not_entitled);
    }
    if (roll.entries.size() > limits::roll_claims_max) return fail(ErrorCode::too_many);
    if (!step.agent.tokens.contains(roll.seat.agency))
        return fail(ErrorCode::busy);  // the pepper is not here yet
    return {};
}

/// Of a row whose source gives it no reference, or one that stands on another child's row too: as
/// many rows are as many children.
Digest child_key(const Step& step, const std::vector<Identity>& identities) {
    Writer all;
    for (const auto& [kind, text] : identities)
        all.u8(static_cast<std::uint8_t>(kind)).bytes(view_of(text.reveal()));
    const Bytes bytes = all.done();
    return step.keyed("roll-entry-child", {bytes});
}

/// A child may be known by as many names, and no more of them are kept.
constexpr std::size_t names_kept_max = 8;

bool share_number(const Subject& a, const Subject& b) {
    const auto identities_of = [](Subject one) {
        one.forename = one.surname = one.postcode = one.school_urn = PersonalText();
        one.aliases.clear();
        return canonical_identities(one, TokenUse::caseload);
    };
    const auto ours = identities_of(a);
    return std::ranges::any_of(identities_of(b), [&](const Identity& theirs) {
        return std::ranges::any_of(ours, [&](const Identity& one) {
            return one.first == theirs.first && one.second.reveal() == theirs.second.reveal();
        });
    });
}

/// The record names the child otherwise than it did: it is found by both names. Only where a number
/// and the birth date say that it is the same child; a reference is given to another one day.
void keep_earlier_names(const Subject& before, Subject& now) {
    if (now.unborn || before.unborn || !share_number(before, now)) return;
    const auto folded = [](const PersonalText& forename, const PersonalText& surname) {
        return first_forename(forename.reveal()) + "|" + fold_name(surname.reveal());
    };
    std::set<std::string> known{folded(now.forename, now.surname)};
    const auto whole = [](const Subject& of, const auto& alias) {
        return std::pair(alias.first.reveal().empty() ? of.forename : alias.first,
                         alias.second.reveal().empty() ? of.surname : alias.second);
    };
    for (const auto& alias : now.aliases) {
        const auto [forename, surname] = whole(now, alias);
        known.insert(folded(forename, surname));
    }
    const auto add = [&](const PersonalText& forename, const PersonalText& surname) {
        if (known.size() < names_kept_max && known.insert(folded(forename, surname)).second)
            now.aliases.emplace_back(forename, surname);
    };
    add(before.forename, before.surname);
    for (const auto& alias : before.aliases) {
        const auto [forename, surname] = whole(before, alias);
        add(forename, surname);
    }
}

/// As this list states it: with what was known of the child before, and without what an adoption
/// severed.
Subject stated_subject(Step& step, const ReplaceRoll& roll, const RollEntry& entry,
                       const SeveredIdentities& severed) {
    Subject subject = entry.subject;
    const auto* rule = step.policy()->find_relation(roll.relation);
    if (entry.source_ref.empty() || (rule != nullptr && rule->severs)) return subject;
    const Digest key = step.keyed("roll-entry", {view_of(entry.source_ref)});
    if (touches_severed(step, roll.seat, roll.relation, key))
        return severed.without(of_today(std::move(subject)));
    const auto kept =
        kept_entry(step, sealed::roll_identity, store::key_bytes(roll.seat, roll.relation, key));
    if (const auto before = subject_from_text(kept.shown.reveal()))
        keep_earlier_names(*before, subject);
    return severed.without(subject);
}

/// By the source's own reference; entries without a strong identity cannot be recognised by
/// anybody.
Entries entries_of(Step& step, const ReplaceRoll& roll, std::uint32_t& unusable) {
    const auto& urn = step.registry()->find_agency(roll.seat.agency)->urn;
    const auto use = urn.empty() ? TokenUse::caseload : TokenUse::roll;
    std::vector<std::pair<std::string_view, EntryIdentity>> rows;
    std::map<std::string_view, const std::vector<Identity>*> by_ref;
    std::set<std::string_view> shared;
    rows.reserve(roll.entries.size());
    const SeveredIdentities severed(step);
    const auto* rule = step.policy()->find_relation(roll.relation);
    for (const auto& entry : roll.entries) {
        // A row of a child who was born, in the list of births: their own claims would count no
        // more.
        if (rule != nullptr && rule->closes && !entry.subject.unborn) {
            ++unusable;
            continue;
        }
        Subject subject = stated_subject(step, roll, entry, severed);
        if (!urn.empty()) subject.school_urn = PersonalText(urn);
        auto identities = canonical_identities(subject, use);
        if (identities.empty()) {
            ++unusable;
            continue;
        }
        // Nobody is asked whether a child is one of before.
        if (rule == nullptr || !rule->severs)
            std::ranges::move(weak_identities(subject, use), std::back_inserter(identities));
        const auto& [ref, child] = rows.emplace_back(
            entry.source_ref, EntryIdentity{std::move(identities), subject_text(subject)});
        const auto [at, is_new] = by_ref.emplace(ref, &child.identities);
        if (!is_new && *at->second != child.identities) shared.insert(ref);
    }
    Entries entries;
    for (auto& [ref, child] : rows) {
        // Of all whom it names, so that the order of rows does not matter.
        const bool is_own = !ref.empty() && !shared.contains(ref);
        const Digest key =
            is_own ? step.keyed("roll-entry", {view_of(ref)}) : child_key(step, child.identities);
        entries.insert_or_assign(key, std::move(child));
    }
    return entries;
}

/// Nothing: some tokens wait for the broker, and are asked for.
std::optional<std::map<Digest, Wanted>> wanted_of(Step& step, const ReplaceRoll& roll,
                                                  const Entries& entries) {
    const auto& agency = roll.seat.agency;
    const auto* rule = step.policy()->find_relation(roll.relation);
    const bool is_keeper = rule != nullptr && rule->severs;
    std::map<Digest, Wanted> wanted;
    bool is_missing = false;
    for (const auto& [entry, identity] : entries) {
        auto made = make_tokens(step, agency, identity.identities, limits::tokens_per_claim_max,
                                {.is_roll = true});
        is_missing = is_missing || made.missing > 0;
        if (is_missing) continue;
        if (!is_keeper) leave_out_severed(step, made.tokens);
        Wanted one;
        one.tokens = std::move(made.tokens);
        one.digest = digest_of(one.tokens);
        one.identity = identity;
        one.without_next = made.without_next;
        wanted.emplace(entry, std::move(one));
    }
    if (is_missing) return std::nullopt;
    return wanted;
}

/// So that they can be stated under the keys that come. `others`: whose claim stays another
/// child's.
void keep_identities_of(Step& step, const Seat& seat, const std::string& relation,
                        const std::map<Digest, Wanted>& wanted, store::Space space,
                        const std::set<Digest>& others = {}) {
    bool without_next = false;
    for (const auto& [entry, one] : wanted) {
        without_next = without_next || one.without_next;
        if (!one.identity.identities.empty() && !others.contains(entry))
            keep_entry(step, space, store::key_bytes(seat, relation, entry), one.identity);
    }
    if (space.name() == sealed::roll_identity.name())
        table::roll_epochs.put(step.tx, {seat, relation},
                               epochs_digest(step, seat.agency, without_next));
}

/// Where the policy has the holders asked, a list stays here (asked.cpp).
bool is_deposited(const Step& step, const std::string& relation) {
    return step.policy() == nullptr || step.policy()->relation_is_indexed(relation);
}

bool was_deposited(const RollRow& row) { return row.stated_by != crypto::VerifyKey(); }

std::string roll_name(const Seat& seat, const std::string& relation, std::size_t part) {
    return "roll/" + seat.agency.value() + "/" + seat.role.value() + "/" + relation + "/" +
           std::to_string(part);
}

/// States everything held for this seat and relation, as of now. `rows` are written with what was
/// signed.
void state_roll(Step& step, const Seat& seat, const std::string& relation,
                std::vector<std::pair<Digest, wire::InvolvementClaim>> claims,
                const crypto::SigningKey& key) {
    const std::uint64_t serial = next_claim_serial(step);
    const bool deposits = is_deposited(step, relation);
    const auto before = table::rolls.get(step.tx, {seat, relation});
    std::vector<wire::SignedClaim> signed_claims;
    signed_claims.reserve(claims.size());
    for (auto& [entry, claim] : claims) {
        claim.serial = serial;
        claim.lease_until = step.now.wall + lease;
        wire::SignedClaim one;
        one.body = wire::encode_body(claim);
        table::claims.put(step.tx, {seat, relation, entry},
                          {claim.id, digest_of(claim.tokens), claim.lease_until, one.body});
        if (!deposits) continue;
        one.signature = crypto::sign(key, wire::label::claim, one.body);
        signed_claims.push_back(std::move(one));
    }
    // What was deposited once is taken back by a list of nobody; else there is nothing to say.
    const bool says_so = deposits || (before && was_deposited(*before));
    const std::size_t parts =
        says_so ? std::max<std::size_t>(
                      1, (signed_claims.size() + claims_per_part - 1) / claims_per_part)
                : 0;
    for (std::size_t part = 0; part < parts; ++part) {
        wire::ReplaceRoll frame;
        frame.agency = seat.agency;
        frame.seat = seat;
        frame.relation = relation;
        frame.serial = serial;
        frame.part = static_cast<std::uint32_t>(part);
        frame.parts = static_cast<std::uint32_t>(parts);
        const auto from = part * claims_per_part;
        const auto to = std::min(signed_claims.size(), from + claims_per_part);
        for (auto i = from; i < to; ++i) frame.claims.push_back(std::move(signed_claims[i]));
        put_errand(step, roll_name(seat, relation, part), std::move(frame), wire::Lane::bulk, true);
    }
    for (std::size_t part = parts;
         table::errands.contains(step.tx, roll_name(seat, relation, part)); ++part) {
        drop_errand(step, roll_name(seat, relation, part));
    }
    RollRow row;
    row.serial = serial;
    row.held = static_cast<std::uint32_t>(claims.size());
    row.sent_at = step.now.wall;
    if (deposits) row.stated_by = key.verify_key();
    table::rolls.put(step.tx, {seat, relation}, row);
}

/// A list that waits takes the place of one that waited before. Tokens only, as in the claims.
void keep_waiting(Step& step, const Seat& seat, const std::string& relation,
                  const std::map<Digest, Wanted>& wanted, const RollReplaced& counts) {
    forget_waiting_roll(step, seat, relation);
    for (const auto& [entry, one] : wanted) {
        Writer tokens;
        tokens.u32(static_cast<std::uint32_t>(one.tokens.size()));
        for (const auto& token : one.tokens)
            tokens.u8(static_cast<std::uint8_t>(token.kind)).u16(token.epoch).fixed(token.value);
        table::waiting_claims.put(step.tx, {seat, relation, entry}, {tokens.take()});
    }
    keep_identities_of(step, seat, relation, wanted, sealed::roll_waiting);
    WaitingRoll waiting;
    waiting.id = step.random_id<NotificationId>();
    waiting.since = step.now.wall;
    waiting.added = counts.added;
    waiting.ended = counts.ended;
    waiting.kept = counts.kept;
    waiting.unusable = counts.unusable;
    table::waiting_rolls.put(step.tx, {seat, relation}, waiting);
}

std::map<Digest, Wanted> waiting_list(Step& step, const Seat& seat, const std::string& relation) {
    std::map<Digest, Wanted> wanted;
    const Bytes prefix = store::key_bytes(seat, relation);
    for (const auto& [key, row] : table::waiting_claims.collect(step.tx, {.prefix = prefix})) {
        Reader in(row.bytes);
        Wanted one;
        for (auto left = in.count(35); left > 0; --left) {
            wire::Token token;
            token.kind = static_cast<wire::TokenKind>(in.u8());
            token.epoch = in.u16();
            token.value = in.array<32>();
            one.tokens.push_back(token);
        }
        if (!in.finished()) {
            step.tx.mark_failed(ErrorCode::store_failed, table::waiting_claims.space().name(),
                                "a waiting list does not decode");
            return {};
        }
        one.digest = digest_of(one.tokens);
        one.identity = kept_entry(step, sealed::roll_waiting,
                                  store::key_bytes(seat, relation, std::get<2>(key)));
        wanted.emplace(std::get<2>(key), std::move(one));
    }
    return wanted;
}

void answer(Step& step, const RollReplaced& reply) { step.effects.emplace_back(reply); }

bool may_confirm(Step& step, const ReplaceRoll& roll, ErrorCode& refused) {
    if (!roll.credential) return roll.confirmed;  // the shell's own operator command
    const auto caller = authenticate(step, *roll.credential);
    if (!caller) {
        refused = caller.error();
        return false;
    }
    if (!caller->service && caller->row.agency != roll.seat.agency) {
        refused = ErrorCode::not_entitled;
        return false;
    }
    return roll.confirmed && !caller->service;
}

/// The entry says of the child what it said: only its tokens are others, under other keys or by
/// more kinds. Then its claim is the same, and what people have answered about it counts on.
bool is_as_it_was(Step& step, const EntryKey& key, const EntryIdentity& now) {
    const auto& [seat, relation, entry] = key;
    const auto before =
        kept_entry(step, sealed::roll_identity, store::key_bytes(seat, relation, entry));
    const auto strong = [](std::vector<Identity> identities) {
        std::erase_if(identities, [](const Identity& one) { return !wire::is_strong(one.first); });
        return identities;
    };
    const auto said = strong(before.identities);
    return !said.empty() && said == strong(now.identities);
}

/// The entry still names the child it named. Whatever says who that is and stands in both will do,
/// for a name or birth date that is put right leaves another kind as it was; also the weak one of
/// name and birth date, for here nobody is linked by it: another list agrees in it with next to
/// nobody. Of a birth nothing stands in both (the mother, and then the child). An entry that was
/// kept without identities has its tokens alone.
bool names_same_child(Step& step, const EntryKey& key, const ClaimRow& row, const Wanted& now) {
    const auto& [seat, relation, entry] = key;
    const auto before =
        kept_entry(step, sealed::roll_identity, store::key_bytes(seat, relation, entry));
    const auto says_who = [](wire::TokenKind kind) {
        return wire::is_strong(kind) || kind == wire::TokenKind::name_dob;
    };
    const auto stands_in = [](const auto& all, const auto& one) {
        return std::ranges::find(all, one) != all.end();
    };
    const auto is_unborn = [](const Identity& one) { return one.first == wire::TokenKind::unborn; };
    const auto& of_now = now.identity.identities;
    if (std::ranges::any_of(before.identities, is_unborn) &&
        std::ranges::none_of(of_now, is_unborn))
        return true;
    if (!before.identities.empty()) {
        return std::ranges::any_of(before.identities, [&](const Identity& one) {
            return says_who(one.first) && stands_in(of_now, one);
        });
    }
    const auto claim = wire::decode_body<wire::InvolvementClaim>(row.body);
    return claim && std::ranges::any_of(claim->tokens, [&](const wire::Token& one) {
               return says_who(one.kind) && stands_in(now.tokens, one);
           });
}

/// Entries under whose reference the list has another child. Their claims end, though no
/// reference is gone.
std::set<Digest> replaced_in(Step& step, const std::vector<std::pair<EntryKey, ClaimRow>>& held,
                             const std::map<Digest, Wanted>& wanted) {
    std::set<Digest> replaced;
    for (const auto& [key, row] : held) {
        const auto still = wanted.find(std::get<2>(key));
        if (still == wanted.end() || still->second.digest == row.tokens) continue;
        // Of an identity that was severed nothing is left to compare.
        if (area::strong_tokens(still->second.tokens).empty()) continue;
        if (!names_same_child(step, key, row, still->second)) replaced.insert(still->first);
    }
    return replaced;
}

/// A list still waits for its person, though what is held was stated anew.
void keep_waiting_marks(Step& step, const std::tuple<Seat, std::string>& key,
                        const RollRow& before) {
    auto row = table::rolls.get(step.tx, key).value_or(RollRow{});
    row.waits = true;
    row.waiting_added = before.waiting_added;
    row.waiting_ended = before.waiting_ended;
    table::rolls.put(step.tx, key, row);
}

/// From here on it is the same whether the list has just come or has waited for its person.
void take_list(Step& step, const ReplaceRoll& roll, const std::map<Digest, Wanted>& wanted,
               const crypto::SigningKey& key, bool confirmed, RollReplaced reply);

}  // namespace

void replace_roll(Step& step, const ReplaceRoll& roll) {
    RollReplaced reply;
    reply.reply = roll.reply;
    std::optional<ErrorCode> why;
    ErrorCode refused{};
    const bool confirmed = may_confirm(step, roll, refused);
    if (refused != ErrorCode{}) why = refused;
    if (!why) {
        if (const auto checked = check_relation(step, roll); !checked) why = checked.error();
    }
    const auto* key = step.signing_key(roll.seat.agency);
    if (!why && key == nullptr) why = ErrorCode::unknown_key;
    if (why) {
        reply.code = *why;
        step.record(LogEvent::claim_refused, *why, {}, roll.seat.agency);
        return answer(step, reply);
    }
    const auto entries = entries_of(step, roll, reply.unusable);
    // What only adds takes no whole list's place.
    if (roll.partial && add_to_pending_roll(step, roll, entries, reply.unusable)) {
        reply.ok = true;
        reply.waits_for_broker = true;
        return answer(step, reply);
    }
    forget_pending_roll(step, roll.seat, roll.relation);
    if (const auto wanted = wanted_of(step, roll, entries))
        return take_list(step, roll, *wanted, *key, confirmed, reply);
    ReplaceRoll kept = roll;
    kept.confirmed = confirmed;
    keep_pending_roll(step, kept, entries, reply.unusable);
    reply.ok = true;
    reply.waits_for_broker = true;
    answer(step, reply);
}

void take_identified_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                          std::uint32_t unusable) {
    const auto* key = step.signing_key(roll.seat.agency);
    if (key == nullptr || !check_relation(step, roll)) {
        step.record(LogEvent::claim_refused, ErrorCode::not_entitled, {}, roll.seat.agency);
        return;
    }
    const auto wanted = wanted_of(step, roll, entries);
    if (!wanted) return;
    RollReplaced reply;
    reply.unusable = unusable;
    take_list(step, roll, *wanted, *key, roll.confirmed, reply);
}

namespace {

void take_list(Step& step, const ReplaceRoll& roll, const std::map<Digest, Wanted>& wanted,
               const crypto::SigningKey& key, bool confirmed, RollReplaced reply) {
    const Bytes prefix = store::key_bytes(roll.seat, roll.relation);
    const auto held = table::claims.collect(step.tx, {.prefix = prefix});
    const auto* rule = step.policy()->find_relation(roll.relation);
    // Nobody can be told what would be said of it: it is of an identity of before, and nothing
    // else.
    const auto is_severed = [&](const Wanted& one) {
        return area::strong_tokens(one.tokens).empty() && !(rule != nullptr && rule->severs);
    };

    const auto replaced = replaced_in(step, held, wanted);
    const auto is_lost = [&](const Digest& entry) {
        const auto still = wanted.find(entry);
        if (still == wanted.end()) return !roll.partial;
        return is_severed(still->second) || replaced.contains(entry);
    };
    const auto lost = std::ranges::count_if(
        held, [&](const auto& row) { return is_lost(std::get<2>(row.first)); });
    const bool is_asked =
        !held.empty() && static_cast<std::size_t>(lost) * 10 > held.size() && !confirmed;
    // What only adds takes no whole list's place, and so waits for nobody: whom it would end stays,
    // until the whole list comes and asks.
    const bool ends_nobody = is_asked && roll.partial;

    std::vector<std::pair<Digest, wire::InvolvementClaim>> claims;
    std::vector<Digest> ended;
    std::vector<Digest> severed;
    std::set<Digest> seen;
    for (const auto& [row_key, row] : held) {
        const auto& entry = std::get<2>(row_key);
        const auto still = wanted.find(entry);
        const bool stays = ends_nobody && is_lost(entry);
        if (still != wanted.end() && is_severed(still->second) && !stays) continue;
        // A row that could not be read may be any child's: such a list ends nobody.
        if (still == wanted.end() && !roll.partial) {
            ended.push_back(entry);
            continue;
        }
        const bool has_other_tokens =
            still != wanted.end() && still->second.digest != row.tokens && !stays;
        // Another child, or the same by another name: a new claim below.
        if (has_other_tokens && !is_as_it_was(step, row_key, still->second.identity)) continue;
        auto claim = wire::decode_body<wire::InvolvementClaim>(row.body);
        if (!claim) continue;
        if (has_other_tokens) claim->tokens = still->second.tokens;
        claims.emplace_back(entry, std::move(*claim));
        seen.insert(entry);
        ++reply.kept;
    }
    for (const auto& [entry, one] : wanted) {
        if (seen.contains(entry)) continue;
        if (is_severed(one)) {
            severed.push_back(entry);
            continue;
        }
        wire::InvolvementClaim claim;
        claim.id = step.random_id<ClaimId>();
        claim.agency = roll.seat.agency;
        claim.seat = roll.seat;
        claim.relation = roll.relation;
        claim.tokens = one.tokens;
        claim.starts = step.now.wall;
        claims.emplace_back(entry, std::move(claim));
        ++reply.added;
    }
    reply.ended = ends_nobody ? 0 : static_cast<std::uint32_t>(lost);
    if (ends_nobody) step.record_count(LogEvent::roll_held, lost);
    if (is_asked && !ends_nobody) {
        reply.waits_for_person = true;
        reply.code = ErrorCode::held;
        if (auto row = table::rolls.get(step.tx, {roll.seat, roll.relation})) {
            row->waits = true;
            row->waiting_added = reply.added;
            row->waiting_ended = reply.ended;
            table::rolls.put(step.tx, {roll.seat, roll.relation}, *row);
        }
        keep_waiting(step, roll.seat, roll.relation, wanted, reply);
        step.record_count(LogEvent::roll_held, lost);
        return answer(step, reply);
    }
    const auto before = table::rolls.get(step.tx, {roll.seat, roll.relation});
    if (!roll.partial) forget_waiting_roll(step, roll.seat, roll.relation);
    keep_identities_of(step, roll.seat, roll.relation, wanted, sealed::roll_identity,
                       ends_nobody ? replaced : std::set<Digest>());
    for (const auto* gone : {&ended, &severed}) {
        for (const auto& entry : *gone) {
            table::claims.erase(step.tx, {roll.seat, roll.relation, entry});
            step.tx.erase(sealed::roll_identity, store::key_bytes(roll.seat, roll.relation, entry));
        }
    }
    state_roll(step, roll.seat, roll.relation, std::move(claims), key);
    if (roll.partial && before && before->waits)
        keep_waiting_marks(step, {roll.seat, roll.relation}, *before);
    reply.ok = true;
    step.record_count(LogEvent::claim_recorded, std::int64_t{reply.added} + reply.kept);
    answer(step, reply);
    if (rule != nullptr && rule->severs) state_lists_without_severed(step);
}

}  // namespace

void forget_waiting_roll(Step& step, const Seat& seat, const std::string& relation) {
    const Bytes prefix = store::key_bytes(seat, relation);
    for (const auto& key : table::waiting_claims.collect_keys(step.tx, {.prefix = prefix})) {
        table::waiting_claims.erase(step.tx, key);
        step.tx.erase(sealed::roll_waiting, store::key_bytes(seat, relation, std::get<2>(key)));
    }
    table::waiting_rolls.erase(step.tx, {seat, relation});
}

Result<void> take_waiting_roll(Step& step, const Seat& seat, const std::string& relation) {
    ReplaceRoll roll;
    roll.seat = seat;
    roll.relation = relation;
    MASH_TRY_VOID(check_relation(step, roll));
    const auto* key = step.signing_key(seat.agency);
    if (key == nullptr) return fail(ErrorCode::unknown_key);
    take_list(step, roll, waiting_list(step, seat, relation), *key, true, {});
    table::roll_epochs.erase(step.tx, {seat, relation});  // it may have waited through a change
    return {};
}

void close_unborn(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(item.type);
    if (type == nullptr || type->row != area::row_care_status || item.kind != "born") return;
    const auto told = stored_notification(step, id);
    if (!told || told->subject.before_birth.empty()) return;
    for (const auto& [word, relation] : step.policy()->relations()) {
        if (!relation.closes) continue;
        ReplaceRoll list;
        list.seat = {item.agency, item.role};
        list.relation = word;
        list.partial = true;
        list.entries.push_back({told->subject.before_birth.front(), to_text(id)});
        replace_roll(step, list);
    }
}

namespace {

/// Nobody names an unborn child a year after it was born.
constexpr std::chrono::hours closed_kept{24 * 365};

bool is_over(const Step& step, const std::string& relation, const wire::InvolvementClaim& claim) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_relation(relation);
    return rule != nullptr && rule->closes && claim.starts + closed_kept <= step.now.wall;
}

}  // namespace

/// Serials follow the clock, so that a store restored from a backup does not fall behind what was
/// said before.
std::uint64_t next_claim_serial(Step& step) {
    step.row.claim_serial =
        std::max(step.row.claim_serial + 1,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms())));
    step.row_changed = true;
    return step.row.claim_serial;
}

void renew_leases(Step& step) {
    if (step.policy() == nullptr) return;
    for (const auto& [key, row] : table::rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = key;
        const auto* signing = step.signing_key(seat.agency);
        if (row.held == 0 || signing == nullptr) continue;
        const bool is_as_said = is_deposited(step, relation)
                                    ? step.now.wall - row.sent_at < renew_every &&
                                          signing->verify_key() == row.stated_by
                                    : !was_deposited(row);
        if (is_as_said) continue;
        std::vector<std::pair<Digest, wire::InvolvementClaim>> claims;
        const Bytes prefix = store::key_bytes(seat, relation);
        for (const auto& [row_key, held] : table::claims.collect(step.tx, {.prefix = prefix})) {
            auto claim = wire::decode_body<wire::InvolvementClaim>(held.body);
            if (claim && is_over(step, relation, *claim)) {
                table::claims.erase(step.tx, row_key);
                step.tx.erase(sealed::roll_identity,
                              store::key_bytes(seat, relation, std::get<2>(row_key)));
            } else if (claim) {
                claims.emplace_back(std::get<2>(row_key), std::move(*claim));
            }
        }
        const RollRow before = row;
        state_roll(step, seat, relation, std::move(claims), *signing);
        if (before.waits) keep_waiting_marks(step, key, before);
    }
}

}  // namespace mash::runtime
