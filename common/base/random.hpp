// The random source as an argument: the programs pass the machine's, the simulator passes one made
// from its seed.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mash {

class RandomSource {
public:
    virtual ~RandomSource() = default;
    /// Fills `out`; cannot fail.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <std::size_t N>
    std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        fill(out);
        return out;
    }
};

}  // namespace mash
