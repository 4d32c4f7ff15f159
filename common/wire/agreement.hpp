// What a family said, as a record of its own, and what follows when it is taken back (domain.md E3,
// E4). Agreement to a service; never the lawful basis for sharing, which the decision names.
#pragma once

#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/plan.hpp"

namespace mash::wire {

/// Signed by the agency under "mash.v1.agreement". Bound to one referral: it carries over to no
/// other.
struct AgreementBody {
    AgreementId id;
    AgencyId agency;
    ThreadId thread;  ///< the referral; of a notification without a thread, its id
    PersonId person;
    Agreement agreement;
    WallTime recorded_at;
    WallTime expires_at;    ///< unset: no end
    WallTime withdrawn_at;  ///< unset: it stands
    friend bool operator==(const AgreementBody&, const AgreementBody&) = default;
};

struct RecordAgreement {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const RecordAgreement&, const RecordAgreement&) = default;
};

/// K1. Signed by the sender under "mash.v1.withdrawal"; one for each notification that relied on
/// it, so that no recipient reads of another.
struct WithdrawalBody {
    NotificationId notification;
    AgencyId sender;
    AgreementId agreement;
    PersonId person;
    WallTime at;
    WallTime confirm_by;
    friend bool operator==(const WithdrawalBody&, const WithdrawalBody&) = default;
};

struct WithdrawAgreement {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const WithdrawAgreement&, const WithdrawAgreement&) = default;
};

/// The withdrawal as signed by the sender, to every inbox of the seats that relied on it.
struct WithdrawalNotice {
    DeliveryId delivery;  ///< zero when nothing of it was ever delivered to this inbox
    InboxId inbox;
    Seat seat;
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const WithdrawalNotice&, const WithdrawalNotice&) = default;
};

/// What the broker holds of an agency's own record, given back to an agency that states otherwise.
struct AgreementHeld {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const AgreementHeld&, const AgreementHeld&) = default;
};

}  // namespace mash::wire
