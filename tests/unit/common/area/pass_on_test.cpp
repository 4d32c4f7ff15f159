// What the front door's agent passes on by itself (design.md rule 8): one recipient whoever is
// involved, never more than the automatic routes may have, never to whom the sender reached itself.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Seat by_itself = seat("hub", "pass_on");

class PassOnByItself : public ::testing::Test {
protected:
    PassOnByItself() { add_inbox(world); }

    static void add_inbox(World& to, bool people = false) {
        auto& hub = to.agency("hub");
        hub.roles.push_back(by_itself.role);
        hub.seats.push_back({by_itself.role, InboxId("hub.pass_on"), people, std::nullopt, ""});
    }
    /// Without what never travels: a protected address is for a person to look at.
    DecisionInput concern(const Seat& from, wire::Harm harm = wire::Harm::likely_or_actual) const {
        auto in = referral(world, from, harm);
        in.facts.type = TypeId("exploitation_concern");
        std::erase_if(in.facts.views_on_offer, [&](const ViewId& view) {
            return !world.policy.find_section(world.policy.find_view(view)->section)
                        ->goes_by_itself();
        });
        return in;
    }
    /// As the front door's agent asks about what came to it.
    DecisionInput passing(const DecisionInput& said, const wire::Recipient& parcel) const {
        auto in = said;
        in.facts.passed_on_from = {said.facts.sender, said.facts.sender_role};
        in.facts.sender = by_itself.agency;
        in.facts.sender_role = by_itself.role;
        in.sender_kind = "front_door";
        in.facts.views_on_offer = parcel.views;
        involve_everybody(in);
        std::sort(in.involved.begin(), in.involved.end());
        return in;
    }
    World world;
};

TEST_F(PassOnByItself, IsARecipientOfTheRowWithTheViewsOfItsAutomaticRoutesOnly) {
    const auto decision = world.decide(concern(school));
    const auto parcel = recipient(decision, by_itself);
    ASSERT_NE(parcel, nullptr);
    EXPECT_FALSE(parcel->act);
    EXPECT_EQ(parcel->inbox, InboxId("hub.pass_on"));
    EXPECT_EQ(parcel->route, pass_on_route);
    EXPECT_EQ(parcel->lane, recipient(decision, front_door)->lane);
    EXPECT_THAT(parcel->standbys, IsEmpty());
    EXPECT_THAT(words(parcel->views), ElementsAre("edu.day", "evt.headline", "idn.match", "pln.own",
                                                  "pro", "rsk.word", "sfc", "voi"));
    EXPECT_TRUE(has(decision.warnings, "front_door_passes_on"));
}

TEST_F(PassOnByItself, IsThereForNoSenderWhoReachesThemItself) {
    EXPECT_EQ(recipient(world.decide(concern(police)), by_itself), nullptr);
    EXPECT_EQ(recipient(world.decide(concern(front_door)), by_itself), nullptr);
    EXPECT_EQ(recipient(world.decide(concern(social_worker)), by_itself), nullptr);
    EXPECT_NE(recipient(world.decide(concern(health_visitor)), by_itself), nullptr)
        << "health may not know which school";
}

TEST_F(PassOnByItself, LeavesToAPersonWhatARuleLeavesToAPerson) {
    auto in = concern(school, wire::Harm::none);
    EXPECT_EQ(recipient(world.decide(in), by_itself), nullptr);
    for (const auto& held : world.decide(in).held) EXPECT_NE(held.seat, by_itself);
    for (const auto& refused : world.decide(in).refused) EXPECT_NE(refused.seat, by_itself);
}

TEST_F(PassOnByItself, NeverOfAChildWhoseAddressIsProtectedOrOfALiveOperation) {
    for (const char* view : {"saf", "op"}) {
        auto in = concern(school);
        in.facts.views_on_offer.emplace_back(view);
        std::sort(in.facts.views_on_offer.begin(), in.facts.views_on_offer.end());
        EXPECT_EQ(recipient(world.decide(in), by_itself), nullptr) << view;
        EXPECT_NE(recipient(world.decide(in), front_door), nullptr);
    }
}

