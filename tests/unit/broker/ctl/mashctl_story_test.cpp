// The real program, from an empty folder to an area with a council's schools, as an operator would
// type it.
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/document_files.hpp"
#include "common/area/enrolment.hpp"
#include "common/crypto/random.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/broker/ctl/one_answer.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash {
namespace {

using ctl::testing::OneAnswer;
using ::testing::HasSubstr;
using ::testing::Not;

class MashctlStory : public ::testing::Test {
protected:
    struct Ran {
        int exit = -1;
        std::string text;  // what it wrote, errors included
    };

    // Without a terminal: what it would ask a person must come as an option.
    Ran run(const std::string& arguments) {
        const auto command = "cd '" + folder_.path().string() + "' && setsid -w '" +
                             (test::build_dir() / "bin/mashctl").string() + "' " + arguments +
                             " 2>&1 < /dev/null";
        Ran ran;
        FILE* pipe = ::popen(command.c_str(), "r");
        CHECK(pipe != nullptr);
        std::array<char, 4096> part{};
        while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe))
            ran.text.append(part.data(), got);
        const int status = ::pclose(pipe);
        ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return ran;
    }
    std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(file(name)) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(file(name));
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static WallTime now() {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return WallTime::from_unix_ms(
            std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    }

    area::testing::TemporaryFolder folder_;
    crypto::SystemRandom random_;
};

TEST_F(MashctlStory, FromAnEmptyFolderToACouncilsSchools) {
    write("root-words", "four words that fit\n");
    auto ran =
        run("area init --dir area --area northshire --broker-endpoint tcp://127.0.0.1:7400 "
            "--passphrase-file root-words");
    ASSERT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("Root fingerprint: "));

    write("schools.csv",
          "id,name,urn,telephone\norchard-gate,Orchard Gate High School,884001,01632 960001\n"
          "abbey-road,Abbey Road Primary,884002,01632 960002\nbad row,Nowhere,884003,\n");
    ran = run("agency invite --dir area --host council --from-csv schools.csv --out-dir invites");
    EXPECT_EQ(ran.exit, 4) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("schools.csv:4: "));

    // The council's side: one machine, its own keys for each school.
    const auto transport = crypto::CurveKeyPair::generate(random_);
    std::vector<area::EnrolRequest> requests;
    for (const char* id : {"orchard-gate", "abbey-road"}) {
        const auto invite = area::parse_invite(read("invites/" + std::string(id) + ".invite.json"));
        ASSERT_TRUE(invite);
        requests.push_back(area::make_enrol_request(
            *invite, crypto::SigningKey::generate(random_),
            crypto::BoxKeyPair::generate(random_).public_key, transport.public_key, now()));
    }
    write("requests.json", area::to_json(requests));
    const auto fingerprint = area::fingerprint_of(requests).text();

    ran = run("agency approve --dir area requests.json");
    EXPECT_EQ(ran.exit, 1) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("fingerprint"));
    EXPECT_THAT(ran.text, Not(HasSubstr(fingerprint)));
    ran =
        run("agency approve --dir area requests.json --fingerprint '00000 00000 00000 00000 00000 "
            "00000'");
    EXPECT_EQ(ran.exit, 1) << ran.text;
    ran = run("agency approve --dir area requests.json --fingerprint '" + fingerprint + "'");
    EXPECT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("Registry version 2"));

    ran = run("agency list --dir area");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_THAT(ran.text, HasSubstr("Orchard Gate High School"));
    ran = run("agency revoke --dir area abbey-road");
    EXPECT_EQ(ran.exit, 0) << ran.text;
    ran = run("freshness renew --dir area");
    EXPECT_EQ(ran.exit, 0) << ran.text;

    // Any machine, with the documents and the root's key alone.
    const auto anchor = area::parse_trust_anchor(read("area/area.json")).value();
    area::TrustedArea trusted(anchor.area, anchor.root);
    const auto documents = area::read_documents(file("area/documents")).value();
    for (const auto& document : documents) EXPECT_TRUE(trusted.accept(document, now()));
    EXPECT_TRUE(trusted.check_fresh(now()));
    EXPECT_EQ(trusted.registry()->version, 3U);
    EXPECT_NE(trusted.registry()->find_active_agency(AgencyId("orchard-gate"), now()), nullptr);
    EXPECT_EQ(trusted.registry()->find_active_agency(AgencyId("abbey-road"), now()), nullptr);
    EXPECT_EQ(trusted.registry()->host_of_key(transport.public_key.value(), now())->id,
              HostId("council"));
}

