#include "agents/runtime/shell/scratch_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "common/store/sqlite/sqlite_store.hpp"
#include "common/store/table.hpp"

namespace mash::runtime_shell {

namespace {

constexpr store::Space space("scratch");
constexpr std::size_t cache_bytes = std::size_t{8} * 1024 * 1024;
/// What the map and the allocator take for each entry besides its text.
constexpr std::size_t entry_bytes = 96;

std::uint64_t digest_of(std::string_view key) { return std::hash<std::string_view>{}(key); }

}  // namespace

ScratchMemory::ScratchMemory(std::filesystem::path folder, std::size_t near_bytes_max)
    : folder_(std::move(folder)), near_bytes_max_(near_bytes_max) {}

ScratchMemory::~ScratchMemory() = default;

bool ScratchMemory::put(std::vector<runtime::Remembered>&& entries) {
    for (auto& entry : entries) {
        auto& value = near_[digest_of(entry.key)];
        near_bytes_ += entry.value.size() + entry_bytes;
        value = std::move(entry.value);
    }
    if (near_bytes_ > near_bytes_max_ && !failed_) failed_ = !put_by();
    return !failed_;
}

runtime::SourceMemory::Held ScratchMemory::over(runtime::SourceMemory::Held held) {
    return [this, held = std::move(held)](std::string_view key) -> std::optional<std::string> {
        auto said = get(key);
        if (!said) return held ? held(key) : std::nullopt;
        return said->empty() ? std::nullopt : std::move(said);
    };
}

std::optional<std::string> ScratchMemory::get(std::string_view key) {
    const std::uint64_t digest = digest_of(key);
    if (const auto found = near_.find(digest); found != near_.end()) return found->second;
    if (!far_ || !key_ || failed_) return std::nullopt;
    const auto row = store::key_bytes(digest);
    const auto put_by = far_->get(space, row);
    failed_ = far_->failed();
    if (!put_by) return std::nullopt;
    const auto plain = crypto::decrypt_column(*key_, space.name(), row, *put_by);
    failed_ = failed_ || !plain;
    return plain ? std::optional(std::string(text_of(*plain))) : std::nullopt;
}

bool ScratchMemory::put_by() {
    if (!far_ && !open()) return false;
    if (!key_) return false;
    std::vector<std::uint64_t> digests;
    digests.reserve(near_.size());
    for (const auto& [digest, value] : near_) digests.push_back(digest);
    std::ranges::sort(digests);  // neighbours share a page
    for (const std::uint64_t digest : digests) {
        const auto row = store::key_bytes(digest);
        far_->put(
            space, row,
            crypto::encrypt_column(*key_, space.name(), row, view_of(near_[digest]), random_));
    }
    near_.clear();
    near_bytes_ = 0;
    return !far_->failed();
}

Result<void> ScratchMemory::open() {
    std::string folder = (folder_ / ".scratch-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return fail(ErrorCode::io_failed);
    store_sqlite::SqliteOptions options;
    options.cache_bytes = cache_bytes;
    auto opened = store_sqlite::SqliteStore::open(folder + "/scratch.sqlite", options);
    // Without a name nobody finds it, and nothing is left however this program ends.
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (!opened) return fail(opened.error());
    key_ = crypto::StorageKey::generate(random_);
    store_ = std::move(*opened);
    far_ = store_->begin();  // never committed: nothing here is worth a sync
    return {};
}

}  // namespace mash::runtime_shell
