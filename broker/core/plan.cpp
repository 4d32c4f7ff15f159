#include "broker/core/plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "broker/core/agreement.hpp"
#include "broker/core/ask_holders.hpp"
#include "broker/core/conflicts.hpp"
#include "broker/core/decisions.hpp"
#include "broker/core/involvement.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/requests.hpp"
#include "broker/core/supplement.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {

namespace {

constexpr std::size_t plan_tokens_max = 1024;

void add_tokens(std::set<wire::Token>& known, const std::vector<LinkedClaim>& linked) {
    for (const auto& one : linked) known.insert(one.claim.tokens.begin(), one.claim.tokens.end());
}

}  // namespace

bool is_protected_from(Step& step, const wire::RoutingFacts& stated,
                       const std::set<wire::Token>& known, const area::Agency& sender) {
    const auto& policy = *step.policy();
    if (area::may_know_protected(sender.kind, stated.sender_role, policy)) return false;
    // What cannot be looked through withholds: somebody of the desk tells whoever is involved.
    if (known.size() > plan_tokens_max) return true;
    const auto protecting = protecting_claims(step, {known.begin(), known.end()});
    const bool says_so =
        !area::passes_on_by_itself(stated, policy) &&
        std::ranges::any_of(protecting.claims, [&](const LinkedClaim& one) {
            return one.claim.agency == sender.id &&
                   area::link(stated.tokens, one.claim, sender.kind) == area::Link::linked;
        });
    return !says_so && (!protecting.claims.empty() || !protecting.is_all);
}

bool is_protected_from(Step& step, const ItemKey& item, const wire::RoutingFacts& stated,
                       const area::Agency& sender, const std::vector<wire::Token>& also) {
    std::set<wire::Token> known(stated.tokens.begin(), stated.tokens.end());
    known.insert(also.begin(), also.end());
    const auto linked =
        linked_claims(step, stated.tokens, {item, area::passes_on(stated, *step.policy())});
    add_tokens(known, linked);
    for (const auto& answered : answered_claims(step, item.id, stated, linked))
        add_tokens(known, {answered.linked});
    return is_protected_from(step, stated, known, sender);
}

