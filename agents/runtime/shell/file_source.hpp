// One file's way through: recognise, read, submit, wait until all of it is durable, remember,
// report. Used by the watched folder and by `intake check` and `intake try`.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "common/store/store.hpp"

namespace mash::runtime_shell {

/// What adapters remember, in a store of its own; changes wait until keep().
class StoredMemory final : public runtime::SourceMemory {
public:
    explicit StoredMemory(store::Store& store) : store_(store) {}
    std::optional<std::string> get(std::string_view key) const override;
    void put(std::string_view key, std::string_view value) override;
    /// Errors: those of the store's commit. Then nothing is remembered and the file is read again.
    Result<void> keep();

private:
    store::Store& store_;
    std::map<std::string, std::string, std::less<>> changed_;
};

/// Nothing is kept: for `intake try`, which must not change what the next real file means.
class ScratchMemory final : public runtime::SourceMemory {
public:
    std::optional<std::string> get(std::string_view key) const override;
    void put(std::string_view key, std::string_view value) override;

private:
    std::map<std::string, std::string, std::less<>> held_;
};

/// The first format that recognises the file; null when none does.
const runtime::SourceFormat* find_format(const runtime::SourceFormats& formats,
                                         std::string_view content);

/// The named records of a CSV (with its header) or of a JSON list, to be mended and sent again.
std::string select_records(std::string_view content, const std::vector<std::uint64_t>& records);

/// For people: a line for each fault, and what to do. Names records, lines, fields and rules, never
/// values.
std::string fault_report(std::string_view file_name, const runtime::ReadFile& file);

/// The documented, stable JSON of `intake try --format json`.
std::string summary_json(const runtime::ReadFile& file);

}  // namespace mash::runtime_shell
