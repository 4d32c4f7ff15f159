// What the first file of a force says of the past: an incident is history when a school session has
// begun since (formats.md part 0), and then raises nothing. In a later file it is when that was
// long ago.
#pragma once

#include <chrono>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::police {

/// What a month brings a force is minutes of work; what years have brought would stand before a
/// child who goes missing now.
inline constexpr std::chrono::hours history_after{24 * 31};

/// Counts in `file` when it had to be estimated.
bool is_history(const runtime::SourceTime& when, const runtime::ReadContext& context,
                runtime::ReadFile& file);

/// In a later file: over a month of school has gone by since anybody could have acted on it.
bool is_long_ago(const runtime::SourceTime& when, const runtime::ReadContext& context);

/// Says in the file's report that history was estimated, if it was.
void note_estimate(runtime::ReadFile& file, std::string_view column);

}  // namespace mash::police
