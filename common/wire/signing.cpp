#include "common/wire/signing.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "common/crypto/hash.hpp"

namespace mash::wire {
namespace {

/// The digests of the views of one notification, made once each.
class ViewDigests {
public:
    ViewDigests(const AgencyId& sender, const NotificationId& id,
                const std::vector<SealedView>& views) {
        for (const auto& view : views) digests_.emplace(view.view, view_digest(sender, id, view));
    }

    Result<void> check(const Parcel& parcel) const {
        for (const auto& named : parcel.views) {
            const auto found = digests_.find(named.view);
            if (found == digests_.end()) return fail(ErrorCode::malformed);
            if (found->second != named.digest) return fail(ErrorCode::bad_signature);
        }
        return {};
    }

private:
    std::map<ViewId, Digest> digests_;
};

}  // namespace

Bytes view_aad(const AgencyId& sender, const NotificationId& id, const ViewId& view) {
    return Writer().id(sender).id(id).id(view).take();
}

Digest view_digest(const AgencyId& sender, const NotificationId& id, const SealedView& view) {
    return crypto::labelled_hash(label::view, {view_aad(sender, id, view.view), view.nonce,
                                               view.commitment, view.ciphertext});
}

Bytes parcel_message(const AgencyId& sender, const NotificationId& id, const Parcel& parcel) {
    Writer out;
    out.id(sender).id(id).id(parcel.recipient).u8(static_cast<std::uint8_t>(parcel.lane));
    out.u32(static_cast<std::uint32_t>(parcel.views.size()));
    for (const auto& view : parcel.views) out.id(view.view).fixed(view.digest);
    out.fixed(crypto::labelled_hash(label::grant, {parcel.grant}));
    return out.take();
}

Bytes notification_message(const AgencyId& sender, const NotificationId& id,
                           const SealedNotification& notification) {
    Writer out;
    out.fixed(crypto::labelled_hash(label::routing, {notification.routing}));
    for (const auto& parcel : notification.parcels) {
        out.fixed(crypto::labelled_hash(label::parcel, {parcel_message(sender, id, parcel)}));
    }
    return out.take();
}

Digest notification_digest(const AgencyId& sender, const NotificationId& id,
                           const SealedNotification& notification) {
    return crypto::labelled_hash(label::notification,
                                 {notification_message(sender, id, notification)});
}

Digest supplement_digest(const AgencyId& sender, const NotificationId& id,
                         const SealedNotification& added) {
    return crypto::labelled_hash(label::supplement, {notification_message(sender, id, added)});
}

Result<void> check_views(const AgencyId& sender, const NotificationId& id, const Parcel& parcel,
                         const std::vector<SealedView>& views) {
    return ViewDigests(sender, id, views).check(parcel);
}

Result<void> check_views(const AgencyId& sender, const NotificationId& id,
                         const SealedNotification& notification) {
    const ViewDigests digests(sender, id, notification.views);
    for (const auto& parcel : notification.parcels) MASH_TRY_VOID(digests.check(parcel));
    return {};
}

Bytes end_involvement_message(const EndInvolvement& end) {
    Writer out;
    out.id(end.agency).u64(end.serial).u32(static_cast<std::uint32_t>(end.claims.size()));
    for (const auto& claim : end.claims) out.id(claim);
    return out.take();
}

Bytes task_answer_message(const TaskAnswer& answer) {
    return Writer()
        .id(answer.task)
        .u8(static_cast<std::uint8_t>(answer.outcome))
        .id(answer.person)
        .i64(answer.at.unix_ms())
        .take();
}

Bytes show_identity_message(const ShowIdentity& shown) {
    return Writer()
        .id(shown.question)
        .id(shown.claim)
        .id(shown.holder.agency)
        .id(shown.holder.role)
        .id(shown.agency)
        .flag(shown.of_sender)
        .i64(shown.at.unix_ms())
        .bytes(shown.sealed)
        .take();
}

ClaimId asked_claim_id(const AgencyId& sender, const NotificationId& notification,
                       const Seat& asked, std::string_view relation) {
    const Bytes about =
        Writer().id(sender).id(notification).id(asked.agency).id(asked.role).text(relation).take();
    const Digest digest = crypto::labelled_hash(label::asked_claim, {about});
    std::array<std::uint8_t, 16> id{};
    std::copy_n(digest.begin(), id.size(), id.begin());
    return ClaimId(id);
}

Token asked_token(const ClaimId& question, const Token& token) {
    const Bytes hidden = Writer()
                             .id(question)
                             .u8(static_cast<std::uint8_t>(token.kind))
                             .u16(token.epoch)
                             .fixed(token.value)
                             .take();
    Token asked = token;
    const Digest digest = crypto::labelled_hash(label::asked_token, {hidden});
    std::ranges::copy(digest, asked.value.begin());
    return asked;
}

std::vector<Token> asked_tokens(const ClaimId& question, const std::vector<Token>& tokens) {
    std::vector<Token> asked;
    asked.reserve(tokens.size());
    for (const auto& token : tokens) asked.push_back(asked_token(question, token));
    std::ranges::sort(asked);
    return asked;
}

Bytes end_conflict_message(const EndConflict& end) {
    return Writer().id(end.id).id(end.ended_by).i64(end.at.unix_ms()).take();
}

Bytes document_message(const SignedDocument& document) {
    return Writer()
        .u8(static_cast<std::uint8_t>(document.kind))
        .id(document.area)
        .u64(document.version)
        .bytes(document.body)
        .take();
}

}  // namespace mash::wire
