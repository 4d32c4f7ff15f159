// The area's peppers, from the registrar's file: that of the epoch in force, and while the keys of
// subject tokens change that of the one which comes.
#pragma once

#include <filesystem>
#include <optional>

#include "broker/ctl/area_folder.hpp"
#include "broker/ctl/registrar.hpp"
#include "common/area/keyfile.hpp"

namespace mash::ctl {

/// What a registry says: agencies and the broker's keys together.
struct TokenEpochs {
    std::uint16_t current = 1;
    std::optional<std::uint16_t> next;
};
TokenEpochs token_epochs_of(const area::Registry& registry);
std::string pepper_name(std::uint16_t epoch);

/// The registrar's file, opened; `passphrase` is what it is protected by.
struct PepperFile {
    area::KeyFile file;
    std::optional<crypto::SecretBytes> passphrase;
};
Outcome<PepperFile> open_pepper_file(const Context& context, const AreaFolder& folder,
                                     const std::optional<std::filesystem::path>& passphrase_file);
Outcome<void> save_pepper_file(const Context& context, const AreaFolder& folder,
                               const PepperFile& peppers);

/// Those of the registry's epochs.
Outcome<Peppers> read_peppers(const Context& context, const AreaFolder& folder,
                              const std::optional<std::filesystem::path>& passphrase_file);

}  // namespace mash::ctl
