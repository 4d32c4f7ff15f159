// What is carried by hand when an agency joins, and what is read back over the telephone. Three
// papers, all JSON:
//
//   invite    area -> agency    the area's root key, the broker's address, what the agency will be,
//   a one-time code request   agency -> area    the keys that the agency made, proved by the code
//   and by the signing key itself rotation  agency -> area    the next keys of an enrolled agency,
//   proved by the old signing key and the new
//
// A request is admitted when a person has heard its fingerprint from a person of the agency. Both
// programs use this file, so that what one writes the other reads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/registry.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/fingerprint.hpp"
#include "common/crypto/secret.hpp"

namespace mash::area {

/// By what a reader recognises an area for ever. Public.
struct TrustAnchor {
    AreaId area;
    crypto::VerifyKey root;
    friend bool operator==(const TrustAnchor&, const TrustAnchor&) = default;
};

using InviteId = BinaryId<struct InviteTag>;
using InviteCode = crypto::FixedSecret<struct InviteCodeTag, 32>;

/// Secret because of its code; move-only for the same reason.
struct Invite {
    InviteId id;
    TrustAnchor anchor;
    std::vector<std::string> broker_endpoints;
    crypto::CurvePublicKey broker_key;
    WallTime expires;
    InviteCode code;
    // What the agency will be; its keys are what the request brings.
    AgencyId agency;
    AgencyKind kind;
    std::string name;
    std::string urn;
    std::string telephone;
    HostId host;
    std::vector<RoleId> roles;
    std::vector<SeatEntry> seats;
    std::vector<InboxId> alternate_inboxes;
    bool replaces_keys = false;  ///< of an agency that is enrolled already and lost its keys

    Invite clone() const;
};

struct EnrolRequest {
    InviteId invite;
    AreaId area;
    AgencyId agency;
    HostId host;
    crypto::CurvePublicKey transport_key;
    crypto::VerifyKey signing_key;
    crypto::BoxPublicKey box_key;
    WallTime made_at;
    Digest code_proof{};            ///< keyed_labelled_hash under the invite's code
    crypto::Signature signature{};  ///< by signing_key: nobody enrols a key that is not theirs
    friend bool operator==(const EnrolRequest&, const EnrolRequest&) = default;
};

struct RotationRequest {
    AreaId area;
    AgencyId agency;
    HostId host;
    crypto::VerifyKey old_signing_key;
    crypto::VerifyKey new_signing_key;
    crypto::BoxPublicKey new_box_key;
    std::optional<crypto::CurvePublicKey> new_transport_key;  ///< of the host, for all its agencies
    WallTime made_at;
    crypto::Signature old_signature{};
    crypto::Signature new_signature{};
    friend bool operator==(const RotationRequest&, const RotationRequest&) = default;
};

/// The agency's side: `keys` made on its own machine, of which only public halves leave it.
EnrolRequest make_enrol_request(const Invite& invite, const crypto::SigningKey& signing_key,
                                const crypto::BoxPublicKey& box_key,
                                const crypto::CurvePublicKey& transport_key, WallTime now);
RotationRequest make_rotation_request(const TrustAnchor& anchor, const Agency& agency,
                                      const crypto::SigningKey& old_key,
                                      const crypto::SigningKey& new_key,
                                      const crypto::BoxPublicKey& new_box_key,
                                      std::optional<crypto::CurvePublicKey> new_transport_key,
                                      WallTime now);

/// The area's side. Errors: wrong_area, bad_value (another agency or host than invited), expired
/// (the invite), wrong_credential (not made with this invite's code), bad_signature, weak_point,
/// clock_skew (made in our future).
Result<void> check_enrol_request(const EnrolRequest& request, const Invite& invite, WallTime now);
/// Errors: wrong_area, not_found (agency not listed), revoked_key, unknown_key (the old key is not
/// in force), wrong_host, already_exists (the new key is listed), expired (older than
/// limits::invite_validity), bad_signature, weak_point, clock_skew.
Result<void> check_rotation_request(const RotationRequest& request, const Registry& registry,
                                    WallTime now);

/// What the two people compare. Of several requests: one text for all of them in any order, so that
/// a council reads out one for its three hundred schools.
crypto::KeyFingerprint fingerprint_of(std::span<const EnrolRequest> requests);
crypto::KeyFingerprint fingerprint_of(const RotationRequest& request);
crypto::KeyFingerprint fingerprint_of(const TrustAnchor& anchor);

// JSON. Each text names its format and version; an unknown or missing field, a second spelling of a
// value or a fingerprint that does not match its key is refused. Errors: malformed,
// unsupported_version, bad_value, too_large.
std::string to_json(const TrustAnchor& anchor);
std::string to_json(const Invite& invite);
std::string to_json(const std::vector<EnrolRequest>& requests);
std::string to_json(const RotationRequest& request);
Result<TrustAnchor> parse_trust_anchor(std::string_view json);
Result<Invite> parse_invite(std::string_view json);
Result<std::vector<EnrolRequest>> parse_enrol_requests(std::string_view json);  ///< at least one
Result<RotationRequest> parse_rotation_request(std::string_view json);

}  // namespace mash::area
