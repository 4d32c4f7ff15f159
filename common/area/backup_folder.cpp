#include "common/area/backup_folder.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "common/area/files.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"

namespace mash::area {
namespace {

using Json = nlohmann::json;

constexpr std::string_view format = "mash-backup-1";
constexpr std::string_view label_name = "backup.json";
constexpr std::size_t label_bytes_max = limits::mebibyte;

// Hashed in pieces, because a store may be larger than the memory. The size of the pieces is part
// of the digest's definition.
constexpr std::size_t piece_bytes = limits::mebibyte;

/// All but its name.
Result<BackupFile> describe_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(ErrorCode::not_found);
    BackupFile out;
    crypto::LabelledHasher hasher("mash.v1.backup-file");
    Bytes piece(piece_bytes);
    while (in) {
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        const auto got = static_cast<std::size_t>(in.gcount());
        if (got == 0) break;
        hasher.part(ByteView(piece).first(got));
        out.bytes += got;
    }
    if (in.bad()) return fail(ErrorCode::io_failed);
    out.digest = hasher.finish();
    return out;
}

Digest proof_of(const BackupLabel& label, const crypto::SecretBytes& key) {
    Writer all;
    all.text(format).text(label.program).i64(label.made_at.unix_ms());
    all.u64(label.owners.size());
    for (const auto& [area, host] : label.owners) all.id(area).id(host);
    all.u64(label.files.size());
    for (const auto& file : label.files) all.text(file.name).u64(file.bytes).fixed(file.digest);
    return crypto::keyed_labelled_hash(key, "mash.v1.backup-label", {all.done()});
}

/// Nothing in a label may point outside its folder.
bool is_inside(const std::string& name) {
    const std::filesystem::path path(name);
    if (name.empty() || path.is_absolute() || path.lexically_normal().generic_string() != name)
        return false;
    return *path.begin() != ".." && name != label_name;
}

Result<Digest> digest_from(const Json& value) {
    if (!value.is_string()) return fail(ErrorCode::malformed);
    MASH_TRY(bytes, from_hex(value.get_ref<const std::string&>()));
    Digest out{};
    if (bytes.size() != out.size()) return fail(ErrorCode::malformed);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Result<BackupFile> file_from(const Json& value) {
    if (!value.is_object() || value.size() != 3 || !value.contains("name") ||
        !value["name"].is_string() || !value.contains("bytes") ||
        !value["bytes"].is_number_unsigned() || !value.contains("digest")) {
        return fail(ErrorCode::malformed);
    }
    BackupFile out;
    out.name = value["name"].get<std::string>();
    if (!is_inside(out.name)) return fail(ErrorCode::bad_value);
    out.bytes = value["bytes"].get<std::uint64_t>();
    MASH_TRY(digest, digest_from(value["digest"]));
    out.digest = digest;
    return out;
}

}  // namespace

std::string to_json(const BackupLabel& label) {
    nlohmann::ordered_json out;
    out["format"] = format;
    out["program"] = label.program;
    out["made_at"] = to_rfc3339(label.made_at);
    out["owners"] = nlohmann::ordered_json::array();
    for (const auto& [area, host] : label.owners)
        out["owners"].push_back({{"area", area.value()}, {"host", host.value()}});
    out["key_proof"] = to_hex(label.key_proof);
    out["files"] = nlohmann::ordered_json::array();
    for (const auto& file : label.files) {
        out["files"].push_back(
            {{"name", file.name}, {"bytes", file.bytes}, {"digest", to_hex(file.digest)}});
    }
    return out.dump(2) + "\n";
}

Result<BackupLabel> parse_backup_label(std::string_view json) {
    const auto document = Json::parse(json, nullptr, false);
    if (!document.is_object()) return fail(ErrorCode::malformed);
    const auto text = [&](const char* name) {
        const auto found = document.find(name);
        return found != document.end() && found->is_string() ? found->get<std::string>()
                                                             : std::string();
    };
    if (text("format") != format) return fail(ErrorCode::unsupported_version);
    BackupLabel out;
    out.program = text("program");
    MASH_TRY(made_at, wall_time_from_rfc3339(text("made_at")));
    out.made_at = made_at;
    if (!document.contains("key_proof") || !document.contains("owners") ||
        !document["owners"].is_array() || !document.contains("files") ||
        !document["files"].is_array()) {
        return fail(ErrorCode::malformed);
    }
    MASH_TRY(proof, digest_from(document["key_proof"]));
    out.key_proof = proof;
    for (const auto& owner : document["owners"]) {
        if (!owner.is_object() || !owner.contains("area") || !owner["area"].is_string() ||
            !owner.contains("host") || !owner["host"].is_string()) {
            return fail(ErrorCode::malformed);
        }
        const auto area = owner["area"].get<std::string>();
        const auto host = owner["host"].get<std::string>();
        if (!is_valid_name(area) || (!host.empty() && !is_valid_name(host)))
            return fail(ErrorCode::bad_value);
        out.owners.emplace(AreaId(area), HostId(host));
    }
    for (const auto& value : document["files"]) {
        MASH_TRY(file, file_from(value));
        out.files.push_back(std::move(file));
    }
    if (out.program.empty() || out.owners.empty() || out.files.empty())
        return fail(ErrorCode::malformed);
    return out;
}

Result<void> finish_backup(const std::filesystem::path& folder, BackupLabel& label,
                           const crypto::SecretBytes& key) {
    for (auto& file : label.files) {
        MASH_TRY(described, describe_file(folder / file.name));
        described.name = file.name;
        file = std::move(described);
    }
    label.key_proof = proof_of(label, key);
    return write_file(folder / label_name, view_of(to_json(label)), FileAccess::owner_only);
}

Result<void> check_backup_file(const std::filesystem::path& path, const BackupFile& file) {
    auto found = describe_file(path);
    if (found) found->name = file.name;
    if (!found || !(*found == file)) return fail(ErrorCode::decrypt_failed);
    return {};
}

Result<BackupLabel> check_backup(const std::filesystem::path& folder, std::string_view program,
                                 const crypto::SecretBytes& key) {
    MASH_TRY(text, read_file(folder / label_name, label_bytes_max));
    MASH_TRY(label, parse_backup_label(text_of(text)));
    if (label.program != program) return fail(ErrorCode::wrong_area);
    if (!crypto::equal_constant_time(proof_of(label, key), label.key_proof))
        return fail(ErrorCode::wrong_credential);
    for (const auto& file : label.files) MASH_TRY_VOID(check_backup_file(folder / file.name, file));
    return label;
}

std::string_view explain_backup_failure(ErrorCode code) {
    switch (code) {
        case ErrorCode::not_found:
            return "there is no backup.json in it: the backup was not finished, or this is another "
                   "folder";
        case ErrorCode::decrypt_failed:
            return "a file of it is missing, cut short or changed: use another backup";
        case ErrorCode::wrong_area: return "it was made by another program";
        case ErrorCode::wrong_credential:
            return "its backup.json was written under another key, or was changed since";
        case ErrorCode::unsupported_version:
            return "it was made by another release: use the release that made it";
        case ErrorCode::malformed:
        case ErrorCode::bad_value: return "its backup.json is damaged: use another backup";
        default: return describe(code);
    }
}

}  // namespace mash::area
