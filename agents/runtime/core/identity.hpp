// Subject tokens of identifiers that are normalised by agents/runtime/identity (version 2, its
// README.md), the same for every agency: a difference is a child who is not found. The names below
// are those of that library, for adapters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/notification.hpp"
#include "common/area/calendar.hpp"
#include "common/crypto/secret.hpp"
#include "common/wire/plan.hpp"

namespace mash::runtime {

/// Ten digits without spaces and hyphens; "" unless the check digit is right and the number is no
/// placeholder (all digits equal). formats.md 1; NHS Data Dictionary.
std::string normalise_nhs_number(std::string_view text);

/// Thirteen characters, upper case; "" unless the check letter is right. A temporary number (its
/// last character is a letter) carries no check that could make it strong, so it gives "" as well:
/// formats.md 1 wants a valid check letter.
std::string normalise_upn(std::string_view text);

/// "WR5 1AA": upper case, one space before the last three; "" unless `A[A]9[9|A] 9AA`, and "" for
/// the pseudo postcodes ZZ99, which are no address.
std::string normalise_postcode(std::string_view text);

/// Compared form of a name: no marks, upper case, apostrophes, hyphens and spaces removed, titles
/// dropped. "Zoë" -> "ZOE". Of a forename the first only: first_forename("Mary Ann") -> "MARY". ""
/// when nothing is left. Initials and "Baby" stay, but are part of no name kind.
std::string fold_name(std::string_view utf8);
std::string first_forename(std::string_view utf8);

/// "2016-02-29"; "" unless a whole, real date of 1900 to 2100, and not the placeholder 1900-01-01.
std::string normalise_date_of_birth(std::string_view text);

/// Six digits, or "".
std::string normalise_urn(std::string_view text);

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

/// The same of the weak kinds. They link nobody: never among identities by which something is
/// found, excluded or told apart. name_dob: "M|DUNMORE|2016-03-01", by the first letter of the
/// forename, so that Tom is asked about where Thomas is known; name_postcode:
/// "MIA|DUNMORE|WR5 1AA"; dob_postcode: "2016-03-01|WR5 1AA". A notification states as well what
/// its sender may have written wrongly: names in each other's field, day and month swapped; and of
/// a date without a day each day there is.
std::vector<std::pair<wire::TokenKind, PersonalText>> weak_identities(const Subject& subject,
                                                                      TokenUse use);

/// What a notification states: the strong ones, then the weak ones.
std::vector<std::pair<wire::TokenKind, PersonalText>> stated_identities(const Subject& subject);

/// Sorted, unique, at most limits::tokens_max. Empty: unmatched.
std::vector<wire::Token> tokens_of(const Subject& subject, TokenUse use, const TokenSource& source);

/// Whole years between birth and `at`; of a date known in part, the fewest. Nothing when unknown.
std::optional<int> age_at(std::string_view date_of_birth, const area::CivilDate& at);

}  // namespace mash::runtime
