// What operators and agencies do while everything runs: new keys, a roll that waits for a person.
#include <fstream>
#include <sstream>

#include "common/area/keyfile.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/random.hpp"
#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

class Operator : public OnArea<Operator> {
protected:
    static std::string dir(const std::string& host) { return area().folder(host).string(); }
    static std::string token_file(const std::string& host, const std::string& person) {
        return (area().folder(host) / "people" / (person + ".json")).string();
    }
    static Json keys_of(const std::string& host) {
        return area().call(host, area().service(host), "GET", "/api/v1/keys").json();
    }
    /// A file of keys of the police, with another in place of the one that `name`-next follows.
    template <class Add>
    static void spoil(const std::string& file, const std::string& name, Add add) {
        const auto path = area().folder("police") / "keys" / file;
        auto keys = area::load_key_file(path, nullptr);
        ASSERT_TRUE(keys) << path;
        ASSERT_EQ(keys->secrets.count(name + "-next"), 1U) << path;
        keys->secrets.erase(name);
        keys->label.publics.erase(name);
        add(*keys);
        crypto::SystemRandom random;
        ASSERT_TRUE(area::save_key_file(path, *keys, nullptr, {}, random)) << path;
    }
    static void spoil_old_keys() {
        crypto::SystemRandom random;
        spoil("host-worcestershire.key", "transport", [&](area::KeyFile& keys) {
            keys.add_curve("transport", crypto::CurveKeyPair::generate(random));
        });
        spoil("agencies/police.key", "signing", [&](area::KeyFile& keys) {
            keys.add_signing("signing", crypto::SigningKey::generate(random));
        });
    }
    static std::string refused_keys() {
        const auto text =
            area()
                .get("http://127.0.0.1:" + std::to_string(area().metrics_port()) + "/metrics")
                .text;
        const auto at = text.find("\nmash_broker_refused_keys_total ");
        EXPECT_NE(at, std::string::npos);
        return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    }
    static void expect_stored(const std::string& reference) {
        const auto id = area().post("police", missing_wren(reference));
        ASSERT_FALSE(id.empty());
        EXPECT_TRUE(area().wait_rung("police", id, "social-care/sw", "stored", seconds(60)));
    }
};

TEST_F(Operator, KeysAreReplacedWithOverlapAndNothingStops) {
    const auto papers = area().dir() / "papers";
    const auto started = area().agent(
        "police", {"rotate", "start", "--dir", dir("police"), "--out", papers.string()});
    ASSERT_EQ(started.code, 0) << started.output;
    ASSERT_TRUE(fs::exists(papers / "police.rotation.json")) << started.output;
    // Made, known to the agent, and not yet to the area: the old ones go on.
    ASSERT_TRUE(area().program("police").stop(seconds(20)));
    area().start("police");
    ASSERT_TRUE(area().wait_linked("police"));
    expect_stored("it/rotate/before");
    const auto early = area().agent("police", {"rotate", "finish", "--dir", dir("police")});
    EXPECT_EQ(early.code, 1);
    EXPECT_NE(early.output.find("does not list the new key yet"), std::string::npos)
        << early.output;

    const auto certified =
        area().mashctl({"agency", "rotate", "--dir", (area().dir() / "area").string(),
                        "--start-hours", "0", (papers / "police.rotation.json").string()});
    ASSERT_EQ(certified.code, 0) << certified.output;
    ASSERT_EQ(area().mashctl({"reload", "--socket", area().socket()}).code, 0);
    ASSERT_TRUE(area().wait_until(
        [&] {
            const auto keys = keys_of("police");
            return keys.is_object() && keys["signing"]["police"].size() == 2;
        },
        seconds(60)));
    EXPECT_EQ(keys_of("police")["transport"].size(), 2U);
    expect_stored("it/rotate/approved");
    const auto waiting = area().agent("police", {"rotate", "finish", "--dir", dir("police")});
    EXPECT_EQ(waiting.code, 1);
    EXPECT_NE(waiting.output.find("the old key goes on until"), std::string::npos)
        << waiting.output;
    // From here the agent connects with its next key; what it says is signed with the next one. In
    // place of the old ones it has some that nobody knows: were they used, it would be refused.
    area().program("police").kill_hard();
    spoil_old_keys();
    const auto refused = refused_keys();
    area().start("police");
    ASSERT_TRUE(area().wait_linked("police"));
    expect_stored("it/rotate/after");
    EXPECT_EQ(refused_keys(), refused);
}

