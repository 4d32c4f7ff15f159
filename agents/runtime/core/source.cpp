#include "agents/runtime/core/source.hpp"

#include <algorithm>
#include <functional>

namespace mash::runtime {

void DistinctCount::add(std::string_view key) {
    seen_.push_back(std::hash<std::string_view>{}(key));
    // As many new ones as there are different ones: so the work for each stays the same.
    constexpr std::size_t few = 4'096;
    if (seen_.size() > 2 * tidied_ + few) tidy();
}

void DistinctCount::tidy() const {
    std::ranges::sort(seen_);
    seen_.erase(std::ranges::unique(seen_).begin(), seen_.end());
    tidied_ = seen_.size();
}

std::uint64_t DistinctCount::count() const {
    tidy();
    return seen_.size();
}

void ReadFile::note(std::uint64_t record, std::uint64_t line, std::string_view field,
                    std::string rule, std::string message) {
    faults.push_back(
        {record, line, std::string(field), std::move(rule), std::move(message), false});
}

void ReadFile::lose(std::uint64_t record, std::uint64_t line, std::string_view field,
                    std::string rule, std::string message) {
    faults.push_back({record, line, std::string(field), std::move(rule), std::move(message), true});
    rejected_records.push_back(record);
}

void ReadFile::refuse(std::string_view field, std::string rule, std::string message,
                      std::uint64_t line) {
    faults.push_back({0, line, std::string(field), std::move(rule), std::move(message), true});
}

Snapshot::Snapshot(SourceMemory& memory, std::string_view format, const AgencyId& agency)
    : memory_(memory), prefix_(std::string(format) + "/" + agency.value() + "/") {
    baseline_ = !memory_.get(prefix_ + "baseline");
}

std::string Snapshot::name_of(std::string_view key) const { return prefix_ + std::string(key); }

std::optional<std::string> Snapshot::before(std::string_view key) const {
    return memory_.get(name_of(key));
}

void Snapshot::keep(std::string_view key, std::string value) {
    memory_.put(name_of(key), std::move(value));
}

void Snapshot::keep_once_taken(ReadFile::Made& made, std::string_view key, std::string value) {
    memory_.put_once_taken(made, name_of(key), std::move(value));
}

void Snapshot::end_baseline() {
    if (baseline_) memory_.put(name_of("baseline"), "done");
}

namespace {

std::string key_of(const Snapshot::Said& said) {
    return said.child.empty() ? said.what : said.what + "/" + said.child;
}

std::string ref_of(const Snapshot::Said& said, std::uint64_t number) {
    return said.what + "/" + std::to_string(number) + (said.child.empty() ? "" : "/" + said.child);
}

// "REVISION NUMBER"
std::uint64_t number_in(const std::optional<std::string>& seen) {
    if (!seen) return 0;
    const auto space = seen->find_last_of(' ');
    return space == std::string::npos ? 0 : std::stoull(seen->substr(space + 1));
}

}  // namespace

bool Snapshot::knows(const Said& said) const {
    const auto seen = before(key_of(said));
    return seen && seen->starts_with(said.revision + " ");
}

bool Snapshot::was_sent(const Said& said) const { return number_in(before(key_of(said))) > 0; }

void Snapshot::keep_as_history(const Said& said) {
    // Nothing was sent under a number of its own that a later revision could replace.
    keep(key_of(said), said.revision + " " + std::to_string(number_in(before(key_of(said)))));
}

ReadFile::Made& Snapshot::give(ReadFile& out, std::uint64_t record, Notification&& notification,
                               const Said& said) {
    const std::uint64_t number = number_in(before(key_of(said))) + 1;
    auto& made = out.notifications.emplace_back(record, std::move(notification));
    made.notification.source_ref = ref_of(said, number);
    if (number > 1) made.notification.supersedes_ref = ref_of(said, number - 1);
    keep_once_taken(made, key_of(said), said.revision + " " + std::to_string(number));
    return made;
}

ReadFile SourceFormat::read(std::string_view content, const ReadContext& context,
                            SourceMemory& memory) const {
    ReadFile out;
    out.format = name();
    const auto reading = begin(context, memory, out);
    (void)reading->feed(content);
    reading->finish();
    return out;
}

}  // namespace mash::runtime
