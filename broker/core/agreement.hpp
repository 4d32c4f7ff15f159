// Which agreement counts in a referral, and what follows from its withdrawal (K1): what has not
// gone is stopped, who relied on it is told, and each confirmation is a rung.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_record_agreement(Step& step, const FrameIn& in, const wire::RecordAgreement& record);

/// False: the sender states that a family agreed, and its own record in this referral says
/// otherwise. `at` unset: whether it has run out is not asked.
bool is_borne_out(Step& step, const wire::RoutingFacts& facts, const NotificationId& id,
                  WallTime at);
/// What the agency itself recorded, to the agency that has forgotten it.
void give_back_record(Step& step, const FrameIn& in, const wire::RoutingFacts& facts,
                      const NotificationId& id);

/// A withdrawal of something not known yet is kept for when it comes. That of a later agreement
/// takes the place of an earlier one's, for whoever has not stopped.
void on_withdraw_agreement(Step& step, const FrameIn& in, const wire::WithdrawAgreement& frame);
/// Accepted: whose part rests on what the family agreed to; a withdrawal that came before counts
/// at once, unless the family has agreed anew since. The caller stores the record.
void note_reliance(Step& step, const ItemKey& item, NotificationRecord& record,
                   const wire::Decision& decision, const wire::Agreement& stated);
/// The same of whoever a supplement adds.
void add_reliance(Step& step, const ItemKey& item, NotificationRecord& record,
                  const wire::Decision& added, const wire::Agreement& stated);
bool is_withdrawn(Step& step, const ItemKey& item);

/// An inbox says that it uses the item no more. True once no inbox of this seat may still use it.
bool confirm_stop(Step& step, const ItemKey& item, const SeatRecord& seat, const AgencyId& from,
                  const DeliveryId& delivery);
/// The host of `inbox` was restored from a backup and may not know of it. True: this inbox relied
/// on what was withdrawn.
bool repeat_withdrawal(Step& step, const ItemKey& item, const NotificationRecord& record,
                       const InboxId& inbox);
/// False: nothing of it is left to say to this inbox.
bool send_withdrawal_notice(Step& step, Session& session, const HeldKey& where);

// clock.cpp
void drop_withdrawal_ahead(Step& step, const ItemKey& item);
void drop_agreement(Step& step, const AgencyId& agency, const ThreadId& thread);

}  // namespace mash::broker
