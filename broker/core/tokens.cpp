#include "broker/core/tokens.hpp"

#include <algorithm>
#include <cmath>

namespace mash::broker {
namespace {

using std::chrono::milliseconds;

constexpr double seconds_per_hour = 3'600;
/// In so long a used allowance for imports is whole again.
constexpr double allowance_seconds = 30 * 24 * seconds_per_hour;

milliseconds time_until(double missing, double per_second) {
    return milliseconds(static_cast<std::int64_t>(std::max(0.0, missing) / per_second * 1'000.0) +
                        1);
}

/// Zero, or how long to wait. An import leaves the last quarter of an hour's budget to what is
/// about one child, and has an allowance of its own beside it.
milliseconds take_evaluations(Step& step, const AgencyId& agency, double amount, bool is_roll) {
    const auto& config = step.state.config;
    const auto per_hour = static_cast<double>(config.token_evaluations_per_hour);
    const double per_second = per_hour / seconds_per_hour;
    auto& bucket = step.state.token_budgets[agency];
    auto after = bucket;
    const auto wait = take(after, step.now.steady, per_second, per_hour, amount);
    const double share_of_others = std::floor(per_hour / 4);
    const double over_share = share_of_others - after.tokens;
    if (!is_roll || (wait.count() == 0 && over_share <= 0)) {
        bucket = after;
        return wait;
    }
    const auto allowance = static_cast<double>(config.token_import_allowance);
    const auto later = take(step.state.import_allowances[agency], step.now.steady,
                            allowance / allowance_seconds, allowance, amount);
    if (later.count() == 0) return later;
    const double missing = wait.count() == 0 ? over_share : over_share + amount;
    return std::min(later, time_until(missing, per_second));
}

}  // namespace

void on_evaluate_tokens(Step& step, const FrameIn& in, const wire::EvaluateTokens& body) {
    const auto* key = step.registry()->find_token_key(body.key_epoch);
    if (!key) return step.refuse(in, ErrorCode::unknown_key, "token_epoch");
    const bool is_roll = body.reason == wire::reason_roll;
    const auto wait =
        take_evaluations(step, body.agency, static_cast<double>(body.blinded.size()), is_roll);
    if (wait.count() > 0) {
        ++step.state.counters.busy;
        step.record_code(LogEvent::tokens_over_budget, ErrorCode::busy, in.host, body.agency);
        return step.refuse(in, ErrorCode::busy, "token_budget", {},
                           static_cast<std::uint32_t>(wait.count()));
    }
    step.state.counters.token_evaluations += body.blinded.size();
    step.effects.emplace_back(TokensAsked{in.session, in.frame.frame().request, body.key_epoch,
                                          key->key, is_roll, body.blinded});
}

std::set<AgencyId> stated_under_old_keys(Step& step) {
    std::set<AgencyId> late;
    const auto& keys = step.registry()->broker.token_keys;
    if (keys.empty()) return late;
    const auto newest = keys.back().epoch;
    const auto is_old = [&](const std::vector<wire::Token>& tokens) {
        return !tokens.empty() && std::ranges::none_of(tokens, [&](const wire::Token& token) {
            return token.epoch == newest;
        });
    };
    for (const auto& [id, agency] : step.registry()->agencies) {
        if (agency.revoked_at.is_set()) continue;
        const Bytes prefix = store::key_bytes(id);
        tables::claims.scan(step.tx, {.prefix = prefix},
                            [&](const ClaimKey&, const ClaimRecord& record) {
                                if (record.lease_until > step.now.wall && !record.ended &&
                                    is_old(record.claim.tokens))
                                    late.insert(id);
                                return !late.contains(id);
                            });
    }
    tables::conflicts.scan(step.tx, {}, [&](const ConflictKey& key, const ConflictRecord& record) {
        if (!record.ended_at.is_set() && is_old(record.conflict.tokens))
            late.insert(key.declared_by);
        return true;
    });
    return late;
}

wire::BrokerFrame evaluate_tokens(const TokenKeys& keys, const TokensAsked& asked,
                                  RandomSource& random) {
    const auto refused = [&](ErrorCode code, std::string detail) {
        wire::ErrorFrame error;
        error.code = code;
        error.detail = std::move(detail);
        return wire::BrokerFrame{asked.request, std::move(error)};
    };
    const auto key = keys.find(asked.key);
    if (key == keys.end()) return refused(ErrorCode::unknown_key, "token_key");
    auto evaluation = key->second.evaluate(crypto::OprfMode::verifiable, asked.blinded, random);
    if (!evaluation) return refused(evaluation.error(), "blinded");
    const auto& proof = evaluation->proof;
    if (!proof) return refused(ErrorCode::not_available, "proof");
    return {asked.request,
            wire::EvaluatedTokens{asked.epoch, std::move(evaluation->elements), *proof}};
}

}  // namespace mash::broker
