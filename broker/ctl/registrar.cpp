#include "broker/ctl/registrar.hpp"

#include <algorithm>
#include <set>

#include "common/area/text.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using area::Agency;
using area::Invite;
using area::Registry;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Clocks of an area differ by some minutes: a new key must not be unknown to one that is behind.
WallTime in_force_from(WallTime now) { return now - limits::clock_skew_max; }

Outcome<void> check_words(const Invite& invite, const std::vector<std::string>& kinds,
                          const std::vector<std::string>& roles) {
    if (!kinds.empty() && !contains(kinds, invite.kind)) {
        return problem("The area's catalogue knows no kind of agency \"" + invite.kind + "\".",
                       "Use one of: " + joined(kinds) + ".");
    }
    std::vector<RoleId> used = invite.roles;
    for (const auto& seat : invite.seats) used.push_back(seat.role);
    for (const auto& role : used) {
        if (!roles.empty() && !contains(roles, role.value())) {
            return problem("The area's catalogue knows no role \"" + role.value() + "\".",
                           "Use one of: " + joined(roles) + ".");
        }
    }
    return {};
}

Outcome<void> check_inboxes(const Registry& registry, const Invite& invite) {
    std::set<InboxId> own;
    std::set<RoleId> seats;
    std::vector<InboxId> all = invite.alternate_inboxes;
    for (const auto& seat : invite.seats) {
        all.push_back(seat.inbox);
        if (!seats.insert(seat.role).second) {
            return problem("The role " + seat.role.value() + " is given two seats.",
                           "Give each role one seat.");
        }
        if (seat.alternate && *seat.alternate == seat.inbox) {
            return problem("The alternate of " + seat.inbox.value() + " is the same inbox.",
                           "An alternate is another person's inbox: give it another name.");
        }
    }
    for (const auto& inbox : all) {
        if (!own.insert(inbox).second) {
            return problem("The inbox " + inbox.value() + " is named twice.",
                           "Give each seat an inbox of its own.");
        }
        const Agency* owner = registry.agency_of_inbox(inbox);
        if (owner != nullptr && owner->id != invite.agency) {
            return problem(
                "The inbox " + inbox.value() + " belongs to " + owner->id.value() + " already.",
                "Give it another name, by habit <agency>.<role>.");
        }
    }
    return {};
}

bool serves_another(const Registry& registry, const HostId& host, const AgencyId& but) {
    return std::any_of(registry.agencies.begin(), registry.agencies.end(), [&](const auto& entry) {
        return entry.second.host == host && entry.first != but && !entry.second.revoked_at.is_set();
    });
}

void end_key(WallTime& not_after, WallTime at) {
    if (!not_after.is_set() || at < not_after) not_after = at;
}

template <class Keys>
void revoke_all(Keys& keys, WallTime now) {
    for (auto& key : keys) {
        if (!key.revoked_at.is_set()) key.revoked_at = now;
    }
}

Outcome<Bytes> sealed_to(const Agency& agency, const Pepper& pepper, RandomSource& random) {
    CTL_TRY_RESULT(
        sealed,
        crypto::seal_to(crypto::BoxPublicKey(agency.box_public_key), pepper.bytes.reveal(), random),
        "seal the area's secret to " + agency.id.value());
    return sealed;
}

Outcome<void> seal_peppers(Agency& agency, const Peppers& peppers, RandomSource& random) {
    CTL_TRY(sealed, sealed_to(agency, peppers.current, random));
    agency.sealed_pepper = std::move(sealed);
    agency.pepper_epoch = peppers.current.epoch;
    agency.next_pepper.reset();
    if (peppers.next) CTL_TRY_VOID(seal_next_pepper(agency, *peppers.next, random));
    return {};
}

