#include "broker/core/involvement.hpp"

#include <algorithm>

#include "broker/core/ask_holders.hpp"
#include "broker/core/lapse.hpp"
#include "broker/core/severed.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"

namespace mash::broker {
namespace {

RollKey roll_key(const wire::InvolvementClaim& claim) { return {claim.seat, claim.relation}; }

DueKey lease_due(const ClaimRecord& record, const ClaimKey& key) {
    return {record.lease_until, DueKind::lease, key_of(key)};
}

RollRecord roll_of(Step& step, const RollKey& key) {
    return step.get(tables::rolls, key).value_or(RollRecord{});
}

void change_held(Step& step, const RollKey& key, int by) {
    auto roll = roll_of(step, key);
    roll.held = by < 0 && roll.held < static_cast<std::uint32_t>(-by)
                    ? 0
                    : roll.held + static_cast<std::uint32_t>(by);
    step.put(tables::rolls, key, roll);
}

bool is_listed(Step& step, const ClaimKey& key, const ClaimRecord& record) {
    return tables::claims_by_seat.contains(step.tx, {roll_key(record.claim), key});
}

// An answer to a question stands on nobody's list.
void unindex(Step& step, const ClaimKey& key, const ClaimRecord& record) {
    for (const auto& token : record.claim.tokens) {
        step.erase(tables::claims_by_token, {token, key});
        step.erase(tables::asked_by_token, {token, record.claim.seat, record.claim.relation, key});
    }
    if (const auto asked = step.get(tables::asked_seats, key))
        step.erase(tables::asked_by_item, {asked->item, key});
    unmark(step, record.claim, key);
    if (!is_listed(step, key, record)) return;
    step.erase(tables::claims_by_seat, {roll_key(record.claim), key});
    change_held(step, roll_key(record.claim), -1);
}

/// Whom a list does not name any more may be with nobody; whose identity was severed is not.
enum class Ending { left, severed };

// Turns a claim into a tombstone that lasts as long as the lease: an older statement cannot bring
// it back.
void end_claim(Step& step, const ClaimKey& key, ClaimRecord record, std::uint64_t serial,
               Ending ending = Ending::left) {
    if (ending == Ending::severed) {
        step.erase(tables::lapses, key);
    } else if (is_listed(step, key, record)) {
        watch_for_lapse(step, key, record.claim);
    }
    unindex(step, key, record);
    record.ended = true;
    record.serial = serial;
    record.claim.tokens.clear();
    record.tokens_since.clear();
    record.signed_claim = {};
    step.put(tables::claims, key, record);
}

// What makes a claim unusable whatever the store holds. `answers`: nobody has deposited it.
Result<void> check_claim(Step& step, const wire::InvolvementClaim& claim, bool answers = false) {
    const auto* registry = step.registry();
    const auto* agency = registry->find_active_agency(claim.agency, step.now.wall);
    if (!agency || claim.seat.agency != claim.agency || !registry->find_seat(claim.seat))
        return fail(ErrorCode::not_entitled);
    if (claim.tokens.empty()) return fail(ErrorCode::missing_field);
    if (claim.lease_until <= step.now.wall) return fail(ErrorCode::expired);
    if (claim.lease_until - step.now.wall > limits::involvement_lease_max + limits::clock_skew_max)
        return fail(ErrorCode::bad_value);
    if (!step.policy()) return fail(ErrorCode::not_fresh);
    // Other relations are asked for, not deposited: the broker must not become a register of them.
    const auto* relation = step.policy()->find_relation(claim.relation);
    if (!relation || relation->indexed == answers) return fail(ErrorCode::not_available);
    if (std::ranges::find(relation->claimed_by, agency->kind) == relation->claimed_by.end())
        return fail(ErrorCode::not_entitled);
    if (std::ranges::find(relation->roles, claim.seat.role) == relation->roles.end())
        return fail(ErrorCode::not_entitled);
    // Of a child who was born nobody says that they were born: it would silence what others say.
    if (relation->closes && !area::is_of_unborn(claim)) return fail(ErrorCode::bad_value);
    return {};
}

/// The same seat said the same of this child before: what it says now is no newer claim. A claim
/// whose tokens are another child's is one, whatever its id: or a school could deposit a child
/// whom it made up, and have its place in time for any other.
bool is_said_before(Step& step, const ClaimRecord& before, const wire::InvolvementClaim& claim) {
    const auto* agency = step.registry()->find_active_agency(claim.agency, step.now.wall);
    return !before.ended && agency != nullptr && before.claim.agency == claim.agency &&
           before.claim.seat == claim.seat && before.claim.relation == claim.relation &&
           area::link(before.claim.tokens, claim, agency->kind) == area::Link::linked;
}

/// Under the keys that come the broker cannot tell which token is which, so a claim that says all
/// that it said, and the same under other keys besides, keeps its time by kind.
std::optional<WallTime> since_other_keys(const ClaimRecord& before,
                                         const wire::InvolvementClaim& claim,
                                         const wire::Token& token) {
    const auto said = area::strong_tokens(before.claim.tokens);
    const bool says_it_all = std::ranges::all_of(said, [&](const wire::Token& one) {
        return one.epoch != token.epoch && std::ranges::binary_search(claim.tokens, one);
    });
    if (!says_it_all) return std::nullopt;
    std::optional<WallTime> latest;
    for (const auto& one : said) {
        if (one.kind != token.kind) continue;
        const auto since = stands_since(before, one);
        latest = latest ? std::max(*latest, since) : since;
    }
    return latest;
}

/// Since when this seat has stated each token of this child.
std::vector<WallTime> tokens_since(Step& step, const wire::InvolvementClaim& claim,
                                   const std::optional<ClaimRecord>& held) {
    const auto* relation = step.policy()->find_relation(claim.relation);
    if (relation == nullptr || !relation->single) return {};
    std::map<ClaimKey, ClaimRecord> said;
    for (const auto& token : area::strong_tokens(claim.tokens)) {
        const auto prefix = key_of(token, claim.agency);
        for (const auto& row : tables::claims_by_token.collect_keys(
                 step.tx, {.prefix = prefix, .limit = claims_per_token_max})) {
            if (said.contains(row.claim)) continue;
            auto before = step.get(tables::claims, row.claim);
            if (before && is_said_before(step, *before, claim))
                said.emplace(row.claim, std::move(*before));
        }
    }
    if (held && is_said_before(step, *held, claim))
        said.emplace(ClaimKey{claim.agency, claim.id}, *held);
    std::vector<WallTime> since(claim.tokens.size(), std::max(step.now.wall, claim.starts));
    for (std::size_t i = 0; i < since.size(); ++i) {
        const auto& token = claim.tokens[i];
        for (const auto& [key, before] : said) {
            if (std::ranges::find(before.claim.tokens, token) != before.claim.tokens.end())
                since[i] = std::min(since[i], stands_since(before, token));
            else if (const auto other = since_other_keys(before, claim, token))
                since[i] = std::min(since[i], *other);
        }
    }
    return since;
}

/// The other claims of this agency under the token. Answers to questions are not among them, but
/// for those of a store from before they had an index of their own.
bool crowds_token(Step& step, const wire::Token& token, const ClaimKey& key) {
    const auto prefix = key_of(token, key.agency);
    std::size_t others = 0;
    tables::claims_by_token.scan(step.tx, {.prefix = prefix}, [&](const TokenClaim& row, auto&) {
        if (row.claim != key && !tables::asked_seats.contains(step.tx, row.claim)) ++others;
        return others < claims_per_token_max;
    });
    return others >= claims_per_token_max;
}

bool protects(const Step& step, const std::string& relation) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_relation(relation);
    return rule != nullptr && rule->protects;
}

void keep(Step& step, const ClaimKey& key, const ClaimRecord& record) {
    step.put(tables::claims, key, record);
    step.put(tables::expiries, lease_due(record, key), {});
    ++step.state.counters.claims;
}

// Many may share what is weak, as a home where many live who were given one birth date: a question
// less, and no list refused. Who is protected is found all the same.
void index(Step& step, const ClaimKey& key, const ClaimRecord& record) {
    for (const auto& token : record.claim.tokens) {
        if (wire::is_strong(token.kind) || protects(step, record.claim.relation) ||
            !crowds_token(step, token, key))
            step.put(tables::claims_by_token, {token, key}, {});
    }
    keep(step, key, record);
}

// There may be hundreds of a child who is often missing, one of each notification: apart from what
// is deposited, they hide nobody's claim.
void index_asked(Step& step, const ClaimKey& key, const ClaimRecord& record) {
    for (const auto& token : record.claim.tokens)
        step.put(tables::asked_by_token, {token, record.claim.seat, record.claim.relation, key},
                 {});
    if (const auto asked = step.get(tables::asked_seats, key))
        step.put(tables::asked_by_item, {asked->item, key}, {});
    keep(step, key, record);
}

// Of what an adoption severs nobody else's claim is held, whichever came first. Ended as of its own
// serial: its agency states it again, without.
void end_severed(Step& step, const wire::InvolvementClaim& claim) {
    std::map<AgencyId, SeveredWord> told;
    for (const auto& key : claims_touched_by(step, claim)) {
        auto record = step.get(tables::claims, key);
        if (!record) continue;
        told[key.agency].add(step, record->claim.tokens);
        const auto serial = record->serial;
        end_claim(step, key, std::move(*record), serial, Ending::severed);
        step.record(LogEvent::claim_refused, key.agency);
    }
    // Whoever is not connected hears of it with the next list.
    for (const auto& [agency, severed] : told) {
        const auto* session = step.session_of_agency(agency);
        if (session == nullptr) continue;
        wire::ClaimsAccepted word;
        severed.put_in(word);
        step.send(session->id, 0, std::move(word), wire::Lane::routine);
    }
}

// False: an equal or newer statement about this claim is held already, or it must not be held
// (`severed`).
Result<bool> record_claim(Step& step, const wire::InvolvementClaim& claim,
                          const wire::SignedClaim& signed_claim, std::uint64_t roll_serial,
                          SeveredWord& severed) {
    MASH_TRY_VOID(check_claim(step, claim));
    const ClaimKey key{claim.agency, claim.id};
    auto held = step.get(tables::claims, key);
    const bool severs = mark_of(step, claim.relation) == Mark::severs;
    const auto severed_before = severed_among(step, claim.tokens);
    if (!severs) {
        if (!severed_before.empty()) {
            severed.add(step, claim.tokens);
            if (held && !held->ended) {
                const auto serial = held->serial;
                end_claim(step, key, std::move(*held), serial, Ending::severed);
            }
            step.record(LogEvent::claim_refused, claim.agency);
            return false;
        }
    }
    if (held && !held->ended && held->signed_claim == signed_claim) {
        if (roll_serial > held->roll_serial) {
            held->roll_serial = roll_serial;
            step.put(tables::claims, key, *held);
        }
        return false;
    }
    const auto statement = std::max(claim.serial, roll_serial);
    if (held && statement <= held->serial) return false;
    const auto roll = roll_of(step, roll_key(claim));
    if ((!held || held->ended) && roll.held >= limits::roll_claims_max)
        return fail(ErrorCode::too_many);
    for (const auto& token : area::strong_tokens(claim.tokens)) {
        if (crowds_token(step, token, key)) return fail(ErrorCode::too_many);
    }

    const auto recorded = held && is_said_before(step, *held, claim)
                              ? held->first_recorded
                              : std::max(step.now.wall, claim.starts);
    auto since = tokens_since(step, claim, held);
    if (held) {
        if (held->lease_until != claim.lease_until)
            step.erase(tables::expiries, lease_due(*held, key));
        if (!held->ended) unindex(step, key, *held);
    }
    ClaimRecord record;
    record.serial = statement;
    record.roll_serial = std::max(roll_serial, held ? held->roll_serial : 0);
    record.lease_until = claim.lease_until;
    record.claim = claim;
    record.signed_claim = signed_claim;
    record.first_recorded = recorded;
    record.tokens_since = std::move(since);
    index(step, key, record);
    step.put(tables::claims_by_seat, {roll_key(claim), key}, {});
    change_held(step, roll_key(claim), 1);
    mark(step, claim, key);
    if (!severs) return true;
    end_severed(step, claim);
    if (severed_before.size() < area::strong_tokens(claim.tokens).size()) open_severed(step, claim);
    return true;
}

// Ends what the complete roll did not name. A claim stated after the roll was drawn up stays.
std::uint32_t end_missing(Step& step, const RollKey& key, std::uint64_t serial) {
    std::vector<ClaimKey> of_seat;
    const auto prefix = key_of(key);
    for (auto& row : tables::claims_by_seat.collect_keys(step.tx, {.prefix = prefix}))
        of_seat.push_back(std::move(row.claim));
    std::uint32_t ended = 0;
    for (const auto& claim : of_seat) {
        auto record = step.get(tables::claims, claim);
        if (!record || record->ended || record->roll_serial >= serial || record->serial >= serial)
            continue;
        end_claim(step, claim, std::move(*record), serial);
        ++ended;
    }
    return ended;
}

}  // namespace

