// What this agency's systems emit (README.md), as formats that the runtime's intake can use.
#pragma once

#include "agents/runtime/core/source.hpp"

namespace mash::social_care {

/// Notification JSON and the roll or caseload CSV; the systems' own formats come with the issue on
/// intake.
runtime::SourceFormats all_formats();

}  // namespace mash::social_care
