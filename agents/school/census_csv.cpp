#include <algorithm>
#include <array>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/source_row.hpp"
#include "agents/school/formats.hpp"
#include "agents/school/pupil.hpp"

namespace mash::school {

namespace {

using runtime::Notification;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::Row;

enum class Table : std::uint8_t { on_roll, left, exclusions, sessions, addresses };

struct TableText {
    Table table;
    std::string_view name;
    std::string_view title;
    std::string_view own_column;  ///< that no other table of the set has, "" = see `on_roll`
};

constexpr std::array<TableText, 5> tables{{
    {Table::on_roll, "census-on-roll-csv", "School census CSV, pupils on roll", "enrolstatus"},
    {Table::left, "census-left-csv", "School census CSV, pupils no longer on roll", "leavingdate"},
    {Table::exclusions, "census-exclusions-csv", "School census CSV, suspensions and exclusions",
     "category"},
    {Table::sessions, "census-sessions-csv", "School census CSV, session details",
     "attendancereason"},
    {Table::addresses, "census-addresses-csv", "School census CSV, addresses",
     "uniquepropertyreferencenumber"},
}};

constexpr std::string_view on_roll_id = "pupilonrolltableid";
constexpr std::string_view left_id = "pupilnolongeronrolltableid";

std::vector<std::string> needed_columns(Table table) {
    for (const auto& text : tables) {
        if (text.table == table) return {"NativeId", std::string(text.own_column)};
    }
    return {};
}

bool is_of(Table table, std::string_view head) {
    auto needed = needed_columns(table);
    needed.emplace_back(left_id);
    if (table != Table::on_roll && runtime::has_columns(head, needed)) return true;
    needed.back() = on_roll_id;
    return table != Table::left && runtime::has_columns(head, needed);
}

/// Sessions are counted in these groups; codes of 2024 on, and those before them that still occur.
std::string_view group_of(std::string_view code) {
    static constexpr std::array<std::string_view, 9> attending{"/", "\\", "L", "B", "K",
                                                               "P", "V",  "W", "J"};
    static constexpr std::array<std::string_view, 12> authorised{"C", "C1", "C2", "E", "I", "J1",
                                                                 "M", "R",  "S",  "T", "H", "F"};
    static constexpr std::array<std::string_view, 4> unauthorised{"G", "N", "O", "U"};
    static constexpr std::array<std::string_view, 13> not_counted{
        "D", "Q", "X", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Z", "#"};
    if (std::ranges::find(attending, code) != attending.end()) return "sessions_attending";
    if (std::ranges::find(authorised, code) != authorised.end()) return "sessions_authorised";
    if (std::ranges::find(unauthorised, code) != unauthorised.end()) return "sessions_unauthorised";
    if (std::ranges::find(not_counted, code) != not_counted.end()) return "sessions_not_counted";
    return {};
}

std::string reason_words(const std::string& code) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> words{
        {{"PP", "physical assault on a pupil"},
         {"PA", "physical assault on an adult"},
         {"VP", "threatening behaviour towards a pupil"},
         {"VA", "threatening behaviour towards an adult"},
         {"OW", "a weapon"},
         {"BU", "bullying"},
         {"RA", "racist abuse"},
         {"LG", "abuse over sexual orientation or gender identity"},
         {"DS", "abuse over disability"},
         {"SM", "sexual misconduct"},
         {"DA", "drugs or alcohol"},
         {"DM", "damage"},
         {"TH", "theft"},
         {"DB", "persistent disruption"},
         {"MT", "misuse of social media"}}};
    const auto* found = std::ranges::find(words, code, [](const auto& one) { return one.first; });
    return found == words.end() ? "reason " + code : std::string(found->second);
}

constexpr std::string_view adult_mark = "adult";

class CensusReading final : public runtime::RowReading {
public:
    CensusReading(const TableText& text, const ReadContext& context, runtime::SourceMemory& memory,
                  ReadFile& out)
        : RowReading(context, needed_columns(text.table), out),
          table_(text.table),
          context_(context),
          past_(memory, text.name, context.agency),
          pupils_(memory, "census-pupils", context.agency) {
        out.baseline = past_.is_baseline();
    }

private:
    std::string still_missing(const runtime::CsvHeader& header) override {
        id_ = std::string(header.has(on_roll_id) ? on_roll_id : left_id);
        if (!header.has(id_)) return std::string(on_roll_id);
        if (table_ != Table::on_roll && table_ != Table::left) return {};
        for (const auto* column : {"dob", "surname", "forename", "upn"}) {
            if (!header.has(column)) return column;
        }
        return {};
    }