namespace {

constexpr std::size_t claims_in_plan_max = limits::facts_max - authorisations_max;

struct Gathered {
    wire::PlanFacts facts;
    std::vector<wire::Token> tokens;  ///< subject's own and those of every linked claim
    std::vector<Seat> hidden;         ///< involved, used by this row, not for the sender's eyes
    std::vector<Seat> by_itself;      ///< the same, if the front door's agent can pass it on
    /// A release by somebody whose word does not count: refused on its own way here, or taken
    /// before that was known.
    enum class Release { counts, on_its_way, taken } release = Release::counts;
};

void refuse_plan(Step& step, const FrameIn& in, const wire::RequestPlan& request, ErrorCode code,
                 std::string detail, std::uint32_t retry_after_ms = 0) {
    step.record_code(LogEvent::plan_refused, code, in.host, request.facts.sender,
                     request.notification);
    step.refuse(in, code, std::move(detail), request.notification, retry_after_ms);
}

// One fact that does not prove itself spoils the whole plan at the agent: each is tried alone
// before it goes in.
bool proves_itself(Step& step, const wire::RequestPlan& request, const wire::PlanFacts& facts,
                   area::Proof proof) {
    return area::facts_for(request.notification, request.facts, facts, *step.registry(),
                           *step.policy(), proof)
        .has_value();
}

// Whom a person passes on to. The others its own agent tells, once it has the parcel.
std::vector<Seat> left_to_people(Gathered& gathered, const wire::Decision& decision,
                                 const std::vector<InboxId>& connected) {
    const bool goes_by_itself =
        std::ranges::any_of(decision.recipients, [&](const wire::Recipient& recipient) {
            return recipient.route == area::pass_on_route &&
                   std::ranges::find(connected, recipient.inbox) != connected.end();
        });
    auto& seats = gathered.hidden;
    if (!goes_by_itself)
        seats.insert(seats.end(), gathered.by_itself.begin(), gathered.by_itself.end());
    std::ranges::sort(seats);
    seats.erase(std::ranges::unique(seats).begin(), seats.end());
    return std::move(seats);
}

// Registered conflicts are no fact of decide(): whose word does not count is asked here.
bool is_released_by_conflicted(Step& step, const std::vector<wire::Token>& tokens,
                               const wire::SignedAuthorisation& given) {
    const auto body = wire::decode_body<wire::Authorisation>(given.body);
    return body && (body->rule == area::release_first || body->rule == area::release_second) &&
           may_not_decide(step, tokens, *body);
}

// Of an identity that an adoption severed the one fact is who keeps it, to every sender alike; who
// else works or worked with either child is in no plan and in no task.
bool add_severing(Step& step, const wire::RequestPlan& request, Gathered& gathered) {
    bool is_severed = false;
    for (auto& severing : severing_claims(step, request.facts.tokens)) {
        wire::PlanFacts alone;
        alone.decided_at = gathered.facts.decided_at;
        alone.claims.push_back(severing.signed_claim);
        if (gathered.facts.claims.size() >= claims_in_plan_max ||
            !proves_itself(step, request, alone, area::Proof::already_checked))
            continue;
        is_severed = true;
        std::ranges::move(area::strong_tokens(severing.claim.tokens),
                          std::back_inserter(gathered.tokens));
        gathered.facts.claims.push_back(std::move(severing.signed_claim));
    }
    return is_severed;
}

Gathered gather(Step& step, const wire::RequestPlan& request, const area::Agency& sender) {
    const auto& registry = *step.registry();
    const auto& policy = *step.policy();
    const auto& stated = request.facts;
    const ItemKey item{stated.sender, request.notification};
    Gathered gathered;
    auto& facts = gathered.facts;
    facts.decided_at = step.now.wall;
    facts.policy_version = step.state.documents.trusted.version(wire::DocumentKind::policy);
    facts.registry_version = registry.version;

    gathered.tokens = area::strong_tokens(stated.tokens);
    std::set<wire::Token> of_child(stated.tokens.begin(), stated.tokens.end());
    std::vector<LinkedClaim> linked_all;
    std::map<ClaimKey, AnsweredClaim> by_answer;
    if (!add_severing(step, request, gathered)) {
        linked_all = linked_claims(step, stated.tokens, {item, area::passes_on(stated, policy)});
        add_tokens(of_child, linked_all);
        std::vector<Doubt> doubts;  // asked about once it is accepted
        for (auto& answered : set_aside(step, request.notification, stated, linked_all, doubts)) {
            const auto key = answered.linked.key;
            by_answer.emplace(key, std::move(answered));
        }
        // Whom a conflict keeps out is asked of all that may be known of the child.
        for (const auto& [doubted, standing] : doubts)
            std::ranges::move(area::strong_tokens(doubted.claim.tokens),
                              std::back_inserter(gathered.tokens));
        for (auto& answered : answered_claims(step, request.notification, stated, linked_all)) {
            linked_all.push_back(answered.linked);
            const auto key = answered.linked.key;
            by_answer.emplace(key, std::move(answered));
        }
    }
    add_tokens(of_child, linked_all);
    const bool is_hidden_child =
        !linked_all.empty() && is_protected_from(step, stated, of_child, sender);
    for (auto& linked : linked_all) {
        if (gathered.tokens.size() < plan_tokens_max) {
            std::ranges::move(area::strong_tokens(linked.claim.tokens),
                              std::back_inserter(gathered.tokens));
        }
        const auto answered = by_answer.find(linked.key);
        const auto& relation = linked.claim.relation;
        const bool is_used =
            area::row_uses_relation(stated, sender.kind, relation, policy, step.now.wall);
        // What one plan has no room for, a person passes on.
        const bool has_room = facts.claims.size() < claims_in_plan_max &&
                              (answered == by_answer.end() ||
                               facts.identity_answers.size() < limits::identity_answers_max);
        if (is_used && !is_hidden_child && has_room &&
            area::may_know_involved(sender.kind, stated.sender_role, relation, policy)) {
            wire::PlanFacts alone;
            alone.decided_at = facts.decided_at;
            alone.claims.push_back(linked.signed_claim);
            if (answered != by_answer.end())
                alone.identity_answers.push_back(answered->second.answer);
            const auto proof =
                answered == by_answer.end() ? area::Proof::already_checked : area::Proof::check;
            if (!proves_itself(step, request, alone, proof)) continue;
            facts.claims.push_back(std::move(linked.signed_claim));
            if (answered == by_answer.end()) continue;
            facts.identity_answers.push_back(std::move(answered->second.answer));
            note_used(step, answered->second.question, item, stated.sender_role);
        } else if (linked.claim.agency != stated.sender && !area::passes_on(stated, policy)) {
            const auto how =
                area::pass_on_of(stated, sender.kind, relation, registry, policy, step.now.wall);
            // The agent that passes on by itself may have no answer that counts for it.
            const bool by_itself =
                how == area::PassOn::by_itself && !is_hidden_child && answered == by_answer.end();
            if (by_itself)
                gathered.by_itself.push_back(linked.claim.seat);
            else if (is_used || how != area::PassOn::nobody)
                gathered.hidden.push_back(linked.claim.seat);
        }
    }
    std::ranges::sort(gathered.tokens);
    gathered.tokens.erase(std::ranges::unique(gathered.tokens).begin(), gathered.tokens.end());
    if (!stated.thread.is_zero() && !stated.thread_seats.empty()) {
        const auto known = step.get(tables::thread_seats, {stated.sender, stated.thread});
        for (const auto& seat : stated.thread_seats) {
            if (known && std::ranges::binary_search(known->seats, seat))
                facts.thread_seats.push_back(seat);
        }
    }
    for (auto& authorisation : authorisations_for(step, item, request.authorisations)) {
        if (is_released_by_conflicted(step, gathered.tokens, authorisation)) {
            const auto body = wire::decode_body<wire::Authorisation>(authorisation.body);
            const bool taken = tables::authorisations.contains(step.tx, {item, body->id});
            // The agent has forgotten it already.
            if (std::ranges::find(request.authorisations, authorisation) ==
                request.authorisations.end())
                continue;
            if (gathered.release != Gathered::Release::taken)
                gathered.release = taken ? Gathered::Release::taken : Gathered::Release::on_its_way;
            continue;
        }
        wire::PlanFacts alone;
        alone.decided_at = facts.decided_at;
        alone.authorisations.push_back(authorisation);
        if (facts.authorisations.size() >= authorisations_max ||
            !proves_itself(step, request, alone, area::Proof::check))
            continue;
        facts.authorisations.push_back(std::move(authorisation));
    }
    return gathered;
}

// The keys of every inbox the decision names; an inbox that has certified none is a gap that
// somebody rings about.
void add_certificates(Step& step, const wire::Decision& decision, wire::PlanFacts& facts,
                      std::vector<InboxId>& connected) {
    std::set<InboxId> named;
    for (const auto& recipient : decision.recipients) {
        named.insert(recipient.inbox);
        for (const auto& standby : recipient.standbys) named.insert(standby.inbox);
    }
    for (const auto& inbox : named) {
        auto key = step.get(tables::inbox_keys, inbox);
        if (!key) continue;
        const auto& certificate = key->certificate;
        if (certificate.not_after.is_set() && certificate.not_after <= step.now.wall) continue;
        // Taken in while our own clock was ahead. One that the sender cannot count would spoil the
        // plan for everybody else.
        if (certificate.issued_at > step.now.wall + limits::clock_skew_max) continue;
        const auto* owner = step.registry()->agency_of_inbox(inbox);
        if (!owner || owner->id != certificate.agency) continue;
        if (!step.is_proved(*owner, wire::label::inbox_certificate, key->signed_certificate.body,
                            key->signed_certificate.signature)) {
            continue;
        }
        facts.certificates.push_back(std::move(key->signed_certificate));
        connected.push_back(inbox);
    }
}

void open_tasks(Step& step, const ItemKey& item, const wire::RoutingFacts& facts,
                const wire::Decision& decision, const KeptFrom& kept_from, bool can_be_published) {
    const auto& type = facts.type;
    take_from_stated(step, item, kept_from.conflicts_stated);
    for (const auto& held : decision.held) open_held(step, item, type, held, kept_from);
    // The gaps open with the acceptance, and nobody publishes when there is no key to seal to.
    if (can_be_published) return;
    for (const auto& gap : decision.not_connected)
        open_gap(step, item, facts.type, gap, facts.addressed_to, kept_from);
    for (const auto& recipient : decision.recipients) {
        // Nobody has to ring an inbox that no person reads.
        if (recipient.route == area::pass_on_route) continue;
        open_not_connected(step, item, type, recipient.seat, recipient.seat, recipient.take_by,
                           kept_from);
    }
}

LogEvent event_of(const wire::Decision& decision) {
    if (!decision.refusal.empty()) return LogEvent::plan_refused;
    return decision.held.empty() ? LogEvent::plan_made : LogEvent::plan_held;
}

/// What a system sends by itself is asked in this name (proto/README.md): its agency's budget
/// alone.
const PersonId service{"service"};

/// `until`: when the person may ask again, which tells who is told to wait; zero: now.
struct Wait {
    std::chrono::milliseconds until{0};
    const char* budget = "";
};

// A bucket that is full again says no more than one that is not there.
void forget_full(std::map<PersonId, Bucket>& people, SteadyTime now, double per_minute) {
    std::erase_if(people, [&](const auto& entry) {
        const auto& [person, bucket] = entry;
        const auto waited = static_cast<double>((now - bucket.at).count()) / 60'000.0;
        return bucket.tokens + waited * per_minute >= per_minute;
    });
}

// The agency's budget bounds how many people can be in use: in a minute nobody's is full again.
Wait take_from_budgets(Step& step, const wire::RequestPlan& request) {
    const auto& facts = request.facts;
    const auto& config = step.state.config;
    constexpr std::chrono::minutes minute{1};
    const double of_agency = config.plan_requests_per_minute;
    const double of_person = config.plan_requests_of_person_per_minute;
    const auto is_immediate = [&] {
        return area::stated_lane(facts, step.registry(), *step.policy(), step.now.wall) ==
               wire::Lane::immediate;
    };
    auto agency = step.state.plan_budgets[facts.sender];
    const auto wait = take_in_lane(agency, step.now.steady, minute, of_agency, 1.0, is_immediate);
    if (wait.count() > 0) return {wait, "plan_budget"};
    if (request.person != service) {
        auto& people = step.state.person_budgets[facts.sender];
        if (static_cast<double>(people.size()) > 2 * of_agency)
            forget_full(people, step.now.steady, of_person);
        const auto own = take_in_lane(people[request.person], step.now.steady, minute, of_person,
                                      1.0, is_immediate);
        if (own.count() > 0) return {own, "person_budget"};
    }
    step.state.plan_budgets[facts.sender] = agency;
    return {};
}

}  // namespace

