// One record of a file on its way to become notifications: what it gave, and what was wrong with
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::social_care {

class Record {
public:
    Record(runtime::ReadFile& file, std::uint64_t number, std::uint64_t line)
        : file_(&file), number_(number), line_(line) {}

    runtime::ReadFile::Made& add(runtime::Notification notification);
    void count(std::string_view what) { ++file_->understood[std::string(what)]; }
    /// Known, closed long ago, or of somebody grown up: counted, and nothing else is said.
    void pass_over(std::string_view why);
    void note(std::string_view field, std::string rule, std::string message);
    /// The record gives nothing and goes to the rejected ones with this reason; said once.
    void lose(std::string_view field, std::string rule, std::string message);
    /// Nothing for "" ; notes `bad_date` when there is a value and it is no date.
    std::optional<area::CivilDate> date(std::string_view field, std::string_view text);

private:
    runtime::ReadFile* file_;
    std::uint64_t number_;
    std::uint64_t line_;
};

/// A fault of the file as a whole. `lost`: nothing of it was used.
void note_file(runtime::ReadFile& file, std::string field, std::string rule, std::string message,
               bool lost);

/// One CSV row, read by column name.
class Row {
public:
    Row(const runtime::CsvHeader& header, const runtime::CsvRecord& cells)
        : header_(header), cells_(cells) {}
    /// "" when absent or no value.
    std::string text(std::string_view column) const;
    std::uint64_t number() const { return cells_.number; }
    std::uint64_t line() const { return cells_.line; }

private:
    const runtime::CsvHeader& header_;
    const runtime::CsvRecord& cells_;
};

/// Gives each row. False, with a fault for the file, when it lacks a column that is needed: then no
/// row was given. A file that is cut off is noted, and what came before was given.
bool read_rows(std::string_view content, const std::vector<std::string>& needed,
               runtime::ReadFile& file, const std::function<void(const Row&)>& on_row);

/// "a) Yes" -> "Yes", "q) 6: Police" -> "6: Police": the letters that inspection lists put before a
/// choice.
std::string without_letter(std::string_view text);

/// As runtime::source_date, and the day numbers that a spreadsheet shows when a column has lost its
/// format ("42029" is 25 January 2015).
std::string spreadsheet_date(std::string_view text);

/// male, female or unknown, from 1/2/0/9, M/F/U, words.
std::string sex_word(std::string_view source);

/// JSON text of a string: what a section's field holds.
PersonalText json_text(std::string_view value);
/// Puts `value` into the field unless it is empty.
void put(runtime::SectionContent& section, std::string field, std::string_view value);

/// Noon of that day in the United Kingdom: a date without a time is no midnight.
WallTime noon_of(const area::CivilDate& date);

}  // namespace mash::social_care
