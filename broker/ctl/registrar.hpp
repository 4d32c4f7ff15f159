// What a registrar may do to a registry, as functions over values: admit, revoke, rotate. Who asked
// and what is written where is the commands' business. Nothing here removes an entry: ids are never
// used again, and what a key signed before it was revoked must stay readable.
#pragma once

#include <optional>
#include <vector>

#include "broker/ctl/outcome.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/registry.hpp"
#include "common/base/random.hpp"
#include "common/crypto/secret.hpp"

namespace mash::ctl {

/// The area's secret under which subject tokens are made, as agencies get it.
struct Pepper {
    crypto::SecretBytes bytes;
    std::uint16_t epoch = 1;
};

struct Peppers {
    Pepper current;
    std::optional<Pepper> next;  ///< while the keys of subject tokens change
};

/// Seals that of the epoch that comes, beside the present one.
Outcome<void> seal_next_pepper(area::Agency& agency, const Pepper& pepper, RandomSource& random);

/// How long old keys go on beside new ones.
struct Overlap {
    std::chrono::hours before_new_signs{
        1};  ///< the new signing key is known everywhere before it is used
    std::chrono::days old_goes_on{7};
};

/// Is this invite one that could be admitted? Ids and inboxes free, seats whole. For `agency
/// invite`, before anything is handed out. `catalogue_kinds`, `catalogue_roles`: empty when the
/// area has no signed catalogue yet.
Outcome<void> check_invite(const area::Registry& registry, const area::Invite& invite,
                           const std::vector<std::string>& catalogue_kinds,
                           const std::vector<std::string>& catalogue_roles);

/// Adds the agency and, where it is new, its host. The request has been checked against the invite.
Outcome<void> admit(area::Registry& registry, const area::Invite& invite,
                    const area::EnrolRequest& request, const Peppers& peppers, WallTime now,
                    RandomSource& random);

/// True when `request` is what the registry already says of its agency: a second approval after a
/// crash.
bool is_admitted(const area::Registry& registry, const area::EnrolRequest& request);

/// From `now` on nobody accepts anything new from the agency; a host that serves no other agency
/// may no longer connect.
Outcome<void> revoke(area::Registry& registry, const AgencyId& agency, WallTime now);

/// The request has been checked against the registry.
Outcome<void> rotate(area::Registry& registry, const area::RotationRequest& request,
                     const Overlap& overlap, const Peppers& peppers, WallTime now,
                     RandomSource& random);

}  // namespace mash::ctl
