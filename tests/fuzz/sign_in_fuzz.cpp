// Any bytes as an account's record, and as the body of each request at the console's door, at a
// real core. The first byte chooses. A record that is read is written back as it was, in the newest
// version; a body is answered as openapi.yaml says, lets nobody in who does not know what opens the
// account, and is repeated to nobody.
#include <cstdint>
#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/desk/account.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "agents/runtime/shell/sign_in.hpp"
#include "common/base/check.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"

namespace {

using namespace mash;
using namespace mash::runtime_shell;
using nlohmann::json;

/// One account, to which nobody has signed in.
struct Door : RunningCore {
    Door()
        : area{AreaId("worcestershire"), loop.get(), &replies},
          sign_in({.areas = {area},
                   .browser_key = Digest{1},
                   .random = random,
                   .clocks = [this] { return now; },
                   .note = [](LogEvent, ErrorCode) {},
                   .price = {1, 8}}),
          api({area}, [] { return std::string(); }, "openapi: 3.1.0\n", &sign_in) {
        ::testing::GTEST_FLAG(throw_on_failure) = true;
        start();
        const auto added =
            send("/api/v1/people",
                 json{{"name", "Invented Person"},
                      {"agency", "police-wm"},
                      {"roles", {"dpo"}},
                      {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}}
                     .dump());
        const auto made = send("/api/v1/accounts", json{{"token", json::parse(added.body)["token"]},
                                                        {"name", "a.name"},
                                                        {"passphrase", "correct horse battery"},
                                                        {"second_factor", "codes"}}
                                                       .dump());
        CHECK(made.status == 201);
    }
    ~Door() override {
        sign_in.stop();
        loop->stop();
    }
    http::Response send(const std::string& path, std::string body) {
        http::Request request;
        request.method = "POST";
        request.path = path;
        request.content_type = "application/json";
        request.body = std::move(body);
        request.peer = "10.0.0.1";
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api.handle(request,
                   [promise](http::Response response) { promise->set_value(std::move(response)); });
        return answer.get();
    }

    ApiArea area;
    Now now{SteadyTime::from_ms(1'000'000), WallTime::from_unix_ms(1'795'000'000'000)};
    SignIn sign_in;
    LocalApi api;
};

void read_record(ByteView input) {
    const auto account = desk::account_from(input);
    if (!account) return;
    const auto written = desk::bytes_of(*account);
    // Version 1 had no way of signing in after its number.
    const std::size_t head = input.front() == 1 ? 1 : 2;
    CHECK(std::ranges::equal(ByteView(written).subspan(2), input.subspan(head)));
}

void knock(const std::string& path, std::string_view body) {
    static Door door;
    // Nobody waits for whoever guessed before.
    door.now = {door.now.steady + std::chrono::hours(25), door.now.wall + std::chrono::hours(25)};
    const auto answer = door.send(path, std::string(body));
    CHECK(answer.status >= 400);
    CHECK(answer.headers.empty());
    // A word of it could stand in the answer by chance; the whole of it cannot.
    CHECK(body.size() < 16 || answer.body.find(body) == std::string::npos);
    test::ApiCall call;
    call.method = "POST";
    call.path = path;
    call.request_body = std::string(body);
    call.status = answer.status;
    call.content_type = answer.content_type;
    call.body = answer.body;
    CHECK(test::ApiDocument::of_tree().faults_of(call).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView input(data + 1, size - 1);
    switch (data[0] % 5) {
        case 0: read_record(input); break;
        case 1: knock("/api/v1/session", text_of(input)); break;
        case 2: knock("/api/v1/accounts", text_of(input)); break;
        case 3: knock("/api/v1/account/second-factor", text_of(input)); break;
        default: knock("/api/v1/people/p-1/account/reset", text_of(input)); break;
    }
    return 0;
}
