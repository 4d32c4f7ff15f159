// The codec against the .proto files as protobuf itself reads them. The one test that sees the
// generated classes.
#include <set>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "mash/v1/session.pb.h"
#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

using test::Sample;

template <class ProtoEnum, class Enum>
constexpr bool same(ProtoEnum proto, Enum ours) {
    return static_cast<int>(proto) == static_cast<int>(ours);
}
static_assert(same(v1::LEVEL_UNKNOWN, Level::unknown) && same(v1::LEVEL_FOUR, Level::four));
static_assert(same(v1::HARM_NONE, Harm::none) &&
              same(v1::HARM_LIKELY_OR_ACTUAL, Harm::likely_or_actual));
static_assert(same(v1::PURPOSE_REQUEST_SERVICE, Purpose::request_service));
static_assert(same(v1::AGREEMENT_STATUS_GIVEN, AgreementStatus::given) &&
              same(v1::AGREEMENT_STATUS_NOT_REQUIRED, AgreementStatus::not_required));
static_assert(same(v1::NOT_SOUGHT_REASON_RISK_TO_CHILD, NotSoughtReason::risk_to_child) &&
              same(v1::NOT_SOUGHT_REASON_UNKNOWN, NotSoughtReason::unknown));
static_assert(same(v1::GIVER_PARENT_PR, Giver::parent_pr) &&
              same(v1::GIVER_UNKNOWN, Giver::unknown));
static_assert(same(v1::URGENCY_U1, Urgency::u1) && same(v1::URGENCY_U5, Urgency::u5));
static_assert(same(v1::LANE_IMMEDIATE, Lane::immediate) && same(v1::LANE_BULK, Lane::bulk));
static_assert(same(v1::RAG_RED, Rag::red) && same(v1::RAG_BLUE, Rag::blue));
static_assert(same(v1::STANDBY_CAUSE_ALTERNATE, StandbyCause::alternate) &&
              same(v1::STANDBY_CAUSE_OUT_OF_HOURS, StandbyCause::out_of_hours));
static_assert(same(v1::RUNG_ACCEPTED, Rung::accepted) && same(v1::RUNG_STORED, Rung::stored) &&
              same(v1::RUNG_OPENED, Rung::opened) &&
              same(v1::RUNG_HANDED_OVER, Rung::handed_over) && same(v1::RUNG_TAKEN, Rung::taken) &&
              same(v1::RUNG_DECIDED, Rung::decided) && same(v1::RUNG_REFUSED, Rung::refused) &&
              same(v1::RUNG_UNDECRYPTABLE, Rung::undecryptable) &&
              same(v1::RUNG_NOT_CONNECTED, Rung::not_connected) &&
              same(v1::RUNG_EXPIRED, Rung::expired) && same(v1::RUNG_RECALLED, Rung::recalled) &&
              same(v1::RUNG_AGREEMENT_STOPPED, Rung::agreement_stopped));
static_assert(same(v1::TOKEN_KIND_NHS_DOB, TokenKind::nhs_dob) &&
              same(v1::TOKEN_KIND_NHS_SURNAME, TokenKind::nhs_surname) &&
              same(v1::TOKEN_KIND_UPN_DOB, TokenKind::upn_dob) &&
              same(v1::TOKEN_KIND_NAME_DOB_POSTCODE, TokenKind::name_dob_postcode) &&
              same(v1::TOKEN_KIND_NAME_DOB_SCHOOL, TokenKind::name_dob_school) &&
              same(v1::TOKEN_KIND_NAME_DOB, TokenKind::name_dob) &&
              same(v1::TOKEN_KIND_UNBORN, TokenKind::unborn) &&
              same(v1::TOKEN_KIND_NAME_POSTCODE, TokenKind::name_postcode) &&
              same(v1::TOKEN_KIND_DOB_POSTCODE, TokenKind::dob_postcode));
static_assert(same(v1::IDENTITY_OUTCOME_SAME, IdentityOutcome::same) &&
              same(v1::IDENTITY_OUTCOME_DIFFERENT, IdentityOutcome::different) &&
              same(v1::IDENTITY_OUTCOME_CANNOT_TELL, IdentityOutcome::cannot_tell) &&
              same(v1::IDENTITY_OUTCOME_TAKEN_BACK, IdentityOutcome::taken_back));
