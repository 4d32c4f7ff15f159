#include "common/area/keyfile.hpp"

#include <algorithm>
#include <optional>

#include "common/area/files.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

constexpr std::string_view token_key_prefix = "tokens-";

constexpr std::string_view first_line = "mash-key 1";
constexpr std::string_view first_word = "mash-key ";
constexpr std::size_t key_file_bytes_max = 256 * limits::kibibyte;

constexpr std::string_view unprotected_words =
    "# NOT PROTECTED: whoever can read this file has these keys. Keep it readable by its owner "
    "only,\n"
    "# never copy it into a ticket or a mail, and prefer a passphrase (see --help of the program "
    "that made it).\n";
constexpr std::string_view protected_words =
    "# Protected by a passphrase. Without it nobody, and no backup, can open this file.\n";

std::string context_of(const KeyFileLabel& label) {
    return "mash.v1.key-file/" + label.kind + "/" + label.area.value() + "/" + label.owner;
}

void append(std::span<std::uint8_t>& to, ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), to.begin());
    to = to.subspan(bytes.size());
}

// Written straight into locked memory: a growing Writer would leave copies of keys on the heap.
crypto::SecretBytes bundle(const std::map<std::string, crypto::SecretBytes>& secrets) {
    std::size_t size = 4;
    for (const auto& [name, secret] : secrets) size += 8 + name.size() + secret.size();
    crypto::SecretBytes out(size);
    std::span<std::uint8_t> rest = out.writable();
    append(rest, Writer().u32(static_cast<std::uint32_t>(secrets.size())).done());
    for (const auto& [name, secret] : secrets) {
        append(rest, Writer().text(name).u32(static_cast<std::uint32_t>(secret.size())).done());
        append(rest, secret.reveal());
    }
    CHECK(rest.empty());
    return out;
}

Result<std::map<std::string, crypto::SecretBytes>> unbundle(const crypto::SecretBytes& bytes) {
    Reader in(bytes.reveal());
    std::map<std::string, crypto::SecretBytes> secrets;
    const std::uint32_t count = in.count(8);
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        auto name = in.text();
        const ByteView secret = in.bytes();
        if (!in.ok()) break;
        if (!is_valid_name(name) || (!secrets.empty() && secrets.rbegin()->first >= name))
            in.fail();
        secrets.emplace(std::move(name), crypto::SecretBytes::copy_of(secret));
    }
    if (!in.finished()) return fail(ErrorCode::malformed);
    return secrets;
}

// Lines that are not for people only.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next() {
        while (!rest_.empty()) {
            const auto end = rest_.find('\n');
            if (end == std::string_view::npos) return std::nullopt;  // a file cut short
            const auto line = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            if (!line.starts_with('#')) return line;
        }
        return std::nullopt;
    }
    /// The rest of the next line when it begins with `word` and a space.
    std::optional<std::string_view> next(std::string_view word) {
        const auto before = rest_;
        const auto line = next();
        if (line && line->size() > word.size() && line->starts_with(word) &&
            (*line)[word.size()] == ' ') {
            return line->substr(word.size() + 1);
        }
        rest_ = before;
        return std::nullopt;
    }
    bool is_finished() { return !next() && rest_.empty(); }

private:
    std::string_view rest_;
};

struct Parsed {
    KeyFileLabel label;
    Bytes secret;
};

Result<Parsed> parse(ByteView bytes) {
    if (bytes.size() > key_file_bytes_max) return fail(ErrorCode::too_large);
    Lines lines(text_of(bytes));
    const auto opening = lines.next();
    if (!opening || !opening->starts_with(first_word)) return fail(ErrorCode::malformed);
    if (*opening != first_line) return fail(ErrorCode::unsupported_version);
    Parsed out;
    const auto kind = lines.next("kind");
    const auto area = lines.next("area");
    const auto owner = lines.next("owner");
    if (!kind || !area || !owner || !is_valid_name(*kind) || !is_valid_name(*area) ||
        !is_valid_name(*owner)) {
        return fail(ErrorCode::malformed);
    }
    out.label.kind = *kind;
    out.label.area = AreaId(std::string(*area));
    out.label.owner = *owner;
    while (const auto line = lines.next("public")) {
        const auto space = line->find(' ');
        if (space == std::string_view::npos) return fail(ErrorCode::malformed);
        std::string name(line->substr(0, space));
        MASH_TRY(value, from_base64url(line->substr(space + 1)));
        auto& publics = out.label.publics;
        if (!is_valid_name(name) || (!publics.empty() && publics.rbegin()->first >= name)) {
            return fail(ErrorCode::malformed);
        }
        publics.emplace(std::move(name), std::move(value));
    }
    const auto protection = lines.next("protection");
    if (!protection || (*protection != "passphrase" && *protection != "none"))
        return fail(ErrorCode::malformed);
    out.label.is_sealed = *protection == "passphrase";
    const auto secret = lines.next("secret");
    if (!secret || !lines.is_finished()) return fail(ErrorCode::malformed);
    MASH_TRY(blob, from_base64url(*secret));
    out.secret = std::move(blob);
    return out;
}

