// Who a bearer token belongs to, and what it opens. A person's private halves lie in the store only
// under a key that comes from their token; what we keep of the token itself tells no more than that
// it is the right one.
#include <algorithm>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "common/area/alternates.hpp"
#include "common/crypto/wrap.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::string_view box_label = "mash.v1.person-box";
constexpr std::string_view signing_label = "mash.v1.person-signing";
constexpr std::chrono::hours certificate_validity{24 * 30};

Bytes person_aad(std::string_view label, const PersonId& person) {
    return Writer().text(label).id(person).take();
}

}  // namespace

Result<Caller> authenticate(Step& step, const PersonalText& credential) {
    auto presented = credential_from_text(credential);
    if (!presented) return fail(ErrorCode::wrong_credential);
    const Digest verifier = crypto::token_verifier(presented->token);
    Caller caller;
    caller.person = presented->person;
    if (presented->person == service_person()) {
        const Digest& own = step.agent.keys.service_token;
        if (own == Digest{} || !crypto::equal_constant_time(verifier, own))
            return fail(ErrorCode::wrong_credential);
        caller.service = true;
        return caller;
    }
    auto row = person_here(step, presented->person);
    if (!row || !crypto::equal_constant_time(verifier, row->verifier)) {
        return fail(ErrorCode::wrong_credential);
    }
    caller.row = std::move(*row);
    caller.token.emplace(std::move(presented->token));
    return caller;
}

bool is_member(Step& step, const Caller& caller, const InboxId& inbox) {
    return !caller.service && table::members.contains(step.tx, {inbox, caller.person});
}

bool has_role(const Caller& caller, const AgencyId& agency, const RoleId& role) {
    return !caller.service && caller.row.agency == agency &&
           std::find(caller.row.roles.begin(), caller.row.roles.end(), role) !=
               caller.row.roles.end();
}

bool has_role_itself(Step& step, const Caller& caller, const Seat& seat) {
    if (!has_role(caller, seat.agency, seat.role)) return false;
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(seat.agency);
    const auto* entry = agency == nullptr ? nullptr : step.registry()->find_seat(seat);
    if (entry == nullptr || is_member(step, caller, entry->inbox)) return true;
    return std::ranges::none_of(area::alternates_of(*agency, seat.role),
                                [&](const auto& inbox) { return is_member(step, caller, inbox); });
}

Result<crypto::BoxKeyPair> box_key_of(const Caller& caller) {
    if (!caller.token) return fail(ErrorCode::wrong_credential);
    MASH_TRY(secret,
             crypto::unwrap_secret(crypto::derive_from_token(*caller.token, box_label),
                                   person_aad(box_label, caller.person), caller.row.box_wrapped));
    MASH_TRY(key, crypto::BoxSecretKey::from(std::move(secret)));
    return crypto::BoxKeyPair::from_secret(std::move(key));
}

Result<crypto::SigningKey> signing_key_of(const Caller& caller) {
    if (!caller.token) return fail(ErrorCode::wrong_credential);
    MASH_TRY(seed, crypto::unwrap_secret(crypto::derive_from_token(*caller.token, signing_label),
                                         person_aad(signing_label, caller.person),
                                         caller.row.signing_wrapped));
    return crypto::SigningKey::from_seed(seed);
}

Result<CertifiedPerson> certify(Step& step, const Caller& caller) {
    const auto* key = step.signing_key(caller.row.agency);
    if (key == nullptr) return fail(ErrorCode::unknown_key);
    wire::PersonCertificate certificate;
    certificate.person = caller.person;
    certificate.agency = caller.row.agency;
    certificate.roles = caller.row.roles;
    certificate.verify_key = caller.row.verify_key.value();
    certificate.serial = caller.row.serial;
    certificate.not_after = step.now.wall + certificate_validity;
    CertifiedPerson certified;
    certified.certificate = wire::encode_body(certificate);
    certified.signature =
        crypto::sign(*key, wire::label::person_certificate, certified.certificate);
    return certified;
}

NewPerson make_person(Step& step, const AgencyId& agency, std::vector<RoleId> roles) {
    auto token = crypto::BearerToken::generate(step.random);
    auto box = crypto::BoxKeyPair::generate(step.random);
    auto signing = crypto::SigningKey::generate(step.random);
    const auto tail = step.random.array<6>();
    NewPerson made{PersonId("p-" + to_hex(tail)), PersonRow{}, std::move(token)};
    auto& row = made.row;
    row.agency = agency;
    row.roles = std::move(roles);
    row.serial = 1;
    row.verifier = crypto::token_verifier(made.token);
    row.box_public = box.public_key;
    row.box_wrapped = crypto::wrap_secret(crypto::derive_from_token(made.token, box_label),
                                          person_aad(box_label, made.person),
                                          box.secret_key.bytes(), step.random);
    row.verify_key = signing.verify_key();
    row.signing_wrapped =
        crypto::wrap_secret(crypto::derive_from_token(made.token, signing_label),
                            person_aad(signing_label, made.person), signing.seed(), step.random);
    row.added_at = step.now.wall;
    table::people.put(step.tx, made.person, row);
    return made;
}

}  // namespace mash::runtime
