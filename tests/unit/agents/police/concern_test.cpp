#include <algorithm>

#include <gtest/gtest.h>

#include "agents/police/formats.hpp"
#include "common/base/check.hpp"

namespace mash::police {
namespace {

class PoliceConcern : public ::testing::Test {
protected:
    PoliceConcern() {
        context.agency = AgencyId("police");
        context.role = RoleId("pol");
        context.now.wall = *wall_time_from_rfc3339("2026-11-21T12:00:00Z");
        context.written_at = *wall_time_from_rfc3339("2026-11-21T09:30:00Z");
        // Past the baselines.
        (void)make_missing_person_csv()->read(missing_header, context, memory);
        (void)make_concern_csv()->read(header, context, memory);
    }
    void report_of(const std::string& person, const std::string& born) {
        (void)make_missing_person_csv()->read(
            missing_header + "70001," + person + ",Ava May,Lark," + born +
                ",2026-11-20 08:30:00,Home Address,\"4 Row, WR5 1AA\"\n",
            context, memory);
    }
    runtime::ReadFile read(const std::string& rows) {
        return make_concern_csv()->read(header + rows, context, memory);
    }
    static std::vector<std::string> types(const runtime::ReadFile& file) {
        std::vector<std::string> out;
        for (const auto& made : file.notifications)
            out.push_back(made.notification.facts.type.value());
        return out;
    }
    static std::vector<std::string> rules(const runtime::ReadFile& file) {
        std::vector<std::string> out;
        for (const auto& fault : file.faults) out.push_back(fault.rule);
        return out;
    }

