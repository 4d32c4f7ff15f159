#include <set>

#include "agents/police/formats.hpp"
#include "agents/police/row.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::police {

namespace {

using runtime::Notification;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SectionContent;

const std::vector<std::string> needed_columns{"police_reference", "incident_datetime",
                                              "child_forename", "child_surname", "child_dob"};

constexpr std::string_view estimated_history = "history_estimated";

class EncompassCsv final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "encompass-csv"; }
    std::string_view title() const override { return "Operation Encompass CSV"; }

    bool recognises(std::string_view head) const override {
        return runtime::has_columns(head, needed_columns);
    }

    ReadFile read(std::string_view content, const ReadContext& context,
                  runtime::SourceMemory& memory) const override {
        ReadFile file;
        file.format = name();
        const std::string baseline_key = "encompass-csv/" + context.agency.value() + "/baseline";
        file.baseline = !memory.get(baseline_key);
        std::set<std::string> children;
        const bool fit = read_rows(content, needed_columns, file, [&](Row& row) {
            read_row(row, context, memory, file, children);
        });
        file.children = children.size();
        if (file.understood.contains(std::string(estimated_history))) {
            file.faults.push_back(
                {0, 0, "incident_datetime", "estimated",
                 "No school calendar is held yet, so incidents of more than three days ago were "
                 "taken for history and send nothing. If a school has not been open since, send "
                 "that notice again as JSON, or ring the school",
                 false});
        }
        if (fit) memory.put(baseline_key, "done");
        return file;
    }

private:
    static void read_row(Row& row, const ReadContext& context, runtime::SourceMemory& memory,
                         ReadFile& file, std::set<std::string>& children) {
        // An adult is nobody we may speak of: not even a fault is told of that row.
        if (is_adult(row.text("child_dob"), {row.text("incident_datetime")})) {
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
        const std::string born = runtime::source_birth_date(row.text("child_dob").reveal());
        if (born.empty() && row.has("child_dob"))
            row.note("child_dob", "bad_date",
                     "The date of birth is not a date; the notice goes without it");
        // Which child of the incident: a digest, because a reference stays with the notification
        // and is not sealed.
        const std::string child_key = revision_of(
            {row.text("child_forename"), row.text("child_surname"), PersonalText(born)});
        children.insert(child_key);
        ++file.understood["children_of_incidents"];
        if (!runtime::normalise_urn(row.text("school_urn").reveal()).empty())
            ++file.understood["with_school"];
        const std::string revision = revision_of(
            {row.text("incident_datetime"), row.text("incident_location"), row.text("school_urn"),
             row.text("child_present"), row.text("child_spoken_to"), row.text("voice_of_child"),
             row.text("circumstances"), row.text("child_forename"), row.text("child_surname"),
             row.text("child_dob")});
        const std::string key =
            "encompass-csv/" + context.agency.value() + "/" + reference + "/" + child_key;
        const auto seen = memory.get(key);
        if (seen && seen->substr(0, 16) == revision) {
            ++file.passed_over;
            return;
        }
        const std::uint64_t number = seen ? std::stoull(seen->substr(17)) + 1 : 1;
        const std::string base = "encompass/" + reference + "/incident/";
        if (!seen && file.baseline && session_has_begun(*when, context, file)) {
            ++file.passed_over;  // history: remembered, raises nothing
            memory.put(key, revision + " 1");
            return;
        }
        auto& made = file.notifications.emplace_back(row.number(),
                                                     notice(row, context, born, *when, reference));
        auto& out = made.notification;
        out.source_ref = base + std::to_string(number) + "/" + child_key;
        if (number > 1) out.supersedes_ref = base + std::to_string(number - 1) + "/" + child_key;
        memory.put_once_taken(made, key, revision + " " + std::to_string(number));
    }

    // The notice was due before the first session after the incident (domain.md C6, row 6).
    static bool session_has_begun(const runtime::SourceTime& when, const ReadContext& context,
                                  ReadFile& file) {
        const auto next = context.school_sessions.after(instant_of(when));
        const bool begun = next.at && *next.at <= context.now.wall;
        if (begun && next.estimated) ++file.understood[std::string(estimated_history)];
        return begun;
    }

    static WallTime instant_of(const runtime::SourceTime& when) {
        return when.instant ? *when.instant : runtime::from_uk_local(when.date, 12 * 3600);
    }

    static Notification notice(Row& row, const ReadContext& context, const std::string& born,
                               const runtime::SourceTime& when, const std::string& reference) {
        Notification out;
        out.agency = context.agency;
        out.role = context.role;
        out.event_ref = "encompass/" + reference;
        out.facts.type = TypeId("domestic_abuse_incident");
        out.facts.occurred_at = instant_of(when);
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
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_encompass_csv() {
    return std::make_unique<EncompassCsv>();
}

}  // namespace mash::police
