#include "agents/runtime/core/questions.hpp"

#include <algorithm>

#include "agents/runtime/core/asked.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

using Heard = wire::IdentityHeard::What;

/// Older than that it is a look that somebody kept: its person asks again.
constexpr std::chrono::hours look_counts_for{24 * 7};

void tell_heard(Step& step, const TaskId& question, const ClaimId& claim, const AgencyId& holder,
                Heard what, const AgencyId& agency, const NotificationId& notification = {}) {
    put_errand(step,
               "identity-heard/" + to_text(question) + "/" +
                   std::to_string(static_cast<int>(what)) +
                   (notification.is_zero() ? "" : "/" + to_text(notification)),
               wire::IdentityHeard{question, claim, holder, what, agency, notification},
               wire::Lane::urgent);
}

/// What is sealed: the identity as JSON, "" when it is not here any more; and the strong tokens, by
/// which an answer counts for the child.
void show(Step& step, const wire::IdentityLook& look, bool of_sender, const PersonalText& shown,
          const std::vector<wire::Token>& tokens) {
    const auto& agency = of_sender ? look.sender : look.holder.agency;
    const auto* key = step.signing_key(agency);
    if (key == nullptr) return step.record(LogEvent::frame_refused, ErrorCode::unknown_key);
    Writer plain;
    plain.text(shown.reveal()).u32(static_cast<std::uint32_t>(tokens.size()));
    for (const auto& token : tokens)
        plain.u8(static_cast<std::uint8_t>(token.kind)).u16(token.epoch).fixed(token.value);
    auto sealed =
        crypto::seal_to(crypto::BoxPublicKey(look.box_public_key), plain.done(), step.random);
    if (!sealed)
        return step.record(LogEvent::frame_refused, sealed.error(), look.notification, agency);
    wire::ShowIdentity frame;
    frame.question = look.question;
    frame.claim = look.claim;
    frame.holder = look.holder;
    frame.agency = agency;
    frame.of_sender = of_sender;
    frame.at = look.at;
    frame.sealed = std::move(*sealed);
    frame.signature =
        crypto::sign(*key, wire::label::identity_shown, wire::show_identity_message(frame));
    put_errand(step,
               "identity-shown/" + to_text(look.question) + (of_sender ? "/sender" : "/holder"),
               std::move(frame), wire::Lane::urgent);
    // Of our agency: its data protection officer reads who was shown what is ours.
    step.note_access(look.person, "identity_shown", look.inbox, agency, look.notification);
    step.record(LogEvent::identity_shown, look.notification, agency);
}

void show_as_sender(Step& step, const wire::IdentityLook& look) {
    const auto item = table::outbox.get(step.tx, look.notification);
    if (!item || item->agency != look.sender) return show(step, look, true, {}, {});
    const auto notification = stored_notification(step, look.notification);
    if (!notification) return show(step, look, true, {}, {});
    const auto made = make_tokens(
        step, item->agency, canonical_identities(notification->subject, TokenUse::notification),
        limits::tokens_max, {});
    show(step, look, true, subject_text(notification->subject), made.tokens);
}

void show_as_holder(Step& step, const wire::IdentityLook& look) {
    const Bytes prefix = store::key_bytes(look.holder, look.relation);
    std::optional<Digest> entry;
    table::claims.scan(step.tx, {.prefix = prefix}, [&](const auto& key, ClaimRow& row) {
        if (row.id == look.claim) entry = std::get<2>(key);
        return !entry;
    });
    if (const auto asked = table::asked_and_known.get(step.tx, look.claim);
        asked && asked->seat == look.holder && asked->relation == look.relation)
        entry = asked->entry;
    PersonalText shown;
    if (entry) {
        shown = kept_entry(step, sealed::roll_identity,
                           store::key_bytes(look.holder, look.relation, *entry))
                    .shown;
    }
    show(step, look, false, shown, {});
}

/// Whoever asks more often than people can answer looks for something else. Told again in a minute.
bool may_show_one_more(Step& step) {
    auto& shown = step.agent.identities_shown;
    std::erase_if(shown,
                  [&](SteadyTime at) { return step.now.steady - at >= std::chrono::hours(1); });
    if (shown.size() >= limits::identities_shown_per_hour_max) return false;
    shown.push_back(step.now.steady);
    return true;
}

void take_back(Step& step, const wire::IdentityAnswer& answer) {
    const Bytes prefix = store::key_bytes(answer.question);
    for (const auto& key : table::built_on_answers.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& [question, id, seat] = key;
        const auto done = recall_copies(step, id, {seat}, answer.person, "wrong_child");
        if (!done) step.record(LogEvent::frame_refused, done.error(), id);
        table::built_on_answers.erase(step.tx, key);
    }
}

}  // namespace