static_assert(same(v1::LINKED_RELATION_SIBLING, LinkedRelation::sibling) &&
              same(v1::LINKED_RELATION_OTHER_CHILD, LinkedRelation::other_child) &&
              same(v1::LINKED_RELATION_MOTHER, LinkedRelation::mother) &&
              same(v1::LINKED_RELATION_FATHER, LinkedRelation::father) &&
              same(v1::LINKED_RELATION_CARER, LinkedRelation::carer) &&
              same(v1::LINKED_RELATION_HOUSEHOLD_ADULT, LinkedRelation::household_adult) &&
              same(v1::LINKED_RELATION_PERSON_OF_CONCERN, LinkedRelation::person_of_concern));
static_assert(same(v1::TASK_KIND_HELD, TaskKind::held) &&
              same(v1::TASK_KIND_NOT_CONNECTED, TaskKind::not_connected) &&
              same(v1::TASK_KIND_PASS_ON, TaskKind::pass_on) &&
              same(v1::TASK_KIND_BOTH_CONFLICTED, TaskKind::both_conflicted) &&
              same(v1::TASK_KIND_NOT_SENT, TaskKind::not_sent) &&
              same(v1::TASK_KIND_REVIEW, TaskKind::review) &&
              same(v1::TASK_KIND_POSSIBLE_MATCH, TaskKind::possible_match) &&
              same(v1::TASK_KIND_LAPSED, TaskKind::lapsed) &&
              same(v1::TASK_KIND_SEVERED, TaskKind::severed) &&
              same(v1::TASK_KIND_UNKNOWN_PERSON, TaskKind::unknown_person));
static_assert(same(v1::TASK_OUTCOME_TOLD_BY_OTHER_MEANS, TaskOutcome::told_by_other_means) &&
              same(v1::TASK_OUTCOME_AUTHORISED, TaskOutcome::authorised) &&
              same(v1::TASK_OUTCOME_REFUSED, TaskOutcome::refused) &&
              same(v1::TASK_OUTCOME_DONE, TaskOutcome::done));
static_assert(same(v1::DOCUMENT_KIND_DELEGATION, DocumentKind::delegation) &&
              same(v1::DOCUMENT_KIND_REGISTRY, DocumentKind::registry) &&
              same(v1::DOCUMENT_KIND_POLICY, DocumentKind::policy) &&
              same(v1::DOCUMENT_KIND_CATALOGUE, DocumentKind::catalogue) &&
              same(v1::DOCUMENT_KIND_FRESHNESS, DocumentKind::freshness));

