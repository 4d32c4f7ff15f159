#include "agents/runtime/shell/sign_in.hpp"

#include <future>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/desk/totp.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"

namespace mash::runtime_shell {
namespace {

using nlohmann::json;
using std::chrono::minutes;

constexpr const char* phrase = "correct horse battery";

/// A browser: keeps its cookies, and says where it is.
struct Browser {
    std::map<std::string, std::string> cookies;
    std::string csrf;
    std::string address = "10.0.0.1";
    std::string site = "same-origin";
};

class SigningIn : public ::testing::Test, public RunningCore {
protected:
    SigningIn()
        : sign_in(SignIn::Parts{
              .areas = {{AreaId("worcestershire"), loop.get(), &replies}},
              .browser_key = Digest{1, 2, 3},
              .random = random,
              .clocks = [this] { return now(); },
              .note = [this](LogEvent, ErrorCode) { ++refusals; },
              .price = {1, 8},
          }),
          api(
              {{AreaId("worcestershire"), loop.get(), &replies}}, [] { return std::string(); },
              "openapi: 3.1.0\n", &sign_in) {
        start();
        token = add_person("Canaryname One");
    }

    Now now() {
        const std::lock_guard lock(clock);
        return moment;
    }
    void pass(std::chrono::milliseconds time) {
        const std::lock_guard lock(clock);
        moment = {moment.steady + time, moment.wall + time};
    }

    std::string add_person(const std::string& name) {
        const auto added =
            send({}, "POST", "/api/v1/people",
                 json{{"name", name},
                      {"agency", "police-wm"},
                      {"roles", {"dpo"}},
                      {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}});
        EXPECT_EQ(added.status, 201) << json::parse(added.body)["error"]["code"];
        return json::parse(added.body).value("token", "");
    }

    static http::Request who_am_i() {
        http::Request request;
        request.method = "GET";
        request.path = "/api/v1/me";
        return request;
    }
    http::Response send(http::Request request) {
        const test::ApiCall asked{.method = request.method,
                                  .path = request.path,
                                  .request_body = request.body,
                                  .body = {}};
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api.handle(request,
                   [promise](http::Response response) { promise->set_value(std::move(response)); });
        http::Response response;
        response.status = 0;
        if (answer.wait_for(test::patience) == std::future_status::ready) response = answer.get();
        auto call = asked;
        call.status = response.status;
        call.content_type = response.content_type;
        call.body = response.body;
        for (const auto& fault : test::ApiDocument::of_tree().faults_of(call))
            ADD_FAILURE() << fault;
        return response;
    }
    http::Response send(const Browser& browser, const std::string& method, const std::string& path,
                        const json& body = nullptr, const std::string& with_csrf = {}) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.content_type = "application/json";
        if (!body.is_null()) request.body = body.dump();
        request.peer = browser.address;
        request.is_secure = true;
        std::string cookies;
        for (const auto& [name, value] : browser.cookies)
            cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
        if (!cookies.empty()) request.headers["cookie"] = cookies;
        if (!browser.site.empty()) request.headers["sec-fetch-site"] = browser.site;
        const auto csrf = with_csrf.empty() ? browser.csrf : with_csrf;
        if (!csrf.empty() && csrf != "none") request.headers["x-csrf-token"] = csrf;
        return send(std::move(request));
    }