void write(Writer& out, const QuestionRow& row) {
    out.id(row.claim).text(row.relation).id(row.thread).flag(row.contradicted);
    out.i64(row.looked_at.unix_ms()).id(row.inbox).u8(row.outcome).u8(row.outcome_before);
    out.u64(row.serial);
    out.i64(row.answered_at.unix_ms()).id(row.person).flag(row.is_reached_known);
    out.u32(static_cast<std::uint32_t>(row.reached.size()));
    for (const auto& one : row.reached) {
        out.id(one.notification).id(one.sender).id(one.type);
        out.id(one.seat.agency).id(one.seat.role);
        out.u32(static_cast<std::uint32_t>(one.rungs.size()));
        for (const auto rung : one.rungs) out.u8(static_cast<std::uint8_t>(rung));
    }
    out.id(row.conflicts_with.agency).id(row.conflicts_with.role);
}

void read(Reader& in, QuestionRow& row, std::uint8_t version) {
    row.claim = in.id<ClaimId>();
    row.relation = in.text();
    row.thread = in.id<ThreadId>();
    row.contradicted = in.flag();
    row.looked_at = WallTime::from_unix_ms(in.i64());
    row.inbox = in.id<InboxId>();
    row.outcome = in.u8();
    row.outcome_before = in.u8();
    row.serial = in.u64();
    row.answered_at = WallTime::from_unix_ms(in.i64());
    row.person = in.id<PersonId>();
    row.is_reached_known = in.flag();
    row.reached.clear();
    for (auto left = in.count(20); left > 0 && in.ok(); --left) {
        wire::IdentityReachedEntry one;
        one.notification = in.id<NotificationId>();
        one.sender = in.id<AgencyId>();
        one.type = in.id<TypeId>();
        one.seat.agency = in.id<AgencyId>();
        one.seat.role = in.id<RoleId>();
        for (auto rungs = in.count(1); rungs > 0 && in.ok(); --rungs)
            one.rungs.push_back(static_cast<wire::Rung>(in.u8()));
        row.reached.push_back(std::move(one));
    }
    if (version < 2) return;
    row.conflicts_with.agency = in.id<AgencyId>();
    row.conflicts_with.role = in.id<RoleId>();
}

void on_question(Step& step, const wire::TaskNotice& notice) {
    if (!notice.question || table::questions.contains(step.tx, notice.task.id)) return;
    QuestionRow row;
    row.claim = notice.question->claim;
    row.relation = notice.question->relation;
    row.thread = notice.question->thread;
    row.contradicted = notice.question->contradicted;
    row.conflicts_with = notice.question->conflicts_with;
    table::questions.put(step.tx, notice.task.id, row);
}

void on_look_at_identity(Step& step, const wire::LookAtIdentity& frame) {
    if (step.registry() == nullptr || step.policy() == nullptr) return;
    const auto look =
        area::check_identity_look(frame.look, *step.registry(), *step.policy(), step.now.wall);
    if (!look) return step.record(LogEvent::fact_unproved, look.error());
    if (look->at + look_counts_for < step.now.wall)
        return step.record(LogEvent::frame_refused, ErrorCode::expired, look->notification);
    for (const bool of_sender : {true, false}) {
        const auto& agency = of_sender ? look->sender : look->holder.agency;
        const auto name =
            "identity-shown/" + to_text(look->question) + (of_sender ? "/sender" : "/holder");
        if (!step.serves(agency)) continue;
        // On its way already; told again until the broker has it.
        if (const auto under_way = table::errands.get(step.tx, name);
            under_way && under_way->made_at >= look->at && !under_way->done_at.is_set())
            continue;
        if (!may_show_one_more(step)) {
            step.record(LogEvent::rate_limited, look->notification, agency);
            continue;
        }
        of_sender ? show_as_sender(step, *look) : show_as_holder(step, *look);
    }
}

