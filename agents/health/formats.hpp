// What this agency's systems emit (README.md, one page per format), as formats that the runtime's
// intake can use.
#pragma once

#include <memory>

#include "agents/health/hl7_message.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::health {

/// HL7 v2 ADT messages, one or many to a file. Each message is an event: a delta.
std::unique_ptr<runtime::SourceFormat> make_hl7_adt();

/// One message as a file of its own.
runtime::ReadFile read_hl7_message(const Hl7Message& message, const runtime::ReadContext& context,
                                   runtime::SourceMemory& memory);

/// FHIR R4: message bundles, flags, the national protection flag, in either of its two forms.
std::unique_ptr<runtime::SourceFormat> make_fhir_json();
std::unique_ptr<runtime::SourceFormat> make_fhir_xml();

/// All of them, with the JSON and roll CSV that every agent takes.
runtime::SourceFormats all_formats();

}  // namespace mash::health
