#include "agents/runtime/core/marks.hpp"

#include <sstream>

#include "common/area/decide.hpp"

namespace mash::runtime {
namespace {

constexpr std::string_view floor_mark = "floor";
constexpr std::string_view incomplete_mark = "incomplete";
constexpr std::string_view unmatched_mark = "unmatched";

std::string_view sentence_of(std::string_view mark) {
    if (mark == floor_mark)
        return "The area's rules were not in force, or nobody had vouched for them, when this was "
               "sent. Nobody but the front door and the emergency duty team was told: see whom "
               "else you have to tell.";
    if (mark == incomplete_mark)
        return "Something that the rules need is missing. It was sent all the same, because the "
               "child may be in danger, and to nobody else: ask the sender for the rest.";
    if (mark == unmatched_mark)
        return "The child could not be identified with certainty, so nobody was found through "
               "their records: find out who it is, and who works with the child.";
    return "The sender's agent marked this in a way that this one does not know. Ask the sender.";
}

}  // namespace

std::vector<std::string> marks_of(const wire::Decision& decision, const wire::RoutingFacts& facts) {
    std::vector<std::string> marks;
    if (decision.floor) marks.emplace_back(floor_mark);
    if (decision.incomplete) marks.emplace_back(incomplete_mark);
    if (!area::is_matched(facts)) marks.emplace_back(unmatched_mark);
    return marks;
}

void keep_marks(Step& step, const InboxKey& key, const wire::Cover& cover) {
    std::string text;
    for (const auto& mark : cover.marks) text += (text.empty() ? "" : " ") + mark;
    if (!text.empty()) table::inbox_marks.put(step.tx, key, text);
}

Json marks_json(const std::vector<std::string>& marks) {
    Json list = Json::array();
    for (const auto& mark : marks)
        list.push_back({{"code", mark}, {"message", std::string(sentence_of(mark))}});
    return list;
}

Json kept_marks_json(Step& step, const InboxKey& key) {
    std::istringstream in(table::inbox_marks.get(step.tx, key).value_or(""));
    std::vector<std::string> marks;
    for (std::string mark; in >> mark;) marks.push_back(std::move(mark));
    return marks_json(marks);
}

}  // namespace mash::runtime
