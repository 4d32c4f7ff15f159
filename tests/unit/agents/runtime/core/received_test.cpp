#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/put_right.hpp"
#include "agents/runtime/core/records.hpp"
#include "common/sealing/section.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

class ReceivedTest : public ::testing::Test {
protected:
    ReceivedTest() {
        world.connect_all();
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    }
    json ask(TestHost& host, ApiRequest::Kind kind, const PersonalText& token,
             const NotificationId& id = {}, const std::string& body = {}) {
        const auto reply = host.ask(kind, token, id.is_zero() ? "" : to_text(id), body);
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    int rungs(wire::Rung rung, const std::string& role) {
        world.settle();
        int count = 0;
        for (const auto& receipts : world.broker.receipts) {
            for (const auto& entry : entries_of(receipts)) {
                if (entry.rung == rung && entry.seat.role == RoleId(role)) ++count;
            }
        }
        return count;
    }
    struct Sealed {
        NotificationId id;
        wire::Delivery delivery;
    };
    /// What the police would never seal, in their name and with their key; not brought yet.
    Sealed seal_hostile(const std::string& content, const std::string& ref = "misper:1",
                        const std::function<void(wire::Cover&)>& bend = {}) {
        return seal_hostile(kept_back(ref), content, bend);
    }
    NotificationId kept_back(const std::string& ref) {
        world.broker.delivers = false;
        return world.send(world.police, world.missing_child(ref));
    }
    Sealed seal_hostile(const NotificationId& id, const std::string& content,
                        const std::function<void(wire::Cover&)>& bend) {
        const AgencyId police("police-wm");
        const InboxId inbox("hub.ffd");
        const auto& plan = world.broker.plans.at(id).plan;
        const auto recipient =
            std::ranges::find(plan.decision.recipients, inbox, &wire::Recipient::inbox);
        if (recipient == plan.decision.recipients.end()) {
            ADD_FAILURE() << "the front door is not told";
            return {id, {}};
        }
        crypto::SeededRandom random(3, "hostile");
        auto sealed = world.broker.published.at(id);
        auto view =
            sealing::seal_view(police, id, recipient->views.front(), view_of(content), random);
        wire::Cover cover;
        cover.id = id;
        cover.sender = police;
        cover.recipient = inbox;
        cover.type = TypeId("missing_episode_started");
        if (bend) bend(cover);
        const auto certificate =
            wire::decode_body<wire::InboxCertificate>(world.broker.certificates.at(inbox).body);
        const sealing::SealedWithKey* views[] = {&*view};
        auto parcel =
            sealing::make_parcel(cover, recipient->lane,
                                 crypto::BoxPublicKey(certificate->box_public_key), views, random);
        parcel->signature = crypto::sign(world.area.signing_key(police), wire::label::parcel,
                                         wire::parcel_message(police, id, *parcel));
        sealed.parcels = {std::move(*parcel)};
        sealed.views = {std::move(view->sealed)};
        return {id, world.broker.delivery_of(sealed, id, *recipient, inbox)};
    }
    NotificationId bring(const Sealed& sealed) {
        world.broker.delivered[sealed.id].push_back(sealed.delivery);
        world.broker.queue(world.hub.id, sealed.delivery);
        world.settle();
        return sealed.id;
    }
    NotificationId give_hostile(const std::string& content) { return bring(seal_hostile(content)); }
    AgentWorld world;
    PersonalText front_door;
    PersonalText lead;
    int status = 0;
};

TEST_F(ReceivedTest, TheListSaysWhatTheBrokerSaysAndOpensNothing) {
    world.send(world.police, world.missing_child());
    const auto list = ask(world.hub, ApiRequest::Kind::received_list, front_door).at("received");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("type"), "missing_episode_started");
    EXPECT_EQ(list[0].at("urgency"), "U1");
    EXPECT_FALSE(list[0].at("take_by").is_null());
    EXPECT_EQ(list.dump().find("Canary"), std::string::npos);
    EXPECT_EQ(rungs(wire::Rung::opened, "ffd"), 0);
}

TEST_F(ReceivedTest, AFloodOfNewerItemsHidesNothingThatNobodyHasTaken) {
    const auto danger = world.send(world.police, world.missing_child("misper:danger"));
    for (int i = 0; i < 7; ++i) {
        world.pass(std::chrono::minutes(1));
        auto calm = world.missing_child("misper:calm" + std::to_string(i));
        calm.facts.risk_grade = "none_apparent";
        calm.thread_ref = "calm" + std::to_string(i);
        const auto id = world.send(world.police, calm);
        if (i < 2) {
            const auto taken = ask(world.hub, ApiRequest::Kind::taken, front_door, id);
            ASSERT_EQ(status, 200) << taken;
        }
    }
    const auto page = [&](const std::string& cursor) {
        ApiRequest request;
        request.kind = ApiRequest::Kind::received_list;
        request.credential = front_door;
        request.limit = 3;
        request.cursor = cursor;
        for (const auto& effect : world.hub.give(std::move(request))) {
            if (const auto* reply = std::get_if<ApiReply>(&effect))
                return json::parse(reply->json.reveal());
        }
        return json();
    };
    auto first = page("");
    ASSERT_EQ(first.at("received").size(), 3U);
    EXPECT_EQ(first.at("received")[0].at("id"), to_text(danger))
        << "the most urgent, though oldest";
    // What is taken and what comes between two pages moves nothing past the reader.
    ask(world.hub, ApiRequest::Kind::taken, front_door, danger);
    auto another = world.missing_child("misper:another");
    another.thread_ref = "another";
    world.send(world.police, another);
    std::set<std::string> seen;
    std::vector<bool> untaken;
    for (auto at = first;;) {
        for (const auto& one : at.at("received")) {
            seen.insert(one.at("id").get<std::string>());
            untaken.push_back(one.at("progress").at("taken_at").is_null());
        }
        if (at.at("next").is_null()) break;
        at = page(at.at("next").get<std::string>());
    }
    EXPECT_EQ(seen.size(), 8U);
    EXPECT_TRUE(std::ranges::is_partitioned(untaken, std::identity{}));
    EXPECT_EQ(page("").at("received")[0].at("id") == to_text(danger), false);
    EXPECT_TRUE(page("!").contains("error"));
}

