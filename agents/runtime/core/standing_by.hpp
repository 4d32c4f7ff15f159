// What somebody sends who only stands by for a seat. An allegation against a school's safeguarding
// lead comes from the head, in the role of that lead: the lead must not read that it was sent.
// Inside this folder only.
#pragma once

#include <tuple>

#include "agents/runtime/core/caller.hpp"

namespace mash::runtime {

namespace table {

/// The alternates' inboxes of that seat which the sender opens: who opens one of them sees it, and
/// who opens the seat's own inbox does not.
inline constexpr Table<std::tuple<NotificationId, InboxId>, Flag> sent_standing_by{
    Space("sent_standing_by")};

}  // namespace table

/// The sender holds that role only because they open an alternate's inbox.
bool stands_by(Step& step, const Caller& sender, const Seat& seat);
/// Noted when it is taken in, because nobody may later become who they were not.
void note_standing_by(Step& step, const Caller& sender, const NotificationId& id, const Seat& seat);
/// What is made of something that was sent so is kept from the same people.
void note_standing_by(Step& step, const NotificationId& id, const NotificationId& made_of);
bool was_sent_standing_by(Step& step, const NotificationId& id);

/// Nothing: it was sent by somebody of the seat itself, or by a system.
std::optional<bool> sees_as_alternate(Step& step, const Caller& caller, const NotificationId& id);

}  // namespace mash::runtime
