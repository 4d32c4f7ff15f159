#include "agents/runtime/core/person_csv.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::runtime {

namespace {

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// Calls `on_row` for each record, once the header is seen to name all of `needed`.
std::string read_table(std::string_view content, const std::vector<std::string>& needed,
                       const std::function<void(const CsvHeader&, const CsvRecord&)>& on_row) {
    std::optional<CsvHeader> header;
    std::vector<std::string> missing = needed;
    std::vector<std::string> present;
    CsvReader reader([&](CsvRecord&& record) {
        if (record.number == 0) {
            header.emplace(record);
            missing = header->missing(needed);
            for (const auto& cell : record.cells) present.push_back(clean_value(cell.reveal()));
        } else if (missing.empty()) {
            on_row(*header, record);
        }
    });
    auto read = reader.feed(content);
    if (read) read = reader.finish();
    if (!header) return "The file is empty: its first row must name the columns";
    if (!missing.empty())
        return "The file has no column " + listed(missing) + ". Its columns: " + listed(present);
    if (!read) return "The file ends inside a record or holds one that is too long: give it whole";
    return {};
}

PersonalText joined(const CsvHeader& header, const CsvRecord& record,
                    const std::vector<std::string>* columns) {
    std::string out;
    if (columns == nullptr) return PersonalText();
    for (const auto& column : *columns) {
        const auto value = header.value(record, column);
        if (!value) continue;
        if (!out.empty()) out += ' ';
        out += value->reveal();
    }
    return PersonalText(std::move(out));
}

}  // namespace

const std::vector<std::string_view>& ColumnMap::fields() {
    static const std::vector<std::string_view> all{"id",
                                                   "group",
                                                   "forename",
                                                   "surname",
                                                   "preferred_forename",
                                                   "former_surname",
                                                   "dob",
                                                   "sex",
                                                   "address",
                                                   "postcode",
                                                   "contact",
                                                   "nhs_number",
                                                   "upn",
                                                   "former_upn",
                                                   "former_nhs_number",
                                                   "uln"};
    return all;
}

std::string ColumnMap::add(std::string_view entry) {
    const auto equals = entry.find('=');
    const std::string_view field = entry.substr(0, equals);
    if (std::ranges::find(fields(), field) == fields().end()) {
        std::string known;
        for (const auto one : fields()) known += (known.empty() ? "" : ", ") + std::string(one);
        return "A person has no field " + std::string(field) + ". The fields: " + known;
    }
    if (equals == std::string_view::npos || equals + 1 == entry.size())
        return "Say which column holds the " + std::string(field) + ": " + std::string(field) +
               "=COLUMN";
    if (columns_.contains(field)) return "The field " + std::string(field) + " is given twice";
    std::vector<std::string> columns;
    std::string_view rest = entry.substr(equals + 1);
    while (true) {
        const auto plus = rest.find('+');
        const std::string_view column = rest.substr(0, plus);
        if (column.empty()) return "A column of " + std::string(field) + " has no name";
        columns.emplace_back(column);
        if (plus == std::string_view::npos) break;
        rest.remove_prefix(plus + 1);
    }
    columns_.emplace(field, std::move(columns));
    return {};
}

const std::vector<std::string>* ColumnMap::columns(std::string_view field) const {
    const auto found = columns_.find(field);
    return found == columns_.end() ? nullptr : &found->second;
}

std::vector<std::string> ColumnMap::all_columns() const {
    std::vector<std::string> out;
    for (const auto& [field, columns] : columns_)
        out.insert(out.end(), columns.begin(), columns.end());
    return out;
}

PersonFile read_person_csv(std::string_view content, const ColumnMap& columns) {
    PersonFile out;
    std::set<std::string, std::less<>> ids;
    const auto lose = [&](const CsvRecord& record, std::string rule, std::string message) {
        out.faults.push_back(
            {record.number, record.line, "id", std::move(rule), std::move(message), true});
    };
    out.problem = read_table(
        content, columns.all_columns(), [&](const CsvHeader& header, const CsvRecord& record) {
            ++out.records;
            const auto text = [&](std::string_view field) {
                return joined(header, record, columns.columns(field));
            };
            Person person;
            person.id = text("id").reveal();
            if (person.id.empty()) return lose(record, "required", "The row has no id");
            if (!ids.insert(person.id).second)
                return lose(record, "repeated_id", "The id stands in an earlier row");
            person.group = text("group").reveal();
            auto& of = person.record;
            of.nhs_number = text("nhs_number");
            if (auto former = text("former_nhs_number"); !former.reveal().empty())
                of.former_nhs_numbers.push_back(std::move(former));
            of.upn = text("upn");
            if (auto former = text("former_upn"); !former.reveal().empty())
                of.former_upns.push_back(std::move(former));
            of.uln = text("uln");
            of.forename = text("forename");
            of.surname = text("surname");
            const PersonalText preferred = text("preferred_forename");
            const PersonalText former = text("former_surname");
            if (!preferred.reveal().empty()) of.aliases.emplace_back(preferred, PersonalText());
            if (!former.reveal().empty()) of.aliases.emplace_back(PersonalText(), former);
            if (!preferred.reveal().empty() && !former.reveal().empty())
                of.aliases.emplace_back(preferred, former);
            const PersonalText born = text("dob");
            of.date_of_birth = PersonalText(source_birth_date(born.reveal()));
            if (!born.reveal().empty() && of.date_of_birth.reveal().empty())
                out.faults.push_back({record.number, record.line, "dob", "bad_date",
                                      "The date of birth is not a date; the row is used without it",
                                      false});
            of.sex = text("sex");
            of.address = text("address");
            of.postcode = text("postcode");
            of.contact = text("contact");
            out.people.push_back(std::move(person));
        });
    if (!out.problem.empty()) out.people.clear();
    return out;
}

LabelFile read_label_csv(std::string_view content, const std::vector<std::string>& columns) {
    LabelFile out;
    std::uint64_t unreadable = 0;
    out.problem =
        read_table(content, columns, [&](const CsvHeader& header, const CsvRecord& record) {
            const auto text = [&](std::size_t at) {
                const auto value = header.value(record, columns[at]);
                return value ? value->reveal() : std::string();
            };
            const std::string match = text(2);
            double value = 0;
            const auto end = match.data() + match.size();
            const auto parsed = std::from_chars(match.data(), end, value);
            const bool is_number = !match.empty() && parsed.ptr == end;
            if (!is_number && match != "true" && match != "false") {
                ++unreadable;
                return;
            }
            out.labels.push_back({text(0), text(1), is_number ? value >= 0.5 : match == "true"});
        });
    if (out.problem.empty() && unreadable > 0)
        out.problem = "The column " + columns[2] + " holds " + std::to_string(unreadable) +
                      " values that are neither a number nor true or false";
    return out;
}

}  // namespace mash::runtime
