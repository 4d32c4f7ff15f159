#include "agents/runtime/core/agent.hpp"

namespace mash::runtime {

namespace {

/// Of a seat, else of its agency; empty: neither is listed with one.
std::string listed_telephone(const area::Registry& registry, const Seat& seat) {
    if (const auto* entry = registry.find_seat(seat); entry != nullptr && !entry->telephone.empty())
        return entry->telephone;
    const auto* agency = registry.find_agency(seat.agency);
    return agency == nullptr ? std::string() : agency->telephone;
}

/// The operator's own word counts first. Without one it is the front door, which can act for a
/// child when the broker cannot: never the sender itself, who would ring their own desk.
std::string area_telephone(const Step& step) {
    if (!step.agent.config.area_telephone.empty()) return step.agent.config.area_telephone;
    if (step.policy() == nullptr) return {};
    const RoleId role = step.policy()->front_door_role();
    if (step.registry() != nullptr) {
        for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall)) {
            if (auto listed = listed_telephone(*step.registry(), seat); !listed.empty())
                return listed;
        }
    }
    return step.policy()->telephone_of(role);
}

}  // namespace

const area::Registry* Step::registry() const {
    const auto& registry = agent.trusted.registry();
    return registry ? &*registry : nullptr;
}

Result<void> Step::check_documents() const {
    if (registry() == nullptr || policy() == nullptr) return fail(ErrorCode::not_fresh);
    MASH_TRY_VOID(agent.trusted.check_fresh(now.wall));
    if (!policy()->in_force_at(now.wall)) return fail(ErrorCode::expired);
    return {};
}

bool Step::serves(const AgencyId& agency) const { return agent.keys.agencies.contains(agency); }

const crypto::SigningKey* Step::signing_key(const AgencyId& agency) const {
    const auto own = agent.keys.agencies.find(agency);
    if (own == agent.keys.agencies.end() || registry() == nullptr) return nullptr;
    const auto* listed = registry()->find_active_agency(agency, now.wall);
    if (listed == nullptr) return nullptr;
    for (const auto& key : own->second.signing) {
        const auto verify_key = key.verify_key();
        for (const auto& dated : listed->signing_keys) {
            if (dated.key == verify_key && area::is_in_force(dated, now.wall)) return &key;
        }
    }
    return nullptr;
}

bool Step::verify_broker(std::string_view label, ByteView body,
                         const crypto::Signature& signature) const {
    return registry() != nullptr &&
           area::verify_with_any(registry()->broker.signing_keys, now.wall, label, body, signature);
}

bool Step::verify_agency(const AgencyId& agency, WallTime at, std::string_view label,
                         ByteView message, const crypto::Signature& signature) const {
    if (registry() == nullptr) return false;
    const auto* listed = registry()->find_active_agency(agency, at);
    return listed != nullptr &&
           area::verify_with_any(listed->signing_keys, at, label, message, signature);
}

std::string Step::telephone_of(const Seat& seat) const {
    if (registry() != nullptr) {
        if (auto listed = listed_telephone(*registry(), seat); !listed.empty()) return listed;
    }
    if (policy() != nullptr) {
        if (const auto* authority = policy()->find_other_authority(seat.agency))
            return authority->telephone;
    }
    return area_telephone(*this);
}

void Step::send(wire::AgentBody body, wire::Lane lane, std::uint64_t request) {
    effects.emplace_back(SendFrame{wire::AgentFrame{request, std::move(body)}, lane});
}

std::uint64_t Step::ask(wire::AgentBody body, Asked asked) {
    const std::uint64_t request = agent.link.next_request++;
    asked.at = now.steady;
    const auto lane = asked.lane;
    agent.link.asked.emplace(request, std::move(asked));
    send(std::move(body), lane, request);
    return request;
}

void Step::record(LogEvent event, const NotificationId& id, const AgencyId& agency) {
    Recorded recorded;
    recorded.event = event;
    recorded.notification = id;
    recorded.agency = agency;
    effects.emplace_back(std::move(recorded));
}

void Step::record(LogEvent event, ErrorCode code, const NotificationId& id,
                  const AgencyId& agency) {
    Recorded recorded;
    recorded.event = event;
    recorded.notification = id;
    recorded.agency = agency;
    recorded.code = code;
    recorded.has_code = true;
    effects.emplace_back(std::move(recorded));
}

void Step::record_count(LogEvent event, std::int64_t count) {
    Recorded recorded;
    recorded.event = event;
    recorded.count = count;
    effects.emplace_back(std::move(recorded));
}

void Step::put_sealed(store::Space space, ByteView key, ByteView plain) {
    tx.put(space, key,
           crypto::encrypt_column(agent.keys.storage, space.name(), key, plain, random));
}

std::optional<Bytes> Step::get_sealed(store::Space space, ByteView key) {
    const auto stored = tx.get(space, key);
    if (!stored) return std::nullopt;
    auto plain = crypto::decrypt_column(agent.keys.storage, space.name(), key, *stored);
    if (!plain) {
        // Another storage key, or rows swapped in the file: nothing may be decided on it.
        tx.mark_failed(ErrorCode::store_failed, space.name(),
                       "content does not open under the storage key");
        return std::nullopt;
    }
    return std::move(*plain);
}

Digest Step::keyed(std::string_view what, std::initializer_list<ByteView> parts) const {
    return keyed_digest(agent.keys, what, parts);
}

void Step::note_access(const PersonId& person, std::string_view action, const InboxId& inbox,
                       const AgencyId& sender, const NotificationId& id, std::string_view reason) {
    table::access.put(tx, {now.wall, random.array<8>()},
                      {person, std::string(action), inbox, sender, id, std::string(reason)});
}

}  // namespace mash::runtime
