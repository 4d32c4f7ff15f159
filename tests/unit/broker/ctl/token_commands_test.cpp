// Changing the keys of subject tokens: who gets what, in which order, and when it may end.
#include "broker/ctl/token_commands.hpp"

#include <gmock/gmock.h>

#include "tests/unit/broker/ctl/ctl_fixture.hpp"
#include "tests/unit/broker/ctl/one_answer.hpp"

namespace mash::ctl {
namespace {

using testing::AgencyMachine;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::OneAnswer;

const AgencyId orchard("orchard-gate");

class TokenCommands : public testing::CtlTest {
protected:
    TokenCommands() {
        make_area();
        enrol("orchard-gate", machine_);
    }
    area::Registry registry() const { return *reader().registry(); }
    std::filesystem::path broker_key() const { return dir() / "broker/broker.key"; }
    std::string next_key() {
        out_.str("");
        const auto made = make_token_key(context(), {broker_key()});
        EXPECT_TRUE(made) << what(made);
        auto text = out_.str();
        text.pop_back();
        return text.substr(text.rfind('\n') + 1);
    }
    void begin() {
        const auto begun = begin_token_change(context(), {dir(), next_key(), std::nullopt});
        ASSERT_TRUE(begun) << what(begun);
    }
    TokensFinish finish() const {
        TokensFinish command;
        command.dir = dir();
        return command;
    }
    /// What `mashctl tokens waiting` said on the broker's machine, by the registrar's word.
    TokensFinish finish_for_nobody_waits() const {
        auto command = finish();
        command.nobody_waits = true;
        return command;
    }
    TokensFinish finish_now() const {
        auto command = finish();
        command.now = true;
        return command;
    }
    TokensFinish finish_asking(const std::filesystem::path& socket) const {
        auto command = finish();
        command.socket = socket;
        return command;
    }
    Bytes pepper_of(const Bytes& sealed) {
        const auto opened = crypto::open_sealed(machine_.box, sealed);
        EXPECT_TRUE(opened);
        return opened ? Bytes(opened->reveal().begin(), opened->reveal().end()) : Bytes();
    }

