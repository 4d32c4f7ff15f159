#include "common/http/event_stream.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "common/http/server.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/common/http/raw_peer.hpp"

namespace mash::http {
namespace {

TEST(EventStream, GivesWhatWasPushedInOrderOnce) {
    EventStream stream;
    EXPECT_TRUE(stream.push("hello", "{}"));
    EXPECT_TRUE(stream.push("changed", "{\"what\":[]}"));
    EXPECT_EQ(stream.take(), "event: hello\ndata: {}\n\nevent: changed\ndata: {\"what\":[]}\n\n");
    EXPECT_EQ(stream.take(), "");
}

TEST(EventStream, AReaderThatIsTooSlowIsDroppedAndKeepsNothing) {
    EventStream stream(100);
    EXPECT_TRUE(stream.push("changed", std::string(60, 'x')));
    EXPECT_FALSE(stream.push("changed", std::string(60, 'x')));
    EXPECT_TRUE(stream.has_ended());
    EXPECT_EQ(stream.take(), "");
    EXPECT_FALSE(stream.push("changed", "x"));
}

TEST(EventStream, WhatIsReadMakesRoom) {
    EventStream stream(100);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(stream.push("changed", std::string(60, 'x')));
        EXPECT_FALSE(stream.take().empty());
    }
}

std::unique_ptr<Server> streaming(std::shared_ptr<EventStream> stream, ServerConfig config = {}) {
    return Server::start(
               std::move(config),
               [stream = std::move(stream)](const Request&, const Server::Respond& respond) {
                   Response out;
                   out.content_type = "text/event-stream";
                   out.stream = stream;
                   respond(out);
               })
        .value();
}

TEST(StreamOfAServer, EventsReachTheClientAsTheyComeUntilItEnds) {
    auto stream = std::make_shared<EventStream>();
    const auto server = streaming(stream);
    RawPeer peer(server->port());
    peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = peer.until("\r\n\r\n");
    EXPECT_NE(head.find("200 OK"), std::string::npos);
    EXPECT_NE(head.find("text/event-stream"), std::string::npos);
    EXPECT_NE(head.find("Cache-Control: no-store"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    stream->push("changed", "1");
    EXPECT_EQ(peer.until("\n\n"), "event: changed\ndata: 1\n\n");
    stream->push("changed", "2");
    stream->end();
    EXPECT_EQ(peer.to_the_end(), "event: changed\ndata: 2\n\n");
}

TEST(StreamOfAServer, AQuietStreamSaysThatItLives) {
    ServerConfig config;
    config.stream_pause_max = std::chrono::milliseconds(10);
    auto stream = std::make_shared<EventStream>();
    const auto server = streaming(stream, config);
    RawPeer peer(server->port());
    peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.until("\r\n\r\n");
    EXPECT_EQ(peer.until("\n\n"), ":\n\n");
}

TEST(StreamOfAServer, AClientThatNeverReadsIsDroppedAndOthersAreServed) {
    ServerConfig config;
    config.deadline = std::chrono::milliseconds(200);
    auto stream = std::make_shared<EventStream>();
    const auto server = streaming(stream, config);
    RawPeer deaf(server->port());
    deaf.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    deaf.until("\r\n\r\n");
    // More than the sockets' buffers and ours hold: from then on nothing is taken any more.
    const std::string much(16 * 1024, 'x');
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (stream->push("changed", much) && std::chrono::steady_clock::now() < give_up)
        std::this_thread::yield();
    EXPECT_TRUE(stream->has_ended());
    RawPeer other(server->port());
    other.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(other.until("\r\n\r\n").find("200 OK"), std::string::npos);
}

TEST(StreamOfAServer, AClientThatGoesAwayIsNoticedAtOnce) {
    auto stream = std::make_shared<EventStream>();
    const auto server = streaming(stream);
    {
        RawPeer peer(server->port());
        peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
        peer.until("\r\n\r\n");
        EXPECT_FALSE(stream->has_ended());
    }
    EXPECT_TRUE(test::eventually([&] { return stream->has_ended(); }));
}

}  // namespace
}  // namespace mash::http
