// K3: what was sent in error is stopped where it is, removed where it arrived, and the
// confirmations are collected.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Of the whole, or of one inbox's copy. A recall of something not known yet is kept for when it
/// comes. It may come from whoever was told of it in an earlier life of this store: then its sender
/// is told as well, for it may have been put back too.
void on_recall(Step& step, const FrameIn& in, const wire::Recall& recall);

/// Stops it and tells everybody, by the recall that is stored; stores the record.
void take_back(Step& step, const ItemKey& item, NotificationRecord& record);

/// The notification has come, and its recalls before it. True: the whole was recalled.
bool take_back_what_was_recalled(Step& step, const ItemKey& item, NotificationRecord& record);
/// The same of single copies, once the tasks about it are open: nobody rings whose copy is
/// recalled.
void take_back_copies(Step& step, const ItemKey& item, NotificationRecord& record);

/// With the notification itself.
void forget_recalls(Step& step, const ItemKey& item);

/// The notification did not come in all that time.
void drop_recall_ahead(Step& step, const ItemKey& item);

/// An inbox says it has removed the item. True once nothing of this seat's is left anywhere. The
/// caller stores the record.
bool confirm_recall(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat,
                    const AgencyId& from, const DeliveryId& delivery);

/// The same, of a copy that this store's routes do not know (earlier_copies.hpp).
bool confirm_earlier_copy(Step& step, const ItemKey& item, SeatRecord& seat);

/// A copy of this seat's.
bool is_recalled(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const SeatRecord& seat);

/// The host of `inbox` was restored from a backup and may hold the item again. False: its copy was
/// not recalled. The caller stores the record.
bool repeat_recall(Step& step, const ItemKey& item, NotificationRecord& record,
                   const InboxId& inbox);

/// The host was restored from a backup, and may have lost what its agencies took back themselves.
void tell_own_recalls_again(Step& step, const HostId& host);

/// False: nothing of it is left to say to this agency.
bool send_recall_notice(Step& step, Session& session, const AgencyId& agency, const HeldKey& where);

}  // namespace mash::broker