bool waits_for_space(Step& step, const FrameIn& in) {
    if (step.state.slowest_accepted == wire::Lane::bulk) return false;
    ++step.state.counters.busy;
    step.refuse(
        in, ErrorCode::busy, "store_space", {},
        static_cast<std::uint32_t>(std::chrono::milliseconds(limits::store_space_retry).count()));
    return true;
}

void on_claim_involvement(Step& step, const FrameIn& in) {
    const auto& frame = std::get<wire::ClaimInvolvement>(in.frame.frame().body);
    const auto& claims = in.frame.claims();
    CHECK(claims.size() == frame.claims.size());
    if (waits_for_space(step, in)) return;
    // All or nothing: the agent corrects the frame and sends it again.
    for (const auto& claim : claims) {
        const auto checked = check_claim(step, claim);
        if (!checked) return step.refuse(in, checked.error(), "claim");
    }
    wire::ClaimsAccepted accepted;
    SeveredWord severed;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto recorded = record_claim(step, claims[i], frame.claims[i], 0, severed);
        if (!recorded) return step.refuse(in, recorded.error(), "claim");
        accepted.serial = std::max(accepted.serial, claims[i].serial);
    }
    if (!claims.empty()) {
        accepted.held = roll_of(step, roll_key(claims.back())).held;
        step.record(LogEvent::claim_recorded, claims.back().agency, {},
                    static_cast<std::int64_t>(claims.size()));
    }
    severed.put_in(accepted);
    step.answer(in, accepted);
}

