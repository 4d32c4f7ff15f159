#include "broker/core/severed.hpp"

#include <algorithm>
#include <type_traits>

#include "common/area/decide.hpp"

namespace mash::broker {
namespace {

using ByToken = std::remove_cvref_t<decltype(tables::severed_by_token)>;

/// The claim behind a mark, while it is in force and its relation still means that.
std::optional<ClaimRecord> marking(Step& step, const ClaimKey& key, Mark mark) {
    auto record = step.get(tables::claims, key);
    if (!record || record->ended || record->claim.starts > step.now.wall ||
        record->lease_until <= step.now.wall || mark_of(step, record->claim.relation) != mark)
        return std::nullopt;
    const auto* agency = step.registry()->find_active_agency(key.agency, step.now.wall);
    // The same that a plan, and the agent that is told of it, ask of a claim.
    if (agency == nullptr || !step.is_proved(*agency, wire::label::claim, record->signed_claim.body,
                                             record->signed_claim.signature))
        return std::nullopt;
    return record;
}

template <class Is>
bool has_mark(Step& step, const ByToken& marks, Mark mark, const wire::Token& token, Is is) {
    const auto prefix = key_of(token);
    const auto rows =
        marks.collect_keys(step.tx, {.prefix = prefix, .limit = claims_looked_at_max});
    return std::ranges::any_of(rows, [&](const TokenClaim& row) {
        const auto record = marking(step, row.claim, mark);
        return record && is(record->claim);
    });
}

}  // namespace

Mark mark_of(const Step& step, const std::string& relation) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_relation(relation);
    if (rule == nullptr) return Mark::none;
    if (rule->severs) return Mark::severs;
    return rule->closes ? Mark::closes : Mark::none;
}

void mark(Step& step, const wire::InvolvementClaim& claim, const ClaimKey& key) {
    const auto mark = mark_of(step, claim.relation);
    if (mark == Mark::none) return;
    const auto& marks = mark == Mark::severs ? tables::severed_by_token : tables::closed_by_token;
    for (const auto& token : area::strong_tokens(claim.tokens)) step.put(marks, {token, key}, {});
}

void unmark(Step& step, const wire::InvolvementClaim& claim, const ClaimKey& key) {
    const auto mark = mark_of(step, claim.relation);
    if (mark == Mark::none) return;
    const auto& marks = mark == Mark::severs ? tables::severed_by_token : tables::closed_by_token;
    for (const auto& token : claim.tokens) step.erase(marks, {token, key});
}

std::vector<wire::Token> severed_among(Step& step, const std::vector<wire::Token>& tokens) {
    // A child of now may share a name and a home with the one of before; the numbers tell.
    const auto is_same = [&](const wire::InvolvementClaim& keeper) {
        return area::link_of_severed(tokens, keeper, area::AgencyKind()) == area::Link::linked;
    };
    auto severed = area::strong_tokens(tokens);
    std::erase_if(severed, [&](const wire::Token& token) {
        return !has_mark(step, tables::severed_by_token, Mark::severs, token, is_same);
    });
    return severed;
}

bool is_closed(Step& step, const wire::InvolvementClaim& claim) {
    const auto* rule =
        step.policy() == nullptr ? nullptr : step.policy()->find_relation(claim.relation);
    // Nobody's word of a birth touches a child who was born, nor lifts a protection.
    if (rule == nullptr || rule->severs || rule->closes || rule->protects ||
        !area::is_of_unborn(claim))
        return false;
    // What is said of an unborn child after a birth was told is of the mother's next.
    const auto was_before = [&](const wire::InvolvementClaim& closing) {
        return claim.starts <= closing.starts;
    };
    return std::ranges::any_of(area::strong_tokens(claim.tokens), [&](const wire::Token& token) {
        return has_mark(step, tables::closed_by_token, Mark::closes, token, was_before);
    });
}

void SeveredWord::add(Step& step, const std::vector<wire::Token>& tokens) {
    for (auto& token : severed_among(step, tokens)) tokens_.insert(token);
    for (auto& severing : severing_claims(step, tokens)) {
        const auto key = severing.key;
        by_.emplace(key, std::move(severing));
    }
}

void SeveredWord::put_in(wire::ClaimsAccepted& answer) const {
    std::set<wire::Token> proved;
    for (const auto& [key, severing] : by_) {
        if (answer.severing.size() == limits::severing_claims_max) break;
        answer.severing.push_back(severing.signed_claim);
        proved.insert(severing.claim.tokens.begin(), severing.claim.tokens.end());
    }
    for (const auto& token : tokens_) {
        if (answer.severed.size() == limits::severed_tokens_max) break;
        if (proved.contains(token)) answer.severed.push_back(token);
    }
}

std::vector<ClaimKey> claims_touched_by(Step& step, const wire::InvolvementClaim& claim) {
    std::set<ClaimKey> touched;
    const auto look = [&](const std::vector<ClaimKey>& keys) {
        for (const auto& key : keys) {
            const auto record = step.get(tables::claims, key);
            if (record && !record->ended && mark_of(step, record->claim.relation) != Mark::severs &&
                area::link_of_severed(record->claim.tokens, claim, area::AgencyKind()) ==
                    area::Link::linked)
                touched.insert(key);
        }
    };
    const auto keys = [](const auto& rows) {
        std::vector<ClaimKey> out;
        for (const auto& row : rows) out.push_back(row.claim);
        return out;
    };
    for (const auto& token : area::strong_tokens(claim.tokens)) {
        const auto prefix = key_of(token);
        const store::Scan scan{.prefix = prefix, .limit = claims_looked_at_max};
        look(keys(tables::claims_by_token.collect_keys(step.tx, scan)));
        look(keys(tables::asked_by_token.collect_keys(step.tx, scan)));
    }
    return {touched.begin(), touched.end()};
}

}  // namespace mash::broker
