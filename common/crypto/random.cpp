#include "common/crypto/random.hpp"

#include <sodium.h>

#include <algorithm>

#include "common/base/bytes.hpp"
#include "common/base/check.hpp"
#include "common/crypto/hash.hpp"

namespace mash::crypto {

SystemRandom::SystemRandom() { CHECK(sodium_init() >= 0); }

void SystemRandom::fill(std::span<std::uint8_t> out) {
    if (!out.empty()) randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(std::uint64_t seed, std::string_view stream)
    : key_(labelled_hash("mash.v1.seeded-random", {Writer().u64(seed).done(), view_of(stream)})) {}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    static constexpr std::array<std::uint8_t, crypto_stream_chacha20_NONCEBYTES> nonce{};
    while (!out.empty()) {
        if (used_ == ahead_.size()) {
            ahead_.fill(0);
            CHECK(crypto_stream_chacha20_xor_ic(ahead_.data(), ahead_.data(), ahead_.size(),
                                                nonce.data(), next_block_, key_.data()) == 0);
            next_block_ += ahead_.size() / block_bytes;
            used_ = 0;
        }
        const std::size_t count = std::min(out.size(), ahead_.size() - used_);
        std::copy_n(ahead_.data() + used_, count, out.data());
        used_ += count;
        out = out.subspan(count);
    }
}

}  // namespace mash::crypto
