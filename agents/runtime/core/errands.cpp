// Errands: frames that must arrive whatever happens to the link. Each has a name; a new one of the
// same name replaces it.
//
//   made ── sent on every session until answered ──> done (kept 30 days, or for ever when standing)
//                                              └──> refused (recorded; standing ones are tried
//                                              again with new documents
//                                                   and every hour, because registry or policy may
//                                                   have been behind)
//
// 64 are under way at once. One that was told to wait is not under way: it stands before no other.
#include <algorithm>

#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/questions.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {

namespace {
constexpr std::chrono::seconds retry_at_least{2};
}  // namespace

void put_errand(Step& step, const std::string& name, wire::AgentBody body, wire::Lane lane,
                bool standing) {
    if (const auto old = table::errands.get(step.tx, name))
        table::errands_open.erase(step.tx, old->order);
    Errand errand;
    errand.order = ++step.row.errands_made;
    step.row_changed = true;
    errand.lane = lane;
    errand.frame = wire::encode(wire::AgentFrame{0, std::move(body)});
    errand.made_at = step.now.wall;
    errand.standing = standing;
    table::errands.put(step.tx, name, errand);
    table::errands_open.put(step.tx, errand.order, {name});
    step.agent.link.errands_sent.erase(name);
    step.pump_due = true;
}

void drop_errand(Step& step, const std::string& name) {
    if (const auto old = table::errands.get(step.tx, name)) {
        table::errands_open.erase(step.tx, old->order);
        table::errands.erase(step.tx, name);
    }
}

namespace {

/// False: it stays where it is and takes no place among those under way.
bool is_due(Step& step, const std::string& name) {
    auto& link = step.agent.link;
    if (link.errands_sent.contains(name)) return false;
    const auto wait = link.errand_not_before.find(name);
    if (wait == link.errand_not_before.end()) return true;
    if (step.now.steady < wait->second) {
        if (!link.errands_wait_until || wait->second < *link.errands_wait_until)
            link.errands_wait_until = wait->second;
        return false;
    }
    link.errand_not_before.erase(wait);
    return true;
}

}  // namespace

void send_errands(Step& step) {
    auto& link = step.agent.link;
    if (!link.welcomed) return;
    if (link.errands_wait_until && *link.errands_wait_until <= step.now.steady)
        link.look_at_all_errands();
    // What is under way stays in the list until it is answered. A recall that the broker cannot
    // take now must not stand before a claim, nor before another agency's recall: only what is
    // under way counts, and what was passed over is looked at again when its time has come.
    while (link.errands_sent.size() < in_flight_max) {
        const Bytes from = store::key_bytes(link.errands_from);
        const auto open =
            table::errands_open.collect(step.tx, {.from = from, .limit = in_flight_max});
        if (open.empty()) return;
        for (const auto& [order, name] : open) {
            if (link.errands_sent.size() >= in_flight_max) return;
            link.errands_from = order + 1;
            if (!is_due(step, name.text)) continue;
            const auto errand = table::errands.get(step.tx, name.text);
            if (!errand || errand->order != order) continue;
            auto frame = wire::decode_agent_frame(errand->frame);
            if (!frame) {
                step.tx.mark_failed(ErrorCode::store_failed, "errands", "frame does not decode");
                return;
            }
            link.errands_sent.insert(name.text);
            Asked asked;
            asked.kind = Asked::Kind::errand;
            asked.errand = name.text;
            asked.lane = errand->lane;
            step.ask(std::move(frame->body), std::move(asked));
        }
    }
}

void errand_answered(Step& step, const std::string& name, std::optional<ErrorCode> refused,
                     std::chrono::milliseconds retry_after) {
    auto& link = step.agent.link;
    link.errands_sent.erase(name);
    auto errand = table::errands.get(step.tx, name);
    if (!errand) return;
    if (refused && (retry_after.count() > 0 || next_step(*refused) == NextStep::retry_later)) {
        const auto until =
            step.now.steady + std::clamp<std::chrono::milliseconds>(retry_after, retry_at_least,
                                                                    limits::retry_after_max);
        link.errand_not_before[name] = until;
        if (!link.errands_wait_until || until < *link.errands_wait_until)
            link.errands_wait_until = until;
        step.pump_due = true;
        return;
    }
    errand->done_at = step.now.wall;
    errand->refused_code = refused ? static_cast<std::uint16_t>(*refused) : std::uint16_t{0};
    table::errands_open.erase(step.tx, errand->order);
    table::errands.put(step.tx, name, *errand);
    if (refused) step.record(LogEvent::frame_refused, *refused);
    step.pump_due = true;
    if (!refused) return;
    const auto frame = wire::decode_agent_frame(errand->frame);
    if (!frame) return;
    if (const auto* answer = std::get_if<wire::AnswerIdentity>(&frame->body))
        return answer_refused(step, *answer);
    if (refused != ErrorCode::not_entitled) return;
    if (const auto* signature = std::get_if<wire::AuthorisationFrame>(&frame->body))
        release_refused(step, *signature);
}

void refused_errands_again(Step& step) {
    for (auto& [name, errand] : table::errands.collect(step.tx, {})) {
        if (!errand.standing || errand.refused_code == 0) continue;
        errand.refused_code = 0;
        errand.done_at = {};
        table::errands.put(step.tx, name, errand);
        table::errands_open.put(step.tx, errand.order, {name});
    }
    step.agent.link.look_at_all_errands();
    step.pump_due = true;
}

void errands_again(Step& step) {
    for (auto& [name, errand] : table::errands.collect(step.tx, {})) {
        if (!errand.done_at.is_set() || errand.refused_code != 0) continue;
        errand.done_at = {};
        table::errands.put(step.tx, name, errand);
        table::errands_open.put(step.tx, errand.order, {name});
    }
    step.agent.link.errands_sent.clear();
    step.agent.link.look_at_all_errands();
}

}  // namespace mash::runtime
