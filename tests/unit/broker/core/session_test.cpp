#include "broker/core/records.hpp"
#include "broker/core/state.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;

wire::Hello hello_at(WallTime at) {
    wire::Hello hello;
    hello.agent_time = at;
    hello.agent_epoch.fill(1);
    return hello;
}

class Sessions : public BrokerFixture {
protected:
    std::uint64_t serial() {
        return expect<wire::Welcome>(police_host, hello_at(now.wall)).commit_serial;
    }
};

TEST_F(Sessions, WelcomeSaysWhatIsInForceAndWhichStoreThisIs) {
    const auto first = expect<wire::Welcome>(police_host, hello_at(now.wall));
    EXPECT_EQ(first.area, area.id);
    EXPECT_EQ(first.host, police_host);
    EXPECT_EQ(first.broker_time, now.wall);
    EXPECT_EQ(first.registry_version, area.registry().version);
    EXPECT_EQ(first.policy_version, area.policy_version());
    EXPECT_NE(first.store_epoch, (std::array<std::uint8_t, 16>{}));
    restart();
    connect(police_host);
    EXPECT_EQ(expect<wire::Welcome>(police_host, hello_at(now.wall)).store_epoch, first.store_epoch)
        << "a restart is no restore";
}

TEST_F(Sessions, TheCommitSerialGrowsWithWhatIsKeptAndNotWithIdleTicks) {
    const auto before = serial();
    tick();
    tick();
    EXPECT_EQ(serial(), before);
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto after = serial();
    EXPECT_GT(after, before);
    restart();
    connect(police_host);
    EXPECT_EQ(serial(), after + 1) << "the new start, once somebody is told of it";
    connect(hub_host);
    EXPECT_EQ(serial(), after + 1);
}

TEST_F(Sessions, ARestoredStoreHasANewEpochAndAnEarlierSerial) {
    const auto snapshot = store.snapshot();
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto before = expect<wire::Welcome>(police_host, hello_at(now.wall));
    store.restore(snapshot);
    auto transaction = store.begin();
    Core::forget_epoch(*transaction);
    EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    restart();
    connect(police_host);
    const auto after = expect<wire::Welcome>(police_host, hello_at(now.wall));
    EXPECT_NE(after.store_epoch, before.store_epoch);
    EXPECT_LT(after.commit_serial, before.commit_serial);
}

// ---- a store that was put back without the command ----

/// What an agent keeps of its broker, and how it greets with that.
struct Heard {
    std::array<std::uint8_t, 16> start{};
    std::uint64_t serial = 0;
};

class Starts : public Sessions {
protected:
    wire::Welcome greet(const HostId& host, const Heard& heard = {}) {
        sessions[host] = SessionId{next_session++};
        return greet_again(host, heard);
    }
    wire::Welcome greet_again(const HostId& host, const Heard& heard) {
        auto hello = hello_at(now.wall);
        hello.store_start = heard.start;
        hello.commit_serial = heard.serial;
        return expect<wire::Welcome>(host, hello);
    }
    /// Welcomed, and then heard what `body` was answered.
    Heard heard_of(const HostId& host, wire::AgentBody body) {
        Heard heard{greet(host).store_start, 0};
        for (const auto& frame : say(host, std::move(body)))
            heard.serial = std::max(heard.serial, frame.commit_serial);
        return heard;
    }
    Heard publish_and_hear(std::uint64_t number) {
        const auto facts = missing_child(number, now.wall);
        greet(police_host);
        return heard_of(
            police_host,
            test::seal(area, plan(police_host, notification(number), facts), facts, now.wall));
    }
    std::uint64_t committed() { return tables::meta.get(*store.view(), {})->serial; }
    void put_back(const store::MemorySnapshot& snapshot) {
        store.restore(snapshot);
        restart();
    }
    bool is_logged(LogEvent event) {
        return std::ranges::any_of(log, [&](const Recorded& one) { return one.event == event; });
    }
};

TEST_F(Starts, EveryAnswerNamesTheCommitThatHoldsIt) {
    const auto before = committed();
    const auto heard = publish_and_hear(1);
    EXPECT_GT(heard.serial, before);
    EXPECT_EQ(heard.serial, committed());
    const auto idle = say(police_host, wire::FetchSigned{{wire::DocumentKind::policy}});
    ASSERT_FALSE(idle.empty());
    EXPECT_EQ(idle.front().commit_serial, committed()) << "also of what wrote nothing";
}