TEST_F(Operator, AnInboxGetsANewKeyAndWhatCameBeforeStillOpens) {
    const auto before = area().post("police", missing_wren("it/inbox/before"));
    ASSERT_TRUE(area().wait_rung("police", before, "social-care/sw", "stored"));
    const auto stranger = area().agent(
        "social-care", {"rotate", "inbox", "--dir", dir("social-care"), "social-care.sw",
                        "--token-file", token_file("social-care", "missing-officer")});
    EXPECT_EQ(stranger.code, 1) << stranger.output;
    const auto rotated = area().agent(
        "social-care", {"rotate", "inbox", "--dir", dir("social-care"), "social-care.sw",
                        "--token-file", token_file("social-care", "social-worker")});
    ASSERT_EQ(rotated.code, 0) << rotated.output;
    const auto after = area().post("police", missing_wren("it/inbox/after"));
    ASSERT_TRUE(area().wait_rung("police", after, "social-care/sw", "stored"));
    const auto token = area().person("social-care", "social-worker");
    for (const auto& id : {before, after}) {
        EXPECT_EQ(area().call("social-care", token, "GET", "/api/v1/received/" + id).status, 200)
            << id;
    }
}

TEST_F(Operator, ARollThatWouldEndTooManyWaitsUntilAPersonConfirmsIt) {
    // The school's own list, without its last child.
    std::string text = read_whole(test::source_dir() / "deploy/demo/involvement/999101.csv");
    text.erase(text.find_last_of('\n', text.size() - 2) + 1);
    area().drop("schools", "999101", "shorter.csv", text);
    const auto taken = area().folder("schools") / "accepted" / "999101" / "shorter.csv";
    ASSERT_TRUE(area().wait_until([&] { return fs::exists(taken); }, seconds(30)));
    const auto token = token_file("schools", "teme-meadow-lead");
    const auto list = [&] {
        const auto shown = area().agent(
            "schools", {"roll", "list", "--dir", dir("schools"), "--token-file", token});
        EXPECT_EQ(shown.code, 0) << shown.output;
        return Json::parse(shown.output, nullptr, false)["rolls"];
    };
    const auto waiting = list();
    ASSERT_EQ(waiting.size(), 1U) << waiting.dump();
    EXPECT_EQ(waiting[0]["would_end"], 1);
    const int held = waiting[0]["held"];
    const auto id = waiting[0]["id"].get<std::string>();
    const auto other = area().agent(
        "schools", {"roll", "confirm", "--dir", dir("schools"), "--token-file",
                    token_file("schools", "orchard-gate-lead"), "--reason", "not mine", id});
    EXPECT_EQ(other.code, 1) << "another school's person";
    const auto confirmed =
        area().agent("schools", {"roll", "confirm", "--dir", dir("schools"), "--token-file", token,
                                 "--reason", "has left", id});
    ASSERT_EQ(confirmed.code, 0) << confirmed.output;
    EXPECT_EQ(list().size(), 0U);
    const auto status = area().status("schools");
    bool found = false;
    for (const auto& roll : status["rolls"]) {
        if (roll["seat"]["agency"] != "teme-meadow") continue;
        found = true;
        EXPECT_EQ(roll["held"], held - 1);
        EXPECT_EQ(roll["waits_for_person"], false);
    }
    EXPECT_TRUE(found) << status.dump();
}

