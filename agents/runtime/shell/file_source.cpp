#include "agents/runtime/shell/file_source.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"

namespace mash::runtime_shell {

namespace {

constexpr store::Space memory_space{"intake_memory"};
constexpr std::size_t head_bytes = std::size_t{64} * 1024;

std::string csv_line(const runtime::CsvRecord& record) {
    std::string out;
    for (const auto& cell : record.cells) {
        if (&cell != &record.cells.front()) out += ',';
        const std::string& text = cell.reveal();
        if (text.find_first_of(",\"\r\n") == std::string::npos) {
            out += text;
            continue;
        }
        out += '"';
        for (const char c : text) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    return out + "\r\n";
}

}  // namespace

std::optional<std::string> StoredMemory::get(std::string_view key) const {
    if (const auto changed = changed_.find(key); changed != changed_.end()) return changed->second;
    const auto held = store_.view()->get(memory_space, view_of(key));
    return held ? std::optional(std::string(text_of(*held))) : std::nullopt;
}

void StoredMemory::put(std::string_view key, std::string_view value) {
    changed_[std::string(key)] = value;
}

Result<void> StoredMemory::keep() {
    if (changed_.empty()) return {};
    auto transaction = store_.begin();
    for (const auto& [key, value] : changed_)
        transaction->put(memory_space, view_of(key), view_of(value));
    const auto outcome = store_.commit(std::move(transaction));
    if (outcome.kind == store::CommitOutcome::Kind::unknown) (void)store_.reopen().has_value();
    if (!outcome.is_committed()) return fail(outcome.failure.code);
    changed_.clear();
    return {};
}

std::optional<std::string> ScratchMemory::get(std::string_view key) const {
    const auto found = held_.find(key);
    return found == held_.end() ? std::nullopt : std::optional(found->second);
}

void ScratchMemory::put(std::string_view key, std::string_view value) {
    held_[std::string(key)] = value;
}

const runtime::SourceFormat* find_format(const runtime::SourceFormats& formats,
                                         std::string_view content) {
    const auto head = content.substr(0, head_bytes);
    const auto found =
        std::ranges::find_if(formats, [&](const auto& format) { return format->recognises(head); });
    return found == formats.end() ? nullptr : found->get();
}

std::string select_records(std::string_view content, const std::vector<std::uint64_t>& records) {
    const auto wanted = [&](std::uint64_t number) {
        return std::ranges::find(records, number) != records.end();
    };
    const auto first = content.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first != std::string_view::npos && (content[first] == '{' || content[first] == '[')) {
        const auto document = nlohmann::json::parse(content, nullptr, false);
        if (!document.is_array()) return std::string(content);
        auto out = nlohmann::json::array();
        for (std::size_t i = 0; i < document.size(); ++i) {
            if (wanted(i + 1)) out.push_back(document[i]);
        }
        return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    std::string out;
    runtime::CsvReader reader([&](runtime::CsvRecord&& record) {
        if (record.number == 0 || wanted(record.number)) out += csv_line(record);
    });
    if (reader.feed(content)) (void)reader.finish().has_value();
    return out;
}

std::string fault_report(std::string_view file_name, const runtime::ReadFile& file) {
    std::string out = "Report on " + std::string(file_name) +
                      (file.format.empty() ? "" : ", read as " + file.format) + "\n";
    out += "Records: " + std::to_string(file.records) +
           ". Not used: " + std::to_string(file.rejected_records.size()) +
           ". Already known or not for this service: " + std::to_string(file.passed_over) + ".\n\n";
    for (const auto& fault : file.faults) {
        out += fault.record == 0 ? std::string("The file as a whole")
                                 : "Record " + std::to_string(fault.record);
        if (fault.line > 0) out += " (line " + std::to_string(fault.line) + ")";
        if (!fault.field.empty()) out += ", field " + fault.field;
        out += ": " + fault.rule + ". " + fault.message + "." +
               (fault.record_lost ? "" : " The rest of the record was used.") + "\n";
    }
    out +=
        "\nMend the records and put them into the intake folder again, under any name. Records "
        "that were used are not used twice.\n";
    return out;
}

std::string summary_json(const runtime::ReadFile& file) {
    nlohmann::json types = nlohmann::json::object();
    for (const auto& made : file.notifications) {
        auto& count = types[made.notification.facts.type.value()];
        count = count.is_null() ? 1 : count.get<int>() + 1;
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const auto& fault : file.faults) {
        faults.push_back({{"record", fault.record},
                          {"line", fault.line},
                          {"field", fault.field},
                          {"rule", fault.rule},
                          {"message", fault.message},
                          {"record_lost", fault.record_lost}});
    }
    nlohmann::json rolls = nlohmann::json::array();
    for (const auto& roll : file.rolls) {
        rolls.push_back({{"agency", roll.seat.agency.value()},
                         {"role", roll.seat.role.value()},
                         {"relation", roll.relation},
                         {"children", roll.entries.size()}});
    }
    const nlohmann::json out = {
        {"format", file.format},
        {"records", file.records},
        {"children", file.children},
        {"understood", file.understood},
        {"baseline", file.baseline},
        {"passed_over", file.passed_over},
        {"rejected", file.rejected_records.size()},
        {"would_publish", {{"total", file.notifications.size()}, {"by_type", types}}},
        {"rolls", rolls},
        {"faults", faults}};
    return out.dump(2) + "\n";
}

}  // namespace mash::runtime_shell
