// The column map, the people's CSV and the labels of `match score`, and the matcher on what they
// give: the first line is the map's entries, between commas.
#include <cstdint>
#include <string>
#include <vector>

#include "agents/runtime/core/person_csv.hpp"
#include "agents/runtime/identity/score.hpp"
#include "common/base/bytes.hpp"
#include "common/base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    const auto text = text_of({data, size});
    const auto end = text.find('\n');
    std::string_view entries = text.substr(0, end);
    const std::string_view content = end == std::string_view::npos ? "" : text.substr(end + 1);
    runtime::ColumnMap map;
    while (!entries.empty()) {
        const auto comma = entries.find(',');
        // Refused in words that repeat no more than the field's own name.
        (void)map.add(entries.substr(0, comma)).size();
        if (comma == std::string_view::npos) break;
        entries.remove_prefix(comma + 1);
    }
    const auto file = runtime::read_person_csv(content, map);
    CHECK(file.problem.empty() || file.people.empty());
    CHECK(file.people.size() <= file.records);
    const auto labels = runtime::read_label_csv(content, {"left", "right", "match"});
    (void)labels.labels.size();

    std::vector<identity::PersonalIdentity> people;
    std::vector<std::string> groups;
    for (const auto& person : file.people) {
        CHECK(!person.id.empty());
        if (people.size() == 12) break;
        people.push_back(identity::normalised(person.record));
        groups.push_back(person.group);
    }
    for (const auto& a : people) {
        for (const auto& b : people) {
            const auto forward = identity::compare(a.reveal(), b.reveal());
            const auto backward = identity::compare(b.reveal(), a.reveal());
            CHECK(forward.match == backward.match);
            CHECK(forward.match != identity::MatchClass::link || !forward.strong.empty());
            CHECK(forward.match != identity::MatchClass::link || forward.contradictions.empty());
        }
    }
    const auto report = identity::score(people, identity::Truth::of_groups(groups));
    CHECK(report.same_never_compared <= report.same_pairs);
    return 0;
}
