// Who stands behind a request of the local API, and what their credential opens. Inside this folder
// only.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// A person or the service, shown by a bearer token. The token itself opens the person's keys; it
/// is not kept.
struct Caller {
    PersonId person;
    bool service = false;
    PersonRow row;  ///< empty for the service
    std::optional<crypto::BearerToken> token;
};

/// Errors: wrong_credential (also for a person who was removed).
Result<Caller> authenticate(Step& step, const PersonalText& credential);
bool is_member(Step& step, const Caller& caller, const InboxId& inbox);
bool has_role(const Caller& caller, const AgencyId& agency, const RoleId& role);
/// The same, and not only because they open the inbox that stands by for this seat: an alternate
/// has what was re-routed to them and nothing else of the seat.
bool has_role_itself(Step& step, const Caller& caller, const Seat& seat);

/// Errors: wrong_credential, decrypt_failed.
Result<crypto::BoxKeyPair> box_key_of(const Caller& caller);
Result<crypto::SigningKey> signing_key_of(const Caller& caller);
/// A person with fresh keys and a token that is shown once. Member of nothing yet.
struct NewPerson {
    PersonId person;
    PersonRow row;
    crypto::BearerToken token;
};
NewPerson make_person(Step& step, const AgencyId& agency, std::vector<RoleId> roles);

/// The person's public key and roles, signed by their agency. Errors: unknown_key (the registry
/// lists no key of ours).
struct CertifiedPerson {
    Bytes certificate;
    crypto::Signature signature{};
};
Result<CertifiedPerson> certify(Step& step, const Caller& caller);

/// All epochs of an inbox that this person's key opens, newest first.
std::vector<crypto::BoxKeyPair> inbox_keys_of(Step& step, const Caller& caller,
                                              const InboxId& inbox);
/// The same for an automatic inbox, under the host's storage key.
std::vector<crypto::BoxKeyPair> automatic_keys_of(Step& step, const InboxId& inbox);
/// The same with the offline recovery key.
std::vector<crypto::BoxKeyPair> recovered_keys_of(Step& step, const crypto::BoxKeyPair& recovery,
                                                  const InboxId& inbox);

/// Gives `person` every epoch in `keys`, which the giver holds.
void share_inbox_keys(Step& step, const InboxId& inbox, std::span<const crypto::BoxKeyPair> keys,
                      const PersonId& person, const crypto::BoxPublicKey& box_public);
/// A new key for those who are members now; what came under the old one still opens for them.
void rotate_inbox(Step& step, const InboxId& inbox, InboxRow& row);

}  // namespace mash::runtime
