// The care-status look-up: what social care says of a plan is found by whoever has the child before
// them, by nobody else, and stays so with social care's agent and the broker down.
#include "agents/runtime/core/care_flags.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/crypto/box.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

PersonalText words(const std::string& text) { return PersonalText(json(text).dump()); }

const json kit{{"nhs_number", "999 000 0018"}, {"date_of_birth", "2013-04-05"}};

/// Of the front door and of emergency duty.
const std::string by_day = "01632 960111";
const std::string by_night = "01632 960122";

class CareFlags : public ::testing::Test {
protected:
    CareFlags()
        : social(world.area, world.now, "social-care", {"social-care"}, 11),
          hospital(world.area, world.now, "health", {"health"}, 12) {
        crypto::SeededRandom random(13, "pepper");
        const auto pepper = crypto::SecretBytes::random(32, random);
        world.area.change_registry(
            [&](area::Registry& registry) {
                for (auto* host : {&social, &hospital}) {
                    for (const auto& [agency, keys] : host->keys.agencies) {
                        auto& entry = registry.agencies.at(agency);
                        entry.box_public_key = keys.box.front().public_key.value();
                        entry.sealed_pepper =
                            *crypto::seal_to(keys.box.front().public_key, pepper.reveal(), random);
                    }
                }
                auto& trust = registry.agencies.at(AgencyId("health"));
                area::SeatEntry seat;
                seat.role = RoleId("look_up");
                seat.inbox = InboxId("health.look_up");
                seat.people = false;
                trust.roles.push_back(seat.role);
                trust.seats.push_back(seat);
                for (auto& desk : registry.agencies.at(AgencyId("hub")).seats) {
                    if (desk.role == RoleId("ffd")) desk.telephone = by_day;
                    if (desk.role == RoleId("edt")) desk.telephone = by_night;
                }
            },
            world.now.wall);
        world.connect(world.hub);
        world.connect(hospital);
        world.connect(social);
        nurse = hospital.add_person("Invented Nurse", "health", {"health.urg"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        world.settle();
    }
    Notification status(const std::string& ref, const std::string& kind,
                        const std::string& thread = "care:1") {
        auto out = world.missing_child(ref, "care_status_changed");
        out.agency = AgencyId("social-care");
        out.role = RoleId("sw");
        out.facts.kind = kind;
        out.facts.risk_grade.clear();
        out.thread_ref = thread;
        out.sections.erase("loc");
        out.sections.erase("rsk");
        out.sections["idn"]["date_of_birth"] = words("2013-04-05");
        // As social care's files have it (agents/social_care/care_status.cpp).
        out.sections["leg"]["has_plan_or_care_status"] = words("Protection plan since 2026-11-02");
        out.sections["voi"]["reason_for_none"] = words("not_seen");
        return out;
    }
    Notification corrects(const std::string& ref, const std::string& own, const json& has) {
        auto out = status(own, "");
        out.facts.type = TypeId("correction");
        out.supersedes_ref = ref;
        out.sections["leg"]["has_plan_or_care_status"] = PersonalText(has.dump());
        return out;
    }
    json look_up(const json& subject, const std::string& reference = "V1",
                 const PersonalText* who = nullptr) {
        const json body{{"reference", reference}, {"subject", subject}, {"place", "Minors"}};
        const auto reply =
            hospital.ask(Kind::care_status, who != nullptr ? *who : nurse, "", body.dump());
        code = reply.status;
        auto answer = json::parse(reply.json.reveal());
        world.settle();
        return answer;
    }
    bool is_active(const json& subject = kit) {
        // Of a visit of its own: what is asked here is the flag and not the attendance.
        return look_up(subject, "asked-" + std::to_string(++asked)).at("active").get<bool>();
    }
    std::vector<wire::Routing> attendances() const {
        std::vector<wire::Routing> out;
        for (const auto& publish : world.broker.publishes) {
            auto routing = wire::decode_body<wire::Routing>(publish.notification.routing);
            if (routing && routing->facts.type == TypeId("unscheduled_health_attendance"))
                out.push_back(std::move(*routing));
        }
        return out;
    }
    json opened_by_front_door(const std::string& id) {
        const auto reply = world.hub.ask(Kind::received_one, front_door, "health/" + id);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return json::parse(reply.json.reveal());
    }
    static json event_of(const json& item) { return item.at("views").at("evt.full"); }
    void take_back(const NotificationId& id) {
        const auto worker = social.add_person("Invented Worker", "social-care", {"social-care.sw"});
        const auto reply =
            social.ask(Kind::recall, worker, to_text(id), json{{"reason", "wrong_child"}}.dump());
        EXPECT_EQ(reply.status, 202) << text_of_reply(reply);
        world.settle();
    }
    AgentWorld world;
    TestHost social;
    TestHost hospital;
    PersonalText nurse, front_door;
    int code = 0;
    int asked = 0;
};

TEST_F(CareFlags, WhoHasTheChildBeforeThemGetsFlagAndNumbersAndTheFrontDoorHearsOfIt) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    const auto before = world.now;
    const auto answer = look_up(kit);
    ASSERT_EQ(code, 200) << answer;
    EXPECT_EQ(world.now.steady, before.steady) << "nothing on the way waits for a clock";
    EXPECT_TRUE(answer.at("active"));
    ASSERT_EQ(answer.at("statuses").size(), 1U);
    EXPECT_EQ(answer.at("statuses")[0].at("status"), "protection_plan");
    EXPECT_EQ(answer.at("statuses")[0].at("said_by"), "social-care");
    EXPECT_EQ(answer.at("statuses")[0].at("telephone"), "01632 960199");
    EXPECT_EQ(answer.at("ring").at("day"), by_day);
    EXPECT_EQ(answer.at("ring").at("night"), by_night);
    const auto told = attendances();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(to_text(told[0].id), answer.at("attendance").get<std::string>());
    EXPECT_EQ(told[0].facts.markers, std::vector<std::string>{"care_status_active"});
    const auto item = opened_by_front_door(answer.at("attendance"));
    EXPECT_EQ(event_of(item).at("place"), "Minors");
    // The same visit once more, later, is the same attendance; another child's is none of it.
    world.pass(std::chrono::minutes(3));
    EXPECT_EQ(look_up(kit).at("attendance"), answer.at("attendance"));
    EXPECT_EQ(attendances().size(), 1U);
    auto other = status("care:9/started", "cp_plan_started", "care:9");
    other.subject.nhs_number = PersonalText("9990000026");
    other.sections["idn"]["nhs_number"] = words("9990000026");
    world.send(social, other);
    look_up({{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}});
    EXPECT_EQ(code, 422);
    EXPECT_EQ(attendances().size(), 1U);
}

TEST_F(CareFlags, StandsWithSocialCareAndTheBrokerDown) {
    world.send(social, status("care:1/started", "looked_after_started"));
    world.disconnect(social);
    world.disconnect(hospital);
    hospital.restart();
    const auto answer = look_up(kit);
    ASSERT_EQ(code, 200);
    EXPECT_TRUE(answer.at("active"));
    EXPECT_EQ(answer.at("statuses")[0].at("status"), "looked_after");
    EXPECT_EQ(answer.at("ring").at("night"), by_night);
    EXPECT_TRUE(attendances().empty());
    world.connect(hospital);
    EXPECT_EQ(attendances().size(), 1U) << "told once there is a broker again";
}

TEST_F(CareFlags, WithoutAnActiveStatusNothingLeavesTheAgent) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    const auto plans = world.broker.plan_requests.size();
    const auto questions = world.broker.token_questions.size();
    const auto answer = look_up({{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}});
    ASSERT_EQ(code, 200);
    EXPECT_FALSE(answer.at("active"));
    EXPECT_TRUE(answer.at("statuses").empty());
    EXPECT_TRUE(answer.at("attendance").is_null());
    EXPECT_EQ(answer.at("ring").at("day"), by_day);
    EXPECT_TRUE(hospital.out.empty());
    EXPECT_EQ(world.broker.plan_requests.size(), plans);
    EXPECT_EQ(world.broker.token_questions.size(), questions);
    // That somebody looked is on record here.
    const auto log = hospital.ask(Kind::access_log, nurse);
    EXPECT_NE(log.json.reveal().find("care_status_none"), std::string::npos);
}

