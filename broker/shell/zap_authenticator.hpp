// Which transport key belongs to which host. The only way for a peer to become somebody: nothing in
// a message can claim a host (design.md part 5).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "common/area/registry.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"

namespace mash::broker_shell {

/// Answers from memory: the ZAP handler is serial, and a slow answer holds up every handshake
/// (libzmq). Any thread.
class ZapAuthenticator {
public:
    /// Admits exactly the keys of `registry` that are in force at `now`.
    void replace(const area::Registry& registry, WallTime now);
    std::optional<HostId> host_of(const std::array<std::uint8_t, 32>& curve_public_key) const;
    std::size_t key_count() const;

private:
    mutable std::mutex mutex_;
    std::map<std::array<std::uint8_t, 32>, HostId> hosts_;
};

}  // namespace mash::broker_shell
