// From the broker to an inbox, and the rungs back to the sender.
#pragma once

#include "common/wire/notification.hpp"

namespace mash::wire {

/// The broker's own word to one inbox, signed under "mash.v1.statement": enough to list a sealed
/// item before a person opens it. Made per inbox; holds nothing about any other.
struct StatementBody {
    NotificationId id;
    AgencyId sender;
    InboxId inbox;
    Seat seat;
    TypeId type;
    bool act = false;
    Urgency urgency{};
    Lane lane{};
    WallTime take_by;
    bool estimated = false;
    WallTime accepted_at;
    std::string route;  ///< why you
    friend bool operator==(const StatementBody&, const StatementBody&) = default;
};

struct Delivery {
    DeliveryId id;  ///< random per delivery; says nothing about order or number
    Bytes statement;
    crypto::Signature statement_signature{};
    Parcel parcel;
    std::vector<SealedView> views;  ///< exactly those the parcel names
    friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// How much the agent is ready to take now. Replaces the credit before it.
struct Credit {
    std::uint32_t items = 0;
    std::uint64_t bytes = 0;
    friend bool operator==(const Credit&, const Credit&) = default;
};

struct ReceiptEntry {
    NotificationId notification;
    Seat seat;
    Rung rung{};
    WallTime at;
    std::string code;  ///< "" or a catalogue word: outcome of decided, reason of refused
    friend bool operator==(const ReceiptEntry&, const ReceiptEntry&) = default;
};

/// One signature over many entries for one sender, forwarded to it as signed. Signed by the seat's
/// agency under "mash.v1.receipts", or by the broker under "mash.v1.broker-receipts" for what only
/// the broker knows.
struct ReceiptsBody {
    BatchId batch;
    AgencyId from;    ///< empty: the broker
    AgencyId sender;  ///< whose notifications these are
    std::vector<ReceiptEntry> entries;
    friend bool operator==(const ReceiptsBody&, const ReceiptsBody&) = default;
};

struct Receipts {
    Bytes body;
    crypto::Signature signature{};
    std::vector<DeliveryId> deliveries;  ///< agent to broker only: which delivery each entry speaks
                                         ///< of; empty when forwarded
    std::vector<InboxId> inboxes;  ///< the same: where it lies, for a broker that has forgotten
    /// Batches ever sent by this host, up to this one; agent to broker only. 0: not stated.
    std::uint64_t receipts_sent = 0;
    friend bool operator==(const Receipts&, const Receipts&) = default;
};

/// The other side holds this batch durably.
struct ReceiptsAck {
    BatchId batch;
    friend bool operator==(const ReceiptsAck&, const ReceiptsAck&) = default;
};

/// K3. Signed by the sender under "mash.v1.recall".
struct RecallBody {
    NotificationId notification;
    AgencyId sender;
    PersonId person;
    std::string reason;  ///< code
    WallTime at;
    WallTime confirm_by;
    InboxId inbox;  ///< this copy only; empty: everybody's
    friend bool operator==(const RecallBody&, const RecallBody&) = default;
};

struct Recall {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const Recall&, const Recall&) = default;
};

/// The recall as signed by the sender, to every inbox delivered or standing by.
struct RecallNotice {
    DeliveryId delivery;  ///< zero when nothing of it was ever delivered to this inbox
    InboxId inbox;
    Seat seat;
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const RecallNotice&, const RecallNotice&) = default;
};

}  // namespace mash::wire
