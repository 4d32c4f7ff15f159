#include "broker/core/documents.hpp"

#include <algorithm>

#include "broker/core/conflicts.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/session.hpp"

namespace mash::broker {
namespace {

using wire::DocumentKind;

// Frames hold 1 MiB; room is left for the envelope.
constexpr std::size_t documents_per_frame_bytes_max = limits::frame_bytes_max - 16 * 1024;

constexpr std::array kinds_in_order = {DocumentKind::delegation, DocumentKind::registry,
                                       DocumentKind::policy, DocumentKind::catalogue,
                                       DocumentKind::freshness};

std::uint8_t number(DocumentKind kind) { return static_cast<std::uint8_t>(kind); }

std::shared_ptr<const area::Policy> parse_policy(const wire::SignedDocument* policy,
                                                 const wire::SignedDocument* catalogue) {
    if (!policy || !catalogue) return nullptr;
    std::vector<area::PolicyFault> faults;
    auto parsed = area::Policy::parse(text_of(policy->body), "policy.toml",
                                      text_of(catalogue->body), "catalogue.toml", faults);
    if (!parsed) return nullptr;
    return std::make_shared<const area::Policy>(std::move(*parsed));
}

void publish_registry(CoreState& state) {
    const auto& registry = state.documents.trusted.registry();
    state.documents.registry =
        registry ? std::make_shared<const area::Registry>(*registry) : nullptr;
}

void refused(Step& step, ErrorCode code) {
    step.record_code(code == ErrorCode::version_went_back ? LogEvent::document_went_back
                                                          : LogEvent::document_refused,
                     code);
}

bool is_held(const Documents& documents, const wire::SignedDocument& document) {
    const auto* held = documents.trusted.document(document.kind);
    return held && *held == document;
}

// A freshness statement that names a policy still to come speaks of then; one that names the policy
// in force, of now.
bool speaks_of_later(const Documents& documents, const wire::SignedDocument& document) {
    if (document.kind == DocumentKind::policy || document.kind == DocumentKind::catalogue)
        return true;
    if (document.kind != DocumentKind::freshness) return false;
    const auto freshness = area::parse_freshness(document.body);
    return freshness && freshness->policy_version > documents.trusted.version(DocumentKind::policy);
}

// Everyone connected learns that there is something newer; hosts that are no longer listed are let
// go.
void tell_sessions(Step& step) {
    const auto& trusted = step.state.documents.trusted;
    wire::DocumentsChanged changed;
    changed.registry_version = trusted.version(DocumentKind::registry);
    changed.policy_version = trusted.version(DocumentKind::policy);
    changed.freshness_version = trusted.version(DocumentKind::freshness);
    std::vector<SessionId> gone;
    for (const auto& [id, session] : step.state.sessions) {
        const auto* registry = step.registry();
        const bool is_listed = registry && registry->hosts.contains(session.host);
        if (is_listed) {
            step.send(id, 0, changed);
        } else {
            gone.push_back(id);
        }
    }
    for (const auto id : gone) close_session(step, id, ErrorCode::revoked_key);
}

void keep(Step& step, const wire::SignedDocument& document) {
    DocumentRecord record;
    record.accepted_at = step.now.wall;
    record.document = document;
    step.put(tables::documents, number(document.kind), record);
}

void stage(Step& step, const wire::SignedDocument& document) {
    DocumentRecord record;
    record.accepted_at = step.now.wall;
    record.document = document;
    step.put(tables::staged, number(document.kind), record);
    step.state.documents.staged.insert_or_assign(document.kind, document);
}

void registry_changed(Step& step, const std::shared_ptr<const area::Registry>& before) {
    publish_registry(step.state);
    step.state.proved.clear();
    std::erase_if(step.state.frame_budgets,
                  [&](const auto& entry) { return !step.registry()->hosts.contains(entry.first); });
    std::erase_if(step.state.plan_budgets,
                  [&](const auto& entry) { return !step.registry()->find_agency(entry.first); });
    std::erase_if(step.state.token_budgets,
                  [&](const auto& entry) { return !step.registry()->find_agency(entry.first); });
    std::erase_if(step.state.import_allowances,
                  [&](const auto& entry) { return !step.registry()->find_agency(entry.first); });
    step.effects.emplace_back(RegistryChanged{step.state.documents.registry});
    if (before) requeue_after_registry(step, *before);
}

// Takes the documents in an order in which each can be judged. Policy and catalogue count only as a
// pair that parses.
void take_documents(Step& step, std::map<DocumentKind, wire::SignedDocument> offered) {
    auto& documents = step.state.documents;
    const auto before = documents.registry;
    bool any = false;
    bool policy_touched = false;

    const auto policy_offer = offered.find(DocumentKind::policy);
    const auto catalogue_offer = offered.find(DocumentKind::catalogue);
    if (policy_offer != offered.end() || catalogue_offer != offered.end()) {
        const auto* policy = policy_offer != offered.end()
                                 ? &policy_offer->second
                                 : documents.trusted.document(DocumentKind::policy);
        const auto* catalogue = catalogue_offer != offered.end()
                                    ? &catalogue_offer->second
                                    : documents.trusted.document(DocumentKind::catalogue);
        const auto parsed = parse_policy(policy, catalogue);
        const bool is_whole = policy && catalogue;
        if (is_whole && !parsed) {
            refused(step, ErrorCode::bad_value);
            offered.erase(DocumentKind::policy);
            offered.erase(DocumentKind::catalogue);
        } else if (parsed && parsed->valid_from() > step.now.wall) {
            // In force from its valid_from: until then the one before is served, and its freshness
            // with it. Its signature is checked now all the same, so that a mistake shows when a
            // person is there.
            auto trial = documents.trusted;
            for (const auto kind : kinds_in_order) {
                const auto it = offered.find(kind);
                if (it == offered.end()) continue;
                const auto accepted = trial.accept(it->second, step.now.wall);
                if (!accepted) {
                    refused(step, accepted.error());
                    offered.erase(it);
                    continue;
                }
                if (!speaks_of_later(documents, it->second)) continue;
                stage(step, it->second);
                offered.erase(it);
            }
            documents.staged_from = parsed->valid_from();
        }
    }

    const auto freshness = offered.find(DocumentKind::freshness);
    if (freshness != offered.end() && documents.staged_from.is_set() &&
        speaks_of_later(documents, freshness->second)) {
        auto trial = documents.trusted;
        if (trial.accept(freshness->second, step.now.wall)) stage(step, freshness->second);
        offered.erase(freshness);
    }

    for (const auto kind : kinds_in_order) {
        const auto it = offered.find(kind);
        if (it == offered.end() || is_held(documents, it->second)) continue;
        const auto accepted = documents.trusted.accept(it->second, step.now.wall);
        if (!accepted) {
            refused(step, accepted.error());
            continue;
        }
        keep(step, it->second);
        any = true;
        policy_touched =
            policy_touched || kind == DocumentKind::policy || kind == DocumentKind::catalogue;
        step.record(LogEvent::document_loaded, {}, {},
                    static_cast<std::int64_t>(it->second.version));
        if (kind == DocumentKind::registry) registry_changed(step, before);
    }
    if (policy_touched) {
        documents.policy = parse_policy(documents.trusted.document(DocumentKind::policy),
                                        documents.trusted.document(DocumentKind::catalogue));
    }
    documents.fresh_checked_at = {};
    if (any) tell_sessions(step);
}

}  // namespace

Result<void> load_documents(CoreState& state, store::Transaction& tx) {
    for (const auto kind : kinds_in_order) {
        if (const auto staged = tables::staged.get(tx, number(kind))) {
            state.documents.staged.insert_or_assign(kind, staged->document);
        }
        const auto record = tables::documents.get(tx, number(kind));
        if (!record) continue;
        const auto accepted = state.documents.trusted.accept(record->document, record->accepted_at);
        if (accepted) continue;
        // Under a newer delegation two registrars must have signed: the folder brings it again, and
        // until then there is no policy.
        const bool is_text = kind == DocumentKind::policy || kind == DocumentKind::catalogue;
        if (!is_text || accepted.error() != ErrorCode::bad_signature)
            return fail(ErrorCode::store_failed);
    }
    if (tx.failed()) return fail(tx.failure().code);
    publish_registry(state);
    const auto& trusted = state.documents.trusted;
    state.documents.policy = parse_policy(trusted.document(DocumentKind::policy),
                                          trusted.document(DocumentKind::catalogue));
    if (trusted.document(DocumentKind::policy) && trusted.document(DocumentKind::catalogue) &&
        !state.documents.policy) {
        return fail(ErrorCode::store_failed);
    }
    if (!state.documents.staged.empty()) {
        const auto& staged = state.documents.staged;
        const auto pick = [&](DocumentKind kind) {
            const auto it = staged.find(kind);
            return it != staged.end() ? &it->second : trusted.document(kind);
        };
        const auto parsed = parse_policy(pick(DocumentKind::policy), pick(DocumentKind::catalogue));
        if (!parsed) return fail(ErrorCode::store_failed);
        state.documents.staged_from = parsed->valid_from();
    }
    return {};
}

void on_load_documents(Step& step, const LoadDocuments& load) {
    std::map<DocumentKind, wire::SignedDocument> offered;
    for (const auto& document : load.documents) {
        const auto& staged = step.state.documents.staged;
        const auto waiting = staged.find(document.kind);
        if (is_held(step.state.documents, document) ||
            (waiting != staged.end() && waiting->second == document))
            continue;
        const auto it = offered.find(document.kind);
        if (it == offered.end() || it->second.version < document.version)
            offered.insert_or_assign(document.kind, document);
    }
    if (!offered.empty()) take_documents(step, std::move(offered));
}

void tick_documents(Step& step) {
    auto& documents = step.state.documents;
    // A clock that nobody has confirmed says nothing of the year.
    if (documents.policy && !step.expiries_paused()) {
        if (const auto said = documents.policy_end.look(*documents.policy, step.now))
            step.record(said->event, {}, {}, said->days);
    }
    if (!documents.staged_from.is_set() || documents.staged_from > step.now.wall) return;
    auto offered = std::move(documents.staged);
    documents.staged.clear();
    documents.staged_from = {};
    for (const auto& [kind, document] : offered) step.erase(tables::staged, number(kind));
    take_documents(step, std::move(offered));
}

void on_fetch_signed(Step& step, const FrameIn& in, const wire::FetchSigned& fetch) {
    wire::SignedDocuments answer;
    std::size_t bytes = 0;
    for (const auto kind : fetch.kinds) {
        const auto* document = step.state.documents.trusted.document(kind);
        if (!document) continue;
        if (!answer.documents.empty() &&
            bytes + document->body.size() > documents_per_frame_bytes_max) {
            step.send(in.session, in.frame.frame().request, std::exchange(answer, {}),
                      wire::Lane::urgent);
            bytes = 0;
        }
        bytes += document->body.size() + 1024;
        answer.documents.push_back(*document);
    }
    step.send(in.session, in.frame.frame().request, std::move(answer), wire::Lane::urgent);
}

void on_publish_inbox_key(Step& step, const FrameIn& in) {
    const auto& frame = std::get<wire::PublishInboxKey>(in.frame.frame().body);
    const auto& certificate = in.frame.certificate();
    if (!step.registry()->inbox_belongs_to(certificate.inbox, certificate.agency)) {
        return step.refuse(in, ErrorCode::not_entitled, "inbox");
    }
    if (certificate.not_after.is_set() && certificate.not_after <= step.now.wall)
        return step.refuse(in, ErrorCode::expired, "certificate");
    // Senders will not seal to it before its time, and the one it would replace is good.
    if (certificate.issued_at > step.now.wall + limits::clock_skew_max)
        return step.refuse(in, ErrorCode::clock_skew, "certificate");
    const auto held = step.get(tables::inbox_keys, certificate.inbox);
    if (held && held->certificate.agency == certificate.agency) {
        if (held->signed_certificate == frame.certificate && held->members == frame.members)
            return step.answer(in, wire::Done{});
        if (certificate.serial <= held->certificate.serial &&
            held->signed_certificate != frame.certificate)
            return step.refuse(in, ErrorCode::version_went_back, "serial");
    }
    InboxKeyRecord record;
    record.certificate = certificate;
    record.signed_certificate = frame.certificate;
    record.members = frame.members;
    const auto before = held ? held->members : std::vector<PersonId>();
    step.put(tables::inbox_keys, certificate.inbox, record);
    step.record(LogEvent::key_rotated, certificate.agency);
    take_from_new_members(step, certificate.agency, certificate.inbox, before, record.members);
    step.answer(in, wire::Done{});
}

}  // namespace mash::broker
