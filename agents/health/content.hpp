// What the formats of this folder share when they write a notification, beside what the runtime has
// for all (source_row.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"
#include "agents/runtime/core/source_row.hpp"

namespace mash::health {

using runtime::instant_of;
using runtime::json_text;
using runtime::put;

PersonalText json_list(const std::vector<std::string>& values);

/// A key of the source as part of a reference: as it is when it is short and plain, else its
/// digest.
std::string ref_part(std::string_view key);

/// The first and the last day of "2026-07-22", "2026-07" or "2026", as FHIR writes dates; nothing
/// for what is no date.
struct Days {
    area::CivilDate first, last;
};
std::optional<Days> days_of(std::string_view text);

/// The day in the United Kingdom.
area::CivilDate uk_day(WallTime at);

/// RFC 3339, or the bare date.
std::string words_of(const runtime::SourceTime& time);

}  // namespace mash::health
