#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <sstream>

namespace mash::simulation::oracle {
namespace {

using Views = std::set<std::string, std::less<>>;

Views words(const std::string& text) {
    std::istringstream in(text);
    Views views;
    for (std::string word; in >> word;) views.insert(word);
    return views;
}

const std::string flag = "idn.match evt.headline pro sfc ";
const std::string care =
    "idn.full div adr evt.full nar.full voi rsk.full leg.full hhd.full sib alg hlt.full edu.full "
    "pro pln.full sfc con chr ";
const std::string whole = care + "loc att ";
const std::string health = "idn.full evt.full leg.flag hlt.full rsk.full pro sfc ";
const std::string support = "idn.match evt.headline pro sfc voi rsk.word pln.own edu.day ";
const std::string locate = flag + "loc rsk.word hlt.critical ";
const std::string police =
    "idn.full adr evt.full nar.full voi rsk.full leg.flag hhd.full sib alg loc hlt.critical pro "
    "sfc ";

/// A profile without every view of one section.
std::string without(const std::string& profile, const std::string& section) {
    std::string left;
    for (const auto& view : words(profile)) {
        if (view != section && !view.starts_with(section + ".")) left += view + " ";
    }
    return left;
}

using Row = std::map<std::string, Views, std::less<>>;

Row row(const std::map<std::string, std::string>& by_roles) {
    Row out;
    for (const auto& [roles, views] : by_roles) {
        for (const auto& role : words(roles)) out.emplace(role, words(views));
    }
    return out;
}

template <class Range, class Value>
bool names(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

/// E-11 and E-12: the answer of whom it is not theirs to give counts as not sought.
wire::Agreement as_it_counts(wire::Agreement said) {
    const bool is_answer = said.status == wire::AgreementStatus::given ||
                           said.status == wire::AgreementStatus::refused ||
                           said.status == wire::AgreementStatus::withdrawn;
    if (!is_answer) return said;
    const bool is_suspect = said.not_sought_reason == wire::NotSoughtReason::giver_is_suspect;
    const bool cannot = said.giver == wire::Giver::no_pr || said.giver == wire::Giver::unknown ||
                        said.giver == wire::Giver::unstated;
    if (is_suspect || cannot) said.status = wire::AgreementStatus::not_sought;
    // Of both the reason of E-12 stays, which is one that counts.
    if (cannot && !is_suspect) said.not_sought_reason = wire::NotSoughtReason::unknown;
    return said;
}

// E-15 to E-19, and E-21 for this area, which is agreement-led below significant harm.
Judged judge_by_agreement(const wire::Agreement& agreement, const AgencyId& recipient) {
    switch (agreement.status) {
        case wire::AgreementStatus::given:
            if (names(agreement.named_agencies, recipient)) return {Outcome::share, {}};
            return {Outcome::refuse, "agreement_scope"};
        case wire::AgreementStatus::refused: return {Outcome::refuse, "agreement_refused"};
        case wire::AgreementStatus::withdrawn: return {Outcome::refuse, "withdrawn"};
        case wire::AgreementStatus::not_sought:
            if (agreement.not_sought_reason == wire::NotSoughtReason::none ||
                agreement.not_sought_reason == wire::NotSoughtReason::unknown)
                return {Outcome::refuse, "agreement_not_sought"};
            return {Outcome::ask, {}};
        default: return {Outcome::ask, {}};  // E-23
    }
}

const std::map<std::string, Row, std::less<>>& table() {
    static const std::map<std::string, Row, std::less<>> rows{
        {"missing_episode_started", row({{"ffd edt sw mco ola", care + "loc"},
                                         {"sch hv yjs gs", flag + "rsk.word"},
                                         {"urg", flag + "loc rsk.word hlt.critical"}})},
        {"missing_episode_updated", row({{"ffd edt sw mco ola", care + "loc"},
                                         {"sch hv yjs gs", flag + "rsk.word"},
                                         {"pol", police},
                                         {"pass_on", flag + "rsk.word"},
                                         {"urg", flag + "loc rsk.word hlt.critical"}})},
        {"missing_episode_closed", row({{"ffd edt sw mco ola", flag + "voi loc"},
                                        {"sch hv yjs gs urg pol vcs pass_on", flag}})},
        {"safeguarding_referral",
         row({{"ffd edt", care + "loc att rfr"}, {"sw", care + "loc att"}, {"pol", police}})},
        {"domestic_abuse_incident", row({{"sch", "idn.match evt.incident voi nar.short sfc"},
                                         {"ffd edt", police},
                                         {"edw", flag},  // children taught at home: C6, G15
                                         {"hv mat gp ey", flag + "evt.headline"}})},
        {"return_interview_outcome", row({{"sw ffd edt ola", care},
                                          {"pol", police},
                                          {"gs", without(care, "hlt")},
                                          {"sch hv", support}})},
        {"unscheduled_health_attendance",
         row({{"sw ffd edt ola", health + "hsn"}, {"hv gp", flag}, {"pass_on", health}})},
        {"care_status_changed", row({{"urg pol yjs ola eh", flag + "leg.flag"},
                                     {"hv gp mat spec", health},
                                     {"sch", support + "leg.flag"}})},
        {"exploitation_concern", row({{"ffd edt gs", whole + "hsn"},
                                      {"sw", whole},
                                      {"pol", police + "hsn"},
                                      {"sch hv pass_on", support},
                                      {"yjs ola", without(care, "hlt")}})},
        {"intelligence_submission", row({{"pint", whole + "int"}})},
        {"education_status_changed", row({{"edw", "idn.full adr edu.full hhd.contact sfc"},
                                          {"ffd edt sw", care},
                                          {"pol", locate},
                                          {"hv ola pass_on", flag}})},
        {"allegation_against_professional",
         row({{"lado edt", whole}, {"pol", police}, {"ffd", care}})},  // C5, O1: edt at night
        {"private_fostering_notice", row({{"ffd edt", care}, {"sch hv", flag + "out"}})},
        {"radicalisation_concern", row({{"prv", whole}, {"ffd edt", care}, {"sch hv", support}})},
        {"harmful_practice_concern", row({{"pol ffd edt", whole}})},
        {"child_death_notice",
         row({{"cdop", whole}, {"ffd edt", care}, {"hv gp mat sch yjs", flag}})},
        {"placement_notice", row({{"ola", care + "plc.full"},
                                  {"iro", care},
                                  {"gp spec", health + "plc.full"},
                                  {"sch", support + "plc.contact"},
                                  {"pol", locate},
                                  {"hv", flag}})},
        {"strategy_discussion_invite", row({{"pol hv spec mat gp urg sch ey yjs vcs eh lado gs ola",
                                             flag + "rsk.word nar.short req"}})},
        {"information_request",
         row({{"ffd edt sw mco gs eh edw asc pol sch ey hv gp urg mat spec ola yjs vcs hou",
               flag + "rsk.word req"}})},
        {"information_response", row({{"ffd edt sw pol ola cdop", whole + "out"}})},
        {"referral_outcome", row({{"pol sch ey hv gp urg mat spec yjs vcs hou eh edw gs ola asc",
                                   "idn.match pro out pln.own sfc"}})},
        {"step_change",
         row({{"sw", care}, {"eh", without(care, "alg")}, {"sch hv gp", support}, {"vcs", flag}})},
        {"early_help_offer", row({{"eh sch ey hv gp mat spec yjs vcs hou",
                                   "idn.match nar.short voi edu.day con sfc"}})},
        {"transition_referral",
         row({{"asc gp", without(without(care, "sib"), "alg")}, {"hou vcs", flag}})},
        // K2: the thread, as each is told of most things; what a row gave more narrowly is not.
        {"correction", row({{"ffd edt", whole},
                            {"sw mco gs lado eh cdop prv iro asc ola", care},
                            {"pol pint", police},
                            {"hv gp urg mat spec", health},
                            {"sch sch2 ey edw yjs vcs hou", support}})},
        // K3: that something is taken back, and nothing of it.
        {"recall",
         row({{"ffd edt sw mco gs lado eh edw asc pol pint sch sch2 ey hv gp urg mat spec "
               "cdop prv ola yjs vcs hou iro",
               ""}})},
        {"protected_address_release",
         row({{"ffd edt sw pol ola", "idn.match evt.headline saf pro sfc"}})},
        {"police_protection_used", row({{"ffd edt ola", care + "loc"}, {"gp hv sch", flag}})},
    };
    return rows;
}

}  // namespace

const Views* views_for(std::string_view type, std::string_view role) {
    const auto of_type = table().find(type);
    if (of_type == table().end()) return nullptr;
    const auto of_role = of_type->second.find(role);
    return of_role == of_type->second.end() ? nullptr : &of_role->second;
}

Views views_of_any(std::string_view type) {
    Views out;
    const auto of_type = table().find(type);
    if (of_type == table().end()) return out;
    for (const auto& [role, views] : of_type->second) out.insert(views.begin(), views.end());
    return out;
}

bool must_be_involved(std::string_view type, std::string_view role) {
    if (type == "recall") return false;  // whoever had what is taken back
    static const Views area_wide = words("ffd edt mco pol urg lado pint prv cdop iro asc pass_on");
    if (role == "gs") return type != "exploitation_concern";
    if (role == "edw")
        return type != "education_status_changed" && type != "domestic_abuse_incident";
    if (role == "eh") return type != "early_help_offer";
    return !area_wide.contains(role);
}

bool is_named(const wire::RoutingFacts& facts, const Seat& seat) {
    static const Views by_sender = words(
        "placement_notice strategy_discussion_invite information_request information_response "
        "referral_outcome step_change police_protection_used allegation_against_professional "
        "protected_address_release");
    static const Views by_family = words("early_help_offer step_change transition_referral");
    return (by_sender.contains(facts.type.value()) && names(facts.addressed_to, seat)) ||
           (by_family.contains(facts.type.value()) &&
            names(facts.agreement.named_agencies, seat.agency));
}

bool only_if_named(std::string_view type, std::string_view role, std::string_view view) {
    // Row 17 withholds it from the school of before, and the roll does not tell one from the other.
    return type == "placement_notice" && role == "sch" && view.starts_with("plc");
}

bool never_travels(std::string_view section) { return section == "op"; }

namespace {

/// Roles that the row of C2 must tell, beside those that E-10 tells in every row.
bool must_receive(std::string_view type, std::string_view role) {
    static const std::map<std::string, Views, std::less<>> rows{
        {"exploitation_concern", words("gs")},
        {"strategy_discussion_invite", words("hv spec mat gp urg sch ey yjs vcs eh")},
        {"information_response", words("ola cdop")},
        {"step_change", words("eh")},
        {"transition_referral", words("asc")}};
    if (type == "information_request") return true;
    const auto row = rows.find(type);
    return row != rows.end() && row->second.contains(role);
}

}  // namespace

Judged judge(const wire::RoutingFacts& facts, const Seat& recipient) {
    static const Views deciding = words("ffd edt sw pol lado prv");
    static const Views conditional = words(
        "safeguarding_referral exploitation_concern radicalisation_concern "
        "strategy_discussion_invite information_request information_response step_change "
        "transition_referral early_help_offer");
    const auto& type = facts.type.value();
    const auto& role = recipient.role.value();
    if (views_for(type, role) == nullptr) return {Outcome::refuse, "no_function"};  // E-03
    if (type == "protected_address_release") return {Outcome::ask, {}};             // D3
    if (facts.vital) return {Outcome::share, {}};                                   // E-04
    if (type == "harmful_practice_concern") return {Outcome::share, {}};            // E-06
    const bool is_harm =
        facts.harm == wire::Harm::suspected || facts.harm == wire::Harm::likely_or_actual;
    if (type == "early_help_offer" && is_harm) return {Outcome::refuse, "wrong_type"};  // E-06a
    if (names(facts.detriment, recipient)) return {Outcome::ask, {}};                   // E-07
    if (!conditional.contains(type)) return {Outcome::share, {}};                       // E-08
    if (facts.harm == wire::Harm::likely_or_actual) return {Outcome::share, {}};        // E-09
    if (facts.harm == wire::Harm::suspected) {                                          // E-10
        const bool tells = deciding.contains(role) || must_receive(type, role);
        return {tells ? Outcome::share : Outcome::ask, {}};
    }
    if (facts.agreement.other_holder_objects || facts.agreement.child_and_parent_differ)
        return {Outcome::ask, {}};  // E-13
    const auto agreement = as_it_counts(facts.agreement);
    if (facts.level == wire::Level::four) {  // E-14
        const bool given = agreement.status == wire::AgreementStatus::given;
        return {given ? Outcome::share : Outcome::ask, {}};
    }
    if (facts.level == wire::Level::two || facts.level == wire::Level::three)
        return judge_by_agreement(agreement, recipient.agency);
    if (facts.level == wire::Level::one) return {Outcome::refuse, "below_threshold"};  // E-22
    return {Outcome::ask, {}};                                                         // E-23
}

namespace {

using Day = std::chrono::sys_days;

Day day(int year, unsigned month, unsigned of_month) {
    return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(of_month);
}

/// Summer Time Act 1972, in the years that are played.
bool is_summer(Day date) {
    static const std::array<std::pair<Day, Day>, 3> summers{
        {{day(2026, 3, 29), day(2026, 10, 25)},
         {day(2027, 3, 28), day(2027, 10, 31)},
         {day(2028, 3, 26), day(2028, 10, 29)}}};
    return std::ranges::any_of(
        summers, [&](const auto& one) { return one.first <= date && date < one.second; });
}

/// F2: not Saturday, Sunday, Christmas Day, Good Friday or a bank holiday of England.
bool is_working_day(Day date) {
    static const std::set<Day> bank_holidays{
        day(2026, 12, 25), day(2026, 12, 28), day(2027, 1, 1),  day(2027, 3, 26),
        day(2027, 3, 29),  day(2027, 5, 3),   day(2027, 5, 31), day(2027, 8, 30),
        day(2027, 12, 27), day(2027, 12, 28), day(2028, 1, 3),  day(2028, 4, 14),
        day(2028, 4, 17),  day(2028, 5, 1),   day(2028, 5, 29), day(2028, 8, 28)};
    return std::chrono::weekday(date).iso_encoding() <= 5 && !bank_holidays.contains(date);
}

/// F2: close of business on the n-th working day after the date of `from`. The front door shuts at
/// 17:00, on Fridays at 16:30.
WallTime close_of_working_day(WallTime from, unsigned n) {
    using namespace std::chrono;
    const auto instant = sys_time<milliseconds>(milliseconds(from.unix_ms()));
    auto date = floor<days>(instant + hours(is_summer(floor<days>(instant)) ? 1 : 0));
    while (n > 0) {
        date += days(1);
        if (is_working_day(date)) --n;
    }
    const auto close =
        minutes(weekday(date) == Friday ? 16 * 60 + 30 : 17 * 60) - hours(is_summer(date) ? 1 : 0);
    return WallTime::from_unix_ms(
        duration_cast<milliseconds>((date + close).time_since_epoch()).count());
}

}  // namespace

std::vector<Owed> owed(const Happened& what, const Views& told, const Views& rung) {
    // R27, S5: within 72 hours of the return, by the authority that is responsible for the child:
    // one that placed it here, else our own Missing Children Officers. Whoever cannot be told owes
    // it all the same.
    if (what.type == "missing_episode_closed") {
        const wire::Clock clock{"return_interview", what.at + std::chrono::hours(72)};
        if (told.contains("ola")) return {{"ola", clock}};
        if (!rung.contains("ola") && told.contains("mco")) return {{"mco", clock}};
    }
    // R10: seen within seven working days of the notice; that it was put right makes no new notice.
    if (what.type == "private_fostering_notice" && !what.is_correction && told.contains("ffd"))
        return {{"ffd", {"private_fostering_visit", close_of_working_day(what.told_at, 7)}}};
    return {};
}

}  // namespace mash::simulation::oracle
