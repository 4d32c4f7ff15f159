// In which lists an item of an inbox stands, each kept in the order in which it is shown, so that a
// page costs what it shows and not what lies behind it. Inside this folder.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "agents/runtime/core/records.hpp"

namespace mash::runtime {

/// What a reader asks for. `everything`: what waits for somebody first, by lane, deadline and age;
/// then the rest, newest first.
enum class InboxList : std::uint8_t {
    everything,
    open,        ///< nobody has taken it, or a withdrawn agreement is still to be confirmed
    overdue,     ///< open, and past its deadline
    mine,        ///< on the reader's desk: handed to them or taken by them, and not closed
    unassigned,  ///< not closed, and on nobody's desk
    taken,       ///< somebody has it, and its outcome is not known
    closed       ///< decided, taken back, or stopped before anybody took it
};
/// Nothing: there is no such list.
std::optional<InboxList> inbox_list_from(std::string_view word);

/// It waits for somebody. The item's row and its place in the lists are written elsewhere.
void waits_for_somebody(store::Transaction& tx, const InboxKey& key,
                        const wire::StatementBody& statement);
void waits_for_nobody(store::Transaction& tx, const InboxKey& key,
                      const wire::StatementBody& statement);
/// After any change of its row or of whether it waits.
void list_again(store::Transaction& tx, const InboxKey& key);
/// Onto the desk of `person`; empty: nobody's. Writes the row.
void put_on_desk(store::Transaction& tx, const InboxKey& key, InboxItem& item,
                 const wire::StatementBody& statement, const PersonId& person);
/// Whoever leaves an inbox leaves nothing behind on a desk that nobody else sees.
void clear_desk(store::Transaction& tx, const InboxId& inbox, const PersonId& person);

/// Where an item stands in a list. Compared as bytes; one that was shown is the next page's cursor,
/// so that whatever comes or is taken meanwhile moves nothing else past the reader.
struct Listed {
    Bytes place;
    InboxKey key;
};
struct ListWish {
    InboxList list = InboxList::everything;
    PersonId person;
    WallTime now;
    Bytes after;  ///< a place; empty: from the top
    std::size_t enough = 0;
    std::function<bool(const InboxKey&)> hides;  ///< from this reader; empty: nothing
    /// Shown in the line of another in that list; empty: nothing is.
    std::function<bool(const InboxKey&, const ListWish&, InboxList)> is_in_another_line;
};
/// Where it stands in that list; nothing: it does not.
std::optional<Bytes> place_in(store::View& view, const InboxKey& key, const ListWish& wish,
                              InboxList list);
/// Appends those of one inbox, in order, and not many more than are enough. False: `after` is no
/// place.
bool list_inbox(store::View& view, const InboxId& inbox, const ListWish& wish,
                std::vector<Listed>& out);

/// How many stand in the lists of an inbox, each counted no further than `enough`. By keys, as long
/// as nothing is hidden or joined: reports of one event count once, a closed episode for as many as
/// it has messages.
struct ListSizes {
    std::size_t open = 0;
    std::size_t overdue = 0;
    std::size_t mine = 0;
    std::size_t unassigned = 0;
    WallTime newest_at;  ///< when the newest item of any list was accepted
};
ListSizes list_sizes(store::View& view, const InboxId& inbox, ListWish wish);

/// A store of format 1 has no lists but that of what waits.
void make_inbox_lists(store::Transaction& tx);

}  // namespace mash::runtime
