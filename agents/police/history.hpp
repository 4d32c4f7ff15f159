// What the first file of a force says of the past: an incident is history when a school session has
// begun since (formats.md part 0), and then raises nothing.
#pragma once

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::police {

/// Counts in `file` when it had to be estimated.
bool is_history(const runtime::SourceTime& when, const runtime::ReadContext& context,
                runtime::ReadFile& file);

/// Says in the file's report that history was estimated, if it was.
void note_estimate(runtime::ReadFile& file, std::string_view column);

}  // namespace mash::police