TEST_F(PassOnByItself, NeverWhenTheSenderStatesAConflictInThatAgency) {
    for (const auto& who : {front_door, emergency_duty, seat("hub", "lado")}) {
        auto in = concern(school);
        in.facts.conflicts_stated = {who};
        EXPECT_EQ(recipient(world.decide(in), by_itself), nullptr) << who.role.value();
    }
    auto in = concern(school);
    in.facts.conflicts_stated = {health_visitor};
    ASSERT_NE(recipient(world.decide(in), by_itself), nullptr) << "there the next plan excludes it";
}

TEST_F(PassOnByItself, WithoutAnInboxOfItsOwnNothingIsDifferentAndNobodyIsRung) {
    const World none;
    const auto decision = none.decide(concern(school));
    EXPECT_EQ(recipient(decision, by_itself), nullptr);
    for (const auto& gap : decision.not_connected) EXPECT_NE(gap.role, by_itself.role);
    World read_by_people;
    add_inbox(read_by_people, true);
    EXPECT_EQ(read_by_people.decide(concern(school)), decision) << "an inbox that people open";
    World elsewhere;
    auto& council = elsewhere.agency("council");
    council.roles.push_back(by_itself.role);
    council.seats.push_back({by_itself.role, InboxId("council.pass_on"), false, std::nullopt, ""});
    EXPECT_EQ(elsewhere.decide(concern(school)), decision) << "not where the front door is";
}

TEST_F(PassOnByItself, ItsOwnPlanReachesTheInvolvedOfAutomaticRoutesAndNotTheSender) {
    const auto said = concern(school);
    auto in = passing(said, *recipient(world.decide(said), by_itself));
    EXPECT_THAT(told(world.decide(in)), ElementsAre(health_visitor))
        << "the school itself is on the list of the involved; social worker and authority are a "
           "person's";
    in.involved.push_back({"school", other_school});
    EXPECT_THAT(told(world.decide(in)), ElementsAre(other_school, health_visitor));
    in.involved.clear();
    EXPECT_EQ(world.decide(in).refusal, "no_recipient");
}

TEST_F(PassOnByItself, ItsOwnPlanLeavesOutWhomTheSenderReached) {
    const auto said = concern(emergency_department);
    EXPECT_NE(recipient(
                  [&] {
                      auto in = said;
                      in.involved = {{"health_visitor", health_visitor}};
                      return world.decide(in);
                  }(),
                  health_visitor),
              nullptr);
    const auto in = passing(said, *recipient(world.decide(said), by_itself));
    EXPECT_THAT(told(world.decide(in)), ElementsAre(school));
}

TEST_F(PassOnByItself, ItsOwnPlanKeepsTheConflictsThatTheSenderStated) {
    auto said = concern(other_school);
    said.facts.conflicts_stated = {school};
    const auto in = passing(said, *recipient(world.decide(said), by_itself));
    const auto decision = world.decide(in);
    ASSERT_NE(recipient(decision, school), nullptr);
    EXPECT_EQ(recipient(decision, school)->inbox, InboxId("orchard-gate.alternate"));
}

TEST_F(PassOnByItself, ItsOwnPlanAsksAboutWhatIsOnlySuspected) {
    const auto said = concern(school, wire::Harm::suspected);
    const auto parcel = recipient(world.decide(said), by_itself);
    ASSERT_NE(parcel, nullptr);
    const auto decision = world.decide(passing(said, *parcel));
    EXPECT_THAT(decision.recipients, IsEmpty());
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(decision.held[0].seat, health_visitor);
    EXPECT_EQ(decision.held[0].decider, front_door);
}

TEST_F(PassOnByItself, NobodyPassesOnForAnAgencyThatIsNotThereOrWithoutSayingForWhom) {
    const auto said = concern(school);
    auto in = passing(said, *recipient(world.decide(said), by_itself));
    in.facts.passed_on_from = {};
    EXPECT_EQ(world.decide(in).refusal, "no_recipient");
    in.facts.passed_on_from = seat("nobody", "sch");
    EXPECT_EQ(world.decide(in).refusal, "no_recipient");
}

TEST_F(PassOnByItself, ASightingReachesTheInvolvedAlthoughTheRouteIsForPoliceAndFrontDoor) {
    auto in = concern(school);
    in.facts.type = TypeId("missing_episode_updated");
    in.facts.kind = "sighting";
    const auto parcel = recipient(world.decide(in), by_itself);
    ASSERT_NE(parcel, nullptr);
    EXPECT_THAT(words(parcel->views),
                ElementsAre("evt.headline", "idn.match", "pro", "rsk.word", "sfc"));
    EXPECT_THAT(told(world.decide(passing(in, *parcel))), ElementsAre(get_safe, health_visitor));
}

