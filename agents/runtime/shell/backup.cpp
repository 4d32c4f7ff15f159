#include "agents/runtime/shell/backup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/intake_folder.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/store/sqlite/backup.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

constexpr const char* program = "agent";
constexpr std::size_t settings_bytes_max = 4 * 1024 * 1024;

constexpr const char* store_name = "agent.sqlite";

fs::path state_name(const AreaId& area) { return fs::path("areas") / area.value(); }

/// Never in a backup: the anchor and the broker in one are believed only because of it.
Result<crypto::SecretBytes> storage_key(const fs::path& dir) {
    MASH_TRY(file, area::load_key_file(storage_key_path(dir), nullptr));
    return file.secret("storage");
}

Result<void> copy_settings(const fs::path& from, const fs::path& to) {
    MASH_TRY(bytes, area::read_file(from, settings_bytes_max));
    return area::write_file(to, bytes, area::FileAccess::owner_only);
}

Result<void> fill(const AgentConfig& config, const fs::path& folder, area::BackupLabel& label) {
    const auto add = [&](const fs::path& name) {
        label.files.push_back({name.generic_string(), 0, {}});
    };
    MASH_TRY_VOID(area::make_folder(folder, area::FileAccess::owner_only));
    MASH_TRY_VOID(copy_settings(config.folder / "agent.toml", folder / "agent.toml"));
    add("agent.toml");
    MASH_TRY_VOID(area::make_folder(folder / "areas", area::FileAccess::owner_only));
    for (const auto& area : config.areas) {
        const auto state = state_name(area.anchor.area);
        MASH_TRY_VOID(area::make_folder(folder / state, area::FileAccess::owner_only));
        for (const char* name : {"area.json", "broker.json"}) {
            MASH_TRY_VOID(copy_settings(area.state / name, folder / state / name));
            add(state / name);
        }
        MASH_TRY_VOID(store_sqlite::copy_file((area.state / store_name).string(),
                                              (folder / state / store_name).string(),
                                              store_sqlite::SqliteOptions{}));
        add(state / store_name);
    }
    MASH_TRY(key, storage_key(config.folder));
    return area::finish_backup(folder, label, key);
}

/// Where a file stands in the order in which files were accepted.
struct Accepted {
    std::int64_t at_ns = 0;  ///< when it got its name and place, whatever date its sender gave it
    std::string stem;        ///< two of one moment: the number that a second of one name got
    long number = 0;
    fs::path file;
    auto operator<=>(const Accepted&) const = default;
};

Accepted place_of(const fs::path& file, std::int64_t at_ns) {
    Accepted out{at_ns, file.stem().string(), 1, file};
    const auto dash = out.stem.find_last_of('-');
    if (dash == std::string::npos) return out;
    const auto* end = out.stem.data() + out.stem.size();
    long number = 0;
    const auto read = std::from_chars(out.stem.data() + dash + 1, end, number);
    if (read.ec != std::errc() || read.ptr != end) return out;
    out.number = number;
    out.stem.resize(dash);
    return out;
}

/// What came in since goes into intake/ again under names that sort in the order in which it was
/// accepted, which the names in accepted/ do not: an older list read after a newer one would undo
/// it. A file that was put back before keeps its first name, and with it its place.
void take_in_again(const fs::path& folder, WallTime since, Restored& out) {
    std::error_code error;
    std::vector<Accepted> files;
    const auto accepted = folder / "accepted";
    for (const auto& entry : fs::recursive_directory_iterator(accepted, error)) {
        struct stat info{};
        if (entry.is_symlink(error) || !entry.is_regular_file(error) ||
            ::stat(entry.path().c_str(), &info) != 0)
            continue;
        const auto at_ns = info.st_ctim.tv_sec * 1'000'000'000LL + info.st_ctim.tv_nsec;
        if (at_ns / 1'000'000 >= since.unix_ms()) files.push_back(place_of(entry.path(), at_ns));
    }
    std::ranges::sort(files);
    std::int64_t last = 0;
    for (const auto& [at_ns, stem, number, file] : files) {
        last = std::max(last + 1, at_ns);
        auto target = folder / "intake" / fs::relative(file, accepted, error);
        if (!is_put_back(target))
            target.replace_filename(put_back_name(last, target.filename().string()));
        const auto into = target.parent_path();
        fs::create_directories(into, error);
        // A link that somebody put there since leads out of intake/.
        const bool is_elsewhere =
            into != folder / "intake" && fs::is_symlink(fs::symlink_status(into, error));
        if (!is_elsewhere && !fs::exists(target, error)) fs::rename(file, target, error);
        fs::exists(file) ? ++out.files_beside : ++out.files_again;
    }
}

}  // namespace

