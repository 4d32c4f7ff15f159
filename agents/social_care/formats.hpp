// What this agency's systems emit (README.md), as formats that the runtime's intake can use.
#pragma once

#include <memory>

#include "agents/runtime/core/source.hpp"

namespace mash::social_care {

/// The children in need census, as XML. A snapshot that adds and never ends by absence.
std::unique_ptr<runtime::SourceFormat> make_cin_census();
/// The placement return (SSDA903): one format for each CSV of the set, and its XML.
void add_ssda903_csv(runtime::SourceFormats& formats);
std::unique_ptr<runtime::SourceFormat> make_ssda903_xml();
/// The daily payload for the Department for Education, as JSON. A delta.
std::unique_ptr<runtime::SourceFormat> make_dfe_api();
/// Lists 1, 3, 5, 6, 7 and 8 of the inspection return (Annex A), saved as CSV.
void add_annex_a(runtime::SourceFormats& formats);
/// The roll CSV that every agent takes; of a caseload the identities are remembered by local_id.
std::unique_ptr<runtime::SourceFormat> make_caseload_csv();

/// All of them, with the JSON that every agent takes.
runtime::SourceFormats all_formats();

}  // namespace mash::social_care