TEST_F(ReceivedTest, OpeningShowsTheSendersWordsAndIsOneRungOnce) {
    const auto id = world.send(world.police, world.missing_child());
    const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(status, 200);
    EXPECT_EQ(item.at("views").at("evt.full").at("what"), "Canaryheadline: missing since morning");
    EXPECT_EQ(item.at("views").at("loc").at("last_seen_place"), "Canaryplace by the river");
    EXPECT_EQ(item.at("why").at("rule"), "E-08");
    EXPECT_FALSE(item.at("why").at("explanation").get<std::string>().empty());
    EXPECT_FALSE(item.at("take_by").is_null());
    ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(rungs(wire::Rung::opened, "ffd"), 1);
}

TEST_F(ReceivedTest, TheSchoolSeesItsPartOnly) {
    const auto id = world.send(world.police, world.missing_child());
    const auto item = ask(world.schools, ApiRequest::Kind::received_one, lead, id);
    EXPECT_EQ(item.at("views").at("evt.headline").at("what"),
              "Canaryheadline: missing since morning");
    EXPECT_EQ(item.at("views").at("rsk.word").at("grade"), "high");
    EXPECT_EQ(item.dump().find("Canaryplace"), std::string::npos);
    EXPECT_EQ(item.dump().find("Canarydetails"), std::string::npos);
    EXPECT_EQ(item.dump().find("Canaryfactors"), std::string::npos);
}

TEST_F(ReceivedTest, WhatTheSourceDoesNotSayReadsAsNotKnownNotSeenAndTheSendersOwnContact) {
    world.police.config.professional_contact[AgencyId("police-wm")] =
        R"({"whom_to_ring":"Invented desk, 01632 960299"})";
    world.police.restart();
    world.connect(world.police);
    const auto silent = world.missing_child();
    for (const char* section : {"sfc", "voi", "pro"})
        ASSERT_FALSE(silent.sections.contains(section));
    const auto views =
        ask(world.hub, ApiRequest::Kind::received_one, front_door, world.send(world.police, silent))
            .at("views");
    EXPECT_EQ(views.at("sfc"), json({{"note", "Not known: ask the sender before any contact"}}));
    EXPECT_EQ(views.at("voi"), json({{"reason_for_none", "not_seen"}}));
    EXPECT_EQ(views.at("pro"), json({{"whom_to_ring", "Invented desk, 01632 960299"}}));

    // What the source does say stands, in each of the three.
    auto spoken = world.missing_child("misper:spoken");
    spoken.thread_ref = "spoken";
    spoken.sections["sfc"]["note"] = PersonalText("\"Canarynote\"");
    spoken.sections["voi"]["words"] = PersonalText("\"Canarywords\"");
    spoken.sections["pro"]["whom_to_ring"] = PersonalText("\"Canarycontact\"");
    const auto said =
        ask(world.hub, ApiRequest::Kind::received_one, front_door, world.send(world.police, spoken))
            .at("views");
    EXPECT_EQ(said.at("sfc"), json({{"note", "Canarynote"}}));
    EXPECT_EQ(said.at("voi"), json({{"words", "Canarywords"}}));
    EXPECT_EQ(said.at("pro"), json({{"whom_to_ring", "Canarycontact"}}));
}

TEST_F(ReceivedTest, AMarkedWithholdingSaysWhomToAsk) {
    auto notification = world.missing_child();
    notification.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
    const auto id = world.send(world.police, notification);
    const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(item.dump().find("Canaryrefuge"), std::string::npos);
    ASSERT_EQ(item.at("withheld").size(), 1U);
    EXPECT_EQ(item.at("withheld")[0].at("section"), "saf");
    EXPECT_FALSE(item.at("withheld")[0].at("ask").get<std::string>().empty());
}

