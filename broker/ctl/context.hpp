// What every command is given: where to write, what time it is, chance, and a way to ask the
// operator. main() makes the real one; tests make their own.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "broker/ctl/outcome.hpp"
#include "common/base/random.hpp"
#include "common/base/time.hpp"
#include "common/crypto/password.hpp"
#include "common/crypto/secret.hpp"

namespace mash::ctl {

struct Context {
    std::ostream& out;
    std::ostream& err;  ///< warnings; problems are written by main()
    WallTime now;
    RandomSource& random;
    crypto::Argon2Params root_price = crypto::Argon2Params::moderate();
    crypto::Argon2Params key_price = crypto::Argon2Params::interactive();
    /// Asks on the terminal without showing what is typed; none when there is no terminal.
    std::function<std::optional<crypto::SecretBytes>(const std::string& prompt)> ask_secret = {};
    /// Asks on the terminal; none when there is no terminal.
    std::function<std::optional<std::string>(const std::string& prompt)> ask = {};

    void warn(const std::string& sentence) const { err << "Warning: " << sentence << "\n"; }
};

/// Asks on the terminal /dev/tty, so that input and output may be pipes.
std::optional<crypto::SecretBytes> ask_secret_on_terminal(const std::string& prompt);
std::optional<std::string> ask_on_terminal(const std::string& prompt);

/// The passphrase of `file`, or asked for. `what`: "the root key".
Outcome<crypto::SecretBytes> passphrase_for(const Context& context,
                                            const std::optional<std::filesystem::path>& file,
                                            const std::string& what);
/// For a key that is being made: asked for twice.
Outcome<crypto::SecretBytes> new_passphrase_for(const Context& context,
                                                const std::optional<std::filesystem::path>& file,
                                                const std::string& what);

/// "2026-11-24 12:00 UTC".
std::string time_text(WallTime time);

}  // namespace mash::ctl
