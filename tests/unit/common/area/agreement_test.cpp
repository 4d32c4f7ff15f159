#include "common/area/agreement.hpp"

#include <gmock/gmock.h>

namespace mash::area {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Status = wire::AgreementStatus;

const WallTime monday = WallTime::from_unix_ms(1'800'000'000'000);

wire::AgreementBody record(Status status = Status::given) {
    wire::AgreementBody body;
    body.agreement.status = status;
    body.agreement.giver = wire::Giver::parent_pr;
    body.agreement.other_holder_objects = true;
    body.agreement.named_agencies = {AgencyId("hub")};
    body.recorded_at = monday;
    return body;
}

TEST(Agreement, StandsUntilItIsWithdrawnOrHasRunOut) {
    auto body = record();
    EXPECT_EQ(effective_agreement(body, monday), body.agreement);
    body.expires_at = monday + std::chrono::hours(1);
    EXPECT_EQ(effective_agreement(body, body.expires_at - std::chrono::milliseconds(1)).status,
              Status::given);
    EXPECT_EQ(effective_agreement(body, body.expires_at).status, Status::not_sought);
    EXPECT_EQ(effective_agreement(body, {}).status, Status::given)
        << "whether it has run out was not asked";
    body.withdrawn_at = monday;
    EXPECT_EQ(effective_agreement(body, body.expires_at).status, Status::withdrawn);
}

TEST(Agreement, OnceWithdrawnLeavesNothingToDifferAbout) {
    // A permission to share although the other parent objects must not outlive the yes it was for.
    auto body = record();
    body.withdrawn_at = monday;
    EXPECT_FALSE(effective_agreement(body, monday).other_holder_objects);
}

TEST(Agreement, ARefusalIsNotWithdrawnAndDoesNotRunOut) {
    auto body = record(Status::refused);
    body.expires_at = monday;
    body.withdrawn_at = monday;
    EXPECT_EQ(effective_agreement(body, monday), body.agreement);
}

TEST(Agreement, OnlyAYesMustBeOnRecordWordForWord) {
    auto body = record();
    body.withdrawn_at = monday;
    auto stated = record().agreement;
    EXPECT_FALSE(bears_out(body, stated, monday));
    for (const auto less : {Status::withdrawn, Status::refused, Status::not_sought}) {
        stated.status = less;
        EXPECT_TRUE(bears_out(body, stated, monday));
    }
    auto wider = record().agreement;
    wider.named_agencies.emplace_back("social-care");
    EXPECT_FALSE(bears_out(record(), wider, monday));
    EXPECT_TRUE(bears_out(record(), record().agreement, monday));
}

wire::Decision decision() {
    wire::Decision out;
    for (const auto* rule : {"E-15", "E-14", "E-13", "E-10", "E-09", "E-08", "E-04", "E-23"}) {
        wire::Recipient recipient;
        recipient.rule = rule;
        std::string role(rule);
        recipient.seat = {AgencyId("hub"), RoleId("r" + role.substr(2))};
        out.recipients.push_back(recipient);
    }
    return out;
}

TEST(Agreement, WhoseRuleAsksForNoneDoesNotRelyOnIt) {
    EXPECT_THAT(
        relying_on_agreement(decision(), record().agreement),
        ElementsAre(Seat{AgencyId("hub"), RoleId("r13")}, Seat{AgencyId("hub"), RoleId("r14")},
                    Seat{AgencyId("hub"), RoleId("r15")}));
}

TEST(Agreement, WithoutAYesNobodyReliesOnIt) {
    EXPECT_THAT(relying_on_agreement(decision(), record(Status::refused).agreement), IsEmpty());
}

TEST(Agreement, AReferralIsTheThreadOrTheNotificationAlone) {
    const NotificationId id(std::array<std::uint8_t, 16>{1});
    const ThreadId thread(std::array<std::uint8_t, 16>{2});
    EXPECT_EQ(referral_of(thread, id), thread);
    EXPECT_EQ(referral_of({}, id), ThreadId(id.value()));
}

}  // namespace
}  // namespace mash::area
