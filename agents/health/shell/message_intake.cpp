#include "agents/health/shell/message_intake.hpp"

#include <algorithm>

#include "agents/health/content.hpp"
#include "agents/runtime/shell/rejected_note.hpp"
#include "common/area/files.hpp"

namespace mash::health_shell {

namespace {

constexpr std::chrono::seconds answer_deadline{60};
constexpr std::chrono::milliseconds stop_check_interval{20};

bool is_any_lost(const runtime::ReadFile& read) {
    return std::ranges::any_of(read.faults, [](const auto& fault) { return fault.record_lost; });
}

}  // namespace

std::optional<runtime_shell::SubmitOutcome> MessageIntake::wait(
    std::future<runtime_shell::SubmitOutcome> outcome) const {
    const auto deadline = std::chrono::steady_clock::now() + answer_deadline;
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
        if (outcome.wait_for(stop_check_interval) == std::future_status::ready)
            return outcome.get();
    }
    return std::nullopt;
}

bool MessageIntake::put_aside(const runtime::ReadFile& read, const std::string& message,
                              WallTime at, const std::string& folder,
                              const std::string& extension) const {
    if (read.faults.empty()) return true;
    const auto rejected = place_.area_folder / "rejected" / folder;
    // The same message again has the same report: what cannot be mended at once is sent often.
    const std::string name = runtime::revision_of({PersonalText(message)}) + extension;
    const auto report = runtime_shell::report_path(rejected / name);
    if (std::filesystem::exists(report)) return true;
    return area::make_folder(rejected, area::FileAccess::owner_only).has_value() &&
           area::write_file(rejected / name, view_of(message), area::FileAccess::owner_only)
               .has_value() &&
           (!is_any_lost(read) || put_note(read, rejected / name, at)) &&
           area::write_file(
               report,
               view_of("Received " + to_rfc3339(at) + "\n" +
                       runtime_shell::fault_report(name, read, runtime_shell::Mend::at_source)),
               area::FileAccess::owner_only)
               .has_value();
}

bool MessageIntake::put_note(const runtime::ReadFile& read, const std::filesystem::path& file,
                             WallTime at) const {
    const auto context = place_.context_of(agency_);
    auto note =
        runtime_shell::note_on(read, context.value_or(runtime::ReadContext()),
                               "A message that came over a line", runtime_shell::Mend::at_source);
    note.received_at = at;
    note.is_whole_file = true;
    return runtime_shell::put_note(file, std::move(note), at).has_value();
}

runtime::SourceMemory::Held MessageIntake::remembered(bool& fails) const {
    return [this, &fails](std::string_view key) -> std::optional<std::string> {
        auto held = place_.doors.remembered(key);
        fails = fails || !held;
        return held ? std::move(*held) : std::nullopt;
    };
}

void MessageIntake::note(bool accepted) const {
    runtime::Recorded record;
    record.event = accepted ? LogEvent::intake_accepted : LogEvent::intake_refused;
    record.agency = AgencyId(agency_);
    record.count = 1;
    place_.doors.note(std::move(record));
}

}  // namespace mash::health_shell
