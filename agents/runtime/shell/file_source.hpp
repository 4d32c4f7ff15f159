// One file's way through as far as it is words: recognise, select, report. Used by the watched
// folder and by `intake check` and `intake try`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"

namespace mash::runtime_shell {

/// The file's text in UTF-8, if it bears the byte order mark of UTF-16; else as it came.
std::string text_of_file(Bytes content);

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
