#include "agents/runtime/core/source_row.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/text_decoder.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {

namespace {

/// Whoever is reported as a child and has such an age was born in another century.
constexpr int disbelieved_from = 100;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

}  // namespace

PersonalText Row::text(std::string_view column) const {
    auto value = header_.value(record_, column);
    return value ? std::move(*value) : PersonalText();
}

std::optional<SourceTime> Row::time(std::string_view column) {
    auto parsed = time_or_plan(column);
    if (!parsed || !lies_ahead(*parsed, latest_)) return parsed;
    note(column, "bad_date", "The date lies ahead; the row is used without it");
    return std::nullopt;
}

std::optional<SourceTime> Row::time_or_plan(std::string_view column) {
    const PersonalText value = text(column);
    if (value.reveal().empty()) return std::nullopt;
    auto parsed = parse_source_time(value.reveal());
    // People were born before 1970; nothing that is reported happened then.
    if (parsed && parsed->date.year < 1970) parsed.reset();
    if (!parsed)
        note(column, "bad_date",
             "The value is not a date and time that we know; the row is used without it");
    return parsed;
}

std::optional<bool> flag_of(std::string_view text) {
    const std::string value = lower(text);
    static constexpr std::array<std::string_view, 5> yes{"y", "yes", "true", "1", "a) yes"};
    static constexpr std::array<std::string_view, 5> no{"n", "no", "false", "0", "b) no"};
    if (std::ranges::find(yes, value) != yes.end()) return true;
    if (std::ranges::find(no, value) != no.end()) return false;
    return std::nullopt;
}

std::optional<bool> Row::flag(std::string_view column) {
    const PersonalText value = text(column);
    if (value.reveal().empty()) return std::nullopt;
    const auto said = flag_of(value.reveal());
    if (!said)
        note(column, "bad_flag", "The value is neither yes nor no; the row is used without it");
    return said;
}

void Row::note(std::string_view column, std::string rule, std::string message) {
    file_.note(record_.number, record_.line, column, std::move(rule), std::move(message));
}

void Row::lose(std::string_view column, std::string rule, std::string message) {
    file_.lose(record_.number, record_.line, column, std::move(rule), std::move(message));
}

PersonalText json_text(std::string_view value) {
    return PersonalText(nlohmann::json(to_utf8(value)).dump());
}
PersonalText json_flag(bool value) { return PersonalText(value ? "true" : "false"); }

void put(SectionContent& section, std::string field, const PersonalText& value) {
    if (!value.reveal().empty())
        section.insert_or_assign(std::move(field), json_text(value.reveal()));
}

std::string postcode_of(std::string_view address) {
    const auto comma = address.find_last_of(",\n");
    return normalise_postcode(comma == std::string_view::npos ? address
                                                              : address.substr(comma + 1));
}

std::string sex_word(std::string_view source) {
    const std::string value = lower(source);
    if (value == "m" || value == "male" || value == "1") return "male";
    if (value == "f" || value == "female" || value == "2") return "female";
    return "unknown";
}

std::string revision_of(const std::vector<PersonalText>& texts) {
    crypto::LabelledHasher hasher("mash.v1.source-revision");
    for (const auto& text : texts) hasher.part(view_of(text.reveal()));
    return to_hex(hasher.finish()).substr(0, 16);
}

WallTime latest_of(const ReadContext& context) {
    return std::max(context.written_at, context.now.wall);
}

bool lies_ahead(const SourceTime& time, WallTime latest) {
    return instant_of(time) > latest + std::chrono::hours(24);
}

AgeGroup age_group(const PersonalText& date_of_birth, const std::optional<SourceTime>& day) {
    const std::string born = source_birth_date(date_of_birth.reveal());
    if (born.empty() || !day) return AgeGroup::unknown;
    if (born > area::to_text(day->date)) return AgeGroup::child;
    const auto age = age_at(born, day->date);
    if (!age || *age >= disbelieved_from) return AgeGroup::unknown;
    return *age >= 18 ? AgeGroup::adult : AgeGroup::child;
}

std::string believed_birth_date(std::string_view text, const std::optional<SourceTime>& day) {
    std::string born = source_birth_date(text);
    const auto age = day ? age_at(born, day->date) : std::nullopt;
    if (age && *age >= disbelieved_from) born.clear();
    return born;
}

bool is_adult(const PersonalText& date_of_birth, const std::vector<PersonalText>& days,
              WallTime latest) {
    for (const auto& text : days) {
        const auto day = parse_source_time(text.reveal());
        if (day && !lies_ahead(*day, latest))
            return age_group(date_of_birth, day) == AgeGroup::adult;
    }
    return false;
}

namespace {

bool has_swallowed_rows(const CsvHeader& header, const CsvRecord& record) {
    return header.is_exceeded(record) &&
           std::ranges::any_of(record.cells, [](const PersonalText& cell) {
               return cell.reveal().find('\n') != std::string::npos;
           });
}

}  // namespace

RowReading::RowReading(const ReadContext& context, std::vector<std::string> needed, ReadFile& out)
    : needed_(std::move(needed)),
      out_(out),
      reader_([this, latest = latest_of(context)](CsvRecord&& record) {
          if (record.number == 0) {
              header_.emplace(record);
              const auto missing = header_->missing(needed_);
              missing_ = missing.empty() ? still_missing(*header_) : missing.front();
              return;
          }
          if (!missing_.empty()) return;
          ++out_.records;
          if (record.too_long) {
              return out_.lose(record.number, record.line, "", "too_large",
                               "The row is larger than 1 MiB and was not read: a quotation mark "
                               "is missing, as a rule");
          }
          Row row(*header_, record, out_, latest);
          // Used all the same: a child must not be lost for a comma.
          if (const auto name = header_->unreached(record, needed_)) {
              row.note(*name, "short_row",
                       "The row has fewer cells than the header. What it lacks is taken as empty, "
                       "and what it has may stand under the wrong heading: look at it");
          } else if (header_->is_exceeded(record)) {
              row.note("", "long_row",
                       "The row has more cells than the header, as when text with a comma stands "
                       "without quotes: what follows may be under the wrong heading; look at it");
          }
          on_row(row);
          if (has_swallowed_rows(*header_, record)) {
              out_.note(record.number, record.line, "", "unclosed_quote",
                        "The row has more cells than the header and a line break in one of them: a "
                        "quotation mark is missing, and rows after it may stand inside it. What "
                        "could be read was used, and the row comes back to be mended");
              give_back(record.number);
          }
      }) {}

/// Although it was used: what else stands in it was not.
void RowReading::give_back(std::uint64_t record) {
    auto& rejected = out_.rejected_records;
    if (rejected.empty() || rejected.back() != record) rejected.push_back(record);
}

std::string RowReading::still_missing(const CsvHeader&) { return {}; }

bool RowReading::feed(std::string_view piece) {
    if (whole_) whole_ = reader_.feed(piece).has_value();
    return whole_ && missing_.empty();
}

void RowReading::finish() {
    if (whole_ && missing_.empty()) whole_ = reader_.finish().has_value();
    if (!header_ || !missing_.empty()) {
        out_.refuse(missing_.empty() ? needed_.front() : missing_, "missing_column",
                    "The file lacks a column that is needed: check the export's layout");
        return;
    }
    if (!whole_) {
        // The records before were used, and no file is refused for its end.
        const auto& cut = reader_.cut_off();
        ++out_.records;
        out_.lose(cut.number, cut.line, "", "cut_off",
                  "The file ends inside this row: it was cut off, or a quotation mark is missing. "
                  "The rows before were used; send the whole file again");
    }
    on_end();
}

}  // namespace mash::runtime
