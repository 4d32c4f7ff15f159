// How a reader comes to trust what it was handed by a broker that it does not trust.
//
//   root key ──signs──> delegation ──names──> registrar ──signs──> registry, policy, catalogue,
//   freshness
//
// The root's public key comes by hand in the invite. Everything else may come from anyone.
#include <array>

#include "common/area/registry.hpp"
#include "common/area/second_registrar.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/signing.hpp"

namespace mash::area {
namespace {

using wire::DocumentKind;

bool is_document_kind(DocumentKind kind) {
    switch (kind) {
        case DocumentKind::delegation:
        case DocumentKind::registry:
        case DocumentKind::policy:
        case DocumentKind::catalogue:
        case DocumentKind::freshness: return true;
    }
    return false;
}

// The body must say what the envelope says: the envelope is what versions are compared by.
template <class Body>
Result<void> agrees_with(const Body& body, const wire::SignedDocument& document) {
    if (body.area != document.area) return fail(ErrorCode::wrong_area);
    if (body.version != document.version) return fail(ErrorCode::bad_value);
    return {};
}

bool is_in_our_future(WallTime time, WallTime now) { return time > now + limits::clock_skew_max; }

}  // namespace

Digest document_digest(const wire::SignedDocument& document) {
    return crypto::labelled_hash("mash.v1.document-digest", {wire::document_message(document)});
}

wire::DocumentSignature sign_document(const wire::SignedDocument& unsigned_document,
                                      const crypto::SigningKey& key) {
    return {key.verify_key(),
            crypto::sign(key, wire::label::document, wire::document_message(unsigned_document))};
}

TrustedArea::TrustedArea(AreaId area, crypto::VerifyKey root)
    : area_(std::move(area)), root_(root) {}

const std::optional<Registry>& TrustedArea::registry() const { return registry_; }
const std::optional<Delegation>& TrustedArea::delegation() const { return delegation_; }
const std::optional<Freshness>& TrustedArea::freshness() const { return freshness_; }
const AreaId& TrustedArea::area() const { return area_; }
const crypto::VerifyKey& TrustedArea::root() const { return root_; }

const wire::SignedDocument* TrustedArea::document(DocumentKind kind) const {
    const auto it = documents_.find(kind);
    return it == documents_.end() ? nullptr : &it->second;
}

std::uint64_t TrustedArea::version(DocumentKind kind) const {
    const auto* held = document(kind);
    return held == nullptr ? 0 : held->version;
}

Result<void> TrustedArea::check_signature(const wire::SignedDocument& document,
                                          WallTime now) const {
    if (document.signatures.size() > limits::document_signatures_max)
        return fail(ErrorCode::too_many);
    crypto::VerifyKey signer = root_;
    if (document.kind != DocumentKind::delegation) {
        if (!delegation_) return fail(ErrorCode::unknown_key);
        if (now < delegation_->not_before || now >= delegation_->not_after)
            return fail(ErrorCode::expired);
        signer = delegation_->registrar;
    }
    if (document.kind == DocumentKind::policy || document.kind == DocumentKind::catalogue) {
        if (missing_signature(*this, document).empty()) return {};
        return fail(ErrorCode::bad_signature);
    }
    const Bytes message = wire::document_message(document);
    for (const auto& signature : document.signatures) {
        if (signature.key == signer &&
            crypto::verify(signer, wire::label::document, message, signature.signature))
            return {};
    }
    return fail(ErrorCode::bad_signature);
}

Result<void> TrustedArea::check_version(const wire::SignedDocument& document) const {
    if (document.version == 0 || document.version > limits::document_version_max)
        return fail(ErrorCode::bad_value);
    const auto* held = this->document(document.kind);
    if (held == nullptr || document.version > held->version) return {};
    if (document.version == held->version && document.body == held->body) return {};
    return fail(ErrorCode::version_went_back);
}

Result<void> TrustedArea::accept(const wire::SignedDocument& document, WallTime now) {
    if (!is_document_kind(document.kind)) return fail(ErrorCode::bad_value);
    if (document.area != area_) return fail(ErrorCode::wrong_area);
    if (document.body.size() > limits::signed_document_bytes_max) return fail(ErrorCode::too_large);
    // The signature first: what nobody vouches for is not parsed.
    MASH_TRY_VOID(check_signature(document, now));
    MASH_TRY_VOID(check_version(document));

    switch (document.kind) {
        case DocumentKind::delegation: {
            MASH_TRY(delegation, parse_delegation(document.body));
            MASH_TRY_VOID(agrees_with(delegation, document));
            // One whose time has not begun would put the present registrar out of office before its
            // successor is in.
            if (is_in_our_future(delegation.not_before, now)) return fail(ErrorCode::clock_skew);
            const bool is_another_registrar =
                !delegation_ || delegation_->registrar != delegation.registrar;
            delegation_ = std::move(delegation);
            // The old registrar's word that its documents are current is worth nothing now. Its
            // number stays, so that an older statement cannot come back.
            if (is_another_registrar) freshness_.reset();
            break;
        }
        case DocumentKind::registry: {
            MASH_TRY(registry, parse_registry(document.body));
            MASH_TRY_VOID(agrees_with(registry, document));
            if (is_in_our_future(registry.issued_at, now)) return fail(ErrorCode::clock_skew);
            registry_ = std::move(registry);
            break;
        }
        case DocumentKind::freshness: {
            MASH_TRY(freshness, parse_freshness(document.body));
            MASH_TRY_VOID(agrees_with(freshness, document));
            if (is_in_our_future(freshness.issued_at, now)) return fail(ErrorCode::clock_skew);
            freshness_ = std::move(freshness);
            break;
        }
        case DocumentKind::policy:
        case DocumentKind::catalogue:
            break;  // text, read by policy.hpp; here only its signature and version count
    }
    documents_.insert_or_assign(document.kind, document);
    return {};
}

Result<void> TrustedArea::check_fresh(WallTime now) const {
    if (!delegation_ || !freshness_) return fail(ErrorCode::not_fresh);
    if (now < delegation_->not_before || now >= delegation_->not_after)
        return fail(ErrorCode::expired);
    if (now - freshness_->issued_at >= limits::freshness_max) return fail(ErrorCode::not_fresh);
    struct Named {
        DocumentKind kind;
        std::uint64_t version;
        const Digest& digest;
    };
    const std::array named = {
        Named{DocumentKind::registry, freshness_->registry_version, freshness_->registry_digest},
        Named{DocumentKind::policy, freshness_->policy_version, freshness_->policy_digest},
        Named{DocumentKind::catalogue, freshness_->catalogue_version,
              freshness_->catalogue_digest}};
    for (const auto& expected : named) {
        const auto* held = document(expected.kind);
        if (held == nullptr) {
            if (expected.version != 0) return fail(ErrorCode::not_fresh);
        } else if (held->version != expected.version || document_digest(*held) != expected.digest) {
            return fail(ErrorCode::not_fresh);
        }
    }
    return {};
}

}  // namespace mash::area
