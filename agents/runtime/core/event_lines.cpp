#include "agents/runtime/core/event_lines.hpp"

#include "agents/runtime/core/received.hpp"

namespace mash::runtime {

bool EventLines::is_in_another(const InboxKey& key, const ListWish& wish, InboxList list) {
    const auto event = event_of(key);
    if (events_[event].size() < 2) return false;
    auto first = firsts_.find({event, list});
    if (first == firsts_.end()) {
        first = firsts_.emplace(std::pair(event, list), first_of(events_[event], wish, list)).first;
    }
    return first->second.value_or(key) != key;
}

void EventLines::forget() {
    events_.clear();
    event_of_.clear();
    firsts_.clear();
}

std::size_t EventLines::event_of(const InboxKey& key) {
    if (const auto known = event_of_.find(key); known != event_of_.end()) return known->second;
    const auto event = events_.size();
    events_.push_back(keys_of_event(step_, key));
    for (const auto& one : events_.back()) event_of_.emplace(one, event);
    return event;
}

std::optional<InboxKey> EventLines::first_of(const EventKeys& event, const ListWish& wish,
                                             InboxList list) {
    std::optional<InboxKey> first;
    Bytes first_place;
    for (const auto& key : event) {
        if (wish.hides && wish.hides(key)) continue;
        const auto item = table::inbox.get(step_.tx, key);
        if (!item || gone(*item)) continue;
        // Taken, and back only to confirm that a withdrawn agreement is kept: late for nothing.
        if (list == InboxList::overdue && item->taken_at.is_set()) continue;
        auto place = place_in(step_.tx, key, wish, list);
        if (!place || (first && *place >= first_place)) continue;
        first = key;
        first_place = std::move(*place);
    }
    return first;
}

}  // namespace mash::runtime
