#include "agents/runtime/shell/local_api.hpp"

#include <future>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"

namespace mash::runtime_shell {
namespace {

using nlohmann::json;

class Api : public ::testing::Test, public RunningCore {
protected:
    Api()
        : api(
              {{AreaId("worcestershire"), loop.get(), &replies}},
              [] { return std::string("mash_agent_up 1\n"); }, "openapi: 3.1.0\n") {}

    http::Response ask(const std::string& method, const std::string& path,
                       const std::string& body = {}, const std::string& token = {},
                       const std::string& area = {}) {
        test::ApiCall call{.method = method, .path = path, .request_body = body, .body = {}};
        http::Request request;
        request.method = method;
        request.path = path;
        request.body = body;
        if (!token.empty()) request.authorization = "Bearer " + token;
        if (!area.empty()) request.query["area"] = area;
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api.handle(std::move(request),
                   [promise](http::Response response) { promise->set_value(std::move(response)); });
        if (answer.wait_for(test::patience) != std::future_status::ready)
            return {.status = 0,
                    .content_type = "",
                    .body = "{}",
                    .location = "",
                    .retry_after_seconds = 0};
        auto response = answer.get();
        call.status = response.status;
        call.content_type = response.content_type;
        call.body = response.body;
        // What the router refuses belongs to no operation.
        if (!test::ApiDocument::of_tree().operation_of(method, path).empty()) {
            for (const auto& fault : test::ApiDocument::of_tree().faults_of(call))
                ADD_FAILURE() << fault;
        }
        return response;
    }
    std::string service() const { return world.police.service_token.reveal(); }

