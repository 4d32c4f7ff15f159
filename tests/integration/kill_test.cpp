// Any program may be killed at any moment: what was answered 202 is in the end accepted, and stored
// once in each inbox.
#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

class Killed : public OnArea<Killed> {
protected:
    static unsigned seed() {
        const char* given = std::getenv("MASH_SEED");
        return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                : std::random_device{}();
    }
};

TEST_F(Killed, WhatWasTakenIsStoredOnceInEachInboxWhoeverIsKilledWhenever) {
    constexpr int wanted = 150;
    const auto chosen = seed();
    std::cout << "seed " << chosen << "; again with MASH_SEED=" << chosen << "\n";
    std::mt19937 random(chosen);
    const std::vector<std::string> victims{"broker",      "broker",  "broker", "police", "police",
                                           "social-care", "schools", "health", "hub"};
    std::map<std::string, std::string> taken;  // reference -> id
    std::vector<std::string> down;
    int kills = 0;
    std::uniform_int_distribution<int> until_next(4, 16);
    int next_kill = until_next(random);
    for (int i = 0; i < wanted; ++i) {
        const auto reference = "it/kill/" + std::to_string(i);
        const auto notification = missing_wren(reference);
        // Like any source system: no answer means the same again.
        std::string id;
        ASSERT_TRUE(area().wait_until(
            [&] {
                if (!area().program("police").is_alive()) area().start("police");
                id = area().post("police", notification);
                return !id.empty();
            },
            seconds(60)));
        taken[reference] = id;
        if (--next_kill > 0) continue;
        next_kill = until_next(random);
        // The last victim comes back only when the next one falls, so that some are away for a
        // while.
        for (const auto& name : down) area().start_unwaited(name);
        down.clear();
        const auto& victim =
            victims[std::uniform_int_distribution<std::size_t>(0, victims.size() - 1)(random)];
        area().program(victim).kill_hard();
        ++kills;
        if (std::uniform_int_distribution<int>(0, 1)(random) == 0) {
            area().start_unwaited(victim);
        } else {
            down.push_back(victim);
        }
    }
    for (const auto& name : down) area().start_unwaited(name);
    for (const auto& [name, unused] : std::map<std::string, int>{{"broker", 0},
                                                                 {"police", 0},
                                                                 {"health", 0},
                                                                 {"schools", 0},
                                                                 {"social-care", 0},
                                                                 {"hub", 0}}) {
        if (!area().program(name).is_alive()) area().start(name);
        ASSERT_TRUE(area().is_ready(name)) << name;
    }
    std::cout << kills << " kills during " << taken.size() << " notifications\n";
    EXPECT_GE(kills, 8);

    const auto all_stored = [&] {
        for (const auto& [seat, inbox] : around_wren) {
            const auto ids = area().listed(inbox);
            for (const auto& [reference, id] : taken) {
                if (!ids.contains(id)) return false;
            }
        }
        return true;
    };
    EXPECT_TRUE(area().wait_until(all_stored, seconds(90)));
    std::set<std::string> expected;
    for (const auto& [reference, id] : taken) expected.insert(id);
    EXPECT_EQ(expected.size(), taken.size()) << "two references share an id";
    for (const auto& [seat, inbox] : around_wren) {
        const auto ids = area().listed(inbox);
        EXPECT_EQ(ids.size(), expected.size()) << inbox;
        EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), expected) << inbox;
    }
    // The desk on duty may change while this runs: one of the two, never both, never none.
    const auto day = area().listed("hub.ffd");
    const auto night = area().listed("hub.edt");
    for (const auto& id : expected) EXPECT_EQ(day.count(id) + night.count(id), 1U) << id;

    std::string missing;
    EXPECT_TRUE(area().wait_until(
        [&] {
            for (const auto& [reference, id] : taken) {
                const auto sent = area().sent("police", id);
                if (!sent.is_object() || sent.value("state", "") != "accepted") {
                    missing = id + " is not accepted: " + sent.dump();
                    return false;
                }
                for (const auto& seat : Area::seats(sent)) {
                    if (!Area::rungs(sent, seat).contains("stored")) {
                        missing = id + " is not stored for " + seat;
                        return false;
                    }
                }
            }
            return true;
        },
        seconds(60)))
        << missing;
}

}  // namespace
}  // namespace mash::integration
