#include "agents/runtime/core/export.hpp"

#include "agents/runtime/core/received.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t sent_at_once_max = 100;
constexpr std::string_view action = "exported";

/// Looking may go without a reason where the area lists none; taking away may not.
std::optional<Answer> no_reason(const Step& step, const Caller& caller, const std::string& reason) {
    if (caller.service)
        return Answer::failed(ErrorCode::not_entitled, "Only a person takes something away");
    const auto* policy = step.policy();
    const auto listed = policy == nullptr || !policy->words().contains("search_reason")
                            ? 0
                            : policy->words().at("search_reason").size();
    if (policy != nullptr && listed == 0) {
        return Answer::failed(ErrorCode::not_available,
                              "This area has agreed no reasons for which something may be taken "
                              "away (words.search_reason of its catalogue), so nothing is");
    }
    return wrong_look_reason(step, reason);
}

}  // namespace

bool is_export(const ApiRequest& request) { return request.filter.contains("export"); }

Answer export_chronology(Step& step, const Caller& caller, const ApiRequest& request,
                         const Json& body) {
    const auto reason = string_at(body, "reason");
    if (auto refused = no_reason(step, caller, reason)) return std::move(*refused);
    auto answer = chronology(step, caller, request);
    if (!answer.ok) return answer;
    const auto start =
        find_received(step, caller, request.filter.find("received")->second, request.inbox);
    const auto note = [&](const InboxKey& key) {
        const auto& [inbox, sender, id] = key;
        step.note_access(caller.person, action, inbox, sender, id, reason);
    };
    // Whose chronology it was stands in the record also where a part of it is empty.
    if (start.row) note(start.row->key);
    // What it leads to about other children goes with it.
    for (const auto* list : {"entries", "linked"}) {
        for (const auto& entry : answer.json.at(list)) {
            const auto id = uuid_from_text(string_at(entry, "id"));
            if (!id) continue;
            const InboxKey key{InboxId(string_at(entry, "inbox")),
                               AgencyId(string_at(entry, "sender")), NotificationId(*id)};
            if (!start.row || key != start.row->key) note(key);
        }
    }
    return answer;
}

Answer export_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    const auto reason = string_at(body, "reason");
    if (auto refused = no_reason(step, caller, reason)) return std::move(*refused);
    ApiRequest page;
    page.cursor = request.cursor;
    page.limit = sent_at_once_max;
    auto listed = sent_list(step, caller, page);
    if (!listed.ok) return listed;
    Json list = Json::array();
    for (const auto& line : listed.json.at("sent")) {
        const auto bytes = uuid_from_text(string_at(line, "id"));
        if (!bytes) continue;
        const NotificationId id(*bytes);
        const auto item = table::outbox.get(step.tx, id);
        if (!item) continue;
        list.push_back(sent_whole(step, caller, id, *item));
        step.note_access(caller.person, action, {}, item->agency, id, reason);
    }
    return Answer::of({{"sent", std::move(list)}, {"next", listed.json.at("next")}});
}

}  // namespace mash::runtime
