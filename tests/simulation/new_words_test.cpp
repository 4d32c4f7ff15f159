// A type of notification and a section that nobody had thought of when broker and agents were
// built: text of the signed policy and catalogue alone, from the sender's desk through the broker
// to what a person of each recipient reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulation/workload.hpp"
#include "tests/simulation/world.hpp"

namespace mash::simulation {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = runtime::ApiRequest::Kind;

const std::string section_and_type =
    "[sections.pet]\n"
    "title = \"Animals in the home\"\n"
    "sensitivity = 2\n"
    "views = [{ name = \"pet.count\", fields = [\"count\"] },"
    " { name = \"pet.full\", fields = [\"count\", \"kinds\"] }]\n\n"
    "[types.dangerous_dog_seen]\n"
    "row = 0\n"
    "title = \"A dangerous dog where a child lives\"\n"
    "class = \"unconditional\"\n"
    "recipients = [\"ffd\", \"edt\", \"hv\"]\n\n";

const std::string routes =
    "[types.dangerous_dog_seen]\n"
    "publishers = [\"pol\"]\n"
    "urgency = \"U3\"\n"
    "escalation = [\"X1\"]\n"
    "basis = \"e\"\n"
    "routes = [\n"
    "    { id = \"dog-front-door\", role = \"ffd\", reach = \"area\", does = \"act\", must = true,"
    " content = \"flag+pet.full\", out_of_hours = \"queue\" },\n"
    "    { id = \"dog-health-visitor\", role = \"hv\", reach = \"involved\","
    " relation = \"health_visitor\", does = \"know\", content = \"flag+pet\" },\n"
    "]\n\n";

class NewWords : public ::testing::Test {
protected:
    NewWords() : base_(enrol()), world_(&base_, 1, Faults{}, nullptr), workload_(world_, 1) {
        world_.connect_all();
        world_.pass(seconds(5), seconds(1));
        auto child = invented_child(0);
        child.has_health_visitor = true;
        child.school = "orchard-gate";
        child_ = workload_.add_child(std::move(child));
        workload_.send_rolls();
        world_.pass(seconds(10), seconds(1));
    }
    /// The registrar signs the longer texts; broker and agents stay the programs that they were.
    void sign_new_words() {
        auto& area = world_.simulated().area;
        const std::string first_of_catalogue = "[types.missing_episode_started]\nrow = 1\n";
        const std::string first_of_policy = "[types.missing_episode_started]\npublishers";
        area.change_policy(first_of_catalogue, section_and_type + first_of_catalogue,
                           world_.now().wall);
        area.change_policy(first_of_policy, routes + first_of_policy, world_.now().wall);
        world_.load_documents();
        world_.pass(seconds(10), seconds(1));
    }
    json ask(const std::string& host, const std::string& inbox, Kind kind,
             const std::string& id = {}) {
        const auto reply =
            world_.ask(HostId(host), kind, world_.token_of(InboxId(inbox)), id, "", inbox);
        status_ = reply ? reply->status : 0;
        return reply ? json::parse(reply->json.reveal()) : json();
    }

    const Enrolled base_;
    World world_;
    Workload workload_;
    std::size_t child_ = 0;
    int status_ = 0;
};

TEST_F(NewWords, TravelFromTheSendersDeskToWhatIsRead) {
    sign_new_words();
    const auto& source =
        workload_.send(HostId("police"), AgencyId("police-wm"), RoleId("pol"), "dangerous_dog_seen",
                       child_, "dog:1", [](runtime::Notification& said) {
                           said.sections["pet"]["count"] = PersonalText("\"Canary three dogs\"");
                           said.sections["pet"]["kinds"] = PersonalText("\"Canary mastiffs\"");
                       });
    ASSERT_TRUE(source.id.has_value());
    world_.pass(seconds(20), seconds(1));
    ASSERT_FALSE(world_.violation().has_value()) << world_.violation()->detail;

    const auto id = to_text(*source.id);
    const auto sent = ask("police", "police-wm.pol", Kind::sent_one, id);
    ASSERT_EQ(status_, 200);
    EXPECT_EQ(sent.at("state"), "accepted") << sent.dump();
    std::vector<std::string> told;
    for (const auto& one : sent.at("recipients")) {
        told.push_back(one.at("recipient").at("role").get<std::string>());
        EXPECT_EQ(one.at("rule"), "E-08");
    }
    EXPECT_THAT(told, ::testing::UnorderedElementsAre("ffd", "hv"));

    const auto read = [&](const std::string& host, const std::string& inbox) {
        const auto opened = ask(host, inbox, Kind::received_one, "police-wm/" + id);
        EXPECT_EQ(status_, 200) << opened.dump();
        EXPECT_EQ(opened.at("type"), "dangerous_dog_seen");
        return opened.dump();
    };
    const auto front_door = read("hub", "hub.ffd");
    EXPECT_THAT(front_door, HasSubstr("Canary three dogs"));
    EXPECT_THAT(front_door, HasSubstr("Canary mastiffs"));
    const auto health_visitor = read("health", "health.hv");
    EXPECT_THAT(health_visitor, HasSubstr("Canary three dogs"));
    EXPECT_THAT(health_visitor, Not(HasSubstr("mastiffs"))) << "the smaller view of the section";
    EXPECT_TRUE(ask("schools", "orchard-gate.sch", Kind::received_list).at("received").empty());
    const auto listed = ask("hub", "hub.ffd", Kind::received_list).at("received");
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_THAT(listed.dump(), HasSubstr("A dangerous dog where a child lives"));
}

// The same programs a moment before: nothing of it is known, and nothing travels.
TEST_F(NewWords, AreNobodysBeforeTheyAreSigned) {
    auto said = workload_.compose(AgencyId("police-wm"), RoleId("pol"), "dangerous_dog_seen",
                                  child_, "dog:1", nullptr);
    runtime::Submit submit;
    submit.notification = std::move(said);
    submit.person = runtime::service_person();
    submit.reason = "intake";
    const auto effects = world_.give(HostId("police"), std::move(submit));
    ASSERT_TRUE(effects.has_value());
    EXPECT_TRUE(std::ranges::any_of(*effects, [](const runtime::Effect& effect) {
        return std::holds_alternative<runtime::SubmitRejected>(effect);
    }));
}

}  // namespace
}  // namespace mash::simulation