void on_end_involvement(Step& step, const FrameIn& in, const wire::EndInvolvement& end) {
    wire::ClaimsAccepted accepted;
    accepted.serial = end.serial;
    for (const auto& id : end.claims) {
        const ClaimKey key{end.agency, id};
        auto record = step.get(tables::claims, key);
        if (!record || record->ended || record->serial > end.serial) continue;
        const auto roll = roll_key(record->claim);
        end_claim(step, key, std::move(*record), end.serial);
        ++accepted.ended;
        accepted.held = roll_of(step, roll).held;
    }
    step.answer(in, accepted);
}

void on_replace_roll(Step& step, const FrameIn& in, const wire::ReplaceRoll& roll) {
    if (waits_for_space(step, in)) return;
    if (roll.parts == 0 || roll.parts > roll_parts_max || roll.part >= roll.parts)
        return step.refuse(in, ErrorCode::bad_value, "part");
    const RollKey key{roll.seat, roll.relation};
    const auto& claims = in.frame.claims();
    CHECK(claims.size() == roll.claims.size());
    if (!step.registry()->find_seat(roll.seat) || roll.seat.agency != roll.agency)
        return step.refuse(in, ErrorCode::not_entitled, "seat");
    if (!step.policy()) return step.refuse(in, ErrorCode::not_fresh, "policy", {}, 5'000);
    // Where the policy has its holders asked, what was deposited before may go and nothing may
    // come.
    const bool gives_up = roll.parts == 1 && claims.empty();
    if (!step.policy()->relation_is_indexed(roll.relation) && !gives_up)
        return step.refuse(in, ErrorCode::not_available, "relation");
    for (const auto& claim : claims) {
        if (claim.seat != roll.seat || claim.relation != roll.relation)
            return step.refuse(in, ErrorCode::bad_value, "claim");
        const auto checked = check_claim(step, claim);
        if (!checked) return step.refuse(in, checked.error(), "claim");
    }
    auto record = roll_of(step, key);
    if (roll.serial < record.serial)
        return step.refuse(in, ErrorCode::version_went_back, "roll_serial");
    SeveredWord severed;
    const auto answer = [&] {
        const auto now_held = roll_of(step, key);
        wire::ClaimsAccepted accepted{
            roll.serial, roll.part, now_held.held, now_held.complete ? now_held.ended : 0, {}, {}};
        severed.put_in(accepted);
        step.answer(in, accepted);
    };
    if (roll.serial == record.serial && record.parts != 0) {
        if (record.parts != roll.parts) return step.refuse(in, ErrorCode::bad_value, "parts");
        if (record.complete || std::ranges::binary_search(record.received, roll.part))
            return answer();
    } else {
        record.serial = roll.serial;
        record.parts = roll.parts;
        record.received.clear();
        record.complete = false;
        record.ended = 0;
        step.put(tables::rolls, key, record);
    }
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto recorded = record_claim(step, claims[i], roll.claims[i], roll.serial, severed);
        if (!recorded) return step.refuse(in, recorded.error(), "claim");
    }
    record = roll_of(step, key);
    record.received.insert(std::ranges::lower_bound(record.received, roll.part), roll.part);
    step.put(tables::rolls, key, record);
    if (record.received.size() == record.parts) {
        const auto ended = end_missing(step, key, roll.serial);
        record = roll_of(step, key);
        record.complete = true;
        record.received.clear();
        record.ended = ended;
        step.put(tables::rolls, key, record);
        step.record(LogEvent::claim_recorded, roll.agency, {}, record.held);
    }
    answer();
}

