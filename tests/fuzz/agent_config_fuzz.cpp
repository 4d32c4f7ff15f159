// An agent's own files: agent.toml, what enrolment wrote beside it, and api.json. Either a
// configuration or one problem in words with a place, never both and never neither. The first byte
// chooses the file.
#include <cstdint>
#include <filesystem>
#include <string>

#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/client.hpp"
#include "common/base/check.hpp"
#include "tests/fuzz/scratch_folder.hpp"

namespace {

using namespace mash;
namespace fs = std::filesystem;

using fuzz::write;

/// An agent's folder with everything that the file under attack leans on.
struct Folder {
    Folder() {
        state = path / "areas/worcestershire";
        fs::create_directories(state);
        area::TrustAnchor anchor;
        anchor.area = AreaId("worcestershire");
        write(state / "area.json", area::to_json(anchor));
        runtime_shell::BrokerAddress broker;
        broker.endpoints = {"tcp://127.0.0.1:27400"};
        address = runtime_shell::to_json(broker);
    }
    fuzz::ScratchFolder scratch{"agent"};
    const fs::path& path = scratch.path();
    fs::path state;
    std::string address;
};

constexpr std::string_view plain_toml = "[areas.worcestershire]\nhost = \"police\"\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    if (size == 0) return 0;
    const auto text = text_of({data + 1, size - 1});
    if (data[0] % 4 == 3) {
        write(folder.path / "api.json", text);
        (void)runtime_shell::service_token_of(folder.path);
        return 0;
    }
    write(folder.path / "agent.toml", data[0] % 4 == 0 ? text : plain_toml);
    write(folder.state / "broker.json", data[0] % 4 == 1 ? text : folder.address);
    if (const auto address = runtime_shell::parse_broker_address(text)) {
        const auto again = runtime_shell::parse_broker_address(runtime_shell::to_json(*address));
        CHECK(again && again->endpoints == address->endpoints && again->key == address->key);
    }
    std::string problem;
    const auto config = runtime_shell::read_agent_config(folder.path, problem);
    CHECK(config.has_value() == problem.empty());
    CHECK(problem.find('\x1b') == std::string::npos);
    if (!config) return 0;
    CHECK(!config->areas.empty() && config->poll_interval.count() > 0);
    for (const auto& area : config->areas) {
        for (const auto& agency : area.agencies) CHECK(is_valid_name(agency.id.value()));
    }
    return 0;
}
