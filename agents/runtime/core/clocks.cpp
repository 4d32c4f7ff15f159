#include "agents/runtime/core/clocks.hpp"

#include <algorithm>
#include <sstream>

#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

void put_clocks(Step& step, const InboxKey& key, const std::vector<wire::Clock>& clocks) {
    std::string text;
    for (const auto& clock : clocks) {
        text += (text.empty() ? "" : " ") + clock.name + " " + std::to_string(clock.by.unix_ms());
    }
    if (!text.empty()) table::inbox_clocks.put(step.tx, key, text);
}

/// By something that is still here: a correction that was taken back puts nothing right.
bool is_put_right(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    const auto later = table::inbox_replaced.get(step.tx, key);
    const auto item = later ? table::inbox.get(step.tx, {inbox, sender, *later}) : std::nullopt;
    return item && item->state != InboxState::recalled;
}

}  // namespace

std::vector<wire::Clock> kept_clocks(Step& step, const InboxKey& key) {
    std::istringstream in(table::inbox_clocks.get(step.tx, key).value_or(""));
    std::vector<wire::Clock> clocks;
    std::string name;
    for (std::int64_t by = 0; in >> name >> by;)
        clocks.push_back({name, WallTime::from_unix_ms(by)});
    return clocks;
}

std::vector<wire::Clock> with_those_before(std::vector<wire::Clock> stated,
                                           const std::vector<wire::Clock>& before) {
    for (const auto& clock : before) {
        if (std::ranges::find(stated, clock.name, &wire::Clock::name) == stated.end())
            stated.push_back(clock);
    }
    std::ranges::sort(stated);
    return stated;
}

void keep_clocks(Step& step, const InboxKey& key, const wire::Cover& cover) {
    const auto& [inbox, sender, id] = key;
    auto clocks = cover.clocks;
    if (!cover.supersedes.is_zero())
        clocks = with_those_before(std::move(clocks),
                                   kept_clocks(step, {inbox, sender, cover.supersedes}));
    put_clocks(step, key, clocks);
    // The correction came, and was read, before what it corrects.
    const auto later = table::inbox_replaced.get(step.tx, key);
    if (!later) return;
    const InboxKey after{inbox, sender, *later};
    put_clocks(step, after, with_those_before(kept_clocks(step, after), clocks));
}

Json clocks_json(Step& step, const InboxKey& key, const std::vector<wire::Clock>& clocks) {
    Json list = Json::array();
    if (is_put_right(step, key)) return list;
    for (const auto& clock : clocks) {
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
