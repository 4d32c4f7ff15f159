// Any bytes as what hospitals and clinical systems send: a file of each format, one message, frames
// of a connection. Each input as all of them.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "agents/health/fhir_outcome.hpp"
#include "agents/health/fhir_tree.hpp"
#include "agents/health/formats.hpp"
#include "agents/health/hl7_ack.hpp"
#include "agents/health/mllp_frame.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/text_decoder.hpp"
#include "agents/runtime/shell/file_source.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "tests/fuzz/plain_text.hpp"

namespace {

using namespace mash;

runtime::ReadContext context() {
    runtime::ReadContext out;
    out.agency = AgencyId("trust");
    out.role = RoleId("urg");
    out.now = {SteadyTime::from_ms(1'000'000),
               wall_time_from_rfc3339("2027-01-13T12:00:00Z").value()};
    out.written_at = out.now.wall;
    return out;
}

void judge(const runtime::ReadFile& file) {
    std::set<std::uint64_t> lost;
    for (const auto& fault : file.faults) {
        CHECK(fault.record <= file.records && !fault.rule.empty() && !fault.message.empty());
        CHECK(fuzz::is_plain(fault.rule) && fuzz::is_plain(fault.message));
        CHECK(fuzz::is_plain(fault.field));
        if (fault.record_lost && fault.record > 0) lost.insert(fault.record);
    }
    CHECK(lost ==
          std::set<std::uint64_t>(file.rejected_records.begin(), file.rejected_records.end()));
    std::set<std::string> refs;
    for (const auto& made : file.notifications) {
        CHECK(made.record >= 1 && made.record <= file.records && !lost.contains(made.record));
        CHECK(made.notification.source_ref.size() <= limits::source_ref_bytes_max);
        // Two events of one file are never one reference.
        CHECK(refs.insert(made.notification.source_ref).second);
        CHECK(made.notification.supersedes_ref != made.notification.source_ref);
        (void)runtime::to_canonical_json(made.notification);
    }
}

void file(std::uint8_t choice, const std::string& content) {
    static const auto formats = health::all_formats();
    const auto* format =
        choice == 0 ? runtime_shell::find_format(formats, content) : formats[choice % 3].get();
    if (format == nullptr) return;
    runtime::SourceMemory memory;
    const auto first = format->read(content, context(), memory);
    judge(first);
    (void)runtime_shell::fault_report("file", first);
    std::string selected;
    auto lost = first.rejected_records;
    std::ranges::sort(lost);  // as the shell does
    const auto selector = format->select(lost, [&](std::string_view piece) { selected += piece; });
    selector->feed(content);
    selector->finish();
    // The answer to a sender can be read.
    CHECK(health::fhir_from_json(
              health::operation_outcome(health::FhirForm::json, true, "Words", first.faults))
              .has_value());
    const auto xml = health::operation_outcome(health::FhirForm::xml, true, "Words", first.faults);
    runtime::SourceMemory nothing;
    CHECK(health::make_fhir_xml()->read(xml, context(), nothing).faults.empty());
    // The same file again makes no second event.
    const auto second = format->read(content, context(), memory);
    judge(second);
    CHECK(second.records == first.records);
    std::set<std::string> before;
    for (const auto& made : first.notifications) before.insert(made.notification.source_ref);
    for (const auto& made : second.notifications)
        CHECK(!before.contains(made.notification.source_ref));
}

void frames(std::string_view bytes) {
    health::MllpReader whole(4096);
    health::MllpReader cut(4096);
    const auto messages = whole.feed(bytes);
    std::vector<std::string> one_by_one;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (auto& each : cut.feed(bytes.substr(i, 1))) one_by_one.push_back(std::move(each));
    }
    CHECK(messages == one_by_one && whole.is_broken() == cut.is_broken());
    for (const auto& each : messages) CHECK(each.size() <= 4096);
}

void message(std::string_view text) {
    const auto read = health::Hl7Message::read(text);
    if (!read) return;
    const auto at = context().now.wall;
    for (const auto& answer :
         health::hl7_answers(*read, health::Hl7Verdict::error, "PID-3 required: words", at)) {
        // What we write can be read, names the message, and is one frame.
        const auto back = health::hl7_acknowledgement(answer);
        CHECK(back && (back->code == "CE" || back->code == "AE"));
        health::MllpReader reader;
        CHECK(reader.feed(health::mllp_framed(answer)).size() == 1);
    }
    const health::Hl7Delimiters signs;
    const auto escaped = health::hl7_escaped(text, signs);
    CHECK(escaped.find_first_of("|^~&\r\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = text_of({data, size});
    frames(bytes);
    message(bytes);
    runtime::TextDecoder decoder;
    std::string content = decoder.feed(bytes);
    content += decoder.finish();
    file(0, content);
    file(static_cast<std::uint8_t>(1 + size % 3), content);
    return 0;
}
