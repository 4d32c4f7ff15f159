// What people wrote when they decided goes through here sealed, to each its own copy, until heard.
#include <gmock/gmock.h>

#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

class WordsOfDeciders : public BrokerFixture {
protected:
    static wire::WordsId id_of(unsigned number) {
        return wire::WordsId(
            {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8), 1});
    }
    /// For the front door and the sender.
    wire::DeciderWords words(unsigned number, const AgencyId& decider = health,
                             std::size_t bytes = 2) {
        wire::WordsBody body;
        body.id = id_of(number);
        body.decider = {decider, RoleId("hv")};
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
        frame.signature = crypto::sign(area.signing_key(decider), wire::label::words, frame.body);
        frame.sealed = {{hub, Bytes(bytes, 1)}, {police, Bytes(bytes, 2)}};
        return frame;
    }
    wire::WordsHeard heard(unsigned number, const AgencyId& agency) {
        return {id_of(number), health, agency};
    }
    void pass_a_month() {
        now.wall = now.wall + std::chrono::hours(24 * 31);
        now.steady = now.steady + std::chrono::hours(24 * 31);
        tick();
    }
};

TEST_F(WordsOfDeciders, EachIsToldItsOwnCopyAndNoOther) {
    const auto sent = words(1);
    expect<wire::Done>(health_host, sent);
    const auto to_police = unasked_of<wire::DeciderWords>(police_host);
    ASSERT_EQ(to_police.size(), 1U);
    EXPECT_EQ(to_police[0].body, sent.body);
    EXPECT_EQ(to_police[0].sealed, (std::vector<wire::SealedWords>{{police, Bytes(2, 2)}}));
    EXPECT_EQ(unasked_of<wire::DeciderWords>(hub_host).at(0).sealed.at(0).agency, hub);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(school_host).empty());
}

TEST_F(WordsOfDeciders, AreToldAgainUntilTheyAreHeard) {
    disconnect(police_host);
    expect<wire::Done>(health_host, words(1));
    expect<wire::Done>(health_host, words(1));
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
    disconnect(police_host);
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
    EXPECT_EQ(refused(hub_host, heard(1, police)), ErrorCode::wrong_host)
        << "nobody hears for another";
    expect<wire::Done>(police_host, heard(1, police));
    disconnect(police_host);
    connect(police_host);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(police_host).empty());
}

TEST_F(WordsOfDeciders, AnAgentThatWasRestoredIsToldThemOnceMore) {
    expect<wire::Done>(health_host, words(1));
    expect<wire::Done>(police_host, heard(1, police));
    unasked(police_host);
    disconnect(police_host);
    connect(police_host, 2);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
}

TEST_F(WordsOfDeciders, AreTheDecidersOwnAgencysToSay) {
    auto forged = words(1);
    forged.signature = crypto::sign(area.signing_key(police), wire::label::words, forged.body);
    EXPECT_EQ(refused(health_host, forged), ErrorCode::bad_signature);
    EXPECT_EQ(refused(police_host, words(1)), ErrorCode::wrong_host);
    auto unknown = words(1);
    unknown.sealed[0].agency = AgencyId("elsewhere");
    EXPECT_EQ(refused(health_host, unknown), ErrorCode::not_found);
    expect<wire::Done>(health_host, words(1));
    auto other = words(1);
    other.sealed[0].sealed = {9};
    EXPECT_EQ(refused(health_host, other), ErrorCode::already_exists);
}

TEST_F(WordsOfDeciders, GoToTheFrontDoorAndTheSenderAlone) {
    auto sent = words(1);
    sent.sealed.insert(sent.sealed.begin() + 1, {orchard_gate, {3, 3}});
    expect<wire::Done>(health_host, sent);
    expect<wire::Done>(health_host, sent);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(school_host).empty());
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 1U);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(hub_host).size(), 1U);
    disconnect(school_host);
    connect(school_host, 2);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(school_host).empty());
    auto only = words(2);
    only.sealed = {{orchard_gate, {3, 3}}};
    EXPECT_EQ(refused(health_host, only), ErrorCode::not_entitled);
    EXPECT_EQ(rows("decider_words"), 1U);
}