TEST_F(ReceivedTest, OpeningHandsOverAndItStaysOwedUntilTheSystemHasIt) {
    const auto id = world.send(world.police, world.missing_child());
    ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    ASSERT_EQ(world.hub.seen_of<HandOver>().size(), 1U);
    world.hub.restart();
    world.connect(world.hub);
    world.tick();
    ASSERT_EQ(world.hub.seen_of<HandOver>().size(),
              2U);  // nobody's credential is needed a second time
    EXPECT_EQ(everything_stored(world.hub.store).find("Canary"), std::string::npos);
    world.hub.give(HandedOver{InboxId("hub.ffd"), id, AgencyId("police-wm")});
    EXPECT_EQ(rungs(wire::Rung::handed_over, "ffd"), 1);
}

TEST_F(ReceivedTest, WhereNoHandOverIsConfiguredItIsNotOfferedAgain) {
    const auto id = world.send(world.police, world.missing_child());
    ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    world.hub.give(
        HandoverFailed{InboxId("hub.ffd"), id, AgencyId("police-wm"), ErrorCode::not_available});
    world.pass(std::chrono::minutes(5));
    EXPECT_EQ(world.hub.seen_of<HandOver>().size(), 1U);
    EXPECT_EQ(rungs(wire::Rung::handed_over, "ffd"), 0);
}

TEST_F(ReceivedTest, AWrongTokenIsToldWhatToDoNext) {
    const auto id = world.send(world.police, world.missing_child());
    for (const auto& token :
         {PersonalText(""), PersonalText("mash1.p-1.short"), world.police.service_token, lead}) {
        const auto error = ask(world.hub, ApiRequest::Kind::received_one, token, id);
        EXPECT_EQ(status, 401);
        EXPECT_EQ(error.at("error").at("code"), "wrong_credential");
        EXPECT_NE(error.at("error").at("next").get<std::string>().find("Bearer"),
                  std::string::npos);
    }
}

TEST_F(ReceivedTest, AServiceTokenOpensNothing) {
    const auto id = world.send(world.police, world.missing_child());
    for (const auto kind :
         {ApiRequest::Kind::received_list, ApiRequest::Kind::received_one, ApiRequest::Kind::taken,
          ApiRequest::Kind::decided, ApiRequest::Kind::recall, ApiRequest::Kind::held_list}) {
        ask(world.hub, kind, world.hub.service_token, id);
        EXPECT_EQ(status, 403);
    }
    ask(world.hub, ApiRequest::Kind::sent_list, world.hub.service_token);
    EXPECT_EQ(status, 200);
}

TEST_F(ReceivedTest, AColleagueOfAnotherInboxCannotTellThatItExists) {
    const auto officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    const auto id = world.send(world.police, world.missing_child());
    ask(world.hub, ApiRequest::Kind::received_one, officer, id);
    const int theirs = status;
    ask(world.hub, ApiRequest::Kind::received_one, officer, test::id_of<NotificationId>(5));
    EXPECT_EQ(theirs, 404);
    EXPECT_EQ(status, 404);
}

TEST_F(ReceivedTest, TakingIsANamedPersonsAndDecidingHasAnOutcome) {
    const auto id = world.send(world.police, world.missing_child());
    const auto taken = ask(world.hub, ApiRequest::Kind::taken, front_door, id);
    EXPECT_EQ(status, 200);
    EXPECT_TRUE(taken.at("taken_by").get<std::string>().starts_with("p-"));
    ask(world.hub, ApiRequest::Kind::taken, front_door, id);
    EXPECT_EQ(rungs(wire::Rung::taken, "ffd"), 1);
    ask(world.hub, ApiRequest::Kind::decided, front_door, id, R"({"outcome":"Bad Words!"})");
    EXPECT_EQ(status, 422);
    ask(world.hub, ApiRequest::Kind::decided, front_door, id,
        R"({"outcome":"strategy_discussion"})");
    EXPECT_EQ(status, 200);
    EXPECT_EQ(rungs(wire::Rung::decided, "ffd"), 1);
    ask(world.hub, ApiRequest::Kind::decided, front_door, id, R"({"outcome":"no_further_action"})");
    EXPECT_EQ(status, 409);
}

TEST_F(ReceivedTest, FoundBeforeTheAlertIsReadIsOneClosedItemAndOneAcknowledgement) {
    auto start = world.missing_child("misper:1");
    start.facts.occurred_at = world.now.wall - std::chrono::minutes(60);
    const auto first = world.send(world.police, start);
    world.pass(std::chrono::minutes(30));
    auto end = world.missing_child("misper:1:closed", "missing_episode_closed");
    end.facts.occurred_at = world.now.wall - std::chrono::minutes(48);  // 09:42 in London
    const auto second = world.send(world.police, end);
    const auto list = ask(world.schools, ApiRequest::Kind::received_list, lead).at("received");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("id"), to_text(second));
    EXPECT_EQ(list[0].at("episode").at("summary"), "was missing, found 09:42");
    EXPECT_EQ(list[0].at("episode").at("items").size(), 2U);  // the start is kept in the history
    const auto taken = ask(world.schools, ApiRequest::Kind::taken, lead, second);
    EXPECT_EQ(taken.at("covers").size(), 2U);
    EXPECT_EQ(rungs(wire::Rung::taken, "sch"), 2);
    const auto item = ask(world.schools, ApiRequest::Kind::received_one, lead, first);
    EXPECT_EQ(item.at("episode").at("summary"), "was missing, found 09:42");
}

