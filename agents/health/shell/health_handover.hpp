// The formats in which health systems take things in, for `format` and `to` of a section
// [handover.INBOX]: "hl7-v2", also over MLLP, and "fhir-json".
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "agents/runtime/shell/handover.hpp"

namespace mash::health_shell {

runtime_shell::HandoverFormats handover_formats();

/// Sends one message to "ADDRESS:PORT" and waits for the application's own word. True for AA that
/// names `id`; a commit acknowledgement alone is not enough. Plain: only to an address of this
/// machine.
bool send_over_mllp(const std::string& to, const std::string& message, const std::string& id,
                    const std::atomic<bool>& stopping,
                    std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace mash::health_shell
