#include "broker/ctl/peppers.hpp"

#include <algorithm>

namespace mash::ctl {

TokenEpochs token_epochs_of(const area::Registry& registry) {
    const auto& keys = registry.broker.token_keys;
    TokenEpochs epochs;
    if (!keys.empty()) epochs.current = keys.front().epoch;
    if (keys.size() > 1) epochs.next = keys.back().epoch;
    for (const auto& [id, agency] : registry.agencies) {
        if (!agency.next_pepper) continue;
        // The change from an area without keys: only what comes has one.
        epochs.current = agency.pepper_epoch;
        epochs.next = agency.next_pepper->epoch;
    }
    return epochs;
}

std::string pepper_name(std::uint16_t epoch) { return "pepper-" + std::to_string(epoch); }

Outcome<PepperFile> open_pepper_file(const Context& context, const AreaFolder& folder,
                                     const std::optional<std::filesystem::path>& passphrase_file) {
    const auto path = folder.paths().pepper_key();
    CTL_TRY_RESULT(label, area::load_key_file_label(path),
                   "read the area's secret " + path.string());
    std::optional<crypto::SecretBytes> passphrase;
    if (label.is_sealed) {
        CTL_TRY(given, passphrase_for(context, passphrase_file,
                                      "the area's secret (the registrar's passphrase)"));
        passphrase = std::move(given);
    }
    CTL_TRY_RESULT(file, area::load_key_file(path, passphrase ? &*passphrase : nullptr),
                   "open the area's secret");
    return PepperFile{std::move(file), std::move(passphrase)};
}

Outcome<void> save_pepper_file(const Context& context, const AreaFolder& folder,
                               const PepperFile& peppers) {
    CTL_TRY_RESULT_VOID(area::save_key_file(folder.paths().pepper_key(), peppers.file,
                                            peppers.passphrase ? &*peppers.passphrase : nullptr,
                                            context.key_price, context.random),
                        "write the area's secret");
    return {};
}

Outcome<Peppers> read_peppers(const Context& context, const AreaFolder& folder,
                              const std::optional<std::filesystem::path>& passphrase_file) {
    CTL_TRY(opened, open_pepper_file(context, folder, passphrase_file));
    const auto epochs = token_epochs_of(folder.registry());
    const auto where = "find the area's secret in " + folder.paths().pepper_key().string();
    CTL_TRY_RESULT(current, opened.file.secret(pepper_name(epochs.current)), where);
    Peppers peppers{Pepper{std::move(current), epochs.current}, std::nullopt};
    if (epochs.next) {
        CTL_TRY_RESULT(next, opened.file.secret(pepper_name(*epochs.next)), where);
        peppers.next.emplace(Pepper{std::move(next), *epochs.next});
    }
    return peppers;
}

}  // namespace mash::ctl
