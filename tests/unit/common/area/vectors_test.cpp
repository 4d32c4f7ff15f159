// The bytes of signed documents and papers, fixed: a change of format shows as a change of a file
// under tests/vectors/area. The same files seed the fuzz target, whose first byte chooses the
// parser. MASH_WRITE_VECTORS=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/area/enrolment.hpp"
#include "common/area/keyfile.hpp"
#include "common/area/registry.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::noon;

void expect_vector(const char* name, std::uint8_t parser, const Bytes& body) {
    Bytes expected = body;
    expected.insert(expected.begin(), parser);
    const std::string path = test::source_dir() / "tests/vectors" / name;
    if (std::getenv("MASH_WRITE_VECTORS") != nullptr) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(expected.data()),
                   static_cast<std::streamsize>(expected.size()));
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const Bytes held((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(to_hex(held), to_hex(expected)) << name;
}

TEST(DocumentVectors, AreTheBytesThatThisReleaseWrites) {
    Area area;
    expect_vector("area/registry", 0, encode_registry(area.registry()));
    expect_vector("area/delegation", 1, encode_delegation(area.delegation(area.registrar)));
    auto with_keys = area.registry();
    for (const auto epoch : {std::uint16_t{1}, std::uint16_t{2}}) {
        crypto::SeededRandom random(epoch, "token-key");
        with_keys.broker.token_keys.push_back(
            {epoch, noon, crypto::OprfKey::generate(random).public_key()});
    }
    auto& hub = with_keys.agencies.at(AgencyId("hub"));
    hub.sealed_pepper = Bytes(80, 1);
    hub.next_pepper = SealedPepper{2, Bytes(80, 2)};
    expect_vector("area/registry_2", 0, encode_registry(with_keys));
    const TrustedArea nothing(area.id, area.root.verify_key());
    expect_vector("area/freshness", 2, encode_freshness(area.freshness_of(nothing, 3, noon)));
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

TEST(EnrolmentVectors, AreTheTextsThatThisReleaseWrites) {
    Area area;
    const TrustAnchor anchor{area.id, area.root.verify_key()};
    const auto signing = crypto::SigningKey::generate(area.random);
    const auto next = crypto::SigningKey::generate(area.random);
    const auto box = crypto::BoxKeyPair::generate(area.random);
    const auto transport = crypto::CurveKeyPair::generate(area.random);
    const auto school = area.registry().agencies.at(AgencyId("orchard-gate"));
    const Invite invite{InviteId(area.random.array<16>()),
                        anchor,
                        {"tcp://127.0.0.1:7400"},
                        transport.public_key,
                        noon,
                        InviteCode::generate(area.random),
                        school.id,
                        school.kind,
                        school.name,
                        school.urn,
                        school.telephone,
                        school.host,
                        school.roles,
                        school.seats,
                        school.alternate_inboxes,
                        false};
    const auto request =
        make_enrol_request(invite, signing, box.public_key, transport.public_key, noon);
    const auto rotation = make_rotation_request(anchor, school, signing, next, box.public_key,
                                                transport.public_key, noon);
    expect_vector("enrolment/anchor", 0, bytes_of(to_json(anchor)));
    expect_vector("enrolment/invite", 1, bytes_of(to_json(invite)));
    expect_vector("enrolment/requests", 2, bytes_of(to_json(std::vector{request})));
    expect_vector("enrolment/rotation", 3, bytes_of(to_json(rotation)));
    KeyFile file;
    file.label.kind = "agency";
    file.label.area = area.id;
    file.label.owner = school.id.value();
    file.add_signing("signing", signing);
    file.add_box("box", box);
    expect_vector(
        "enrolment/keyfile", 4,
        key_file_text(file, nullptr, crypto::Argon2Params::interactive(), area.random).value());
}

}  // namespace
}  // namespace mash::area
