#include "agents/health/formats.hpp"

namespace mash::health {

runtime::SourceFormats all_formats() {
    runtime::SourceFormats out;
    out.push_back(make_hl7_adt());
    // Before the notifications of our own, which are JSON too.
    out.push_back(make_fhir_json());
    out.push_back(make_fhir_xml());
    out.push_back(runtime::make_roll_csv_format());
    out.push_back(runtime::make_json_format());
    return out;
}

}  // namespace mash::health
