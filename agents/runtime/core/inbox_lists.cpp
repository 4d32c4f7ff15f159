// The lists of an inbox.
//
//   inbox_waiting  what waits for somebody        by lane, deadline, age
//   inbox_desk     everything that is not closed  by desk, then as inbox_waiting
//   inbox_done     what does not wait             taken or closed, newest first
#include "agents/runtime/core/inbox_lists.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {
namespace {

/// First part of a place.
constexpr std::uint8_t group_waits = 0;
constexpr std::uint8_t group_done = 1;

enum class Done : std::uint8_t { taken = 1, closed = 2 };
constexpr std::uint8_t byte_of(Done done) { return static_cast<std::uint8_t>(done); }

/// (lane, deadline, accepted): by the lane that the sender signed; what has no deadline comes after
/// what has.
using Order = std::tuple<std::uint8_t, WallTime, WallTime>;

Order order_of(const wire::StatementBody& statement) {
    const WallTime never = WallTime::from_unix_ms(std::numeric_limits<std::int64_t>::max());
    return {static_cast<std::uint8_t>(statement.lane),
            statement.take_by.is_set() ? statement.take_by : never, statement.accepted_at};
}

auto waiting_key(const InboxKey& key, const wire::StatementBody& statement) {
    const auto& [inbox, sender, id] = key;
    const auto& [lane, take_by, at] = order_of(statement);
    return std::tuple(inbox, lane, take_by, at, sender, id);
}

auto desk_key(const InboxKey& key, const PersonId& person, const wire::StatementBody& statement) {
    const auto& [inbox, sender, id] = key;
    const auto& [lane, take_by, at] = order_of(statement);
    return std::tuple(inbox, person, lane, take_by, at, sender, id);
}

WallTime newest_first(WallTime at) { return WallTime::from_unix_ms(-at.unix_ms()); }

auto done_key(const InboxKey& key, Done done, const wire::StatementBody& statement) {
    const auto& [inbox, sender, id] = key;
    return std::tuple(inbox, byte_of(done), newest_first(statement.accepted_at), sender, id);
}

bool is_gone(const InboxItem& item) {
    return item.state == InboxState::recalled || item.state == InboxState::decided;
}

Done done_of(const InboxItem& item) {
    const bool is_open = item.taken_at.is_set() && !item.decided_at.is_set() && !is_gone(item);
    return is_open ? Done::taken : Done::closed;
}

/// A cursor, taken apart.
struct Place {
    std::uint8_t group = 0;
    std::tuple<std::uint8_t, WallTime, WallTime> order;  ///< of what waits
    WallTime newest_first;                               ///< of what is done
    InboxKey key;
};

std::optional<Place> place_from(ByteView bytes) {
    Place place;
    Reader in(bytes);
    place.group = in.u8();
    if (place.group == group_waits)
        store::read(in, place.order);
    else if (place.group == group_done)
        store::read(in, place.newest_first);
    else
        in.fail();
    store::read(in, place.key);
    if (!in.finished()) return std::nullopt;
    return place;
}

/// One index, read from where the page before ended to where this one has enough.
class Reading {
public:
    Reading(store::View& view, const InboxId& inbox, const ListWish& wish,
            const std::optional<Place>& after, std::vector<Listed>& out)
        : view_(view), inbox_(inbox), wish_(wish), after_(after), out_(out) {}

    void waiting() {
        if (is_past_what_waits()) return;
        read_waits(table::inbox_waiting, store::key_bytes(inbox_), wish_.enough);
    }
    /// Within a lane the deadlines come in order, so each lane ends at the first that is not past.
    void overdue() {
        if (is_past_what_waits()) return;
        std::size_t left = wish_.enough;
        for (auto lane = static_cast<std::uint8_t>(wire::Lane::immediate);
             left > 0 && lane <= static_cast<std::uint8_t>(wire::Lane::bulk); ++lane) {
            if (after_ && lane < std::get<0>(after_->order)) continue;
            const bool is_in_lane = after_ && lane == std::get<0>(after_->order);
            left -= read_waits(table::inbox_waiting, store::key_bytes(inbox_, lane), left,
                               is_in_lane, wish_.now);
        }
    }
    void desk(const PersonId& person) {
        if (is_past_what_waits()) return;
        read_waits(table::inbox_desk, store::key_bytes(inbox_, person), wish_.enough);
    }
    void done(Done which) {
        const Bytes prefix = store::key_bytes(inbox_, byte_of(which));
        Bytes from;
        if (after_ && after_->group == group_done) {
            from = store::key_bytes(inbox_, byte_of(which), after_->newest_first);
            if (std::get<0>(after_->key) == inbox_)
                from = store::key_bytes(inbox_, byte_of(which), after_->newest_first,
                                        std::get<1>(after_->key), std::get<2>(after_->key));
        }
        std::size_t found = 0;
        table::inbox_done.scan(view_, {.prefix = prefix, .from = from},
                               [&](const auto& row, const Flag&) {
                                   const auto& [inbox, phase, at, sender, id] = row;
                                   return take(store::key_bytes(group_done, at, inbox, sender, id),
                                               {inbox, sender, id}, found, wish_.enough);
                               });
    }

private:
    bool is_past_what_waits() const { return after_ && after_->group == group_done; }