    struct Made {
        std::vector<std::string> codes;
        std::vector<std::string> recovery;
    };
    Made make(const std::string& name = "a.name", const std::string& of = {}) {
        const auto made = send({}, "POST", "/api/v1/accounts",
                               json{{"token", of.empty() ? token : of},
                                    {"name", name},
                                    {"passphrase", phrase},
                                    {"second_factor", "codes"}});
        EXPECT_EQ(made.status, 201) << made.body;
        const auto parsed = json::parse(made.body);
        return {parsed.value("codes", std::vector<std::string>()),
                parsed.value("recovery_codes", std::vector<std::string>())};
    }
    http::Response enter(Browser& browser, const std::string& code,
                         const std::string& name = "a.name",
                         const std::string& passphrase = phrase) {
        auto answer = send(browser, "POST", "/api/v1/session",
                           json{{"name", name}, {"passphrase", passphrase}, {"code", code}});
        for (const auto& [header, value] : answer.headers) {
            if (header != "Set-Cookie") continue;
            const auto equals = value.find('=');
            browser.cookies[value.substr(0, equals)] =
                value.substr(equals + 1, value.find(';') - equals - 1);
        }
        if (answer.status == 200) browser.csrf = json::parse(answer.body).at("csrf");
        return answer;
    }
    static std::string code_of(const http::Response& response) {
        return json::parse(response.body).at("error").at("code");
    }

    std::mutex clock;
    Now moment{SteadyTime::from_ms(1'000'000), WallTime::from_unix_ms(1'795'000'000'000)};
    std::atomic<int> refusals = 0;
    SignIn sign_in;
    LocalApi api;
    std::string token;
};

TEST_F(SigningIn, ASessionCarriesItsPersonsToken) {
    const auto made = make();
    Browser browser;
    const auto answer = enter(browser, made.codes[0]);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto session = json::parse(answer.body);
    EXPECT_EQ(session["me"]["person"], session["person"]);
    EXPECT_EQ(session["codes_left"], 19);
    EXPECT_EQ(session["confirmed_until"], nullptr);
    EXPECT_EQ(send(browser, "GET", "/api/v1/me").status, 200);
    EXPECT_EQ(send(browser, "GET", "/api/v1/session").status, 200);
    EXPECT_EQ(answer.body.find(token), std::string::npos);
}

TEST_F(SigningIn, TheCookieIsForThisHostAndForNoScript) {
    const auto made = make();
    Browser browser;
    const auto answer = enter(browser, made.codes[0]);
    int cookies = 0;
    for (const auto& [header, value] : answer.headers) {
        if (header != "Set-Cookie") continue;
        ++cookies;
        for (const auto* word : {"; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/"})
            EXPECT_NE(value.find(word), std::string::npos) << word;
        EXPECT_EQ(value.find("Domain"), std::string::npos);
    }
    EXPECT_EQ(cookies, 2);
    EXPECT_TRUE(browser.cookies.contains("__Host-mash-session"));
}

TEST_F(SigningIn, WhateverIsWrongTheAnswerIsTheSame) {
    const auto made = make();
    Browser browser;
    const auto unknown = enter(browser, made.codes[0], "nobody");
    const auto phrase_wrong = enter(browser, made.codes[0], "a.name", "another long phrase");
    browser.address = "10.0.0.2";
    const auto code_wrong = enter(browser, "AAAAA-AAAAA");
    const auto recovery = enter(browser, made.recovery[0]);
    const auto no_name = enter(browser, made.codes[0], "no name/");
    for (const auto* answer : {&unknown, &phrase_wrong, &code_wrong, &recovery, &no_name}) {
        EXPECT_EQ(answer->status, 401);
        EXPECT_EQ(answer->body, unknown.body);
        EXPECT_TRUE(answer->headers.empty());
    }
    EXPECT_EQ(refusals, 5) << "each stands in the log";
}

TEST_F(SigningIn, ACodeLetsOneInOnce) {
    const auto made = make();
    Browser one;
    Browser other;
    EXPECT_EQ(enter(one, made.codes[0]).status, 200);
    EXPECT_EQ(enter(other, made.codes[0]).status, 401);
    EXPECT_EQ(enter(other, made.codes[1]).status, 200);
}

TEST_F(SigningIn, ATelephonesCodeCountsOnceToo) {
    const auto made = json::parse(send({}, "POST", "/api/v1/accounts",
                                       json{{"token", token},
                                            {"name", "a.name"},
                                            {"passphrase", phrase},
                                            {"second_factor", "totp"}})
                                      .body);
    EXPECT_EQ(made["codes"], nullptr);
    // From base32, as a telephone does.
    std::string bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : made["totp"]["secret"].get<std::string>()) {
        held = (held << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>((held >> bits) & 0xffU));
    }
    const auto secret = crypto::SecretBytes::copy_of(view_of(bytes));
    const auto code = desk::totp_code(
        secret, static_cast<std::uint64_t>(now().wall.unix_ms() / desk::totp_step_ms));
    Browser browser;
    EXPECT_EQ(enter(browser, code).status, 200);
    EXPECT_EQ(enter(browser, code).status, 401);
}

