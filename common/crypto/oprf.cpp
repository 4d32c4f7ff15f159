#include "common/crypto/oprf.hpp"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "common/base/check.hpp"

namespace mash::crypto {

namespace {

constexpr std::size_t scalar_bytes = crypto_core_ristretto255_SCALARBYTES;
constexpr std::size_t wide_bytes = crypto_core_ristretto255_NONREDUCEDSCALARBYTES;
constexpr std::size_t sha512_block_bytes = 128;
static_assert(OprfElement::size == crypto_core_ristretto255_BYTES);
static_assert(OprfPublicKey::size == crypto_core_ristretto255_BYTES);
static_assert(OprfProof::size == 2 * scalar_bytes);
static_assert(oprf_output_bytes == crypto_hash_sha512_BYTES);
static_assert(wide_bytes == crypto_hash_sha512_BYTES);

// Wiped when it goes out of scope: scalars, and hashes from which one is made.
template <std::size_t N>
class Wiped {
public:
    Wiped() = default;
    ~Wiped() { wipe(bytes_); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    std::uint8_t* data() { return bytes_.data(); }
    const std::uint8_t* data() const { return bytes_.data(); }
    ByteView view() const { return bytes_; }
    std::span<std::uint8_t> writable() { return bytes_; }

private:
    std::array<std::uint8_t, N> bytes_{};
};

using Scalar = Wiped<scalar_bytes>;
using Hash = Wiped<crypto_hash_sha512_BYTES>;
using Point = std::array<std::uint8_t, OprfElement::size>;

class Sha512 {
public:
    Sha512() { CHECK(crypto_hash_sha512_init(&state_) == 0); }
    ~Sha512() { sodium_memzero(&state_, sizeof state_); }
    Sha512(const Sha512&) = delete;
    Sha512& operator=(const Sha512&) = delete;

