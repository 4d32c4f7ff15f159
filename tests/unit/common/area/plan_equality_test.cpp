// Broker and agent decide alike (design rule 2): the broker chooses the facts, both go over the
// wire, the agent proves each of them for itself, and its decision is the plan's.
#include <algorithm>

#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "decision_generator.hpp"

namespace mash::area {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;

constexpr std::uint64_t seeds = 1500;

/// The broker's half, with what agencies have deposited.
class Broker {
public:
    explicit Broker(World& world) : world_(world) {}

    Result<wire::DisclosurePlan> plan(const wire::RequestPlan& asked, const DecisionInput& known) {
        wire::DisclosurePlan plan;
        plan.id = PlanId({1});
        plan.notification = asked.notification;
        plan.facts.decided_at = known.decided_at;
        plan.facts.policy_version = world_.policy.version();
        plan.facts.registry_version = world_.registry.version;
        plan.facts.authorisations = asked.authorisations;
        for (const auto& seat : known.thread_seats) {
            const auto& said = asked.facts.thread_seats;
            if (std::binary_search(said.begin(), said.end(), seat))
                plan.facts.thread_seats.push_back(seat);
        }
        for (const auto& involved : known.involved) {
            if (asked.facts.tokens.empty()) break;
            const auto& relation = involved.relation;
            if (!row_uses_relation(asked.facts, known.sender_kind, relation, world_.policy,
                                   known.decided_at) ||
                !may_know_involved(known.sender_kind, asked.facts.sender_role, relation,
                                   world_.policy))
                continue;
            plan.facts.claims.push_back(claim(involved, asked.facts.tokens, known.decided_at));
        }
        MASH_TRY(input, facts_for(asked.notification, asked.facts, plan.facts, world_.registry,
                                  world_.policy, Proof::already_checked));
        plan.decision = world_.decide(input);
        plan.expires_at = known.decided_at + hours(1);
        return plan;
    }

    /// What the decider of a held recipient signs, certified by their agency.
    wire::SignedAuthorisation permission(const wire::RequestPlan& asked,
                                         const wire::HeldRecipient& held, WallTime at, bool allow) {
        const auto key = crypto::SigningKey::generate(world_.random);
        wire::PersonCertificate person;
        person.person = PersonId("p-1");
        person.agency = held.decider.agency;
        person.roles = {held.decider.role};
        person.verify_key = key.verify_key().value();
        person.serial = 1;
        person.not_after = at + days(1);
        wire::Authorisation given;
        given.id = AuthorisationId({static_cast<std::uint8_t>(++permissions_)});
        given.notification = asked.notification;
        given.sender = asked.facts.sender;
        given.decider = held.decider;
        given.person = person.person;
        given.rule = held.rule;
        given.seats = {held.seat};
        given.allow = allow;
        given.at = at;
        wire::SignedAuthorisation made;
        made.body = wire::encode_body(given);
        made.signature = crypto::sign(key, wire::label::authorisation, made.body);
        made.certificate = wire::encode_body(person);
        made.certificate_signature = crypto::sign(
            world_.keys.at(held.decider.agency), wire::label::person_certificate, made.certificate);
        return made;
    }

private:
    wire::SignedClaim claim(const Involvement& involved, const std::vector<wire::Token>& tokens,
                            WallTime at) {
        wire::InvolvementClaim claim;
        claim.id = ClaimId({1});
        claim.agency = involved.seat.agency;
        claim.seat = involved.seat;
        claim.relation = involved.relation;
        claim.tokens = tokens;
        claim.serial = 1;
        claim.starts = at - days(10);
        claim.lease_until = at + days(80);
        wire::SignedClaim made{wire::encode_body(claim), {}};
        made.signature = crypto::sign(world_.keys.at(claim.agency), wire::label::claim, made.body);
        return made;
    }

    World& world_;
    unsigned permissions_ = 0;
};

template <class Frame, class Body>
Body over_the_wire(const Body& body, Result<Frame> (*decode)(ByteView)) {
    const auto arrived = decode(wire::encode(Frame{1, body}));
    EXPECT_TRUE(arrived.has_value());
    return arrived ? std::get<Body>(arrived->body) : Body{};
}

TEST(PlanEquality, TheAgentDecidesWhatTheBrokerDecided) {
    World world(policy_from(changed(reference_policy(), "schools_hear_of_missing_episodes = false",
                                    "schools_hear_of_missing_episodes = true")));
    Broker broker(world);
    std::size_t equal = 0, refused = 0, answered = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto known = Generator(world, seed).next();
        auto& named = known.facts.agreement.named_agencies;
        std::sort(named.begin(), named.end());
        named.erase(std::unique(named.begin(), named.end()), named.end());
        wire::RequestPlan request;
        request.notification = NotificationId({7});
        request.facts = known.facts;
        request.asked_at = known.decided_at;
        request.person = PersonId("service");
        request.reason = "intake";
        // Held questions are answered, yes and no in turn, and the plan is asked for once more.
        for (int round = 0; round < 3; ++round) {
            const auto asked = over_the_wire<wire::AgentFrame>(request, wire::decode_agent_frame);
            ASSERT_EQ(asked, request);
            const auto made = broker.plan(asked, known);
            if (!made) {
                const auto own = facts_for(request.notification, request.facts, {}, world.registry,
                                           world.policy);
                ASSERT_FALSE(own.has_value()) << name_of(made.error());
                ++refused;
                break;
            }
            const auto plan = over_the_wire<wire::BrokerFrame>(*made, wire::decode_broker_frame);
            const auto proved = facts_for(request.notification, request.facts, plan.facts,
                                          world.registry, world.policy, Proof::check);
            ASSERT_TRUE(proved.has_value()) << name_of(proved.error());
            ASSERT_EQ(world.decide(*proved), plan.decision);
            ++equal;
            if (plan.decision.held.empty()) break;
            // With every desk in the sender's own statement the question goes back to the sender,
            // and no answer of a desk in conflict counts.
            const auto& conflicts = known.facts.conflicts_stated;
            if (std::find(conflicts.begin(), conflicts.end(), plan.decision.held[0].decider) !=
                conflicts.end())
                break;
            for (const auto& held : plan.decision.held) {
                request.authorisations.push_back(
                    broker.permission(request, held, known.decided_at, ++answered % 2 == 0));
            }
        }
    }
    // Most of what is drawn gets as far as a plan, and many a plan is asked for again.
    EXPECT_GT(equal, seeds * 3 / 4);
    EXPECT_GT(refused, 0U);
    EXPECT_GT(answered, 80U);
}

// Design rule 8. A sender that may know of nobody gets the same plan whoever is involved.
TEST(PlanEquality, ThePlanOfASenderThatMayNotKnowTellsNothingOfWhoIsInvolved) {
    World world;
    Broker broker(world);
    std::size_t compared = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto known = Generator(world, seed).next();
        if (known.sender_kind != "school") continue;
        wire::RequestPlan request;
        request.notification = NotificationId({7});
        request.facts = known.facts;
        const auto with = broker.plan(request, known);
        known.involved.clear();
        const auto without = broker.plan(request, known);
        ASSERT_EQ(with.has_value(), without.has_value());
        if (!with) continue;
        ASSERT_EQ(*with, *without);
        ++compared;
    }
    EXPECT_GT(compared, 50U);
}

}  // namespace
}  // namespace mash::area
