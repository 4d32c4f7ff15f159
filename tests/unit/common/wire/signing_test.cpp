#include "common/wire/signing.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

using test::Sample;

const AgencyId police("police");
const AgencyId school("schools-884001");
const NotificationId first(std::array<std::uint8_t, 16>{1});
const NotificationId second(std::array<std::uint8_t, 16>{2});

/// A notification whose parcels name the true digests of its views.
SealedNotification notification_of(Sample& sample) {
    auto notification = sample.make<SealedNotification>();
    for (auto& parcel : notification.parcels) {
        for (auto& named : parcel.views) {
            const auto at = std::ranges::find(notification.views, named.view, &SealedView::view);
            named.digest = view_digest(police, first, *at);
        }
    }
    return notification;
}

TEST(Signing, LabelsAreOursAndAllDifferent) {
    const std::string_view labels[] = {label::notification,
                                       label::supplement,
                                       label::routing,
                                       label::parcel,
                                       label::grant,
                                       label::view,
                                       label::accepted,
                                       label::statement,
                                       label::receipts,
                                       label::broker_receipts,
                                       label::recall,
                                       label::agreement,
                                       label::withdrawal,
                                       label::claim,
                                       label::end_involvement,
                                       label::inbox_certificate,
                                       label::person_certificate,
                                       label::authorisation,
                                       label::task_answer,
                                       label::conflict,
                                       label::end_conflict,
                                       label::words,
                                       label::words_digest,
                                       label::document};
    std::set<std::string_view> seen;
    for (const auto label : labels) {
        EXPECT_TRUE(label.starts_with("mash.v1.")) << label;
        EXPECT_TRUE(seen.insert(label).second) << label;
    }
}

TEST(Signing, AViewBelongsToOneSenderNotificationAndName) {
    Sample sample(41);
    const auto view = sample.make<SealedView>();
    const Digest digest = view_digest(police, first, view);
    EXPECT_NE(view_digest(school, first, view), digest);
    EXPECT_NE(view_digest(police, second, view), digest);
    const auto changed = [&](auto change) {
        SealedView other = view;
        change(other);
        return view_digest(police, first, other);
    };
    EXPECT_NE(changed([](auto& v) { v.view = ViewId("rsk.full"); }), digest);
    EXPECT_NE(changed([](auto& v) { v.nonce[0] ^= 1; }), digest);
    EXPECT_NE(changed([](auto& v) { v.commitment[0] ^= 1; }), digest)
        << "another key under the same ciphertext";
    EXPECT_NE(changed([](auto& v) { v.ciphertext[0] ^= 1; }), digest);
}

TEST(Signing, AParcelIsSignedWithAllThatItsRecipientReliesOn) {
    Sample sample(42);
    const Parcel parcel = sample.make<Parcel>();
    const Bytes message = parcel_message(police, first, parcel);
    EXPECT_NE(parcel_message(school, first, parcel), message);
    EXPECT_NE(parcel_message(police, second, parcel), message);
    const auto changed = [&](auto change) {
        Parcel other = parcel;
        change(other);
        return parcel_message(police, first, other);
    };
    EXPECT_NE(changed([](auto& p) { p.recipient = InboxId("school.alternate"); }), message);
    EXPECT_NE(changed([](auto& p) { p.lane = p.lane == Lane::bulk ? Lane::urgent : Lane::bulk; }),
              message);
    EXPECT_NE(changed([](auto& p) { p.views.pop_back(); }), message);
    EXPECT_NE(changed([](auto& p) { p.views[0].digest[0] ^= 1; }), message);
    EXPECT_NE(changed([](auto& p) { p.grant[0] ^= 1; }), message);
    EXPECT_EQ(changed([&](auto& p) { p.signature = sample.make<Parcel>().signature; }), message);
}

