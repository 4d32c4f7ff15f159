// JSON files of any size, one item of a list at a time. It finds where values begin and end; what
// is in them is for the parser of whoever takes the item.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/personal.hpp"
#include "common/base/result.hpp"

namespace mash::runtime {

struct JsonFound {
    std::uint64_t number = 0;  ///< of the record, from 1; 0 = another member beside the list
    std::string member;        ///< the name of that member; "" for a record
    std::uint64_t line = 0;
    PersonalText text;       ///< the value's JSON, as the file has it; not parsed, perhaps not JSON
    bool too_large = false;  ///< over limits::intake_row_bytes_max: then `text` is empty
};

/// Fed with pieces of a file in order, in UTF-8. Memory is bounded by one value.
class JsonReader {
public:
    using OnValue = std::function<void(JsonFound&&)>;
    /// A file that is a list: each item is a record. One that is an object: with `list_member` each
    /// item of the list of that name is a record, and all other members are given with number 0;
    /// without, the object is the one record.
    JsonReader(std::string list_member, OnValue on_value);

    /// Errors: malformed (no JSON list or object from here on), too_large (nested deeper than
    /// `depth_max`). After an error nothing more is read; what came before was given.
    Result<void> feed(std::string_view piece);
    /// Errors: malformed (the file is cut off or empty).
    Result<void> finish();
    std::uint64_t records() const { return records_; }
    std::uint64_t line() const { return line_; }
    /// Whether the error was depth and not form.
    bool too_deep() const { return too_deep_; }
    bool cut_off() const { return cut_off_; }

private:
    enum class At : std::uint8_t {
        file_start,
        value_or_list_end,
        value,
        after_item,
        name_or_object_end,
        name,
        in_name,
        colon,
        member_value,
        after_member,
        capturing,
        done
    };
    bool step(char c);
    void begin_value(char c);
    bool capture(char c);
    void hold(char c);
    void end_value();
    Result<void> broken(ErrorCode code);

    std::string list_member_;
    OnValue on_value_;
    At at_ = At::file_start;
    At then_ = At::done;
    bool list_is_member_ = false;
    bool in_string_ = false;
    bool escaped_ = false;
    bool scalar_ = false;
    std::size_t depth_ = 0;
    std::string name_;
    JsonFound found_;
    std::string text_;
    std::uint64_t line_ = 1;
    std::uint64_t records_ = 0;
    std::size_t mark_ = 0;
    bool failed_ = false;
    bool too_deep_ = false;
    bool cut_off_ = false;
    ErrorCode code_ = ErrorCode::malformed;
};

}  // namespace mash::runtime
