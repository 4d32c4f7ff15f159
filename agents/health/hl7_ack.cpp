#include "agents/health/hl7_ack.hpp"

#include "agents/health/content.hpp"

namespace mash::health {

namespace {

std::string_view code_of(Hl7Verdict verdict, bool commit) {
    switch (verdict) {
        case Hl7Verdict::accepted: return commit ? "CA" : "AA";
        case Hl7Verdict::error: return commit ? "CE" : "AE";
        case Hl7Verdict::rejected: break;
    }
    return commit ? "CR" : "AR";
}

/// AL always, NE never, ER on errors only, SU on success only.
bool is_wanted(const std::string& condition, Hl7Verdict verdict) {
    if (condition == "NE") return false;
    if (condition == "ER") return verdict != Hl7Verdict::accepted;
    if (condition == "SU") return verdict == Hl7Verdict::accepted;
    return !condition.empty();
}

std::string one(const Hl7Message& message, std::string_view code, std::string_view words,
                WallTime at) {
    const auto* msh = message.segment("MSH");
    const Hl7Delimiters signs;  // our own messages are written with the usual ones
    const auto field = [&](std::size_t number) {
        return hl7_escaped(message.text(msh, number), signs);
    };
    const auto kinds = message.repeats(msh, 9);
    const std::string event = kinds.empty() ? "" : hl7_escaped(kinds.front().part(2), signs);
    const std::string version = field(12).empty() ? "2.4" : field(12);
    const std::string processing = field(11).empty() ? "P" : field(11);
    const std::string id =
        runtime::revision_of({PersonalText(message.text(msh, 10)), PersonalText(std::string(code)),
                              PersonalText(hl7_time(at))});
    return "MSH|^~\\&|" + field(5) + "|" + field(6) + "|" + field(3) + "|" + field(4) + "|" +
           hl7_time(at) + "||ACK" + (event.empty() ? "" : "^" + event) + "|" + id + "|" +
           processing + "|" + version + "\rMSA|" + std::string(code) + "|" + field(10) +
           (words.empty() ? "" : "|" + hl7_escaped(words, signs)) + "\r";
}

}  // namespace

std::string hl7_time(WallTime at) {
    const std::string text = to_rfc3339(at);  // "2027-01-13T10:30:00.000Z"
    std::string out;
    for (const char c : text.substr(0, 19)) {
        if (c >= '0' && c <= '9') out += c;
    }
    return out + "+0000";
}

std::vector<std::string> hl7_answers(const Hl7Message& message, Hl7Verdict verdict,
                                     std::string_view words, WallTime at) {
    const auto* msh = message.segment("MSH");
    const std::string accept = message.text(msh, 15);
    const std::string application = message.text(msh, 16);
    if (accept.empty() && application.empty())
        return {one(message, code_of(verdict, false), words, at)};
    std::vector<std::string> out;
    if (is_wanted(accept, verdict)) out.push_back(one(message, code_of(verdict, true), words, at));
    if (is_wanted(application, verdict))
        out.push_back(one(message, code_of(verdict, false), words, at));
    return out;
}

std::string hl7_answer_to_garbage(WallTime at) {
    return "MSH|^~\\&|||||" + hl7_time(at) + "||ACK|" + hl7_time(at).substr(0, 14) +
           "|P|2.4\rMSA|AR||This is no HL7 version 2 message\r";
}

std::optional<Hl7Acknowledgement> hl7_acknowledgement(std::string_view text) {
    const auto message = Hl7Message::read(text);
    if (!message) return std::nullopt;
    const auto* msa = message->segment("MSA");
    if (msa == nullptr) return std::nullopt;
    return Hl7Acknowledgement{message->text(msa, 1), message->text(msa, 2)};
}

}  // namespace mash::health
