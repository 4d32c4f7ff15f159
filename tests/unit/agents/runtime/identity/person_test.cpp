#include "agents/runtime/identity/person.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

Identity identity_of(const PersonRecord& record) { return normalised(record).reveal(); }

bool has(const Identity& identity, Flag flag) {
    return std::ranges::find(identity.flags, flag) != identity.flags.end();
}

TEST(Person, LegalPreferredFormerAndAliasNamesAreAllKept) {
    auto record = person("Katherine Anne", "Example-Test");
    record.aliases.emplace_back(PersonalText("Katie"), PersonalText());
    record.aliases.emplace_back(PersonalText(), PersonalText("Former"));
    record.aliases.emplace_back(PersonalText("K\xC3\xA4the"), PersonalText("Other"));
    record.aliases.emplace_back(PersonalText("KATHERINE ANNE"), PersonalText("Example Test"));
    const auto identity = identity_of(record);
    ASSERT_EQ(identity.names.size(), 4U) << "the last is the first in capitals";
    EXPECT_EQ(identity.names[0].forename.first, "KATHERINE");
    EXPECT_EQ(identity.names[1].forename.first, "KATIE");
    EXPECT_EQ(identity.names[1].surname.whole, "EXAMPLETEST");
    EXPECT_EQ(identity.names[2].forename.first, "KATHERINE");
    EXPECT_EQ(identity.names[2].surname.whole, "FORMER");
    EXPECT_EQ(identity.names[3].forename.first, "KATHE");
}

TEST(Person, AFormerUpnIsAnAliasAndAWrongLetterOnlyAFlag) {
    auto record = with_upn(person("Mia", "Dunmore"), "H801200001001");
    record.former_upns = {PersonalText("U885999926001"), PersonalText("R247962919251"),
                          PersonalText("G88599992601B")};
    const auto identity = identity_of(record);
    EXPECT_EQ(identity.upns, (std::vector<std::string>{"H801200001001", "U885999926001"}));
    EXPECT_EQ(identity.weak_upns, (std::vector<std::string>{"G88599992601B", "R247962919251"}));
    EXPECT_TRUE(has(identity, Flag::upn_unverified));
    EXPECT_TRUE(has(identity, Flag::upn_temporary));
}

TEST(Person, APlaceholderNumberIsNoNumber) {
    const auto identity = identity_of(with_nhs(person("Mia", "Dunmore"), "9999999999"));
    EXPECT_TRUE(identity.nhs_numbers.empty());
    EXPECT_TRUE(has(identity, Flag::nhs_number_unverified));
}

TEST(Person, PostcodesThatCannotBeAreKeptAndPseudoOnesAreNoAddress) {
    EXPECT_EQ(identity_of(person("A", "B", "", "qq11aa")).postcode, "QQ1 1AA");
    EXPECT_TRUE(has(identity_of(person("A", "B", "", "qq11aa")), Flag::postcode_impossible));
    EXPECT_EQ(identity_of(person("A", "B", "", "ZZ99 3VZ")).postcode, "");
    EXPECT_TRUE(has(identity_of(person("A", "B", "", "ZZ99 3VZ")), Flag::no_fixed_address));
    EXPECT_TRUE(has(identity_of(person("A", "B", "", "4011")), Flag::postcode_malformed));
    EXPECT_EQ(normalised(person("A", "B", "", "40 11"), Postcodes::any_country).reveal().postcode,
              "4011");
}

TEST(Person, APartialDateIsKeptAndFlagged) {
    const auto identity = identity_of(person("Mia", "Dunmore", "2014-03"));
    ASSERT_TRUE(identity.date_of_birth);
    EXPECT_FALSE(identity.date_of_birth->is_whole());
    EXPECT_TRUE(has(identity, Flag::date_of_birth_partial));
    EXPECT_TRUE(has(identity_of(person("Mia", "Dunmore", "soon")), Flag::date_of_birth_unreadable));
}

TEST(Person, OnlyAnUnbornChildHasADueDate) {
    auto record = person("Skye", "Penrose", "2007-05-01");
    record.due_date = PersonalText("2027-05-02");
    EXPECT_FALSE(identity_of(record).due_date);
    record.is_unborn = true;
    EXPECT_TRUE(identity_of(record).due_date);
}

TEST(Dates, HowTwoAgree) {
    const auto compare = [](const char* a, const char* b) {
        const auto forward = compare_dates(birth_date_from_text(a), birth_date_from_text(b));
        EXPECT_EQ(forward, compare_dates(birth_date_from_text(b), birth_date_from_text(a)));
        return forward;
    };
    EXPECT_EQ(compare("2014-03-02", "2014-03-02"), DateAgreement::same);
    EXPECT_EQ(compare("2014-03-02", ""), DateAgreement::unknown);
    EXPECT_EQ(compare("2014-03-02", "2014-03"), DateAgreement::month_agrees);
    EXPECT_EQ(compare("2014-03-02", "2014"), DateAgreement::year_agrees);
    EXPECT_EQ(compare("2014-03-02", "2014-04"), DateAgreement::different);
    EXPECT_EQ(compare("2014-03-02", "2014-02-03"), DateAgreement::day_month_swapped);
    EXPECT_EQ(compare("2014-03-12", "2014-03-13"), DateAgreement::one_slip);
    EXPECT_EQ(compare("2014-03-12", "2014-03-21"), DateAgreement::one_slip);
    EXPECT_EQ(compare("2014-03-12", "2014-03-30"), DateAgreement::two_parts_agree);
    EXPECT_EQ(compare("2014-03-12", "2011-09-30"), DateAgreement::different);
}

}  // namespace
}  // namespace mash::identity
