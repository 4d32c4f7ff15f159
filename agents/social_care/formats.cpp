#include "agents/social_care/formats.hpp"

#include "agents/runtime/core/record_selector.hpp"
#include "agents/social_care/known_children.hpp"

namespace mash::social_care {

namespace {

class CaseloadCsv final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return roll_->name(); }
    std::string_view title() const override { return roll_->title(); }
    bool recognises(std::string_view head) const override { return roll_->recognises(head); }
    std::unique_ptr<runtime::SourceReading> begin(const runtime::ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  runtime::ReadFile& out) const override {
        return std::make_unique<Reading>(roll_->begin(context, memory, out), context, memory, out);
    }
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return roll_->select(records, std::move(write));
    }

private:
    class Reading final : public runtime::SourceReading {
    public:
        Reading(std::unique_ptr<runtime::SourceReading> roll, const runtime::ReadContext& context,
                runtime::SourceMemory& memory, runtime::ReadFile& out)
            : roll_(std::move(roll)), known_(context, memory), out_(out) {}
        bool feed(std::string_view piece) override { return roll_->feed(piece); }
        void finish() override {
            roll_->finish();
            for (const auto& roll : out_.rolls) {
                if (roll.relation != "social_worker") continue;
                for (const auto& entry : roll.entries) remember(entry);
            }
        }

    private:
        void remember(const runtime::RollEntry& entry) {
            if (entry.source_ref.empty()) return;
            Child child;
            child.local_id = entry.source_ref;
            child.subject = entry.subject;
            child.due_date = entry.subject.due_date.reveal();
            known_.remember(source::caseload, child);
        }
        std::unique_ptr<runtime::SourceReading> roll_;
        KnownChildren known_;
        runtime::ReadFile& out_;
    };

    std::unique_ptr<runtime::SourceFormat> roll_ = runtime::make_roll_csv_format();
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_caseload_csv() {
    return std::make_unique<CaseloadCsv>();
}

runtime::SourceFormats all_formats() {
    runtime::SourceFormats out;
    out.push_back(make_caseload_csv());
    add_ssda903_csv(out);
    add_annex_a(out);
    out.push_back(make_cin_census());
    out.push_back(make_ssda903_xml());
    out.push_back(make_dfe_api());
    out.push_back(runtime::make_json_format());
    return out;
}

}  // namespace mash::social_care
