#include "agents/runtime/core/words.hpp"

#include <array>
#include <utility>

namespace mash::runtime {

namespace {

template <class Enum>
struct Words;

template <class Enum, std::size_t N>
using Table = std::array<std::pair<Enum, std::string_view>, N>;

template <>
struct Words<wire::Level> {
    using enum wire::Level;
    static constexpr Table<wire::Level, 6> table{
        {{unstated, ""}, {one, "1"}, {two, "2"}, {three, "3"}, {four, "4"}, {unknown, "unknown"}}};
};
template <>
struct Words<wire::Harm> {
    using enum wire::Harm;
    static constexpr Table<wire::Harm, 4> table{{{unstated, ""},
                                                 {none, "none"},
                                                 {suspected, "suspected"},
                                                 {likely_or_actual, "likely_or_actual"}}};
};
template <>
struct Words<wire::Purpose> {
    using enum wire::Purpose;
    static constexpr Table<wire::Purpose, 3> table{{{unstated, ""},
                                                    {inform_function, "inform_function"},
                                                    {request_service, "request_service"}}};
};
template <>
struct Words<wire::AgreementStatus> {
    using enum wire::AgreementStatus;
    static constexpr Table<wire::AgreementStatus, 6> table{{{unstated, ""},
                                                            {given, "given"},
                                                            {refused, "refused"},
                                                            {withdrawn, "withdrawn"},
                                                            {not_sought, "not_sought"},
                                                            {not_required, "not_required"}}};
};
template <>
struct Words<wire::NotSoughtReason> {
    using enum wire::NotSoughtReason;
    static constexpr Table<wire::NotSoughtReason, 9> table{
        {{none, ""},
         {risk_to_child, "risk_to_child"},
         {risk_to_other, "risk_to_other"},
         {delay_to_enquiry, "delay_to_enquiry"},
         {prejudice_crime, "prejudice_crime"},
         {cannot_be_contacted, "cannot_be_contacted"},
         {cannot_be_given, "cannot_be_given"},
         {giver_is_suspect, "giver_is_suspect"},
         {unknown, "unknown"}}};
};
template <>
struct Words<wire::Giver> {
    using enum wire::Giver;
    static constexpr Table<wire::Giver, 8> table{{{unstated, ""},
                                                  {parent_pr, "parent_pr"},
                                                  {other_pr_holder, "other_pr_holder"},
                                                  {young_person_16_17, "young_person_16_17"},
                                                  {gillick_child, "gillick_child"},
                                                  {la_with_care_order, "la_with_care_order"},
                                                  {no_pr, "no_pr"},
                                                  {unknown, "unknown"}}};
};
template <>
struct Words<wire::Urgency> {
    using enum wire::Urgency;
    static constexpr Table<wire::Urgency, 5> table{
        {{u1, "U1"}, {u2, "U2"}, {u3, "U3"}, {u4, "U4"}, {u5, "U5"}}};
};
template <>
struct Words<wire::Lane> {
    using enum wire::Lane;
    static constexpr Table<wire::Lane, 4> table{
        {{immediate, "immediate"}, {urgent, "urgent"}, {routine, "routine"}, {bulk, "bulk"}}};
};
template <>
struct Words<wire::Rag> {
    using enum wire::Rag;
    static constexpr Table<wire::Rag, 5> table{
        {{unstated, ""}, {red, "red"}, {amber, "amber"}, {green, "green"}, {blue, "blue"}}};
};
template <>
struct Words<wire::Rung> {
    using enum wire::Rung;
    static constexpr Table<wire::Rung, 12> table{{{accepted, "accepted"},
                                                  {stored, "stored"},
                                                  {opened, "opened"},
                                                  {handed_over, "handed_over"},
                                                  {taken, "taken"},
                                                  {decided, "decided"},
                                                  {refused, "refused"},
                                                  {undecryptable, "undecryptable"},
                                                  {not_connected, "not_connected"},
                                                  {expired, "expired"},
                                                  {recalled, "recalled"},
                                                  {agreement_stopped, "agreement_stopped"}}};
};
template <>
struct Words<wire::TaskKind> {
    using enum wire::TaskKind;
    static constexpr Table<wire::TaskKind, 10> table{{{held, "held"},
                                                      {not_connected, "not_connected"},
                                                      {pass_on, "pass_on"},
                                                      {both_conflicted, "both_conflicted"},
                                                      {not_sent, "not_sent"},
                                                      {review, "review"},
                                                      {possible_match, "possible_match"},
                                                      {unknown_person, "unknown_person"},
                                                      {lapsed, "lapsed"},
                                                      {severed, "severed"}}};
};
template <>
struct Words<wire::LinkedRelation> {
    using enum wire::LinkedRelation;
    static constexpr Table<wire::LinkedRelation, 7> table{
        {{sibling, "sibling"},
         {other_child, "other_child"},
         {mother, "mother"},
         {father, "father"},
         {carer, "carer"},
         {household_adult, "household_adult"},
         {person_of_concern, "person_of_concern"}}};
};
template <>
struct Words<wire::IdentityOutcome> {
    using enum wire::IdentityOutcome;
    static constexpr Table<wire::IdentityOutcome, 4> table{{{same, "same"},
                                                            {different, "different"},
                                                            {cannot_tell, "cannot_tell"},
                                                            {taken_back, "taken_back"}}};
};
template <>
struct Words<wire::TaskOutcome> {
    using enum wire::TaskOutcome;
    static constexpr Table<wire::TaskOutcome, 4> table{
        {{told_by_other_means, "told_by_other_means"},
         {authorised, "authorised"},
         {refused, "refused"},
         {done, "done"}}};
};

template <class Enum>
std::string_view find_word(Enum value) {
    for (const auto& [known, word] : Words<Enum>::table) {
        if (known == value) return word;
    }
    return "";
}

}  // namespace

std::string_view word_of(wire::Level value) { return find_word(value); }
std::string_view word_of(wire::Harm value) { return find_word(value); }
std::string_view word_of(wire::Purpose value) { return find_word(value); }
std::string_view word_of(wire::AgreementStatus value) { return find_word(value); }
std::string_view word_of(wire::NotSoughtReason value) { return find_word(value); }
std::string_view word_of(wire::Giver value) { return find_word(value); }
std::string_view word_of(wire::Urgency value) { return find_word(value); }
std::string_view word_of(wire::Lane value) { return find_word(value); }
std::string_view word_of(wire::Rag value) { return find_word(value); }
std::string_view word_of(wire::Rung value) { return find_word(value); }
std::string_view word_of(wire::TaskKind value) { return find_word(value); }
std::string_view word_of(wire::IdentityOutcome value) { return find_word(value); }
std::string_view word_of(wire::LinkedRelation value) { return find_word(value); }
std::string_view word_of(wire::TaskOutcome value) { return find_word(value); }

template <class Enum>
std::optional<Enum> from_word(std::string_view word) {
    for (const auto& [value, known] : Words<Enum>::table) {
        if (known == word) return value;
    }
    return std::nullopt;
}

template std::optional<wire::Level> from_word(std::string_view);
template std::optional<wire::Harm> from_word(std::string_view);
template std::optional<wire::Purpose> from_word(std::string_view);
template std::optional<wire::AgreementStatus> from_word(std::string_view);
template std::optional<wire::NotSoughtReason> from_word(std::string_view);
template std::optional<wire::Giver> from_word(std::string_view);
template std::optional<wire::Urgency> from_word(std::string_view);
template std::optional<wire::Lane> from_word(std::string_view);
template std::optional<wire::Rag> from_word(std::string_view);
template std::optional<wire::Rung> from_word(std::string_view);
template std::optional<wire::TaskKind> from_word(std::string_view);
template std::optional<wire::IdentityOutcome> from_word(std::string_view);
template std::optional<wire::LinkedRelation> from_word(std::string_view);
template std::optional<wire::TaskOutcome> from_word(std::string_view);

}  // namespace mash::runtime
