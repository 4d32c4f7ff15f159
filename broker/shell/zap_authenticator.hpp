// Which transport key belongs to which host. The only way for a peer to become somebody: nothing in
// a message can claim a host (design.md part 5).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/area/registry.hpp"
#include "common/base/id.hpp"
#include "common/base/log.hpp"
#include "common/base/time.hpp"

namespace mash::broker_shell {

/// The six frames of RFC 27's answer: version, request id, status, status text, user id, metadata.
struct ZapAnswer {
    std::array<std::string, 6> frames;
    bool admitted = false;
    std::optional<std::array<std::uint8_t, 32>> key;  ///< that was shown, if it was one
};

/// Enough to tell one refused key from another in the log.
KeyFingerprint fingerprint_of_transport(const std::array<std::uint8_t, 32>& curve_public_key);

/// Answers from memory: the ZAP handler is serial, and a slow answer holds up every handshake
/// (libzmq). Any thread.
class ZapAuthenticator {
public:
    /// Admits exactly the keys of `registry` that are in force at `now`.
    void replace(const area::Registry& registry, WallTime now);
    std::optional<HostId> host_of(const std::array<std::uint8_t, 32>& curve_public_key) const;
    /// `request`: version, request id, domain, address, identity, mechanism, credentials; anything
    /// else is refused. The user id names host and key, so that a revoked key is known again on a
    /// session it opened before.
    ZapAnswer answer(std::span<const std::string_view> request) const;
    std::size_t key_count() const;

private:
    mutable std::mutex mutex_;
    std::map<std::array<std::uint8_t, 32>, HostId> hosts_;
};

}  // namespace mash::broker_shell
