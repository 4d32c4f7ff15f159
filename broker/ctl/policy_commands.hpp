// `mashctl policy`: check a policy text, sign it, and ask it what it would decide.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ctl/context.hpp"
#include "common/area/policy.hpp"
#include "common/area/registry.hpp"

namespace mash::ctl {

struct PolicyFiles {
    std::filesystem::path policy;
    std::filesystem::path catalogue;
};

struct PolicyTexts {
    std::string policy;
    std::string catalogue;
};
Outcome<PolicyTexts> read_texts(const PolicyFiles& files);
/// Every fault goes to the terminal; the problem counts them.
Outcome<area::Policy> parse_policy(const Context& context, const PolicyTexts& texts,
                                   const std::string& policy_name,
                                   const std::string& catalogue_name);

struct PolicyCheck {
    PolicyFiles files;
};
/// Every fault with file, line and column; warns when the policy is over, or ends soon.
Outcome<void> check_policy(const Context& context, const PolicyCheck& command);

struct PolicyTest {
    std::filesystem::path dir;  ///< policy.toml, catalogue.toml, tests/
    bool quick = false;         ///< without altering rules and routes
};
/// Decides every case of tests/, says which rules and routes none exercised, and alters each rule
/// and route in turn: some case must notice. Refused when anything is left.
Outcome<void> test_policy(const Context& context, const PolicyTest& command);

struct PolicySign {
    std::filesystem::path dir;
    PolicyFiles files;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the registrar's key
};
/// The policy's own version must be above the one signed. Names what the registry lacks for it.
Outcome<void> sign_policy(const Context& context, const PolicySign& command);

struct PolicyCountersign {
    std::filesystem::path dir;
    std::filesystem::path key;  ///< as `mashctl registrar-key` made it
    std::optional<std::filesystem::path> passphrase_file;
};
/// The second registrar's signature on what waits in pending/. Says first what it is.
Outcome<void> countersign_policy(const Context& context, const PolicyCountersign& command);

struct PolicyExplain {
    std::filesystem::path dir;
    std::filesystem::path facts;       ///< "-" for standard input
    std::optional<PolicyFiles> files;  ///< instead of the signed ones
    bool full = false;                 ///< the auditor's form besides
};
/// In words: who would be told what and why, who not, and what a person would have to decide.
Outcome<void> explain_policy(const Context& context, const PolicyExplain& command);

struct PolicyDiff {
    std::filesystem::path before;  ///< folders with policy.toml and catalogue.toml
    std::filesystem::path after;   ///< its tests/area.toml is the area that is imagined
};
/// Decides a systematic set of cases under both and says whose outcome differs, and where first.
Outcome<void> diff_policies(const Context& context, const PolicyDiff& command);

struct PolicySimulate {
    std::filesystem::path dir;       ///< the area: its registry and its signed policy
    std::filesystem::path recorded;  ///< one JSON object of facts to a line, as explain reads them
    PolicyFiles draft;
};
/// Who would have been told more or less, had the draft been in force.
Outcome<void> simulate_policy(const Context& context, const PolicySimulate& command);
/// The same from the recorded text; `file` is what a line that cannot be decided is called by.
Outcome<void> compare_recorded(const Context& context, std::string_view text,
                               const std::string& file, const area::Registry& registry,
                               const area::Policy& present, const area::Policy& draft);

struct PolicyActivate {
    std::filesystem::path dir;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the registrar's key
};
/// Puts the policy that waits in pending/ in force once its first day has come; before, says when.
Outcome<void> activate_policy(const Context& context, const PolicyActivate& command);

}  // namespace mash::ctl