TEST_F(CareFlags, ANumberWithAnotherBirthDateAndNoSurnameIsAGuess) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    EXPECT_FALSE(is_active({{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-06"}}));
    EXPECT_TRUE(is_active({{"nhs_number", "9990000018"}, {"surname", "Canaryfamily"}}));
    const auto answer = look_up({{"forename", "Canarychild"}, {"surname", "Canaryfamily"}});
    EXPECT_EQ(code, 422) << answer;
    EXPECT_EQ(attendances().size(), 1U);
}

TEST_F(CareFlags, WhatIsMistypedIsNamedAndNeverAnsweredWithNoStatus) {
    const auto first_fault = [&](const json& body) {
        const auto reply = hospital.ask(Kind::care_status, nurse, "", body.dump());
        EXPECT_EQ(reply.status, 422) << body;
        const auto fault = json::parse(reply.json.reveal()).at("faults").at(0);
        return fault.at("path").get<std::string>() + " " + fault.at("rule").get<std::string>();
    };
    auto mistyped = kit;
    mistyped["nhs_number"] = "1234567890";
    EXPECT_EQ(first_fault({{"reference", "V1"}, {"subject", mistyped}}),
              "/subject/nhs_number bad_nhs_number");
    EXPECT_EQ(first_fault({{"reference", ""}, {"subject", kit}}), "/reference required");
    EXPECT_EQ(first_fault({{"reference", "V1"}, {"subject", kit}, {"seenat", "now"}}),
              "/seenat unknown_field");
    EXPECT_TRUE(attendances().empty());
}

TEST_F(CareFlags, EndsWithTheStatusInWhateverOrderItIsHeard) {
    auto ended = status("care:1/ended", "cp_plan_ended");
    ended.facts.occurred_at = world.now.wall - std::chrono::minutes(10);
    world.send(social, ended);
    world.send(social, status("care:1/started", "cp_plan_started"));
    EXPECT_FALSE(is_active());
    world.send(social, status("care:2/started", "looked_after_started", "care:2"));
    EXPECT_TRUE(is_active()) << "a status of another kind has a life of its own";
}

TEST_F(CareFlags, TakenBackIsAsIfItHadNeverBeenSaid) {
    const auto start = world.send(social, status("care:1/started", "cp_plan_started"));
    auto ended = status("care:1/ended", "cp_plan_ended");
    ended.facts.occurred_at = world.now.wall - std::chrono::minutes(10);
    const auto end = world.send(social, ended);
    ASSERT_FALSE(is_active());
    take_back(end);
    EXPECT_TRUE(is_active()) << "the end was wrong, not the plan";
    take_back(start);
    EXPECT_FALSE(is_active());
}

TEST_F(CareFlags, TakenBackIsGoneThoughTheInboxHasLeftTheRegistrySince) {
    const auto start = world.send(social, status("care:1/started", "cp_plan_started"));
    ASSERT_TRUE(is_active());
    const InboxId inbox("health.look_up");
    std::optional<wire::StatementBody> statement;
    DeliveryId delivery;
    for (const auto& one : world.broker.delivered.at(start)) {
        if (one.parcel.recipient != inbox) continue;
        statement = *wire::decode_body<wire::StatementBody>(one.statement);
        delivery = one.id;
    }
    ASSERT_TRUE(statement);
    world.area.change_registry(
        [](area::Registry& registry) {
            for (auto& seat : registry.agencies.at(AgencyId("health")).seats) {
                if (seat.role == RoleId("look_up")) seat.inbox = InboxId("health.look_up_2");
            }
        },
        world.now.wall);
    hospital.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    ASSERT_TRUE(is_active()) << "what it was told still stands";
    wire::RecallBody body;
    body.notification = start;
    body.sender = AgencyId("social-care");
    body.person = PersonId("p-000000000000");
    body.reason = "wrong_child";
    body.at = world.now.wall;
    wire::RecallNotice notice;
    notice.delivery = delivery;
    notice.inbox = inbox;
    notice.seat = statement->seat;
    notice.body = wire::encode_body(body);
    notice.signature =
        crypto::sign(world.area.signing_key(body.sender), wire::label::recall, notice.body);
    const auto handed_over = hospital.seen_of<HandOver>().size();
    hospital.give(FrameIn{{0, notice}});
    world.settle();
    EXPECT_FALSE(is_active());
    EXPECT_EQ(hospital.seen_of<HandOver>().size(), handed_over) << "no system has it";
}

TEST_F(CareFlags, ACorrectionTakesItAwayOrSaysWhoIsMeant) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    auto other = status("care:1/other", "");
    other.facts.type = TypeId("correction");
    other.supersedes_ref = "care:1/started";
    other.subject.nhs_number = PersonalText("9990000026");
    other.sections["idn"]["nhs_number"] = words("9990000026");
    other.sections["idn"]["surname"] = words("Otherfamily");
    world.send(social, other);
    EXPECT_FALSE(is_active()) << "it was another child's";
    const json meant{{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}};
    EXPECT_TRUE(is_active(meant));
    auto never = status("care:1/deleted", "");
    never.facts.type = TypeId("correction");
    never.supersedes_ref = "care:1/started";
    never.sections["leg"]["has_plan_or_care_status"] =
        words("None of this kind: entered by mistake");
    world.send(social, never);
    EXPECT_FALSE(is_active(meant));
    EXPECT_FALSE(is_active());
}

TEST_F(CareFlags, ACorrectionOfSomethingElseLeavesTheStatusAsItWas) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    world.send(social, corrects("care:1/started", "care:1/spelling", "Protection plan since x"));
    EXPECT_TRUE(is_active()) << "what its system wrote is repeated";
    auto ended = status("care:1/ended", "cp_plan_ended");
    ended.facts.occurred_at = world.now.wall;
    ended.sections["leg"]["has_plan_or_care_status"] = words("Ended on 2026-11-20");
    world.send(social, ended);
    EXPECT_FALSE(is_active());
    world.send(social, corrects("care:1/ended", "care:1/date", "Ended on 2026-11-19"));
    EXPECT_FALSE(is_active()) << "the date was put right, not the end";
    world.send(social, corrects("care:1/ended", "care:1/no", false));
    EXPECT_FALSE(is_active()) << "an end says that it has none";
    world.send(social, corrects("care:1/ended", "care:1/mistake", true));
    EXPECT_TRUE(is_active()) << "the end was the mistake";
}

TEST_F(CareFlags, APersonsYesOrNoIsUnderstoodAndTheLatestWordCounts) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    world.send(social, corrects("care:1/started", "care:1/no", false));
    EXPECT_FALSE(is_active());
    world.send(social, corrects("care:1/no", "care:1/yes", true));
    EXPECT_TRUE(is_active()) << "the correction was the mistake";
    auto other = corrects("care:1/yes", "care:1/other", true);
    other.subject.nhs_number = PersonalText("9990000026");
    other.sections["idn"]["nhs_number"] = words("9990000026");
    other.sections["idn"]["surname"] = words("Otherfamily");
    world.send(social, other);
    EXPECT_FALSE(is_active()) << "it was another child's";
    EXPECT_TRUE(is_active({{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}}));
}

