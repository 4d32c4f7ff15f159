#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

#include "agents/runtime/core/csv.hpp"

namespace mash::runtime_shell {

namespace {

class ScriptedReading final : public runtime::SourceReading {
public:
    ScriptedReading(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                    runtime::ReadFile& out)
        : context_(context), memory_(memory), out_(out) {}
    bool feed(std::string_view piece) override {
        if (!broken_) broken_ = !reader_.feed(piece).has_value();
        return !broken_;
    }
    void finish() override {
        if (broken_) return;
        (void)reader_.finish().has_value();
        memory_.put("scripted/read", "yes");
    }

private:
    void take(const runtime::CsvRecord& record) {
        if (record.number == 0 && record.cells.size() > 1 && record.cells[1].reveal() == "broken") {
            broken_ = true;
            out_.faults.push_back(
                {0, 1, "broken", "missing_column", "The column what is missing", true});
        }
        if (broken_) return;
        if (record.number == 0 || record.cells.size() < 2) return;
        ++out_.records;
        const std::string ref = record.cells[0].reveal();
        const std::string what = record.cells[1].reveal();
        if (what == "bad") {
            out_.faults.push_back(
                {record.number, record.line, "what", "bad_value", "Write send", true});
            out_.rejected_records.push_back(record.number);
            return;
        }
        if (what == "history") {
            memory_.put("scripted:" + ref, "history");
            return;
        }
        if (what == "roll") {
            runtime::ReplaceRoll roll;
            roll.seat = {context_.agency, context_.role};
            roll.relation = "on_roll";
            roll.entries.push_back({{}, ref});
            out_.rolls.push_back(std::move(roll));
            return;
        }
        if (what == "warn")
            out_.faults.push_back(
                {record.number, record.line, "colour", "unknown_word", "Use a known word", false});
        if (memory_.get("scripted:" + ref)) {
            ++out_.passed_over;
            return;
        }
        runtime::Notification made;
        made.source_ref = ref;
        made.agency = context_.agency;
        made.facts.type = TypeId(what == "concern" || what == "calm" ? "safeguarding_referral"
                                 : what == "update"                  ? "missing_episode_updated"
                                                                     : "missing_episode_started");
        if (what == "calm") made.facts.harm = wire::Harm::none;
        auto& added = out_.notifications.emplace_back(record.number, made);
        memory_.put_once_taken(added, "scripted:" + ref, "sent");
        if (what != "pair") return;
        made.source_ref = ref + "-end";
        auto& end = out_.notifications.emplace_back(record.number, made);
        memory_.put_once_taken(end, "scripted:" + ref, "ended");
    }

    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& out_;
    bool broken_ = false;
    runtime::CsvReader reader_{[this](runtime::CsvRecord&& record) { take(record); }};
};

class ScriptedFormat final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "scripted-csv"; }
    std::string_view title() const override { return "A CSV of the tests"; }
    bool recognises(std::string_view head) const override { return head.starts_with("ref,"); }
    std::unique_ptr<runtime::SourceReading> begin(const runtime::ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  runtime::ReadFile& out) const override {
        return std::make_unique<ScriptedReading>(context, memory, out);
    }
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_scripted_format() {
    return std::make_unique<ScriptedFormat>();
}

}  // namespace mash::runtime_shell
