// The catalogue of log events and the list of bounds say what the programs do. A name there that no
// program uses promises an operator a line that never comes, or a bound that nothing keeps.
#pragma once

#include <vector>

#include "tests/layering/source_tree.hpp"

namespace mash::layering {

/// Every X(name, ...) of common/base/log_event.hpp that no code under common, broker or agents
/// writes as LogEvent::name.
std::vector<Violation> check_events_are_used(const std::vector<SourceFile>& files);

/// Every constant of common/base/limits.hpp that no such code writes as limits::name and no other
/// line of limits.hpp uses.
std::vector<Violation> check_limits_are_used(const std::vector<SourceFile>& files);

}  // namespace mash::layering