    Sha512& add(ByteView bytes) {
        CHECK(crypto_hash_sha512_update(&state_, bytes.data(), bytes.size()) == 0);
        return *this;
    }
    void finish(std::span<std::uint8_t> out) {
        CHECK(out.size() == crypto_hash_sha512_BYTES);
        CHECK(crypto_hash_sha512_final(&state_, out.data()) == 0);
    }

private:
    crypto_hash_sha512_state state_{};
};

// I2OSP(value, 2), RFC 8017 section 4.1.
std::array<std::uint8_t, 2> two_bytes(std::size_t value) {
    CHECK(value <= 0xFFFF);
    return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

// `tag` ‖ contextString, RFC 9497 section 3.1. All tags end in a hyphen but "DeriveKeyPair".
Bytes domain(std::string_view tag, OprfMode mode) {
    static constexpr std::string_view before = "OPRFV1-";
    static constexpr std::string_view after = "-ristretto255-SHA512";
    Bytes out(tag.begin(), tag.end());
    out.insert(out.end(), before.begin(), before.end());
    out.push_back(static_cast<std::uint8_t>(mode));
    out.insert(out.end(), after.begin(), after.end());
    return out;
}

// expand_message_xmd of RFC 9380 section 5.3.1 for SHA-512 and 64 bytes, which is one block of it.
void expand(std::initializer_list<ByteView> message, ByteView dst, Hash& out) {
    static constexpr std::array<std::uint8_t, sha512_block_bytes> zero_block{};
    static constexpr std::uint8_t zero = 0;
    static constexpr std::uint8_t one = 1;
    const auto dst_size = static_cast<std::uint8_t>(dst.size());
    Hash first;
    Sha512 hash;
    hash.add(zero_block);
    for (const ByteView part : message) hash.add(part);
    hash.add(two_bytes(wide_bytes)).add({&zero, 1}).add(dst).add({&dst_size, 1});
    hash.finish(first.writable());
    Sha512 again;
    again.add(first.view()).add({&one, 1}).add(dst).add({&dst_size, 1});
    again.finish(out.writable());
}

// HashToScalar, RFC 9497 section 4.1: little-endian, reduced modulo the group order.
void hash_to_scalar(std::initializer_list<ByteView> message, ByteView dst, Scalar& out) {
    Hash wide;
    expand(message, dst, wide);
    crypto_core_ristretto255_scalar_reduce(out.data(), wide.data());
}

// RandomScalar, RFC 9497 section 4.7.2, by reduction of twice the bytes. Zero comes once in 2^252.
void random_scalar(RandomSource& random, std::uint8_t* out) {
    do {
        Hash wide;
        random.fill(wide.writable());
        crypto_core_ristretto255_scalar_reduce(out, wide.data());
    } while (sodium_is_zero(out, scalar_bytes) == 1);
}

bool is_reduced(const std::uint8_t* scalar) {
    Hash wide;
    std::copy_n(scalar, scalar_bytes, wide.data());
    Scalar reduced;
    crypto_core_ristretto255_scalar_reduce(reduced.data(), wide.data());
    return sodium_memcmp(reduced.data(), scalar, scalar_bytes) == 0;
}

// False for bytes that are no element or spell one a second way, and when the product is the
// identity. libsodium calls the identity a valid point, so its answer here is what counts.
bool multiply(const std::uint8_t* scalar, const Point& point, Point& out) {
    return crypto_scalarmult_ristretto255(out.data(), scalar, point.data()) == 0;
}

bool add(const Point& a, const Point& b, Point& out) {
    return crypto_core_ristretto255_add(out.data(), a.data(), b.data()) == 0;
}

bool usable(const Point& point) {
    static constexpr std::array<std::uint8_t, scalar_bytes> one{1};
    Point ignored;
    return multiply(one.data(), point, ignored);
}

bool all_usable(std::span<const OprfElement> elements) {
    return std::ranges::all_of(elements, [](const auto& e) { return usable(e.value()); });
}

// The weights of ComputeComposites, RFC 9497 section 2.2.1: they bind a proof to every element of
// the batch and its place.
class Weights {
public:
    Weights(OprfMode mode, const Point& holder) : dst_(domain("HashToScalar-", mode)) {
        const Bytes seed_dst = domain("Seed-", mode);
        Sha512 hash;
        hash.add(two_bytes(holder.size())).add(holder);
        hash.add(two_bytes(seed_dst.size())).add(seed_dst);
        hash.finish(seed_.writable());
    }

    void at(std::size_t place, const Point& asked, const Point& answered, Scalar& out) const {
        hash_to_scalar({two_bytes(crypto_hash_sha512_BYTES), seed_.view(), two_bytes(place),
                        two_bytes(asked.size()), asked, two_bytes(answered.size()), answered,
                        view_of("Composite")},
                       dst_, out);
    }

private:
    Bytes dst_;
    Hash seed_;
};

// Sum of weight times element. False as multiply().
class Sum {
public:
    bool add_product(const Scalar& weight, const Point& point) {
        Point product;
        if (!multiply(weight.data(), point, product)) return false;
        if (std::exchange(empty_, false)) {
            value_ = product;
            return true;
        }
        return add(Point(value_), product, value_);
    }
    const Point& value() const { return value_; }

private:
    Point value_{};
    bool empty_ = true;
};

// The challenge of RFC 9497 sections 2.2.1 and 2.2.2.
void challenge(OprfMode mode, const Point& holder, const Point& m, const Point& z, const Point& t2,
               const Point& t3, Scalar& out) {
    const auto size = two_bytes(Point{}.size());
    hash_to_scalar({size, holder, size, m, size, z, size, t2, size, t3, view_of("Challenge")},
                   domain("HashToScalar-", mode), out);
}

// VerifyProof, RFC 9497 section 2.2.2.
bool proves(OprfMode mode, const Point& holder, std::span<const OprfElement> asked,
            std::span<const OprfElement> answered, const OprfProof& proof) {
    const std::uint8_t* c = proof.value().data();
    const std::uint8_t* s = c + scalar_bytes;
    if (!is_reduced(c) || !is_reduced(s)) return false;
    const Weights weights(mode, holder);
    Sum m;
    Sum z;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        Scalar weight;
        weights.at(i, asked[i].value(), answered[i].value(), weight);
        if (!m.add_product(weight, asked[i].value()) ||
            !z.add_product(weight, answered[i].value())) {
            return false;
        }
    }
    Point s_base;
    Point c_holder;
    Point s_m;
    Point c_z;
    Point t2;
    Point t3;
    if (crypto_scalarmult_ristretto255_base(s_base.data(), s) != 0 ||
        !multiply(c, holder, c_holder) || !add(s_base, c_holder, t2) ||
        !multiply(s, m.value(), s_m) || !multiply(c, z.value(), c_z) || !add(s_m, c_z, t3)) {
        return false;
    }
    Scalar expected;
    challenge(mode, holder, m.value(), z.value(), t2, t3, expected);
    return sodium_memcmp(expected.data(), c, scalar_bytes) == 0;
}

}  // namespace

OprfKey OprfKey::generate(RandomSource& random) {
    SecretBytes scalar(scalar_bytes);
    random_scalar(random, scalar.writable().data());
    return OprfKey(std::move(scalar));
}

Result<OprfKey> OprfKey::derive(OprfMode mode, const SecretBytes& seed, ByteView info) {
    if (info.size() > oprf_input_max) return fail(ErrorCode::too_large);
    const Bytes dst = domain("DeriveKeyPair", mode);
    for (std::uint8_t counter = 0;; ++counter) {
        Scalar scalar;
        hash_to_scalar({seed.reveal(), two_bytes(info.size()), info, {&counter, 1}}, dst, scalar);
        if (sodium_is_zero(scalar.data(), scalar_bytes) == 0) {
            return OprfKey(SecretBytes::copy_of(scalar.view()));
        }
        CHECK(counter < 255);
    }
}

Result<OprfKey> OprfKey::from_secret(const SecretBytes& scalar) {
    if (scalar.size() != scalar_bytes) return fail(ErrorCode::malformed);
    const std::uint8_t* bytes = scalar.reveal().data();
    if (!is_reduced(bytes) || sodium_is_zero(bytes, scalar_bytes) == 1) {
        return fail(ErrorCode::bad_value);
    }
    return OprfKey(scalar.clone());
}

OprfPublicKey OprfKey::public_key() const {
    Point out;
    CHECK(crypto_scalarmult_ristretto255_base(out.data(), scalar_.reveal().data()) == 0);
    return OprfPublicKey(out);
}

Result<OprfEvaluation> OprfKey::evaluate(OprfMode mode, std::span<const OprfElement> blinded,
                                         RandomSource& random) const {
    if (blinded.empty()) return fail(ErrorCode::missing_field);
    if (blinded.size() > oprf_batch_max) return fail(ErrorCode::too_many);
    const std::uint8_t* key = scalar_.reveal().data();
    OprfEvaluation out;
    out.elements.reserve(blinded.size());
    for (const auto& element : blinded) {
        Point answered;
        if (!multiply(key, element.value(), answered)) return fail(ErrorCode::weak_point);
        out.elements.emplace_back(answered);
    }
    if (mode == OprfMode::base) return out;

    // GenerateProof, RFC 9497 section 2.2.1, with the key as k and the base point as A.
    const Point holder = public_key().value();
    const Weights weights(mode, holder);
    Sum m;
    for (std::size_t i = 0; i < blinded.size(); ++i) {
        Scalar weight;
        weights.at(i, blinded[i].value(), out.elements[i].value(), weight);
        if (!m.add_product(weight, blinded[i].value())) return fail(ErrorCode::weak_point);
    }
    Scalar r;
    random_scalar(random, r.data());
    Point z;
    Point t2;
    Point t3;
    if (!multiply(key, m.value(), z) || !multiply(r.data(), m.value(), t3)) {
        return fail(ErrorCode::weak_point);
    }
    CHECK(crypto_scalarmult_ristretto255_base(t2.data(), r.data()) == 0);
    Scalar c;
    challenge(mode, holder, m.value(), z, t2, t3, c);
    Scalar product;
    Scalar s;
    crypto_core_ristretto255_scalar_mul(product.data(), c.data(), key);
    crypto_core_ristretto255_scalar_sub(s.data(), r.data(), product.data());
    std::array<std::uint8_t, OprfProof::size> proof;
    std::copy_n(c.data(), scalar_bytes, proof.begin());
    std::copy_n(s.data(), scalar_bytes, proof.begin() + scalar_bytes);
    out.proof = OprfProof(proof);
    return out;
}

Result<OprfQuestion> OprfQuestion::ask(OprfMode mode, std::span<const ByteView> inputs,
                                       RandomSource& random) {
    if (inputs.empty()) return fail(ErrorCode::missing_field);
    if (inputs.size() > oprf_batch_max) return fail(ErrorCode::too_many);
    std::size_t total = 0;
    for (const ByteView input : inputs) {
        if (input.size() > oprf_input_max) return fail(ErrorCode::too_large);
        total += input.size();
    }
    OprfQuestion out;
    out.mode_ = mode;
    out.inputs_ = SecretBytes(total);
    out.blinds_ = SecretBytes(inputs.size() * scalar_bytes);
    const Bytes dst = domain("HashToGroup-", mode);
    auto kept = out.inputs_.writable().begin();
    std::uint8_t* blind = out.blinds_.writable().data();
    for (const ByteView input : inputs) {
        kept = std::ranges::copy(input, kept).out;
        out.sizes_.push_back(input.size());
        Hash uniform;
        expand({input}, dst, uniform);
        Point element;
        Point hidden;
        CHECK(crypto_core_ristretto255_from_hash(element.data(), uniform.data()) == 0);
        random_scalar(random, blind);
        const bool good = multiply(blind, element, hidden);
        wipe(element);
        if (!good) return fail(ErrorCode::weak_point);
        out.blinded_.emplace_back(hidden);
        blind += scalar_bytes;
    }
    return out;
}

Result<SecretBytes> OprfQuestion::finalize(const OprfEvaluation& answer,
                                           const OprfPublicKey& holder) const {
    if (answer.elements.size() != blinded_.size()) return fail(ErrorCode::malformed);
    if (!all_usable(answer.elements)) return fail(ErrorCode::weak_point);
    if (mode_ == OprfMode::verifiable) {
        if (!answer.proof) return fail(ErrorCode::malformed);
        if (!proves(mode_, holder.value(), blinded_, answer.elements, *answer.proof)) {
            return fail(ErrorCode::bad_signature);
        }
    }
    SecretBytes out(blinded_.size() * oprf_output_bytes);
    ByteView inputs = inputs_.reveal();
    const std::uint8_t* blind = blinds_.reveal().data();
    for (std::size_t i = 0; i < blinded_.size(); ++i, blind += scalar_bytes) {
        const ByteView input = inputs.first(sizes_[i]);
        inputs = inputs.subspan(sizes_[i]);
        Scalar inverse;
        CHECK(crypto_core_ristretto255_scalar_invert(inverse.data(), blind) == 0);
        Point element;
        if (!multiply(inverse.data(), answer.elements[i].value(), element)) {
            return fail(ErrorCode::weak_point);
        }
        Sha512 hash;
        hash.add(two_bytes(input.size())).add(input);
        hash.add(two_bytes(element.size())).add(element).add(view_of("Finalize"));
        hash.finish(out.writable().subspan(i * oprf_output_bytes, oprf_output_bytes));
        wipe(element);
    }
    return out;
}

Result<void> check_usable(const OprfPublicKey& key) {
    if (!usable(key.value())) return fail(ErrorCode::weak_point);
    return {};
}

}  // namespace mash::crypto
