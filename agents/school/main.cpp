// mash-school: wires this agency's formats into the runtime.
#include "agents/runtime/shell/command_line.hpp"
#include "agents/school/formats.hpp"

int main(int argc, char** argv) {
    const mash::runtime_shell::AgentKindText text{
        "mash-school", "The agent of schools: one host serves one school or hundreds.", false};
    return mash::runtime_shell::run_agent_command_line(argc, argv, text, mash::school::all_formats);
}
