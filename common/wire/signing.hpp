// What is signed and hashed, for everything whose signed form is not simply its body as sent. One
// place, because sender, broker and recipient must make the same bytes. The keys and the checking
// of them are not here.
#pragma once

#include <string_view>

#include "common/wire/session.hpp"

namespace mash::wire {

/// Labels of crypto::sign, crypto::verify and crypto::labelled_hash. A signature under one never
/// passes for another.
namespace label {
inline constexpr std::string_view notification = "mash.v1.notification";
inline constexpr std::string_view supplement = "mash.v1.supplement";
inline constexpr std::string_view routing = "mash.v1.routing";  ///< hash only
inline constexpr std::string_view parcel = "mash.v1.parcel";
inline constexpr std::string_view parcel_to_decide =
    "mash.v1.parcel-to-decide";  ///< of whoever decides: gone with the question
inline constexpr std::string_view grant = "mash.v1.grant";        ///< hash only
inline constexpr std::string_view view = "mash.v1.view";          ///< hash only
inline constexpr std::string_view accepted = "mash.v1.accepted";  ///< AcceptedBody, by the broker
inline constexpr std::string_view statement =
    "mash.v1.statement";  ///< StatementBody, by the broker
inline constexpr std::string_view receipts =
    "mash.v1.receipts";  ///< ReceiptsBody, by the seat's agency
inline constexpr std::string_view broker_receipts =
    "mash.v1.broker-receipts";                                ///< ReceiptsBody, by the broker
inline constexpr std::string_view recall = "mash.v1.recall";  ///< RecallBody, by the sender
inline constexpr std::string_view agreement =
    "mash.v1.agreement";  ///< AgreementBody, by its agency
inline constexpr std::string_view withdrawal =
    "mash.v1.withdrawal";                                   ///< WithdrawalBody, by the sender
inline constexpr std::string_view claim = "mash.v1.claim";  ///< InvolvementClaim, by its agency
inline constexpr std::string_view end_involvement = "mash.v1.end-involvement";
inline constexpr std::string_view inbox_certificate =
    "mash.v1.inbox-certificate";  ///< InboxCertificate, by its agency
inline constexpr std::string_view person_certificate =
    "mash.v1.person-certificate";  ///< PersonCertificate, by its agency
inline constexpr std::string_view authorisation =
    "mash.v1.authorisation";  ///< Authorisation, by the person
inline constexpr std::string_view identity_look =
    "mash.v1.identity-look";  ///< IdentityLook, by the person
inline constexpr std::string_view identity_shown = "mash.v1.identity-shown";  ///< by who shows
inline constexpr std::string_view identity_answer =
    "mash.v1.identity-answer";  ///< IdentityAnswer, by the person
inline constexpr std::string_view task_answer = "mash.v1.task-answer";  ///< by the person
inline constexpr std::string_view conflict =
    "mash.v1.conflict";  ///< ConflictBody, by the declaring agency
inline constexpr std::string_view end_conflict = "mash.v1.end-conflict";
inline constexpr std::string_view words = "mash.v1.words";  ///< WordsBody, by the decider's agency
inline constexpr std::string_view words_digest = "mash.v1.words-digest";  ///< hash only
inline constexpr std::string_view asked_claim = "mash.v1.asked-claim";    ///< hash only
inline constexpr std::string_view asked_token = "mash.v1.asked-token";    ///< hash only
inline constexpr std::string_view document = "mash.v1.document";          ///< by root or registrar
}  // namespace label

/// AAD of a view's encryption and of its key commitment: sender ‖ id ‖ section and view.
Bytes view_aad(const AgencyId& sender, const NotificationId& id, const ViewId& view);

/// What a parcel names its views by: labelled_hash(label::view) over AAD, nonce, commitment and
/// ciphertext.
Digest view_digest(const AgencyId& sender, const NotificationId& id, const SealedView& view);

/// Signed by the sender under label::parcel: sender, id, recipient, lane, view digests, H(grant).
Bytes parcel_message(const AgencyId& sender, const NotificationId& id, const Parcel& parcel);

/// Signed by the sender under label::notification, or label::supplement: H(routing) ‖ H(parcel)...,
/// in the order of the parcels. A parcel's own signature is not in it: the broker checks this one,
/// a recipient its parcel's.
Bytes notification_message(const AgencyId& sender, const NotificationId& id,
                           const SealedNotification& notification);

/// The digest by which a notification is known again: AcceptedBody::digest, idempotency by (sender,
/// id).
Digest notification_digest(const AgencyId& sender, const NotificationId& id,
                           const SealedNotification& notification);
/// The same of a supplement; never equal to that of a notification.
Digest supplement_digest(const AgencyId& sender, const NotificationId& id,
                         const SealedNotification& added);

/// Every view a parcel names is there and has the digest it says. Errors: bad_signature (spliced or
/// changed), and malformed (named but not there).
Result<void> check_views(const AgencyId& sender, const NotificationId& id, const Parcel& parcel,
                         const std::vector<SealedView>& views);
/// The same for all parcels; each view is hashed once.
Result<void> check_views(const AgencyId& sender, const NotificationId& id,
                         const SealedNotification& notification);

/// Signed by the agency under label::end_involvement: agency, serial, claims.
Bytes end_involvement_message(const EndInvolvement& end);
/// Signed by the person under label::task_answer: task, outcome, person, at.
Bytes task_answer_message(const TaskAnswer& answer);
/// Signed by `agency` under label::identity_shown: all but the signature.
Bytes show_identity_message(const ShowIdentity& shown);
/// Of the question whether this seat works with the child of a notification in these words, and of
/// the claim that says yes: it counts for that notification, and its sender can tell.
ClaimId asked_claim_id(const AgencyId& sender, const NotificationId& notification,
                       const Seat& asked, std::string_view relation);
/// A token as that question holds it: whoever has the token makes the same, nobody gets it back,
/// and two questions about one child have nothing in common.
Token asked_token(const ClaimId& question, const Token& token);
/// Sorted.
std::vector<Token> asked_tokens(const ClaimId& question, const std::vector<Token>& tokens);
/// Signed by the agency that declared it under label::end_conflict: id, ended_by, at.
Bytes end_conflict_message(const EndConflict& end);
/// Signed by root or registrar under label::document: kind, area, version, body.
Bytes document_message(const SignedDocument& document);

}  // namespace mash::wire
