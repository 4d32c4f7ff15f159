// Is this the same child? What a person of the front door asks to see, is shown and answers.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/wire/plan.hpp"

namespace mash::wire {

/// Told with its task, whose agency and role are the holder's.
struct IdentityQuestion {
    ClaimId claim;  ///< of the holder
    std::string relation;
    ThreadId thread;  ///< of the notification
    /// A strong kind agrees and another contradicts it; else only a weak kind agrees.
    bool contradicted = false;
    /// It is the same child, and this seat claims it too in words that only one of them may use:
    /// asked is whether the claim counts beside. No agency: of any other question.
    Seat conflicts_with;
    friend bool operator==(const IdentityQuestion&, const IdentityQuestion&) = default;
};

/// Body, signed by the person under "mash.v1.identity-look": sender and holder seal what they know
/// of the child's identity to this inbox.
struct IdentityLook {
    TaskId question;
    NotificationId notification;
    AgencyId sender;
    ClaimId claim;
    Seat holder;
    std::string relation;
    Seat decider;  ///< front door or emergency duty, as which the person asks
    InboxId inbox;
    std::array<std::uint8_t, 32> box_public_key{};
    PersonId person;
    WallTime at;
    friend bool operator==(const IdentityLook&, const IdentityLook&) = default;
};

/// Agent to broker, and broker to the agents of sender and holder.
struct LookAtIdentity {
    SignedAuthorisation look;  ///< body: IdentityLook
    friend bool operator==(const LookAtIdentity&, const LookAtIdentity&) = default;
};

/// Agent to broker, and broker to the front door's agent.
struct ShowIdentity {
    TaskId question;
    ClaimId claim;
    Seat holder;
    AgencyId agency;         ///< who shows and signs
    bool of_sender = false;  ///< as the notification's sender; else as the holder
    WallTime at;             ///< of the look that it answers
    Bytes sealed;
    crypto::Signature signature{};
    friend bool operator==(const ShowIdentity&, const ShowIdentity&) = default;
};

/// Body, signed by the person under "mash.v1.identity-answer". It counts for this thread of this
/// sender, and for every child whom `tokens` identify.
struct IdentityAnswer {
    TaskId question;
    NotificationId notification;
    AgencyId sender;
    ThreadId thread;
    ClaimId claim;
    Seat holder;
    std::string relation;
    /// Strong ones, as the sender itself has shown them; none if nobody looked.
    std::vector<Token> tokens;
    IdentityOutcome outcome{};
    Seat decider;
    PersonId person;
    WallTime at;
    std::uint64_t serial = 0;  ///< grows with each answer to this question
    Digest reason_digest{};    ///< salted; the words stay with the decider's agent
    friend bool operator==(const IdentityAnswer&, const IdentityAnswer&) = default;
};

/// Agent to broker; broker to the agent of a sender to whose notification it matters.
struct AnswerIdentity {
    SignedAuthorisation answer;  ///< body: IdentityAnswer
    NotificationId notification;
    friend bool operator==(const AnswerIdentity&, const AnswerIdentity&) = default;
};

/// The agent has it durably: it is not told again.
struct IdentityHeard {
    enum class What : std::uint8_t {
        shown_of_sender = 1,
        shown_of_holder = 2,
        answer = 3,
        reached = 4
    };
    TaskId question;
    ClaimId claim;
    AgencyId holder;
    What what{};
    AgencyId agency;              ///< who was told
    NotificationId notification;  ///< of an answer: of which of its notifications; else zero
    friend bool operator==(const IdentityHeard&, const IdentityHeard&) = default;
};

struct IdentityReachedEntry {
    NotificationId notification;
    AgencyId sender;
    TypeId type;
    Seat seat;
    std::vector<Rung> rungs;
    friend bool operator==(const IdentityReachedEntry&, const IdentityReachedEntry&) = default;
};

/// To the front door's agent: an answer `same` was taken back, and had reached these.
struct IdentityReached {
    TaskId question;
    std::vector<IdentityReachedEntry> entries;
    friend bool operator==(const IdentityReached&, const IdentityReached&) = default;
};

}  // namespace mash::wire
