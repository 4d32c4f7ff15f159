#include <algorithm>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::runtime {

namespace {

std::vector<std::string> needed() { return {"role", "relation", "surname", "date_of_birth"}; }

class RollReading final : public SourceReading {
public:
    RollReading(const ReadContext& context, ReadFile& out)
        : context_(context), out_(out), missing_(needed()), reader_([this](CsvRecord&& record) {
              if (record.number == 0) {
                  header_.emplace(record);
                  missing_ = header_->missing(needed());
                  return;
              }
              ++out_.records;
              if (record.too_long) {
                  return out_.lose(record.number, record.line, "", "too_large",
                                   "The row is larger than 1 MiB and was not read");
              }
              read_row(record);
          }) {}

    bool feed(std::string_view piece) override {
        if (fit_) fit_ = reader_.feed(piece).has_value();
        return fit_ && !(header_ && !missing_.empty());
    }

    void finish() override {
        if (fit_) fit_ = reader_.finish().has_value();
        if (!fit_ || !missing_.empty()) {
            const ReadFile whole = std::exchange(out_, {});
            out_.format = whole.format;
            out_.refuse(missing_.empty() ? "" : missing_.front(),
                        missing_.empty() ? "cut_off" : "missing_column",
                        missing_.empty()
                            ? "The file ends inside a record or holds one that is too long: send "
                              "it whole"
                            : "The file lacks a column that is needed: see agents/README.md, "
                              "\"Roll CSV\"");
            return;
        }
        // Without the lost row the list is not whole, and taking it as whole would end that
        // child's involvement.
        for (auto& roll : out_.rolls) roll.partial = !out_.rejected_records.empty();
    }

private:
    ReplaceRoll& roll_of(const Seat& seat, const std::string& relation) {
        const auto known = std::ranges::find_if(out_.rolls, [&](const auto& roll) {
            return roll.seat == seat && roll.relation == relation;
        });
        if (known != out_.rolls.end()) return *known;
        auto& roll = out_.rolls.emplace_back();
        roll.seat = seat;
        roll.relation = relation;
        return roll;
    }

    void read_row(const CsvRecord& record) {
        const auto text = [&](std::string_view column) {
            auto value = header_->value(record, column);
            return value ? *value : PersonalText();
        };
        const auto lose = [&](std::string_view field, std::string rule, std::string message) {
            out_.lose(record.number, record.line, field, std::move(rule), std::move(message));
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
            out_.note(record.number, record.line, "date_of_birth", "bad_date",
                      "The date of birth is not a date; the row is used without it");
        }
        const auto note_unverified = [&](const PersonalText& given, const std::string& normalised,
                                         const char* field) {
            if (given.reveal().empty() || !normalised.empty()) return;
            out_.note(record.number, record.line, field, "check_failed",
                      "The number does not pass its check and is not used to match");
        };
        if (auto nhs = text("former_nhs_number"); !nhs.reveal().empty()) {
            note_unverified(nhs, normalise_nhs_number(nhs.reveal()), "former_nhs_number");
            child.former_nhs_numbers.push_back(std::move(nhs));
        }
        if (auto upn = text("former_upn"); !upn.reveal().empty()) {
            note_unverified(upn, normalise_upn(upn.reveal()), "former_upn");
            child.former_upns.push_back(std::move(upn));
        }
        const PersonalText former = text("former_surname");
        const PersonalText preferred = text("preferred_forename");
        if (!former.reveal().empty()) child.aliases.emplace_back(PersonalText(), former);
        if (!preferred.reveal().empty()) child.aliases.emplace_back(preferred, PersonalText());
        if (!preferred.reveal().empty() && !former.reveal().empty())
            child.aliases.emplace_back(preferred, former);
        if (const auto due = text("due_date").reveal(); !due.empty()) {
            child.unborn = true;
            child.due_date = PersonalText(source_birth_date(due));
            if (child.due_date.reveal().empty()) {
                out_.note(record.number, record.line, "due_date", "bad_date",
                          "The due date is not a date; the row is used without it");
            }
        }
        note_unverified(child.nhs_number, normalise_nhs_number(child.nhs_number.reveal()),
                        "nhs_number");
        note_unverified(child.upn, normalise_upn(child.upn.reveal()), "upn");
        const TokenUse use = context_.school_urn.empty() ? TokenUse::caseload : TokenUse::roll;
        child.school_urn = PersonalText(context_.school_urn);
        if (canonical_identities(child, use).empty()) {
            return lose("", "not_linkable",
                        "The row cannot be matched: give an NHS number or UPN with a date of "
                        "birth, or forename, surname, date of birth and postcode");
        }
        entry.source_ref = text("local_id").reveal();
        roll_of(Seat{context_.agency, RoleId(role)}, relation).entries.push_back(std::move(entry));
        ++out_.children;
    }

    const ReadContext& context_;
    ReadFile& out_;
    std::optional<CsvHeader> header_;
    std::vector<std::string> missing_;
    bool fit_ = true;
    CsvReader reader_;
};

// Columns: role, relation, local_id, nhs_number, upn, forename, surname, date_of_birth, postcode,
// former_surname, preferred_forename, former_upn, former_nhs_number, due_date. role and relation on
// every row; one file may hold several lists.
class RollCsvFormat final : public SourceFormat {
public:
    std::string_view name() const override { return "roll-csv"; }
    std::string_view title() const override {
        return "Roll or caseload CSV of our own (agents/README.md)";
    }

    bool recognises(std::string_view head) const override { return has_columns(head, needed()); }

    // Mended rows alone would be taken for the whole list, and end the others.
    std::unique_ptr<RecordSelector> select(const RecordNumbers&,
                                           RecordSelector::Write write) const override {
        return select_all(std::move(write));
    }

    std::unique_ptr<SourceReading> begin(const ReadContext& context, SourceMemory&,
                                         ReadFile& out) const override {
        return std::make_unique<RollReading>(context, out);
    }
};

}  // namespace

std::unique_ptr<SourceFormat> make_roll_csv_format() { return std::make_unique<RollCsvFormat>(); }

}  // namespace mash::runtime
