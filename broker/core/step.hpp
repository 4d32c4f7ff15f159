// The hands of one step: store access that knows whether anything changed, ids out of the input's
// entropy, effects.
#pragma once

#include <functional>

#include "broker/core/state.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::broker {

class Step {
public:
    Step(const Now& at, CoreState& of, store::Transaction& in, std::vector<Effect>& out)
        : now(at), state(of), tx(in), effects(out) {}

    /// Ids made from here on come from `entropy`.
    void begin(const std::array<std::uint8_t, 32>& entropy) {
        entropy_ = entropy;
        drawn_ = 0;
    }

    const Now now;
    CoreState& state;
    store::Transaction& tx;

    template <class Key, class Record>
    std::optional<Record> get(const store::Table<Key, Record>& table,
                              const std::type_identity_t<Key>& key) {
        return table.get(tx, key);
    }
    template <class Key, class Record>
    void put(const store::Table<Key, Record>& table, const std::type_identity_t<Key>& key,
             const std::type_identity_t<Record>& record) {
        wrote_ = true;
        table.put(tx, key, record);
    }
    template <class Key, class Record>
    void erase(const store::Table<Key, Record>& table, const std::type_identity_t<Key>& key) {
        wrote_ = true;
        table.erase(tx, key);
    }
    bool wrote() const { return wrote_; }

    template <class IdType>
    IdType new_id() {
        return IdType(draw<16>());
    }
    template <std::size_t N>
    std::array<std::uint8_t, N> draw() {
        const auto digest = draw_digest();
        std::array<std::uint8_t, N> out{};
        static_assert(N <= 32);
        std::copy_n(digest.begin(), N, out.begin());
        return out;
    }
    std::uint64_t next_sequence() { return ++state.meta.sequence; }

    bool expiries_paused() const { return state.meta.expiries_paused; }
    const area::Registry* registry() const { return state.documents.registry.get(); }
    const area::Policy* policy() const { return state.documents.policy.get(); }

    Session* session_of(const HostId& host);
    /// The session of the host that serves `agency` now; null when nobody is connected.
    Session* session_of_agency(const AgencyId& agency);

    void send(SessionId session, std::uint64_t request, wire::BrokerBody body,
              wire::Lane lane = wire::Lane::immediate);
    void answer(const FrameIn& in, wire::BrokerBody body);
    /// Typed error to the asker, and a line in the log.
    void refuse(const FrameIn& in, ErrorCode code, std::string detail = {},
                const NotificationId& about = {}, std::uint32_t retry_after_ms = 0);
    void record(Recorded recorded) { effects.push_back(std::move(recorded)); }
    void record(LogEvent event, const AgencyId& agency = {},
                const NotificationId& notification = {}, std::int64_t count = 0);
    void record_code(LogEvent event, ErrorCode code, const HostId& host = {},
                     const AgencyId& agency = {}, const NotificationId& notification = {});

    /// For what stands (claims, certificates): it outlives the key that signed it, bounded by its
    /// own lease; a revoked key proves nothing, not even what it signed before. Each is verified
    /// once under a registry.
    bool is_proved(const area::Agency& agency, std::string_view label, ByteView body,
                   const crypto::Signature& signature);
    /// TrustedArea::check_fresh, which hashes every document, at most once a second.
    Result<void> check_fresh();

    /// Signs under the broker's key of the registry.
    crypto::Signature sign(std::string_view label, ByteView body) const {
        return crypto::sign(state.key, label, body);
    }

    std::vector<Effect>& effects;

private:
    Digest draw_digest();
    std::array<std::uint8_t, 32> entropy_{};
    std::uint32_t drawn_ = 0;
    bool wrote_ = false;
};

/// How many there are, and one more or one fewer of them.
std::uint32_t count_of(Step& step, const store::Table<AgencyId, CountRecord>& table,
                       const AgencyId& agency);
void count_one_more(Step& step, const store::Table<AgencyId, CountRecord>& table,
                    const AgencyId& agency);
void count_one_less(Step& step, const store::Table<AgencyId, CountRecord>& table,
                    const AgencyId& agency);

/// True when `agency` is in force and `host` serves it.
bool serves(const area::Registry& registry, const HostId& host, const AgencyId& agency,
            WallTime at);
/// Agencies of the registry that `host` serves, sorted.
std::vector<AgencyId> agencies_of(const area::Registry& registry, const HostId& host);
/// The host that serves the inbox now; empty when nobody in force does.
HostId host_of_inbox(const area::Registry& registry, const InboxId& inbox, WallTime at);

/// Takes `amount` tokens; zero when there were so many, else how long to wait.
std::chrono::milliseconds take(Bucket& bucket, SteadyTime now, double per_second, double burst,
                               double amount = 1.0);
/// As take(), out of a minute's budget whose last quarter is for the immediate lane: a child in
/// danger must not wait because the same agency asks or sends a lot. `is_immediate` is asked only
/// when it matters. `amount` is below three quarters of the budget, or it never fits.
std::chrono::milliseconds take_in_lane(Bucket& bucket, SteadyTime now, double per_minute,
                                       double amount, const std::function<bool()>& is_immediate);

}  // namespace mash::broker
