// Who proves what in an enrolment; the papers' JSON is enrolment_json.cpp's.
#include "common/area/enrolment.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"

namespace mash::area {
namespace {

constexpr std::string_view request_label = "mash.v1.enrol-request";
constexpr std::string_view code_label = "mash.v1.enrol-code";
constexpr std::string_view requests_label = "mash.v1.enrol-requests";
constexpr std::string_view rotation_label = "mash.v1.rotation-request";

// What proofs and fingerprint are over.
Bytes body_of(const EnrolRequest& request) {
    return Writer()
        .id(request.invite)
        .id(request.area)
        .id(request.agency)
        .id(request.host)
        .fixed(request.transport_key.view())
        .fixed(request.signing_key.view())
        .fixed(request.box_key.view())
        .i64(request.made_at.unix_ms())
        .take();
}

Bytes body_of(const RotationRequest& request) {
    Writer out;
    out.id(request.area).id(request.agency).id(request.host).fixed(request.old_signing_key.view());
    out.fixed(request.new_signing_key.view()).fixed(request.new_box_key.view());
    out.flag(request.new_transport_key.has_value());
    if (request.new_transport_key) out.fixed(request.new_transport_key->view());
    out.i64(request.made_at.unix_ms());
    return out.take();
}

Digest code_proof(const InviteCode& code, ByteView body) {
    return crypto::keyed_labelled_hash(code.bytes(), code_label, {body});
}

Digest digest_of(const EnrolRequest& request) {
    return crypto::labelled_hash(request_label, {body_of(request)});
}

}  // namespace

Invite Invite::clone() const {
    return {id,           anchor,    broker_endpoints,
            broker_key,   expires,   code.clone(),
            agency,       kind,      name,
            urn,          telephone, host,
            roles,        seats,     alternate_inboxes,
            replaces_keys};
}

EnrolRequest make_enrol_request(const Invite& invite, const crypto::SigningKey& signing_key,
                                const crypto::BoxPublicKey& box_key,
                                const crypto::CurvePublicKey& transport_key, WallTime now) {
    EnrolRequest request;
    request.invite = invite.id;
    request.area = invite.anchor.area;
    request.agency = invite.agency;
    request.host = invite.host;
    request.transport_key = transport_key;
    request.signing_key = signing_key.verify_key();
    request.box_key = box_key;
    request.made_at = now;
    const Bytes body = body_of(request);
    request.code_proof = code_proof(invite.code, body);
    request.signature = crypto::sign(signing_key, request_label, body);
    return request;
}

Result<void> check_enrol_request(const EnrolRequest& request, const Invite& invite, WallTime now) {
    if (request.area != invite.anchor.area) return fail(ErrorCode::wrong_area);
    if (request.invite != invite.id || request.agency != invite.agency ||
        request.host != invite.host) {
        return fail(ErrorCode::bad_value);
    }
    const Bytes body = body_of(request);
    if (!crypto::equal_constant_time(code_proof(invite.code, body), request.code_proof)) {
        return fail(ErrorCode::wrong_credential);
    }
    if (now >= invite.expires) return fail(ErrorCode::expired);
    if (request.made_at > now + limits::clock_skew_max) return fail(ErrorCode::clock_skew);
    MASH_TRY_VOID(crypto::check_usable(request.signing_key));
    MASH_TRY_VOID(crypto::check_usable(request.box_key));
    MASH_TRY_VOID(crypto::check_usable(
        crypto::BoxPublicKey(request.transport_key.value())));  // X25519 as well
    if (!crypto::verify(request.signing_key, request_label, body, request.signature)) {
        return fail(ErrorCode::bad_signature);
    }
    return {};
}

RotationRequest make_rotation_request(const TrustAnchor& anchor, const Agency& agency,
                                      const crypto::SigningKey& old_key,
                                      const crypto::SigningKey& new_key,
                                      const crypto::BoxPublicKey& new_box_key,
                                      std::optional<crypto::CurvePublicKey> new_transport_key,
                                      WallTime now) {
    RotationRequest request;
    request.area = anchor.area;
    request.agency = agency.id;
    request.host = agency.host;
    request.old_signing_key = old_key.verify_key();
    request.new_signing_key = new_key.verify_key();
    request.new_box_key = new_box_key;
    request.new_transport_key = new_transport_key;
    request.made_at = now;
    const Bytes body = body_of(request);
    request.old_signature = crypto::sign(old_key, rotation_label, body);
    request.new_signature = crypto::sign(new_key, rotation_label, body);
    return request;
}

Result<void> check_rotation_request(const RotationRequest& request, const Registry& registry,
                                    WallTime now) {
    if (request.area != registry.area) return fail(ErrorCode::wrong_area);
    const Agency* agency = registry.find_agency(request.agency);
    if (agency == nullptr) return fail(ErrorCode::not_found);
    if (registry.find_active_agency(request.agency, now) == nullptr)
        return fail(ErrorCode::revoked_key);
    if (agency->host != request.host) return fail(ErrorCode::wrong_host);
    const auto listed = [&](const crypto::VerifyKey& key) {
        return std::find_if(agency->signing_keys.begin(), agency->signing_keys.end(),
                            [&](const DatedVerifyKey& entry) { return entry.key == key; });
    };
    const auto old_entry = listed(request.old_signing_key);
    if (old_entry == agency->signing_keys.end()) return fail(ErrorCode::unknown_key);
    if (old_entry->revoked_at.is_set()) return fail(ErrorCode::revoked_key);
    if (!is_in_force(*old_entry, now)) return fail(ErrorCode::unknown_key);
    if (listed(request.new_signing_key) != agency->signing_keys.end())
        return fail(ErrorCode::already_exists);
    if (request.made_at > now + limits::clock_skew_max) return fail(ErrorCode::clock_skew);
    if (now - request.made_at >= limits::invite_validity) return fail(ErrorCode::expired);
    MASH_TRY_VOID(crypto::check_usable(request.new_signing_key));
    MASH_TRY_VOID(crypto::check_usable(request.new_box_key));
    if (request.new_transport_key) {
        MASH_TRY_VOID(
            crypto::check_usable(crypto::BoxPublicKey(request.new_transport_key->value())));
    }
    const Bytes body = body_of(request);
    if (!crypto::verify(request.old_signing_key, rotation_label, body, request.old_signature) ||
        !crypto::verify(request.new_signing_key, rotation_label, body, request.new_signature)) {
        return fail(ErrorCode::bad_signature);
    }
    return {};
}

crypto::KeyFingerprint fingerprint_of(std::span<const EnrolRequest> requests) {
    if (requests.size() == 1) return crypto::KeyFingerprint::of(digest_of(requests[0]));
    std::vector<Digest> digests;
    digests.reserve(requests.size());
    for (const auto& request : requests) digests.push_back(digest_of(request));
    std::sort(digests.begin(), digests.end());
    crypto::LabelledHasher hasher(requests_label);
    for (const auto& digest : digests) hasher.part(digest);
    return crypto::KeyFingerprint::of(hasher.finish());
}

crypto::KeyFingerprint fingerprint_of(const RotationRequest& request) {
    return crypto::KeyFingerprint::of(crypto::labelled_hash(rotation_label, {body_of(request)}));
}

crypto::KeyFingerprint fingerprint_of(const TrustAnchor& anchor) {
    return crypto::KeyFingerprint::of(anchor.root);
}

}  // namespace mash::area
