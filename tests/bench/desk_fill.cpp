// desk_fill: gives an inbox of a stopped agent the history of years. What stands in it is copied
// under new ids, with deadlines before and after now; it lists like what arrived, and does not
// open. For tests/console/desk_speed.mjs.
#include <array>
#include <chrono>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/records.hpp"
#include "common/base/check.hpp"
#include "common/base/program_main.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/wire/codec.hpp"

namespace mash::bench {

namespace {

using runtime::InboxItem;
using runtime::InboxKey;
namespace table = runtime::table;

struct Pattern {
    InboxKey key;
    InboxItem item;
    wire::StatementBody statement;
    std::vector<PersonId> people;
};

Pattern newest_of(store::View& view, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    const auto newest = table::inbox_by_time.collect_keys(
        view, {.prefix = prefix, .limit = 1, .order = store::Order::descending});
    CHECK(newest.size() == 1);
    const auto& [of, at, sender, id] = newest.front();
    Pattern pattern{{of, sender, id}, {}, {}, {}};
    pattern.item = *table::inbox.get(view, pattern.key);
    pattern.statement = *runtime::statement_of(pattern.item);
    for (const auto& [member_of, person] : table::members.collect_keys(view, {.prefix = prefix}))
        pattern.people.push_back(person);
    CHECK(!pattern.people.empty());
    return pattern;
}

NotificationId id_of(WallTime at, std::uint64_t number) {
    std::array<std::uint8_t, 10> tail{};
    for (std::size_t i = 0; i < 8; ++i) tail[9 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return NotificationId(uuid_v7(static_cast<std::uint64_t>(at.unix_ms()), tail));
}

/// One of three is on a desk; of what is done, one of twenty is taken and has no outcome yet.
void add(store::Transaction& tx, const Pattern& pattern, std::uint64_t number, WallTime now,
         bool open) {
    using std::chrono::minutes;
    auto statement = pattern.statement;
    const auto spread = static_cast<std::int64_t>(number * 7919 % 10'000);
    const auto long_ago = static_cast<std::int64_t>(10'000 + 5 * number);
    statement.accepted_at = now - minutes(open ? spread : long_ago);
    statement.id = id_of(statement.accepted_at, number);
    statement.lane =
        std::array{wire::Lane::immediate, wire::Lane::urgent, wire::Lane::routine}[number % 3];
    statement.take_by = statement.accepted_at + minutes(60 + spread / 2);
    InboxItem item = pattern.item;
    item.statement = wire::encode_body(statement);
    item.stored_at = statement.accepted_at;
    item.opened_at = item.taken_at = item.decided_at = WallTime();
    item.taken_by = item.assigned_to = PersonId();
    item.outcome.clear();
    item.thread = ThreadId();
    const auto& person = pattern.people[number % pattern.people.size()];
    if (!open) {
        item.opened_at = item.taken_at = statement.accepted_at + minutes(5);
        item.taken_by = person;
        if (number % 20 != 0) {
            item.decided_at = statement.accepted_at + minutes(90);
            item.outcome = "no_further_action";
        }
    }
    const auto& [inbox, sender, id] = pattern.key;
    const InboxKey key{inbox, sender, statement.id};
    table::inbox.put(tx, key, item);
    table::inbox_by_time.put(tx, {inbox, statement.accepted_at, sender, statement.id}, {});
    table::inbox_by_id.put(tx, {statement.id, inbox, sender}, {});
    if (open) {
        runtime::waits_for_somebody(tx, key, statement);
        table::inbox_untaken.put(tx, {statement.accepted_at, inbox, sender, statement.id}, {});
        table::inbox_unopened.put(tx, {statement.accepted_at, inbox, sender, statement.id}, {});
    }
    const bool on_a_desk = !open || number % 3 == 0;
    runtime::put_on_desk(tx, key, item, statement, on_a_desk ? person : PersonId());
}

int run(int argc, char** argv) {
    CLI::App app("Fills an inbox of a stopped agent with copies of the newest item in it.");
    std::filesystem::path path;
    std::string inbox;
    std::uint64_t open = 10'000;
    std::uint64_t closed = 200'000;
    std::uint64_t from = 0;
    app.add_option("store", path, "agent.sqlite")->required()->check(CLI::ExistingFile);
    app.add_option("inbox", inbox)->required();
    app.add_option("--open", open)->capture_default_str();
    app.add_option("--closed", closed)->capture_default_str();
    app.add_option("--from", from, "How many were filled in before")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    auto opened = store_sqlite::SqliteStore::open(path.string());
    CHECK(opened.has_value());
    const auto now = WallTime::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count());
    const auto pattern = newest_of(*(*opened)->view(), InboxId(inbox));
    constexpr std::uint64_t batch = 2000;
    for (std::uint64_t number = from, all = from + open + closed; number < all;) {
        auto tx = (*opened)->begin();
        const auto end = std::min(number + batch, all);
        for (; number < end; ++number) add(*tx, pattern, number, now, number < from + open);
        CHECK((*opened)->commit(std::move(tx)).is_committed());
    }
    opened->reset();
    fmt::print("filled: {} with {} more open and {} more closed, now {} MiB\n", inbox, open, closed,
               std::filesystem::file_size(path) / 1'048'576);
    return 0;
}

}  // namespace

}  // namespace mash::bench

int main(int argc, char** argv) {
    return mash::program_main("desk_fill", 1, [&] { return mash::bench::run(argc, argv); });
}
