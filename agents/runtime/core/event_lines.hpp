// Which report of one event has its line in a list. Inside this folder.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/one_event.hpp"

namespace mash::runtime {

/// Of the reports of one event a list holds one line: that which stands first in its order. For one
/// request: each event is looked up once, and each list's line of it.
class EventLines {
public:
    explicit EventLines(Step& step) : step_(step) {}
    bool is_in_another(const InboxKey& key, const ListWish& wish, InboxList list);
    /// More was said since.
    void forget();

private:
    std::size_t event_of(const InboxKey& key);
    std::optional<InboxKey> first_of(const EventKeys& event, const ListWish& wish, InboxList list);

    Step& step_;
    std::vector<EventKeys> events_;
    std::map<InboxKey, std::size_t> event_of_;
    std::map<std::pair<std::size_t, InboxList>, std::optional<InboxKey>> firsts_;
};

}  // namespace mash::runtime
