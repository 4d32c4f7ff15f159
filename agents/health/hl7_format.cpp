#include <algorithm>

#include "agents/health/adt_events.hpp"
#include "agents/health/formats.hpp"
#include "agents/runtime/core/record_selector.hpp"

namespace mash::health {

namespace {

constexpr std::string_view format_name = "hl7-adt";

/// A hospital's first messages are its baseline (formats.md part 0).
class Hl7Reading final : public runtime::SourceReading {
public:
    Hl7Reading(const runtime::ReadContext& context, runtime::SourceMemory& memory,
               runtime::ReadFile& out)
        : out_(out),
          snapshot_(memory, format_name, context.agency),
          events_(context, memory, out),
          reader_([this](const Hl7FileReader::Found& found) { take(found); }) {
        out.format = format_name;
        out.baseline = snapshot_.is_baseline();
    }

    bool feed(std::string_view piece) override {
        reader_.feed(piece);
        return true;
    }

    void finish() override {
        reader_.finish();
        if (out_.records == 0) return out_.refuse("MSH", "no_message", "The file holds no message");
        if (reader_.lines_outside() > 0)
            out_.note(0, 0, "", "stray_line",
                      "Lines outside any message were left out: was the file cut?");
        snapshot_.end_baseline();
    }

    void take(const Hl7Message& message, std::uint64_t number, std::uint64_t line) {
        const auto adt = read_adt(message);
        out_.version = adt.version;
        events_.take(adt, number, line);
    }

private:
    void take(const Hl7FileReader::Found& found) {
        ++out_.records;
        if (found.too_large)
            return out_.lose(found.number, found.line, "MSH", "too_large",
                             "The message is larger than 1 MiB: it was not read");
        const auto message = Hl7Message::read(found.text);
        if (!message)
            return out_.lose(found.number, found.line, "MSH", "malformed",
                             "The header does not say which delimiters the message uses");
        take(*message, found.number, found.line);
    }

    runtime::ReadFile& out_;
    runtime::Snapshot snapshot_;
    AdtEvents events_;
    Hl7FileReader reader_;
};

/// Messages as they came, one segment to a line. Of one that is too large only its beginning was
/// kept: mended, it would be another message.
class Hl7Selector final : public runtime::RecordSelector {
public:
    Hl7Selector(const runtime::RecordNumbers& records, Write write)
        : reader_([&records, write = std::move(write)](const Hl7FileReader::Found& found) {
              if (found.too_large || !std::ranges::binary_search(records, found.number)) return;
              std::string lines;
              for (const char c : found.text) {
                  lines += c;
                  if (c == '\r') lines += '\n';
              }
              write(lines + "\r\n");
          }) {}
    void feed(std::string_view piece) override { reader_.feed(piece); }
    void finish() override { reader_.finish(); }

private:
    Hl7FileReader reader_;
};

class Hl7Adt final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return format_name; }
    std::string_view title() const override { return "HL7 v2 ADT messages"; }
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return std::make_unique<Hl7Selector>(records, std::move(write));
    }

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

    std::unique_ptr<runtime::SourceReading> begin(const runtime::ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  runtime::ReadFile& out) const override {
        return std::make_unique<Hl7Reading>(context, memory, out);
    }
};

}  // namespace

runtime::ReadFile read_hl7_message(const Hl7Message& message, const runtime::ReadContext& context,
                                   runtime::SourceMemory& memory) {
    runtime::ReadFile file;
    Hl7Reading reading(context, memory, file);
    file.records = 1;
    reading.take(message, 1, 1);
    reading.finish();
    return file;
}

std::unique_ptr<runtime::SourceFormat> make_hl7_adt() { return std::make_unique<Hl7Adt>(); }

}  // namespace mash::health