TEST_F(ReceivedTest, TheEndBeforeTheStartGivesTheSameView) {
    world.broker.delivers = false;
    const auto first = world.send(world.police, world.missing_child("misper:1"));
    const auto second =
        world.send(world.police, world.missing_child("misper:1:closed", "missing_episode_closed"));
    for (const auto& id : {second, first}) {
        for (const auto& recipient : world.broker.plans.at(id).plan.decision.recipients) {
            if (recipient.seat.role != RoleId("sch")) continue;
            world.schools.give(
                FrameIn{{0, world.broker.delivery_of(world.broker.published.at(id), id, recipient,
                                                     recipient.inbox)}});
        }
    }
    world.settle();
    const auto list = ask(world.schools, ApiRequest::Kind::received_list, lead).at("received");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("id"), to_text(second));
    EXPECT_TRUE(list[0].contains("episode"));
}

TEST_F(ReceivedTest, WhatComesAfterTheEpisodeWasTakenIsOnTheListUntilItIsTakenToo) {
    world.broker.delivers = false;
    const auto first = world.send(world.police, world.missing_child("misper:1"));
    const auto second =
        world.send(world.police, world.missing_child("misper:1:closed", "missing_episode_closed"));
    const auto arrive = [&](const NotificationId& id) {
        for (const auto& recipient : world.broker.plans.at(id).plan.decision.recipients) {
            if (recipient.seat.role != RoleId("sch")) continue;
            world.schools.give(
                FrameIn{{0, world.broker.delivery_of(world.broker.published.at(id), id, recipient,
                                                     recipient.inbox)}});
        }
        world.settle();
    };
    const auto taken_at = [&] {
        const auto list = ask(world.schools, ApiRequest::Kind::received_list, lead).at("received");
        EXPECT_EQ(list.size(), 1U);
        return list.at(0).at("progress").at("taken_at");
    };
    arrive(second);
    ask(world.schools, ApiRequest::Kind::taken, lead, second);
    EXPECT_FALSE(taken_at().is_null());
    arrive(first);  // it was delayed for hours
    EXPECT_TRUE(taken_at().is_null());
    ask(world.schools, ApiRequest::Kind::taken, lead, second);
    EXPECT_FALSE(taken_at().is_null());
    EXPECT_EQ(rungs(wire::Rung::taken, "sch"), 2);
}

TEST_F(ReceivedTest, AnItemThatDoesNotOpenIsSaidToTheSender) {
    world.settle();  // what the hub certifies by itself is there before
    // Sealed to a key that the inbox never had: certified by the agency, but not the agent's own.
    world.broker.certificates[InboxId("hub.ffd")] =
        world.area.inbox_certificate(InboxId("hub.ffd"), world.now.wall,
                                     static_cast<std::uint64_t>(world.now.wall.unix_ms()) + 1000);
    const auto id = world.send(world.police, world.missing_child());
    ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(status, 409);
    EXPECT_EQ(rungs(wire::Rung::undecryptable, "ffd"), 1);
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::undecryptable));
}

TEST_F(ReceivedTest, BodiesThatAreNoJsonAreRefusedInWords) {
    const auto id = world.send(world.police, world.missing_child());
    for (const auto* body : {"{", "[]", "\"words\""}) {
        const auto error = ask(world.hub, ApiRequest::Kind::decided, front_door, id, body);
        EXPECT_EQ(status, 422) << body;
        EXPECT_FALSE(error.at("error").at("message").get<std::string>().empty());
    }
    ask(world.hub, ApiRequest::Kind::decided, front_door, id, std::string(100'000, '['));
    EXPECT_EQ(status, 422);
}

TEST_F(ReceivedTest, HealthIsForTheSupervisorAndTheRestForThoseWhoAreKnown) {
    const auto brief = ask(world.hub, ApiRequest::Kind::status, PersonalText(""));
    EXPECT_EQ(status, 200);
    EXPECT_EQ(brief.at("status"), "ok");
    EXPECT_FALSE(brief.contains("alarms"));
    world.send(world.police, world.missing_child());
    world.pass(std::chrono::minutes(3));
    const auto whole = ask(world.hub, ApiRequest::Kind::status, world.hub.service_token);
    EXPECT_EQ(whole.at("oldest_untaken_seconds"), 180);
    EXPECT_EQ(whole.at("oldest_unopened_seconds"), 180);
    EXPECT_TRUE(whole.at("oldest_unsent_seconds").is_null());
    ask(world.hub, ApiRequest::Kind::status, PersonalText("mash1.nobody.x"));
    EXPECT_EQ(status, 401);
}

// An age in the status of a host that many share would tell an excluded person that something came
// to a colleague.
TEST_F(ReceivedTest, APersonsStatusSpeaksOfTheirOwnInboxesOnly) {
    const auto officer = world.hub.add_person("Officer", "hub", {"hub.lado"});
    world.send(world.police, world.missing_child());
    world.pass(std::chrono::minutes(3));
    const auto own = ask(world.hub, ApiRequest::Kind::status, front_door);
    EXPECT_EQ(own.at("oldest_untaken_seconds"), 180);
    EXPECT_FALSE(own.contains("receipts_owed"));
    const auto other = ask(world.hub, ApiRequest::Kind::status, officer);
    EXPECT_EQ(status, 200);
    EXPECT_TRUE(other.at("oldest_untaken_seconds").is_null());
    EXPECT_TRUE(other.at("oldest_unopened_seconds").is_null());
}

TEST_F(ReceivedTest, ABodyIsReadOnlyForSomebodyWhoIsKnownHere) {
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::search, PersonalText(), "", "{not json").status, 401);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::search, front_door, "", "{not json").status, 422);
}

