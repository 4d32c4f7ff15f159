#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>

#include <nlohmann/json.hpp>

#include "agents/police/formats.hpp"
#include "agents/police/history.hpp"
#include "agents/police/person.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source_row.hpp"

namespace mash::police {

namespace {

using runtime::json_text;
using runtime::Notification;
using runtime::postcode_of;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::revision_of;
using runtime::Row;
using runtime::SectionContent;
using runtime::sex_word;
using runtime::SourceMemory;
using runtime::SourceTime;

constexpr std::string_view format_name = "misper-csv";

const std::vector<std::string> needed_columns{"reportid", "misperid", "forenames",
                                              "surname",  "dob",      "missing_since"};

// National grades (domain.md C6). A grade that nobody knows is no reason to hold a missing child
// back: it counts as blank.
std::string grade_word(Row& row, std::string_view column) {
    std::string text = row.text(column).reveal();
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (text.empty()) return "";
    if (text == "low" || text == "medium" || text == "high") return text;
    if (text == "no apparent risk") return "none_apparent";
    row.note(column, "unknown_grade",
             "The risk grade is not one that we know; the report goes as not yet graded");
    return "";
}

struct Report {
    std::string report;  // the source's own keys: say nothing about a person
    std::string person;
    std::optional<SourceTime> missing_since;
    std::optional<SourceTime> reported;
    std::optional<SourceTime> traced;
    std::string grade_first;
    std::string grade_now;
    std::string revision;
    std::string earlier;       ///< reports of the same person, in words; "" = none that we know
    std::uint64_t number = 0;  ///< of the next notice after the start
    bool home = false;
    bool reopened = false;  ///< was closed in an earlier file
};

/// What was told of a report last: "REVISION open|closed NUMBER". Its words may come back to what
/// they were once (a grade that rises, falls and rises): only the number tells those two apart.
struct Told {
    std::string revision;
    bool open = false;
    std::uint64_t number = 0;
};

std::optional<Told> told(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    std::istringstream words(*text);
    Told out;
    std::string state;
    words >> out.revision >> state >> out.number;
    out.open = state == "open";
    return out;
}

std::string text_of(const Told& told) {
    return told.revision + (told.open ? " open " : " closed ") + std::to_string(told.number);
}

constexpr int recent_days = 90;
constexpr std::chrono::hours recent{24 * recent_days};

std::string in_words(const Episodes& episodes, const area::CivilDate& day) {
    if (episodes.earlier.empty()) return {};
    const std::string since =
        to_rfc3339(runtime::from_uk_local(day, 12 * 3600) - recent).substr(0, 10);
    const auto in_these = std::ranges::count_if(
        episodes.earlier, [&](const Episode& one) { return one.day >= since; });
    const auto all = episodes.earlier.size() + episodes.older;
    return std::to_string(all) + (all == 1 ? " earlier report" : " earlier reports") +
           ", the last on " + episodes.earlier.back().day + "; " + std::to_string(in_these) +
           " in the " + std::to_string(recent_days) + " days before";
}

/// When it happened, as an instant. A bare date is no midnight: the time of the report is the
/// instant we know.
WallTime occurred(const Report& report, const ReadContext& context) {
    if (report.missing_since && report.missing_since->instant)
        return *report.missing_since->instant;
    if (report.reported && report.reported->instant) return *report.reported->instant;
    if (report.missing_since) return runtime::from_uk_local(report.missing_since->date, 12 * 3600);
    return context.written_at;
}

bool is_under_18(std::string_view age) {
    unsigned years = 0;
    const auto [end, error] = std::from_chars(age.data(), age.data() + age.size(), years);
    return error == std::errc() && end == age.data() + age.size() && years < 18;
}

std::string said(const std::optional<SourceTime>& time) {
    if (!time) return "";
    return time->instant ? to_rfc3339(*time->instant) : area::to_text(time->date);
}

class MissingPersonReading final : public runtime::RowReading {
public:
    MissingPersonReading(const ReadContext& context, SourceMemory& memory, ReadFile& file)
        : RowReading(context, needed_columns, file),
          context_(context),
          memory_(memory),
          past_(memory, format_name, context.agency) {
        file.baseline = past_.is_baseline();
    }

private:
    void on_end() override {
        out().children = people_.count();
        past_.end_baseline();
    }