    template <class Table>
    std::size_t read_waits(const Table& index, const Bytes& prefix, std::size_t enough,
                           bool is_resumed = true, std::optional<WallTime> due = std::nullopt) {
        Bytes from;
        if (after_ && is_resumed) {
            const auto& [lane, take_by, at] = after_->order;
            Writer rest;
            // The lane is in the prefix already where one lane is read.
            if (!due) rest.u8(lane);
            store::write(rest, take_by);
            store::write(rest, at);
            if (std::get<0>(after_->key) == inbox_) {
                store::write(rest, std::get<1>(after_->key));
                store::write(rest, std::get<2>(after_->key));
            }
            from = prefix;
            const auto tail = rest.take();
            from.insert(from.end(), tail.begin(), tail.end());
        }
        std::size_t found = 0;
        index.scan(view_, {.prefix = prefix, .from = from}, [&](const auto& row, const Flag&) {
            constexpr auto parts = std::tuple_size_v<std::remove_cvref_t<decltype(row)>>;
            const auto lane = std::get<parts - 5>(row);
            const auto take_by = std::get<parts - 4>(row);
            if (due && take_by > *due) return false;
            const InboxKey key{inbox_, std::get<parts - 2>(row), std::get<parts - 1>(row)};
            return take(store::key_bytes(group_waits, lane, take_by, std::get<parts - 3>(row), key),
                        key, found, enough);
        });
        return found;
    }

    bool take(Bytes place, InboxKey key, std::size_t& found, std::size_t enough) {
        if (place <= wish_.after || (wish_.hides && wish_.hides(key))) return true;
        if (wish_.is_in_another_line && wish_.is_in_another_line(key, wish_, wish_.list))
            return true;
        out_.push_back({std::move(place), std::move(key)});
        return ++found < enough;
    }

    store::View& view_;
    const InboxId& inbox_;
    const ListWish& wish_;
    const std::optional<Place>& after_;
    std::vector<Listed>& out_;
};

void list_again(store::Transaction& tx, const InboxKey& key, const InboxItem& item,
                const wire::StatementBody& statement) {
    table::inbox_done.erase(tx, done_key(key, Done::taken, statement));
    table::inbox_done.erase(tx, done_key(key, Done::closed, statement));
    table::inbox_desk.erase(tx, desk_key(key, item.assigned_to, statement));
    const bool waits = table::inbox_waiting.contains(tx, waiting_key(key, statement));
    const auto done = done_of(item);
    if (waits || done == Done::taken)
        table::inbox_desk.put(tx, desk_key(key, item.assigned_to, statement), {});
    // Taken back before anybody saw it: there is nothing to be told about it.
    const bool was_seen = item.opened_at.is_set() || item.handed_over_at.is_set();
    if (!waits && (!is_gone(item) || was_seen))
        table::inbox_done.put(tx, done_key(key, done, statement), {});
}

}  // namespace

std::optional<InboxList> inbox_list_from(std::string_view word) {
    constexpr std::pair<std::string_view, InboxList> words[] = {
        {"", InboxList::everything},     {"open", InboxList::open},
        {"overdue", InboxList::overdue}, {"mine", InboxList::mine},
        {"taken", InboxList::taken},     {"unassigned", InboxList::unassigned},
        {"closed", InboxList::closed}};
    const auto* found =
        std::ranges::find(words, word, &std::pair<std::string_view, InboxList>::first);
    return found == std::end(words) ? std::nullopt : std::optional(found->second);
}

void waits_for_somebody(store::Transaction& tx, const InboxKey& key,
                        const wire::StatementBody& statement) {
    table::inbox_waiting.put(tx, waiting_key(key, statement), {});
}

void waits_for_nobody(store::Transaction& tx, const InboxKey& key,
                      const wire::StatementBody& statement) {
    table::inbox_waiting.erase(tx, waiting_key(key, statement));
}

void list_again(store::Transaction& tx, const InboxKey& key) {
    const auto item = table::inbox.get(tx, key);
    const auto statement = item ? statement_of(*item) : std::nullopt;
    if (statement) list_again(tx, key, *item, *statement);
}