TEST_F(Starts, AnOrdinaryRestartLacksNothing) {
    const auto heard = publish_and_hear(1);
    ASSERT_NE(heard.start, (std::array<std::uint8_t, 16>{}));
    EXPECT_FALSE(greet(police_host, heard).put_back);
    EXPECT_EQ(greet(hub_host).store_start, heard.start) << "one start for everybody";
    for (int n = 0; n < 3; ++n) {
        restart();
        const auto welcome = greet(police_host, heard);
        EXPECT_FALSE(welcome.put_back);
        EXPECT_NE(welcome.store_start, heard.start);
    }
    EXPECT_FALSE(is_logged(LogEvent::store_put_back));
}

TEST_F(Starts, WhoWasWelcomedBeforeTheBackupAndHeardOfMoreIsTold) {
    const auto welcomed = greet(police_host);
    const auto backup = store.snapshot();
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto facts = missing_child(2, now.wall);
    Heard heard{welcomed.store_start, 0};
    for (const auto& frame :
         say(police_host,
             test::seal(area, plan(police_host, notification(2), facts), facts, now.wall)))
        heard.serial = frame.commit_serial;
    put_back(backup);
    const auto welcome = greet(police_host, heard);
    EXPECT_TRUE(welcome.put_back);
    EXPECT_GE(welcome.commit_serial, welcomed.commit_serial) << "which its serial does not show";
    EXPECT_EQ(welcome.store_epoch, welcomed.store_epoch);
    EXPECT_TRUE(is_logged(LogEvent::store_put_back));
    EXPECT_FALSE(greet(police_host, {welcome.store_start, welcome.commit_serial}).put_back)
        << "once";
}

TEST_F(Starts, WhoGreetsLateIsToldHoweverMuchWasCommittedSince) {
    const auto backup = store.snapshot();
    const auto heard = publish_and_hear(1);
    put_back(backup);
    for (std::uint64_t n = 10; committed() <= heard.serial + 5; ++n) {
        greet(school_host);
        claim(school_host, seat("orchard-gate", "sch"), "school", {token(n)});
    }
    EXPECT_TRUE(greet(police_host, heard).put_back);
}

TEST_F(Starts, WhatARunCommitsBeforeAnybodyGreetsIsNoPartOfTheStartBefore) {
    const auto backup = store.snapshot();
    const auto heard = publish_and_hear(1);
    put_back(backup);
    const auto commit_alone = [&] {
        auto transaction = store.begin();
        core->quarantine(now, Input{Tick{}, {}}, *transaction);
        EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    };
    while (committed() <= heard.serial + 5) commit_alone();
    // A commit that failed on the way: the core that takes over is of the same run.
    const auto spoilt = std::move(core);
    restart();
    core->adopt_sessions(*spoilt);
    commit_alone();
    EXPECT_TRUE(greet(police_host, heard).put_back);
}

TEST_F(Starts, ALoudRestoreAndASilentOneOfTheSameBackupAreBothNoticed) {
    const auto backup = store.snapshot();
    const auto heard = publish_and_hear(1);
    store.restore(backup);
    auto transaction = store.begin();
    Core::forget_epoch(*transaction);
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    restart();
    const auto between = greet(hub_host);
    EXPECT_TRUE(greet(health_host, {between.store_start, committed() + 1}).put_back)
        << "more than this run has committed";
    put_back(backup);
    EXPECT_TRUE(greet(police_host, heard).put_back);
    EXPECT_TRUE(greet(hub_host, {between.store_start, between.commit_serial}).put_back)
        << "of a run that this store has never seen";
}

TEST_F(Starts, AnAgentThatRemembersLessThanItHeardLacksNothing) {
    const auto first = publish_and_hear(1);
    const auto backup = store.snapshot();
    publish_and_hear(2);
    put_back(backup);
    EXPECT_FALSE(greet(police_host, first).put_back) << "all that it heard of is there";
}

