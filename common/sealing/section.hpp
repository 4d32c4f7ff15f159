// Sealing and opening of one (section, view) and of the grant that carries its key. For agents
// only: the broker cannot link this folder, so it is blind by construction (design.md rule 1).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "common/base/random.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/box.hpp"
#include "common/wire/notification.hpp"

namespace mash::sealing {

/// A view sealed once, and the key that each recipient who is granted it gets. The key encrypts
/// this one text only.
struct SealedWithKey {
    wire::SealedView sealed;
    crypto::AeadKey key;
    Digest digest{};  ///< what parcels name
};

/// Pads, encrypts under a fresh random key, commits to the key. `plain` may be personal; nothing of
/// it is kept. Errors: too_large (over limits::section_bytes_max).
Result<SealedWithKey> seal_view(const AgencyId& sender, const NotificationId& id,
                                const ViewId& view, ByteView plain, RandomSource& random);

/// Checks digest, then key commitment, then decrypts and unpads.
/// Errors: bad_signature (not the view that the signed parcel names), decrypt_failed, malformed.
Result<Bytes> open_view(const AgencyId& sender, const NotificationId& id,
                        const wire::SealedView& view, const Digest& named_in_parcel, ByteView key);

/// One recipient's parcel: cover and keys of its own views, padded and sealed to the inbox,
/// unsigned yet. `views` in any order; the parcel's are sorted. cover.sender, cover.recipient and
/// cover.id say whose it is. Errors: weak_point (the inbox's key), too_large.
Result<wire::Parcel> make_parcel(const wire::Cover& cover, wire::Lane lane,
                                 const crypto::BoxPublicKey& inbox_key,
                                 std::span<const SealedWithKey* const> views, RandomSource& random);

/// Opens a grant and checks that it is for this recipient, from this sender, about this
/// notification, and holds a key for each view of the parcel and no other. The caller wipes the
/// keys (wipe_keys) after use. Errors: decrypt_failed (another key), malformed, bad_signature (a
/// grant moved from another parcel).
Result<wire::Grant> open_parcel(const crypto::BoxKeyPair& inbox_key, const AgencyId& sender,
                                const NotificationId& id, const wire::Parcel& parcel);

void wipe_keys(wire::Grant& grant);

}  // namespace mash::sealing
