// What families said, at the agency that asked them (domain.md E3, E4): which record counts in a
// referral, and what follows when one is withdrawn. Inside this folder only.
#pragma once

#include <optional>

#include "agents/runtime/core/parts.hpp"
#include "common/wire/agreement.hpp"

namespace mash::runtime {

struct AgreementInForce {
    AgreementId id;
    AgreementRow row;
};
/// The record that counts in this referral; nothing: the sender's own statement does.
std::optional<AgreementInForce> agreement_of(Step& step, const ThreadId& referral);
/// What the record says now.
wire::Agreement said_now(const Step& step, const AgreementId& id, const AgreementRow& row);

/// Kept here, and told to the broker as soon as its referral is known.
void put_agreement(Step& step, const AgreementId& id, const AgreementRow& row);
/// From now on the record that counts in this referral, and in no other.
void bind_agreement(Step& step, const AgreementId& id, AgreementRow& row, const ThreadId& referral);

/// Recorded for a thread in which nothing has been sent: it counts once somebody sends there in a
/// role of whoever recorded it. A colleague's word about another's family blocks nothing.
void put_ahead(Step& step, const AgreementId& id, const ThreadId& referral);
void bind_ahead(Step& step, const ThreadId& referral, const RoleId& role);

/// Was it recorded about this child? By any identity that both have; else by name, unless the dates
/// of birth differ. A record whose words were lost with a backup is taken at its sender's word.
bool is_about(Step& step, const AgreementId& id, const Subject& subject);

/// Of what a restored store no longer knows that it passed on: the broker knows who relied on it.
void stop_unknown(Step& step, const NotificationId& id, const AgencyId& agency,
                  const AgreementId& agreement);

/// Recorded under what was sent, beside the record of the agreement's own: whoever asks what became
/// of an item need not know which agreement it rested on. `words`: who relied on it, a seat a line.
void record_withdrawn(Step& step, const NotificationId& id, const OutboxItem& item,
                      const WithdrawalMark& mark);
/// A recorded withdrawal as whoever looks at what was sent reads it: who relied on it, and which of
/// them has confirmed by now.
std::string explain_withdrawal(Step& step, const DecisionRow& row);

/// Everything of ours that belongs to a referral, oldest first.
std::vector<NotificationId> items_of(Step& step, const ThreadId& referral);

/// The statement that goes into a plan: the sender's own, or what the referral's record says.
wire::Agreement stated_agreement(Step& step, const NotificationId& id, const OutboxItem& item,
                                 const Notification& notification);

/// K1: stops what has not gone, tells who relied on it. Errors: refused_by_rule (nothing was given
/// that could be withdrawn).
Result<void> withdraw_agreement(Step& step, const AgreementId& id, const PersonId& person);

}  // namespace mash::runtime
