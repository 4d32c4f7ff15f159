// A notice and the corrections of it, which may be corrected in turn: in what order they count.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// A notice and all its corrections. No honest sender comes near; of more, and of corrections that
/// name each other in a ring, nothing says which of them counts.
inline constexpr std::size_t put_right_together_max = 64;

/// Once its cover was read.
void note_correction(Step& step, const InboxKey& key, const NotificationId& corrects);
/// Zero: nothing, or its cover was not read.
NotificationId corrected_by(Step& step, const InboxKey& key);
/// The last accepted of those that correct this one and are still here.
std::optional<NotificationId> last_correction(Step& step, const InboxKey& key);

struct PutRight {
    InboxKey key;
    bool opens = true;
};
/// This one, and all that is joined to it by corrections: in the order in which they were accepted,
/// but none before what it corrects. Without those whose content is gone. Nothing: see the bound.
std::optional<std::vector<PutRight>> put_right_together(Step& step, const InboxKey& key);

}  // namespace mash::runtime
