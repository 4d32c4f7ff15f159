// Streams of open pages, on a running core: what comes, to whom, and how they end.
#include "agents/runtime/shell/events.hpp"

#include <atomic>
#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/local_api.hpp"
#include "common/store/table.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"

namespace mash::runtime_shell {
namespace {

using nlohmann::json;

class EventsTest : public ::testing::Test, public RunningCore {
protected:
    EventsTest()
        : area{AreaId("worcestershire"), loop.get(), &replies},
          events({.areas = {area},
                  .clocks = [this] { return world.now; },
                  .is_open = [this](const Digest& session) { return session[0] != over; }}),
          api({area}, [] { return std::string(); }, "openapi: 3.1.0\n", nullptr, &events) {
        on_commit = [this](const runtime::Changes& changes) {
            events.committed(area.area, changes);
        };
        start();
        officer = add_person("Invented Officer", {"police-wm.pol"});
        manager = add_person("Invented Manager", {"police-wm.manager"});
    }
    ~EventsTest() override { loop->stop(); }

    http::Response send(const std::string& method, const std::string& path,
                        const std::string& token, const json& body = nullptr) {
        http::Request request;
        request.method = method;
        request.path = path;
        if (!token.empty()) request.authorization = "Bearer " + token;
        if (!body.is_null()) request.body = body.dump();
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api.handle(request,
                   [promise](http::Response response) { promise->set_value(std::move(response)); });
        http::Response response;
        response.status = 0;
        if (answer.wait_for(test::patience) == std::future_status::ready) response = answer.get();
        const test::ApiCall call{.method = method,
                                 .path = path,
                                 .request_body = request.body,
                                 .status = response.status,
                                 .content_type = response.content_type,
                                 .body = response.body};
        for (const auto& fault : test::ApiDocument::of_tree().faults_of(call))
            ADD_FAILURE() << fault;
        return response;
    }
    std::string add_person(const std::string& name, const std::vector<std::string>& inboxes) {
        const auto added =
            send("POST", "/api/v1/people", "",
                 json{{"name", name},
                      {"agency", "police-wm"},
                      {"inboxes", inboxes},
                      {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}});
        EXPECT_EQ(added.status, 201) << added.body;
        return json::parse(added.body).value("token", "");
    }
    std::shared_ptr<http::EventStream> open(const std::string& token) {
        auto answer = send("GET", "/api/v1/events", token);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.content_type, "text/event-stream");
        return answer.stream;
    }
    /// In a session, which the shell has found by its cookie.
    std::shared_ptr<http::EventStream> open_in(const Digest& session) {
        http::Request request;
        request.authorization = "Bearer " + officer;
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        events.open(area, request, session, [promise](http::Response response) {
            promise->set_value(std::move(response));
        });
        return answer.wait_for(test::patience) == std::future_status::ready ? answer.get().stream
                                                                            : nullptr;
    }
    static bool comes(http::EventStream& stream, std::string& seen, const std::string& wanted) {
        return test::eventually([&] {
            seen += stream.take();
            return seen.find(wanted) != std::string::npos;
        });
    }

