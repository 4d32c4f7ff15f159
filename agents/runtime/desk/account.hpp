// An account of the console: a name, a passphrase and a second factor that together open a person's
// token. What is kept opens nothing without the passphrase, also for whoever has store and keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/crypto/password.hpp"
#include "common/crypto/secret.hpp"

namespace mash::desk {

/// What shows who somebody is. README.md "Single sign-on" says where another one has its place; a
/// row of a way that this release does not know opens for nobody.
enum class Way : std::uint8_t { passphrase = 1 };

enum class SecondFactor : std::uint8_t { totp = 1, codes = 2 };

/// Of each sheet, and of the codes for a lost telephone.
inline constexpr std::size_t sheet_codes = 20;
inline constexpr std::size_t recovery_codes = 10;
inline constexpr std::size_t passphrase_characters_min = 12;
inline constexpr std::size_t passphrase_bytes_max = 256;

/// As it lies in the store.
struct Account {
    std::string name;
    PersonId person;
    Way way = Way::passphrase;
    SecondFactor factor{};
    bool is_confirmed = false;    ///< somebody has signed in with its second factor
    std::uint64_t last_step = 0;  ///< of the telephone's codes: no earlier one counts
    Bytes sealed;                 ///< what Opened holds, under the passphrase
    std::vector<Digest> codes;    ///< of the sheet, not used yet
    std::vector<Digest> recovery;
};
Bytes bytes_of(const Account& account);
/// Errors: malformed; unsupported_version (written by a release that knows more).
Result<Account> account_from(ByteView stored);

/// What only the passphrase opens.
struct Opened {
    crypto::SecretBytes credential;  ///< the person's bearer token, as text
    crypto::SecretBytes totp;
    crypto::SecretBytes code_key;  ///< codes are kept as digests under it
};

/// An account and what is shown to its owner this once.
struct Issued {
    Account account;
    std::string totp_secret;  ///< "" with a sheet
    std::string totp_uri;
    std::vector<std::string> codes;  ///< of the sheet; none with a telephone
    std::vector<std::string> recovery;
};

/// The one spelling of an account's name: small letters, digits, . - _, 3 to 64 of them. Nothing:
/// it is none.
std::optional<std::string> account_name(std::string_view given);
/// Errors: missing_field (too short), too_large, bad_value (the name is in it, or hardly a
/// character differs from the others).
Result<void> check_passphrase(const crypto::SecretBytes& passphrase, std::string_view name);

struct Wish {
    std::string name;  ///< as account_name() gives it
    PersonId person;
    std::string area;
    SecondFactor factor{};
};
/// Errors: as check_passphrase, and those of seal_with_passphrase.
Result<Issued> make_account(const Wish& wish, const crypto::SecretBytes& credential,
                            const crypto::SecretBytes& passphrase,
                            const crypto::Argon2Params& price, RandomSource& random);

/// Takes its time, also for a wrong passphrase. Errors: wrong_credential; decrypt_failed (the
/// account was changed or belongs to another name or person); those of open_with_passphrase.
Result<Opened> open_account(const Account& account, const crypto::SecretBytes& passphrase);
/// Costs what open_account costs, and never opens: for a name that nobody has.
void open_nothing(const crypto::SecretBytes& passphrase, const crypto::Argon2Params& price,
                  RandomSource& random);

/// False: it does not count, or no more. True: it is used up in `account`, which must be kept
/// before anybody is let in.
bool use_code(Account& account, const Opened& opened, std::string_view code, WallTime now);
bool use_recovery_code(Account& account, const Opened& opened, std::string_view code);

/// What a colleague gives somebody who has neither telephone nor recovery codes any more: with the
/// passphrase it counts as a recovery code. Only its digest is kept.
struct ResetCode {
    std::string code;
    Digest digest{};
};
ResetCode make_reset_code(const PersonId& person, RandomSource& random);
bool is_reset_code(const Digest& digest, const PersonId& person, std::string_view code);

/// The same with another passphrase. Errors: as make_account.
Result<void> change_passphrase(Account& account, const Opened& opened,
                               const crypto::SecretBytes& passphrase,
                               const crypto::Argon2Params& price, RandomSource& random);

}  // namespace mash::desk
