#include "agents/runtime/shell/rejected_files.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/shell/intake_folder.hpp"
#include "common/area/files.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

// 2,000 faults with their words.
constexpr std::size_t note_bytes_max = std::size_t{4} * 1024 * 1024;
// A name with our ending must stay under what file systems take (255).
constexpr std::size_t stem_bytes_max = 120;
constexpr std::size_t extension_bytes_max = 20;

constexpr std::string_view report_end = ".report.txt";
constexpr std::string_view note_end = ".report.json";

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

std::optional<RejectedNote> read_note(const fs::path& file) {
    const auto bytes = area::read_file(file, note_bytes_max);
    return bytes ? note_from(text_of(*bytes)) : std::nullopt;
}

/// Not cut within a character.
std::string shortened(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80)
        --bytes_max;
    text.resize(bytes_max);
    return text;
}

bool looks_like_rows(const RejectedNote& note, std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (note.format.empty() || start == std::string_view::npos) return false;
    const auto begin = text.substr(start);
    return !std::string_view("<{[").contains(begin.front()) && !begin.starts_with("MSH") &&
           !begin.starts_with("FHS") && !begin.starts_with("BHS");
}

std::string cell_text(const std::string& text) {
    // A reader takes spaces before a cell for none of it, and a row of spaces for no row.
    if (!text.starts_with(' ') && text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string line_of(const std::vector<std::string>& cells) {
    std::string out;
    for (const auto& cell : cells) {
        if (&cell != &cells.front()) out += ',';
        out += cell_text(cell);
    }
    // A line of nothing at all would be no record.
    return (out.empty() ? std::string("\"\"") : out) + "\r\n";
}

}  // namespace

bool RejectedFiles::Entry::is_mended_here() const {
    return note.mend == Mend::here && bytes && *bytes <= rejected_bytes_shown_max &&
           note.rejected <= rejected_rows_shown_max;
}

RejectedFiles::RejectedFiles(fs::path folder, SeatOf seat_of)
    : folder_(std::move(folder)), seat_of_(std::move(seat_of)) {}

RejectedFiles::Known RejectedFiles::known_of(const fs::path& note_file) const {
    const FileStamp stamp = stamp_of(note_file);
    const auto known = known_.find(note_file.string());
    if (known != known_.end() && known->second.stamp == stamp) return known->second;
    Known out{stamp, read_note(note_file), 0};
    if (out.note) {
        out.faults = out.note->faults.size() + out.note->faults_left_out;
        out.note->faults = {};
    }
    return out;
}

void RejectedFiles::list_folder(const fs::path& folder, const std::string& sub_folder,
                                std::map<std::string, Known>& seen, std::vector<Entry>& out) {
    std::set<std::string> names;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(folder, error)) {
        const std::string name = item.path().filename().string();
        if (name.starts_with('.')) continue;
        for (const auto end : {report_end, note_end})
            if (name.ends_with(end)) names.insert(name.substr(0, name.size() - end.size()));
    }
    for (const auto& name : names) {
        Entry entry{folder / name, sub_folder, {}, 0, {}};
        if (is_file(entry.file)) {
            const auto bytes = fs::file_size(entry.file, error);
            if (!error) entry.bytes = bytes;
        }
        entry.is_link = fs::is_symlink(fs::symlink_status(entry.file, error));
        // What is rejected/NAME/ itself holds the files of an agency.
        entry.is_folder = !sub_folder.empty() &&
                          fs::symlink_status(entry.file, error).type() == fs::file_type::directory;
        const auto note_file = note_path(entry.file);
        const bool has_note = is_file(note_file);
        // A report alone is of fields that were left out; every record was used.
        const bool is_unread = entry.is_link || entry.is_folder;
        if (!has_note && !entry.bytes && !is_unread) continue;
        auto known = has_note ? known_of(note_file) : Known{};
        if (known.note) {
            entry.note = *known.note;
        } else {
            // Of a link or a folder nothing is known but when it was put away.
            const auto stamp = stamp_of(is_unread     ? report_path(entry.file)
                                        : entry.bytes ? entry.file
                                                      : note_file);
            entry.note.received_at = WallTime::from_unix_ms(stamp.changed_ns / 1'000'000);
            entry.note.seat = seat_of_(sub_folder);
            entry.note.id = id_of_rejected(entry.file, entry.note.received_at);
        }
        entry.faults = known.faults;
        if (is_unread && !known.note) {
            entry.note.is_whole_file = true;
            entry.note.faults = {
                entry.is_link
                    ? runtime::RecordFault{0, 0, "", "link",
                                           "It was a link, and links are not read", true}
                    : runtime::RecordFault{
                          0, 0, "", "folder",
                          "It was a folder within an agency's folder, and those are not read",
                          true}};
            entry.faults = entry.note.faults.size();
        }
        if (has_note) seen.emplace(note_file.string(), std::move(known));
        out.push_back(std::move(entry));
    }
}

