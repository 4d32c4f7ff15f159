// The roll or caseload CSV of our own.
#include <gtest/gtest.h>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::runtime {
namespace {

const std::string header = "role,relation,surname,date_of_birth,forename,upn,former_upn,local_id\n";

ReadFile read(const std::string& text) {
    ReadContext context;
    context.agency = AgencyId("orchard-gate");
    context.school_urn = "999102";
    SourceMemory memory;
    return make_roll_csv_format()->read(text, context, memory);
}

std::vector<std::string> rules(const ReadFile& file) {
    std::vector<std::string> out;
    for (const auto& fault : file.faults) out.push_back(fault.rule);
    return out;
}
using Words = std::vector<std::string>;

TEST(RollCsv, IsOneListForEachRoleAndRelation) {
    const auto file = read(header +
                           "sch,school,Lark,2018-03-02,Ava,H243278544154,H801200001001,1\n"
                           "hv,health_visitor,Wren,2018-03-03,Max,,,2\n");
    ASSERT_EQ(file.rolls.size(), 2U);
    EXPECT_EQ(file.rolls[0].relation, "school");
    EXPECT_FALSE(file.rolls[0].partial);
    ASSERT_EQ(file.rolls[0].entries.size(), 1U);
    const auto& ava = file.rolls[0].entries[0];
    EXPECT_EQ(ava.source_ref, "1");
    ASSERT_EQ(ava.subject.former_upns.size(), 1U);
    EXPECT_EQ(ava.subject.former_upns[0].reveal(), "H801200001001");
    EXPECT_TRUE(file.faults.empty());
}

TEST(RollCsv, ANumberThatFailsItsCheckIsNotedAndTheRowIsUsed) {
    const auto file =
        read(header + "sch,school,Lark,2018-03-02,Ava,X243278544154,R247962919251,1\n");
    EXPECT_EQ(rules(file), (Words{"check_failed", "check_failed"}));
    EXPECT_EQ(file.rolls.size(), 1U);
}

TEST(RollCsv, ARowThatIsLostMakesItsListPartialSoThatNobodyIsTakenOff) {
    const auto file = read(header +
                           "sch,school,Lark,2018-03-02,Ava,,,1\nsch,school,Wren,,,,,2\n"
                           ",school,Wren,2018-03-03,Max,,,3\n");
    EXPECT_EQ(rules(file), (Words{"not_linkable", "required"}));
    ASSERT_EQ(file.rolls.size(), 1U);
    EXPECT_TRUE(file.rolls[0].partial);
}

TEST(RollCsv, WithoutANeededColumnOrItsEndNothingOfItIsUsed) {
    const auto columns = read("role,relation,surname\nsch,school,Lark\n");
    EXPECT_EQ(rules(columns), Words{"missing_column"});
    const auto cut = read(header + "sch,school,Lark,2018-03-02,Ava,,,1\nsch,school,\"Wren");
    EXPECT_EQ(rules(cut), Words{"cut_off"});
    EXPECT_TRUE(cut.rolls.empty()) << "the rest of the list would be taken off";
}

TEST(RollCsv, TheRowThatItsPageWorksIsOneChildKnownByThreeIdentities) {
    ReadContext context;
    context.agency = AgencyId("trust");
    SourceMemory memory;
    const auto file = make_roll_csv_format()->read(
        "role,relation,local_id,nhs_number,forename,surname,date_of_birth,postcode\n"
        "hv,health_visitor,HV-1,999 000 0018,Juno,Testcase,05/04/2013,wr51aa\n",
        context, memory);
    EXPECT_TRUE(file.faults.empty());
    ASSERT_EQ(file.rolls.size(), 1U);
    EXPECT_EQ(file.rolls[0].relation, "health_visitor");
    EXPECT_EQ(file.rolls[0].seat, (Seat{AgencyId("trust"), RoleId("hv")}));
    const auto& child = file.rolls[0].entries.at(0);
    EXPECT_EQ(child.source_ref, "HV-1");
    EXPECT_EQ(child.subject.date_of_birth.reveal(), "2013-04-05");
    EXPECT_EQ(canonical_identities(child.subject, TokenUse::caseload).size(), 3U);
}

TEST(RollCsv, ComesBackWholeBecauseAMendedRowAloneWouldBeTheWholeList) {
    const std::string text = header + "sch,school,Lark,2018-03-02,Ava,,,1\nsch,school,Wren,,,,,2\n";
    std::string out;
    const std::vector<std::uint64_t> records{2};
    const auto selector =
        make_roll_csv_format()->select(records, [&](std::string_view piece) { out += piece; });
    selector->feed(text);
    selector->finish();
    EXPECT_EQ(out, text);
}

}  // namespace
}  // namespace mash::runtime
