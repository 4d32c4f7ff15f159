#include "broker/core/core.hpp"

#include "broker/core/agreement.hpp"
#include "broker/core/ask_holders.hpp"
#include "broker/core/clock.hpp"
#include "broker/core/conflicts.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/documents.hpp"
#include "broker/core/involvement.hpp"
#include "broker/core/operator.hpp"
#include "broker/core/plan.hpp"
#include "broker/core/publish.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/session.hpp"
#include "broker/core/starts.hpp"
#include "broker/core/supplement.hpp"
#include "broker/core/tasks.hpp"
#include "broker/core/tokens.hpp"
#include "broker/core/words.hpp"

namespace mash::broker {

struct Core::State : CoreState {
    using CoreState::CoreState;
};

namespace {

template <class... Cases>
struct Overload : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

void dispatch(Step& step, const FrameIn& in, Session& session) {
    std::visit(
        Overload{
            [&](const wire::Hello&) {},  // opened the session already
            [&](const wire::FetchSigned& body) { on_fetch_signed(step, in, body); },
            [&](const wire::PublishInboxKey&) { on_publish_inbox_key(step, in); },
            [&](const wire::RequestPlan& body) { on_request_plan(step, in, body); },
            [&](const wire::Publish&) { on_publish(step, in); },
            [&](const wire::Credit& body) { on_credit(step, in, session, body); },
            [&](const wire::Receipts& body) { on_receipts(step, in, body); },
            [&](const wire::ReceiptsAck& body) { on_receipts_ack(step, in, session, body); },
            [&](const wire::ClaimInvolvement&) { on_claim_involvement(step, in); },
            [&](const wire::EndInvolvement& body) { on_end_involvement(step, in, body); },
            [&](const wire::ReplaceRoll& body) { on_replace_roll(step, in, body); },
            [&](const wire::AuthorisationFrame& body) { on_authorisation(step, in, body); },
            [&](const wire::TaskAnswer& body) { on_task_answer(step, in, body); },
            [&](const wire::DeclareConflict&) { on_declare_conflict(step, in); },
            [&](const wire::EndConflict& body) { on_end_conflict(step, in, body); },
            [&](const wire::Recall& body) { on_recall(step, in, body); },
            [&](const wire::Supplement&) { on_supplement(step, in); },
            [&](const wire::RecordAgreement& body) { on_record_agreement(step, in, body); },
            [&](const wire::WithdrawAgreement& body) { on_withdraw_agreement(step, in, body); },
            [&](const wire::EvaluateTokens& body) { on_evaluate_tokens(step, in, body); },
            [&](const wire::LookAtIdentity& body) { on_look_at_identity(step, in, body); },
            [&](const wire::ShowIdentity& body) { on_show_identity(step, in, body); },
            [&](const wire::AnswerIdentity& body) { on_answer_identity(step, in, body); },
            [&](const wire::IdentityHeard& body) { on_identity_heard(step, in, body); },
            [&](const wire::InvolvementAnswer& body) { on_involvement_answer(step, in, body); },
            [&](const wire::DeciderWords& body) { on_decider_words(step, in, body); },
            [&](const wire::WordsHeard& body) { on_words_heard(step, in, body); },
            [&](const wire::NotServed&) { step.refuse(in, ErrorCode::not_available, "message"); },
        },
        in.frame.frame().body);
}

void on_verified(Step& step, const FrameIn& in) {
    if (const auto* hello = std::get_if<wire::Hello>(&in.frame.frame().body))
        return on_hello(step, in, *hello);
    const auto session = step.state.sessions.find(in.session);
    if (session == step.state.sessions.end() || session->second.host != in.host) {
        return step.refuse(in, ErrorCode::disconnected, "hello_first");
    }
    dispatch(step, in, session->second);
}

void on_frame(Step& step, const FrameIn& in) {
    ++step.state.counters.frames;
    const auto* registry = step.registry();
    if (!registry || !registry->hosts.contains(in.host)) {
        step.refuse(in, ErrorCode::revoked_key, "host");
        return close_session(step, in.session, ErrorCode::revoked_key);
    }
    if (!admit_frame(step, in)) return;
    if (in.frame.registry_version() == registry->version) return on_verified(step, in);
    // Checked under a registry that is no longer in force: what was good then may be revoked now.
    auto again = verify(wire::AgentFrame(in.frame.frame()), in.host, *registry, step.now.wall);
    if (!again) return step.refuse(in, again.error(), "signature");
    on_verified(step, FrameIn{in.session, in.host, std::move(*again), in.frame_bytes});
}

void on_bad_frame(Step& step, const BadFrameIn& in) {
    ++step.state.counters.bad_frames;
    step.record_code(LogEvent::frame_refused, in.code, in.host);
    wire::ErrorFrame error;
    error.code = in.code;
    step.send(in.session, in.request, std::move(error));
}

void work(Step& step, const Input& input) {
    step.begin(input.entropy);
    if (step.state.meta.epoch == std::array<std::uint8_t, 16>{}) {
        if (step.state.meta.serial != 0) step.record(LogEvent::backup_restored);
        step.state.meta.epoch = step.draw<16>();
        step.put(tables::meta, {}, step.state.meta);
    }
    std::visit(
        Overload{
            [&](const FrameIn& in) { on_frame(step, in); },
            [&](const BadFrameIn& in) { on_bad_frame(step, in); },
            [&](const SessionClosed& closed) { on_session_closed(step, closed.session); },
            [&](const Tick&) { on_tick(step); },
            [&](const LoadDocuments& load) { on_load_documents(step, load); },
            [&](const OperatorCommand& command) { on_operator(step, command); },
            [&](const StoreSpace& space) { step.state.slowest_accepted = space.slowest_accepted; },
        },
        input.body);
}

// The last thing of every step: what goes out, and the numbers that say a commit was made.
void finish(Step& step) {
    if (step.registry()) pump(step);
    if (step.wrote()) {
        ++step.state.meta.serial;
        step.state.meta.wall = step.now.wall;
        step.put(tables::meta, {}, step.state.meta);
    }
    // Every frame, not only those that promise something: who relies on what need not be known.
    for (auto& effect : step.effects) {
        if (auto* sent = std::get_if<SendFrame>(&effect))
            sent->frame.commit_serial = step.state.meta.serial;
    }
}

}  // namespace

Core::Core(CoreConfig config, const crypto::SigningKey& signing_key)
    : state_(std::make_unique<State>(std::move(config), signing_key)) {}
Core::~Core() = default;

Result<void> Core::load(const Now&, store::Transaction& transaction) {
    if (const auto meta = tables::meta.get(transaction, {})) state_->meta = *meta;
    read_starts(*state_, transaction);
    if (transaction.failed()) return fail(transaction.failure().code);
    return load_documents(*state_, transaction);
}

std::vector<Effect> Core::step(const Now& now, std::span<const Input> batch,
                               store::Transaction& transaction) {
    std::vector<Effect> effects;
    Step step(now, *state_, transaction, effects);
    watch_clock(step);
    for (const auto& input : batch) work(step, input);
    finish(step);
    return effects;
}

std::vector<Effect> Core::quarantine(const Now& now, const Input& input,
                                     store::Transaction& transaction) {
    std::vector<Effect> effects;
    Step step(now, *state_, transaction, effects);
    step.begin(input.entropy);
    QuarantineRecord record;
    record.kind = static_cast<std::uint8_t>(input.body.index());
    if (const auto* in = std::get_if<FrameIn>(&input.body)) {
        record.host = in->host;
        wire::ErrorFrame error;
        error.code = ErrorCode::quarantined;
        step.answer(*in, std::move(error));
    }
    constexpr std::size_t quarantine_rows_max = 1'000;
    const auto rows = tables::quarantine.collect_keys(transaction, {.limit = quarantine_rows_max});
    if (rows.size() >= quarantine_rows_max) step.erase(tables::quarantine, rows.front());
    step.put(tables::quarantine, {now.wall, step.next_sequence()}, record);
    step.record_code(LogEvent::input_quarantined, ErrorCode::quarantined, record.host);
    finish(step);
    return effects;
}

void Core::adopt_sessions(const Core& spoilt) {
    go_on_with_start(*state_, *spoilt.state_);
    state_->session_of_host = spoilt.state_->session_of_host;
    state_->frame_budgets = spoilt.state_->frame_budgets;
    state_->plan_budgets = spoilt.state_->plan_budgets;
    state_->person_budgets = spoilt.state_->person_budgets;
    state_->publish_budgets = spoilt.state_->publish_budgets;
    state_->publish_day_budgets = spoilt.state_->publish_day_budgets;
    state_->slowest_accepted = spoilt.state_->slowest_accepted;
    state_->agreement_budgets = spoilt.state_->agreement_budgets;
    state_->token_budgets = spoilt.state_->token_budgets;
    state_->import_allowances = spoilt.state_->import_allowances;
    state_->clock = spoilt.state_->clock;
    // A jump that the failed batch was the first to see has been seen.
    state_->meta.expiries_paused =
        state_->meta.expiries_paused || spoilt.state_->meta.expiries_paused;
    for (const auto& [id, earlier] : spoilt.state_->sessions) {
        Session session;
        session.id = id;
        session.host = earlier.host;
        session.credit_items = session.credit_granted = earlier.credit_granted;
        session.credit_bytes = earlier.credit_bytes;
        session.notices_at = earlier.notices_at;
        session.receipts_at_hello = earlier.receipts_at_hello;
        state_->dirty.insert(session.host);
        state_->sessions.insert_or_assign(id, std::move(session));
    }
}

void Core::forget_epoch(store::Transaction& transaction) {
    auto meta = tables::meta.get(transaction, {}).value_or(MetaRecord{});
    meta.epoch = {};
    tables::meta.put(transaction, {}, meta);
}

std::shared_ptr<const area::Registry> Core::registry() const { return state_->documents.registry; }

}  // namespace mash::broker