    void on_row(Row& row) override {
        ReadFile& file = out();
        const std::string person = row.text("misperid").reveal();
        // An adult is nobody we may speak of: not even a fault is told of that row. Where age and
        // birth date contradict each other, one of them is a slip.
        const bool born_too_early = runtime::is_adult(
            row.text("dob"),
            {row.text("missing_since"), row.text("date_reported_missing"), row.text("when_traced")},
            runtime::latest_of(context_));
        if (born_too_early && !is_under_18(row.text("age").reveal())) {
            // Whoever was a child in an earlier report has a date of birth that says more.
            if (!person_of(memory_, context_.agency, person)) {
                KnownPerson adult;
                adult.adult = true;
                keep_person(memory_, context_.agency, person, adult);
            }
            ++file.passed_over;
            return;
        }
        Report report;
        report.report = row.text("reportid").reveal();
        report.person = person;
        if (report.report.empty())
            return row.lose("reportid", "required",
                            "Without the report's own number a second sending could not be told "
                            "from a second child");
        report.missing_since = row.time("missing_since");
        report.reported = row.time("date_reported_missing");
        report.traced = row.time("when_traced");
        report.grade_first = grade_word(row, "initial_risk_level");
        report.grade_now = grade_word(row, "current_final_risk_level");
        if (report.grade_now.empty()) report.grade_now = report.grade_first;
        report.home = row.text("residence_type").reveal().empty() ||
                      row.text("residence_type").reveal().find("Home Address") == 0;
        report.revision = revision_of(
            {PersonalText(report.grade_now), PersonalText(said(report.missing_since)),
             row.text("missing_from"), row.text("circumstances"), row.text("mf_address"),
             row.text("forenames"), row.text("surname"), row.text("dob")});

        const auto& when = report.missing_since ? report.missing_since : report.reported;
        const std::string born =
            born_too_early ? "" : runtime::believed_birth_date(row.text("dob").reveal(), when);
        if (born.empty() && row.has("dob"))
            row.note("dob", "bad_date",
                     "The date of birth is not a date, or not that of a child of this age; the "
                     "report goes without it");
        KnownPerson known;
        known.forename = row.text("forenames");
        known.surname = row.text("surname");
        known.date_of_birth = PersonalText(born);
        if (report.home)
            known.postcode = PersonalText(postcode_of(row.text("mf_address").reveal()));
        keep_person(memory_, context_.agency, person, known);
        people_.add(report.person.empty() ? report.report : report.person);
        ++file.understood[report.traced ? "closed" : "open"];

        if (const auto& since = report.missing_since ? report.missing_since : report.reported) {
            report.earlier = in_words(note_episode(memory_, context_.agency, person,
                                                   {report.report, area::to_text(since->date)}),
                                      since->date);
        }

        const std::string& key = report.report;
        const auto seen = told(past_.before(key));
        Told now{report.revision, !report.traced, seen ? seen->number : 0};
        if (seen && seen->revision == now.revision && seen->open == now.open) {
            ++file.passed_over;
            return;
        }
        report.reopened = seen && !seen->open;
        const bool long_ago = report.traced && runtime::instant_of(*report.traced) + history_after <
                                                   context_.written_at;
        if (!seen && report.traced && (file.baseline || long_ago)) {
            // History: counted, remembered, raises nothing.
            ++file.passed_over;
            if (!file.baseline) ++file.understood["closed_long_ago"];
            past_.keep(key, text_of(now));
            return;
        }
        if (report.traced && report.reopened) {
            ++file.passed_over;  // a word changed in a report that is closed already
            past_.keep(key, text_of(now));
            return;
        }
        const auto add = [&](Notification notification) {
            auto& made = file.notifications.emplace_back(row.number(), std::move(notification));
            past_.keep_once_taken(made, key, text_of(now));
        };
        now.open = true;
        if (!seen) {
            add(started(row, report, context_, born));
        } else if (!report.traced) {
            report.number = ++now.number;
            add(updated(row, report, context_, born));
        }
        if (!report.traced) return;
        now.open = false;
        report.number = ++now.number;
        add(closed(row, report, *report.traced, context_, born));
    }

    static Notification common(Row& row, const Report& report, const ReadContext& context,
                               const std::string& born) {
        Notification out;
        out.agency = context.agency;
        out.role = context.role;
        out.thread_ref = "misper/" + report.report;
        out.facts.risk_grade = report.grade_now;
        auto& child = out.subject;
        child.forename = row.text("forenames");
        child.surname = row.text("surname");
        child.date_of_birth = PersonalText(born);
        child.nhs_number = row.text("nhs_number");
        child.school_urn = row.text("school_urn");
        const std::string address = row.text("mf_address").reveal();
        if (report.home) child.postcode = PersonalText(postcode_of(address));

        SectionContent identity;
        put(identity, "forenames", child.forename);
        put(identity, "surname", child.surname);
        put(identity, "date_of_birth", child.date_of_birth);
        put(identity, "sex", PersonalText(sex_word(row.text("sex").reveal())));
        put(identity, "nhs_number", child.nhs_number);
        const std::string local = nlohmann::json::array({"police person " + report.person}).dump();
        if (!report.person.empty()) identity.emplace("local_ids", PersonalText(local));
        out.sections["idn"] = std::move(identity);

        SectionContent risk;
        put(risk, "grade",
            PersonalText(report.grade_now.empty() ? "not yet graded" : report.grade_now));
        std::vector<std::string> factors;
        for (int question = 1; question <= 25; ++question) {
            const std::string column = "q_" + std::to_string(question);
            if (!row.has(column) || row.flag(column) != true) continue;
            const std::string why = row.text(column + "_explanation").reveal();
            factors.push_back(why.empty() ? "question " + std::to_string(question) + ": yes" : why);
        }
        if (!factors.empty()) {
            risk.emplace("factors", PersonalText(nlohmann::json(factors).dump(
                                        -1, ' ', false, nlohmann::json::error_handler_t::replace)));
        }
        put(risk, "previous_episodes", PersonalText(report.earlier));
        out.sections["rsk"] = std::move(risk);
        return out;
    }

