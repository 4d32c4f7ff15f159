#include "tests/unit/agents/school/reading.hpp"

namespace mash::school::testing {
namespace {

constexpr const char* header =
    "concern_reference,concern_date,forename,surname,date_of_birth,upn,postcode,concern,"
    "child_words,level,harm,purpose,agreement\n";

class SchoolConcern : public Reading {};

TEST_F(SchoolConcern, OneRowIsOneConcernWithWhatTheSchoolStates) {
    const auto got = read(std::string(header) +
                          "C1,12/01/2027,Ava,Lark,2014-05-06,,WR5 1AA,\"Bruises, and silence\","
                          "He hurts me,4,suspected,inform_function,not_sought\n");
    ASSERT_EQ(got.notifications.size(), 1U);
    const auto& made = got.notifications[0].notification;
    EXPECT_EQ(made.facts.type, TypeId("safeguarding_referral"));
    EXPECT_EQ(made.facts.harm, wire::Harm::suspected);
    EXPECT_EQ(made.facts.level, wire::Level::four);
    EXPECT_EQ(made.facts.agreement.status, wire::AgreementStatus::not_sought);
    EXPECT_EQ(made.sections.at("nar").at("worries").reveal(), "\"Bruises, and silence\"");
    EXPECT_EQ(made.sections.at("voi").at("words").reveal(), "\"He hurts me\"");
    EXPECT_EQ(made.source_ref, "school-concern/C1/1");
    EXPECT_TRUE(got.faults.empty());
}

TEST_F(SchoolConcern, SentAgainItSaysNothingAndCorrectedItReplaces) {
    const auto row = [](const std::string& words) {
        return std::string(header) + "C1,2027-01-12,Ava,Lark,2014-05-06,,," + words + ",,,,,\n";
    };
    EXPECT_EQ(read(row("one")).notifications.size(), 1U);
    EXPECT_TRUE(read(row("one")).notifications.empty());
    const auto next = read(row("two"));
    ASSERT_EQ(next.notifications.size(), 1U);
    EXPECT_EQ(next.notifications[0].notification.supersedes_ref, "school-concern/C1/1");
}

TEST_F(SchoolConcern, NoUnknownWordAndNoMissingIdentityHoldsAConcernBack) {
    const auto got = read(std::string(header) + "C1,,,,,,,Words,,9,terrible,,\n");
    EXPECT_EQ(got.notifications.size(), 1U);
    EXPECT_EQ(rules(got), (Words{"required", "not_linkable", "unknown_word", "unknown_word"}));
    EXPECT_TRUE(got.rejected_records.empty());
}

TEST_F(SchoolConcern, ARowWithoutReferenceOrWordsIsSentBackAndAnAdultPassedOver) {
    const auto got = read(std::string(header) + ",2027-01-12,Ava,Lark,2014-05-06,,,Words,,,,,\n" +
                          "C2,2027-01-12,Ava,Lark,2014-05-06,,,,,,,,\n" +
                          "C3,2027-01-12,Ann,Old,1990-05-06,,,Words,,,,,\n");
    EXPECT_EQ(got.rejected_records, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(got.passed_over, 1U);
    EXPECT_TRUE(got.notifications.empty());
}

TEST_F(SchoolConcern, TheTemplateIsOfThisFormat) {
    const auto text = test::content_of(test::source_dir() / "agents/school/concern_template.csv");
    const auto got = read(text);
    EXPECT_EQ(got.format, "concern-csv");
    EXPECT_EQ(got.records, 0U);
    EXPECT_TRUE(got.faults.empty());
}

}  // namespace
}  // namespace mash::school::testing
