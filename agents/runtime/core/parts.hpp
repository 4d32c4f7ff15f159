// The questions the core answers, one file each; core.cpp sends every input to one of them. Inside
// this folder only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agents/runtime/core/agent.hpp"
#include "common/wire/frames.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {

// link.cpp: the session, restore detection both ways
void link_up(Step& step);
void link_down(Step& step);
void on_welcome(Step& step, const wire::Welcome& welcome);
/// What was heard of the broker rests on this commit of its store; zero: it does not say.
void note_commit(Step& step, std::uint64_t commit_serial);
void keep_link(Step& step);  ///< Tick: questions that were never answered

// documents.cpp: registry, policy and their freshness
Result<void> load_documents(Step& step);
void on_documents(Step& step, const wire::SignedDocuments& documents);
void fetch_documents(Step& step, bool all);
void watch_documents(Step& step);  ///< Tick: freshness and expiry alarms
void watch_peppers(Step& step);    ///< an agency that cannot recognise children is an alarm

// errands.cpp: frames that must arrive
void put_errand(Step& step, const std::string& name, wire::AgentBody body, wire::Lane lane,
                bool standing = false);
void drop_errand(Step& step, const std::string& name);
void send_errands(Step& step);
/// The broker's answer to an errand: done, or refused for good with a code.
void errand_answered(Step& step, const std::string& name, std::optional<ErrorCode> refused,
                     std::chrono::milliseconds retry_after = {});
void errands_again(Step& step);          ///< the broker was restored
void refused_errands_again(Step& step);  ///< new documents, and hourly

// submit.cpp: what an adapter gives
struct Drafted {
    std::vector<InputFault> faults;  ///< else it is whole
    NotificationId id;
    OutboxItem item;
    Notification notification;  ///< with what it takes from the item that it is about
};
struct Caller;
/// As submit() would take it from this caller; nothing is kept.
Drafted draft(Step& step, const Caller& caller, const Notification& given);
void submit(Step& step, const Submit& submit);
/// Checked and kept as submit() does; nothing is answered or remembered.
struct TakenIn {
    std::optional<NotificationId> id;
    bool existed = false;
    ErrorCode error{};  ///< only without an id
    std::vector<InputFault> faults;
};
TakenIn take_in(Step& step, Notification notification, const PersonId& person,
                const std::string& reason, const Caller* who);
/// What adapters remember under this key: its row, and what lies in it. An empty text forgets.
Digest memory_row(const Step& step, std::string_view key);
std::optional<std::string> memory_of(Step& step, const Digest& row);
void put_memory(Step& step, const Digest& row, const std::string& value);
void remember(Step& step, const Remember& remember);
/// The thread of a reference of that agency's; made where there was none.
ThreadId thread_of(Step& step, const AgencyId& agency, const std::string& thread_ref);
/// A stored notification again, from its canonical text.
std::optional<Notification> stored_notification(Step& step, const NotificationId& id);
/// The id under which this reference was given before; nothing when it never was.
std::optional<NotificationId> id_of_source(Step& step, const AgencyId& agency,
                                           const std::string& source_ref);
struct NewItem {
    PersonId person;
    std::string reason;
    NotificationId supersedes;
    wire::Lane lane{};
    std::optional<WallTime> id_time;  ///< of its id; nothing: when it occurred
    /// Of which child it speaks; nothing: made of its subject.
    std::optional<std::vector<wire::Token>> tokens = std::nullopt;
    /// Of the text that was given, by which it is known again; nothing: of its own.
    std::optional<Digest> content = std::nullopt;
};
/// The same record of the same source has the same id on every day, also when this store was
/// restored from before it was sent: the broker then knows it again.
NotificationId id_of_record(const Step& step, const AgencyId& agency, const std::string& source_ref,
                            WallTime at);