TEST_F(Starts, AnOlderAgentNamesNoneAndGoesByTheSerial) {
    const auto backup = store.snapshot();
    publish_and_hear(1);
    put_back(backup);
    EXPECT_FALSE(greet(police_host).put_back);
    EXPECT_FALSE(greet(police_host, {{}, ~std::uint64_t{0}}).put_back);
}

TEST_F(Starts, NonsenseCostsNobodyButWhoSaysIt) {
    const auto heard = publish_and_hear(1);
    const auto epoch = greet(police_host).store_epoch;
    const auto starts = rows("store_starts");
    const auto before = committed();
    for (std::uint8_t n = 1; n <= 100; ++n) {
        std::array<std::uint8_t, 16> made_up{};
        made_up.fill(n);
        EXPECT_TRUE(greet_again(school_host, {made_up, n}).put_back);
        EXPECT_TRUE(greet_again(school_host, {heard.start, ~std::uint64_t{0}}).put_back);
    }
    EXPECT_EQ(committed(), before) << "nothing of it is kept";
    EXPECT_EQ(rows("store_starts"), starts);
    const auto welcome = greet(police_host, heard);
    EXPECT_FALSE(welcome.put_back);
    EXPECT_EQ(welcome.store_epoch, epoch);
}

TEST_F(Starts, ACoreThatTakesOverAfterAFailedCommitGoesOnWithTheStart) {
    const auto heard = publish_and_hear(1);
    const auto spoilt = std::move(core);
    const auto connected = sessions;
    restart();
    core->adopt_sessions(*spoilt);
    sessions = connected;
    const auto welcome = greet(hub_host);
    EXPECT_EQ(welcome.store_start, heard.start);
    greet(school_host);
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(7)});
    EXPECT_FALSE(greet(hub_host, {heard.start, committed()}).put_back);
}

