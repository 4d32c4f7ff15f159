#include "broker/ctl/area_folder.hpp"

#include <algorithm>

#include "common/area/document_files.hpp"
#include "common/area/second_registrar.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using wire::DocumentKind;

constexpr std::chrono::days registrar_warning{60};

// A folder whose registrar's time is over must still open, so that `area delegate` can put it
// right: its documents are judged by a time at which they could be accepted.
Outcome<WallTime> loading_time(const std::vector<wire::SignedDocument>& documents, WallTime now) {
    if (documents.front().kind != DocumentKind::delegation) {
        return problem("The folder holds no delegation.signed, so nothing in it can be verified.",
                       "Restore the folder documents/ from a backup.");
    }
    CTL_TRY_RESULT(delegation, area::parse_delegation(documents.front().body),
                   "read delegation.signed");
    return std::clamp(now, delegation.not_before,
                      delegation.not_after - std::chrono::milliseconds(1));
}

// One document restored from an old backup would make its next version a second time, with other
// bytes, which no reader would take. Ahead of the freshness statement is well: the machine stopped
// between the two.
Outcome<void> check_not_behind(const area::TrustedArea& trusted) {
    const auto& fresh = trusted.freshness();
    if (!fresh) return {};
    struct Named {
        DocumentKind kind;
        std::uint64_t version;
        const Digest& digest;
    };
    for (const auto& named :
         {Named{DocumentKind::registry, fresh->registry_version, fresh->registry_digest},
          Named{DocumentKind::policy, fresh->policy_version, fresh->policy_digest},
          Named{DocumentKind::catalogue, fresh->catalogue_version, fresh->catalogue_digest}}) {
        const auto* held = trusted.document(named.kind);
        const std::uint64_t version = trusted.version(named.kind);
        if (version < named.version || (version == named.version && held != nullptr &&
                                        area::document_digest(*held) != named.digest)) {
            return problem(std::string(area::name_of(named.kind)) +
                               ".signed is older than the one that was last vouched for.",
                           "Part of the folder documents/ was restored from an old backup. Restore "
                           "all of it from the "
                           "newest, or fetch the newest documents from the broker's machine.");
        }
    }
    return {};
}

}  // namespace

Outcome<area::TrustAnchor> read_anchor(const AreaPaths& paths) {
    const auto text = area::read_file(paths.anchor(), 64 * limits::kibibyte);
    if (!text && text.error() == ErrorCode::not_found) {
        return problem("There is no area in " + paths.dir.string() + ".",
                       "Give the folder that `mashctl area init` made, or make one.");
    }
    if (!text) return problem_of(text.error(), "read " + paths.anchor().string());
    CTL_TRY_RESULT(anchor, area::parse_trust_anchor(text_of(*text)),
                   "read " + paths.anchor().string());
    return anchor;
}

AreaFolder::AreaFolder(AreaPaths paths, const area::TrustAnchor& anchor, area::FolderLock lock)
    : paths_(std::move(paths)),
      anchor_(anchor),
      trusted_(anchor.area, anchor.root),
      lock_(std::move(lock)) {}

Outcome<AreaFolder> AreaFolder::open(const std::filesystem::path& dir, const Context& context) {
    AreaPaths paths(dir);
    CTL_TRY(anchor, read_anchor(paths));
    CTL_TRY_RESULT(lock, area::FolderLock::take(paths.dir), "lock " + paths.dir.string());
    CTL_TRY_RESULT(documents, area::read_documents(paths.documents()),
                   "read the signed documents of the area",
                   "Restore the folder documents/ from a backup.");
    AreaFolder folder(std::move(paths), anchor, std::move(lock));
    CTL_TRY(load_at, loading_time(documents, context.now));
    for (const auto& document : documents) {
        const auto accepted = folder.trusted_.accept(document, load_at);
        if (!accepted) {
            return problem_of(accepted.error(),
                              "trust " + std::string(area::name_of(document.kind)) + ".signed",
                              "Do not sign anything over it. Restore the folder documents/ from a "
                              "backup and find out "
                              "who changed it.");
        }
    }
    CTL_TRY_VOID(check_not_behind(folder.trusted_));
    if (!folder.trusted_.registry()) {
        return problem("The folder holds no registry.signed.",
                       "Restore the folder documents/ from a backup.");
    }
    return folder;
}

const area::Registry& AreaFolder::registry() const {
    const auto& held = trusted_.registry();
    CHECK(held.has_value());
    return *held;
}

const area::Delegation& AreaFolder::delegation() const {
    const auto& held = trusted_.delegation();
    CHECK(held.has_value());
    return *held;
}

const area::Freshness& AreaFolder::freshness() const {
    const auto& held = trusted_.freshness();
    CHECK(held.has_value());
    return *held;
}

