// Time limits in law that are this inbox's own to hold, as its sender's sealed word states them.
// Stated, and no more: nothing here reminds anybody, and nothing marks one as met.
#pragma once

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// Kept once the cover was read, so that the list says it without opening anything.
void keep_clocks(Step& step, const InboxKey& key, const wire::Cover& cover);

/// Each with its words in the policy in force here, and when it runs out: the item's own, and those
/// of what it puts right that it does not state anew. None of an item that was put right: the last
/// correction has them, and two dates for one duty are one too many.
Json clocks_json(Step& step, const InboxKey& key);

}  // namespace mash::runtime
