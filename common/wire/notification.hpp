// The sealed notification as it travels (design.md part 4), built so that nobody can tell what they
// were not given.
#pragma once

#include <array>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/family.hpp"
#include "common/wire/plan.hpp"

namespace mash::limits {

inline constexpr std::size_t cover_marks_max = 8;

}  // namespace mash::limits

namespace mash::wire {

/// For the broker only. Travels as the bytes the sender signed.
struct Routing {
    NotificationId id;
    PlanId plan;
    RoutingFacts facts;
    WallTime sealed_at;
    friend bool operator==(const Routing&, const Routing&) = default;
};

/// One (section, view), encrypted under its own random key. Digest: see common/sealing.
struct SealedView {
    ViewId view;
    std::array<std::uint8_t, 24> nonce{};
    Digest commitment{};
    Bytes ciphertext;  ///< of the padded view
    friend bool operator==(const SealedView&, const SealedView&) = default;
};

struct ViewDigest {
    ViewId view;
    Digest digest{};
    friend auto operator<=>(const ViewDigest&, const ViewDigest&) = default;
};

/// What one recipient inbox gets besides its views. The signature covers (sender, notification,
/// recipient, lane, views, H(grant)) under "mash.v1.parcel", so that a recipient checks its parcel
/// alone. Whether a parcel stands by is the plan's knowledge, never the parcel's.
struct Parcel {
    InboxId recipient;
    Lane lane{};
    std::vector<ViewDigest> views;  ///< its own, sorted
    Bytes grant;                    ///< sealed to the inbox: Grant
    crypto::Signature signature{};
    friend bool operator==(const Parcel&, const Parcel&) = default;
};

struct SealedNotification {
    Bytes routing;                  ///< Routing as signed
    std::vector<SealedView> views;  ///< sorted; every one is named by some parcel
    std::vector<Parcel> parcels;    ///< sorted by recipient
    crypto::Signature signature{};  ///< over "mash.v1.notification" ‖ H(routing) ‖ H(parcel)...
    friend bool operator==(const SealedNotification&, const SealedNotification&) = default;
};

/// A view of this notification that the recipient was sent before, word for word.
struct SentBefore {
    ViewId view;
    NotificationId in;
    friend bool operator==(const SentBefore&, const SentBefore&) = default;
};

/// Inside the grant: what the recipient may know about the whole. Never counts, never other
/// recipients.
struct Cover {
    NotificationId id;
    AgencyId sender;
    InboxId recipient;
    TypeId type;
    std::string kind;
    ThreadId thread;
    NotificationId supersedes;
    WallTime occurred_at;
    std::string basis;
    std::string rule;
    std::uint64_t policy_version = 0;
    std::vector<std::string> withheld;  ///< marked only
    std::string ask;                    ///< telephone or desk to ask about a marked withholding
    Seat passed_on_from;  ///< whose words these are, when the front door's agent passes them on
    Bytes said;  ///< RoutingFacts of the sender: for the automatic pass-on's inbox and no other
    std::vector<SentBefore> unchanged;  ///< by view: what makes this one whole
    EventId
        event;  ///< ties siblings, for front door and emergency duty and nobody else; zero: none
    NotificationId same_event_as;  ///< which the recipient has: what this supersedes was a second
                                   ///< report of it; zero: none
    Bytes family;  ///< Family, padded to limits::family_bytes: for the same two, always; else empty
    std::vector<std::string> marks;  ///< codes, sorted: how it came to be sent; for the same two
    std::vector<Clock> clocks;       ///< the recipient's own to hold, by name; never another's
    friend bool operator==(const Cover&, const Cover&) = default;
};

struct ViewKey {
    ViewId view;
    std::array<std::uint8_t, 32> key{};  ///< wiped by its holder after use
    friend bool operator==(const ViewKey&, const ViewKey&) = default;
};

struct Grant {
    Cover cover;
    std::vector<ViewKey> keys;
    friend bool operator==(const Grant&, const Grant&) = default;
};

struct Publish {
    SealedNotification notification;
    friend bool operator==(const Publish&, const Publish&) = default;
};

/// Recipients that a later plan adds to an accepted notification: their parcels, and their views
/// sealed anew under keys of their own. Signed under "mash.v1.supplement".
struct Supplement {
    SealedNotification added;
    friend bool operator==(const Supplement&, const Supplement&) = default;
};

/// Said only after commit and sync. Body is signed by the broker's key of the registry under
/// "mash.v1.accepted".
struct AcceptedBody {
    NotificationId id;
    AgencyId sender;
    Digest digest{};  ///< of the notification or supplement as offered
    WallTime accepted_at;
    std::uint64_t ledger_index = 0;  ///< zero until the ledger issue
    Digest ledger_root{};            ///< zero until the ledger issue
    friend bool operator==(const AcceptedBody&, const AcceptedBody&) = default;
};

struct Accepted {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const Accepted&, const Accepted&) = default;
};

}  // namespace mash::wire
