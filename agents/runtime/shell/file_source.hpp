// One file's way through as far as it is words: recognise, read within bounds, select, report. Used
// by the watched folder and by `intake check` and `intake try`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/shell/file_text.hpp"

namespace mash::runtime_shell {

/// The first format that recognises the file by its beginning; null when none does.
const runtime::SourceFormat* find_format(const runtime::SourceFormats& formats,
                                         std::string_view head);

/// A spreadsheet or an archive: no text, whatever its name says.
bool is_packed(std::string_view head);

/// What to do about a file that none recognises, as far as its beginning tells.
std::string_view hint_on_unknown(std::string_view head);

/// Reads a file through its format in bounded memory. `take` gets what has been found so far, as
/// often as there are notifications, and takes them out; it ends the reading by saying false.
/// Errors: io_failed, shutting_down (`take` ended it), store_failed (the memory could not keep).
Result<void> read_through(const FileText& text, const runtime::SourceFormat& format,
                          const runtime::ReadContext& context, runtime::SourceMemory& memory,
                          runtime::ReadFile& out,
                          const std::function<bool(runtime::ReadFile&)>& take);

/// Where a record that was not used is mended.
enum class Mend : std::uint8_t {
    here,      ///< it lies beside the report
    at_source  ///< whoever sent it sends it again
};

/// For people: a line for each fault, and what to do. Names records, lines, fields and rules, never
/// values.
std::string fault_report(std::string_view file_name, const runtime::ReadFile& file,
                         Mend where = Mend::here);

/// What a file would send, counted while it is read.
struct Given {
    std::uint64_t total = 0;
    std::map<std::string, std::uint64_t> by_type;
    void count(const runtime::ReadFile& file);
};

/// The documented, stable JSON of `intake check` and `intake try` (agents/README.md).
std::string summary_json(const runtime::ReadFile& file, const Given& given);

/// Whether all that is wrong with the file lies in single fields: everything else is used.
bool is_fit(const runtime::ReadFile& file);

}  // namespace mash::runtime_shell
