// Any bytes as the body of each request of the local API, by somebody who may make it, at a real
// core: an answer that openapi.yaml describes, always. The first byte chooses the request, the
// second the id.
#include <cstdint>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "common/base/check.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace {

using namespace mash;
using namespace mash::runtime;
using namespace mash::runtime::testing;

/// A hub with a received item and a task, and police with a held decision; everybody may do
/// everything. Made anew when a request has changed it.
struct Office {
    Office() {
        // An answer that is not as documented, or a store that fails, ends the run.
        ::testing::GTEST_FLAG(throw_on_failure) = true;
        world.connect_all();
        officer = world.police.add_person("Invented Officer", "police-wm",
                                          {"police-wm.pol", "police-wm.manager"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd", "hub.lado"});
        item = to_text(world.send(world.police, world.detrimental_child()));
        task = to_text(world.give_gap_task().id);
    }
    AgentWorld world;
    PersonalText officer;
    PersonalText front_door;
    std::string item;
    std::string task;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using Kind = ApiRequest::Kind;
    static std::unique_ptr<Office> office;
    if (size < 2) return 0;
    if (!office) office = std::make_unique<Office>();
    const auto kind = static_cast<Kind>(data[0] % (static_cast<int>(Kind::conflict_end) + 1));
    const std::string body(text_of({data + 2, size - 2}));
    const bool sender = kind == Kind::recall || kind == Kind::held_answer ||
                        kind == Kind::sent_one || data[1] % 8 == 7;
    auto& host = sender ? office->world.police : office->world.hub;
    const auto& token = sender ? office->officer : office->front_door;
    std::string id;
    switch (data[1] % 4) {
        case 0: id = office->item; break;
        case 1: id = office->task; break;
        case 2: id = body; break;
        default: break;
    }
    const auto reply = host.ask(kind, token, id, body);
    CHECK(reply.status >= 200 && reply.status < 500);
    const bool reads = kind == Kind::sent_list || kind == Kind::sent_one || kind == Kind::status ||
                       kind == Kind::received_list || kind == Kind::received_one ||
                       kind == Kind::held_list || kind == Kind::tasks_list;
    if (reply.status < 300 && !reads) office.reset();
    return 0;
}
