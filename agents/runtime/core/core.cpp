// The one door in: sends each input to the file that answers its question, then lets out what is
// due.
#include "agents/runtime/core/core.hpp"

#include <type_traits>

#include "agents/runtime/core/asked.hpp"
#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/questions.hpp"
#include "agents/runtime/core/severed.hpp"

namespace mash::runtime {
namespace {

template <class... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};

void on_error(Step& step, std::uint64_t request, const wire::ErrorFrame& error) {
    auto& link = step.agent.link;
    if (!link.welcomed) {
        step.record(LogEvent::link_refused, error.code);
        step.effects.emplace_back(Reconnect{error.code});
        return;
    }
    const auto found = link.asked.find(request);
    if (found != link.asked.end()) {
        const Asked asked = found->second;
        forget_request(step, request);
        switch (asked.kind) {
            case Asked::Kind::plan:
            case Asked::Kind::publish: on_outbox_error(step, asked, error); break;
            case Asked::Kind::errand:
                errand_answered(step, asked.errand, error.code,
                                std::chrono::milliseconds(error.retry_after_ms));
                break;
            case Asked::Kind::tokens: on_tokens_error(step, asked, error); break;
            case Asked::Kind::receipts: receipts_refused(step, asked.order, error.code); break;
            case Asked::Kind::recalls:  // asked again with the next Tick
            case Asked::Kind::documents: step.record(LogEvent::frame_refused, error.code); break;
        }
    } else {
        step.record(LogEvent::frame_refused, error.code, error.notification);
    }
    if (next_step(error.code) == NextStep::reconnect)
        step.effects.emplace_back(Reconnect{error.code});
}

void errand_done(Step& step, std::uint64_t request) {
    const auto found = step.agent.link.asked.find(request);
    if (found == step.agent.link.asked.end() || found->second.kind != Asked::Kind::errand) return;
    const std::string name = found->second.errand;
    forget_request(step, request);
    errand_answered(step, name, std::nullopt);
}

void on_frame(Step& step, const wire::BrokerFrame& frame) {
    const std::uint64_t request = frame.request;
    if (!step.agent.link.up) return;  // of a session that is over
    const bool opening = std::holds_alternative<wire::Welcome>(frame.body) ||
                         std::holds_alternative<wire::ErrorFrame>(frame.body);
    if (!step.agent.link.welcomed && !opening) {
        step.record(LogEvent::frame_refused, ErrorCode::bad_value);
        return;
    }
    std::visit(
        Match{
            [&](const wire::Welcome& body) { on_welcome(step, body); },
            [&](const wire::SignedDocuments& body) {
                const auto asked = step.agent.link.asked.find(request);
                if (asked != step.agent.link.asked.end() &&
                    asked->second.kind == Asked::Kind::recalls)
                    recalls_fetched(step);
                forget_request(step, request);
                on_documents(step, body);
            },
            [&](const wire::DocumentsChanged&) { fetch_documents(step, false); },
            [&](const wire::DisclosurePlan& body) { on_plan(step, body, request); },
            [&](const wire::Accepted& body) { on_accepted(step, body, request); },
            [&](const wire::Delivery& body) { on_delivery(step, body); },
            [&](const wire::Receipts& body) { on_receipts(step, body); },
            [&](const wire::ReceiptsAck& body) { on_receipts_ack(step, body); },
            [&](const wire::ClaimsAccepted& body) {
                errand_done(step, request);
                on_severed_tokens(step, body);
            },
            [&](const wire::TaskNotice& body) { on_task(step, body); },
            [&](const wire::TaskClosed& body) { on_task_closed(step, body); },
            [&](const wire::AuthorisationFrame& body) { on_authorisation(step, body); },
            [&](const wire::RecallNotice& body) { on_recall_notice(step, body); },
            [&](const wire::WithdrawalNotice& body) { on_withdrawal_notice(step, body); },
            [&](const wire::AgreementHeld& body) { on_agreement_held(step, body); },
            [&](const wire::EvaluatedTokens& body) { on_evaluated_tokens(step, body, request); },
            [&](const wire::LookAtIdentity& body) { on_look_at_identity(step, body); },
            [&](const wire::ShowIdentity& body) { on_show_identity(step, body); },
            [&](const wire::AnswerIdentity& body) { on_answer_identity(step, body); },
            [&](const wire::IdentityReached& body) { on_identity_reached(step, body); },
            [&](const wire::InvolvementQuestion& body) { on_involvement_question(step, body); },
            [&](const wire::InvolvementAnswer& body) { on_involvement_answer(step, body); },
            [&](const wire::DeciderWords& body) { on_decider_words(step, body); },
            [&](const wire::Done&) { errand_done(step, request); },
            [&](const wire::ErrorFrame& body) { on_error(step, request, body); },
        },
        frame.body);
    note_commit(step, frame.commit_serial);
}

/// A jump of this machine's clock pauses whatever expires, never what is delivered, until the
/// broker's clock agrees.
void watch_clock(Step& step) {
    auto& agent = step.agent;
    if (agent.last_now) {
        const auto by_wall = step.now.wall - agent.last_now->wall;
        const auto by_steady = step.now.steady - agent.last_now->steady;
        if (std::chrono::abs(by_wall - by_steady) > limits::clock_jump_max) {
            agent.clock_jumped = true;
            agent.hourly_at.reset();  // what was dated by the other clock is looked at again
            step.record(LogEvent::clock_jumped, ErrorCode::clock_jump);
            raise(step, Alarm::Kind::clock_skew, {});
        }
    }
    agent.last_now = step.now;
}

void tick(Step& step, const Tick& in) {
    keep_link(step);
    watch_documents(step);
    supplement_floor(step);
    supplement_late_tokens(step);
    go_on_with_rolls(step);
    state_open_conflicts(step);
    watch_outbox(step);
    watch_files(step, in);
    fetch_recalls(step);
    watch_withdrawals(step);
    retry_handovers(step);
    auto& hourly_at = step.agent.hourly_at;
    if (!hourly_at || step.now.steady - *hourly_at >= std::chrono::hours(1)) {
        hourly_at = step.now.steady;
        keep_inboxes(step);
        renew_leases(step);
        refused_errands_again(step);
        state_rolls_anew(step);
        tidy(step);
        tidy_asked(step);
        report_backlog(step);
    }
    step.pump_due = true;  // waits end with time
}

/// After a restart: what is still wrong is said again, because the shell that heard it is gone.
void first_step(Step& step) {
    if (step.row.epoch == std::array<std::uint8_t, 16>{}) {
        // Forgotten, and yet there is a past: mark_restored was here.
        if (step.row.broker_commit != 0) {
            step.record(LogEvent::backup_restored);
            step.row.catching_up = true;
        }
        step.row.epoch = step.random.array<16>();
        step.row_changed = true;
    }
    for (const auto& [key, row] : table::alarms.collect(step.tx, {})) {
        step.effects.emplace_back(
            Alarm{static_cast<Alarm::Kind>(std::get<0>(key)), std::get<1>(key), row.telephone});
    }
    watch_peppers(step);  // load_documents() had nobody to tell
    state_rolls_anew(step);
    keep_inboxes(step);
}

void work_on(Step& step, const Input& input) {
    std::visit(Match{
                   [&](const LinkUp&) { link_up(step); },
                   [&](const LinkDown&) { link_down(step); },
                   [&](const FrameIn& in) { on_frame(step, in.frame); },
                   [&](const BadFrameIn& in) { step.record(LogEvent::frame_refused, in.code); },
                   [&](const Tick& in) { tick(step, in); },
                   [&](const Submit& in) { submit(step, in); },
                   [&](const Remember& in) { remember(step, in); },
                   [&](const ReplaceRoll& in) { replace_roll(step, in); },
                   [&](const ApiRequest& in) { answer_api(step, in); },
                   [&](const HandedOver& in) { on_handed_over(step, in); },
                   [&](const HandoverFailed& in) { on_handover_failed(step, in); },
               },
               input.body);
}

void send_credit(Step& step) {
    auto& link = step.agent.link;
    if (!step.credit_due || !link.welcomed) return;
    link.credit_at = step.now.steady;
    step.send(wire::Credit{step.agent.config.credit_items, step.agent.config.credit_bytes},
              wire::Lane::immediate, link.next_request++);
}

}  // namespace

