// One agent as it runs in its own program - core, SQLite store, core loop, link - but in this
// process and without HTTP and folders, so that a bench has as many as it needs and sees each
// moment by the clock of one process.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agents/runtime/core/core.hpp"
#include "agents/runtime/shell/core_loop.hpp"
#include "agents/runtime/shell/link.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/random.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::bench {

/// What a bench hears, on the agents' own threads, after the commit that makes it so.
struct Watch {
    std::function<void(std::uint64_t reply, const NotificationId&)> submitted;
    std::function<void(const NotificationId&)> accepted;
    std::function<void(const NotificationId&)> stored;  ///< once for each inbox
    std::function<void(const HostId&)> welcomed;
};

/// What one host's operator holds in files.
struct HostSecrets {
    runtime::CoreConfig config;
    runtime::HostKeys keys;
    crypto::CurveKeyPair transport;
    PersonalText service_token;
};

class BenchAgent {
public:
    /// `secrets` and `watch` outlive the agent.
    BenchAgent(const HostSecrets& secrets, const std::filesystem::path& store,
               const std::string& endpoint, const crypto::CurvePublicKey& broker,
               const Watch& watch);
    ~BenchAgent();
    BenchAgent(const BenchAgent&) = delete;
    BenchAgent& operator=(const BenchAgent&) = delete;

    const HostId& host() const { return secrets_.config.host; }
    void push(runtime::Input input) { loop_->push(std::move(input)); }
    /// Linked, fresh, and the broker has confirmed all that it was told. Asks the core and waits.
    bool is_settled();
    /// Refused at the door: submissions, rolls, deliveries. Nothing of it belongs in a bench.
    std::uint64_t refusals() const { return refusals_; }
    std::uint64_t alarms() const { return alarms_; }

private:
    void release(std::vector<runtime::Effect> effects);
    void on_frame(Bytes bytes);
    void answer(const runtime::ApiReply& reply);

    const HostSecrets& secrets_;
    const Watch& watch_;
    crypto::SystemRandom random_;
    std::unique_ptr<store_sqlite::SqliteStore> store_;
    std::mutex mutex_;  // guards asked_
    std::optional<std::promise<std::string>> asked_;
    std::atomic<std::uint64_t> refusals_ = 0;
    std::atomic<std::uint64_t> alarms_ = 0;
    std::unique_ptr<runtime_shell::CoreLoop> loop_;
    std::unique_ptr<runtime_shell::Link> link_;
};

}  // namespace mash::bench
