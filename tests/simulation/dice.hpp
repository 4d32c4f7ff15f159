// All chance of a simulated world comes from here, from the seed and the name of a stream: one part
// that draws more does not change what the others draw.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.hpp"
#include "common/crypto/random.hpp"

namespace mash::simulation {

class Dice {
public:
    Dice(std::uint64_t seed, std::string_view stream) : random_(seed, stream) {}

    std::uint64_t below(std::uint64_t end) {
        CHECK(end > 0);
        return next() % end;
    }
    /// `probability` between 0 and 1; draws also when it is 0, so that turning a fault off moves
    /// nothing else.
    bool chance(double probability) {
        constexpr std::uint64_t whole = 1'000'000;
        return static_cast<double>(next() % whole) < probability * static_cast<double>(whole);
    }
    std::chrono::milliseconds between(std::chrono::milliseconds low,
                                      std::chrono::milliseconds high) {
        return low + std::chrono::milliseconds(
                         below(static_cast<std::uint64_t>((high - low).count()) + 1));
    }
    template <class Container>
    const auto& pick(const Container& from) {
        auto at = from.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(below(from.size())));
        return *at;
    }
    RandomSource& bytes() { return random_; }

private:
    std::uint64_t next() {
        const auto drawn = random_.array<8>();
        std::uint64_t value = 0;
        for (const auto byte : drawn) value = value << 8U | byte;
        return value;
    }

    crypto::SeededRandom random_;
};

}  // namespace mash::simulation