TEST_F(SigningIn, WhoeverGuessesIsToldToWait) {
    const auto made = make();
    Browser guesser;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(enter(guesser, "AAAAA-AAAAA").status, 401);
    const auto told = enter(guesser, made.codes[0]);
    EXPECT_EQ(told.status, 429);
    EXPECT_EQ(told.retry_after_seconds, 1U);
    Browser elsewhere;
    elsewhere.address = "10.0.0.2";
    EXPECT_EQ(enter(elsewhere, made.codes[0]).status, 200);
    pass(std::chrono::seconds(1));
    EXPECT_EQ(enter(guesser, made.codes[1]).status, 200);
}

TEST_F(SigningIn, AStrangersGuessesDoNotHoldUpTheBrowserThatTheOwnerUses) {
    const auto made = make();
    Browser own;
    ASSERT_EQ(enter(own, made.codes[0]).status, 200);
    for (int place = 0; place < 12; ++place) {
        Browser stranger;
        stranger.address = "10.0.1." + std::to_string(place);
        (void)enter(stranger, "AAAAA-AAAAA");
    }
    Browser fresh;
    EXPECT_EQ(enter(fresh, made.codes[1]).status, 429);
    EXPECT_EQ(enter(own, made.codes[1]).status, 200);
    // A mark made up, or of another account, is none.
    fresh.cookies["mash-browser"] = std::string(32, 'a') + "." + std::string(64, 'b');
    EXPECT_EQ(enter(fresh, made.codes[2]).status, 429);
}

TEST_F(SigningIn, ARequestThatChangesSomethingNeedsTheWordOfTheSession) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    Browser other;
    ASSERT_EQ(enter(other, made.codes[1]).status, 200);
    for (const auto& csrf : {std::string("none"), std::string("wrong"), other.csrf}) {
        EXPECT_EQ(code_of(send(browser, "POST", "/api/v1/notifications", json::object(), csrf)),
                  "csrf");
        EXPECT_EQ(code_of(send(browser, "DELETE", "/api/v1/session", nullptr, csrf)), "csrf");
    }
    EXPECT_EQ(send(browser, "POST", "/api/v1/notifications", json::object()).status, 422)
        << "it reaches the interface, which finds it empty";
    EXPECT_EQ(send(browser, "GET", "/api/v1/session").status, 200) << "nobody signed it out";
}

TEST_F(SigningIn, AnotherSitesPageReachesNothing) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    browser.site = "cross-site";
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/me")), "csrf");
    EXPECT_EQ(code_of(enter(browser, made.codes[1])), "csrf") << "nor signs anybody in";
    browser.site = "same-site";
    EXPECT_EQ(code_of(send(browser, "POST", "/api/v1/notifications", json::object())), "csrf");
}

TEST_F(SigningIn, AnEndedSessionOpensNothing) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    EXPECT_EQ(send(browser, "DELETE", "/api/v1/session").status, 204);
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/me")), "signed_out");
    EXPECT_EQ(send(browser, "DELETE", "/api/v1/session").status, 204) << "again";
    ASSERT_EQ(enter(browser, made.codes[1]).status, 200);
    pass(minutes(15));
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/me")), "signed_out");
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/session")), "signed_out");
}

