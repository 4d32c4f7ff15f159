// Two reports of one event (domain.md G12): what came is attached by a person to what the agency
// had sent about the same event itself. Nobody else is told by it, and nobody is alarmed twice: the
// episode stays that agency's own, and what came is read beside it. An own report may be about a
// family, so what is attached to it is one line only as far as it may be about one child.
#include "agents/runtime/core/attached.hpp"

#include <algorithm>
#include <map>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/joined.hpp"
#include "agents/runtime/core/one_event.hpp"
#include "agents/runtime/core/received.hpp"
#include "agents/runtime/core/same_child.hpp"

namespace mash::runtime {
namespace {

struct Attached {
    NotificationId to;
    WallTime at;
    PersonId by;
    std::uint32_t line = 0;  ///< 0: none; since version 2
};
void write(Writer& out, const Attached& row) {
    out.id(row.to).i64(row.at.unix_ms()).id(row.by).u32(row.line);
}
void read(Reader& in, Attached& row, std::uint8_t version) {
    row.to = in.id<NotificationId>();
    row.at = WallTime::from_unix_ms(in.i64());
    row.by = in.id<PersonId>();
    row.line = version < 2 ? 0 : in.u32();
}

constexpr store::Table<InboxKey, Attached> attached_items{attached_items_space, 2};
/// The same the other way round.
constexpr store::Table<std::tuple<NotificationId, InboxKey>, Flag> attached_by_sent{
    store::Space("attached_by_sent")};
/// (to what, inbox, line, item)
constexpr store::Table<std::tuple<NotificationId, InboxId, std::uint32_t, InboxKey>, Flag>
    attached_lines{store::Space("attached_lines")};

auto line_key(const InboxKey& key, const Attached& row) {
    return std::tuple(row.to, std::get<0>(key), row.line, key);
}

void detach(Step& step, const InboxKey& key) {
    const auto before = attached_items.get(step.tx, key);
    if (!before) return;
    attached_lines.erase(step.tx, line_key(key, *before));
    attached_by_sent.erase(step.tx, {before->to, key});
    attached_items.erase(step.tx, key);
}

/// That of the same child; of a child whose name nobody is sure of, the only one that there is. A
/// new one where two could be meant, or where it is another child's.
std::uint32_t line_for(Step& step, const Caller& caller, const InboxKey& key,
                       const NotificationId& to) {
    const auto& inbox = std::get<0>(key);
    std::map<std::uint32_t, InboxKey> lines;
    const Bytes prefix = store::key_bytes(to, inbox);
    for (const auto& row : attached_lines.collect_keys(step.tx, {.prefix = prefix}))
        lines.emplace(std::get<2>(row), std::get<3>(row));
    const auto keys = inbox_keys_of(step, caller, inbox);
    SaidChildren said(step, keys);
    const auto ours = keys_of_event(step, key);
    std::optional<std::uint32_t> same;
    std::vector<std::uint32_t> perhaps;
    for (const auto& [line, member] : lines) {
        const auto theirs = keys_of_event(step, member);
        if (std::ranges::binary_search(theirs, key)) return line;
        if (ours.size() + theirs.size() > reports_of_one_event_max) continue;
        const auto compared = said.compare(ours, theirs);
        if (compared.unreadable || compared.same == SameChild::no) continue;
        if (compared.same == SameChild::yes && !same) same = line;
        perhaps.push_back(line);
    }
    if (same) return *same;
    if (perhaps.size() == 1 && lines.size() == 1) return perhaps.front();
    return lines.empty() ? 1 : lines.rbegin()->first + 1;
}

}  // namespace

std::optional<NotificationId> attached_to(Step& step, const InboxKey& key) {
    const auto row = attached_items.get(step.tx, key);
    return row ? std::optional(row->to) : std::nullopt;
}

Json attached_to_json(Step& step, const InboxKey& key) {
    const auto to = attached_to(step, key);
    return to ? Json(to_text(*to)) : Json(nullptr);
}

std::vector<InboxKey> attached_with(Step& step, const InboxKey& key) {
    std::vector<InboxKey> keys;
    const auto row = attached_items.get(step.tx, key);
    if (!row || row->line == 0) return keys;
    const Bytes prefix = store::key_bytes(row->to, std::get<0>(key), row->line);
    for (const auto& other : attached_lines.collect_keys(step.tx, {.prefix = prefix})) {
        if (std::get<3>(other) != key) keys.push_back(std::get<3>(other));
    }
    return keys;
}

void leave_line(Step& step, const InboxKey& key) {
    auto row = attached_items.get(step.tx, key);
    if (!row || row->line == 0) return;
    attached_lines.erase(step.tx, line_key(key, *row));
    row->line = 0;
    attached_items.put(step.tx, key, *row);
}

bool is_anything_in_one_line(Step& step) {
    return !attached_lines.collect_keys(step.tx, {.limit = 1}).empty();
}

Json attached_json(Step& step, const Caller& caller, const NotificationId& id) {
    Json list = Json::array();
    const Bytes prefix = store::key_bytes(id);
    for (const auto& row : attached_by_sent.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& key = std::get<1>(row);
        const auto& [inbox, sender, item] = key;
        const auto attached = attached_items.get(step.tx, key);
        if (!attached || !is_member(step, caller, inbox)) continue;
        list.push_back({{"id", to_text(item)},
                        {"sender", sender.value()},
                        {"inbox", inbox.value()},
                        {"attached_at", time_json(attached->at)},
                        {"attached_by", attached->by.value()}});
    }
    return list;
}

Answer attach_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    const ReceivedRow row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto to = body.find("to");
    if (to == body.end() || !(to->is_null() || to->is_string())) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give in 'to' the id of what your agency sent about the same event, "
                              "or <sender>/<id> of what came here about it, or null to take it off "
                              "again");
    }
    const auto& [inbox, sender, item] = row.key;
    if (to->is_null()) {
        detach(step, row.key);
        part_report(step, row.key);
        step.note_access(caller.person, "detached", inbox, sender, item);
        return Answer::of(
            {{"id", request.id}, {"attached_to", nullptr}, {"reports", Json::array()}});
    }
    if (const auto& with = to->get_ref<const std::string&>(); with.find('/') != std::string::npos)
        return join_item(step, caller, request, row, with);
    const auto bytes = uuid_from_text(to->get<std::string>());
    const auto id = bytes ? NotificationId(*bytes) : NotificationId();
    const auto sent = table::outbox.get(step.tx, id);
    // The event is whose agency began to tell of it: a colleague's report, not another agency's.
    if (!sent || sent->agency != caller.row.agency || !may_see_sent(step, caller, id, *sent)) {
        return Answer::failed(ErrorCode::not_found,
                              "Your agency has sent nothing under this id that you may see");
    }
    // What nobody has read may be of any child.
    if (!row.item.opened_at.is_set())
        return Answer::failed(ErrorCode::bad_value, "Open it first: it may be about another child");
    detach(step, row.key);
    const Attached attached{id, step.now.wall, caller.person, line_for(step, caller, row.key, id)};
    attached_items.put(step.tx, row.key, attached);
    attached_by_sent.put(step.tx, {id, row.key}, {});
    attached_lines.put(step.tx, line_key(row.key, attached), {});
    step.note_access(caller.person, "attached", inbox, sender, item);
    KeptFrom kept_from(step, caller);
    return Answer::of({{"id", request.id},
                       {"attached_to", to_text(id)},
                       {"reports", reports_json(step, reports_of_event(step, row, kept_from))}});
}

}  // namespace mash::runtime