// Whoever signs a text with a mistake is told where it is, and what every agency goes by stays what
// it was, to the byte.
TEST_F(MashctlStory, AFaultyPolicyIsNotSignedAndTheOneInForceStays) {
    write("root-words", "four words that fit\n");
    auto ran =
        run("area init --dir area --area worcestershire --broker-endpoint tcp://127.0.0.1:7400 "
            "--passphrase-file root-words");
    ASSERT_EQ(ran.exit, 0) << ran.text;
    for (const char* name : {"policy.toml", "catalogue.toml"})
        std::filesystem::copy(test::source_dir() / "deploy/policy" / name, file(name));
    const std::string sign = "policy sign --dir area policy.toml --catalogue catalogue.toml";
    ran = run(sign);
    ASSERT_EQ(ran.exit, 0) << ran.text;
    const auto everything_signed = [&] {
        std::map<std::string, std::string> texts;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(file("area"))) {
            if (!entry.is_regular_file()) continue;
            const auto name = std::filesystem::relative(entry.path(), folder_.path()).string();
            texts[name] = read(name);
        }
        return texts;
    };
    const auto before = everything_signed();
    ASSERT_TRUE(before.contains("area/documents/policy.signed"));

    struct Slip {
        const char* file;
        const char* from;
        const char* to;
        const char* says;
    };
    const auto shipped = read("policy.toml");
    const auto catalogue = read("catalogue.toml");
    for (const auto& slip :
         {Slip{"policy.toml", "role = \"ffd\"", "role = \"ffdd\"",
               "unknown role \"ffdd\" (nearest: \"ffd\")"},
          Slip{"policy.toml", "ehe_consent = \"not in force\"",
               "ehe_consent = [{ from = 2026-09-01 }, { from = 2027-01-01 }]",
               "overlaps the one before"},
          Slip{"policy.toml", "fri 09:00-16:30", "fri 09:30-16:30", "no duty inbox from Friday"},
          Slip{"policy.toml", "content = \"all+rfr\"", "content = \"all+rfr+op\"",
               "section op never travels"},
          Slip{"policy.toml", "valid_from = ", "valid_from ", "not valid TOML"},
          Slip{"catalogue.toml", "class = \"unconditional\"", "class = \"always\"", "unknown"}}) {
        auto text = slip.file == std::string("policy.toml") ? shipped : catalogue;
        const std::string from = slip.from;
        ASSERT_NE(text.find(from), std::string::npos) << from;
        const auto line =
            1 + std::count(text.begin(),
                           text.begin() + static_cast<std::ptrdiff_t>(text.find(from)), '\n');
        text.replace(text.find(from), from.size(), slip.to);
        auto policy = slip.file == std::string("policy.toml") ? text : shipped;
        policy.replace(policy.find("\nversion = 1\n"), 13, "\nversion = 2\n");
        write("policy.toml", policy);
        write("catalogue.toml", slip.file == std::string("policy.toml") ? catalogue : text);
        ran = run(sign);
        EXPECT_NE(ran.exit, 0) << slip.to;
        EXPECT_THAT(ran.text, HasSubstr(slip.says)) << slip.to;
        EXPECT_THAT(ran.text, HasSubstr(std::string(slip.file) + ":")) << slip.to;
        // A hole in the week has the place of the list that leaves it.
        if (slip.says != std::string("no duty inbox from Friday")) {
            EXPECT_THAT(ran.text, HasSubstr(":" + std::to_string(line) + ":")) << slip.to;
        }
        EXPECT_EQ(everything_signed(), before) << slip.to;
    }
    ran = run("policy activate --dir area");
    EXPECT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("No policy waits"));
    EXPECT_EQ(everything_signed(), before);
}

