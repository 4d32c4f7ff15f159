#include "agents/runtime/core/csv.hpp"

#include <algorithm>
#include <array>

#include "agents/runtime/core/text_decoder.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {

CsvReader::CsvReader(std::function<void(CsvRecord&&)> on_record)
    : on_record_(std::move(on_record)) {
    record_.line = 1;
}

void CsvReader::end_cell() {
    if (!record_.too_long) record_.cells.emplace_back(std::move(cell_));
    cell_.clear();
    at_ = At::cell_start;
}

void CsvReader::end_record() {
    const bool blank_line =
        record_.cells.empty() && cell_.empty() && at_ == At::cell_start && !record_.too_long;
    if (!blank_line) {
        end_cell();
        if (number_ == 0) header_cells_ = record_.cells.size();
        record_.number = number_++;
        on_record_(std::move(record_));
    }
    record_ = CsvRecord{};
    record_.line = line_;
    record_bytes_ = 0;
    at_ = At::cell_start;
    cell_.clear();
}

Result<void> CsvReader::feed(std::string_view piece) {
    if (failed_) return fail(ErrorCode::too_large);
    for (const char c : piece) {
        if (first_byte_) {
            // The byte order mark may be cut between two pieces.
            pending_mark_.push_back(c);
            static constexpr std::string_view mark = "\xEF\xBB\xBF";
            if (pending_mark_ == mark) {
                pending_mark_.clear();
                first_byte_ = false;
                continue;
            }
            if (mark.starts_with(pending_mark_)) continue;
            first_byte_ = false;
            const std::string seen = std::move(pending_mark_);
            pending_mark_.clear();
            MASH_TRY_VOID(feed(seen));
            continue;
        }
        if (after_cr_) {
            after_cr_ = false;
            if (c == '\n') continue;
        }
        if (c == '\n' || c == '\r') {
            ++line_;
            after_cr_ = c == '\r';
        }
        if (++record_bytes_ > limits::intake_row_bytes_max && !record_.too_long) {
            failed_ = number_ == 0;
            if (failed_) return fail(ErrorCode::too_large);
            record_.too_long = true;
            record_.cells.clear();
            cell_ = std::string();
        }
        const bool line_end = c == '\n' || c == '\r';
        switch (at_) {
            case At::cell_start:
                if (c == '"') {
                    cell_.clear();
                    at_ = At::quoted;
                } else if (c == ',') {
                    end_cell();
                } else if (line_end) {
                    end_record();
                } else if (c == ' ') {
                    // A quote may follow the space.
                } else {
                    add(c);
                    at_ = At::plain;
                }
                break;
            case At::plain:
                if (c == ',') {
                    end_cell();
                } else if (line_end) {
                    end_record();
                } else {
                    add(c);
                }
                break;
            case At::quoted:
                if (c == '"') {
                    at_ = At::quote_in_quoted;
                } else if (c == '\r') {
                    add('\n');
                } else {
                    add(c);
                }
                break;
            case At::quote_in_quoted:
                if (c == '"') {
                    add('"');
                    at_ = At::quoted;
                } else if (c == ',') {
                    end_cell();
                } else if (line_end) {
                    at_ = At::plain;
                    end_record();
                } else {
                    // Text after a closing quote: kept, as a tired person's file has it.
                    add(c);
                    at_ = At::plain;
                }
                break;
        }
    }
    return {};
}

Result<void> CsvReader::finish() {
    if (failed_) return fail(ErrorCode::too_large);
    if (first_byte_ && !pending_mark_.empty()) {
        first_byte_ = false;
        const std::string seen = std::move(pending_mark_);
        pending_mark_.clear();
        MASH_TRY_VOID(feed(seen));
    }
    const bool has_record = !record_.cells.empty() || at_ != At::cell_start || record_.too_long;
    if (at_ == At::quoted ||
        (has_record && !record_.too_long && record_.cells.size() + 1 < header_cells_)) {
        end_cell();
        record_.number = number_;
        return fail(ErrorCode::malformed);
    }
    if (has_record) {
        at_ = At::plain;
        end_record();
    }
    return {};
}

namespace {

std::string header_name(std::string_view text) {
    std::string out = clean_value(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

}  // namespace

CsvHeader::CsvHeader(const CsvRecord& header) : cells_(header.cells.size()) {
    for (std::size_t i = 0; i < header.cells.size(); ++i)
        columns_.emplace(header_name(header.cells[i].reveal()), i);
}

bool CsvHeader::has(std::string_view name) const { return columns_.contains(header_name(name)); }

std::optional<PersonalText> CsvHeader::value(const CsvRecord& record, std::string_view name) const {
    const auto column = columns_.find(header_name(name));
    if (column == columns_.end() || column->second >= record.cells.size()) return std::nullopt;
    std::string text = clean_value(to_utf8(record.cells[column->second].reveal()));
    if (text.empty()) return std::nullopt;
    return PersonalText(std::move(text));
}

std::optional<std::string> CsvHeader::unreached(const CsvRecord& record,
                                                const std::vector<std::string>& wanted) const {
    for (const auto& name : wanted) {
        const auto column = columns_.find(header_name(name));
        if (column != columns_.end() && column->second >= record.cells.size()) return name;
    }
    return std::nullopt;
}

bool CsvHeader::is_exceeded(const CsvRecord& record) const {
    for (std::size_t i = cells_; i < record.cells.size(); ++i) {
        if (!clean_value(record.cells[i].reveal()).empty()) return true;
    }
    return false;
}

std::vector<std::string> CsvHeader::missing(const std::vector<std::string>& wanted) const {
    std::vector<std::string> out;
    for (const auto& name : wanted) {
        if (!has(name)) out.push_back(name);
    }
    return out;
}

bool has_columns(std::string_view head, const std::vector<std::string>& wanted) {
    bool found = false;
    CsvReader reader([&](CsvRecord&& record) {
        if (record.number == 0) found = CsvHeader(record).missing(wanted).empty();
    });
    // Where the head was cut, and what the records after the header hold, is of no interest here.
    (void)reader.feed(head).has_value();
    (void)reader.finish().has_value();
    return found;
}

std::string clean_value(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0') {
            out.push_back(' ');
            ++i;
        } else {
            out.push_back(text[i]);
        }
    }
    const auto begin = out.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    const auto end = out.find_last_not_of(" \t\r\n");
    out = out.substr(begin, end - begin + 1);
    static constexpr std::array<std::string_view, 5> nothing{"NULL", "#N/A", "\"\"", "Not Known",
                                                             "not known"};
    if (std::ranges::find(nothing, out) != nothing.end()) return {};
    return out;
}

}  // namespace mash::runtime
