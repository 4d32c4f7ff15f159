// Keys at rest: one text format for root, registrar, broker, agencies and hosts. A file says what
// it is, for which area and for whom, shows the public halves, and holds the secrets sealed under a
// passphrase or, said plainly, not.
//
//   mash-key 1
//   kind registrar
//   area northshire
//   owner registrar
//   public signing <base64url>            any number, sorted by name
//   protection passphrase | none
//   secret <base64url>                    u32 n · (text name · bytes) ..., sealed when so protected
//
// Lines that begin with # are for people and are not read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/oprf.hpp"
#include "common/crypto/password.hpp"
#include "common/crypto/secret.hpp"
#include "common/crypto/signature.hpp"

namespace mash::area {

/// What can be read without the passphrase.
struct KeyFileLabel {
    std::string kind;  ///< root, registrar, pepper, broker, agency, host ...
    AreaId area;
    std::string owner;                     ///< an agency, a host, a role: [a-z0-9_.-]
    std::map<std::string, Bytes> publics;  ///< by key name
    bool is_sealed = false;
    friend bool operator==(const KeyFileLabel&, const KeyFileLabel&) = default;
};

/// Owns the secrets; move-only.
struct KeyFile {
    KeyFileLabel label;
    std::map<std::string, crypto::SecretBytes> secrets;

    // Adds a key under its name, with its public half.
    void add_signing(const std::string& name, const crypto::SigningKey& key);
    void add_box(const std::string& name, const crypto::BoxKeyPair& key);
    void add_curve(const std::string& name, const crypto::CurveKeyPair& key);
    void add_oprf(const std::string& name, const crypto::OprfKey& key);
    void add_secret(const std::string& name, const crypto::SecretBytes& secret);

    // Errors: not_found (no key of that name), malformed, bad_value (the public half shown is
    // another key's).
    Result<crypto::SigningKey> signing(const std::string& name) const;
    Result<crypto::BoxKeyPair> box(const std::string& name) const;
    Result<crypto::CurveKeyPair> curve(const std::string& name) const;
    Result<crypto::OprfKey> oprf(const std::string& name) const;
    Result<crypto::SecretBytes> secret(const std::string& name) const;
};

/// The name of a broker's key for subject tokens of this epoch, and all such keys of a file.
/// Errors: those of oprf().
std::string token_key_name(std::uint16_t epoch);
Result<std::map<std::string, crypto::OprfKey>> token_keys_of(const KeyFile& file);

/// `passphrase` null: not protected, and the file says so in words. Errors: as
/// seal_with_passphrase.
Result<Bytes> key_file_text(const KeyFile& file, const crypto::SecretBytes* passphrase,
                            const crypto::Argon2Params& price, RandomSource& random);

/// Errors: malformed, unsupported_version.
Result<KeyFileLabel> read_key_file_label(ByteView text);

/// Errors: malformed, unsupported_version, missing_field (sealed, and no passphrase given),
/// wrong_credential, decrypt_failed and those of open_with_passphrase.
Result<KeyFile> read_key_file(ByteView text, const crypto::SecretBytes* passphrase);

/// The same from and to a file of mode 0600, whole or not there. Errors: as above and of files.hpp.
Result<KeyFile> load_key_file(const std::filesystem::path& path,
                              const crypto::SecretBytes* passphrase);
Result<KeyFileLabel> load_key_file_label(const std::filesystem::path& path);
Result<void> save_key_file(const std::filesystem::path& path, const KeyFile& file,
                           const crypto::SecretBytes* passphrase, const crypto::Argon2Params& price,
                           RandomSource& random);

/// The first line of `path`, without its line end: how programs take a passphrase. Errors:
/// missing_field (empty) and those of read_file.
Result<crypto::SecretBytes> read_passphrase_file(const std::filesystem::path& path);

}  // namespace mash::area
