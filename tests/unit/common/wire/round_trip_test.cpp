#include <gtest/gtest.h>

#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

using test::Sample;

constexpr std::uint64_t seeds = 300;

TEST(RoundTrip, EveryAgentFrameKeepsEveryField) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto frames = Sample(seed).agent_frames();
        ASSERT_EQ(frames.size(), std::variant_size_v<AgentBody>);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const auto& [name, frame] = frames[i];
            ASSERT_EQ(frame.body.index(), i) << "the samples cover the variant in order";
            const auto again = decode_agent_frame(encode(frame));
            ASSERT_TRUE(again) << name << " seed " << seed << ": " << name_of(again.error());
            EXPECT_EQ(again->request, frame.request) << name << " seed " << seed;
            EXPECT_TRUE(again->body == frame.body) << name << " seed " << seed;
        }
    }
}

TEST(RoundTrip, EveryBrokerFrameKeepsEveryField) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto frames = Sample(seed).broker_frames();
        ASSERT_EQ(frames.size(), std::variant_size_v<BrokerBody>);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const auto& [name, frame] = frames[i];
            ASSERT_EQ(frame.body.index(), i) << "the samples cover the variant in order";
            const auto again = decode_broker_frame(encode(frame));
            ASSERT_TRUE(again) << name << " seed " << seed << ": " << name_of(again.error());
            EXPECT_EQ(again->request, frame.request) << name << " seed " << seed;
            EXPECT_TRUE(again->body == frame.body) << name << " seed " << seed;
        }
    }
}

TEST(RoundTrip, EveryBodyKeepsEveryFieldAndHasOneEncoding) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        Sample sample(seed);
        test::for_each_body([&]<class Body>(const char* name) {
            const Body body = sample.make<Body>();
            const Bytes bytes = encode_body(body);
            EXPECT_EQ(bytes, encode_body(Body(body))) << name;
            const auto again = decode_body<Body>(bytes);
            ASSERT_TRUE(again) << name << " seed " << seed << ": " << name_of(again.error());
            EXPECT_TRUE(*again == body) << name << " seed " << seed;
        });
    }
}

TEST(RoundTrip, AnUnaskedFrameHasRequestZero) {
    const auto again = decode_broker_frame(encode(BrokerFrame{0, Done{}}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->request, 0U);
}

TEST(RoundTrip, AnAnswerOfTheBrokerNamesItsCommitInAlwaysAsManyBytes) {
    const auto bytes = encode(BrokerFrame{1, Done{}, 1});
    for (const std::uint64_t serial :
         {std::uint64_t{1}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
        const auto one = encode(BrokerFrame{1, Done{}, serial});
        const auto again = decode_broker_frame(one);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->commit_serial, serial);
        EXPECT_EQ(one.size(), bytes.size()) << "its size says nothing of how much was committed";
    }
    EXPECT_EQ(decode_broker_frame(encode(BrokerFrame{1, Done{}}))->commit_serial, 0U)
        << "a broker that does not say";
    // The same number as a varint is no number of ours.
    const Bytes otherwise{0x08, 0x01, 0x10, 0x05, 0xBA, 0x01, 0x00};
    EXPECT_EQ(decode_broker_frame(otherwise)->commit_serial, 0U);
}

// The structs' own comments: these may be absent.
TEST(RoundTrip, FieldsThatMayBeAbsentMayBeAbsent) {
    Sample sample(1);
    RequestPlan plan = sample.make<RequestPlan>();
    plan.facts.kind.clear();
    plan.facts.tokens.clear();
    plan.facts.event = {};
    plan.facts.thread = {};
    plan.facts.supersedes = {};
    plan.facts.level = Level::unstated;
    plan.facts.harm = Harm::unstated;
    plan.facts.purpose = Purpose::unstated;
    plan.facts.rag = Rag::unstated;
    plan.facts.risk_grade.clear();
    plan.facts.agreement = {};
    plan.facts.markers.clear();
    plan.facts.detriment.clear();
    plan.facts.conflicts_stated.clear();
    plan.facts.views_on_offer.clear();
    plan.facts.thread_seats.clear();
    plan.authorisations.clear();
    const auto again = decode_agent_frame(encode(AgentFrame{1, plan}));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(std::get<RequestPlan>(again->body) == plan);
}

TEST(RoundTrip, APlanMaySayThatNobodyIsTold) {
    DisclosurePlan plan = Sample(2).make<DisclosurePlan>();
    plan.decision = {};
    const auto again = decode_broker_frame(encode(BrokerFrame{1, plan}));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(std::get<DisclosurePlan>(again->body) == plan);
}

TEST(RoundTrip, TheBrokersOwnReceiptsNameNoAgency) {
    ReceiptsBody body = Sample(3).make<ReceiptsBody>();
    body.from = {};
    const auto again = decode_body<ReceiptsBody>(encode_body(body));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(again->from.empty());
}

// Not among the samples, whose vectors it would all change.
TEST(RoundTrip, AConfirmationThatAWithdrawnAgreementIsUsedNoMoreIsARung) {
    auto body = Sample(27).make<ReceiptsBody>();
    body.entries.resize(1);
    body.entries.front().rung = Rung::agreement_stopped;
    const auto again = decode_body<ReceiptsBody>(encode_body(body));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_EQ(*again, body);
    body.entries.front().rung = Rung{27};
    EXPECT_FALSE(decode_body<ReceiptsBody>(encode_body(body)));
}

// A standby that was recalled before anything came confirms without a delivery (proto/README.md).
TEST(RoundTrip, AReceiptMaySpeakOfNoDelivery) {
    Receipts receipts = Sample(4).make<Receipts>();
    receipts.deliveries = {DeliveryId(), receipts.deliveries[0], DeliveryId()};
    receipts.inboxes = {InboxId(), InboxId("n1"), InboxId()};
    const auto again = decode_agent_frame(encode(AgentFrame{1, receipts}));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(std::get<Receipts>(again->body) == receipts);
}

// Given back to the sender it speaks of no inbox of its own (proto/README.md).
TEST(RoundTrip, ARecallNoticeToTheSenderNamesNeitherInboxNorSeat) {
    RecallNotice notice = Sample(5).make<RecallNotice>();
    notice.delivery = {};
    notice.inbox = {};
    notice.seat = {};
    const auto again = decode_broker_frame(encode(BrokerFrame{0, notice}));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(std::get<RecallNotice>(again->body) == notice);
    notice.inbox = InboxId("n1");
    EXPECT_FALSE(decode_broker_frame(encode(BrokerFrame{0, notice}))) << "an inbox has a seat";
}

}  // namespace
}  // namespace mash::wire
