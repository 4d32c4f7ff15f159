#include "common/area/policy_document.hpp"

#include <algorithm>
#include <utility>

#include "common/area/text.hpp"
#include "common/area/toml.hpp"

namespace mash::area {
namespace {

Place place_of_source(const toml::source_region& source) {
    return {static_cast<std::uint32_t>(source.begin.line),
            static_cast<std::uint32_t>(source.begin.column)};
}

CivilDate civil(const toml::date& date) {
    return {static_cast<std::int16_t>(date.year), date.month, date.day};
}

Node convert(const toml::node& from) {
    Node node;
    node.place = place_of_source(from.source());
    if (const auto* table = from.as_table()) {
        node.kind = Node::Kind::table;
        for (const auto& [key, value] : *table) {
            node.members.push_back(
                {std::string(key.str()), place_of_source(key.source()), convert(value)});
        }
        std::sort(node.members.begin(), node.members.end(), [](const Member& a, const Member& b) {
            return std::pair(a.place.line, a.place.column) <
                   std::pair(b.place.line, b.place.column);
        });
    } else if (const auto* array = from.as_array()) {
        node.kind = Node::Kind::array;
        for (const auto& item : *array) node.items.push_back(convert(item));
    } else if (const auto* text = from.as_string()) {
        node.kind = Node::Kind::text;
        node.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
        node.kind = Node::Kind::integer;
        node.integer = integer->get();
    } else if (const auto* boolean = from.as_boolean()) {
        node.kind = Node::Kind::boolean;
        node.boolean = boolean->get();
    } else if (const auto* date = from.as_date()) {
        node.kind = Node::Kind::date;
        node.date = civil(date->get());
    } else if (const auto* instant = from.as_date_time(); instant && instant->get().offset) {
        using namespace std::chrono;
        const toml::date_time& value = instant->get();
        const sys_days day = year(value.date.year) / value.date.month / value.date.day;
        const auto since = day.time_since_epoch() + hours(value.time.hour) +
                           minutes(value.time.minute) + seconds(value.time.second) -
                           minutes(value.offset.value_or(toml::time_offset{}).minutes);
        node.kind = Node::Kind::instant;
        node.instant = WallTime::from_unix_ms(duration_cast<milliseconds>(since).count());
    }
    return node;
}

// Levenshtein's distance, in which two neighbours exchanged count as one change: the commonest slip
// of the hand.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min(
                {last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

// A fault must not carry kilobytes of somebody's mistake, nor what a terminal would obey.
std::string shown(std::string_view word) {
    if (!is_display_text(word, 64)) return "(not a word)";
    return std::string(word);
}

std::string_view kind_name(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::text: return "a text in quotes";
        case Node::Kind::integer: return "a whole number";
        case Node::Kind::boolean: return "true or false";
        case Node::Kind::date: return "a date such as 2026-12-24";
        case Node::Kind::instant: return "a date and time with its offset";
        case Node::Kind::other: return "something else";
        case Node::Kind::array: return "a list in square brackets";
        case Node::Kind::table: return "a table";
    }
    return "something else";
}

}  // namespace

std::string PolicyFault::text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

void FaultSink::add(Place place, std::string message) {
    faults_->push_back({file_, place.line, place.column, std::move(message)});
}

std::optional<Node> parse_document(std::string_view text, FaultSink& sink) {
    // A header of a thousand dots is a table a thousand deep, and whoever walks it recurses: bound
    // the line instead.
    constexpr std::size_t line_bytes_max = 2000;
    std::uint32_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (end - at > line_bytes_max) {
            sink.add({line, 1}, "this line is over 2000 bytes long");
            return std::nullopt;
        }
        at = end + 1;
    }
    const auto parsed = toml::parse(text);
    if (parsed) return convert(parsed.table());
    std::string description(parsed.error().description());
    if (!is_display_text(description, 400)) description = "this cannot be read";
    // The library quotes what it saw; a mark over nothing, or one written from right to left, would
    // stand in somebody's terminal.
    if (std::ranges::any_of(description,
                            [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }))
        description = "a letter other than a to z stands outside quotation marks";
    sink.add(place_of_source(parsed.error().source()), "not valid TOML: " + description);
    return std::nullopt;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& valid) {
    if (word.size() > 64) return "";
    const std::size_t limit = std::max<std::size_t>(2, word.size() / 3);
    std::size_t best = limit + 1;
    std::string nearest;
    for (const auto& candidate : valid) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best && distance < candidate.size()) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string unknown_word(std::string_view what, std::string_view word,
                         const std::vector<std::string>& valid) {
    std::string message = "unknown " + std::string(what) + " \"" + shown(word) + "\"";
    const std::string nearest = nearest_word(word, valid);
    if (!nearest.empty()) return message + " (nearest: \"" + nearest + "\")";
    if (valid.empty()) return message;
    message += "; expected ";
    if (valid.size() > 12)
        return message + "one of " + std::to_string(valid.size()) + " words of the catalogue";
    for (std::size_t i = 0; i < valid.size(); ++i) {
        if (i > 0) message += i + 1 == valid.size() ? " or " : ", ";
        message += "\"" + valid[i] + "\"";
    }
    return message;
}

TableReader::TableReader(const Node& table, FaultSink& sink, std::string what)
    : table_(&table), sink_(&sink), what_(std::move(what)) {}

