#include "broker/shell/zap_authenticator.hpp"

namespace mash::broker_shell {

void ZapAuthenticator::replace(const area::Registry& registry, WallTime now) {
    std::map<std::array<std::uint8_t, 32>, HostId> hosts;
    for (const auto& [id, host] : registry.hosts) {
        for (const auto& key : host.transport_keys) {
            if (registry.host_of_key(key.curve_public_key, now) != nullptr)
                hosts.emplace(key.curve_public_key, id);
        }
    }
    const std::lock_guard lock(mutex_);
    hosts_ = std::move(hosts);
}

std::optional<HostId> ZapAuthenticator::host_of(
    const std::array<std::uint8_t, 32>& curve_public_key) const {
    const std::lock_guard lock(mutex_);
    const auto found = hosts_.find(curve_public_key);
    if (found == hosts_.end()) return std::nullopt;
    return found->second;
}

std::size_t ZapAuthenticator::key_count() const {
    const std::lock_guard lock(mutex_);
    return hosts_.size();
}

}  // namespace mash::broker_shell
