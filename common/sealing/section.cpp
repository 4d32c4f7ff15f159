#include "common/sealing/section.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/crypto/padding.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::sealing {

Result<SealedWithKey> seal_view(const AgencyId& sender, const NotificationId& id,
                                const ViewId& view, ByteView plain, RandomSource& random) {
    if (plain.size() > limits::section_bytes_max) return fail(ErrorCode::too_large);
    auto key = crypto::AeadKey::generate(random);
    wire::SealedView sealed;
    sealed.view = view;
    sealed.nonce = random.array<24>();
    const Bytes aad = wire::view_aad(sender, id, view);
    sealed.commitment = crypto::key_commitment(key, aad);
    Bytes padded = crypto::pad(plain);
    sealed.ciphertext = crypto::encrypt(key, crypto::AeadNonce(sealed.nonce), aad, padded);
    crypto::wipe(padded);
    const Digest digest = wire::view_digest(sender, id, sealed);
    return SealedWithKey{std::move(sealed), std::move(key), digest};
}

Result<Bytes> open_view(const AgencyId& sender, const NotificationId& id,
                        const wire::SealedView& view, const Digest& named_in_parcel, ByteView key) {
    if (wire::view_digest(sender, id, view) != named_in_parcel)
        return fail(ErrorCode::bad_signature);
    MASH_TRY(aead_key, crypto::AeadKey::from(key));
    const Bytes aad = wire::view_aad(sender, id, view.view);
    MASH_TRY_VOID(crypto::check_commitment(aead_key, aad, view.commitment));
    MASH_TRY(padded,
             crypto::decrypt(aead_key, crypto::AeadNonce(view.nonce), aad, view.ciphertext));
    auto plain = crypto::unpad(padded);
    crypto::wipe(padded);
    return plain;
}

Result<wire::Parcel> make_parcel(const wire::Cover& cover, wire::Lane lane,
                                 const crypto::BoxPublicKey& inbox_key,
                                 std::span<const SealedWithKey* const> views,
                                 RandomSource& random) {
    wire::Parcel parcel;
    parcel.recipient = cover.recipient;
    parcel.lane = lane;
    wire::Grant grant;
    grant.cover = cover;
    for (const auto* view : views) {
        parcel.views.push_back({view->sealed.view, view->digest});
        wire::ViewKey key{view->sealed.view, {}};
        std::ranges::copy(view->key.reveal(), key.key.begin());
        grant.keys.push_back(key);
    }
    std::ranges::sort(parcel.views);
    std::ranges::sort(grant.keys, {}, &wire::ViewKey::view);
    Bytes plain = wire::encode_body(grant);
    wipe_keys(grant);
    Bytes padded = crypto::pad(plain);
    crypto::wipe(plain);
    auto sealed = crypto::seal_to(inbox_key, padded, random);
    crypto::wipe(padded);
    if (!sealed) return fail(sealed.error());
    if (sealed->size() > limits::grant_bytes_max) return fail(ErrorCode::too_large);
    parcel.grant = std::move(*sealed);
    return parcel;
}

Result<wire::Grant> open_parcel(const crypto::BoxKeyPair& inbox_key, const AgencyId& sender,
                                const NotificationId& id, const wire::Parcel& parcel) {
    MASH_TRY(padded, crypto::open_sealed(inbox_key, parcel.grant));
    MASH_TRY(plain, crypto::unpad(padded.reveal()));
    auto grant = wire::decode_body<wire::Grant>(plain);
    crypto::wipe(plain);
    if (!grant) return fail(grant.error());
    const auto same_view = [](const wire::ViewKey& key, const wire::ViewDigest& view) {
        return key.view == view.view;
    };
    const bool ours = grant->cover.sender == sender && grant->cover.id == id &&
                      grant->cover.recipient == parcel.recipient &&
                      std::ranges::equal(grant->keys, parcel.views, same_view);
    if (!ours) {
        wipe_keys(*grant);
        return fail(ErrorCode::bad_signature);
    }
    return grant;
}

void wipe_keys(wire::Grant& grant) {
    for (auto& key : grant.keys) crypto::wipe(key.key);
}

}  // namespace mash::sealing
