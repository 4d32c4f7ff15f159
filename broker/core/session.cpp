#include "broker/core/session.hpp"

#include "broker/core/delivery.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/starts.hpp"
#include "broker/core/words.hpp"

namespace mash::broker {
namespace {

constexpr std::uint16_t protocol_version = 1;

void forget(Step& step, SessionId id) {
    const auto it = step.state.sessions.find(id);
    if (it == step.state.sessions.end()) return;
    const auto of_host = step.state.session_of_host.find(it->second.host);
    if (of_host != step.state.session_of_host.end() && of_host->second == id) {
        step.state.session_of_host.erase(of_host);
    }
    step.state.sessions.erase(it);
}

// A restored agent has lost what came after its backup: it says a new epoch, or has sent fewer
// receipts than we saw.
bool was_restored(const HostRecord& known, const wire::Hello& hello) {
    return known.agent_epoch != hello.agent_epoch || hello.receipts_sent < known.receipts_sent;
}

}  // namespace

bool admit_frame(Step& step, const FrameIn& in) {
    auto& bucket = step.state.frame_budgets[in.host];
    const auto wait =
        take(bucket, step.now.steady, limits::frames_per_second_max, limits::frames_burst_max);
    if (wait.count() == 0) return true;
    ++step.state.counters.busy;
    step.record_code(LogEvent::rate_limited, ErrorCode::busy, in.host);
    wire::ErrorFrame busy;
    busy.code = ErrorCode::busy;
    busy.retry_after_ms = static_cast<std::uint32_t>(wait.count());
    busy.detail = "frame_rate";
    step.answer(in, std::move(busy));
    return false;
}

void close_session(Step& step, SessionId session, ErrorCode code) {
    const auto it = step.state.sessions.find(session);
    const HostId host = it == step.state.sessions.end() ? HostId() : it->second.host;
    forget(step, session);
    step.effects.emplace_back(CloseSession{session, code});
    step.record_code(LogEvent::session_closed, code, host);
}

void on_session_closed(Step& step, SessionId session) {
    const auto it = step.state.sessions.find(session);
    if (it == step.state.sessions.end()) return;
    Recorded closed;
    closed.event = LogEvent::session_closed;
    closed.host = it->second.host;
    forget(step, session);
    step.record(std::move(closed));
}

void on_hello(Step& step, const FrameIn& in, const wire::Hello& hello) {
    if (hello.version_min > protocol_version || hello.version_max < protocol_version) {
        step.refuse(in, ErrorCode::unsupported_version, "version");
        step.effects.emplace_back(CloseSession{in.session, ErrorCode::unsupported_version});
        return;
    }
    auto known = step.get(tables::hosts, in.host);
    // Said twice on one connection it says nothing new, whatever its batches have counted since.
    const auto* open = step.session_of(in.host);
    const bool is_said_again = open && open->id == in.session && known &&
                               known->agent_epoch == hello.agent_epoch &&
                               open->receipts_at_hello == hello.receipts_sent;
    const bool is_restored = known && !is_said_again && was_restored(*known, hello);
    if (is_restored) {
        // Everything held for a host may have to go again: not more often than it can be of use to
        // anybody.
        const auto last = step.state.redelivered_at.find(in.host);
        if (last != step.state.redelivered_at.end() &&
            step.now.steady - last->second < redelivery_pause) {
            step.refuse(
                in, ErrorCode::busy, "restored_again", {},
                static_cast<std::uint32_t>(std::chrono::milliseconds(redelivery_pause).count()));
            return;
        }
        step.state.redelivered_at[in.host] = step.now.steady;
    }
    if (step.state.sessions.size() >= limits::sessions_max &&
        !step.state.sessions.contains(in.session)) {
        step.refuse(in, ErrorCode::busy, "sessions", {}, 30'000);
        return;
    }

    const auto earlier = step.state.session_of_host.find(in.host);
    // Said twice on one connection it is a repeat: credit and what is on the wire stay as they are.
    const bool is_repeat = !is_restored && earlier != step.state.session_of_host.end() &&
                           earlier->second == in.session;
    if (!is_repeat) {
        if (earlier != step.state.session_of_host.end() && earlier->second != in.session) {
            close_session(step, earlier->second, ErrorCode::disconnected);
        }
        Session session;
        session.id = in.session;
        session.host = in.host;
        session.notices_at = step.now.steady;
        session.receipts_at_hello = hello.receipts_sent;
        step.state.sessions.insert_or_assign(in.session, std::move(session));
        step.state.session_of_host.insert_or_assign(in.host, in.session);
    }

    if (!is_said_again && (!known || known->agent_epoch != hello.agent_epoch ||
                           known->receipts_sent != hello.receipts_sent)) {
        HostRecord host;
        host.agent_epoch = hello.agent_epoch;
        host.receipts_sent = hello.receipts_sent;
        step.put(tables::hosts, in.host, host);
    }

    const auto& trusted = step.state.documents.trusted;
    wire::Welcome welcome;
    welcome.version = protocol_version;
    welcome.area = step.state.config.area;
    welcome.host = in.host;
    welcome.broker_time = step.now.wall;
    welcome.store_epoch = step.state.meta.epoch;
    welcome.commit_serial = step.state.meta.serial;
    welcome.store_start = own_start(step);
    welcome.put_back = was_put_back(step, hello);
    welcome.registry_version = trusted.version(wire::DocumentKind::registry);
    welcome.policy_version = trusted.version(wire::DocumentKind::policy);
    welcome.freshness_version = trusted.version(wire::DocumentKind::freshness);
    if (welcome.put_back) {
        Recorded put_back;
        put_back.event = LogEvent::store_put_back;
        put_back.host = in.host;
        step.record(std::move(put_back));
    }
    step.answer(in, std::move(welcome));

    Recorded opened;
    opened.event = LogEvent::session_opened;
    opened.host = in.host;
    step.record(std::move(opened));

    if (is_restored) {
        redeliver_to_host(step, in.host);
        resend_receipts_to_host(step, in.host);
        tell_words_again(step, in.host);
    }
    step.state.dirty.insert(in.host);
    // All of them, and before anything that is asked later is answered: until then a restored agent
    // shows nothing. On every new connection: the one on which it said that it was restored may
    // have ended before it heard anything.
    if (!is_repeat) send_recalls(step, *step.session_of(in.host));
    send_notices(step, *step.session_of(in.host), !is_repeat);
    tell_words(step, *step.session_of(in.host));
}

void on_credit(Step& step, const FrameIn& in, Session& session, const wire::Credit& credit) {
    session.credit_items = std::min(credit.items, limits::credit_max);
    session.credit_granted = session.credit_items;
    session.credit_bytes = credit.bytes;
    step.state.dirty.insert(in.host);
}

}  // namespace mash::broker
