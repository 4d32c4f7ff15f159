// One FHIR bundle at a time from a request into the core, answered once it is durable. What was
// answered is kept, so that the same bundle again gets the same answer, across restarts too.
#pragma once

#include "agents/health/fhir_outcome.hpp"
#include "agents/health/shell/message_intake.hpp"
#include "common/http/server.hpp"

namespace mash::health_shell {

class FhirIntake final : public MessageIntake {
public:
    using MessageIntake::MessageIntake;
    /// Of a request whose sender is known. `must_be_message`: a bundle without a MessageHeader is
    /// refused.
    http::Response take(const std::string& body, health::FhirForm form, bool must_be_message);

private:
    /// False: the core cannot say now.
    bool submit(runtime::ReadFile& read, const runtime::SourceMemory& memory);
};

/// "application/fhir+json; charset=utf-8" and the like. Nothing: no form of FHIR.
std::optional<health::FhirForm> fhir_form_of(std::string_view content_type);
http::Response fhir_answer(int status, health::FhirForm form, std::string_view words,
                           const std::vector<runtime::RecordFault>& faults = {});

}  // namespace mash::health_shell
