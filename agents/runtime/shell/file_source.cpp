#include "agents/runtime/shell/file_source.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"

namespace mash::runtime_shell {

namespace {

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

std::string text_of_file(Bytes content) {
    if (auto text = runtime::from_utf16(text_of(content))) return std::move(*text);
    return std::string(text_of(content));
}

const runtime::SourceFormat* find_format(const runtime::SourceFormats& formats,
                                         std::string_view content) {
    const auto head = content.substr(0, head_bytes);
    const auto found =
        std::ranges::find_if(formats, [&](const auto& format) { return format->recognises(head); });
    return found == formats.end() ? nullptr : found->get();
}

std::string select_records(std::string_view content, const std::vector<std::uint64_t>& records) {
    const std::set<std::uint64_t> named(records.begin(), records.end());
    const auto wanted = [&](std::uint64_t number) { return named.contains(number); };
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
               (fault.record_lost || fault.record == 0 ? "" : " The rest of the record was used.") +
               "\n";
    }
    out += "\nMend ";
    out += file.records == 0 ? "the file and put it" : "the records and put them";
    out +=
        " into the intake folder again, under any name. Records that were used are not used "
        "twice.\n";
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
