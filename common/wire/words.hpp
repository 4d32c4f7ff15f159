// What a person wrote when they decided. The broker carries it and reads codes, roles and a salted
// digest; who the words are sealed to reads them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/wire/plan.hpp"

namespace mash::wire {

using WordsId = BinaryId<struct WordsTag>;

/// Body, signed by the decider's agency under "mash.v1.words".
struct WordsBody {
    WordsId id;
    Seat decider;
    PersonId person;   ///< a pseudonym
    std::string what;  ///< "allowed", "task_answered", ...
    std::string code;  ///< the rule of an answer, the outcome of a task; or empty
    AgencyId sender;   ///< of the notification; empty: about none
    NotificationId notification;
    std::array<std::uint8_t, 16> subject{};  ///< the authorisation, task, conflict or agreement
    WallTime at;
    Digest digest{};  ///< words_digest, of salt, reason and name
    friend bool operator==(const WordsBody&, const WordsBody&) = default;
};

/// To the box key that the registry lists of this agency.
struct SealedWords {
    AgencyId agency;
    Bytes sealed;
    friend bool operator==(const SealedWords&, const SealedWords&) = default;
};

/// Agent to broker; broker to each agency that it is sealed to, with that one's copy alone.
struct DeciderWords {
    Bytes body;
    crypto::Signature signature{};
    std::vector<SealedWords> sealed;
    friend bool operator==(const DeciderWords&, const DeciderWords&) = default;
};

/// The agent has them durably: they are not told again.
struct WordsHeard {
    WordsId id;
    AgencyId decider;  ///< whose words
    AgencyId agency;   ///< who was told
    friend bool operator==(const WordsHeard&, const WordsHeard&) = default;
};

}  // namespace mash::wire
