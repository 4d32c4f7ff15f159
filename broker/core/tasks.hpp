// What a named role must clear: held decisions, roles nobody has connected, the involved whom the
// front door tells. A task ends by a signed answer of a person; time only makes it louder.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void open_held(Step& step, const ItemKey& item, const TypeId& type,
               const wire::HeldRecipient& held);
/// `telephone` empty: the seat's own, else the policy's for the role.
void open_not_connected(Step& step, const ItemKey& item, const TypeId& type, const RoleId& role,
                        const Seat& about, std::string telephone, WallTime due);
void open_pass_on(Step& step, const ItemKey& item, const TypeId& type, const RoleId& role,
                  const Seat& about, WallTime due);
void open_both_conflicted(Step& step, const ItemKey& item, const TypeId& type,
                          const SeatRecord& seat);

void on_task_answer(Step& step, const FrameIn& in, const wire::TaskAnswer& answer);
void on_authorisation(Step& step, const FrameIn& in, const wire::AuthorisationFrame& frame);

/// The item was taken back: nobody decides about it, rings or passes it on any more.
void close_tasks_of(Step& step, const ItemKey& item);

/// Past its time and still open: said again, and to the front door as well. Never closed by time.
void escalate_task(Step& step, const TaskId& id);

/// Authorisations given for an item that a plan may rest on.
std::vector<wire::SignedAuthorisation> authorisations_for(
    Step& step, const ItemKey& item, const std::vector<wire::SignedAuthorisation>& brought);

/// The sender has asked again: it knows of its authorisations.
void authorisations_seen(Step& step, const ItemKey& item);

}  // namespace mash::broker