namespace {

/// It asks again about what was accepted, and about nothing else: anybody may publish something
/// trivial and then ask under its id whom another child would reach.
bool is_about_accepted(const std::optional<NotificationRecord>& accepted, const ItemKey& item,
                       const wire::RoutingFacts& facts) {
    if (!accepted || !accepted->has_content || facts.type != accepted->type) return false;
    const auto thread = facts.thread.is_zero() ? ThreadId(item.id.value()) : facts.thread;
    return thread == accepted->thread &&
           std::ranges::all_of(area::strong_tokens(facts.tokens), [&](const auto& token) {
               return std::ranges::binary_search(accepted->tokens, token);
           });
}

}  // namespace

void on_request_plan(Step& step, const FrameIn& in, const wire::RequestPlan& request) {
    const auto& facts = request.facts;
    if (!step.policy())
        return refuse_plan(step, in, request, ErrorCode::not_fresh, "policy", 5'000);
    const auto* sender = step.registry()->find_active_agency(facts.sender, step.now.wall);
    if (!sender || sender->host != in.host)
        return refuse_plan(step, in, request, ErrorCode::wrong_host, "sender");
    if (std::ranges::find(sender->roles, facts.sender_role) == sender->roles.end()) {
        return refuse_plan(step, in, request, ErrorCode::not_entitled, "sender_role");
    }
    const auto skew = request.asked_at > step.now.wall ? request.asked_at - step.now.wall
                                                       : step.now.wall - request.asked_at;
    if (skew > limits::clock_skew_max)
        return refuse_plan(step, in, request, ErrorCode::clock_skew, "asked_at");
    const auto wait = take_from_budgets(step, request);
    if (wait.until.count() > 0) {
        ++step.state.counters.busy;
        return refuse_plan(step, in, request, ErrorCode::busy, wait.budget,
                           static_cast<std::uint32_t>(wait.until.count()));
    }

    if (!is_borne_out(step, facts, request.notification, request.asked_at)) {
        give_back_record(step, in, facts, request.notification);
        return refuse_plan(step, in, request, ErrorCode::stale_plan, "agreement");
    }
    const ItemKey item{facts.sender, request.notification};
    auto gathered = gather(step, request, *sender);
    // The agent forgets these signatures and asks others.
    if (gathered.release == Gathered::Release::on_its_way)
        return refuse_plan(step, in, request, ErrorCode::busy, "another_person", 2'000);
    if (gathered.release == Gathered::Release::taken)
        return refuse_plan(step, in, request, ErrorCode::not_entitled, "another_person");
    const auto fresh = step.check_fresh();
    gathered.facts.floor = request.floor || !fresh;
    const auto input =
        area::facts_for(request.notification, facts, gathered.facts, *step.registry(),
                        *step.policy(), area::Proof::already_checked);
    if (!input) return refuse_plan(step, in, request, input.error(), "facts");
    auto decision = area::decide(*input, *step.registry(), *step.policy());
    if (!fresh) {
        step.record_code(LogEvent::document_not_fresh, fresh.error(), {}, facts.sender,
                         request.notification);
        if (!decision.refusal.empty())
            return refuse_plan(step, in, request, ErrorCode::not_fresh, "freshness", 60'000);
    }

    PlanRecord plan;
    plan.item = item;
    plan.decided_at = gathered.facts.decided_at;
    plan.expires_at = step.now.wall + step.state.config.plan_validity;
    plan.policy_version = gathered.facts.policy_version;
    plan.registry_version = gathered.facts.registry_version;
    plan.facts = crypto::labelled_hash("mash.v1.broker-facts", {wire::encode_body(facts)});
    plan.tokens = std::move(gathered.tokens);
    plan.conflicts_stated = facts.conflicts_stated;
    add_certificates(step, decision, gathered.facts, plan.connected);
    plan.hidden = left_to_people(gathered, decision, plan.connected);
    plan.decision = decision;
    // Time first, so that what is out of date stands at the start of its space.
    const PlanId id(
        uuid_v7(static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms())),
                step.draw<10>()));
    step.put(tables::plans, id, plan);

    AskedRecord asked;
    asked.at = step.now.wall;
    asked.item = item;
    asked.role = facts.sender_role;
    asked.type = facts.type;
    asked.person = request.person;
    asked.reason = request.reason;
    asked.policy_version = plan.policy_version;
    asked.facts = plan.facts;
    asked.used_hidden = !plan.hidden.empty();
    asked.decision = decision;
    asked.about = about_of(facts);
    const auto accepted = step.get(tables::notifications, item);
    record_request(step, id, std::move(asked), !plan.connected.empty(),
                   is_about_accepted(accepted, item, facts));
    record_decision(step, id, item, *input);
    authorisations_seen(step, item);
    identity_answers_seen(step, item);
    holder_answers_seen(step, item);
    close_unasked(step, item, decision);
    if (accepted) {
        open_later_tasks(step, item, *accepted, plan, facts.addressed_to);
        ask_about(step, item, *accepted, facts);
        ask_holders(step, item, *accepted, facts);
    } else if (!step.get(tables::recalls, item)) {
        open_tasks(step, item, facts, decision, {plan.tokens, plan.conflicts_stated},
                   !plan.connected.empty());
    }

    ++step.state.counters.plans;
    step.record(event_of(decision), facts.sender, request.notification,
                static_cast<std::int64_t>(decision.recipients.size()));
    wire::DisclosurePlan answer;
    answer.id = id;
    answer.notification = request.notification;
    answer.facts = std::move(gathered.facts);
    answer.decision = std::move(decision);
    answer.expires_at = plan.expires_at;
    step.answer(in, std::move(answer));
}

}  // namespace mash::broker
