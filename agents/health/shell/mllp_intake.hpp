// One hospital message at a time from the wire into the core: read, submitted, answered once it is
// durable. What was answered is kept in the commit that takes the last of it, so that a resend is
// answered the same, across restarts too.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "agents/health/hl7_ack.hpp"
#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

class MllpIntake {
public:
    /// `agency`: of those served here, who speaks through this listener.
    MllpIntake(const runtime_shell::ServicePlace& place, std::string agency);

    /// The answers, not framed; nothing: it cannot be taken now and is to be sent again.
    std::optional<std::vector<std::string>> take(const std::string& message);
    /// Ends the waiting for an answer of the core.
    void stop() { stopping_ = true; }

private:
    struct Taken {
        health::Hl7Verdict verdict = health::Hl7Verdict::accepted;
        std::string words;
    };
    std::optional<Taken> submit(runtime::ReadFile& read, const runtime::SourceMemory& memory,
                                const runtime::Remembered& answered);
    bool put_aside(const runtime::ReadFile& read, const std::string& message, WallTime at);
    std::optional<runtime_shell::SubmitOutcome> wait(
        std::future<runtime_shell::SubmitOutcome> outcome) const;

    const runtime_shell::ServicePlace& place_;
    std::string agency_;
    std::atomic<bool> stopping_ = false;
};

}  // namespace mash::health_shell