Place TableReader::place_of(std::string_view key) const {
    for (const auto& member : table_->members) {
        if (member.key == key) return member.value.place;
    }
    return table_->place;
}

const Node* TableReader::find(std::string_view key, Need need) {
    asked_.emplace_back(key);
    for (const auto& member : table_->members) {
        if (member.key == key) return &member.value;
    }
    if (need == Need::required)
        sink_->add(table_->place, what_ + ": \"" + std::string(key) + "\" is missing");
    return nullptr;
}

namespace {
const Node* of_kind(const Node* node, Node::Kind kind, std::string_view key, FaultSink& sink) {
    if (node == nullptr || node->kind == kind) return node;
    sink.add(node->place, "\"" + std::string(key) + "\" must be " + std::string(kind_name(kind)) +
                              ", not " + std::string(kind_name(node->kind)));
    return nullptr;
}
}  // namespace

std::optional<std::string> TableReader::text(std::string_view key, Need need) {
    const Node* node = of_kind(find(key, need), Node::Kind::text, key, *sink_);
    if (node == nullptr) return std::nullopt;
    if (!is_display_text(node->text, 400)) {
        sink_->add(node->place,
                   "\"" + std::string(key) +
                       "\" must be one line of at most 400 bytes, without control characters");
        return std::nullopt;
    }
    return node->text;
}

std::string TableReader::text_or(std::string_view key, std::string fallback) {
    return text(key, Need::optional).value_or(std::move(fallback));
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, Need need, std::int64_t min,
                                                 std::int64_t max) {
    const Node* node = of_kind(find(key, need), Node::Kind::integer, key, *sink_);
    if (node == nullptr) return std::nullopt;
    if (node->integer < min || node->integer > max) {
        sink_->add(node->place, "\"" + std::string(key) + "\" must be between " +
                                    std::to_string(min) + " and " + std::to_string(max));
        return std::nullopt;
    }
    return node->integer;
}

bool TableReader::boolean_or(std::string_view key, bool fallback) {
    const Node* node = of_kind(find(key), Node::Kind::boolean, key, *sink_);
    return node == nullptr ? fallback : node->boolean;
}

std::optional<CivilDate> TableReader::date(std::string_view key, Need need) {
    const Node* node = of_kind(find(key, need), Node::Kind::date, key, *sink_);
    if (node == nullptr) return std::nullopt;
    return node->date;
}

const Node* TableReader::array(std::string_view key, Need need) {
    return of_kind(find(key, need), Node::Kind::array, key, *sink_);
}

const Node* TableReader::table(std::string_view key, Need need) {
    return of_kind(find(key, need), Node::Kind::table, key, *sink_);
}

std::vector<std::string> TableReader::words(std::string_view key, Need need) {
    return words_of(key, need, "", {});
}

std::vector<std::string> TableReader::words_of(std::string_view key, Need need,
                                               std::string_view what,
                                               const std::vector<std::string>& valid) {
    const Node* node = find(key, need);
    std::vector<std::string> out;
    if (node == nullptr) return out;
    const auto take = [&](const Node& item) {
        if (item.kind != Node::Kind::text || !is_display_text(item.text, 400)) {
            sink_->add(item.place, "\"" + std::string(key) + "\" must be words in quotes");
        } else if (!what.empty() &&
                   std::find(valid.begin(), valid.end(), item.text) == valid.end()) {
            sink_->add(item.place, unknown_word(what, item.text, valid));
        } else if (std::find(out.begin(), out.end(), item.text) != out.end()) {
            sink_->add(item.place, "\"" + shown(item.text) + "\" is named twice");
        } else {
            out.push_back(item.text);
        }
    };
    if (node->kind == Node::Kind::array) {
        for (const auto& item : node->items) take(item);
    } else {
        take(*node);
    }
    return out;
}

std::optional<std::string> TableReader::word_of(std::string_view key, Need need,
                                                std::string_view what,
                                                const std::vector<std::string>& valid) {
    auto word = text(key, need);
    if (!word) return std::nullopt;
    if (std::find(valid.begin(), valid.end(), *word) == valid.end()) {
        sink_->add(place_of(key), unknown_word(what, *word, valid));
        return std::nullopt;
    }
    return word;
}

void TableReader::finish() {
    for (const auto& member : table_->members) {
        if (std::find(asked_.begin(), asked_.end(), member.key) == asked_.end()) {
            sink_->add(member.place, what_ + ": " + unknown_word("key", member.key, asked_));
        }
    }
}

bool is_table(const Node& node, FaultSink& sink, std::string_view what) {
    if (node.kind == Node::Kind::table) return true;
    sink.add(node.place,
             std::string(what) + " must be a table, not " + std::string(kind_name(node.kind)));
    return false;
}

std::optional<std::uint16_t> minutes_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t i : {0U, 1U, 3U, 4U}) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
    }
    const auto digit = [&](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
    const unsigned hours = digit(0) * 10 + digit(1);
    const unsigned minutes = digit(3) * 10 + digit(4);
    if (minutes > 59 || hours > 24 || (hours == 24 && minutes != 0)) return std::nullopt;
    return static_cast<std::uint16_t>(hours * 60 + minutes);
}

}  // namespace mash::area
