// What a named role must clear: held decisions, roles nobody has connected, the involved whom the
// front door tells. A task ends by a signed answer of a person; time only makes it louder.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Whom no task may reach: seats that a registered conflict about the child excludes, and those the
/// sender stated.
struct KeptFrom {
    std::vector<wire::Token> tokens;
    std::vector<Seat> conflicts_stated;
};
/// `claim`: of a task possible_match.
TaskCause cause_of(const wire::Task& task, const Seat& about, const ClaimKey& claim,
                   const PersonId& person);
/// `kept_from`: while the notification is not stored; afterwards its own record counts.
void open_held(Step& step, const ItemKey& item, const TypeId& type, const wire::HeldRecipient& held,
               KeptFrom kept_from);
/// The plan of today asks this no more: an answer would concern nobody.
void close_unasked(Step& step, const ItemKey& item, const wire::Decision& decision);
/// A backup of its host was put back: what it had decided it holds again.
void say_closed_again(Step& step, const ItemKey& item, const AgencyId& agency);
bool has_open_question(Step& step, const ItemKey& item);
/// `named`: whom to ring; without an agency where no agency of the area has the role. `about`: the
/// seat of the notification that counts as told once somebody has rung; none for a gap of the plan
/// and for a decider who is late. Numbers are no part of a task: who rings takes them from registry
/// and policy.
void open_not_connected(Step& step, const ItemKey& item, const TypeId& type, const Seat& named,
                        const Seat& about, WallTime due, KeptFrom kept_from = {});
/// An identity was severed that was not: somebody of the desk asks that seat, by voice, whether it
/// was meant. One of a seat at a time, however many; it names no child.
void open_severed(Step& step, const wire::InvolvementClaim& claim);
/// Children left the list of this seat on one day and are on no other: one task, however many.
void open_lapsed(Step& step, const RoleId& to, const LapseRecord& lapse);
/// Roles that nobody was known to hold, and this later decision names somebody: nobody rings.
void close_gaps(Step& step, const ItemKey& item, const wire::Decision& decision);
/// Its agency is of the area and has such a seat.
bool is_connected(Step& step, const Seat& seat);
/// The same of a gap of the decision. Whom the sender addressed, and who is not connected, is
/// named: another authority without an agent is rung by its own number.
void open_gap(Step& step, const ItemKey& item, const TypeId& type, const wire::NotConnected& gap,
              const std::vector<Seat>& addressed_to, const KeptFrom& kept_from = {});
void open_pass_on(Step& step, const ItemKey& item, const TypeId& type, const Seat& about,
                  WallTime due);
void open_both_conflicted(Step& step, const ItemKey& item, const NotificationRecord& record,
                          const SeatRecord& seat);
/// Under this id. The question itself is stored already: its words go with the task.
void open_possible_match(Step& step, const ItemKey& item, const TypeId& type, const TaskId& id,
                         const ClaimRecord& claim, const ClaimKey& key, WallTime due);
/// Whoever said that this seat works with the child has taken it back.
void close_pass_on(Step& step, const ItemKey& item, const Seat& about);
void close_possible_match(Step& step, const TaskId& id, const PersonId& person);
bool is_open(Step& step, const TaskId& id);
/// A seat of front door or emergency duty, and neither it nor the person is kept from this child.
bool may_speak_for_desk(Step& step, const Seat& seat, const PersonId& person,
                        const std::vector<wire::Token>& tokens);
/// Who asked who would be told and did not send it: the front door rings the one who asked. At most
/// limits::not_sent_tasks_max of one sender at once; the log of requests has them all.
void open_not_sent(Step& step, const AskedRecord& asked, KeptFrom kept_from);
/// Something went at once because a life was at stake: the sender's manager looks at it within a
/// working day. Nothing waits for it.
void open_review(Step& step, const ItemKey& item, const TypeId& type, const RoleId& sender_role);
/// A conflict names somebody who opens no inbox of that agency: perhaps a slip, and then nobody is
/// kept out. Whoever declared it looks at the name again. Closed when somebody of that name opens
/// one.
void open_unknown_person(Step& step, const ConflictKey& conflict, const wire::ExcludedPerson& named,
                         KeptFrom kept_from);
void close_unknown_person(Step& step, const ConflictKey& conflict,
                          const wire::ExcludedPerson& named);
/// It was sent after all, about these tokens.
void close_not_sent(Step& step, const ItemKey& item, const std::vector<wire::Token>& tokens);
/// The front door has told these seats of this child (tokens sorted): its task to do so is done.
void close_passed_on(Step& step, const TypeId& type, const std::vector<Seat>& reached,
                     const std::vector<wire::Token>& tokens);
/// A conflict was declared: open tasks about the child leave the excluded inboxes.
void take_from_excluded(Step& step, const wire::ConflictBody& conflict);
/// The sender states a conflict that it had not stated in an earlier plan of this item.
void take_from_stated(Step& step, const ItemKey& item, const std::vector<Seat>& conflicts_stated);

void on_task_answer(Step& step, const FrameIn& in, const wire::TaskAnswer& answer);
void on_authorisation(Step& step, const FrameIn& in, const wire::AuthorisationFrame& frame);

/// Whom that task was about is rung once more (ring_again.hpp), and about `item`, of `type`.
void open_ring_again(Step& step, const TaskRecord& told, const ItemKey& item, const TypeId& type,
                     std::string_view rule, WallTime due);
void close_ring_again(Step& step, const TaskId& id);
/// Roles that nobody holds and nobody has rung yet.
void close_gaps_not_rung(Step& step, const ItemKey& item);

/// The item was taken back: nobody decides about it, rings or passes it on any more; but that it
/// was taken back is told to whom it was told, and who had asked and not sent is still asked why.
void close_tasks_of(Step& step, const ItemKey& item);
/// The same for these seats only (sorted).
void close_tasks_about(Step& step, const ItemKey& item, const std::vector<Seat>& seats);

/// Past its time and still open: said again, and to the front door as well. Never closed by time.
void escalate_task(Step& step, const TaskId& id);

/// Authorisations given for an item that a plan may rest on.
std::vector<wire::SignedAuthorisation> authorisations_for(
    Step& step, const ItemKey& item, const std::vector<wire::SignedAuthorisation>& brought);

/// The sender has asked again: it knows of its authorisations.
void authorisations_seen(Step& step, const ItemKey& item);

}  // namespace mash::broker