TEST_F(PassOnByItself, IsNoRecipientWithoutAFunctionOfWhatFollowsInTheThread) {
    auto in = concern(school);
    in.facts.type = TypeId("correction");
    in.facts.thread_seats = {front_door, by_itself};
    in.thread_seats = in.facts.thread_seats;
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_THAT(decision.refused, IsEmpty());
}

TEST_F(PassOnByItself, ACorrectionGoesTheWayThatTheWrongMessageWent) {
    auto right = concern(school);
    right.facts.type = TypeId("correction");
    right.facts.kind = "exploitation_concern";
    right.facts.thread_seats = right.thread_seats = {front_door, by_itself};
    const auto parcel = recipient(world.decide(right), by_itself);
    ASSERT_NE(parcel, nullptr);
    EXPECT_EQ(parcel->views, recipient(world.decide(concern(school)), by_itself)->views);
    auto own = passing(right, *parcel);
    own.facts.thread_seats = own.thread_seats = {health_visitor};
    EXPECT_THAT(told(world.decide(own)), ElementsAre(health_visitor))
        << "whoever had it from here, and nobody who is only involved now";
    right.facts.thread_seats = right.thread_seats = {front_door};
    EXPECT_EQ(recipient(world.decide(right), by_itself), nullptr) << "it was never passed on";
}

TEST_F(PassOnByItself, APersonPassesOnToWhomTheyName) {
    auto in = concern(front_door);
    in.facts.markers = {"passed_on"};
    in.sender_kind = "front_door";
    involve_everybody(in);
    std::sort(in.involved.begin(), in.involved.end());
    EXPECT_GT(told(world.decide(in)).size(), 1U);
    in.facts.addressed_to = {school};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(school))
        << "the others had it from its sender, and do not read it twice";
}

TEST_F(PassOnByItself, WhoeverMayBeToldIsFoundByTheBrokerToo) {
    const auto how = [&](const Seat& from, const std::string& relation) {
        const auto in = concern(from);
        return pass_on_of(in.facts, in.sender_kind, relation, world.registry, world.policy,
                          tuesday);
    };
    EXPECT_EQ(how(school, "health_visitor"), PassOn::by_itself);
    EXPECT_EQ(how(school, "social_worker"), PassOn::by_person);
    EXPECT_EQ(how(school, "gp"), PassOn::nobody) << "no route of this row";
    EXPECT_EQ(how(police, "health_visitor"), PassOn::nobody) << "reached by police themselves";
    EXPECT_EQ(how(health_visitor, "school"), PassOn::by_itself);
}

// Over every type, every kind of sender and every kind of harm.
TEST_F(PassOnByItself, IsTheSameWhoeverIsInvolvedAndPassesOnNoMoreThanItWasGiven) {
    std::size_t passed = 0;
    for (const auto& type : world.policy.types()) {
        for (const auto& from : {school, other_school, health_visitor, practice, placing_authority,
                                 emergency_department}) {
            for (const auto harm :
                 {wire::Harm::none, wire::Harm::suspected, wire::Harm::likely_or_actual}) {
                for (const auto& kind :
                     type.kinds.empty() ? std::vector<std::string>{""} : type.kinds) {
                    auto in = concern(from, harm);
                    in.facts.type = type.type;
                    in.facts.kind = kind;
                    const auto alone = recipient(world.decide(in), by_itself);
                    auto among = in;
                    involve_everybody(among);
                    const auto with_others = recipient(world.decide(among), by_itself);
                    ASSERT_EQ(alone == nullptr, with_others == nullptr) << type.type.value();
                    if (alone == nullptr) continue;
                    ASSERT_EQ(*alone, *with_others);
                    ++passed;
                    for (const auto& each : world.decide(passing(in, *alone)).recipients) {
                        ASSERT_FALSE(each.act);
                        ASSERT_NE(each.seat.agency, from.agency) << "nobody is told their words";
                        for (const auto& view : each.views) {
                            ASSERT_NE(std::find(alone->views.begin(), alone->views.end(), view),
                                      alone->views.end());
                        }
                    }
                }
            }
        }
    }
    EXPECT_GT(passed, 10U);
}