TEST(Signing, ANotificationIsSignedWithItsRoutingAndEveryParcelInOrder) {
    Sample sample(43);
    const auto whole = notification_of(sample);
    const Digest digest = notification_digest(police, first, whole);
    const auto changed = [&](auto change) {
        SealedNotification other = whole;
        change(other);
        return notification_digest(police, first, other);
    };
    EXPECT_NE(changed([](auto& n) { n.routing[0] ^= 1; }), digest);
    EXPECT_NE(changed([](auto& n) { n.parcels.pop_back(); }), digest);
    EXPECT_NE(changed([](auto& n) { n.parcels[0].grant[0] ^= 1; }), digest);
    EXPECT_NE(changed([&](auto& n) { n.parcels.push_back(sample.make<Parcel>()); }), digest);
}

TEST(Signing, ASplicedViewIsFound) {
    Sample sample(44);
    const auto whole = notification_of(sample);
    EXPECT_TRUE(check_views(police, first, whole));
    EXPECT_EQ(check_views(police, second, whole).error(), ErrorCode::bad_signature);
    EXPECT_EQ(check_views(school, first, whole).error(), ErrorCode::bad_signature);

    auto spliced = whole;
    spliced.views[0].ciphertext = sample.make<SealedView>().ciphertext;
    EXPECT_EQ(check_views(police, first, spliced).error(), ErrorCode::bad_signature);

    auto missing = whole;
    missing.views.erase(missing.views.begin());
    EXPECT_EQ(check_views(police, first, missing).error(), ErrorCode::malformed);

    const Parcel& parcel = whole.parcels[0];
    EXPECT_TRUE(check_views(police, first, parcel, whole.views));
    EXPECT_FALSE(check_views(police, first, parcel, spliced.views));
}

TEST(Signing, WhatAPersonAnswersIsBoundToTaskOutcomePersonAndTime) {
    Sample sample(45);
    const auto answer = sample.make<TaskAnswer>();
    const auto changed = [&](auto change) {
        TaskAnswer other = answer;
        change(other);
        return task_answer_message(other);
    };
    const Bytes message = task_answer_message(answer);
    EXPECT_NE(changed([&](auto& a) { a.task = sample.make<TaskAnswer>().task; }), message);
    EXPECT_NE(changed([](auto& a) {
                  a.outcome =
                      a.outcome == TaskOutcome::done ? TaskOutcome::refused : TaskOutcome::done;
              }),
              message);
    EXPECT_NE(changed([](auto& a) { a.person = PersonId("p-other"); }), message);
    EXPECT_NE(changed([](auto& a) { a.at = a.at + std::chrono::milliseconds(1); }), message);
}

TEST(Signing, EndingIsBoundToWhatIsEnded) {
    Sample sample(46);
    auto end = sample.make<EndInvolvement>();
    const Bytes involvement = end_involvement_message(end);
    end.claims.pop_back();
    EXPECT_NE(end_involvement_message(end), involvement);
    end = sample.make<EndInvolvement>();
    const Bytes other = end_involvement_message(end);
    ++end.serial;
    EXPECT_NE(end_involvement_message(end), other) << "an old ending cannot be sent again";

    auto conflict = sample.make<EndConflict>();
    const Bytes before = end_conflict_message(conflict);
    conflict.ended_by = AgencyId("hub");
    EXPECT_NE(end_conflict_message(conflict), before);
}

TEST(Signing, ADocumentIsBoundToKindAreaAndVersion) {
    Sample sample(47);
    const auto document = sample.make<SignedDocument>();
    const Bytes message = document_message(document);
    const auto changed = [&](auto change) {
        SignedDocument other = document;
        change(other);
        return document_message(other);
    };
    EXPECT_NE(changed([](auto& d) {
                  d.kind = d.kind == DocumentKind::policy ? DocumentKind::registry
                                                          : DocumentKind::policy;
              }),
              message);
    EXPECT_NE(changed([](auto& d) { d.area = AreaId("elsewhere"); }), message);
    EXPECT_NE(changed([](auto& d) { ++d.version; }), message);
    EXPECT_NE(changed([](auto& d) { d.body.push_back(0); }), message);
    EXPECT_EQ(changed([](auto& d) { d.signatures.clear(); }), message);
}

}  // namespace
}  // namespace mash::wire
