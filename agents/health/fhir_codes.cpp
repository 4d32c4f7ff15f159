#include "agents/health/fhir_codes.hpp"

#include <algorithm>
#include <array>

namespace mash::health {

namespace {

// clang-format off: a table
constexpr std::array<SafeguardingCode, 47> codes{{
    {"836881000000105", "Child is cause for safeguarding concern", "safeguarding_referral", true},
    {"U", "Unspecified Safeguarding Concern Identified", "safeguarding_referral", false},
    {"297591000000108", "Alleged victim of sexual assault", "safeguarding_referral", false},
    {"736792008", "At risk of honor based violence", "harmful_practice_concern", false, "honour_based_abuse"},
    {"401206008", "At risk for deliberate self harm", "safeguarding_referral", false},
    {"702953007", "Suspected victim of child neglect", "safeguarding_referral", true},
    {"702579009", "Suspected victim of sexual abuse", "safeguarding_referral", false},
    {"707087005", "At risk of domestic violence", "safeguarding_referral", false},
    {"881081000000100", "Domestic abuse victim in household", "safeguarding_referral", false},
    {"838481000000106", "At risk of institutional abuse", "safeguarding_referral", false},
    {"697951004", "Suspected victim of emotional abuse", "safeguarding_referral", false},
    {"697950003", "Suspected domestic abuse", "safeguarding_referral", false},
    {"697949003", "Suspected victim of physical abuse", "safeguarding_referral", false},
    {"1054321000000100", "At risk of forced marriage", "harmful_practice_concern", false, "forced_marriage"},
    {"766969008", "At risk of radicalization", "radicalisation_concern", false},
    {"415685003", "Suspected alcohol abuse", "safeguarding_referral", false},
    {"761571000000106", "At risk of financial abuse", "safeguarding_referral", false},
    {"449889006", "Delay in seeking medical advice", "safeguarding_referral", false},
    {"300731000000106", "Family is cause for concern", "safeguarding_referral", false},
    {"878111000000109", "Unborn child is cause for safeguarding concern", "safeguarding_referral", true},
    {"861931000000100", "No safeguarding issues identified", "", false},
    {"713201008", "At risk of female genital mutilation", "harmful_practice_concern", false, "fgm_risk"},
    {"919461000000108", "At risk of sexual exploitation", "exploitation_concern", false},
    {"700254002", "Suspected victim of child sexual abuse", "safeguarding_referral", true},
    {"700253008", "Suspected victim of sexual grooming", "exploitation_concern", false},
    {"700255001", "Suspected non-accidental injury to child", "safeguarding_referral", true},
    {"1076171000000100", "Carer behavior is cause for safeguarding concern", "safeguarding_referral", false},
    {"293161000000103", "Family history of alcohol misuse", "safeguarding_referral", false},
    {"416936003", "At risk of physical abuse", "safeguarding_referral", false},
    {"766561000000109", "Adult safeguarding concern", "", false},
    {"417361000", "At risk of sexual abuse", "safeguarding_referral", false},
    {"771983008", "At risk of psychological abuse", "safeguarding_referral", false},
    {"771984002", "At risk of emotional abuse", "safeguarding_referral", false},
    {"864491000000105", "Has child subject of child protection plan", "safeguarding_referral", false},
    {"826931000000104", "Frequent attender of accident and emergency department", "safeguarding_referral", false},
    {"417427001", "At risk of discriminatory abuse", "safeguarding_referral", false},
    {"417430008", "Vulnerable adult", "", false},
    {"771385008", "Suspected victim of bullying", "safeguarding_referral", false},
    {"104586100000100", "At risk of human trafficking", "exploitation_concern", false},
    {"129707006", "At risk for other-directed violence", "safeguarding_referral", false},
    {"287351000000105", "Family history of substance misuse", "safeguarding_referral", false},
    {"375041000000100", "Family member subject of child protection plan", "safeguarding_referral", false},
    {"248054003", "Self-neglect", "safeguarding_referral", false},
    {"162596006", "Suspected victim of child abuse", "safeguarding_referral", true},
    {"162591001", "Suspected drug abuse", "safeguarding_referral", false},
    {"777996001", "Alleged being subjected to abuse", "safeguarding_referral", false},
    {"902961000000107", "Family history of female genital mutilation", "harmful_practice_concern", true, "fgm_risk"},
}};
// clang-format on

}  // namespace

const SafeguardingCode* safeguarding_code(std::string_view code) {
    const auto* found = std::ranges::find(codes, code, &SafeguardingCode::code);
    return found == codes.end() ? nullptr : found;
}

std::optional<std::string_view> plan_of_code(std::string_view code) {
    // The three of the value set, and the letters of the draft before it.
    if (code == "342191000000101" || code == "CPPI") return "protection_plan";
    if (code == "764841000000100" || code == "LACI") return "looked_after";
    if (code == "818901000000100") return "unborn_plan";
    return std::nullopt;
}

}  // namespace mash::health
