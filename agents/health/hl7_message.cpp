#include "agents/health/hl7_message.hpp"

#include <algorithm>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/text_decoder.hpp"

namespace mash::health {

namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (true) {
        const auto end = text.find(at);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

bool is_name_sign(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Three capitals or digits, the first a capital, then the separator or the end.
bool is_segment(std::string_view line, char field) {
    if (line.size() < 3 || (line.size() > 3 && line[3] != field)) return false;
    return line[0] >= 'A' && line[0] <= 'Z' && is_name_sign(line[1]) && is_name_sign(line[2]);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<std::string> from_hex(std::string_view digits) {
    if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_value(digits[i]);
        const int low = hex_value(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

std::string hl7_unescaped(std::string_view text, const Hl7Delimiters& delimiters) {
    std::string out;
    while (!text.empty()) {
        const auto begin = text.find(delimiters.escape);
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        const auto end = text.find(delimiters.escape, 1);
        if (end == std::string_view::npos) {
            out += text;
            break;
        }
        const auto code = text.substr(1, end - 1);
        const auto whole = text.substr(0, end + 1);
        text.remove_prefix(end + 1);
        if (code == "F")
            out += delimiters.field;
        else if (code == "S")
            out += delimiters.component;
        else if (code == "T")
            out += delimiters.subcomponent;
        else if (code == "R")
            out += delimiters.repetition;
        else if (code == "E")
            out += delimiters.escape;
        else if (code == ".br")
            out += '\n';
        else if (code == "H" || code == "N" || code.starts_with('C') || code.starts_with('M'))
            continue;
        else if (const auto bytes = code.starts_with('X') ? from_hex(code.substr(1)) : std::nullopt)
            out += *bytes;
        else
            out += whole;
    }
    return out;
}

std::string hl7_escaped(std::string_view text, const Hl7Delimiters& delimiters) {
    std::string out;
    const auto escape = [&](std::string_view code) {
        out += delimiters.escape;
        out += code;
        out += delimiters.escape;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == delimiters.field)
            escape("F");
        else if (c == delimiters.component)
            escape("S");
        else if (c == delimiters.subcomponent)
            escape("T");
        else if (c == delimiters.repetition)
            escape("R");
        else if (c == delimiters.escape)
            escape("E");
        else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
            continue;
        else if (c == '\r' || c == '\n')
            escape(".br");
        else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
            out += c;
    }
    return out;
}

std::string Hl7Repeat::part(std::size_t number) const {
    const auto parts = split(raw_, delimiters_->component);
    if (number == 0 || number > parts.size()) return {};
    const auto first = split(parts[number - 1], delimiters_->subcomponent).front();
    return runtime::clean_value(runtime::to_utf8(hl7_unescaped(first, *delimiters_)));
}

std::string Hl7Repeat::first_parts(std::size_t count) const {
    auto parts = split(raw_, delimiters_->component);
    if (parts.size() > count) parts.resize(count);
    while (!parts.empty() && parts.back().empty()) parts.pop_back();
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += '^';
        out += runtime::clean_value(runtime::to_utf8(hl7_unescaped(parts[i], *delimiters_)));
    }
    return out;
}

Result<Hl7Message> Hl7Message::read(std::string_view text) {
    if (text.size() > hl7_message_bytes_max) return fail(ErrorCode::too_large);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto begin = text.find_first_not_of("\r\n \t\x0B");
    if (begin == std::string_view::npos) return fail(ErrorCode::malformed);
    text.remove_prefix(begin);
    if (text.size() < 8 || !text.starts_with("MSH")) return fail(ErrorCode::malformed);
    Hl7Message out;
    auto& signs = out.delimiters_;
    signs.field = text[3];
    const auto codes =
        text.substr(4, text.find_first_of(std::string{signs.field, '\r', '\n'}, 4) - 4);
    if (codes.size() < 2 || codes.size() > 5) return fail(ErrorCode::malformed);
    signs.component = codes[0];
    signs.repetition = codes[1];
    // The oldest versions allow fewer; one that is not named cannot be in use.
    signs.escape = codes.size() > 2 ? codes[2] : '\0';
    signs.subcomponent = codes.size() > 3 ? codes[3] : '\0';
    std::string all{signs.field};
    all += codes.substr(0, 4);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const char c = all[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || is_name_sign(c);
        if (is_letter || c == '\r' || c == '\n' || c == ' ' || all.find(c, i + 1) != all.npos)
            return fail(ErrorCode::malformed);
    }
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (is_blank(line)) continue;
        if (!is_segment(line, signs.field) && !out.segments_.empty()) {
            // A line break inside a text field, which ought to have been escaped.
            auto& last = out.segments_.back().fields.back();
            last += ' ';
            last += line;
            ++out.stray_lines_;
            continue;
        }
        if (out.segments_.size() >= hl7_segments_max) return fail(ErrorCode::too_large);
        Hl7Segment segment;
        segment.name = std::string(line.substr(0, 3));
        const bool is_header = out.segments_.empty();
        for (const auto& field : split(line, signs.field)) {
            segment.fields.emplace_back(field);
            // Field 1 of MSH is the separator, so that its numbers are those of the standard.
            if (is_header && segment.fields.size() == 1)
                segment.fields.emplace_back(1, signs.field);
        }
        out.segments_.push_back(std::move(segment));
    }
    return out;
}

const Hl7Segment* Hl7Message::segment(std::string_view name, std::size_t nth) const {
    for (const auto& segment : segments_) {
        if (segment.name == name && nth-- == 0) return &segment;
    }
    return nullptr;
}

std::vector<Hl7Repeat> Hl7Message::repeats(const Hl7Segment* segment, std::size_t field) const {
    std::vector<Hl7Repeat> out;
    if (segment == nullptr || field >= segment->fields.size()) return out;
    for (const auto raw : split(segment->fields[field], delimiters_.repetition)) {
        const Hl7Repeat repeat(raw, delimiters_);
        if (!is_blank(raw) && raw != "\"\"") out.push_back(repeat);
    }
    return out;
}

std::string Hl7Message::text(const Hl7Segment* segment, std::size_t field) const {
    const auto found = repeats(segment, field);
    return found.empty() ? std::string() : found.front().part(1);
}

bool Hl7Message::is_emptied(const Hl7Segment* segment, std::size_t field) const {
    return segment != nullptr && field < segment->fields.size() && segment->fields[field] == "\"\"";
}

void Hl7FileReader::feed(std::string_view piece) {
    for (const char c : piece) {
        const bool is_lf_of_crlf = after_cr_ && c == '\n';
        after_cr_ = c == '\r';
        if (is_lf_of_crlf) continue;
        if (c == '\r' || c == '\n' || c == '\x0B' || c == '\x1C') {
            end_line();
            if (c == '\r' || c == '\n') ++line_number_;
            continue;
        }
        if (line_.size() < hl7_message_bytes_max)
            line_ += c;
        else
            line_too_long_ = true;
    }
}

void Hl7FileReader::finish() {
    end_line();
    end_message();
}

void Hl7FileReader::end_line() {
    std::string_view line = line_;
    if (line_number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.starts_with("MSH") && line.size() > 4 && !is_name_sign(line[3])) {
        end_message();
        in_message_ = true;
        begins_at_ = line_number_;
    }
    const auto name = line.substr(0, 3);
    const bool is_envelope = name == "FHS" || name == "BHS" || name == "BTS" || name == "FTS";
    if (is_envelope && line.size() > 3 && !is_name_sign(line[3])) {
        end_message();
    } else if (!in_message_) {
        lines_outside_ += is_blank(line) ? 0 : 1;
    } else if (line_too_long_ || message_.size() + line.size() >= hl7_message_bytes_max) {
        too_large_ = true;
    } else if (!is_blank(line)) {
        message_ += line;
        message_ += '\r';
    }
    line_.clear();
    line_too_long_ = false;
}

void Hl7FileReader::end_message() {
    if (in_message_) on_message_({++number_, begins_at_, message_, too_large_});
    in_message_ = false;
    too_large_ = false;
    message_.clear();
}

}  // namespace mash::health