TEST_F(Starts, RunsThatNobodyHeardOfAreNotKeptAndOfTheOthersTheNewest) {
    const auto heard = publish_and_hear(1);
    const auto kept = rows("store_starts");
    for (int n = 0; n < 5; ++n) {
        restart();
        load_documents();
    }
    EXPECT_EQ(rows("store_starts"), kept);
    // As if it had started a thousand times since.
    auto transaction = store.begin();
    auto meta = *tables::meta.get(*transaction, {});
    const auto next = meta.serial + 1;
    for (std::uint64_t n = 0; n + kept < starts_kept_max; ++n)
        tables::starts.put(*transaction, next + n, {test::id_of<PlanId>(1'000 + n).value()});
    meta.serial += starts_kept_max;
    tables::meta.put(*transaction, {}, meta);
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    restart();
    const Heard oldest = heard;
    const Heard later{test::id_of<PlanId>(1'000).value(), next};
    EXPECT_TRUE(greet(police_host, oldest).put_back)
        << "it offers again, once: better than to miss that it must";
    EXPECT_FALSE(greet(police_host, later).put_back);
    EXPECT_TRUE(greet(police_host, {later.start, later.serial + 1}).put_back);
    EXPECT_EQ(rows("store_starts"), starts_kept_max);
}

TEST_F(Starts, AStoreFromBeforeStartsWereKeptOpens) {
    const auto heard = publish_and_hear(1);
    auto transaction = store.begin();
    for (const auto& first : tables::starts.collect_keys(*transaction, {}))
        tables::starts.erase(*transaction, first);
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    restart();
    EXPECT_FALSE(greet(hub_host).put_back);
    EXPECT_TRUE(greet(police_host, heard).put_back);
}

TEST_F(Starts, AnAgentPutBackSilentlyIsSeenByTheBatchesItSentSinceItGreeted) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto deliveries = unasked_of<wire::Delivery>(hub_host);
    ASSERT_FALSE(deliveries.empty());
    for (std::uint64_t n = 0; n < deliveries.size(); ++n) {
        auto batch = test::receipt(area, deliveries[n], wire::Rung::stored, now.wall);
        batch.receipts_sent = 5 + n;
        expect<wire::ReceiptsAck>(hub_host, batch);
    }
    for (const auto& receipts : unasked_of<wire::Receipts>(police_host))
        EXPECT_EQ(receipts.receipts_sent, 0U) << "no sender learns how much another agency signs";
    expect<wire::Welcome>(hub_host, hello_at(now.wall));
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty())
        << "the same Hello, said twice on one connection";
    disconnect(hub_host);
    connect(hub_host, 1, 5 + deliveries.size() - 1);
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty()) << "it lacks nothing";
    disconnect(hub_host);
    connect(hub_host, 1, 4);  // above what its last Hello but one had said, 0
    EXPECT_EQ(unasked_of<wire::Delivery>(hub_host).size(), deliveries.size());
}

TEST_F(Sessions, AHostHasOneAndTheNewestCounts) {
    const auto earlier = sessions.at(police_host);
    connect(police_host);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed.front().session, earlier);
    const auto later = sessions.at(police_host);
    sessions[police_host] = earlier;
    EXPECT_EQ(refused(police_host, wire::FetchSigned{{wire::DocumentKind::registry}}),
              ErrorCode::disconnected);
    sessions[police_host] = later;
    expect<wire::SignedDocuments>(police_host, wire::FetchSigned{{wire::DocumentKind::registry}});
}

TEST_F(Sessions, AHelloSaidTwiceLosesNoCredit) {
    expect<wire::Welcome>(hub_host, hello_at(now.wall));
    expect<wire::Welcome>(hub_host, hello_at(now.wall));
    send(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(unasked_of<wire::Delivery>(hub_host).size(), 1U);
}

TEST_F(Sessions, ARestoredHostHearsAllRecallsAlsoWhenItsFirstHelloWasLost) {
    send(police_host, notification(1), missing_child(1, now.wall));
    for (const auto& delivery : unasked_of<wire::Delivery>(hub_host))
        confirm(hub_host, delivery, wire::Rung::stored);
    disconnect(hub_host);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    connect(hub_host, 2);
    unasked(hub_host);  // lost with the connection
    disconnect(hub_host);
    auto transaction = store.begin();
    // More than one round of notices, all before the recall in their order.
    for (std::uint64_t n = 1; n <= 2 * notices_per_round_max; ++n) {
        tables::notices.put(*transaction,
                            {hub, NoticeKind::task, key_of(test::id_of<TaskId>(1000 + n))}, {});
    }
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    connect(hub_host, 2);
    EXPECT_FALSE(unasked_of<wire::RecallNotice>(hub_host).empty());
}

TEST_F(Sessions, NothingIsServedBeforeHello) {
    sessions[police_host] = SessionId{next_session++};
    EXPECT_EQ(refused(police_host,
                      test::request_plan(notification(1), missing_child(1, now.wall), now.wall)),
              ErrorCode::disconnected);
    auto hello = hello_at(now.wall);
    hello.version_min = 2;
    hello.version_max = 3;
    EXPECT_EQ(refused(police_host, hello), ErrorCode::unsupported_version);
}

TEST_F(Sessions, AFrameThatDoesNotDecodeIsAnsweredAndTheSessionLives) {
    step(Input{BadFrameIn{sessions.at(police_host), police_host, 42, ErrorCode::malformed}, {}});
    const auto frames = unasked(police_host);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames.front().request, 42U);
    EXPECT_EQ(std::get<wire::ErrorFrame>(frames.front().body).code, ErrorCode::malformed);
    EXPECT_TRUE(closed.empty());
    plan(police_host, notification(1), missing_child(1, now.wall));
}

TEST_F(Sessions, AFloodOfFramesIsToldToWaitAndOthersAreNotDisturbed) {
    std::size_t busy = 0;
    for (int n = 0; n < 2'500; ++n) {
        for (const auto& frame :
             say(police_host, wire::FetchSigned{{wire::DocumentKind::freshness}})) {
            const auto* error = std::get_if<wire::ErrorFrame>(&frame.body);
            if (!error) continue;
            ASSERT_EQ(error->code, ErrorCode::busy);
            ASSERT_GT(error->retry_after_ms, 0U);
            ++busy;
        }
    }
    EXPECT_GT(busy, 400U);
    expect<wire::SignedDocuments>(health_host, wire::FetchSigned{{wire::DocumentKind::policy}});
    advance(std::chrono::seconds(10));
    expect<wire::SignedDocuments>(police_host, wire::FetchSigned{{wire::DocumentKind::policy}});
}

TEST_F(Sessions, AnInputThatAloneMadeABatchFailIsSetAside) {
    auto poison = frame_in(
        police_host, test::request_plan(notification(1), missing_child(1, now.wall), now.wall));
    auto transaction = store.begin();
    const auto effects = core->quarantine(now, poison, *transaction);
    EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    bool answered = false;
    for (const auto& effect : effects) {
        const auto* send = std::get_if<SendFrame>(&effect);
        const auto* error = send ? std::get_if<wire::ErrorFrame>(&send->frame.body) : nullptr;
        answered = answered || (error && error->code == ErrorCode::quarantined);
    }
    EXPECT_TRUE(answered);
    EXPECT_EQ(rows("quarantine"), 1U);
    const auto list = ask_operator(OperatorCommand::Kind::quarantine_list);
    EXPECT_NE(list.find("\"host\":\"police\""), std::string::npos);
}

// ---- signed documents ----

TEST_F(Sessions, DocumentsAreServedAsTheyWereSigned) {
    const auto answer = expect<wire::SignedDocuments>(
        police_host,
        wire::FetchSigned{{wire::DocumentKind::delegation, wire::DocumentKind::registry,
                           wire::DocumentKind::policy, wire::DocumentKind::catalogue,
                           wire::DocumentKind::freshness}});
    EXPECT_EQ(answer.documents, area.documents());
    restart();
    EXPECT_EQ(area::encode_registry(*core->registry()), area::encode_registry(area.registry()));
    connect(police_host);
    EXPECT_EQ(
        expect<wire::SignedDocuments>(police_host, wire::FetchSigned{{wire::DocumentKind::policy}})
            .documents.front(),
        area.documents()[2]);
}

TEST_F(Sessions, AServedRegistryNeverGoesBack) {
    const auto old = area.documents();
    area.change_registry([](area::Registry&) {}, now.wall);
    load_documents();
    const auto version = area.registry().version;
    log.clear();
    step(Input{LoadDocuments{old}, {}});
    EXPECT_EQ(core->registry()->version, version);
    EXPECT_TRUE(std::ranges::any_of(log, [](const Recorded& recorded) {
        return recorded.event == LogEvent::document_went_back;
    }));
    restart();
    step(Input{LoadDocuments{old}, {}});
    EXPECT_EQ(core->registry()->version, version);
}

TEST_F(Sessions, ADocumentNobodyVouchesForChangesNothing) {
    auto documents = area.documents();
    for (auto& document : documents) {
        document.version += 1;
        document.body.push_back('\n');
    }
    log.clear();
    step(Input{LoadDocuments{documents}, {}});
    EXPECT_TRUE(std::ranges::any_of(log, [](const Recorded& recorded) {
        return recorded.event == LogEvent::document_refused;
    }));
    EXPECT_EQ(area::encode_registry(*core->registry()), area::encode_registry(area.registry()));
    EXPECT_TRUE(unasked_of<wire::DocumentsChanged>(police_host).empty());
}

TEST_F(Sessions, APolicyThatCannotBeReadWholeIsRefusedWhole) {
    area.change_policy("publishers = [\"pol\"]", "publishers = [\"nobody-knows\"]", now.wall);
    log.clear();
    load_documents();
    EXPECT_TRUE(std::ranges::any_of(log, [](const Recorded& recorded) {
        return recorded.event == LogEvent::document_refused;
    }));
    connect(police_host);
    EXPECT_EQ(expect<wire::Welcome>(police_host, hello_at(now.wall)).policy_version, 1U);
}

TEST_F(Sessions, EveryoneConnectedHearsOfANewerDocument) {
    area.change_policy("", "", now.wall);
    load_documents();
    for (const auto& host : {police_host, hub_host, school_host}) {
        const auto changed = unasked_of<wire::DocumentsChanged>(host);
        ASSERT_EQ(changed.size(), 1U);
        EXPECT_EQ(changed.front().policy_version, 2U);
    }
}

TEST_F(Sessions, APolicyIsInForceFromItsFirstDay) {
    area.change_policy("valid_from = 2026-09-01", "valid_from = 2027-01-15", now.wall);
    load_documents();
    EXPECT_EQ(plan(police_host, notification(1), missing_child(1, now.wall)).facts.policy_version,
              1U);
    restart();
    connect(police_host);
    advance(std::chrono::hours(24));
    EXPECT_EQ(plan(police_host, notification(2), missing_child(2, now.wall)).facts.policy_version,
              1U);
    advance(std::chrono::hours(24));
    EXPECT_EQ(plan(police_host, notification(3), missing_child(3, now.wall)).facts.policy_version,
              2U);
}

TEST_F(Sessions, TheProofOfFreshnessGoesOnWhileAPolicyWaitsForItsDay) {
    area.change_policy("valid_from = 2026-09-01", "valid_from = 2027-01-25", now.wall);
    load_documents();
    load_documents();
    const auto fresh = [&] {
        return ask_operator(OperatorCommand::Kind::status).find("\"fresh\":true") !=
               std::string::npos;
    };
    EXPECT_TRUE(fresh()) << "the statement that names the coming policy waits with it";
    restart();
    EXPECT_TRUE(fresh());
}

TEST_F(Sessions, AHostThatIsNoLongerListedIsLetGo) {
    area.change_registry(
        [](area::Registry& registry) {
            registry.agencies.erase(health);
            registry.hosts.erase(health_host);
        },
        now.wall);
    load_documents();
    ASSERT_FALSE(closed.empty());
    EXPECT_EQ(closed.back().code, ErrorCode::revoked_key);
    EXPECT_FALSE(sessions.contains(health_host));
}

TEST_F(Sessions, AnInboxKeyNeverGoesBack) {
    const InboxId inbox("hub.ffd");
    expect<wire::Done>(hub_host,
                       wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, 3), {}});
    expect<wire::Done>(hub_host,
                       wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, 3), {}});
    EXPECT_EQ(
        refused(hub_host, wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, 2), {}}),
        ErrorCode::version_went_back);
    EXPECT_EQ(
        refused(police_host, wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, 4), {}}),
        ErrorCode::wrong_host);
}

