#include "common/http/server.hpp"

#include <future>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"
#include "tests/unit/common/http/raw_peer.hpp"

namespace mash::http {
namespace {

std::unique_ptr<Server> echo(ServerConfig config = {}) {
    auto started = Server::start(std::move(config), [](Request request, Server::Respond respond) {
        Response out;
        out.content_type = "text/plain";
        out.body = request.method + " " + request.path + " [" + request.query["inbox"] + "] " +
                   request.body;
        respond(out);
    });
    return std::move(started).value();
}

TEST(HttpServer, AnswersRequestsOnOneConnectionInTurn) {
    const auto server = echo();
    RawPeer peer(server->port());
    ASSERT_TRUE(peer.connected());
    peer.send("GET /api/v1/received?inbox=hub.ffd&x=%41+b HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string first = peer.answer();
    EXPECT_NE(first.find("200 OK"), std::string::npos);
    EXPECT_NE(first.find("GET /api/v1/received [hub.ffd] "), std::string::npos);
    EXPECT_NE(first.find("no-store"), std::string::npos);
    peer.send("POST /b%20c HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_NE(peer.answer().find("POST /b c [] hi"), std::string::npos);
}

TEST(HttpServer, RefusesWhatIsTooLargeOrNoHttp) {
    ServerConfig config;
    config.body_bytes_max = 10;
    const auto server = echo(config);
    RawPeer large(server->port());
    large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901");
    EXPECT_NE(large.answer().find("413"), std::string::npos);
    RawPeer rubbish(server->port());
    rubbish.send("\x16\x03\x01 rubbish\r\n\r\n");
    EXPECT_NE(rubbish.answer().find("400"), std::string::npos);
    RawPeer header(server->port());
    header.send("GET / HTTP/1.1\r\nX: " + std::string(config.header_bytes_max + 10, 'x') +
                "\r\n\r\n");
    EXPECT_NE(header.answer().find("413"), std::string::npos);
}

TEST(HttpServer, ALineOfAChunkOrTrailerHasTheBoundOfAHeader) {
    ServerConfig config;
    config.header_bytes_max = 1024;
    const auto server = echo(config);
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string endless(20'000, 'x');
    for (const std::string& line : {"1;" + endless, "0\r\nX: " + endless, std::string(20'000, '0'),
                                    "1\r\na\r\n1;" + endless}) {
        RawPeer peer(server->port());
        peer.send(head + line);
        const auto answer = peer.answer();
        EXPECT_TRUE(answer.contains(" 413 ") || answer.contains(" 400 ")) << answer;
        EXPECT_EQ(peer.to_the_end(), "");
    }
    RawPeer peer(server->port());
    peer.send(head + "2;ext=1\r\nhi\r\n0\r\nX: y\r\n\r\n");
    EXPECT_NE(peer.answer().find("hi"), std::string::npos);
}

TEST(HttpServer, AnUnknownTransferCodingHidesNoSecondRequest) {
    const auto server = echo();
    for (const char* coding : {"xchunked", "gzip, chunked", "identity", "chunked, chunked"}) {
        RawPeer peer(server->port());
        peer.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(coding) +
                  "\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto answer = peer.to_the_end();
        EXPECT_TRUE(answer.contains(" 501 ") || answer.contains(" 400 ") ||
                    answer.contains(" 413 "))
            << answer;
        EXPECT_FALSE(answer.contains("hidden")) << answer;
    }
}

TEST(HttpServer, APeerThatSendsFarTooMuchStillHearsWhy) {
    ServerConfig config;
    config.body_bytes_max = 1 << 20;
    const auto server = echo(config);
    RawPeer large(server->port());
    large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000\r\n\r\n" +
               std::string(6'000'000, 'x'));
    const auto answer = large.answer();
    EXPECT_NE(answer.find("413"), std::string::npos);
    EXPECT_NE(answer.find("\"next\":\""), std::string::npos);
}

TEST(HttpServer, HeadIsAnsweredWithoutABodySoThatTheNextAnswerIsTheNext) {
    const auto server = echo();
    RawPeer peer(server->port());
    peer.send(
        "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: "
        "close\r\n\r\n");
    std::string answers = peer.to_the_end();
    const auto end = answers.find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    EXPECT_NE(answers.substr(0, end).find("Content-Length: 11"), std::string::npos);
    EXPECT_TRUE(answers.substr(end + 4).starts_with("HTTP/1.1 200"));
    EXPECT_NE(answers.find("GET /b"), std::string::npos);
}

TEST(HttpServer, AnAnswerMayComeFromAnotherThreadAndOnlyOnce) {
    std::mutex mutex;
    std::vector<std::future<void>> threads;
    auto started = Server::start({}, [&](Request, Server::Respond respond) {
        const std::lock_guard lock(mutex);
        threads.push_back(std::async(std::launch::async, [respond] {
            respond({.status = 202,
                     .content_type = "text/plain",
                     .body = "first",
                     .location = "",
                     .retry_after_seconds = 0});
            respond({.status = 500,
                     .content_type = "text/plain",
                     .body = "second",
                     .location = "",
                     .retry_after_seconds = 0});
        }));
    });
    RawPeer peer((*started)->port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(peer.answer().find("202"), std::string::npos);
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(peer.answer().find("first"), std::string::npos);
}

TEST(HttpServer, AnAnswerThatNeverComesIs503) {
    ServerConfig config;
    config.deadline = std::chrono::milliseconds(50);
    auto started = Server::start(config, [](Request, Server::Respond) {});
    RawPeer peer((*started)->port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(peer.answer().find("503"), std::string::npos);
}

TEST(HttpServer, APeerThatStopsTalkingIsCutOff) {
    ServerConfig config;
    config.deadline = std::chrono::milliseconds(50);
    const auto server = echo(config);
    RawPeer peer(server->port());
    peer.send("GET / HT");
    EXPECT_EQ(peer.answer(), "");
}

/// A server for three connections.
ServerConfig room_for_three() {
    ServerConfig config;
    config.connections_max = 3;
    return config;
}
constexpr auto plain_get = "GET /desk HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(HttpServer, WhenItIsFullTheOldestThatOwesARequestMakesRoom) {
    const auto server = echo(room_for_three());
    RawPeer silent(server->port());
    RawPeer half(server->port());
    half.send("GET / HT");
    RawPeer third(server->port());
    for (int newcomers = 0; newcomers < 5; ++newcomers) {
        RawPeer desk(server->port());
        desk.send(plain_get);
        EXPECT_NE(desk.answer().find("200 OK"), std::string::npos);
    }
    EXPECT_TRUE(silent.is_closed());
}

TEST(HttpServer, OneAnswerDoesNotKeepAPlaceForEver) {
    const auto server = echo(room_for_three());
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(std::make_unique<RawPeer>(server->port()));
        peers.back()->send(plain_get);
        ASSERT_NE(peers.back()->answer().find("200 OK"), std::string::npos);
    }
    RawPeer desk(server->port());
    desk.send(plain_get);
    EXPECT_NE(desk.answer().find("200 OK"), std::string::npos);
    EXPECT_TRUE(peers.front()->is_closed());
    // The younger ones go on.
    peers.back()->send(plain_get);
    EXPECT_NE(peers.back()->answer().find("200 OK"), std::string::npos);
}

TEST(HttpServer, AfterARefusalAPeerThatStaysMakesRoomToo) {
    const auto server = echo(room_for_three());
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(std::make_unique<RawPeer>(server->port()));
        peers.back()->send("\x16\x03\x01 rubbish\r\n\r\n");
        ASSERT_NE(peers.back()->answer().find("400"), std::string::npos);
    }
    RawPeer desk(server->port());
    desk.send(plain_get);
    EXPECT_NE(desk.answer().find("200 OK"), std::string::npos);
}

TEST(HttpServer, WhoseRequestIsBeingAnsweredIsNeverClosedForANewcomer) {
    std::mutex mutex;
    std::vector<Server::Respond> owed;
    test::Collected<int> asked;
    auto started = Server::start(room_for_three(), [&](Request, Server::Respond respond) {
        const std::lock_guard lock(mutex);
        owed.push_back(std::move(respond));
        asked.add(1);
    });
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(std::make_unique<RawPeer>((*started)->port()));
        peers.back()->send(plain_get);
    }
    ASSERT_TRUE(asked.wait_for(3));
    RawPeer newcomer((*started)->port());
    EXPECT_TRUE(newcomer.is_closed());
    {
        const std::lock_guard lock(mutex);
        for (auto& respond : owed) respond({});
    }
    for (const auto& peer : peers) EXPECT_NE(peer->answer().find("200 OK"), std::string::npos);
}

TEST(HttpServer, StopsWithConnectionsOpenAndAnswersOwed) {
    Server::Respond kept;
    std::promise<void> asked;
    auto started = Server::start({}, [&](Request, Server::Respond respond) {
        kept = respond;
        asked.set_value();
    });
    RawPeer peer((*started)->port());
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    asked.get_future().wait();
    (*started)->stop();
    EXPECT_EQ(peer.answer(), "");
    kept({});
}

TEST(HttpServer, AnAddressInUseIsSaidSo) {
    const auto server = echo();
    ServerConfig config;
    config.port = server->port();
    auto second = Server::start(config, [](Request, Server::Respond) {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), ErrorCode::already_exists);
    config.address = "localhost:1";
    EXPECT_EQ(Server::start(config, [](Request, Server::Respond) {}).error(), ErrorCode::bad_value);
}

TEST(RequestCookies, OneOfANameIsFoundAmongOthers) {
    Request request;
    request.headers["cookie"] = "a=1; __Host-mash-session=abc; b";
    EXPECT_EQ(request.cookie("__Host-mash-session"), "abc");
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("b"), "");
    EXPECT_EQ(request.cookie("mash-session"), "");
    EXPECT_EQ(request.cookie("A"), "");
}

TEST(RequestCookies, OfTwoWithOneNameNeitherCounts) {
    // A neighbour under the same domain may set the second one; which was ours nobody could say.
    Request request;
    request.headers["cookie"] = "s=ours; s=theirs";
    EXPECT_EQ(request.cookie("s"), "");
    request.headers["cookie"] = "s=same; s=same";
    EXPECT_EQ(request.cookie("s"), "");
}

}  // namespace
}  // namespace mash::http
