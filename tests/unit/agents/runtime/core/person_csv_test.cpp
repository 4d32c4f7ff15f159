#include "agents/runtime/core/person_csv.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "agents/runtime/identity/score.hpp"
#include "tests/paths/paths.hpp"

namespace mash::runtime {
namespace {

using identity::MatchClass;

ColumnMap map_of(const std::vector<std::string>& entries) {
    ColumnMap out;
    for (const auto& entry : entries) EXPECT_EQ(out.add(entry), "") << entry;
    return out;
}

TEST(ColumnMap, ExplainsWhatIsWrongWithAnEntry) {
    ColumnMap map;
    EXPECT_NE(map.add("name=x").find("A person has no field name"), std::string::npos);
    EXPECT_NE(map.add("forename").find("forename=COLUMN"), std::string::npos);
    EXPECT_NE(map.add("forename=").find("forename=COLUMN"), std::string::npos);
    EXPECT_EQ(map.add("forename=first_name"), "");
    EXPECT_NE(map.add("forename=other").find("twice"), std::string::npos);
    EXPECT_NE(map.add("address=a++b").find("no name"), std::string::npos);
}

TEST(PersonCsv, ReadsByColumnNameWithSpacesAfterCommas) {
    const auto file = read_person_csv(
        "rec_id, given, family, no, street, born\nr1, Ava, Lark, 3, elm road, 20140302\n"
        "r2,, , , , \nr3, Ava, Lark, , , 1953-99-01\n",
        map_of({"id=rec_id", "forename=given", "surname=family", "address=no+street", "dob=born"}));
    EXPECT_EQ(file.problem, "");
    ASSERT_EQ(file.people.size(), 3U);
    EXPECT_EQ(file.people[0].record.address.reveal(), "3 elm road");
    EXPECT_EQ(file.people[0].record.date_of_birth.reveal(), "2014-03-02");
    EXPECT_EQ(file.people[1].record.surname.reveal(), "");
    EXPECT_EQ(file.people[1].record.date_of_birth.reveal(), "");
    ASSERT_EQ(file.faults.size(), 1U);
    EXPECT_EQ(file.faults[0].rule, "bad_date");
    EXPECT_EQ(file.faults[0].record, 3U);
    EXPECT_EQ(file.faults[0].message.find("1953"), std::string::npos);
}

TEST(PersonCsv, AMissingColumnFailsTheFileAndSaysWhichThereAre) {
    const auto file = read_person_csv("a,b\n1,2\n", map_of({"id=a", "forename=first"}));
    EXPECT_EQ(file.problem, "The file has no column first. Its columns: a, b");
    EXPECT_TRUE(file.people.empty());
    EXPECT_NE(read_person_csv("", map_of({"id=a"})).problem, "");
    EXPECT_NE(read_person_csv("a,b\n1,\"2", map_of({"id=a"})).problem, "");
}

TEST(PersonCsv, ARowWithoutItsOwnIdIsLeftOutAndTold) {
    const auto file =
        read_person_csv("id,f\n1,Ava\n,Mia\n1,Noor\n", map_of({"id=id", "forename=f"}));
    EXPECT_EQ(file.people.size(), 1U);
    ASSERT_EQ(file.faults.size(), 2U);
    EXPECT_EQ(file.faults[0].rule, "required");
    EXPECT_EQ(file.faults[1].rule, "repeated_id");
}

TEST(PersonCsv, PreferredAndFormerNamesAreCandidates) {
    const auto file = read_person_csv(
        "id,f,s,p,o\n1,Katherine,Ashby,Katie,Lark\n",
        map_of({"id=id", "forename=f", "surname=s", "preferred_forename=p", "former_surname=o"}));
    ASSERT_EQ(file.people.size(), 1U);
    EXPECT_EQ(identity::normalised(file.people[0].record).reveal().names.size(), 4U);
}

TEST(LabelCsv, ReadsNumbersAndWords) {
    const std::vector<std::string> columns{"l", "r", "m"};
    const auto file = read_label_csv("l,x,r,m\n1,,2,1.0\n1,,3,0.0\n2,,3,false\n", columns);
    EXPECT_EQ(file.problem, "");
    ASSERT_EQ(file.labels.size(), 3U);
    EXPECT_TRUE(file.labels[0].same);
    EXPECT_FALSE(file.labels[1].same);
    EXPECT_FALSE(file.labels[2].same);
    EXPECT_NE(read_label_csv("l,r,m\n1,2,maybe\n", columns).problem, "");
    EXPECT_NE(read_label_csv("l,r\n1,2\n", columns).problem, "");
}

// The published sets. The figures are those of agents/runtime/identity/README.md: a change of the
// matcher that changes one of them is seen here.

std::string sample(const char* name) {
    std::ifstream in(test::shared_data() / "identity" / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in ? text.str() : std::string();
}

struct Scored {
    std::vector<identity::PersonalIdentity> people;
    std::vector<std::string> groups;
    std::map<std::string, std::uint32_t> by_id;
};

Scored scored(const PersonFile& file, identity::Postcodes postcodes) {
    Scored out;
    for (const auto& person : file.people) {
        out.by_id[person.id] = static_cast<std::uint32_t>(out.people.size());
        out.people.push_back(identity::normalised(person.record, postcodes));
        out.groups.push_back(person.group);
    }
    return out;
}

PersonFile splink(const std::string& text) {
    return read_person_csv(
        text, map_of({"id=unique_id", "forename=first_name", "surname=surname", "dob=dob",
                      "address=city", "contact=email", "group=cluster"}));
}

TEST(PublishedPeople, NoPairOfTheSplinkSetIsLinkedWronglyAndHalfAreAsked) {
    const auto text = sample("splink_fake_1000.csv");
    if (text.empty())
        GTEST_SKIP() << "The public sample file identity/splink_fake_1000.csv is not here";
    const auto set = scored(splink(text), identity::Postcodes::british);
    ASSERT_EQ(set.people.size(), 1000U);
    const auto report = identity::score(set.people, identity::Truth::of_groups(set.groups));
    EXPECT_EQ(report.same_pairs, 2031U);
    EXPECT_EQ(report.of(MatchClass::link).other, 0U);
    EXPECT_EQ(report.strong_pairs, 0U) << "the set has neither numbers nor postcodes";
    EXPECT_EQ(report.of(MatchClass::question).other, 0U);
    EXPECT_GE(*report.recall_of_links_and_questions(), 0.54);
}

TEST(PublishedPeople, TheSplinkLabelsAgree) {
    const auto text = sample("splink_fake_1000.csv");
    const auto labels_text = sample("splink_fake_1000_labels.csv");
    if (text.empty() || labels_text.empty())
        GTEST_SKIP() << "The public sample files identity/splink_fake_1000*.csv are not here";
    const auto set = scored(splink(text), identity::Postcodes::british);
    const auto file =
        read_label_csv(labels_text, {"unique_id_l", "unique_id_r", "clerical_match_score"});
    std::map<identity::PersonPair, bool> labels;
    for (const auto& label : file.labels)
        labels[std::minmax(set.by_id.at(label.left), set.by_id.at(label.right))] = label.same;
    EXPECT_EQ(labels.size(), 3176U);
    const auto report = identity::score(set.people, identity::Truth::of_labels(labels));
    EXPECT_EQ(report.same_pairs, 2031U);
    EXPECT_EQ(report.of(MatchClass::link).other + report.of(MatchClass::question).other, 0U);
}

TEST(PublishedPeople, EveryStrongPairOfTheFebrlSetLinksAndNoLinkIsWrong) {
    const auto text = sample("febrl_dataset1.csv");
    if (text.empty())
        GTEST_SKIP() << "The public sample file identity/febrl_dataset1.csv is not here";
    auto file = read_person_csv(
        text, map_of({"id=rec_id", "forename=given_name", "surname=surname", "dob=date_of_birth",
                      "address=street_number+address_1+suburb", "postcode=postcode"}));
    for (auto& person : file.people) {
        const auto begin = person.id.find('-') + 1;
        person.group = person.id.substr(begin, person.id.find('-', begin) - begin);
    }
    const auto set = scored(file, identity::Postcodes::any_country);
    ASSERT_EQ(set.people.size(), 1000U);
    const auto report = identity::score(set.people, identity::Truth::of_groups(set.groups));
    EXPECT_EQ(report.same_pairs, 500U);
    EXPECT_EQ(report.of(MatchClass::link).other, 0U);
    EXPECT_EQ(report.strong_pairs, 166U);
    EXPECT_EQ(report.of(MatchClass::link).pairs, report.strong_pairs);
    EXPECT_EQ(report.of(MatchClass::question).other, 0U);
    EXPECT_GE(*report.recall_of_links_and_questions(), 0.98);
}

}  // namespace
}  // namespace mash::runtime
