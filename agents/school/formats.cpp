#include "agents/school/formats.hpp"

namespace mash::school {

runtime::SourceFormats all_formats() {
    runtime::SourceFormats out;
    out.push_back(make_transfer_xml());
    add_census_csv(out);
    out.push_back(make_register_csv());
    out.push_back(make_concern_csv());
    out.push_back(runtime::make_roll_csv_format());
    out.push_back(runtime::make_json_format());
    return out;
}

}  // namespace mash::school
