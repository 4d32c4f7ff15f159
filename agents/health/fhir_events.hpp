// What FHIR resources mean for a child: safeguarding flags raised and withdrawn, the national
// protection flag (CP-IS), attendance at unscheduled care, death. Only children, only what is
// active; references by fullUrl.
#pragma once

#include "agents/health/fhir_tree.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::health {

/// A bundle or a single resource, each resource a record. Counts and notifications go to `out`.
void take_fhir(const FhirNode& root, const runtime::ReadContext& context,
               runtime::SourceMemory& memory, runtime::ReadFile& out);

}  // namespace mash::health
