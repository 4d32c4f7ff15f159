#include <map>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::runtime {

namespace {

// Columns: role, relation, local_id, nhs_number, upn, forename, surname, date_of_birth, postcode,
// former_surname, preferred_forename. role and relation on every row; one file may hold several
// lists.
class RollCsvFormat final : public SourceFormat {
public:
    std::string_view name() const override { return "roll-csv"; }
    std::string_view title() const override {
        return "Roll or caseload CSV of our own (agents/README.md)";
    }

    bool recognises(std::string_view head) const override { return has_columns(head, needed()); }

    ReadFile read(std::string_view content, const ReadContext& context,
                  SourceMemory&) const override {
        ReadFile out;
        out.format = name();
        std::optional<CsvHeader> header;
        std::map<std::pair<std::string, std::string>, ReplaceRoll> rolls;
        CsvReader reader([&](CsvRecord&& record) {
            if (record.number == 0) {
                header.emplace(record);
                return;
            }
            ++out.records;
            read_row(*header, record, context, rolls, out);
        });
        auto fed = reader.feed(content);
        if (fed) fed = reader.finish();
        const auto missing = header ? header->missing(needed()) : needed();
        if (!fed || !missing.empty()) {
            out.rolls.clear();
            out.faults.clear();
            out.rejected_records.clear();
            out.records = 0;
            out.faults.push_back(
                {0, 0, missing.empty() ? "" : missing.front(), fed ? "missing_column" : "cut_off",
                 fed ? "The file lacks a column that is needed: see agents/README.md, \"Roll CSV\""
                     : "The file ends inside a record or holds one that is too long: send it whole",
                 true});
            return out;
        }
        for (auto& [key, roll] : rolls) {
            // Without the lost row the list is not whole, and taking it as whole would end that
            // child's involvement.
            roll.partial = !out.rejected_records.empty();
            out.rolls.push_back(std::move(roll));
        }
        return out;
    }

private:
    static std::vector<std::string> needed() {
        return {"role", "relation", "surname", "date_of_birth"};
    }

    static void read_row(const CsvHeader& header, const CsvRecord& record,
                         const ReadContext& context,
                         std::map<std::pair<std::string, std::string>, ReplaceRoll>& rolls,
                         ReadFile& out) {
        const auto text = [&](std::string_view column) {
            auto value = header.value(record, column);
            return value ? *value : PersonalText();
        };
        const auto lose = [&](std::string field, std::string rule, std::string message) {
            out.faults.push_back({record.number, record.line, std::move(field), std::move(rule),
                                  std::move(message), true});
            out.rejected_records.push_back(record.number);
        };
        const std::string role = text("role").reveal();
        const std::string relation = text("relation").reveal();
        if (!is_valid_name(role) || !is_valid_name(relation)) {
            return lose(is_valid_name(role) ? "relation" : "role", "required",
                        "Say whose list this row is in: role and relation are short words such as "
                        "sch and school");
        }
        RollEntry entry;
        auto& child = entry.subject;
        child.nhs_number = text("nhs_number");
        child.upn = text("upn");
        child.forename = text("forename");
        child.surname = text("surname");
        child.postcode = text("postcode");
        const std::string born = text("date_of_birth").reveal();
        child.date_of_birth = PersonalText(source_birth_date(born));
        if (!born.empty() && child.date_of_birth.reveal().empty()) {
            out.faults.push_back({record.number, record.line, "date_of_birth", "bad_date",
                                  "The date of birth is not a date; the row is used without it",
                                  false});
        }
        const PersonalText former = text("former_surname");
        const PersonalText preferred = text("preferred_forename");
        if (!former.reveal().empty()) child.aliases.emplace_back(PersonalText(), former);
        if (!preferred.reveal().empty()) child.aliases.emplace_back(preferred, PersonalText());
        if (!preferred.reveal().empty() && !former.reveal().empty())
            child.aliases.emplace_back(preferred, former);
        const auto note_unverified = [&](const PersonalText& given, const std::string& normalised,
                                         const char* field) {
            if (given.reveal().empty() || !normalised.empty()) return;
            out.faults.push_back({record.number, record.line, field, "check_failed",
                                  "The number does not pass its check and is not used to match",
                                  false});
        };
        note_unverified(child.nhs_number, normalise_nhs_number(child.nhs_number.reveal()),
                        "nhs_number");
        note_unverified(child.upn, normalise_upn(child.upn.reveal()), "upn");
        const TokenUse use = context.school_urn.empty() ? TokenUse::caseload : TokenUse::roll;
        child.school_urn = PersonalText(context.school_urn);
        if (canonical_identities(child, use).empty()) {
            return lose("", "not_linkable",
                        "The row cannot be matched: give an NHS number or UPN with a date of "
                        "birth, or forename, surname, date of birth and postcode");
        }
        entry.source_ref = text("local_id").reveal();
        auto& roll = rolls[{role, relation}];
        roll.seat = Seat{context.agency, RoleId(role)};
        roll.relation = relation;
        roll.entries.push_back(std::move(entry));
        ++out.children;
    }
};

}  // namespace

std::unique_ptr<SourceFormat> make_roll_csv_format() { return std::make_unique<RollCsvFormat>(); }

}  // namespace mash::runtime