namespace {

// What was deposited before the policy had its holders asked counts no more, though it may not be
// gone yet.
bool counts_for(Step& step, const ClaimKey& key, const std::string& relation,
                const ClaimScope& scope) {
    if (!step.policy() || step.policy()->relation_is_indexed(relation)) return true;
    const auto asked = step.get(tables::asked_seats, key);
    return asked && (scope.passes_on || asked->item == scope.item);
}

/// By the token of the child that the claim has stated longest.
WallTime stands_since(const ClaimRecord& record, const std::vector<wire::Token>& tokens) {
    std::optional<WallTime> first;
    for (const auto& token : area::strong_tokens(record.claim.tokens)) {
        if (std::ranges::find(tokens, token) == tokens.end()) continue;
        const auto since = broker::stands_since(record, token);
        first = first ? std::min(*first, since) : since;
    }
    return first.value_or(record.first_recorded);
}

/// Which claims may be of these tokens: what was answered for the item, and what is deposited, so
/// many of each agency and of all; where a desk passes on, any yes of a seat that stands.
class Candidates {
public:
    Candidates(Step& step, const ClaimScope& scope) : step_(step), scope_(scope) {}

    template <class OfAgency, class Look>
    void look(const std::vector<wire::Token>& tokens, OfAgency of_agency, Look look) {
        const auto of_item = key_of(scope_.item);
        for (const auto& row : tables::asked_by_item.collect_keys(step_.tx, {.prefix = of_item}))
            look_once(row.claim, of_agency, look);
        for (const auto& token : tokens) {
            if (scope_.passes_on) look_at_answers(token, of_agency, look);
            look_at_deposited(token, of_agency, look);
        }
    }
    /// False: there are more than were looked at.
    bool is_all() const { return is_all_; }

private:
    template <class OfAgency>
    bool is_of(const AgencyId& id, OfAgency of_agency) {
        const auto* agency = step_.registry()->find_active_agency(id, step_.now.wall);
        return agency != nullptr && of_agency(*agency);
    }
    template <class OfAgency, class Look>
    void look_once(const ClaimKey& key, OfAgency of_agency, Look look) {
        if (is_of(key.agency, of_agency) && seen_.insert(key).second) look(key);
    }
    template <class OfAgency, class Look>
    void look_at_answers(const wire::Token& token, OfAgency of_agency, Look look) {
        std::map<std::pair<Seat, std::string>, std::size_t> of_seat;
        const auto prefix = key_of(token);
        for (const auto& row : tables::asked_by_token.collect_keys(step_.tx, {.prefix = prefix})) {
            // One that stands is enough; but of one that a person was asked about it is that one.
            if (++of_seat[{row.seat, row.relation}] <= claims_per_token_max ||
                is_asked_about(row.claim))
                look_once(row.claim, of_agency, look);
        }
    }
    template <class OfAgency, class Look>
    void look_at_deposited(const wire::Token& token, OfAgency of_agency, Look look) {
        std::vector<ClaimKey> keys;
        const auto prefix = key_of(token);
        tables::claims_by_token.scan(step_.tx, {.prefix = prefix},
                                     [&](const TokenClaim& row, auto&) {
                                         const auto& agency = row.claim.agency;
                                         if (seen_.contains(row.claim) || !is_of(agency, of_agency))
                                             return true;
                                         if (of_agency_[agency] >= claims_of_agency_max) {
                                             is_all_ = false;
                                             return true;
                                         }
                                         if (counted_ >= claims_looked_at_max)
                                             return is_all_ = false;
                                         ++of_agency_[agency];
                                         ++counted_;
                                         seen_.insert(row.claim);
                                         keys.push_back(row.claim);
                                         return true;
                                     });
        for (const auto& key : keys) look(key);
    }
    bool is_asked_about(const ClaimKey& key) {
        const auto prefix = key_of(key);
        return !tables::questions.collect_keys(step_.tx, {.prefix = prefix, .limit = 1}).empty();
    }

