// `mashctl requests --of-holders`, over a real core: what an auditor reads of what holders were
// asked, and what is in none of it.
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>

#include "broker/ctl/broker_commands.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"
#include "tests/unit/broker/ctl/one_answer.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::broker {
namespace {

using ctl::testing::OneAnswer;
using test::missing_child;
using test::token;
using ::testing::HasSubstr;
using ::testing::Not;

const Seat worker = seat("social-care", "sw");

class RequestsOfHolders : public BrokerFixture {
protected:
    RequestsOfHolders() {
        const std::string relation =
            "title = \"The child has an allocated social worker\"\nmode = ";
        area.change_policy(relation + "\"index\"", relation + "\"ask\"", now.wall);
        load_documents();
        unasked(care_host);
    }
    /// As the command line writes it; the broker's answer goes over its socket.
    ctl::Outcome<void> list(const std::string& more = {}, bool json = false) {
        ctl::BrokerCommand command;
        command.socket = folder_.path() / "admin.sock";
        command.command = "requests";
        command.argument = "of_holders " + more;
        command.json = json;
        bool ok = false;
        const auto answer = ask_operator(OperatorCommand::Kind::requests, command.argument, &ok);
        std::filesystem::remove(command.socket);
        const OneAnswer broker(command.socket, std::string("{\"ok\":") + (ok ? "true" : "false") +
                                                   ",\"answer\":" + answer + "}\n");
        out_.str("");
        return ctl::run_broker_command(ctl::Context{out_, err_, now.wall, random_}, command);
    }
    /// Social care knows the child of this notification.
    void say_yes(std::uint64_t of, const wire::Token& child) {
        wire::InvolvementAnswer answer;
        answer.question = wire::asked_claim_id(police, notification(of), worker, "social_worker");
        answer.asked = worker;
        answer.relation = "social_worker";
        auto claim = area.claim(worker, answer.relation, {child}, now.wall, 1, answer.question);
        auto body = *wire::decode_body<wire::InvolvementClaim>(claim.body);
        body.lease_until = now.wall + std::chrono::hours(24 * 14);
        claim.body = wire::encode_body(body);
        claim.signature =
            crypto::sign(area.signing_key(social_care), wire::label::claim, claim.body);
        answer.claim = std::move(claim);
        expect<wire::Done>(care_host, answer);
    }

    std::ostringstream out_;
    std::ostringstream err_;
    crypto::SeededRandom random_{3};
    area::testing::TemporaryFolder folder_;
};

TEST_F(RequestsOfHolders, SayWhenForWhatAndWhoSaidYes) {
    ASSERT_TRUE(list());
    EXPECT_EQ(out_.str(), "all       yes\nrequests  -\n");
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto first = to_rfc3339(now.wall);
    say_yes(1, token(1));
    advance(std::chrono::minutes(10));
    send(police_host, notification(2), missing_child(2, now.wall));
    ASSERT_TRUE(list());
    const auto text = out_.str();
    EXPECT_TRUE(text.starts_with("all       yes\n\nrequests\nat ")) << text;
    EXPECT_THAT(text, ::testing::ContainsRegex(first + " +police-wm +" + to_text(notification(1)) +
                                               " +missing_episode_started +social_worker +1 +"
                                               "social-care/sw +no\n"));
    EXPECT_THAT(text, ::testing::ContainsRegex(to_text(notification(2)) +
                                               " +missing_episode_started +social_worker +1 +- +"
                                               "no\n"));
    EXPECT_LT(text.find(to_text(notification(2))), text.find(to_text(notification(1))))
        << "newest first";
    ASSERT_TRUE(list("since=" + to_rfc3339(now.wall) + " "));
    EXPECT_THAT(out_.str(), Not(HasSubstr(to_text(notification(1)))));
    EXPECT_THAT(out_.str(), HasSubstr(to_text(notification(2))));
    ASSERT_TRUE(list("agency=health "));
    EXPECT_EQ(out_.str(), "all       yes\nrequests  -\n");
}

TEST_F(RequestsOfHolders, ShowNothingAboutAChildNorWhoOfAnAgencyAsked) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto asked = unasked_of<wire::InvolvementQuestion>(care_host);
    ASSERT_EQ(asked.size(), 1U);
    say_yes(1, token(1));
    // Who asked is a pseudonym of the other list.
    const std::string person = "service";
    ASSERT_THAT(ask_operator(OperatorCommand::Kind::requests), HasSubstr(person));
    for (const bool json : {false, true}) {
        ASSERT_TRUE(list("", json));
        const auto text = out_.str();
        ASSERT_THAT(text, HasSubstr(to_text(notification(1))));
        EXPECT_THAT(text, Not(HasSubstr(person)));
        auto values = asked[0].tokens;
        values.push_back(token(1));
        for (const auto& one : values) {
            EXPECT_THAT(text, Not(HasSubstr(to_hex(one.value))));
            EXPECT_THAT(text, Not(HasSubstr(to_base64url(one.value))));
        }
        EXPECT_THAT(text, Not(HasSubstr(to_text(asked[0].id)))) << "the id of the holder's claim";
    }
}

TEST_F(RequestsOfHolders, RefuseWhatTheyCannotReadAndListNothing) {
    send(police_host, notification(1), missing_child(1, now.wall));
    for (const char* wrong :
         {"since=yesterday ", "since= ", "since=2027-13-45T00:00:00Z ",
          "agency= ", "agency=Not/A/Name ", "agency=police wm ", "child=1 ", "9990000018 "}) {
        const auto refused = list(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().exit, ctl::Exit::refused) << wrong;
        EXPECT_THAT(refused.error().what, HasSubstr("cannot read what the command was given"));
        EXPECT_THAT(refused.error().next, HasSubstr("2027-01-13T00:00:00Z"));
        EXPECT_EQ(out_.str(), "") << wrong;
    }
    EXPECT_TRUE(list("agency=nobody-of-that-name ")) << "an agency that has asked nothing";
}

}  // namespace
}  // namespace mash::broker
