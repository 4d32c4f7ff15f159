// The session with the broker:
//
//   down ──LinkUp──> hello sent ──Welcome──> open ──LinkDown──> down
//
// On opening, everything that is owed is offered again, in lane order. A broker whose store epoch
// changed, or who says that its store lacks what was heard here, was restored: then all that is
// outstanding is offered again as the same bytes.
#include <algorithm>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

void link_up(Step& step) {
    auto& link = step.agent.link;
    // An answer to an earlier session, however late it comes, is no answer to a request of this
    // one.
    const auto next =
        std::max(link.next_request, static_cast<std::uint64_t>(step.now.wall.unix_ms()));
    link = Link{};
    link.next_request = next;
    link.up = true;
    link.hello_at = step.now.steady;
    wire::Hello hello;
    hello.agent_time = step.now.wall;
    hello.agent_epoch = step.row.epoch;
    hello.receipts_sent = step.row.receipts_sent;
    hello.registry_version = step.agent.trusted.version(wire::DocumentKind::registry);
    hello.policy_version = step.agent.trusted.version(wire::DocumentKind::policy);
    hello.store_start = step.row.broker_start;
    hello.commit_serial = step.row.broker_commit;
    step.send(std::move(hello), wire::Lane::immediate, link.next_request++);
    step.record(LogEvent::link_up);
}

void link_down(Step& step) {
    auto& link = step.agent.link;
    if (!link.up) return;
    const auto next = link.next_request;
    link = Link{};
    link.next_request = next;
    forget_wanted_tokens(step);
    step.record(LogEvent::link_down);
}

namespace {

constexpr std::array<std::uint8_t, 16> nothing{};

bool was_restored(const AgentRow& row, const wire::Welcome& welcome) {
    if (row.broker_epoch == nothing) return false;  // the first session ever
    if (row.broker_epoch != welcome.store_epoch) return true;
    // A broker that knows its starts has judged by them what Hello said; its serial alone says
    // nothing once it has committed more than it lost.
    if (row.broker_start != nothing && welcome.store_start != nothing) return welcome.put_back;
    return welcome.commit_serial < row.broker_commit;
}

void check_clock(Step& step, const wire::Welcome& welcome) {
    const auto ahead = welcome.broker_time - step.now.wall;
    step.agent.link.broker_ahead = ahead;
    if (std::chrono::abs(ahead) > limits::clock_skew_max) {
        raise(step, Alarm::Kind::clock_skew, {});
        step.record(LogEvent::clock_jumped, ErrorCode::clock_skew);
    } else {
        step.agent.clock_jumped = false;  // two machines agree
        clear(step, Alarm::Kind::clock_skew, {});
    }
}

}  // namespace

void on_welcome(Step& step, const wire::Welcome& welcome) {
    auto& link = step.agent.link;
    if (!link.up) return;
    if (welcome.area != step.agent.config.area || welcome.host != step.agent.config.host) {
        const auto code =
            welcome.area != step.agent.config.area ? ErrorCode::wrong_area : ErrorCode::wrong_host;
        step.record(LogEvent::link_refused, code);
        step.effects.emplace_back(Reconnect{code});
        return;
    }
    link.welcomed = true;
    check_clock(step, welcome);
    const bool restored = was_restored(step.row, welcome);
    const bool goes_on =
        !restored && step.row.broker_start == welcome.store_start && welcome.store_start != nothing;
    step.row.broker_epoch = welcome.store_epoch;
    step.row.broker_start = welcome.store_start;
    step.row.broker_commit =
        goes_on ? std::max(step.row.broker_commit, welcome.commit_serial) : welcome.commit_serial;
    step.row_changed = true;
    if (restored) {
        step.record(LogEvent::store_epoch_changed);
        offer_again(step);
        receipts_again(step);
        errands_again(step);
    }
    const auto& trusted = step.agent.trusted;
    if (welcome.registry_version < trusted.version(wire::DocumentKind::registry) ||
        welcome.policy_version < trusted.version(wire::DocumentKind::policy)) {
        raise(step, Alarm::Kind::version_went_back, {});
        step.record(LogEvent::document_went_back, ErrorCode::version_went_back);
    } else {
        clear(step, Alarm::Kind::version_went_back, {});
    }
    const bool newer = welcome.registry_version > trusted.version(wire::DocumentKind::registry) ||
                       welcome.policy_version > trusted.version(wire::DocumentKind::policy) ||
                       welcome.freshness_version > trusted.version(wire::DocumentKind::freshness);
    if (newer || !step.check_documents()) fetch_documents(step, false);
    fetch_recalls(step);
    step.credit_due = true;
    send_receipts(step);
    step.pump_due = true;
}

void note_commit(Step& step, std::uint64_t commit_serial) {
    if (!step.agent.link.welcomed || step.row.broker_start == nothing) return;
    if (commit_serial <= step.row.broker_commit) return;
    step.row.broker_commit = commit_serial;
    step.row_changed = true;
}

void forget_request(Step& step, std::uint64_t request) {
    auto& link = step.agent.link;
    const auto found = link.asked.find(request);
    if (found == link.asked.end()) return;
    const auto& asked = found->second;
    if (asked.kind == Asked::Kind::publish && asked.lane != wire::Lane::immediate) {
        link.lower_lane_bytes -= std::min(link.lower_lane_bytes, asked.bytes);
    }
    if (asked.kind == Asked::Kind::plan || asked.kind == Asked::Kind::publish)
        link.request_of.erase(asked.notification);
    if (asked.kind == Asked::Kind::tokens) forget_token_question(step, asked);
    if (asked.kind == Asked::Kind::errand) link.errands_sent.erase(asked.errand);
    link.asked.erase(found);
    step.pump_due = true;
}

void keep_link(Step& step) {
    auto& link = step.agent.link;
    if (!link.up) return;
    if (!link.welcomed) {
        if (step.now.steady - link.hello_at >= limits::request_timeout) {
            link.up = false;
            step.effects.emplace_back(Reconnect{ErrorCode::timeout});
        }
        return;
    }
    std::vector<std::uint64_t> late;
    for (const auto& [request, asked] : link.asked) {
        if (step.now.steady - asked.at >= limits::request_timeout) late.push_back(request);
    }
    // Asked again by whoever wants the answer; a publish as the same bytes.
    for (const auto request : late) forget_request(step, request);
    if (!late.empty()) link.look_at_all_errands();
    if (step.now.steady - link.receipts_at >= limits::request_timeout) send_receipts(step);
    // Credit has no answer: given again, because without it nothing would ever be delivered on this
    // session.
    if (step.now.steady - link.credit_at >= limits::request_timeout) step.credit_due = true;
}

}  // namespace mash::runtime
