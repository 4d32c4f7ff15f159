// CSV as agencies' systems really write it: RFC 4180 with quoted newlines, doubled quotes, CRLF or
// LF, a byte order mark, spaces after commas, a blank first header. Read by header name, one record
// at a time, whatever the file's size.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/personal.hpp"
#include "common/base/result.hpp"

namespace mash::runtime {

/// One record. `number` counts records from 1, the header not among them; `line` is where it starts
/// in the file.
struct CsvRecord {
    std::uint64_t number = 0;
    std::uint64_t line = 0;
    std::vector<PersonalText> cells;
    bool too_long = false;  ///< over limits::intake_row_bytes_max: its cells are not kept
};

/// Fed with pieces of a file in order; cuts them into records. Memory is bounded by one record.
class CsvReader {
public:
    /// `on_record` is called for the header too (number 0).
    explicit CsvReader(std::function<void(CsvRecord&&)> on_record);

    /// Errors: too_large (of the header). After an error nothing more is read.
    Result<void> feed(std::string_view piece);
    /// The end of the file. Errors: malformed (inside a quoted field, or in a last line without an
    /// end that lacks columns of the header: the file was cut off, or a quote never closed). That
    /// record is not given.
    Result<void> finish();
    /// What there is of it, once finish() has said malformed.
    const CsvRecord& cut_off() const { return record_; }

private:
    enum class At { cell_start, plain, quoted, quote_in_quoted };
    void end_cell();
    void end_record();
    void add(char c) {
        if (!record_.too_long) cell_.push_back(c);
    }
    std::function<void(CsvRecord&&)> on_record_;
    At at_ = At::cell_start;
    std::string cell_;
    CsvRecord record_;
    std::uint64_t line_ = 1;
    std::uint64_t number_ = 0;
    std::size_t header_cells_ = 0;
    std::size_t record_bytes_ = 0;
    bool after_cr_ = false;
    bool first_byte_ = true;
    std::string pending_mark_;
    bool failed_ = false;
};

/// Header names to columns: compared without case, spaces at the ends and the byte order mark; the
/// first of a repeated name counts.
class CsvHeader {
public:
    explicit CsvHeader(const CsvRecord& header);
    bool has(std::string_view name) const;
    /// The cell under `name`, cleaned by clean_value(); nothing when the column or the cell is
    /// absent or is no value.
    std::optional<PersonalText> value(const CsvRecord& record, std::string_view name) const;
    /// A record of more or fewer cells (RFC 4180 section 2 wants as many in each): the name of the
    /// first of `wanted` whose column it does not reach; whether it has values beyond the header.
    std::optional<std::string> unreached(const CsvRecord& record,
                                         const std::vector<std::string>& wanted) const;
    bool is_exceeded(const CsvRecord& record) const;
    /// The names of `wanted` that the file lacks.
    std::vector<std::string> missing(const std::vector<std::string>& wanted) const;

private:
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::size_t cells_ = 0;
};

/// Whether the header names all of these columns, which is how a CSV is recognised by its first
/// bytes.
bool has_columns(std::string_view head, const std::vector<std::string>& wanted);

/// Trimmed, non-breaking spaces as spaces; "" for what sources write instead of nothing: NULL,
/// #N/A, "" (two quote characters), Not Known (formats.md part 0).
std::string clean_value(std::string_view text);

}  // namespace mash::runtime
