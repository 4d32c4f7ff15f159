// The secrets of one host, and how a person or a service shows who it is. Owned by main(), handed
// down; the store holds only what is sealed under one of these or under a person's own credential.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/personal.hpp"
#include "common/base/result.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/signature.hpp"
#include "common/crypto/storage_key.hpp"
#include "common/crypto/token.hpp"

namespace mash::runtime {

/// Newest first. A key that the registry lists as in force is the one that signs; the others are on
/// their way in or out (rotation with overlap).
struct AgencyKeys {
    std::vector<crypto::SigningKey> signing;
    std::vector<crypto::BoxKeyPair> box;  ///< the area's pepper is sealed to one of them
};

struct HostKeys {
    crypto::StorageKey storage;  ///< columns at rest; kept in another file than the store
    std::map<AgencyId, AgencyKeys> agencies;  ///< those served here
    crypto::BoxPublicKey recovery;  ///< its private half is offline: opens every people's inbox
    Digest service_token{};         ///< token_verifier of the service's bearer token; zero: none
};

/// A digest that only this host can make, so that a reference which names a person gives nothing
/// away at rest.
Digest keyed_digest(const HostKeys& keys, std::string_view what,
                    std::initializer_list<ByteView> parts);

/// "mash1.<person id>.<43 characters of base64url>". A person id may hold dots; the token never
/// does.
struct Credential {
    PersonId person;
    crypto::BearerToken token;
};

/// The person that services present themselves as: submits and reads status, opens nothing.
PersonId service_person();

/// Errors: malformed.
Result<Credential> credential_from_text(const PersonalText& text);
/// What is shown to its holder once.
PersonalText text_of_credential(const PersonId& person, const crypto::BearerToken& token);

}  // namespace mash::runtime