Core::Core(CoreConfig config, const HostKeys& keys)
    : agent_(std::make_unique<Agent>(std::move(config), keys)) {}
Core::~Core() = default;

Result<void> Core::load(const Now& now, store::Transaction& transaction) {
    std::vector<Effect>
        effects;  // there is nobody to hear them yet; what lasts is said again by the first step
    Step step(*agent_, now, transaction, effects);
    MASH_TRY_VOID(load_documents(step));
    if (transaction.failed()) return fail(transaction.failure().code);
    return {};
}

std::vector<Effect> Core::step(const Now& now, std::span<const Input> batch,
                               store::Transaction& transaction) {
    std::vector<Effect> effects;
    Step step(*agent_, now, transaction, effects);
    if (const auto row = table::agent.get(transaction, Only{})) step.row = *row;
    watch_clock(step);
    for (const auto& input : batch) {
        step.random = crypto::SeededRandom(input.entropy);
        if (!agent_->started) {
            agent_->started = true;
            first_step(step);
        }
        work_on(step, input);
    }
    flush_receipts(step);
    send_credit(step);
    if (step.pump_due) {
        send_errands(step);
        const auto made = step.row.errands_made;
        pump_outbox(step);
        // A recall that must stand before bytes which have only now been sealed.
        if (step.row.errands_made != made) send_errands(step);
        send_token_questions(step);
    }
    if (step.row_changed) table::agent.put(transaction, Only{}, step.row);
    return effects;
}

void mark_restored(store::Transaction& transaction) {
    auto row = table::agent.get(transaction, Only{});
    if (!row) return;
    row->epoch = {};
    table::agent.put(transaction, Only{}, *row);
}

}  // namespace mash::runtime
