// `mashctl tokens`: the keys of subject tokens, and changing them while everything goes on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "broker/ctl/context.hpp"

namespace mash::ctl {

struct TokensKey {
    std::filesystem::path key;  ///< broker.key, on the broker's own machine
};
/// Adds the key of the next epoch to the broker's key file and prints its public half.
Outcome<void> make_token_key(const Context& context, const TokensKey& command);

struct TokensBegin {
    std::filesystem::path dir;
    std::string broker_key;  ///< what make_token_key() printed
    std::optional<std::filesystem::path> passphrase_file;
};
/// From the registry that this signs on, the area has two epochs: agencies get a new pepper sealed
/// beside the present one, and state everything under both.
Outcome<void> begin_token_change(const Context& context, const TokensBegin& command);

struct TokensFinish {
    std::filesystem::path dir;
    bool now = false;  ///< although some may still be stated under the old epoch alone
    /// The registrar's word that the running broker named nobody: it may be another machine's.
    bool nobody_waits = false;
    /// The running broker, which knows whose are under the old epoch alone.
    std::optional<std::filesystem::path> socket;
    std::optional<std::filesystem::path> passphrase_file;
};
/// Ends the older epoch. One of the three says that nobody is lost by it, or that it must be.
Outcome<void> finish_token_change(const Context& context, const TokensFinish& command);

}  // namespace mash::ctl