/// Into the outbox. The caller has checked it, and that its reference is new.
NotificationId keep_new(Step& step, const Notification& notification, const NewItem& how);
/// In which it goes before a plan says so.
wire::Lane lane_of(const Step& step, const Notification& notification);
/// Of a notification, with what is kept beside it; its id stays.
void erase_content(Step& step, const NotificationId& id);

// pass_on.cpp: what the front door's agent passes on by itself
bool is_pass_on_inbox(const Step& step, const InboxId& inbox);
/// The family withdrew what the original rests on. False: none of it had gone on, and none will.
bool stop_passed_on(Step& step, const InboxKey& key, const InboxItem& item,
                    const AgreementId& agreement);
void recall_passed_on(Step& step, const InboxKey& key, const std::string& reason);
/// Nothing: these are the sender's own words.
std::optional<wire::RoutingFacts> passed_on_facts(Step& step, const NotificationId& id);
/// Nobody is involved, so far: nothing went, and nobody has to do anything.
bool went_to_nobody(const OutboxItem& item);
/// It is asked again, in case the broker has lost or hidden whoever is.
bool waits_for_somebody_involved(const OutboxItem& item);
void look_again_for_involved(Step& step, const NotificationId& id, OutboxItem& item);

// tokens.cpp: subject tokens, through the broker
struct HowMade {
    bool is_roll = false;
    bool wait_for_next = false;  ///< also for an epoch that the broker refuses now
};
/// What is missing is asked for, and comes with a later step.
MadeTokens make_tokens(Step& step, const AgencyId& agency, const std::vector<Identity>& identities,
                       std::size_t tokens_max, HowMade how);
/// False: its turn to be planned has not come. True after a while also without all its tokens.
bool tokens_are_ready(Step& step, const NotificationId& id, const OutboxItem& item);
void supplement_late_tokens(Step& step);
void send_token_questions(Step& step);
void on_evaluated_tokens(Step& step, const wire::EvaluatedTokens& body, std::uint64_t request);
void on_tokens_error(Step& step, const Asked& asked, const wire::ErrorFrame& error);
void forget_token_question(Step& step, const Asked& asked);
void forget_wanted_tokens(Step& step);   ///< the link is down, or other keys are listed
void forget_unused_outputs(Step& step);  ///< tidy

// token_rolls.cpp: lists whose tokens are being made
using Entries = std::map<Digest, EntryIdentity>;  ///< by the entry's reference
/// Kept until all its tokens are here; in the place of an earlier one.
void keep_pending_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                       std::uint32_t unusable);
void go_on_with_rolls(Step& step);
/// Of what was stated under other keys than today's.
void state_rolls_anew(Step& step);
void forget_pending_roll(Step& step, const Seat& seat, const std::string& relation);
void keep_entry(Step& step, store::Space space, ByteView key, const EntryIdentity& entry);
EntryIdentity kept_entry(Step& step, store::Space space, ByteView key);
/// Which keys these tokens are made under; `without_next`: not yet under those that come.
Digest epochs_digest(const Step& step, const AgencyId& agency, bool without_next);

// conflict.cpp
void state_open_conflicts(Step& step);
void state_conflicts_anew(Step& step);

// outbox.cpp: states and order of sending
void set_state(Step& step, const NotificationId& id, OutboxItem& item, OutboxState state);
void put_item(Step& step, const NotificationId& id, const OutboxItem& item);
void pump_outbox(Step& step);
void offer_again(Step& step);  ///< the broker was restored
void on_accepted(Step& step, const wire::Accepted& accepted, std::uint64_t request);
void on_outbox_error(Step& step, const Asked& asked, const wire::ErrorFrame& error);
void watch_again(Step& step, const NotificationId& id, WallTime at);
void settle(Step& step, const NotificationId& id);
void close_settled(Step& step, const NotificationId& id, OutboxItem& item);
/// `floor`: it went to front door and emergency duty only, which stays an alarm until it is closed.
void clear_sending_alarms(Step& step, const NotificationId& id, bool floor = false);
/// A recipient signed for what this store thinks unsent: a backup was put back. It is not sent a
/// second time.
void sent_before_restore(Step& step, const NotificationId& id, OutboxItem& item);
void forget_request(Step& step, std::uint64_t request);
/// What a plan is asked on; nothing when the content is gone.
std::optional<wire::RequestPlan> plan_request(Step& step, const NotificationId& id,
                                              const OutboxItem& item, bool floor_only);
