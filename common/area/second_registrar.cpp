#include "common/area/second_registrar.hpp"

#include <algorithm>

#include "common/wire/signing.hpp"

namespace mash::area {
namespace {

constexpr std::uint8_t format_with_second = 2;

bool is_signed_by(const wire::SignedDocument& document, const crypto::VerifyKey& key) {
    const Bytes message = wire::document_message(document);
    return std::ranges::any_of(document.signatures, [&](const wire::DocumentSignature& one) {
        return one.key == key && crypto::verify(key, wire::label::document, message, one.signature);
    });
}

bool was_in_force(const SecondRegistrar& second, const wire::SignedDocument& document) {
    const Digest& named = document.kind == wire::DocumentKind::policy ? second.policy_in_force
                                                                      : second.catalogue_in_force;
    return named != Digest{} && document_digest(document) == named;
}

}  // namespace

Bytes encode_delegation(const Delegation& delegation, const SecondRegistrar& second) {
    Bytes body = encode_delegation(delegation);
    body.front() = format_with_second;
    const Bytes more = Writer()
                           .fixed(second.key.view())
                           .fixed(second.policy_in_force)
                           .fixed(second.catalogue_in_force)
                           .take();
    body.insert(body.end(), more.begin(), more.end());
    return body;
}

std::optional<SecondRegistrar> second_registrar(ByteView delegation_body) {
    if (delegation_body.size() < encoded_second_bytes ||
        delegation_body.front() != format_with_second)
        return std::nullopt;
    Reader in(delegation_body.last(encoded_second_bytes));
    SecondRegistrar second;
    second.key = crypto::VerifyKey(in.array<32>());
    second.policy_in_force = in.array<32>();
    second.catalogue_in_force = in.array<32>();
    return second;
}

std::optional<SecondRegistrar> second_registrar(const TrustedArea& trusted) {
    const auto* delegation = trusted.document(wire::DocumentKind::delegation);
    if (delegation == nullptr) return std::nullopt;
    return second_registrar(delegation->body);
}

std::string_view missing_signature(const TrustedArea& trusted,
                                   const wire::SignedDocument& document) {
    const auto& delegation = trusted.delegation();
    if (!delegation || !is_signed_by(document, delegation->registrar)) return "the registrar";
    const auto second = second_registrar(trusted);
    if (!second || was_in_force(*second, document) || is_signed_by(document, second->key))
        return {};
    return "the second registrar";
}

}  // namespace mash::area
