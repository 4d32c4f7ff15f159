#include "agents/social_care/formats.hpp"

#include "agents/social_care/known_children.hpp"

namespace mash::social_care {

namespace {

class CaseloadCsv final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return roll_->name(); }
    std::string_view title() const override { return roll_->title(); }
    bool recognises(std::string_view head) const override { return roll_->recognises(head); }
    runtime::ReadFile read(std::string_view content, const runtime::ReadContext& context,
                           runtime::SourceMemory& memory) const override {
        auto file = roll_->read(content, context, memory);
        KnownChildren known(context, memory);
        for (const auto& roll : file.rolls) {
            if (roll.relation != "social_worker") continue;
            for (const auto& entry : roll.entries) {
                if (entry.source_ref.empty()) continue;
                Child child;
                child.local_id = entry.source_ref;
                child.subject = entry.subject;
                known.remember(source::caseload, child);
            }
        }
        return file;
    }

private:
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
