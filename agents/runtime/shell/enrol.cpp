#include "agents/runtime/shell/enrol.hpp"

#include <fstream>
#include <sstream>

#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/shell/agent_config.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

const crypto::Argon2Params
    no_price{};  // key files of a program that starts by itself are not sealed

Result<area::KeyFile> load_or_make(const fs::path& path, const std::string& kind,
                                   const AreaId& area, const std::string& owner,
                                   RandomSource& random,
                                   const std::function<void(area::KeyFile&)>& fill) {
    auto known = area::load_key_file(path, nullptr);
    if (known || known.error() != ErrorCode::not_found) return known;
    area::KeyFile file;
    file.label.kind = kind;
    file.label.area = area;
    file.label.owner = owner;
    fill(file);
    MASH_TRY_VOID(area::save_key_file(path, file, nullptr, no_price, random));
    return file;
}

constexpr std::string_view nothing_before = "# There was no key here before this invite.\n";

fs::path set_aside_path(const fs::path& folder, const area::Invite& invite, const fs::path& key) {
    return replaced_keys_path(folder) / to_text(invite.id) / key.filename();
}

/// A key that may be in wrong hands is used no more, and is not deleted: what it once opened may
/// still have to be looked into. That something lies there says that this invite has done its work,
/// so that a second run makes no third set, which the area would not know.
Result<void> set_aside(const fs::path& folder, const area::Invite& invite, const fs::path& key) {
    const auto aside = set_aside_path(folder, invite, key);
    std::error_code error;
    if (fs::exists(aside, error)) return {};
    if (!fs::exists(key, error))
        return area::write_file(aside, view_of(nothing_before), area::FileAccess::owner_only);
    fs::rename(key, aside, error);
    if (error) return fail(ErrorCode::store_failed);
    return {};
}

/// True when some invite says so. Host and agencies only: the storage key holds what is here
/// already, and the service token is this machine's own.
Result<bool> set_old_keys_aside(const fs::path& folder, const std::vector<area::Invite>& invites) {
    const auto host_key = host_key_path(folder, invites.front().anchor.area);
    const area::Invite* first = nullptr;
    bool host_is_done = false;
    std::error_code error;
    for (const auto& invite : invites) {
        if (!invite.replaces_keys) continue;
        if (first == nullptr) first = &invite;
        host_is_done = host_is_done || fs::exists(set_aside_path(folder, invite, host_key), error);
        for (const auto& made :
             {replaced_keys_path(folder), replaced_keys_path(folder) / to_text(invite.id)})
            MASH_TRY_VOID(area::make_folder(made, area::FileAccess::owner_only));
        MASH_TRY_VOID(set_aside(folder, invite, agency_key_path(folder, invite.agency)));
    }
    // One host key serves all its agencies, so all their invites together make one.
    if (first != nullptr && !host_is_done) MASH_TRY_VOID(set_aside(folder, *first, host_key));
    return first != nullptr;
}

std::string toml_text(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "\"";
}

/// Keys of an agency are made for one area: what is signed names no area, so two areas that knew
/// one key could play each other's messages back. The same name twice in one program would also
/// share folders. Refused before anything is made.
Result<void> check_new_to_this_host(const fs::path& folder, const area::Invite& invite,
                                    std::string& problem) {
    const AreaId& area = invite.anchor.area;
    if (const auto known = area::load_key_file(agency_key_path(folder, invite.agency), nullptr);
        known && known->label.area != area) {
        problem = "This agent already serves an agency " + invite.agency.value() + " in area " +
                  known->label.area.value() + ". Ask the operator of " + area.value() +
                  " to invite you under another name, for example " + invite.agency.value() + "-" +
                  area.value() + ", or enrol in another folder and run a second agent";
        return fail(ErrorCode::already_exists);
    }
    std::string ignored;
    const auto config = read_agent_config(folder, ignored);
    if (!config) return {};  // nothing is configured yet; what is wrong in it is said by `run`
    for (const auto& other : config->areas) {
        if (other.anchor.area == area) continue;
        for (const auto& seat : invite.seats) {
            if (seat.people || !config->handover.contains(seat.inbox)) continue;
            problem = "This agent already hands over an inbox " + seat.inbox.value() +
                      " in another area. Ask the operator of " + area.value() +
                      " for an inbox of another name";
            return fail(ErrorCode::already_exists);
        }
    }
    return {};
}

}  // namespace

