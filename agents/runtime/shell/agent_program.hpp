// The running agent: for each area a core with its store, link, intake and hand-over; one local
// interface for all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/agent_service.hpp"
#include "common/base/log.hpp"

namespace mash::runtime_shell {

class AgentProgram {
public:
    /// `formats` outlive the program; `extras` are what agent.toml may name. `problem` says
    /// in plain English what to do about a failure.
    static Result<std::unique_ptr<AgentProgram>> start(const AgentConfig& config,
                                                       const runtime::SourceFormats& formats,
                                                       const AgentExtras& extras, Log& log,
                                                       std::string& problem);
    ~AgentProgram();
    AgentProgram(const AgentProgram&) = delete;
    AgentProgram& operator=(const AgentProgram&) = delete;

    std::string url() const;
    /// Of the HTTPS listener; "" when there is none.
    std::string console_url() const;  ///< of the local interface
    void stop();

private:
    struct State;
    explicit AgentProgram(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace mash::runtime_shell
