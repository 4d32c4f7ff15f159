// The bytes on the wire, written once (tests/vectors/wire/README.md). A change of format shows
// here.
#include "tests/unit/common/wire/vectors.hpp"

#include <set>

#include <gtest/gtest.h>

#include "common/crypto/hash.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/signing.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

const std::filesystem::path folder = mash::test::source_dir() / "tests/vectors/wire";

Bytes unhex(const std::string& text) {
    auto bytes = from_hex(text);
    EXPECT_TRUE(bytes) << text;
    return bytes ? *bytes : Bytes();
}

TEST(Vectors, EveryFrameReadsAndWritesAsItWasWritten) {
    const auto agent = test::read_lines(folder / "agent_frames.hex");
    std::set<std::string> kinds;  // a kind that has grown has a line of each age
    for (const auto& line : agent) {
        kinds.insert(line.at(0));
        const Bytes bytes = unhex(line.at(1));
        const auto frame = decode_agent_frame(bytes);
        ASSERT_TRUE(frame) << line[0] << ": " << name_of(frame.error());
        EXPECT_EQ(encode(*frame), bytes) << line[0];
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<AgentBody>);
    const auto broker = test::read_lines(folder / "broker_frames.hex");
    kinds.clear();
    for (const auto& line : broker) {
        kinds.insert(line.at(0));
        const Bytes bytes = unhex(line.at(1));
        const auto frame = decode_broker_frame(bytes);
        ASSERT_TRUE(frame) << line[0] << ": " << name_of(frame.error());
        EXPECT_EQ(encode(*frame), bytes) << line[0];
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<BrokerBody>);
}

TEST(Vectors, EveryBodyReadsAndWritesAsItWasWritten) {
    const auto lines = test::read_lines(folder / "bodies.hex");
    std::size_t found = 0;
    std::set<std::string> kinds;
    std::size_t bodies = 0;
    test::for_each_body([&]<class Body>(const std::string& name) {
        ++bodies;
        for (const auto& line : lines) {
            if (line.at(0) != name) continue;
            ++found;
            kinds.insert(name);
            const Bytes bytes = unhex(line.at(1));
            const auto body = decode_body<Body>(bytes);
            ASSERT_TRUE(body) << name << ": " << name_of(body.error());
            EXPECT_EQ(encode_body(*body), bytes) << name;
        }
    });
    EXPECT_EQ(found, lines.size());
    EXPECT_EQ(kinds.size(), bodies);
}

TEST(Vectors, WhatMustBeRefusedIsRefusedForItsReason) {
    const auto lines = test::read_lines(folder / "refused.hex");
    ASSERT_GT(lines.size(), 10U);
    for (const auto& line : lines) {
        const Bytes bytes = line.size() > 3 ? unhex(line[3]) : Bytes();
        std::string_view said = "read";
        if (line.at(0) == "agent_frame") {
            const auto frame = decode_agent_frame(bytes);
            if (!frame) said = name_of(frame.error());
        } else if (line[0] == "broker_frame") {
            const auto frame = decode_broker_frame(bytes);
            if (!frame) said = name_of(frame.error());
        } else {
            bool known = false;
            test::for_each_body([&]<class Body>(const std::string& name) {
                if (name != line[0]) return;
                known = true;
                const auto body = decode_body<Body>(bytes);
                if (!body) said = name_of(body.error());
            });
            EXPECT_TRUE(known) << line[0];
        }
        EXPECT_EQ(said, line.at(1)) << line.at(2);
    }
}

// label, message, BLAKE2b-256 of both, Ed25519 signature by the key of seed 00 01 .. 1f.
TEST(Vectors, EveryLabelHashesAndSignsAsItWasWritten) {
    Bytes seed(32);
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
    const auto key = crypto::SigningKey::from_seed(crypto::SecretBytes::copy_of(seed));
    ASSERT_TRUE(key);
    const auto lines = test::read_lines(folder / "signing.hex");
    ASSERT_GT(lines.size(), 10U);
    for (const auto& line : lines) {
        const Bytes message = unhex(line.at(1));
        EXPECT_EQ(to_hex(crypto::labelled_hash(line.at(0), {message})), line.at(2)) << line[0];
        const auto signature = crypto::sign(*key, line[0], message);
        EXPECT_EQ(to_hex(signature.view()), line.at(3)) << line[0];
        EXPECT_TRUE(crypto::verify(key->verify_key(), line[0], message, signature)) << line[0];
    }
}

// One message written out by hand, so that its bytes can be followed with the .proto beside it.
TEST(Vectors, AClaimFieldByField) {
    InvolvementClaim claim;
    claim.id = ClaimId({0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1, 0xC1,
                        0xC1, 0xC1, 0xC1, 0xC1});
    claim.agency = AgencyId("schools-884001");
    claim.seat = {AgencyId("schools-884001"), RoleId("sch")};
    claim.relation = "school";
    Token token;
    token.kind = TokenKind::upn_dob;
    token.epoch = 1;
    token.value.fill(0x55);
    claim.tokens = {token};
    claim.serial = 7;
    claim.starts = WallTime::from_unix_ms(1'795'305'600'000);       // 2026-11-22T00:00:00Z
    claim.lease_until = WallTime::from_unix_ms(1'826'841'600'000);  // 2027-11-22T00:00:00Z
    EXPECT_EQ(to_hex(encode_body(claim)),
              "0a10c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"            // 1: id
              "120e7363686f6f6c732d383834303031"                // 2: agency
              "1a150a0e7363686f6f6c732d3838343030311203736368"  // 3: seat {agency, role}
              "22067363686f6f6c"                                // 4: relation
              "2a26080310011a20"                                // 5: token {kind 3, epoch 1,
              "5555555555555555555555555555555555555555555555555555555555555555"  // value}
              "3007"                                                              // 6: serial
              "3880e8b584a034"                                                    // 7: starts
              "4080c0fac19535");                                                  // 8: lease until
}

}  // namespace
}  // namespace mash::wire