/// Whom our own accepted notifications told in a thread: what later ones may count on, as the
/// broker does.
void remember_seats(Step& step, const NotificationId& id, const OutboxItem& item);
/// Lower lanes never fill the link.
bool fits_link(const Link& link, const OutboxItem& item, std::uint64_t bytes);
/// However long the broker asks for: a stolen one would ask for a month.
void back_off(Step& step, const NotificationId& id, std::chrono::milliseconds wait);
/// The broker says that it never accepted it: each time in a row it is asked later.
void back_off_stale(Step& step, const NotificationId& id);

/// Why the front door's agent sends something that no person gave.
inline constexpr std::string_view passed_on = "pass_on";
/// The refusal of what is passed on while nobody works with the child.
inline constexpr std::string_view nobody_involved = "no_recipient";

// supplement.cpp: recipients that a later decision adds to an accepted item
void want_supplement(Step& step, const NotificationId& id);
/// Tick: documents are in force again, so what went under the floor goes to everybody else as well.
void supplement_floor(Step& step);
void pump_supplements(Step& step);
void follow_supplement(Step& step, const wire::DisclosurePlan& plan, const Asked& asked);
/// Plans asked so far for this supplement.
std::uint32_t supplement_plans(Step& step, const Asked& asked);
/// False: it is none of ours.
bool on_supplement_accepted(Step& step, const wire::AcceptedBody& body);
void on_supplement_error(Step& step, const Asked& asked, const wire::ErrorFrame& error);
/// A recipient signed: what the broker says it holds in another sealing may be with all of them.
void supplements_signed_for(Step& step, const NotificationId& id);
void offer_supplements_again(Step& step, const NotificationId& id);
/// `unsent`: only what never left.
void drop_supplements(Step& step, const NotificationId& id, bool unsent = false);
/// When each recipient that was added was sealed for.
std::map<Seat, WallTime> added_at(Step& step, const NotificationId& id);
/// Since when the oldest one waits to be accepted; unset: none does.
WallTime supplement_waits_since(Step& step, const NotificationId& id);

// plan.cpp: may I, to whom; checked here, not believed
wire::RoutingFacts routing_facts(Step& step, const NotificationId& id, const OutboxItem& item,
                                 const Notification& notification);
/// The same for a preview: which child it is is asked of nobody.
wire::RoutingFacts facts_but_tokens(Step& step, const NotificationId& id, const OutboxItem& item,
                                    const Notification& notification);
/// Who is told by telephone how it began is told by telephone how it goes on.
void remember_rung(Step& step, const ThreadId& thread, const std::vector<Seat>& addressed_to);
void on_plan(Step& step, const wire::DisclosurePlan& plan, std::uint64_t request);
/// Inboxes with a key among the facts; those the decision names.
std::set<InboxId> certified_inboxes(const wire::PlanFacts& facts);
std::set<InboxId> named_inboxes(const wire::Decision& decision);
/// The decision that was followed or that refuses; an empty one before that. Of what a restored
/// broker lost and got anew, also who signed for it under the plan before.
wire::Decision decision_of(const OutboxItem& item);
/// True: an earlier plan of this item named the seat, and it stands on the list again.
bool name_earlier_recipient(Step& step, const NotificationId& id, OutboxItem& item,
                            const Seat& seat);

// sent_before.cpp: what a recipient of the thread has in these very words
using Views = std::map<ViewId, PersonalText>;
std::vector<wire::Unchanged> unchanged_views(Step& step, const NotificationId& id,
                                             const OutboxItem& item, const Views& views);