TEST_F(SigningIn, AProtectedAddressIsReleasedByWhoeverHasJustShownWhoTheyAre) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const std::string path = "/api/v1/sent/01a30e61-fdc0-7c1e-8a3f-5b1c66f0a2d7/release";
    EXPECT_EQ(code_of(send(browser, "POST", path, json{{"reason", "because"}})), "confirm_again");
    EXPECT_EQ(send(browser, "POST", "/api/v1/session/confirm",
                   json{{"passphrase", phrase}, {"code", made.codes[0]}})
                  .status,
              401)
        << "a used code confirms nothing";
    const auto confirmed = send(browser, "POST", "/api/v1/session/confirm",
                                json{{"passphrase", phrase}, {"code", made.codes[1]}});
    ASSERT_EQ(confirmed.status, 200) << confirmed.body;
    EXPECT_TRUE(json::parse(confirmed.body)["confirmed_until"].is_string());
    EXPECT_NE(code_of(send(browser, "POST", path, json{{"reason", "because"}})), "confirm_again");
    pass(minutes(5));
    EXPECT_EQ(code_of(send(browser, "POST", path, json{{"reason", "because"}})), "confirm_again");
}

TEST_F(SigningIn, AnOpenPageMakesNoTokenAndTakesNothingFromColleagues) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const json second{{"name", "Invented Second"}, {"inboxes", {"hub.ffd"}}};
    const std::vector<std::tuple<const char*, std::string, json>> asked{
        {"POST", "/api/v1/people", second},
        {"DELETE", "/api/v1/people/p-000000000000", json::object()},
        {"POST", "/api/v1/inboxes/hub.ffd/rotate", json::object()},
        {"DELETE", "/api/v1/conflicts/01a30e61-fdc0-7c1e-8a3f-5b1c66f0a2d7", json::object()},
    };
    for (const auto& [method, path, body] : asked)
        EXPECT_EQ(code_of(send(browser, method, path, body)), "confirm_again") << path;
    ASSERT_EQ(send(browser, "POST", "/api/v1/session/confirm",
                   json{{"passphrase", phrase}, {"code", made.codes[1]}})
                  .status,
              200);
    for (const auto& [method, path, body] : asked)
        EXPECT_NE(code_of(send(browser, method, path, body)), "confirm_again") << path;
}

TEST_F(SigningIn, NothingIsTakenAwayAsAFileBeforeSomebodyHasShownWhoTheyAreOnceMore) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const json reason{{"reason", "own_records"}};
    for (const auto* path : {"/api/v1/sent/export", "/api/v1/chronology/export"})
        EXPECT_EQ(code_of(send(browser, "POST", path, reason)), "confirm_again") << path;
    ASSERT_EQ(send(browser, "POST", "/api/v1/session/confirm",
                   json{{"passphrase", phrase}, {"code", made.codes[1]}})
                  .status,
              200);
    const auto taken = send(browser, "POST", "/api/v1/sent/export", reason);
    EXPECT_EQ(taken.status, 200) << taken.body;
    EXPECT_TRUE(json::parse(taken.body).at("sent").is_array());
    EXPECT_EQ(code_of(send(browser, "POST", "/api/v1/sent/export", reason, "none")), "csrf");
    pass(minutes(5));
    EXPECT_EQ(code_of(send(browser, "POST", "/api/v1/sent/export", reason)), "confirm_again");
}

TEST_F(SigningIn, ASessionThatAsksTooFastIsToldToWaitAndNoOtherIs) {
    const auto made = make();
    Browser script;
    Browser person;
    ASSERT_EQ(enter(script, made.codes[0]).status, 200);
    ASSERT_EQ(enter(person, made.codes[1]).status, 200);
    const int noted = refusals;
    http::Response told;
    int answered = 0;
    while (told.status != 429 && answered < 1'000) {
        told = send(script, "GET", "/api/v1/session");
        answered += told.status == 200 ? 1 : 0;
    }
    EXPECT_EQ(answered, 300);
    EXPECT_EQ(code_of(told), "too_fast");
    EXPECT_EQ(told.retry_after_seconds, 1U);
    EXPECT_NE(told.body.find("Try again in 1 second"), std::string::npos);
    EXPECT_EQ(code_of(send(script, "POST", "/api/v1/notifications", json::object())), "too_fast");
    EXPECT_EQ(refusals, noted + 1) << "said once in the log, however often it is refused";
    EXPECT_EQ(send(person, "GET", "/api/v1/me").status, 200);
    pass(std::chrono::seconds(1));
    EXPECT_EQ(send(script, "GET", "/api/v1/me").status, 200) << "as it was told";
    EXPECT_EQ(send(script, "DELETE", "/api/v1/session").status, 204);
}

