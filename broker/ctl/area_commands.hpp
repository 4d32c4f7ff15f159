// `mashctl area`, `mashctl freshness` and `mashctl document`: the area itself and its signed
// documents.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "broker/ctl/context.hpp"

namespace mash::ctl {

struct AreaInit {
    std::filesystem::path dir;
    std::string area;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the root key
    std::optional<std::filesystem::path>
        registrar_passphrase_file;  ///< none: the registrar's key is not protected
    std::vector<std::string> broker_endpoints;
    unsigned registrar_days = 730;
};
/// Makes the keys, the delegation, the first registry and freshness statement.
Outcome<void> init_area(const Context& context, const AreaInit& command);

struct AreaDelegate {
    std::filesystem::path dir;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the root key
    std::optional<std::filesystem::path> root_key;         ///< when it was moved away
    bool new_key = false;                                  ///< ends the present registrar's key
    std::optional<std::filesystem::path>
        registrar_passphrase_file;  ///< with new_key: to protect it
    std::optional<std::filesystem::path>
        old_registrar_passphrase_file;  ///< with new_key: opens the area's secret
    unsigned registrar_days = 730;
    /// Public key of another person, who must sign every policy and catalogue from now on besides
    /// the registrar; "" leaves it as it is.
    std::string second_registrar;
    bool one_registrar = false;  ///< one signature is enough again
};
/// The root names the registrar anew: for longer, with another key, or with a second one beside.
Outcome<void> delegate_registrar(const Context& context, const AreaDelegate& command);

struct RegistrarKey {
    std::filesystem::path out;
    std::string area;
    std::optional<std::filesystem::path> passphrase_file;
};
/// A second registrar's key, made on that person's own machine; prints what the root is to name.
Outcome<void> make_registrar_key(const Context& context, const RegistrarKey& command);

struct AreaShow {
    std::filesystem::path dir;
};
Outcome<void> show_area(const Context& context, const AreaShow& command);

struct SetEndpoints {
    std::filesystem::path dir;
    std::vector<std::string> endpoints;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the registrar's key
};
/// Where agents find the broker from now on.
Outcome<void> set_endpoints(const Context& context, const SetEndpoints& command);

struct FreshnessRenew {
    std::filesystem::path dir;
    std::optional<std::filesystem::path> passphrase_file;  ///< of the registrar's key
};
Outcome<void> renew_freshness(const Context& context, const FreshnessRenew& command);

struct DocumentShow {
    std::filesystem::path file;
    std::optional<std::filesystem::path> dir;  ///< the area it should be trusted by
    bool body = false;                         ///< also the text of a policy or catalogue
};
Outcome<void> show_document(const Context& context, const DocumentShow& command);

}  // namespace mash::ctl