    Step& step_;
    const ClaimScope& scope_;
    std::set<ClaimKey> seen_;
    std::map<AgencyId, std::size_t> of_agency_;
    std::size_t counted_ = 0;
    bool is_all_ = true;
};

bool of_any(const area::Agency&) { return true; }

/// Each claim in force that shares one of these tokens, is of such an agency, counts for the child
/// as `is_wanted` says, and is proved. False: there may be more, and the log says so.
template <class OfAgency, class IsWanted, class Each>
bool each_claim(Step& step, const std::vector<wire::Token>& tokens, const ClaimScope& scope,
                OfAgency of_agency, IsWanted is_wanted, Each each) {
    Candidates candidates(step, scope);
    candidates.look(tokens, of_agency, [&](const ClaimKey& key) {
        auto record = step.get(tables::claims, key);
        if (!record || record->ended || record->claim.starts > step.now.wall) return;
        if (record->lease_until <= step.now.wall) return;
        if (!counts_for(step, key, record->claim.relation, scope)) return;
        const auto* agency = step.registry()->find_active_agency(key.agency, step.now.wall);
        if (!agency || !step.registry()->find_seat(record->claim.seat)) return;
        if (!is_wanted(key, record->claim, agency->kind) || is_closed(step, record->claim)) return;
        if (!step.is_proved(*agency, wire::label::claim, record->signed_claim.body,
                            record->signed_claim.signature))
            return;
        const auto since = stands_since(*record, tokens);
        each(LinkedClaim{key, std::move(record->claim), std::move(record->signed_claim), since});
    });
    if (!candidates.is_all())
        step.record(LogEvent::questions_full, scope.item.sender, scope.item.id);
    return candidates.is_all();
}

}  // namespace

