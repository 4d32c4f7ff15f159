// The placement return as the set of CSV files that case systems write. Each is known by its header
// row; they come in any order and at any time. What the episodes say of a child waits until the
// header file has said who that is.
#include <map>
#include <set>

#include "agents/runtime/core/record_selector.hpp"
#include "agents/social_care/formats.hpp"
#include "agents/social_care/ssda903.hpp"

namespace mash::social_care {

namespace {

using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SourceMemory;

/// Far more than one authority has; what is held while a file is read is bounded by it.
constexpr std::size_t episodes_max = 200'000;

struct Table {
    std::string_view name;
    std::vector<std::string> columns;
};

class TableReading : public runtime::RowReading {
public:
    TableReading(const ReadContext& context, std::vector<std::string> needed, ReadFile& out)
        : RowReading(context, std::move(needed), out) {}

protected:
    virtual void on_child(const runtime::Row& row, const std::string& child, Record& record) = 0;
    virtual void on_last() {}

private:
    void on_row(runtime::Row& row) final {
        const std::string child = text(row, "CHILD");
        Record record(out(), row.number(), row.line());
        if (child.empty())
            return record.lose("CHILD", "required",
                               "Without the child's own number the row belongs to nobody");
        children_.add(child);
        on_child(row, child, record);
    }
    void on_end() final {
        out().children = children_.count();
        on_last();
    }
    runtime::DistinctCount children_;
};

class ReturnTable : public runtime::SourceFormat {
public:
    ReturnTable(std::string name, std::string title, std::vector<std::string> needed)
        : needed_(std::move(needed)), name_(std::move(name)), title_(std::move(title)) {}
    std::string_view name() const override { return name_; }
    std::string_view title() const override { return title_; }
    bool recognises(std::string_view head) const override {
        return runtime::has_columns(head, needed_);
    }

protected:
    std::vector<std::string> needed_;

private:
    std::string name_;
    std::string title_;
};

class HeaderTable final : public ReturnTable {
public:
    HeaderTable()
        : ReturnTable("ssda903-header", "Placement return: children (header)",
                      {"CHILD", "DOB", "SEX", "UPN"}) {}

private:
    struct Rows final : TableReading {
        Rows(const std::vector<std::string>& needed, const ReadContext& context,
             SourceMemory& memory, ReadFile& file)
            : TableReading(context, needed, file),
              known(context, memory),
              waiting(context, memory),
              events(context, memory, file, source::placements) {}
        void on_child(const runtime::Row& row, const std::string& id, Record& record) override {
            const Child child = placement_return_child(id, text(row, "UPN"), text(row, "DOB"),
                                                       text(row, "SEX"), record);
            known.remember(source::placements, child);
            const auto waits = waiting.find(id);
            if (!waits) return;
            record.count("episodes_waited_for_it");
            if (!tell(events, child, waits->what, waits->first_import, record)) waiting.drop(id);
        }
        void on_last() override { events.finish(); }
        KnownChildren known;
        WaitingChildren waiting;
        CareEvents events;
    };
    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<Rows>(needed_, context, memory, out);
    }
};

class EpisodesTable final : public ReturnTable {
public:
    EpisodesTable()
        : ReturnTable("ssda903-episodes", "Placement return: episodes",
                      {"CHILD", "DECOM", "RNE", "LS", "DEC", "REC"}) {}

private:
    struct Rows final : TableReading {
        Rows(const std::vector<std::string>& needed, const ReadContext& context,
             SourceMemory& memory, ReadFile& read_into)
            : TableReading(context, needed, read_into),
              file(read_into),
              known(context, memory),
              waiting(context, memory),
              events(context, memory, file, source::placements),
              first(context, memory, "ssda903-episodes") {
            file.baseline = first.is();
        }
        void on_child(const runtime::Row& row, const std::string& id, Record& record) override {
            const auto start = record.date("DECOM", text(row, "DECOM"));
            if (!start)
                return record.lose("DECOM", "required",
                                   "Say when the episode began: without it nobody can tell which "
                                   "episode is which");
            if (++held > episodes_max) return;
            auto episode = episode_of(text(row, "RNE"), text(row, "LS"), text(row, "REC"));
            episode.start = *start;
            const std::string end = text(row, "DEC");
            episode.end = record.date("DEC", end);
            // An end that cannot be read is no open episode.
            if (!end.empty() && !episode.end)
                return record.lose("DEC", "bad_date",
                                   "The end of the episode is not a date: whether it is open "
                                   "cannot be told");
            episode.record = row.number();
            episode.line = row.line();
            if (!episode.end) {
                record.count("open");
                open_children.insert(id);
                if (episode.short_break) record.count("short_breaks_open");
                episode.legal_status = text(row, "LS");
                episode.place = text(row, "PLACE");
                episode.postcode = text(row, "PL_POST");
            }
            children[id].push_back(std::move(episode));
        }
        void on_last() override {
            if (held > episodes_max) {
                return file.refuse("", "too_many",
                                   "The file has more episodes than one authority's return can "
                                   "have: nothing of it was used");
            }
            if (!open_children.empty()) file.understood["children_open"] = open_children.size();
            for (auto& [id, episodes] : children) {
                const auto what = looked_after(std::move(episodes));
                if (what.record == 0) continue;  // short breaks only
                Record record(file, what.record, what.line);
                note_oddities(what, record);
                if (what.seen.empty()) continue;
                if (const auto child = known.from(source::placements, id)) {
                    (void)tell(events, *child, what, first.is(), record);
                } else {
                    record.count("waiting_for_header");
                    waiting.keep(id, what, first.is());
                }
            }
            if (file.understood.contains("waiting_for_header")) {
                file.note(0, 0, "CHILD", "waiting_for_header",
                          "No header file has said yet who these children are: put the header "
                          "file of the same return into the folder, and what waits is sent");
            }
            events.finish();
            first.done();
        }
        ReadFile& file;
        KnownChildren known;
        WaitingChildren waiting;
        CareEvents events;
        FirstImport first;
        std::size_t held = 0;
        std::set<std::string> open_children;
        std::map<std::string, std::vector<Episode>> children;
    };
    // Whether a child is in care is told by all of their episodes: a mended one alone, that has
    // ended, would end it.
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers&, runtime::RecordSelector::Write write) const override {
        return runtime::select_all(std::move(write));
    }
    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<Rows>(needed_, context, memory, out);
    }
};

