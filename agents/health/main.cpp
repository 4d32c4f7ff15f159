// mash-health: wires the formats, the listener and the hand-over of health bodies into the runtime.
#include "agents/health/formats.hpp"
#include "agents/health/shell/fhir_service.hpp"
#include "agents/health/shell/health_handover.hpp"
#include "agents/health/shell/mllp_service.hpp"
#include "agents/runtime/shell/command_line.hpp"
#include "common/base/program_main.hpp"

int main(int argc, char** argv) {
    return mash::program_main("mash-health", 1, [&] {
        const mash::runtime_shell::AgentKindText text{
            "mash-health",
            "The agent of health bodies: takes what hospitals and clinicians report, shows what "
            "arrives.",
            false,
            {{{"mllp", mash::health_shell::make_mllp_service},
              {"fhir", mash::health_shell::make_fhir_service}},
             mash::health_shell::handover_formats()}};
        return mash::runtime_shell::run_agent_command_line(argc, argv, text,
                                                           mash::health::all_formats);
    });
}
