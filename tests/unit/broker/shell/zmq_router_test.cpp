// The router over real CURVE connections on loopback.
#include "broker/shell/zmq_router.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fstream>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "common/base/limits.hpp"
#include "common/crypto/curve.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::broker_shell {
namespace {

std::string_view raw(ByteView bytes) { return text_of(bytes); }

struct Arrived {
    broker::SessionId session;
    HostId host;
    std::string body;
    bool over_rate = false;
};

class Router : public ::testing::Test {
protected:
    Router() {
        registry = area.registry();
        for (const char* name : {"police", "hub"}) {
            keys.emplace(name, crypto::CurveKeyPair::generate(area.random()));
            admit(name);
        }
    }

    void admit(const std::string& name) {
        if (!keys.contains(name)) keys.emplace(name, crypto::CurveKeyPair::generate(area.random()));
        auto& host = registry.hosts.at(HostId(name));
        const auto& key = keys.at(name).public_key;
        std::ranges::copy(key.view(), host.transport_keys.front().curve_public_key.begin());
        authenticator.replace(registry, test::working_morning);
    }

    void start() {
        RouterConfig config;
        config.endpoints = {"tcp://127.0.0.1:0"};
        std::ranges::copy(server.public_key.view(), config.curve_public_key.begin());
        std::ranges::copy(server.secret_key.reveal(), config.curve_secret_key.begin());
        auto started = ZmqRouter::start(
            config, authenticator,
            [this](broker::SessionId session, const HostId& host, Bytes frame, bool over_rate) {
                frames.add({session, host, std::string(text_of(frame)), over_rate});
            },
            [this](broker::SessionId session) { closed.add(session); },
            [this] { return may_read.load(); },
            [this](LogRecord said) { events.add(std::move(said)); });
        ASSERT_TRUE(started);
        router = std::move(*started);
    }

