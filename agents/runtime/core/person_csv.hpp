// People from any CSV, by a map of its columns: what the matcher is tried on (`match score`).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/identity/person.hpp"

namespace mash::runtime {

/// Field of a person -> columns whose values are put together with a space between.
class ColumnMap {
public:
    /// "forename=first_name", "address=street_number+street". On a fault: words for the person who
    /// typed it, else "".
    std::string add(std::string_view entry);
    bool has(std::string_view field) const { return columns_.contains(field); }
    const std::vector<std::string>* columns(std::string_view field) const;
    /// All columns that the map names.
    std::vector<std::string> all_columns() const;
    static const std::vector<std::string_view>& fields();

private:
    std::map<std::string, std::vector<std::string>, std::less<>> columns_;
};

struct Person {
    std::string id;     ///< of the test set; not a number of a real person
    std::string group;  ///< the truth: same group, same person
    identity::PersonRecord record;
};

struct PersonFile {
    std::vector<Person> people;
    std::uint64_t records = 0;
    std::vector<RecordFault> faults;
    std::string problem;  ///< why the file cannot be used at all, in words; names no value
};

/// Rows without an id, or with one that was there before, are left out with a fault.
PersonFile read_person_csv(std::string_view content, const ColumnMap& columns);

/// Pairs of ids that a person has judged.
struct LabelFile {
    struct Label {
        std::string left;
        std::string right;
        bool same = false;
    };
    std::vector<Label> labels;
    std::string problem;
};
/// `columns`: left, right, match. A match of 0.5 or more says the same person.
LabelFile read_label_csv(std::string_view content, const std::vector<std::string>& columns);

}  // namespace mash::runtime
