// A backup is a folder: copies of stores and small files, and backup.json, which is written last,
// says whose they are and what each must hash to, and proves it under a key of its owner. A folder
// without it, or with a file that differs, is no backup; nor is one that whoever can write where
// backups lie has made or changed. No key is ever in it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/crypto/secret.hpp"

namespace mash::area {

struct BackupFile {
    std::string name;  ///< path inside the folder, with `/`
    std::uint64_t bytes = 0;
    Digest digest{};
    friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct BackupLabel {
    std::string program;  ///< "broker", "agent"
    /// Whose it is: the host in each area. A broker: its area, and no host.
    std::map<AreaId, HostId> owners;
    WallTime made_at;
    /// Over everything else here, under the owner's key, of which it tells nothing.
    Digest key_proof{};
    std::vector<BackupFile> files;
    friend bool operator==(const BackupLabel&, const BackupLabel&) = default;
};

std::string to_json(const BackupLabel& label);
/// Errors: malformed, unsupported_version, bad_value (a name that leaves the folder).
Result<BackupLabel> parse_backup_label(std::string_view json);

/// Hashes the files of `label`, which are synced already (their names are given), proves them under
/// `key` and writes backup.json. Errors: those of files.hpp.
Result<void> finish_backup(const std::filesystem::path& folder, BackupLabel& label,
                           const crypto::SecretBytes& key);

/// Reads backup.json and every file it names. Errors: not_found (no backup.json), malformed,
/// unsupported_version, bad_value, wrong_area (of another program than `program`), wrong_credential
/// (not proved under `key`), and decrypt_failed when a file is missing, cut short or changed.
Result<BackupLabel> check_backup(const std::filesystem::path& folder, std::string_view program,
                                 const crypto::SecretBytes& key);

/// Whether `path` holds what `file` says. For what was copied out of a folder after it was checked:
/// somebody may have changed it between. Errors: decrypt_failed.
Result<void> check_backup_file(const std::filesystem::path& path, const BackupFile& file);

/// For the operator. No full stop at its end.
std::string_view explain_backup_failure(ErrorCode code);

}  // namespace mash::area