FoundClaims possible_claims(Step& step, const std::vector<wire::Token>& tokens,
                            const ClaimScope& scope, const IsWantedClaim& is_wanted) {
    FoundClaims found;
    found.is_all = each_claim(
        step, tokens, scope, of_any,
        [&](const ClaimKey& key, const wire::InvolvementClaim& claim,
            const area::AgencyKind& kind) {
            return mark_of(step, claim.relation) == Mark::none &&
                   area::is_possible_match(tokens, claim, kind) && is_wanted(key, claim);
        },
        [&](LinkedClaim claim) { found.claims.push_back(std::move(claim)); });
    return found;
}

FoundClaims protecting_claims(Step& step, const std::vector<wire::Token>& tokens) {
    FoundClaims found;
    const auto may_protect = [&](const area::Agency& agency) {
        return step.policy() &&
               std::ranges::any_of(step.policy()->relations(), [&](const auto& entry) {
                   const auto& by = entry.second.claimed_by;
                   return entry.second.protects && std::ranges::find(by, agency.kind) != by.end();
               });
    };
    found.is_all = each_claim(
        step, tokens, {}, may_protect,
        [&](const ClaimKey&, const wire::InvolvementClaim& claim, const area::AgencyKind& kind) {
            return protects(step, claim.relation) &&
                   (area::link(tokens, claim, kind) == area::Link::linked ||
                    area::is_possible_match(tokens, claim, kind));
        },
        [&](LinkedClaim claim) { found.claims.push_back(std::move(claim)); });
    return found;
}