TEST_F(Operator, ABrokerThatMayOpenTooFewFilesSaysWhatToRaiseAndDoesNotStart) {
    ASSERT_TRUE(area().program("broker").stop(seconds(60)));
    const auto started =
        run({"/bin/sh", "-c", "ulimit -n 1000 && exec \"$@\"", "sh", Area::program_of("broker"),
             "run", "--dir", area().folder("broker").string()},
            seconds(60));
    EXPECT_EQ(started.code, 1) << started.output;
    EXPECT_NE(started.output.find("mash-broker: The limit of open files is too low: raise it to at "
                                  "least 8,700 (LimitNOFILE in the unit, or ulimit -n)"),
              std::string::npos)
        << started.output;
    EXPECT_NE(started.output.find("\"event\":\"limit_too_low\""), std::string::npos)
        << started.output;
    area().start("broker");
    for (const auto& host : hosts) EXPECT_TRUE(area().wait_linked(host)) << host;
}

TEST_F(Operator, APersonWhoIsRemovedOpensNothingMoreAndTheOthersGoOn) {
    const auto member = token_file("social-care", "social-worker");
    const auto saved = area().folder("social-care") / "people" / "leaver.json";
    const auto added = area().agent(
        "social-care", {"person", "add", "--dir", dir("social-care"), "--name", "Invented Leaver",
                        "--agency", "social-care", "--inbox", "social-care.sw", "--token-file",
                        member, "--save", saved.string()});
    ASSERT_EQ(added.code, 0) << added.output;
    const auto leaver = area().person("social-care", "leaver");
    const auto before = area().post("police", missing_wren("it/leaver/before"));
    ASSERT_TRUE(area().wait_rung("police", before, "social-care/sw", "stored"));
    const auto opens = [&](const std::string& token, const std::string& id) {
        return area().call("social-care", token, "GET", "/api/v1/received/" + id).status;
    };
    ASSERT_EQ(opens(leaver, before), 200);

    // A token is mash1.PERSON.SECRET.
    const auto person = leaver.substr(6, leaver.find('.', 6) - 6);
    const auto remove = [&](const std::string& token, const std::string& who) {
        return area().agent("social-care", {"person", "remove", "--dir", dir("social-care"),
                                            "--token-file", token, who});
    };
    const auto nobody = remove(member, "p-000000000000");
    EXPECT_EQ(nobody.code, 1) << nobody.output;
    const auto stranger = remove(token_file("social-care", "missing-officer"), person);
    EXPECT_EQ(stranger.code, 1) << stranger.output;
    EXPECT_EQ(opens(leaver, before), 200);
    const auto removed = remove(member, person);
    ASSERT_EQ(removed.code, 0) << removed.output;
    EXPECT_EQ(opens(leaver, before), 401);
    const auto after = area().post("police", missing_wren("it/leaver/after"));
    ASSERT_TRUE(area().wait_rung("police", after, "social-care/sw", "stored"));
    EXPECT_EQ(opens(leaver, after), 401);
    for (const auto& id : {before, after})
        EXPECT_EQ(opens(area().person("social-care", "social-worker"), id), 200) << id;
    // Where no member's token is left, the recovery key removes.
    const auto again = area().agent(
        "social-care", {"person", "add", "--dir", dir("social-care"), "--name", "Invented Next",
                        "--agency", "social-care", "--inbox", "social-care.sw", "--token-file",
                        member, "--save", saved.string()});
    ASSERT_EQ(again.code, 0) << again.output;
    const auto next = area().person("social-care", "leaver");
    EXPECT_EQ(opens(next, after), 200);
    const auto next_person = next.substr(6, next.find('.', 6) - 6);
    const auto without =
        area().agent("social-care", {"person", "remove", "--dir", dir("social-care"), next_person});
    EXPECT_EQ(without.code, 1) << without.output;
    const auto by_key = area().agent(
        "social-care",
        {"person", "remove", "--dir", dir("social-care"), "--recovery-key",
         (area().folder("social-care") / "keys" / "recovery.key").string(), next_person});
    ASSERT_EQ(by_key.code, 0) << by_key.output;
    EXPECT_EQ(opens(next, after), 401);
}

