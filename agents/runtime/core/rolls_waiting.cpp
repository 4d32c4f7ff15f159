// Rolls and caseloads that wait for a person, because they would end more than a tenth of what is
// held. A person of that agency sees counts and answers; whose names are in a list they know from
// their own system, and the store has tokens only.
#include "agents/runtime/core/api.hpp"

namespace mash::runtime {
namespace {

/// Who answers for a list answers for its agency: a seat's roll may come from an office that opens
/// no inbox.
bool may_answer(const Caller& caller, const Seat& seat) {
    return !caller.service && caller.row.agency == seat.agency;
}

}  // namespace

Answer rolls_list(Step& step, const Caller& caller) {
    Json list = Json::array();
    for (const auto& [key, waiting] : table::waiting_rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = key;
        if (!may_answer(caller, seat)) continue;
        const auto row = table::rolls.get(step.tx, key).value_or(RollRow{});
        Json one{{"id", to_text(waiting.id)}, {"seat", seat_json(seat)}, {"relation", relation}};
        one["waits_since"] = time_json(waiting.since);
        one["held"] = row.held;
        one["would_add"] = waiting.added;
        one["would_keep"] = waiting.kept;
        one["would_end"] = waiting.ended;
        one["unusable"] = waiting.unusable;
        list.push_back(std::move(one));
    }
    return Answer::of({{"rolls", std::move(list)}});
}

Answer answer_roll(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    const auto confirm = body.find("confirm");
    if (confirm == body.end() || !confirm->is_boolean())
        return Answer::failed(ErrorCode::missing_field, "Say 'confirm': true or false");
    auto words = string_at(body, "reason");
    if (words.empty())
        return Answer::failed(ErrorCode::missing_field, "Give your reason in 'reason'");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    const PersonalText reason(std::move(words));
    for (const auto& [key, waiting] : table::waiting_rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = key;
        if (to_text(waiting.id) != request.id || !may_answer(caller, seat)) continue;
        if (confirm->get<bool>()) {
            if (const auto taken = take_waiting_roll(step, seat, relation); !taken)
                return Answer::failed(taken.error());
        } else {
            forget_waiting_roll(step, seat, relation);
            if (auto row = table::rolls.get(step.tx, key)) {
                row->waits = false;
                table::rolls.put(step.tx, key, *row);
            }
        }
        const bool yes = confirm->get<bool>();
        step.put_sealed(sealed::reason, store::key_bytes(waiting.id), view_of(reason.reveal()));
        step.note_access(caller.person, yes ? "roll_confirmed" : "roll_rejected", {}, seat.agency,
                         waiting.id);
        if (!yes) step.record(LogEvent::claim_refused, {}, seat.agency);
        return Answer::of({{"id", request.id}, {"confirm", yes}});
    }
    return Answer::failed(ErrorCode::not_found,
                          "No list of that id waits: it was answered, or a later one took its "
                          "place");
}

}  // namespace mash::runtime
