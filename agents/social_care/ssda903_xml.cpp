// The placement return as one XML file: each child with header and episodes, so nothing waits.
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/xml.hpp"
#include "agents/social_care/formats.hpp"
#include "agents/social_care/ssda903.hpp"

namespace mash::social_care {

namespace {

using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SourceMemory;
using runtime::XmlElement;

const std::vector<std::string> record_paths{"*/CHILD"};

class PlacementReturnXml final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "ssda903-xml"; }
    std::string_view title() const override { return "Placement return XML (EXPSSDA903)"; }

    bool recognises(std::string_view head) const override {
        const auto root = runtime::xml_root(head);
        return root && root->first.ends_with("SSDA903");
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
        Reading(const ReadContext& context, SourceMemory& memory, ReadFile& read_into)
            : file(read_into),
              known(context, memory),
              events(context, memory, file, source::placements),
              // One baseline for both forms of the return.
              first(context, memory, "ssda903-episodes"),
              reader(record_paths, [this](runtime::XmlFound&& found) { element(found); }) {
            file.baseline = first.is();
        }
        bool feed(std::string_view piece) override {
            whole = whole && reader.feed(piece).has_value();
            return whole;
        }
        void finish() override {
            whole = whole && reader.finish().has_value();
            events.finish();
            if (!whole) return note_xml_fault(file, reader.fault());
            first.done();
        }
        void element(const runtime::XmlFound& found) {
            if (found.number == 0) return;
            ++file.records;
            Record record(file, found.number, found.line);
            if (found.too_large)
                return record.lose("", "too_large", "This child's record is far too long");
            read_child(found.element, first.is(), known, events, file, record);
        }
        ReadFile& file;
        KnownChildren known;
        CareEvents events;
        FirstImport first;
        bool whole = true;
        runtime::XmlReader reader;
    };

    static void read_child(const XmlElement& element, bool first_import, KnownChildren& known,
                           CareEvents& events, ReadFile& file, Record& record) {
        const XmlElement* header = element.child("HEADER");
        const std::string id = header == nullptr ? std::string() : text(*header, "CHILDID");
        if (header == nullptr || id.empty())
            return record.lose("CHILDID", "required",
                               "Without the child's own number the record belongs to nobody");
        ++file.children;
        const Child child = placement_return_child(id, text(*header, "UPN"), text(*header, "DOB"),
                                                   text(*header, "SEX"), record);
        known.remember(source::placements, child);
        std::vector<Episode> episodes;
        for (const auto* each : element.all("EPISODE")) {
            record.count("episodes");
            const std::string end = text(*each, "DEC");
            if (end.empty()) record.count("open");
            const auto start = record.date("DECOM", text(*each, "DECOM"));
            auto episode = episode_of(text(*each, "RNE"), text(*each, "LS"), text(*each, "REC"));
            episode.end = record.date("DEC", end);
            // An end that cannot be read is no open episode.
            if (!start || (!end.empty() && !episode.end)) continue;
            episode.start = *start;
            episode.legal_status = text(*each, "LS");
            episode.place = text(*each, "PL");
            episode.postcode = text(*each, "PL_POST");
            episodes.push_back(std::move(episode));
        }
        if (episodes.empty()) return;
        const auto what = looked_after(std::move(episodes));
        note_oddities(what, record);
        if (what.open > 0) record.count("children_open");
        (void)tell(events, child, what, first_import, record);
    }
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_ssda903_xml() {
    return std::make_unique<PlacementReturnXml>();
}

}  // namespace mash::social_care
