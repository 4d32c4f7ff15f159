// mash-hub: wires this agency's formats into the runtime.
#include "agents/hub/formats.hpp"
#include "agents/runtime/shell/command_line.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-hub", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-hub", "The agent of the front door and the emergency duty team.", true};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::hub::all_formats);
    });
}
