// What the core holds in memory: numbers and documents the store could give back, and who is
// connected now.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>

#include "broker/core/core.hpp"
#include "broker/core/records.hpp"
#include "common/area/policy.hpp"
#include "common/area/policy_end.hpp"
#include "common/area/registry.hpp"
#include "common/base/limits.hpp"

namespace mash::broker {

// Bounds of the core's own, each stated once.
inline constexpr std::chrono::seconds delivery_retry{
    30};  ///< on a live link: agents take a repeat as the same
inline constexpr std::chrono::seconds receipt_retry{30};
inline constexpr std::chrono::seconds notice_repeat{60};
inline constexpr std::chrono::seconds redelivery_pause{
    60};  ///< between two wholesale redeliveries to one host
inline constexpr std::size_t receipts_in_flight_max = 64;  ///< batches towards one host
inline constexpr std::size_t notices_per_round_max = 256;
inline constexpr std::size_t due_per_tick_max =
    128;  ///< rows of each time index that one tick works off
inline constexpr std::size_t claims_per_token_max = 8;  ///< of one agency: nobody crowds others out
inline constexpr std::size_t claims_looked_at_max = 512;  ///< for one plan
inline constexpr std::size_t claims_of_agency_max = 64;   ///< of those, of one agency
inline constexpr std::size_t thread_seats_max = 256;
inline constexpr std::size_t authorisations_max = 32;  ///< for one notification
inline constexpr std::uint32_t roll_parts_max = 256;
inline constexpr std::size_t starts_kept_max = 1'024;  ///< of the store, the newest
inline constexpr std::size_t proved_signatures_max = 200'000;

/// A sealed item on the wire, not yet stored.
struct Flight {
    QueueKey row;
    std::uint64_t bytes = 0;
    SteadyTime sent_at;
};

/// Refills with steady time.
struct Bucket {
    double tokens = 0;
    SteadyTime at;
    bool started = false;
};

struct Session {
    SessionId id;
    HostId host;
    std::uint32_t credit_items = 0;
    std::uint32_t credit_granted = 0;
    std::uint64_t credit_bytes = 0;
    std::map<std::uint64_t, Flight> in_flight;  ///< by queue sequence
    std::deque<std::pair<SteadyTime, std::uint64_t>> sent_order;
    std::uint64_t bytes_in_flight = 0;
    std::uint64_t lower_bytes_in_flight = 0;
    std::array<std::uint64_t, 5> cursor{};      ///< by lane: last sequence sent in this session
    std::map<ReceiptKey, SteadyTime> receipts;  ///< sent, not acknowledged
    bool receipts_backlog = true;
    std::uint64_t receipts_at_hello = 0;  ///< what its Hello counted
    SteadyTime notices_at;                ///< last round
    NoticeKey notices_from;               ///< where the next round goes on
    /// The same of deciders' words.
    std::tuple<AgencyId, std::uint8_t, AgencyId, wire::WordsId> words_from;
};

/// A digest is as good as random already.
struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
        std::size_t hash = 0;
        for (std::size_t i = 0; i < sizeof hash; ++i) hash = hash << 8 | digest[i];
        return hash;
    }
};

struct ClockWatch {
    bool started = false;
    Now last;
};

/// One row of tables::starts.
struct KnownStart {
    std::uint64_t first_serial = 0;
    std::array<std::uint8_t, 16> id{};
};

struct Documents {
    explicit Documents(area::TrustedArea area) : trusted(std::move(area)) {}
    area::TrustedArea trusted;
    std::shared_ptr<const area::Registry> registry;
    std::shared_ptr<const area::Policy> policy;  ///< of the versions held; parsed once for each
    WallTime fresh_checked_at;                   ///< unset: to be checked again
    std::optional<ErrorCode> not_fresh;          ///< what that check found
    WallTime staged_from;                        ///< when a staged policy begins; unset: none
    std::map<wire::DocumentKind, wire::SignedDocument> staged;
    area::PolicyEndWatch policy_end;
};

struct Counters {
    std::uint64_t plans = 0, accepted = 0, repeated = 0, refused = 0, deliveries = 0, receipts = 0,
                  frames = 0;
    std::uint64_t bad_frames = 0, busy = 0, claims = 0;
    std::uint64_t published_bytes = 0;  ///< of what was accepted
    std::uint64_t token_evaluations = 0;
};

struct CoreState {
    CoreState(CoreConfig settings, const crypto::SigningKey& signing_key)
        : config(std::move(settings)),
          key(signing_key),
          documents(area::TrustedArea(config.area, config.root)) {}

    CoreConfig config;
    const crypto::SigningKey& key;
    MetaRecord meta;
    std::vector<KnownStart> starts;            ///< as the store has them, the oldest first
    std::array<std::uint8_t, 16> own_start{};  ///< zero until somebody is told of it
    std::uint64_t own_first_serial = 0;        ///< of this run, told of or not
    Documents documents;
    ClockWatch clock;
    std::map<SessionId, Session> sessions;
    std::map<HostId, SessionId> session_of_host;
    std::map<HostId, Bucket> frame_budgets;   ///< only hosts of the registry
    std::map<AgencyId, Bucket> plan_budgets;  ///< only agencies of the registry
    /// Of the people who asked lately.
    std::map<AgencyId, std::map<PersonId, Bucket>> person_budgets;
    std::map<AgencyId, Bucket> agreement_budgets;  ///< new referrals; only agencies of the registry
    std::map<AgencyId, Bucket> publish_budgets;    ///< bytes; only agencies of the registry
    std::map<AgencyId, Bucket> publish_day_budgets;  ///< bytes; only agencies of the registry
    wire::Lane slowest_accepted = wire::Lane::bulk;  ///< by the room on the store's disk
    std::map<AgencyId, Bucket> token_budgets;        ///< only agencies of the registry
    std::map<AgencyId, Bucket> import_allowances;    ///< only agencies of the registry
    std::map<AgencyId, Bucket> holder_budgets;       ///< questions; only agencies of the registry
    std::map<HostId, Bucket> holder_host_budgets;    ///< likewise; only hosts of the registry
    std::map<HostId, SteadyTime> redelivered_at;
    /// Signatures of claims and certificates that were found good under the registry in force.
    std::unordered_set<Digest, DigestHash> proved;
    std::set<HostId> dirty;  ///< hosts to send to at the end of the step
    Counters counters;
};

}  // namespace mash::broker