TEST_F(Operator, AConflictThatIsEndedLetsTheExcludedInboxBeToldAgain) {
    const auto token = token_file("hub", "front-door");
    const auto file = area().dir() / "conflict.json";
    const Json conflict{{"subject", missing_wren("")["subject"]},
                        {"excluded", {"teme-meadow.sch"}},
                        {"reason", "an invented reason"}};
    std::ofstream(file) << conflict.dump();
    const auto known_to_broker = [&] {
        return area().wait_until([&] { return area().status("hub")["errands_owed"] == 0; },
                                 seconds(30));
    };
    // The sender sees the same either way; instead of the excluded inbox its alternate is told.
    const auto reaches_school = [&](const std::string& reference) {
        const auto id = area().post("police", missing_wren(reference));
        EXPECT_TRUE(area().wait_rung("police", id, "teme-meadow/sch", "stored"));
        const auto own = area().listed("teme-meadow.sch").count(id);
        EXPECT_EQ(own + area().listed("teme-meadow.alternate").count(id), 1U);
        return own == 1;
    };
    EXPECT_TRUE(reaches_school("it/conflict/before"));
    const auto declared = area().agent(
        "hub", {"conflict", "add", "--dir", dir("hub"), "--token-file", token, file.string()});
    ASSERT_EQ(declared.code, 0) << declared.output;
    const auto answer = Json::parse(declared.output, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << declared.output;
    const auto id = answer.value("id", "");
    ASSERT_TRUE(known_to_broker());
    EXPECT_FALSE(reaches_school("it/conflict/while"));

    const auto end = [&](const std::string& which) {
        return area().agent("hub",
                            {"conflict", "end", "--dir", dir("hub"), "--token-file", token, which});
    };
    const auto unknown = end("00000000-0000-7000-8000-000000000000");
    EXPECT_EQ(unknown.code, 1) << unknown.output;
    EXPECT_FALSE(reaches_school("it/conflict/still"));
    const auto ended = end(id);
    ASSERT_EQ(ended.code, 0) << ended.output;
    ASSERT_TRUE(known_to_broker());
    EXPECT_TRUE(reaches_school("it/conflict/after"));
}

/// Last of this file: the police have other keys afterwards.
TEST_F(Operator, StolenKeysAreRevokedAndTheAgencyComesBackWithNewOnes) {
    const auto registrar = (area().dir() / "area").string();
    const auto agent_dir = area().folder("police").string();
    const auto invite = (area().dir() / "stolen.invite.json").string();
    const auto request = (area().dir() / "stolen.request.json").string();
    ASSERT_TRUE(area().program("police").stop(seconds(20)));
    const auto revoked = area().mashctl({"agency", "revoke", "--dir", registrar, "police"});
    ASSERT_EQ(revoked.code, 0) << revoked.output;
    const auto invited = area().mashctl(
        {"agency", "invite", "--dir", registrar, "--id", "police", "--kind", "police", "--name",
         "Vale and Hills Police", "--telephone", "01632 960201", "--host", "police", "--seat",
         "pol:police.pol:people", "--replace-keys", "--out", invite});
    ASSERT_EQ(invited.code, 0) << invited.output;
    for (int run = 0; run < 2; ++run) {
        const auto enrolled =
            area().agent("police", {"enrol", "--dir", agent_dir, invite, "--out", request});
        ASSERT_EQ(enrolled.code, 0) << enrolled.output;
    }
    const auto approved = area().mashctl(
        {"agency", "approve", "--dir", registrar, request, "--accept-unread-fingerprint"});
    ASSERT_EQ(approved.code, 0) << approved.output;
    ASSERT_EQ(area().mashctl({"reload", "--socket", area().socket()}).code, 0);
    area().start("police");
    ASSERT_TRUE(area().wait_linked("police"));
    expect_stored("it/stolen/after");
}

}  // namespace
}  // namespace mash::integration
