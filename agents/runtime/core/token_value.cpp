// What is blinded, and what a token is: the two formulas that every agency must share.
#include "agents/runtime/core/tokens.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {

wire::Token token_of(const TokenEpoch& epoch, wire::TokenKind kind, ByteView output) {
    Writer message;
    message.text("mash.v1.blind-token")
        .u8(static_cast<std::uint8_t>(kind))
        .u16(epoch.epoch)
        .bytes(output);
    return {kind, epoch.epoch, crypto::hmac_sha256(epoch.pepper, message.done())};
}

Bytes oprf_input(wire::TokenKind kind, std::string_view canonical) {
    return Writer()
        .text("mash.v1.identity")
        .u8(static_cast<std::uint8_t>(kind))
        .text(canonical)
        .take();
}

}  // namespace mash::runtime