TEST_F(CareFlags, OfSeveralCorrectionsOfOneEventTheLastCounts) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    for (int n = 0; n < 12; ++n) {
        const bool has = n % 2 != 0;
        world.send(social, corrects("care:1/started", "care:1/" + std::to_string(n), has));
        EXPECT_EQ(is_active(), has) << n;
    }
}

TEST_F(CareFlags, OfOneCouncilsManyTheNewestAreKept) {
    for (int n = 0; n < 17; ++n) {
        const auto thread = "care:" + std::to_string(n);
        world.send(social, status(thread + "/started",
                                  n < 16 ? "cp_plan_started" : "looked_after_started", thread));
    }
    const auto statuses = look_up(kit).at("statuses");
    EXPECT_EQ(statuses.size(), 16U);
    EXPECT_TRUE(std::ranges::any_of(statuses, [](const json& one) {
        return one.at("status") == "looked_after";
    })) << statuses;
}

TEST_F(CareFlags, AnUnbornChildsPlanIsTheMothersUntilTheBirth) {
    auto plan = status("care:1/started", "unborn_plan_started");
    plan.subject.unborn = true;
    plan.subject.nhs_number = PersonalText("9990000034");
    plan.subject.date_of_birth = PersonalText("1997-03-04");
    plan.sections["idn"]["nhs_number"] = words("9990000034");
    plan.sections["idn"]["date_of_birth"] = words("1997-03-04");
    plan.sections["voi"]["reason_for_none"] = words("unborn");
    world.send(social, plan);
    const json mother{{"nhs_number", "9990000034"}, {"date_of_birth", "1997-03-04"}};
    const auto answer = look_up(mother, "V7");
    ASSERT_EQ(code, 200) << answer;
    EXPECT_EQ(answer.at("statuses")[0].at("status"), "unborn_plan");
    ASSERT_EQ(attendances().size(), 1U) << "though the mother is an adult";
    EXPECT_FALSE(is_active());
    auto born = status("care:1/born", "born");
    born.facts.occurred_at = world.now.wall - std::chrono::minutes(5);
    born.subject.date_of_birth = PersonalText("2026-11-20");
    born.sections["idn"]["date_of_birth"] = words("2026-11-20");
    world.send(social, born);
    EXPECT_FALSE(is_active(mother)) << "two records are never both active";
    EXPECT_TRUE(is_active({{"nhs_number", "9990000018"}, {"date_of_birth", "2026-11-20"}}));
}

