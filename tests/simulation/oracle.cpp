#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <array>
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
const std::string police =
    "idn.full adr evt.full nar.full voi rsk.full leg.flag hhd.full sib alg loc hlt.critical pro "
    "sfc ";

const std::string all =
    "idn.full div adr loc evt.full nar.full voi rsk.full leg.full hhd.full sib alg hlt.full "
    "edu.full pro pln.full sfc con chr att ";
const std::string support = flag + "voi rsk.word pln.own edu.day ";
const std::string care_without_health =
    "idn.full div adr evt.full nar.full voi rsk.full leg.full hhd.full sib alg edu.full pro "
    "pln.full sfc con chr ";

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
        {"missing_episode_closed",
         row({{"ffd edt sw mco ola", flag + "voi loc"}, {"sch hv yjs gs urg pol vcs", flag}})},
        {"safeguarding_referral",
         row({{"ffd edt", care + "loc att rfr"}, {"sw", care + "loc att"}, {"pol", police}})},
        {"exploitation_concern", row({{"ffd edt gs sw", all},
                                      {"pol", police},
                                      {"sch hv pass_on", support},
                                      {"yjs ola", care_without_health}})},
        {"domestic_abuse_incident", row({{"sch", "idn.match evt.incident voi nar.short sfc"},
                                         {"ffd edt", police},
                                         {"hv mat gp ey", flag + "evt.headline"}})},
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

bool must_be_involved(std::string_view role) {
    static const Views area_wide = words("ffd edt mco pol urg lado pass_on");
    return !area_wide.contains(role);
}

bool never_travels(std::string_view section) {
    static const Views kept = words("saf plc int op hsn");
    return kept.contains(section);
}

Judged judge(const wire::RoutingFacts& facts, const Seat& recipient) {
    static const Views deciding = words("ffd edt sw pol lado prv");
    if (facts.vital) return {Outcome::share, {}};                      // E-04
    if (names(facts.detriment, recipient)) return {Outcome::ask, {}};  // E-07
    const bool is_conditional = facts.type == TypeId("safeguarding_referral") ||
                                facts.type == TypeId("exploitation_concern");
    if (!is_conditional) return {Outcome::share, {}};                             // E-08
    if (facts.harm == wire::Harm::likely_or_actual) return {Outcome::share, {}};  // E-09
    if (facts.harm == wire::Harm::suspected && deciding.contains(recipient.role.value()))
        return {Outcome::share, {}};  // E-10
    if (facts.harm == wire::Harm::suspected) return {Outcome::ask, {}};
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

}  // namespace mash::simulation::oracle