// ---- who may be shown anything of a protected child ----

TEST(Protected, IsForFrontDoorAndSocialCareAndNeverForWhatGoesByItself) {
    const World world;
    const auto may = [&](const std::string& kind, const Seat& who) {
        return may_know_protected(kind, who.role, world.policy);
    };
    EXPECT_TRUE(may("front_door", front_door));
    EXPECT_TRUE(may("front_door", emergency_duty));
    EXPECT_TRUE(may("social_care", social_worker));
    EXPECT_FALSE(may("front_door", by_itself));
    EXPECT_FALSE(may("police", police));
    EXPECT_FALSE(may("health", health_visitor));
    EXPECT_FALSE(may("school", school));
}

// ---- the policy's text ----

std::string faults_of(const std::string& policy) {
    std::vector<PolicyFault> faults;
    std::string all;
    if (Policy::parse(policy, "policy.toml", reference_catalogue(), "catalogue.toml", faults))
        return "accepted";
    for (const auto& fault : faults) all += fault.text() + "\n";
    return all;
}

TEST(PassOnInAPolicy, IsRefusedWithoutAnInboxNamedForIt) {
    EXPECT_THAT(faults_of(changed(reference_policy(), "\npass_on = \"pass_on\"\n", "\n")),
                HasSubstr("nothing is passed on by itself without an inbox for it"));
}
TEST(PassOnInAPolicy, NeedsARoleThatNobodyReads) {
    EXPECT_THAT(faults_of(changed(reference_policy(), "\npass_on = \"pass_on\"\n",
                                  "\npass_on = \"ffd\"\n")),
                HasSubstr("needs a role of its own"));
}
TEST(PassOnInAPolicy, IsForTheInvolvedWhoAreTold) {
    const std::string gets_safe = "role = \"gs\", reach = \"area\", does = \"act\"";
    EXPECT_THAT(
        faults_of(changed(reference_policy(), gets_safe, gets_safe + ", pass_on = \"automatic\"")),
        HasSubstr("only a route with reach = \"involved\" is passed on"));
    const std::string worker =
        "{ id = \"exploitation-social-worker\", role = \"sw\", reach = \"involved\"";
    EXPECT_THAT(
        faults_of(changed(reference_policy(), worker, worker + ", pass_on = \"automatic\"")),
        HasSubstr("a route that makes somebody act is passed on by a person"));
}
TEST(PassOnInAPolicy, IsForThoseWhoActOnlyWhereTheyMustHearAndTheChildIsMatched) {
    const std::string at_once =
        "{ id = \"attendance-social-worker-at-once\", role = \"sw\", reach = \"involved\", "
        "relation = \"social_worker\", does = \"act\", must = true, content = \"health\", "
        "pass_on = \"automatic\", when = { marker = \"care_status_active\", matched = true }";
    EXPECT_EQ(faults_of(reference_policy()), "accepted");
    for (const auto* word : {", must = true", ", matched = true"}) {
        std::string without = at_once;
        without.erase(without.find(word), std::string_view(word).size());
        EXPECT_THAT(faults_of(changed(reference_policy(), at_once, without)),
                    HasSubstr("a route that makes somebody act is passed on by a person"))
            << word;
    }
}
TEST(PassOnInAPolicy, HasAWordOfItsOwnAndNoRouteOfThatName) {
    EXPECT_THAT(faults_of(changed(reference_policy(), "\npass_on = \"automatic\"",
                                  "\npass_on = \"automatically\"")),
                HasSubstr("nearest: \"automatic\""));
    EXPECT_THAT(
        faults_of(changed(reference_policy(), "id = \"exploitation-school\"", "id = \"pass-on\"")),
        HasSubstr("what the automatic pass-on is called"));
}
TEST(PassOnInAPolicy, ARelationThatProtectsReachesNobody) {
    EXPECT_THAT(
        faults_of(changed(reference_policy(),
                          "role = \"sw\", reach = \"involved\", relation = \"social_worker\"",
                          "role = \"sw\", reach = \"involved\", relation = \"protected\"")),
        HasSubstr("it reaches nobody"));
}

}  // namespace
}  // namespace mash::area
