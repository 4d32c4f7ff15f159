// Lists of the inspection return (Annex A), each saved as a CSV of its own. They know a child by
// number and birth date only.
#include <map>

#include "agents/runtime/core/identity.hpp"
#include "agents/social_care/care_status.hpp"
#include "agents/social_care/formats.hpp"
#include "agents/social_care/ssda903.hpp"

namespace mash::social_care {

namespace {

using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SourceMemory;

constexpr std::string_view source_name = "annex-a";
constexpr std::size_t spans_max = 100'000;

/// What one list is about, by the columns that make it that list.
struct List {
    int number = 0;
    std::string_view title;
    std::string_view day;  ///< the column that it is known by
    std::string_view end;  ///< "" when nothing of it is open or closed
};

constexpr List lists[] = {
    {1, "contacts", "Date of Contact", ""},
    {3, "referrals", "Date of Referral", ""},
    {5, "section 47 enquiries", "Strategy discussion initiating Section 47 Enquiry Start Date", ""},
    {6, "children in need", "CIN Start Date", "CIN Closure Date"},
    {7, "child protection plans", "Child Protection Plan Start Date",
     "Child Protection Plan End Date"},
    {8, "children looked after", "Date Started to be Looked After",
     "Date Ceased to be Looked After"}};

struct OfChild {
    Child child;
    std::vector<Span> spans;
    std::string detail;
    std::optional<Placement> placement;
    bool has_worker = false;
    bool adopted = false;
    std::uint64_t record = 0;
    std::uint64_t line = 0;
};

class AnnexList final : public runtime::SourceFormat {
public:
    explicit AnnexList(const List& list)
        : list_(list),
          name_("annex-a-list-" + std::to_string(list.number)),
          title_("Annex A list " + std::to_string(list.number) + ": " + std::string(list.title)) {}
    std::string_view name() const override { return name_; }
    std::string_view title() const override { return title_; }
    bool recognises(std::string_view head) const override {
        return runtime::has_columns(head, needed());
    }

    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<Reading>(*this, context, memory, out);
    }

private:
    struct Reading final : runtime::RowReading {
        Reading(const AnnexList& of, const ReadContext& context_of, SourceMemory& memory_of,
                ReadFile& out)
            : RowReading(context_of, of.needed(), out),
              list(of),
              context(context_of),
              memory(memory_of),
              events(context, memory, out, source_name),
              first(context, memory, of.name_) {
            out.baseline = first.is();
        }
        void on_row(runtime::Row& row) override {
            Record record(out(), row.number(), row.line());
            const std::string id = text(row, "Child Unique ID");
            if (id.empty())
                return record.lose("Child Unique ID", "required",
                                   "Without the child's own number the row belongs to nobody");
            seen.add(id);
            if (list.list_.end.empty() || ++held > spans_max) return;
            if (list.read_span(row, id, children[id], record) && list.list_.number == 8)
                interview(context, memory, events, row, id, first.is(), record);
        }
        void on_end() override {
            out().children = seen.count();
            if (held > spans_max)
                return out().refuse("", "too_many",
                                    "The list has more rows than one authority's can have: no "
                                    "status of it was used");
            for (auto& [id, each] : children) {
                if (each.spans.empty()) continue;
                Record record(out(), each.record, each.line);
                list.tell_of(events, each, first.is(), record);
            }
            events.finish();
            first.done();
        }
        const AnnexList& list;
        const ReadContext& context;
        SourceMemory& memory;
        CareEvents events;
        FirstImport first;
        runtime::DistinctCount seen;
        std::map<std::string, OfChild> children;
        std::size_t held = 0;
    };

    std::vector<std::string> needed() const {
        return {"Child Unique ID", "Date of Birth", std::string(list_.day)};
    }

    static Child child_of(const runtime::Row& row, const std::string& id, Record& record) {
        Child out;
        out.local_id = id;
        out.sex = runtime::sex_word(without_letter(text(row, "Gender")));
        const std::string given = text(row, "Date of Birth");
        const std::string born = spreadsheet_date(given);
        if (!given.empty() && born.empty())
            record.note("Date of Birth", "bad_date",
                        "The date of birth is not a date; the row is used without it");
        out.subject.date_of_birth = PersonalText(born);
        return out;
    }

