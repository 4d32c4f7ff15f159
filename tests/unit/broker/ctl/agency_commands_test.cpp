#include "broker/ctl/agency_commands.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "broker/ctl/agency_csv.hpp"
#include "broker/ctl/invites.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/curve_fingerprint.hpp"
#include "tests/unit/broker/ctl/ctl_fixture.hpp"

namespace mash::ctl {
namespace {

using testing::AgencyMachine;
using testing::CtlTest;
using testing::days;
using ::testing::HasSubstr;
using testing::hours;
using testing::noon;

const AgencyId orchard{"orchard-gate"};

class AgencyCommands : public CtlTest {
protected:
    void SetUp() override { make_area(); }

    const area::Agency& listed(const AgencyId& id) {
        trusted_ = reader();
        const auto* agency = trusted_->registry()->find_agency(id);
        CHECK(agency != nullptr);
        return *agency;
    }
    std::optional<area::TrustedArea> trusted_;
    AgencyMachine machine_{random_};
};

TEST_F(AgencyCommands, EnrolAnAgencyWhoseFingerprintWasReadBack) {
    enrol("orchard-gate", machine_);
    const auto& agency = listed(orchard);
    EXPECT_EQ(agency.kind, "school");
    EXPECT_EQ(agency.signing_keys.at(0).key, machine_.signing.verify_key());
    EXPECT_EQ(agency.seats.at(0).inbox, InboxId("orchard-gate.sch"));
    EXPECT_EQ(agency.alternate_inboxes, std::vector{InboxId("orchard-gate.alternate")});
    EXPECT_EQ(trusted_->registry()->version, 2U);
    EXPECT_EQ(trusted_->registry()->host_of_key(machine_.transport.public_key.value(), now_)->id,
              HostId("council"));
    EXPECT_TRUE(trusted_->check_fresh(now_));
}

TEST_F(AgencyCommands, SealTheAreasSecretToTheAgencyAndToNobodyElse) {
    enrol("orchard-gate", machine_);
    const auto& sealed = listed(orchard).sealed_pepper;
    const auto opened = crypto::open_sealed(machine_.box, sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(
        *opened,
        area::load_key_file(dir() / "registrar/pepper.key", nullptr)->secret("pepper-1").value());
    const AgencyMachine other(random_);
    EXPECT_FALSE(crypto::open_sealed(other.box, sealed));
}

TEST_F(AgencyCommands, RefuseAFingerprintThatDiffersAndSignNothing) {
    auto command = approval({request(invite(invite_command("orchard-gate")), machine_)});
    command.fingerprint = "12345 12345 12345 12345 12345 12345";
    const auto approved = approve_agencies(context(), command);
    ASSERT_FALSE(approved);
    EXPECT_THAT(approved.error().what, HasSubstr("not that of these requests"));
    EXPECT_EQ(reader().registry()->version, 1U);
    // What should have been typed is not shown: a tired approver must not be able to copy it.
    const auto fingerprint =
        area::fingerprint_of(area::parse_enrol_requests(read(command.requests[0])).value()).text();
    EXPECT_EQ(
        (out_.str() + err_.str() + approved.error().what + approved.error().next).find(fingerprint),
        std::string::npos);
}

TEST_F(AgencyCommands, AskForTheFingerprintWhenNoneIsGiven) {
    auto command = approval({request(invite(invite_command("orchard-gate")), machine_)});
    const auto fingerprint = std::exchange(command.fingerprint, "");
    EXPECT_THAT(what(approve_agencies(context(), command)), HasSubstr("needed"));
    typed_ = fingerprint;
    EXPECT_TRUE(approve_agencies(context(), command));
}

TEST_F(AgencyCommands, WarnWhenNobodyReadTheFingerprint) {
    auto command = approval({request(invite(invite_command("orchard-gate")), machine_)});
    command.fingerprint.clear();
    command.accept_unread_fingerprint = true;
    EXPECT_TRUE(approve_agencies(context(), command));
    EXPECT_THAT(err_.str(), HasSubstr("demonstrations only"));
}

TEST_F(AgencyCommands, RefuseARequestMadeWithAnotherCode) {
    auto invited = invite(invite_command("orchard-gate"));
    invited.code = area::InviteCode::generate(random_);
    EXPECT_FALSE(approve_agencies(context(), approval({request(invited, machine_)})));
    EXPECT_THAT(err_.str(), HasSubstr("not made with the invite's code"));
    EXPECT_EQ(reader().registry()->version, 1U);
}

TEST_F(AgencyCommands, TakeAnInviteOnceOnly) {
    const auto invited = invite(invite_command("orchard-gate"));
    ASSERT_TRUE(approve_agencies(context(), approval({request(invited, machine_)})));
    EXPECT_TRUE(std::filesystem::is_empty(dir() / "registrar/invites"));
    // The same request again changes nothing; other keys under the used invite are refused.
    EXPECT_TRUE(approve_agencies(context(), approval({request(invited, machine_)})));
    EXPECT_EQ(reader().registry()->version, 2U);
    const AgencyMachine thief(random_);
    EXPECT_FALSE(approve_agencies(context(), approval({request(invited, thief)})));
    EXPECT_THAT(err_.str(), HasSubstr("not open here"));
    EXPECT_EQ(listed(orchard).signing_keys.size(), 1U);
}

TEST_F(AgencyCommands, CloseAnInviteThatAMachineStoppedBeforeClosing) {
    const auto invited = invite(invite_command("orchard-gate"));
    const auto kept = dir() / "registrar/invites" / (to_text(invited.id) + ".json");
    const auto text = read(kept);
    ASSERT_TRUE(approve_agencies(context(), approval({request(invited, machine_)})));
    std::ofstream(kept) << text;  // as if it had stopped between registry and invite
    EXPECT_TRUE(approve_agencies(context(), approval({request(invited, machine_)})));
    EXPECT_FALSE(std::filesystem::exists(kept));
    EXPECT_EQ(reader().registry()->version, 2U);
}

TEST_F(AgencyCommands, RefuseAnInviteThatIsOver) {
    const auto invited = invite(invite_command("orchard-gate"));
    now_ = noon + days(14);
    ASSERT_TRUE(renew_freshness(context(), {dir(), {}}));
    EXPECT_FALSE(approve_agencies(context(), approval({request(invited, machine_)})));
    EXPECT_THAT(err_.str(), HasSubstr("ended"));
}

TEST_F(AgencyCommands, RefuseAnotherAreasRequest) {
    auto elsewhere = init_command();
    elsewhere.dir = folder_.path() / "other";
    elsewhere.area = "southshire";
    ASSERT_TRUE(init_area(context(), elsewhere));
    auto command = invite_command("orchard-gate");
    command.dir = elsewhere.dir;
    EXPECT_FALSE(approve_agencies(context(), approval({request(invite(command), machine_)})));
    EXPECT_THAT(err_.str(), HasSubstr("southshire"));
}

TEST_F(AgencyCommands, ApproveManyInOneVersionAndNameThoseThatFail) {
    const auto first = invite(invite_command("orchard-gate"));
    const auto second = invite(invite_command("abbey-road-academy"));
    auto guessed = invite(invite_command("zeal"));
    guessed.code = area::InviteCode::generate(random_);
    AgencyMachine other(random_), third(random_);
    other.transport = machine_.transport.clone();
    third.transport = machine_.transport.clone();
    const auto approved = approve_agencies(
        context(),
        approval({request(first, machine_), request(second, other), request(guessed, third)}));
    ASSERT_FALSE(approved);
    EXPECT_EQ(approved.error().exit, Exit::partly);
    EXPECT_THAT(err_.str(), HasSubstr("zeal:"));
    const auto trusted = reader();
    EXPECT_EQ(trusted.registry()->version, 2U);
    EXPECT_EQ(trusted.registry()->agencies.size(), 2U);
    EXPECT_EQ(trusted.registry()->hosts.size(), 1U);
}

TEST_F(AgencyCommands, RefuseASecondMachineUnderTheNameOfAHost) {
    enrol("orchard-gate", machine_);
    const AgencyMachine other(random_);
    EXPECT_FALSE(approve_agencies(
        context(), approval({request(invite(invite_command("abbey-road-academy")), other)})));
    EXPECT_THAT(err_.str(), HasSubstr("another transport key"));
}

TEST_F(AgencyCommands, RefuseKeysThatAnotherAgencyUses) {
    enrol("orchard-gate", machine_);
    auto command = invite_command("abbey-road-academy");
    EXPECT_FALSE(approve_agencies(context(), approval({request(invite(command), machine_)})));
    EXPECT_THAT(err_.str(), HasSubstr("in use by another agency"));
    EXPECT_EQ(reader().registry()->version, 2U);
}

TEST_F(AgencyCommands, RefuseInvitesThatCouldNeverBeApproved) {
    enrol("orchard-gate", machine_);
    const auto refusal = [&](const std::function<void(AgencyInvite&)>& change) {
        auto command = invite_command("abbey-road-academy");
        change(command);
        return what(invite_agency(context(), command));
    };
    EXPECT_EQ(refusal([](auto&) {}), "");
    EXPECT_THAT(refusal([](auto& c) { c.id = "Abbey Road"; }), HasSubstr("not a name"));
    EXPECT_THAT(refusal([](auto& c) { c.id = "orchard-gate"; }), HasSubstr("enrolled already"));
    EXPECT_THAT(refusal([](auto& c) { c.urn = "123"; }), HasSubstr("not a URN"));
    EXPECT_THAT(refusal([](auto& c) { c.urn = ""; }), HasSubstr("needs its URN"));
    EXPECT_THAT(refusal([](auto& c) { c.urn = "884022"; }), HasSubstr("that of orchard-gate"));
    EXPECT_THAT(refusal([](auto& c) { c.name = ""; }), HasSubstr("name is empty"));
    EXPECT_THAT(refusal([](auto& c) { c.seats = {"sch"}; }), HasSubstr("cannot be read"));
    EXPECT_THAT(refusal([](auto& c) { c.seats = {"sch:a.sch:people"}; }),
                HasSubstr("no alternate"));
    EXPECT_THAT(refusal([](auto& c) { c.seats = {"sch:a.sch:people:a.sch"}; }),
                HasSubstr("same inbox"));
    EXPECT_THAT(refusal([](auto& c) { c.seats = {"sch:orchard-gate.sch:people:a.b"}; }),
                HasSubstr("belongs to orchard-gate"));
    EXPECT_THAT(refusal([](auto& c) { c.valid_days = 15; }), HasSubstr("1 to 14 days"));
    EXPECT_THAT(refusal([](auto& c) { c.replace_keys = true; }), HasSubstr("no agency"));
}

TEST_F(AgencyCommands, PromiseAnInboxOrSchoolToOneInviteAtATime) {
    invite(invite_command("orchard-gate"));
    auto command = invite_command("abbey-road-academy");
    command.seats = {"sch:orchard-gate.sch:people:abbey.alternate"};
    EXPECT_THAT(what(invite_agency(context(), command)), HasSubstr("promised to orchard-gate"));
    command = invite_command("abbey-road-academy");
    command.urn = "884022";
    EXPECT_THAT(what(invite_agency(context(), command)), HasSubstr("promised to orchard-gate"));
}

TEST_F(AgencyCommands, LetOnlyTheNewestInviteOfAnAgencyBeUsed) {
    const auto lost = invite(invite_command("orchard-gate"));
    const auto newest = invite(invite_command("orchard-gate"));
    EXPECT_FALSE(approve_agencies(context(), approval({request(lost, machine_)})));
    EXPECT_TRUE(approve_agencies(context(), approval({request(newest, machine_)})));
}

TEST_F(AgencyCommands, RevokeAnAgencyAndItsMachineWhenItServesNoOther) {
    enrol("orchard-gate", machine_);
    AgencyMachine other(random_);
    other.transport = machine_.transport.clone();
    enrol("abbey-road-academy", other);
    now_ = noon + hours(1);
    ASSERT_TRUE(revoke_agency(context(), {dir(), "orchard-gate", {}}));
    auto trusted = reader();
    const auto key = machine_.transport.public_key.value();
    EXPECT_EQ(trusted.registry()->find_active_agency(orchard, now_), nullptr);
    EXPECT_NE(trusted.registry()->find_active_agency(orchard, noon), nullptr);
    EXPECT_NE(trusted.registry()->host_of_key(key, now_), nullptr);
    ASSERT_TRUE(revoke_agency(context(), {dir(), "abbey-road-academy", {}}));
    EXPECT_EQ(reader().registry()->host_of_key(key, now_), nullptr);
    EXPECT_THAT(what(revoke_agency(context(), {dir(), "orchard-gate", {}})),
                HasSubstr("was revoked"));
    EXPECT_THAT(what(revoke_agency(context(), {dir(), "nobody", {}})), HasSubstr("no agency"));
}

TEST_F(AgencyCommands, BringBackARevokedAgencyWithNewKeysOnly) {
    enrol("orchard-gate", machine_);
    now_ = noon + hours(1);
    ASSERT_TRUE(revoke_agency(context(), {dir(), "orchard-gate", {}}));
    now_ = noon + hours(2);
    auto command = invite_command("orchard-gate");
    command.replace_keys = true;
    const auto invited = invite(command);
    EXPECT_FALSE(
        approve_agencies(context(), approval({request(invited, machine_)})));  // the revoked keys
    const AgencyMachine fresh(random_);
    ASSERT_TRUE(approve_agencies(context(), approval({request(invited, fresh)})));
    const auto& agency = listed(orchard);
    EXPECT_FALSE(agency.revoked_at.is_set());
    ASSERT_EQ(agency.signing_keys.size(), 2U);
    for (const auto& key : agency.signing_keys) {
        EXPECT_EQ(key.revoked_at.is_set(), key.key == machine_.signing.verify_key());
    }
    EXPECT_TRUE(crypto::open_sealed(fresh.box, agency.sealed_pepper));
    EXPECT_NE(trusted_->registry()->host_of_key(fresh.transport.public_key.value(), now_), nullptr);
    EXPECT_EQ(trusted_->registry()->host_of_key(machine_.transport.public_key.value(), now_),
              nullptr);
}

TEST_F(AgencyCommands, RotateKeysWithOverlap) {
    enrol("orchard-gate", machine_);
    const AgencyMachine next(random_);
    now_ = noon + days(3);
    const auto anchor = area::parse_trust_anchor(read(dir() / "area.json")).value();
    const auto rotation =
        area::make_rotation_request(anchor, listed(orchard), machine_.signing, next.signing,
                                    next.box.public_key, next.transport.public_key, now_);
    AgencyRotate command;
    command.dir = dir();
    command.requests = {write("rotation.json", area::to_json(rotation))};
    ASSERT_TRUE(rotate_agencies(context(), command));

    const auto& agency = listed(orchard);
    const auto signed_by = [&](const AgencyMachine& machine, WallTime when) {
        const Bytes message{1};
        return area::verify_with_any(agency.signing_keys, when, "mash.v1.test", message,
                                     crypto::sign(machine.signing, "mash.v1.test", message));
    };
    EXPECT_TRUE(signed_by(machine_, now_));
    EXPECT_FALSE(signed_by(next, now_));
    EXPECT_TRUE(signed_by(next, now_ + hours(1)));
    EXPECT_TRUE(signed_by(machine_, now_ + days(7) - hours(1)));
    EXPECT_FALSE(signed_by(machine_, now_ + days(7)));
    const auto& registry = *trusted_->registry();
    EXPECT_NE(registry.host_of_key(next.transport.public_key.value(), now_), nullptr);
    EXPECT_NE(registry.host_of_key(machine_.transport.public_key.value(), now_ + days(6)), nullptr);
    EXPECT_EQ(registry.host_of_key(machine_.transport.public_key.value(), now_ + days(7)), nullptr);
    EXPECT_TRUE(crypto::open_sealed(next.box, agency.sealed_pepper));
    // The same paper again: nothing happens twice.
    const auto version = registry.version;
    EXPECT_TRUE(rotate_agencies(context(), command));
    EXPECT_THAT(out_.str(), HasSubstr("in the registry already"));
    EXPECT_EQ(reader().registry()->version, version);
}

TEST_F(AgencyCommands, OnePaperThatIsNotRightHoldsUpNoneOfTheOthers) {
    const AgencyMachine other(random_);
    const AgencyMachine next(random_);
    const AgencyMachine other_next(random_);
    enrol("orchard-gate", machine_);
    auto second = invite_command("teme-meadow");
    second.host = "another";
    ASSERT_TRUE(approve_agencies(context(), approval({request(invite(second), other)})));
    now_ = noon + days(3);
    const auto anchor = area::parse_trust_anchor(read(dir() / "area.json")).value();
    const auto paper = [&](const std::string& name, const std::string& id,
                           const AgencyMachine& old_keys, const AgencyMachine& new_keys) {
        const auto trusted = reader();
        return write(name,
                     area::to_json(area::make_rotation_request(
                         anchor, *trusted.registry()->find_agency(AgencyId(id)), old_keys.signing,
                         new_keys.signing, new_keys.box.public_key, std::nullopt, now_)));
    };
    AgencyRotate command;
    command.dir = dir();
    command.requests = {paper("first.json", "orchard-gate", machine_, next)};
    ASSERT_TRUE(rotate_agencies(context(), command));
    command.requests.push_back(write("torn.json", "{"));
    command.requests.push_back(paper("second.json", "teme-meadow", other, other_next));
    const auto outcome = rotate_agencies(context(), command);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().exit, Exit::partly);
    EXPECT_THAT(outcome.error().what, HasSubstr("1 of 3"));
    EXPECT_THAT(err_.str(), HasSubstr("torn.json"));
    const auto trusted = reader();
    const auto& keys = trusted.registry()->find_agency(AgencyId("teme-meadow"))->signing_keys;
    EXPECT_TRUE(std::ranges::any_of(
        keys, [&](const auto& key) { return key.key == other_next.signing.verify_key(); }));

    command.requests = {file("torn.json")};
    const auto none = rotate_agencies(context(), command);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().exit, Exit::refused);
}

TEST_F(AgencyCommands, InviteManySchoolsFromATableAndLoseNoRow) {
    AgencyInvites command;
    command.dir = dir();
    command.host = "council";
    command.out_dir = file("invites");
    command.csv = write("schools.csv",
                        "\xEF\xBB\xBF"
                        "id,name,urn,telephone\r\n"
                        "orchard-gate,\"Orchard Gate, High School\",884001,01632 960001\r\n"
                        "abbey-road,Abbey Road Primary,884002,\r\n"
                        "Zeal Lane,Zeal Lane Primary,884003,\r\n"
                        "mill-end,Mill End Primary,884001,\r\n"
                        "abbey-road,Abbey Road again,884005,\r\n"
                        "too-short,Too Short\r\n");
    const auto invited = invite_agencies(context(), command);
    ASSERT_FALSE(invited);
    EXPECT_EQ(invited.error().exit, Exit::partly);
    const auto orchard_invite =
        area::parse_invite(read(command.out_dir / "orchard-gate.invite.json"));
    ASSERT_TRUE(orchard_invite);
    EXPECT_EQ(orchard_invite->name, "Orchard Gate, High School");
    EXPECT_TRUE(std::filesystem::exists(command.out_dir / "abbey-road.invite.json"));
    const auto rejected = parse_csv(read(command.out_dir / "rejected.csv"));
    ASSERT_EQ(rejected.size(), 5U);  // the header and four rows
    EXPECT_EQ(rejected[1].fields[0], "4");
    EXPECT_THAT(rejected[1].fields[1], HasSubstr("not a name"));
    EXPECT_EQ(rejected[2].fields[0], "5");
    EXPECT_THAT(rejected[2].fields[1], HasSubstr("promised to orchard-gate"));
    EXPECT_EQ(rejected[3].fields[0], "6");
    EXPECT_THAT(rejected[3].fields[1], HasSubstr("line 3"));
    EXPECT_EQ(rejected[4].fields[0], "7");
    EXPECT_THAT(rejected[4].fields[1], HasSubstr("2 fields"));
}

TEST_F(AgencyCommands, RefuseATableWhoseColumnsAreNotUnderstood) {
    AgencyInvites command;
    command.dir = dir();
    command.host = "council";
    command.out_dir = file("invites");
    for (const char* header : {"", "id\n", "id,name,phone\n", "id,name,id\n"}) {
        command.csv = write("schools.csv", header);
        EXPECT_FALSE(invite_agencies(context(), command)) << header;
    }
}

TEST_F(AgencyCommands, ListWhoIsEnrolledRevokedAndInvited) {
    enrol("orchard-gate", machine_);
    invite(invite_command("abbey-road-academy"));
    ASSERT_TRUE(list_agencies(context(), {dir(), false}));
    EXPECT_THAT(out_.str(), HasSubstr("School orchard-gate"));
    EXPECT_THAT(out_.str(), HasSubstr("abbey-road-academy"));
    out_.str("");
    ASSERT_TRUE(list_agencies(context(), {dir(), true}));
    EXPECT_THAT(out_.str(), HasSubstr("\"state\": \"enrolled\""));
}

TEST_F(AgencyCommands, ListShowsEachKeyAsItIsReadOutOverTheTelephone) {
    enrol("orchard-gate", machine_);
    const auto signing = crypto::KeyFingerprint::of(machine_.signing.verify_key()).text();
    const auto transport = crypto::fingerprint_of(machine_.transport.public_key).text();
    EXPECT_NE(signing, transport);
    ASSERT_TRUE(list_agencies(context(), {dir(), false}));
    EXPECT_THAT(out_.str(), HasSubstr("    key " + signing + "\n"));
    EXPECT_THAT(out_.str(), HasSubstr("    key " + transport + "\n"));
    out_.str("");
    ASSERT_TRUE(list_agencies(context(), {dir(), true}));
    const auto json = nlohmann::json::parse(out_.str());
    EXPECT_EQ(json["agencies"][0]["keys"][0]["fingerprint"], signing);
    EXPECT_EQ(json["hosts"][0]["keys"][0]["fingerprint"], transport);
    EXPECT_TRUE(json["hosts"][0]["keys"][0]["revoked"].is_null());
}

TEST(Csv, ReadsWhatSpreadsheetsWriteAndWritesItBack) {
    const auto rows = parse_csv("a,\"b \"\"c\"\"\",\r\n\r\n\"two\nlines\",,x");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].fields, (std::vector<std::string>{"a", "b \"c\"", ""}));
    EXPECT_EQ(rows[1].line, 3U);
    EXPECT_EQ(rows[1].fields, (std::vector<std::string>{"two\nlines", "", "x"}));
    for (const auto& row : rows)
        EXPECT_EQ(parse_csv(csv_text(row.fields) + "\n").at(0).fields, row.fields);
    EXPECT_EQ(parse_csv("\"never closed\n").size(), 1U);
    EXPECT_TRUE(parse_csv("").empty());
}

TEST(Seats, AreReadInOneForm) {
    const auto seat = parse_seat("ffd::people:hub.second", "hub", "01632 960001");
    ASSERT_TRUE(seat);
    EXPECT_EQ(seat->inbox, InboxId("hub.ffd"));
    EXPECT_EQ(seat->alternate, InboxId("hub.second"));
    EXPECT_FALSE(parse_seat("sw:cases:automatic", "social-care", "")->people);
    for (const char* bad :
         {"", "ffd", "ffd:x", "ffd:x:robots", ":x:people", "ffd:x:people:", "ffd:x:people:y:z"}) {
        EXPECT_FALSE(parse_seat(bad, "hub", "")) << bad;
    }
}

}  // namespace
}  // namespace mash::ctl
