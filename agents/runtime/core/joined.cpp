#include "agents/runtime/core/joined.hpp"

#include <algorithm>

#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/family.hpp"

namespace mash::runtime {
namespace {

struct Joined {
    InboxKey first;
    WallTime at;
    PersonId by;             ///< empty: its sender
    NotificationId because;  ///< the sender's correction; zero: none
};
void write(Writer& out, const Joined& row) {
    store::write(out, row.first);
    out.i64(row.at.unix_ms()).id(row.by).id(row.because);
}
void read(Reader& in, Joined& row) {
    store::read(in, row.first);
    row.at = WallTime::from_unix_ms(in.i64());
    row.by = in.id<PersonId>();
    row.because = in.id<NotificationId>();
}

constexpr store::Table<InboxKey, Joined> joined_reports{joined_reports_space};
/// (first, joined to it)
constexpr store::Table<std::tuple<InboxKey, InboxKey>, Flag> joined_to_first{
    store::Space("joined_to_first")};

/// Nobody joins more by hand; whoever does is told.
constexpr std::size_t reports_of_one_event_max = 32;

std::vector<InboxKey> joined_to(Step& step, const InboxKey& first) {
    std::vector<InboxKey> keys;
    const Bytes prefix = store::key_bytes(first);
    for (const auto& key : joined_to_first.collect_keys(step.tx, {.prefix = prefix}))
        keys.push_back(std::get<1>(key));
    return keys;
}

InboxKey first_of(Step& step, const InboxKey& key) {
    const auto row = joined_reports.get(step.tx, key);
    return row ? row->first : key;
}

void put(Step& step, const InboxKey& key, const Joined& row) {
    joined_reports.put(step.tx, key, row);
    joined_to_first.put(step.tx, {row.first, key}, {});
}

void erase(Step& step, const InboxKey& key) {
    const auto row = joined_reports.get(step.tx, key);
    if (!row) return;
    joined_to_first.erase(step.tx, {row->first, key});
    joined_reports.erase(step.tx, key);
}

/// By hand, or because each was attached to the same report of the agency's own.
std::vector<InboxKey> keys_of_event(Step& step, const InboxKey& key) {
    const auto first = first_of(step, key);
    auto keys = joined_to(step, first);
    keys.push_back(first);
    for (auto& other : attached_with(step, key)) keys.push_back(std::move(other));
    std::ranges::sort(keys);
    const auto repeats = std::ranges::unique(keys);
    keys.erase(repeats.begin(), repeats.end());
    return keys;
}

/// With what was joined to it.
void move_to(Step& step, const InboxKey& key, const Joined& row) {
    auto moved = joined_to(step, key);
    moved.push_back(key);
    for (const auto& one : moved) {
        erase(step, one);
        put(step, one, row);
    }
}

struct Said {
    Child child;
    std::optional<wire::Family> family;
};

std::optional<Said> said_in(Step& step, const Caller& caller, const ReceivedRow& row) {
    const auto delivery = stored_delivery(step, row.key);
    if (!delivery) return std::nullopt;
    const auto keys = inbox_keys_of(step, caller, std::get<0>(row.key));
    const auto opened = open_item(row.item, row.key, *delivery, keys);
    if (!opened) return std::nullopt;
    return Said{child_of(step, *opened), family_in(opened->cover)};
}

/// Of a child whose name nobody is sure of only a person can say so. Two whose numbers or birth
/// dates differ are two alerts, whatever anybody says: a sister is no duplicate.
bool are_two(const Said& a, const Said& b) {
    if (!how_same(a.child, b.child).empty()) return false;
    if (a.family && b.family && is_same_child(*a.family, *b.family)) return false;
    if (a.family && b.family && are_two_children(*a.family, *b.family)) return true;
    const auto differ = [](const std::string& one, const std::string& other) {
        return !one.empty() && !other.empty() && one != other;
    };
    return differ(a.child.nhs_number, b.child.nhs_number) || differ(a.child.upn, b.child.upn) ||
           differ(a.child.born, b.child.born);
}

bool was_first_accepted(const ReceivedRow& a, const ReceivedRow& b) {
    return std::tie(a.statement.accepted_at, a.key) < std::tie(b.statement.accepted_at, b.key);
}

}  // namespace

Answer join_item(Step& step, const Caller& caller, const ApiRequest& request,
                 const ReceivedRow& row, const std::string& with) {
    const auto& [inbox, sender, id] = row.key;
    auto found = find_received(step, caller, with, inbox);
    if (!found.row) return found.failure;
    const auto& other = *found.row;
    if (auto answer = gone(other.item)) return std::move(*answer);
    if (other.key == row.key)
        return Answer::failed(ErrorCode::bad_value, "Give the id of another report");
    // What nobody has read may be of any child.
    if (!row.item.opened_at.is_set() || !other.item.opened_at.is_set()) {
        return Answer::failed(ErrorCode::bad_value,
                              "Open both first: they may be about two children");
    }
    const auto here = said_in(step, caller, row);
    const auto there = said_in(step, caller, other);
    if (!here || !there) return Answer::failed(ErrorCode::decrypt_failed);
    if (are_two(*here, *there)) {
        return Answer::failed(ErrorCode::bad_value,
                              "They are about two children. Each child's alert is taken by itself, "
                              "also where one event is behind both");
    }
    const auto first = first_of(step, other.key);
    if (first != first_of(step, row.key)) {
        const auto more = joined_to(step, row.key).size() + 1;
        if (joined_to(step, first).size() + more >= reports_of_one_event_max)
            return Answer::failed(ErrorCode::too_many, "So many reports of one event do not fit");
        move_to(step, row.key, {first, step.now.wall, caller.person, {}});
    }
    step.note_access(caller.person, "joined", inbox, sender, id);
    step.note_access(caller.person, "joined", inbox, std::get<1>(other.key),
                     std::get<2>(other.key));
    KeptFrom kept_from(step, caller);
    return Answer::of({{"id", request.id},
                       {"attached_to", attached_to_json(step, row.key)},
                       {"reports", reports_json(step, reports_of_event(step, row, kept_from))}});
}

void join_by_sender(Step& step, const InboxKey& key, const wire::Cover& cover) {
    if (cover.same_event_as.is_zero() || cover.supersedes.is_zero()) return;
    const auto& [inbox, sender, id] = key;
    // Whichever of the three came first: what is not here yet stands in no line.
    const InboxKey second{inbox, sender, cover.supersedes};
    const auto first = first_of(step, {inbox, sender, cover.same_event_as});
    if (first == first_of(step, second)) return;
    move_to(step, second, {first, step.now.wall, {}, id});
}

void part_report(Step& step, const InboxKey& key) {
    erase(step, key);
    for (const auto& other : joined_to(step, key)) erase(step, other);
    // What its sender said with it is not said any more.
    const auto& [inbox, sender, id] = key;
    const Bytes prefix = store::key_bytes(inbox, sender);
    for (const auto& [other, row] : joined_reports.collect(step.tx, {.prefix = prefix})) {
        if (row.because == id) erase(step, other);
    }
}

void part_reports_of(Step& step, const AgencyId& sender, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [of, inbox, from] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        if (from == sender) part_report(step, {inbox, from, of});
    }
}