    static inline const std::string missing_header =
        "reportid,misperid,forenames,surname,dob,missing_since,residence_type,mf_address\n";
    static inline const std::string header =
        "VPD_NOMINALINCIDENTID_PK,VPD_INCIDENTID_FK,VPD_RECORD_START_DATE,VPD_FORENAME,VPD_SURNAME,"
        "VPD_NOMINALSYNOPSIS,VPD_NOMINALSVIEW,VPD_CHILDPROTECTION,misper_misperid,vpd_child_victim,"
        "vpd_child_at_locus,vpd_child_sexual_exploitation__cse_,"
        "vpd_female_genital_mutilation__fgm_,vpd_neglect\n";
    static std::string row(const std::string& number, const std::string& person,
                           const std::string& markers, const std::string& protection = "",
                           const std::string& words = "Seen alone at night") {
        return number + ",9001,21-Nov-2026 08:48:11.000Z[UTC],Ava,Lark," + words + ",Frightened," +
               protection + "," + person + "," + markers + "\n";
    }
    runtime::ReadContext context;
    runtime::SourceMemory memory;
};

using Words = std::vector<std::string>;

TEST_F(PoliceConcern, TheBirthDateIsThatOfTheMissingPersonReport) {
    report_of("7001", "2014-05-06");
    const auto got = read(row("1", "7001", "0,1,0,0,1"));
    ASSERT_EQ(types(got), Words{"safeguarding_referral"});
    const auto& made = got.notifications[0].notification;
    EXPECT_EQ(made.subject.date_of_birth.reveal(), "2014-05-06");
    EXPECT_EQ(made.subject.postcode.reveal(), "WR5 1AA");
    EXPECT_EQ(made.facts.harm, wire::Harm::suspected);
    EXPECT_EQ(made.facts.agreement.status, wire::AgreementStatus::unstated);
    EXPECT_EQ(to_rfc3339(made.facts.occurred_at), "2026-11-21T08:48:11.000Z");
    EXPECT_EQ(made.sections.at("voi").at("words").reveal(), "\"Frightened\"");
    EXPECT_EQ(made.sections.at("rsk").at("factors").reveal(),
              "[\"a child was at the place\",\"neglect\"]");
    EXPECT_EQ(made.event_ref, "vpd-incident/9001");
    EXPECT_TRUE(got.faults.empty());
}

TEST_F(PoliceConcern, WithoutABirthDateARecordThatSpeaksOfAChildGoesUnmatchedAndIsSaid) {
    for (const auto& one : {row("1", "", "1,0,0,0,0"), row("2", "9", "0,0,0,0,0", "True")}) {
        const auto got = read(one);
        EXPECT_EQ(types(got), Words{"safeguarding_referral"});
        EXPECT_EQ(rules(got), Words{"age_unknown"});
        EXPECT_TRUE(got.rejected_records.empty());
        EXPECT_TRUE(got.notifications[0].notification.subject.date_of_birth.reveal().empty());
    }
}

TEST_F(PoliceConcern, ARecordThatMayBeOfAnAdultIsAQuestionAndNeitherSentNorDropped) {
    const auto got = read(row("1", "", "0,1,0,0,0"));
    EXPECT_TRUE(got.notifications.empty());
    EXPECT_EQ(rules(got), Words{"age_unknown"});
    EXPECT_EQ(got.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(got.passed_over, 0U);
}

TEST_F(PoliceConcern, AnAdultIsPassedOverWithoutAFault) {
    report_of("7002", "1990-05-06");
    const auto got = read(row("", "7002", "x,0,0,0,1", "True"));
    EXPECT_TRUE(got.notifications.empty() && got.faults.empty());
    EXPECT_EQ(got.passed_over, 1U);
}

TEST_F(PoliceConcern, TheStrictestMarkerSaysWhatItIs) {
    report_of("7001", "2014-05-06");
    EXPECT_EQ(types(read(row("1", "7001", "1,0,1,0,0"))), Words{"exploitation_concern"});
    const auto got = read(row("2", "7001", "1,0,1,1,0"));
    EXPECT_EQ(types(got), Words{"harmful_practice_concern"});
    EXPECT_EQ(got.notifications[0].notification.facts.kind, "fgm_risk");
}

TEST_F(PoliceConcern, SentAgainItSaysNothingAndCorrectedItReplaces) {
    report_of("7001", "2014-05-06");
    const auto first = read(row("1", "7001", "0,0,0,0,1"));
    EXPECT_TRUE(read(row("1", "7001", "0,0,0,0,1")).notifications.empty());
    const auto next = read(row("1", "7001", "0,0,0,0,1", "", "Other words"));
    ASSERT_EQ(next.notifications.size(), 1U);
    EXPECT_EQ(next.notifications[0].notification.supersedes_ref,
              first.notifications.at(0).notification.source_ref);
}

TEST_F(PoliceConcern, OfTheFirstFileWhatSchoolsHaveBeenOpenSinceIsHistory) {
    runtime::SourceMemory fresh;
    const auto got = make_concern_csv()->read(
        header + row("1", "", "1,0,0,0,0") +
            "2,9001,02-Mar-2025 08:48:11.000Z[UTC],Max,Wren,x,,True,,0,0,0,0,0\n",
        context, fresh);
    EXPECT_TRUE(got.baseline);
    EXPECT_EQ(got.notifications.size(), 1U);
    EXPECT_EQ(got.passed_over, 1U);
}

TEST_F(PoliceConcern, ARowWithoutANumberOrAFileWithoutAColumnIsRefused) {
    EXPECT_EQ(rules(read(row("", "", "1,0,0,0,0"))), Words{"required"});
    const auto got =
        make_concern_csv()->read("VPD_NOMINALINCIDENTID_PK,VPD_FORENAME\n1,Ava\n", context, memory);
    EXPECT_EQ(rules(got), Words{"missing_column"});
}

TEST_F(PoliceConcern, NoReferenceHoldsAName) {
    report_of("7001", "2014-05-06");
    for (const auto& made : read(row("1", "7001", "1,0,0,0,0")).notifications) {
        EXPECT_EQ(made.notification.source_ref, "vpd/1/concern/1");
        EXPECT_EQ(made.notification.event_ref.find("Lark"), std::string::npos);
    }
}

}  // namespace
}  // namespace mash::police
