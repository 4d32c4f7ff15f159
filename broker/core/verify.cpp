#include "broker/core/verify.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::broker {
namespace {

namespace label = wire::label;

// Everything one check needs to know about who is on the line.
struct Context {
    const HostId& host;
    const area::Registry& registry;
    WallTime now;

    /// The agency is in force and this host serves it.
    Result<const area::Agency*> agency(const AgencyId& id) const {
        const auto* entry = registry.find_agency(id);
        if (!entry) return fail(ErrorCode::unknown_key);
        if (!registry.find_active_agency(id, now)) return fail(ErrorCode::revoked_key);
        if (entry->host != host) return fail(ErrorCode::wrong_host);
        return entry;
    }
};

Result<void> check_signature(const area::Agency& agency, WallTime now, std::string_view words,
                             ByteView message, const crypto::Signature& signature) {
    if (area::verify_with_any(agency.signing_keys, now, words, message, signature)) return {};
    // Why, for the one who must put it right: a revoked or outlived key is not a forgery.
    for (const auto& key : agency.signing_keys) {
        if (!crypto::verify(key.key, words, message, signature)) continue;
        return fail(key.revoked_at.is_set() && key.revoked_at <= now ? ErrorCode::revoked_key
                                                                     : ErrorCode::expired);
    }
    return fail(ErrorCode::bad_signature);
}

// A person signs with a key that the person's agency, served by this host, has certified.
Result<wire::PersonCertificate> check_person(const Context& context, ByteView certificate_bytes,
                                             const crypto::Signature& certificate_signature,
                                             const PersonId& person, std::string_view words,
                                             ByteView message, const crypto::Signature& signature) {
    MASH_TRY(certificate, wire::decode_body<wire::PersonCertificate>(certificate_bytes));
    MASH_TRY(agency, context.agency(certificate.agency));
    MASH_TRY_VOID(check_signature(*agency, context.now, label::person_certificate,
                                  certificate_bytes, certificate_signature));
    if (certificate.not_after <= context.now) return fail(ErrorCode::expired);
    if (certificate.person != person) return fail(ErrorCode::not_entitled);
    if (!crypto::verify(crypto::VerifyKey(certificate.verify_key), words, message, signature))
        return fail(ErrorCode::bad_signature);
    return certificate;
}

// Whoever was told of a recall gives it back to a broker that was put back to before it. The word
// is its sender's and for good, whoever brings it. The key may have been replaced since; a revoked
// one is whoever stole it.
Result<void> check_recall(const Context& context, const wire::RecallBody& body,
                          const wire::Recall& recall) {
    const auto* sender = context.registry.find_agency(body.sender);
    if (!sender || sender->host == context.host) {
        MASH_TRY(agency, context.agency(body.sender));
        return check_signature(*agency, context.now, label::recall, recall.body, recall.signature);
    }
    if (!context.registry.find_active_agency(body.sender, context.now))
        return fail(ErrorCode::revoked_key);
    auto keys = sender->signing_keys;
    std::erase_if(keys, [&](const area::DatedVerifyKey& key) {
        return key.revoked_at.is_set() && key.revoked_at <= context.now;
    });
    if (!area::verify_with_any(keys, std::min(body.at, context.now), label::recall, recall.body,
                               recall.signature))
        return fail(ErrorCode::bad_signature);
    return {};
}

bool holds(const wire::PersonCertificate& person, const Seat& seat) {
    return seat.agency == person.agency &&
           std::ranges::find(person.roles, seat.role) != person.roles.end();
}

Result<std::vector<wire::InvolvementClaim>> check_claims(
    const Context& context, const std::vector<wire::SignedClaim>& claims) {
    if (claims.size() > limits::claims_per_frame_max) return fail(ErrorCode::too_many);
    std::vector<wire::InvolvementClaim> checked;
    checked.reserve(claims.size());
    for (const auto& signed_claim : claims) {
        MASH_TRY(claim, wire::decode_body<wire::InvolvementClaim>(signed_claim.body));
        MASH_TRY(agency, context.agency(claim.agency));
        if (claim.seat.agency != claim.agency) return fail(ErrorCode::not_entitled);
        MASH_TRY_VOID(check_signature(*agency, context.now, label::claim, signed_claim.body,
                                      signed_claim.signature));
        checked.push_back(std::move(claim));
    }
    return checked;
}

Result<wire::Routing> check_sealed(const Context& context, std::string_view label,
                                   const wire::SealedNotification& sealed) {
    MASH_TRY(routing, wire::decode_body<wire::Routing>(sealed.routing));
    const auto& sender = routing.facts.sender;
    MASH_TRY(agency, context.agency(sender));
    const auto message = wire::notification_message(sender, routing.id, sealed);
    MASH_TRY_VOID(check_signature(*agency, context.now, label, message, sealed.signature));
    MASH_TRY_VOID(wire::check_views(sender, routing.id, sealed));
    return routing;
}

}  // namespace

