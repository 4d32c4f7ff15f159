// What a desk makes of what arrived: on whose desk it is, and under which number it is filed. Both
// stay here; the sender is told who took it and what came of it, not how an office shares its work.
#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/joined.hpp"
#include "agents/runtime/core/received.hpp"

namespace mash::runtime {
namespace {

/// A text or null; nothing: neither.
std::optional<std::string> text_or_null(const Json& body, const char* field) {
    const auto found = body.find(field);
    if (found == body.end() || !(found->is_string() || found->is_null())) return std::nullopt;
    return found->is_null() ? std::string() : found->get<std::string>();
}

}  // namespace

Answer assign_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    auto& row = *found.row;
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto name = text_or_null(body, "person");
    if (!name) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give in 'person' the colleague who is to have it, or null for "
                              "nobody");
    }
    const auto& [inbox, sender, id] = row.key;
    const PersonId person(*name);
    if (!person.empty() && !table::members.contains(step.tx, {inbox, person})) {
        return Answer::failed(ErrorCode::bad_value,
                              "That person does not open this inbox: choose one of its "
                              "colleagues");
    }
    if (row.item.decided_at.is_set()) {
        return Answer::failed(ErrorCode::already_exists,
                              "Its outcome is recorded: nothing is left to hand on");
    }
    // One event is one person's.
    KeptFrom kept_from(step, caller);
    for (auto& report : reports_of_event(step, row, kept_from)) {
        if (report.key != row.key && report.item.decided_at.is_set()) continue;
        put_on_desk(step.tx, report.key, report.item, report.statement, person);
    }
    step.note_access(caller.person, "assigned", inbox, sender, id);
    return Answer::of({{"id", request.id},
                       {"assigned_to", person.empty() ? Json(nullptr) : Json(person.value())}});
}

Answer file_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    // Also of what was taken back: whoever clears it out of the case must find the case.
    const auto& row = *found.row;
    const auto number = text_or_null(body, "case_number");
    if (!number) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give 'case_number' as your own system has it, or null for none");
    }
    if (number->size() > limits::source_ref_bytes_max) return Answer::failed(ErrorCode::too_large);
    const Bytes place = store::key_bytes(row.key);
    if (number->empty())
        step.tx.erase(sealed::case_number, place);
    else
        step.put_sealed(sealed::case_number, place, view_of(*number));
    const auto& [inbox, sender, id] = row.key;
    step.note_access(caller.person, "case_number", inbox, sender, id);
    return Answer::of({{"id", request.id}, {"case_number", case_number_json(step, row.key)}});
}

}  // namespace mash::runtime
