#include "agents/police/row.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/identity.hpp"
#include "common/crypto/hash.hpp"

namespace mash::police {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

}  // namespace

PersonalText Row::text(std::string_view column) const {
    auto value = header_.value(record_, column);
    return value ? std::move(*value) : PersonalText();
}

std::optional<runtime::SourceTime> Row::time(std::string_view column) {
    const PersonalText value = text(column);
    if (value.reveal().empty()) return std::nullopt;
    auto parsed = runtime::parse_source_time(value.reveal());
    // People were born before 1970; nothing that is reported happened then.
    if (parsed && parsed->date.year < 1970) parsed.reset();
    if (!parsed)
        note(column, "bad_date",
             "The value is not a date and time that we know; the row is used without it");
    return parsed;
}

std::optional<bool> Row::flag(std::string_view column) {
    const std::string value = lower(text(column).reveal());
    if (value.empty()) return std::nullopt;
    static constexpr std::array<std::string_view, 5> yes{"y", "yes", "true", "1", "a) yes"};
    static constexpr std::array<std::string_view, 5> no{"n", "no", "false", "0", "b) no"};
    if (std::ranges::find(yes, value) != yes.end()) return true;
    if (std::ranges::find(no, value) != no.end()) return false;
    note(column, "bad_flag", "The value is neither yes nor no; the row is used without it");
    return std::nullopt;
}

void Row::note(std::string_view column, std::string rule, std::string message) {
    file_.faults.push_back({record_.number, record_.line, std::string(column), std::move(rule),
                            std::move(message), false});
}

void Row::lose(std::string_view column, std::string rule, std::string message) {
    file_.faults.push_back({record_.number, record_.line, std::string(column), std::move(rule),
                            std::move(message), true});
    file_.rejected_records.push_back(record_.number);
}

PersonalText json_text(std::string_view value) {
    return PersonalText(nlohmann::json(runtime::to_utf8(value)).dump());
}
PersonalText json_flag(bool value) { return PersonalText(value ? "true" : "false"); }

void put(runtime::SectionContent& section, std::string field, const PersonalText& value) {
    if (!value.reveal().empty())
        section.insert_or_assign(std::move(field), json_text(value.reveal()));
}

std::string postcode_of(std::string_view address) {
    const auto comma = address.find_last_of(",\n");
    return runtime::normalise_postcode(comma == std::string_view::npos ? address
                                                                       : address.substr(comma + 1));
}

std::string sex_word(std::string_view source) {
    const std::string value = lower(source);
    if (value == "m" || value == "male" || value == "1") return "male";
    if (value == "f" || value == "female" || value == "2") return "female";
    return "unknown";
}

bool is_adult(const PersonalText& date_of_birth, const std::vector<PersonalText>& days) {
    const std::string born = runtime::source_birth_date(date_of_birth.reveal());
    for (const auto& text : days) {
        if (const auto day = runtime::parse_source_time(text.reveal()))
            return runtime::age_at(born, day->date).value_or(0) >= 18;
    }
    return false;
}

std::string revision_of(const std::vector<PersonalText>& texts) {
    crypto::LabelledHasher hasher("mash.v1.source-revision");
    for (const auto& text : texts) hasher.part(view_of(text.reveal()));
    return to_hex(hasher.finish()).substr(0, 16);
}

bool read_rows(std::string_view content, const std::vector<std::string>& needed,
               runtime::ReadFile& file, const std::function<void(Row&)>& on_row) {
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
        Row row(*header, record, file);
        on_row(row);
    });
    auto read = reader.feed(content);
    if (read) read = reader.finish();
    if (!missing.empty()) {
        file.faults.push_back({0, 0, missing.front(), "missing_column",
                               "The file lacks a column that is needed: check the export's layout",
                               true});
        return false;
    }
    if (!read) {
        file.faults.push_back({0, 0, "", "cut_off",
                               "The file ends inside a record or holds one that is too long: the "
                               "rows before that were used; send the whole file again",
                               false});
    }
    return true;
}

}  // namespace mash::police
