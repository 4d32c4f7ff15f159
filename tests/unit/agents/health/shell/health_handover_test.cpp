#include "agents/health/shell/health_handover.hpp"

#include <gtest/gtest.h>

#include "agents/health/hl7_ack.hpp"
#include "agents/health/shell/mllp_server.hpp"

namespace mash::health_shell {
namespace {

/// A hospital system that answers each message with these codes, of the message or of another.
struct System {
    std::vector<std::string> codes;
    std::string of;
    std::vector<std::string> got;
    std::unique_ptr<MllpServer> server;

    explicit System(std::vector<std::string> says, std::string named = "M1")
        : codes(std::move(says)), of(std::move(named)) {
        auto started = MllpServer::start(
            {}, [this](const std::string& message) -> std::optional<std::vector<std::string>> {
                got.push_back(message);
                std::vector<std::string> out;
                for (const auto& code : codes)
                    out.push_back("MSH|^~\\&|EPR\rMSA|" + code + "|" + of + "\r");
                return out;
            });
        EXPECT_TRUE(started.has_value());
        if (started) server = std::move(*started);
    }
    bool takes(std::chrono::milliseconds deadline = std::chrono::seconds(20)) const {
        const std::atomic<bool> stopping = false;
        return send_over_mllp("127.0.0.1:" + std::to_string(server->port()),
                              "MSH|^~\\&|MASH||||1||MDM^T02|M1|P|2.4\r", "M1", stopping, deadline);
    }
};

TEST(SendOverMllp, IsDoneOnlyWhenTheApplicationHasIt) {
    EXPECT_TRUE(System({"AA"}).takes());
    EXPECT_TRUE(System({"CA", "AA"}).takes());
    EXPECT_FALSE(System({"AE"}).takes());
    EXPECT_FALSE(System({"AR"}).takes());
    EXPECT_FALSE(System({"CA", "AE"}).takes());
}

TEST(SendOverMllp, ACommitAnotherMessagesAnswerOrSilenceIsNotEnough) {
    using std::chrono::milliseconds;
    EXPECT_FALSE(System({"CA"}).takes(milliseconds(200)));
    EXPECT_FALSE(System({"AA"}, "M2").takes(milliseconds(200)));
    EXPECT_FALSE(System({}).takes(milliseconds(200)));
}

TEST(SendOverMllp, GoesNowhereWithoutAListenerOrOffThisMachine) {
    const std::atomic<bool> stopping = false;
    for (const std::string to : {"127.0.0.1:1", "192.0.2.1:2575", "nowhere", "127.0.0.1:x"})
        EXPECT_FALSE(send_over_mllp(to, "MSH|^~\\&|A\r", "1", stopping, std::chrono::seconds(2)))
            << to;
    const std::atomic<bool> stopped = true;
    System system({"AA"});
    EXPECT_FALSE(send_over_mllp("127.0.0.1:" + std::to_string(system.server->port()),
                                "MSH|^~\\&|A\r", "M1", stopped));
}

}  // namespace
}  // namespace mash::health_shell
