// How something came to be sent, told to whoever decides about protection and to nobody else: what
// a sender reads of its own decision, the front door must know too.
#pragma once

#include <string>
#include <vector>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// Codes, sorted: `floor` nothing else was in force, `incomplete` a fact was missing (E-05),
/// `unmatched` the child's records were found nowhere.
std::vector<std::string> marks_of(const wire::Decision& decision, const wire::RoutingFacts& facts);

/// Kept once the cover was read, so that the list says it without opening anything.
void keep_marks(Step& step, const InboxKey& key, const wire::Cover& cover);

/// Each with its code and a sentence.
Json marks_json(const std::vector<std::string>& marks);
/// Of an item whose cover was read; of any other nothing.
Json kept_marks_json(Step& step, const InboxKey& key);

}  // namespace mash::runtime
