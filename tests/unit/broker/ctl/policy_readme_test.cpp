// deploy/policy/README.md leads an information-governance lead through one change. Its walk is done
// here as it is written there, and what it quotes must be what the tools print: every line,
// whatever the numbers are.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "broker/ctl/policy_commands.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/broker/ctl/ctl_fixture.hpp"

namespace mash::ctl {
namespace {

using testing::CtlTest;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
    return lines;
}

/// Other tests and routes come and go.
std::string without_numbers(const std::string& line) {
    std::string out;
    for (const char c : line) {
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_digit)
            out += c;
        else if (out.empty() || out.back() != '#')
            out += '#';
    }
    return out;
}

class PolicyReadme : public CtlTest {
protected:
    void SetUp() override {
        now_ = wall_time_from_rfc3339("2026-11-20T12:00:00Z").value();
        auto command = init_command();
        command.area = "worcestershire";
        ASSERT_TRUE(init_area(context(), command));
        std::filesystem::copy(shipped(), file("draft"), std::filesystem::copy_options::recursive);
        const auto readme = read(shipped() / "README.md");
        const auto begin = readme.find("## One safe change");
        const auto end = readme.find("\n## ", begin + 1);
        ASSERT_NE(end, std::string::npos);
        walk_ = lines_of(readme.substr(begin, end - begin));
    }
    static std::filesystem::path shipped() { return test::source_dir() / "deploy/policy"; }
    PolicyFiles draft() const { return {file("draft/policy.toml"), file("draft/catalogue.toml")}; }

    /// What the README shows below the `nth` such command.
    std::vector<std::string> quoted(const std::string& command, std::size_t nth = 1) const {
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < walk_.size(); ++i) {
            if (!walk_[i].starts_with("$ " + command) || --nth != 0) continue;
            while (++i < walk_.size() && !walk_[i].starts_with("$ ") && walk_[i] != "```") {
                if (!walk_[i].starts_with("...")) lines.push_back(without_numbers(walk_[i]));
            }
            break;
        }
        EXPECT_FALSE(lines.empty()) << command;
        return lines;
    }
    std::string line_with(const std::string& text) const {
        for (const auto& line : walk_) {
            if (line.find(text) != std::string::npos) return line;
        }
        ADD_FAILURE() << "the README shows no " << text;
        return {};
    }
    /// As a terminal shows it, from where the README has it run.
    std::vector<std::string> printed(const Outcome<void>& outcome) {
        auto text = err_.str() + out_.str();
        if (!outcome)
            text += "mashctl: " + outcome.error().what + "\nWhat to do: " + outcome.error().next;
        err_.str("");
        out_.str("");
        const auto here = folder_.path().string() + "/";
        for (auto at = text.find(here); at != std::string::npos; at = text.find(here))
            text.erase(at, here.size());
        auto lines = lines_of(text);
        for (auto& line : lines) line = without_numbers(line);
        return lines;
    }
    void change(const std::string& name, const std::string& from, const std::string& to,
                std::size_t after = 0) {
        auto text = read(file(name));
        const auto found = text.find(from, after);
        ASSERT_NE(found, std::string::npos) << from;
        std::ofstream(file(name)) << text.replace(found, from.size(), to);
    }
    /// `line` first in the list `tell` of each test that failed.
    void write_down(const std::string& failures, const std::string& line) {
        for (const auto& failed : lines_of(failures)) {
            const auto name = failed.find(": FAILED ");
            if (name == std::string::npos) continue;
            const auto where = "draft/tests/" + failed.substr(0, failed.find(':'));
            auto text = read(file(where));
            const auto test = text.find("name = \"" + failed.substr(name + 9) + "\"");
            ASSERT_NE(test, std::string::npos) << failed;
            const std::string tell = "tell = [\n";
            const auto next = std::min(text.find("[[test]]", test), text.size());
            const auto list = text.find(tell, test);
            if (list < next)
                text.insert(list + tell.size(), line + "\n");
            else
                text.insert(text.find('\n', test) + 1, tell + line + "\n]\n");
            std::ofstream(file(where)) << text;
        }
    }
    std::vector<std::string> walk_;
};