/// A plan may rest on it no more: what it leans on was taken back meanwhile, or was not stored.
bool is_still_unchanged(Step& step, const NotificationId& id, const OutboxItem& item,
                        const Notification& notification, const wire::RoutingFacts& asked);
/// Which notification holds it; nothing: none.
std::optional<NotificationId> sent_before(Step& step, const OutboxItem& item, const Seat& seat,
                                          const ViewId& view);
void remember_sent(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Recipient& recipient, const std::vector<ViewId>& sent,
                   const Views& views);
/// Its recipients may not have it any more, or its words are gone here.
void forget_sent(Step& step, const NotificationId& id, const OutboxItem& item);
/// Later items of its thread that leave out what had not changed.
std::vector<NotificationId> updates_since(Step& step, const NotificationId& id,
                                          const OutboxItem& item);

// seal.cpp: views cut, sealed once, granted as the plan says
Views views_of(const Step& step, const OutboxItem& item, const Notification& notification);
Result<wire::SealedNotification> seal(Step& step, const NotificationId& id, const OutboxItem& item,
                                      const wire::RoutingFacts& facts,
                                      const wire::DisclosurePlan& plan,
                                      std::string_view label = wire::label::notification);
/// Under which the sender signs a parcel of this route.
std::string_view parcel_label(std::string_view route);

// inbox.cpp: durable before acknowledged, exactly once
void on_delivery(Step& step, const wire::Delivery& delivery);
void judge_parked(Step& step);  ///< newer documents are here, or were asked for in vain
std::optional<wire::StatementBody> statement_of(const InboxItem& item);
/// Whoever has nothing to do any more about an item does not find it among what waits.
void waits_no_longer(Step& step, const InboxKey& key, const wire::StatementBody& statement);
/// Among what waits for somebody, at its old place, whoever had taken it.
void waits_again(Step& step, const InboxKey& key, const wire::StatementBody& statement);
std::optional<wire::Delivery> stored_delivery(Step& step, const InboxKey& key);

// open.cpp: the one place where content is opened
struct Opened {
    wire::Cover cover;
    std::map<ViewId, PersonalText> views;  ///< JSON text of each
};
Result<Opened> open_item(const InboxItem& item, const InboxKey& key, const wire::Delivery& delivery,
                         std::span<const crypto::BoxKeyPair> keys);
/// The sender's cover alone: no view is opened. Nothing: none of the keys opens it.
std::optional<wire::Cover> cover_of(Step& step, const InboxKey& key,
                                    std::span<const crypto::BoxKeyPair> keys);
/// What opening teaches about the episode an item belongs to; kept so that start and end show as
/// one. Of a correction the covers of what it corrects are looked into as well.
void note_cover(Step& step, const InboxKey& key, InboxItem& item, const wire::Cover& cover,
                std::span<const crypto::BoxKeyPair> keys);
/// With what the sender did not send again: `keys` open the earlier items of the same inbox too.
nlohmann::ordered_json json_of(Step& step, const InboxKey& key, const InboxItem& item,
                               const Opened& opened, std::span<const crypto::BoxKeyPair> keys);
/// For whoever shows it or takes it in. Errors: too_large (no agent seals so much).
Result<PersonalText> text_of_item(const nlohmann::ordered_json& json);
/// pass_on.cpp: what lies opened in the pass-on's inbox goes on. Needs registry and policy.
void pass_on(Step& step, const InboxKey& key, InboxItem& item, const Opened& opened);
/// What the front door passes on of a missing child, by itself or by a person's hand, is one thread
/// until the child is found, whatever thread its sender had.
void join_episode(Step& step, OutboxItem& item, const wire::RoutingFacts& said,
                  const std::vector<Identity>& identities, const std::vector<wire::Token>& tokens);