    void on_row(Row& row) override {
        if (row.text(id_).reveal().empty())
            return row.lose(id_, "required",
                            "Without the pupil's own number in this set the row cannot be joined "
                            "to the others");
        switch (table_) {
            case Table::on_roll: return on_roll(row);
            case Table::left: return leaver(row);
            case Table::exclusions: return exclusion(row);
            case Table::sessions: return sessions(row);
            case Table::addresses: return address(row);
        }
    }

    void on_end() override {
        out().children = children_.count();
        if (table_ == Table::on_roll && schools_.count() > 1) {
            out().rolls.clear();
            out().note(0, 0, "NativeId", "several_schools",
                       "The file holds the pupils of several schools, so it is no school's list: "
                       "nobody's involvement was changed. Send a file for each school");
        }
        for (auto& roll : out().rolls)
            roll.partial = !out().rejected_records.empty() || unmatched_ > 0;
        past_.end_baseline();
    }

    // ---- pupils

    std::optional<Pupil> pupil_in(Row& row, const std::optional<runtime::SourceTime>& day) {
        // An adult is nobody we may speak of: not even a fault is told of that row.
        const auto age = runtime::age_group(row.text("dob"), day);
        if (age == runtime::AgeGroup::adult) {
            ++out().passed_over;
            // That there is such a row, or those of the other tables would be faults.
            const std::string key = "pupil/" + row.text(id_).reveal();
            if (pupils_.before(key) != adult_mark) pupils_.keep(key, std::string(adult_mark));
            return std::nullopt;
        }
        Pupil out_pupil;
        out_pupil.upn = row.text("upn");
        out_pupil.former_upn = row.text("formerupn");
        out_pupil.forename = row.text("forename");
        out_pupil.surname = row.text("surname");
        out_pupil.preferred_surname = row.text("preferredsurname");
        out_pupil.former_surname = row.text("formersurname");
        const std::string born = runtime::source_birth_date(row.text("dob").reveal());
        out_pupil.date_of_birth = PersonalText(born);
        out_pupil.sex = PersonalText(runtime::sex_word(row.text("sex").reveal()));
        out_pupil.postcode =
            PersonalText(pupils_.before("postcode/" + row.text(id_).reveal()).value_or(""));
        if (!is_linkable(out_pupil)) {
            row.lose("upn", "not_linkable",
                     "The pupil cannot be matched: give a UPN, or surname and date of birth");
            return std::nullopt;
        }
        if (age == runtime::AgeGroup::unknown)
            row.note("dob", row.has("dob") ? "bad_date" : "age_unknown",
                     "There is no date of birth that is a date; the row is used without it");
        if (row.has("upn") && runtime::normalise_upn(out_pupil.upn.reveal()).empty())
            ++out().understood["upn_unverified"];
        children_.add(pupil_key(out_pupil));
        schools_.add(row.text("NativeId").reveal());
        keep_pupil(row, out_pupil);
        return out_pupil;
    }

    /// For the rows of the other tables, which name only the pupil's number in this set.
    void keep_pupil(const Row& row, const Pupil& pupil) {
        runtime::Json json;
        json["upn"] = pupil.upn.reveal();
        if (!pupil.former_upn.reveal().empty()) json["former_upn"] = pupil.former_upn.reveal();
        json["forename"] = pupil.forename.reveal();
        json["surname"] = pupil.surname.reveal();
        json["dob"] = pupil.date_of_birth.reveal();
        json["sex"] = pupil.sex.reveal();
        const std::string key = "pupil/" + row.text(id_).reveal();
        std::string text = runtime::text_of_json(json);
        if (pupils_.before(key) != text) pupils_.keep(key, std::move(text));
    }

    std::optional<Pupil> pupil_of(const Row& row) const {
        const auto held = pupils_.before("pupil/" + row.text(id_).reveal());
        if (!held) return std::nullopt;
        const auto json = runtime::json_from_text(*held);
        if (!json) return std::nullopt;
        const auto at = [&](const char* name) {
            return PersonalText(runtime::string_at(*json, name));
        };
        Pupil out_pupil;
        out_pupil.upn = at("upn");
        out_pupil.former_upn = at("former_upn");
        out_pupil.forename = at("forename");
        out_pupil.surname = at("surname");
        out_pupil.date_of_birth = at("dob");
        out_pupil.sex = at("sex");
        out_pupil.postcode =
            PersonalText(pupils_.before("postcode/" + row.text(id_).reveal()).value_or(""));
        return out_pupil;
    }

