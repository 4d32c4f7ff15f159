// What the formats of this folder share when they write a notification: values of sections, the
// digest that says whether something changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::health {

PersonalText json_text(std::string_view value);
PersonalText json_list(const std::vector<std::string>& values);

/// Puts `value` into the field unless it is empty.
void put(runtime::SectionContent& section, std::string field, const PersonalText& value);

/// 16 hexadecimal characters that change when any of the texts does.
std::string digest_of(const std::vector<PersonalText>& texts);

/// A key of the source as part of a reference: as it is when it is short and plain, else its
/// digest.
std::string ref_part(std::string_view key);

std::string sex_word(std::string_view source);

/// The day in the United Kingdom.
area::CivilDate uk_day(WallTime at);

/// The instant of what may be a bare date: then noon, so that no zone moves the day.
WallTime instant_of(const runtime::SourceTime& time);
/// RFC 3339, or the bare date.
std::string words_of(const runtime::SourceTime& time);

}  // namespace mash::health
