// Senders that other people wrote (tests/peers), against the listener.
#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include "agents/health/mllp_frame.hpp"
#include "agents/health/shell/mllp_intake.hpp"
#include "agents/health/shell/mllp_server.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/agents/health/shell/fake_hospital_core.hpp"

namespace mash::health_shell {
namespace {

struct Ran {
    int code = -1;
    std::string words;
};

Ran run(const std::string& command) {
    Ran out;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return out;
    char piece[512];
    while (const std::size_t got = std::fread(piece, 1, sizeof piece, pipe))
        out.words.append(piece, got);
    out.code = ::pclose(pipe);
    return out;
}

struct Hospital {
    FakeHospitalCore core;
    runtime_shell::ServicePlace place = core.place();
    MllpIntake intake{place, "trust"};
    std::unique_ptr<MllpServer> server;

    explicit Hospital(MllpServerConfig config = {}) {
        auto started = MllpServer::start(
            std::move(config), [this](const std::string& text) { return intake.take(text); });
        EXPECT_TRUE(started.has_value());
        if (started) server = std::move(*started);
    }
    std::string file(const std::string& name, const std::string& text) const {
        const auto path = core.folder() / name;
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }
    std::string port() const { return std::to_string(server->port()); }
};

TEST(Peers, MllpSendOfPythonHl7IsUnderstoodAndAnswered) {
    Hospital at;
    const auto file = at.file("messages", health::mllp_framed(attendance("1", "", "V1")) +
                                              health::mllp_framed(attendance("2", "", "V2")));
    const auto first = run("mllp_send --port " + at.port() + " --file " + file + " 127.0.0.1");
    ASSERT_EQ(first.code, 0) << first.words << "\n(deploy/install test installs python3-hl7)";
    EXPECT_NE(first.words.find("MSA|AA|1"), std::string::npos) << first.words;
    EXPECT_NE(first.words.find("MSA|AA|2"), std::string::npos) << first.words;
    EXPECT_EQ(at.core.taken().size(), 2U);
    // The whole file once more, as after a break of the line: the same answers, nothing new.
    const auto again = run("mllp_send --port " + at.port() + " --file " + file + " 127.0.0.1");
    EXPECT_EQ(again.words, first.words);
    EXPECT_EQ(at.core.taken().size(), 2U);
}

TEST(Peers, NodeHl7ClientIsUnderstoodAndAnswered) {
    if (!std::filesystem::exists(test::source_dir() / "tests/peers/node_modules/node-hl7-client"))
        GTEST_SKIP() << "node-hl7-client is not here: deploy/install test fetches it with npm";
    Hospital at;
    const auto file = at.file("message", attendance("M77"));
    const auto sender = test::source_dir() / "tests" / "peers" / "send.mjs";
    const auto ran = run("timeout 30 node " + sender.string() + " " + at.port() + " " + file);
    ASSERT_EQ(ran.code, 0) << ran.words;
    EXPECT_EQ(ran.words, "AA\n");
    EXPECT_EQ(at.core.taken().size(), 1U);
}

TEST(Peers, UnderTlsOnlySendersWithACertificateOfOursAreHeard) {
    FakeHospitalCore keys;
    const std::string in = "cd " + keys.folder().string() + " && ";
    // An authority, a listener and a sender of it, for this test only.
    ASSERT_EQ(run(in + "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                       "-keyout ca.key -out ca.pem -days 2 -subj /CN=ca && for n in listener "
                       "sender; do openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
                       "-nodes -keyout $n.key -out $n.csr -subj /CN=localhost && openssl x509 -req "
                       "-in $n.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $n.pem; "
                       "done")
                  .code,
              0);
    Hospital at({.certificate = keys.folder() / "listener.pem",
                 .key = keys.folder() / "listener.key",
                 .client_authority = keys.folder() / "ca.pem",
                 .quiet_max = std::chrono::seconds(1)});  // then the sender ends too
    const auto file = at.file("frame", health::mllp_framed(attendance("1")));
    const std::string speak =
        in + "timeout 20 openssl s_client -quiet -connect 127.0.0.1:" + at.port() + " < " + file;
    EXPECT_EQ(run(speak).words.find("MSA|AA|1"), std::string::npos);
    EXPECT_TRUE(at.core.taken().empty());
    const auto known = run(speak + " -cert sender.pem -key sender.key");
    EXPECT_NE(known.words.find("MSA|AA|1"), std::string::npos) << known.words;
    EXPECT_EQ(at.core.taken().size(), 1U);
}

}  // namespace
}  // namespace mash::health_shell