/// Every number that the .proto names is a code with its own word, and no other number passes.
TEST(Contract, ErrorCodesAreTheSameOnTheWireAndInTheProgram) {
    Sample sample(31);
    ErrorFrame error = sample.make<ErrorFrame>();
    std::set<std::string_view> words;
    for (int number = 1; number < 1'000; ++number) {
        error.code = static_cast<ErrorCode>(number);
        const bool passes = decode_broker_frame(encode(BrokerFrame{1, error})).has_value();
        EXPECT_EQ(passes, v1::ErrorCode_IsValid(number)) << number;
        if (!passes) continue;
        std::string word = v1::ErrorCode_Name(static_cast<v1::ErrorCode>(number));
        for (auto& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        EXPECT_EQ(word, "error_code_" + std::string(name_of(error.code)));
        words.insert(name_of(error.code));
    }
    EXPECT_GT(words.size(), 30U);
}

template <class Frame>
Frame as_protobuf(const Bytes& bytes) {
    Frame frame;
    EXPECT_TRUE(frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return frame;
}

TEST(Contract, ProtobufReadsOurFramesAndWritesTheSameBytes) {
    using Case = v1::AgentFrame::BodyCase;
    const Case agent_cases[] = {v1::AgentFrame::kHello,
                                v1::AgentFrame::kFetchSigned,
                                v1::AgentFrame::kPublishInboxKey,
                                v1::AgentFrame::kRequestPlan,
                                v1::AgentFrame::kPublish,
                                v1::AgentFrame::kCredit,
                                v1::AgentFrame::kReceipts,
                                v1::AgentFrame::kReceiptsAck,
                                v1::AgentFrame::kClaimInvolvement,
                                v1::AgentFrame::kEndInvolvement,
                                v1::AgentFrame::kReplaceRoll,
                                v1::AgentFrame::kAuthorisation,
                                v1::AgentFrame::kTaskAnswer,
                                v1::AgentFrame::kDeclareConflict,
                                v1::AgentFrame::kEndConflict,
                                v1::AgentFrame::kRecall,
                                v1::AgentFrame::kSupplement,
                                v1::AgentFrame::kRecordAgreement,
                                v1::AgentFrame::kWithdrawAgreement,
                                v1::AgentFrame::kEvaluateTokens,
                                v1::AgentFrame::kLookAtIdentity,
                                v1::AgentFrame::kShowIdentity,
                                v1::AgentFrame::kAnswerIdentity,
                                v1::AgentFrame::kIdentityHeard,
                                v1::AgentFrame::kInvolvementAnswer,
                                v1::AgentFrame::kDeciderWords,
                                v1::AgentFrame::kWordsHeard};
    const auto agent = Sample(32).agent_frames();
    ASSERT_EQ(agent.size(), std::size(agent_cases) + 1) << "and NotServed, which is no message";
    for (std::size_t i = 0; i < std::size(agent_cases); ++i) {
        const Bytes bytes = encode(agent[i].frame);
        const auto frame = as_protobuf<v1::AgentFrame>(bytes);
        EXPECT_EQ(frame.body_case(), agent_cases[i]) << agent[i].name;
        EXPECT_EQ(frame.request(), agent[i].frame.request);
        EXPECT_EQ(frame.SerializeAsString(), text_of(bytes)) << agent[i].name;
    }
    using BrokerCase = v1::BrokerFrame::BodyCase;
    const BrokerCase broker_cases[] = {v1::BrokerFrame::kWelcome,
                                       v1::BrokerFrame::kSignedDocuments,
                                       v1::BrokerFrame::kDocumentsChanged,
                                       v1::BrokerFrame::kDisclosurePlan,
                                       v1::BrokerFrame::kAccepted,
                                       v1::BrokerFrame::kDelivery,
                                       v1::BrokerFrame::kReceipts,
                                       v1::BrokerFrame::kReceiptsAck,
                                       v1::BrokerFrame::kClaimsAccepted,
                                       v1::BrokerFrame::kTaskNotice,
                                       v1::BrokerFrame::kTaskClosed,
                                       v1::BrokerFrame::kAuthorisation,
                                       v1::BrokerFrame::kRecallNotice,
                                       v1::BrokerFrame::kDone,
                                       v1::BrokerFrame::kError,
                                       v1::BrokerFrame::kWithdrawalNotice,
                                       v1::BrokerFrame::kAgreementHeld,
                                       v1::BrokerFrame::kEvaluatedTokens,
                                       v1::BrokerFrame::kLookAtIdentity,
                                       v1::BrokerFrame::kShowIdentity,
                                       v1::BrokerFrame::kAnswerIdentity,
                                       v1::BrokerFrame::kIdentityReached,
                                       v1::BrokerFrame::kInvolvementQuestion,
                                       v1::BrokerFrame::kInvolvementAnswer,
                                       v1::BrokerFrame::kDeciderWords};
    const auto broker = Sample(33).broker_frames();
    ASSERT_EQ(broker.size(), std::size(broker_cases));
    for (std::size_t i = 0; i < broker.size(); ++i) {
        const Bytes bytes = encode(broker[i].frame);
        const auto frame = as_protobuf<v1::BrokerFrame>(bytes);
        EXPECT_EQ(frame.body_case(), broker_cases[i]) << broker[i].name;
        EXPECT_EQ(frame.SerializeAsString(), text_of(bytes)) << broker[i].name;
    }
    const Bytes bytes = encode(BrokerFrame{7, Done{}, 0x0102030405060708});
    const auto frame = as_protobuf<v1::BrokerFrame>(bytes);
    EXPECT_EQ(frame.commit_serial(), 0x0102030405060708U);
    EXPECT_EQ(frame.SerializeAsString(), text_of(bytes));
}

Bytes bytes_of(const google::protobuf::MessageLite& message) {
    Bytes out(message.ByteSizeLong());
    EXPECT_TRUE(message.SerializeToArray(out.data(), static_cast<int>(out.size())));
    return out;
}

void expect_not_served(const v1::AgentFrame& sent) {
    const auto frame = decode_agent_frame(bytes_of(sent));
    ASSERT_TRUE(frame) << sent.body_case();
    EXPECT_EQ(frame->request, sent.request());
    const auto* body = std::get_if<NotServed>(&frame->body);
    ASSERT_NE(body, nullptr) << sent.body_case();
    EXPECT_EQ(body->field, static_cast<std::uint32_t>(sent.body_case()));
}

TEST(Contract, MessagesThatThisReleaseDoesNotServeAreKnownByTheirNumber) {
    v1::AgentFrame frame;
    frame.set_request(9);
    frame.mutable_request_information();
    expect_not_served(frame);
    frame.mutable_respond();
    expect_not_served(frame);
    frame.mutable_reconcile()->set_inbox("hub.ffd");
    expect_not_served(frame);
    frame.mutable_chunk()->set_parts(2);
    expect_not_served(frame);
}

TEST(Contract, ABodyFromALaterVersionIsNotServedAtTheBrokerAndIgnoredAtTheAgent) {
    const Bytes later{0x08, 0x05, 0xFA, 0x3F, 0x00};  // request 5; field 1023, empty
    const auto at_broker = decode_agent_frame(later);
    ASSERT_TRUE(at_broker);
    EXPECT_EQ(at_broker->request, 5U);
    EXPECT_EQ(std::get<NotServed>(at_broker->body).field, 1023U);
    const auto at_agent = decode_broker_frame(later);
    ASSERT_FALSE(at_agent);
    EXPECT_EQ(at_agent.error(), ErrorCode::not_available);
}

/// Field 1023, one byte "x".
const std::string unknown_field("\xFA\x3F\x01x");

TEST(Contract, AFrameMayGrowFields) {
    Sample sample(34);
    const Hello hello = sample.make<Hello>();
    auto frame = as_protobuf<v1::AgentFrame>(encode(AgentFrame{3, hello}));
    ASSERT_TRUE(frame.mutable_hello()->MergeFromString(unknown_field));
    ASSERT_TRUE(frame.MergeFromString("\x48\x01"));  // field 9, the frame's own
    const auto again = decode_agent_frame(bytes_of(frame));
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_TRUE(std::get<Hello>(again->body) == hello);
}

TEST(Contract, ABodyMayNot) {
    Sample sample(35);
    v1::InvolvementClaim claim;
    const Bytes bytes = encode_body(sample.make<InvolvementClaim>());
    ASSERT_TRUE(claim.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    ASSERT_TRUE(claim.mutable_seat()->MergeFromString(unknown_field));
    const auto grown = decode_body<InvolvementClaim>(bytes_of(claim));
    ASSERT_FALSE(grown) << "what we do not understand, we do not believe to be signed for us";
    EXPECT_EQ(grown.error(), ErrorCode::unsupported_version);

    // The plan's decision and the facts a sender states are such bodies, inside their frames too.
    auto frame = as_protobuf<v1::AgentFrame>(encode(AgentFrame{3, sample.make<RequestPlan>()}));
    frame.mutable_request_plan()->mutable_facts()->append(unknown_field);
    const auto plan = decode_agent_frame(bytes_of(frame));
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error(), ErrorCode::unsupported_version);
}

TEST(Contract, ABodyInAnotherOrderOfFieldsIsRefused) {
    const Bytes bytes = encode_body(Sample(36).make<AcceptedBody>());
    // id is 18 bytes: tag, length, 16.
    Bytes turned(bytes.begin() + 18, bytes.end());
    turned.insert(turned.end(), bytes.begin(), bytes.begin() + 18);
    const auto body = decode_body<AcceptedBody>(turned);
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error(), ErrorCode::malformed);
}

}  // namespace
}  // namespace mash::wire
