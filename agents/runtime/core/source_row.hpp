// One CSV row on its way to become a notification: reads cells, keeps what was wrong with them. And
// what adapters of any form share: how a value is put into a section, who is an adult.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::runtime {

class Row {
public:
    Row(const CsvHeader& header, const CsvRecord& record, ReadFile& file, WallTime latest)
        : header_(header), record_(record), file_(file), latest_(latest) {}

    /// "" when absent.
    PersonalText text(std::string_view column) const;
    bool has(std::string_view column) const { return !text(column).reveal().empty(); }
    /// When something happened. Notes `bad_date` when there is a value and it is no date, or lies
    /// ahead; the record goes on.
    std::optional<SourceTime> time(std::string_view column);
    /// As `time`, of what may be to come.
    std::optional<SourceTime> time_or_plan(std::string_view column);
    /// true/false/nothing from the many ways sources spell it; notes `bad_flag`.
    std::optional<bool> flag(std::string_view column);

    void note(std::string_view column, std::string rule, std::string message);
    /// The record gives nothing; it goes to the rejected rows with this reason.
    void lose(std::string_view column, std::string rule, std::string message);
    std::uint64_t number() const { return record_.number; }
    std::uint64_t line() const { return record_.line; }

private:
    const CsvHeader& header_;
    const CsvRecord& record_;
    ReadFile& file_;
    WallTime latest_;
};

/// JSON text of a string, a flag, a list of strings: what a section's field holds.
PersonalText json_text(std::string_view value);
PersonalText json_flag(bool value);

/// Puts `value` into the field unless it is empty.
void put(SectionContent& section, std::string field, const PersonalText& value);

/// The last part of an address that is a postcode, normalised; "" when there is none.
std::string postcode_of(std::string_view address);

std::string sex_word(std::string_view source);

/// When a file is read, or was written if that clock is ahead: nothing in it has happened later.
/// The file's own time alone may be that of a copy.
WallTime latest_of(const ReadContext& context);
/// More than a day after that: a slip of whoever typed it.
bool lies_ahead(const SourceTime& time, WallTime latest);

/// Whether they were 18 on the first of these days that is a date and does not lie ahead. False
/// when birth date or day is not known: a question, never dropped.
bool is_adult(const PersonalText& date_of_birth, const std::vector<PersonalText>& days,
              WallTime latest);
/// true/false/nothing from the many ways sources spell it; nothing also for any other word.
std::optional<bool> flag_of(std::string_view text);

/// 16 hexadecimal characters that change when any of the texts does.
std::string revision_of(const std::vector<PersonalText>& texts);

/// What a child's age says of a record about them (formats.md part 0): an adult's raises nothing.
enum class AgeGroup : std::uint8_t {
    child,
    adult,
    unknown  ///< a question for the record's report, never a reason to drop it
};
/// At the event: on `day`, of somebody born on `date_of_birth`; a child too when that lies ahead,
/// and unknown at a hundred years or more: 1914 is 2014 mistyped.
AgeGroup age_group(const PersonalText& date_of_birth, const std::optional<SourceTime>& day);
/// As source_birth_date; "" also for one at which nobody can have been born who is reported.
std::string believed_birth_date(std::string_view text, const std::optional<SourceTime>& day);

/// A CSV of which each row is a record: cuts it, checks its header, calls for each row, and says
/// what was wrong with the file.
class RowReading : public SourceReading {
public:
    RowReading(const ReadContext& context, std::vector<std::string> needed, ReadFile& out);
    bool feed(std::string_view piece) final;
    void finish() final;

protected:
    virtual void on_row(Row& row) = 0;
    /// The header has all that is needed; the names that a format needs besides, "" for none.
    virtual std::string still_missing(const CsvHeader& header);
    /// After the last row of a file that had its columns, if it was cut off too.
    virtual void on_end() {}
    ReadFile& out() { return out_; }

private:
    void give_back(std::uint64_t record);
    std::vector<std::string> needed_;
    ReadFile& out_;
    std::optional<CsvHeader> header_;
    std::string missing_;
    bool whole_ = true;
    CsvReader reader_;
};

/// A CSV that is known by its columns, and read by a `Reading` made of context, memory and file.
template <class Reading>
class RowFormat final : public SourceFormat {
public:
    RowFormat(std::string_view name, std::string_view title, std::vector<std::string> columns)
        : name_(name), title_(title), columns_(std::move(columns)) {}
    std::string_view name() const override { return name_; }
    std::string_view title() const override { return title_; }
    bool recognises(std::string_view head) const override { return has_columns(head, columns_); }
    std::unique_ptr<SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                         ReadFile& out) const override {
        return std::make_unique<Reading>(context, memory, out);
    }

private:
    std::string_view name_;
    std::string_view title_;
    std::vector<std::string> columns_;
};

}  // namespace mash::runtime
