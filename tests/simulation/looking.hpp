// Everything that a person can ask of their agent, one kind of request after the other. A kind that
// is new does not compile until it is said here how it is asked, or that it reads nothing.
#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/simulation/world.hpp"

namespace mash::simulation {

/// What of an answer has to do with when it is asked.
enum class LookedAt : std::uint8_t {
    same_moment,    ///< everything; what came is opened
    another_moment  ///< nothing that opens, that grows with each look, or that says by when
};

/// Ids that a person might guess, as "sender/id" or "id": all that lie in an agent's store.
using Guesses = std::set<std::string>;
Guesses ids_in_store(World& world, const HostId& host);

/// By kind of request every answer, as [status, body]. Null: the agent does not answer, or a
/// request was not even understood, which is a violation.
nlohmann::json everything_shown(World& world, const HostId& host, const InboxId& inbox,
                                LookedAt when);
/// What the same person is told of each of these when asking for it by its id, however they came
/// to know that.
nlohmann::json answers_to_guesses(World& world, const HostId& host, const InboxId& inbox,
                                  const Guesses& guesses);
/// Ids that somebody was shown anywhere in `shown`, in any form.
Guesses ids_in(const nlohmann::json& shown, const Guesses& of);

}  // namespace mash::simulation