    LocalApi api;
};

TEST_F(Api, APathThatIsNotThereIs404AndAMethodThatAPathDoesNotTakeIs405) {
    start();
    for (const char* path : {"/", "/api/v1", "/api/v1/nothing", "/api/v1/sent/", "/api/v1/sent/a/b",
                             "/api/v1/sent/a/b/recall", "/api/v2/sent"}) {
        const auto response = ask("GET", path, {}, service());
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_EQ(json::parse(response.body)["error"]["code"], "not_found") << path;
    }
    for (const auto& [method, path] :
         {std::pair("GET", "/api/v1/notifications"), std::pair("DELETE", "/api/v1/sent"),
          std::pair("GET", "/api/v1/sent/a/recall"), std::pair("GET", "/api/v1/received/a/taken"),
          std::pair("PUT", "/api/v1/held/a"), std::pair("GET", "/api/v1/people")}) {
        EXPECT_EQ(ask(method, path, {}, service()).status, 405) << method << ' ' << path;
    }
}

TEST_F(Api, WhoeverShowsNoTokenOrAWrongOneIs401) {
    start();
    for (const char* path : {"/api/v1/sent", "/api/v1/received", "/api/v1/held", "/api/v1/tasks"}) {
        EXPECT_EQ(ask("GET", path).status, 401) << path;
        EXPECT_EQ(ask("GET", path, {}, "mash1.service.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                      .status,
                  401)
            << path;
        EXPECT_EQ(ask("GET", path, {}, "nonsense").status, 401) << path;
    }
}

TEST_F(Api, TheSameFailureReadsTheSameWhoeverAnswers) {
    start();
    const std::string notification =
        R"({"source_ref":"misper:1","agency":"police-wm","role":"pol","type":"missing_episode_started",)"
        R"("occurred_at":"2027-01-13T09:30:00Z","subject":{"surname":"Testcase"},"sections":{}})";
    const auto submitted = ask("POST", "/api/v1/notifications", notification, "nonsense");
    const auto read = ask("GET", "/api/v1/sent", {}, "nonsense");
    EXPECT_EQ(submitted.status, 401) << submitted.body;
    EXPECT_EQ(read.status, 401);
    EXPECT_EQ(json::parse(submitted.body), json::parse(read.body));
}

TEST_F(Api, AServiceTokenReadsStatusAndOpensNothing) {
    start();
    EXPECT_EQ(ask("GET", "/api/v1/status", {}, service()).status, 200);
    EXPECT_EQ(ask("GET", "/api/v1/received", {}, service()).status, 403);
}

TEST_F(Api, ANotificationWithFaultsIs422WithPathRuleAndMessageOfEach) {
    start();
    for (const char* body : {"", "not json", "[]", "{}", R"({"type":"missing_episode_started"})"}) {
        const auto response = ask("POST", "/api/v1/notifications", body, service());
        ASSERT_EQ(response.status, 422) << body;
        const auto answer = json::parse(response.body);
        ASSERT_FALSE(answer["faults"].empty()) << body;
        for (const auto& fault : answer["faults"]) {
            EXPECT_TRUE(fault.contains("path") && fault.contains("rule") &&
                        fault.contains("message"))
                << body;
            EXPECT_FALSE(fault["message"].get<std::string>().empty());
        }
    }
}

TEST_F(Api, AFaultNeverRepeatsWhatWasSent) {
    start();
    const auto response = ask("POST", "/api/v1/notifications",
                              R"({"type":"Inventedname","subject":{"surname":7}})", service());
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.body.find("Inventedname"), std::string::npos);
}

TEST_F(Api, AnIdThatTwoSendersUsedIsAskedForWithItsSender) {
    start();
    const std::string id = "00000000-0000-7000-8000-000000000000";
    // 403 is the core's own answer to a service token: the router let it through.
    for (const auto& [method, path] :
         {std::pair("GET", "/api/v1/received/police-wm/" + id),
          std::pair("POST", "/api/v1/received/police-wm/" + id + "/taken")}) {
        EXPECT_EQ(ask(method, path, {}, service()).status, 403) << path;
    }
    for (const auto& path : {"/api/v1/received/a b/" + id, "/api/v1/received/police-wm/x/" + id,
                             "/api/v1/sent/police-wm/" + id}) {
        EXPECT_EQ(ask("GET", path, {}, service()).status, 404) << path;
    }
}

TEST_F(Api, AnUnknownIdIs404OfTheCore) {
    start();
    const auto person =
        ask("POST", "/api/v1/received/00000000-0000-7000-8000-000000000000/taken", "{}", service());
    EXPECT_EQ(person.status, 403);
    EXPECT_EQ(ask("GET", "/api/v1/sent/00000000-0000-7000-8000-000000000000", {}, service()).status,
              404);
}

TEST_F(Api, AnotherAreaThanThoseServedIs404AndTheNamedOneAnswers) {
    start();
    EXPECT_EQ(ask("GET", "/api/v1/status", {}, {}, "elsewhere").status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/status", {}, {}, "worcestershire").status, 200);
}

TEST_F(Api, WhereSeveralAreasAreServedNothingGoesToOneByDefault) {
    start();
    const LocalApi both(
        {{AreaId("worcestershire"), loop.get(), &replies},
         {AreaId("herefordshire"), loop.get(), &replies}},
        [] { return std::string(); }, "");
    const auto ask_both = [&](const std::string& path, const std::string& area) {
        http::Request request;
        request.method = path.ends_with("notifications") ? "POST" : "GET";
        request.path = path;
        request.authorization = "Bearer " + service();
        if (!area.empty()) request.query["area"] = area;
        std::promise<http::Response> promise;
        both.handle(std::move(request),
                    [&](http::Response response) { promise.set_value(std::move(response)); });
        auto answer = promise.get_future();
        return answer.wait_for(test::patience) == std::future_status::ready ? answer.get().status
                                                                            : 0;
    };
    EXPECT_EQ(ask_both("/api/v1/notifications", ""), 422);
    EXPECT_EQ(ask_both("/api/v1/sent", ""), 422);
    EXPECT_EQ(ask_both("/api/v1/sent", "herefordshire"), 200);
    EXPECT_EQ(ask_both("/api/v1/health", ""), 200);
}

TEST_F(Api, WhileTheStoreRefusesItSaysSoAndAsksToComeAgain) {
    start();
    EXPECT_EQ(ask("GET", "/api/v1/health").status, 200);
    at_next_commits(std::vector(1000, store::CommitFault::disk_full));
    submit(1, "misper:1");
    ASSERT_TRUE(test::eventually([&] { return loop->is_in_trouble(); }));
    const auto health = ask("GET", "/api/v1/health");
    EXPECT_EQ(health.status, 503);
    EXPECT_EQ(json::parse(health.body)["code"], "disk_full");
    const auto sent = ask("POST", "/api/v1/notifications", "{}", service());
    EXPECT_EQ(sent.status, 503);
    EXPECT_GT(sent.retry_after_seconds, 0U);
    EXPECT_EQ(ask("GET", "/metrics").status, 200);
    at_next_commits({});
    EXPECT_TRUE(test::eventually([&] { return ask("GET", "/api/v1/health").status == 200; }));
}

TEST_F(Api, WhoWaitsWhenTheDiskFillsIsToldAndAFileWaitsOn) {
    start();
    const std::string notification =
        R"({"source_ref":"misper:1","agency":"police-wm","role":"pol","type":"missing_episode_started",)"
        R"("occurred_at":"2027-01-13T09:30:00Z","subject":{"surname":"Testcase"},"sections":{}})";
    for (const auto& [method, path, body] :
         {std::tuple("GET", "/api/v1/sent", std::string()),
          std::tuple("POST", "/api/v1/notifications", notification)}) {
        // A tick may find the full disk before the request does: then it is not taken at all.
        bool has_waited = false;
        for (int attempt = 0; attempt < 50 && !has_waited; ++attempt) {
            at_next_commits(std::vector(1000, store::CommitFault::disk_full));
            const auto answer = ask(method, path, body, service());
            ASSERT_EQ(answer.status, 503);
            EXPECT_GT(answer.retry_after_seconds, 0U);
            const auto error = json::parse(answer.body).at("error");
            EXPECT_EQ(error.at("code"), "disk_full");
            has_waited =
                error.at("next").get<std::string>().find("may still be done") != std::string::npos;
            if (has_waited) submit(1'000'009, "misper:file");
            at_next_commits({});
            ASSERT_TRUE(
                test::eventually([&] { return ask("GET", "/api/v1/health").status == 200; }));
        }
        EXPECT_TRUE(has_waited) << path;
    }
    EXPECT_TRUE(test::eventually([&] { return is_submitted(1'000'009); }))
        << "intake has no deadline and is answered once there is room";
    EXPECT_EQ(ask("GET", "/api/v1/sent", {}, service()).status, 200);
}

TEST_F(Api, ServesMetricsAndItsOwnDescription) {
    EXPECT_EQ(ask("GET", "/metrics").body, "mash_agent_up 1\n");
    EXPECT_EQ(ask("GET", "/api/v1/openapi.yaml").body, "openapi: 3.1.0\n");
}

}  // namespace
}  // namespace mash::runtime_shell
