// Rungs: a set for each (notification, seat), each once, each signed by the agency that reached it,
// forwarded to the sender as signed and kept until the sender has them.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

bool has_rung(const SeatRecord& seat, wire::Rung rung);

void on_receipts(Step& step, const FrameIn& in, const wire::Receipts& receipts);
void on_receipts_ack(Step& step, const FrameIn& in, Session& session, const wire::ReceiptsAck& ack);

/// A rung that only the broker knows of; sends it on under the broker's own signature. The caller
/// stores the record.
void set_broker_rung(Step& step, const ItemKey& item, SeatRecord& seat, wire::Rung rung);

/// Nobody needs to take this seat's part any more (told by other means).
void settle_seat(Step& step, const ItemKey& item, const Seat& seat);

/// Starts the retention clock once every seat is settled. The caller stores the record.
void start_retention_if_settled(Step& step, const ItemKey& item, NotificationRecord& record);

void pump_receipts(Step& step, Session& session);
void retry_receipts(Step& step, Session& session);
/// The sender's store was restored: what it had acknowledged within the retention goes again.
void resend_receipts_to_host(Step& step, const HostId& host);

}  // namespace mash::broker
