// The area of the simulator: TestArea, another authority as an agency (Northmere), one automatic
// inbox (unscheduled care hands over by itself), the pepper, and the secrets of every host. Always
// the same; a world's seed does not reach it. Stories are played in a wider one, which also has the
// roles that only they need.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "broker/core/tokens.hpp"
#include "common/store/memory_store.hpp"
#include "tests/support/test_area.hpp"

namespace mash::simulation {

inline const std::string northmere = "northmere";

/// What one host's operator holds in files beside the store.
struct HostFiles {
    runtime::HostKeys keys;
    crypto::BoxKeyPair recovery;
    runtime::CoreConfig config;
};

enum class Extent : std::uint8_t {
    seeds,   ///< the roles of the spine: what thousands of seeds are played with
    stories  ///< also colleges, practices, teams and a charity (README.md of tests/scenarios)
};

/// Inboxes that people open, with the host of each; every one has one person of its own.
using PeopleInboxes = std::vector<std::pair<std::string, std::string>>;

class SimulatedArea {
public:
    explicit SimulatedArea(Extent extent);

    /// What `mashctl tokens begin` signs: a next key and pepper beside those in force.
    void begin_token_change(WallTime now);
    /// What `mashctl tokens finish --now` signs. Only while a change is under way.
    void finish_token_change(WallTime now);
    bool is_token_change_under_way() const;

    test::TestArea area;
    std::map<HostId, HostFiles> hosts;
    broker::TokenKeys token_keys;                  ///< the broker's, all that it ever had
    static const PeopleInboxes& people_inboxes();  ///< of every extent
    static const PeopleInboxes& story_inboxes();   ///< those that only stories have

private:
    /// As `mashctl tokens key` makes one; the registry has to list it.
    crypto::OprfPublicKey give_broker_token_key(RandomSource& random);
};

/// Everybody enrolled, every inbox certified, every person with a token: where each simulated world
/// begins. Made once. Without a snapshot of any agent nobody is enrolled yet.
struct Enrolled {
    Extent extent = Extent::seeds;
    WallTime at = test::working_morning;  ///< clock of the snapshots
    store::MemorySnapshot broker;
    std::map<HostId, store::MemorySnapshot> agents;
    std::map<InboxId, PersonalText> tokens;  ///< of the person who opens this inbox
};
Enrolled enrol(Extent extent = Extent::seeds);

}  // namespace mash::simulation
