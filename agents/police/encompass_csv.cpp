#include "agents/police/formats.hpp"
#include "agents/police/history.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source_row.hpp"

namespace mash::police {

namespace {

using runtime::json_text;
using runtime::Notification;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::revision_of;
using runtime::Row;
using runtime::SectionContent;

constexpr std::string_view format_name = "encompass-csv";

/// So many of a file are told however late they come: a school that never heard is to hear. A whole
/// past would stand before a child who goes missing now.
constexpr std::size_t late_incidents_max = 20;

const std::vector<std::string> needed_columns{"police_reference", "incident_datetime",
                                              "child_forename", "child_surname", "child_dob"};

class EncompassReading final : public runtime::RowReading {
public:
    EncompassReading(const ReadContext& context, runtime::SourceMemory& memory, ReadFile& file)
        : RowReading(context, needed_columns, file),
          context_(context),
          past_(memory, format_name, context.agency) {
        file.baseline = past_.is_baseline();
    }

private:
    void on_end() override {
        ReadFile& file = out();
        file.children = children_.count();
        note_estimate(file, "incident_datetime");
        if (late_ > late_incidents_max)
            file.note(
                0, 0, "incident_datetime", "long_ago",
                "The file tells of many incidents after which schools have been open for over "
                "a month. The first 20 were sent, and the rest are history. If a school has "
                "not heard of one and must, send that notice as JSON, or ring the school");
        past_.end_baseline();
    }

    void on_row(Row& row) override {
        ReadFile& file = out();
        // An adult is nobody we may speak of: not even a fault is told of that row.
        if (runtime::is_adult(row.text("child_dob"), {row.text("incident_datetime")},
                              runtime::latest_of(context_))) {
            ++file.passed_over;
            return;
        }
        const std::string reference = row.text("police_reference").reveal();
        if (reference.empty())
            return row.lose(
                "police_reference", "required",
                "Give the police reference, so that sending the row again makes no second notice");
        const auto when = row.time("incident_datetime");
        if (!when)
            return row.lose(
                "incident_datetime", "required",
                "Say when it happened: without it nobody can tell which school day comes next");
        const std::string born = runtime::believed_birth_date(row.text("child_dob").reveal(), when);
        if (born.empty() && row.has("child_dob"))
            row.note(
                "child_dob", "bad_date",
                "The date of birth is not a date, or not that of a child; the notice goes without "
                "it");
        // Which child of the incident: a digest, because a reference stays with the notification
        // and is not sealed.
        const std::string child_key = revision_of(
            {row.text("child_forename"), row.text("child_surname"), PersonalText(born)});
        children_.add(child_key);
        ++file.understood["children_of_incidents"];
        if (!runtime::normalise_urn(row.text("school_urn").reveal()).empty())
            ++file.understood["with_school"];
        const std::string revision = revision_of(
            {row.text("incident_datetime"), row.text("incident_location"), row.text("school_urn"),
             row.text("child_present"), row.text("child_spoken_to"), row.text("voice_of_child"),
             row.text("circumstances"), row.text("child_forename"), row.text("child_surname"),
             row.text("child_dob")});
        const runtime::Snapshot::Said said{"encompass/" + reference + "/incident", child_key,
                                           revision};
        if (past_.knows(said)) {
            ++file.passed_over;
            return;
        }
        const bool is_old = file.baseline ? is_history(*when, context_, file)
                                          : !past_.was_sent(said) && is_long_ago(*when, context_) &&
                                                ++late_ > late_incidents_max;
        if (is_old) {
            ++file.passed_over;  // remembered, raises nothing
            if (!file.baseline) ++file.understood["incidents_long_ago"];
            past_.keep_as_history(said);
            return;
        }
        past_.give(file, row.number(), notice(row, context_, born, *when, reference), said);
    }

    static Notification notice(Row& row, const ReadContext& context, const std::string& born,
                               const runtime::SourceTime& when, const std::string& reference) {
        Notification out;
        out.agency = context.agency;
        out.role = context.role;
        out.event_ref = "encompass/" + reference;
        out.facts.type = TypeId("domestic_abuse_incident");
        out.facts.occurred_at = runtime::instant_of(when);
        auto& child = out.subject;
        child.forename = row.text("child_forename");
        child.surname = row.text("child_surname");
        child.date_of_birth = PersonalText(born);
        child.nhs_number = row.text("child_nhs_number");
        child.postcode = row.text("child_postcode");
        child.school_urn = PersonalText(runtime::normalise_urn(row.text("school_urn").reveal()));
        if (row.has("school_urn") && child.school_urn.reveal().empty()) {
            row.note("school_urn", "bad_value",
                     "The school's number (URN) has six digits; the notice goes without it");
        }

        SectionContent identity;
        put(identity, "forenames", child.forename);
        put(identity, "surname", child.surname);
        put(identity, "date_of_birth", child.date_of_birth);
        out.sections["idn"] = std::move(identity);

        const auto present = row.flag("child_present");
        SectionContent event;
        event.emplace("what", json_text("Domestic abuse incident attended by police"));
        put(event, "date", PersonalText(area::to_text(when.date)));
        put(event, "time", PersonalText(when.instant ? to_rfc3339(*when.instant) : ""));
        put(event, "reference", PersonalText(reference));
        put(event, "place", row.text("incident_location"));
        put(event, "child_present", PersonalText(!present ? "not known" : *present ? "yes" : "no"));
        out.sections["evt"] = std::move(event);

        const auto spoken_to = row.flag("child_spoken_to");
        SectionContent voice;
        put(voice, "words", row.text("voice_of_child"));
        if (voice.empty()) put(voice, "reason_for_none", PersonalText("not_seen"));
        if (spoken_to == true) put(voice, "heard_by", PersonalText("attending police"));
        put(voice, "who_was_present", row.text("adults_present_when_child_spoke"));
        out.sections["voi"] = std::move(voice);

        SectionContent concern;
        // The circumstances of this file are what police write for the school: the short text,
        // never cut by us.
        put(concern, "short", row.text("circumstances"));
        if (!concern.empty()) out.sections["nar"] = std::move(concern);
        SectionContent education;
        put(education, "school", row.text("school_name"));
        if (!education.empty()) out.sections["edu"] = std::move(education);
        return out;
    }

    const ReadContext& context_;
    runtime::Snapshot past_;
    runtime::DistinctCount children_;
    std::size_t late_ = 0;  ///< incidents of long ago that nobody was told of
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_encompass_csv() {
    return std::make_unique<runtime::RowFormat<EncompassReading>>(
        format_name, "Operation Encompass CSV", needed_columns);
}

}  // namespace mash::police
