// The registry as a value: what it must hold, and how things in it are found. Its bytes are
// registry_codec.cpp's.
#include "common/area/registry.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "common/area/text.hpp"
#include "common/base/limits.hpp"

namespace mash::area {

using CurveKey = std::array<std::uint8_t, 32>;

struct RegistryIndex::Entries {
    std::size_t agencies = 0;  // sizes of what was indexed: an index of another registry is noticed
    std::size_t hosts = 0;
    std::unordered_map<InboxId, AgencyId> inboxes;
    std::map<CurveKey, HostId> transport_keys;
    std::map<RoleId, std::vector<Seat>>
        roles;  // sorted; revoked agencies included, the look-up leaves them out
    std::map<std::string, AgencyId, std::less<>> urns;
};

namespace {

template <class Key>
bool in_force(const Key& key, WallTime at) {
    if (at < key.not_before) return false;
    if (key.not_after.is_set() && at >= key.not_after) return false;
    return !key.revoked_at.is_set() || at < key.revoked_at;
}

bool is_active(const Agency& agency, WallTime at) {
    return !agency.revoked_at.is_set() || at < agency.revoked_at;
}

bool owns(const Agency& agency, const InboxId& inbox) {
    const auto is_it = [&](const SeatEntry& seat) { return seat.inbox == inbox; };
    return std::any_of(agency.seats.begin(), agency.seats.end(), is_it) ||
           std::find(agency.alternate_inboxes.begin(), agency.alternate_inboxes.end(), inbox) !=
               agency.alternate_inboxes.end();
}

bool holds_key(const Host& host, const CurveKey& curve_key, WallTime at) {
    return std::any_of(host.transport_keys.begin(), host.transport_keys.end(),
                       [&](const TransportKey& key) {
                           return key.curve_public_key == curve_key && in_force(key, at);
                       });
}

// The index when it was made of this registry.
const RegistryIndex::Entries* index_of(const Registry& registry) {
    const auto* entries = registry.index.entries();
    if (entries == nullptr || entries->agencies != registry.agencies.size() ||
        entries->hosts != registry.hosts.size()) {
        return nullptr;
    }
    return entries;
}

// Collects what may be used once only; remembers whether anything came twice.
class Unique {
public:
    void add_key(ByteView key) { ok_ = keys_.emplace(key.begin(), key.end()).second && ok_; }
    void add_inbox(const InboxId& inbox) { ok_ = inboxes_.insert(inbox).second && ok_; }
    void add_urn(const std::string& urn) { ok_ = urns_.insert(urn).second && ok_; }
    bool ok() const { return ok_; }
    std::size_t inboxes() const { return inboxes_.size(); }

private:
    std::set<Bytes> keys_;
    std::set<InboxId> inboxes_;
    std::set<std::string> urns_;
    bool ok_ = true;
};

// The one that is used and the one that comes.
constexpr std::size_t token_epochs_max = 2;

bool is_zero(const CurveKey& key) { return key == CurveKey{}; }

bool times_make_sense(WallTime not_before, WallTime not_after) {
    return !not_after.is_set() || not_before < not_after;
}

Result<void> check_signing_keys(const std::vector<DatedVerifyKey>& keys, Unique& unique) {
    if (keys.size() > limits::keys_per_holder_max) return fail(ErrorCode::too_many);
    if (keys.empty()) return fail(ErrorCode::bad_value);
    for (const auto& key : keys) {
        if (key.key.is_zero() || !times_make_sense(key.not_before, key.not_after))
            return fail(ErrorCode::bad_value);
        unique.add_key(key.key.view());
    }
    return {};
}

Result<void> check_broker(const BrokerEntry& broker, Unique& unique) {
    MASH_TRY_VOID(check_signing_keys(broker.signing_keys, unique));
    if (is_zero(broker.curve_public_key)) return fail(ErrorCode::bad_value);
    unique.add_key(broker.curve_public_key);
    if (broker.endpoints.size() > limits::endpoints_max) return fail(ErrorCode::too_many);
    for (const auto& endpoint : broker.endpoints) {
        if (endpoint.empty() || !is_display_text(endpoint, limits::display_name_bytes_max)) {
            return fail(ErrorCode::bad_value);
        }
    }
    if (broker.token_keys.size() > token_epochs_max) return fail(ErrorCode::too_many);
    std::uint16_t epoch_before = 0;
    for (const auto& token_key : broker.token_keys) {
        if (token_key.epoch <= epoch_before || !token_key.since.is_set())
            return fail(ErrorCode::bad_value);
        epoch_before = token_key.epoch;
        MASH_TRY_VOID(crypto::check_usable(token_key.key));
        unique.add_key(token_key.key.view());
    }
    return {};
}

Result<void> check_host(const HostId& id, const Host& host, Unique& unique) {
    if (host.id != id || !is_valid_name(id.value())) return fail(ErrorCode::bad_value);
    if (host.transport_keys.size() > limits::keys_per_holder_max) return fail(ErrorCode::too_many);
    for (const auto& key : host.transport_keys) {
        if (is_zero(key.curve_public_key) || !times_make_sense(key.not_before, key.not_after)) {
            return fail(ErrorCode::bad_value);
        }
        unique.add_key(key.curve_public_key);
    }
    return {};
}

Result<void> check_seats(const Agency& agency, Unique& unique) {
    std::set<RoleId> roles;
    for (const auto& seat : agency.seats) {
        if (!is_valid_name(seat.role.value()) || !is_valid_name(seat.inbox.value()))
            return fail(ErrorCode::bad_value);
        if (!roles.insert(seat.role).second) return fail(ErrorCode::bad_value);
        if (!is_display_text(seat.telephone, limits::display_name_bytes_max))
            return fail(ErrorCode::bad_value);
        // Another person's inbox, so never the seat's own; and one of this agency, which alone can
        // certify it.
        if (seat.alternate && (*seat.alternate == seat.inbox || !owns(agency, *seat.alternate))) {
            return fail(ErrorCode::bad_value);
        }
        unique.add_inbox(seat.inbox);
    }
    for (const auto& inbox : agency.alternate_inboxes) {
        if (!is_valid_name(inbox.value())) return fail(ErrorCode::bad_value);
        unique.add_inbox(inbox);
    }
    return {};
}

Result<void> check_agency(const AgencyId& id, const Agency& agency, const Registry& registry,
                          Unique& unique) {
    if (agency.id != id || !is_valid_name(id.value()) || !is_valid_name(agency.kind)) {
        return fail(ErrorCode::bad_value);
    }
    if (agency.roles.size() > limits::roles_per_agency_max ||
        agency.seats.size() > limits::roles_per_agency_max ||
        agency.alternate_inboxes.size() > limits::roles_per_agency_max ||
        agency.sealed_pepper.size() > limits::grant_bytes_max) {
        return fail(ErrorCode::too_many);
    }
    if (agency.next_pepper) {
        const auto& next = *agency.next_pepper;
        if (next.epoch <= agency.pepper_epoch || next.sealed.empty() ||
            agency.sealed_pepper.empty())
            return fail(ErrorCode::bad_value);
        if (next.sealed.size() > limits::grant_bytes_max) return fail(ErrorCode::too_many);
    }
    if (agency.name.empty() || !is_display_text(agency.name, limits::display_name_bytes_max) ||
        !is_display_text(agency.telephone, limits::display_name_bytes_max)) {
        return fail(ErrorCode::bad_value);
    }
    if (!agency.urn.empty() && !is_urn(agency.urn)) return fail(ErrorCode::bad_value);
    if (!registry.hosts.contains(agency.host) || is_zero(agency.box_public_key))
        return fail(ErrorCode::bad_value);
    std::set<RoleId> roles;
    for (const auto& role : agency.roles) {
        if (!is_valid_name(role.value()) || !roles.insert(role).second)
            return fail(ErrorCode::bad_value);
    }
    MASH_TRY_VOID(check_signing_keys(agency.signing_keys, unique));
    unique.add_key(agency.box_public_key);
    // A school that was revoked and enrolled anew under another id keeps its national number.
    if (!agency.urn.empty() && !agency.revoked_at.is_set()) unique.add_urn(agency.urn);
    return check_seats(agency, unique);
}

}  // namespace

bool is_in_force(const DatedVerifyKey& key, WallTime at) { return in_force(key, at); }
bool is_in_force(const TransportKey& key, WallTime at) { return in_force(key, at); }

Result<void> check_registry(const Registry& registry) {
    if (!is_valid_name(registry.area.value()) || registry.version == 0 ||
        registry.version > limits::document_version_max || !registry.issued_at.is_set()) {
        return fail(ErrorCode::bad_value);
    }
    if (registry.agencies.size() > limits::agencies_max ||
        registry.hosts.size() > limits::agencies_max) {
        return fail(ErrorCode::too_many);
    }
    Unique unique;
    MASH_TRY_VOID(check_broker(registry.broker, unique));
    for (const auto& [id, host] : registry.hosts) MASH_TRY_VOID(check_host(id, host, unique));
    std::map<HostId, std::size_t> agencies_of_host;
    for (const auto& [id, agency] : registry.agencies) {
        MASH_TRY_VOID(check_agency(id, agency, registry, unique));
        if (++agencies_of_host[agency.host] > limits::agencies_per_host_max)
            return fail(ErrorCode::too_many);
    }
    if (unique.inboxes() > limits::inboxes_max) return fail(ErrorCode::too_many);
    if (!unique.ok()) return fail(ErrorCode::bad_value);
    return {};
}

void Registry::build_index() {
    auto entries = std::make_shared<RegistryIndex::Entries>();
    entries->agencies = agencies.size();
    entries->hosts = hosts.size();
    for (const auto& [id, host] : hosts) {
        for (const auto& key : host.transport_keys)
            entries->transport_keys.emplace(key.curve_public_key, id);
    }
    // Agencies come in the order of their ids, so each role's seats come out sorted.
    for (const auto& [id, agency] : agencies) {
        for (const auto& seat : agency.seats) {
            entries->inboxes.emplace(seat.inbox, id);
            entries->roles[seat.role].push_back({id, seat.role});
        }
        for (const auto& inbox : agency.alternate_inboxes) entries->inboxes.emplace(inbox, id);
        if (!agency.urn.empty() && !agency.revoked_at.is_set())
            entries->urns.emplace(agency.urn, id);
    }
    index = RegistryIndex(std::move(entries));
}

const Agency* Registry::find_agency(const AgencyId& id) const {
    const auto it = agencies.find(id);
    return it == agencies.end() ? nullptr : &it->second;
}

const Agency* Registry::find_active_agency(const AgencyId& id, WallTime at) const {
    const Agency* agency = find_agency(id);
    return agency != nullptr && is_active(*agency, at) ? agency : nullptr;
}

const TokenKey* Registry::find_token_key(std::uint16_t epoch) const {
    const auto found = std::ranges::find(broker.token_keys, epoch, &TokenKey::epoch);
    return found == broker.token_keys.end() ? nullptr : &*found;
}

const Agency* Registry::agency_of_inbox(const InboxId& inbox) const {
    if (const auto* entries = index_of(*this)) {
        const auto it = entries->inboxes.find(inbox);
        if (it == entries->inboxes.end()) return nullptr;
        const Agency* agency = find_agency(it->second);
        return agency != nullptr && owns(*agency, inbox) ? agency : nullptr;
    }
    for (const auto& [id, agency] : agencies) {
        if (owns(agency, inbox)) return &agency;
    }
    return nullptr;
}

const SeatEntry* Registry::find_seat(const Seat& seat) const {
    const Agency* agency = find_agency(seat.agency);
    if (agency == nullptr) return nullptr;
    for (const auto& entry : agency->seats) {
        if (entry.role == seat.role) return &entry;
    }
    return nullptr;
}

const Agency* Registry::school_by_urn(std::string_view urn) const {
    if (urn.empty()) return nullptr;
    const auto is_it = [&](const Agency& agency) {
        return agency.urn == urn && !agency.revoked_at.is_set();
    };
    if (const auto* entries = index_of(*this)) {
        const auto it = entries->urns.find(urn);
        if (it == entries->urns.end()) return nullptr;
        const Agency* agency = find_agency(it->second);
        return agency != nullptr && is_it(*agency) ? agency : nullptr;
    }
    for (const auto& [id, agency] : agencies) {
        if (is_it(agency)) return &agency;
    }
    return nullptr;
}

const Host* Registry::host_of_key(const CurveKey& curve_key, WallTime at) const {
    if (const auto* entries = index_of(*this)) {
        const auto it = entries->transport_keys.find(curve_key);
        if (it == entries->transport_keys.end()) return nullptr;
        const auto host = hosts.find(it->second);
        return host != hosts.end() && holds_key(host->second, curve_key, at) ? &host->second
                                                                             : nullptr;
    }
    for (const auto& [id, host] : hosts) {
        if (holds_key(host, curve_key, at)) return &host;
    }
    return nullptr;
}

std::vector<Seat> Registry::seats_with_role(const RoleId& role, WallTime at) const {
    std::vector<Seat> seats;
    if (const auto* entries = index_of(*this)) {
        const auto it = entries->roles.find(role);
        if (it == entries->roles.end()) return seats;
        for (const auto& seat : it->second) {
            if (find_active_agency(seat.agency, at) != nullptr && find_seat(seat) != nullptr)
                seats.push_back(seat);
        }
        return seats;
    }
    for (const auto& [id, agency] : agencies) {
        if (is_active(agency, at) && find_seat({id, role}) != nullptr) seats.push_back({id, role});
    }
    return seats;
}

bool Registry::inbox_belongs_to(const InboxId& inbox, const AgencyId& agency) const {
    const Agency* owner = find_agency(agency);
    return owner != nullptr && owns(*owner, inbox);
}

bool verify_with_any(const std::vector<DatedVerifyKey>& keys, WallTime at, std::string_view label,
                     ByteView message, const crypto::Signature& signature) {
    return std::any_of(keys.begin(), keys.end(), [&](const DatedVerifyKey& key) {
        return in_force(key, at) && crypto::verify(key.key, label, message, signature);
    });
}

}  // namespace mash::area
