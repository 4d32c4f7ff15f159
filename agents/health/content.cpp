#include "agents/health/content.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace mash::health {

namespace {

constexpr std::size_t plain_key_bytes_max = 48;

}  // namespace

PersonalText json_list(const std::vector<std::string>& values) {
    return PersonalText(
        nlohmann::json(values).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string ref_part(std::string_view key) {
    const bool plain = std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    if (plain && !key.empty() && key.size() <= plain_key_bytes_max) return std::string(key);
    return "d-" + runtime::revision_of({PersonalText(std::string(key))});
}

std::optional<Days> days_of(std::string_view text) {
    const std::string known = runtime::source_birth_date(text);
    const auto day = [](const std::string& whole) { return area::civil_date_from_text(whole); };
    if (known.empty()) return std::nullopt;
    if (known.size() == 10) {
        const auto whole = day(known);
        return whole ? std::optional(Days{*whole, *whole}) : std::nullopt;
    }
    const std::string from = known.size() == 4 ? known + "-01" : known;
    const std::string to = known.size() == 4 ? known + "-12" : known;
    const auto first = day(from + "-01");
    for (const auto* last : {"-31", "-30", "-29", "-28"}) {
        if (const auto end = day(to + last); first && end) return Days{*first, *end};
    }
    return std::nullopt;
}

area::CivilDate uk_day(WallTime at) {
    const auto local = at + std::chrono::minutes(area::uk_offset_minutes(at));
    return *area::civil_date_from_text(to_rfc3339(local).substr(0, 10));
}

std::string words_of(const runtime::SourceTime& time) {
    return time.instant ? to_rfc3339(*time.instant) : area::to_text(time.date);
}

}  // namespace mash::health
