#include "common/crypto/hmac_sha1.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/check.hpp"

namespace mash::crypto {

std::array<std::uint8_t, 20> hmac_sha1(const SecretBytes& key, ByteView message) {
    std::array<std::uint8_t, 20> out{};
    unsigned int size = 0;
    const auto view = key.reveal();
    CHECK(HMAC(EVP_sha1(), view.data(), static_cast<int>(view.size()), message.data(),
               message.size(), out.data(), &size) != nullptr &&
          size == out.size());
    return out;
}

}  // namespace mash::crypto