TEST_F(Sessions, AnInboxKeyFromTheFutureReplacesNone) {
    const InboxId inbox("hub.ffd");
    const auto later = now.wall + std::chrono::hours(2);
    EXPECT_EQ(refused(hub_host, wire::PublishInboxKey{area.inbox_certificate(inbox, later, 9), {}}),
              ErrorCode::clock_skew);
    const auto made = plan(police_host, notification(1), test::missing_child(1, now.wall));
    EXPECT_TRUE(recipients(made).contains(inbox));
}

TEST_F(Sessions, AnInboxKeyTakenInByAClockThatWasAheadSpoilsNobodysPlan) {
    const InboxId inbox("hub.ffd");
    const auto ahead = std::chrono::hours(2);
    now.wall = now.wall + ahead;
    expect<wire::Done>(hub_host,
                       wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, 9), {}});
    now.wall = now.wall - ahead;
    const auto made = plan(police_host, notification(1), test::missing_child(1, now.wall));
    for (const auto& fact : made.facts.certificates) {
        const auto certificate = wire::decode_body<wire::InboxCertificate>(fact.body);
        EXPECT_NE(certificate->inbox, inbox);
    }
    EXPECT_FALSE(made.facts.certificates.empty());
}

// ---- the end of the policy ----

class PolicyEnds : public BrokerFixture {
protected:
    /// Time passes, on both clocks, until the policy has `left` to go; what was logged of its end.
    std::vector<std::pair<LogEvent, std::int64_t>> said_at(std::chrono::milliseconds left) {
        const auto passing = end() - left - now.wall;
        now.wall = now.wall + passing;
        now.steady = now.steady + passing;
        log.clear();
        tick();
        tick();
        std::vector<std::pair<LogEvent, std::int64_t>> out;
        for (const auto& recorded : log) {
            if (recorded.event == LogEvent::policy_expiring ||
                recorded.event == LogEvent::policy_expired)
                out.emplace_back(recorded.event, recorded.count);
        }
        return out;
    }
    /// As `mashctl status` shows it.
    WallTime end() {
        const auto status = ask_operator(OperatorCommand::Kind::status);
        const std::string name = "\"policy_expires\":\"";
        const auto from = status.find(name);
        EXPECT_NE(from, std::string::npos) << status;
        const auto time = status.substr(from + name.size());
        return wall_time_from_rfc3339(time.substr(0, time.find('"'))).value();
    }
    using Lines = std::vector<std::pair<LogEvent, std::int64_t>>;
};