    void on_roll(Row& row) {
        const auto today = runtime::parse_source_time(
            std::string_view(to_rfc3339(context_.written_at)).substr(0, 10));
        const auto pupil = pupil_in(row, today);
        if (!pupil) return;
        ++out().understood["on_roll"];
        const std::string status = row.text("enrolstatus").reveal();
        // Of a pupil with two schools each has its own list.
        if (status == "S") ++out().understood["subsidiary"];
        if (row.text("plaa").reveal() != "N" && row.has("plaa"))
            ++out().understood["post_looked_after"];
        runtime::RollEntry entry;
        entry.subject = subject_of(*pupil, context_.school_urn);
        entry.source_ref = row.text(id_).reveal();
        const auto use =
            context_.school_urn.empty() ? runtime::TokenUse::caseload : runtime::TokenUse::roll;
        if (runtime::canonical_identities(entry.subject, use).empty()) {
            // On a list, a child that nobody can match is worse than a list that is not whole.
            ++out().understood["not_matched"];
            ++unmatched_;
        } else {
            if (out().rolls.empty()) {
                auto& roll = out().rolls.emplace_back();
                roll.seat = Seat{context_.agency, context_.role};
                roll.relation = "school";
            }
            out().rolls.front().entries.push_back(std::move(entry));
        }
        absence(row, *pupil, today);
    }

    void absence(Row& row, const Pupil& pupil, const std::optional<runtime::SourceTime>& day) {
        const auto possible = count(row, "termlysessionspossible");
        const auto unauthorised = count(row, "termlysessionsunauthorised");
        if (!possible || !unauthorised || !is_persistent(*unauthorised, *possible) || !day) return;
        ++out().understood["persistent_absence"];
        Notification notice = education_notice(context_, pupil, "persistent_absence", *day);
        put(notice.sections["edu"], "attendance",
            PersonalText("Unauthorised absence in " + whole(*unauthorised) + " of " +
                         whole(*possible) + " sessions of the term"));
        // One for each census, not for each day on which its file is written.
        give(row, std::move(notice),
             {"census/" + row.text("schoolcensustableid").reveal() + "/persistent_absence",
              pupil_key(pupil),
              runtime::revision_of(
                  {row.text("termlysessionspossible"), row.text("termlysessionsunauthorised")})});
    }

    void leaver(Row& row) {
        const auto left = day_in(row, "leavingdate");
        if (!left)
            return row.lose(
                "leavingdate", "required",
                "Say when the pupil left: without it nobody knows whether that is news");
        const auto pupil = pupil_in(row, left);
        if (!pupil) return;
        ++out().understood["left_roll"];
        Notification notice = education_notice(context_, *pupil, "left_roll", *left);
        auto& education = notice.sections["edu"];
        put(education, "school",
            PersonalText("Left " + row.text("NativeId").reveal() + " on " +
                         area::to_text(left->date)));
        if (const auto possible = count(row, "termlysessionspossible")) {
            const auto absent = count(row, "termlysessionsunauthorised").value_or(0);
            put(education, "attendance",
                PersonalText("Unauthorised absence in " + whole(absent) + " of " +
                             whole(*possible) + " sessions of the term"));
        }
        give(row, std::move(notice),
             {"census/" + row.text("NativeId").reveal() + "/left_roll/" + area::to_text(left->date),
              pupil_key(*pupil),
              runtime::revision_of({pupil->forename, pupil->surname, pupil->date_of_birth,
                                    row.text("leavingdate")})});
    }

    // ---- what hangs on a pupil

