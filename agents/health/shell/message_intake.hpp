// What every listener for single messages does with the core: waits for its answer, and puts aside
// for a person what could not be used.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

class MessageIntake {
public:
    /// `agency`: of those served here, who speaks through this listener.
    MessageIntake(const runtime_shell::ServicePlace& place, std::string agency)
        : place_(place), agency_(std::move(agency)) {}
    /// Ends the waiting for an answer of the core.
    void stop() { stopping_ = true; }

protected:
    /// Nothing: the listener stops, or the core is silent for a minute.
    std::optional<runtime_shell::SubmitOutcome> wait(
        std::future<runtime_shell::SubmitOutcome> outcome) const;
    /// A message with faults into rejected/FOLDER/, with its report. False: it could not be kept.
    bool put_aside(const runtime::ReadFile& read, const std::string& message, WallTime at,
                   const std::string& folder, const std::string& extension) const;
    /// What earlier messages left; `fails` when the store could not say once.
    runtime::SourceMemory::Held remembered(bool& fails) const;
    void note(bool accepted) const;

    const runtime_shell::ServicePlace& place_;
    std::string agency_;

private:
    /// For programs (rejected_note.hpp), of a message that was not used.
    bool put_note(const runtime::ReadFile& read, const std::filesystem::path& file,
                  WallTime at) const;
    std::atomic<bool> stopping_ = false;
};

}  // namespace mash::health_shell