std::vector<ReceivedRow> reports_of_event(Step& step, const ReceivedRow& row, KeptFrom& kept_from) {
    std::vector<ReceivedRow> reports;
    for (const auto& key : keys_of_event(step, row.key)) {
        if (key != row.key && kept_from.hides(key)) continue;
        auto one = key == row.key ? std::optional(row) : row_of(step, key);
        if (one && !gone(one->item)) reports.push_back(std::move(*one));
    }
    std::ranges::sort(reports, was_first_accepted);
    return reports;
}

bool is_joined(Step& step, const InboxKey& a, const InboxKey& b) {
    if (a == b) return false;
    const auto attached = attached_to(step, a);
    return first_of(step, a) == first_of(step, b) || (attached && attached == attached_to(step, b));
}

Json reports_json(Step& step, const std::vector<ReceivedRow>& reports) {
    Json list = Json::array();
    if (reports.size() < 2) return list;
    for (const auto& report : reports) {
        const auto& [inbox, sender, id] = report.key;
        const auto& type = report.statement.type;
        const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
        list.push_back({{"id", to_text(id)},
                        {"sender", sender.value()},
                        {"inbox", inbox.value()},
                        {"type", type.value()},
                        {"title", rule == nullptr ? type.value() : rule->title},
                        {"accepted_at", time_json(report.statement.accepted_at)},
                        {"opened", report.item.opened_at.is_set()},
                        {"taken", report.item.taken_at.is_set()},
                        {"replaced_by", replaced_by_json(step, report.key)}});
    }
    return list;
}

bool is_anything_joined(Step& step) {
    return !joined_reports.collect_keys(step.tx, {.limit = 1}).empty() ||
           is_anything_attached(step);
}

bool stands_with_another(Step& step, const InboxKey& key, const ListWish& wish, InboxList list) {
    const auto own = place_in(step.tx, key, wish, list);
    if (!own) return false;
    return std::ranges::any_of(keys_of_event(step, key), [&](const InboxKey& other) {
        if (other == key || (wish.hides && wish.hides(other))) return false;
        const auto item = table::inbox.get(step.tx, other);
        if (!item || gone(*item)) return false;
        const auto place = place_in(step.tx, other, wish, list);
        return place && *place < *own;
    });
}

}  // namespace mash::runtime
