// The two random sources: the machine's for programs, a seeded one for the simulator and for test
// vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/random.hpp"

namespace mash::crypto {

/// The machine's random source (getrandom). Made once in main() and handed down.
class SystemRandom final : public RandomSource {
public:
    SystemRandom();
    void fill(std::span<std::uint8_t> out) override;
};

/// The ChaCha20 key stream under the seed, nonce zero, 64-bit block counter from zero. The same
/// seed gives the same bytes on every machine and however the calls are cut. Never for real keys:
/// the seed is not kept secret.
class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(const std::array<std::uint8_t, 32>& seed) : key_(seed) {}
    /// The seed is labelled_hash("mash.v1.seeded-random", {seed as 8 bytes big-endian, stream}).
    /// Parts of a simulated world take a `stream` each, so that one of them asking for more bytes
    /// does not shift the others.
    explicit SeededRandom(std::uint64_t seed, std::string_view stream = {});
    void fill(std::span<std::uint8_t> out) override;

private:
    static constexpr std::size_t block_bytes = 64;
    std::array<std::uint8_t, 32> key_;
    std::array<std::uint8_t, 8 * block_bytes> ahead_{};
    std::size_t used_ = ahead_.size();
    std::uint64_t next_block_ = 0;
};

}  // namespace mash::crypto
