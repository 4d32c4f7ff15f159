// Makes subject tokens of identifiers. How these are normalised is one documented, versioned place,
// agents/runtime/identity/README.md, the same for every agency: a difference is a child who is not
// found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/notification.hpp"
#include "agents/runtime/identity/person.hpp"
#include "common/area/calendar.hpp"
#include "common/crypto/secret.hpp"
#include "common/wire/plan.hpp"

namespace mash::runtime {

// The rules that other code asks for one by one.
using identity::first_forename;
using identity::fold_name;
using identity::normalise_date_of_birth;
using identity::normalise_nhs_number;
using identity::normalise_postcode;
using identity::normalise_upn;
using identity::normalise_urn;

/// Where tokens come from. The issue on matching puts the VOPRF behind this; until then
/// HMAC-SHA-256 under the area pepper, which the broker does not have.
class TokenSource {
public:
    virtual ~TokenSource() = default;
    /// `canonical` is one of canonical_identities(). Epoch is that of the pepper.
    virtual wire::Token derive(wire::TokenKind kind, std::string_view canonical) const = 0;
};

class PepperTokens final : public TokenSource {
public:
    PepperTokens(crypto::SecretBytes pepper, std::uint16_t epoch);
    wire::Token derive(wire::TokenKind kind, std::string_view canonical) const override;
    std::uint16_t epoch() const { return epoch_; }

private:
    crypto::SecretBytes pepper_;
    std::uint16_t epoch_;
};

enum class TokenUse {
    notification,  ///< name + date of birth + the school the sender names
    roll,          ///< a school's own roll: the school is the claiming agency's URN
    caseload  ///< anybody else's list: never the school kind, which only that school can vouch for
};

/// All strong identities of the subject, one per name variant, as (kind, canonical text), sorted
/// and unique. Canonical texts are personal: they go into derive() and nowhere else.
std::vector<std::pair<wire::TokenKind, PersonalText>> canonical_identities(const Subject& subject,
                                                                           TokenUse use);

/// Sorted, unique, at most limits::tokens_max. Empty: unmatched.
std::vector<wire::Token> tokens_of(const Subject& subject, TokenUse use, const TokenSource& source);

/// As the matcher reads a subject. The due date of an unborn child is not on a subject yet.
identity::PersonRecord person_of(const Subject& subject);

/// Whole years between birth and `at`; of a date known in part, the fewest it can be. Nothing when
/// the date is not known.
std::optional<int> age_at(std::string_view date_of_birth, const area::CivilDate& at);

}  // namespace mash::runtime