TEST_F(ReceivedTest, AViewOfMoreValuesThanAnyHasIsShownAsTheTextThatItIs) {
    std::string many = "[{}";
    for (int i = 0; i < 60'000; ++i) many += ",{}";
    const auto id = give_hostile(R"({"what":)" + many + "]}");
    const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(status, 200);
    EXPECT_TRUE(item.at("views").begin()->is_string());
}

TEST_F(ReceivedTest, AViewNestedAsDeepAsAViewMayBeIsShown) {
    std::string nested(limits::json_depth_max - 1, '[');
    nested += std::string(limits::json_depth_max - 1, ']');
    const auto id = give_hostile(R"({"what":)" + nested + "}");
    const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(status, 200);
    EXPECT_EQ(item.at("views").begin()->at("what").dump(), nested);
    EXPECT_EQ(rungs(wire::Rung::opened, "ffd"), 1);
}

TEST_F(ReceivedTest, WhatGrowsPastEveryBoundWhenWrittenOutIsAnErrorAndTheSenderIsTold) {
    const auto id = give_hostile(std::string(400 * limits::kibibyte, '\x01'));
    for (int i = 0; i < 2; ++i) {
        const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
        EXPECT_EQ(status, 409);
        EXPECT_TRUE(item.contains("error"));
    }
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::undecryptable));
    EXPECT_EQ(rungs(wire::Rung::undecryptable, "ffd"), 1);
    EXPECT_EQ(rungs(wire::Rung::opened, "ffd"), 0);
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty());
}

// What the sender reads of its own decision the front door reads too, and nobody else.
class MarksTest : public ReceivedTest {
protected:
    MarksTest() {
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    }
    /// Of a school, whose child is at risk of being exploited: front door and police act.
    Notification exploited(const std::string& ref) {
        auto said = world.missing_child(ref, "exploitation_concern");
        said.agency = AgencyId("orchard-gate");
        said.role = RoleId("sch");
        said.thread_ref = ref;
        said.facts.risk_grade = {};
        said.facts.level = wire::Level::four;
        said.facts.harm = wire::Harm::suspected;
        said.facts.purpose = wire::Purpose::inform_function;
        said.facts.agreement.status = wire::AgreementStatus::not_sought;
        return said;
    }
    Notification of_nobody_known(const std::string& ref) {
        auto said = exploited(ref);
        said.subject = {};
        said.subject.forename = PersonalText("Canarychild");
        return said;
    }
    std::vector<std::string> marks(TestHost& host, const PersonalText& who,
                                   const NotificationId& id) {
        const auto item = ask(host, ApiRequest::Kind::received_one, who, id);
        EXPECT_EQ(status, 200) << item.dump();
        std::vector<std::string> codes;
        for (const auto& mark : item.at("marks")) {
            codes.push_back(mark.at("code"));
            EXPECT_GT(mark.at("message").get<std::string>().size(), 60U);
        }
        return codes;
    }
    std::size_t grant_bytes(const NotificationId& id, const char* inbox) {
        for (const auto& parcel : world.broker.published.at(id).parcels) {
            if (parcel.recipient == InboxId(inbox)) return parcel.grant.size();
        }
        ADD_FAILURE() << "no parcel for " << inbox;
        return 0;
    }
    using Codes = std::vector<std::string>;
    PersonalText officer;
};

TEST_F(MarksTest, ThatTheChildWasNotIdentifiedIsReadByTheFrontDoorAndByNobodyElse) {
    const auto known = world.send(world.schools, exploited("known"));
    const auto id = world.send(world.schools, of_nobody_known("unknown"));
    EXPECT_EQ(marks(world.hub, front_door, known), Codes());
    EXPECT_EQ(marks(world.hub, front_door, id), Codes{"unmatched"});
    EXPECT_EQ(marks(world.police, officer, id), Codes()) << "who also acts";
    EXPECT_EQ(grant_bytes(id, "hub.ffd"), grant_bytes(known, "hub.ffd"))
        << "the same step of padding";
    EXPECT_EQ(grant_bytes(id, "police-wm.pol"), grant_bytes(known, "police-wm.pol"));
}

TEST_F(MarksTest, ThatSomethingIsMissingIsReadByTheFrontDoor) {
    auto said = exploited("incomplete");
    said.facts.level = wire::Level::unstated;
    const auto id = world.send(world.schools, said);
    EXPECT_EQ(marks(world.hub, front_door, id), Codes{"incomplete"});
    auto unknown = of_nobody_known("incomplete, and nobody knows of whom");
    unknown.facts.level = wire::Level::unstated;
    const auto both = world.send(world.schools, unknown);
    EXPECT_EQ(marks(world.hub, front_door, both), (Codes{"incomplete", "unmatched"}));
}

