#include <array>

#include "agents/police/formats.hpp"
#include "agents/police/history.hpp"
#include "agents/police/person.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/source_row.hpp"

namespace mash::police {

namespace {

using runtime::AgeGroup;
using runtime::json_text;
using runtime::Notification;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::revision_of;
using runtime::Row;
using runtime::SectionContent;

constexpr std::string_view format_name = "vpd-csv";

const std::vector<std::string> needed_columns{"VPD_NOMINALINCIDENTID_PK", "VPD_INCIDENTID_FK",
                                              "VPD_FORENAME", "VPD_SURNAME"};

/// A marker column of the database, and what it says in a notification.
struct Marker {
    std::string_view column;
    std::string_view words;
    std::string_view type;  ///< "" = a concern like any other
    std::string_view kind;
    bool of_a_child = false;  ///< only a child's own record can carry it
    bool harm = false;
};

// The strictest first: what a family must not hear of goes as that, whatever else is marked.
constexpr std::array<Marker, 16> markers{{
    {"vpd_female_genital_mutilation__fgm_", "female genital mutilation", "harmful_practice_concern",
     "fgm_risk", false, true},
    {"vpd_forced_marriage", "forced marriage", "harmful_practice_concern", "forced_marriage", false,
     true},
    {"vpd_honour_based_abuse__hba_", "so-called honour-based abuse", "harmful_practice_concern",
     "honour_based_abuse", false, true},
    {"vpd_child_sexual_exploitation__cse_", "child sexual exploitation", "exploitation_concern", "",
     true, true},
    {"vpd_child_criminal_exploitation__cce_", "child criminal exploitation", "exploitation_concern",
     "", true, true},
    {"vpd_human_trafficking", "human trafficking", "exploitation_concern", "", false, true},
    {"vpd_radicalisation", "radicalisation", "radicalisation_concern", "", false, false},
    {"vpd_child_victim", "a child is the victim", "", "", true, true},
    {"vpd_looked_after_accommodated_child__laac_", "looked-after child", "", "", true, false},
    {"vpd_child_witnessed", "a child saw or heard it", "", "", false, true},
    {"vpd_child_at_locus", "a child was at the place", "", "", false, false},
    {"vpd_neglect", "neglect", "", "", false, true},
    {"vpd_self_harm", "self-harm", "", "", false, false},
    {"vpd_suicide_concern", "thoughts of suicide", "", "", false, false},
    {"vpd_missing_person", "missing person", "", "", false, false},
    {"vpd_dsdas", "domestic abuse disclosure scheme", "", "", false, false},
}};

class ConcernReading final : public runtime::RowReading {
public:
    ConcernReading(const ReadContext& context, runtime::SourceMemory& memory, ReadFile& file)
        : RowReading(context, needed_columns, file),
          context_(context),
          memory_(memory),
          past_(memory, format_name, context.agency) {
        file.baseline = past_.is_baseline();
    }

private:
    void on_end() override {
        out().children = children_.count();
        note_estimate(out(), "VPD_RECORD_START_DATE");
        past_.end_baseline();
    }

    void on_row(Row& row) override {
        ReadFile& file = out();
        const std::string number = row.text("misper_misperid").reveal();
        const auto person = person_of(memory_, context_.agency, number);
        const auto when = when_of(row);
        // An adult is nobody we may speak of: not even a fault is told of that row.
        const AgeGroup age = !person || person->adult
                                 ? AgeGroup::unknown
                                 : runtime::age_group(person->date_of_birth, when);
        if ((person && person->adult) || age == AgeGroup::adult) {
            ++file.passed_over;
            return;
        }
        const std::string record = row.text("VPD_NOMINALINCIDENTID_PK").reveal();
        if (record.empty())
            return row.lose("VPD_NOMINALINCIDENTID_PK", "required",
                            "Without the record's own number a second sending could not be told "
                            "from a second concern");
        std::vector<const Marker*> set;
        bool of_a_child = row.flag("VPD_CHILDPROTECTION").value_or(false);
        for (const auto& marker : markers) {
            if (!row.has(marker.column) || row.flag(marker.column) != true) continue;
            set.push_back(&marker);
            of_a_child = of_a_child || marker.of_a_child;
        }
        if (age == AgeGroup::unknown && !of_a_child) {
            return row.lose("misper_misperid", "age_unknown",
                            "Nobody can tell from this record whether it is about a child: look. "
                            "If it is, send it as notification JSON with the date of birth; one of "
                            "an adult needs nothing");
        }
        if (age == AgeGroup::unknown) {
            row.note("misper_misperid", "age_unknown",
                     "The record speaks of a child and has no date of birth, nor has any "
                     "missing-person report of this person: it goes to the front door unmatched");
        }
        if (!person && row.text("VPD_FORENAME").reveal().empty() &&
            row.text("VPD_SURNAME").reveal().empty())
            row.note("VPD_SURNAME", "not_linkable", "The record names nobody: ring the front door");
        children_.add(number.empty() ? record : number);
        for (const auto* marker : set) ++file.understood[std::string(marker->column)];

        const runtime::Snapshot::Said said{"vpd/" + record + "/concern", "", revision(row, person)};
        if (past_.knows(said)) {
            ++file.passed_over;
            return;
        }
        if (file.baseline && when && is_history(*when, context_, file)) {
            ++file.passed_over;  // remembered, raises nothing
            past_.keep_as_history(said);
            return;
        }
        past_.give(file, row.number(), concern(row, set, person, when), said);
    }

