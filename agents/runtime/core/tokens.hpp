// Subject tokens: HMAC under the area's pepper of what the broker evaluated without seeing it
// (RFC 9497). So they need the broker's answer, and an outbox item, a list or a conflict waits for
// it; what was answered is kept here under the storage key, so that the same child costs nothing
// again. Inside this folder only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agents/runtime/core/identity.hpp"
#include "common/base/time.hpp"
#include "common/crypto/oprf.hpp"
#include "common/wire/plan.hpp"

namespace mash::runtime {

/// Kind and canonical text of one strong identity (canonical_identities()).
using Identity = std::pair<wire::TokenKind, PersonalText>;

/// One child of a list: by what it is recognised, and what a person who must tell it from another
/// is shown of it (questions.hpp).
struct EntryIdentity {
    std::vector<Identity> identities;
    PersonalText shown;  ///< "" in what was kept by an earlier release
};

/// The keys of one epoch, as this agency holds them.
struct TokenEpoch {
    std::uint16_t epoch = 1;
    /// An area from before: tokens under the pepper alone. Else null.
    std::unique_ptr<PepperTokens> pepper_only;
    crypto::SecretBytes pepper;
    crypto::OprfPublicKey key;  ///< the broker's, of the signed registry

    bool is_blind() const { return pepper_only == nullptr; }
};

/// HMAC-SHA-256 under the pepper over text "mash.v1.blind-token", kind, epoch and output.
wire::Token token_of(const TokenEpoch& epoch, wire::TokenKind kind, ByteView output);
/// What is blinded: text "mash.v1.identity", kind, canonical text.
Bytes oprf_input(wire::TokenKind kind, std::string_view canonical);

/// What can be made of one child now.
struct MadeTokens {
    std::vector<wire::Token> tokens;  ///< sorted, unique
    std::size_t missing = 0;          ///< identities that wait for the broker
    bool without_next = false;        ///< the epoch that comes was left out: the broker refuses it
};

struct WantedIdentity {
    AgencyId agency;
    std::uint16_t epoch = 0;
    crypto::OprfPublicKey key;
    wire::TokenKind kind{};
    PersonalText canonical;
};

/// An outbox item whose tokens are not all here.
struct TokenWait {
    std::uint64_t round = 0;
    SteadyTime since;
    bool late = false;
};

/// Until when one kind of question is not asked again, and why.
struct TokenPause {
    SteadyTime until;
    ErrorCode code{};
};

/// What is wanted of the broker. In memory only: items, lists and conflicts lie in the store and
/// want it again.
struct TokenDesk {
    std::map<Digest, WantedIdentity> first;  ///< of one child: a notification, a conflict
    std::map<Digest, WantedIdentity> rolls;
    std::map<std::tuple<bool, AgencyId, std::uint16_t>, TokenPause> paused;  ///< true: of lists
    std::map<NotificationId, TokenWait> waiting;
    std::map<std::pair<Seat, std::string>, Digest> cursors;  ///< the first entry that waits
    std::uint64_t round = 1;                                 ///< of answers
    std::uint64_t looked_at = 0;                             ///< round in which late ones were
};

}  // namespace mash::runtime
