// Registry, policy, catalogue: fetched from the broker, believed only for the signatures under the
// area's root, used only while the freshness statement vouches for exactly these versions.
#include <algorithm>
#include <functional>
#include <utility>

#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/source.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

using wire::DocumentKind;

constexpr DocumentKind all_kinds[] = {DocumentKind::delegation, DocumentKind::registry,
                                      DocumentKind::policy, DocumentKind::catalogue,
                                      DocumentKind::freshness};

Result<area::Policy> parse_policy(const wire::SignedDocument& policy,
                                  const wire::SignedDocument& catalogue) {
    std::vector<area::PolicyFault> faults;
    return area::Policy::parse(text_of(policy.body), "policy.toml", text_of(catalogue.body),
                               "catalogue.toml", faults);
}

/// As of when each was accepted: a restart does not un-trust what was rightly held; check_fresh
/// judges today.
Result<void> accept_held(store::View& view, area::TrustedArea& trusted,
                         const std::function<void(ErrorCode)>& refused) {
    for (const auto kind : all_kinds) {
        const auto row = table::documents.get(view, static_cast<std::uint8_t>(kind));
        if (!row) continue;
        MASH_TRY(document, wire::decode_body<wire::SignedDocument>(row->document));
        if (auto accepted = trusted.accept(document, row->first_accepted); !accepted)
            refused(accepted.error());
    }
    return {};
}

void read_policy(Step& step) {
    auto& agent = step.agent;
    const auto* policy = agent.trusted.document(DocumentKind::policy);
    const auto* catalogue = agent.trusted.document(DocumentKind::catalogue);
    if (policy == nullptr || catalogue == nullptr) return;
    if (agent.policy && agent.policy_version == policy->version &&
        agent.catalogue_version == catalogue->version)
        return;
    auto parsed = parse_policy(*policy, *catalogue);
    if (!parsed) {
        // The policy before stays; plans under the new version differ from it, so nothing is sealed
        // on a guess.
        step.record(LogEvent::document_refused, parsed.error());
        return;
    }
    agent.policy.emplace(std::move(*parsed));
    agent.policy_version = policy->version;
    agent.catalogue_version = catalogue->version;
    step.record_count(LogEvent::document_loaded, static_cast<std::int64_t>(policy->version));
}

std::optional<crypto::SecretBytes> open_pepper(const AgencyKeys& keys, const Bytes& sealed) {
    for (const auto& box : keys.box) {
        if (auto pepper = crypto::open_sealed(box, sealed)) return std::move(*pepper);
    }
    return std::nullopt;
}

TokenEpoch epoch_of(const area::Registry& registry, std::uint16_t number,
                    crypto::SecretBytes pepper) {
    TokenEpoch epoch;
    epoch.epoch = number;
    if (const auto* listed = registry.find_token_key(number)) {
        epoch.key = listed->key;
        epoch.pepper = std::move(pepper);
    } else {
        epoch.pepper_only = std::make_unique<PepperTokens>(std::move(pepper), number);
    }
    return epoch;
}

/// As it was opened before, if the registry still means the same keys by it.
std::optional<TokenEpoch> opened_before(std::vector<TokenEpoch>& before,
                                        const area::Registry& registry, std::uint16_t number) {
    const auto* listed = registry.find_token_key(number);
    for (auto& epoch : before) {
        if (epoch.epoch == number && epoch.is_blind() == (listed != nullptr) &&
            (listed == nullptr || epoch.key == listed->key))
            return std::move(epoch);
    }
    return std::nullopt;
}

/// Each agency's own copies of the pepper, opened with its own box key. Where none opens one, what
/// was opened before goes on as long as its epoch does: it is the same pepper, sealed to a newer
/// key.
void read_peppers(Step& step) {
    auto& agent = step.agent;
    auto before = std::exchange(agent.tokens, {});
    agent.pepper_unreadable.clear();
    if (step.registry() == nullptr) return;
    const auto& registry = *step.registry();
    for (const auto& [id, keys] : agent.keys.agencies) {
        const auto* listed = registry.find_active_agency(id, step.now.wall);
        if (listed == nullptr || listed->sealed_pepper.empty()) continue;
        std::vector<area::SealedPepper> peppers{{listed->pepper_epoch, listed->sealed_pepper}};
        if (listed->next_pepper) peppers.push_back(*listed->next_pepper);
        for (const auto& [number, sealed] : peppers) {
            if (auto pepper = open_pepper(keys, sealed)) {
                agent.tokens[id].push_back(epoch_of(registry, number, std::move(*pepper)));
                continue;
            }
            agent.pepper_unreadable.insert(id);
            const auto known = before.find(id);
            if (known == before.end()) continue;
            if (auto kept = opened_before(known->second, registry, number))
                agent.tokens[id].push_back(std::move(*kept));
        }
    }
}

void use_documents(Step& step) {
    read_policy(step);
    read_peppers(step);
}