    zmq::socket_t dealer(const std::string& name, int receive_high_water = 1000) {
        zmq::socket_t out(context, zmq::socket_type::dealer);
        const auto& pair = keys.at(name);
        out.set(zmq::sockopt::curve_serverkey, raw(server.public_key.view()));
        out.set(zmq::sockopt::curve_publickey, raw(pair.public_key.view()));
        out.set(zmq::sockopt::curve_secretkey, raw(pair.secret_key.reveal()));
        out.set(zmq::sockopt::linger, 0);
        out.set(zmq::sockopt::rcvhwm, receive_high_water);
        out.set(zmq::sockopt::rcvtimeo, 20'000);
        out.set(zmq::sockopt::sndtimeo, 20'000);
        out.set(zmq::sockopt::reconnect_ivl, 20);
        out.set(zmq::sockopt::handshake_ivl, 500);
        out.connect(router->bound_endpoints().front());
        return out;
    }

    static std::string receive(zmq::socket_t& socket) {
        zmq::message_t message;
        return socket.recv(message) ? message.to_string() : std::string("nothing came");
    }

    static void say(zmq::socket_t& socket, std::string_view text) {
        ASSERT_TRUE(socket.send(zmq::buffer(text)));
    }
    static void say_in_parts(zmq::socket_t& socket, int parts) {
        for (int i = 0; i < parts; ++i) {
            ASSERT_TRUE(socket.send(zmq::str_buffer("part"), i + 1 < parts
                                                                 ? zmq::send_flags::sndmore
                                                                 : zmq::send_flags::none));
        }
    }

    test::TestArea area;
    area::Registry registry;
    std::map<std::string, crypto::CurveKeyPair> keys;
    crypto::CurveKeyPair server = crypto::CurveKeyPair::generate(area.random());
    ZapAuthenticator authenticator;
    std::atomic<bool> may_read = true;
    test::Collected<Arrived> frames;
    test::Collected<broker::SessionId> closed;
    test::Collected<LogRecord> events;
    zmq::context_t context{1};
    std::unique_ptr<ZmqRouter> router;
};

TEST_F(Router, AFramesHostIsTheOwnerOfTheTransportKey) {
    start();
    auto police = dealer("police");
    auto hub = dealer("hub");
    say(police, "i am hub");
    ASSERT_TRUE(frames.wait_for(1));
    say(hub, "hello");
    ASSERT_TRUE(frames.wait_for(2));
    const auto all = frames.all();
    EXPECT_EQ(all[0].host, HostId("police"));
    EXPECT_EQ(all[0].body, "i am hub");
    EXPECT_EQ(all[1].host, HostId("hub"));
    EXPECT_NE(all[0].session, all[1].session);
}

TEST_F(Router, AnswersReachTheirSessionInOrder) {
    start();
    auto police = dealer("police");
    say(police, "first");
    say(police, "second");
    ASSERT_TRUE(frames.wait_for(2));
    const auto session = frames.all()[0].session;
    EXPECT_EQ(frames.all()[1].session, session);
    for (const char* text : {"a", "b", "c"})
        router->send(session, wire::Lane::routine, Bytes(1, static_cast<std::uint8_t>(*text)));
    for (const char* text : {"a", "b", "c"}) EXPECT_EQ(receive(police), text);
}

TEST_F(Router, AMessageOfMoreOrOtherThanOneBodyIsDroppedAndTheNextIsHeard) {
    start();
    auto police = dealer("police");
    auto hub = dealer("hub");
    say_in_parts(police, 2);
    say_in_parts(police, 100);
    say(police, "good");
    say(hub, "good");
    ASSERT_TRUE(frames.wait_for(2));
    for (const auto& frame : frames.all()) EXPECT_EQ(frame.body, "good");
    EXPECT_EQ(router->counts().malformed, 2U);
    EXPECT_EQ(router->counts().frames_in, 2U);
    const LogRecord said{LogEvent::frame_oversized, {{"host", HostId("police")}}};
    EXPECT_EQ(events.all(), (std::vector{said, said}));
}

TEST_F(Router, AFrameOverTheLimitIsDroppedAndSaidOfItsHostAndTheNextIsHeard) {
    start();
    auto police = dealer("police");
    say(police, std::string(limits::frame_bytes_max + 1, 'x'));
    say(police, std::string(limits::frame_bytes_max, 'x'));
    ASSERT_TRUE(frames.wait_for(1));
    EXPECT_EQ(frames.all()[0].body.size(), limits::frame_bytes_max);
    EXPECT_EQ(events.all(),
              (std::vector{LogRecord{LogEvent::frame_oversized, {{"host", HostId("police")}}}}));
    EXPECT_EQ(router->counts().malformed, 1U);
}

TEST_F(Router, APeerThatDoesNotSpeakTheProtocolIsSaid) {
    start();
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.connect(router->bound_endpoints().front());
    ASSERT_TRUE(events.wait_for(1));
    EXPECT_EQ(events.all()[0].event, LogEvent::handshake_failed);
    EXPECT_GE(router->counts().failed_handshakes, 1U);
    EXPECT_EQ(frames.size(), 0U);
}

TEST_F(Router, AKeyThatGoesOutOfForceIsSaidOnceWithItsHost) {
    start();
    auto police = dealer("police");
    say(police, "first");
    ASSERT_TRUE(frames.wait_for(1));
    registry.hosts.at(HostId("police")).transport_keys.front().revoked_at = test::working_morning;
    authenticator.replace(registry, test::working_morning);
    say(police, "second");
    ASSERT_TRUE(closed.wait_for(1));
    EXPECT_EQ(frames.size(), 1U);
    std::array<std::uint8_t, 32> key{};
    std::ranges::copy(keys.at("police").public_key.view(), key.begin());
    EXPECT_EQ(events.all(), (std::vector{LogRecord{LogEvent::key_revoked,
                                                   {{"host", HostId("police")},
                                                    {"key", fingerprint_of_transport(key)}}}}));
}

TEST_F(Router, FramesAfterACloseAreIgnoredOnThatConnectionAndANewOneIsHeard) {
    start();
    auto police = dealer("police");
    say(police, "first");
    ASSERT_TRUE(frames.wait_for(1));
    const auto session = frames.all()[0].session;
    router->send(session, wire::Lane::routine, Bytes{'x'});
    router->close(session);
    EXPECT_EQ(receive(police), "x") << "what was said before the close still arrives";
    // The marker has two parts: it is counted after everything before it was read.
    ASSERT_TRUE(test::eventually([&] {
        say(police, "ignored");
        say_in_parts(police, 2);
        return router->counts().malformed >= 1;
    }));
    const auto heard_before_close = frames.size();
    say(police, "ignored");
    const auto marked = router->counts().malformed;
    say_in_parts(police, 2);
    ASSERT_TRUE(test::eventually([&] { return router->counts().malformed > marked; }));
    EXPECT_EQ(frames.size(), heard_before_close);
    auto again = dealer("police");
    say(again, "again");
    ASSERT_TRUE(frames.wait_for(heard_before_close + 1));
    EXPECT_EQ(frames.all().back().body, "again");
    EXPECT_NE(frames.all().back().session, session);
}

TEST_F(Router, AHostThatOpensConnectionsWithoutEndEndsItsOwnOldestOnly) {
    start();
    auto hub = dealer("hub");
    say(hub, "hello");
    ASSERT_TRUE(frames.wait_for(1));
    const auto session_of_hub = frames.all()[0].session;
    std::vector<zmq::socket_t> many;
    for (std::size_t i = 0; i < limits::sessions_per_host_max + 3; ++i) {
        many.push_back(dealer("police"));
        say(many.back(), "one more");
        ASSERT_TRUE(frames.wait_for(i + 2));
    }
    ASSERT_TRUE(closed.wait_for(3));
    EXPECT_EQ(closed.all()[0], frames.all()[1].session) << "its oldest";
    EXPECT_EQ(router->counts().sessions, limits::sessions_per_host_max + 1);
    router->send(session_of_hub, wire::Lane::routine, Bytes{'x'});
    EXPECT_EQ(receive(hub), "x");
    router->send(frames.all().back().session, wire::Lane::routine, Bytes{'y'});
    EXPECT_EQ(receive(many.back()), "y");
}

TEST_F(Router, AClientThatNeverReadsIsDroppedAtItsBoundAndOthersAreServed) {
    start();
    auto deaf = dealer("police", 1);
    auto hub = dealer("hub");
    say(deaf, "hello");
    ASSERT_TRUE(frames.wait_for(1));
    say(hub, "hello");
    ASSERT_TRUE(frames.wait_for(2));
    const auto slow = frames.all()[0].session;
    const auto quick = frames.all()[1].session;
    const Bytes large(512 * 1024, 7);
    // libzmq and the kernel hold some; what is beyond them lies in our queue, which has a bound.
    for (std::size_t sent = 0;
         sent < limits::link_queue_bytes_max + 80 * limits::mebibyte && closed.size() == 0;
         sent += large.size()) {
        router->send(slow, wire::Lane::routine, large);
        if (sent % (16 * limits::mebibyte) == 0) {
            router->send(quick, wire::Lane::routine, Bytes{'y'});
            EXPECT_EQ(receive(hub), "y");
        }
    }
    ASSERT_TRUE(closed.wait_for(1));
    EXPECT_EQ(closed.all()[0], slow);
    EXPECT_EQ(router->counts().dropped_sessions, 1U);
    EXPECT_EQ(
        events.all(),
        (std::vector{LogRecord{LogEvent::slow_reader_dropped, {{"host", HostId("police")}}}}));
    router->send(quick, wire::Lane::immediate, Bytes{'z'});
    EXPECT_EQ(receive(hub), "z");
}

TEST_F(Router, AHostOverItsRateIsHeardWithoutItsBytes) {
    start();
    auto police = dealer("police");
    constexpr std::size_t sent = limits::frames_burst_max + 2000;
    for (std::size_t i = 0; i < sent; ++i) say(police, "x");
    ASSERT_TRUE(frames.wait_for(sent));
    std::size_t over = 0;
    for (const auto& frame : frames.all()) {
        EXPECT_EQ(frame.body, frame.over_rate ? "" : "x");
        over += frame.over_rate ? 1 : 0;
    }
    EXPECT_GT(over, 0U);
    EXPECT_EQ(router->counts().over_rate, over);
}

TEST_F(Router, NothingIsReadWhileTheVerifiersAreFullAndNothingOfItIsLost) {
    start();
    auto police = dealer("police");
    say(police, "before");
    ASSERT_TRUE(frames.wait_for(1));
    may_read = false;
    say(police, "meanwhile");
    // Another host is admitted meanwhile: the router's thread lives, and has not read.
    router->send(frames.all()[0].session, wire::Lane::routine, Bytes{'x'});
    EXPECT_EQ(receive(police), "x");
    router->send(frames.all()[0].session, wire::Lane::routine, Bytes{'y'});
    EXPECT_EQ(receive(police), "y");
    EXPECT_LE(frames.size(), 2U);
    may_read = true;
    ASSERT_TRUE(frames.wait_for(2));
    EXPECT_EQ(frames.all()[1].body, "meanwhile");
}

TEST_F(Router, AKeyThatIsNotEnrolledIsRefusedAndGetsInOnceItIs) {
    keys.emplace("health", crypto::CurveKeyPair::generate(area.random()));
    start();
    auto health = dealer("health");
    ASSERT_TRUE(test::eventually([&] { return router->counts().refused_keys > 0; }));
    EXPECT_EQ(frames.size(), 0U);
    ASSERT_TRUE(events.wait_for(1));
    std::array<std::uint8_t, 32> key{};
    std::ranges::copy(keys.at("health").public_key.view(), key.begin());
    EXPECT_EQ(events.all()[0], (LogRecord{LogEvent::session_denied,
                                          {{"address", NetworkAddress("127.0.0.1")},
                                           {"key", fingerprint_of_transport(key)}}}));
    admit("health");
    say(health, "now");
    ASSERT_TRUE(frames.wait_for(1));
    EXPECT_EQ(frames.all()[0].host, HostId("health"));
}

TEST_F(Router, ASessionWhosePeerIsGoneIsReportedWhenItIsSpokenTo) {
    start();
    {
        auto police = dealer("police");
        say(police, "hello");
        ASSERT_TRUE(frames.wait_for(1));
        police.close();
    }
    const auto session = frames.all()[0].session;
    ASSERT_TRUE(test::eventually([&] {
        router->send(session, wire::Lane::routine, Bytes{'x'});
        return closed.size() > 0;
    }));
    EXPECT_EQ(closed.all()[0], session);
    EXPECT_EQ(router->counts().sessions, 0U);
}

/// How many connections may wait for the socket that listens on `port` to accept them; 0: none
/// does. Of a socket that listens the kernel says it in tcpi_sacked (net/ipv4/tcp.c, tcp_get_info).
std::uint32_t backlog_at(int port) {
    constexpr int descriptors_max = 1024;
    for (int descriptor = 0; descriptor < descriptors_max; ++descriptor) {
        tcp_info info{};
        socklen_t size = sizeof info;
        if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
            info.tcpi_state != TCP_LISTEN)
            continue;
        sockaddr_in address{};
        socklen_t length = sizeof address;
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
            ntohs(address.sin_port) == port)
            return info.tcpi_sacked;
    }
    return 0;
}

// After an outage hundreds of hosts come at once; whoever finds no room waits for seconds.
TEST_F(Router, HundredsOfHostsThatComeBackAtOnceFindRoomToWait) {
    start();
    const auto endpoint = router->bound_endpoints().front();
    const int port = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
    std::uint32_t allowed = 0;
    std::ifstream("/proc/sys/net/core/somaxconn") >> allowed;
    ASSERT_GT(allowed, 0U);
    EXPECT_EQ(backlog_at(port), std::min(4096U, allowed));
}

TEST_F(Router, AnAddressInUseOrNoAddressIsAnError) {
    start();
    RouterConfig config;
    config.endpoints = {router->bound_endpoints().front()};
    std::ranges::copy(server.public_key.view(), config.curve_public_key.begin());
    std::ranges::copy(server.secret_key.reveal(), config.curve_secret_key.begin());
    const auto start_with = [&] {
        return ZmqRouter::start(
            config, authenticator, [](auto, const auto&, Bytes, bool) {}, [](auto) {},
            [] { return true; }, [](const LogRecord&) {});
    };
    const auto taken = start_with();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error(), ErrorCode::io_failed);
    config.endpoints = {"tcp://nowhere"};
    EXPECT_FALSE(start_with());
}

}  // namespace
}  // namespace mash::broker_shell
