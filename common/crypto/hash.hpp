// Hashes. Everything that we sign, commit to or compare is hashed under a label that says what it
// is, with every part length-prefixed, so that bytes made for one purpose never stand for another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// BLAKE2b-256 (RFC 7693, unkeyed, 32-byte output) over len32(label) ‖ label ‖ len32(part) ‖ part
/// ..., lengths big-endian: the bytes that Writer().text(label).bytes(part)... writes. No two lists
/// of parts give the same input. Labels are ours, printable, and begin with "mash.v1.".
class LabelledHasher {
public:
    explicit LabelledHasher(std::string_view label);
    /// The same construction in BLAKE2b's own keyed mode (RFC 7693 section 2.5): a MAC and a PRF
    /// under `key`, 16 to 64 bytes.
    LabelledHasher(const SecretBytes& key, std::string_view label);
    ~LabelledHasher();
    LabelledHasher(const LabelledHasher&) = delete;
    LabelledHasher& operator=(const LabelledHasher&) = delete;

    /// One whole part of up to 2^32 - 1 bytes.
    LabelledHasher& part(ByteView bytes);
    /// Once; nothing may follow.
    Digest finish();

private:
    void prefixed(ByteView bytes);
    alignas(64) std::array<std::uint8_t, 384> state_;
    bool finished_ = false;
};

Digest labelled_hash(std::string_view label, std::initializer_list<ByteView> parts);
Digest labelled_hash(std::string_view label, std::span<const ByteView> parts);
/// `key` is 16 to 64 bytes.
Digest keyed_labelled_hash(const SecretBytes& key, std::string_view label,
                           std::initializer_list<ByteView> parts);

/// SHA-256 (FIPS 180-4). For other people's formats; our own use labelled_hash.
Digest sha256(ByteView bytes);

/// HMAC-SHA-256 (RFC 2104, RFC 4231), key of one byte or more. Subject tokens are this under the
/// area's pepper.
Digest hmac_sha256(const SecretBytes& key, ByteView message);

}  // namespace mash::crypto
