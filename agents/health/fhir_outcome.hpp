// What a FHIR sender is answered: an OperationOutcome with one issue for each fault.
#pragma once

#include <string>
#include <vector>

#include "agents/runtime/core/source.hpp"

namespace mash::health {

enum class FhirForm : std::uint8_t { json, xml };

/// Names entry, field and rule, never a value of the message. `words`: the first issue, of the
/// message as a whole; `is_error` of that one.
std::string operation_outcome(FhirForm form, bool is_error, std::string_view words,
                              const std::vector<runtime::RecordFault>& faults);

}  // namespace mash::health
