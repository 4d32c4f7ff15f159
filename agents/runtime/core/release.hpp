// A protected address waits for two people. Inside this folder.
#pragma once

#include <string>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// Of this held notification or task, somebody is asked to release an address.
bool is_release_question(Step& step, const std::string& id);

}  // namespace mash::runtime
