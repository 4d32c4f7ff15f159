// The folder that holds an area: what lies where, what it says, and how the next version of it is
// signed.
//
//   area.json                the area's name and root public key: what every reader starts from
//   root/root.key            signs delegations; sealed; to be moved to a place that is not this
//   machine registrar/registrar.key  signs everything else registrar/pepper.key     sealed to each
//   agency, never to the broker registrar/invites/       invites not yet used, with their one-time
//   codes registrar/used/          which invites were used, without the codes broker/broker.key the
//   broker's transport and signing key documents/*.signed       what any machine may hold
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "broker/ctl/context.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/area/registry.hpp"

namespace mash::ctl {

struct AreaPaths {
    explicit AreaPaths(std::filesystem::path folder) : dir(std::move(folder)) {}
    std::filesystem::path dir;
    std::filesystem::path anchor() const { return dir / "area.json"; }
    std::filesystem::path root_key() const { return dir / "root" / "root.key"; }
    std::filesystem::path registrar_key() const { return dir / "registrar" / "registrar.key"; }
    std::filesystem::path pepper_key() const { return dir / "registrar" / "pepper.key"; }
    std::filesystem::path invites() const { return dir / "registrar" / "invites"; }
    std::filesystem::path used_invites() const { return dir / "registrar" / "used"; }
    std::filesystem::path broker_key() const { return dir / "broker" / "broker.key"; }
    std::filesystem::path documents() const { return dir / "documents"; }
    /// Signed, and not in force before its first day.
    std::filesystem::path pending() const { return dir / "pending"; }
};

Outcome<area::TrustAnchor> read_anchor(const AreaPaths& paths);

/// An opened area. Holds the folder's lock, so that versions are made one after the other.
class AreaFolder {
public:
    /// Reads and verifies every document from the root on; one that does not verify is a problem,
    /// never overwritten.
    static Outcome<AreaFolder> open(const std::filesystem::path& dir, const Context& context);

    const AreaPaths& paths() const { return paths_; }
    const area::TrustAnchor& anchor() const { return anchor_; }
    const area::TrustedArea& trusted() const { return trusted_; }
    /// open() saw to it that there is one of each.
    const area::Registry& registry() const;
    const area::Delegation& delegation() const;
    const area::Freshness& freshness() const;

    /// Warns from 60 days before the registrar's time ends.
    Outcome<crypto::SigningKey> registrar(
        const Context& context, const std::optional<std::filesystem::path>& passphrase_file) const;
    /// The registry to edit: next version, issued now, without index.
    area::Registry next_registry(const Context& context) const;

    /// Signs `registry`, verifies it as a reader would, writes it and a new freshness statement.
    Outcome<void> publish_registry(const Context& context, const crypto::SigningKey& registrar,
                                   const area::Registry& registry);
    Outcome<void> publish(const Context& context, const crypto::SigningKey& signer,
                          wire::DocumentKind kind, std::uint64_t version, Bytes body);
    /// As it was signed, by whom it was signed.
    Outcome<void> publish_signed(const Context& context, const wire::SignedDocument& document);
    Outcome<void> publish_freshness(const Context& context, const crypto::SigningKey& registrar);
    /// Before `successor` is delegated: its signature beside the present one on every document, so
    /// that the folder can be trusted before and after the change, whenever the machine stops.
    Outcome<void> countersign(const crypto::SigningKey& successor);

private:
    AreaFolder(AreaPaths paths, const area::TrustAnchor& anchor, area::FolderLock lock);
    Outcome<void> accept_and_write(const Context& context, const wire::SignedDocument& document);

    AreaPaths paths_;
    area::TrustAnchor anchor_;
    area::TrustedArea trusted_;
    area::FolderLock lock_;
};

}  // namespace mash::ctl