TEST_F(PolicyEnds, IsLoggedOnceADayFromSixtyDaysBeforeAndWhenItHasCome) {
    using std::chrono::days;
    EXPECT_EQ(said_at(days(61)), Lines{});
    EXPECT_EQ(said_at(days(60)), (Lines{{LogEvent::policy_expiring, 60}}));
    EXPECT_EQ(said_at(days(60) - std::chrono::hours(23)), Lines{});
    EXPECT_EQ(said_at(days(59)), (Lines{{LogEvent::policy_expiring, 59}}));
    EXPECT_EQ(said_at(days(0)), (Lines{{LogEvent::policy_expired, 0}}));
    EXPECT_EQ(said_at(-days(1)), (Lines{{LogEvent::policy_expired, 1}}));
}

TEST_F(PolicyEnds, IsNotLoggedByAClockThatNobodyHasConfirmed) {
    now.wall = end() - std::chrono::days(1);
    log.clear();
    tick();
    tick();
    for (const auto& recorded : log) EXPECT_NE(recorded.event, LogEvent::policy_expiring);
    ask_operator(OperatorCommand::Kind::confirm_clock);
    EXPECT_EQ(said_at(std::chrono::days(1)), (Lines{{LogEvent::policy_expiring, 1}}));
}

// ---- the clock ----