TEST_F(CareFlags, TheLastTwentyFiveVisitsGoToWhoeverWorksWithTheChild) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    const auto first = look_up(kit, "V-first").at("attendance").get<std::string>();
    EXPECT_FALSE(event_of(opened_by_front_door(first)).contains("seen_before"));
    for (int visit = 0; visit < 26; ++visit) {
        world.pass(std::chrono::minutes(7));
        look_up(kit, "V-" + std::to_string(visit));
    }
    world.pass(std::chrono::minutes(7));
    const auto last = look_up(kit, "V-last").at("attendance").get<std::string>();
    const auto before = event_of(opened_by_front_door(last)).at("seen_before");
    ASSERT_EQ(before.size(), 25U);
    const auto newest = to_rfc3339(world.now.wall - std::chrono::minutes(7));
    EXPECT_EQ(before[0].get<std::string>().substr(0, newest.size()), newest);
    EXPECT_GT(before[0], before[24]);
}

TEST_F(CareFlags, WhatAPersonPassesOnSaysToTheSocialWorkerWhenTheChildWasSeenBefore) {
    const Seat team{AgencyId("social-care"), RoleId("sw")};
    world.send(social, status("care:1/started", "cp_plan_started"));
    for (int visit = 0; visit < 27; ++visit) {
        look_up(kit, "V-" + std::to_string(visit));
        world.pass(std::chrono::minutes(7));
    }
    const auto last = look_up(kit, "V-last").at("attendance").get<std::string>();
    const auto came = event_of(opened_by_front_door(last));
    ASSERT_EQ(came.at("seen_before").size(), 25U);
    // As the page of the task fills it in: what came, word for word.
    auto passed_on = world.missing_child("passed-on:1", "unscheduled_health_attendance");
    passed_on.agency = AgencyId("hub");
    passed_on.role = RoleId("ffd");
    passed_on.facts.risk_grade.clear();
    passed_on.facts.markers = {"care_status_active", "passed_on"};
    passed_on.facts.addressed_to = {team};
    passed_on.thread_ref = "passed-on:1";
    passed_on.sections.erase("loc");
    passed_on.sections.erase("rsk");
    passed_on.sections["evt"].clear();
    for (const auto& [field, value] : came.items())
        passed_on.sections["evt"].emplace(field, PersonalText(value.dump()));
    passed_on.sections["voi"]["reason_for_none"] = words("not_seen");
    // Of the child by whose tokens the front door speaks, the team says that it works with it.
    const auto looked_for = world.send(world.hub, passed_on);
    const auto& tokens = world.broker.plans.at(looked_for).facts.tokens;
    world.broker.claims.push_back(world.area.claim(team, "social_worker", tokens, world.now.wall));
    passed_on.source_ref = "passed-on:2";
    passed_on.thread_ref = "passed-on:2";
    const auto id = world.send(world.hub, passed_on);
    const auto worker = social.add_person("Invented Worker", "social-care", {"social-care.sw"});
    const auto reply = social.ask(Kind::received_one, worker, "hub/" + to_text(id));
    ASSERT_EQ(reply.status, 200) << text_of_reply(reply);
    EXPECT_EQ(event_of(json::parse(reply.json.reveal())).at("seen_before"), came.at("seen_before"));
}

