// A TOML text as a tree in which every value knows its place, and the readers that turn a mistake
// in it into a sentence. What the words mean is the business of policy_*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/calendar.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Member;

struct Node {
    enum class Kind { text, integer, boolean, date, instant, other, array, table };
    Kind kind = Kind::other;
    Place place;
    std::string text;
    std::int64_t integer = 0;
    bool boolean = false;
    CivilDate date;
    WallTime instant;
    std::vector<Node> items;      ///< of an array
    std::vector<Member> members;  ///< of a table, in the order of the text
};

struct Member {
    std::string key;
    Place place;
    Node value;
};

/// Where faults of one file go.
class FaultSink {
public:
    FaultSink(std::string file, std::vector<PolicyFault>& faults)
        : file_(std::move(file)), faults_(&faults) {}
    void add(Place place, std::string message);
    std::size_t count() const { return faults_->size(); }

private:
    std::string file_;
    std::vector<PolicyFault>* faults_;
};

/// None when the text is not TOML; the fault says where.
std::optional<Node> parse_document(std::string_view text, FaultSink& sink);

/// The word of `valid` nearest to `word` (at most 2 changes of a letter, or a third of its length);
/// "" when none is.
std::string nearest_word(std::string_view word, const std::vector<std::string>& valid);

/// `unknown role "ffdd" (nearest: "ffd")`, or the list of what there is when nothing is near.
std::string unknown_word(std::string_view what, std::string_view word,
                         const std::vector<std::string>& valid);

enum class Need { required, optional };

/// Reads one table. Every key that nobody asked for is a fault when finish() is called.
class TableReader {
public:
    /// `what`: how people call this table, "type missing_episode_started".
    TableReader(const Node& table, FaultSink& sink, std::string what);

    const Node* find(std::string_view key, Need need = Need::optional);
    std::optional<std::string> text(std::string_view key, Need need);
    std::string text_or(std::string_view key, std::string fallback);
    std::optional<std::int64_t> integer(std::string_view key, Need need, std::int64_t min,
                                        std::int64_t max);
    bool boolean_or(std::string_view key, bool fallback);
    std::optional<CivilDate> date(std::string_view key, Need need);
    const Node* array(std::string_view key, Need need);
    const Node* table(std::string_view key, Need need);
    /// A list of texts; one text alone is a list of one.
    std::vector<std::string> words(std::string_view key, Need need);
    /// As words(), each of which must be in `valid`; unknown ones are faults and left out.
    std::vector<std::string> words_of(std::string_view key, Need need, std::string_view what,
                                      const std::vector<std::string>& valid);
    std::optional<std::string> word_of(std::string_view key, Need need, std::string_view what,
                                       const std::vector<std::string>& valid);
    void finish();

    Place place() const { return table_->place; }
    Place place_of(std::string_view key) const;
    FaultSink& sink() { return *sink_; }
    const std::string& what() const { return what_; }

private:
    const Node* table_;
    FaultSink* sink_;
    std::string what_;
    std::vector<std::string> asked_;
};

/// True for a table; otherwise a fault. For elements of arrays and values of name tables.
bool is_table(const Node& node, FaultSink& sink, std::string_view what);
/// "16:30" as minutes after midnight; "24:00" is 1440. None for another form.
std::optional<std::uint16_t> minutes_of_day(std::string_view text);

}  // namespace mash::area
