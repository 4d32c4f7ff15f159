#include "agents/health/adt_events.hpp"
#include "agents/health/formats.hpp"

namespace mash::health {

namespace {

/// A hospital's first messages are its baseline (formats.md part 0).
class Baseline {
public:
    Baseline(const runtime::ReadContext& context, runtime::SourceMemory& memory,
             runtime::ReadFile& file)
        : memory_(memory), key_("hl7-adt/" + context.agency.value() + "/baseline") {
        file.format = "hl7-adt";
        file.baseline = !memory.get(key_);
    }
    void done(const runtime::ReadFile& file) {
        if (file.records > 0 && file.baseline) memory_.put(key_, "done");
    }

private:
    runtime::SourceMemory& memory_;
    std::string key_;
};

class Hl7Adt final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "hl7-adt"; }
    std::string_view title() const override { return "HL7 v2 ADT messages"; }

    bool recognises(std::string_view head) const override {
        if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
        const auto begin = head.find_first_not_of("\r\n \t\x0B");
        if (begin == std::string_view::npos) return false;
        head.remove_prefix(begin);
        const auto name = head.substr(0, 3);
        // The separator is any sign; a CSV whose first column begins so goes on with a letter or
        // comma.
        return head.size() > 4 && (name == "MSH" || name == "FHS" || name == "BHS") &&
               std::string_view("|^~&!#$%*+/").find(head[3]) != std::string_view::npos;
    }

    runtime::ReadFile read(std::string_view content, const runtime::ReadContext& context,
                           runtime::SourceMemory& memory) const override {
        runtime::ReadFile file;
        Baseline baseline(context, memory, file);
        AdtEvents events(context, memory, file);
        Hl7FileReader reader([&](const Hl7FileReader::Found& found) {
            ++file.records;
            const auto lose = [&](std::string rule, std::string words) {
                file.faults.push_back(
                    {found.number, found.line, "MSH", std::move(rule), std::move(words), true});
                file.rejected_records.push_back(found.number);
            };
            if (found.too_large)
                return lose("too_large", "The message is larger than 1 MiB: it was not read");
            const auto message = Hl7Message::read(found.text);
            if (!message)
                return lose("malformed",
                            "The header does not say which delimiters the message uses");
            events.take(read_adt(*message), found.number, found.line);
        });
        reader.feed(content);
        reader.finish();
        file.children = events.children();
        if (file.records == 0)
            file.faults.push_back({0, 0, "MSH", "no_message", "The file holds no message", true});
        else if (reader.lines_outside() > 0)
            file.faults.push_back({0, 0, "", "stray_line",
                                   "Lines outside any message were left out: was the file cut?",
                                   false});
        baseline.done(file);
        return file;
    }
};

}  // namespace

runtime::ReadFile read_hl7_message(const Hl7Message& message, const runtime::ReadContext& context,
                                   runtime::SourceMemory& memory) {
    runtime::ReadFile file;
    Baseline baseline(context, memory, file);
    file.records = 1;
    AdtEvents events(context, memory, file);
    events.take(read_adt(message), 1, 1);
    file.children = events.children();
    baseline.done(file);
    return file;
}

std::unique_ptr<runtime::SourceFormat> make_hl7_adt() { return std::make_unique<Hl7Adt>(); }

}  // namespace mash::health