/// Counted, and nothing else: what is in there is nobody's business outside, or is told by others.
class CountedTable final : public ReturnTable {
public:
    CountedTable(const std::string& table, std::vector<std::string> needed)
        : ReturnTable("ssda903-" + table, "Placement return: " + table + " (counted only)",
                      std::move(needed)) {}

private:
    struct Rows final : TableReading {
        using TableReading::TableReading;
        void on_child(const runtime::Row& row, const std::string&, Record& record) override {
            const std::string missing = text(row, "MISSING");
            if (missing.empty()) return;
            record.count(missing == "M" ? "missing" : "away_without_authorisation");
            if (!text(row, "MIS_END").empty()) return;
            record.count("not_back");
            record.note("MIS_END", "not_back",
                        "This child is not back. This file reports nobody missing: if police do "
                        "not know, ring them now");
        }
    };
    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory&,
                                                  ReadFile& out) const override {
        return std::make_unique<Rows>(context, needed_, out);
    }
};

}  // namespace

void add_ssda903_csv(runtime::SourceFormats& formats) {
    formats.push_back(std::make_unique<EpisodesTable>());
    formats.push_back(std::make_unique<HeaderTable>());
    const Table counted[] = {{"missing", {"CHILD", "MISSING", "MIS_START"}},
                             {"reviews", {"CHILD", "REVIEW", "REVIEW_CODE"}},
                             {"uasc", {"CHILD", "DUC"}},
                             {"oc2", {"CHILD", "SDQ_SCORE"}},
                             {"oc3", {"CHILD", "IN_TOUCH"}},
                             {"ad1", {"CHILD", "DATE_INT"}},
                             {"placed-for-adoption", {"CHILD", "DATE_PLACED"}},
                             {"previous-permanence", {"CHILD", "PREV_PERM"}},
                             {"social-worker", {"CHILD", "SW_ID"}}};
    for (const auto& table : counted)
        formats.push_back(std::make_unique<CountedTable>(std::string(table.name), table.columns));
}

}  // namespace mash::social_care
