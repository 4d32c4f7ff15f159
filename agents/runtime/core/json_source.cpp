#include "agents/runtime/core/json_reader.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::runtime {

namespace {

class JsonReading final : public SourceReading {
public:
    JsonReading(const ReadContext& context, ReadFile& out)
        : context_(context), out_(out), reader_("", [this](JsonFound&& found) { add(found); }) {}

    bool feed(std::string_view piece) override {
        if (fit_ && !reader_.feed(piece)) refuse();
        return fit_;
    }
    void finish() override {
        if (fit_ && !reader_.finish()) refuse();
    }

private:
    void add(const JsonFound& found) {
        ++out_.records;
        if (found.too_large) {
            return out_.lose(out_.records, found.line, "", "too_large",
                             "The notification is larger than any may be: shorten its texts");
        }
        auto parsed = notification_from_json(found.text.reveal());
        if (!parsed.faults.empty()) {
            for (auto& fault : parsed.faults) {
                out_.faults.push_back(
                    {out_.records, found.line, fault.path, fault.rule, fault.message, true});
            }
            out_.rejected_records.push_back(out_.records);
            return;
        }
        if (parsed.notification.agency.empty()) parsed.notification.agency = context_.agency;
        if (parsed.notification.role.empty()) parsed.notification.role = context_.role;
        ++out_.children;
        out_.notifications.push_back({out_.records, std::move(parsed.notification)});
    }

    void refuse() {
        fit_ = false;
        if (reader_.too_deep()) {
            out_.refuse("", "too_deep",
                        "The file is nested far deeper than any notification from this line on: "
                        "nothing after it was used",
                        reader_.line());
        } else if (reader_.cut_off()) {
            out_.refuse("", "cut_off",
                        "The file ends inside a notification or before its list does: those before "
                        "were used; send the whole file again",
                        reader_.line());
        } else {
            out_.refuse("", "not_json",
                        "The file is not JSON from this line on: one notification in curly "
                        "brackets, or a list of them in square brackets",
                        reader_.line());
        }
    }

    const ReadContext& context_;
    ReadFile& out_;
    JsonReader reader_;
    bool fit_ = true;
};

class JsonFormat final : public SourceFormat {
public:
    std::string_view name() const override { return "mash-json"; }
    std::string_view title() const override { return "Notification JSON (agents/README.md)"; }
    std::unique_ptr<RecordSelector> select(const RecordNumbers& records,
                                           RecordSelector::Write write) const override {
        return select_json(records, std::move(write));
    }

    bool recognises(std::string_view head) const override {
        const auto first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
    }

    std::unique_ptr<SourceReading> begin(const ReadContext& context, SourceMemory&,
                                         ReadFile& out) const override {
        return std::make_unique<JsonReading>(context, out);
    }
};

}  // namespace

std::unique_ptr<SourceFormat> make_json_format() { return std::make_unique<JsonFormat>(); }

}  // namespace mash::runtime
