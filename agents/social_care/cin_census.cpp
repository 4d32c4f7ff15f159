// The children in need census (formats.md 3.1). Local number and UPN only: names and NHS numbers
// come from what other files said of the same local number.
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/xml.hpp"
#include "agents/social_care/care_status.hpp"
#include "agents/social_care/formats.hpp"
#include "agents/social_care/ssda903.hpp"

namespace mash::social_care {

namespace {

using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SourceMemory;
using runtime::XmlElement;

bool says_yes(std::string_view word) {
    return word == "true" || word == "1" || word == "True" || word == "Y" || word == "Yes";
}

const std::vector<std::string> record_paths{"Message/Children/Child"};

/// Nobody born then is a child, and no calendar of ours goes so far back.
bool is_long_ago(std::string_view date) {
    return date.size() >= 10 && date[4] == '-' && date.substr(0, 4) < "1970" &&
           date.substr(0, 4) > "1000";
}

std::string category_word(std::string_view code) {
    if (code == "NEG") return "neglect";
    if (code == "PHY") return "physical abuse";
    if (code == "SAB") return "sexual abuse";
    if (code == "EMO") return "emotional abuse";
    if (code == "MUL") return "multiple";
    return std::string(code);
}

class CinCensus final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "cin-census"; }
    std::string_view title() const override { return "Children in need census XML, 2017 to 2026"; }

    bool recognises(std::string_view head) const override {
        const auto root = runtime::xml_root(head);
        return root && root->first == "Message" && head.find(">CIN<") != std::string_view::npos;
    }

    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return runtime::select_xml(record_paths, records, std::move(write));
    }
    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<Reading>(context, memory, out);
    }

private:
    struct Reading final : runtime::SourceReading {
        Reading(const ReadContext& context_of, SourceMemory& memory_of, ReadFile& file_of)
            : context(context_of),
              memory(memory_of),
              file(file_of),
              known(context, memory),
              first(context, memory, "cin-census"),
              newest_key("social-care/" + context.agency.value() + "/newest/cin-census"),
              reader(record_paths, [this](runtime::XmlFound&& found) { element(found); }) {
            file.baseline = first.is();
        }

        bool feed(std::string_view piece) override {
            whole = whole && reader.feed(piece).has_value();
            return whole;
        }

        void element(const runtime::XmlFound& found) {
            if (found.number == 0) {
                if (found.element.name == "Header") header(found.element);
                return;
            }
            ++file.records;
            Record record(file, found.number, found.line);
            if (older)
                return record.lose("", "older_file",
                                   "A census that was made later was read before: what this one "
                                   "says may be over. Nothing of it was used");
            CareEvents& told =
                events ? *events : events.emplace(context, memory, file, source::census, as_of);
            if (found.too_large)
                return record.lose("", "too_large", "This child's record is far too long");
            child(found.element, told, record);
        }

        void header(const XmlElement& element) {
            made_at = text(element, "Source/DateTime");
            if (made_at.empty()) made_at = text(element, "CollectionDetails/ReferenceDate");
            if (const auto when = runtime::parse_source_time(made_at)) {
                made_at = to_rfc3339(when->instant.value_or(noon_of(when->date)));
                as_of = when->date;
            } else {
                made_at.clear();
            }
            const auto before = memory.get(newest_key);
            older = before && !made_at.empty() && made_at < *before;
            const std::string year = text(element, "CollectionDetails/Year");
            file.version = year;
            if (year.size() != 4 || year < "2017" || year > "2026")
                file.note(0, 0, "Year", "unknown_year",
                          "The census is of a year that we do not know: what we know of it was "
                          "used");
        }

        void child(const XmlElement& element, CareEvents& told, Record& record) {
            const XmlElement* identifiers = element.child("ChildIdentifiers");
            const std::string id =
                identifiers == nullptr ? std::string() : text(*identifiers, "LAchildID");
            if (identifiers == nullptr || id.empty())
                return record.lose("LAchildID", "required",
                                   "Without the child's own number the record belongs to nobody");
            ++file.children;
            const Child child = who(*identifiers, id, record);
            known.remember(source::census, child);

            std::vector<Span> plans;
            std::string category;
            bool in_need = false;
            bool adopted = false;
            for (const auto* details : element.all("CINdetails")) {
                const bool closed = details->child("CINclosureDate") != nullptr &&
                                    !text(*details, "CINclosureDate").empty();
                record.count(closed ? "referrals_closed" : "referrals_open");
                in_need = in_need || (!closed && !says_yes(text(*details, "ReferralNFA")));
                adopted = adopted || text(*details, "ReasonForClosure") == "RC1";
                for (const auto* enquiry : details->all("Section47")) {
                    (void)enquiry;
                    record.count("section_47_enquiries");
                }
                for (const auto* plan : details->all("ChildProtectionPlans"))
                    read_plan(*plan, plans, category, record);
            }
            Seen seen = seen_of(plans);
            seen.detail = category_word(category);
            told.compare(child, Status::protection_plan, seen, record);
            if (in_need && !child.subject.unborn) told.involve(child);
            if (adopted && !in_need) told.sever(child);
        }

        static Child who(const XmlElement& identifiers, const std::string& id, Record& record) {
            std::string born = text(identifiers, "PersonBirthDate");
            const bool long_ago = is_long_ago(born);
            if (long_ago) born.clear();
            std::string sex = text(identifiers, "Sex");
            if (sex.empty()) sex = text(identifiers, "GenderCurrent");
            Child out = placement_return_child(id, text(identifiers, "UPN"), born, sex, record);
            if (auto former = text(identifiers, "FormerUPN"); !former.empty()) {
                if (runtime::normalise_upn(former).empty())
                    record.note("FormerUPN", "check_failed",
                                "The UPN does not pass its check and is not used to match");
                out.subject.former_upns.emplace_back(std::move(former));
            }
            out.grown_up = long_ago;
            out.died = !text(identifiers, "PersonDeathDate").empty();
            if (!long_ago && out.subject.date_of_birth.reveal().empty()) {
                const auto due = record.date("ExpectedPersonBirthDate",
                                             text(identifiers, "ExpectedPersonBirthDate"));
                if (due) {
                    out.due_date = area::to_text(*due);
                    out.subject.unborn = true;
                }
            }
            return out;
        }

        static void read_plan(const XmlElement& plan, std::vector<Span>& plans,
                              std::string& category, Record& record) {
            const std::string end = text(plan, "CPPendDate");
            record.count(end.empty() ? "plans_open" : "plans_ended");
            const auto start = record.date("CPPstartDate", text(plan, "CPPstartDate"));
            const auto ended = record.date("CPPendDate", end);
            // Whether it is open, or since when, cannot be told.
            if (!start || (!end.empty() && !ended)) return;
            if (end.empty()) category = text(plan, "LatestCategoryOfAbuse");
            plans.push_back({*start, ended});
        }

        void finish() override {
            whole = whole && reader.finish().has_value();
            if (events) events->finish();
            if (!whole) return note_xml_fault(file, reader.fault());
            if (older) return;
            first.done();
            if (!made_at.empty()) memory.put(newest_key, made_at);
        }

        const ReadContext& context;
        SourceMemory& memory;
        ReadFile& file;
        KnownChildren known;
        FirstImport first;
        std::string newest_key;
        std::string made_at;
        bool whole = true;
        bool older = false;
        std::optional<area::CivilDate> as_of;
        std::optional<CareEvents> events;
        runtime::XmlReader reader;
    };
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_cin_census() { return std::make_unique<CinCensus>(); }

}  // namespace mash::social_care