    AgencyMachine machine_{random_};
};

TEST_F(TokenCommands, BeginWithTheBrokersNextKeyAndANewSecretForEveryAgency) {
    const auto before = registry();
    begin();
    const auto during = registry();
    ASSERT_EQ(during.broker.token_keys.size(), 2U);
    EXPECT_EQ(during.broker.token_keys[0], before.broker.token_keys[0]);
    EXPECT_EQ(during.broker.token_keys[1].epoch, 2);
    EXPECT_EQ(during.broker.token_keys[1].since, now_);
    const auto file = area::load_key_file(broker_key(), nullptr);
    EXPECT_EQ(file->oprf("tokens-2")->public_key(), during.broker.token_keys[1].key);
    EXPECT_TRUE(file->oprf("tokens-1")) << "the old one goes on answering";
    const auto& agency = during.agencies.at(orchard);
    EXPECT_EQ(agency.sealed_pepper, before.agencies.at(orchard).sealed_pepper);
    ASSERT_TRUE(agency.next_pepper);
    EXPECT_EQ(agency.next_pepper->epoch, 2);
    EXPECT_NE(pepper_of(agency.next_pepper->sealed), pepper_of(agency.sealed_pepper));
}

TEST_F(TokenCommands, GiveAnAgencyThatComesMeanwhileBothSecrets) {
    begin();
    AgencyMachine late(random_);
    late.transport.public_key = machine_.transport.public_key;  // one machine serves both
    enrol("teme-meadow", late);
    const auto during = registry();
    const auto& agency = during.agencies.at(AgencyId("teme-meadow"));
    ASSERT_TRUE(agency.next_pepper);
    const auto current = crypto::open_sealed(late.box, agency.sealed_pepper);
    const auto next = crypto::open_sealed(late.box, agency.next_pepper->sealed);
    ASSERT_TRUE(current && next);
    const auto& other = during.agencies.at(orchard);
    EXPECT_TRUE(std::ranges::equal(current->reveal(), pepper_of(other.sealed_pepper)));
    EXPECT_TRUE(std::ranges::equal(next->reveal(), pepper_of(other.next_pepper->sealed)));
}

TEST_F(TokenCommands, FinishWhenEveryListWasStatedAnewOrHasLapsed) {
    begin();
    const auto during = registry();
    const auto early = finish_token_change(context(), finish_for_nobody_waits());
    EXPECT_THAT(what(early), HasSubstr("under the old keys alone"));
    EXPECT_EQ(registry(), during) << "nothing was changed";
    now_ = now_ + std::chrono::days(15);
    const auto finished = finish_token_change(context(), finish_for_nobody_waits());
    ASSERT_TRUE(finished) << what(finished);
    const auto after = registry();
    ASSERT_EQ(after.broker.token_keys.size(), 1U);
    EXPECT_EQ(after.broker.token_keys[0], during.broker.token_keys[1]);
    const auto& agency = after.agencies.at(orchard);
    EXPECT_FALSE(agency.next_pepper);
    EXPECT_EQ(agency.pepper_epoch, 2);
    EXPECT_EQ(pepper_of(agency.sealed_pepper),
              pepper_of(during.agencies.at(orchard).next_pepper->sealed));
    const auto peppers = area::load_key_file(dir() / "registrar/pepper.key", nullptr);
    EXPECT_FALSE(peppers->secret("pepper-1")) << "the old secret is gone";
    AgencyMachine later(random_);
    later.transport.public_key = machine_.transport.public_key;
    enrol("teme-meadow", later);
    EXPECT_EQ(registry().agencies.at(AgencyId("teme-meadow")).pepper_epoch, 2);
}

TEST_F(TokenCommands, FinishNeverWithoutAWordOfWhomTheBrokerWaitsFor) {
    begin();
    const auto during = registry();
    // However late: a conflict has no lease, and one under the old keys alone excludes nobody from
    // what is sent under the new ones.
    for (const auto later : {std::chrono::days(15), std::chrono::days(30)}) {
        now_ = now_ + later;
        const auto unasked = finish_token_change(context(), finish());
        EXPECT_THAT(what(unasked), HasSubstr("Nobody was asked whose lists or conflicts"));
        EXPECT_THAT(unasked.error().next,
                    AllOf(HasSubstr("`mashctl tokens waiting`"), HasSubstr("--nobody-waits"),
                          HasSubstr("--socket")));
        EXPECT_EQ(registry(), during) << "nothing was changed";
    }
}

TEST_F(TokenCommands, FinishByTheRegistrarsWordIsStillRefusedWhereTheBrokerSaysOtherwise) {
    begin();
    now_ = now_ + std::chrono::days(15);
    const auto socket = file("admin.sock");
    OneAnswer broker(socket,
                     R"({"ok":true,"answer":{"epochs":[1,2],"agencies":[{"agency":"hub"}]}})"
                     "\n");
    auto both = finish_for_nobody_waits();
    both.socket = socket;
    EXPECT_THAT(what(finish_token_change(context(), both)), HasSubstr("alone: hub"));
    EXPECT_EQ(registry().broker.token_keys.size(), 2U);
}

TEST_F(TokenCommands, FinishAtOnceWhenTheOldKeysAreInWrongHands) {
    begin();
    EXPECT_TRUE(finish_token_change(context(), finish_now()));
    EXPECT_EQ(registry().broker.token_keys.size(), 1U);
}

TEST_F(TokenCommands, FinishNamesTheAgenciesThatTheBrokerStillWaitsFor) {
    begin();
    now_ = now_ + std::chrono::days(15);
    const auto socket = file("admin.sock");
    const auto answered = [&](const std::string& answer, bool at_once) {
        std::filesystem::remove(socket);
        OneAnswer broker(socket, answer + "\n");
        auto command = finish_asking(socket);
        command.now = at_once;
        auto done = finish_token_change(context(), command);
        EXPECT_EQ(broker.asked(), R"({"command":"token_change"})");
        return done;
    };
    const std::string two =
        R"({"ok":true,"answer":{"epochs":[1,2],"agencies":[{"agency":"hub"},{"agency":"orchard-gate"}]}})";
    const auto during = registry();
    EXPECT_THAT(what(answered(two, false)),
                HasSubstr("under the old keys alone: hub, orchard-gate"));
    EXPECT_FALSE(answered(R"({"ok":false,"error":"unknown_command"})", false));
    EXPECT_FALSE(answered(R"({"ok":true,"answer":{}})", false));
    // The documents are brought by hand: until then nobody is named, for nobody could have known.
    EXPECT_THAT(what(answered(R"({"ok":true,"answer":{"epochs":[1],"agencies":[]}})", false)),
                HasSubstr("does not list epoch 2 yet"));
    EXPECT_FALSE(answered(R"({"ok":true,"answer":{"agencies":[]}})", false));
    EXPECT_EQ(registry(), during) << "nothing was changed";
    out_.str("");
    EXPECT_TRUE(answered(two, true));
    EXPECT_THAT(out_.str(), HasSubstr("hub, orchard-gate"));
    EXPECT_EQ(registry().broker.token_keys.size(), 1U);
}

TEST_F(TokenCommands, FinishWhenTheBrokerWaitsForNobody) {
    begin();
    now_ = now_ + std::chrono::days(15);
    OneAnswer broker(file("admin.sock"), R"({"ok":true,"answer":{"epochs":[1,2],"agencies":[]}})"
                                         "\n");
    const auto done = finish_token_change(context(), finish_asking(file("admin.sock")));
    EXPECT_TRUE(done) << what(done);
}

TEST_F(TokenCommands, SayWhatToDoNextAndPrintNoSecret) {
    const auto said = [&] {
        auto text = out_.str();
        out_.str("");
        return text;
    };
    said();
    ASSERT_TRUE(make_token_key(context(), {broker_key()}));
    const auto of_key = said();
    EXPECT_THAT(of_key, HasSubstr("The broker has a key for epoch 2."));
    EXPECT_THAT(of_key, HasSubstr("1. Copy broker.key to where its copies lie, and start"));
    EXPECT_THAT(of_key, HasSubstr("2. Give this line to the registrar"));
    const auto file = area::load_key_file(broker_key(), nullptr);
    const auto public_key = file->oprf("tokens-2")->public_key();
    const auto line = to_base64url(public_key.view());
    EXPECT_TRUE(of_key.ends_with(":\n" + line + "\n")) << of_key;
    ASSERT_TRUE(begin_token_change(context(), {dir(), line, std::nullopt}));
    const auto of_begin = said();
    EXPECT_THAT(of_begin, HasSubstr("Registry version " + std::to_string(registry().version) +
                                    " lists epoch 2 beside epoch 1."));
    EXPECT_THAT(of_begin, HasSubstr("run `mashctl reload`"));
    EXPECT_THAT(of_begin, HasSubstr("`mashctl tokens waiting`"));
    EXPECT_THAT(of_begin, HasSubstr("from 2026-12-09 12:00")) << "15 days";
    now_ = now_ + std::chrono::days(15);
    const auto sealed = registry().agencies.at(orchard).next_pepper->sealed;
    ASSERT_TRUE(finish_token_change(context(), finish_for_nobody_waits()));
    const auto of_finish = said();
    EXPECT_THAT(of_finish, HasSubstr("Registry version " + std::to_string(registry().version) +
                                     " lists epoch 2 alone."));
    EXPECT_THAT(of_finish, HasSubstr("destroy old copies"));
    const auto pepper = pepper_of(sealed);
    const auto peppers = area::load_key_file(dir() / "registrar/pepper.key", nullptr);
    ASSERT_TRUE(peppers->secret("pepper-2"));
    EXPECT_TRUE(std::ranges::equal(peppers->secret("pepper-2")->reveal(), pepper));
    for (const auto& text : {of_key, of_begin, of_finish, err_.str()}) {
        EXPECT_EQ(text.find(to_base64url(pepper)), std::string::npos);
        EXPECT_EQ(text.find(to_hex(pepper)), std::string::npos);
    }
}

TEST_F(TokenCommands, FinishADayEarlyIsRefusedWithTheDay) {
    begin();
    const auto during = registry();
    now_ = now_ + std::chrono::days(15) - std::chrono::minutes(1);
    const auto early = finish_token_change(context(), finish_for_nobody_waits());
    EXPECT_THAT(what(early), HasSubstr("from 2026-12-09 12:00"));
    EXPECT_EQ(registry(), during);
    now_ = now_ + std::chrono::minutes(1);
    EXPECT_TRUE(finish_token_change(context(), finish_for_nobody_waits()));
}

TEST_F(TokenCommands, GiveARevokedAgencyNoNewSecret) {
    ASSERT_TRUE(revoke_agency(context(), {dir(), "orchard-gate", {}}));
    begin();
    EXPECT_FALSE(registry().agencies.at(orchard).next_pepper);
}

TEST_F(TokenCommands, AKeyMadeTwiceIsAnotherEpochsAndEitherLineBeginsTheNext) {
    next_key();
    const auto second = next_key();
    EXPECT_THAT(out_.str(), HasSubstr("a key for epoch 3"));
    ASSERT_TRUE(begin_token_change(context(), {dir(), second, std::nullopt}));
    EXPECT_EQ(registry().broker.token_keys.back().epoch, 2);
    EXPECT_EQ(to_base64url(registry().broker.token_keys.back().key.view()), second)
        << "the broker finds its key by what the registry lists, not by its own count";
}

TEST_F(TokenCommands, RefuseWhatIsNoChange) {
    const auto no_change = finish_token_change(context(), finish());
    EXPECT_THAT(what(no_change), HasSubstr("are not changing"));
    EXPECT_THAT(what(begin_token_change(context(), {dir(), "not a key", std::nullopt})),
                HasSubstr("no broker's key"));
    const std::string identity(43, 'A');
    EXPECT_THAT(what(begin_token_change(context(), {dir(), identity, std::nullopt})),
                HasSubstr("no broker's key"));
    const auto listed = to_base64url(registry().broker.token_keys[0].key.view());
    EXPECT_THAT(what(begin_token_change(context(), {dir(), listed, std::nullopt})),
                HasSubstr("lists this key already"));
    begin();
    EXPECT_THAT(what(begin_token_change(context(), {dir(), next_key(), std::nullopt})),
                HasSubstr("changing already"));
    EXPECT_THAT(what(make_token_key(context(), {dir() / "registrar/registrar.key"})),
                HasSubstr("does not hold a broker's keys"));
}

}  // namespace
}  // namespace mash::ctl
