// mash-school: wires this agency's formats into the runtime.
#include "agents/runtime/shell/command_line.hpp"
#include "agents/school/formats.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-school", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-school", "The agent of schools: one host serves one school or hundreds.", false};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::school::all_formats);
    });
}
