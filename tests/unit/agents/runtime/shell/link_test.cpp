// The link against a real ROUTER with CURVE and ZAP on loopback, played by the test.
#include "agents/runtime/shell/link.hpp"

#include <deque>
#include <thread>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "common/base/limits.hpp"
#include "common/crypto/random.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

using Clock = std::chrono::steady_clock;

/// Admits whoever it is told to, collects what is said, says what it is given to everyone who
/// spoke.
class PlayedBroker {
public:
    explicit PlayedBroker(const crypto::CurveKeyPair& keys) : keys_(keys) {}
    ~PlayedBroker() { stop(); }

    void start(const std::string& endpoint = "tcp://127.0.0.1:0") {
        stopping_ = false;
        context_ = std::make_unique<zmq::context_t>(1);
        zap_ = zmq::socket_t(*context_, zmq::socket_type::rep);
        zap_.bind("inproc://zeromq.zap.01");
        router_ = zmq::socket_t(*context_, zmq::socket_type::router);
        router_.set(zmq::sockopt::curve_server, true);
        router_.set(zmq::sockopt::curve_publickey, text_of(keys_.public_key.view()));
        router_.set(zmq::sockopt::curve_secretkey, text_of(keys_.secret_key.reveal()));
        router_.set(zmq::sockopt::zap_domain, "mash");
        router_.set(zmq::sockopt::linger, 0);
        router_.bind(endpoint);
        bound_ = router_.get(zmq::sockopt::last_endpoint);
        thread_ = std::thread([this] { run(); });
    }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        router_.close();
        zap_.close();
        context_.reset();
    }
    void say(const std::string& text) {
        const std::lock_guard lock(mutex_);
        to_say_.push_back(text);
    }

    const std::string& endpoint() const { return bound_; }
    std::atomic<bool> admits = true;
    std::string refused_key;  ///< this one only; set before start()
    std::atomic<bool> reads = true;
    test::Collected<Clock::time_point> asked;
    test::Collected<std::string> keys_seen;
    test::Collected<std::string> heard;

