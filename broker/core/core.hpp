// The broker's deterministic core: the one door in. It decides who may be told what, accepts,
// routes, keeps clocks and records; it reads no clock, owns no thread, socket or file, and can open
// nothing that agencies say.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "broker/core/input.hpp"
#include "common/base/limits.hpp"
#include "common/base/time.hpp"
#include "common/crypto/signature.hpp"
#include "common/store/store.hpp"

namespace mash::broker {

struct CoreConfig {
    AreaId area;
    crypto::VerifyKey root;
    std::chrono::milliseconds plan_validity{limits::plan_validity};
    std::chrono::hours retention_after_taken{24 * 30};
    std::chrono::hours decision_log_retention{24 * 365 * 25};
    std::chrono::hours tombstone_retention{limits::tombstone_retention};
    std::uint32_t plan_requests_per_minute = 600;           ///< per agency
    std::uint32_t plan_requests_of_person_per_minute = 60;  ///< per person of an agency
    std::uint32_t publish_mebibytes_per_minute = 64;        ///< per agency
    std::uint32_t publish_mebibytes_per_day = 4096;         ///< per agency
    std::uint32_t token_evaluations_per_hour = 20'000;      ///< per agency; identifiers
    std::uint32_t token_import_allowance = 900'000;         ///< per agency beside it, in 30 days
    std::uint64_t lower_lane_bytes_in_flight =
        256 * 1024;  ///< per link, for every lane below immediate
};

/// Holds only what the store could give back, plus who is connected now. After a failed commit the
/// shell drops it and makes a new one; agents then open their sessions again.
class Core {
public:
    /// `signing_key` signs acceptances, statements and the broker's own rungs. It must outlive the
    /// core.
    Core(CoreConfig config, const crypto::SigningKey& signing_key);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    /// Reads what the store holds. Once, before step(). store_failed when records do not decode.
    Result<void> load(const Now& now, store::Transaction& transaction);

    /// Works off `batch` in order inside `transaction`, which the caller then commits; only after
    /// that may the effects leave. If the commit fails or the transaction has failed, drop effects
    /// and core. A batch of one is how a poisonous input is found: the shell replays a failed batch
    /// singly.
    std::vector<Effect> step(const Now& now, std::span<const Input> batch,
                             store::Transaction& transaction);

    /// Records that `input` alone made a batch fail; answers its sender `quarantined`.
    std::vector<Effect> quarantine(const Now& now, const Input& input,
                                   store::Transaction& transaction);

    /// Takes over who is connected from the core that a failed commit has spoilt, so that the shell
    /// can replay that batch one by one. After load(), before step(). In-flight counts start at
    /// zero: what was on its way is sent again.
    void adopt_sessions(const Core& spoilt);

    /// Whoever restores a backup calls this on it before the broker starts: the first step then
    /// makes a new store epoch, and agents offer again what is outstanding.
    static void forget_epoch(store::Transaction& transaction);

    std::shared_ptr<const area::Registry> registry()
        const;  ///< null before the first documents are in

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mash::broker
