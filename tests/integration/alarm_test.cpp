// Design rule 4: the sender's own agent says that nobody has been told, without the broker, in
// every way it has.
#include <fstream>
#include <sstream>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

class Alarmed : public OnArea<Alarmed> {
protected:
    static void replace(std::string& text, const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }
    /// Alarms of this notification, as status shows them.
    static Json alarms_of(const std::string& id) {
        Json out = Json::array();
        const auto status = area().status("police");
        if (!status.contains("alarms")) return out;
        for (const auto& alarm : status["alarms"]) {
            if (alarm.value("notification", Json()) == id) out.push_back(alarm);
        }
        return out;
    }
    static std::string metrics() { return area().call("police", "", "GET", "/metrics").text; }
    /// Lines of the log of this event that name the notification.
    static std::vector<Json> logged(const std::string& event, const std::string& id) {
        std::vector<Json> out;
        std::istringstream lines(read_whole(area().log("police")));
        for (std::string line; std::getline(lines, line);) {
            const auto json = Json::parse(line, nullptr, false);
            if (json.is_object() && json.value("event", "") == event &&
                json.value("notification", "") == id)
                out.push_back(json);
        }
        return out;
    }
};

TEST_F(Alarmed,
       ADangerThatNobodyAcceptsIsSaidByLogStatusMetricAndCommandAndIsOverWhenItIsAccepted) {
    const auto told = area().dir() / "told";
    const auto settings = area().folder("police") / "agent.toml";
    auto text = read_whole(settings);
    replace(text, "alarm_hook = \"\"",
            "alarm_hook = \"echo $MASH_ALARM $MASH_AREA $MASH_CLEARED $MASH_NOTIFICATION "
            "$MASH_TELEPHONE >> '" +
                told.string() + "'; exit $MASH_CLEARED\"");
    replace(text, "immediate_alarm_seconds = 60", "immediate_alarm_seconds = 5");
    std::ofstream(settings) << text;
    ASSERT_TRUE(area().program("police").stop(seconds(20)));
    area().start("police");
    ASSERT_TRUE(area().wait_linked("police"));
    ASSERT_TRUE(area().program("broker").stop(seconds(20)));

    auto danger = missing_wren("it/alarm/1");
    danger["risk_grade"] = "high";
    danger["sections"]["rsk"]["grade"] = "high";
    const auto id = area().post("police", danger);
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(area().wait_until([&] { return !alarms_of(id).empty(); }, seconds(40)))
        << area().sent("police", id).dump(1);

    const auto alarms = alarms_of(id);
    ASSERT_EQ(alarms.size(), 1U) << alarms.dump();
    EXPECT_EQ(alarms[0].value("alarm", ""), "not_accepted");
    const auto telephone = alarms[0].value("ring", "");
    EXPECT_EQ(telephone, "01632 960204") << "the front door's: " << alarms.dump();
    EXPECT_TRUE(
        area().wait_until([&] { return logged("alarm_raised", id).size() == 1; }, seconds(20)));
    EXPECT_EQ(logged("accepted_late", id).size(), 1U);
    const auto raised = logged("alarm_raised", id);
    ASSERT_EQ(raised.size(), 1U);
    EXPECT_EQ(raised[0].value("level", ""), "alarm");
    EXPECT_EQ(raised[0].value("alarm", ""), "not_accepted");
    EXPECT_EQ(raised[0].value("area", ""), "worcestershire");
    EXPECT_EQ(raised[0].value("cleared", true), false);
    const std::string counter =
        "mash_agent_alarms_total{kind=\"not_accepted\",area=\"worcestershire\"} 1\n";
    EXPECT_NE(metrics().find(counter), std::string::npos) << metrics();
    const auto first = "not_accepted worcestershire 0 " + id + " " + telephone + "\n";
    EXPECT_TRUE(area().wait_until([&] { return read_whole(told) == first; }, seconds(20)))
        << read_whole(told);
    EXPECT_EQ(logged("hook_failed", id).size(), 0U);

    area().start("broker");
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored", seconds(60)));
    EXPECT_TRUE(area().wait_until([&] { return alarms_of(id).empty(); }, seconds(30)))
        << alarms_of(id).dump();
    EXPECT_TRUE(area().wait_until(
        [&] {
            return read_whole(told) ==
                   first + "not_accepted worcestershire 1 " + id + " " + telephone + "\n";
        },
        seconds(20)))
        << read_whole(told);
    EXPECT_TRUE(
        area().wait_until([&] { return logged("alarm_raised", id).size() == 2; }, seconds(20)));
    EXPECT_EQ(logged("alarm_raised", id).back().value("cleared", false), true);
    // It counts what was raised: over is not another one.
    EXPECT_NE(metrics().find(counter), std::string::npos) << metrics();
    // The command of this test ends with code 1 when the alarm is over, and that is said once.
    EXPECT_TRUE(
        area().wait_until([&] { return logged("hook_failed", id).size() == 1; }, seconds(20)));
    const auto failed = logged("hook_failed", id);
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].value("level", ""), "error");
    EXPECT_EQ(failed[0].value("fault", ""), "exit_code");
    EXPECT_EQ(failed[0].value("number", 0), 1);
    EXPECT_NE(metrics().find("mash_agent_events_total{event=\"hook_failed\"} 1\n"),
              std::string::npos)
        << metrics();
}

}  // namespace
}  // namespace mash::integration
