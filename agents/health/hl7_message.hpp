// HL7 v2 as bytes: segments, fields, repeats, components, escapes (versions 2.2 to 2.5.1, read
// leniently). Delimiters come from MSH-1 and MSH-2 of each message. What the fields mean is
// hl7_adt.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace mash::health {

/// One message takes no more memory than this, however large the file or the frame.
constexpr std::size_t hl7_message_bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t hl7_segments_max = 5'000;

struct Hl7Delimiters {
    char field = '|';
    char component = '^';
    char repetition = '~';
    char escape = '\\';
    char subcomponent = '&';
    friend bool operator==(const Hl7Delimiters&, const Hl7Delimiters&) = default;
};

/// One repeat of a field: `part(n)` from 1, unescaped and trimmed; of a part with subcomponents the
/// first. "" for an absent one.
class Hl7Repeat {
public:
    Hl7Repeat(std::string_view raw, const Hl7Delimiters& delimiters)
        : raw_(raw), delimiters_(&delimiters) {}
    std::string part(std::size_t number) const;
    /// The first `count` parts as sent, for a place that is known by all of them.
    std::string first_parts(std::size_t count) const;
    std::string_view raw() const { return raw_; }

private:
    std::string_view raw_;
    const Hl7Delimiters* delimiters_;
};

struct Hl7Segment {
    std::string name;                 ///< "PID"
    std::vector<std::string> fields;  ///< raw; [0] is the name; of MSH [1] is the separator itself
};

class Hl7Message {
public:
    /// Segments end with CR, LF or both. Errors: malformed (no MSH at the beginning, or delimiters
    /// that are not four different signs), too_large.
    static Result<Hl7Message> read(std::string_view text);

    /// The `nth` segment of that name from 0; null when there are fewer.
    const Hl7Segment* segment(std::string_view name, std::size_t nth = 0) const;
    const std::vector<Hl7Segment>& segments() const { return segments_; }
    const Hl7Delimiters& delimiters() const { return delimiters_; }

    /// Repeats of a field, without those that hold nothing; none when segment or field is absent.
    std::vector<Hl7Repeat> repeats(const Hl7Segment* segment, std::size_t field) const;
    /// Part 1 of the first repeat.
    std::string text(const Hl7Segment* segment, std::size_t field) const;
    /// The field is there and holds `""`: the sender empties what it said before.
    bool is_emptied(const Hl7Segment* segment, std::size_t field) const;

    /// Lines that were no segment and were taken as the rest of the one before.
    std::size_t stray_lines() const { return stray_lines_; }

private:
    Hl7Delimiters delimiters_;
    std::vector<Hl7Segment> segments_;
    std::size_t stray_lines_ = 0;
};

/// `\F\ \S\ \T\ \R\ \E\`, `\Xhh..\`, `\.br\`; `\H\`, `\N\` and character set escapes are dropped;
/// one that is not finished or not known stays as it is.
std::string hl7_unescaped(std::string_view text, const Hl7Delimiters& delimiters);
/// The other way round, for what we write. Line ends become `\.br\`.
std::string hl7_escaped(std::string_view text, const Hl7Delimiters& delimiters);

/// Cuts a file into messages: any line ends, batch envelopes (FHS, BHS, BTS, FTS) left out, MLLP
/// framing bytes taken for line ends. Memory is bounded by one message.
class Hl7FileReader {
public:
    struct Found {
        std::uint64_t number = 0;  ///< of the message, from 1
        std::uint64_t line = 0;    ///< where it begins
        std::string_view text;
        bool too_large = false;  ///< then `text` holds its beginning only
    };
    explicit Hl7FileReader(std::function<void(const Found&)> on_message)
        : on_message_(std::move(on_message)) {}
    void feed(std::string_view piece);
    void finish();
    /// Lines before the first MSH that were neither blank nor an envelope.
    std::uint64_t lines_outside() const { return lines_outside_; }

private:
    void end_line();
    void end_message();
    std::function<void(const Found&)> on_message_;
    std::string line_;
    std::string message_;
    std::uint64_t line_number_ = 1;
    std::uint64_t begins_at_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t lines_outside_ = 0;
    bool in_message_ = false;
    bool too_large_ = false;
    bool line_too_long_ = false;
    bool after_cr_ = false;
};

}  // namespace mash::health
