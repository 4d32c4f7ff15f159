#include "broker/shell/zap_authenticator.hpp"

#include <algorithm>

#include "common/base/bytes.hpp"
#include "common/crypto/hash.hpp"

namespace mash::broker_shell {

KeyFingerprint fingerprint_of_transport(const std::array<std::uint8_t, 32>& curve_public_key) {
    const auto digest = crypto::labelled_hash("mash.v1.fingerprint.transport", {curve_public_key});
    KeyFingerprint out;
    std::copy_n(digest.begin(), out.bytes.size(), out.bytes.begin());
    return out;
}

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

ZapAnswer ZapAuthenticator::answer(std::span<const std::string_view> request) const {
    ZapAnswer out;
    out.frames[0] = "1.0";
    if (request.size() > 1) out.frames[1] = std::string(request[1]);
    // 300: try again later. After 400 a client's socket never comes back, even when its key has
    // been enrolled.
    out.frames[2] = "300";
    out.frames[3] = "not enrolled";
    if (request.size() != 7 || request[0] != "1.0" || request[5] != "CURVE") return out;
    const auto credentials = view_of(request[6]);
    std::array<std::uint8_t, 32> key{};
    if (credentials.size() != key.size()) return out;
    std::ranges::copy(credentials, key.begin());
    out.key = key;
    const auto host = host_of(key);
    if (!host) return out;
    out.admitted = true;
    out.frames[2] = "200";
    out.frames[3] = "OK";
    out.frames[4] = host->value() + "/" + to_hex(key);
    return out;
}

std::size_t ZapAuthenticator::key_count() const {
    const std::lock_guard lock(mutex_);
    return hosts_.size();
}

}  // namespace mash::broker_shell
