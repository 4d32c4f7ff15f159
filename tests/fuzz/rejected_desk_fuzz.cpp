// Any bytes as what a person makes of a rejected file: mended rows, mended text, the reason for
// setting it aside; or as the note beside one. The first line says which of them. The answer is as
// openapi.yaml says; what is taken lies in intake/ as it was given, and nothing that is refused has
// left a trace there.
#include <cstdint>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/shell/intake_folder.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "agents/runtime/shell/rejected_desk.hpp"
#include "agents/runtime/shell/rejected_note.hpp"
#include "common/base/check.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"
#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace {

namespace fs = std::filesystem;

using namespace mash;
using namespace mash::runtime_shell;
using nlohmann::json;

/// The police's host with two files that were not wholly usable, a table and a text, and an officer
/// of the role that they came for. Its intake has stopped: what is put back stays to be looked at.
class Desk : public RunningCore {
public:
    Desk()
        : desk_({{AreaId("worcestershire"), folder_.path(),
                  [](const std::string&) { return Seat{AgencyId("police-wm"), RoleId("pol")}; }}},
                [this] { return world.now; }),
          api_(
              {{AreaId("worcestershire"), loop.get(), &replies}}, [] { return std::string(); },
              "openapi: 3.1.0\n", nullptr, nullptr, &desk_) {
        ::testing::GTEST_FLAG(throw_on_failure) = true;
        start();
        const json body{{"name", "Invented Officer"},
                        {"agency", "police-wm"},
                        {"roles", {"pol"}},
                        {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}};
        const auto added = ask("POST", "/api/v1/people", body.dump());
        CHECK(added.status == 201);
        token_ = json::parse(added.body).at("token");
        reject_two_files();
        fs::copy(at("rejected"), at("kept"), fs::copy_options::recursive);
        const auto listed = json::parse(ask("GET", "/api/v1/rejected", "").body).at("rejected");
        for (const auto& line : listed)
            ids_[line["file"] == "a.csv" ? "rows" : "text"] = line["id"];
        CHECK(ids_.size() == 2);
    }
    ~Desk() override {
        desk_.stop();
        loop->stop();
    }
    /// Whatever was taken is put back: each request finds both files open.
    void answer(const std::string& file, const std::string& action, std::string_view body) {
        const auto path = "/api/v1/rejected/" + ids_.at(file) + "/" + action;
        const auto given = ask("POST", path, std::string(body));
        const test::ApiCall call{
            "POST", path, std::string(body), given.status, given.content_type, given.body};
        CHECK(test::ApiDocument::of_tree().faults_of(call).empty());
        CHECK(given.status < 500);
        std::vector<fs::path> put_back;
        for (const auto& item : fs::directory_iterator(at("intake")))
            put_back.push_back(item.path());
        CHECK(put_back.size() == (given.status == 202 ? 1U : 0U));
        if (!put_back.empty())
            expect_as_given(test::content_of(put_back.front()), json::parse(body));
        if (given.status >= 300) return;
        for (const auto& item : put_back) fs::remove(item);
        fs::remove_all(at("rejected"));
        fs::copy(at("kept"), at("rejected"), fs::copy_options::recursive);
    }

    /// Beside a file lies what somebody made of its note.
    void list_with_note(std::string_view text) {
        if (const auto note = note_from(text)) {
            const auto written = note_text(*note);
            const auto again = note_from(written);
            CHECK(again && note_text(*again) == written);
        }
        const auto file = at("rejected/a.csv.report.json");
        test::write_content(file, std::string(text));
        const std::string path = "/api/v1/rejected";
        const auto given = ask("GET", path, "");
        const test::ApiCall call{"GET", path, "", given.status, given.content_type, given.body};
        CHECK(given.status == 200);
        CHECK(test::ApiDocument::of_tree().faults_of(call).empty());
        fs::copy_file(at("kept/a.csv.report.json"), file, fs::copy_options::overwrite_existing);
    }

private:
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    http::Response ask(const std::string& method, const std::string& path, std::string body) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.body = std::move(body);
        if (!token_.empty()) request.authorization = "Bearer " + token_;
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api_.handle(request, [promise](http::Response response) {
            promise->set_value(std::move(response));
        });
        return answer.get();
    }
    void reject_two_files() {
        runtime::SourceFormats formats;
        formats.push_back(make_scripted_format());
        IntakeConfig config;
        config.folder = folder_.path();
        config.poll_interval = std::chrono::milliseconds(20);
        config.context_of = [this](const std::string&) -> std::optional<runtime::ReadContext> {
            runtime::ReadContext context;
            context.agency = AgencyId("police-wm");
            context.role = RoleId("pol");
            context.now = world.now;
            return context;
        };
        const auto taken = [] {
            std::promise<SubmitOutcome> promise;
            promise.set_value({.accepted = true, .later = false, .faults = {}});
            return promise.get_future();
        };
        IntakeDoors doors;
        doors.remembered = [](std::string_view) -> Result<std::optional<std::string>> {
            return std::optional<std::string>();
        };
        doors.submit = [&](runtime::Submit) { return taken(); };
        doors.roll = [&](runtime::ReplaceRoll) { return taken(); };
        doors.remember = [&](runtime::Remember) { return taken(); };
        doors.note = [](runtime::Recorded) {};
        IntakeFolder intake(config, formats, std::move(doors));
        CHECK(intake.start().has_value());
        test::write_content(at("intake/a.csv"), "ref,what,note\r\nr1,bad,\"a, b\"\r\nr2,bad,x\r\n");
        test::write_content(at("intake/odd.txt"), "no format of ours");
        const auto is_rejected = [&] {
            return fs::exists(at("rejected/a.csv.report.json")) &&
                   fs::exists(at("rejected/odd.txt.report.json")) && fs::is_empty(at("intake"));
        };
        CHECK(test::eventually(is_rejected));
        intake.stop();
    }
    /// A line that ends within a cell comes back as the reader has it: by a line feed.
    static std::string with_line_feeds(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
            out += text[i] == '\r' ? '\n' : text[i];
        }
        return out;
    }
    static void expect_as_given(const std::string& file, const json& body) {
        if (body.contains("text")) {
            CHECK(file == body["text"].get<std::string>());
            return;
        }
        std::vector<std::vector<std::string>> read;
        runtime::CsvReader reader([&](runtime::CsvRecord&& record) {
            auto& row = read.emplace_back();
            for (const auto& cell : record.cells) row.push_back(cell.reveal());
        });
        CHECK(reader.feed(file).has_value() && reader.finish().has_value());
        CHECK(read.size() == body["rows"].size() + 1);
        for (std::size_t i = 1; i < read.size(); ++i) {
            auto values = body["rows"][i - 1]["values"].get<std::vector<std::string>>();
            if (values.empty()) values.emplace_back();
            for (auto& value : values) value = with_line_feeds(value);
            CHECK(read[i] == values);
        }
    }

    test::TemporaryFolder folder_;
    RejectedDesk desk_;
    LocalApi api_;
    std::string token_;
    std::map<std::string, std::string> ids_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Desk desk;
    const auto input = text_of({data, size});
    const auto end = input.find('\n');
    const auto which = input.substr(0, end);
    const auto body = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
    if (which.starts_with("note"))
        desk.list_with_note(body);
    else if (which.starts_with("aside"))
        desk.answer("text", "set-aside", body);
    else
        desk.answer(which.starts_with("rows") ? "rows" : "text", "mended", body);
    return 0;
}
