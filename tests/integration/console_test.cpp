// Signing in over HTTPS with the agent's own certificate, as a browser does it.
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include <curl/curl.h>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

constexpr const char* passphrase = "canary words of nobody";

/// What a stream has said so far.
class Heard {
public:
    void add(std::string_view text) {
        {
            const std::lock_guard lock(mutex_);
            text_ += text;
        }
        more_.notify_all();
    }
    bool wait_for(const std::string& words) {
        std::unique_lock lock(mutex_);
        return more_.wait_for(lock, seconds(60),
                              [&] { return text_.find(words) != std::string::npos; });
    }

private:
    std::mutex mutex_;
    std::condition_variable more_;
    std::string text_;
};

/// Keeps the session's cookie and the word against forged requests.
class Browser {
public:
    Browser(std::string url, std::string authority)
        : url_(std::move(url)), authority_(std::move(authority)) {}

    struct Reply : Answer {
        std::string headers;
    };
    Reply ask(const std::string& method, const std::string& path, const Json& body = nullptr,
              const std::vector<std::string>& more = {}) const {
        Reply reply;
        perform(method, path, body, more, append, &reply.text, reply);
        return reply;
    }
    /// Returns when the stream has ended.
    void watch(Heard& heard) const {
        Reply reply;
        perform("GET", "/api/v1/events", nullptr, {}, hear, &heard, reply);
    }
    Reply sign_in(const std::string& name, const std::string& phrase, const std::string& code) {
        auto reply = ask("POST", "/api/v1/session",
                         {{"name", name}, {"passphrase", phrase}, {"code", code}});
        const auto at = reply.headers.find("-mash-session");
        if (reply.status == 200 && at != std::string::npos) {
            const auto from = reply.headers.rfind(' ', at) + 1;
            cookie = reply.headers.substr(from, reply.headers.find(';', at) - from);
            csrf = reply.json().value("csrf", "");
        }
        return reply;
    }

    std::string cookie;
    std::string csrf;

private:
    using Take = std::size_t (*)(char*, std::size_t, std::size_t, void*);
    static std::size_t hear(char* data, std::size_t size, std::size_t count, void* to) {
        static_cast<Heard*>(to)->add({data, size * count});
        return size * count;
    }
    static std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
        static_cast<std::string*>(to)->append(data, size * count);
        return size * count;
    }
    void perform(const std::string& method, const std::string& path, const Json& body,
                 const std::vector<std::string>& more, Take take, void* to, Reply& reply) const {
        const std::string sent = body.is_null() ? "" : body.dump();
        std::vector<std::string> headers{"Content-Type: application/json", "Expect:"};
        if (!cookie.empty()) headers.push_back("Cookie: " + cookie);
        if (!csrf.empty()) headers.push_back("X-CSRF-Token: " + csrf);
        headers.insert(headers.end(), more.begin(), more.end());
        curl_slist* list = nullptr;
        for (const auto& header : headers) list = curl_slist_append(list, header.c_str());
        CURL* curl = curl_easy_init();
        const std::string where = url_ + path;
        curl_easy_setopt(curl, CURLOPT_URL, where.c_str());
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
        // The certificate is its own authority: what a person compared is believed, and no other.
        curl_easy_setopt(curl, CURLOPT_CAINFO, authority_.c_str());
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply.headers);
        if (method == "POST") {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent.c_str());
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(sent.size()));
        }
        if (curl_easy_perform(curl) == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
        curl_slist_free_all(list);
        curl_easy_cleanup(curl);
    }
    std::string url_;
    std::string authority_;
};

class Console : public OnArea<Console> {
protected:
    static int port() { return area().broker_port() + 8; }
    static std::string url() { return "https://127.0.0.1:" + std::to_string(port()); }
    static std::string authority() { return (area().folder("hub") / "keys/console.crt").string(); }

    static void open_to_the_network() {
        const auto file = area().folder("hub") / "agent.toml";
        std::string toml = read_whole(file);
        const std::string section = "[console]\n";
        const auto at = toml.find(section);
        ASSERT_NE(at, std::string::npos) << "deploy/area says that it is a training area";
        toml.insert(at + section.size(), "listen = \"127.0.0.1:" + std::to_string(port()) + "\"\n");
        ASSERT_TRUE(area().program("hub").stop(seconds(60)));
        std::ofstream(file) << toml;
        area().start("hub");
        ASSERT_TRUE(area().wait_linked("hub"));
    }
};