    /// False: the row gave nothing.
    bool read_span(const runtime::Row& row, const std::string& id, OfChild& out,
                   Record& record) const {
        const auto lost = [&](std::string_view field, std::string rule, std::string message) {
            record.lose(field, std::move(rule), std::move(message));
            return false;
        };
        const auto start = record.date(list_.day, spreadsheet_date(text(row, list_.day)));
        const std::string end_given = text(row, list_.end);
        const auto end = record.date(list_.end, spreadsheet_date(end_given));
        if (!start)
            return lost(list_.day, "required",
                        "Say since when: without it nobody can tell what is news");
        if (!end_given.empty() && !end)
            return lost(list_.end, "bad_date",
                        "The end is not a date: whether it is open cannot be told");
        record.count(end ? "ended" : "open");
        if (list_.number == 8 && is_short_break(row)) {
            record.count("short_breaks");
            return true;
        }
        out.child = child_of(row, id, record);
        out.spans.push_back({*start, end});
        // The row that decides: an open one, else the latest.
        if (out.record == 0 || !end || out.spans.size() == 1) {
            out.record = row.number();
            out.line = row.line();
        }
        const std::string reason = text(row, "Reason Ceased to be Looked After");
        out.adopted = out.adopted || reason.contains("E11") || reason.contains("E12");
        if (end) return true;
        const std::string worker = text(row, "Allocated Worker");
        out.has_worker = out.has_worker || !worker.empty();
        if (list_.number == 7) out.detail = text(row, "Latest Category of Abuse");
        if (list_.number != 8) return true;
        out.detail = text(row, "Child's Legal Status");
        const auto since = runtime::parse_source_time(
            spreadsheet_date(text(row, "Start Date of Most Recent Placement")));
        if (!since) return true;
        const std::string type = without_letter(text(row, "Placement Type"));
        out.placement =
            Placement{since->date, type.substr(0, type.find(':')),
                      runtime::normalise_postcode(text(row, "Placement postcode")), false};
        return true;
    }

    static bool is_short_break(const runtime::Row& row) {
        const std::string status = without_letter(text(row, "Child's Legal Status"));
        return status.starts_with("V3") || status.starts_with("V4");
    }

    void tell_of(CareEvents& events, OfChild& each, bool first_import, Record& record) const {
        const Seen seen = [&] {
            Seen out = seen_of(each.spans);
            out.detail = each.detail;
            return out;
        }();
        if (list_.number == 7) events.compare(each.child, Status::protection_plan, seen, record);
        if (list_.number == 8) {
            events.compare(each.child, Status::looked_after, seen, record);
            if (each.placement && seen.open_since &&
                events.is_open(each.child.local_id, Status::looked_after))
                events.compare_placement(each.child, *each.placement, first_import, record);
        }
        if (each.has_worker && seen.open_since) events.involve(each.child);
        if (each.adopted && !seen.open_since) events.sever(each.child);
    }

    /// The column's name holds quotes, as a word processor sets them or as a keyboard does.
    static std::string missing_episodes(const runtime::Row& row) {
        for (const auto& [left, right] : {std::pair("\xE2\x80\x98", "\xE2\x80\x99"),
                                          std::pair("\x91", "\x92"), std::pair("'", "'")}) {
            const std::string found =
                text(row, "Number of Episodes the Child has been " + std::string(left) + "Missing" +
                              right + " from their Placement in the last 12 months");
            if (!found.empty()) return found;
        }
        return "";
    }

    /// The list says of the last missing episode only whether an interview was offered and
    /// accepted: news is a count of episodes that rose with an answer, or an answer that came.
    static void interview(const ReadContext& context, SourceMemory& memory, CareEvents& events,
                          const runtime::Row& row, const std::string& id, bool first_import,
                          Record& record) {
        const std::string episodes = missing_episodes(row);
        const std::string offered = without_letter(text(
            row,
            "Was the child offered a Return Interview after their last missing episode (Y/N)?"));
        const std::string accepted = without_letter(text(
            row,
            "Did the child accept a Return Interview after their last missing episode (Y/N)?"));
        if (episodes.empty() || episodes == "0" || offered.empty()) return;
        const bool was_offered = offered.front() == 'Y' || offered.front() == 'y';
        if (was_offered && accepted.empty()) return;
        const bool was_accepted =
            was_offered && (accepted.front() == 'Y' || accepted.front() == 'y');
        const std::string kind = !was_offered   ? "not_offered"
                                 : was_accepted ? "accepted"
                                                : "declined";
        record.count("interviews_" + kind);
        const std::string key = "social-care/" + context.agency.value() + "/interview/" + id;
        const std::string now = episodes.substr(0, 8) + " " + kind;
        if (memory.get(key) == now) return;
        // That it was held, and what the child said, is told by whoever held it.
        if (first_import || was_accepted) return memory.put(key, now);
        events.say_interview(child_of(row, id, record), kind, episodes.substr(0, 8), key, now,
                             record);
    }

    const List& list_;
    std::string name_;
    std::string title_;
};

}  // namespace

void add_annex_a(runtime::SourceFormats& formats) {
    for (const auto& list : lists) formats.push_back(std::make_unique<AnnexList>(list));
}

}  // namespace mash::social_care
