// What hosts are told again until it no longer applies: tasks, authorisations, recalls. Each is
// harmless twice.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Keeps the notice and tells the agency's host at once if it is connected.
void add_notice(Step& step, const NoticeKey& notice);

/// Every open recall of the agencies of the session's host, now.
void send_recalls(Step& step, Session& session);

/// One bounded round over what the agencies of the session's host have open; goes on where the last
/// one stopped.
void send_notices(Step& step, Session& session, bool recalls_were_sent = false);

/// The sender's own signed word about an item, to one inbox that it went to.
template <class Notice, class Kept>
void send_word(Step& step, const Session& session, const InboxRoute& route, const Seat& seat,
               const Kept& kept) {
    Notice notice;
    notice.delivery = route.delivery;
    notice.inbox = route.inbox;
    notice.seat = seat;
    notice.body = kept.body;
    notice.signature = kept.signature;
    step.send(session.id, 0, std::move(notice), wire::Lane::immediate);
}

}  // namespace mash::broker