TEST_F(SigningIn, WhoeverWantsToLeaveIsNotToldToWait) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    while (send(browser, "GET", "/api/v1/session").status == 200) {
    }
    EXPECT_EQ(send(browser, "DELETE", "/api/v1/session").status, 204);
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/me")), "signed_out");
}

TEST_F(SigningIn, AStrangersPageUsesUpNothingOfASession) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    auto stranger = browser;
    stranger.site = "cross-site";
    for (int i = 0; i < 400; ++i)
        ASSERT_EQ(code_of(send(stranger, "GET", "/api/v1/session")), "csrf");
    EXPECT_EQ(send(browser, "GET", "/api/v1/me").status, 200);
}

TEST_F(SigningIn, ProgramsWithATokenAreNotCountedAsPages) {
    auto request = who_am_i();
    request.authorization = "Bearer " + token;
    for (int i = 0; i < 320; ++i) ASSERT_EQ(send(request).status, 200) << i;
}

TEST_F(SigningIn, AnotherPassphraseEndsTheOtherSessions) {
    const auto made = make();
    Browser one;
    Browser other;
    ASSERT_EQ(enter(one, made.codes[0]).status, 200);
    ASSERT_EQ(enter(other, made.codes[1]).status, 200);
    const auto change = [&](const std::string& wanted, const std::string& code) {
        return send(one, "POST", "/api/v1/account/passphrase",
                    json{{"passphrase", phrase}, {"code", code}, {"new_passphrase", wanted}})
            .status;
    };
    EXPECT_EQ(change("short", made.codes[2]), 422);
    EXPECT_EQ(change("quite another phrase", made.codes[2]), 204);
    EXPECT_EQ(send(one, "GET", "/api/v1/me").status, 200);
    EXPECT_EQ(send(other, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(enter(other, made.codes[3]).status, 401);
    EXPECT_EQ(enter(other, made.codes[4], "a.name", "quite another phrase").status, 200);
}

TEST_F(SigningIn, ALostTelephoneIsReplacedByARecoveryCodeOnce) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const auto replace = [&](const std::string& code, const std::string& passphrase = phrase) {
        return send(Browser{}, "POST", "/api/v1/account/second-factor",
                    json{{"name", "a.name"},
                         {"passphrase", passphrase},
                         {"recovery_code", code},
                         {"second_factor", "codes"}});
    };
    EXPECT_EQ(replace(made.codes[1]).status, 401) << "a code of the sheet is none";
    EXPECT_EQ(replace(made.recovery[0], "another long phrase").status, 401);
    const auto replaced = replace(made.recovery[0]);
    ASSERT_EQ(replaced.status, 201) << replaced.body;
    EXPECT_EQ(send(browser, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(enter(browser, made.codes[1]).status, 401) << "the old sheet counts no more";
    const auto codes = json::parse(replaced.body)["codes"].get<std::vector<std::string>>();
    EXPECT_EQ(enter(browser, codes[0]).status, 200);
    EXPECT_EQ(replace(made.recovery[1]).status, 401) << "nor the old recovery codes";
}

TEST_F(SigningIn, AnAccountIsMadeAgainOnlyBeforeItsFirstSignIn) {
    (void)make();
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const json again{
        {"token", token}, {"name", "a.name"}, {"passphrase", phrase}, {"second_factor", "totp"}};
    EXPECT_EQ(send({}, "POST", "/api/v1/accounts", again).status, 409);
    EXPECT_EQ(enter(browser, made.codes[1]).status, 200);
}

TEST_F(SigningIn, AnAccountNeedsAPersonsOwnToken) {
    json body{
        {"token", token}, {"name", "a.name"}, {"passphrase", phrase}, {"second_factor", "totp"}};
    (void)make("a.name");
    const auto with = [&](const char* field, const json& value) {
        auto changed = body;
        changed[field] = value;
        return send({}, "POST", "/api/v1/accounts", changed).status;
    };
    EXPECT_EQ(with("token", add_person("Canaryname Two")), 409) << "somebody has the name";
    EXPECT_EQ(with("token", "mash1.p-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401);
    EXPECT_EQ(with("token", world.police.service_token.reveal()), 403);
    EXPECT_EQ(with("passphrase", "short"), 422);
    EXPECT_EQ(with("second_factor", "none"), 422);
    EXPECT_EQ(with("name", "no name/"), 422);
}

TEST_F(SigningIn, ABearerTokenGoesOnAsBefore) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    auto request = who_am_i();
    request.authorization = "Bearer " + token;
    EXPECT_EQ(send(request).status, 200);
    request.headers["cookie"] = "__Host-mash-session=nonsense";
    EXPECT_EQ(send(request).status, 200);
}

TEST_F(SigningIn, ARequestInClearDoesNotUseTheSecureSession) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    auto request = who_am_i();
    request.headers["cookie"] = "__Host-mash-session=" + browser.cookies["__Host-mash-session"];
    EXPECT_EQ(send(request).status, 401);
}

TEST_F(SigningIn, TwoAgentsOfOneMachineKeepTheirCookiesApart) {
    const auto made = make();
    http::Request request;
    request.method = "POST";
    request.path = "/api/v1/session";
    request.content_type = "application/json";
    request.headers["host"] = "127.0.0.1:7415";
    request.body = json{{"name", "a.name"}, {"passphrase", phrase}, {"code", made.codes[0]}}.dump();
    const auto answer = send(request);
    ASSERT_EQ(answer.status, 200);
    for (const auto& [header, value] : answer.headers)
        EXPECT_TRUE(value.starts_with("mash-session-7415=") ||
                    value.starts_with("mash-browser-7415="));
    request.headers["host"] = "127.0.0.1:x";
    request.body = json{{"name", "a.name"}, {"passphrase", phrase}, {"code", made.codes[1]}}.dump();
    for (const auto& [header, value] : send(request).headers)
        EXPECT_TRUE(value.starts_with("mash-session=") || value.starts_with("mash-browser="));
}

TEST_F(SigningIn, ReadingIsNoActivityAndSayingSoIs) {
    const auto made = make();
    Browser reading;
    Browser used;
    ASSERT_EQ(enter(reading, made.codes[0]).status, 200);
    ASSERT_EQ(enter(used, made.codes[1]).status, 200);
    pass(minutes(10));
    EXPECT_EQ(send(reading, "GET", "/api/v1/me").status, 200);
    EXPECT_EQ(send(used, "GET", "/api/v1/session").status, 200);
    pass(minutes(10));
    EXPECT_EQ(send(reading, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(send(used, "POST", "/api/v1/notifications", json::object()).status, 422);
    pass(minutes(10));
    EXPECT_EQ(send(used, "GET", "/api/v1/me").status, 200) << "sending was activity";
}

TEST_F(SigningIn, TheRecoveryKeyGivesACodeThatReplacesALostSecondFactorOnce) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const std::string person = runtime::credential_from_text(PersonalText(token))->person.value();
    const auto reset = [&](const std::string& key) {
        return send({}, "POST", "/api/v1/people/" + person + "/account/reset",
                    json{{"recovery_key", key}});
    };
    const auto key = to_base64url(world.police.recovery.secret_key.reveal());
    EXPECT_EQ(reset(to_base64url(Bytes(32, 7))).status, 401);
    const auto given = reset(key);
    ASSERT_EQ(given.status, 200) << given.body;
    const auto code = json::parse(given.body)["code"].get<std::string>();
    const auto replace = [&](const std::string& shown, const std::string& passphrase) {
        return send(Browser{}, "POST", "/api/v1/account/second-factor",
                    json{{"name", "a.name"},
                         {"passphrase", passphrase},
                         {"recovery_code", shown},
                         {"second_factor", "codes"}});
    };
    EXPECT_EQ(replace(code, "another long phrase").status, 401) << "the code alone opens nothing";
    EXPECT_EQ(replace("AAAAA-AAAAA", phrase).status, 401);
    EXPECT_EQ(send(Browser{}, "POST", "/api/v1/session",
                   json{{"name", "a.name"}, {"passphrase", phrase}, {"code", code}})
                  .status,
              401)
        << "it signs nobody in";
    pass(std::chrono::seconds(1));
    const auto replaced = replace(code, phrase);
    ASSERT_EQ(replaced.status, 201) << replaced.body;
    EXPECT_EQ(send(browser, "GET", "/api/v1/me").status, 401) << "older sessions are over";
    EXPECT_EQ(replace(code, phrase).status, 401) << "it counts once";
}

TEST_F(SigningIn, NobodyResetsTheirOwnAccountFromAnOpenPage) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const std::string path = "/api/v1/people/" +
                             runtime::credential_from_text(PersonalText(token))->person.value() +
                             "/account";
    EXPECT_EQ(code_of(send(browser, "POST", path + "/reset", json::object())), "confirm_again");
    EXPECT_EQ(code_of(send(browser, "DELETE", path)), "confirm_again");
    ASSERT_EQ(send(browser, "POST", "/api/v1/session/confirm",
                   json{{"passphrase", phrase}, {"code", made.codes[1]}})
                  .status,
              200);
    EXPECT_EQ(code_of(send(browser, "POST", path + "/reset", json::object())), "not_entitled");
    EXPECT_EQ(send(browser, "POST", path + "/reset", json::object(), "wrong").status, 403);
    EXPECT_EQ(send({}, "POST", path + "/reset", json::object()).status, 401);
}

TEST_F(SigningIn, WhoseAccountIsRemovedIsSignedOutAndMakesAnotherWithTheirToken) {
    const auto made = make();
    Browser browser;
    ASSERT_EQ(enter(browser, made.codes[0]).status, 200);
    const std::string path = "/api/v1/people/" +
                             runtime::credential_from_text(PersonalText(token))->person.value() +
                             "/account";
    const json key{{"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}};
    EXPECT_EQ(send({}, "DELETE", path, key).status, 200);
    EXPECT_EQ(code_of(send(browser, "GET", "/api/v1/me")), "signed_out");
    EXPECT_EQ(enter(browser, made.codes[1]).status, 401);
    EXPECT_EQ(send({}, "DELETE", path, key).status, 404) << "there is none any more";
    const auto again = make("another.name");
    EXPECT_EQ(enter(browser, again.codes[0], "another.name").status, 200);
}

TEST_F(SigningIn, WhatWaitsWhenItStopsIsAnswered) {
    sign_in.stop();
    Browser browser;
    EXPECT_EQ(enter(browser, "AAAAA-AAAAA").status, 503);
}

TEST(TheInterface, DoesNotServeTheRowsOfAccounts) {
    for (const auto& operation : operations()) {
        if (operation.target != Operation::Target::core) continue;
        EXPECT_NE(operation.kind, runtime::ApiRequest::Kind::account_read);
        EXPECT_NE(operation.kind, runtime::ApiRequest::Kind::account_write);
        EXPECT_NE(operation.kind, runtime::ApiRequest::Kind::account_reset);
        EXPECT_NE(operation.kind, runtime::ApiRequest::Kind::known_changes);
    }
}

}  // namespace
}  // namespace mash::runtime_shell