Result<Enrolled> enrol(const fs::path& folder, const std::vector<area::Invite>& invites,
                       WallTime now, RandomSource& random, std::string& problem) {
    const auto stop = [&](const std::string& what, ErrorCode code) {
        problem = what + ": " + std::string(describe(code));
        return fail(code);
    };
    if (invites.empty()) return stop("No invite was given", ErrorCode::missing_field);
    const auto& first = invites.front();
    for (const auto& invite : invites) {
        if (!(invite.anchor == first.anchor) || invite.host != first.host) {
            problem = "The invites are of different areas or hosts: enrol them one after the other";
            return fail(ErrorCode::bad_value);
        }
        if (invite.expires < now)
            return stop("The invite for " + invite.agency.value() +
                            " has expired: ask the area for a new one",
                        ErrorCode::expired);
        MASH_TRY_VOID(check_new_to_this_host(folder, invite, problem));
    }
    const AreaId& area_id = first.anchor.area;
    const fs::path state = folder / "areas" / area_id.value();
    for (const auto& path : {folder, folder / "keys", folder / "keys" / "agencies", state}) {
        if (const auto made = area::make_folder(path, area::FileAccess::owner_only); !made)
            return stop("The folder " + path.string() + " cannot be made", made.error());
    }
    if (const auto known = area::read_file(state / "area.json", 64 * 1024)) {
        const auto anchor = area::parse_trust_anchor(text_of(*known));
        if (anchor && !(*anchor == first.anchor)) {
            problem = "This host already knows an area " + area_id.value() +
                      " with another root key. Ring the area's operator before you go on: the "
                      "invite may be forged";
            return fail(ErrorCode::bad_signature);
        }
    }

    Enrolled out;
    const auto replaced = set_old_keys_aside(folder, invites);
    if (!replaced) {
        return stop("The keys before cannot be moved to " + replaced_keys_path(folder).string(),
                    replaced.error());
    }
    out.replaced_keys = *replaced;
    auto host =
        load_or_make(host_key_path(folder, area_id), "host", area_id, first.host.value(), random,
                     [&](area::KeyFile& file) {
                         file.add_curve("transport", crypto::CurveKeyPair::generate(random));
                     });
    if (!host) return stop("The host's key cannot be made", host.error());
    MASH_TRY(transport, host->curve("transport"));
    auto storage =
        load_or_make(storage_key_path(folder), "storage", area_id, first.host.value(), random,
                     [&](area::KeyFile& file) {
                         file.add_secret("storage", crypto::SecretBytes::random(32, random));
                     });
    if (!storage) return stop("The storage key cannot be made", storage.error());
    auto service =
        load_or_make(service_token_path(folder), "service", area_id, first.host.value(), random,
                     [&](area::KeyFile& file) {
                         file.add_secret("token", crypto::SecretBytes::random(32, random));
                     });
    if (!service) return stop("The service token cannot be made", service.error());
    if (!area::read_file(recovery_public_path(folder), 64 * 1024)) {
        auto recovery =
            load_or_make(recovery_key_path(folder), "recovery", area_id, first.host.value(), random,
                         [&](area::KeyFile& file) {
                             file.add_box("recovery", crypto::BoxKeyPair::generate(random));
                         });
        if (!recovery) return stop("The recovery key cannot be made", recovery.error());
        MASH_TRY(pair, recovery->box("recovery"));
        const std::string text = to_base64url(pair.public_key.view()) + "\n";
        if (const auto written = area::write_file(recovery_public_path(folder), view_of(text),
                                                  area::FileAccess::owner_only);
            !written) {
            return stop("The recovery key cannot be written", written.error());
        }
        out.made_recovery_key = true;
    }

    std::string existing;
    if (const auto text = area::read_file(folder / "agent.toml", 4 * 1024 * 1024))
        existing = std::string(text_of(*text));
    std::string sections;
    for (const auto& invite : invites) {
        auto agency =
            load_or_make(agency_key_path(folder, invite.agency), "agency", area_id,
                         invite.agency.value(), random, [&](area::KeyFile& file) {
                             file.add_signing("signing", crypto::SigningKey::generate(random));
                             file.add_box("box", crypto::BoxKeyPair::generate(random));
                         });
        if (!agency)
            return stop("The keys of " + invite.agency.value() + " cannot be made", agency.error());
        MASH_TRY(signing, agency->signing("signing"));
        MASH_TRY(box, agency->box("box"));
        out.requests.push_back(
            area::make_enrol_request(invite, signing, box.public_key, transport.public_key, now));
        const std::string header = "[agencies." + toml_text(invite.agency.value()) + "]";
        if (existing.find(header) != std::string::npos) continue;
        sections +=
            "\n" + header + "\narea = " + toml_text(area_id.value()) +
            "\nrole = " + toml_text(invite.roles.empty() ? "" : invite.roles.front().value()) +
            "\nurn = " + toml_text(invite.urn) + "\nprofessional_contact = { whom_to_ring = " +
            toml_text(invite.name + ", " + invite.telephone) + " }\n";
        for (const auto& seat : invite.seats) {
            const std::string handover = "[handover." + toml_text(seat.inbox.value()) + "]";
            if (seat.people || existing.find(handover) != std::string::npos) continue;
            sections += "\n" + handover + "\nfolder = \"handover\"\nwebhook = \"\"\n";
        }
    }
    if (existing.empty()) {
        existing =
            "# Where this agent's folders and sockets are. What may be shared is in the area's "
            "signed policy.\n"
            "# The local interface, for this machine only.\nlisten = \"127.0.0.1:0\"\n"
            "# How often folders on network shares are looked at.\npoll_seconds = 1\n"
            "# Whom to ring when the broker does not answer; empty: each area's front door.\n"
            "area_telephone = \"\"\n"
            "# A command that is run for each alarm, with MASH_ALARM, MASH_AREA, "
            "MASH_NOTIFICATION and MASH_TELEPHONE set.\nalarm_hook = \"\"\n"
            "# The alarms: a notification that the area has not accepted, or a recipient has not "
            "stored, in this time.\nimmediate_alarm_seconds = 60\nurgent_alarm_minutes = 10\n"
            "# What was sent is kept until everybody who acts has taken it, and this much "
            "longer.\nretention_after_taken_days = 30\n";
    }
    if (existing.find("[areas." + toml_text(area_id.value()) + "]") == std::string::npos) {
        // The first area reads DIR/intake; each further one has folders of its own.
        const bool is_first = existing.find("[areas.") == std::string::npos;
        existing += "\n[areas." + toml_text(area_id.value()) +
                    "]\nhost = " + toml_text(first.host.value()) +
                    "\nfolder = " + toml_text(is_first ? "." : "areas/" + area_id.value()) + "\n";
    }
    existing += sections;
    const auto write = [&](const fs::path& path, const std::string& text) {
        return area::write_file(path, view_of(text), area::FileAccess::owner_only);
    };
    for (const auto& [path, text] :
         {std::pair(state / "area.json", area::to_json(first.anchor)),
          std::pair(state / "broker.json",
                    to_json(BrokerAddress{first.broker_endpoints, first.broker_key})),
          std::pair(folder / "agent.toml", existing)}) {
        if (const auto written = write(path, text); !written)
            return stop("The file " + path.string() + " cannot be written", written.error());
    }
    out.fingerprint =
        area::fingerprint_of(std::span<const area::EnrolRequest>(out.requests)).text();
    out.area_fingerprint = area::fingerprint_of(first.anchor).text();
    return out;
}

}  // namespace mash::runtime_shell
