// Who works with this child, of relations that the policy has asked for and not deposited (mode
// `ask`)? Asked once an item is accepted, of every seat that could; each token is hidden under the
// question, so that nobody but its holder knows it, and nobody else can say yes. Silence and no are
// the same: neither is kept, and neither is told.
#pragma once

#include "broker/core/involvement.hpp"
#include "broker/core/step.hpp"

namespace mash::broker {

/// Asks what this accepted item depends on and has not asked, or not with all that is known now.
/// Cost: a row and a notice for each seat that could be a holder.
void ask_holders(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const wire::RoutingFacts& stated);
/// What waited for the sender's budget.
void go_on_asking(Step& step, const HolderQuestionKey& key);
/// Of a holder; or, with its notification, sent back by whom it was told to.
void on_involvement_answer(Step& step, const FrameIn& in, const wire::InvolvementAnswer& answer);
/// The sender has asked again: it knows who has said yes.
void holder_answers_seen(Step& step, const ItemKey& item);
/// A yes ran out before the sender could use it: its holder is asked again.
void ask_lapsed_again(Step& step, const ClaimKey& key);

/// False: it no longer applies.
bool send_holder_notice(Step& step, const Session& session, const NoticeKey& notice);

/// Whether holders of this role are asked: a gap of the role waits for them.
bool is_asked_role(Step& step, const RoleId& role);
/// A gap to ring about, unless somebody has said yes by then.
void await_holders(Step& step, const ItemKey& item, const RoleId& role, WallTime tell_by);
void ring_if_nobody(Step& step, const ItemKey& item, const RoleId& role, WallTime tell_by);

/// With the item's content: questions, answers and what was stated. How many were asked and who
/// said yes stays with the tombstone.
void forget_holder_questions(Step& step, const ItemKey& item);
void forget_holder_records(Step& step, const ItemKey& item);

}  // namespace mash::broker
