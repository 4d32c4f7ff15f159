// The registrar's own copies of open invites: what a request is checked against, once.
#pragma once

#include <optional>
#include <vector>

#include "broker/ctl/area_folder.hpp"

namespace mash::ctl {

/// Replaces every other open invite of the same agency: only the newest can be used.
/// `open`: what open_invites() gave.
Outcome<void> store_invite(const AreaPaths& paths, const area::Invite& invite,
                           const std::vector<area::Invite>& open);
/// Sorted by agency; expired ones too.
Outcome<std::vector<area::Invite>> open_invites(const AreaPaths& paths);
/// None when it is not open: used, replaced, or never made.
Outcome<std::optional<area::Invite>> find_invite(const AreaPaths& paths, const area::InviteId& id);
/// Notes that it was used, and removes it with its code.
Outcome<void> mark_used(const AreaPaths& paths, const area::Invite& invite, WallTime now);

}  // namespace mash::ctl
