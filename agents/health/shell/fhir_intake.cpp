#include "agents/health/shell/fhir_intake.hpp"

#include <algorithm>
#include <charconv>

#include "agents/health/content.hpp"
#include "agents/health/formats.hpp"

namespace mash::health_shell {

namespace {

using health::FhirForm;

// So many answers are remembered; after that the events' own references still make no second one.
constexpr std::size_t slot_digits = 4;
// A longer answer is made anew: of the faults of a bundle that large nobody compares the words.
constexpr std::size_t answer_bytes_max = 16 * 1024;

constexpr std::string_view taken_words = "Taken. What it means is safe and on its way.";
constexpr std::string_view partly_words =
    "Not all of it could be used. What was used is not used twice: mend the entries named below "
    "and send the bundle again.";

http::Response with_body(int status, FhirForm form, std::string body) {
    http::Response out;
    out.status = status;
    out.content_type = form == FhirForm::json ? "application/fhir+json" : "application/fhir+xml";
    out.body = std::move(body);
    if (status == 503) out.retry_after_seconds = 5;
    return out;
}

http::Response not_now(FhirForm form) {
    return fhir_answer(503, form, "It cannot be taken now: keep it, and send it again");
}

}  // namespace

std::optional<FhirForm> fhir_form_of(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    std::ranges::transform(type, type.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (type == "application/fhir+json" || type == "application/json") return FhirForm::json;
    if (type == "application/fhir+xml" || type == "application/xml" || type == "text/xml")
        return FhirForm::xml;
    return std::nullopt;
}

http::Response fhir_answer(int status, FhirForm form, std::string_view words,
                           const std::vector<runtime::RecordFault>& faults) {
    return with_body(status, form, health::operation_outcome(form, status >= 400, words, faults));
}

bool FhirIntake::submit(runtime::ReadFile& read, const runtime::SourceMemory& memory) {
    const auto& entries = memory.entries();
    if (!entries.empty()) {
        const auto kept = wait(place_.doors.remember({0, entries}));
        if (!kept || !kept->accepted) return false;
    }
    std::vector<std::uint64_t> refused;
    for (auto& made : read.notifications) {
        // What a refused one began is not ended.
        if (std::ranges::find(refused, made.record) != refused.end()) continue;
        runtime::Submit input;
        input.notification = std::move(made.notification);
        input.remember = std::move(made.remember);
        const auto outcome = wait(place_.doors.submit(std::move(input)));
        if (!outcome || outcome->later) return false;
        if (outcome->accepted) continue;
        refused.push_back(made.record);
        for (const auto& fault : outcome->faults)
            read.lose(made.record, 0, fault.path, fault.rule, fault.message);
    }
    return true;
}

http::Response FhirIntake::take(const std::string& body, FhirForm form, bool must_be_message) {
    const auto now = place_.read_clocks().wall;
    auto context = place_.context_of(agency_);
    if (!context) return not_now(form);
    context->written_at = now;
    bool memory_fails = false;
    runtime::SourceMemory memory(remembered(memory_fails));
    const std::string bytes = runtime::revision_of({PersonalText(body)});
    const std::string key = "fhir/" + agency_ + "/" + bytes.substr(0, slot_digits);
    const std::string head = bytes + " " + std::to_string(must_be_message ? 1 : 0) + " ";
    if (const auto known = memory.get(key);
        known && known->starts_with(head) && known->size() > head.size() + 4) {
        int status = 0;
        std::from_chars(known->data() + head.size(), known->data() + head.size() + 3, status);
        return with_body(status, form, known->substr(head.size() + 4));
    }
    if (memory_fails) return not_now(form);

    const auto format = form == FhirForm::json ? health::make_fhir_json() : health::make_fhir_xml();
    auto read = format->read(body, *context, memory);
    if (memory_fails) return not_now(form);
    const bool is_broken = std::ranges::any_of(
        read.faults, [](const auto& fault) { return fault.record == 0 && fault.record_lost; });
    const auto messages = read.understood.find("messages");
    int status = 200;
    std::string_view words = taken_words;
    if (is_broken) {
        status = 400;
        words = "This is no FHIR resource that can be read. Nothing was used.";
    } else if (must_be_message && messages == read.understood.end()) {
        status = 422;
        words =
            "A message is a Bundle whose first entry is a MessageHeader. Nothing was used: send "
            "other bundles to /fhir.";
    } else {
        if (!submit(read, memory)) return not_now(form);
        if (!read.rejected_records.empty()) {
            status = 422;
            words = partly_words;
        }
    }
    if (!put_aside(read, body, now, "fhir", form == FhirForm::json ? ".json" : ".xml"))
        return not_now(form);
    auto answer = fhir_answer(status, form, words, read.faults);
    note(status == 200);
    // What was refused may be taken tomorrow: only what was taken has its answer for ever.
    if (status == 200 && answer.body.size() <= answer_bytes_max) {
        const auto kept = wait(place_.doors.remember(
            {0, {runtime::Remembered{key, head + std::to_string(status) + " " + answer.body}}}));
        if (!kept || !kept->accepted) return not_now(form);
    }
    return answer;
}

}  // namespace mash::health_shell