TEST_F(MarksTest, ThatNothingElseWasInForceIsReadByTheFrontDoor) {
    world.pass(std::chrono::hours(24 * 8));
    world.pass(std::chrono::minutes(2));
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_TRUE(world.broker.published.contains(id));
    EXPECT_EQ(marks(world.hub, front_door, id), Codes{"floor"});
}

TEST_F(MarksTest, TheListSaysItOnceTheCoverWasRead) {
    const auto id = world.send(world.schools, of_nobody_known("unknown"));
    const auto listed = [&] {
        return ask(world.hub, ApiRequest::Kind::received_list, front_door)
            .at("received")
            .at(0)
            .at("marks");
    };
    EXPECT_EQ(listed(), json::array());
    const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
    EXPECT_EQ(listed(), item.at("marks"));
    EXPECT_EQ(listed().at(0).at("code"), "unmatched");
    const auto kept = [&] {
        return table::inbox_marks.collect_keys(*world.hub.store.view(), {}).size();
    };
    EXPECT_EQ(kept(), 1U);
    ask(world.schools, ApiRequest::Kind::recall, lead, id, R"({"reason":"wrong_child"})");
    EXPECT_EQ(status, 202);
    world.settle();
    EXPECT_EQ(kept(), 0U) << "nothing is left of what was taken back";
}

TEST_F(MarksTest, ACoverOfAnEarlierReleaseHasNone) {
    const auto id = give_hostile(R"({"what":"Canaryheadline"})");
    EXPECT_EQ(marks(world.hub, front_door, id), Codes());
}

// A time limit in law, as its holder reads it, and nobody else.
class ClocksTest : public ReceivedTest {
protected:
    /// Of a school: the front door has seven working days for its visit.
    Notification fostered(const std::string& ref, const char* type = "private_fostering_notice") {
        auto said = world.missing_child(ref, type);
        said.agency = AgencyId("orchard-gate");
        said.role = RoleId("sch");
        said.thread_ref = "fostered";
        said.facts.risk_grade = {};
        return said;
    }
    json clocks(const NotificationId& id) {
        const auto item = ask(world.hub, ApiRequest::Kind::received_one, front_door, id);
        EXPECT_EQ(status, 200) << item.dump();
        return item.at("clocks");
    }
    json line(const NotificationId& id) {
        const auto list = ask(world.hub, ApiRequest::Kind::received_list, front_door);
        for (const auto& one : list.at("received")) {
            if (one.at("id") == to_text(id)) return one;
        }
        ADD_FAILURE() << "not listed";
        return {{"clocks", nullptr}, {"replaced_by", nullptr}};
    }
    json listed(const NotificationId& id) { return line(id).at("clocks"); }
    void take_back(TestHost& host, const PersonalText& who, const NotificationId& id) {
        ask(host, ApiRequest::Kind::recall, who, id, R"({"reason":"wrong_child"})");
        EXPECT_EQ(status, 202);
        world.settle();
    }
    void take_back(const NotificationId& id) { take_back(world.schools, lead, id); }
    Notification put_right(const std::string& ref, const std::string& wrong) {
        auto right = fostered(ref, "correction");
        right.supersedes_ref = wrong;
        return right;
    }
    /// Of the police, by the cover alone: each later than the one before.
    Sealed stated(const std::string& ref, const NotificationId& corrects,
                  const std::vector<std::string>& names, int due_in_hours = 72) {
        world.pass(std::chrono::minutes(1));
        return stated(kept_back(ref), corrects, names, due_in_hours);
    }
    Sealed stated(const NotificationId& id, const NotificationId& corrects,
                  const std::vector<std::string>& names, int due_in_hours = 72) {
        return seal_hostile(id, "{}", [&](wire::Cover& cover) {
            cover.supersedes = corrects;
            for (const auto& name : names)
                cover.clocks.push_back({name, world.now.wall + std::chrono::hours(due_in_hours)});
        });
    }
    static std::vector<std::string> names_of(const json& clocks) {
        std::vector<std::string> names;
        for (const auto& clock : clocks) names.push_back(clock.at("name"));
        return names;
    }
    static std::vector<std::string> eight_named(const std::string& stem) {
        std::vector<std::string> names;
        for (char last = 'a'; last < 'i'; ++last) names.push_back(stem + "_" + last);
        return names;
    }
    const json none = json::array();
    std::size_t kept() {
        return table::inbox_clocks.collect_keys(*world.hub.store.view(), {}).size();
    }
    /// A notice, its correction, and the correction of that.
    std::array<NotificationId, 3> put_right_twice() {
        return {world.send(world.schools, fostered("notice")),
                world.send(world.schools, put_right("notice:right", "notice")),
                world.send(world.schools, put_right("notice:righter", "notice:right"))};
    }
};

