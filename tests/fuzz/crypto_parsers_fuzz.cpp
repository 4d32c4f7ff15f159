// Every function of common/crypto that reads bytes or text from outside. The first byte of the
// input chooses which. What is accepted must be the one spelling of what it means, and nothing
// sealed by nobody may open.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"
#include "common/base/check.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/fingerprint.hpp"
#include "common/crypto/padding.hpp"
#include "common/crypto/password.hpp"
#include "common/crypto/random.hpp"
#include "common/crypto/storage_key.hpp"
#include "common/crypto/token.hpp"
#include "common/crypto/wrap.hpp"

namespace mash::crypto {
namespace {

void read_padding(ByteView input) {
    const auto plain = unpad(input);
    if (plain) CHECK(std::ranges::equal(pad(*plain), input));
}

void read_z85(ByteView input) {
    const auto bytes = z85_decode(text_of(input));
    if (bytes) CHECK(z85_encode(*bytes).value() == text_of(input));
}

void read_token(ByteView input) {
    const auto token = token_from_text(text_of(input));
    if (token) CHECK(text_of_token(*token) == text_of(input));
}

void read_fingerprint(ByteView input) {
    const Digest digest{};
    if (!KeyFingerprint::of(digest).matches(text_of(input))) return;
    CHECK(std::ranges::count_if(input, [](std::uint8_t c) { return c >= '0' && c <= '9'; }) == 30);
}

void read_sealed(ByteView input, RandomSource& random) {
    CHECK(!open_sealed(BoxKeyPair::generate(random), input));
    CHECK(!unwrap_secret(AeadKey::generate(random), view_of("place"), input));
    CHECK(!decrypt_column(StorageKey::generate(random), "space", view_of("row"), input));
}

void read_password_blob(ByteView input) {
    // Unchanged only where the parameters make it refuse before any work; otherwise the cheapest
    // are put in, because a fuzzer that fills 512 MiB for each input finds nothing.
    Bytes blob(input.begin(), input.end());
    const SecretBytes passphrase = SecretBytes::copy_of(view_of("passphrase"));
    if (blob.size() >= 16 && blob[8] == 0) {
        const std::array<std::uint8_t, 8> cheapest{0, 0, 0, 1, 0, 0, 0, argon2_memory_kib_min};
        std::copy(cheapest.begin(), cheapest.end(), blob.begin() + 8);
    }
    CHECK(!open_with_passphrase(passphrase, "mash.v1.test", blob));
}

}  // namespace
}  // namespace mash::crypto

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash::crypto;
    if (size == 0) return 0;
    const mash::ByteView input(data + 1, size - 1);
    SeededRandom random(1);
    switch (data[0] % 6) {
        case 0: read_padding(input); break;
        case 1: read_z85(input); break;
        case 2: read_token(input); break;
        case 3: read_fingerprint(input); break;
        case 4: read_sealed(input, random); break;
        default: read_password_blob(input); break;
    }
    return 0;
}
