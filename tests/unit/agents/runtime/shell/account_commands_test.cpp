#include "agents/runtime/shell/account_commands.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

using nlohmann::json;
using Action = AccountOptions::Action;

class AccountCommands : public ::testing::Test {
protected:
    std::string file(const std::string& name, const std::string& text) {
        const auto path = folder.path() / name;
        std::ofstream(path) << text;
        return path.string();
    }
    Result<AccountRequest> request(const AccountOptions& options, const std::string& token = {},
                                   const std::string& recovery_key = {}) {
        problem.clear();
        return account_request(options, PersonalText(token), PersonalText(recovery_key), problem);
    }
    test::TemporaryFolder folder;
    std::string problem;
};

TEST_F(AccountCommands, AnAccountIsAskedForWithTokenAndPassphraseInTheBodyAlone) {
    AccountOptions options;
    options.action = Action::add;
    options.name = "a.name";
    options.area = "worcestershire";
    options.passphrase_file = file("phrase", "four invented words here\n");
    const auto made = request(options, "mash1.p-1.secret");
    ASSERT_TRUE(made) << problem;
    EXPECT_EQ(made->method, "POST");
    EXPECT_EQ(made->path, "/api/v1/accounts?area=worcestershire");
    const auto body = json::parse(made->body.reveal());
    EXPECT_EQ(body["passphrase"], "four invented words here");
    EXPECT_EQ(body["token"], "mash1.p-1.secret");
    EXPECT_EQ(body["second_factor"], "codes");
    EXPECT_FALSE(request(options));
    EXPECT_NE(problem.find("No token"), std::string::npos);
    options.passphrase_file = file("empty", "\n");
    EXPECT_FALSE(request(options, "mash1.p-1.secret"));
    EXPECT_NE(problem.find("No passphrase"), std::string::npos);
}

TEST_F(AccountCommands, ALostSecondFactorNeedsItsCode) {
    AccountOptions options;
    options.action = Action::second_factor;
    options.name = "a.name";
    options.passphrase_file = file("phrase", "four invented words here");
    options.code_file = file("code", "AAAAA-BBBBB\n");
    const auto made = request(options);
    ASSERT_TRUE(made) << problem;
    EXPECT_EQ(made->path, "/api/v1/account/second-factor");
    EXPECT_EQ(json::parse(made->body.reveal())["recovery_code"], "AAAAA-BBBBB");
    options.code_file = file("none", "");
    EXPECT_FALSE(request(options));
    EXPECT_NE(problem.find("No recovery code"), std::string::npos);
}

TEST_F(AccountCommands, AColleagueOrTheRecoveryKeyAnswersForSomebody) {
    AccountOptions options;
    options.action = Action::reset;
    options.person = "p-1";
    EXPECT_FALSE(request(options));
    EXPECT_NE(problem.find("--recovery-key"), std::string::npos);
    const auto by_colleague = request(options, "mash1.p-2.secret");
    ASSERT_TRUE(by_colleague) << problem;
    EXPECT_EQ(by_colleague->path, "/api/v1/people/p-1/account/reset");
    EXPECT_EQ(json::parse(by_colleague->body.reveal()), json::object()) << "the token is a header";
    options.action = Action::remove;
    const auto by_key = request(options, "", "AAAA");
    ASSERT_TRUE(by_key) << problem;
    EXPECT_EQ(by_key->method, "DELETE");
    EXPECT_EQ(by_key->path, "/api/v1/people/p-1/account");
    EXPECT_EQ(json::parse(by_key->body.reveal())["recovery_key"], "AAAA");
}

}  // namespace
}  // namespace mash::runtime_shell
