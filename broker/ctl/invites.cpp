#include "broker/ctl/invites.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

constexpr std::size_t invite_bytes_max = limits::mebibyte;

std::filesystem::path path_of(const AreaPaths& paths, const area::InviteId& id) {
    return paths.invites() / (to_text(id) + ".json");
}

Outcome<area::Invite> read_invite(const std::filesystem::path& path) {
    CTL_TRY_RESULT(text, area::read_file(path, invite_bytes_max),
                   "read the open invite " + path.string());
    CTL_TRY_RESULT(invite, area::parse_invite(text_of(text)),
                   "read the open invite " + path.string(),
                   "Remove the file and invite the agency anew.");
    crypto::wipe(text);
    return invite;
}

}  // namespace

Outcome<void> store_invite(const AreaPaths& paths, const area::Invite& invite,
                           const std::vector<area::Invite>& open) {
    CTL_TRY_RESULT_VOID(area::write_file(path_of(paths, invite.id), view_of(area::to_json(invite)),
                                         area::FileAccess::owner_only),
                        "keep the invite");
    for (const auto& other : open) {
        if (other.agency != invite.agency || other.id == invite.id) continue;
        CTL_TRY_RESULT_VOID(area::remove_file(path_of(paths, other.id)),
                            "remove an earlier invite of the agency");
    }
    return {};
}

Outcome<std::vector<area::Invite>> open_invites(const AreaPaths& paths) {
    std::vector<area::Invite> invites;
    std::error_code error;
    std::filesystem::directory_iterator files(paths.invites(), error);
    if (error)
        return problem("Could not read " + paths.invites().string() + ".",
                       "Check that you may read it.");
    for (const auto& file : files) {
        if (file.path().extension() != ".json") continue;
        CTL_TRY(invite, read_invite(file.path()));
        invites.push_back(std::move(invite));
    }
    std::sort(invites.begin(), invites.end(),
              [](const area::Invite& a, const area::Invite& b) { return a.agency < b.agency; });
    return invites;
}

Outcome<std::optional<area::Invite>> find_invite(const AreaPaths& paths, const area::InviteId& id) {
    const auto path = path_of(paths, id);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    CTL_TRY(invite, read_invite(path));
    return std::optional(std::move(invite));
}

Outcome<void> mark_used(const AreaPaths& paths, const area::Invite& invite, WallTime now) {
    nlohmann::ordered_json note;
    note["invite"] = to_text(invite.id);
    note["agency"] = invite.agency.value();
    note["used_at"] = to_rfc3339(now);
    CTL_TRY_RESULT_VOID(
        area::write_file(paths.used_invites() / (to_text(invite.id) + ".json"),
                         view_of(note.dump(2) + "\n"), area::FileAccess::owner_only),
        "note that the invite was used");
    CTL_TRY_RESULT_VOID(area::remove_file(path_of(paths, invite.id)), "remove the used invite");
    return {};
}

}  // namespace mash::ctl
