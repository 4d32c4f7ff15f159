#include "agents/runtime/shell/rejected_note.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/area/files.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime_shell {

namespace {

using Json = nlohmann::json;
using State = RejectedNote::State;

Json json_of(const runtime::RecordFault& fault) {
    return {{"record", fault.record},   {"line", fault.line},
            {"field", fault.field},     {"rule", fault.rule},
            {"message", fault.message}, {"record_lost", fault.record_lost}};
}

runtime::RecordFault fault_from(const Json& json) {
    return {json.at("record"), json.at("line"),    json.at("field"),
            json.at("rule"),   json.at("message"), json.at("record_lost")};
}

}  // namespace

std::string_view word_of(State state) {
    switch (state) {
        case State::open: return "open";
        case State::mended: return "mended";
        case State::set_aside: return "set_aside";
    }
    return "";
}

RejectedNote note_on(const runtime::ReadFile& read, const runtime::ReadContext& context,
                     std::string_view title, Mend mend) {
    RejectedNote out;
    out.seat = {context.agency, context.role};
    out.format = read.format;
    out.title = std::string(title);
    out.received_at = context.written_at;
    out.mend = mend;
    out.records = read.records;
    out.rejected = read.rejected_records.size();
    if (read.rejected_records.size() <= rejected_rows_shown_max)
        out.numbers = read.rejected_records;
    out.faults = read.faults;
    out.faults_left_out = read.faults_left_out;
    return out;
}

std::string note_text(const RejectedNote& note) {
    Json faults = Json::array();
    for (const auto& fault : note.faults) faults.push_back(json_of(fault));
    const Json out{{"version", 1},
                   {"id", uuid_text(note.id)},
                   {"agency", note.seat.agency.value()},
                   {"role", note.seat.role.value()},
                   {"format", note.format},
                   {"title", note.title},
                   {"received_at", note.received_at.unix_ms()},
                   {"whole_file", note.is_whole_file},
                   {"mend_here", note.mend == Mend::here},
                   {"records", note.records},
                   {"rejected", note.rejected},
                   {"numbers", note.numbers},
                   {"faults", std::move(faults)},
                   {"faults_left_out", note.faults_left_out},
                   {"revision", note.revision},
                   {"state", word_of(note.state)},
                   {"by", note.by.value()},
                   {"by_name", note.by_name},
                   {"at", note.at.unix_ms()},
                   {"reason", note.reason},
                   {"mended_file", note.mended_file}};
    return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<RejectedNote> note_from(std::string_view text) {
    // Somebody may have edited it, and a disk may have cut it off: all that is wrong with it is one
    // answer.
    try {
        const auto json = Json::parse(text);
        if (json.at("version") != 1) return std::nullopt;
        RejectedNote out;
        const auto id = uuid_from_text(json.at("id").get<std::string>());
        if (!id) return std::nullopt;
        out.id = *id;
        out.seat = {AgencyId(json.at("agency").get<std::string>()),
                    RoleId(json.at("role").get<std::string>())};
        out.format = json.at("format");
        out.title = json.at("title");
        out.received_at = WallTime::from_unix_ms(json.at("received_at").get<std::int64_t>());
        out.is_whole_file = json.at("whole_file");
        out.mend = json.at("mend_here").get<bool>() ? Mend::here : Mend::at_source;
        out.records = json.at("records");
        out.rejected = json.at("rejected");
        out.numbers = json.at("numbers").get<std::vector<std::uint64_t>>();
        for (const auto& fault : json.at("faults")) out.faults.push_back(fault_from(fault));
        out.faults_left_out = json.at("faults_left_out");
        out.revision = json.at("revision");
        const auto state = json.at("state").get<std::string>();
        for (const auto known : {State::mended, State::set_aside})
            if (state == word_of(known)) out.state = known;
        out.by = PersonId(json.at("by").get<std::string>());
        out.by_name = json.at("by_name");
        out.at = WallTime::from_unix_ms(json.at("at").get<std::int64_t>());
        out.reason = json.at("reason");
        out.mended_file = json.at("mended_file");
        return out;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

std::filesystem::path report_path(const std::filesystem::path& file) {
    return file.string() + ".report.txt";
}

std::filesystem::path note_path(const std::filesystem::path& file) {
    return file.string() + ".report.json";
}

std::array<std::uint8_t, 16> id_of_rejected(const std::filesystem::path& file, WallTime at) {
    const auto place = file.parent_path().filename().string() + "/" + file.filename().string();
    const auto when = std::to_string(at.unix_ms());
    const auto digest =
        crypto::labelled_hash("mash.v1.rejected-intake", {view_of(place), view_of(when)});
    std::array<std::uint8_t, 16> out{};
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

Result<void> put_note(const std::filesystem::path& file, RejectedNote note, WallTime now) {
    note.id = id_of_rejected(file, now);
    const auto text = note_text(note);
    return area::write_file(note_path(file), view_of(text), area::FileAccess::owner_only);
}

}  // namespace mash::runtime_shell
