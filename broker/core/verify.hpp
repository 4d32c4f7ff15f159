// Checks everything about a frame that needs no state but the registry: which agency speaks,
// whether this host serves it, every signature. Pure, so the shell runs it on a pool of threads and
// the simulator inline.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/area/registry.hpp"
#include "common/base/log.hpp"
#include "common/base/time.hpp"
#include "common/wire/frames.hpp"

namespace mash::broker {

/// Only verify() makes one. Signed bodies are decoded once, here.
class VerifiedFrame {
public:
    const wire::AgentFrame& frame() const { return frame_; }
    wire::AgentFrame& frame() { return frame_; }
    std::uint64_t registry_version() const { return registry_version_; }

    const wire::Routing& routing() const {
        CHECK(routing_);
        return *routing_;
    }  ///< Publish, Supplement
    /// Publish, Supplement: that of what is offered.
    const Digest& notification_digest() const { return notification_digest_; }
    const wire::ReceiptsBody& receipts() const {
        CHECK(receipts_);
        return *receipts_;
    }  ///< Receipts only
    const wire::RecallBody& recall() const {
        CHECK(recall_);
        return *recall_;
    }  ///< Recall only
    const wire::AgreementBody& agreement() const {
        CHECK(agreement_);
        return *agreement_;
    }  ///< RecordAgreement only
    const wire::WithdrawalBody& withdrawal() const {
        CHECK(withdrawal_);
        return *withdrawal_;
    }  ///< WithdrawAgreement only
    const wire::ConflictBody& conflict() const {
        CHECK(conflict_);
        return *conflict_;
    }  ///< DeclareConflict only
    const wire::InboxCertificate& certificate() const {
        CHECK(certificate_);
        return *certificate_;
    }  ///< PublishInboxKey only
    const wire::Authorisation& authorisation() const {
        CHECK(authorisation_);
        return *authorisation_;
    }  ///< AuthorisationFrame only
    const wire::IdentityLook& identity_look() const {
        CHECK(identity_look_);
        return *identity_look_;
    }  ///< LookAtIdentity only
    const wire::IdentityAnswer& identity_answer() const {
        CHECK(identity_answer_);
        return *identity_answer_;
    }  ///< AnswerIdentity only
    const wire::WordsBody& words() const {
        CHECK(words_);
        return *words_;
    }  ///< DeciderWords only
    const wire::PersonCertificate& person_certificate() const {
        CHECK(person_);
        return *person_;
    }  ///< AuthorisationFrame, TaskAnswer, LookAtIdentity, AnswerIdentity
    const std::vector<wire::InvolvementClaim>& claims() const {
        return claims_;
    }  ///< ClaimInvolvement, ReplaceRoll; InvolvementAnswer: one, if it has one

private:
    friend Result<VerifiedFrame> verify(wire::AgentFrame, const HostId&, const area::Registry&,
                                        WallTime);
    wire::AgentFrame frame_;
    std::uint64_t registry_version_ = 0;
    std::optional<wire::Routing> routing_;
    Digest notification_digest_{};
    std::optional<wire::ReceiptsBody> receipts_;
    std::optional<wire::RecallBody> recall_;
    std::optional<wire::AgreementBody> agreement_;
    std::optional<wire::WithdrawalBody> withdrawal_;
    std::optional<wire::ConflictBody> conflict_;
    std::optional<wire::InboxCertificate> certificate_;
    std::optional<wire::Authorisation> authorisation_;
    std::optional<wire::IdentityLook> identity_look_;
    std::optional<wire::IdentityAnswer> identity_answer_;
    std::optional<wire::WordsBody> words_;
    std::optional<wire::PersonCertificate> person_;
    std::vector<wire::InvolvementClaim> claims_;
};

/// Nothing a frame says can claim another host's agency. Errors: bad_signature, unknown_key,
/// revoked_key, wrong_host, not_entitled, malformed, expired.
Result<VerifiedFrame> verify(wire::AgentFrame frame, const HostId& host,
                             const area::Registry& registry, WallTime now);

}  // namespace mash::broker