Outcome<void> admit_host(Registry& registry, const Invite& invite,
                         const area::EnrolRequest& request, WallTime now) {
    auto& host = registry.hosts[invite.host];
    host.id = invite.host;
    const auto& key = request.transport_key.value();
    if (registry.host_of_key(key, now) == &host) return {};
    const bool has_key =
        std::any_of(host.transport_keys.begin(), host.transport_keys.end(),
                    [&](const area::TransportKey& each) { return area::is_in_force(each, now); });
    if (has_key && !invite.replaces_keys) {
        return problem(
            "The host " + invite.host.value() + " is enrolled with another transport key.",
            "If the machine was set up anew, invite with --replace-keys. If this is another "
            "machine, give "
            "it another --host name.");
    }
    if (invite.replaces_keys) revoke_all(host.transport_keys, now);
    host.transport_keys.push_back({key, in_force_from(now), {}, {}});
    return {};
}

}  // namespace

Outcome<void> check_invite(const Registry& registry, const Invite& invite,
                           const std::vector<std::string>& catalogue_kinds,
                           const std::vector<std::string>& catalogue_roles) {
    const auto named = [](const std::string& id) {
        return "\"" + id + "\" is not a name this system can use.";
    };
    constexpr const char* names_are =
        "Use 1 to 64 small letters, digits, hyphens, dots and underscores, beginning with a letter "
        "or a digit.";
    for (const auto& id : {invite.agency.value(), invite.host.value(), invite.kind}) {
        if (!is_valid_name(id)) return problem(named(id), names_are);
    }
    for (const auto& role : invite.roles) {
        if (!is_valid_name(role.value())) return problem(named(role.value()), names_are);
    }
    for (const auto& seat : invite.seats) {
        if (!is_valid_name(seat.role.value())) return problem(named(seat.role.value()), names_are);
        if (!is_valid_name(seat.inbox.value()))
            return problem(named(seat.inbox.value()), names_are);
    }
    for (const auto& inbox : invite.alternate_inboxes) {
        if (!is_valid_name(inbox.value())) return problem(named(inbox.value()), names_are);
    }
    if (invite.name.empty() ||
        !area::is_display_text(invite.name, limits::display_name_bytes_max) ||
        !area::is_display_text(invite.telephone, limits::display_name_bytes_max)) {
        return problem(
            "The agency's name is empty, or name or telephone hold characters that cannot be "
            "shown.",
            "Give the name as people know it, in at most 256 bytes of UTF-8.");
    }
    if (!invite.urn.empty() && !area::is_urn(invite.urn)) {
        return problem("\"" + invite.urn + "\" is not a URN.", "A school's URN has six digits.");
    }
    if (invite.kind == "school") {
        if (invite.urn.empty()) {
            return problem("A school needs its URN.",
                           "Give its six digits with --urn: its own roll is known by it.");
        }
        const Agency* same = registry.school_by_urn(invite.urn);
        if (same != nullptr && same->id != invite.agency) {
            return problem(
                "The URN " + invite.urn + " is that of " + same->id.value() + " already.",
                "Check the URN.");
        }
        for (const auto& seat : invite.seats) {
            if (seat.people && !seat.alternate) {
                return problem("The seat " + seat.role.value() + " of a school has no alternate.",
                               "Every school names an alternate who is another person: add its "
                               "inbox to --seat.");
            }
        }
    }
    CTL_TRY_VOID(check_words(invite, catalogue_kinds, catalogue_roles));
    CTL_TRY_VOID(check_inboxes(registry, invite));
    const Agency* known = registry.find_agency(invite.agency);
    if (known != nullptr && !invite.replaces_keys) {
        return problem("The agency " + invite.agency.value() + " is enrolled already.",
                       "If it lost its keys, or was revoked and comes back, invite it with "
                       "--replace-keys. Ids are "
                       "never used for another agency.");
    }
    if (known == nullptr && invite.replaces_keys) {
        return problem(
            "There is no agency " + invite.agency.value() + " whose keys could be replaced.",
            "Leave out --replace-keys, or check the id with `mashctl agency list`.");
    }
    return {};
}

Outcome<void> seal_next_pepper(Agency& agency, const Pepper& pepper, RandomSource& random) {
    CTL_TRY(sealed, sealed_to(agency, pepper, random));
    agency.next_pepper = area::SealedPepper{pepper.epoch, std::move(sealed)};
    return {};
}

bool is_admitted(const Registry& registry, const area::EnrolRequest& request) {
    const Agency* agency = registry.find_agency(request.agency);
    return agency != nullptr && !agency->revoked_at.is_set() && agency->host == request.host &&
           agency->box_public_key == request.box_key.value() &&
           std::any_of(
               agency->signing_keys.begin(), agency->signing_keys.end(),
               [&](const area::DatedVerifyKey& key) { return key.key == request.signing_key; });
}

