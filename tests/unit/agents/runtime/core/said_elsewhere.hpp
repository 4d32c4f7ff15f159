// Words of a decider at another host, signed and sealed as their agent would, and bent as each test
// likes: the broker of these tests carries what it is given.
#pragma once

#include <array>
#include <string>

#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {

struct SaidElsewhere {
    std::string what;
    Seat decider{AgencyId("police-wm"), RoleId("lado")};
    std::array<std::uint8_t, 16> subject{5};
    std::string reason = "Canaryreason";
    std::string detail = {};
    AgencyId sender = {};
    NotificationId notification = {};
    WallTime at = {};  ///< unset: now
    PersonId person{"p-elsewhere"};
    std::string code = {};
    std::array<std::uint8_t, 32> salt{7};
};

/// `number` is the id; `to` an agency of `host`.
inline wire::DeciderWords words_from_elsewhere(AgentWorld& world, const TestHost& host,
                                               const AgencyId& to, std::uint8_t number,
                                               const SaidElsewhere& said) {
    wire::WordsBody body;
    body.id = wire::WordsId({number});
    body.decider = said.decider;
    body.person = said.person;
    body.what = said.what;
    body.code = said.code;
    body.sender = said.sender;
    body.notification = said.notification;
    body.subject = said.subject;
    body.at = said.at.is_set() ? said.at : world.now.wall;
    body.digest =
        crypto::labelled_hash(wire::label::words_digest,
                              {said.salt, view_of(said.reason), ByteView(), view_of(said.detail)});
    wire::DeciderWords frame;
    frame.body = wire::encode_body(body);
    frame.signature =
        crypto::sign(world.area.signing_key(said.decider.agency), wire::label::words, frame.body);
    const Bytes plain =
        Writer().fixed(said.salt).text(said.reason).text("").text(said.detail).take();
    auto sealed = crypto::seal_to(host.keys.agencies.at(to).box.front().public_key, plain,
                                  world.area.random());
    EXPECT_TRUE(sealed.has_value());
    frame.sealed = {{to, *sealed}};
    return frame;
}

/// The area's registry lists a seat more, and this host knows it.
inline void list_seat(AgentWorld& world, TestHost& host, const Seat& seat) {
    world.area.change_registry(
        [&](area::Registry& registry) {
            auto& agency = registry.agencies.at(seat.agency);
            agency.seats.push_back(
                {seat.role, InboxId(seat.agency.value() + "." + seat.role.value()), true, {}, ""});
        },
        world.now.wall);
    host.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
}

}  // namespace mash::runtime::testing
