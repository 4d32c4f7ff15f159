#include "common/wire/transcript.hpp"

#include "common/crypto/hash.hpp"

namespace mash::wire {

std::string_view section_of(const ViewId& view) {
    const std::string_view name = view.value();
    return name.substr(0, name.find('.'));
}

Bytes view_aad(const AgencyId& sender, const NotificationId& id, const ViewId& view) {
    Writer out;
    out.id(sender).id(id).text(section_of(view)).id(view);
    return out.take();
}

Digest view_digest(const AgencyId& sender, const NotificationId& id, const SealedView& view) {
    const Bytes aad = view_aad(sender, id, view.view);
    return crypto::labelled_hash(label::view, {aad, view.commitment, view.nonce, view.ciphertext});
}

namespace {

Bytes parcel_message(const AgencyId& sender, const NotificationId& id, const Parcel& parcel) {
    Writer out;
    out.id(sender).id(id).id(parcel.recipient).u8(static_cast<std::uint8_t>(parcel.lane));
    out.u32(static_cast<std::uint32_t>(parcel.views.size()));
    for (const auto& view : parcel.views) out.id(view.view).fixed(view.digest);
    out.fixed(crypto::labelled_hash(label::grant, {parcel.grant}));
    return out.take();
}

Bytes notification_message(const AgencyId& sender, const NotificationId& id, const SealedNotification& notification) {
    Writer out;
    out.id(sender).id(id).fixed(crypto::labelled_hash(label::routing, {notification.routing}));
    out.u32(static_cast<std::uint32_t>(notification.parcels.size()));
    for (const auto& parcel : notification.parcels) out.fixed(parcel_digest(sender, id, parcel));
    return out.take();
}

}  // namespace

Digest parcel_digest(const AgencyId& sender, const NotificationId& id, const Parcel& parcel) {
    return crypto::labelled_hash(label::parcel, {parcel_message(sender, id, parcel)});
}

crypto::Signature sign_parcel(const crypto::SigningKey& key, const AgencyId& sender, const NotificationId& id,
                              const Parcel& parcel) {
    return crypto::sign(key, label::parcel, parcel_message(sender, id, parcel));
}

bool verify_parcel(const crypto::VerifyKey& key, const AgencyId& sender, const NotificationId& id,
                   const Parcel& parcel) {
    return crypto::verify(key, label::parcel, parcel_message(sender, id, parcel), parcel.signature);
}

crypto::Signature sign_notification(const crypto::SigningKey& key, const AgencyId& sender, const NotificationId& id,
                                    const SealedNotification& notification) {
    return crypto::sign(key, label::notification, notification_message(sender, id, notification));
}

bool verify_notification(const crypto::VerifyKey& key, const AgencyId& sender, const NotificationId& id,
                         const SealedNotification& notification) {
    return crypto::verify(key, label::notification, notification_message(sender, id, notification),
                          notification.signature);
}

Digest offered_digest(const SealedNotification& notification) {
    crypto::LabelledHasher hasher(label::offered);
    hasher.part(notification.routing);
    for (const auto& view : notification.views) {
        Writer head;
        head.id(view.view).fixed(view.nonce).fixed(view.commitment);
        hasher.part(head.done()).part(view.ciphertext);
    }
    for (const auto& parcel : notification.parcels) {
        Writer head;
        head.id(parcel.recipient).u8(static_cast<std::uint8_t>(parcel.lane));
        for (const auto& view : parcel.views) head.id(view.view).fixed(view.digest);
        hasher.part(head.done()).part(parcel.grant).part(parcel.signature.view());
    }
    hasher.part(notification.signature.view());
    return hasher.finish();
}

Bytes end_involvement_message(const AgencyId& agency, std::span<const ClaimId> claims, std::uint64_t serial) {
    Writer out;
    out.id(agency).u64(serial).u32(static_cast<std::uint32_t>(claims.size()));
    for (const auto& claim : claims) out.id(claim);
    return out.take();
}

Bytes task_answer_message(const TaskId& task, TaskOutcome outcome, const PersonId& person, WallTime at) {
    Writer out;
    out.id(task).u8(static_cast<std::uint8_t>(outcome)).id(person).i64(at.unix_ms());
    return out.take();
}

Bytes end_conflict_message(const ConflictId& id, const AgencyId& ended_by, WallTime at) {
    Writer out;
    out.id(id).id(ended_by).i64(at.unix_ms());
    return out.take();
}

}  // namespace mash::wire
