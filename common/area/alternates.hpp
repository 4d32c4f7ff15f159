// Who stands in for a seat whose people must not see something: its alternate, and behind that the
// alternate of the seat that this one is the inbox of, and so on. A school's lead, its head, the
// chair of its governors.
#pragma once

#include <vector>

#include "common/area/registry.hpp"

namespace mash::area {

/// The nearest first, each once, never the seat's own inbox. Empty: nobody stands in.
std::vector<InboxId> alternates_of(const Agency& agency, const RoleId& role);

}  // namespace mash::area
