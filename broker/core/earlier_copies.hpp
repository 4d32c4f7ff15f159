// Who holds what this store has forgotten. After a backup was put back an item comes again under
// the plan of today, which need not name everybody who got it before; the recipients' own receipts
// say who they are. They are told of a recall; and of what follows in the thread, a correction too,
// if the sender's own plans named them: nothing of the item itself is ever delivered here again.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// What one entry of an agency's receipts says, and what the agency adds beside its signature.
struct CopyReceipt {
    ItemKey item;
    AgencyId from;
    wire::ReceiptEntry entry;
    DeliveryId delivery;
    InboxId inbox;  ///< empty: it did not say
};

/// Of a copy that is known from before, or of one that only an earlier life of this store can have
/// delivered. Whoever lies here learns of the recall of an item whose id it knew. `record`: null
/// where the item has not come again.
bool speaks_of_earlier_copy(Step& step, const NotificationRecord* record,
                            const CopyReceipt& receipt);
/// True: it says something new, which its sender is to have. That it is gone is for the seat as a
/// whole: see are_copies_gone().
bool note_earlier_copy(Step& step, const CopyReceipt& receipt);

/// The item is recalled, or this inbox's copy of it: whoever is known to hold one is told.
void tell_earlier_copies(Step& step, const ItemKey& item);
void tell_earlier_copy(Step& step, const ItemKey& item, const InboxId& inbox);
/// K1, of an item that rests on agreement: rules below E-12 alone look at agreement, and none above
/// at the recipient, so what they were told rested on it too.
void tell_earlier_copies_to_stop(Step& step, const ItemKey& item);
/// One that has neither said that it stopped nor removed it, of an item whose agreement is
/// withdrawn.
std::optional<EarlierCopyRecord> unstopped_copy(Step& step, const ItemKey& item,
                                                const InboxId& inbox);
/// The host was restored from a backup, and may hold again what it had removed, and use what it had
/// stopped using.
void tell_earlier_copies_again(Step& step, const HostId& host);
/// One that has not confirmed its removal, and that no delivery of this life stands for.
std::optional<EarlierCopyRecord> unconfirmed_copy(Step& step, const ItemKey& item,
                                                  const InboxId& inbox);
/// Of this seat's: none is left unconfirmed.
bool are_copies_gone(Step& step, const ItemKey& item, const Seat& seat);

/// They belong to the thread, as far as the sender's own plans named them.
std::vector<Seat> seats_of_earlier_copies(Step& step, const ItemKey& item);

void forget_earlier_copy(Step& step, const CopyKey& copy);

}  // namespace mash::broker
