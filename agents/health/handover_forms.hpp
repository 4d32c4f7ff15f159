// What arrived, written as health systems take it in: HL7 v2 (MDM^T02, a text document; MDM^T11
// takes it back) and FHIR R4 (a message bundle of Patient, Flag and Communication; for a plan or
// care status the national flag's own shape). Pure: how it gets there belongs to the shell.
#pragma once

#include <optional>
#include <string>

#include "agents/runtime/core/core.hpp"

namespace mash::health {

/// Segments end with CR. MSH-10 is made of the item, so that a repeat is known as one. Nothing when
/// the item is not as the core gives it.
std::optional<PersonalText> hl7_document_of(const runtime::HandOver& item, WallTime at);
/// MSH-10 of it.
std::string hl7_document_id(const runtime::HandOver& item);

std::optional<PersonalText> fhir_bundle_of(const runtime::HandOver& item, WallTime at);

}  // namespace mash::health