bool accept(Step& step, const wire::SignedDocument& document) {
    auto& trusted = step.agent.trusted;
    const auto* held = trusted.document(document.kind);
    if (held != nullptr && *held == document) return false;
    if (auto accepted = trusted.accept(document, step.now.wall); !accepted) {
        const auto code = accepted.error();
        if (code == ErrorCode::version_went_back) {
            raise(step, Alarm::Kind::version_went_back, {});
            step.record(LogEvent::document_went_back, code);
        } else {
            step.record(LogEvent::document_refused, code);
        }
        return false;
    }
    table::documents.put(step.tx, static_cast<std::uint8_t>(document.kind),
                         {wire::encode_body(document), step.now.wall});
    return true;
}

/// The freshness statement names what is in force; whatever is not held yet is asked for.
std::vector<DocumentKind> missing(const area::TrustedArea& trusted) {
    std::vector<DocumentKind> kinds;
    const auto& fresh = trusted.freshness();
    if (!fresh) return {std::begin(all_kinds), std::end(all_kinds)};
    if (trusted.version(DocumentKind::registry) != fresh->registry_version)
        kinds.push_back(DocumentKind::registry);
    if (trusted.version(DocumentKind::policy) != fresh->policy_version)
        kinds.push_back(DocumentKind::policy);
    if (trusted.version(DocumentKind::catalogue) != fresh->catalogue_version)
        kinds.push_back(DocumentKind::catalogue);
    return kinds;
}

void ask_for(Step& step, std::vector<DocumentKind> kinds) {
    if (kinds.empty() || !step.agent.link.welcomed) return;
    step.agent.link.fetched_at = step.now.steady;
    Asked asked;
    asked.kind = Asked::Kind::documents;
    asked.lane = wire::Lane::immediate;  // nothing can be decided without them
    step.ask(wire::FetchSigned{std::move(kinds)}, std::move(asked));
}

}  // namespace

Result<void> load_documents(Step& step) {
    MASH_TRY_VOID(accept_held(step.tx, step.agent.trusted, [&](ErrorCode code) {
        step.record(LogEvent::document_refused, code);
    }));
    use_documents(step);
    return {};
}

std::optional<area::Policy> policy_held(store::View& view, const AreaId& area,
                                        const crypto::VerifyKey& root) {
    area::TrustedArea trusted(area, root);
    if (!accept_held(view, trusted, [](ErrorCode) {}) || view.failed()) return std::nullopt;
    const auto* policy = trusted.document(DocumentKind::policy);
    const auto* catalogue = trusted.document(DocumentKind::catalogue);
    if (policy == nullptr || catalogue == nullptr) return std::nullopt;
    auto parsed = parse_policy(*policy, *catalogue);
    return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

void fetch_documents(Step& step, bool all) {
    if (all) return ask_for(step, {std::begin(all_kinds), std::end(all_kinds)});
    // And what the statement held already names: the session that was to bring it may have ended.
    auto kinds = missing(step.agent.trusted);
    kinds.push_back(DocumentKind::delegation);
    kinds.push_back(DocumentKind::freshness);
    std::ranges::sort(kinds);
    const auto repeated = std::ranges::unique(kinds);
    kinds.erase(repeated.begin(), repeated.end());
    ask_for(step, std::move(kinds));
}

void on_documents(Step& step, const wire::SignedDocuments& documents) {
    bool changed = false;
    for (const auto kind : all_kinds) {  // in the order in which each can be judged
        for (const auto& document : documents.documents) {
            if (document.kind == kind) changed = accept(step, document) || changed;
        }
    }
    if (changed) {
        use_documents(step);
        watch_peppers(step);
        forget_wanted_tokens(step);
        state_rolls_anew(step);
        state_conflicts_anew(step);
        keep_inboxes(step);
        renew_leases(step);
        refused_errands_again(step);
        step.agent.not_before
            .clear();  // what was refused or differed under the old ones may go now
    }
    // Once per answer that brought something new: a broker that never sends what it announced is
    // asked on Tick.
    if (changed) ask_for(step, missing(step.agent.trusted));
    if (step.check_documents()) clear(step, Alarm::Kind::registry_not_fresh, {});
    judge_parked(step);
    step.pump_due = true;
}

void watch_peppers(Step& step) {
    const auto& unreadable = step.agent.pepper_unreadable;
    if (unreadable.empty()) return clear(step, Alarm::Kind::pepper_unreadable, {});
    raise(step, Alarm::Kind::pepper_unreadable, {});
    for (const auto& agency : unreadable)
        step.record(LogEvent::pepper_unreadable, ErrorCode::decrypt_failed, {}, agency);
}

void watch_documents(Step& step) {
    if (step.policy() != nullptr && !step.agent.clock_jumped) {
        if (const auto said = step.agent.policy_end.look(*step.policy(), step.now))
            step.record_count(said->event, said->days);
    }
    if (step.check_documents()) {
        step.agent.not_fresh_since.reset();
        clear(step, Alarm::Kind::registry_not_fresh, {});
        return;
    }
    auto& link = step.agent.link;
    if (link.welcomed && step.now.steady - link.fetched_at >= limits::request_timeout)
        fetch_documents(step, false);
    // A minute's grace: between a new registry and the statement that vouches for it there are two
    // frames.
    auto& since = step.agent.not_fresh_since;
    if (!since) since = step.now.steady;
    if (step.now.steady - *since >= std::chrono::minutes(1)) {
        raise(step, Alarm::Kind::registry_not_fresh, {});
    }
}

}  // namespace mash::runtime
