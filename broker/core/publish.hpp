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

}  // namespace mash::broker
