// The given/expect files of a policy, and the imagined area in which they are decided. TOML that
// people write; what a notification is given as means the same as in `mashctl policy explain`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ctl/outcome.hpp"
#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "common/area/policy_document.hpp"
#include "common/area/registry.hpp"

namespace mash::ctl {

struct ExpectedRecipient {
    Seat who;
    bool act = false;
    std::string urgency;  ///< "U2"
    std::string gets;     ///< an expression as in a route's content
    std::string rule;
    std::vector<std::string> withheld;
    bool withheld_stated = false;
    std::vector<std::string> has_already;  ///< views of `gets` that are not sent again
    bool has_already_stated = false;
    std::string basis;  ///< "" = not asked, as all below
    std::string by;
    std::string inbox;
    std::string lane;
    std::vector<std::string> standby;  ///< "hub.edt out_of_hours"
    bool standby_stated = false;
    std::vector<wire::Clock> clocks;  ///< by name; what is not listed it does not hold
};

struct ExpectedHeld {
    Seat who;
    Seat decider;
    std::string rule;
};

/// One case. What is not listed among `tell`, `hold`, `refuse` and `ring` must not happen.
struct PolicyCase {
    std::string name;
    std::string file;
    area::Place place;
    std::string given;              ///< as JSON for parse_facts
    std::vector<Seat> without;      ///< seats that this case's area does not have
    std::vector<std::string> with;  ///< lines of the policy that read otherwise here
    std::vector<ExpectedRecipient> tell;
    std::vector<ExpectedHeld> hold;
    std::vector<wire::RefusedRecipient> refuse;
    std::vector<std::string> ring;
    std::vector<std::string> warn;        ///< must be among the warnings
    std::vector<std::string> no_warning;  ///< must not
    std::vector<std::string> offer;       ///< must be among the offers
    std::string nothing_rule;
    std::string nothing_code;  ///< refused as a whole
    bool incomplete = false;
    bool floor = false;
};

/// Every *.toml of the folder but area.toml, in the order of their names. Faults have their places.
Outcome<std::vector<PolicyCase>> read_cases(const std::filesystem::path& folder,
                                            const area::Policy& policy,
                                            std::vector<area::PolicyFault>& faults);

/// area.toml: agencies, kinds, seats. No keys: nothing is ever sealed to it.
Outcome<area::Registry> read_imagined_area(const std::filesystem::path& file,
                                           std::vector<area::PolicyFault>& faults);

/// The two above from a text; `file` is what faults call it.
std::vector<PolicyCase> parse_cases(std::string_view text, const std::string& file,
                                    const area::Policy& policy,
                                    std::vector<area::PolicyFault>& faults);
area::Registry parse_imagined_area(std::string_view text, const std::string& file,
                                   std::vector<area::PolicyFault>& faults);

/// What is not as expected, one sentence each; empty when all is.
std::vector<std::string> complaints(const PolicyCase& expected, const wire::Decision& decision,
                                    const area::Policy& policy);

}  // namespace mash::ctl
