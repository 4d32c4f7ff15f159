// What is hashed and signed of a notification: the one place that says which bytes bind what (proto/README.md, "What is
// signed"). Needs no key that opens anything, so the broker uses it too.
#pragma once

#include "common/base/bytes.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/notification.hpp"

namespace mash::wire {

namespace label {
inline constexpr std::string_view notification = "mash.v1.notification";
inline constexpr std::string_view parcel = "mash.v1.parcel";
inline constexpr std::string_view routing = "mash.v1.routing";
inline constexpr std::string_view view = "mash.v1.view";
inline constexpr std::string_view grant = "mash.v1.grant";
inline constexpr std::string_view offered = "mash.v1.offered";
inline constexpr std::string_view accepted = "mash.v1.accepted";
inline constexpr std::string_view statement = "mash.v1.statement";
inline constexpr std::string_view receipts = "mash.v1.receipts";
inline constexpr std::string_view broker_receipts = "mash.v1.broker-receipts";
inline constexpr std::string_view recall = "mash.v1.recall";
inline constexpr std::string_view claim = "mash.v1.claim";
inline constexpr std::string_view end_involvement = "mash.v1.end-involvement";
inline constexpr std::string_view inbox_certificate = "mash.v1.inbox-certificate";
inline constexpr std::string_view person_certificate = "mash.v1.person-certificate";
inline constexpr std::string_view authorisation = "mash.v1.authorisation";
inline constexpr std::string_view task_answer = "mash.v1.task-answer";
inline constexpr std::string_view conflict = "mash.v1.conflict";
inline constexpr std::string_view end_conflict = "mash.v1.end-conflict";
inline constexpr std::string_view document = "mash.v1.document";
}  // namespace label

/// The section a view belongs to: "rsk" of "rsk.word", "voi" of "voi".
std::string_view section_of(const ViewId& view);

/// AAD of a sealed view: sender ‖ id ‖ section ‖ view, each with its length (design.md part 4).
Bytes view_aad(const AgencyId& sender, const NotificationId& id, const ViewId& view);

/// Binds ciphertext, nonce, key commitment and AAD: what a parcel names. Splicing a view of another notification or
/// sender changes it.
Digest view_digest(const AgencyId& sender, const NotificationId& id, const SealedView& view);

/// What the parcel's signature covers and the notification's signature lists.
Digest parcel_digest(const AgencyId& sender, const NotificationId& id, const Parcel& parcel);

crypto::Signature sign_parcel(const crypto::SigningKey& key, const AgencyId& sender, const NotificationId& id,
                              const Parcel& parcel);
[[nodiscard]] bool verify_parcel(const crypto::VerifyKey& key, const AgencyId& sender, const NotificationId& id,
                                 const Parcel& parcel);

/// Over H(routing) ‖ H(parcel)... in the order given. `sender` and `id` are those inside `routing`.
crypto::Signature sign_notification(const crypto::SigningKey& key, const AgencyId& sender, const NotificationId& id,
                                    const SealedNotification& notification);
[[nodiscard]] bool verify_notification(const crypto::VerifyKey& key, const AgencyId& sender, const NotificationId& id,
                                       const SealedNotification& notification);

/// Of everything that was offered, signatures included: the digest of (sender, id) idempotency and of `Accepted`.
Digest offered_digest(const SealedNotification& notification);

/// Signed message of EndInvolvement, TaskAnswer and EndConflict, which are signed over their fields.
Bytes end_involvement_message(const AgencyId& agency, std::span<const ClaimId> claims, std::uint64_t serial);
Bytes task_answer_message(const TaskId& task, TaskOutcome outcome, const PersonId& person, WallTime at);
Bytes end_conflict_message(const ConflictId& id, const AgencyId& ended_by, WallTime at);

}  // namespace mash::wire
