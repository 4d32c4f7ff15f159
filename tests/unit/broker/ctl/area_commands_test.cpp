#include "broker/ctl/area_commands.hpp"

#include "common/base/limits.hpp"
#include "tests/unit/broker/ctl/ctl_fixture.hpp"

namespace mash::ctl {
namespace {

using testing::CtlTest;
using testing::days;
using ::testing::HasSubstr;
using testing::noon;
using wire::DocumentKind;

class AreaCommands : public CtlTest {
protected:
    AreaDelegate delegate_command() {
        AreaDelegate command;
        command.dir = dir();
        command.passphrase_file = file("root-passphrase");
        return command;
    }
};

TEST_F(AreaCommands, MakeAnAreaThatAReaderTrustsFromTheRootsKeyAlone) {
    make_area();
    const auto trusted = reader();
    ASSERT_TRUE(trusted.registry());
    EXPECT_EQ(trusted.registry()->version, 1U);
    EXPECT_EQ(trusted.registry()->broker.endpoints,
              std::vector<std::string>{"tcp://127.0.0.1:7400"});
    EXPECT_TRUE(trusted.check_fresh(now_));
    const auto anchor = area::parse_trust_anchor(read(dir() / "area.json")).value();
    EXPECT_NE(out_.str().find(area::fingerprint_of(anchor).text()), std::string::npos);
}

TEST_F(AreaCommands, KeepSecretsForTheirOwnerAndTheRootUnderItsPassphrase) {
    make_area();
    for (const char* secret : {"root/root.key", "registrar/registrar.key", "registrar/pepper.key",
                               "broker/broker.key"}) {
        EXPECT_TRUE(area::is_owner_only(dir() / secret)) << secret;
        EXPECT_TRUE(area::is_owner_only((dir() / secret).parent_path())) << secret;
    }
    EXPECT_EQ(area::load_key_file(dir() / "root/root.key", nullptr).error(),
              ErrorCode::missing_field);
    const auto right = crypto::SecretBytes::copy_of(view_of(testing::right_passphrase));
    EXPECT_TRUE(area::load_key_file(dir() / "root/root.key", &right));
    // The broker's folder holds nothing that opens the pepper.
    const auto broker = area::load_key_file(dir() / "broker/broker.key", nullptr);
    ASSERT_TRUE(broker);
    EXPECT_TRUE(broker->signing("signing"));
    EXPECT_TRUE(broker->curve("transport"));
    const auto token_key = broker->oprf("tokens-1");
    ASSERT_TRUE(token_key);
    EXPECT_EQ(broker->secrets.size(), 3U);
    const auto document = area::read_document(dir() / "documents/registry.signed");
    ASSERT_TRUE(document);
    const auto registry = area::parse_registry(document->body);
    ASSERT_TRUE(registry);
    ASSERT_EQ(registry->broker.token_keys.size(), 1U);
    EXPECT_EQ(registry->broker.token_keys[0].epoch, 1);
    EXPECT_EQ(registry->broker.token_keys[0].key, token_key->public_key());
}

TEST_F(AreaCommands, NeverMakeAnAreaOverAnother) {
    make_area();
    const auto before = read(dir() / "root/root.key");
    EXPECT_THAT(what(init_area(context(), init_command())), HasSubstr("There is an area"));
    EXPECT_EQ(read(dir() / "root/root.key"), before);
    std::filesystem::remove(dir() / "area.json");
    EXPECT_THAT(what(init_area(context(), init_command())), HasSubstr("did not finish"));
}

TEST_F(AreaCommands, RefuseAnAreaWithoutNameAddressOrPassphrase) {
    auto command = init_command();
    command.area = "North Shire";
    EXPECT_THAT(what(init_area(context(), command)), HasSubstr("not a name"));
    for (const char* endpoint :
         {"127.0.0.1:7400", "tcp://127.0.0.1", "tcp://:7400", "tcp://host:", "tcp://host:74x0"}) {
        command = init_command();
        command.broker_endpoints = {endpoint};
        EXPECT_THAT(what(init_area(context(), command)), HasSubstr("no address")) << endpoint;
    }
    command = init_command();
    command.passphrase_file.reset();
    EXPECT_THAT(what(init_area(context(), command)), HasSubstr("passphrase"));
    EXPECT_FALSE(std::filesystem::exists(dir()));
}

TEST_F(AreaCommands, AskForANewPassphraseTwiceAndRefuseAShortOne) {
    auto command = init_command();
    command.passphrase_file.reset();
    auto asking = context();
    std::vector<std::string> answers;
    asking.ask_secret = [&](const std::string&) {
        auto next = crypto::SecretBytes::copy_of(view_of(answers.front()));
        answers.erase(answers.begin());
        return std::optional(std::move(next));
    };
    answers = {"short"};
    EXPECT_THAT(what(init_area(asking, command)), HasSubstr("shorter"));
    answers = {"long enough words", "long enough wards"};
    EXPECT_THAT(what(init_area(asking, command)), HasSubstr("differ"));
    answers = {"long enough words", "long enough words"};
    EXPECT_TRUE(init_area(asking, command));
}

TEST_F(AreaCommands, RenewFreshnessForAnotherSevenDays) {
    make_area();
    now_ = noon + limits::freshness_max;
    EXPECT_THAT(what(show_area(context(), {dir()})), HasSubstr("not fresh"));
    ASSERT_TRUE(renew_freshness(context(), {dir(), {}}));
    EXPECT_TRUE(show_area(context(), {dir()}));
    EXPECT_TRUE(reader().check_fresh(now_ + days(6)));
}

TEST_F(AreaCommands, LetAProtectedRegistrarSignOnlyWithItsPassphrase) {
    auto command = init_command();
    command.registrar_passphrase_file = write("registrar-passphrase", "other words that fit");
    ASSERT_TRUE(init_area(context(), command));
    EXPECT_THAT(what(renew_freshness(context(), {dir(), {}})), HasSubstr("passphrase"));
    EXPECT_THAT(what(renew_freshness(context(), {dir(), file("root-passphrase")})),
                HasSubstr("not right"));
    EXPECT_TRUE(renew_freshness(context(), {dir(), file("registrar-passphrase")}));
}

TEST_F(AreaCommands, WarnBeforeTheRegistrarsTimeEndsAndRefuseAfterwards) {
    make_area();
    now_ = noon + days(680);
    EXPECT_TRUE(renew_freshness(context(), {dir(), {}}));
    EXPECT_THAT(err_.str(), HasSubstr("registrar's time ends"));
    now_ = noon + days(730);
    EXPECT_THAT(what(renew_freshness(context(), {dir(), {}})), HasSubstr("time ended"));
    ASSERT_TRUE(delegate_registrar(context(), delegate_command()));
    EXPECT_TRUE(renew_freshness(context(), {dir(), {}}));
    EXPECT_TRUE(reader().check_fresh(now_));
}

TEST_F(AreaCommands, ReplaceAStolenRegistrarAndKeepWhatWasSigned) {
    make_area();
    const auto before = reader();
    const auto stolen =
        area::load_key_file(dir() / "registrar/registrar.key", nullptr)->signing("signing").value();
    now_ = noon + days(1);
    auto command = delegate_command();
    command.new_key = true;
    ASSERT_TRUE(delegate_registrar(context(), command));

    const auto after = reader();
    EXPECT_TRUE(after.check_fresh(now_));
    EXPECT_EQ(after.registry()->version, 1U);
    EXPECT_NE(after.delegation()->registrar, stolen.verify_key());
    // A reader that knew the old registrar follows, and the thief can sign nothing more.
    auto follower = before;
    const auto documents = area::read_documents(dir() / "documents").value();
    for (const auto& document : documents) EXPECT_TRUE(follower.accept(document, now_));
    EXPECT_TRUE(follower.check_fresh(now_));
    wire::SignedDocument forged{DocumentKind::policy, AreaId("northshire"), 9, Bytes{'x'}, {}};
    forged.signatures = {area::sign_document(forged, stolen)};
    EXPECT_EQ(follower.accept(forged, now_).error(), ErrorCode::bad_signature);
    // The new registrar goes on, and still opens the area's secret.
    const testing::AgencyMachine machine(random_);
    enrol("orchard-gate", machine);
}

TEST_F(AreaCommands, NeedTheRootKeyOfThisVeryArea) {
    make_area();
    auto command = delegate_command();
    command.passphrase_file = write("wrong", "quite other words");
    EXPECT_THAT(what(delegate_registrar(context(), command)), HasSubstr("not right"));

    auto elsewhere = init_command();
    elsewhere.dir = folder_.path() / "other";
    ASSERT_TRUE(init_area(context(), elsewhere));
    command = delegate_command();
    command.root_key = elsewhere.dir / "root/root.key";
    EXPECT_THAT(what(delegate_registrar(context(), command)), HasSubstr("not the root key"));

    std::filesystem::rename(dir() / "root", folder_.path() / "safe");
    EXPECT_THAT(what(delegate_registrar(context(), delegate_command())), HasSubstr("root key"));
    command.root_key = folder_.path() / "safe" / "root.key";
    EXPECT_TRUE(delegate_registrar(context(), command));
}

TEST_F(AreaCommands, SignNothingOverDocumentsThatSomebodyChanged) {
    make_area();
    const auto path = dir() / "documents/registry.signed";
    auto text = read(path);
    text[text.size() / 2] ^= 1;
    std::ofstream(path) << text;
    const auto renewed = renew_freshness(context(), {dir(), {}});
    ASSERT_FALSE(renewed);
    EXPECT_EQ(read(path), text);
}

TEST_F(AreaCommands, RefuseToGoBackToAnOlderCopyThatContradictsFreshness) {
    // registry.signed alone restored from an old backup: the next version would be signed twice
    // with other bytes.
    make_area();
    const auto path = dir() / "documents/registry.signed";
    const auto old_registry = read(path);
    ASSERT_TRUE(set_endpoints(context(), {dir(), {"tcp://127.0.0.1:7500"}, {}}));
    std::ofstream(path) << old_registry;
    EXPECT_THAT(what(set_endpoints(context(), {dir(), {"tcp://127.0.0.1:7600"}, {}})),
                HasSubstr("older"));
}

TEST_F(AreaCommands, LetOnlyOneProgramChangeAnAreaAtATime) {
    make_area();
    const auto lock = area::FolderLock::take(dir());
    ASSERT_TRUE(lock);
    const auto renewed = renew_freshness(context(), {dir(), {}});
    ASSERT_FALSE(renewed);
    EXPECT_THAT(renewed.error().next, HasSubstr("Another mashctl"));
}

TEST_F(AreaCommands, NameTheBrokersNewAddresses) {
    make_area();
    ASSERT_TRUE(set_endpoints(context(), {dir(), {"tcp://a.example:1", "tcp://b.example:2"}, {}}));
    EXPECT_EQ(reader().registry()->broker.endpoints,
              (std::vector<std::string>{"tcp://a.example:1", "tcp://b.example:2"}));
    EXPECT_EQ(reader().registry()->version, 2U);
    EXPECT_TRUE(reader().check_fresh(now_));
}

TEST_F(AreaCommands, SayWhatADocumentIsAndWhetherItIsOurs) {
    make_area();
    ASSERT_TRUE(show_document(context(), {dir() / "documents/registry.signed", dir(), false}));
    EXPECT_THAT(out_.str(), HasSubstr("The signature is good"));
    auto elsewhere = init_command();
    elsewhere.dir = folder_.path() / "other";
    ASSERT_TRUE(init_area(context(), elsewhere));
    EXPECT_FALSE(
        show_document(context(), {dir() / "documents/registry.signed", elsewhere.dir, false}));
    EXPECT_FALSE(show_document(context(), {write("nonsense", "nonsense"), std::nullopt, false}));
}

TEST_F(AreaCommands, SayWhenThereIsNoArea) {
    EXPECT_THAT(what(show_area(context(), {dir()})), HasSubstr("There is no area"));
}

}  // namespace
}  // namespace mash::ctl