// Errors: not_found.
Result<const crypto::SecretBytes*> find(const KeyFile& file, const std::string& name) {
    const auto it = file.secrets.find(name);
    if (it == file.secrets.end()) return fail(ErrorCode::not_found);
    return &it->second;
}

// A file whose public half was exchanged would have people read the wrong fingerprint aloud.
Result<void> check_public(const KeyFile& file, const std::string& name, ByteView expected) {
    const auto it = file.label.publics.find(name);
    if (it == file.label.publics.end() ||
        !std::equal(it->second.begin(), it->second.end(), expected.begin(), expected.end())) {
        return fail(ErrorCode::bad_value);
    }
    return {};
}

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

void KeyFile::add_signing(const std::string& name, const crypto::SigningKey& key) {
    label.publics[name] = copy_of(key.verify_key().view());
    secrets[name] = key.seed();
}

void KeyFile::add_box(const std::string& name, const crypto::BoxKeyPair& key) {
    label.publics[name] = copy_of(key.public_key.view());
    secrets[name] = key.secret_key.bytes().clone();
}

void KeyFile::add_curve(const std::string& name, const crypto::CurveKeyPair& key) {
    label.publics[name] = copy_of(key.public_key.view());
    secrets[name] = key.secret_key.bytes().clone();
}

void KeyFile::add_oprf(const std::string& name, const crypto::OprfKey& key) {
    const auto public_key = key.public_key();
    label.publics[name] = Bytes(public_key.view().begin(), public_key.view().end());
    secrets[name] = key.secret().clone();
}

void KeyFile::add_secret(const std::string& name, const crypto::SecretBytes& secret) {
    secrets[name] = secret.clone();
}

Result<crypto::SigningKey> KeyFile::signing(const std::string& name) const {
    MASH_TRY(held, find(*this, name));
    MASH_TRY(key, crypto::SigningKey::from_seed(*held));
    MASH_TRY_VOID(check_public(*this, name, key.verify_key().view()));
    return key;
}

Result<crypto::BoxKeyPair> KeyFile::box(const std::string& name) const {
    MASH_TRY(held, find(*this, name));
    MASH_TRY(half, crypto::BoxSecretKey::from(held->reveal()));
    auto key = crypto::BoxKeyPair::from_secret(std::move(half));
    MASH_TRY_VOID(check_public(*this, name, key.public_key.view()));
    return key;
}

Result<crypto::CurveKeyPair> KeyFile::curve(const std::string& name) const {
    MASH_TRY(held, find(*this, name));
    MASH_TRY(half, crypto::CurveSecretKey::from(held->reveal()));
    auto key = crypto::CurveKeyPair::from_secret(std::move(half));
    MASH_TRY_VOID(check_public(*this, name, key.public_key.view()));
    return key;
}

Result<crypto::OprfKey> KeyFile::oprf(const std::string& name) const {
    MASH_TRY(held, find(*this, name));
    MASH_TRY(key, crypto::OprfKey::from_secret(*held));
    MASH_TRY_VOID(check_public(*this, name, key.public_key().view()));
    return key;
}

std::string token_key_name(std::uint16_t epoch) {
    return std::string(token_key_prefix) + std::to_string(epoch);
}

