// SecretBytes: memory for keys and passphrases. It lies between guard pages, is kept out of swap
// and core dumps, is wiped on release, cannot be printed, and is copied only by the word clone().
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <utility>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"

namespace mash::crypto {

/// Owns its bytes. One allocation costs about 4 pages of address space and a few system calls:
/// right for keys, wrong for content. Where the limit on locked memory is reached the bytes may be
/// swapped, but stay out of core dumps. No memory at all stops the process.
class SecretBytes {
public:
    SecretBytes() = default;
    /// `size` zero bytes, to be written through writable().
    explicit SecretBytes(std::size_t size);
    ~SecretBytes();
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;

    /// The caller's own copy stays where it is.
    static SecretBytes copy_of(ByteView bytes);
    /// Copies, then wipes the source and leaves it empty.
    static SecretBytes take(Bytes&& bytes);
    static SecretBytes random(std::size_t size, RandomSource& random);

    SecretBytes clone() const { return copy_of(reveal()); }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The one way to the bytes; the view lives as long as this object.
    ByteView reveal() const { return {data_, size_}; }
    std::span<std::uint8_t> writable() { return {data_, size_}; }

    /// Takes the same time wherever the bytes differ; the sizes are not secret.
    friend bool operator==(const SecretBytes& a, const SecretBytes& b);

private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;
/// Without this GoogleTest prints the raw bytes of any type on failure.
inline void PrintTo(const SecretBytes&, std::ostream* out) { *out << "[secret]"; }

/// Overwrites so that the compiler cannot leave it out.
void wipe(std::span<std::uint8_t> bytes);

/// For digests, tags and tokens. Constant-time for equal sizes; sizes are not secret.
bool equal_constant_time(ByteView a, ByteView b);

/// A secret of one size and one meaning: a storage key is not an inbox's key.
template <class Tag, std::size_t N>
class FixedSecret {
public:
    static constexpr std::size_t size = N;

    static FixedSecret generate(RandomSource& random) {
        return FixedSecret(SecretBytes::random(N, random));
    }
    /// Errors: malformed (any other size than N).
    static Result<FixedSecret> from(ByteView bytes) {
        if (bytes.size() != N) return fail(ErrorCode::malformed);
        return FixedSecret(SecretBytes::copy_of(bytes));
    }
    static Result<FixedSecret> from(SecretBytes&& bytes) {
        if (bytes.size() != N) return fail(ErrorCode::malformed);
        return FixedSecret(std::move(bytes));
    }

    FixedSecret clone() const { return FixedSecret(bytes_.clone()); }
    ByteView reveal() const { return bytes_.reveal(); }
    const SecretBytes& bytes() const { return bytes_; }
    friend bool operator==(const FixedSecret& a, const FixedSecret& b) {
        return a.bytes_ == b.bytes_;
    }

private:
    explicit FixedSecret(SecretBytes&& bytes) : bytes_(std::move(bytes)) {}
    SecretBytes bytes_;
};

template <class Tag, std::size_t N>
std::ostream& operator<<(std::ostream&, const FixedSecret<Tag, N>&) = delete;
template <class Tag, std::size_t N>
void PrintTo(const FixedSecret<Tag, N>&, std::ostream* out) {
    *out << "[secret]";
}

}  // namespace mash::crypto
