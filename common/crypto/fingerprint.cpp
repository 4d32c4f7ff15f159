#include "common/crypto/fingerprint.hpp"

#include <cstdint>

#include "common/crypto/hash.hpp"

namespace mash::crypto {
namespace {

constexpr std::size_t groups = 6;
constexpr std::size_t group_digits = 5;
constexpr std::size_t group_bytes = 5;  // 40 bits to below 100,000: the bias is under 2^-23
static_assert(groups * group_bytes <= std::tuple_size_v<Digest>);

}  // namespace

KeyFingerprint KeyFingerprint::of(const VerifyKey& key) {
    return KeyFingerprint(labelled_hash("mash.v1.fingerprint.key", {key.view()}));
}

KeyFingerprint KeyFingerprint::of(const Digest& digest) {
    return KeyFingerprint(labelled_hash("mash.v1.fingerprint.digest", {digest}));
}

// Group i is bytes 5i to 5i+4, big-endian, modulo 100,000, with leading zeros.
KeyFingerprint::KeyFingerprint(const Digest& labelled) {
    for (std::size_t group = 0; group < groups; ++group) {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < group_bytes; ++i)
            number = number << 8 | labelled[group * group_bytes + i];
        std::string digits = std::to_string(number % 100'000);
        digits.insert(0, group_digits - digits.size(), '0');
        if (group > 0) text_ += ' ';
        text_ += digits;
    }
}

bool KeyFingerprint::matches(std::string_view typed) const {
    std::string digits;
    for (const char c : typed) {
        if (c == ' ' || c == '.' || c == '-') continue;
        if (c < '0' || c > '9' || digits.size() == groups * group_digits) return false;
        digits += c;
    }
    std::string ours;
    for (const char c : text_) {
        if (c != ' ') ours += c;
    }
    return digits == ours;
}

}  // namespace mash::crypto
