#include "broker/ctl/token_commands.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "broker/ctl/admin_client.hpp"
#include "broker/ctl/area_folder.hpp"
#include "broker/ctl/broker_commands.hpp"
#include "broker/ctl/peppers.hpp"
#include "broker/ctl/registrar.hpp"
#include "common/area/keyfile.hpp"

namespace mash::ctl {
namespace {

constexpr std::size_t pepper_bytes = 32;
/// Agents of ours state a list for 14 days, so that what one of them has not stated anew by then
/// has mostly lapsed. It is the soonest, and proves nothing: a lease may be a year, a conflict has
/// none, and the days run from the signature, not from when the broker got the documents.
constexpr std::chrono::days change_lasts{15};

Outcome<crypto::OprfPublicKey> public_key_of(const std::string& text) {
    const auto bytes = from_base64url(text);
    std::array<std::uint8_t, crypto::OprfPublicKey::size> key{};
    if (bytes && bytes->size() == key.size()) {
        std::copy(bytes->begin(), bytes->end(), key.begin());
        const crypto::OprfPublicKey public_key(key);
        if (crypto::check_usable(public_key)) return public_key;
    }
    return problem("That is no broker's key for subject tokens.",
                   "Give the line that `mashctl tokens key` printed on the broker's machine.");
}

/// Whom the running broker names: their names apart by commas, "" for none. One that has not taken
/// in the registry with the next key names nobody, and knows nothing.
Outcome<std::string> agencies_waited_for(const std::filesystem::path& socket, std::uint16_t next) {
    constexpr std::chrono::seconds deadline{30};
    CTL_TRY(line, ask_broker(socket, "token_change", "", deadline));
    CTL_TRY_VOID(text_of_answer(line));  // a refusal, in words
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const auto answer = json.find("answer");
    const auto listed = answer == json.end() || !answer->is_object()
                            ? nlohmann::json()
                            : answer->value("agencies", nlohmann::json());
    if (!listed.is_array())
        return problem("The broker's answer cannot be read.",
                       "Use the mashctl of the broker's own release.", Exit::no_broker);
    const auto epochs = answer->value("epochs", nlohmann::json());
    if (!epochs.is_array() || std::ranges::find(epochs, nlohmann::json(next)) == epochs.end())
        return problem("The broker does not list epoch " + std::to_string(next) +
                           " yet, so it waits for nobody's lists under it.",
                       "Bring `documents/` to the broker and run `mashctl reload` there; agents "
                       "then state their lists anew.");
    std::string names;
    for (const auto& one : listed) {
        if (!one.is_object()) continue;
        names += (names.empty() ? "" : ", ") + one.value("agency", std::string());
    }
    return names;
}

}  // namespace

Outcome<void> make_token_key(const Context& context, const TokensKey& command) {
    CTL_TRY_RESULT(file, area::load_key_file(command.key, nullptr),
                   "read the broker's keys " + command.key.string());
    if (file.label.kind != "broker")
        return problem(command.key.string() + " does not hold a broker's keys.",
                       "Name the file broker.key.");
    CTL_TRY_RESULT(held, area::token_keys_of(file), "use the broker's keys for subject tokens");
    std::uint16_t epoch = 1;
    while (held.contains(area::token_key_name(epoch))) ++epoch;
    // An area from before has a pepper of epoch 1 and no key.
    if (held.empty()) epoch = 2;
    const auto key = crypto::OprfKey::generate(context.random);
    file.add_oprf(area::token_key_name(epoch), key);
    CTL_TRY_RESULT_VOID(
        area::save_key_file(command.key, file, nullptr, context.key_price, context.random),
        "write the broker's keys");
    context.out << "The broker has a key for epoch " << epoch
                << ".\n  1. Copy broker.key to where its copies lie, and start the broker again.\n"
                   "  2. Give this line to the registrar, for `mashctl tokens begin "
                   "--broker-key`:\n"
                << to_base64url(key.public_key().view()) << "\n";
    return {};
}

Outcome<void> begin_token_change(const Context& context, const TokensBegin& command) {
    CTL_TRY(key, public_key_of(command.broker_key));
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto epochs = token_epochs_of(folder.registry());
    if (epochs.next)
        return problem("The keys of subject tokens are changing already.",
                       "Finish that first with `mashctl tokens finish`.");
    if (std::ranges::any_of(folder.registry().broker.token_keys,
                            [&](const auto& listed) { return listed.key == key; }))
        return problem("The registry lists this key already.",
                       "Make the next one with `mashctl tokens key` on the broker's machine.");
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    CTL_TRY(peppers, open_pepper_file(context, folder, command.passphrase_file));
    const auto next = static_cast<std::uint16_t>(epochs.current + 1);
    // One that is there is of an earlier attempt, which signed nothing.
    if (!peppers.file.secrets.contains(pepper_name(next))) {
        peppers.file.add_secret(pepper_name(next),
                                crypto::SecretBytes::random(pepper_bytes, context.random));
        CTL_TRY_VOID(save_pepper_file(context, folder, peppers));
    }
    CTL_TRY_RESULT(secret, peppers.file.secret(pepper_name(next)), "use the next secret");
    const Pepper pepper{std::move(secret), next};
    auto registry = folder.next_registry(context);
    registry.broker.token_keys.push_back({next, context.now, key});
    for (auto& [id, agency] : registry.agencies) {
        if (agency.revoked_at.is_set() || agency.sealed_pepper.empty()) continue;
        CTL_TRY_VOID(seal_next_pepper(agency, pepper, context.random));
    }
    CTL_TRY_VOID(folder.publish_registry(context, registrar, registry));
    context.out
        << "Registry version " << registry.version << " lists epoch " << next << " beside epoch "
        << epochs.current
        << ". Bring it to the broker and run `mashctl reload`.\nAgents state their lists "
           "under both by themselves; `mashctl tokens waiting` on the broker's machine names "
           "those that have not. When it names nobody, finish with `mashctl tokens finish` "
           "from "
        << time_text(context.now + change_lasts) << " on.\n";
    return {};
}

Outcome<void> finish_token_change(const Context& context, const TokensFinish& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto epochs = token_epochs_of(folder.registry());
    if (!epochs.next)
        return problem("The keys of subject tokens are not changing.",
                       "Begin with `mashctl tokens key` on the broker's machine.");
    const auto from = folder.registry().find_token_key(*epochs.next)->since + change_lasts;
    if (context.now < from && !command.now)
        return problem(
            "Agencies that were away may have stated their lists under the old keys "
            "alone. Most are stated anew or have lapsed from " +
                time_text(from) + " on.",
            "Wait until then, or give --now when the old keys are in wrong hands: "
            "children on lists that were not stated anew are then not recognised, and "
            "conflicts exclude nobody from what is sent, until they are.");
    if (!command.socket && !command.nobody_waits && !command.now)
        return problem(
            "Nobody was asked whose lists or conflicts are under the old keys alone. A conflict "
            "does not lapse: once these keys are ended, it excludes nobody from what is sent.",
            "Run `mashctl tokens waiting` on the broker's machine. When it lists epoch " +
                std::to_string(*epochs.next) +
                " and names nobody, give --nobody-waits; or give --socket where the broker runs on "
                "this machine.");
    if (command.socket) {
        CTL_TRY(names, agencies_waited_for(*command.socket, *epochs.next));
        if (!names.empty() && !command.now)
            return problem(
                "These agencies have lists or conflicts under the old keys alone: " + names + ".",
                "See why their agents do not state them anew (their `status`: "
                "`rolls_identifying`, `identifying_paused`), or give --now when the old "
                "keys are in wrong hands.");
        if (!names.empty())
            context.out << "Not recognised until they are stated anew: " << names << ".\n";
    }
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    auto registry = folder.next_registry(context);
    std::erase_if(registry.broker.token_keys,
                  [&](const auto& listed) { return listed.epoch != *epochs.next; });
    for (auto& [id, agency] : registry.agencies) {
        if (!agency.next_pepper) continue;
        agency.sealed_pepper = std::move(agency.next_pepper->sealed);
        agency.pepper_epoch = agency.next_pepper->epoch;
        agency.next_pepper.reset();
    }
    CTL_TRY_VOID(folder.publish_registry(context, registrar, registry));
    // After the registry: until it is signed the old secret is needed.
    CTL_TRY(peppers, open_pepper_file(context, folder, command.passphrase_file));
    peppers.file.secrets.erase(pepper_name(epochs.current));
    CTL_TRY_VOID(save_pepper_file(context, folder, peppers));
    context.out << "Registry version " << registry.version << " lists epoch " << *epochs.next
                << " alone. Bring it to the broker and run `mashctl reload`.\nThe old key in "
                   "broker.key opens nothing any more; destroy old copies of the file.\n";
    return {};
}

}  // namespace mash::ctl
