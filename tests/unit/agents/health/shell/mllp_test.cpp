#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "agents/health/hl7_ack.hpp"
#include "agents/health/mllp_frame.hpp"
#include "agents/health/shell/mllp_intake.hpp"
#include "agents/health/shell/mllp_server.hpp"
#include "agents/health/shell/mllp_service.hpp"
#include "agents/runtime/shell/rejected_note.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/health/shell/fake_hospital_core.hpp"

namespace mash::health_shell {
namespace {

using health::hl7_acknowledgement;

std::vector<std::string> codes(const std::optional<std::vector<std::string>>& answers) {
    std::vector<std::string> out;
    for (const auto& each : answers.value_or(std::vector<std::string>{"none"})) {
        const auto said = hl7_acknowledgement(each);
        out.push_back(said ? said->code : each);
    }
    return out;
}

using Codes = std::vector<std::string>;

struct Listening {
    FakeHospitalCore& core;
    runtime_shell::ServicePlace place = core.place();
    MllpIntake intake{place, "trust"};
};

TEST(MllpIntake, AnswersOnceItIsTakenAndNamesTheMessage) {
    FakeHospitalCore core;
    Listening at{core};
    const auto answers = at.intake.take(attendance("M1"));
    ASSERT_EQ(codes(answers), Codes{"AA"});
    EXPECT_EQ(hl7_acknowledgement(answers->front())->of, "M1");
    EXPECT_EQ(core.taken().size(), 1U);
    const auto ack = health::Hl7Message::read(answers->front());
    const auto* msh = ack->segment("MSH");
    EXPECT_EQ(ack->text(msh, 3), "MASH");
    EXPECT_EQ(ack->text(msh, 5), "EPIC");
    EXPECT_EQ(ack->repeats(msh, 9).front().part(2), "A04");
    EXPECT_EQ(ack->text(msh, 12), "2.4");
}

TEST(MllpIntake, AResendHasTheSameAnswerAndNoSecondEventAlsoAfterARestart) {
    FakeHospitalCore core;
    const auto first = Listening{core}.intake.take(attendance("M1"));
    Listening restarted{core};
    EXPECT_EQ(restarted.intake.take(attendance("M1")), first);
    EXPECT_EQ(core.taken().size(), 1U);
}

TEST(MllpIntake, AnIdThatIsUsedAgainForAnotherMessageIsNoResend) {
    FakeHospitalCore core;
    Listening at{core};
    at.intake.take(attendance("eh", "", "V1"));
    EXPECT_EQ(codes(at.intake.take(attendance("eh", "", "V2"))), Codes{"AA"});
    EXPECT_EQ(core.taken().size(), 2U);
}

TEST(MllpIntake, WhatCannotBeTakenNowIsNotAnsweredSoThatItsSenderKeepsIt) {
    FakeHospitalCore core;
    Listening at{core};
    core.busy = true;
    EXPECT_EQ(at.intake.take(attendance("M1")), std::nullopt);
    core.busy = false;
    core.in_trouble = true;
    EXPECT_EQ(at.intake.take(attendance("M1")), std::nullopt);
    core.in_trouble = false;
    EXPECT_TRUE(core.taken().empty());
    EXPECT_EQ(codes(at.intake.take(attendance("M1"))), Codes{"AA"});
    EXPECT_EQ(core.taken().size(), 1U);
}

TEST(MllpIntake, ContentThatCannotBeUsedIsAnErrorAndKeptForAPerson) {
    FakeHospitalCore core;
    Listening at{core};
    const std::string lost = "MSH|^~\\&|EPIC|FAC|||1||ADT^A04|M2|P|2.4\rPV1|1|E\r";
    EXPECT_EQ(codes(at.intake.take(lost)), Codes{"AE"});
    // The message, its report, and the same for those at a desk.
    const auto files = core.put_aside();
    EXPECT_EQ(files.size(), 3U);
    const auto note =
        std::ranges::find(files, ".json", [](const auto& file) { return file.extension(); });
    ASSERT_NE(note, files.end());
    const auto said = runtime_shell::note_from(test::content_of(*note));
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(said->mend, runtime_shell::Mend::at_source);
    EXPECT_FALSE(said->seat.agency.empty());
    EXPECT_EQ(said->faults.front().field, "PID");
    EXPECT_EQ(codes(at.intake.take(lost)), Codes{"AE"});
    EXPECT_EQ(core.put_aside().size(), 3U);
    core.refuses = true;
    EXPECT_EQ(codes(at.intake.take(attendance("M3"))), Codes{"AE"});
    core.refuses = false;
    EXPECT_EQ(codes(at.intake.take(attendance("M3"))), Codes{"AA"});
}

TEST(MllpIntake, OtherTypesAndGarbageAreRejected) {
    FakeHospitalCore core;
    Listening at{core};
    EXPECT_EQ(codes(at.intake.take("MSH|^~\\&|A|B|||1||ORU^R01|M2|P|2.4\rPID|1\r")), Codes{"AR"});
    EXPECT_EQ(codes(at.intake.take("GET / HTTP/1.1")), Codes{"AR"});
}

TEST(MllpIntake, AFaultThatCostsNothingIsAcceptedAndStillKeptForAPerson) {
    FakeHospitalCore core;
    Listening at{core};
    const std::string question =
        "MSH|^~\\&|EPIC|FAC|||20270113||ADT^A08|M2|P|2.4\rEVN|A08|20270113\rPID|1||7^^^H^MR||T^J||"
        "20130405|F|||||||||||||||||||||20270112|N\r";
    EXPECT_EQ(codes(at.intake.take(question)), Codes{"AA"});
    EXPECT_EQ(core.put_aside().size(), 2U);
}

TEST(MllpIntake, EnhancedModeAnswersAsItsSenderAsks) {
    FakeHospitalCore core;
    Listening at{core};
    EXPECT_EQ(codes(at.intake.take(attendance("1", "|||AL|NE"))), Codes{"CA"});
    EXPECT_EQ(codes(at.intake.take(attendance("2", "|||AL|AL"))), (Codes{"CA", "AA"}));
    EXPECT_EQ(codes(at.intake.take(attendance("3", "|||NE|SU"))), Codes{"AA"});
    EXPECT_EQ(codes(at.intake.take(attendance("4", "|||NE|NE"))), Codes{});
    EXPECT_EQ(codes(at.intake.take(attendance("5", "|||ER|ER"))), Codes{});
    core.refuses = true;
    EXPECT_EQ(codes(at.intake.take(attendance("6", "|||ER|ER", "V9"))), (Codes{"CE", "AE"}));
    EXPECT_EQ(codes(at.intake.take(attendance("7", "|||SU|SU", "V9"))), Codes{});
}

TEST(MllpReader, CutsFramesWhereverTheirPiecesEnd) {
    const std::string bytes = "\r\n" + health::mllp_framed("one") + "\x0Btwo\x1C" +
                              health::mllp_framed("three") + "\x0Bhalf" +
                              health::mllp_framed("four");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
        health::MllpReader reader;
        std::vector<std::string> got;
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            for (auto& each : reader.feed(std::string_view(bytes).substr(at, piece)))
                got.push_back(each);
        EXPECT_EQ(got, (std::vector<std::string>{"one", "two", "three", "four"}));
        EXPECT_FALSE(reader.is_broken());
    }
}

TEST(MllpReader, AnotherProtocolAndAMessageOverTheLimitBreakIt) {
    health::MllpReader other;
    (void)other.feed(std::string(1000, 'G'));
    EXPECT_TRUE(other.is_broken());
    health::MllpReader large(10);
    EXPECT_EQ(large.feed(health::mllp_framed("0123456789")).size(), 1U);
    EXPECT_FALSE(large.is_broken());
    EXPECT_TRUE(large.feed(health::mllp_framed("0123456789a")).empty());
    EXPECT_TRUE(large.is_broken());
}

/// A sender that does as it is told, with a bound on every wait.
class Peer {
public:
    explicit Peer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval wait{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    }
    ~Peer() { ::close(fd_); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    void say(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// The next answer's code, "" when the connection has ended instead.
    std::string hear() {
        while (heard_.empty()) {
            char piece[4096];
            const auto got = ::recv(fd_, piece, sizeof piece, 0);
            if (got <= 0) return "";
            for (auto& each : reader_.feed({piece, static_cast<std::size_t>(got)}))
                heard_.push_back(each);
        }
        const auto said = hl7_acknowledgement(heard_.front());
        heard_.erase(heard_.begin());
        return said ? said->code : "?";
    }

private:
    int fd_;
    health::MllpReader reader_;
    std::vector<std::string> heard_;
};

struct Server {
    FakeHospitalCore core;
    runtime_shell::ServicePlace place = core.place();
    MllpIntake intake{place, "trust"};
    std::unique_ptr<MllpServer> server;

    explicit Server(MllpServerConfig config = {}) {
        auto started = MllpServer::start(
            std::move(config), [this](const std::string& text) { return intake.take(text); });
        EXPECT_TRUE(started.has_value());
        if (started) server = std::move(*started);
    }
};

TEST(MllpServer, AnswersSeveralSendersAndSeveralMessagesOfEach) {
    Server at;
    Peer one(at.server->port());
    Peer two(at.server->port());
    one.say(health::mllp_framed(attendance("1", "", "V1")) +
            health::mllp_framed(attendance("2", "", "V2")));
    two.say(health::mllp_framed(attendance("3", "", "V3")));
    EXPECT_EQ(two.hear(), "AA");
    EXPECT_EQ(one.hear(), "AA");
    EXPECT_EQ(one.hear(), "AA");
    EXPECT_EQ(at.core.taken().size(), 3U);
}

TEST(MllpServer, ASlowSenderHoldsNobodyUpAndAHalfFrameIsNotTaken) {
    Server at({.deadline = std::chrono::milliseconds(300)});
    Peer slow(at.server->port());
    slow.say("\x0B" + attendance("1").substr(0, 40));
    Peer quick(at.server->port());
    quick.say(health::mllp_framed(attendance("2")));
    EXPECT_EQ(quick.hear(), "AA");
    EXPECT_EQ(slow.hear(), "");  // ended at the deadline
    EXPECT_EQ(at.core.taken().size(), 1U);
}

TEST(MllpServer, GarbageAndAnEndlessMessageEndTheConnectionOnly) {
    Server at({.message_bytes_max = 4096});
    Peer garbage(at.server->port());
    garbage.say("GET / HTTP/1.1\r\nHost: " + std::string(1000, 'x'));
    EXPECT_EQ(garbage.hear(), "");
    Peer endless(at.server->port());
    endless.say("\x0B" + std::string(10'000, 'x'));
    EXPECT_EQ(endless.hear(), "");
    Peer good(at.server->port());
    good.say(health::mllp_framed(attendance("1")));
    EXPECT_EQ(good.hear(), "AA");
}

TEST(MllpServer, WhatCannotBeTakenNowEndsTheConnectionWithoutAnAnswer) {
    Server at;
    at.core.busy = true;
    Peer first(at.server->port());
    first.say(health::mllp_framed(attendance("1")));
    EXPECT_EQ(first.hear(), "");
    at.core.busy = false;
    Peer again(at.server->port());
    again.say(health::mllp_framed(attendance("1")));
    EXPECT_EQ(again.hear(), "AA");
}

TEST(MllpServer, WhereThereIsNoRoomTheOneHeardLeastLatelyGoes) {
    Server at({.connections_max = 2});
    Peer quiet(at.server->port());
    quiet.say(health::mllp_framed(attendance("1")));
    EXPECT_EQ(quiet.hear(), "AA");
    Peer lively(at.server->port());
    lively.say(health::mllp_framed(attendance("2")));
    EXPECT_EQ(lively.hear(), "AA");
    Peer third(at.server->port());
    third.say(health::mllp_framed(attendance("3")));
    EXPECT_EQ(third.hear(), "AA");
    EXPECT_EQ(quiet.hear(), "");
    lively.say(health::mllp_framed(attendance("4")));
    EXPECT_EQ(lively.hear(), "AA");
}

TEST(MllpServer, IsOnLoopbackUnlessItHasTls) {
    const auto handler = [](const std::string&) { return std::vector<std::string>(); };
    for (const std::string address : {"0.0.0.0", "nowhere"}) {
        const auto started = MllpServer::start({.address = address}, handler);
        ASSERT_FALSE(started.has_value());
        EXPECT_EQ(started.error(), ErrorCode::bad_value);
    }
    EXPECT_FALSE(MllpServer::start({.certificate = "/nowhere.pem", .key = "/nowhere.key"}, handler)
                     .has_value());
    Server at;
    const auto taken = MllpServer::start({.port = at.server->port()}, handler);
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error(), ErrorCode::already_exists);
}

std::string problem_of(runtime_shell::ServiceSettings settings) {
    FakeHospitalCore core;
    auto place = core.place();
    place.settings = std::move(settings);
    std::string problem;
    auto made = make_mllp_service(std::move(place), problem);
    return made.has_value() ? "" : problem;
}

TEST(MllpService, ItsSettingsAreCheckedInPlainWords) {
    EXPECT_EQ(problem_of({{"listen", "127.0.0.1:0"}, {"agency", "trust"}}), "");
    for (const auto& [settings, words] :
         std::vector<std::pair<runtime_shell::ServiceSettings, std::string>>{
             {{{"agency", "trust"}}, "listen must be"},
             {{{"listen", "127.0.0.1:x"}, {"agency", "trust"}}, "listen must be"},
             {{{"listen", "0.0.0.0:2575"}, {"agency", "trust"}}, "not the loopback address"},
             {{{"listen", "127.0.0.1:0"}, {"agency", "other"}}, "agency must be"},
             {{{"listen", "127.0.0.1:0"}, {"agency", "trust"}, {"key", "k"}}, "belong together"},
             {{{"listen", "127.0.0.1:0"}, {"agency", "trust"}, {"colour", "k"}},
              "colour is no setting"},
             {{{"listen", "127.0.0.1:0"}, {"agency", "trust"}, {"client_authority", "k"}},
              "needs certificate"}})
        EXPECT_NE(problem_of(settings).find(words), std::string::npos) << words;
}

}  // namespace
}  // namespace mash::health_shell
