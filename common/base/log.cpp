#include "common/base/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/bytes.hpp"
#include "common/base/limits.hpp"

namespace mash {
namespace {

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_address_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

constexpr std::size_t address_bytes_max = 45;  // the longest spelling of an IPv6 address

}  // namespace

NetworkAddress::NetworkAddress(std::string_view text) {
    const bool is_numeric = !text.empty() && text.size() <= address_bytes_max &&
                            std::all_of(text.begin(), text.end(), is_address_character);
    text_ = is_numeric ? text : "unknown";
}

namespace log_detail {

std::string json_of_word(std::string_view word) {
    std::string json;
    json.reserve(word.size() + 2);
    json += '"';
    json += word;
    json += '"';
    return json;
}

// A NameId can be made from any text, also from a peer's. Only what looks like a name of ours is
// printed: a line break, a quote or a person's name must not reach the log by that way.
std::string json_of_name(std::string_view name) {
    const bool is_name = name.size() <= limits::name_bytes_max &&
                         std::all_of(name.begin(), name.end(), is_word_character);
    return json_of_word(is_name ? name : "(not a name)");
}

}  // namespace log_detail

std::string LogField::render(const KeyFingerprint& key) {
    return log_detail::json_of_word(to_hex(key.bytes));
}

std::string log_line(WallTime at, const ProgramId& program, const LogRecord& record) {
    std::string line = "{\"at\":";
    line += log_detail::json_of_word(to_rfc3339(at));
    line += ",\"level\":";
    line += log_detail::json_of_word(name_of(level_of(record.event)));
    line += ",\"event\":";
    line += log_detail::json_of_word(name_of(record.event));
    line += ",\"program\":";
    line += log_detail::json_of_name(program.value());
    for (const auto& field : record.fields) {
        line += ",\"";
        line += field.name();
        line += "\":";
        line += field.json();
    }
    line += '}';
    return line;
}

void FdLogSink::write(std::string_view line) {
    std::string whole(line);
    whole += '\n';
    std::string_view rest = whole;
    while (!rest.empty()) {
        const auto written = ::write(fd_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        // A log that cannot be written must not stop the work that it reports on.
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void MemoryLogSink::write(std::string_view line) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
}

std::vector<std::string> MemoryLogSink::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

void Log::write(WallTime at, const LogRecord& record) {
    sink_.write(log_line(at, program_, record));
}

}  // namespace mash