Outcome<void> admit(Registry& registry, const Invite& invite, const area::EnrolRequest& request,
                    const Peppers& peppers, WallTime now, RandomSource& random) {
    registry.drop_index();
    Registry next = registry;  // a refusal half way leaves what was
    CTL_TRY_VOID(check_invite(next, invite, {}, {}));
    CTL_TRY_VOID(admit_host(next, invite, request, now));
    auto& agency = next.agencies[invite.agency];
    revoke_all(agency.signing_keys, now);
    agency.id = invite.agency;
    agency.kind = invite.kind;
    agency.name = invite.name;
    agency.urn = invite.urn;
    agency.telephone = invite.telephone;
    agency.host = invite.host;
    agency.signing_keys.push_back({request.signing_key, in_force_from(now), {}, {}});
    agency.box_public_key = request.box_key.value();
    agency.roles = invite.roles;
    agency.seats = invite.seats;
    agency.alternate_inboxes = invite.alternate_inboxes;
    agency.revoked_at = {};
    CTL_TRY_VOID(seal_peppers(agency, peppers, random));
    if (const auto checked = area::check_registry(next); !checked) {
        return problem(
            "The keys or inboxes of " + invite.agency.value() + " are in use by another agency.",
            "Ask the agency to make new keys: each agency's keys must be its own.");
    }
    registry = std::move(next);
    return {};
}

Outcome<void> revoke(Registry& registry, const AgencyId& id, WallTime now) {
    registry.drop_index();
    const auto it = registry.agencies.find(id);
    if (it == registry.agencies.end()) {
        return problem("There is no agency " + id.value() + ".",
                       "See `mashctl agency list` for those there are.");
    }
    Agency& agency = it->second;
    if (agency.revoked_at.is_set()) {
        return problem(
            "The agency " + id.value() + " was revoked on " + to_rfc3339(agency.revoked_at) + ".",
            "Nothing needs to be done.");
    }
    agency.revoked_at = now;
    revoke_all(agency.signing_keys, now);
    if (!serves_another(registry, agency.host, id))
        revoke_all(registry.hosts.at(agency.host).transport_keys, now);
    return {};
}

Outcome<void> rotate(Registry& registry, const area::RotationRequest& request,
                     const Overlap& overlap, const Peppers& peppers, WallTime now,
                     RandomSource& random) {
    registry.drop_index();
    Registry next = registry;
    auto& agency = next.agencies.at(request.agency);
    if (agency.signing_keys.size() == limits::keys_per_holder_max) {
        return problem("The agency " + request.agency.value() + " has " +
                           std::to_string(limits::keys_per_holder_max) +
                           " signing keys listed, which is the most.",
                       "Invite it with --replace-keys under a new id, or ask for a release that "
                       "can forget old keys.");
    }
    for (auto& key : agency.signing_keys) end_key(key.not_after, now + overlap.old_goes_on);
    agency.signing_keys.push_back(
        {request.new_signing_key, now + overlap.before_new_signs, {}, {}});
    agency.box_public_key = request.new_box_key.value();
    if (request.new_transport_key) {
        auto& keys = next.hosts.at(agency.host).transport_keys;
        const bool is_listed =
            std::any_of(keys.begin(), keys.end(), [&](const area::TransportKey& key) {
                return key.curve_public_key == request.new_transport_key->value();
            });
        // Each agency of a host may bring the host's one new key.
        if (!is_listed) {
            for (auto& key : keys) end_key(key.not_after, now + overlap.old_goes_on);
            keys.push_back({request.new_transport_key->value(), in_force_from(now), {}, {}});
        }
    }
    CTL_TRY_VOID(seal_peppers(agency, peppers, random));
    if (const auto checked = area::check_registry(next); !checked) {
        return problem("The new keys of " + request.agency.value() +
                           " are in use by another agency, or too many are listed.",
                       "Ask the agency to make new keys.");
    }
    registry = std::move(next);
    return {};
}

}  // namespace mash::ctl
