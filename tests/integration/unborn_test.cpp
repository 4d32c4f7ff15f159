// A child who is not born yet, through the folders of two agencies: caseloads that name the mother,
// a census with a due date, and the next one with the birth.
#include <gtest/gtest.h>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

using std::chrono::minutes;

std::string day(int ago) { return utc(minutes(ago * 24 * 60)).substr(0, 10); }

const std::string mother = ",9997003225,,Mara,Testcase,1997-03-04,WR5 1AA,,,";

/// The list of the demonstration with one more child on it, who is due in two weeks.
std::string with_unborn(const std::string& list, const std::string& row) {
    const auto text = read_whole(test::source_dir() / "deploy/demo/involvement" / list);
    std::string out;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find('\n', from), text.size());
        out += text.substr(from, end - from) + (from == 0 ? ",due_date\n" : ",\n");
        from = end + 1;
    }
    return out + row + mother + day(-14) + "\n";
}

std::string census(const std::string& dates, int made_ago) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message><Header><CollectionDetails>"
           "<Collection>CIN</Collection><Year>2026</Year><ReferenceDate>" +
           day(made_ago) + "</ReferenceDate></CollectionDetails><Source><LEA>885</LEA><DateTime>" +
           day(made_ago) +
           "T08:00:00</DateTime></Source></Header><Children><Child><ChildIdentifiers>"
           "<LAchildID>CS-9001</LAchildID>" +
           dates + "<Sex>F</Sex></ChildIdentifiers><CINdetails><CINreferralDate>" + day(60) +
           "</CINreferralDate><ReferralNFA>0</ReferralNFA><ChildProtectionPlans><CPPstartDate>" +
           day(40) +
           "</CPPstartDate><InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
           "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse></ChildProtectionPlans></CINdetails>"
           "</Child></Children></Message>";
}

class Unborn : public OnArea<Unborn> {
protected:
    static void drop(const std::string& host, const std::string& name, const std::string& text) {
        area().drop(host, "", name, text);
        ASSERT_TRUE(area().wait_until(
            [&] {
                return std::filesystem::exists(area().folder(host) / "accepted" / name) &&
                       area().status(host)["errands_owed"] == 0;
            },
            seconds(60)))
            << name;
    }
    static std::size_t stored() { return area().listed("health.hv").size(); }
    static bool comes(std::size_t count) {
        return area().wait_until([&] { return stored() == count; }, seconds(60));
    }
    /// Whom social care would tell of the unborn child by hand.
    static std::set<std::string> told_by_hand(const std::string& ref) {
        const Json words{
            {"source_ref", ref},
            {"agency", "social-care"},
            {"role", "sw"},
            {"type", "care_status_changed"},
            {"kind", "unborn_plan_started"},
            {"occurred_at", utc(minutes(5))},
            {"subject",
             {{"unborn", true},
              {"nhs_number", "9997003225"},
              {"date_of_birth", "1997-03-04"},
              {"due_date", day(-14)}}},
            {"sections",
             {{"idn", {{"due_date", day(-14)}}},
              {"evt", {{"what", "A plan"}, {"date", day(0)}}},
              {"leg", {{"has_plan_or_care_status", "Unborn child subject to a protection plan"}}},
              {"voi", {{"reason_for_none", "unborn"}}}}}};
        const auto id = area().post("social-care", words);
        EXPECT_TRUE(area().wait_stored("social-care", id))
            << area().sent("social-care", id).dump(1);
        return Area::seats(area().sent("social-care", id));
    }
};

TEST_F(Unborn, ThePlanReachesWhoListsTheMotherAndTheBirthEndsThat) {
    drop("health", "with-mother.csv", with_unborn("health.csv", "hv,health_visitor,HV-901"));
    drop("social-care", "with-mother.csv",
         with_unborn("social-care.csv", "sw,social_worker,CS-9001"));
    const auto before = stored();
    drop("social-care", "census-1.xml",
         census("<ExpectedPersonBirthDate>" + day(-16) + "</ExpectedPersonBirthDate>", 3));
    ASSERT_TRUE(comes(before + 1)) << "the plan, by mother and due date";
    EXPECT_TRUE(told_by_hand("it/unborn/1").contains("health/hv"));
    ASSERT_TRUE(comes(before + 2));

    drop("social-care", "census-2.xml",
         census("<UPN>U885999926001</UPN><PersonBirthDate>" + day(2) + "</PersonBirthDate>", 1));
    ASSERT_TRUE(comes(before + 3)) << "the birth, under both identities";
    ASSERT_TRUE(area().wait_until([] { return area().status("social-care")["errands_owed"] == 0; },
                                  seconds(60)));
    // Health's list still names the mother: of the unborn child nobody is told any more.
    EXPECT_FALSE(told_by_hand("it/unborn/2").contains("health/hv"));
    EXPECT_EQ(stored(), before + 3);
}

}  // namespace
}  // namespace mash::integration