TEST_F(CareFlags, WhatASystemReportsWithoutTheMarkerIsToldAllTheSame) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    auto arrived = world.missing_child("visit:1", "unscheduled_health_attendance");
    arrived.agency = AgencyId("health");
    arrived.role = RoleId("urg");
    arrived.facts.risk_grade.clear();
    arrived.thread_ref = "visit:1";
    arrived.sections.erase("loc");
    arrived.sections.erase("rsk");
    const auto id = world.send(hospital, arrived);
    ASSERT_EQ(attendances().size(), 1U);
    EXPECT_EQ(attendances()[0].facts.markers, std::vector<std::string>{"care_status_active"});
    // Given again it is the same, though more is known of the child now.
    EXPECT_EQ(world.send(hospital, arrived), id);
}

TEST_F(CareFlags, NobodyTakesALookBackBeforeAnybodyHasHeardOfIt) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    const auto take_back_look = [&](const std::string& id, const char* recipients = nullptr) {
        json body{{"reason", "sent_in_error"}};
        if (recipients != nullptr) body["recipients"] = json::parse(recipients);
        const auto done = hospital.ask(Kind::recall, nurse, id, body.dump()).status;
        world.settle();
        return done;
    };
    world.disconnect(hospital);
    const auto id = look_up(kit).at("attendance").get<std::string>();
    EXPECT_EQ(take_back_look(id), 409) << "it has not left";
    world.connect(hospital);
    world.settle();
    ASSERT_EQ(attendances().size(), 1U);
    EXPECT_EQ(take_back_look(id), 409) << "nobody has opened it";
    EXPECT_EQ(take_back_look(id, R"([{"agency":"hub","role":"ffd"}])"), 409);
    opened_by_front_door(id);
    world.settle();
    EXPECT_EQ(take_back_look(id), 202);
    look_up(kit);
    EXPECT_EQ(code, 422) << "a look under the same number would be told to nobody";
    look_up(kit, "V2");
    EXPECT_EQ(code, 200);
    EXPECT_EQ(attendances().size(), 2U);
}

