// Taking a notification in: a known id is answered first, then the plan is held against what was
// sealed, and only an exact fit is accepted. Accepted means what is in the transaction.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_publish(Step& step, const FrameIn& in);

/// What a plan lets one inbox have. An inbox that is a recipient and also stands by has its
/// recipient's share.
struct Share {
    std::vector<ViewId> views;
    wire::Lane lane{};
    friend bool operator==(const Share&, const Share&) = default;
};
/// One for each inbox of the decision that has a key in the plan's facts: `connected`, sorted.
std::map<InboxId, Share> shares_of(const wire::Decision& decision,
                                   const std::vector<InboxId>& connected);

// Of a notification and of a supplement alike:

void answer_accepted(Step& step, const FrameIn& in, const ItemKey& item, const Digest& digest,
                     WallTime accepted_at);
void refuse_publish(Step& step, const FrameIn& in, const ItemKey& item, ErrorCode code,
                    std::string detail);
/// False: the disk has no room for it, or its sender has published its share, and it is told to
/// offer the same bytes again. Only what would be accepted is counted: a repeat is answered from
/// the store before this, and what does not fit its plan leaves nothing behind.
bool has_room(Step& step, const FrameIn& in, const ItemKey& item, const wire::Decision& decision);
/// The plan must be of this sender, this notification and these facts, still good, and of the
/// documents in force. `detail`: a word of ours for the refusal.
Result<void> check_plan(const Step& step, const FrameIn& in, const ItemKey& item,
                        const std::optional<PlanRecord>& plan, const char*& detail);
/// Exactly the plan's: not one inbox or view more, not one fewer, each in its lane.
bool fits(const wire::SealedNotification& sealed, const std::map<InboxId, Share>& shares);
SeatRecord seat_record(const wire::Recipient& recipient, const std::vector<InboxId>& connected);
/// They were told something of it: later plans of the thread may count on them, where the sender
/// states the same.
void remember_in_thread(Step& step, const AgencyId& sender, const ThreadId& thread,
                        const std::vector<Seat>& told);
/// The same of the seats that this plan named, and of who has an earlier copy.
void remember_thread(Step& step, const ItemKey& item, const ThreadId& thread,
                     const wire::Decision& decision);
/// Everyone the decision names who cannot be reached by a parcel: somebody rings.
void open_gaps(Step& step, const ItemKey& item, const TypeId& type, const PlanRecord& plan,
               const std::vector<Seat>& addressed_to);

}  // namespace mash::broker
