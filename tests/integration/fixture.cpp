#include "tests/integration/fixture.hpp"

namespace mash::integration {

Json missing_wren(const std::string& source_ref) {
    // One moment for the whole run: the same reference is the same content however late it is said
    // again.
    static const std::string since = utc(std::chrono::minutes(40));
    return {
        {"source_ref", source_ref},
        {"agency", "police"},
        {"role", "pol"},
        {"type", "missing_episode_started"},
        {"occurred_at", since},
        {"harm", "suspected"},
        {"risk_grade", "medium"},
        {"subject",
         {{"forename", "Wren"},
          {"surname", "Hollis"},
          {"date_of_birth", "2017-04-03"},
          {"postcode", "WR11 4QZ"}}},
        {"sections",
         {{"idn", {{"forenames", "Wren"}, {"surname", "Hollis"}, {"date_of_birth", "2017-04-03"}}},
          {"evt", {{"what", "A child is missing"}, {"date", since.substr(0, 10)}}},
          {"rsk", {{"grade", "medium"}}},
          {"voi", {{"reason_for_none", "not_seen"}}},
          {"sfc", {{"note", "Ring the sender before any contact"}}},
          {"pro", {{"whom_to_ring", "Missing desk, 01632 960201"}}}}}};
}

std::string desk_of(const Json& sent) {
    const auto all = Area::seats(sent);
    return all.contains("hub/edt") ? "hub/edt" : all.contains("hub/ffd") ? "hub/ffd" : "";
}

std::string inbox_of_desk(const std::string& seat) {
    return seat == "hub/edt" ? "hub.edt" : "hub.ffd";
}

}  // namespace mash::integration
