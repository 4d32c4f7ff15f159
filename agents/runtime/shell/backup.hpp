// An agent's stores and settings as a backup folder, and the way back. Content in it is encrypted
// under the storage key, which is never in it: whoever restores needs the folder keys/ as well.
#pragma once

#include <filesystem>
#include <string>

#include "common/area/backup_folder.hpp"

namespace mash::runtime_shell {

/// Works while the agent runs. `folder` must not be there yet. `problem` says what is wrong and
/// what to do.
Result<area::BackupLabel> write_backup(const std::filesystem::path& dir,
                                       const std::filesystem::path& folder, WallTime now,
                                       std::string& problem);

struct Restored {
    area::BackupLabel label;
    std::size_t stores_kept = 0;   ///< set aside under another name
    std::size_t files_again = 0;   ///< taken in since the backup, put into intake/ again
    std::size_t files_beside = 0;  ///< the same, but they could not be put there
};
/// Puts a backup back under the stopped agent of `dir`, with its agent epoch forgotten: the broker
/// then delivers again what it still holds. Files that came in since the backup go into intake/
/// again; what was in them already is known by its reference. `replace`: stores that are there are
/// kept under another name.
Result<Restored> restore_backup(const std::filesystem::path& dir,
                                const std::filesystem::path& folder, bool replace, WallTime now,
                                std::string& problem);

}  // namespace mash::runtime_shell