Result<VerifiedFrame> verify(wire::AgentFrame frame, const HostId& host,
                             const area::Registry& registry, WallTime now) {
    const Context context{host, registry, now};
    if (!registry.hosts.contains(host)) return fail(ErrorCode::unknown_key);
    VerifiedFrame out;
    out.registry_version_ = registry.version;

    if (const auto* publish_key = std::get_if<wire::PublishInboxKey>(&frame.body)) {
        const auto& offered = publish_key->certificate;
        MASH_TRY(certificate, wire::decode_body<wire::InboxCertificate>(offered.body));
        MASH_TRY(agency, context.agency(certificate.agency));
        MASH_TRY_VOID(check_signature(*agency, now, label::inbox_certificate, offered.body,
                                      offered.signature));
        out.certificate_ = std::move(certificate);
    } else if (const auto* request = std::get_if<wire::RequestPlan>(&frame.body)) {
        MASH_TRY_VOID(context.agency(request->facts.sender));
    } else if (const auto* tokens = std::get_if<wire::EvaluateTokens>(&frame.body)) {
        MASH_TRY_VOID(context.agency(tokens->agency));
    } else if (const auto* publish = std::get_if<wire::Publish>(&frame.body)) {
        const auto& sealed = publish->notification;
        MASH_TRY(routing, check_sealed(context, label::notification, sealed));
        out.notification_digest_ =
            wire::notification_digest(routing.facts.sender, routing.id, sealed);
        out.routing_ = std::move(routing);
    } else if (const auto* supplement = std::get_if<wire::Supplement>(&frame.body)) {
        const auto& added = supplement->added;
        MASH_TRY(routing, check_sealed(context, label::supplement, added));
        out.notification_digest_ = wire::supplement_digest(routing.facts.sender, routing.id, added);
        out.routing_ = std::move(routing);
    } else if (const auto* receipts = std::get_if<wire::Receipts>(&frame.body)) {
        MASH_TRY(body, wire::decode_body<wire::ReceiptsBody>(receipts->body));
        MASH_TRY(agency, context.agency(body.from));
        MASH_TRY_VOID(
            check_signature(*agency, now, label::receipts, receipts->body, receipts->signature));
        out.receipts_ = std::move(body);
    } else if (const auto* claim = std::get_if<wire::ClaimInvolvement>(&frame.body)) {
        MASH_TRY(claims, check_claims(context, claim->claims));
        out.claims_ = std::move(claims);
    } else if (const auto* end = std::get_if<wire::EndInvolvement>(&frame.body)) {
        MASH_TRY(agency, context.agency(end->agency));
        MASH_TRY_VOID(check_signature(*agency, now, label::end_involvement,
                                      wire::end_involvement_message(*end), end->signature));
    } else if (const auto* roll = std::get_if<wire::ReplaceRoll>(&frame.body)) {
        MASH_TRY_VOID(context.agency(roll->agency));
        MASH_TRY(claims, check_claims(context, roll->claims));
        const bool is_one_agency = std::ranges::all_of(
            claims, [&](const auto& one) { return one.agency == roll->agency; });
        if (!is_one_agency || roll->seat.agency != roll->agency)
            return fail(ErrorCode::not_entitled);
        out.claims_ = std::move(claims);
    } else if (const auto* permit = std::get_if<wire::AuthorisationFrame>(&frame.body)) {
        const auto& given = permit->authorisation;
        MASH_TRY(authorisation, wire::decode_body<wire::Authorisation>(given.body));
        MASH_TRY(person, check_person(context, given.certificate, given.certificate_signature,
                                      authorisation.person, label::authorisation, given.body,
                                      given.signature));
        if (!holds(person, authorisation.decider)) return fail(ErrorCode::not_entitled);
        out.authorisation_ = std::move(authorisation);
        out.person_ = std::move(person);
    } else if (const auto* answer = std::get_if<wire::TaskAnswer>(&frame.body)) {
        MASH_TRY(person, check_person(context, answer->certificate, answer->certificate_signature,
                                      answer->person, label::task_answer,
                                      wire::task_answer_message(*answer), answer->signature));
        out.person_ = std::move(person);
    } else if (const auto* asked = std::get_if<wire::LookAtIdentity>(&frame.body)) {
        const auto& given = asked->look;
        MASH_TRY(look, wire::decode_body<wire::IdentityLook>(given.body));
        MASH_TRY(person,
                 check_person(context, given.certificate, given.certificate_signature, look.person,
                              label::identity_look, given.body, given.signature));
        if (!holds(person, look.decider)) return fail(ErrorCode::not_entitled);
        out.identity_look_ = std::move(look);
        out.person_ = std::move(person);
    } else if (const auto* said_of = std::get_if<wire::AnswerIdentity>(&frame.body)) {
        const auto& given = said_of->answer;
        MASH_TRY(said, wire::decode_body<wire::IdentityAnswer>(given.body));
        MASH_TRY(person,
                 check_person(context, given.certificate, given.certificate_signature, said.person,
                              label::identity_answer, given.body, given.signature));
        if (!holds(person, said.decider)) return fail(ErrorCode::not_entitled);
        out.identity_answer_ = std::move(said);
        out.person_ = std::move(person);
    } else if (const auto* shown = std::get_if<wire::ShowIdentity>(&frame.body)) {
        MASH_TRY(agency, context.agency(shown->agency));
        MASH_TRY_VOID(check_signature(*agency, now, label::identity_shown,
                                      wire::show_identity_message(*shown), shown->signature));
    } else if (const auto* heard = std::get_if<wire::IdentityHeard>(&frame.body)) {
        MASH_TRY_VOID(context.agency(heard->agency));
    } else if (const auto* known = std::get_if<wire::InvolvementAnswer>(&frame.body)) {
        // With its notification it is sent back by who was told of it: no answer of a holder's.
        const bool is_answer = known->notification.is_zero();
        if (is_answer) MASH_TRY_VOID(context.agency(known->asked.agency));
        if (is_answer && known->claim) {
            MASH_TRY(claims, check_claims(context, {*known->claim}));
            const auto& answering = claims.front();
            if (answering.id != known->question || answering.seat != known->asked ||
                answering.relation != known->relation)
                return fail(ErrorCode::not_entitled);
            out.claims_ = std::move(claims);
        }
    } else if (const auto* words = std::get_if<wire::DeciderWords>(&frame.body)) {
        MASH_TRY(body, wire::decode_body<wire::WordsBody>(words->body));
        MASH_TRY(agency, context.agency(body.decider.agency));
        MASH_TRY_VOID(check_signature(*agency, now, label::words, words->body, words->signature));
        out.words_ = std::move(body);
    } else if (const auto* words_heard = std::get_if<wire::WordsHeard>(&frame.body)) {
        MASH_TRY_VOID(context.agency(words_heard->agency));
    } else if (const auto* declare = std::get_if<wire::DeclareConflict>(&frame.body)) {
        MASH_TRY(conflict, wire::decode_body<wire::ConflictBody>(declare->body));
        MASH_TRY(agency, context.agency(conflict.declared_by));
        MASH_TRY_VOID(
            check_signature(*agency, now, label::conflict, declare->body, declare->signature));
        out.conflict_ = std::move(conflict);
    } else if (const auto* end_conflict = std::get_if<wire::EndConflict>(&frame.body)) {
        MASH_TRY(agency, context.agency(end_conflict->ended_by));
        MASH_TRY_VOID(check_signature(*agency, now, label::end_conflict,
                                      wire::end_conflict_message(*end_conflict),
                                      end_conflict->signature));
    } else if (const auto* recall = std::get_if<wire::Recall>(&frame.body)) {
        MASH_TRY(body, wire::decode_body<wire::RecallBody>(recall->body));
        MASH_TRY_VOID(check_recall(context, body, *recall));
        out.recall_ = std::move(body);
    } else if (const auto* said = std::get_if<wire::RecordAgreement>(&frame.body)) {
        MASH_TRY(body, wire::decode_body<wire::AgreementBody>(said->body));
        MASH_TRY(agency, context.agency(body.agency));
        MASH_TRY_VOID(check_signature(*agency, now, label::agreement, said->body, said->signature));
        out.agreement_ = std::move(body);
    } else if (const auto* withdrawn = std::get_if<wire::WithdrawAgreement>(&frame.body)) {
        MASH_TRY(body, wire::decode_body<wire::WithdrawalBody>(withdrawn->body));
        MASH_TRY(agency, context.agency(body.sender));
        MASH_TRY_VOID(check_signature(*agency, now, label::withdrawal, withdrawn->body,
                                      withdrawn->signature));
        out.withdrawal_ = std::move(body);
    }
    // The others claim nothing that a transport key does not already say.
    out.frame_ = std::move(frame);
    return out;
}

}  // namespace mash::broker