TEST_F(Console, ASessionOverHttpsOpensTheDeskUntilItIsEnded) {
    open_to_the_network();
    Browser browser(url(), authority());
    const auto token = area().person("hub", "front-door");
    const auto made = browser.ask("POST", "/api/v1/accounts",
                                  {{"token", token},
                                   {"name", "canary.name"},
                                   {"passphrase", passphrase},
                                   {"second_factor", "codes"}});
    ASSERT_EQ(made.status, 201) << made.text;
    const auto codes = made.json()["codes"].get<std::vector<std::string>>();

    EXPECT_EQ(browser.ask("GET", "/api/v1/received").status, 401);
    const auto wrong = browser.sign_in("canary.name", passphrase, "AAAAA-AAAAA");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.headers.find("Set-Cookie"), std::string::npos);
    const auto entered = browser.sign_in("canary.name", passphrase, codes[0]);
    ASSERT_EQ(entered.status, 200) << entered.text;
    EXPECT_EQ(entered.json()["training"], true);
    const auto name = "__Host-mash-session-" + std::to_string(port()) + "=";
    EXPECT_TRUE(browser.cookie.starts_with(name)) << entered.headers;
    const auto at = entered.headers.find(name);
    const auto line = entered.headers.substr(at, entered.headers.find('\r', at) - at);
    for (const auto* flag : {"; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/"})
        EXPECT_NE(line.find(flag), std::string::npos) << flag;
    EXPECT_EQ(line.find("Domain"), std::string::npos);
    EXPECT_EQ(line.find("Max-Age"), std::string::npos) << "gone with the browser";

    const auto listed = browser.ask("GET", "/api/v1/received");
    EXPECT_EQ(listed.status, 200);
    EXPECT_NE(listed.headers.find("Cache-Control: no-store"), std::string::npos);
    const auto page = browser.ask("GET", "/");
    EXPECT_NE(page.headers.find("default-src 'none'"), std::string::npos);

    auto forger = browser;
    forger.csrf = "made up";
    EXPECT_EQ(forger.ask("POST", "/api/v1/search", {{"words", "invented"}}).json()["error"]["code"],
              "csrf");
    EXPECT_EQ(browser.ask("POST", "/api/v1/search", {{"words", "invented"}, {"reason", "my_case"}})
                  .status,
              200);
    EXPECT_EQ(
        browser.ask("GET", "/api/v1/received", nullptr, {"Sec-Fetch-Site: cross-site"}).status,
        403);
    Browser in_clear("http://127.0.0.1:" + std::to_string(area().broker_port() + 15), authority());
    in_clear.cookie = browser.cookie;
    EXPECT_EQ(in_clear.ask("GET", "/api/v1/received").status, 401);
    const auto second = Browser(url(), authority()).sign_in("canary.name", passphrase, codes[0]);
    EXPECT_EQ(second.status, 401) << "a code counts once";

    // The stream says at once how the link is, hears of what comes, and ends with the session.
    const auto person = token.substr(6, token.find('.', 6) - 6);
    const auto both =
        area().call("hub", area().person("hub", "emergency-duty"), "POST", "/api/v1/people",
                    Json{{"person", person}, {"inboxes", {"hub.edt"}}}.dump());
    ASSERT_EQ(both.status, 201) << "so that day and night are one desk here";
    Heard heard;
    std::thread watching([&] { browser.watch(heard); });
    EXPECT_TRUE(heard.wait_for("event: hello"));
    EXPECT_FALSE(area().post("police", missing_wren("it/console")).empty());
    EXPECT_TRUE(heard.wait_for("\"received\""));
    EXPECT_EQ(browser.ask("DELETE", "/api/v1/session").status, 204);
    watching.join();
    EXPECT_EQ(browser.ask("GET", "/api/v1/received").status, 401);
    EXPECT_EQ(browser.ask("GET", "/api/v1/session").status, 401);
    EXPECT_EQ(browser.ask("GET", "/api/v1/events").status, 401);

    const auto said = read_whole(area().log("hub"));
    for (const auto& secret : {std::string("canary"), codes[0], token})
        EXPECT_EQ(said.find(secret), std::string::npos) << "in the log";
}

}  // namespace
}  // namespace mash::integration
