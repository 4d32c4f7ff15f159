// What police systems emit (README.md, one page per format), as formats that the runtime's intake
// can use.
#pragma once

#include <memory>

#include "agents/runtime/core/source.hpp"

namespace mash::police {

/// Missing-person report CSV, the layout of a UK force's extract. A delta: a report that is absent
/// says nothing.
std::unique_ptr<runtime::SourceFormat> make_missing_person_csv();

/// Operation Encompass CSV of our own layout: one row, one child. A delta.
std::unique_ptr<runtime::SourceFormat> make_encompass_csv();

/// Vulnerable-person concern CSV, the layout of a UK force's database. A delta. It has no dates of
/// birth: those are of the missing-person reports of the same people.
std::unique_ptr<runtime::SourceFormat> make_concern_csv();

/// All of them, with the JSON and roll CSV that every agent takes.
runtime::SourceFormats all_formats();

}  // namespace mash::police
