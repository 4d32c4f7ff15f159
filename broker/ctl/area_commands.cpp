#include "broker/ctl/area_commands.hpp"

#include "broker/ctl/area_folder.hpp"
#include "common/area/document_files.hpp"
#include "common/area/second_registrar.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/fingerprint.hpp"

namespace mash::ctl {
namespace {

using wire::DocumentKind;

constexpr unsigned registrar_days_max = 3660;
constexpr std::size_t pepper_bytes = 32;

area::KeyFile key_file(const char* kind, const AreaId& area) {
    area::KeyFile file;
    file.label.kind = kind;
    file.label.area = area;
    file.label.owner = kind;
    return file;
}

Outcome<area::Delegation> delegation_to(const Context& context, const AreaId& area,
                                        std::uint64_t version, const crypto::VerifyKey& registrar,
                                        unsigned days) {
    if (days == 0 || days > registrar_days_max) {
        return problem(
            "A registrar is named for 1 to " + std::to_string(registrar_days_max) + " days.",
            "Give another number of days.");
    }
    return area::Delegation{area, version, registrar, context.now - limits::clock_skew_max,
                            context.now + std::chrono::days(days)};
}

Outcome<void> check_endpoints(const std::vector<std::string>& endpoints) {
    if (endpoints.empty() || endpoints.size() > limits::endpoints_max) {
        return problem(
            "An area has 1 to " + std::to_string(limits::endpoints_max) + " broker addresses.",
            "Give them with --broker-endpoint.");
    }
    for (const auto& endpoint : endpoints) {
        const auto colon = endpoint.rfind(':');
        if (!endpoint.starts_with("tcp://") || colon == std::string::npos || colon <= 6 ||
            colon + 1 == endpoint.size() || endpoint.size() > limits::display_name_bytes_max ||
            endpoint.find_first_not_of("0123456789", colon + 1) != std::string::npos) {
            return problem("\"" + endpoint + "\" is no address of a broker.",
                           "Write tcp://HOST:PORT, for example tcp://broker.example.gov.uk:7400.");
        }
    }
    return {};
}

Outcome<void> make_folders(const AreaPaths& paths) {
    using area::FileAccess;
    CTL_TRY_RESULT_VOID(area::make_folder(paths.dir, FileAccess::everyone),
                        "make " + paths.dir.string());
    for (const auto& folder :
         {paths.root_key().parent_path(), paths.registrar_key().parent_path(), paths.invites(),
          paths.used_invites(), paths.broker_key().parent_path()}) {
        CTL_TRY_RESULT_VOID(area::make_folder(folder, FileAccess::owner_only),
                            "make " + folder.string());
    }
    CTL_TRY_RESULT_VOID(area::make_folder(paths.documents(), FileAccess::everyone),
                        "make " + paths.documents().string());
    return {};
}

Outcome<void> check_not_begun(const AreaPaths& paths) {
    std::error_code ignored;
    if (std::filesystem::exists(paths.anchor(), ignored)) {
        return problem("There is an area in " + paths.dir.string() + " already.",
                       "Choose another folder. An area's root key is never replaced.");
    }
    if (std::filesystem::exists(paths.root_key(), ignored)) {
        return problem("An earlier `area init` in " + paths.dir.string() + " did not finish.",
                       "No agency can have been invited yet: remove the folder and start again.");
    }
    return {};
}

area::Registry first_registry(const Context& context, const AreaId& area,
                              const crypto::SigningKey& broker_signing,
                              const crypto::CurvePublicKey& broker_transport,
                              const crypto::OprfKey& token_key,
                              std::vector<std::string> endpoints) {
    area::Registry registry;
    registry.area = area;
    registry.version = 1;
    registry.issued_at = context.now;
    registry.broker.signing_keys = {
        {broker_signing.verify_key(), context.now - limits::clock_skew_max, {}, {}}};
    registry.broker.curve_public_key = broker_transport.value();
    registry.broker.endpoints = std::move(endpoints);
    registry.broker.token_keys = {{1, context.now, token_key.public_key()}};
    return registry;
}

Outcome<std::optional<crypto::SecretBytes>> registrar_passphrase(
    const Context& context, const std::optional<std::filesystem::path>& file) {
    if (!file) {
        context.warn(
            "the registrar's key is not protected by a passphrase. Whoever can read the folder "
            "registrar/ can "
            "change the area. Name a file with --registrar-passphrase-file to protect it.");
        return std::nullopt;
    }
    CTL_TRY(passphrase, new_passphrase_for(context, file, "the registrar's key"));
    return std::optional(std::move(passphrase));
}

const crypto::SecretBytes* pointer_to(const std::optional<crypto::SecretBytes>& secret) {
    return secret ? &*secret : nullptr;
}

std::string hex_of(const Digest& digest) { return to_hex(digest); }

/// Who must sign beside the registrar from the next delegation on; what is in force goes on.
Outcome<std::optional<area::SecondRegistrar>> second_of(const AreaFolder& folder,
                                                        const AreaDelegate& command) {
    auto second = area::second_registrar(folder.trusted());
    if (command.one_registrar && !command.second_registrar.empty()) {
        return problem("Both a second registrar and none are asked for.",
                       "Give --second-registrar or --one-registrar.");
    }
    if (command.one_registrar) return std::optional<area::SecondRegistrar>();
    if (!command.second_registrar.empty()) {
        const auto bytes = from_base64url(command.second_registrar);
        if (!bytes || bytes->size() != crypto::VerifyKey::size) {
            return problem("That is no registrar's public key.",
                           "Give the line that `mashctl registrar-key` printed.");
        }
        std::array<std::uint8_t, crypto::VerifyKey::size> key{};
        std::copy(bytes->begin(), bytes->end(), key.begin());
        second = area::SecondRegistrar{crypto::VerifyKey(key), {}, {}};
    }
    if (!second) return second;
    const auto digest = [&](DocumentKind kind) {
        const auto* held = folder.trusted().document(kind);
        return held == nullptr ? Digest{} : area::document_digest(*held);
    };
    second->policy_in_force = digest(DocumentKind::policy);
    second->catalogue_in_force = digest(DocumentKind::catalogue);
    return second;
}

}  // namespace

Outcome<void> init_area(const Context& context, const AreaInit& command) {
    if (!is_valid_name(command.area)) {
        return problem(
            "\"" + command.area + "\" is not a name an area can have.",
            "Use 1 to 64 small letters, digits, hyphens, dots and underscores: worcestershire.");
    }
    CTL_TRY_VOID(check_endpoints(command.broker_endpoints));
    const AreaPaths paths(command.dir);
    CTL_TRY_VOID(check_not_begun(paths));
    CTL_TRY(root_passphrase, new_passphrase_for(context, command.passphrase_file, "the root key"));
    CTL_TRY(own_passphrase, registrar_passphrase(context, command.registrar_passphrase_file));
    const AreaId area(command.area);

    const auto root = crypto::SigningKey::generate(context.random);
    const auto registrar = crypto::SigningKey::generate(context.random);
    const auto broker_signing = crypto::SigningKey::generate(context.random);
    const auto broker_transport = crypto::CurveKeyPair::generate(context.random);
    const auto token_key = crypto::OprfKey::generate(context.random);
    CTL_TRY(delegation,
            delegation_to(context, area, 1, registrar.verify_key(), command.registrar_days));

    CTL_TRY_VOID(make_folders(paths));
    auto root_file = key_file("root", area);
    root_file.add_signing("signing", root);
    CTL_TRY_RESULT_VOID(area::save_key_file(paths.root_key(), root_file, &root_passphrase,
                                            context.root_price, context.random),
                        "write the root key");
    auto registrar_file = key_file("registrar", area);
    registrar_file.add_signing("signing", registrar);
    CTL_TRY_RESULT_VOID(
        area::save_key_file(paths.registrar_key(), registrar_file, pointer_to(own_passphrase),
                            context.key_price, context.random),
        "write the registrar's key");
    auto pepper_file = key_file("pepper", area);
    pepper_file.add_secret("pepper-1", crypto::SecretBytes::random(pepper_bytes, context.random));
    CTL_TRY_RESULT_VOID(
        area::save_key_file(paths.pepper_key(), pepper_file, pointer_to(own_passphrase),
                            context.key_price, context.random),
        "write the area's secret");
    auto broker_file = key_file("broker", area);
    broker_file.add_signing("signing", broker_signing);
    broker_file.add_curve("transport", broker_transport);
    broker_file.add_oprf(area::token_key_name(1), token_key);
    CTL_TRY_RESULT_VOID(area::save_key_file(paths.broker_key(), broker_file, nullptr,
                                            context.key_price, context.random),
                        "write the broker's key");

    const area::TrustAnchor anchor{area, root.verify_key()};
    wire::SignedDocument signed_delegation{
        DocumentKind::delegation, area, 1, area::encode_delegation(delegation), {}};
    signed_delegation.signatures = {area::sign_document(signed_delegation, root)};
    wire::SignedDocument signed_registry{
        DocumentKind::registry,
        area,
        1,
        area::encode_registry(first_registry(context, area, broker_signing,
                                             broker_transport.public_key, token_key,
                                             command.broker_endpoints)),
        {}};
    signed_registry.signatures = {area::sign_document(signed_registry, registrar)};
    for (const auto* document : {&signed_delegation, &signed_registry}) {
        CTL_TRY_RESULT_VOID(area::write_document(paths.documents(), *document),
                            "write the signed documents");
    }
    // Last: from here on there is an area.
    CTL_TRY_RESULT_VOID(area::write_file(paths.anchor(), view_of(area::to_json(anchor)),
                                         area::FileAccess::everyone),
                        "write area.json");
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY_VOID(folder.publish_freshness(context, registrar));

    context.out << "The area " << area.value() << " is made in " << paths.dir.string() << ".\n\n"
                << "Root fingerprint: " << area::fingerprint_of(anchor).text() << "\n\n"
                << "What to do now:\n"
                << "  1. Write the fingerprint down. Agencies compare it with their invite.\n"
                << "  2. Move the folder " << paths.root_key().parent_path().string()
                << " and its passphrase to two places that are not this machine.\n"
                << "     The root key is needed again only to name a registrar (`mashctl area "
                   "delegate`), before "
                << time_text(delegation.not_after) << ".\n"
                << "  3. Give the broker the folders broker/ and documents/, and area.json. Never "
                   "the folder registrar/.\n"
                << "  4. Sign the policy with `mashctl policy sign`, and invite agencies with "
                   "`mashctl agency invite`.\n"
                << "  5. Run `mashctl freshness renew` every day: without it agents stop sharing "
                   "after 7 days.\n";
    return {};
}

Outcome<void> delegate_registrar(const Context& context, const AreaDelegate& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto root_path = command.root_key.value_or(folder.paths().root_key());
    CTL_TRY_RESULT(root_label, area::load_key_file_label(root_path),
                   "read the root key " + root_path.string(),
                   "The root key is kept away from this machine: bring it, and name the file with "
                   "--root-key.");
    std::optional<crypto::SecretBytes> passphrase;
    if (root_label.is_sealed) {
        CTL_TRY(given, passphrase_for(context, command.passphrase_file, "the root key"));
        passphrase = std::move(given);
    }
    CTL_TRY_RESULT(root_file, area::load_key_file(root_path, pointer_to(passphrase)),
                   "open the root key");
    CTL_TRY_RESULT(root, root_file.signing("signing"), "use the root key");
    if (root.verify_key() != folder.anchor().root) {
        return problem("This is not the root key of the area " + folder.anchor().area.value() + ".",
                       "Use the root.key that was made together with this folder.");
    }

    CTL_TRY(second, second_of(folder, command));
    const auto& present = folder.delegation();
    auto registrar_key = present.registrar;
    std::optional<crypto::SigningKey> successor;
    if (command.new_key) {
        successor = crypto::SigningKey::generate(context.random);
        registrar_key = successor->verify_key();
    }
    CTL_TRY(delegation, delegation_to(context, folder.anchor().area, present.version + 1,
                                      registrar_key, command.registrar_days));
    if (successor) {
        // The area's secret lies under the registrar's passphrase, so it moves under the new one.
        CTL_TRY_RESULT(pepper_label, area::load_key_file_label(folder.paths().pepper_key()),
                       "read the area's secret");
        std::optional<crypto::SecretBytes> old_passphrase;
        if (pepper_label.is_sealed) {
            CTL_TRY(given, passphrase_for(context, command.old_registrar_passphrase_file,
                                          "the registrar's key until now"));
            old_passphrase = std::move(given);
        }
        CTL_TRY_RESULT(pepper,
                       area::load_key_file(folder.paths().pepper_key(), pointer_to(old_passphrase)),
                       "open the area's secret");
        CTL_TRY(own_passphrase, registrar_passphrase(context, command.registrar_passphrase_file));
        auto file = key_file("registrar", folder.anchor().area);
        file.add_signing("signing", *successor);
        CTL_TRY_VOID(folder.countersign(*successor));
        CTL_TRY_RESULT_VOID(
            area::save_key_file(folder.paths().registrar_key(), file, pointer_to(own_passphrase),
                                context.key_price, context.random),
            "write the registrar's key");
        CTL_TRY_RESULT_VOID(
            area::save_key_file(folder.paths().pepper_key(), pepper, pointer_to(own_passphrase),
                                context.key_price, context.random),
            "write the area's secret");
    }
    CTL_TRY_VOID(folder.publish(context, root, DocumentKind::delegation, delegation.version,
                                second ? area::encode_delegation(delegation, *second)
                                       : area::encode_delegation(delegation)));
    if (successor) {
        CTL_TRY_VOID(folder.publish_freshness(context, *successor));
        context.out << "The registrar has a new key. The old one can sign nothing more once "
                       "brokers and agents have the "
                       "new delegation.\n";
    }
    context.out
        << "The registrar may sign until " << time_text(delegation.not_after)
        << ". Bring the folder documents/ to the broker, and the root key back to its place.\n";
    if (second) {
        context.out << "Every policy and catalogue from now on needs the second registrar's "
                       "signature too: fingerprint "
                    << crypto::KeyFingerprint::of(second->key).text() << ".\n";
    }
    return {};
}

Outcome<void> make_registrar_key(const Context& context, const RegistrarKey& command) {
    if (!is_valid_name(command.area))
        return problem("\"" + command.area + "\" is no area's name.", "Give it with --area.");
    std::error_code ignored;
    if (std::filesystem::exists(command.out, ignored)) {
        return problem("There is a file " + command.out.string() + " already.",
                       "Choose another name: a key is never overwritten.");
    }
    CTL_TRY(passphrase, registrar_passphrase(context, command.passphrase_file));
    const auto key = crypto::SigningKey::generate(context.random);
    auto file = key_file("second-registrar", AreaId(command.area));
    file.add_signing("signing", key);
    CTL_TRY_RESULT_VOID(area::save_key_file(command.out, file, pointer_to(passphrase),
                                            context.key_price, context.random),
                        "write " + command.out.string());
    context.out
        << "The key is in " << command.out.string() << ". It stays with you.\nPublic key   "
        << to_base64url(key.verify_key().view()) << "\nFingerprint  "
        << crypto::KeyFingerprint::of(key.verify_key()).text()
        << "\nGive the public key to whoever keeps the root key, for `mashctl area delegate "
           "--second-registrar`, and read out the fingerprint.\n";
    return {};
}

Outcome<void> show_area(const Context& context, const AreaShow& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto& trusted = folder.trusted();
    const auto& registry = folder.registry();
    context.out << "Area              " << folder.anchor().area.value() << "\n"
                << "Root fingerprint  " << area::fingerprint_of(folder.anchor()).text() << "\n"
                << "Registrar until   " << time_text(folder.delegation().not_after) << "\n";
    for (const auto& endpoint : registry.broker.endpoints)
        context.out << "Broker            " << endpoint << "\n";
    context.out << "Registry          version " << registry.version << ", "
                << registry.agencies.size() << " agencies, signed " << time_text(registry.issued_at)
                << "\n";
    for (const auto& listed : registry.broker.token_keys)
        context.out << "Subject tokens    epoch " << listed.epoch << ", key "
                    << to_base64url(listed.key.view()) << "\n";
    const auto policy = trusted.version(DocumentKind::policy);
    context.out << "Policy            "
                << (policy == 0 ? "none signed yet" : "version " + std::to_string(policy)) << "\n";
    const auto fresh = trusted.check_fresh(context.now);
    if (const auto& vouched = trusted.freshness()) {
        context.out << "Fresh until       " << time_text(vouched->issued_at + limits::freshness_max)
                    << "\n";
    }
    if (!fresh) {
        return problem("The documents are not fresh: brokers and agents will not rely on them.",
                       "Run `mashctl freshness renew`.");
    }
    return {};
}

Outcome<void> set_endpoints(const Context& context, const SetEndpoints& command) {
    CTL_TRY_VOID(check_endpoints(command.endpoints));
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    auto next = folder.next_registry(context);
    next.broker.endpoints = command.endpoints;
    CTL_TRY_VOID(folder.publish_registry(context, registrar, next));
    context.out << "Registry version " << next.version << " names the new broker addresses.\n";
    return {};
}

Outcome<void> renew_freshness(const Context& context, const FreshnessRenew& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    CTL_TRY_VOID(folder.publish_freshness(context, registrar));
    context.out << "The documents are vouched for until "
                << time_text(folder.freshness().issued_at + limits::freshness_max) << ".\n";
    return {};
}

Outcome<void> show_document(const Context& context, const DocumentShow& command) {
    CTL_TRY_RESULT(document, area::read_document(command.file), "read " + command.file.string());
    context.out << "Kind       " << area::name_of(document.kind) << "\n"
                << "Area       " << document.area.value() << "\n"
                << "Version    " << document.version << "\n"
                << "Digest     " << hex_of(area::document_digest(document)) << "\n";
    for (const auto& signature : document.signatures) {
        context.out << "Signed by  " << crypto::KeyFingerprint::of(signature.key).text() << "\n";
    }
    switch (document.kind) {
        case DocumentKind::delegation: {
            CTL_TRY_RESULT(body, area::parse_delegation(document.body),
                           "read the delegation inside");
            context.out << "Registrar  " << crypto::KeyFingerprint::of(body.registrar).text()
                        << "\n";
            if (const auto second = area::second_registrar(document.body))
                context.out << "Second     " << crypto::KeyFingerprint::of(second->key).text()
                            << "\n";
            context.out << "From       " << time_text(body.not_before) << "\n"
                        << "Until      " << time_text(body.not_after) << "\n";
            break;
        }
        case DocumentKind::registry: {
            CTL_TRY_RESULT(body, area::parse_registry(document.body), "read the registry inside");
            context.out << "Issued     " << time_text(body.issued_at) << "\n"
                        << "Agencies   " << body.agencies.size() << "\n"
                        << "Hosts      " << body.hosts.size() << "\n";
            break;
        }
        case DocumentKind::freshness: {
            CTL_TRY_RESULT(body, area::parse_freshness(document.body),
                           "read the freshness statement inside");
            context.out << "Issued     " << time_text(body.issued_at) << "\n"
                        << "Until      " << time_text(body.issued_at + limits::freshness_max)
                        << "\n"
                        << "Names      registry " << body.registry_version << ", policy "
                        << body.policy_version << ", catalogue " << body.catalogue_version << "\n";
            break;
        }
        case DocumentKind::policy:
        case DocumentKind::catalogue:
            context.out << "Text       " << document.body.size() << " bytes\n";
            if (command.body) context.out << "\n" << text_of(document.body);
            break;
    }
    if (!command.dir) {
        context.out
            << "\nThe signature was not checked. Name the area's folder with --dir to check it.\n";
        return {};
    }
    const AreaPaths paths(*command.dir);
    CTL_TRY(anchor, read_anchor(paths));
    area::TrustedArea trusted(anchor.area, anchor.root);
    if (document.kind != DocumentKind::delegation) {
        CTL_TRY_RESULT(
            delegation,
            area::read_document(area::document_path(paths.documents(), DocumentKind::delegation)),
            "read the area's delegation");
        CTL_TRY_RESULT_VOID(trusted.accept(delegation, context.now), "trust the area's delegation");
    }
    if (document.kind == DocumentKind::policy || document.kind == DocumentKind::catalogue) {
        const auto missing = area::missing_signature(trusted, document);
        if (!missing.empty()) {
            return problem(command.file.string() + ": the signature of " + std::string(missing) +
                               " is missing or wrong.",
                           "Do not use it. Fetch it again from the registrar.");
        }
    }
    CTL_TRY_RESULT_VOID(trusted.accept(document, context.now), "trust this document",
                        "Do not use it. Fetch it again from the registrar.");
    context.out << "\nThe signature is good: it comes from the area " << anchor.area.value()
                << ".\n";
    return {};
}

}  // namespace mash::ctl
