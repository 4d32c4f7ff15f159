// An area made by the commands themselves, in a folder of its own, under a clock that only the test
// moves.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/ctl/agency_commands.hpp"
#include "broker/ctl/area_commands.hpp"
#include "broker/ctl/area_folder.hpp"
#include "common/area/document_files.hpp"
#include "common/area/enrolment.hpp"
#include "common/crypto/random.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::ctl::testing {

inline const WallTime noon = WallTime::from_unix_ms(1'795'521'600'000);  // 2026-11-24T12:00:00Z
using std::chrono::days;
using std::chrono::hours;

inline constexpr const char* right_passphrase = "four words that fit";

/// The agency's side of an enrolment: what its own program would make and keep.
struct AgencyMachine {
    explicit AgencyMachine(RandomSource& random)
        : signing(crypto::SigningKey::generate(random)),
          box(crypto::BoxKeyPair::generate(random)),
          transport(crypto::CurveKeyPair::generate(random)) {}
    crypto::SigningKey signing;
    crypto::BoxKeyPair box;
    crypto::CurveKeyPair transport;
};

class CtlTest : public ::testing::Test {
protected:
    std::filesystem::path dir() const { return folder_.path() / "area"; }
    std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(file(name)) << text;
        return file(name);
    }
    static std::string read(const std::filesystem::path& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Context context() {
        Context made{out_, err_, now_, random_};
        made.root_price = {1, 8};
        made.key_price = {1, 8};
        made.ask_secret = [](const std::string&) { return std::optional<crypto::SecretBytes>(); };
        made.ask = [this](const std::string&) { return typed_; };
        return made;
    }

    AreaInit init_command() {
        AreaInit command;
        command.dir = dir();
        command.area = "northshire";
        command.passphrase_file = write("root-passphrase", right_passphrase);
        command.broker_endpoints = {"tcp://127.0.0.1:7400"};
        return command;
    }
    void make_area() { ASSERT_TRUE(init_area(context(), init_command())); }

    AgencyInvite invite_command(const std::string& id) {
        AgencyInvite command;
        command.dir = dir();
        command.id = id;
        command.kind = "school";
        command.name = "School " + id;
        command.urn = "8840" + std::to_string(10 + id.size());
        command.telephone = "01632 960000";
        command.host = "council";
        command.out = file(id + ".invite.json");
        return command;
    }
    area::Invite invite(const AgencyInvite& command) {
        const auto made = invite_agency(context(), command);
        EXPECT_TRUE(made) << (made ? "" : made.error().what);
        return area::parse_invite(read(command.out)).value();
    }
    area::EnrolRequest request(const area::Invite& invite, const AgencyMachine& machine) const {
        return area::make_enrol_request(invite, machine.signing, machine.box.public_key,
                                        machine.transport.public_key, now_);
    }
    AgencyApprove approval(const std::vector<area::EnrolRequest>& requests) const {
        AgencyApprove command;
        command.dir = dir();
        command.requests = {write("requests.json", area::to_json(requests))};
        command.fingerprint = area::fingerprint_of(requests).text();
        return command;
    }
    /// Invited and approved.
    void enrol(const std::string& id, const AgencyMachine& machine) {
        const auto approved =
            approve_agencies(context(), approval({request(invite(invite_command(id)), machine)}));
        ASSERT_TRUE(approved) << approved.error().what;
    }
    /// As any machine reads the area: from the root's key and the documents alone.
    area::TrustedArea reader() const {
        const auto anchor = area::parse_trust_anchor(read(dir() / "area.json")).value();
        area::TrustedArea trusted(anchor.area, anchor.root);
        const auto documents = area::read_documents(dir() / "documents").value();
        for (const auto& document : documents) EXPECT_TRUE(trusted.accept(document, now_));
        return trusted;
    }
    static std::string what(const Outcome<void>& outcome) {
        return outcome ? "" : outcome.error().what;
    }

    area::testing::TemporaryFolder folder_;
    crypto::SeededRandom random_{11, "ctl"};
    WallTime now_ = noon;
    std::optional<std::string> typed_;
    std::ostringstream out_;
    std::ostringstream err_;
};

}  // namespace mash::ctl::testing