private:
    void run() {
        while (!stopping_) {
            zmq::pollitem_t items[2] = {{zap_.handle(), 0, ZMQ_POLLIN, 0},
                                        {router_.handle(), 0, ZMQ_POLLIN, 0}};
            zmq::poll(items, reads ? 2 : 1, std::chrono::milliseconds(5));
            if ((items[0].revents & ZMQ_POLLIN) != 0) answer_zap();
            if (reads && (items[1].revents & ZMQ_POLLIN) != 0) hear();
            const std::lock_guard lock(mutex_);
            for (const auto& text : to_say_) {
                router_.send(zmq::buffer(peer_), zmq::send_flags::sndmore);
                router_.send(zmq::buffer(text), zmq::send_flags::none);
            }
            to_say_.clear();
        }
    }
    void answer_zap() {
        std::vector<std::string> parts;
        for (bool more = true; more;) {
            zmq::message_t part;
            if (!zap_.recv(part)) return;
            more = part.more();
            parts.push_back(part.to_string());
        }
        asked.add(Clock::now());
        keys_seen.add(parts.back());
        const bool yes = admits && (refused_key.empty() || parts.back() != refused_key);
        const std::string answer[] = {"1.0", parts.at(1),         yes ? "200" : "300",
                                      "",    yes ? "police" : "", ""};
        for (std::size_t i = 0; i < 6; ++i)
            zap_.send(zmq::buffer(answer[i]),
                      i < 5 ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
    void hear() {
        zmq::message_t id;
        zmq::message_t body;
        if (!router_.recv(id) || !router_.recv(body)) return;
        peer_ = id.to_string();
        heard.add(body.to_string());
    }

    const crypto::CurveKeyPair& keys_;
    std::unique_ptr<zmq::context_t> context_;
    zmq::socket_t zap_;
    zmq::socket_t router_;
    std::string bound_;
    std::string peer_;
    std::mutex mutex_;
    std::vector<std::string> to_say_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

class LinkTest : public ::testing::Test {
protected:
    void start(std::vector<std::string> endpoints, const crypto::CurveKeyPair* next = nullptr) {
        Link::Events events;
        events.up = [this] {
            if (on_up) on_up();
            ups.add(Clock::now());
        };
        events.down = [this] { downs.add(Clock::now()); };
        events.frame = [this](Bytes frame) { frames.add(std::string(text_of(frame))); };
        link = std::make_unique<Link>(LinkConfig{std::move(endpoints), expected_broker,
                                                 own.public_key, &own.secret_key, next},
                                      events);
        link->start();
    }
    ~LinkTest() override {
        if (link) link->stop();
    }

    crypto::SystemRandom random;
    crypto::CurveKeyPair broker_keys = crypto::CurveKeyPair::generate(random);
    crypto::CurveKeyPair own = crypto::CurveKeyPair::generate(random);
    crypto::CurvePublicKey expected_broker = broker_keys.public_key;
    PlayedBroker broker{broker_keys};
    std::function<void()> on_up;
    test::Collected<Clock::time_point> ups;
    test::Collected<Clock::time_point> downs;
    test::Collected<std::string> frames;
    std::unique_ptr<Link> link;
};

TEST_F(LinkTest, ComesUpWithItsOwnKeyAndMovesFramesBothWays) {
    broker.start();
    start({broker.endpoint()});
    ASSERT_TRUE(ups.wait_for(1));
    EXPECT_EQ(broker.keys_seen.all().front(), text_of(own.public_key.view()));
    link->send(wire::Lane::routine, bytes("hello"));
    ASSERT_TRUE(broker.heard.wait_for(1));
    broker.say("welcome");
    ASSERT_TRUE(frames.wait_for(1));
    EXPECT_EQ(frames.all().front(), "welcome");
    EXPECT_EQ(link->counts().connects, 1U);
    EXPECT_EQ(link->counts().frames_in, 1U);
    EXPECT_EQ(link->counts().frames_out, 1U);
}

TEST_F(LinkTest, WhatWaitsLeavesByLane) {
    on_up = [this] {
        link->send(wire::Lane::bulk, bytes("bulk"));
        link->send(wire::Lane::routine, bytes("routine 1"));
        link->send(wire::Lane::immediate, bytes("immediate"));
        link->send(wire::Lane::routine, bytes("routine 2"));
        link->send(wire::Lane::urgent, bytes("urgent"));
    };
    broker.start();
    start({broker.endpoint()});
    ASSERT_TRUE(broker.heard.wait_for(5));
    EXPECT_EQ(broker.heard.all(),
              (std::vector<std::string>{"immediate", "urgent", "routine 1", "routine 2", "bulk"}));
}

TEST_F(LinkTest, ARefusedHostTriesAgainWithGrowingPausesAndGetsInOnceAdmitted) {
    broker.admits = false;
    broker.start();
    start({broker.endpoint()});
    ASSERT_TRUE(broker.asked.wait_for(3));
    EXPECT_EQ(ups.size(), 0U);
    const auto asked = broker.asked.all();
    EXPECT_GE(asked[1] - asked[0], limits::reconnect_interval_min);
    EXPECT_GE(asked[2] - asked[1], 2 * limits::reconnect_interval_min);
    broker.admits = true;
    ASSERT_TRUE(ups.wait_for(1));
    link->send(wire::Lane::routine, bytes("hello"));
    EXPECT_TRUE(broker.heard.wait_for(1));
}

TEST_F(LinkTest, ABrokerWithAnotherKeyIsNeverSpokenTo) {
    expected_broker = crypto::CurveKeyPair::generate(random).public_key;
    broker.start();
    // Its frame would be heard if any handshake could succeed; the second address is the proof that
    // the first was tried.
    crypto::CurveKeyPair right_keys = crypto::CurveKeyPair::generate(random);
    expected_broker = right_keys.public_key;
    PlayedBroker right(right_keys);
    right.start();
    start({broker.endpoint(), right.endpoint()});
    ASSERT_TRUE(ups.wait_for(1));
    EXPECT_EQ(broker.asked.size(), 0U);
    EXPECT_EQ(right.asked.size(), 1U);
    link->stop();
}

TEST_F(LinkTest, ComesBackAfterTheBrokerRestartedAndForgetsWhatWasQueuedForTheOldSession) {
    broker.start();
    const auto endpoint = broker.endpoint();
    start({endpoint});
    ASSERT_TRUE(ups.wait_for(1));
    broker.stop();
    ASSERT_TRUE(downs.wait_for(1));
    link->send(wire::Lane::immediate, bytes("of the old session"));
    broker.start(endpoint);
    ASSERT_TRUE(ups.wait_for(2));
    link->send(wire::Lane::routine, bytes("of the new session"));
    ASSERT_TRUE(broker.heard.wait_for(1));
    EXPECT_EQ(broker.heard.all().front(), "of the new session");
}

TEST_F(LinkTest, TheNextAddressIsTriedWhenNobodyListensAtTheFirst) {
    broker.start();
    const auto nobody = broker.endpoint();
    broker.stop();
    broker.start();
    start({nobody, broker.endpoint()});
    EXPECT_TRUE(ups.wait_for(1));
}

TEST_F(LinkTest, EachOfTwoKeysIsTriedAtEachAddress) {
    // The registry lists the old key only, and of two addresses either one answers: whichever it
    // is, the old key must come to it.
    const auto next = crypto::CurveKeyPair::generate(random);
    broker.start();
    const auto nobody = broker.endpoint();
    broker.stop();
    broker.refused_key = text_of(next.public_key.view());
    broker.start();
    for (const auto& endpoints :
         {std::vector{broker.endpoint(), nobody}, std::vector{nobody, broker.endpoint()}}) {
        const auto before = ups.size();
        start(endpoints, &next);
        EXPECT_TRUE(ups.wait_for(before + 1));
        EXPECT_EQ(broker.keys_seen.all().back(), text_of(own.public_key.view()));
        link->stop();
    }
}

TEST_F(LinkTest, ReconnectDropsTheSessionAndOpensAnother) {
    broker.start();
    start({broker.endpoint()});
    ASSERT_TRUE(ups.wait_for(1));
    link->reconnect();
    ASSERT_TRUE(downs.wait_for(1));
    ASSERT_TRUE(ups.wait_for(2));
    EXPECT_EQ(broker.asked.size(), 2U);
}

TEST_F(LinkTest, StopsAtOnceWhereNobodyListens) {
    broker.start();
    const auto nobody = broker.endpoint();
    broker.stop();
    start({nobody});
    link->stop();
    EXPECT_EQ(ups.size(), 0U);
    EXPECT_EQ(downs.size(), 0U);
}

}  // namespace
}  // namespace mash::runtime_shell