TEST_F(ClocksTest, TheHolderReadsWhatItIsInWhichLawAndByWhen) {
    const auto id = world.send(world.schools, fostered("notice"));
    const auto all = clocks(id);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].at("name"), "private_fostering_visit");
    EXPECT_EQ(all[0].at("label"), "Visit to the child, the carer and the home");
    EXPECT_TRUE(all[0].at("law").get<std::string>().starts_with(
        "Children (Private Arrangements for Fostering) Regulations 2005"));
    EXPECT_EQ(wall_time_from_rfc3339(all[0].at("by").get<std::string>()).value(),
              wall_time_from_rfc3339("2027-01-22T16:30:00Z").value());
    EXPECT_EQ(all[0].at("by_in_words"), "Friday 22 January 2027 at 16:30 GMT");
}

TEST_F(ClocksTest, TheListSaysItOnceTheCoverWasRead) {
    const auto id = world.send(world.schools, fostered("notice"));
    EXPECT_EQ(listed(id), json::array());
    const auto opened = clocks(id);
    EXPECT_EQ(listed(id), opened);
    take_back(id);
    EXPECT_EQ(kept(), 0U) << "nothing is left of what was taken back";
}

TEST_F(ClocksTest, WhatStartsNoneHasNone) {
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(clocks(id), json::array());
    EXPECT_EQ(kept(), 0U);
}

TEST_F(ClocksTest, ThatTheNoticeIsPutRightPutsTheVisitOffByNoDay) {
    const auto first = world.send(world.schools, fostered("notice"));
    const auto due = clocks(first);
    world.pass(std::chrono::hours(24 * 3));
    auto right = fostered("notice:right", "correction");
    right.supersedes_ref = "notice";
    const auto second = world.send(world.schools, right);
    EXPECT_EQ(clocks(second), due) << "it goes on as it was";
    EXPECT_EQ(clocks(first), json::array()) << "and stands once";
    EXPECT_EQ(listed(first), json::array());
    EXPECT_EQ(listed(second), due);
    take_back(second);
    EXPECT_EQ(clocks(first), due) << "a correction that was taken back puts nothing right";
}

TEST_F(ClocksTest, ACorrectionThatIsReadFirstHasItToo) {
    const auto first = world.send(world.schools, fostered("notice"));
    auto right = fostered("notice:right", "correction");
    right.supersedes_ref = "notice";
    const auto second = world.send(world.schools, right);
    const auto due = clocks(second);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(clocks(first), json::array());
    EXPECT_EQ(listed(second), due);
}

TEST_F(ClocksTest, ACorrectionOfACorrectionHasItThoughNobodyEverOpenedTheNotice) {
    const auto [first, second, third] = put_right_twice();
    const auto due = listed(third);
    EXPECT_EQ(names_of(due), std::vector<std::string>{"private_fostering_visit"});
    EXPECT_EQ(clocks(third), due);
    const auto is_there_once = [&] {
        EXPECT_EQ(listed(third), due);
        EXPECT_EQ(listed(second), none);
        EXPECT_EQ(listed(first), none);
    };
    is_there_once();
    EXPECT_EQ(clocks(first), none);
    is_there_once();
    EXPECT_EQ(clocks(second), none);
    is_there_once();
    EXPECT_EQ(clocks(third), due);
}

TEST_F(ClocksTest, TheLineOfACorrectionSaysWhatItSaysOpened) {
    const auto first = world.send(world.schools, fostered("notice"));
    const auto second = world.send(world.schools, put_right("notice:right", "notice"));
    const auto before = listed(second);
    const auto due = clocks(second);
    EXPECT_EQ(due.size(), 1U);
    EXPECT_EQ(before, due);
    EXPECT_EQ(listed(second), due);
    EXPECT_EQ(listed(first), none);
}

TEST_F(ClocksTest, CorrectionsOfACorrectionThatAreTakenBackGiveItBackOneByOne) {
    const auto [first, second, third] = put_right_twice();
    const auto due = listed(third);
    ASSERT_EQ(due.size(), 1U);
    take_back(third);
    EXPECT_EQ(listed(second), due);
    EXPECT_EQ(listed(first), none);
    take_back(second);
    EXPECT_EQ(listed(first), due);
    EXPECT_EQ(clocks(first), due);
}

TEST_F(ClocksTest, ThatTheCorrectionBetweenIsTakenBackLosesAndDoublesNothing) {
    const auto [first, second, third] = put_right_twice();
    const auto due = listed(third);
    ASSERT_EQ(due.size(), 1U);
    take_back(second);
    EXPECT_EQ(listed(third), due);
    EXPECT_EQ(listed(first), none);
}

TEST_F(ClocksTest, OfSeveralCorrectionsOfOneNoticeTheLastAcceptedHasIt) {
    const auto found = bring(stated("found", {}, {"return_interview"}, 72));
    const auto earlier = bring(stated("found:right", found, {"return_interview"}, 71));
    const auto later = bring(stated("found:righter", found, {"return_interview"}, 70));
    const auto due = listed(later);
    EXPECT_EQ(names_of(due), std::vector<std::string>{"return_interview"});
    EXPECT_EQ(listed(earlier), none);
    EXPECT_EQ(listed(found), none);
    EXPECT_EQ(line(found).at("replaced_by"), to_text(later));
    EXPECT_EQ(clocks(later), due);
    EXPECT_EQ(clocks(earlier), none);
    EXPECT_EQ(clocks(found), none);

    const auto officer =
        world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    take_back(world.police, officer, later);
    EXPECT_EQ(names_of(listed(earlier)), std::vector<std::string>{"return_interview"});
    EXPECT_NE(listed(earlier), due) << "the date that it states itself";
    EXPECT_EQ(listed(found), none);
    EXPECT_EQ(line(found).at("replaced_by"), to_text(earlier));
    take_back(world.police, officer, earlier);
    EXPECT_EQ(names_of(listed(found)), std::vector<std::string>{"return_interview"});
}

