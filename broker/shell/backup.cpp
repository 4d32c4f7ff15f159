#include "broker/shell/backup.hpp"

#include "broker/core/core.hpp"
#include "common/area/files.hpp"
#include "common/store/sqlite/backup.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::broker_shell {

namespace {

constexpr const char* store_name = "broker.sqlite";
constexpr const char* program = "broker";

}  // namespace

Result<void> write_backup(store::Store& store, const AreaId& area,
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
    if (done) done = area::finish_backup(folder, label);
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
    auto label = area::check_backup(backup);
    if (!label)
        return stop("The backup " + backup.string() + " cannot be used: " +
                        std::string(area::explain_backup_failure(label.error())),
                    label.error());
    if (label->program != program || !label->owners.contains(config.area))
        return stop("The backup " + backup.string() + " is of " +
                        (label->program == program ? "another area's broker" : "an agent") +
                        ": this broker serves " + config.area.value(),
                    ErrorCode::wrong_area);
    Restored out{std::move(*label), config.store, {}};
    std::string aside;
    if (replace && std::filesystem::exists(config.store)) {
        aside = ".before-restore-" + std::to_string(now.unix_ms() / 1000);
        out.kept = config.store.string() + aside;
    }
    const auto put =
        store_sqlite::put_back_file((backup / store_name).string(), config.store.string(), aside,
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