Result<std::map<std::string, crypto::OprfKey>> token_keys_of(const KeyFile& file) {
    std::map<std::string, crypto::OprfKey> keys;
    for (const auto& [name, secret] : file.secrets) {
        if (!name.starts_with(token_key_prefix)) continue;
        MASH_TRY(key, file.oprf(name));
        keys.emplace(name, std::move(key));
    }
    return keys;
}

Result<crypto::SecretBytes> KeyFile::secret(const std::string& name) const {
    MASH_TRY(held, find(*this, name));
    return held->clone();
}

Result<Bytes> key_file_text(const KeyFile& file, const crypto::SecretBytes* passphrase,
                            const crypto::Argon2Params& price, RandomSource& random) {
    const auto& label = file.label;
    CHECK(is_valid_name(label.kind) && is_valid_name(label.area.value()) &&
          is_valid_name(label.owner));
    std::string text(first_line);
    text += "\n";
    text += passphrase == nullptr ? unprotected_words : protected_words;
    text += "kind " + label.kind + "\narea " + label.area.value() + "\nowner " + label.owner + "\n";
    for (const auto& [name, value] : label.publics)
        text += "public " + name + " " + to_base64url(value) + "\n";

    auto secret = bundle(file.secrets);
    std::string encoded;
    if (passphrase != nullptr) {
        MASH_TRY(blob, crypto::seal_with_passphrase(*passphrase, context_of(label), secret, price,
                                                    random));
        encoded = to_base64url(blob);
    } else {
        encoded = to_base64url(secret.reveal());
    }
    text += passphrase == nullptr ? "protection none\n" : "protection passphrase\n";
    text.reserve(text.size() + encoded.size() + 16);
    text += "secret " + encoded + "\n";
    Bytes out(text.begin(), text.end());
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    crypto::wipe({reinterpret_cast<std::uint8_t*>(encoded.data()), encoded.size()});
    return out;
}

Result<KeyFileLabel> read_key_file_label(ByteView text) {
    MASH_TRY(parsed, parse(text));
    crypto::wipe(parsed.secret);
    return std::move(parsed.label);
}

Result<KeyFile> read_key_file(ByteView text, const crypto::SecretBytes* passphrase) {
    MASH_TRY(parsed, parse(text));
    KeyFile file;
    crypto::SecretBytes secret;
    if (parsed.label.is_sealed) {
        if (passphrase == nullptr) return fail(ErrorCode::missing_field);
        MASH_TRY(opened, crypto::open_with_passphrase(*passphrase, context_of(parsed.label),
                                                      parsed.secret));
        secret = std::move(opened);
    } else {
        secret = crypto::SecretBytes::take(std::move(parsed.secret));
    }
    MASH_TRY(secrets, unbundle(secret));
    file.label = std::move(parsed.label);
    file.secrets = std::move(secrets);
    return file;
}

Result<KeyFile> load_key_file(const std::filesystem::path& path,
                              const crypto::SecretBytes* passphrase) {
    MASH_TRY(text, read_file(path, key_file_bytes_max));
    auto file = read_key_file(text, passphrase);
    crypto::wipe(text);
    return file;
}

Result<KeyFileLabel> load_key_file_label(const std::filesystem::path& path) {
    MASH_TRY(text, read_file(path, key_file_bytes_max));
    auto label = read_key_file_label(text);
    crypto::wipe(text);
    return label;
}

Result<void> save_key_file(const std::filesystem::path& path, const KeyFile& file,
                           const crypto::SecretBytes* passphrase, const crypto::Argon2Params& price,
                           RandomSource& random) {
    MASH_TRY(text, key_file_text(file, passphrase, price, random));
    auto written = write_file(path, text, FileAccess::owner_only);
    crypto::wipe(text);
    return written;
}

Result<crypto::SecretBytes> read_passphrase_file(const std::filesystem::path& path) {
    MASH_TRY(bytes, read_file(path, limits::short_text_bytes_max));
    const auto text = text_of(bytes);
    auto size = std::min(text.find('\n'), text.size());
    if (size > 0 && text[size - 1] == '\r') --size;
    auto passphrase = crypto::SecretBytes::copy_of(ByteView(bytes).first(size));
    crypto::wipe(bytes);
    if (passphrase.empty()) return fail(ErrorCode::missing_field);
    return passphrase;
}

}  // namespace mash::area
