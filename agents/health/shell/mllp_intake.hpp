// One hospital message at a time from the wire into the core: read, submitted, answered once it is
// durable. What was answered is kept in the commit that takes the last of it, so that a resend is
// answered the same, across restarts too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/health/hl7_ack.hpp"
#include "agents/health/shell/message_intake.hpp"

namespace mash::health_shell {

class MllpIntake final : public MessageIntake {
public:
    using MessageIntake::MessageIntake;

    /// The answers, not framed; nothing: it cannot be taken now and is to be sent again.
    std::optional<std::vector<std::string>> take(const std::string& message);

private:
    struct Taken {
        health::Hl7Verdict verdict = health::Hl7Verdict::accepted;
        std::string words;
    };
    std::optional<Taken> submit(runtime::ReadFile& read, const runtime::SourceMemory& memory,
                                const runtime::Remembered& answered);
};

}  // namespace mash::health_shell
