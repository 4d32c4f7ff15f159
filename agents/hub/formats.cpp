#include "agents/hub/formats.hpp"

namespace mash::hub {

runtime::SourceFormats all_formats() {
    runtime::SourceFormats out;
    out.push_back(runtime::make_roll_csv_format());
    out.push_back(runtime::make_json_format());
    return out;
}

}  // namespace mash::hub
