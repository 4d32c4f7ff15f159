#include "broker/shell/backup.hpp"

#include "broker/core/core.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/store/sqlite/backup.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::broker_shell {

namespace {

constexpr const char* store_name = "broker.sqlite";
constexpr const char* program = "broker";

}  // namespace

Result<crypto::SecretBytes> backup_key(const BrokerConfig& config) {
    MASH_TRY(file, area::load_key_file(config.key, nullptr));
    return file.secret("transport");
}

Result<void> write_backup(store::Store& store, const AreaId& area, const crypto::SecretBytes& key,
                          const std::filesystem::path& folder, WallTime now) {
    std::error_code error;
    if (std::filesystem::exists(folder, error)) return fail(ErrorCode::already_exists);
    MASH_TRY_VOID(area::make_folder(folder, area::FileAccess::owner_only));
    area::BackupLabel label;
    label.program = program;
    label.owners.emplace(area, HostId());
    label.made_at = now;
    label.files.push_back({store_name, 0, {}});
    Result<void> done = store.backup_to((folder / store_name).string());
    if (done) done = area::finish_backup(folder, label, key);
    if (!done) std::filesystem::remove_all(folder, error);
    return done;
}

Result<Restored> restore_backup(const std::filesystem::path& folder,
                                const std::filesystem::path& backup, bool replace, WallTime now,
                                std::string& problem) {
    MASH_TRY(config, read_broker_config(folder, problem));
    const auto stop = [&](std::string words, ErrorCode code) {
        problem = std::move(words);
        return fail(code);
    };
    const auto key = backup_key(config);
    if (!key)
        return stop("The broker's key file " + config.key.string() +
                        " cannot be read. Put it back first: a backup holds no key",
                    key.error());
    auto label = area::check_backup(backup, program, *key);
    if (!label && label.error() == ErrorCode::wrong_area)
        return stop("The backup " + backup.string() +
                        " is of an agent: use the restore command of that agent",
                    ErrorCode::wrong_area);
    if (!label && label.error() == ErrorCode::wrong_credential)
        return stop("The backup " + backup.string() + " was made under another key than " +
                        config.key.string() +
                        ": it is of another broker, or somebody changed its backup.json. Find out "
                        "which before you use it",
                    label.error());
    if (!label)
        return stop("The backup " + backup.string() + " cannot be used: " +
                        std::string(area::explain_backup_failure(label.error())),
                    label.error());
    if (!label->owners.contains(config.area) || label->files.size() != 1 ||
        label->files.front().name != store_name)
        return stop("The backup " + backup.string() +
                        " is of another area's broker: this broker serves " + config.area.value(),
                    ErrorCode::wrong_area);
    Restored out{std::move(*label), config.store, {}};
    const std::string aside = ".before-restore-" + std::to_string(now.unix_ms() / 1000);
    if (std::filesystem::exists(config.store)) out.kept = config.store.string() + aside;
    const auto check = [&](const std::string& path) {
        return area::check_backup_file(path, out.label.files.front());
    };
    const auto put = store_sqlite::put_back_file(
        (backup / store_name).string(), config.store.string(), aside, replace, check,
        broker::Core::forget_epoch, store_sqlite::SqliteOptions{});
    if (put) return out;
    switch (put.error()) {
        case ErrorCode::busy:
            return stop("The broker of " + folder.string() + " runs: stop it first", put.error());
        case ErrorCode::already_exists:
            return stop("There is a store at " + config.store.string() +
                            " already. With --force it is kept under another name and the backup "
                            "takes its place",
                        put.error());
        default:
            return stop("The store " + config.store.string() + " cannot be put back: " +
                            std::string(store_sqlite::explain_open_failure(put.error())),
                        put.error());
    }
}

}  // namespace mash::broker_shell
