#include "common/base/log_event.hpp"

#include "common/base/check.hpp"

namespace mash {

std::string_view name_of(LogEvent event) {
    switch (event) {
#define MASH_LOG_EVENT_CASE(word, level, sentence) \
    case LogEvent::word: return #word;
        MASH_LOG_EVENTS(MASH_LOG_EVENT_CASE)
#undef MASH_LOG_EVENT_CASE
    }
    CHECK(false);
}

std::string_view describe(LogEvent event) {
    switch (event) {
#define MASH_LOG_EVENT_CASE(word, level, sentence) \
    case LogEvent::word: return sentence;
        MASH_LOG_EVENTS(MASH_LOG_EVENT_CASE)
#undef MASH_LOG_EVENT_CASE
    }
    CHECK(false);
}

LogLevel level_of(LogEvent event) {
    switch (event) {
#define MASH_LOG_EVENT_CASE(word, level, sentence) \
    case LogEvent::word: return LogLevel::level;
        MASH_LOG_EVENTS(MASH_LOG_EVENT_CASE)
#undef MASH_LOG_EVENT_CASE
    }
    CHECK(false);
}

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
        case LogLevel::alarm: return "alarm";
    }
    CHECK(false);
}

}  // namespace mash