TEST_F(Sessions, AJumpOfTheClockPausesExpiriesUntilItIsConfirmed) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    const auto facts = missing_child(1, now.wall);
    const auto offer = test::seal(area, plan(police_host, notification(1), facts), facts, now.wall);
    now.wall = now.wall + std::chrono::hours(24 * 365);
    log.clear();
    tick();
    EXPECT_TRUE(std::ranges::any_of(
        log, [](const Recorded& recorded) { return recorded.event == LogEvent::clock_jumped; }));
    tick();
    EXPECT_EQ(rows("claims"), 1U);
    publish(police_host, offer);
    EXPECT_NE(ask_operator(OperatorCommand::Kind::status).find("\"expiries_paused\":true"),
              std::string::npos);
    restart();
    tick();
    EXPECT_EQ(rows("claims"), 1U) << "a restart does not confirm it";
    ask_operator(OperatorCommand::Kind::confirm_clock);
    tick();
    EXPECT_EQ(rows("claims"), 0U);
}

TEST_F(Sessions, AClockThatWentBackBetweenTwoRunsIsNoticed) {
    now.wall = now.wall - std::chrono::hours(1);
    restart();
    tick();
    EXPECT_NE(ask_operator(OperatorCommand::Kind::status).find("\"expiries_paused\":true"),
              std::string::npos);
}

TEST_F(Sessions, FiveMinutesAreNoJump) {
    now.wall = now.wall + std::chrono::minutes(5);
    tick();
    EXPECT_NE(ask_operator(OperatorCommand::Kind::status).find("\"expiries_paused\":false"),
              std::string::npos);
}

// ---- determinism and records ----

TEST(Determinism, TheSameInputsGiveTheSameBytes) {
    class Run : public Sessions {
    public:
        void TestBody() override {}
        Bytes play() {
            claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
            send(police_host, notification(1), missing_child(1, now.wall));
            Writer out;
            for (const auto& [session, frames] : received) {
                for (const auto& frame : frames) out.bytes(wire::encode(frame));
            }
            return out.take();
        }
    };
    Run first;
    Run second;
    EXPECT_EQ(first.play(), second.play());
}

TEST_F(Sessions, ARecordThatDoesNotDecodeFailsTheWholeStepInsteadOfBeingSkipped) {
    const auto offer = [&] {
        const auto facts = missing_child(1, now.wall);
        return test::seal(area, plan(police_host, notification(1), facts), facts, now.wall);
    }();
    publish(police_host, offer);
    auto damage = store.begin();
    const auto key = key_of(ItemKey{police, notification(1)});
    const Bytes rubbish{1, 2, 3};
    damage->put(tables::notifications.space(), key, rubbish);
    EXPECT_TRUE(store.commit(std::move(damage)).is_committed());
    auto input = frame_in(police_host, offer);
    auto transaction = store.begin();
    core->step(now, std::span(&input, 1), *transaction);
    EXPECT_TRUE(transaction->failed());
}

}  // namespace
}  // namespace mash::broker