TEST_F(MashctlStory, AWrongCommandLineSaysHowToGetHelp) {
    for (const char* line :
         {"", "area", "agency invite --dir x", "agency invite --dir x --host h",
          "policy sign --dir x", "agency invite --dir x --host h --id a --from-csv c --out o",
          "release --socket s", "nonsense"}) {
        const auto ran = run(line);
        EXPECT_EQ(ran.exit, 2) << line;
        EXPECT_THAT(ran.text, HasSubstr("--help")) << line;
    }
}

TEST_F(MashctlStory, EveryCommandHasHelp) {
    for (const char* line : {"",
                             "area",
                             "area init",
                             "area delegate",
                             "area show",
                             "area endpoints",
                             "tokens key",
                             "tokens begin",
                             "tokens finish",
                             "tokens waiting",
                             "freshness renew",
                             "document show",
                             "agency invite",
                             "agency approve",
                             "agency revoke",
                             "agency rotate",
                             "agency list",
                             "policy check",
                             "policy sign",
                             "policy explain",
                             "status",
                             "stats",
                             "tasks",
                             "requests",
                             "release",
                             "quarantine list",
                             "clock confirm",
                             "backup",
                             "reload"}) {
        const auto ran = run(std::string(line) + " --help");
        EXPECT_EQ(ran.exit, 0) << line;
        EXPECT_THAT(ran.text, HasSubstr("Usage")) << line;
    }
}

TEST_F(MashctlStory, AnAuditorListsWhatHoldersWereAsked) {
    const std::string asked_once =
        R"({"ok":true,"answer":{"all":true,"requests":[{"at":"2027-01-13T09:00:00.000Z",)"
        R"("agency":"police-wm","notification":"01940000-0000-7000-8000-000000000001",)"
        R"("type":"missing_episode_started","relation":"social_worker","asked":2,)"
        R"("known":["social-care/sw"],"over":false}]}})";
    const auto list = [&](const std::string& options, const std::string& answer,
                          const std::string& expected) {
        std::filesystem::remove(file("admin.sock"));
        OneAnswer broker(file("admin.sock"), answer + "\n");
        auto ran = run("requests --of-holders --socket admin.sock " + options);
        EXPECT_EQ(broker.asked(), R"({"argument":")" + expected + R"(","command":"requests"})");
        return ran;
    };
    auto ran = list("", asked_once, "of_holders ");
    EXPECT_EQ(ran.exit, 0) << ran.text;
    EXPECT_EQ(ran.text,
              "all       yes\n\nrequests\n"
              "at                        agency     notification                          "
              "type                     relation       asked  known           over\n"
              "2027-01-13T09:00:00.000Z  police-wm  01940000-0000-7000-8000-000000000001  "
              "missing_episode_started  social_worker  2      social-care/sw  no\n");
    ran = list("--since 2027-01-13T00:00:00Z --agency police-wm --json", asked_once,
               "of_holders agency=police-wm since=2027-01-13T00:00:00Z ");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.text, asked_once + "\n");
    ran = list("", R"({"ok":true,"answer":{"all":true,"requests":[]}})", "of_holders ");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.text, "all       yes\nrequests  -\n");
    ran = list("--since yesterday", R"({"ok":false,"answer":{"error":"malformed"}})",
               "of_holders since=yesterday ");
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("What to do: Write an id as it is listed, and a time as in"));
    ran = list("", "not what a broker says", "of_holders ");
    EXPECT_EQ(ran.exit, 3);
    EXPECT_THAT(ran.text, HasSubstr("the broker's own release"));
}

TEST_F(MashctlStory, WhatHoldersWereAskedIsNotListedOnAWrongCommandLine) {
    for (const char* line : {"requests --of-holders", "requests --of-holders --socket",
                             "requests --of-holders --unpublished --socket admin.sock",
                             "requests --of-holder --socket admin.sock",
                             "requests --of-holders --child 9990000018 --socket admin.sock",
                             "requests --of-holders --socket admin.sock 9990000018"}) {
        const auto ran = run(line);
        EXPECT_EQ(ran.exit, 2) << line;
        EXPECT_THAT(ran.text, HasSubstr("--help")) << line;
    }
    const auto ran = run("requests --of-holders --socket admin.sock");
    EXPECT_EQ(ran.exit, 3) << "no broker there";
}

