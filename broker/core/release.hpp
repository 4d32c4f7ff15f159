// Which of a seat's inboxes gets the item: its own, or a standby that a conflict, the hour or an
// operator releases.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Gives every seat its way under the conflicts now in force: the seat's own inbox; else, silently,
/// an alternate's standby; else a task for the front door. True when anything changed; the caller
/// stores `record`.
bool apply_conflicts(Step& step, const ItemKey& item, NotificationRecord& record);

/// A restored agent may have lost what was stored in its inbox `lost`, and a conflict declared
/// since keeps it from having it again. Where nobody had taken it, the seat's other way is
/// released, or there is a task; otherwise nobody of that seat would know. The caller stores
/// `record`.
void release_instead_of(Step& step, const ItemKey& item, NotificationRecord& record,
                        const InboxId& lost);

/// Conflicts close the only inboxes where a seat has it already. Nothing calls that back; but where
/// nobody had taken it (of those who are only told: opened it), somebody of that seat who is not in
/// the conflict has it as well, or there is a task. True when anything changed; the caller stores
/// `record`.
bool release_untaken(Step& step, const ItemKey& item, NotificationRecord& record);

/// Plans the look at the out-of-hours standby of `seat`, at the next opening or closing of the
/// front door.
void plan_hours_release(Step& step, const ItemKey& item, SeatRecord& seat);
void cancel_hours_release(Step& step, const ItemKey& item, SeatRecord& seat);
/// The time has come: untaken items go to the half of the day that is on duty now.
void release_by_hours(Step& step, const ItemKey& item, const Seat& seat);

/// An operator's word (`mashctl release`): every standby parcel of the item that no conflict
/// excludes. How many went.
Result<std::uint32_t> release_by_operator(Step& step, const ItemKey& item);

}  // namespace mash::broker
