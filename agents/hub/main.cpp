// mash-hub: wires this agency's formats into the runtime.
#include "agents/hub/formats.hpp"
#include "agents/runtime/shell/command_line.hpp"

int main(int argc, char** argv) {
    const mash::runtime_shell::AgentKindText text{
        "mash-hub", "The agent of the front door and the emergency duty team.", true};
    return mash::runtime_shell::run_agent_command_line(argc, argv, text, mash::hub::all_formats);
}
