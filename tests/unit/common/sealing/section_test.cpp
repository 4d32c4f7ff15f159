#include "common/sealing/section.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "common/crypto/random.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::sealing {
namespace {

const AgencyId police{"police"};
const AgencyId stranger{"schools-1"};
const ViewId word{"rsk.word"};
const ViewId voice{"voi"};

NotificationId notification(std::uint8_t n) {
    std::array<std::uint8_t, 16> bytes{};
    bytes[15] = n;
    return NotificationId(bytes);
}

struct Sealing : testing::Test {
    crypto::SeededRandom random{7, "sealing"};
    crypto::BoxKeyPair inbox = crypto::BoxKeyPair::generate(random);
    NotificationId id = notification(1);

    SealedWithKey seal(const ViewId& view, std::string_view text) {
        return std::move(seal_view(police, id, view, view_of(text), random)).value();
    }
    wire::Cover cover() {
        wire::Cover out;
        out.id = id;
        out.sender = police;
        out.recipient = InboxId("hub.ffd");
        out.type = TypeId("missing_episode_started");
        out.thread = ThreadId(id.value());
        out.occurred_at = WallTime::from_unix_ms(1'800'000'000'000);
        out.basis = "e";
        out.rule = "E-08";
        out.policy_version = 3;
        return out;
    }
};

TEST_F(Sealing, OpensWithItsOwnKeyAndNoOther) {
    const auto a = seal(word, "high");
    const auto b = seal(voice, "I was scared");
    EXPECT_EQ(text_of(*open_view(police, id, a.sealed, a.digest, a.key.reveal())), "high");
    EXPECT_EQ(open_view(police, id, a.sealed, a.digest, b.key.reveal()).error(),
              ErrorCode::decrypt_failed);
}

TEST_F(Sealing, AnEmptyViewAndTheLargestOneComeBack) {
    const auto empty = seal(word, "");
    EXPECT_TRUE(open_view(police, id, empty.sealed, empty.digest, empty.key.reveal())->empty());
    const std::string largest(limits::section_bytes_max, 'x');
    const auto sealed = seal(voice, largest);
    EXPECT_EQ(open_view(police, id, sealed.sealed, sealed.digest, sealed.key.reveal())->size(),
              largest.size());
    EXPECT_EQ(seal_view(police, id, voice, view_of(largest + "x"), random).error(),
              ErrorCode::too_large);
}

TEST_F(Sealing, RefusesAViewSplicedFromAnotherNotificationSenderOrSection) {
    auto view = seal(word, "high");
    EXPECT_EQ(open_view(stranger, id, view.sealed, view.digest, view.key.reveal()).error(),
              ErrorCode::bad_signature);
    EXPECT_EQ(
        open_view(police, notification(2), view.sealed, view.digest, view.key.reveal()).error(),
        ErrorCode::bad_signature);
    // Even with a digest made to fit, the AAD holds it to its place.
    view.sealed.view = voice;
    const Digest fitted = wire::view_digest(police, id, view.sealed);
    EXPECT_EQ(open_view(police, id, view.sealed, fitted, view.key.reveal()).error(),
              ErrorCode::decrypt_failed);
}

TEST_F(Sealing, EveryChangedByteIsRefused) {
    const auto view = seal(word, "high");
    for (std::size_t i = 0; i < view.sealed.ciphertext.size(); i += 7) {
        auto changed = view.sealed;
        changed.ciphertext[i] ^= 1;
        EXPECT_FALSE(open_view(police, id, changed, view.digest, view.key.reveal()));
        const Digest fitted = wire::view_digest(police, id, changed);
        EXPECT_FALSE(open_view(police, id, changed, fitted, view.key.reveal()));
    }
}

TEST_F(Sealing, SizesTellLittle) {
    EXPECT_EQ(seal(voice, "no").sealed.ciphertext.size(),
              seal(voice, std::string(200, 'y')).sealed.ciphertext.size());
}

TEST_F(Sealing, GrantHoldsExactlyTheRecipientsViews) {
    const auto a = seal(word, "high");
    const auto b = seal(voice, "I was scared");
    const std::array<const SealedWithKey*, 2> views{&b, &a};
    const auto parcel =
        make_parcel(cover(), wire::Lane::immediate, inbox.public_key, views, random);
    ASSERT_TRUE(parcel);
    EXPECT_TRUE(std::ranges::is_sorted(parcel->views));
    auto grant = open_parcel(inbox, police, id, *parcel);
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->cover, cover());
    ASSERT_EQ(grant->keys.size(), 2U);
    EXPECT_EQ(
        text_of(*open_view(police, id, a.sealed, parcel->views[0].digest, grant->keys[0].key)),
        "high");
    wipe_keys(*grant);
    EXPECT_EQ(grant->keys[0].key, (std::array<std::uint8_t, 32>{}));
}

TEST_F(Sealing, GrantDoesNotOpenForAnotherInboxOrMoveToAnotherParcel) {
    const auto a = seal(word, "high");
    const auto b = seal(voice, "I was scared");
    const std::array<const SealedWithKey*, 1> one{&a};
    const std::array<const SealedWithKey*, 1> two{&b};
    auto parcel =
        std::move(make_parcel(cover(), wire::Lane::urgent, inbox.public_key, one, random)).value();
    const auto other = crypto::BoxKeyPair::generate(random);
    EXPECT_EQ(open_parcel(other, police, id, parcel).error(), ErrorCode::decrypt_failed);
    EXPECT_EQ(open_parcel(inbox, stranger, id, parcel).error(), ErrorCode::bad_signature);
    EXPECT_EQ(open_parcel(inbox, police, notification(9), parcel).error(),
              ErrorCode::bad_signature);
    const auto second =
        std::move(make_parcel(cover(), wire::Lane::urgent, inbox.public_key, two, random)).value();
    parcel.grant = second.grant;
    EXPECT_EQ(open_parcel(inbox, police, id, parcel).error(), ErrorCode::bad_signature);
}

TEST_F(Sealing, TheSameSeedSealsTheSameBytes) {
    crypto::SeededRandom first(5);
    crypto::SeededRandom second(5);
    EXPECT_EQ(seal_view(police, id, word, view_of("high"), first)->sealed,
              seal_view(police, id, word, view_of("high"), second)->sealed);
}

}  // namespace
}  // namespace mash::sealing
