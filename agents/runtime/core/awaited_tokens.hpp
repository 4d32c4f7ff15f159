// Why an item of the outbox has not been planned yet: the broker has not helped to recognise its
// child. Inside this folder only.
#pragma once

#include <optional>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

struct AwaitedTokens {
    WallTime until;  ///< then it goes on without
    std::optional<ErrorCode> refused;
    WallTime asked_again_at;  ///< where it was refused
};
/// tokens.cpp. Nothing: it does not wait for that.
std::optional<AwaitedTokens> awaited_tokens(const Step& step, const NotificationId& id,
                                            const OutboxItem& item);

}  // namespace mash::runtime
