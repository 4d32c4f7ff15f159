// What the adapters remember while a file is only looked at: in place of a store, within bounds for
// a file of any size, and gone afterwards.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "common/base/result.hpp"
#include "common/crypto/random.hpp"
#include "common/crypto/storage_key.hpp"
#include "common/store/store.hpp"

namespace mash::runtime_shell {

/// Above `near_bytes_max` it puts by, encrypted under a key of its own, in a file that has no name.
class ScratchMemory {
public:
    static constexpr std::size_t near_bytes_default = std::size_t{8} * 1024 * 1024;
    explicit ScratchMemory(std::filesystem::path folder,
                           std::size_t near_bytes_max = near_bytes_default);
    ~ScratchMemory();
    ScratchMemory(const ScratchMemory&) = delete;
    ScratchMemory& operator=(const ScratchMemory&) = delete;

    /// False when it could not put by: what is said from now on must not be used.
    bool put(std::vector<runtime::Remembered>&& entries);
    /// What was put here, and else what `held` says. Lives no longer than this.
    runtime::SourceMemory::Held over(runtime::SourceMemory::Held held = {});
    bool failed() const { return failed_; }

private:
    /// An empty text: it was forgotten.
    std::optional<std::string> get(std::string_view key);
    bool put_by();
    Result<void> open();

    std::filesystem::path folder_;
    std::size_t near_bytes_max_;
    std::unordered_map<std::uint64_t, std::string> near_;  // by a digest of the key
    std::size_t near_bytes_ = 0;
    crypto::SystemRandom random_;
    std::optional<crypto::StorageKey> key_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Transaction> far_;  // never committed
    bool failed_ = false;
};

}  // namespace mash::runtime_shell
