// Each request of the local API once with success, and refused in the ways that a caller meets.
// TestHost::ask holds every answer against openapi.yaml; here it is seen that none is left out.
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/api_error.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

constexpr auto nobody = "00000000-0000-7000-8000-000000000000";

class ApiAnswers : public ::testing::Test {
protected:
    ApiAnswers() {
        world.connect_all();
        officer = world.police.add_person("Invented Officer", "police-wm",
                                          {"police-wm.pol", "police-wm.manager"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    }
    json ask(TestHost& host, Kind kind, const PersonalText& token, const std::string& id = {},
             const json& body = {}) {
        const auto reply = host.ask(kind, token, id, body.is_null() ? "" : body.dump());
        status = reply.status;
        if (status < 300) succeeded.insert(kind);
        world.settle();
        return json::parse(reply.json.reveal());
    }
    void give_tasks() {
        wire::Task task = world.give_gap_task();
        task.id = test::id_of<TaskId>(14);
        task.kind = wire::TaskKind::not_sent;
        world.hub.give(FrameIn{
            {0, wire::TaskNotice{task, world.now.wall, PersonId("p-clerk"), "manual_entry"}}});
    }
    void give_roll(int pupils) {
        ReplaceRoll roll;
        roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
        roll.relation = "school";
        for (int i = 0; i < pupils; ++i) {
            RollEntry entry;
            entry.source_ref = "pupil:" + std::to_string(i);
            entry.subject.forename = PersonalText("Invented");
            entry.subject.surname =
                PersonalText(std::string("Pupil") + static_cast<char>('A' + i % 26) +
                             static_cast<char>('A' + i / 26));
            entry.subject.date_of_birth = PersonalText("2014-01-01");
            roll.entries.push_back(std::move(entry));
        }
        world.schools.give(std::move(roll));
        world.settle();
    }
    AgentWorld world;
    PersonalText officer;
    PersonalText front_door;
    int status = 0;
    std::set<Kind> succeeded;
};

TEST_F(ApiAnswers, OfEveryRequestAreAsTheDocumentSays) {
    auto detrimental = world.detrimental_child();
    detrimental.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
    const auto id = to_text(world.send(world.police, detrimental));
    give_tasks();

    ask(world.hub, Kind::received_list, front_door);
    ask(world.hub, Kind::received_one, front_door, id);
    ask(world.hub, Kind::taken, front_door, id);
    ask(world.hub, Kind::assigned, front_door, id, {{"person", nullptr}});
    ask(world.hub, Kind::case_number, front_door, id, {{"case_number", "LCS 4711"}});
    ask(world.hub, Kind::attached, front_door, id, {{"to", nullptr}});
    EXPECT_FALSE(ask(world.hub, Kind::search, front_door, "",
                     {{"words", "canaryfamily"}, {"reason", "my_case"}})
                     .at("found")
                     .empty());
    ApiRequest history;
    history.kind = Kind::chronology;
    history.credential = front_door;
    history.filter["received"] = id;
    if (world.hub.ask(history).status == 200) succeeded.insert(Kind::chronology);
    ask(world.hub, Kind::decided, front_door, id, {{"outcome", "assessment_started"}});
    EXPECT_EQ(status, 200);
    ask(world.hub, Kind::decided, front_door, id, {{"outcome", "no_further_action"}});
    EXPECT_EQ(status, 409);
    EXPECT_EQ(ask(world.hub, Kind::tasks_list, front_door).at("tasks").size(), 2U);
    ask(world.hub, Kind::task_answer, front_door, to_text(test::id_of<TaskId>(4)),
        {{"outcome", "done"}, {"reason", "rang at ten"}});

    EXPECT_EQ(ask(world.police, Kind::held_list, officer).at("held").size(), 1U);
    ask(world.police, Kind::held_answer, officer, id, {{"allow", true}, {"reason", "agreed"}});
    ask(world.police, Kind::sent_list, world.police.service_token);
    ask(world.police, Kind::sent_one, officer, id);
    ask(world.police, Kind::sent_content, officer, id);
    const std::string draft = "0192f000-0000-7000-8000-000000000001";
    ask(world.hub, Kind::draft_save, front_door, "",
        {{"id", draft}, {"revision", 0}, {"label", "begun"}, {"content", {{"evt.what", "words"}}}});
    ask(world.hub, Kind::drafts_list, front_door);
    ask(world.hub, Kind::draft_one, front_door, draft);
    ask(world.hub, Kind::draft_delete, front_door, draft);
    const json release{{"recipients", {{{"agency", "hub"}, {"role", "ffd"}}}},
                       {"reason", "she moves today"}};
    ask(world.police, Kind::release, officer, id, release);
    EXPECT_EQ(status, 201);
    ask(world.police, Kind::release, officer, id, release);
    EXPECT_EQ(status, 200);
    EXPECT_FALSE(
        ask(world.police, Kind::held_list, officer).at("held")[0].at("asked_because").is_null());
    ask(world.police, Kind::recall, officer, id, {{"reason", "wrong_child"}});
    EXPECT_EQ(status, 202);
    EXPECT_FALSE(ask(world.police, Kind::sent_one, officer, id).at("recalled").is_null());
    ask(world.police, Kind::unconfirmed_list, officer);
    ask(world.hub, Kind::received_list, front_door);
    ask(world.hub, Kind::received_one, front_door, id);
    EXPECT_EQ(status, 410);

    const auto decisions = ask(world.police, Kind::decisions_list, officer).at("decisions");
    ASSERT_FALSE(decisions.empty());
    ask(world.police, Kind::decision_one, officer, decisions.back().value("id", ""));
    ask(world.police, Kind::decision_replay, officer, decisions.back().value("id", ""));
    ask(world.police, Kind::access_log, officer);

    ask(world.police, Kind::status, PersonalText(""));
    ask(world.police, Kind::status, world.police.service_token);

    const json subject{{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};
    const auto conflict =
        ask(world.hub, Kind::conflict_add, front_door, "",
            {{"subject", subject}, {"excluded", {"orchard-gate.sch"}}, {"reason", "an uncle"}});
    EXPECT_EQ(ask(world.hub, Kind::conflicts_list, front_door).at("conflicts").size(), 1U);
    ask(world.hub, Kind::conflict_end, front_door, conflict.value("id", ""));
    EXPECT_TRUE(ask(world.hub, Kind::conflicts_list, front_door).at("conflicts").empty());
    const auto added = ask(world.hub, Kind::person_add, front_door, "",
                           {{"name", "Invented Colleague"}, {"inboxes", {"hub.ffd"}}});
    ask(world.hub, Kind::person_remove, front_door, added.value("person", ""));

    ask(world.hub, Kind::keys, front_door);
    ask(world.hub, Kind::me, front_door);
    ask(world.hub, Kind::catalogue, front_door);
    ApiRequest beside;
    beside.kind = Kind::colleagues;
    beside.credential = front_door;
    beside.inbox = InboxId("hub.ffd");
    if (world.hub.ask(beside).status == 200) succeeded.insert(Kind::colleagues);
    ask(world.police, Kind::preview, officer, "",
        json::parse(to_canonical_json(world.missing_child("misper:seen")).reveal()));
    ask(world.hub, Kind::inbox_rotate, front_door, "hub.ffd");
    const auto school =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    give_roll(30);
    give_roll(5);
    const auto rolls = ask(world.schools, Kind::rolls_list, school).at("rolls");
    ASSERT_EQ(rolls.size(), 1U);
    ask(world.schools, Kind::roll_answer, school, rolls[0].value("id", ""),
        {{"confirm", true}, {"reason", "Year 11 has left"}});

    const auto agreement = ask(world.schools, Kind::agreement_add, school, "",
                               {{"status", "given"},
                                {"giver", "parent_pr"},
                                {"form", "written"},
                                {"purpose", "request_service"},
                                {"named_agencies", {"hub"}},
                                {"said_at", to_rfc3339(world.now.wall)},
                                {"subject", subject}});
    auto help = world.missing_child("help:1", "safeguarding_referral");
    help.agency = AgencyId("orchard-gate");
    help.role = RoleId("sch");
    help.thread_ref = help.facts.risk_grade = "";
    help.facts.level = wire::Level::three;
    help.facts.harm = wire::Harm::none;
    help.facts.purpose = wire::Purpose::request_service;
    help.agreement_record = AgreementId(*uuid_from_text(agreement.value("id", "")));
    const auto helped = to_text(world.send(world.schools, help));
    ask(world.schools, Kind::agreements_list, school);
    ask(world.schools, Kind::agreement_one, school, agreement.value("id", ""));
    ask(world.schools, Kind::agreement_withdraw, school, agreement.value("id", ""));
    ask(world.hub, Kind::stopped, front_door, helped);

    for (int kind = 0; kind <= static_cast<int>(Kind::inbox_rotate); ++kind)
        EXPECT_TRUE(succeeded.contains(static_cast<Kind>(kind))) << "request " << kind;
}

TEST_F(ApiAnswers, OfRefusedRequestsAreAsTheDocumentSays) {
    const std::vector<std::pair<PersonalText, std::string>> callers{
        {PersonalText(""), "nobody"},
        {world.hub.service_token, "the service"},
        {world.hub.add_person("Invented Other", "hub", {"hub.lado"}), "a colleague"}};
    for (int number = 0; number <= static_cast<int>(Kind::inbox_rotate); ++number) {
        const auto kind = static_cast<Kind>(number);
        for (const auto& [token, who] : callers) {
            for (const auto* id : {"", "nonsense", nobody}) {
                for (const auto* body : {"", "{}", "not json", "[]", R"({"reason":7,"inboxes":7})"})
                    EXPECT_LT(world.hub.ask(kind, token, id, body).status, 500)
                        << "request " << number << " of " << who;
            }
        }
    }
}

/// Statuses that openapi.yaml knows, and a next step for each failure there is.
TEST_F(ApiAnswers, EveryFailureHasADocumentedStatusAndANextStep) {
    std::set<int> documented;
    const auto& document = test::ApiDocument::of_tree();
    for (const auto& operation : document.operations())
        documented.merge(document.statuses_of(operation));
    for (const auto code :
         {ErrorCode::malformed,      ErrorCode::already_exists, ErrorCode::unsupported_version,
          ErrorCode::bad_signature,  ErrorCode::unknown_key,    ErrorCode::wrong_host,
          ErrorCode::not_fresh,      ErrorCode::expired,        ErrorCode::fact_unproved,
          ErrorCode::decrypt_failed, ErrorCode::stale_plan,     ErrorCode::refused_by_rule,
          ErrorCode::held,           ErrorCode::store_failed,   ErrorCode::disk_full,
          ErrorCode::io_failed,      ErrorCode::disconnected,   ErrorCode::timeout,
          ErrorCode::quarantined,    ErrorCode::clock_jump}) {
        EXPECT_TRUE(documented.contains(http_status_of(code))) << name_of(code);
        EXPECT_FALSE(next_words(code).empty()) << name_of(code);
    }
    EXPECT_EQ(http_status_of(ErrorCode::not_available), 409);
    EXPECT_EQ(http_status_of(ErrorCode::quarantined), 422) << "the same again fails again";
    EXPECT_EQ(http_status_of(ErrorCode::store_failed), 503);
    EXPECT_EQ(next_words(ErrorCode::expired).find("send it again"), std::string_view::npos)
        << "whoever reads what is gone has nothing to send";
}

/// A closed episode is one line of the list, and a refused notification says what to do instead.
TEST_F(ApiAnswers, OfAClosedEpisodeAndOfWhatTheRulesRefuseAreAsTheDocumentSays) {
    world.send(world.police, world.missing_child("misper:1", "missing_episode_started"));
    world.pass(std::chrono::hours(1));
    const auto end = to_text(
        world.send(world.police, world.missing_child("misper:2", "missing_episode_closed")));
    const auto list = ask(world.hub, Kind::received_list, front_door).at("received");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_TRUE(list[0].contains("episode"));
    EXPECT_TRUE(ask(world.hub, Kind::received_one, front_door, end).contains("episode"));
    EXPECT_EQ(ask(world.hub, Kind::taken, front_door, end).at("covers").size(), 2U);
}

}  // namespace
}  // namespace mash::runtime::testing