/// The same once its tokens are here, before it is planned: what goes on by itself is known by them
/// alone. True: it is of another thread now.
bool join_episode_by_tokens(Step& step, const NotificationId& id, OutboxItem& item,
                            const wire::RoutingFacts& facts);

// care_flags.cpp: who has a plan or a care status, for unscheduled care
/// Automatic: what arrives there is taken in by this agent itself.
bool is_look_up_inbox(const Step& step, const InboxId& inbox);
void keep_care_flag(Step& step, const InboxKey& key, InboxItem& item, const Opened& opened);
void recall_care_flag(Step& step, const InboxKey& key);
/// An attendance of a child with an active status says so, and when the child was seen before.
void add_care_flags(Step& step, Notification& notification);
void note_care_visit(Step& step, const Notification& notification, WallTime at);

// handover.cpp: what a case system takes
/// This agent is itself the system that takes it in.
void handed_over_here(Step& step, const InboxKey& key, InboxItem& item);
/// An automatic inbox: opened under the host's key and offered to the shell.
void hand_over_automatic(Step& step, const InboxKey& key);
/// An automatic inbox cannot use it: said to the sender, and alarmed.
void does_not_open(Step& step, const InboxKey& key, InboxItem& item, ErrorCode code);
/// A people's inbox: what a person just opened is kept, encrypted, until the shell has put it where
/// its system takes it.
void hand_over_opened(Step& step, const InboxKey& key, const PersonalText& json);
void hand_over_recall(Step& step, const InboxKey& key);
void on_handed_over(Step& step, const HandedOver& done);
void on_handover_failed(Step& step, const HandoverFailed& failed);
void retry_handovers(Step& step);

// receipts_out.cpp
void reach(Step& step, const InboxKey& key, const InboxItem& item, wire::Rung rung,
           std::string code = {});
/// A rung about something that was not stored: nothing but the delivery is known.
void reach_unstored(Step& step, const AgencyId& from, const AgencyId& sender,
                    const wire::ReceiptEntry& entry, const DeliveryId& delivery, wire::Lane lane);
void flush_receipts(Step& step);
void send_receipts(Step& step);
void on_receipts_ack(Step& step, const wire::ReceiptsAck& ack);
void receipts_again(Step& step);
void receipts_refused(Step& step, std::uint64_t order, ErrorCode code);

// receipts_in.cpp
void on_receipts(Step& step, const wire::Receipts& receipts);
void put_rung(Step& step, const NotificationId& id, const Seat& seat, wire::Rung rung, WallTime at,
              const std::string& code);
bool has_rung(Step& step, const NotificationId& id, const Seat& seat, wire::Rung rung);

// decisions.cpp: what domain.md E3 asks to be kept of each decision, and the documents it rests on
/// Of a decision that was followed.
DecisionKind kind_of(const wire::Decision& decision);
/// A plan that passed, and what came of it. `code` as in DecisionHead.
void record_plan(Step& step, const NotificationId& id, const OutboxItem& item,
                 const wire::RoutingFacts& facts, const wire::DisclosurePlan& plan,
                 DecisionKind kind, std::string_view code = {});
/// Refused at the sender's desk, before any rule was asked. Codes only, once for each reference and
/// reason; of a broken feed no more than a few hundred a day (its rows lie in rejected/).
void record_refused_at_desk(Step& step, const Notification& given, const PersonId& person,
                            const std::string& reason, const std::vector<InputFault>& faults);
/// A named person's answer, here or elsewhere. `words` only where they were given here.
void record_answer(Step& step, const AgencyId& agency, const wire::SignedAuthorisation& given,
                   const PersonalText& words);
/// What a person wrote when they decided: ours, of what leaves no signed answer, or another
/// agency's.
struct WordsRecord {
    AgencyId agency;  ///< whose record
    Seat decider;
    PersonId person;
    DecisionKind what{};
    std::string code;
    NotificationId about;
    PersonalText reason;
    PersonalText name;
};
void record_words(Step& step, const WordsRecord& said);
/// Taken back: `kind` says whether it had left.
void record_taken_back(Step& step, const NotificationId& id, const OutboxItem& item,
                       DecisionKind kind, const PersonId& person, const std::string& reason,
                       const std::string& whose = {});
