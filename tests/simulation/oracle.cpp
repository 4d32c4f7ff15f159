#include "tests/simulation/oracle.hpp"

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

using Row = std::map<std::string, Views, std::less<>>;

Row row(const std::map<std::string, std::string>& by_roles) {
    Row out;
    for (const auto& [roles, views] : by_roles) {
        for (const auto& role : words(roles)) out.emplace(role, words(views));
    }
    return out;
}

const std::map<std::string, Row, std::less<>>& table() {
    static const std::map<std::string, Row, std::less<>> rows{
        {"missing_episode_started", row({{"ffd edt sw mco ola", care + "loc"},
                                         {"sch hv yjs gs", flag + "rsk.word"},
                                         {"urg", flag + "loc rsk.word hlt.critical"}})},
        {"missing_episode_updated", row({{"ffd edt sw mco ola", care + "loc"},
                                         {"sch hv yjs gs", flag + "rsk.word"},
                                         {"pol", care + "loc"},
                                         {"urg", flag + "loc rsk.word hlt.critical"}})},
        {"missing_episode_closed",
         row({{"ffd edt sw mco ola", flag + "voi loc"}, {"sch hv yjs gs urg pol vcs", flag}})},
        {"safeguarding_referral",
         row({{"ffd edt", care + "loc att rfr"}, {"sw", care + "loc att"}, {"pol", police}})},
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
    static const Views area_wide = words("ffd edt mco pol urg lado");
    return !area_wide.contains(role);
}

bool never_travels(std::string_view section) {
    static const Views kept = words("saf plc int op hsn");
    return kept.contains(section);
}

}  // namespace mash::simulation::oracle
