// Any bytes as a file of each format that an agent reads, and through all that intake does with it.
// The first byte chooses the format; with 0 the file chooses, as in the intake folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/text_decoder.hpp"
#include "agents/runtime/shell/file_source.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "tests/fuzz/plain_text.hpp"

namespace mash::fuzz {

inline runtime::ReadContext context() {
    runtime::ReadContext out;
    out.agency = AgencyId("police-wm");
    out.role = RoleId("pol");
    out.school_urn = "884001";
    out.now = {SteadyTime::from_ms(1'000'000),
               wall_time_from_rfc3339("2027-01-13T10:00:00Z").value()};
    out.written_at = out.now.wall;  // as the shell does: a report without a time takes the file's
    return out;
}

inline void judge(const runtime::ReadFile& file) {
    std::set<std::uint64_t> lost;
    for (const auto& fault : file.faults) {
        CHECK(fault.record <= file.records && !fault.rule.empty() && !fault.message.empty());
        CHECK(is_plain(fault.rule) && is_plain(fault.message));
        CHECK(is_plain(fault.field));
        if (fault.record_lost && fault.record > 0) lost.insert(fault.record);
    }
    // A record that gave nothing is reported and comes back; one that was used comes back only
    // where a lost quotation mark may hide others in it.
    const std::set<std::uint64_t> back(file.rejected_records.begin(), file.rejected_records.end());
    auto may_come_back = lost;
    for (const auto& fault : file.faults)
        if (fault.rule == "unclosed_quote") may_come_back.insert(fault.record);
    CHECK(std::ranges::includes(back, lost) && std::ranges::includes(may_come_back, back));
    for (const auto& made : file.notifications) {
        CHECK(made.record >= 1 && made.record <= file.records && !lost.contains(made.record));
        const auto stored = runtime::to_canonical_json(made.notification);
        // One that the core would not take is refused before it is stored.
        if (made.notification.source_ref.size() > limits::source_ref_bytes_max) continue;
        const auto again = runtime::from_canonical_json(stored.reveal());
        CHECK(again && runtime::to_canonical_json(*again).reveal() == stored.reveal());
    }
    for (const auto& roll : file.rolls) {
        CHECK(!roll.entries.empty() && is_valid_name(roll.relation));
        CHECK(roll.partial || file.rejected_records.empty());
    }
}

/// As the shell does it: in pieces, and what was found taken out between two of them.
inline runtime::ReadFile read_in_pieces(const runtime::SourceFormat& format,
                                        std::string_view content, std::size_t size,
                                        runtime::SourceMemory& memory) {
    const auto where = context();
    runtime::ReadFile out;
    out.format = format.name();
    std::vector<runtime::ReadFile::Made> all;
    const auto reading = format.begin(where, memory, out);
    for (bool more = true; more && !content.empty();) {
        more = reading->feed(content.substr(0, size));
        content.remove_prefix(std::min(size, content.size()));
        std::ranges::move(out.notifications, std::back_inserter(all));
        out.notifications.clear();
    }
    reading->finish();
    std::ranges::move(out.notifications, std::back_inserter(all));
    out.notifications = std::move(all);
    return out;
}

inline int attack(const runtime::SourceFormats& formats, const std::uint8_t* data,
                  std::size_t size) {
    if (size == 0) return 0;
    runtime::TextDecoder decoder;
    std::string content = decoder.feed(text_of({data + 1, size - 1}));
    content += decoder.finish();
    const auto* format = data[0] == 0 ? runtime_shell::find_format(formats, content)
                                      : formats[data[0] % formats.size()].get();
    if (format == nullptr) return 0;
    runtime::SourceMemory memory;
    const auto first = format->read(content, context(), memory);
    judge(first);
    (void)runtime_shell::fault_report("file", first);
    runtime_shell::Given given;
    given.count(first);
    (void)runtime_shell::summary_json(first, given);
    std::string selected;
    auto lost = first.rejected_records;
    std::ranges::sort(lost);  // as the shell does
    const auto selector = format->select(lost, [&](std::string_view piece) { selected += piece; });
    selector->feed(content);
    selector->finish();
    if (!lost.empty()) {
        // What comes back to be mended is a file of the format.
        runtime::SourceMemory again;
        CHECK(format->read(selected, context(), again).records > 0);
    }
    runtime::SourceMemory anew;
    const auto pieces = read_in_pieces(*format, content, 1 + size % 23, anew);
    CHECK(pieces.records == first.records && pieces.faults.size() == first.faults.size());
    CHECK(pieces.notifications.size() == first.notifications.size());
    CHECK(pieces.rejected_records == first.rejected_records);
    // The same file again: nothing that would be a second event.
    const auto second = format->read(content, context(), memory);
    judge(second);
    CHECK(second.records == first.records);
    return 0;
}

}  // namespace mash::fuzz
