#include <algorithm>

#include "agents/runtime/core/source.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {

std::optional<std::string> SourceMemory::get(std::string_view key) const {
    if (const auto said = said_.find(key); said != said_.end())
        return said->second.empty() ? std::nullopt : std::optional(said->second);
    return held_ ? held_(key) : std::nullopt;
}

void SourceMemory::put(std::string key, std::string value) {
    said_.insert_or_assign(key, value);
    entries_.push_back({std::move(key), std::move(value)});
    if (!keep_ || failed_ || entries_.size() < limits::intake_remembered_batch) return;
    std::vector<Remembered> batch = std::exchange(entries_, {});
    for (const auto& entry : batch) said_.erase(entry.key);
    failed_ = !keep_(std::move(batch));
}

void SourceMemory::put_once_taken(ReadFile::Made& made, std::string key, std::string value) {
    said_.insert_or_assign(key, value);
    made.remember.push_back({std::move(key), std::move(value)});
}

void SourceMemory::forget_taken() {
    said_.clear();
    for (const auto& entry : entries_) said_.insert_or_assign(entry.key, entry.value);
}

}  // namespace mash::runtime
