// What people wrote when they decided goes through here sealed, to each its own copy, until heard.
#include <gmock/gmock.h>

#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

class WordsOfDeciders : public BrokerFixture {
protected:
    wire::DeciderWords words(std::uint8_t number, const AgencyId& signer = hub) {
        wire::WordsBody body;
        body.id = wire::WordsId({number});
        body.decider = seat("hub", "ffd");
        body.person = PersonId("p-desk");
        body.what = "task_answered";
        body.code = "done";
        body.sender = police;
        body.notification = notification(1);
        body.subject = {7};
        body.at = now.wall;
        body.digest = {3};
        wire::DeciderWords frame;
        frame.body = wire::encode_body(body);
        frame.signature = crypto::sign(area.signing_key(signer), wire::label::words, frame.body);
        frame.sealed = {{health, {1, 1}}, {police, {2, 2}}};
        return frame;
    }
    wire::WordsHeard heard(std::uint8_t number, const AgencyId& agency) {
        return {wire::WordsId({number}), hub, agency};
    }
};

TEST_F(WordsOfDeciders, EachIsToldItsOwnCopyAndNoOther) {
    const auto sent = words(1);
    expect<wire::Done>(hub_host, sent);
    const auto to_police = unasked_of<wire::DeciderWords>(police_host);
    ASSERT_EQ(to_police.size(), 1U);
    EXPECT_EQ(to_police[0].body, sent.body);
    EXPECT_EQ(to_police[0].sealed, (std::vector<wire::SealedWords>{{police, {2, 2}}}));
    EXPECT_EQ(unasked_of<wire::DeciderWords>(health_host).at(0).sealed.at(0).agency, health);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(school_host).empty());
}

TEST_F(WordsOfDeciders, AreToldAgainUntilTheyAreHeard) {
    disconnect(police_host);
    expect<wire::Done>(hub_host, words(1));
    expect<wire::Done>(hub_host, words(1));
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
    disconnect(police_host);
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
    EXPECT_EQ(refused(health_host, heard(1, police)), ErrorCode::wrong_host)
        << "nobody hears for another";
    expect<wire::Done>(police_host, heard(1, police));
    disconnect(police_host);
    connect(police_host);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(police_host).empty());
}

TEST_F(WordsOfDeciders, AnAgentThatWasRestoredIsToldThemOnceMore) {
    expect<wire::Done>(hub_host, words(1));
    expect<wire::Done>(police_host, heard(1, police));
    unasked(police_host);
    disconnect(police_host);
    connect(police_host, 2);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
}

TEST_F(WordsOfDeciders, AreTheDecidersOwnAgencysToSay) {
    EXPECT_EQ(refused(hub_host, words(1, police)), ErrorCode::bad_signature);
    EXPECT_EQ(refused(police_host, words(1)), ErrorCode::wrong_host);
    auto unknown = words(1);
    unknown.sealed[0].agency = AgencyId("elsewhere");
    EXPECT_EQ(refused(hub_host, unknown), ErrorCode::not_found);
    expect<wire::Done>(hub_host, words(1));
    auto other = words(1);
    other.sealed[0].sealed = {9};
    EXPECT_EQ(refused(hub_host, other), ErrorCode::already_exists);
}

TEST_F(WordsOfDeciders, AreGoneAfterAMonthOnceEverybodyHasHeard) {
    expect<wire::Done>(hub_host, words(1));
    expect<wire::Done>(police_host, heard(1, police));
    now.wall = now.wall + std::chrono::hours(24 * 31);
    now.steady = now.steady + std::chrono::hours(24 * 31);
    tick();
    EXPECT_EQ(rows("decider_words"), 1U) << "somebody has not heard";
    expect<wire::Done>(health_host, heard(1, health));
    now.wall = now.wall + std::chrono::hours(24 * 31);
    now.steady = now.steady + std::chrono::hours(24 * 31);
    tick();
    EXPECT_EQ(rows("decider_words"), 0U);
    EXPECT_EQ(rows("decider_words_kept"), 0U);
}

}  // namespace
}  // namespace mash::broker