std::optional<DecisionRow> decision_row(Step& step, const DecisionId& id);
void remove_old_decisions(Step& step);  ///< past the term that the records are kept for

// drafts.cpp
void remove_old_drafts(Step& step);  ///< not saved for two weeks

// recall.cpp
/// Of what a restored store no longer knows that it sent. The broker takes it back, or keeps the
/// recall ahead of it.
void recall_unknown(Step& step, const NotificationId& id, const AgencyId& agency,
                    const PersonId& person, const std::string& reason);
Result<void> recall(Step& step, const NotificationId& id, const PersonId& person,
                    const std::string& reason);
/// It never left, or the broker says so.
void withdraw(Step& step, const NotificationId& id, OutboxItem& item);
/// False: it was recalled, and the broker has not yet said that it knows.
/// `decision`: of what is offered next.
bool recall_is_ahead(Step& step, const NotificationId& id, const OutboxItem& item,
                     const wire::Decision& decision);
/// Only these seats' copies; the others are not disturbed.
Result<void> recall_copies(Step& step, const NotificationId& id, const std::set<Seat>& seats,
                           const PersonId& person, const std::string& reason);
/// What this recipient was told: of the whole, or of its copy.
std::optional<CopyRecall> recall_of(Step& step, const NotificationId& id, const OutboxItem& item,
                                    const Seat& seat);
bool is_copy_recalled(Step& step, const NotificationId& id, const Seat& seat);
void on_recall_notice(Step& step, const wire::RecallNotice& notice);
/// The live copy goes; that it was there, and whether anybody saw it, stays.
void remove_content(Step& step, const InboxKey& key);
/// A store that was put back shows nothing until it has heard what was recalled since.
void fetch_recalls(Step& step);
void recalls_fetched(Step& step);

// agreement.cpp
/// Sealed: whose part rests on what the family agreed to.
void note_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Decision& decision, const wire::Agreement& stated);
/// The same of whoever a supplement adds.
void add_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                  const wire::Decision& added, const wire::Agreement& stated);
/// The same of who has a copy under an earlier plan. Withdrawn meanwhile, that counts for it too.
void rely_as_before(Step& step, const NotificationId& id, const OutboxItem& item,
                    const wire::Recipient& recipient, const wire::Agreement& stated);
/// Of a supplement that the broker never accepted: these have nothing to stop using.
void drop_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Decision& tried);
/// Of what was passed on: whoever relied on the agreement of the original is told.
void stop_own(Step& step, const NotificationId& id, const OutboxItem& item,
              const AgreementId& agreement);
/// The broker never accepted it: nobody has anything to stop using.
void forget_reliance(Step& step, const NotificationId& id, const OutboxItem& item);
/// False: what it relied on was withdrawn, and the broker has not yet said that it knows.
bool withdrawal_is_ahead(Step& step, const NotificationId& id, const OutboxItem& item);
void on_agreement_held(Step& step, const wire::AgreementHeld& held);
/// Of a seat that relied on a withdrawn agreement: has it confirmed? Nothing for any other.
std::optional<bool> has_stopped(Step& step, const NotificationId& id, const Seat& seat);
void on_stopped(Step& step, const NotificationId& id);  ///< a recipient confirmed
void watch_withdrawals(Step& step);                     ///< Tick

// agreement_stop.cpp
void on_withdrawal_notice(Step& step, const wire::WithdrawalNotice& notice);
/// Marked, and nobody has confirmed yet.
bool waits_to_stop(Step& step, const InboxKey& key);
/// The withdrawal of what that seat was told overtook this delivery: it is not kept, and that is
/// said.
bool was_stopped_before(Step& step, const InboxKey& key, const Seat& seat,
                        const DeliveryId& delivery);
