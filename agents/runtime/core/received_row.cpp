// An item that arrived: found for those who may open it, and as a line of the list.
#include <set>

#include "agents/runtime/core/clocks.hpp"
#include "agents/runtime/core/marks.hpp"
#include "agents/runtime/core/put_right.hpp"
#include "agents/runtime/core/received.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/calendar.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

/// 1 to 3 for the messages of a missing episode, 0 for everything else.
std::uint16_t episode_row(const Step& step, const TypeId& type) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
    if (rule == nullptr || rule->row < area::row_started || rule->row > area::row_closed) return 0;
    return rule->row;
}

}  // namespace

std::optional<ReceivedRow> row_of(Step& step, const InboxKey& key) {
    auto item = table::inbox.get(step.tx, key);
    if (!item) return std::nullopt;
    auto statement = statement_of(*item);
    if (!statement) return std::nullopt;
    const auto episode = episode_row(step, statement->type);
    return ReceivedRow{key, std::move(*item), std::move(*statement), episode};
}

FoundReceived find_received(Step& step, const Caller& caller, std::string_view text,
                            const InboxId& wanted) {
    const auto none = [](ErrorCode code, std::string message = {}) {
        return FoundReceived{std::nullopt, Answer::failed(code, std::move(message))};
    };
    std::string_view sender;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        sender = text.substr(0, slash);
        text.remove_prefix(slash + 1);
    }
    const auto bytes = uuid_from_text(text);
    if (!bytes) return none(ErrorCode::malformed, "That is not the id of a notification");
    std::vector<InboxKey> keys;
    std::set<AgencyId> senders;
    KeptFrom kept_from(step, caller);
    const Bytes prefix = store::key_bytes(NotificationId(*bytes));
    for (const auto& [id, inbox, from] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        if (!wanted.empty() && inbox != wanted) continue;
        if (!sender.empty() && from.value() != sender) continue;
        // One answer for what is not there, what is not theirs and what a conflict keeps from them:
        // nobody learns what a colleague received.
        const InboxKey key{inbox, from, id};
        if (!is_member(step, caller, inbox) || kept_from.hides(key)) continue;
        keys.push_back(key);
        senders.insert(from);
    }
    if (keys.empty())
        return none(ErrorCode::not_found, "Nothing under this id is in an inbox that you may open");
    if (senders.size() > 1)
        return none(ErrorCode::bad_value, "Two senders used this id: ask for <sender>/<id>");
    for (const auto& key : keys) {
        auto row = row_of(step, key);
        if (row) return {std::move(row), {}};
    }
    return none(ErrorCode::not_found);
}

Result<std::vector<InboxId>> inboxes_asked_for(Step& step, const Caller& caller,
                                               const InboxId& inbox) {
    std::vector<InboxId> inboxes;
    if (!inbox.empty()) {
        if (!is_member(step, caller, inbox)) return fail(ErrorCode::not_entitled);
        inboxes.push_back(inbox);
        return inboxes;
    }
    for (const auto& one : table::inboxes.collect_keys(step.tx, {})) {
        if (is_member(step, caller, one)) inboxes.push_back(one);
    }
    return inboxes;
}

Json member_name_json(Step& step, const InboxId& inbox, const PersonId& person) {
    if (person.empty() || !table::members.contains(step.tx, {inbox, person})) return nullptr;
    return name_of_person(step, person);
}

Json progress_json(Step& step, const InboxKey& key, const InboxItem& item) {
    Json json;
    json["stored_at"] = time_json(item.stored_at);
    json["opened_at"] = time_json(item.opened_at);
    json["handed_over_at"] = time_json(item.handed_over_at);
    json["taken_at"] = time_json(item.taken_at);
    json["taken_by"] = item.taken_by.empty() ? Json(nullptr) : Json(item.taken_by.value());
    json["taken_by_name"] = member_name_json(step, std::get<0>(key), item.taken_by);
    json["decided_at"] = time_json(item.decided_at);
    json["outcome"] = item.outcome.empty() ? Json(nullptr) : Json(item.outcome);
    json["recalled_at"] = time_json(item.recalled_at);
    json["undecryptable"] = item.state == InboxState::undecryptable;
    return json;
}

Json replaced_by_json(Step& step, const InboxKey& key) {
    auto later = last_correction(step, key);
    if (!later) later = table::inbox_replaced.get(step.tx, key);
    return later ? Json(to_text(*later)) : Json(nullptr);
}

Json case_number_json(Step& step, const InboxKey& key) {
    const auto filed = step.get_sealed(sealed::case_number, store::key_bytes(key));
    return filed ? Json(std::string(text_of(*filed))) : Json(nullptr);
}

Json received_line(Step& step, const ReceivedRow& row) {
    const auto& statement = row.statement;
    Json json;
    json["id"] = to_text(std::get<2>(row.key));
    json["sender"] = std::get<1>(row.key).value();
    json["inbox"] = std::get<0>(row.key).value();
    json["type"] = statement.type.value();
    if (const auto* policy = step.policy()) {
        if (const auto* rule = policy->find_type(statement.type)) json["title"] = rule->title;
    }
    json["act"] = statement.act;
    json["urgency"] = std::string(word_of(statement.urgency));
    json["take_by"] = time_json(statement.take_by);
    json["take_by_in_words"] =
        statement.take_by.is_set() ? Json(area::time_in_words(statement.take_by)) : Json(nullptr);
    json["take_by_estimated"] = statement.estimated;
    json["overdue"] = !row.item.taken_at.is_set() && statement.take_by.is_set() &&
                      statement.take_by <= step.now.wall;
    json["accepted_at"] = time_json(statement.accepted_at);
    json["why"] = step.policy() == nullptr
                      ? statement.route
                      : area::explain_route(*step.policy(), statement.route, statement.seat.role);
    json["marks"] = kept_marks_json(step, row.key);
    json["clocks"] = clocks_json(step, row.key);
    json["progress"] = progress_json(step, row.key, row.item);
    json["replaced_by"] = replaced_by_json(step, row.key);
    json["agreement_withdrawn"] = stop_json(step, row.key);
    json["assigned_to"] =
        row.item.assigned_to.empty() ? Json(nullptr) : Json(row.item.assigned_to.value());
    json["assigned_to_name"] = member_name_json(step, std::get<0>(row.key), row.item.assigned_to);
    json["case_number"] = case_number_json(step, row.key);
    return json;
}

std::optional<Answer> gone(const InboxItem& item) {
    if (item.state == InboxState::recalled)
        return Answer::failed(ErrorCode::expired,
                              "The sender has taken this back. It was removed here");
    if (item.state == InboxState::decided)
        return Answer::failed(ErrorCode::expired,
                              "It was shown for a decision only. That has been made, and it was "
                              "removed here");
    return std::nullopt;
}

}  // namespace mash::runtime
