// What schools' systems emit (README.md, one page per format), as formats that the runtime's intake
// can use.
#pragma once

#include <memory>

#include "agents/runtime/core/source.hpp"

namespace mash::school {

/// Common Transfer File 13 to 25, and Admissions Transfer File, XML. Each file is of one move: a
/// delta.
std::unique_ptr<runtime::SourceFormat> make_transfer_xml();

/// The tables of the school census as CSV, one format for each. Snapshots of a term.
void add_census_csv(runtime::SourceFormats& formats);

/// The government's register of schools (GIAS). Reference data: it sends nothing.
std::unique_ptr<runtime::SourceFormat> make_register_csv();

/// Concerns, in a layout of our own: one row, one concern about one child. A delta.
std::unique_ptr<runtime::SourceFormat> make_concern_csv();

/// All of them, with the JSON and roll CSV that every agent takes.
runtime::SourceFormats all_formats();

}  // namespace mash::school
