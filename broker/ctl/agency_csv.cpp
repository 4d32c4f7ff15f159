#include "broker/ctl/agency_csv.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace mash::ctl {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::vector<std::string> words_of(std::string_view cell) {
    std::vector<std::string> words;
    for (const auto& part : split(cell, ';')) {
        if (auto word = trimmed(part); !word.empty()) words.push_back(std::move(word));
    }
    return words;
}

Outcome<AgencyPlan> plan_of(const std::map<std::string, std::string>& cells) {
    const auto cell = [&](const char* name) {
        const auto it = cells.find(name);
        return it == cells.end() ? std::string() : trimmed(it->second);
    };
    AgencyPlan plan;
    plan.id = cell("id");
    plan.name = cell("name");
    plan.kind = cell("kind").empty() ? "school" : cell("kind");
    plan.urn = cell("urn");
    plan.telephone = cell("telephone");
    plan.roles = words_of(cell("roles"));
    if (plan.id.empty()) return problem("The id is missing", "");
    if (plan.name.empty()) return problem("The name is missing", "");
    for (const auto& text : words_of(cell("seats"))) {
        CTL_TRY(seat, parse_seat(text, plan.id, plan.telephone));
        plan.seats.push_back(std::move(seat));
    }
    complete(plan);
    return plan;
}

}  // namespace

Outcome<area::SeatEntry> parse_seat(std::string_view text, const std::string& agency,
                                    const std::string& telephone) {
    const auto parts = split(text, ':');
    if (parts.size() < 3 || parts.size() > 4 || parts[0].empty() ||
        (parts[2] != "people" && parts[2] != "automatic") ||
        (parts.size() == 4 && parts[3].empty())) {
        return problem("The seat \"" + std::string(text) + "\" cannot be read.",
                       "Write role:inbox:people or role:inbox:automatic, then an alternate's inbox "
                       "if there is one: "
                       "sch:orchard-gate.sch:people:orchard-gate.alternate");
    }
    area::SeatEntry seat;
    seat.role = RoleId(parts[0]);
    seat.inbox = InboxId(parts[1].empty() ? agency + "." + parts[0] : parts[1]);
    seat.people = parts[2] == "people";
    if (parts.size() == 4) seat.alternate = InboxId(parts[3]);
    seat.telephone = telephone;
    return seat;
}

void complete(AgencyPlan& plan) {
    if (plan.seats.empty() && plan.kind == "school") {
        plan.seats.push_back({RoleId("sch"), InboxId(plan.id + ".sch"), true,
                              InboxId(plan.id + ".alternate"), plan.telephone});
    }
    if (plan.roles.empty()) {
        for (const auto& seat : plan.seats) plan.roles.push_back(seat.role.value());
    }
    plan.alternate_inboxes.clear();
    std::set<InboxId> known;
    for (const auto& seat : plan.seats) known.insert(seat.inbox);
    for (const auto& seat : plan.seats) {
        if (seat.alternate && known.insert(*seat.alternate).second)
            plan.alternate_inboxes.push_back(*seat.alternate);
    }
}

std::vector<CsvRow> parse_csv(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<CsvRow> rows;
    std::size_t line = 1;
    CsvRow row{line, {}};
    std::string field;
    bool quoted = false;  // inside quotes
    bool any = false;     // the row has begun
    const auto end_field = [&] { row.fields.push_back(std::move(field)), field.clear(); };
    const auto end_row = [&] {
        if (any) {
            end_field();
            rows.push_back(std::move(row));
        }
        row = {line, {}};
        any = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (quoted) {
            if (c != '"') {
                field += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                field += '"';
                ++i;
            } else {
                quoted = false;
            }
            continue;
        }
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        if (c == '\n') {
            end_row();
            continue;
        }
        any = true;
        if (c == '"' && field.empty()) {
            quoted = true;
        } else if (c == ',') {
            end_field();
        } else {
            field += c;
        }
    }
    end_row();
    return rows;
}

std::string csv_text(const std::vector<std::string>& fields) {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) text += ',';
        // A byte order mark inside quotes is a character, at the start of a file it is none.
        if (fields[i].find_first_of(",\"\r\n") == std::string::npos &&
            !fields[i].starts_with('\xEF')) {
            text += fields[i];
            continue;
        }
        text += '"';
        for (const char c : fields[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += '"';
    }
    return text;
}

Outcome<AgencyTable> parse_agency_table(std::string_view csv) {
    constexpr std::array columns = {"id", "kind", "name", "urn", "telephone", "roles", "seats"};
    constexpr const char* columns_are =
        "The first row names the columns: id, name, and if you wish kind, urn, telephone, roles, "
        "seats.";
    auto rows = parse_csv(csv);
    if (rows.empty()) return problem("The table is empty.", columns_are);
    AgencyTable table;
    for (const auto& field : rows[0].fields) {
        auto name = trimmed(field);
        if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
            return problem("The table has a column \"" + name + "\", which means nothing here.",
                           columns_are);
        }
        if (std::find(table.header.begin(), table.header.end(), name) != table.header.end()) {
            return problem("The table has two columns \"" + name + "\".", "Leave one of them out.");
        }
        table.header.push_back(std::move(name));
    }
    for (const char* needed : {"id", "name"}) {
        if (std::find(table.header.begin(), table.header.end(), needed) == table.header.end()) {
            return problem(std::string("The table has no column \"") + needed + "\".", columns_are);
        }
    }
    std::map<std::string, std::size_t> lines;  // of each id
    for (std::size_t i = 1; i < rows.size(); ++i) {
        auto& row = rows[i];
        const auto reject = [&](std::string reason) {
            table.bad.push_back({row.line, std::move(reason), std::move(row.fields)});
        };
        if (row.fields.size() != table.header.size()) {
            reject("The row has " + std::to_string(row.fields.size()) +
                   " fields, the first row has " + std::to_string(table.header.size()));
            continue;
        }
        std::map<std::string, std::string> cells;
        for (std::size_t c = 0; c < row.fields.size(); ++c) cells[table.header[c]] = row.fields[c];
        auto plan = plan_of(cells);
        if (!plan) {
            reject(plan.error().what);
        } else if (const auto [it, is_new] = lines.emplace(plan->id, row.line); !is_new) {
            reject("The id " + plan->id + " stands in line " + std::to_string(it->second) +
                   " as well");
        } else {
            table.rows.push_back({row.line, std::move(*plan), std::move(row.fields)});
        }
    }
    return table;
}

}  // namespace mash::ctl
