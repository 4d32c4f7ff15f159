// mash-social-care: wires this agency's formats into the runtime.
#include "agents/runtime/shell/command_line.hpp"
#include "agents/social_care/formats.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-social-care", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-social-care",
            "The agent of children's social care: caseloads, missing children officers, what "
            "arrives.",
            false};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::social_care::all_formats);
    });
}