bool may_hold_more_alike(Step& step, const std::vector<wire::Token>& tokens,
                         const AgencyId& agency) {
    return std::ranges::any_of(tokens, [&](const wire::Token& token) {
        return !wire::is_strong(token.kind) && crowds_token(step, token, {agency, {}});
    });
}

std::vector<LinkedClaim> severing_claims(Step& step, const std::vector<wire::Token>& tokens) {
    if (severed_among(step, tokens).empty()) return {};
    std::vector<LinkedClaim> severing;
    each_claim(
        step, area::strong_tokens(tokens), {}, of_any,
        [&](const ClaimKey&, const wire::InvolvementClaim& claim, const area::AgencyKind& kind) {
            return mark_of(step, claim.relation) == Mark::severs &&
                   area::link_of_severed(tokens, claim, kind) == area::Link::linked;
        },
        [&](LinkedClaim claim) { severing.push_back(std::move(claim)); });
    return severing;
}

std::vector<LinkedClaim> linked_claims(Step& step, const std::vector<wire::Token>& tokens,
                                       const ClaimScope& scope) {
    std::map<std::pair<Seat, std::string>, LinkedClaim> found;
    each_claim(
        step, area::strong_tokens(tokens), scope, of_any,
        [&](const ClaimKey&, const wire::InvolvementClaim& claim, const area::AgencyKind& kind) {
            return mark_of(step, claim.relation) == Mark::none &&
                   area::link(tokens, claim, kind) == area::Link::linked;
        },
        [&](LinkedClaim claim) {
            // One claim proves a seat's relation; the one whose lease runs longest stays true
            // longest.
            const auto place = std::pair(claim.claim.seat, claim.claim.relation);
            const auto [it, is_new] = found.try_emplace(place, claim);
            if (is_new) return;
            const auto since = std::min(it->second.stands_since, claim.stands_since);
            if (it->second.claim.lease_until < claim.claim.lease_until)
                it->second = std::move(claim);
            it->second.stands_since = since;
        });
    std::vector<LinkedClaim> linked;
    linked.reserve(found.size());
    for (auto& [place, claim] : found) linked.push_back(std::move(claim));
    return linked;
}

void expire_claim(Step& step, const ClaimKey& key) {
    auto record = step.get(tables::claims, key);
    if (!record || record->lease_until > step.now.wall) return;
    if (!record->ended) {
        if (is_listed(step, key, *record)) watch_for_lapse(step, key, record->claim);
        unindex(step, key, *record);
    }
    step.erase(tables::claims, key);
    ask_lapsed_again(step, key);
}

Result<void> record_asked_claim(Step& step, const wire::InvolvementClaim& claim,
                                const wire::SignedClaim& signed_claim) {
    MASH_TRY_VOID(check_claim(step, claim, true));
    if (claim.lease_until - step.now.wall > limits::asked_lease_max)
        return fail(ErrorCode::bad_value);
    // The two identities of an adopted child never stand together, in an answer as little as in a
    // list.
    if (!severed_among(step, claim.tokens).empty()) return fail(ErrorCode::bad_value);
    const ClaimKey key{claim.agency, claim.id};
    const auto held = step.get(tables::claims, key);
    if (held && !held->ended && held->signed_claim == signed_claim) return {};
    if (held && claim.serial <= held->serial) return fail(ErrorCode::version_went_back);
    if (held) forget_asked_claim(step, key);
    ClaimRecord record;
    record.first_recorded = held ? held->first_recorded : step.now.wall;
    record.serial = claim.serial;
    record.lease_until = claim.lease_until;
    record.claim = claim;
    record.signed_claim = signed_claim;
    index_asked(step, key, record);
    return {};
}

void forget_asked_claim(Step& step, const ClaimKey& key) {
    const auto record = step.get(tables::claims, key);
    if (!record) return;
    if (!record->ended) unindex(step, key, *record);
    step.erase(tables::expiries, lease_due(*record, key));
    step.erase(tables::claims, key);
}

}  // namespace mash::broker
