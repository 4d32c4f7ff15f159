#include <algorithm>
#include <array>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/source_row.hpp"
#include "agents/school/formats.hpp"
#include "agents/school/pupil.hpp"

namespace mash::school {

namespace {

using runtime::json_text;
using runtime::Notification;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::Row;

constexpr std::string_view format_name = "concern-csv";

const std::vector<std::string> needed_columns{"concern_reference", "concern_date", "surname",
                                              "date_of_birth", "concern"};

template <class Enum, std::size_t count>
std::optional<Enum> word_in(const std::array<std::pair<std::string_view, Enum>, count>& words,
                            std::string_view text) {
    for (const auto& [word, value] : words) {
        if (word == text) return value;
    }
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, wire::Harm>, 3> harms{
    {{"none", wire::Harm::none},
     {"suspected", wire::Harm::suspected},
     {"likely_or_actual", wire::Harm::likely_or_actual}}};
constexpr std::array<std::pair<std::string_view, wire::Level>, 5> levels{
    {{"1", wire::Level::one},
     {"2", wire::Level::two},
     {"3", wire::Level::three},
     {"4", wire::Level::four},
     {"unknown", wire::Level::unknown}}};
constexpr std::array<std::pair<std::string_view, wire::Purpose>, 2> purposes{
    {{"inform_function", wire::Purpose::inform_function},
     {"request_service", wire::Purpose::request_service}}};
constexpr std::array<std::pair<std::string_view, wire::AgreementStatus>, 5> agreements{
    {{"given", wire::AgreementStatus::given},
     {"refused", wire::AgreementStatus::refused},
     {"withdrawn", wire::AgreementStatus::withdrawn},
     {"not_sought", wire::AgreementStatus::not_sought},
     {"not_required", wire::AgreementStatus::not_required}}};

class ConcernReading final : public runtime::RowReading {
public:
    ConcernReading(const ReadContext& context, runtime::SourceMemory& memory, ReadFile& out)
        : RowReading(context, needed_columns, out),
          context_(context),
          past_(memory, format_name, context.agency) {}

private:
    // Whoever fills in the template means to send it: there is no history in it.
    void on_end() override { out().children = children_.count(); }

    void on_row(Row& row) override {
        const auto when = row.time("concern_date");
        // An adult is nobody we may speak of: not even a fault is told of that row.
        const auto age = runtime::age_group(row.text("date_of_birth"), when);
        if (age == runtime::AgeGroup::adult) {
            ++out().passed_over;
            return;
        }
        const std::string reference = row.text("concern_reference").reveal();
        if (reference.empty())
            return row.lose("concern_reference", "required",
                            "Give each concern a reference of your own, so that sending the row "
                            "again makes no second concern. It must not name the child");
        if (row.text("concern").reveal().empty())
            return row.lose("concern", "required", "Write what the concern is");
        if (!when)
            row.note("concern_date", "required",
                     "There is no date that is a date: that of the file was used");
        if (age == runtime::AgeGroup::unknown && when)
            row.note("date_of_birth", row.has("date_of_birth") ? "bad_date" : "age_unknown",
                     "There is no date of birth that is a date; the concern goes without it");
        Pupil child;
        child.upn = row.text("upn");
        child.forename = row.text("forename");
        child.surname = row.text("surname");
        child.preferred_forename = row.text("preferred_forename");
        child.date_of_birth =
            PersonalText(runtime::believed_birth_date(row.text("date_of_birth").reveal(), when));
        child.postcode = row.text("postcode");
        if (!is_linkable(child) && row.text("nhs_number").reveal().empty())
            row.note("surname", "not_linkable",
                     "The child cannot be matched: the concern goes to the front door unmatched");
        children_.add(pupil_key(child));
        ++out().understood["concern"];
        std::vector<PersonalText> words;
        for (const auto* column :
             {"concern_date", "forename",    "surname",        "date_of_birth", "upn",
              "nhs_number",   "postcode",    "concern",        "summary",       "working_well",
              "must_happen",  "child_words", "child_heard_by", "level",         "harm",
              "purpose",      "agreement",   "agreement_by",   "whom_to_ring",  "safe_contact"})
            words.push_back(row.text(column));
        const runtime::Snapshot::Said said{"school-concern/" + reference, "",
                                           runtime::revision_of(words)};
        if (past_.knows(said)) {
            ++out().passed_over;
            return;
        }
        past_.give(out(), row.number(), concern(row, child, reference, when), said);
    }

    Notification concern(Row& row, const Pupil& child, const std::string& reference,
                         const std::optional<runtime::SourceTime>& when) const {
        Notification out;
        out.agency = context_.agency;
        out.role = context_.role;
        auto& facts = out.facts;
        facts.type = TypeId("safeguarding_referral");
        facts.occurred_at = when ? runtime::instant_of(*when) : context_.written_at;
        facts.harm = word(row, "harm", harms);
        facts.level = word(row, "level", levels);
        facts.purpose = word(row, "purpose", purposes);
        facts.agreement.status = word(row, "agreement", agreements);
        out.subject = subject_of(child, context_.school_urn);
        out.subject.nhs_number = row.text("nhs_number");

        auto& identity = out.sections["idn"];
        put(identity, "forenames", child.forename);
        put(identity, "surname", child.surname);
        put(identity, "known_as", child.preferred_forename);
        put(identity, "date_of_birth", child.date_of_birth);
        put(identity, "upn", child.upn);
        put(identity, "nhs_number", out.subject.nhs_number);
        auto& event = out.sections["evt"];
        event.emplace("what", json_text("A school is worried about a child"));
        put(event, "date", PersonalText(when ? area::to_text(when->date) : ""));
        put(event, "reference", PersonalText(reference));
        auto& words = out.sections["nar"];
        put(words, "worries", row.text("concern"));
        put(words, "short", row.text("summary"));
        put(words, "working_well", row.text("working_well"));
        put(words, "what_must_happen", row.text("must_happen"));
        auto& voice = out.sections["voi"];
        put(voice, "words", row.text("child_words"));
        if (voice.empty()) put(voice, "reason_for_none", PersonalText("not_seen"));
        put(voice, "heard_by", row.text("child_heard_by"));
        const auto add = [&](const char* section, const char* field, const char* column) {
            if (row.has(column)) put(out.sections[section], field, row.text(column));
        };
        add("adr", "postcode", "postcode");
        add("pro", "whom_to_ring", "whom_to_ring");
        add("sfc", "note", "safe_contact");
        add("con", "giver", "agreement_by");
        return out;
    }

    /// A word that nobody knows is no reason to hold a concern back: it counts as not stated.
    template <class Enum, std::size_t count>
    static Enum word(Row& row, std::string_view column,
                     const std::array<std::pair<std::string_view, Enum>, count>& words) {
        std::string text = row.text(column).reveal();
        if (text.empty()) return Enum{};
        // "Likely or actual", as people write it.
        std::ranges::transform(text, text.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == ' ' ? '_' : c;
        });
        if (const auto found = word_in(words, text)) return *found;
        row.note(column, "unknown_word",
                 "The word is not one of those for this column; it counts as not stated");
        return Enum{};
    }

    const ReadContext& context_;
    runtime::Snapshot past_;
    runtime::DistinctCount children_;
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_concern_csv() {
    return std::make_unique<runtime::RowFormat<ConcernReading>>(
        format_name, "Concern CSV of our own (agents/school/concern_template.csv)", needed_columns);
}

}  // namespace mash::school
