#include "agents/runtime/shell/rotate.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agents/runtime/shell/agent_config.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

const crypto::Argon2Params
    no_price{};  // key files of a program that starts by itself are not sealed

Result<area::KeyFile> with_next(const fs::path& path, RandomSource& random, bool& repeated,
                                const std::function<void(area::KeyFile&)>& add) {
    MASH_TRY(file, area::load_key_file(path, nullptr));
    const bool has_next = std::ranges::any_of(
        file.secrets, [](const auto& entry) { return entry.first.ends_with("-next"); });
    if (has_next) {
        repeated = true;
        return file;
    }
    add(file);
    MASH_TRY_VOID(area::save_key_file(path, file, nullptr, no_price, random));
    return file;
}

/// The next key takes the place of the one before, which is forgotten.
void promote(area::KeyFile& file, const std::string& name) {
    auto secret = file.secrets.extract(name + "-next");
    if (secret.empty()) return;
    secret.key() = name;
    file.secrets.erase(name);
    file.secrets.insert(std::move(secret));
    auto shown = file.label.publics.extract(name + "-next");
    if (shown.empty()) return;
    shown.key() = name;
    file.label.publics.erase(name);
    file.label.publics.insert(std::move(shown));
}

struct Listed {
    bool is_listed = false;
    bool is_in_force = false;
    bool has_ended = false;
    std::string until;
};

Listed listed_as(const Json& keys, const std::string& key, WallTime now) {
    Listed out;
    if (!keys.is_array()) return out;
    const auto time = [](const Json& one, const char* name) {
        const auto found = one.find(name);
        if (found == one.end() || !found->is_string()) return WallTime();
        const auto parsed = wall_time_from_rfc3339(found->get<std::string>());
        return parsed ? *parsed : WallTime();
    };
    for (const auto& one : keys) {
        if (!one.is_object() || one.value("key", std::string()) != key) continue;
        const auto until = time(one, "until");
        out.is_listed = true;
        out.has_ended = time(one, "revoked").is_set() || (until.is_set() && until <= now);
        out.is_in_force = !out.has_ended && time(one, "from") <= now;
        if (until.is_set()) out.until = to_rfc3339(until);
    }
    return out;
}

/// True when the new one counts and the old one does not any more; else `waiting` says what for.
bool may_finish(const std::string& whose, const Json& keys, const std::string& old_key,
                const std::string& new_key, WallTime now, std::vector<std::string>& waiting) {
    const auto next = listed_as(keys, new_key, now);
    const auto old = listed_as(keys, old_key, now);
    if (!next.is_listed) {
        waiting.push_back(whose +
                          ": the registry does not list the new key yet. Bring the paper "
                          "to the registrar (mashctl agency rotate)");
    } else if (!next.is_in_force) {
        waiting.push_back(whose + ": the new key does not count yet");
    } else if (old.is_listed && !old.has_ended) {
        waiting.push_back(whose + ": the old key goes on until " +
                          (old.until.empty() ? "it is ended" : old.until));
    } else {
        return true;
    }
    return false;
}

}  // namespace