    static void add_place(Notification& out, Row& row, const Report& report) {
        const PersonalText address = row.text("mf_address");
        if (address.reveal().empty()) return;
        // A children's home or foster home is a placement: it never travels as the home address.
        auto& section = out.sections[report.home ? "adr" : "plc"];
        put(section, "address", address);
        if (report.home) put(section, "postcode", out.subject.postcode);
    }

    static SectionContent event(const Report& report, std::string_view what,
                                const PersonalText& place) {
        SectionContent out;
        out.emplace("what", json_text(what));
        put(out, "date",
            PersonalText(report.missing_since ? area::to_text(report.missing_since->date) : ""));
        put(out, "reference", PersonalText(report.report));
        put(out, "time",
            PersonalText(report.missing_since && report.missing_since->instant
                             ? to_rfc3339(*report.missing_since->instant)
                             : ""));
        put(out, "place", place);
        return out;
    }

    static Notification started(Row& row, const Report& report, const ReadContext& context,
                                const std::string& born) {
        Notification out = common(row, report, context, born);
        out.source_ref = "misper/" + report.report + "/started/1/" + report.person;
        out.facts.type = TypeId("missing_episode_started");
        out.facts.occurred_at = occurred(report, context);
        out.sections["evt"] = event(report, "Reported missing", row.text("missing_from"));
        add_place(out, row, report);
        add_words(out, row);
        add_last_seen(out, row, report);
        return out;
    }

    static Notification updated(Row& row, const Report& report, const ReadContext& context,
                                const std::string& born) {
        Notification out = common(row, report, context, born);
        out.source_ref = "misper/" + report.report + "/updated/" + std::to_string(report.number) +
                         "/" + report.person;
        out.facts.type = TypeId("missing_episode_updated");
        out.facts.kind = report.grade_now == report.grade_first ? "information" : "risk_changed";
        // The export does not say when a word changed; the same row must give the same content
        // whenever it is read.
        out.facts.occurred_at = occurred(report, context);
        out.sections["evt"] = event(report,
                                    report.reopened ? "A closed report of a missing child is open "
                                                      "again"
                                                    : "New information about a missing child",
                                    row.text("missing_from"));
        add_place(out, row, report);
        add_words(out, row);
        // For whoever a higher risk brings in it is the first they hear of where to look.
        add_last_seen(out, row, report);
        return out;
    }

    static Notification closed(Row& row, const Report& report, const SourceTime& traced,
                               const ReadContext& context, const std::string& born) {
        Notification out = common(row, report, context, born);
        // A report may be opened again, and then ends once more.
        out.source_ref = "misper/" + report.report + "/closed/" + std::to_string(report.number) +
                         "/" + report.person;
        out.facts.type = TypeId("missing_episode_closed");
        out.facts.occurred_at =
            traced.instant ? *traced.instant : runtime::from_uk_local(traced.date, 12 * 3600);
        auto facts = event(report, "Found", PersonalText());
        put(facts, "ended_at", PersonalText(said(traced)));
        put(facts, "details", row.text("return_method_desc"));
        out.sections["evt"] = std::move(facts);
        SectionContent location;
        put(location, "found_place", row.text("TL_address"));
        put(location, "found_at", PersonalText(said(traced)));
        if (!location.empty()) out.sections["loc"] = std::move(location);
        return out;
    }

    static void add_last_seen(Notification& out, Row& row, const Report& report) {
        SectionContent location;
        put(location, "last_seen_place", row.text("missing_from"));
        put(location, "last_seen_at", PersonalText(said(report.missing_since)));
        if (!location.empty()) out.sections["loc"] = std::move(location);
    }

    static void add_words(Notification& out, Row& row) {
        const PersonalText words = row.text("circumstances");
        if (words.reveal().empty()) return;
        SectionContent concern;
        concern.emplace("worries", json_text(words.reveal()));
        out.sections["nar"] = std::move(concern);
    }

    const ReadContext& context_;
    SourceMemory& memory_;
    runtime::Snapshot past_;
    runtime::DistinctCount people_;
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_missing_person_csv() {
    return std::make_unique<runtime::RowFormat<MissingPersonReading>>(
        format_name, "Missing-person report CSV", needed_columns);
}

runtime::SourceFormats all_formats() {
    runtime::SourceFormats out;
    out.push_back(make_missing_person_csv());
    out.push_back(make_encompass_csv());
    out.push_back(make_concern_csv());
    out.push_back(runtime::make_roll_csv_format());
    out.push_back(runtime::make_json_format());
    return out;
}

}  // namespace mash::police
