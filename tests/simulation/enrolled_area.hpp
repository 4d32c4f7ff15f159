// The area of the simulator: TestArea, another authority as an agency (Northmere), one automatic
// inbox (unscheduled care hands over by itself), the pepper, and the secrets of every host. Always
// the same; a world's seed does not reach it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agents/runtime/core/core.hpp"
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

class SimulatedArea {
public:
    SimulatedArea();

    test::TestArea area;
    std::map<HostId, HostFiles> hosts;
    /// Every inbox that people open, by host: each has one person of its own.
    static const std::vector<std::pair<std::string, std::string>>& people_inboxes();
};

/// Everybody enrolled, every inbox certified, every person with a token: where each simulated world
/// begins. Made once.
struct Enrolled {
    WallTime at;  ///< clock of the snapshots
    store::MemorySnapshot broker;
    std::map<HostId, store::MemorySnapshot> agents;
    std::map<InboxId, PersonalText> tokens;  ///< of the person who opens this inbox
};
Enrolled enrol();

}  // namespace mash::simulation
