// mash-health: wires this agency's formats into the runtime.
#include "agents/health/formats.hpp"
#include "agents/runtime/shell/command_line.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-health", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-health",
            "The agent of health bodies: takes what clinicians report, shows what arrives.", false};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::health::all_formats);
    });
}
