#include "agents/health/shell/mllp_intake.hpp"

#include <algorithm>

#include "agents/health/content.hpp"
#include "agents/health/formats.hpp"

namespace mash::health_shell {

namespace {

// A resend comes within seconds or, after a break of the line, among the newest of its sender. So
// many answers are remembered for each; after that the events' own references still make no second
// one.
constexpr std::size_t slot_digits = 4;

struct Remembered {
    std::string message;  // digest of its bytes: an id that is used again for another is no resend
    WallTime at;
    health::Hl7Verdict verdict = health::Hl7Verdict::accepted;
};

std::string text_of(const Remembered& answer) {
    return answer.message + " " + std::to_string(answer.at.unix_ms());
}

std::optional<Remembered> answer_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    const auto space = text->find(' ');
    if (space == std::string::npos) return std::nullopt;
    const auto digits = text->substr(space + 1);
    const bool is_number = !digits.empty() && digits.size() < 19 &&
                           digits.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) return std::nullopt;
    return Remembered{text->substr(0, space), WallTime::from_unix_ms(std::stoll(digits)),
                      health::Hl7Verdict::accepted};
}

std::string words_of(const std::vector<runtime::RecordFault>& faults) {
    for (const auto& fault : faults) {
        if (fault.record_lost) return fault.field + " " + fault.rule + ": " + fault.message;
    }
    return {};
}

}  // namespace

std::optional<MllpIntake::Taken> MllpIntake::submit(runtime::ReadFile& read,
                                                    const runtime::SourceMemory& memory,
                                                    const runtime::Remembered& answered) {
    const bool lost = !read.rejected_records.empty();
    if (lost) {
        const bool wrong_type = std::ranges::any_of(
            read.faults, [](const auto& fault) { return fault.rule == "unsupported_type"; });
        return Taken{wrong_type ? health::Hl7Verdict::rejected : health::Hl7Verdict::error,
                     words_of(read.faults)};
    }
    // What holds whatever becomes of the notifications goes first: the answer is remembered last.
    auto entries = memory.entries();
    if (read.notifications.empty()) entries.push_back(answered);
    if (!entries.empty()) {
        const auto kept = wait(place_.doors.remember({0, entries}));
        if (!kept || !kept->accepted) return std::nullopt;
    }
    for (auto& made : read.notifications) {
        runtime::Submit input;
        input.notification = std::move(made.notification);
        input.remember = std::move(made.remember);
        if (&made == &read.notifications.back()) input.remember.push_back(answered);
        const auto outcome = wait(place_.doors.submit(std::move(input)));
        if (!outcome || outcome->later) return std::nullopt;
        if (outcome->accepted) continue;
        for (const auto& fault : outcome->faults)
            read.lose(made.record, 0, fault.path, fault.rule, fault.message);
        return Taken{health::Hl7Verdict::error, words_of(read.faults)};
    }
    return Taken{};
}

std::optional<std::vector<std::string>> MllpIntake::take(const std::string& text) {
    const auto now = place_.read_clocks().wall;
    const auto message = health::Hl7Message::read(text);
    if (!message) return std::vector{health::hl7_answer_to_garbage(now)};
    auto context = place_.context_of(agency_);
    if (!context) return std::nullopt;
    context->written_at = now;

    bool memory_fails = false;
    runtime::SourceMemory memory(remembered(memory_fails));
    const auto* msh = message->segment("MSH");
    const std::string id = message->text(msh, 10);
    const std::string slot = runtime::revision_of({PersonalText(id)}).substr(0, slot_digits);
    const std::string key = "mllp/" + agency_ + "/" +
                            health::ref_part(message->text(msh, 3) + "." + message->text(msh, 4)) +
                            "/" + slot;
    const std::string bytes = runtime::revision_of({PersonalText(text)});
    if (const auto known = answer_of(memory.get(key)); known && known->message == bytes)
        return health::hl7_answers(*message, known->verdict, "", known->at);

    auto read = health::read_hl7_message(*message, *context, memory);
    if (memory_fails) return std::nullopt;
    const runtime::Remembered answered{key, text_of({bytes, now})};
    const auto taken = submit(read, memory, answered);
    if (!taken || !put_aside(read, text, now, "mllp", ".hl7")) return std::nullopt;
    note(taken->verdict == health::Hl7Verdict::accepted);
    return health::hl7_answers(*message, taken->verdict, taken->words, now);
}

}  // namespace mash::health_shell
