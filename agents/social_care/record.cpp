#include "agents/social_care/record.hpp"

#include <algorithm>

namespace mash::social_care {

runtime::ReadFile::Made& Record::add(runtime::Notification notification) {
    return file_->notifications.emplace_back(number_, std::move(notification));
}

void Record::pass_over(std::string_view why) {
    ++file_->passed_over;
    count(why);
}

void Record::note(std::string_view field, std::string rule, std::string message) {
    file_->note(number_, line_, field, std::move(rule), std::move(message));
}

void Record::lose(std::string_view field, std::string rule, std::string message) {
    const auto& lost = file_->rejected_records;
    if (!lost.empty() && lost.back() == number_) return;
    file_->lose(number_, line_, field, std::move(rule), std::move(message));
}

std::optional<area::CivilDate> Record::date(std::string_view field, std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (const auto read = runtime::parse_source_time(text)) return read->date;
    note(field, "bad_date", "The value is not a date that we know; the record is used without it");
    return std::nullopt;
}

std::string text(const runtime::Row& row, std::string_view column) {
    return row.text(column).reveal();
}

std::string without_letter(std::string_view text) {
    const auto bracket = text.find(") ");
    const bool prefixed =
        bracket != std::string_view::npos && bracket >= 1 && bracket <= 2 &&
        std::ranges::all_of(text.substr(0, bracket), [](char c) { return c >= 'a' && c <= 'z'; });
    return std::string(prefixed ? text.substr(bracket + 2) : text);
}

std::string spreadsheet_date(std::string_view text) {
    const auto whole = text.substr(0, text.find('.'));
    const bool number = whole.size() == 5 && std::ranges::all_of(text, [](char c) {
                            return (c >= '0' && c <= '9') || c == '.';
                        });
    if (!number) return runtime::source_date(text);
    // Day 25569 of a spreadsheet's calendar is 1 January 1970.
    const int days = std::stoi(std::string(whole)) - 25569;
    if (days < 0) return "";
    const auto at = WallTime::from_unix_ms(std::int64_t{days} * 86'400'000);
    return to_rfc3339(at).substr(0, 10);
}

void put(runtime::SectionContent& section, std::string field, std::string_view value) {
    runtime::put(section, std::move(field), PersonalText(std::string(value)));
}

WallTime noon_of(const area::CivilDate& date) { return runtime::from_uk_local(date, 12 * 3600); }

area::CivilDate today(const runtime::ReadContext& context) {
    const auto local =
        context.now.wall + std::chrono::minutes(area::uk_offset_minutes(context.now.wall));
    const auto date = area::civil_date_from_text(to_rfc3339(local).substr(0, 10));
    return date ? *date : area::CivilDate{1970, 1, 1};
}

}  // namespace mash::social_care
