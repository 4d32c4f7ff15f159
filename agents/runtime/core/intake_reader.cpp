// Who may see what an intake could not use, and the record that they did. The files lie with the
// shell, and hold personal data of children: they are for those who send in the role for which the
// file was read, and not for whoever stands by for it.
#include <algorithm>
#include <array>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {
namespace {

bool is_known_action(std::string_view action) {
    static constexpr std::array<std::string_view, 3> known{"rejected_read", "rejected_mended",
                                                           "rejected_set_aside"};
    return std::ranges::find(known, action) != known.end();
}

}  // namespace

Answer intake_reader(Step& step, const Caller& caller, const ApiRequest& request,
                     const Json& body) {
    Json answer{{"person", caller.person.value()}, {"name", name_of_person(step, caller.person)}};
    if (request.id.empty()) {
        answer["seats"] = Json::array();
        for (const auto& role : caller.row.roles) {
            const Seat seat{caller.row.agency, role};
            if (has_role_itself(step, caller, seat)) answer["seats"].push_back(seat_json(seat));
        }
        return Answer::of(std::move(answer));
    }
    const Seat seat{AgencyId(string_at(body, "agency")), RoleId(string_at(body, "role"))};
    const auto action = string_at(body, "action");
    const auto item = uuid_from_text(request.id);
    if (!item || !is_known_action(action)) return Answer::failed(ErrorCode::bad_value);
    // Whoever may not see it does not learn that it is there.
    if (!has_role_itself(step, caller, seat)) return Answer::failed(ErrorCode::not_found);
    step.note_access(caller.person, action, {}, seat.agency, NotificationId(*item));
    return Answer::of(std::move(answer));
}

}  // namespace mash::runtime