    static std::optional<runtime::SourceTime> when_of(Row& row) {
        if (auto when = row.time("VPD_RECORD_START_DATE")) return when;
        return row.time("VPD_CREATEDON");
    }

    static std::string revision(const Row& row, const std::optional<KnownPerson>& person) {
        std::vector<PersonalText> words;
        for (const auto* column :
             {"VPD_INCIDENTID_FK", "VPD_RECORD_START_DATE", "VPD_FORENAME", "VPD_SURNAME",
              "VPD_MAIDEN_NAME", "VPD_KNOWNAS", "VPD_PERSONGENDER", "VPD_NOMINALSYNOPSIS",
              "VPD_WELLBEINGCOMMENTS", "VPD_NOMINALSVIEW", "VPD_CHILDPROTECTION"})
            words.push_back(row.text(column));
        for (const auto& marker : markers) words.push_back(row.text(marker.column));
        words.push_back(person ? person->date_of_birth : PersonalText());
        return revision_of(words);
    }

    Notification concern(Row& row, const std::vector<const Marker*>& set,
                         const std::optional<KnownPerson>& person,
                         const std::optional<runtime::SourceTime>& when) const {
        Notification out;
        out.agency = context_.agency;
        out.role = context_.role;
        const std::string incident = row.text("VPD_INCIDENTID_FK").reveal();
        // Of one incident there may be a record for each child.
        if (!incident.empty()) out.event_ref = "vpd-incident/" + incident;
        auto& facts = out.facts;
        facts.type = TypeId("safeguarding_referral");
        facts.occurred_at = when ? runtime::instant_of(*when) : context_.written_at;
        bool harm = row.flag("VPD_CHILDPROTECTION").value_or(false);
        for (const auto* marker : set) {
            harm = harm || marker->harm;
            if (facts.type == TypeId("safeguarding_referral") && !marker->type.empty()) {
                facts.type = TypeId(std::string(marker->type));
                facts.kind = std::string(marker->kind);
            }
        }
        // The database does not ask what the family was told or agreed to: that stays unstated.
        if (harm) facts.harm = wire::Harm::suspected;
        facts.purpose = wire::Purpose::inform_function;

        auto& child = out.subject;
        child.forename = row.text("VPD_FORENAME");
        child.surname = row.text("VPD_SURNAME");
        if (person) {
            child.date_of_birth = person->date_of_birth;
            child.postcode = person->postcode;
            // Which of two spellings is right nobody can tell: each may match.
            if (person->surname != child.surname || person->forename != child.forename)
                child.aliases.emplace_back(person->forename, person->surname);
        }
        const PersonalText maiden = row.text("VPD_MAIDEN_NAME");
        if (!maiden.reveal().empty()) child.aliases.emplace_back(child.forename, maiden);

        auto& identity = out.sections["idn"];
        put(identity, "forenames", child.forename);
        put(identity, "surname", child.surname);
        put(identity, "known_as", row.text("VPD_KNOWNAS"));
        put(identity, "former_names", maiden);
        put(identity, "date_of_birth", child.date_of_birth);
        put(identity, "sex",
            PersonalText(runtime::sex_word(row.text("VPD_PERSONGENDER").reveal())));
        const std::string number = row.text("misper_misperid").reveal();
        if (!number.empty())
            identity.emplace("local_ids", PersonalText(runtime::text_of_json(
                                              runtime::Json::array({"police person " + number}))));

        auto& event = out.sections["evt"];
        event.emplace("what", json_text("Police recorded a concern about a vulnerable child"));
        put(event, "date", PersonalText(when ? area::to_text(when->date) : ""));
        put(event, "time", PersonalText(when && when->instant ? to_rfc3339(*when->instant) : ""));
        put(event, "reference", PersonalText(incident));

        runtime::Json worries = runtime::Json::array();
        for (const auto* column : {"VPD_NOMINALSYNOPSIS", "VPD_WELLBEINGCOMMENTS"}) {
            if (row.has(column)) worries.push_back(row.text(column).reveal());
        }
        if (!worries.empty())
            out.sections["nar"].emplace("worries", PersonalText(runtime::text_of_json(worries)));
        auto& voice = out.sections["voi"];
        put(voice, "words", row.text("VPD_NOMINALSVIEW"));
        if (voice.empty()) put(voice, "reason_for_none", PersonalText("not_seen"));
        runtime::Json factors = runtime::Json::array();
        for (const auto* marker : set) factors.push_back(marker->words);
        if (row.flag("VPD_REPEATVICTIM") == true) factors.push_back("repeat victim");
        if (!factors.empty())
            out.sections["rsk"].emplace("factors", PersonalText(runtime::text_of_json(factors)));
        return out;
    }

    const ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::Snapshot past_;
    runtime::DistinctCount children_;
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_concern_csv() {
    return std::make_unique<runtime::RowFormat<ConcernReading>>(
        format_name, "Vulnerable-person concern CSV", needed_columns);
}

}  // namespace mash::police