TEST_F(PolicyReadme, QuotesWhatTheToolsPrintFromWishToForce) {
    ASSERT_TRUE(sign_policy(
        context(), {dir(), {shipped() / "policy.toml", shipped() / "catalogue.toml"}, {}}));
    (void)printed({});

    const auto policy = read(file("draft/policy.toml"));
    const auto route = policy.find("missing-start-unscheduled-care");
    change("draft/policy.toml", "when = { risk_grade = \"high\" }", line_with("mediun"), route);
    change("draft/policy.toml", "\nversion = 1\n", "\nversion = 2\n");
    change("draft/policy.toml", "valid_from = 2026-09-01", "valid_from = 2026-12-01");
    EXPECT_THAT(printed(check_policy(context(), {draft()})),
                IsSupersetOf(quoted("mashctl policy check")));
    change("draft/policy.toml", "mediun", "medium");
    EXPECT_THAT(printed(check_policy(context(), {draft()})),
                IsSupersetOf(quoted("mashctl policy check", 2)));

    const auto tested = test_policy(context(), {file("draft"), false});
    const auto failures = out_.str();
    EXPECT_THAT(printed(tested), IsSupersetOf(quoted("mashctl policy test")));
    const auto line = line_with("{ who = \"trust/urg\"");
    write_down(failures, line);
    // Where a test offers fewer views it says what is got of them.
    EXPECT_FALSE(test_policy(context(), {file("draft"), true}));
    const auto fewer = out_.str();
    EXPECT_THAT(fewer, HasSubstr("it is sfc"));
    EXPECT_THAT(fewer, Not(HasSubstr("and should not be")));
    (void)printed({});
    auto text = read(file("draft/tests/01-missing.toml"));
    const auto test = text.find("name = \"A protected address");
    text.replace(text.find(line, test), line.size(),
                 "    { who = \"trust/urg\", acts = \"U2\", gets = \"sfc\" },");
    std::ofstream(file("draft/tests/01-missing.toml")) << text;
    EXPECT_THAT(printed(test_policy(context(), {file("draft"), false})),
                IsSupersetOf(quoted("mashctl policy test", 2)));

    EXPECT_THAT(printed(diff_policies(context(), {shipped(), file("draft")})),
                IsSupersetOf(quoted("mashctl policy diff")));

    for (const auto& [id, kind, seat] : {std::tuple{"police", "police", "pol::people"},
                                         std::tuple{"trust", "health", "urg::automatic"},
                                         std::tuple{"hub", "front_door", "ffd::people"}}) {
        auto command = invite_command(id);
        command.kind = kind;
        command.urn.clear();
        command.host = id;
        command.seats = {seat};
        const testing::AgencyMachine machine(random_);
        ASSERT_TRUE(approve_agencies(context(), approval({request(invite(command), machine)})));
    }
    (void)printed({});
    const auto echo = line_with("> case.json");
    const auto from = echo.find('\'') + 1;
    const auto facts = write("case.json", echo.substr(from, echo.rfind('\'') - from));
    ASSERT_TRUE(explain_policy(context(), {dir(), facts, draft(), false}));
    EXPECT_THAT(out_.str(), HasSubstr("Unscheduled care"));
    (void)printed({});
    const auto recorded = write("october.jsonl", read(facts) + "\n");
    ASSERT_TRUE(simulate_policy(context(), {dir(), recorded, draft()}));
    EXPECT_THAT(out_.str(), HasSubstr("trust/urg: not told -> told"));
    (void)printed({});

    EXPECT_THAT(printed(sign_policy(context(), {dir(), draft(), {}})),
                IsSupersetOf(quoted("mashctl policy sign")));
    EXPECT_THAT(printed(activate_policy(context(), {dir(), {}})),
                IsSupersetOf(quoted("mashctl policy activate")));
    now_ = wall_time_from_rfc3339("2026-12-01T00:00:00Z").value();
    EXPECT_THAT(printed(activate_policy(context(), {dir(), {}})),
                IsSupersetOf(quoted("mashctl policy activate", 2)));
}

}  // namespace
}  // namespace mash::ctl
