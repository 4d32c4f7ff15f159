// The structured log: one JSON object a line, an event of the catalogue, and fields of types that
// cannot carry what a person wrote. Text, byte strings and Personal<T> do not compile as a field;
// field names are literals.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/base/error.hpp"
#include "common/base/id.hpp"
#include "common/base/log_event.hpp"
#include "common/base/time.hpp"

namespace mash {

/// The start of a public key's digest, enough for an operator to find it in the registry.
struct KeyFingerprint {
    std::array<std::uint8_t, 8> bytes{};
};

/// The numeric address of a machine ("192.0.2.7", "2001:db8::7"); anything else reads as unknown.
class NetworkAddress {
public:
    explicit NetworkAddress(std::string_view text);
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// A literal of [a-z0-9_]; nothing known only when the program runs can become one.
class LogFieldName {
public:
    template <std::size_t N>
    // NOLINTNEXTLINE(google-explicit-constructor): a literal stands for its name
    consteval LogFieldName(const char (&literal)[N]) : text_(literal, N - 1) {
        if (N < 2) throw "a field needs a name";
        for (char c : text_) {
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
                throw "use [a-z0-9_]";
        }
        if (text_ == "at" || text_ == "level" || text_ == "event" || text_ == "program")
            throw "the log writes this";
    }
    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

namespace log_detail {

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<NameId<Tag>> = true;
template <class Tag>
inline constexpr bool is_id<BinaryId<Tag>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = std::integral<Rep>;

template <class T>
inline constexpr bool is_character =
    std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// An enum whose words are a table in the program.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
    { name_of(value) } -> std::same_as<std::string_view>;
};

std::string json_of_name(std::string_view name);
std::string json_of_word(std::string_view word);

}  // namespace log_detail

template <class T>
concept Loggable =
    log_detail::is_id<T> || log_detail::is_duration<T> || log_detail::NamedEnum<T> ||
    (std::integral<T> && !log_detail::is_character<T>) || std::same_as<T, WallTime> ||
    std::same_as<T, KeyFingerprint> || std::same_as<T, NetworkAddress>;

/// One name and its value, rendered when made, so that a record can outlive what it speaks of.
class LogField {
public:
    /// A duration's name gets its unit: `waited` becomes `waited_ms`, or `waited_us` if it is
    /// finer.
    template <Loggable T>
    LogField(LogFieldName name, const T& value) : name_(name.text()), json_(render(value)) {
        if constexpr (log_detail::is_duration<T>) name_ += is_fine<T> ? "_us" : "_ms";
    }
    const std::string& name() const { return name_; }
    const std::string& json() const { return json_; }
    friend bool operator==(const LogField&, const LogField&) = default;

private:
    template <class Duration>
    static constexpr bool is_fine = std::ratio_less_v<typename Duration::period, std::milli>;

    template <class Tag>
    static std::string render(const NameId<Tag>& id) {
        return log_detail::json_of_name(id.value());
    }
    template <class Tag>
    static std::string render(const BinaryId<Tag>& id) {
        return log_detail::json_of_word(uuid_text(id.value()));
    }
    static std::string render(WallTime time) { return log_detail::json_of_word(to_rfc3339(time)); }
    static std::string render(const KeyFingerprint& key);
    static std::string render(const NetworkAddress& address) {
        return log_detail::json_of_word(address.text());
    }
    static std::string render(bool value) { return value ? "true" : "false"; }
    template <std::integral T>
    static std::string render(T value) {
        return std::to_string(value);
    }
    template <log_detail::NamedEnum T>
    static std::string render(T value) {
        return log_detail::json_of_word(name_of(value));
    }
    template <class Rep, class Period>
    static std::string render(std::chrono::duration<Rep, Period> value) {
        using Unit = std::conditional_t<is_fine<std::chrono::duration<Rep, Period>>,
                                        std::chrono::microseconds, std::chrono::milliseconds>;
        return std::to_string(std::chrono::duration_cast<Unit>(value).count());
    }

    std::string name_;
    std::string json_;
};

/// What a deterministic core returns as an effect and its shell writes.
struct LogRecord {
    LogEvent event;
    std::vector<LogField> fields;
    friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

using ProgramId = NameId<struct ProgramTag>;

/// {"at":...,"level":...,"event":...,"program":...,<fields>} without a line end.
std::string log_line(WallTime at, const ProgramId& program, const LogRecord& record);

class LogSink {
public:
    virtual ~LogSink() = default;
    /// `line` has no line end. Never fails and never blocks on anything but the operating system.
    virtual void write(std::string_view line) = 0;
};

/// Writes each line with one write(2), so that threads and processes sharing the file do not mix
/// their lines.
class FdLogSink final : public LogSink {
public:
    /// `fd` stays the caller's and must outlive the sink.
    explicit FdLogSink(int fd) : fd_(fd) {}
    void write(std::string_view line) override;

private:
    int fd_;
};

/// Keeps lines for tests and the simulator.
class MemoryLogSink final : public LogSink {
public:
    void write(std::string_view line) override;
    std::vector<std::string> lines() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

/// Holds no state of its own besides the names it was built with: safe to share between threads if
/// the sink is.
class Log {
public:
    /// `sink` must outlive the log. `program` is a word of ours such as "mash-broker".
    Log(LogSink& sink, ProgramId program) : sink_(sink), program_(std::move(program)) {}
    void write(WallTime at, const LogRecord& record);
    void write(WallTime at, LogEvent event, std::vector<LogField> fields = {}) {
        write(at, LogRecord{event, std::move(fields)});
    }

private:
    LogSink& sink_;
    ProgramId program_;
};

}  // namespace mash
