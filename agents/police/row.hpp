// One CSV row on its way to become a notification: reads cells, keeps what was wrong with them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::police {

class Row {
public:
    Row(const runtime::CsvHeader& header, const runtime::CsvRecord& record, runtime::ReadFile& file)
        : header_(header), record_(record), file_(file) {}

    /// "" when absent.
    PersonalText text(std::string_view column) const;
    bool has(std::string_view column) const { return !text(column).reveal().empty(); }
    /// Notes `bad_date` when there is a value and it is no date; the record goes on.
    std::optional<runtime::SourceTime> time(std::string_view column);
    /// true/false/nothing from the many ways sources spell it; notes `bad_flag`.
    std::optional<bool> flag(std::string_view column);

    void note(std::string_view column, std::string rule, std::string message);
    /// The record gives nothing; it goes to the rejected rows with this reason.
    void lose(std::string_view column, std::string rule, std::string message);
    std::uint64_t number() const { return record_.number; }

private:
    const runtime::CsvHeader& header_;
    const runtime::CsvRecord& record_;
    runtime::ReadFile& file_;
};

/// JSON text of a string, a flag, a list of strings: what a section's field holds.
PersonalText json_text(std::string_view value);
PersonalText json_flag(bool value);

/// Puts `value` into the field unless it is empty.
void put(runtime::SectionContent& section, std::string field, const PersonalText& value);

/// The last part of an address that is a postcode, normalised; "" when there is none.
std::string postcode_of(std::string_view address);

std::string sex_word(std::string_view source);

/// Whether they were 18 on the first of these days that is a date. False when birth date or day is
/// not known: a question, never dropped.
bool is_adult(const PersonalText& date_of_birth, const std::vector<PersonalText>& days);

/// 16 hexadecimal characters that change when any of the texts does.
std::string revision_of(const std::vector<PersonalText>& texts);

/// Feeds the whole file to `on_row`; false and one fault for the file when it is cut off or lacks a
/// column.
bool read_rows(std::string_view content, const std::vector<std::string>& needed,
               runtime::ReadFile& file, const std::function<void(Row&)>& on_row);

}  // namespace mash::police
