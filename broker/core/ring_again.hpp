// Whoever was told of an item by telephone (a role that nobody has connected, another authority
// without an agent, the involved whom the front door told) has no agent that would hear of K1, K2
// and K3. Each is a task to ring once more, with its own clock.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

namespace tables {
/// Whose, what was wrong, what puts it right. Whoever says later that they had told somebody by
/// telephone told them what was wrong.
inline constexpr Table<std::tuple<AgencyId, NotificationId, NotificationId>, Nothing> corrections{
    Space("corrections")};
}  // namespace tables

/// K3: the item was taken back.
void ring_again_recalled(Step& step, const ItemKey& item);
/// The same of one inbox's copy: whoever was rung for a seat of it.
void ring_again_recalled_copy(Step& step, const ItemKey& item, const InboxId& inbox);
/// K1: what the item rests on was withdrawn. Nobody is rung any more who was not rung yet.
void ring_again_withdrawn(Step& step, const ItemKey& item);
/// K2: `correction` puts right what was said in `wrong`. Whoever has not been rung about an earlier
/// correction is rung about this one alone.
void ring_again_corrected(Step& step, const ItemKey& wrong, const ItemKey& correction,
                          const TypeId& type, WallTime due);
/// Somebody says only now that they were told: of what was withdrawn, put right or taken back
/// meanwhile they are rung once more. `was_open`: nothing had closed the task before; `said_at`: as
/// the person recorded it.
void ring_again_if_outdated(Step& step, const TaskRecord& told, bool was_open, WallTime said_at);
/// With the tombstone of what was wrong, or the last task about it.
void forget_corrections(Step& step, const ItemKey& wrong);

}  // namespace mash::broker
