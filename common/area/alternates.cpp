#include "common/area/alternates.hpp"

#include <algorithm>

namespace mash::area {

std::vector<InboxId> alternates_of(const Agency& agency, const RoleId& role) {
    std::vector<InboxId> alternates;
    const auto seat = std::ranges::find(agency.seats, role, &SeatEntry::role);
    for (auto at = seat; at != agency.seats.end() && at->people;) {
        const auto& alternate = at->alternate;
        if (!alternate) break;
        const InboxId inbox = *alternate;
        if (inbox == seat->inbox || std::ranges::find(alternates, inbox) != alternates.end()) break;
        alternates.push_back(inbox);
        at = std::ranges::find(agency.seats, inbox, &SeatEntry::inbox);
    }
    return alternates;
}

}  // namespace mash::area