Outcome<crypto::SigningKey> AreaFolder::registrar(
    const Context& context, const std::optional<std::filesystem::path>& passphrase_file) const {
    const auto path = paths_.registrar_key();
    CTL_TRY_RESULT(label, area::load_key_file_label(path),
                   "read the registrar's key " + path.string());
    std::optional<crypto::SecretBytes> passphrase;
    if (label.is_sealed) {
        CTL_TRY(given, passphrase_for(context, passphrase_file, "the registrar's key"));
        passphrase = std::move(given);
    }
    CTL_TRY_RESULT(file, area::load_key_file(path, passphrase ? &*passphrase : nullptr),
                   "open the registrar's key");
    CTL_TRY_RESULT(key, file.signing("signing"), "use the registrar's key");
    const auto& named = delegation();
    if (key.verify_key() != named.registrar) {
        return problem(
            "The key in registrar/registrar.key is not the registrar that the root named.",
            "Restore the key file, or name this key with `mashctl area delegate`.");
    }
    if (context.now >= named.not_after) {
        return problem("The registrar's time ended on " + time_text(named.not_after) + ".",
                       "Extend it with `mashctl area delegate`, which needs the root key.");
    }
    if (context.now < named.not_before) {
        return problem("The registrar's time begins on " + time_text(named.not_before) + ".",
                       "Check the clock of this machine.");
    }
    if (named.not_after - context.now < registrar_warning) {
        context.warn("the registrar's time ends on " + time_text(named.not_after) +
                     ". Extend it with `mashctl area delegate`, which needs the root key.");
    }
    return key;
}

area::Registry AreaFolder::next_registry(const Context& context) const {
    area::Registry next = registry();
    next.drop_index();
    next.version += 1;
    next.issued_at = context.now;
    return next;
}

Outcome<void> AreaFolder::accept_and_write(const Context& context,
                                           const wire::SignedDocument& document) {
    const auto name = std::string(area::name_of(document.kind)) + ".signed";
    CTL_TRY_RESULT_VOID(trusted_.accept(document, context.now), "sign " + name);
    CTL_TRY_RESULT_VOID(area::write_document(paths_.documents(), document), "write " + name);
    return {};
}

Outcome<void> AreaFolder::publish(const Context& context, const crypto::SigningKey& signer,
                                  DocumentKind kind, std::uint64_t version, Bytes body) {
    wire::SignedDocument document{kind, anchor_.area, version, std::move(body), {}};
    document.signatures = {area::sign_document(document, signer)};
    return accept_and_write(context, document);
}

Outcome<void> AreaFolder::publish_signed(const Context& context,
                                         const wire::SignedDocument& document) {
    return accept_and_write(context, document);
}

Outcome<void> AreaFolder::publish_registry(const Context& context,
                                           const crypto::SigningKey& registrar,
                                           const area::Registry& registry) {
    CTL_TRY_RESULT_VOID(area::check_registry(registry), "make the next registry");
    CTL_TRY_VOID(publish(context, registrar, DocumentKind::registry, registry.version,
                         area::encode_registry(registry)));
    return publish_freshness(context, registrar);
}

Outcome<void> AreaFolder::publish_freshness(const Context& context,
                                            const crypto::SigningKey& registrar) {
    area::Freshness freshness;
    freshness.area = anchor_.area;
    freshness.version = trusted_.version(DocumentKind::freshness) + 1;
    freshness.issued_at = context.now;
    const auto name = [&](DocumentKind kind, std::uint64_t& version, Digest& digest) {
        if (const auto* held = trusted_.document(kind)) {
            version = held->version;
            digest = area::document_digest(*held);
        }
    };
    name(DocumentKind::registry, freshness.registry_version, freshness.registry_digest);
    name(DocumentKind::policy, freshness.policy_version, freshness.policy_digest);
    name(DocumentKind::catalogue, freshness.catalogue_version, freshness.catalogue_digest);
    return publish(context, registrar, DocumentKind::freshness, freshness.version,
                   area::encode_freshness(freshness));
}

Outcome<void> AreaFolder::countersign(const crypto::SigningKey& successor) {
    const auto present = delegation().registrar;
    for (const auto kind : {DocumentKind::registry, DocumentKind::policy, DocumentKind::catalogue,
                            DocumentKind::freshness}) {
        const auto* held = trusted_.document(kind);
        if (held == nullptr) continue;
        auto document = *held;
        const auto second = area::second_registrar(trusted_);
        std::erase_if(document.signatures, [&](const wire::DocumentSignature& each) {
            return each.key != present && (!second || each.key != second->key);
        });
        document.signatures.push_back(area::sign_document(document, successor));
        // Not accepted first: the present registrar's time may be over, which is why it gets a
        // successor.
        CTL_TRY_RESULT_VOID(area::write_document(paths_.documents(), document),
                            "write " + std::string(area::name_of(kind)) + ".signed");
    }
    return {};
}

}  // namespace mash::ctl
