// mash-police: wires the police formats into the runtime.
#include "agents/police/formats.hpp"
#include "agents/runtime/shell/command_line.hpp"
#include "common/base/limits.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-police", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-police",
            "The agent of a police force: reports missing children and domestic abuse, shows what "
            "arrives.",
            false,
            {.unread_alarm = mash::limits::police_file_unread_alarm}};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::police::all_formats);
    });
}
