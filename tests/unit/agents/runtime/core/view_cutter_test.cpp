#include "agents/runtime/core/view_cutter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

area::Policy reference_policy() {
    const auto folder = test::source_dir() / "deploy" / "policy";
    std::vector<area::PolicyFault> faults;
    auto policy =
        area::Policy::parse(test::content_of(folder / "policy.toml"), "policy.toml",
                            test::content_of(folder / "catalogue.toml"), "catalogue.toml", faults);
    CHECK(policy.has_value());
    return std::move(*policy);
}

class ViewCutterTest : public ::testing::Test {
protected:
    ViewCutterTest() {
        incident.facts.type = TypeId("domestic_abuse_incident");
        incident.sections["evt"]["what"] = PersonalText("\"Canary shouting\"");
        incident.sections["evt"]["reference"] = PersonalText("\"Canary 22DA\"");
        incident.sections["evt"]["place"] = PersonalText("\"Canary refuge\"");
        incident.sections["evt"]["child_present"] = PersonalText("\"yes\"");
        incident.sections["adr"]["address"] = PersonalText("\"Canary street\"");
    }
    std::string cut(const char* view) const {
        const auto views = cut_views(incident, policy, {});
        const auto found = views.find(ViewId(view));
        return found == views.end() ? "" : std::string(found->second.reveal());
    }

    area::Policy policy = reference_policy();
    Notification incident;
};

// domain.md C1: "place unless protected". It is what a school is told, where the one who must not
// find the child may be a governor (G10).
TEST_F(ViewCutterTest, TheIncidentOfAChildInHidingHasNoPlace) {
    EXPECT_THAT(cut("evt.incident"), HasSubstr("Canary refuge"));
    incident.sections["saf"]["address"] = PersonalText("\"Canary refuge\"");
    EXPECT_THAT(cut("evt.incident"), Not(HasSubstr("refuge")));
    EXPECT_THAT(cut("evt.incident"), HasSubstr("Canary 22DA")) << "the rest is told as ever";
    EXPECT_THAT(cut("evt.incident"), HasSubstr("child_present"));
}

TEST_F(ViewCutterTest, WhoeverDecidesAboutTheChildReadsThePlaceAllTheSame) {
    incident.sections["saf"]["address"] = PersonalText("\"Canary refuge\"");
    EXPECT_THAT(cut("evt.full"), HasSubstr("Canary refuge"));
    EXPECT_EQ(cut("adr"), "{\"address\":\"protected\"}");
}

TEST_F(ViewCutterTest, AnIncidentOfWhichOnlyThePlaceIsKnownIsCutToNothing) {
    incident.sections["evt"] = {};
    incident.sections["evt"]["place"] = PersonalText("\"Canary refuge\"");
    incident.sections["saf"]["address"] = PersonalText("\"Canary refuge\"");
    EXPECT_EQ(cut("evt.incident"), "");
}

}  // namespace
}  // namespace mash::runtime::testing