Result<RotationStarted> start_rotation(const fs::path& dir, const std::vector<AgencyId>& agencies,
                                       bool with_transport, const fs::path& out, WallTime now,
                                       RandomSource& random, std::string& problem) {
    MASH_TRY(config, read_agent_config(dir, problem));
    const auto stop = [&](const std::string& what, ErrorCode code) {
        problem = what + ": " + std::string(describe(code));
        return fail(code);
    };
    for (const auto& wanted : agencies) {
        const bool served = std::ranges::any_of(config.areas, [&](const auto& area) {
            return std::ranges::any_of(area.agencies,
                                       [&](const auto& agency) { return agency.id == wanted; });
        });
        if (!served)
            return stop("This host does not serve the agency " + wanted.value(),
                        ErrorCode::not_found);
    }
    if (const auto made = area::make_folder(out, area::FileAccess::owner_only); !made)
        return stop("The folder " + out.string() + " cannot be made", made.error());
    RotationStarted started;
    for (const auto& area : config.areas) {
        std::vector<AgencyId> chosen;
        for (const auto& agency : area.agencies) {
            if (agencies.empty() || std::ranges::find(agencies, agency.id) != agencies.end())
                chosen.push_back(agency.id);
        }
        if (chosen.empty()) continue;
        std::optional<crypto::CurvePublicKey> transport;
        if (with_transport) {
            const auto host = with_next(host_key_path(dir, area.anchor.area), random,
                                        started.repeated, [&](area::KeyFile& file) {
                                            file.add_curve("transport-next",
                                                           crypto::CurveKeyPair::generate(random));
                                        });
            if (!host) return stop("The host's next key cannot be made", host.error());
            MASH_TRY(pair, host->curve("transport-next"));
            transport = pair.public_key;
        }
        for (const auto& id : chosen) {
            const auto keys = with_next(
                agency_key_path(dir, id), random, started.repeated, [&](area::KeyFile& file) {
                    file.add_signing("signing-next", crypto::SigningKey::generate(random));
                    file.add_box("box-next", crypto::BoxKeyPair::generate(random));
                });
            if (!keys)
                return stop("The next keys of " + id.value() + " cannot be made", keys.error());
            MASH_TRY(old_signing, keys->signing("signing"));
            MASH_TRY(new_signing, keys->signing("signing-next"));
            MASH_TRY(new_box, keys->box("box-next"));
            area::Agency agency;
            agency.id = id;
            agency.host = area.host;
            const auto request = area::make_rotation_request(
                area.anchor, agency, old_signing, new_signing, new_box.public_key, transport, now);
            const auto file = out / (id.value() + ".rotation.json");
            if (const auto written = area::write_file(file, view_of(area::to_json(request)),
                                                      area::FileAccess::owner_only);
                !written) {
                return stop("The paper " + file.string() + " cannot be written", written.error());
            }
            started.requests.push_back(file);
        }
    }
    return started;
}

Result<RotationFinished> finish_rotation(const fs::path& dir,
                                         const std::map<AreaId, PersonalText>& listed, WallTime now,
                                         RandomSource& random, std::string& problem) {
    MASH_TRY(config, read_agent_config(dir, problem));
    std::map<AreaId, Json> registries;
    for (const auto& [area, answer] : listed) {
        auto registry = Json::parse(answer.reveal(), nullptr, false);
        if (!registry.is_object() || !registry.contains("transport") ||
            !registry.contains("signing")) {
            problem = "The agent's answer about its keys in " + area.value() + " is not understood";
            return fail(ErrorCode::malformed);
        }
        registries.emplace(area, std::move(registry));
    }
    RotationFinished out;
    const auto save = [&](const fs::path& path, const area::KeyFile& file) -> Result<void> {
        const auto saved = area::save_key_file(path, file, nullptr, no_price, random);
        if (!saved)
            problem = "The key file " + path.string() +
                      " cannot be written: " + std::string(describe(saved.error()));
        return saved;
    };
    for (const auto& area : config.areas) {
        const auto found = registries.find(area.anchor.area);
        if (found == registries.end()) {
            out.waiting.push_back("area " + area.anchor.area.value() +
                                  ": it is not known what its registry lists, so its keys stay as "
                                  "they are");
            continue;
        }
        const auto& registry = found->second;
        const auto host_path = host_key_path(dir, area.anchor.area);
        auto host = area::load_key_file(host_path, nullptr);
        if (host && host->secrets.contains("transport-next")) {
            MASH_TRY(old_pair, host->curve("transport"));
            MASH_TRY(new_pair, host->curve("transport-next"));
            const std::string whose = "host " + area.host.value();
            if (may_finish(whose, registry["transport"], crypto::curve_text(old_pair.public_key),
                           crypto::curve_text(new_pair.public_key), now, out.waiting)) {
                promote(*host, "transport");
                MASH_TRY_VOID(save(host_path, *host));
                out.finished.push_back(whose);
            }
        }
        for (const auto& agency : area.agencies) {
            const auto path = agency_key_path(dir, agency.id);
            auto file = area::load_key_file(path, nullptr);
            if (!file || !file->secrets.contains("signing-next")) continue;
            MASH_TRY(old_key, file->signing("signing"));
            MASH_TRY(new_key, file->signing("signing-next"));
            const auto keys = registry["signing"].value(agency.id.value(), Json::array());
            if (!may_finish(agency.id.value(), keys, to_base64url(old_key.verify_key().view()),
                            to_base64url(new_key.verify_key().view()), now, out.waiting))
                continue;
            promote(*file, "signing");
            promote(*file, "box");
            MASH_TRY_VOID(save(path, *file));
            out.finished.push_back(agency.id.value());
        }
    }
    return out;
}

}  // namespace mash::runtime_shell
