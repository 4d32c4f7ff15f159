// One record of a file on its way to become notifications: what it gave, and what was wrong with
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"
#include "agents/runtime/core/source_row.hpp"

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

/// The cell as text; "" when absent or no value.
std::string text(const runtime::Row& row, std::string_view column);

/// "a) Yes" -> "Yes", "q) 6: Police" -> "6: Police": the letters that inspection lists put before a
/// choice.
std::string without_letter(std::string_view text);

/// As runtime::source_date, and the day numbers that a spreadsheet shows when a column has lost its
/// format ("42029" is 25 January 2015).
std::string spreadsheet_date(std::string_view text);

/// Puts `value` into the field unless it is empty.
void put(runtime::SectionContent& section, std::string field, std::string_view value);

/// Noon of that day in the United Kingdom: a date without a time is no midnight.
WallTime noon_of(const area::CivilDate& date);

/// The day on which a file is read, by the clocks of the United Kingdom.
area::CivilDate today(const runtime::ReadContext& context);

}  // namespace mash::social_care
