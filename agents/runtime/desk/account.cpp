#include "agents/runtime/desk/account.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "agents/runtime/desk/totp.hpp"
#include "common/crypto/hash.hpp"

namespace mash::desk {
namespace {

constexpr std::uint8_t row_version = 2;
constexpr std::size_t code_key_bytes = 32;
constexpr std::string_view code_letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_length = 10;  // 50 bits

/// A row under another name or of another person does not open.
std::string context_of(std::string_view name, const PersonId& person) {
    return "mash.v1.account\n" + std::string(name) + "\n" + person.value();
}

// One allocation, so that no copy of a secret is left behind by a buffer that grew.
Result<Bytes> seal(const Opened& opened, std::string_view name, const PersonId& person,
                   const crypto::SecretBytes& passphrase, const crypto::Argon2Params& price,
                   RandomSource& random) {
    crypto::SecretBytes all(code_key_bytes + totp_secret_bytes + opened.credential.size());
    auto to = all.writable().begin();
    for (const auto* part : {&opened.code_key, &opened.totp, &opened.credential})
        to = std::ranges::copy(part->reveal(), to).out;
    return crypto::seal_with_passphrase(passphrase, context_of(name, person), all, price, random);
}

/// As it is printed, whatever somebody types between its letters.
std::string plain_code(std::string_view code) {
    std::string plain;
    for (const char c : code.substr(0, 4 * code_length)) {
        if (c == '-' || c == ' ') continue;
        plain.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return plain;
}

Digest digest_of(const crypto::SecretBytes& key, std::string_view code) {
    return crypto::keyed_labelled_hash(key, "mash.v1.account-code", {view_of(plain_code(code))});
}

std::string make_code(RandomSource& random) {
    std::string code;
    for (const auto byte : random.array<code_length>()) {
        if (code.size() == code_length / 2) code.push_back('-');
        code.push_back(code_letters[byte & 31U]);
    }
    return code;
}

std::vector<std::string> make_codes(std::size_t count, const crypto::SecretBytes& key,
                                    std::vector<Digest>& digests, RandomSource& random) {
    std::vector<std::string> codes;
    digests.clear();
    while (codes.size() < count) {
        std::string code = make_code(random);
        digests.push_back(digest_of(key, code));
        codes.push_back(std::move(code));
    }
    return codes;
}

// All are compared: where in the list it stood does not show.
bool take_code(std::vector<Digest>& digests, const crypto::SecretBytes& key,
               std::string_view code) {
    const Digest given = digest_of(key, code);
    auto found = digests.end();
    for (auto at = digests.begin(); at != digests.end(); ++at)
        if (crypto::equal_constant_time(*at, given)) found = at;
    if (found == digests.end()) return false;
    digests.erase(found);
    return true;
}

void write_list(Writer& out, const std::vector<Digest>& list) {
    out.u32(static_cast<std::uint32_t>(list.size()));
    for (const auto& one : list) out.fixed(one);
}

void read_list(Reader& in, std::vector<Digest>& list) {
    for (auto left = in.count(sizeof(Digest)); left > 0; --left) list.push_back(in.array<32>());
}

}  // namespace

Bytes bytes_of(const Account& account) {
    Writer out;
    out.u8(row_version).u8(static_cast<std::uint8_t>(account.way));
    out.text(account.name).id(account.person).u8(static_cast<std::uint8_t>(account.factor));
    out.flag(account.is_confirmed).u64(account.last_step).bytes(account.sealed);
    write_list(out, account.codes);
    write_list(out, account.recovery);
    return out.take();
}

Result<Account> account_from(ByteView stored) {
    Reader in(stored);
    const auto version = in.u8();
    if (version == 0) return fail(ErrorCode::malformed);
    if (version > row_version) return fail(ErrorCode::unsupported_version);
    Account out;
    // Version 1 is from before there was a choice.
    if (version >= 2) {
        const auto way = in.u8();
        if (in.ok() && way != static_cast<std::uint8_t>(Way::passphrase))
            return fail(ErrorCode::unsupported_version);
    }
    out.name = in.text();
    out.person = in.id<PersonId>();
    const auto factor = in.u8();
    out.factor = static_cast<SecondFactor>(factor);
    out.is_confirmed = in.flag();
    out.last_step = in.u64();
    out.sealed = in.owned_bytes();
    read_list(in, out.codes);
    read_list(in, out.recovery);
    const bool is_factor = out.factor == SecondFactor::totp || out.factor == SecondFactor::codes;
    if (!in.finished() || !is_factor || account_name(out.name) != out.name)
        return fail(ErrorCode::malformed);
    return out;
}

std::optional<std::string> account_name(std::string_view given) {
    if (given.size() < 3 || given.size() > 64) return std::nullopt;
    std::string name;
    for (const char c : given) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool is_known = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') ||
                              small == '.' || small == '-' || small == '_';
        if (!is_known) return std::nullopt;
        name.push_back(small);
    }
    return name;
}

Result<void> check_passphrase(const crypto::SecretBytes& passphrase, std::string_view name) {
    const auto words = passphrase.reveal();
    // Of UTF-8, the bytes that begin a character.
    const auto characters =
        std::ranges::count_if(words, [](std::uint8_t byte) { return (byte & 0xc0U) != 0x80U; });
    if (std::cmp_less(characters, passphrase_characters_min)) return fail(ErrorCode::missing_field);
    if (words.size() > passphrase_bytes_max) return fail(ErrorCode::too_large);
    const std::set<std::uint8_t> different(words.begin(), words.end());
    if (different.size() < 5) return fail(ErrorCode::bad_value);
    const auto same = [](std::uint8_t word, char letter) {
        return (word >= 'A' && word <= 'Z' ? word - 'A' + 'a' : word) == letter;
    };
    if (!std::ranges::search(words, name, same).empty()) return fail(ErrorCode::bad_value);
    return {};
}

Result<Issued> make_account(const Wish& wish, const crypto::SecretBytes& credential,
                            const crypto::SecretBytes& passphrase,
                            const crypto::Argon2Params& price, RandomSource& random) {
    MASH_TRY_VOID(check_passphrase(passphrase, wish.name));
    const Opened opened{credential.clone(), crypto::SecretBytes::random(totp_secret_bytes, random),
                        crypto::SecretBytes::random(code_key_bytes, random)};
    Issued out;
    auto& account = out.account;
    account.name = wish.name;
    account.person = wish.person;
    account.factor = wish.factor;
    MASH_TRY(sealed, seal(opened, wish.name, wish.person, passphrase, price, random));
    account.sealed = std::move(sealed);
    if (wish.factor == SecondFactor::totp) {
        out.totp_secret = totp_secret_text(opened.totp);
        out.totp_uri = totp_uri(opened.totp, wish.area, wish.name);
    } else {
        out.codes = make_codes(sheet_codes, opened.code_key, account.codes, random);
    }
    out.recovery = make_codes(recovery_codes, opened.code_key, account.recovery, random);
    return out;
}

Result<Opened> open_account(const Account& account, const crypto::SecretBytes& passphrase) {
    MASH_TRY(all, crypto::open_with_passphrase(passphrase, context_of(account.name, account.person),
                                               account.sealed));
    constexpr std::size_t before = code_key_bytes + totp_secret_bytes;
    if (all.size() < before) return fail(ErrorCode::decrypt_failed);
    const auto bytes = all.reveal();
    Opened out;
    out.code_key = crypto::SecretBytes::copy_of(bytes.first(code_key_bytes));
    out.totp = crypto::SecretBytes::copy_of(bytes.subspan(code_key_bytes, totp_secret_bytes));
    out.credential = crypto::SecretBytes::copy_of(bytes.subspan(before));
    return out;
}

void open_nothing(const crypto::SecretBytes& passphrase, const crypto::Argon2Params& price,
                  RandomSource& random) {
    const crypto::PasswordSalt salt(random.array<crypto::PasswordSalt::size>());
    (void)crypto::derive_from_passphrase(passphrase, salt, price).has_value();
}

bool use_code(Account& account, const Opened& opened, std::string_view code, WallTime now) {
    if (account.factor == SecondFactor::codes)
        return take_code(account.codes, opened.code_key, code);
    const auto step = totp_step_of(opened.totp, code, now, account.last_step);
    if (!step) return false;
    account.last_step = *step;
    return true;
}

bool use_recovery_code(Account& account, const Opened& opened, std::string_view code) {
    return take_code(account.recovery, opened.code_key, code);
}

// In a sealed row, for a day, of 50 random bits, and of no use without the passphrase: no key.
ResetCode make_reset_code(const PersonId& person, RandomSource& random) {
    std::string code = make_code(random);
    const auto digest = crypto::labelled_hash("mash.v1.account-reset",
                                              {view_of(person.value()), view_of(plain_code(code))});
    return {std::move(code), digest};
}

bool is_reset_code(const Digest& digest, const PersonId& person, std::string_view code) {
    const auto given = crypto::labelled_hash("mash.v1.account-reset",
                                             {view_of(person.value()), view_of(plain_code(code))});
    return crypto::equal_constant_time(given, digest);
}

Result<void> change_passphrase(Account& account, const Opened& opened,
                               const crypto::SecretBytes& passphrase,
                               const crypto::Argon2Params& price, RandomSource& random) {
    MASH_TRY_VOID(check_passphrase(passphrase, account.name));
    MASH_TRY(sealed, seal(opened, account.name, account.person, passphrase, price, random));
    account.sealed = std::move(sealed);
    return {};
}

}  // namespace mash::desk
