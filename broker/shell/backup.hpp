// The broker's store as a backup folder, and the way back. The store holds ciphertext, tokens and
// signed documents; the broker's key is never in a backup.
#pragma once

#include <filesystem>
#include <string>

#include "broker/shell/config.hpp"
#include "common/area/backup_folder.hpp"
#include "common/base/time.hpp"
#include "common/store/store.hpp"

namespace mash::broker_shell {

/// Any thread; writers go on. `folder` must not be there yet. Errors: already_exists, disk_full,
/// io_failed, store_failed; then the folder is gone again. What is in it is proved under `key`.
Result<void> write_backup(store::Store& store, const AreaId& area, const crypto::SecretBytes& key,
                          const std::filesystem::path& folder, WallTime now);

/// Of the broker's key file: what its backups are proved under. Errors: those of load_key_file.
Result<crypto::SecretBytes> backup_key(const BrokerConfig& config);

struct Restored {
    area::BackupLabel label;
    std::filesystem::path store;
    std::filesystem::path kept;  ///< where the store before it lies now; empty: there was none
};
/// Puts a backup where the stopped broker of `folder` (which holds broker.toml) will read it, with
/// its store epoch forgotten: agents then offer again what is outstanding. `replace`: a store that
/// is there is kept under another name. `problem` says what is wrong and what to do.
Result<Restored> restore_backup(const std::filesystem::path& folder,
                                const std::filesystem::path& backup, bool replace, WallTime now,
                                std::string& problem);

}  // namespace mash::broker_shell