Result<area::BackupLabel> write_backup(const fs::path& dir, const fs::path& folder, WallTime now,
                                       std::string& problem) {
    MASH_TRY(config, read_agent_config(dir, problem));
    const auto stop = [&](const std::string& words, ErrorCode code) {
        problem = words;
        return fail(code);
    };
    std::error_code error;
    if (fs::exists(folder, error))
        return stop("There is something at " + folder.string() +
                        " already: name a folder that is not there yet",
                    ErrorCode::already_exists);
    area::BackupLabel label;
    label.program = program;
    label.made_at = now;
    for (const auto& area : config.areas) {
        label.owners.emplace(area.anchor.area, area.host);
        if (!fs::exists(area.state / store_name, error))
            return stop("This agent has not run in " + area.anchor.area.value() +
                            " yet: there is nothing to back up",
                        ErrorCode::not_found);
    }
    if (const auto done = fill(config, folder, label); !done) {
        fs::remove_all(folder, error);
        return stop("The backup could not be written to " + folder.string() + ": " +
                        std::string(describe(done.error())),
                    done.error());
    }
    return label;
}

Result<Restored> restore_backup(const fs::path& dir, const fs::path& folder, bool replace,
                                WallTime now, std::string& problem) {
    const auto stop = [&](const std::string& words, ErrorCode code) {
        problem = words;
        return fail(code);
    };
    const auto key = storage_key(dir);
    if (!key)
        return stop("The storage key " + storage_key_path(dir).string() +
                        " cannot be read. Put the folder keys/ back first: a backup holds no key",
                    key.error());
    auto label = area::check_backup(folder, program, *key);
    if (!label && label.error() == ErrorCode::wrong_area)
        return stop("The backup " + folder.string() + " is a broker's: use mashctl restore",
                    ErrorCode::wrong_area);
    if (!label && label.error() == ErrorCode::wrong_credential)
        return stop("The backup " + folder.string() +
                        " was made under another storage key: it is of another host, keys/ is not "
                        "the one that belongs to it, or somebody changed its backup.json. Find "
                        "out which before you use it",
                    ErrorCode::wrong_host);
    if (!label)
        return stop("The backup " + folder.string() + " cannot be used: " +
                        std::string(area::explain_backup_failure(label.error())),
                    label.error());
    std::error_code error;
    for (const auto& file : label->files) {  // a machine set up anew
        const fs::path target = dir / file.name;
        if (fs::path(file.name).extension() == ".sqlite" || fs::exists(target, error)) continue;
        fs::create_directories(target.parent_path(), error);
        const fs::path part = target.string() + ".restoring";
        Result<void> done = copy_settings(folder / file.name, part);
        if (done) done = area::check_backup_file(part, file);
        if (done) fs::rename(part, target, error);
        if (done && error) done = fail(ErrorCode::io_failed);
        if (!done) {
            fs::remove(part, error);
            return stop("The file " + target.string() +
                            " cannot be put back: " + std::string(describe(done.error())),
                        done.error());
        }
    }
    MASH_TRY(config, read_agent_config(dir, problem));
    for (const auto& area : config.areas) {
        const auto owner = label->owners.find(area.anchor.area);
        if (owner == label->owners.end() || owner->second != area.host)
            return stop("The backup " + folder.string() + " is not of the host " +
                            area.host.value() + " in " + area.anchor.area.value() +
                            ", which agent.toml names",
                        ErrorCode::wrong_host);
        if (!replace && fs::exists(area.state / store_name, error))
            return stop("There is a store at " + (area.state / store_name).string() +
                            " already. With --force it is kept under another name and the backup "
                            "takes its place",
                        ErrorCode::already_exists);
    }
    Restored out;
    const std::string aside = ".before-restore-" + std::to_string(now.unix_ms() / 1000);
    for (const auto& area : config.areas) {
        const auto place = area.state / store_name;
        const bool was_there = fs::exists(place, error);
        const auto name = state_name(area.anchor.area) / store_name;
        const auto proved =
            std::ranges::find(label->files, name.generic_string(), &area::BackupFile::name);
        if (proved == label->files.end())
            return stop(
                "The backup " + folder.string() + " holds no store of " + area.anchor.area.value(),
                ErrorCode::not_found);
        const auto check = [&](const std::string& path) {
            return area::check_backup_file(path, *proved);
        };
        const auto put = store_sqlite::put_back_file((folder / name).string(), place.string(),
                                                     aside, replace, check, runtime::mark_restored,
                                                     store_sqlite::SqliteOptions{});
        if (!put && put.error() == ErrorCode::busy)
            return stop("The agent of " + dir.string() + " runs: stop it first", put.error());
        if (!put)
            return stop("The store " + place.string() + " cannot be put back: " +
                            std::string(store_sqlite::explain_open_failure(put.error())),
                        put.error());
        if (was_there) ++out.stores_kept;
        take_in_again(area.folder, label->made_at, out);
    }
    out.label = std::move(*label);
    return out;
}

}  // namespace mash::runtime_shell
