#include "agents/runtime/core/joined.hpp"

#include <algorithm>

#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/one_event.hpp"
#include "agents/runtime/core/same_child.hpp"
#include "agents/runtime/core/sender_words.hpp"

namespace mash::runtime {
namespace {

/// What more is joined is joined to this one, so that it stays when another of them is taken back.
InboxKey first_accepted(Step& step, const EventKeys& event, const InboxKey& otherwise) {
    std::optional<ReceivedRow> first;
    for (const auto& key : event) {
        auto row = row_of(step, key);
        if (!row || gone(row->item)) continue;
        if (!first || was_first_accepted(*row, *first)) first = std::move(row);
    }
    return first ? first->key : otherwise;
}

/// Why these two groups are not one event.
std::optional<Answer> not_one(Step& step, const Caller& caller, const EventKeys& a,
                              const EventKeys& b) {
    if (a.size() + b.size() > reports_of_one_event_max)
        return Answer::failed(ErrorCode::too_many, "So many reports of one event do not fit");
    const auto keys = inbox_keys_of(step, caller, std::get<0>(a.front()));
    const auto compared = SaidChildren(step, keys).compare(a, b);
    if (compared.same == SameChild::no) {
        return Answer::failed(ErrorCode::bad_value,
                              "They are about two children. Each child's alert is taken by itself, "
                              "also where one event is behind both");
    }
    if (compared.unreadable) return Answer::failed(ErrorCode::decrypt_failed);
    return std::nullopt;
}

}  // namespace

bool was_first_accepted(const ReceivedRow& a, const ReceivedRow& b) {
    return std::tie(a.statement.accepted_at, a.key) < std::tie(b.statement.accepted_at, b.key);
}

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
    const auto ours = keys_of_event(step, row.key);
    InboxKey first = other.key;
    if (!std::ranges::binary_search(ours, other.key)) {
        const auto theirs = keys_of_event(step, other.key);
        if (auto refused = not_one(step, caller, ours, theirs)) return std::move(*refused);
        first = first_accepted(step, theirs, other.key);
    }
    say_one_event(step, row.key, first, SaidBy::person, {step.now.wall, caller.person, {}});
    step.note_access(caller.person, "joined", inbox, sender, id);
    step.note_access(caller.person, "joined", inbox, std::get<1>(other.key),
                     std::get<2>(other.key));
    KeptFrom kept_from(step, caller);
    return Answer::of({{"id", request.id},
                       {"attached_to", attached_to_json(step, row.key)},
                       {"reports", reports_json(step, reports_of_event(step, row, kept_from))}});
}

void part_report(Step& step, const InboxKey& key) {
    unsay_all(step, key);
    leave_line(step, key);
    // What its sender said with it is not said any more.
    forget_sender_word(step, key);
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

}  // namespace mash::runtime
