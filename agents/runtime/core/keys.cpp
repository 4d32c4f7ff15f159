#include "agents/runtime/core/keys.hpp"

#include "common/base/bytes.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {
namespace {

constexpr std::string_view prefix = "mash1.";
constexpr std::size_t token_characters = 43;

}  // namespace

PersonId service_person() { return PersonId("service"); }

Digest keyed_digest(const HostKeys& keys, std::string_view what,
                    std::initializer_list<ByteView> parts) {
    Writer all;
    for (const auto& part : parts) all.bytes(part);
    return crypto::keyed_labelled_hash(keys.storage.bytes(), "mash.v1.at-rest",
                                       {view_of(what), all.done()});
}

Result<Credential> credential_from_text(const PersonalText& text) {
    std::string_view rest = text.reveal();
    if (!rest.starts_with(prefix)) return fail(ErrorCode::malformed);
    rest.remove_prefix(prefix.size());
    if (rest.size() < token_characters + 2) return fail(ErrorCode::malformed);
    const std::size_t dot = rest.size() - token_characters - 1;
    if (rest[dot] != '.' || !is_valid_name(rest.substr(0, dot))) return fail(ErrorCode::malformed);
    MASH_TRY(token, crypto::token_from_text(rest.substr(dot + 1)));
    return Credential{PersonId(std::string(rest.substr(0, dot))), std::move(token)};
}

PersonalText text_of_credential(const PersonId& person, const crypto::BearerToken& token) {
    return PersonalText(std::string(prefix) + person.value() + "." + crypto::text_of_token(token));
}

}  // namespace mash::runtime
