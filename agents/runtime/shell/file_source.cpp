#include "agents/runtime/shell/file_source.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "common/base/stable_order.hpp"

namespace mash::runtime_shell {

const runtime::SourceFormat* find_format(const runtime::SourceFormats& formats,
                                         std::string_view head) {
    const auto found =
        std::ranges::find_if(formats, [&](const auto& format) { return format->recognises(head); });
    return found == formats.end() ? nullptr : found->get();
}

bool is_packed(std::string_view head) {
    // As UTF-8: the second is what old spreadsheets begin with.
    return head.starts_with("PK\x03\x04") || head.starts_with("\xC3\x90\xC3\x8F\x11\xC3\xA0");
}

std::string_view hint_on_unknown(std::string_view head) {
    if (is_packed(head))
        return "It is a spreadsheet or a packed file: save each of its lists as CSV (commas, "
               "UTF-8), or unpack it";
    if (head.find("<!DOCTYPE") != std::string_view::npos)
        return "It is an XML file with a document type declaration, which is never read: export it "
               "without one";
    const auto line = head.substr(0, head.find_first_of("\r\n"));
    const auto count = [&](char c) { return std::ranges::count(line, c); };
    if (std::max(count(';'), count('\t')) > count(','))
        return "Its values are separated by semicolons or tabs: save it as CSV with commas between "
               "the values";
    if (line.starts_with("sep=") || (count(',') > 0 && line.ends_with(",,")))
        return "Its first line does not name the columns: take out what stands above them";
    return "A CSV has commas between its values, and the names of its columns in the first line";
}

namespace {

/// False: the file is read no further.
bool keep_in_bounds(runtime::ReadFile& out) {
    if (out.faults.size() > limits::intake_faults_max) {
        out.faults_left_out += out.faults.size() - limits::intake_faults_max;
        // Those of the file as a whole come last and say what became of it.
        sort_keeping_order(out.faults, [](const auto& a, const auto& b) {
            return a.record == 0 && b.record != 0;
        });
        out.faults.resize(limits::intake_faults_max);
    }
    if (out.rejected_records.size() > limits::intake_rejected_records_max) {
        out.refuse("", "too_many_faults",
                   "Over a million records are not usable: the file is not what it seems, and was "
                   "read no further");
        return false;
    }
    std::size_t children = 0;
    for (const auto& roll : out.rolls) children += roll.entries.size();
    if (children > limits::intake_roll_children_max) {
        out.rolls.clear();
        out.refuse("", "too_many_children",
                   "A list of over 50,000 children is more than one seat works with: nothing of it "
                   "was used. Send a list for each team or school");
        return false;
    }
    return true;
}

}  // namespace

Result<void> read_through(const FileText& text, const runtime::SourceFormat& format,
                          const runtime::ReadContext& context, runtime::SourceMemory& memory,
                          runtime::ReadFile& out,
                          const std::function<bool(runtime::ReadFile&)>& take) {
    out.format = format.name();
    const auto reading = format.begin(context, memory, out);
    bool in_bounds = true;
    bool taken = true;
    const auto read = text.each([&](std::string_view piece) {
        const bool more = reading->feed(piece);
        in_bounds = keep_in_bounds(out);
        if (!in_bounds || memory.failed()) return false;
        if (!out.notifications.empty()) taken = take(out);
        return more && taken;
    });
    if (!read) return read;
    if (!taken) return fail(ErrorCode::shutting_down);
    if (in_bounds && !memory.failed()) {
        reading->finish();
        (void)keep_in_bounds(out);
    }
    if (memory.failed()) return fail(ErrorCode::store_failed);
    return {};
}

std::string fault_report(std::string_view file_name, const runtime::ReadFile& file, Mend where) {
    std::string out = "Report on " + std::string(file_name) +
                      (file.format.empty() ? "" : ", read as " + file.format) +
                      (file.version.empty() ? "" : " version " + file.version) + "\n";
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
    if (file.faults_left_out > 0)
        out += "And " + std::to_string(file.faults_left_out) + " more that are not listed.\n";
    if (where == Mend::at_source) {
        out +=
            "\nMend the records in your own system and export the file again. Records that were "
            "used are not used twice.\n";
        return out;
    }
    out += "\nMend ";
    out += file.records == 0 ? "the file and put it" : "the records and put them";
    out +=
        " into the intake folder again, under any name. Records that were used are not used "
        "twice.\n";
    return out;
}

void Given::count(const runtime::ReadFile& file) {
    for (const auto& made : file.notifications) ++by_type[made.notification.facts.type.value()];
    total += file.notifications.size();
}

bool is_fit(const runtime::ReadFile& file) {
    return std::ranges::none_of(file.faults, [](const auto& fault) { return fault.record_lost; }) &&
           file.rejected_records.empty();
}

std::string summary_json(const runtime::ReadFile& file, const Given& given) {
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
        {"version", file.version},
        {"fit", is_fit(file)},
        {"records", file.records},
        {"children", file.children},
        {"understood", file.understood},
        {"baseline", file.baseline},
        {"passed_over", file.passed_over},
        {"rejected", file.rejected_records.size()},
        {"would_publish", {{"total", given.total}, {"by_type", given.by_type}}},
        {"rolls", rolls},
        {"faults", faults},
        {"faults_left_out", file.faults_left_out}};
    return out.dump(2) + "\n";
}

}  // namespace mash::runtime_shell