TEST_F(CareFlags, ANumberWhoseVisitIsKeptNoMoreIsNobodysElse) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    const auto id = look_up(kit).at("attendance").get<std::string>();
    // As after its retention.
    auto transaction = hospital.store.begin();
    transaction->erase(sealed::notification, store::key_bytes(NotificationId(*uuid_from_text(id))));
    ASSERT_TRUE(hospital.store.commit(std::move(transaction)).is_committed());
    look_up(kit);
    EXPECT_EQ(code, 422);
    look_up(kit, "V2");
    EXPECT_EQ(code, 200);
}

TEST_F(CareFlags, NorWhatWasReportedToFindTheMarker) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    auto reported = world.missing_child("visit:1", "unscheduled_health_attendance");
    reported.agency = AgencyId("health");
    reported.role = RoleId("urg");
    reported.facts.risk_grade.clear();
    reported.thread_ref = "visit:1";
    reported.sections.erase("loc");
    reported.sections.erase("rsk");
    const auto id = world.send(hospital, reported);
    const json body{{"reason", "sent_in_error"}};
    EXPECT_EQ(hospital.ask(Kind::recall, nurse, to_text(id), body.dump()).status, 409);
}

TEST_F(CareFlags, TheAdaptersFindWhatTheInboxWasTold) {
    world.send(social, status("care:1/started", "looked_after_started"));
    const SourceMemory memory([&](std::string_view key) {
        const auto view = hospital.store.view();
        return remembered(*view, hospital.keys, key);
    });
    Subject child;
    child.nhs_number = PersonalText("9990000018");
    child.date_of_birth = PersonalText("2013-04-05");
    const auto flags = care_flags_of(memory, AgencyId("health"), child);
    ASSERT_EQ(flags.size(), 1U);
    EXPECT_EQ(flags[0].plan, "looked_after");
    EXPECT_EQ(flags[0].said_by, AgencyId("social-care"));
    EXPECT_TRUE(care_flags_of(memory, AgencyId("other"), child).empty());
    child.date_of_birth = PersonalText("2013-04-06");
    EXPECT_TRUE(care_flags_of(memory, AgencyId("health"), child).empty());
}