    void exclusion(Row& row) {
        const auto began = day_in(row, "startdate");
        if (!began) return row.lose("startdate", "required", "Say when the exclusion began");
        const std::string category = row.text("category").reveal();
        const std::string_view kind =
            category == "PERM" ? "permanently_excluded"
            : category == "SUSP" || category == "FIXD" || category == "LNCH" ? "suspended"
                                                                             : "";
        if (kind.empty())
            return row.lose("category", "unknown_word",
                            "The category is none of PERM, SUSP, FIXD and LNCH");
        ++out().understood[category];
        if (pupils_.before("pupil/" + row.text(id_).reveal()) == adult_mark) {
            ++out().passed_over;
            return;
        }
        const auto pupil = pupil_of(row);
        if (!pupil)
            return row.lose(id_, "unknown_pupil",
                            "The pupils' table of the same census did not name this pupil: put "
                            "that in first, and then these rows again");
        if (runtime::age_group(pupil->date_of_birth, began) == runtime::AgeGroup::adult) {
            ++out().passed_over;
            return;
        }
        children_.add(pupil_key(*pupil));
        Notification notice = education_notice(context_, *pupil, kind, *began);
        std::string words = category == "PERM"   ? "Permanently excluded"
                            : category == "LNCH" ? "Suspended at lunch times"
                                                 : "Suspended";
        words += " from " + area::to_text(began->date);
        if (const auto sessions = count(row, "sessions"); sessions && category != "PERM")
            words += " for " + whole(*sessions) + " sessions";
        std::string reasons;
        for (const auto* column : {"reason1", "reason2", "reason3"}) {
            const std::string code = row.text(column).reveal();
            if (!code.empty()) reasons += (reasons.empty() ? ": " : ", ") + reason_words(code);
        }
        put(notice.sections["edu"], "behaviour", PersonalText(words + reasons));
        const std::string own = row.text(id_ == on_roll_id ? "termlyexclusionsonrolltableid"
                                                           : "termlyexclusionsoffrolltableid")
                                    .reveal();
        give(row, std::move(notice),
             {"census/exclusion/" +
                  (own.empty() ? row.text(id_).reveal() + "/" + area::to_text(began->date) : own),
              pupil_key(*pupil), runtime::revision_of({PersonalText(words + reasons)})});
    }

    void sessions(Row& row) {
        const std::string code = row.text("attendancereason").reveal();
        const auto number = count(row, "sessions");
        children_.add(row.text(id_).reveal());
        const auto group = group_of(code);
        if (group.empty()) {
            row.note("attendancereason", "unknown_word", "The attendance code is not known");
            return;
        }
        if (number) out().understood[std::string(group)] += static_cast<std::uint64_t>(*number);
    }

    void address(Row& row) {
        children_.add(row.text(id_).reveal());
        const std::string postcode = runtime::normalise_postcode(row.text("postcode").reveal());
        if (postcode.empty()) {
            if (row.has("postcode")) ++out().understood["postcode_not_usable"];
            return;
        }
        ++out().understood["postcode"];
        const std::string key = "postcode/" + row.text(id_).reveal();
        if (pupils_.before(key) != postcode) pupils_.keep(key, postcode);
    }

    // ----

    void give(const Row& row, Notification&& notice, const runtime::Snapshot::Said& said) {
        if (past_.knows(said)) {
            ++out().passed_over;
            return;
        }
        if (past_.is_baseline()) {
            ++out().passed_over;  // a term that is over: remembered, raises nothing
            past_.keep_as_history(said);
            return;
        }
        past_.give(out(), row.number(), std::move(notice), said);
    }

    /// These extracts write a day as its midnight, which no child left or was excluded at.
    static std::optional<runtime::SourceTime> day_in(Row& row, std::string_view column) {
        auto time = row.time_or_plan(column);
        if (time && row.text(column).reveal().ends_with("00:00:00")) time->instant.reset();
        return time;
    }

    static std::optional<double> count(Row& row, std::string_view column) {
        const PersonalText value = row.text(column);
        if (value.reveal().empty()) return std::nullopt;
        const auto number = count_of(value.reveal());
        if (!number) row.note(column, "bad_number", "The value is not a number of sessions");
        return number;
    }

    static std::string whole(double number) {
        return std::to_string(static_cast<std::uint64_t>(number));
    }

    Table table_;
    const ReadContext& context_;
    runtime::Snapshot past_;
    runtime::Snapshot pupils_;  ///< of all tables of the set
    std::string id_;
    std::uint64_t unmatched_ = 0;
    runtime::DistinctCount children_;
    runtime::DistinctCount schools_;
};

class CensusCsv final : public runtime::SourceFormat {
public:
    explicit CensusCsv(const TableText& text) : text_(text) {}
    std::string_view name() const override { return text_.name; }
    std::string_view title() const override { return text_.title; }
    bool recognises(std::string_view head) const override { return is_of(text_.table, head); }

    // Of pupils on roll mended rows alone would be taken for the whole list, and end the others.
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return text_.table == Table::on_roll ? runtime::select_all(std::move(write))
                                             : runtime::select_csv(records, std::move(write));
    }

    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<CensusReading>(text_, context, memory, out);
    }

private:
    const TableText& text_;
};

}  // namespace

void add_census_csv(runtime::SourceFormats& formats) {
    for (const auto& text : tables) formats.push_back(std::make_unique<CensusCsv>(text));
}

}  // namespace mash::school