void put_on_desk(store::Transaction& tx, const InboxKey& key, InboxItem& item,
                 const wire::StatementBody& statement, const PersonId& person) {
    table::inbox_desk.erase(tx, desk_key(key, item.assigned_to, statement));
    item.assigned_to = person;
    table::inbox.put(tx, key, item);
    list_again(tx, key, item, statement);
}

void clear_desk(store::Transaction& tx, const InboxId& inbox, const PersonId& person) {
    const Bytes prefix = store::key_bytes(inbox, person);
    for (const auto& row : table::inbox_desk.collect_keys(tx, {.prefix = prefix})) {
        const InboxKey key{inbox, std::get<5>(row), std::get<6>(row)};
        auto item = table::inbox.get(tx, key);
        const auto statement = item ? statement_of(*item) : std::nullopt;
        if (statement) put_on_desk(tx, key, *item, *statement, {});
    }
}

std::optional<Bytes> place_in(store::View& view, const InboxKey& key, const ListWish& wish,
                              InboxList list) {
    const auto item = table::inbox.get(view, key);
    const auto statement = item ? statement_of(*item) : std::nullopt;
    if (!statement) return std::nullopt;
    const bool waits = table::inbox_waiting.contains(view, waiting_key(key, *statement));
    const bool is_closed = !waits && done_of(*item) == Done::closed;
    const auto order = order_of(*statement);
    const auto is_in = [&] {
        switch (list) {
            case InboxList::everything: return true;
            case InboxList::open: return waits;
            case InboxList::overdue: return waits && std::get<1>(order) <= wish.now;
            case InboxList::mine: return !is_closed && item->assigned_to == wish.person;
            case InboxList::unassigned: return !is_closed && item->assigned_to.empty();
            case InboxList::taken: return !waits && !is_closed;
            case InboxList::closed: return is_closed;
        }
        return false;
    };
    if (!is_in()) return std::nullopt;
    const bool is_by_desk = list == InboxList::mine || list == InboxList::unassigned;
    if (waits || is_by_desk) {
        const auto& [lane, take_by, at] = order;
        return store::key_bytes(group_waits, lane, take_by, at, key);
    }
    const auto& [inbox, sender, id] = key;
    return store::key_bytes(group_done, newest_first(statement->accepted_at), inbox, sender, id);
}

bool list_inbox(store::View& view, const InboxId& inbox, const ListWish& wish,
                std::vector<Listed>& out) {
    std::optional<Place> after;
    if (!wish.after.empty()) {
        after = place_from(wish.after);
        if (!after) return false;
    }
    Reading reading(view, inbox, wish, after, out);
    switch (wish.list) {
        case InboxList::everything:
            reading.waiting();
            reading.done(Done::taken);
            reading.done(Done::closed);
            break;
        case InboxList::open: reading.waiting(); break;
        case InboxList::overdue: reading.overdue(); break;
        case InboxList::mine: reading.desk(wish.person); break;
        case InboxList::unassigned: reading.desk({}); break;
        case InboxList::taken: reading.done(Done::taken); break;
        case InboxList::closed: reading.done(Done::closed); break;
    }
    return true;
}

ListSizes list_sizes(store::View& view, const InboxId& inbox, ListWish wish) {
    const auto count = [&](InboxList list) {
        wish.list = list;
        std::vector<Listed> listed;
        list_inbox(view, inbox, wish, listed);
        return listed.size();
    };
    ListSizes sizes;
    sizes.open = count(InboxList::open);
    sizes.overdue = count(InboxList::overdue);
    sizes.mine = count(InboxList::mine);
    sizes.unassigned = count(InboxList::unassigned);
    const Bytes prefix = store::key_bytes(inbox);
    table::inbox_by_time.scan(view, {.prefix = prefix, .order = store::Order::descending},
                              [&](const auto& row, const Flag&) {
                                  const auto& [of, at, sender, id] = row;
                                  if (wish.hides && wish.hides({of, sender, id})) return true;
                                  sizes.newest_at = at;
                                  return false;
                              });
    return sizes;
}

void make_inbox_lists(store::Transaction& tx) {
    for (const auto& [inbox, at, sender, id] : table::inbox_by_time.collect_keys(tx, {})) {
        const InboxKey key{inbox, sender, id};
        auto item = table::inbox.get(tx, key);
        const auto statement = item ? statement_of(*item) : std::nullopt;
        if (!statement) continue;
        const bool is_member = table::members.contains(tx, {inbox, item->assigned_to});
        put_on_desk(tx, key, *item, *statement, is_member ? item->assigned_to : PersonId());
        const auto row = table::inboxes.get(tx, inbox);
        if (!item->cover_read && row && row->people)
            table::inbox_covers_unread.put(tx, {inbox, at, sender, id}, {});
    }
}

}  // namespace mash::runtime