std::vector<RejectedFiles::Entry> RejectedFiles::list() {
    std::vector<Entry> out;
    std::map<std::string, Known> seen;
    const fs::path rejected = folder_ / "rejected";
    list_folder(rejected, "", seen, out);
    std::error_code error;
    for (const auto& item : fs::directory_iterator(rejected, error)) {
        if (item.symlink_status(error).type() == fs::file_type::directory)
            list_folder(item.path(), item.path().filename().string(), seen, out);
    }
    known_ = std::move(seen);
    std::ranges::sort(out, [](const Entry& a, const Entry& b) {
        return std::tie(b.note.received_at, b.note.id) < std::tie(a.note.received_at, a.note.id);
    });
    return out;
}

std::optional<RejectedFiles::Entry> RejectedFiles::find(const std::array<std::uint8_t, 16>& id) {
    auto all = list();
    const auto found =
        std::ranges::find_if(all, [&](const auto& one) { return one.note.id == id; });
    if (found == all.end()) return std::nullopt;
    if (auto note = read_note(note_path(found->file)); note && note->id == id)
        found->note = std::move(*note);
    return std::move(*found);
}

bool RejectedFiles::is_packed_file(const Entry& entry) {
    if (!entry.bytes) return false;
    const auto file = FileText::open(entry.file, FileText::Links::refused);
    bool is = false;
    const auto look = [&](std::string_view piece) {
        is = is_packed(piece);
        return false;
    };
    return file && file->each(look) && is;
}

std::optional<RejectedFiles::Content> RejectedFiles::content_of(const Entry& entry) {
    if (!entry.bytes || *entry.bytes > rejected_bytes_shown_max) return std::nullopt;
    const auto file = FileText::open(entry.file, FileText::Links::refused);
    if (!file) return std::nullopt;
    std::string text;
    const auto read = file->each([&](std::string_view piece) {
        text += piece;
        return text.size() <= 2 * rejected_bytes_shown_max;
    });
    if (!read || text.size() > 2 * rejected_bytes_shown_max || is_packed(text)) return std::nullopt;

    Content out;
    if (looks_like_rows(entry.note, text)) {
        bool is_kept = true;
        runtime::CsvReader reader([&](runtime::CsvRecord&& record) {
            is_kept = is_kept && !record.too_long;
            std::vector<std::string> cells;
            for (const auto& cell : record.cells) cells.push_back(cell.reveal());
            if (record.number == 0)
                out.columns = std::move(cells);
            else
                out.rows.push_back({record.number, std::move(cells)});
        });
        // Of a file that was cut off a table would lack the last row.
        const bool is_whole =
            reader.feed(text).has_value() && reader.finish().has_value() && is_kept;
        if (is_whole && out.columns.size() > 1 && out.rows.size() <= rejected_rows_shown_max) {
            // The rows alone, or the whole file: rows of a list that counts as a whole.
            const auto& numbers = entry.note.numbers;
            if (numbers.size() == out.rows.size())
                for (std::size_t at = 0; at < numbers.size(); ++at)
                    out.rows[at].record = numbers[at];
            return out;
        }
        if (out.rows.size() > rejected_rows_shown_max) return std::nullopt;
        out = {};
    }
    out.text = std::move(text);
    return out;
}

std::string RejectedFiles::csv_of(const std::vector<std::string>& columns,
                                  const std::vector<Row>& rows) {
    std::string out = line_of(columns);
    for (const auto& row : rows) out += line_of(row.cells);
    return out;
}

Result<std::string> RejectedFiles::put_back(const Entry& entry, std::string_view text) const {
    fs::path name = entry.file.filename();
    std::string stem = shortened(name.stem().string(), stem_bytes_max);
    // Files that begin so are read out of turn, or without a person's look at their number.
    if (stem.starts_with('!')) stem.front() = '_';
    std::string extension = name.extension().string();
    if (extension.size() > extension_bytes_max) extension.clear();
    const std::string target = stem + "-mended-" + uuid_text(entry.note.id).substr(0, 8) + "-" +
                               std::to_string(entry.note.revision) + extension;
    const fs::path folder = folder_ / "intake" / entry.sub_folder;
    MASH_TRY_VOID(area::make_folder(folder, area::FileAccess::owner_only));
    // Whoever may write to intake/ must not choose where else a child's record lands.
    std::error_code error;
    if (!entry.sub_folder.empty() && fs::is_symlink(fs::symlink_status(folder, error)))
        return fail(ErrorCode::io_failed);
    MASH_TRY_VOID(area::write_file(folder / target, view_of(text), area::FileAccess::owner_only));
    return target;
}

Result<void> RejectedFiles::keep(const Entry& entry) {
    const auto text = note_text(entry.note);
    return area::write_file(note_path(entry.file), view_of(text), area::FileAccess::owner_only);
}

std::string RejectedFiles::outcome_of(const Entry& entry) const {
    const auto& name = entry.note.mended_file;
    // A note that somebody wrote by hand names no other place.
    if (name.empty() || name.contains('/')) return "unknown";
    const auto lies_in = [&](const char* where, const std::string& as) {
        std::error_code error;
        return fs::exists(folder_ / where / entry.sub_folder / as, error);
    };
    if (lies_in("intake", name) || lies_in("intake", released_name(name))) return "waiting";
    if (lies_in("waiting", name)) return "held";
    const bool is_rejected = lies_in("rejected", name + std::string(note_end));
    if (lies_in("accepted", name)) return is_rejected ? "partly_used" : "used";
    return is_rejected ? "not_used" : "unknown";
}

}  // namespace mash::runtime_shell
