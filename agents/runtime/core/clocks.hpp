// Time limits in law that are this inbox's own to hold, as its sender's sealed word states them.
// Stated, and no more: nothing here reminds anybody, and nothing marks one as met.
#pragma once

#include <vector>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// Kept once the cover was read, so that the list says it without opening anything: the item's own,
/// and of what it replaces those that it does not state anew.
void keep_clocks(Step& step, const InboxKey& key, const wire::Cover& cover);
/// Of an item whose cover was read; of any other none.
std::vector<wire::Clock> kept_clocks(Step& step, const InboxKey& key);
/// A correction moves the clocks that it states; the others run on.
std::vector<wire::Clock> with_those_before(std::vector<wire::Clock> stated,
                                           const std::vector<wire::Clock>& before);

/// Each with its words in the policy in force here, and when it runs out. None of an item that was
/// put right: the correction has them, and two dates for one duty are one too many.
Json clocks_json(Step& step, const InboxKey& key, const std::vector<wire::Clock>& clocks);

}  // namespace mash::runtime
