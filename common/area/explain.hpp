// A decision in words: what goes to whom and why, what is held back and whom to ask, what to do
// now. For practitioners; never about what happened to the child.
#pragma once

#include <string>
#include <string_view>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "common/area/registry.hpp"
#include "common/wire/plan.hpp"

namespace mash::area {

/// Plain text of several lines, ready for a console or a terminal.
std::string explain_for_practitioner(const wire::Decision& decision, const Registry& registry,
                                     const Policy& policy);

/// Everything that domain.md E3 asks to be recorded and that a decision holds: inputs, rules,
/// withholdings with their mode, silent ones too. For auditors only.
std::string explain_for_auditor(const DecisionInput& input, const wire::Decision& decision,
                                const Registry& registry, const Policy& policy);

/// One sentence each. An unknown code gives a sentence too: a newer policy must not leave a reader
/// with nothing.
std::string_view explain_rule(std::string_view rule);     ///< "E-08"
std::string_view explain_refusal(std::string_view code);  ///< "publisher_not_entitled"
std::string_view explain_warning(std::string_view code);  ///< "agreement_overridden"
/// The same, or the policy's own advice of that code.
std::string explain_warning(const Policy& policy, std::string_view code);
std::string_view explain_offer(std::string_view code);  ///< "send_as_safeguarding_referral"
/// "why you", for the sender and for the recipient: from the policy's route.
std::string explain_route(const Policy& policy, std::string_view route, const RoleId& role);
/// "e;9g-p18" in words.
std::string explain_basis(std::string_view basis);
/// "Risk (grade only)".
std::string explain_view(const Policy& policy, const ViewId& view);
/// "Monday 18 January 2027 at 08:50 GMT", in the area's time.
std::string time_in_words(WallTime at);

}  // namespace mash::area
