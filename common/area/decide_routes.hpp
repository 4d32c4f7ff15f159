// Whom the routes of a row reach, before any rule has spoken: seats, the inbox of each, and the
// roles that are missing. Private to this folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

struct Candidate {
    Seat seat;
    InboxId inbox;
    const Route* route = nullptr;
    bool act = false;
    bool alternate =
        false;  ///< the seat itself is in the sender's stated conflict: its other inbox instead
};

/// A role that the row wants and that nobody can be found for.
struct MissingRole {
    RoleId role;
    const Route* route = nullptr;
    bool conflicted =
        false;  ///< there is a seat, but nobody unconflicted behind it: never ring that one
    AgencyId agency = {};  ///< whose it would be; empty: no agency of the area has the role
};

struct Reach {
    std::vector<Candidate> candidates;  ///< by seat, each once
    std::vector<MissingRole> missing;
    std::vector<Seat>
        no_function;        ///< asked for by the sender, and the row has no route to such a role
    bool own_seat = false;  ///< the publishing seat itself was left out
    /// The automatic pass-on's, when it is among the candidates: the views that it may pass on.
    std::unique_ptr<const Route> pass_on;
    /// Of an identity that an adoption severed: then nobody else is reached, whatever the row says.
    std::unique_ptr<const Route> severed;
    /// Danger to a child, and the row has no desk for it: what the desk on duty is told by.
    std::unique_ptr<const Route> danger;
};

bool holds(const RouteCondition& when, const wire::RoutingFacts& facts,
           const AgencyKind& sender_kind);
/// With the agreement that counts instead of the one stated (E-11, E-12).
bool holds(const RouteCondition& when, const wire::RoutingFacts& facts,
           const AgencyKind& sender_kind, wire::AgreementStatus status);

/// Of a correction whose kind names it: the type of the message that was wrong. Else none.
const TypeRule* corrected_type(const wire::RoutingFacts& facts, const TypeRule& type,
                               const Policy& policy);

/// Row 5, by which harm is told. None: the policy has no such type.
const TypeRule* referral_type(const Policy& policy);

/// `floor`: only the front door and emergency duty.
Reach reach_of(const DecisionInput& input, const TypeRule& type, const Registry& registry,
               const Policy& policy, bool floor);

/// Standby inboxes of each candidate, in the same order (design.md parts 4 and 6).
std::vector<std::vector<wire::Standby>> standbys_of(const std::vector<Candidate>& candidates,
                                                    const DecisionInput& input,
                                                    const Registry& registry, const Policy& policy);

}  // namespace mash::area
