// A question of the shell itself to a core, and its answer as JSON.
#pragma once

#include <functional>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/shell/operation.hpp"

namespace mash::runtime_shell {

/// 503 and null when the core gave none.
struct CoreReply {
    int status = 503;
    runtime::Json json;
};

/// Gives an input to the core of `area`; where its disk is full, whoever waits is told at once: it
/// may have filled before anybody waited.
void hand_to_core(const ApiArea& area, runtime::Input input);

/// Any thread. `then` runs once, on the core's thread or on the one that gives waiting up; `input`
/// is without its reply.
void ask_core(const ApiArea& area, runtime::ApiRequest input,
              const std::function<void(CoreReply)>& then);

}  // namespace mash::runtime_shell