/// Recalled, it is used no more.
void stop_recalled(Step& step, const InboxKey& key);
/// A case system has what it was last offered of this item.
void stop_handed_over(Step& step, const InboxKey& key);
/// A person confirms. Nothing: there is nothing to confirm.
std::optional<StopMark> confirm_stop(Step& step, const InboxKey& key, const PersonId& person);

// conflict.cpp
/// Another agency declared it, and its words came to one that holds the front door: the same people
/// are kept out of what is sent here, for as long as it stands there.
void conflict_from_elsewhere(Step& step, const ConflictId& id, const AgencyId& declared_by,
                             const AgencyId& at, const PersonalText& declared);
void conflict_ended_elsewhere(Step& step, const ConflictId& id, const AgencyId& ended_by);
/// A new item of the outbox is about these: which conflicts declared here keep it from colleagues.
void note_conflicts(Step& step, const NotificationId& id, const std::vector<Identity>& about);
/// The same of what is passed on, whose sender said which child it is.
void note_conflicts(Step& step, const NotificationId& id, const std::vector<wire::Token>& tokens);

// release.cpp
/// Two people release a protected address: the broker says that this signature does not count,
/// because the same person gave the first, or for a reason that it keeps. Somebody else is asked.
void release_refused(Step& step, const wire::AuthorisationFrame& frame);
/// The same, of all signatures of the release.
void ask_others_to_release(Step& step, const NotificationId& id, OutboxItem& item);

// held.cpp
void on_held(Step& step, const NotificationId& id, const OutboxItem& item,
             const wire::Decision& decision);
void on_authorisation(Step& step, const wire::AuthorisationFrame& frame);
void on_task(Step& step, const wire::TaskNotice& notice);
void on_task_closed(Step& step, const wire::TaskClosed& closed);
/// What was shown for a decision only is gone once nothing is left to decide about it.
void end_if_decided(Step& step, const InboxKey& key);

// involvement.cpp
void replace_roll(Step& step, const ReplaceRoll& roll);
/// A list whose tokens are all here.
void take_identified_roll(Step& step, const ReplaceRoll& roll, const Entries& entries,
                          std::uint32_t unusable);
void renew_leases(Step& step);
/// The birth of an unborn child was told: whoever had named it before is asked about it no more.
void close_unborn(Step& step, const NotificationId& id, const OutboxItem& item);
/// Grows with each statement of who works with whom, whichever way it is made.
std::uint64_t next_claim_serial(Step& step);
/// A person said yes: the list that waits is taken in as if it came now. Errors: as replace_roll.
Result<void> take_waiting_roll(Step& step, const Seat& seat, const std::string& relation);
void forget_waiting_roll(Step& step, const Seat& seat, const std::string& relation);

// inbox_keys.cpp
void keep_inboxes(Step& step);  ///< a key for each inbox of ours, certified anew every week

// alarm.cpp
/// With the number to ring; empty: that of the area (Step::telephone_of of no seat).
void raise(Step& step, Alarm::Kind kind, const NotificationId& id,
           const std::string& telephone = {});
void clear(Step& step, Alarm::Kind kind, const NotificationId& id);
void watch_outbox(Step& step);  ///< Tick
void watch_files(Step& step, const Tick& tick);
/// How long an item of that lane may go without being accepted, and then without being stored.
std::chrono::milliseconds lane_limit(const Step& step, wire::Lane lane);
/// Of a recalled item: this recipient was sent it and has not said that it is gone.
bool must_confirm_recall(Step& step, const NotificationId& id, const Seat& seat);

// backlog.cpp
void report_backlog(Step& step);  ///< hourly

// tidy.cpp
void tidy(Step& step);  ///< Tick: what was acknowledged and is past retention

// api.cpp
void answer_api(Step& step, const ApiRequest& request);

}  // namespace mash::runtime
