// The small readers of common/base and of the calendar: what is accepted is written back as it was,
// so that nothing has two spellings.
#include <cstdint>

#include "common/area/calendar.hpp"
#include "common/base/bytes.hpp"
#include "common/base/check.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    const auto text = text_of({data, size});
    if (const auto bytes = from_hex(text)) CHECK(from_hex(to_hex(*bytes)).value() == *bytes);
    if (const auto bytes = from_base64url(text)) CHECK(to_base64url(*bytes) == text);
    if (const auto uuid = uuid_from_text(text)) {
        const auto written = to_text(NotificationId(*uuid));
        CHECK(uuid_from_text(written).value() == *uuid);
    }
    if (const auto time = wall_time_from_rfc3339(text)) {
        const auto written = to_rfc3339(*time);
        CHECK(wall_time_from_rfc3339(written).value() == *time);
    }
    if (const auto date = area::civil_date_from_text(text)) CHECK(area::to_text(*date) == text);
    if (is_valid_name(text)) CHECK(!text.empty() && text.size() <= 64);
    return 0;
}
