// How fast one session may ask: generous for a person with several pages open, finite for a script
// in their place, and each session's own, so that none uses up another's. In memory only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "common/base/bytes.hpp"
#include "common/base/time.hpp"

namespace mash::desk {

/// In units: what costs the agent little is one, what opens hundreds of items is several.
struct RequestRateLimits {
    std::uint32_t at_once = 300;    ///< that a session which was quiet may use in one go
    std::uint32_t per_second = 30;  ///< that it gets back
    std::uint32_t unanswered = 12;  ///< twice as many connections as a browser opens to one host
};
/// Of sessions in all; over it those that have all their units and wait for nothing are forgotten.
inline constexpr std::size_t request_rates_max = 4'096;

/// One thread at a time.
class RequestRates {
public:
    explicit RequestRates(RequestRateLimits limits = {}) : limits_(limits) {}

    struct Verdict {
        std::chrono::milliseconds wait{0};  ///< zero: go on, and say when it is answered
        bool is_news = false;               ///< the first refusal of this session for a minute
    };
    /// `price`: at most `at_once`.
    Verdict begin(const Digest& session, std::uint32_t price, SteadyTime now);
    void answered(const Digest& session);
    std::size_t size() const { return uses_.size(); }

private:
    struct Use {
        std::int64_t milliunits = 0;
        SteadyTime counted_at;
        std::uint32_t unanswered = 0;
        bool was_refused = false;
        SteadyTime refused_at;
    };
    std::int64_t all() const { return std::int64_t{limits_.at_once} * 1000; }
    void refill(Use& use, SteadyTime now) const;
    void forget_idle(SteadyTime now);

    RequestRateLimits limits_;
    std::map<Digest, Use> uses_;
};

}  // namespace mash::desk