TEST_F(ClocksTest, WhatAnEarlierCorrectionMovedStaysMovedWhereTheLaterOneIsSilent) {
    const auto found = bring(stated("found", {}, {"return_interview"}, 72));
    const auto earlier = bring(stated("found:right", found, {"return_interview"}, 60));
    const auto moved = listed(earlier);
    ASSERT_EQ(moved.size(), 1U);
    const auto later = bring(stated("found:righter", found, {}));
    EXPECT_EQ(listed(later), moved);
    EXPECT_EQ(listed(earlier), none);
    EXPECT_EQ(listed(found), none);
}

TEST_F(ClocksTest, ANoticeThatComesAfterItsCorrectionGivesItsClockToIt) {
    const auto notice = stated("notice", {}, {"private_fostering_visit"});
    const auto right = bring(stated("notice:right", notice.id, {}));
    EXPECT_EQ(listed(right), none);
    bring(notice);
    EXPECT_EQ(listed(right).size(), 1U);
    EXPECT_EQ(listed(notice.id), none);
    EXPECT_EQ(clocks(right), listed(right));
}

TEST_F(ClocksTest, ACorrectionThatDoesNotOpenPutsNothingRight) {
    const auto notice = bring(stated("notice", {}, {"private_fostering_visit"}));
    const auto due = listed(notice);
    ASSERT_EQ(due.size(), 1U);
    world.pass(std::chrono::minutes(1));
    const auto right = bring(seal_hostile("{}", "notice:right", [&](wire::Cover& cover) {
        cover.supersedes = notice;
        cover.type = TypeId("correction");  // the broker lists it as something else
    }));
    EXPECT_EQ(listed(right), due);
    ask(world.hub, ApiRequest::Kind::received_one, front_door, right);
    EXPECT_NE(status, 200);
    EXPECT_EQ(listed(right), none);
    EXPECT_EQ(listed(notice), due);
}

TEST_F(ClocksTest, OtherNamesInEachCorrectionFillNoMoreThanOneCoverMayHold) {
    const auto first = bring(stated("notice", {}, eight_named("first")));
    const auto second = bring(stated("notice:right", first, eight_named("second")));
    const auto third = bring(stated("notice:righter", second, {"third_a", "third_b"}));
    const std::vector<std::string> wanted{"second_a", "second_b", "second_c", "second_d",
                                          "second_e", "second_f", "third_a",  "third_b"};
    ASSERT_EQ(wanted.size(), limits::clocks_max);
    EXPECT_EQ(names_of(listed(third)), wanted);
    EXPECT_EQ(names_of(clocks(third)), wanted);
    const auto fourth = bring(stated("notice:rightest", third, eight_named("fourth")));
    EXPECT_EQ(names_of(listed(fourth)), eight_named("fourth")) << "what it states itself";
}

TEST_F(ClocksTest, OfMoreCorrectionsThanAreFollowedEachSaysItsOwn) {
    const auto first = bring(stated("notice", {}, {"private_fostering_visit"}));
    const auto due = listed(first);
    ASSERT_EQ(due.size(), 1U);
    auto last = first;
    for (std::size_t told = 1; told < put_right_together_max; ++told)
        last = bring(stated("notice:" + std::to_string(told), last, {}));
    EXPECT_EQ(listed(last), due);
    EXPECT_EQ(listed(first), none);
    last = bring(stated("notice:last", last, {"visit_of_the_last"}));
    EXPECT_EQ(names_of(listed(last)), std::vector<std::string>{"visit_of_the_last"});
    EXPECT_EQ(listed(first), due) << "nothing is lost";
}

TEST_F(ClocksTest, OfCorrectionsInARingEachSaysItsOwn) {
    const auto one = kept_back("one");
    const auto other = kept_back("other");
    bring(stated(one, other, {"visit_of_one"}));
    bring(stated(other, one, {"visit_of_other"}));
    EXPECT_EQ(names_of(listed(one)), std::vector<std::string>{"visit_of_one"});
    EXPECT_EQ(names_of(listed(other)), std::vector<std::string>{"visit_of_other"});
    EXPECT_EQ(names_of(clocks(other)), std::vector<std::string>{"visit_of_other"});
    EXPECT_EQ(names_of(clocks(one)), std::vector<std::string>{"visit_of_one"});
}

TEST_F(ClocksTest, ACoverOfAnEarlierReleaseHasNone) {
    const auto id = give_hostile(R"({"what":"Canaryheadline"})");
    EXPECT_EQ(clocks(id), json::array());
}

}  // namespace
}  // namespace mash::runtime::testing
