#include "agents/runtime/desk/request_rate.hpp"

#include <algorithm>

namespace mash::desk {
namespace {

using std::chrono::milliseconds;

/// What is answered is answered soon: whoever has as many under way as they may asks again then.
constexpr milliseconds wait_for_answers{1'000};
constexpr milliseconds news_again_after = std::chrono::minutes(1);

}  // namespace

void RequestRates::refill(Use& use, SteadyTime now) const {
    // One unit a second is one thousandth of a unit a millisecond.
    const auto since = std::max<std::int64_t>(0, (now - use.counted_at).count());
    const auto missing = all() - use.milliunits;
    const auto span = missing / std::int64_t{limits_.per_second} + 1;
    use.milliunits += std::min(missing, std::min(since, span) * limits_.per_second);
    use.counted_at = now;
}

RequestRates::Verdict RequestRates::begin(const Digest& session, std::uint32_t price,
                                          SteadyTime now) {
    if (uses_.size() >= request_rates_max && !uses_.contains(session)) forget_idle(now);
    auto& use = uses_.try_emplace(session, Use{all(), now, 0, false, {}}).first->second;
    refill(use, now);
    const auto wanted = std::int64_t{price} * 1000;
    Verdict out;
    if (use.unanswered >= limits_.unanswered)
        out.wait = wait_for_answers;
    else if (use.milliunits < wanted)
        out.wait = milliseconds((wanted - use.milliunits) / limits_.per_second + 1);
    if (out.wait > milliseconds(0)) {
        out.is_news = !use.was_refused || now - use.refused_at >= news_again_after;
        if (out.is_news) use.refused_at = now;
        use.was_refused = true;
        return out;
    }
    use.milliunits -= wanted;
    ++use.unanswered;
    return out;
}

void RequestRates::answered(const Digest& session) {
    const auto found = uses_.find(session);
    if (found != uses_.end() && found->second.unanswered > 0) --found->second.unanswered;
}

void RequestRates::forget_idle(SteadyTime now) {
    std::erase_if(uses_, [&](const auto& one) {
        Use use = one.second;
        refill(use, now);
        return use.unanswered == 0 && use.milliunits == all();
    });
}

}  // namespace mash::desk
