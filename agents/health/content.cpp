#include "agents/health/content.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/source_date.hpp"
#include "common/crypto/hash.hpp"

namespace mash::health {

namespace {

constexpr std::size_t plain_key_bytes_max = 48;

std::string dumped(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

PersonalText json_text(std::string_view value) {
    return PersonalText(dumped(nlohmann::json(runtime::to_utf8(value))));
}

PersonalText json_list(const std::vector<std::string>& values) {
    return PersonalText(dumped(nlohmann::json(values)));
}

void put(runtime::SectionContent& section, std::string field, const PersonalText& value) {
    if (!value.reveal().empty())
        section.insert_or_assign(std::move(field), json_text(value.reveal()));
}

std::string digest_of(const std::vector<PersonalText>& texts) {
    crypto::LabelledHasher hasher("mash.v1.source-revision");
    for (const auto& text : texts) hasher.part(view_of(text.reveal()));
    return to_hex(hasher.finish()).substr(0, 16);
}

std::string ref_part(std::string_view key) {
    const bool plain = std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    if (plain && !key.empty() && key.size() <= plain_key_bytes_max) return std::string(key);
    return "d-" + digest_of({PersonalText(std::string(key))});
}

std::string sex_word(std::string_view source) {
    if (source == "M" || source == "m" || source == "male" || source == "1") return "male";
    if (source == "F" || source == "f" || source == "female" || source == "2") return "female";
    return "unknown";
}

area::CivilDate uk_day(WallTime at) {
    const auto local = at + std::chrono::minutes(area::uk_offset_minutes(at));
    return *area::civil_date_from_text(to_rfc3339(local).substr(0, 10));
}

WallTime instant_of(const runtime::SourceTime& time) {
    return time.instant ? *time.instant : runtime::from_uk_local(time.date, 12 * 3600);
}

std::string words_of(const runtime::SourceTime& time) {
    return time.instant ? to_rfc3339(*time.instant) : area::to_text(time.date);
}

}  // namespace mash::health
