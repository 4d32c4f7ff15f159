// Who looked at what (design rule 8), read back. A person sees their own lines; the agency's data
// protection officer sees the agency's. Everybody else's would show a colleague's inbox: somebody
// whom a conflict keeps out would learn from it that there is an item.
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/asked.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t listed_max = 500;
/// Lines looked at for one page: whoever asks for what is rare gets a short page and its `next`.
constexpr std::size_t looked_at_max = 20'000;

/// Done with the recovery key or by the service: of the agency that it was done in.
bool is_of_agency(Step& step, const AccessRow& row, const AgencyId& agency) {
    const auto person = table::people.get(step.tx, row.person);
    return person ? person->agency == agency : row.sender == agency;
}

Json line_of(WallTime at, const AccessRow& row) {
    return {{"at", time_json(at)},
            {"person", row.person.value()},
            {"action", row.action},
            {"inbox", row.inbox.empty() ? Json(nullptr) : Json(row.inbox.value())},
            {"sender", row.sender.empty() ? Json(nullptr) : Json(row.sender.value())},
            {"item", row.notification.is_zero() ? Json(nullptr) : Json(to_text(row.notification))},
            {"reason", row.reason.empty() ? Json(nullptr) : Json(row.reason)}};
}

struct Wanted {
    WallTime from;
    WallTime to;
    std::string person;
    NotificationId item;
};

bool read_wanted(const ApiRequest& request, Wanted& wanted) {
    for (const auto& [name, text] : request.filter) {
        if (name == "person") wanted.person = text;
        if (name == "item") {
            const auto bytes = uuid_from_text(text);
            if (!bytes) return false;
            wanted.item = NotificationId(*bytes);
        }
        if (name != "from" && name != "to") continue;
        const auto at = wall_time_from_rfc3339(text);
        if (!at) return false;
        (name == "from" ? wanted.from : wanted.to) = *at;
    }
    return true;
}

/// How often the broker asked each of our seats whether it works with a child, by day. What was
/// said is not among it: somebody whom a conflict keeps out would learn that there is something.
Json asked_of(Step& step, const AgencyId& agency, const Wanted& wanted) {
    constexpr std::chrono::milliseconds day = std::chrono::hours(24);
    Json list = Json::array();
    table::asked_counts.scan(
        step.tx, {.order = store::Order::descending}, [&](const auto& key, const AskedCount& row) {
            const auto& [number, seat, relation] = key;
            const auto begins = WallTime::from_unix_ms(number * day.count());
            if (wanted.from.is_set() && begins + day <= wanted.from) return false;
            if (seat.agency != agency || (wanted.to.is_set() && begins >= wanted.to)) return true;
            list.push_back({{"day", to_rfc3339(begins).substr(0, 10)},
                            {"role", seat.role.value()},
                            {"relation", relation},
                            {"asked", row.asked}});
            return list.size() < listed_max;
        });
    return list;
}

}  // namespace

bool is_auditor(const Caller& caller) {
    static const RoleId data_protection_officer{"dpo"};
    return has_role(caller, caller.row.agency, data_protection_officer);
}

Answer access_log(Step& step, const Caller& caller, const ApiRequest& request) {
    Wanted wanted;
    const auto after = from_base64url(request.cursor);
    if (!read_wanted(request, wanted) || !after || request.limit > listed_max) {
        return Answer::failed(ErrorCode::bad_value,
                              "'from' and 'to' are times such as 2026-11-24T23:40:00Z; 'item' is "
                              "the id of a notification; 'cursor' is the 'next' of the page "
                              "before; 'limit' goes up to " +
                                  std::to_string(listed_max));
    }
    const std::size_t limit = request.limit == 0 ? listed_max : request.limit;
    const bool all = is_auditor(caller);
    Json list = Json::array();
    Bytes last;
    bool more = false;
    std::size_t looked_at = 0;
    table::access.scan(step.tx, {.from = *after, .order = store::Order::descending},
                       [&](const auto& key, AccessRow& row) {
                           const auto at = std::get<0>(key);
                           const Bytes place = store::key_bytes(at, std::get<1>(key));
                           if (!after->empty() && place == *after) return true;
                           if (wanted.from.is_set() && at < wanted.from) return false;
                           more = list.size() == limit || looked_at++ == looked_at_max;
                           if (more) return false;
                           last = place;
                           if (wanted.to.is_set() && at >= wanted.to) return true;
                           if (!wanted.person.empty() && row.person.value() != wanted.person)
                               return true;
                           if (!wanted.item.is_zero() && row.notification != wanted.item)
                               return true;
                           const bool own = row.person == caller.person;
                           if (own || (all && is_of_agency(step, row, caller.row.agency)))
                               list.push_back(line_of(at, row));
                           return true;
                       });
    step.note_access(caller.person, "access_log_read", {}, caller.row.agency, wanted.item);
    Json answer{{"access", std::move(list)},
                {"whole_agency", all},
                {"next", more ? Json(to_base64url(last)) : Json(nullptr)}};
    if (all) answer["asked"] = asked_of(step, caller.row.agency, wanted);
    return Answer::of(std::move(answer));
}

}  // namespace mash::runtime
