#include "agents/police/history.hpp"

namespace mash::police {

namespace {

const std::string estimated_history = "history_estimated";

}  // namespace

bool is_history(const runtime::SourceTime& when, const runtime::ReadContext& context,
                runtime::ReadFile& file) {
    const auto next = context.school_sessions.after(runtime::instant_of(when));
    const bool begun = next.at && *next.at <= context.now.wall;
    if (begun && next.estimated) ++file.understood[estimated_history];
    return begun;
}

bool is_long_ago(const runtime::SourceTime& when, const runtime::ReadContext& context) {
    const auto next = context.school_sessions.after(runtime::instant_of(when));
    return next.at && *next.at + history_after < context.now.wall;
}

void note_estimate(runtime::ReadFile& file, std::string_view column) {
    if (!file.understood.contains(estimated_history)) return;
    file.note(0, 0, column, "estimated",
              "No school calendar is held yet, so incidents of more than three days ago were taken "
              "for history and send nothing. If a school has not been open since, send that notice "
              "again as JSON, or ring the school");
}

}  // namespace mash::police
