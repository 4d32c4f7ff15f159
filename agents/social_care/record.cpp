#include "agents/social_care/record.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace mash::social_care {

runtime::ReadFile::Made& Record::add(runtime::Notification notification) {
    return file_->notifications.emplace_back(number_, std::move(notification));
}

void Record::pass_over(std::string_view why) {
    ++file_->passed_over;
    count(why);
}

void Record::note(std::string_view field, std::string rule, std::string message) {
    file_->faults.push_back(
        {number_, line_, std::string(field), std::move(rule), std::move(message), false});
}

void Record::lose(std::string_view field, std::string rule, std::string message) {
    auto& lost = file_->rejected_records;
    if (std::ranges::find(lost, number_) != lost.end()) return;
    file_->faults.push_back(
        {number_, line_, std::string(field), std::move(rule), std::move(message), true});
    lost.push_back(number_);
}

std::optional<area::CivilDate> Record::date(std::string_view field, std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (const auto read = runtime::parse_source_time(text)) return read->date;
    note(field, "bad_date", "The value is not a date that we know; the record is used without it");
    return std::nullopt;
}

void note_file(runtime::ReadFile& file, std::string field, std::string rule, std::string message,
               bool lost) {
    file.faults.push_back({0, 0, std::move(field), std::move(rule), std::move(message), lost});
}

std::string Row::text(std::string_view column) const {
    const auto value = header_.value(cells_, column);
    return value ? value->reveal() : std::string();
}

bool read_rows(std::string_view content, const std::vector<std::string>& needed,
               runtime::ReadFile& file, const std::function<void(const Row&)>& on_row) {
    std::optional<runtime::CsvHeader> header;
    std::vector<std::string> missing = needed;
    runtime::CsvReader reader([&](runtime::CsvRecord&& record) {
        if (record.number == 0) {
            header.emplace(record);
            missing = header->missing(needed);
            return;
        }
        if (!missing.empty()) return;
        ++file.records;
        on_row(Row(*header, record));
    });
    auto read = reader.feed(content);
    if (read) read = reader.finish();
    if (!missing.empty()) {
        note_file(file, missing.front(), "missing_column",
                  "The file lacks a column that is needed: check the export's layout", true);
        return false;
    }
    if (!read) {
        note_file(file, "", "cut_off",
                  "The file ends inside a record or holds one that is too long: the rows before "
                  "that were used; send the whole file again",
                  false);
    }
    return true;
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

std::string sex_word(std::string_view source) {
    std::string value = without_letter(source);
    std::ranges::transform(value, value.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (value == "1" || value == "m" || value == "male") return "male";
    if (value == "2" || value == "f" || value == "female") return "female";
    return "unknown";
}

PersonalText json_text(std::string_view value) {
    return PersonalText(nlohmann::json(runtime::to_utf8(value)).dump());
}

void put(runtime::SectionContent& section, std::string field, std::string_view value) {
    if (!value.empty()) section.insert_or_assign(std::move(field), json_text(value));
}

WallTime noon_of(const area::CivilDate& date) { return runtime::from_uk_local(date, 12 * 3600); }

}  // namespace mash::social_care