    ApiArea area;
    std::atomic<std::uint8_t> over = 0;  ///< which session
    Events events;
    LocalApi api;
    std::string officer;
    std::string manager;
};

TEST_F(EventsTest, SaysAtOnceHowTheLinkIsAndThenWhatChanged) {
    const auto stream = open(officer);
    ASSERT_NE(stream, nullptr);
    std::string seen;
    ASSERT_TRUE(comes(*stream, seen, "event: hello\n"));
    EXPECT_NE(seen.find("\"up\":false"), std::string::npos);
    events.link(area.area, true);
    ASSERT_TRUE(comes(*stream, seen, "event: link\ndata: {\"up\":true,\"since\":"));
    events.link(area.area, true);
    submit(77, "news");
    ASSERT_TRUE(comes(*stream, seen, "event: changed\ndata: {\"what\":[\"sent\"],\"inboxes\":[]}"));
    EXPECT_EQ(seen.find("event: link", seen.find("event: link") + 1), std::string::npos)
        << "the same again is no news";
}

TEST_F(EventsTest, WhoeverMayNotKnowHearsNotEvenThatSomethingHappened) {
    const auto told = open(officer);
    const auto kept_from = open(manager);
    std::string seen;
    std::string of_other;
    submit(78, "hidden");
    ASSERT_TRUE(comes(*told, seen, "event: changed"));
    // The next commit is theirs to know of: whatever came before it has been said by then.
    const auto added = add_person("Invented Second", {"police-wm.manager"});
    EXPECT_FALSE(added.empty());
    events.committed(area.area,
                     {{runtime::Listed::received, store::key_bytes(InboxId("police-wm.manager"))}});
    ASSERT_TRUE(comes(*kept_from, of_other, "police-wm.manager"));
    EXPECT_EQ(of_other.find("sent"), std::string::npos) << of_other;
}

TEST_F(EventsTest, ATokenThatIsNoneOpensNothing) {
    EXPECT_EQ(send("GET", "/api/v1/events", "").status, 401);
    EXPECT_EQ(send("GET", "/api/v1/events", officer + "A").status, 401);
    EXPECT_EQ(send("GET", "/api/v1/events", world.police.service_token.reveal()).status, 403);
    EXPECT_EQ(events.size(), 0U);
}

TEST_F(EventsTest, TooManyOfOnePersonAreRefusedAndOfAnotherAreNot) {
    std::vector<std::shared_ptr<http::EventStream>> open_ones;
    for (std::size_t i = 0; i < streams_of_session_max; ++i) open_ones.push_back(open(officer));
    const auto refused = send("GET", "/api/v1/events", officer);
    EXPECT_EQ(refused.status, 429);
    EXPECT_GT(refused.retry_after_seconds, 0U);
    EXPECT_NE(open(manager), nullptr);
    EXPECT_NE(open_in(Digest{1}), nullptr) << "a browser has its own";
    open_ones.front()->drop();  // its page was closed
    EXPECT_NE(open(officer), nullptr);
}

TEST_F(EventsTest, EndsWithItsSession) {
    const auto stream = open_in(Digest{1});
    ASSERT_NE(stream, nullptr);
    EXPECT_FALSE(stream->has_ended());
    over = 1;
    EXPECT_TRUE(test::eventually([&] { return stream->has_ended(); }));
    EXPECT_TRUE(test::eventually([&] { return events.size() == 0; }));
}

TEST_F(EventsTest, EndsWhenItsPersonIsRemoved) {
    const auto stream = open(officer);
    ASSERT_NE(stream, nullptr);
    const auto person = runtime::credential_from_text(PersonalText(officer))->person.value();
    const json key{{"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}};
    ASSERT_EQ(send("DELETE", "/api/v1/people/" + person, "", key).status, 200);
    submit(79, "after");
    EXPECT_TRUE(test::eventually([&] { return stream->has_ended(); }));
}

TEST_F(EventsTest, AReaderThatReadsNothingEndsAndNothingIsKeptForIt) {
    const auto stream = open(officer);
    ASSERT_NE(stream, nullptr);
    const runtime::Changes change{
        {runtime::Listed::received, store::key_bytes(InboxId("police-wm.pol"))}};
    EXPECT_TRUE(test::eventually([&] {
        events.committed(area.area, change);
        return stream->has_ended();
    }));
    EXPECT_TRUE(test::eventually([&] { return events.size() == 0; }));
    EXPECT_LE(stream->take().size(), http::stream_bytes_max);
}

TEST_F(EventsTest, MoreChangesThanOneMayWaitForEndIt) {
    const auto stream = open(officer);
    ASSERT_NE(stream, nullptr);
    runtime::Changes many;
    for (std::uint32_t i = 0; i <= changes_waiting_max; ++i)
        many.insert({runtime::Listed::sent, store::key_bytes(i)});
    events.committed(area.area, many);
    EXPECT_TRUE(stream->has_ended());
}

TEST_F(EventsTest, WhatIsStoppedEndsAndOpensNoMore) {
    const auto stream = open(officer);
    ASSERT_NE(stream, nullptr);
    events.stop();
    EXPECT_TRUE(stream->has_ended());
    EXPECT_EQ(send("GET", "/api/v1/events", officer).status, 503);
}

}  // namespace
}  // namespace mash::runtime_shell