void on_show_identity(Step& step, const wire::ShowIdentity& frame) {
    const auto row = table::questions.get(step.tx, frame.question);
    const auto task = table::tasks.get(step.tx, frame.question);
    if (!row || !task || frame.claim != row->claim) return;
    const Seat holder{task->task.agency, task->task.role};
    const auto& agency = frame.of_sender ? task->task.sender : holder.agency;
    if (frame.agency != agency || frame.holder != holder ||
        !step.verify_agency(agency, step.now.wall, wire::label::identity_shown,
                            wire::show_identity_message(frame), frame.signature)) {
        return step.record(LogEvent::fact_unproved, ErrorCode::bad_signature,
                           task->task.notification, frame.agency);
    }
    // Of an earlier look, or answered meanwhile: nothing is kept that nobody needs.
    const bool is_wanted = row->looked_at.is_set() && frame.at == row->looked_at;
    if (is_wanted)
        table::identities_shown.put(
            step.tx, {frame.question, static_cast<std::uint8_t>(frame.of_sender ? 1 : 0)},
            {frame.sealed});
    tell_heard(step, frame.question, row->claim, holder.agency,
               frame.of_sender ? Heard::shown_of_sender : Heard::shown_of_holder,
               task->task.owner.agency);
}

void on_answer_identity(Step& step, const wire::AnswerIdentity& frame) {
    if (step.registry() == nullptr || step.policy() == nullptr) return;
    const auto answer =
        area::check_identity_answer(frame.answer, *step.registry(), *step.policy(), step.now.wall);
    const auto item = table::outbox.get(step.tx, frame.notification);
    if (!answer || !item)
        return step.record(LogEvent::fact_unproved, answer ? ErrorCode::not_found : answer.error(),
                           frame.notification);
    const auto known = table::identity_answers.get(step.tx, answer->question);
    // Said again by who has it from before: an answer that was taken back would count once more.
    if (known && answer->serial < known->serial)
        return step.record(LogEvent::fact_unproved, ErrorCode::version_went_back,
                           frame.notification, item->agency);
    const bool counts = answer->outcome == wire::IdentityOutcome::same;
    table::identity_answers.put(step.tx, answer->question, {answer->serial, counts});
    if (counts) {
        // The notice goes with the plan that is asked for now.
        if (item->state == OutboxState::accepted) want_supplement(step, frame.notification);
        return;
    }
    take_back(step, *answer);
    tell_heard(step, answer->question, answer->claim, answer->holder.agency, Heard::answer,
               item->agency, frame.notification);
}

void on_identity_reached(Step& step, const wire::IdentityReached& frame) {
    auto row = table::questions.get(step.tx, frame.question);
    const auto task = table::tasks.get(step.tx, frame.question);
    if (!row || !task) return;
    row->reached = frame.entries;
    row->is_reached_known = true;
    table::questions.put(step.tx, frame.question, *row);
    tell_heard(step, frame.question, row->claim, task->task.agency, Heard::reached,
               task->task.owner.agency);
}

void answer_refused(Step& step, const wire::AnswerIdentity& frame) {
    const auto answer = wire::decode_body<wire::IdentityAnswer>(frame.answer.body);
    auto row = answer ? table::questions.get(step.tx, answer->question) : std::nullopt;
    if (!row || row->serial != answer->serial) return;
    row->outcome = row->outcome_before;
    table::questions.put(step.tx, answer->question, *row);
}

bool answers_still_count(Step& step, const wire::PlanFacts& facts) {
    return std::ranges::all_of(facts.identity_answers, [&](const auto& fact) {
        const auto answer = wire::decode_body<wire::IdentityAnswer>(fact.body);
        const auto known =
            answer ? table::identity_answers.get(step.tx, answer->question) : std::nullopt;
        return answer && (!known || answer->serial >= known->serial);
    });
}

void note_built_on(Step& step, const NotificationId& id, const wire::RoutingFacts& stated,
                   const wire::DisclosurePlan& plan) {
    for (const auto& fact : plan.facts.identity_answers) {
        const auto answer = wire::decode_body<wire::IdentityAnswer>(fact.body);
        if (!answer) continue;
        auto without = plan.facts;
        std::erase(without.identity_answers, fact);
        std::erase_if(without.claims, [&](const wire::SignedClaim& claim) {
            const auto body = wire::decode_body<wire::InvolvementClaim>(claim.body);
            return body && body->id == answer->claim && body->seat == answer->holder;
        });
        const auto input = area::facts_for(id, stated, without, *step.registry(), *step.policy());
        if (!input) continue;
        const auto decision = area::decide(*input, *step.registry(), *step.policy());
        for (const auto& recipient : plan.decision.recipients) {
            if (std::ranges::find(decision.recipients, recipient.seat, &wire::Recipient::seat) ==
                decision.recipients.end())
                table::built_on_answers.put(step.tx, {answer->question, id, recipient.seat}, {});
        }
        table::identity_answers.put(step.tx, answer->question, {answer->serial, true});
    }
}

}  // namespace mash::runtime
