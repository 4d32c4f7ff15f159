// K3: what was sent in error is stopped where it is, removed where it arrived, and the
// confirmations are collected.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_recall(Step& step, const FrameIn& in, const wire::Recall& recall);

/// An inbox says it has removed the item. True once nothing of this seat's is left anywhere. The
/// caller stores the record.
bool confirm_recall(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat,
                    const AgencyId& from, const DeliveryId& delivery);

/// The host of `inbox` was restored from a backup and may hold the item again. The caller stores
/// the record.
void repeat_recall(Step& step, const ItemKey& item, NotificationRecord& record,
                   const InboxId& inbox);

/// False: nothing of it is left to say to this inbox.
bool send_recall_notice(Step& step, Session& session, const HeldKey& where);

}  // namespace mash::broker