TEST_F(CareFlags, IsForPeopleOfUnscheduledCareAndBudgeted) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    look_up(kit, "V1", &hospital.service_token);
    EXPECT_EQ(code, 403);
    const auto visitor = hospital.add_person("Invented Visitor", "health", {"health.hv"});
    look_up(kit, "V1", &visitor);
    EXPECT_EQ(code, 403);
    EXPECT_TRUE(attendances().empty());
    const json other{{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}};
    for (int i = 0; i < 120; ++i) look_up(other);
    EXPECT_EQ(code, 200);
    look_up(other);
    EXPECT_EQ(code, 503);
    const auto colleague = hospital.add_person("Invented Colleague", "health", {"health.urg"});
    look_up(other, "V1", &colleague);
    EXPECT_EQ(code, 200) << "one person's budget is nobody else's";
    world.pass(std::chrono::minutes(61));
    look_up(other);
    EXPECT_EQ(code, 200);
}

TEST_F(CareFlags, IsBudgetedForAllTogetherToo) {
    const json other{{"nhs_number", "9990000026"}, {"date_of_birth", "2013-04-05"}};
    for (int person = 0; person < 5; ++person) {
        const auto colleague = hospital.add_person("Invented Colleague", "health", {"health.urg"});
        for (int i = 0; i < 120; ++i) look_up(other, "V1", &colleague);
        EXPECT_EQ(code, 200);
    }
    look_up(other);
    EXPECT_EQ(code, 503) << "of a sixth person the first look";
}

TEST_F(CareFlags, NoChildStandsInTheStoreInWords) {
    world.send(social, status("care:1/started", "cp_plan_started"));
    look_up(kit);
    const auto stored = everything_stored(hospital.store);
    for (const auto* word : {"9990000018", "999 000 0018", "Canaryfamily", "CANARYFAMILY"})
        EXPECT_EQ(stored.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace mash::runtime::testing
