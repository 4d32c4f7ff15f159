// A child left a list and nobody has claimed it since: education welfare is told, once for a list
// and day; and not when the child has only moved.
#include <algorithm>

#include <gtest/gtest.h>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::token;
using wire::TaskKind;

const Seat old_school = seat("orchard-gate", "sch");
const Seat new_school = seat("teme-meadow", "sch");

class Lapses : public BrokerFixture {
protected:
    Lapses() {
        const std::string roll = "title = \"The child is on this school's roll\"\n";
        area.change_policy(roll, roll + "lapse_days = 10\nlapse_to = \"mco\"\n", now.wall);
        load_documents();
        expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2, 3}));
        drain();
    }
    wire::ReplaceRoll roll_of(const std::vector<std::uint64_t>& children) {
        wire::ReplaceRoll out;
        out.agency = old_school.agency;
        out.seat = old_school;
        out.relation = "school";
        out.serial = ++serial_;
        for (const auto child : children)
            out.claims.push_back(area.claim(old_school, "school", {token(child)}, now.wall,
                                            out.serial, test::id_of<ClaimId>(child)));
        return out;
    }
    void drain() {
        for (const auto& host : {care_host, hub_host, school_host}) unasked(host);
    }
    void pass_days(int days) {
        for (int i = 0; i < days; ++i) {
            advance(std::chrono::hours(24));
            area.renew_freshness(now.wall);
            load_documents();
        }
    }
    std::vector<wire::TaskNotice> lapsed() {
        std::vector<wire::TaskNotice> out;
        std::set<TaskId> known;
        for (const auto& host : {care_host, hub_host, school_host}) {
            for (auto& notice : unasked_of<wire::TaskNotice>(host)) {
                if (notice.task.kind == TaskKind::lapsed && known.insert(notice.task.id).second)
                    out.push_back(std::move(notice));
            }
        }
        return out;
    }

private:
    std::uint64_t serial_ = 0;
};

TEST_F(Lapses, APupilWhomNobodyTakesOnIsATaskOfEducationWelfare) {
    const auto left_at = now.wall;
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2}));
    pass_days(9);
    EXPECT_TRUE(lapsed().empty()) << "the term is not over";
    pass_days(2);
    const auto open = lapsed();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].task.owner, seat("social-care", "mco")) << "the role that the policy names";
    EXPECT_EQ(Seat(open[0].task.agency, open[0].task.role), old_school);
    EXPECT_EQ(open[0].asked_at, left_at) << "by which the school finds who left";
    EXPECT_EQ(rows("lapses"), 0U) << "no token of the child is kept for it";
    const auto done = test::answer_task(area, open[0].task, wire::TaskOutcome::done, now.wall);
    const auto* owner = area.registry().find_agency(open[0].task.owner.agency);
    ASSERT_NE(owner, nullptr);
    expect<wire::Done>(owner->host, done);
    pass_days(2);
    EXPECT_TRUE(lapsed().empty());
}

TEST_F(Lapses, NobodyLeavesBecauseTheKeysOfTokensChange) {
    const auto under = [&](std::vector<std::uint16_t> epochs) {
        auto roll = roll_of({});
        for (const std::uint64_t child : {1U, 2U, 3U}) {
            std::vector<wire::Token> tokens;
            for (const auto epoch : epochs) {
                auto one = token(child);
                one.epoch = epoch;
                one.value[31] = static_cast<std::uint8_t>(epoch - 1);
                tokens.push_back(one);
            }
            std::ranges::sort(tokens);
            roll.claims.push_back(area.claim(old_school, "school", tokens, now.wall, roll.serial,
                                             test::id_of<ClaimId>(child)));
        }
        return roll;
    };
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, under({1, 2})).ended, 0U);
    EXPECT_EQ(rows("lapses"), 0U);
    pass_days(3);
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, under({2})).ended, 0U);
    EXPECT_EQ(rows("lapses"), 0U);
    pass_days(10);
    EXPECT_TRUE(lapsed().empty());
}

TEST_F(Lapses, WhomAnotherSchoolTakesOnIsNot) {
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2}));
    pass_days(5);
    claim(school_host, new_school, "school", {token(3)});
    pass_days(8);
    EXPECT_TRUE(lapsed().empty());
}

TEST_F(Lapses, WhoComesBackAndLeavesAgainHasTheWholeTermOnceMore) {
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2}));
    pass_days(5);
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2, 3}));
    pass_days(1);
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2}));
    pass_days(6);
    EXPECT_TRUE(lapsed().empty()) << "by the first time that they left";
    pass_days(5);
    EXPECT_EQ(lapsed().size(), 1U);
}

TEST_F(Lapses, AChildWhoseIdentityAnAdoptionSeveredHasNotLeft) {
    area.change_registry(
        [](area::Registry& registry) {
            auto& care = registry.agencies.at(social_care);
            area::SeatEntry entry;
            entry.role = RoleId("adopt");
            entry.inbox = InboxId("social-care.adopt");
            care.roles.push_back(entry.role);
            care.seats.push_back(std::move(entry));
        },
        now.wall);
    load_documents();
    // One left before it was severed, one is ended by it, and a third leaves for nowhere.
    expect<wire::ClaimsAccepted>(school_host, roll_of({1, 2}));
    pass_days(1);
    const auto sever = [&](std::uint64_t serial) {
        wire::ClaimInvolvement list;
        for (const std::uint64_t child : {2, 3})
            list.claims.push_back(area.claim(seat("social-care", "adopt"), "severed",
                                             {token(child)}, now.wall, serial,
                                             test::id_of<ClaimId>(80 + child)));
        expect<wire::ClaimsAccepted>(care_host, list);
    };
    sever(1);
    EXPECT_EQ(rows("lapses"), 1U) << "of the one who left, until its term";
    expect<wire::ClaimsAccepted>(school_host, roll_of({}));
    pass_days(8);
    sever(2);
    pass_days(5);
    const auto open = lapsed();
    ASSERT_EQ(open.size(), 1U) << "the third";
    EXPECT_EQ(rows("lapses"), 0U);
}

TEST_F(Lapses, AListThatNobodyRenewsHasLostItsChildrenAsWell) {
    pass_days(91);  // the lease of each claim is of ninety days
    EXPECT_EQ(rows("claims"), 0U);
    EXPECT_EQ(rows("lapses"), 3U) << "the term begins when the lease runs out";
    EXPECT_TRUE(lapsed().empty());
    pass_days(11);
    const auto open = lapsed();
    ASSERT_EQ(open.size(), 1U) << "one list, one day";
    EXPECT_EQ(Seat(open[0].task.agency, open[0].task.role), old_school);
    EXPECT_EQ(rows("lapses"), 0U);
}

TEST_F(Lapses, ManyOfOneDayAreOneTaskAndAnotherDayIsAnother) {
    expect<wire::ClaimsAccepted>(school_host, roll_of({1}));
    pass_days(1);
    expect<wire::ClaimsAccepted>(school_host, roll_of({}));
    pass_days(12);
    EXPECT_EQ(lapsed().size(), 2U);
}

TEST_F(Lapses, ARelationThatThePolicyDoesNotNameLeavesNothing) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(5)});
    pass_days(1);
    const auto before = rows("lapses");
    wire::ReplaceRoll nobody;
    nobody.agency = social_care;
    nobody.seat = seat("social-care", "sw");
    nobody.relation = "social_worker";
    nobody.serial = 99;
    EXPECT_EQ(expect<wire::ClaimsAccepted>(care_host, nobody).ended, 1U);
    EXPECT_EQ(rows("lapses"), before);
}

}  // namespace
}  // namespace mash::broker
