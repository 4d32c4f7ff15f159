#include "broker/ctl/agency_commands.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "broker/ctl/agency_csv.hpp"
#include "broker/ctl/area_folder.hpp"
#include "broker/ctl/invites.hpp"
#include "broker/ctl/peppers.hpp"
#include "broker/ctl/registrar.hpp"
#include "common/area/policy.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/curve_fingerprint.hpp"

namespace mash::ctl {
namespace {

using area::FileAccess;

constexpr std::size_t paper_bytes_max = limits::signed_document_bytes_max;
constexpr unsigned valid_days_max = static_cast<unsigned>(limits::invite_validity.count());

Outcome<std::string> read_text(const std::filesystem::path& path) {
    CTL_TRY_RESULT(bytes, area::read_file(path, paper_bytes_max), "read " + path.string());
    return std::string(text_of(bytes));
}

area::Invite invite_of(const Context& context, const AreaFolder& folder, const AgencyPlan& plan,
                       const std::string& host, unsigned valid_days, bool replace_keys) {
    const auto& broker = folder.registry().broker;
    std::vector<RoleId> roles;
    for (const auto& role : plan.roles) {
        if (std::find(roles.begin(), roles.end(), RoleId(role)) == roles.end())
            roles.emplace_back(role);
    }
    return {area::InviteId(context.random.array<16>()),
            folder.anchor(),
            broker.endpoints,
            crypto::CurvePublicKey(broker.curve_public_key),
            context.now + std::chrono::days(valid_days),
            area::InviteCode::generate(context.random),
            AgencyId(plan.id),
            plan.kind,
            plan.name,
            plan.urn,
            plan.telephone,
            HostId(host),
            std::move(roles),
            plan.seats,
            plan.alternate_inboxes,
            replace_keys};
}

Outcome<void> check_days(unsigned days) {
    if (days == 0 || days > valid_days_max) {
        return problem("An invite is good for 1 to " + std::to_string(valid_days_max) + " days.",
                       "Give another number of days.");
    }
    return {};
}

// Two invites that are both under way must not hand out one inbox, URN or id twice.
Outcome<void> check_against_pending(const area::Invite& invite,
                                    const std::vector<area::Invite>& pending) {
    std::set<InboxId> own(invite.alternate_inboxes.begin(), invite.alternate_inboxes.end());
    for (const auto& seat : invite.seats) own.insert(seat.inbox);
    for (const auto& other : pending) {
        if (other.agency == invite.agency) continue;  // replaced when this one is stored
        if (!invite.urn.empty() && invite.urn == other.urn) {
            return problem("The URN " + invite.urn + " is promised to " + other.agency.value() +
                               " by an open invite.",
                           "Check the URN.");
        }
        std::vector<InboxId> promised = other.alternate_inboxes;
        for (const auto& seat : other.seats) promised.push_back(seat.inbox);
        for (const auto& inbox : promised) {
            if (own.contains(inbox)) {
                return problem("The inbox " + inbox.value() + " is promised to " +
                                   other.agency.value() + " by an open invite.",
                               "Give it another name, by habit <agency>.<role>.");
            }
        }
    }
    return {};
}

struct CatalogueWords {
    std::vector<std::string> kinds;
    std::vector<std::string> roles;
};

// Kinds and roles of the signed catalogue; nothing when none is signed yet.
CatalogueWords catalogue_words(const AreaFolder& folder) {
    CatalogueWords words;
    const auto* policy = folder.trusted().document(wire::DocumentKind::policy);
    const auto* catalogue = folder.trusted().document(wire::DocumentKind::catalogue);
    if (policy == nullptr || catalogue == nullptr) return words;
    std::vector<area::PolicyFault> faults;
    const auto parsed = area::Policy::parse(text_of(policy->body), "policy.signed",
                                            text_of(catalogue->body), "catalogue.signed", faults);
    if (!parsed) return words;
    words.kinds = parsed->agency_kinds();
    for (const auto& [role, definition] : parsed->roles()) words.roles.push_back(role.value());
    return words;
}

// Every open invite is kept by the registrar before it is handed out.
Outcome<void> hand_out(const AreaFolder& folder, const area::Invite& invite,
                       const std::vector<area::Invite>& pending, const std::filesystem::path& out) {
    CTL_TRY_VOID(store_invite(folder.paths(), invite, pending));
    CTL_TRY_RESULT_VOID(
        area::write_file(out, view_of(area::to_json(invite)), FileAccess::owner_only),
        "write " + out.string());
    return {};
}

constexpr const char* how_to_hand_over =
    "Hand it to the agency's own person, in person or over a channel you trust: it holds a "
    "one-time code.\n"
    "Tell them the root fingerprint by another way, so that they can compare it.\n";

struct Requests {
    std::vector<area::EnrolRequest> all;
};

Outcome<Requests> read_requests(const std::vector<std::filesystem::path>& paths) {
    Requests requests;
    std::set<AgencyId> seen;
    for (const auto& path : paths) {
        CTL_TRY(text, read_text(path));
        CTL_TRY_RESULT(parsed, area::parse_enrol_requests(text),
                       "read the request " + path.string(),
                       "Ask the agency for the file that its `enrol` command wrote.");
        for (auto& request : parsed) {
            if (!seen.insert(request.agency).second) {
                return problem(
                    "The agency " + request.agency.value() + " is in more than one request.",
                    "Approve one request of each agency at a time.");
            }
            requests.all.push_back(std::move(request));
        }
    }
    return requests;
}

// The fingerprint is never shown here: only what somebody heard and typed can be compared.
Outcome<void> compare_fingerprint(const Context& context, const AgencyApprove& command,
                                  const Requests& requests) {
    if (command.accept_unread_fingerprint) {
        context.warn(
            "nobody has read these fingerprints back. Whoever could change the request on its way "
            "is admitted. "
            "Use this for demonstrations only.");
        return {};
    }
    std::string typed = command.fingerprint;
    if (typed.empty()) {
        const auto answer = context.ask(
            "Ring the agency on a number you know already. Ask them to read out the fingerprint of "
            "their request, and type it here: ");
        if (!answer) {
            return problem("The fingerprint of the request is needed.",
                           "Ring the agency on a number you know already, and give what they read "
                           "out with --fingerprint.");
        }
        typed = *answer;
    }
    if (!area::fingerprint_of(requests.all).matches(typed)) {
        return problem("The fingerprint is not that of these requests. Nothing was approved.",
                       "Ask them to read it again. If it still differs, the request was changed on "
                       "its way or comes from "
                       "somebody else: do not approve it, and tell your security officer.");
    }
    return {};
}

Outcome<void> check_one(const area::EnrolRequest& request, const AreaFolder& folder,
                        const area::Invite* invite, WallTime now) {
    if (request.area != folder.anchor().area) {
        return problem("The request is for the area " + request.area.value() + ".",
                       "Bring it to that area.");
    }
    if (invite == nullptr) {
        return problem(
            "The request was made with an invite that is not open here: used, replaced or never "
            "made.",
            "Invite the agency anew.");
    }
    const auto checked = area::check_enrol_request(request, *invite, now);
    if (checked) return {};
    switch (checked.error()) {
        case ErrorCode::expired:
            return problem("The invite ended on " + time_text(invite->expires) + ".",
                           "Invite the agency anew.");
        case ErrorCode::wrong_credential:
            return problem(
                "The request was not made with the invite's code, or was changed on its way.",
                "Do not approve it. Invite the agency anew, and hand the invite over in another "
                "way.");
        case ErrorCode::bad_value:
            return problem("The request names another agency or host than the invite.",
                           "Ask the agency to enrol again.");
        default:
            return problem_of(checked.error(), "check the request of " + request.agency.value());
    }
}

struct RotatedOne {
    AgencyId agency;
    bool was_known = false;  ///< approved by an earlier run: nothing to do
};

/// A refusal leaves `next` as it was.
Outcome<RotatedOne> rotate_one(const Context& context, const std::filesystem::path& path,
                               const area::Registry& published, area::Registry& next,
                               const Overlap& overlap, const Peppers& peppers) {
    CTL_TRY(text, read_text(path));
    CTL_TRY_RESULT(request, area::parse_rotation_request(text), "read the request " + path.string(),
                   "Ask the agency for the file that its `rotate start` wrote.");
    // By the registry as it was published: the same paper twice in one call is not an earlier run.
    const auto* listed = published.find_agency(request.agency);
    if (listed != nullptr &&
        std::ranges::any_of(listed->signing_keys, [&](const area::DatedVerifyKey& key) {
            return key.key == request.new_signing_key && !key.revoked_at.is_set();
        }))
        return RotatedOne{request.agency, true};
    CTL_TRY_RESULT_VOID(area::check_rotation_request(request, next, context.now),
                        "approve the new keys of " + request.agency.value(),
                        "Ask the agency to make the request again, with the keys it uses now.");
    CTL_TRY_VOID(rotate(next, request, overlap, peppers, context.now, context.random));
    return RotatedOne{request.agency, false};
}

/// `none`: not one of them is in the registry, from this run or an earlier one.
std::unexpected<Problem> not_approved(std::size_t refused, std::size_t of, bool none,
                                      std::string next) {
    return problem(std::to_string(refused) + " of " + std::to_string(of) +
                       " requests were not approved, for the reasons above.",
                   std::move(next), none ? Exit::refused : Exit::partly);
}

/// One key of an agency or a host, as it is read out over the telephone.
struct ListedKey {
    std::string fingerprint;
    WallTime from;
    WallTime until;
    WallTime revoked_at;
};

std::vector<ListedKey> keys_of(const area::Agency& agency) {
    std::vector<ListedKey> keys;
    keys.reserve(agency.signing_keys.size());
    for (const auto& key : agency.signing_keys)
        keys.push_back({crypto::KeyFingerprint::of(key.key).text(), key.not_before, key.not_after,
                        key.revoked_at});
    return keys;
}

std::vector<ListedKey> keys_of(const area::Host& host) {
    std::vector<ListedKey> keys;
    for (const auto& key : host.transport_keys) {
        const crypto::CurvePublicKey transport(key.curve_public_key);
        keys.push_back({crypto::fingerprint_of(transport).text(), key.not_before, key.not_after,
                        key.revoked_at});
    }
    return keys;
}

nlohmann::ordered_json json_of(const std::vector<ListedKey>& keys) {
    const auto time_or_null = [](WallTime at) {
        return at.is_set() ? nlohmann::ordered_json(to_rfc3339(at)) : nullptr;
    };
    auto json = nlohmann::ordered_json::array();
    for (const auto& key : keys) {
        json.push_back({{"fingerprint", key.fingerprint},
                        {"from", time_or_null(key.from)},
                        {"until", time_or_null(key.until)},
                        {"revoked", time_or_null(key.revoked_at)}});
    }
    return json;
}

void write_keys(std::ostream& out, const std::vector<ListedKey>& keys, WallTime now) {
    for (const auto& key : keys) {
        out << "    key " << key.fingerprint;
        if (key.revoked_at.is_set() && key.revoked_at <= now)
            out << "  revoked " << time_text(key.revoked_at);
        else if (key.until.is_set() && key.until <= now)
            out << "  ended " << time_text(key.until);
        else if (key.from > now)
            out << "  from " << time_text(key.from);
        else if (key.until.is_set())
            out << "  until " << time_text(key.until);
        out << "\n";
    }
}

nlohmann::ordered_json json_of(const area::Agency& agency, WallTime now) {
    nlohmann::ordered_json json;
    json["id"] = agency.id.value();
    json["kind"] = agency.kind;
    json["name"] = agency.name;
    json["urn"] = agency.urn;
    json["telephone"] = agency.telephone;
    json["host"] = agency.host.value();
    json["state"] = agency.revoked_at.is_set() && agency.revoked_at <= now ? "revoked" : "enrolled";
    json["seats"] = nlohmann::ordered_json::array();
    for (const auto& seat : agency.seats) {
        json["seats"].push_back({{"role", seat.role.value()},
                                 {"inbox", seat.inbox.value()},
                                 {"opened_by", seat.people ? "people" : "automatic"}});
    }
    json["keys"] = json_of(keys_of(agency));
    return json;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

}  // namespace

Outcome<void> invite_agency(const Context& context, const AgencyInvite& command) {
    CTL_TRY_VOID(check_days(command.valid_days));
    AgencyPlan plan{command.id,        command.kind,  command.name, command.urn,
                    command.telephone, command.roles, {},           {}};
    for (const auto& text : command.seats) {
        CTL_TRY(seat, parse_seat(text, plan.id, plan.telephone));
        plan.seats.push_back(std::move(seat));
    }
    complete(plan);
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto invite =
        invite_of(context, folder, plan, command.host, command.valid_days, command.replace_keys);
    const auto words = catalogue_words(folder);
    CTL_TRY_VOID(check_invite(folder.registry(), invite, words.kinds, words.roles));
    CTL_TRY(pending, open_invites(folder.paths()));
    CTL_TRY_VOID(check_against_pending(invite, pending));
    CTL_TRY_VOID(hand_out(folder, invite, pending, command.out));
    context.out << "The invite for " << plan.name << " is in " << command.out.string()
                << ", good until " << time_text(invite.expires) << ".\n"
                << how_to_hand_over
                << "Root fingerprint: " << area::fingerprint_of(folder.anchor()).text() << "\n";
    return {};
}

Outcome<void> invite_agencies(const Context& context, const AgencyInvites& command) {
    CTL_TRY_VOID(check_days(command.valid_days));
    CTL_TRY(text, read_text(command.csv));
    CTL_TRY(table, parse_agency_table(text));
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY_RESULT_VOID(area::make_folder(command.out_dir, FileAccess::owner_only),
                        "make " + command.out_dir.string());
    const auto words = catalogue_words(folder);
    CTL_TRY(pending, open_invites(folder.paths()));
    std::size_t invited = 0;
    for (auto& row : table.rows) {
        auto invite = invite_of(context, folder, row.plan, command.host, command.valid_days,
                                command.replace_keys);
        auto checked = check_invite(folder.registry(), invite, words.kinds, words.roles);
        if (checked) checked = check_against_pending(invite, pending);
        if (!checked) {
            const auto& found = checked.error();
            table.bad.push_back({row.line,
                                 found.what + (found.next.empty() ? "" : " " + found.next),
                                 std::move(row.fields)});
            continue;
        }
        CTL_TRY_VOID(
            hand_out(folder, invite, pending, command.out_dir / (row.plan.id + ".invite.json")));
        pending.push_back(std::move(invite));
        ++invited;
    }
    context.out << invited << " invites are in " << command.out_dir.string() << ".\n";
    if (invited > 0) {
        context.out << how_to_hand_over
                    << "Root fingerprint: " << area::fingerprint_of(folder.anchor()).text() << "\n";
    }
    const auto rejected_path = command.out_dir / "rejected.csv";
    if (table.bad.empty()) {
        CTL_TRY_RESULT_VOID(area::remove_file(rejected_path),
                            "remove the old " + rejected_path.string());
        return {};
    }
    std::sort(table.bad.begin(), table.bad.end(),
              [](const BadRow& a, const BadRow& b) { return a.line < b.line; });
    auto header = table.header;
    header.insert(header.begin(), {"line", "reason"});
    std::string rejected = csv_text(header) + "\n";
    for (const auto& bad : table.bad) {
        auto fields = bad.fields;
        fields.insert(fields.begin(), {std::to_string(bad.line), bad.reason});
        rejected += csv_text(fields) + "\n";
        context.err << command.csv.string() << ":" << bad.line << ": " << bad.reason << "\n";
    }
    CTL_TRY_RESULT_VOID(area::write_file(rejected_path, view_of(rejected), FileAccess::owner_only),
                        "write " + rejected_path.string());
    return problem(std::to_string(table.bad.size()) + " rows could not be invited; they are in " +
                       rejected_path.string() + " with the reasons.",
                   "Put them right there, take out the columns line and reason, and give that file "
                   "with --from-csv.",
                   invited > 0 ? Exit::partly : Exit::refused);
}

Outcome<void> approve_agencies(const Context& context, const AgencyApprove& command) {
    CTL_TRY(requests, read_requests(command.requests));
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY_VOID(compare_fingerprint(context, command, requests));
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    CTL_TRY(peppers, read_peppers(context, folder, command.passphrase_file));
    auto next = folder.next_registry(context);
    std::vector<const area::EnrolRequest*> admitted;
    std::size_t refused = 0;
    std::size_t known = 0;
    for (const auto& request : requests.all) {
        CTL_TRY(invite, find_invite(folder.paths(), request.invite));
        if (is_admitted(folder.registry(), request)) {
            context.out << request.agency.value() << ": is enrolled with these keys already\n";
            if (invite) CTL_TRY_VOID(mark_used(folder.paths(), *invite, context.now));
            ++known;
            continue;
        }
        auto outcome = check_one(request, folder, invite ? &*invite : nullptr, context.now);
        if (outcome && invite)
            outcome = admit(next, *invite, request, peppers, context.now, context.random);
        if (!outcome) {
            context.err << request.agency.value() << ": " << outcome.error().what << " "
                        << outcome.error().next << "\n";
            ++refused;
            continue;
        }
        admitted.push_back(&request);
    }
    if (!admitted.empty()) {
        CTL_TRY_VOID(folder.publish_registry(context, registrar, next));
        // After the registry: an invite that is still open beside it is recognised by
        // is_admitted().
        for (const auto* request : admitted) {
            CTL_TRY(invite, find_invite(folder.paths(), request->invite));
            if (invite) CTL_TRY_VOID(mark_used(folder.paths(), *invite, context.now));
            context.out << request->agency.value() << ": enrolled\n";
        }
        context.out << "Registry version " << next.version << " is signed, in "
                    << folder.paths().documents().string()
                    << ". Bring it to the broker and run `mashctl reload`.\n";
    }
    if (refused > 0) {
        return not_approved(refused, requests.all.size(), admitted.empty() && known == 0,
                            "The agencies named can be invited anew.");
    }
    return {};
}

Outcome<void> revoke_agency(const Context& context, const AgencyRevoke& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    auto next = folder.next_registry(context);
    CTL_TRY_VOID(revoke(next, AgencyId(command.id), context.now));
    CTL_TRY_VOID(folder.publish_registry(context, registrar, next));
    context.out << "The agency " << command.id << " is revoked in registry version " << next.version
                << ". Bring it to the broker and run `mashctl reload` now: until then it is still "
                   "connected.\n";
    return {};
}

Outcome<void> rotate_agencies(const Context& context, const AgencyRotate& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    CTL_TRY(peppers, read_peppers(context, folder, command.passphrase_file));
    const Overlap overlap{std::chrono::hours(command.start_hours),
                          std::chrono::days(command.overlap_days)};
    if (overlap.old_goes_on <= overlap.before_new_signs) {
        return problem("The old keys would end before the new ones begin.",
                       "Make --overlap-days longer.");
    }
    auto next = folder.next_registry(context);
    std::vector<AgencyId> rotated;
    std::size_t refused = 0;
    std::size_t known = 0;
    for (const auto& path : command.requests) {
        const auto outcome = rotate_one(context, path, folder.registry(), next, overlap, peppers);
        if (!outcome) {
            context.err << path.string() << ": " << outcome.error().what << " "
                        << outcome.error().next << "\n";
            ++refused;
        } else if (outcome->was_known) {
            context.out << outcome->agency.value() << ": the new key is in the registry already\n";
            ++known;
        } else {
            rotated.push_back(outcome->agency);
        }
    }
    if (!rotated.empty()) {
        CTL_TRY_VOID(folder.publish_registry(context, registrar, next));
        for (const auto& agency : rotated) {
            context.out << agency.value() << ": the new key signs from "
                        << time_text(context.now + overlap.before_new_signs)
                        << ", the old one until " << time_text(context.now + overlap.old_goes_on)
                        << "\n";
        }
        context.out << "Registry version " << next.version
                    << " is signed. Bring it to the broker and run `mashctl reload`.\n";
    }
    if (refused > 0) {
        return not_approved(refused, command.requests.size(), rotated.empty() && known == 0,
                            "The agencies named can make their request again.");
    }
    return {};
}

Outcome<void> list_agencies(const Context& context, const AgencyList& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY(pending, open_invites(folder.paths()));
    const auto& agencies = folder.registry().agencies;
    if (command.json) {
        nlohmann::ordered_json json;
        json["registry_version"] = folder.registry().version;
        json["agencies"] = nlohmann::ordered_json::array();
        for (const auto& [id, agency] : agencies)
            json["agencies"].push_back(json_of(agency, context.now));
        json["hosts"] = nlohmann::ordered_json::array();
        for (const auto& [id, host] : folder.registry().hosts)
            json["hosts"].push_back({{"id", id.value()}, {"keys", json_of(keys_of(host))}});
        json["open_invites"] = nlohmann::ordered_json::array();
        for (const auto& invite : pending) {
            json["open_invites"].push_back(
                {{"id", invite.agency.value()}, {"expires", to_rfc3339(invite.expires)}});
        }
        context.out << json.dump(2) << "\n";
        return {};
    }
    std::size_t width = 6;
    for (const auto& [id, agency] : agencies) width = std::max(width, id.value().size());
    for (const auto& [id, agency] : agencies) {
        std::string seats;
        for (const auto& seat : agency.seats)
            seats += (seats.empty() ? "" : " ") + seat.role.value();
        context.out << padded(id.value(), width + 2) << padded(agency.kind, 16)
                    << padded(agency.revoked_at.is_set() ? "revoked" : "enrolled", 10)
                    << padded(agency.host.value(), 18) << padded(seats, 12) << agency.name << "\n";
        write_keys(context.out, keys_of(agency), context.now);
    }
    for (const auto& [id, host] : folder.registry().hosts) {
        context.out << padded(id.value(), width + 2) << "host\n";
        write_keys(context.out, keys_of(host), context.now);
    }
    for (const auto& invite : pending) {
        context.out << padded(invite.agency.value(), width + 2) << padded(invite.kind, 16)
                    << padded(invite.expires <= context.now ? "invite over" : "invited", 12)
                    << "until " << time_text(invite.expires) << "\n";
    }
    if (agencies.empty() && pending.empty()) {
        context.out
            << "No agency is enrolled or invited yet. Invite one with `mashctl agency invite`.\n";
    }
    return {};
}

}  // namespace mash::ctl
