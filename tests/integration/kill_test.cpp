// Any program may be killed at any moment: what was answered 202 is in the end accepted, and stored
// once in each inbox.
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

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
    constexpr unsigned senders = 6;
    constexpr int bursts = 12;
    constexpr int in_a_burst = 3;
    const auto chosen = seed();
    std::cout << "seed " << chosen << "; again with MASH_SEED=" << chosen << "\n";
    const std::vector<std::string> victims{"broker",      "broker",  "broker", "police", "police",
                                           "social-care", "schools", "health", "hub"};
    std::mutex mutex;
    std::condition_variable moved;             // somebody was killed, or a sender is done
    std::map<std::string, std::string> taken;  // reference -> id
    unsigned senders_done = 0;
    int kills = 0;

    const auto send = [&](unsigned sender) {
        std::mt19937 random(chosen + 1 + sender);
        std::uniform_int_distribution<int> kills_between(0, 3);
        int begins_after = 0;
        for (int burst = 0; burst < bursts; ++burst) {
            // The load comes at moments of its own: after so many kills, and beside the next.
            begins_after += kills_between(random);
            {
                std::unique_lock lock(mutex);
                moved.wait(lock, [&] { return kills >= begins_after; });
            }
            for (int i = 0; i < in_a_burst; ++i) {
                const auto reference = "it/kill/" + std::to_string(sender) + "/" +
                                       std::to_string(burst) + "/" + std::to_string(i);
                const auto notification = missing_wren(reference);
                // Like any source system: no answer means the same again.
                std::string id;
                EXPECT_TRUE(area().wait_until(
                    [&] {
                        id = area().post("police", notification);
                        return !id.empty();
                    },
                    seconds(90)))
                    << reference;
                const std::lock_guard lock(mutex);
                taken[reference] = id;
            }
        }
        const std::lock_guard lock(mutex);
        ++senders_done;
        moved.notify_all();
    };
    std::vector<std::thread> threads;
    for (unsigned sender = 0; sender < senders; ++sender) threads.emplace_back(send, sender);

    // Meanwhile, and so at any point of whatever a program is doing.
    std::mt19937 random(chosen);
    std::uniform_int_distribution<int> until_next_ms(40, 700);
    std::vector<std::string> down;
    for (std::unique_lock lock(mutex);;) {
        if (moved.wait_for(lock, std::chrono::milliseconds(until_next_ms(random)),
                           [&] { return senders_done == senders; }))
            break;
        lock.unlock();
        // The last victim comes back only when the next one falls, so that some are away for a
        // while.
        for (const auto& name : down) area().start_unwaited(name);
        down.clear();
        const auto& victim =
            victims[std::uniform_int_distribution<std::size_t>(0, victims.size() - 1)(random)];
        area().program(victim).kill_hard();
        if (std::uniform_int_distribution<int>(0, 1)(random) == 0) {
            area().start_unwaited(victim);
        } else {
            down.push_back(victim);
        }
        lock.lock();
        ++kills;
        moved.notify_all();
    }
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(taken.size(), senders * bursts * in_a_burst);
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
