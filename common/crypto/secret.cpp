#include "common/crypto/secret.hpp"

#include <sodium.h>

#include <algorithm>

#include "common/base/check.hpp"

namespace mash::crypto {

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
    if (size == 0) return;
    // sodium_malloc before sodium_init would lay out its guard pages for another page size than
    // sodium_free expects.
    CHECK(sodium_init() >= 0);
    data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
    CHECK(data_ != nullptr);
    std::fill_n(data_, size, std::uint8_t{0});  // sodium_malloc fills with 0xdb
}

SecretBytes::~SecretBytes() { sodium_free(data_); }  // wipes; accepts null

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        sodium_free(data_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
    SecretBytes out(bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.data_);
    return out;
}

SecretBytes SecretBytes::take(Bytes&& bytes) {
    SecretBytes out = copy_of(bytes);
    wipe(bytes);
    bytes.clear();
    return out;
}

SecretBytes SecretBytes::random(std::size_t size, RandomSource& random) {
    SecretBytes out(size);
    random.fill(out.writable());
    return out;
}

bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return equal_constant_time(a.reveal(), b.reveal());
}

void wipe(std::span<std::uint8_t> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

bool equal_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mash::crypto
