// Answers to HL7 v2 messages: original mode (AA, AE, AR) and enhanced mode (CA, CE, CR, then AA,
// AE, AR), as MSH-15 and MSH-16 of the message ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/health/hl7_message.hpp"
#include "common/base/time.hpp"

namespace mash::health {

enum class Hl7Verdict : std::uint8_t {
    accepted,  ///< it is safe with us, whether it meant anything to us or not
    error,     ///< its content cannot be used
    rejected,  ///< a type of message that we do not take, or no HL7 at all
};

/// The messages that answer `message`, in order; none when its sender wants none. The same for the
/// same arguments.
std::vector<std::string> hl7_answers(const Hl7Message& message, Hl7Verdict verdict,
                                     std::string_view words, WallTime at);

/// To bytes in which no header can be read.
std::string hl7_answer_to_garbage(WallTime at);

/// What an answer says: the code of MSA-1 ("AA") and the id of MSA-2; nothing when it is none.
struct Hl7Acknowledgement {
    std::string code;
    std::string of;
};
std::optional<Hl7Acknowledgement> hl7_acknowledgement(std::string_view text);

/// "20270113103000+0000"
std::string hl7_time(WallTime at);

}  // namespace mash::health
