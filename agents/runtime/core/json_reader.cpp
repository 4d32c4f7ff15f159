#include "agents/runtime/core/json_reader.hpp"

#include "common/base/limits.hpp"

namespace mash::runtime {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr std::string_view mark = "\xEF\xBB\xBF";

}  // namespace

JsonReader::JsonReader(std::string list_member, OnValue on_value)
    : list_member_(std::move(list_member)), on_value_(std::move(on_value)) {}

Result<void> JsonReader::broken(ErrorCode code) {
    failed_ = true;
    code_ = code;
    text_.clear();
    return fail(code);
}

void JsonReader::begin_value(char c) {
    found_.line = line_;
    found_.too_large = false;
    text_.clear();
    depth_ = 0;
    in_string_ = escaped_ = false;
    scalar_ = c != '{' && c != '[' && c != '"';
    at_ = At::capturing;
}

void JsonReader::end_value() {
    found_.text = PersonalText(std::move(text_));
    text_ = {};
    at_ = then_;
    on_value_(std::move(found_));
    found_ = JsonFound{};
}

void JsonReader::hold(char c) {
    if (found_.too_large) return;
    if (text_.size() < limits::intake_row_bytes_max) {
        text_.push_back(c);
        return;
    }
    found_.too_large = true;
    text_ = {};
}

// True when `c` belongs to what comes after the value.
bool JsonReader::capture(char c) {
    if (in_string_) {
        hold(c);
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == '"') {
            in_string_ = false;
            if (depth_ == 0) end_value();
        }
        return false;
    }
    if (scalar_ && (is_blank(c) || c == ',' || c == ']' || c == '}')) {
        end_value();
        return true;
    }
    hold(c);
    if (c == '"') {
        in_string_ = true;
    } else if (c == '{' || c == '[') {
        // A file may hold in its list what a single document may be.
        if (++depth_ > limits::json_depth_max) too_deep_ = true;
    } else if ((c == '}' || c == ']') && !scalar_) {
        if (--depth_ == 0) end_value();
    }
    return false;
}

// False: this cannot stand here.
bool JsonReader::step(char c) {
    if (at_ == At::capturing && !capture(c)) return true;
    if (at_ == At::in_name) {
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == '"')
            at_ = At::colon;
        if (at_ == At::in_name) name_.push_back(c);
        return name_.size() <= limits::short_text_bytes_max;
    }
    if (is_blank(c)) return true;
    switch (at_) {
        case At::file_start:
            if (c == '[') {
                at_ = At::value_or_list_end;
                return true;
            }
            if (c != '{') return false;
            if (!list_member_.empty()) {
                at_ = At::name_or_object_end;
                return true;
            }
            found_.number = ++records_;
            then_ = At::done;
            begin_value(c);
            (void)capture(c);
            return true;
        case At::value_or_list_end:
        case At::value:
            if (c == ']' && at_ == At::value_or_list_end) {
                at_ = list_is_member_ ? At::after_member : At::done;
                list_is_member_ = false;
                return true;
            }
            if (c == ',' || c == ']' || c == '}' || c == ':') return false;
            found_.number = ++records_;
            then_ = At::after_item;
            begin_value(c);
            (void)capture(c);
            return true;
        case At::after_item:
            if (c == ',') {
                at_ = At::value;
                return true;
            }
            if (c != ']') return false;
            at_ = list_is_member_ ? At::after_member : At::done;
            list_is_member_ = false;
            return true;
        case At::name_or_object_end:
        case At::name:
            if (c == '}' && at_ == At::name_or_object_end) {
                at_ = At::done;
                return true;
            }
            if (c != '"') return false;
            name_.clear();
            escaped_ = false;
            at_ = At::in_name;
            return true;
        case At::colon:
            if (c != ':') return false;
            at_ = At::member_value;
            return true;
        case At::member_value:
            if (c == ',' || c == ']' || c == '}' || c == ':') return false;
            if (c == '[' && name_ == list_member_) {
                list_is_member_ = true;
                at_ = At::value_or_list_end;
                return true;
            }
            found_.member = name_;
            then_ = At::after_member;
            begin_value(c);
            (void)capture(c);
            return true;
        case At::after_member:
            if (c == ',') {
                at_ = At::name;
                return true;
            }
            if (c != '}') return false;
            at_ = At::done;
            return true;
        default: return false;  // something after the end
    }
}

Result<void> JsonReader::feed(std::string_view piece) {
    if (failed_) return fail(code_);
    for (const char c : piece) {
        if (at_ == At::file_start && mark_ < mark.size() && c == mark[mark_]) {
            ++mark_;
            continue;
        }
        if (c == '\n') ++line_;
        if (!step(c)) return broken(ErrorCode::malformed);
        if (too_deep_) return broken(ErrorCode::too_large);
    }
    return {};
}

Result<void> JsonReader::finish() {
    if (failed_) return fail(code_);
    if (at_ == At::done) return {};
    cut_off_ = at_ != At::file_start;
    return broken(ErrorCode::malformed);
}

}  // namespace mash::runtime
