#include "agents/runtime/core/clocks.hpp"

#include <algorithm>
#include <ranges>
#include <sstream>
#include <vector>

#include "agents/runtime/core/put_right.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

std::vector<wire::Clock> kept_clocks(Step& step, const InboxKey& key) {
    std::istringstream in(table::inbox_clocks.get(step.tx, key).value_or(""));
    std::vector<wire::Clock> clocks;
    std::string name;
    for (std::int64_t by = 0; in >> name >> by;)
        clocks.push_back({name, WallTime::from_unix_ms(by)});
    return clocks;
}

/// A correction moves the clocks that it states; the others run on. Whoever names other ones in
/// each correction fills no more than one cover may hold.
void add_those_before(std::vector<wire::Clock>& stated, const std::vector<wire::Clock>& before) {
    for (const auto& clock : before) {
        if (stated.size() >= limits::clocks_max) return;
        if (std::ranges::find(stated, clock.name, &wire::Clock::name) == stated.end())
            stated.push_back(clock);
    }
}

std::vector<wire::Clock> clocks_of(Step& step, const InboxKey& key) {
    // Most inboxes hold none of any sender: a list of them reads no chain of corrections.
    const Bytes prefix = store::key_bytes(std::get<0>(key), std::get<1>(key));
    if (table::inbox_clocks.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty())
        return {};
    const auto together = put_right_together(step, key);
    if (!together) return kept_clocks(step, key);  // twice is better than nowhere
    // What nobody here can open puts nothing right.
    auto holder = std::ranges::find(together->rbegin(), together->rend(), true, &PutRight::opens);
    if (holder == together->rend()) holder = together->rbegin();
    if (holder == together->rend() || holder->key != key) return {};
    std::vector<wire::Clock> clocks;
    for (const auto& said : std::ranges::subrange(holder, together->rend()))
        add_those_before(clocks, kept_clocks(step, said.key));
    std::ranges::sort(clocks);
    return clocks;
}

}  // namespace

void keep_clocks(Step& step, const InboxKey& key, const wire::Cover& cover) {
    std::string text;
    for (const auto& clock : cover.clocks) {
        text += (text.empty() ? "" : " ") + clock.name + " " + std::to_string(clock.by.unix_ms());
    }
    if (!text.empty()) table::inbox_clocks.put(step.tx, key, text);
}

Json clocks_json(Step& step, const InboxKey& key) {
    Json list = Json::array();
    for (const auto& clock : clocks_of(step, key)) {
        const auto* rule =
            step.policy() == nullptr ? nullptr : step.policy()->find_clock(clock.name);
        list.push_back({{"name", clock.name},
                        {"label", rule == nullptr ? clock.name : rule->label},
                        {"law", rule == nullptr ? "" : rule->source},
                        {"by", time_json(clock.by)},
                        {"by_in_words", area::time_in_words(clock.by)}});
    }
    return list;
}

}  // namespace mash::runtime
