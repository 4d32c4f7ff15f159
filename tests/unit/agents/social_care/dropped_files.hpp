// Files put into the folder of social care's agent, one after the other, and what is remembered
// between them: as the shell keeps it, so what hangs on a notification counts once that was taken.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/social_care/formats.hpp"

namespace mash::social_care::testing {

class DroppedFiles {
public:
    explicit DroppedFiles(std::string_view now = "2026-11-20T12:00:00Z");
    void later(std::string_view now);
    /// Read by the first format that recognises it; those of the types in `refuse` the core does
    /// not take. Fails the test when no format does.
    runtime::ReadFile drop(const std::string& text, const std::set<std::string>& refuse = {});
    std::map<std::string, std::string, std::less<>> kept;
    runtime::SourceFormats formats = all_formats();

private:
    runtime::ReadContext context_;
};

/// "care_status_changed/cp_plan_started", in the order in which they were made.
std::vector<std::string> said(const runtime::ReadFile& file);
/// "not_linkable" ..., sorted, each once.
std::set<std::string> rules(const runtime::ReadFile& file);
const runtime::Notification& only(const runtime::ReadFile& file);
/// A field of a section as plain text; "" when absent.
std::string field(const runtime::Notification& notification, const std::string& section,
                  const std::string& name);
std::uint64_t counted(const runtime::ReadFile& file, const std::string& what);

/// A caseload list that names these local ids, each with the birth date.
std::string caseload(const std::vector<std::pair<std::string, std::string>>& children);

/// A published sample, read where it lies; nothing when it is not on this machine.
std::optional<std::string> sample(const std::string& name);

using Words = std::vector<std::string>;
using Rules = std::set<std::string>;

}  // namespace mash::social_care::testing
