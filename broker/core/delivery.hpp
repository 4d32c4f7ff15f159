// From the store to an inbox: one queue a host, drained by lane; credit and bytes in flight bound
// what is on the wire.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// The seat a delivery is for, in words of the agency that gets it: the plan's, whichever of its
/// inboxes it is (an alternate looks like the seat itself); a standby of another agency is that
/// agency's own seat.
Seat seat_of_route(const area::Registry& registry, const SeatRecord& seat, const InboxRoute& route);

/// Puts the route into its host's queue under a fresh sequence; earlier waiting items of the thread
/// towards the same inbox are raised to its lane first. The caller stores `record` afterwards.
void queue_route(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const SeatRecord& seat, InboxRoute& route);

/// Takes it out again: stored, stopped or excluded. The caller sets the state and stores the
/// record.
void unqueue_route(Step& step, const ItemKey& item, const NotificationRecord& record,
                   InboxRoute& route);

/// Sends what credit and bounds allow, to every host that something changed for in this step.
void pump(Step& step);

/// Sends again what has been on the wire for too long.
void retry_deliveries(Step& step, Session& session);

/// The host's store was restored from a backup: everything still held for its inboxes goes again.
void redeliver_to_host(Step& step, const HostId& host);

/// Agencies move between hosts, or leave: their queues move, or end in a task for the front door.
void requeue_after_registry(Step& step, const area::Registry& before);

}  // namespace mash::broker
