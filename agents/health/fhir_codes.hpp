// The codes of safeguarding flags, with what each means for us. Source: the code systems
// safeguarding-codes-bars 1.0.0 and flag-categories-bars 1.0.0 of NHS Digital (11 March 2022, Open
// Government Licence), the value set England-ChildProtectionPlan 1.0.0 of NHS England (9 November
// 2023, Apache License 2.0), and SNOMED CT for the national FGM flag.
#pragma once

#include <optional>
#include <string_view>

namespace mash::health {

struct SafeguardingCode {
    std::string_view code;
    std::string_view words;
    std::string_view type;          ///< of the notification; "" = it raises nothing
    bool only_of_children = false;  ///< its subject is a child, whatever else is known
    std::string_view kind{};        ///< of the notification's type, where it has kinds
};

/// Null for a code that is in no list of ours: it counts as an unspecified concern.
const SafeguardingCode* safeguarding_code(std::string_view code);

/// "protection_plan", "looked_after", "unborn_plan"; nothing for another category of plan.
std::optional<std::string_view> plan_of_code(std::string_view code);

constexpr std::string_view safeguarding_codes_system =
    "https://fhir.nhs.uk/CodeSystem/safeguarding-codes-bars";
constexpr std::string_view flag_categories_system =
    "https://fhir.nhs.uk/CodeSystem/flag-categories-bars";
constexpr std::string_view safeguarding_category = "SG";
constexpr std::string_view fgm_family_history = "902961000000107";
constexpr std::string_view unborn_concern = "878111000000109";
constexpr std::string_view cpis_flag = "child-protection-information-system-flag";

}  // namespace mash::health
