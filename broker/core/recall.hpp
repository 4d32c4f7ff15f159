// K3: what was sent in error is stopped where it is, removed where it arrived, and the
// confirmations are collected.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// A recall of something not known yet is kept for when it comes.
void on_recall(Step& step, const FrameIn& in, const wire::Recall& recall);

/// Stops it and tells everybody, by the recall that is stored; stores the record.
void take_back(Step& step, const ItemKey& item, NotificationRecord& record);

/// The notification did not come in all that time.
void drop_recall_ahead(Step& step, const ItemKey& item);

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