TEST_F(MashctlStory, TheKeysOfTokensAreChanged) {
    write("root-words", "four words that fit\n");
    auto ran =
        run("area init --dir area --area northshire --broker-endpoint tcp://127.0.0.1:7400 "
            "--passphrase-file root-words");
    ASSERT_EQ(ran.exit, 0) << ran.text;
    ran = run("tokens finish --dir area");
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("mashctl: The keys of subject tokens are not changing."));
    EXPECT_THAT(ran.text, HasSubstr("What to do: Begin with `mashctl tokens key`"));

    ran = run("tokens key --key area/registrar/registrar.key");
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("does not hold a broker's keys"));
    ran = run("tokens key --key area/broker/broker.key");
    ASSERT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("The broker has a key for epoch 2."));
    ASSERT_EQ(ran.text.back(), '\n');
    ran.text.pop_back();
    const auto line = ran.text.substr(ran.text.rfind('\n') + 1);
    const auto pepper = [&] { return read("area/registrar/pepper.key"); };
    const auto before = pepper();

    ran = run("tokens begin --dir area --broker-key " + std::string(43, 'A'));
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("That is no broker's key for subject tokens."));
    EXPECT_EQ(pepper(), before) << "nothing was changed";
    ran = run("tokens begin --dir area --broker-key=" + line);
    ASSERT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("lists epoch 2 beside epoch 1."));
    EXPECT_THAT(ran.text, HasSubstr("finish with `mashctl tokens finish` from "));
    ran = run("tokens begin --dir area --broker-key=" + line);
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("changing already"));

    const auto waiting = [&](const std::string& answer) {
        std::filesystem::remove(file("admin.sock"));
        OneAnswer broker(file("admin.sock"), answer + "\n");
        auto said = run("tokens waiting --socket admin.sock");
        EXPECT_EQ(broker.asked(), R"({"command":"token_change"})");
        return said;
    };
    ran = waiting(
        R"({"ok":true,"answer":{"epochs":[1,2],"agencies":[{"agency":"hub"},{"agency":"orchard-gate"}]}})");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.text, "epochs    1, 2\n\nagencies\nagency\nhub\norchard-gate\n");
    ran = waiting(R"({"ok":true,"answer":{"epochs":[1,2],"agencies":[]}})");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.text, "epochs    1, 2\nagencies  -\n");
    ran = waiting(R"({"ok":false,"error":"unknown_command"})");
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("does not know the command"));

    ran = run("tokens finish --dir area");
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.text, HasSubstr("under the old keys alone"));
    EXPECT_THAT(ran.text, HasSubstr("give --now when the old keys are in wrong hands"));
    ran = run("tokens finish --dir area --nobody-waits");
    EXPECT_EQ(ran.exit, 1) << "not before its day";
    ran = run("tokens finish --help");
    EXPECT_THAT(ran.text, HasSubstr("--nobody-waits"));
    EXPECT_THAT(ran.text, HasSubstr("`mashctl tokens waiting`"));
    ran = run("tokens finish --dir area --now --socket absent.sock");
    EXPECT_EQ(ran.exit, 3) << "who was to be asked did not answer: " << ran.text;
    ran = run("tokens finish --dir area --now");
    ASSERT_EQ(ran.exit, 0) << ran.text;
    EXPECT_THAT(ran.text, HasSubstr("lists epoch 2 alone."));
    ran = run("tokens finish --dir area --now");
    EXPECT_EQ(ran.exit, 1) << "it is over";

    for (const char* wrong :
         {"tokens", "tokens key", "tokens begin --dir area", "tokens finish", "tokens waiting",
          "tokens waiting --socket s extra", "tokens finish --dir area --now --nobody-waits"}) {
        ran = run(wrong);
        EXPECT_EQ(ran.exit, 2) << wrong;
        EXPECT_THAT(ran.text, HasSubstr("--help")) << wrong;
    }
}

TEST_F(MashctlStory, WithoutABrokerItSaysSoAndSaysWhatToDo) {
    const auto ran = run("status --socket absent.sock");
    EXPECT_EQ(ran.exit, 3);
    EXPECT_THAT(ran.text, HasSubstr("What to do: "));
}

}  // namespace
}  // namespace mash
