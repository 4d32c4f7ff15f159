// A broker that serves what the area has replaced: its own program, on the store and the documents
// of yesterday. Agents say so, and nothing goes on its word.
#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

class OlderBroker : public OnArea<OlderBroker> {
protected:
    static std::uint64_t registry_of(const std::string& host) {
        return area().status(host)["documents"].value("registry", std::uint64_t{0});
    }
    static bool is_alarmed(const std::string& host) {
        for (const auto& alarm : area().status(host).value("alarms", Json::array())) {
            if (alarm.value("alarm", "") == "version_went_back" && !alarm.value("ring", "").empty())
                return true;
        }
        return false;
    }
    static fs::path documents() { return area().dir() / "area" / "documents"; }
    static void put_documents(const fs::path& from) {
        fs::remove_all(documents());
        fs::copy(from, documents(), fs::copy_options::recursive);
    }
};

TEST_F(OlderBroker, IsAnAlarmAndIsNotFollowedUntilItServesWhatIsInForce) {
    const auto older = area().dir() / "older-documents";
    const auto newer = area().dir() / "newer-documents";
    const auto backup = (area().dir() / "older-broker").string();
    fs::copy(documents(), older, fs::copy_options::recursive);
    const auto kept = area().mashctl({"backup", backup, "--socket", area().socket()});
    ASSERT_EQ(kept.code, 0) << kept.output;
    // What a broker may wish back: an agency that is no longer of the area.
    const auto before = registry_of("police");
    const auto revoked =
        area().mashctl({"agency", "revoke", "--dir", (area().dir() / "area").string(), "health"});
    ASSERT_EQ(revoked.code, 0) << revoked.output;
    ASSERT_TRUE(area().wait_until([&] { return registry_of("police") > before; }, seconds(30)));
    const auto in_force = registry_of("police");
    fs::copy(documents(), newer, fs::copy_options::recursive);

    area().program("broker").kill_hard();
    const auto restored =
        area().mashctl({"restore", backup, "--dir", area().folder("broker").string(), "--force"});
    ASSERT_EQ(restored.code, 0) << restored.output;
    put_documents(older);
    const auto log = area().log_end("police");
    area().start("broker");
    EXPECT_TRUE(area().is_logged("police", log, "document_went_back", {"\"level\":\"alarm\""}));
    EXPECT_TRUE(area().wait_until([] { return is_alarmed("police"); }, seconds(20)));
    const auto metrics = area().call("police", "", "GET", "/metrics").text;
    for (const auto* counter : {"mash_agent_events_total{event=\"document_went_back\"} ",
                                "mash_agent_alarms_total{kind=\"version_went_back\",area="
                                "\"worcestershire\"} "}) {
        const auto at = metrics.find(counter);
        ASSERT_NE(at, std::string::npos) << counter << "\n" << metrics;
        EXPECT_GE(std::stol(metrics.substr(at + std::string_view(counter).size())), 1) << counter;
    }
    EXPECT_EQ(registry_of("police"), in_force);

    // It would have the health visitors told: nothing is sealed on its plan.
    const auto planned = area().log_end("police");
    const auto id = area().post("police", missing_wren("it/older/1"));
    ASSERT_FALSE(id.empty());
    EXPECT_TRUE(area().is_logged("police", planned, "document_went_back", {id}));
    EXPECT_NE(area().sent("police", id).value("state", ""), "accepted");
    EXPECT_FALSE(area().listed("health.hv").contains(id));
    EXPECT_FALSE(area().listed("social-care.mco").contains(id));

    area().program("broker").kill_hard();
    put_documents(newer);
    area().start("broker");
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored", seconds(60)))
        << area().sent("police", id).dump(1);
    EXPECT_FALSE(Area::seats(area().sent("police", id)).contains("health/hv"));
    EXPECT_TRUE(area().wait_until([] { return !is_alarmed("police"); }, seconds(30)));
}

}  // namespace
}  // namespace mash::integration