TEST_F(WordsOfDeciders, GoToASecondAgencyThatHoldsTheFrontDoorAsToTheFirst) {
    auto sent = words(1);
    sent.sealed.push_back({social_care, {4, 4}});
    expect<wire::Done>(health_host, sent);
    EXPECT_TRUE(unasked_of<wire::DeciderWords>(care_host).empty()) << "it does not hold it yet";
    area.change_registry(
        [](area::Registry& registry) {
            registry.agencies.at(social_care)
                .seats.push_back({RoleId("ffd"), InboxId("social-care.ffd"), true, {}, ""});
        },
        now.wall);
    load_documents();
    auto second = words(2);
    second.sealed.push_back({social_care, {4, 4}});
    expect<wire::Done>(health_host, second);
    const auto told = unasked_of<wire::DeciderWords>(care_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].sealed, (std::vector<wire::SealedWords>{{social_care, {4, 4}}}));
    EXPECT_EQ(unasked_of<wire::DeciderWords>(hub_host).size(), 2U);
}

TEST_F(WordsOfDeciders, OfOneAgencyTakeNoMoreThanTheirRoomAndNobodyElses) {
    ErrorCode last{};
    unsigned kept = 0;
    for (; kept < 1'200 && last == ErrorCode{}; ++kept) {
        const auto answers = say(health_host, words(kept, health, limits::sealed_record_bytes_max));
        ASSERT_FALSE(answers.empty());
        if (const auto* error = std::get_if<wire::ErrorFrame>(&answers.back().body))
            last = error->code;
    }
    EXPECT_EQ(last, ErrorCode::busy);
    EXPECT_GT(kept, 900U);
    EXPECT_LT(kept, 1'100U) << "16 MiB";
    EXPECT_EQ(
        refusal(health_host, words(9'000, health, limits::sealed_record_bytes_max)).retry_after_ms,
        60'000U);
    expect<wire::Done>(care_host, words(9'000, social_care));
    for (int month = 0; month < 2; ++month) {
        pass_a_month();
        for (int i = 0; i < 10; ++i) tick();
    }
    EXPECT_EQ(rows("decider_words"), 0U);
    EXPECT_EQ(rows("decider_words_bytes"), 0U);
    EXPECT_EQ(rows("decider_words_copies"), 0U);
}

TEST_F(WordsOfDeciders, LeaveAShortDiskToNotifications) {
    step({StoreSpace{wire::Lane::urgent}, {}});
    EXPECT_EQ(refused(health_host, words(1)), ErrorCode::busy);
    EXPECT_EQ(rows("decider_words"), 0U);
}

TEST_F(WordsOfDeciders, ComeInRoundsBesideAllElse) {
    disconnect(police_host);
    for (int i = 0; i < 100; ++i) expect<wire::Done>(health_host, words(static_cast<unsigned>(i)));
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 64U);
    advance(std::chrono::minutes(1));
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 36U) << "and then from the start";
    advance(std::chrono::minutes(1));
    EXPECT_EQ(unasked_of<wire::DeciderWords>(police_host).size(), 64U);
}

TEST_F(WordsOfDeciders, AreGoneAfterAMonthOnceEverybodyHasHeard) {
    expect<wire::Done>(health_host, words(1));
    expect<wire::Done>(police_host, heard(1, police));
    expect<wire::Done>(hub_host, heard(1, hub));
    pass_a_month();
    EXPECT_EQ(rows("decider_words"), 0U);
    EXPECT_EQ(rows("decider_words_copies"), 0U);
    EXPECT_EQ(rows("decider_words_kept"), 0U);
}

TEST_F(WordsOfDeciders, ThatSomebodyHasNotHeardStayAMonthLongerAndNoMore) {
    expect<wire::Done>(health_host, words(1));
    expect<wire::Done>(police_host, heard(1, police));
    pass_a_month();
    EXPECT_EQ(rows("decider_words"), 1U) << "somebody has not heard";
    pass_a_month();
    EXPECT_EQ(rows("decider_words"), 0U) << "nobody need be able to open what was sealed to them";
    EXPECT_EQ(rows("decider_words_kept"), 0U);
    expect<wire::Done>(hub_host, heard(1, hub));
    EXPECT_EQ(rows("decider_words_copies"), 0U);
}

}  // namespace
}  // namespace mash::broker
