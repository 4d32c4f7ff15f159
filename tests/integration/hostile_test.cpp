// Peers that do not play by the rules. The hospital's agent is stopped and its keys are in other
// hands; police, schools and social care must not notice.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "tests/integration/fixture.hpp"
#include "tests/integration/hostile_peer.hpp"

namespace mash::integration {
namespace {

using std::chrono::milliseconds;

class Hostile : public OnArea<Hostile> {
protected:
    void SetUp() override {
        OnArea::SetUp();
        area().program("health").kill_hard();
    }
    static long metric(const std::string& name) {
        const auto text =
            area()
                .get("http://127.0.0.1:" + std::to_string(area().metrics_port()) + "/metrics")
                .text;
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stol(text.substr(at + name.size() + 2));
    }
    /// Where the broker's log ends now.
    static std::size_t log_end() { return area().log_end("broker"); }
    static bool is_logged(std::size_t from, const std::string& event,
                          const std::vector<std::string>& words) {
        return area().is_logged("broker", from, event, words);
    }
    static void expect_others_undisturbed() {
        static int number = 0;
        const auto id =
            area().post("police", missing_wren("it/undisturbed/" + std::to_string(++number)));
        ASSERT_FALSE(id.empty());
        EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
        EXPECT_TRUE(area().wait_rung("police", id, "teme-meadow/sch", "stored"));
    }
    static ErrorCode error_in(const std::optional<wire::BrokerBody>& body) {
        if (!body || !std::holds_alternative<wire::ErrorFrame>(*body)) {
            ADD_FAILURE() << (body ? "an answer that is no error, number " +
                                         std::to_string(body->index())
                                   : "no answer");
            return {};
        }
        return std::get<wire::ErrorFrame>(*body).code;
    }
    static bool lives(HostilePeer& peer) {
        const auto body = peer.ask(wire::FetchSigned{{wire::DocumentKind::freshness}});
        return body && std::holds_alternative<wire::SignedDocuments>(*body);
    }
};

TEST_F(Hostile, AKeyThatNobodyEnrolledGetsNoAnswerAndIsRecorded) {
    const auto refused = metric("mash_broker_refused_keys_total");
    const auto log = log_end();
    auto peer = HostilePeer::unknown(area());
    peer.send(wire::Hello{});
    EXPECT_TRUE(area().wait_until(
        [&] { return metric("mash_broker_refused_keys_total") > refused; }, seconds(20)));
    EXPECT_FALSE(peer.receive(milliseconds(500)).has_value());
    EXPECT_TRUE(is_logged(log, "session_denied", {"\"address\":\"127.0.0.1\"", "\"key\":\""}));
    expect_others_undisturbed();
}

TEST_F(Hostile, AKnownHostThatSpeaksForAnotherAgencyIsRefusedAndRecorded) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    auto facts = sighting();
    facts.sender = AgencyId("police");
    facts.sender_role = RoleId("pol");
    const std::string of_health = "\"host\":\"health\"";
    auto log = log_end();
    EXPECT_EQ(error_in(peer.ask(ask_plan(new_id(), facts))), ErrorCode::wrong_host);
    EXPECT_TRUE(is_logged(log, "frame_refused", {"wrong_host", of_health}));

    // A whole notification in the name of another, though signed with a key that the area knows.
    const auto id = new_id();
    const auto own = sighting();
    const auto plan = peer.ask(ask_plan(id, own));
    ASSERT_TRUE(plan && std::holds_alternative<wire::DisclosurePlan>(*plan));
    const auto key = stolen_signing_key(area(), "health", "health");
    log = log_end();
    EXPECT_EQ(
        error_in(peer.ask(sealed(std::get<wire::DisclosurePlan>(*plan), facts, key, "forged"))),
        ErrorCode::wrong_host);
    EXPECT_TRUE(is_logged(log, "frame_refused", {"wrong_host", of_health}));
    // Its own agency, another's signature.
    const auto other = stolen_signing_key(area(), "police", "police");
    log = log_end();
    EXPECT_EQ(
        error_in(peer.ask(sealed(std::get<wire::DisclosurePlan>(*plan), own, other, "forged"))),
        ErrorCode::bad_signature);
    EXPECT_TRUE(is_logged(log, "frame_refused", {"bad_signature", of_health}));
    EXPECT_FALSE(area().listed("police.pol").contains(to_text(id)));
    EXPECT_TRUE(lives(peer));
    expect_others_undisturbed();
}

TEST_F(Hostile, APublishThatIsReplayedGetsTheSameAnswerAndMakesOneItem) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    const auto id = new_id();
    const auto facts = sighting();
    const auto plan = peer.ask(ask_plan(id, facts));
    ASSERT_TRUE(plan && std::holds_alternative<wire::DisclosurePlan>(*plan));
    const auto& granted = std::get<wire::DisclosurePlan>(*plan);
    const auto key = stolen_signing_key(area(), "health", "health");
    const auto publish = sealed(granted, facts, key, R"({"what":"seen"})");
    const auto first = peer.ask(publish);
    ASSERT_TRUE(first && std::holds_alternative<wire::Accepted>(*first))
        << (first ? std::string(name_of(error_in(first))) : "no answer");
    auto log = log_end();
    for (int i = 0; i < 3; ++i) {
        const auto again = peer.ask(publish);
        ASSERT_TRUE(again && std::holds_alternative<wire::Accepted>(*again));
        EXPECT_EQ(std::get<wire::Accepted>(*again), std::get<wire::Accepted>(*first));
    }
    EXPECT_TRUE(is_logged(log, "notification_repeated", {to_text(id)}));
    // From another connection as well: what counts is sender and id.
    log = log_end();
    auto second = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(second.open());
    const auto again = second.ask(publish);
    ASSERT_TRUE(again && std::holds_alternative<wire::Accepted>(*again));
    EXPECT_EQ(std::get<wire::Accepted>(*again), std::get<wire::Accepted>(*first));
    EXPECT_TRUE(is_logged(log, "notification_repeated", {to_text(id)}));
    EXPECT_TRUE(area().wait_until(
        [&] { return area().listed("police.pol").count(to_text(id)) > 0; }, seconds(20)));
    EXPECT_EQ(area().listed("police.pol").count(to_text(id)), 1U);

    // A host has one session, the newest.
    log = log_end();
    EXPECT_EQ(error_in(second.ask(sealed(granted, facts, key, R"({"what":"something else"})"))),
              ErrorCode::duplicate_conflict);
    EXPECT_TRUE(is_logged(log, "frame_refused", {"duplicate_conflict", to_text(id)}));
    EXPECT_EQ(area().listed("police.pol").count(to_text(id)), 1U);

    expect_others_undisturbed();
}

TEST_F(Hostile, ASplicedSectionAndAWidenedPlanAreRefused) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    const auto facts = sighting();
    const auto key = stolen_signing_key(area(), "health", "health");
    const auto planned = [&] {
        const auto plan = peer.ask(ask_plan(new_id(), facts));
        return plan && std::holds_alternative<wire::DisclosurePlan>(*plan)
                   ? std::optional(std::get<wire::DisclosurePlan>(*plan))
                   : std::nullopt;
    };
    const auto first = planned();
    const auto second = planned();
    ASSERT_TRUE(first && second);
    // One bit of a view changed on the way, and a whole view of another notification in its place.
    const auto publish = sealed(*first, facts, key, R"({"what":"seen"})");
    auto changed = publish;
    changed.notification.views.front().ciphertext.front() ^= 1;
    const std::vector<std::string> recorded{"bad_signature", "\"host\":\"health\""};
    auto log = log_end();
    EXPECT_EQ(error_in(peer.ask(changed)), ErrorCode::bad_signature);
    EXPECT_TRUE(is_logged(log, "frame_refused", recorded));
    auto spliced = publish;
    spliced.notification.views.front() =
        sealed(*second, facts, key, R"({"what":"else"})").notification.views.front();
    log = log_end();
    EXPECT_EQ(error_in(peer.ask(spliced)), ErrorCode::bad_signature);
    EXPECT_TRUE(is_logged(log, "frame_refused", recorded));
    EXPECT_FALSE(area().listed("police.pol").contains(to_text(first->notification)));
    // A parcel more than the plan allows.
    auto widened = *second;
    auto extra = widened.decision.recipients.front();
    extra.inbox = InboxId("orchard-park.sch");
    extra.seat = Seat{AgencyId("orchard-park"), RoleId("sch")};
    extra.standbys.clear();
    widened.decision.recipients.push_back(extra);
    widened.facts.certificates.push_back(widened.facts.certificates.front());
    auto certificate =
        wire::decode_body<wire::InboxCertificate>(widened.facts.certificates.back().body);
    ASSERT_TRUE(certificate.has_value());
    certificate->inbox = extra.inbox;
    widened.facts.certificates.back().body = wire::encode_body(*certificate);
    log = log_end();
    EXPECT_EQ(error_in(peer.ask(sealed(widened, facts, key, "{}"))), ErrorCode::plan_mismatch)
        << "a recipient beyond the plan was accepted";
    EXPECT_TRUE(is_logged(log, "frame_refused", {"plan_mismatch", to_text(second->notification)}));
    EXPECT_FALSE(area().listed("orchard-park.sch").contains(to_text(second->notification)));
    expect_others_undisturbed();
}

TEST_F(Hostile, AHundredFramesInOneMessageAreDroppedAndRecordedAndTheSessionLives) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    const auto malformed = metric("mash_broker_malformed_total");
    const auto log = log_end();
    peer.send_parts(100, limits::frame_bytes_max / 8);
    EXPECT_TRUE(area().wait_until([&] { return metric("mash_broker_malformed_total") > malformed; },
                                  seconds(20)));
    EXPECT_TRUE(is_logged(log, "frame_oversized", {"\"host\":\"health\""}));
    EXPECT_TRUE(lives(peer));
    expect_others_undisturbed();
}

TEST_F(Hostile, BytesThatAreNoFrameAreAnsweredWithATypedErrorAndTheSessionLives) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    for (const auto& bytes : {Bytes(300, 0xFF), Bytes{0x0A}, Bytes{}, Bytes(5000, 0)}) {
        peer.send_raw(bytes);
        // What nobody asked for, deliveries and tasks, bears the number 0 as well.
        std::optional<wire::BrokerBody> body;
        do body = peer.answer(0);
        while (body && !std::holds_alternative<wire::ErrorFrame>(*body));
        ASSERT_TRUE(body) << bytes.size();
    }
    EXPECT_TRUE(lives(peer));
    // A message that this release does not serve: number 45, empty.
    peer.send_raw(Bytes{0x08, 0x63, 0xEA, 0x02, 0x00});
    EXPECT_EQ(error_in(peer.answer(99)), ErrorCode::not_available);
    EXPECT_TRUE(lives(peer));
    expect_others_undisturbed();
}

TEST_F(Hostile, AFrameOverTheLimitIsDroppedAndRecordedAndTheSessionLives) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    const auto log = log_end();
    peer.send_raw(Bytes(limits::frame_bytes_max + 4096, 1));
    EXPECT_TRUE(is_logged(log, "frame_oversized", {"\"host\":\"health\""}));
    EXPECT_TRUE(lives(peer));
    expect_others_undisturbed();
}

TEST_F(Hostile, AFrameFarOverTheLimitEndsThatConnectionOnly) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    EXPECT_FALSE(peer.is_cut(milliseconds(0)));
    peer.send_raw(Bytes(3 * limits::frame_bytes_max, 1));
    EXPECT_TRUE(peer.is_cut(seconds(20)));
    // libzmq connects again by itself, as somebody who has said no hello.
    EXPECT_FALSE(lives(peer));
    expect_others_undisturbed();
    // The same host on another connection is served: nothing is held against it.
    auto next = HostilePeer::as_host(area(), "health");
    EXPECT_TRUE(next.open());
    EXPECT_TRUE(lives(next));
}

TEST_F(Hostile, AnotherSendersIdIsAnotherNotificationAndDisturbsNeither) {
    const auto known = area().post("police", missing_wren("it/hostile/id"));
    ASSERT_TRUE(area().wait_rung("police", known, "social-care/mco", "stored"));
    const auto inbox = inbox_of_desk(desk_of(area().sent("police", known)));
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    const auto bytes = uuid_from_text(known);
    ASSERT_TRUE(bytes);
    const auto facts = sighting();
    const auto plan = peer.ask(ask_plan(NotificationId(*bytes), facts));
    ASSERT_TRUE(plan && std::holds_alternative<wire::DisclosurePlan>(*plan));
    const auto answer =
        peer.ask(sealed(std::get<wire::DisclosurePlan>(*plan), facts,
                        stolen_signing_key(area(), "health", "health"), R"({"what":"seen"})"));
    ASSERT_TRUE(answer && std::holds_alternative<wire::Accepted>(*answer));
    // The police's own item: whole, and theirs to take back.
    const auto who = Area::opener(inbox);
    const auto open = [&](const std::string& which) {
        return area().call(who.first, area().person(who.first, who.second), "GET",
                           "/api/v1/received/" + which + "?inbox=" + inbox);
    };
    ASSERT_TRUE(
        area().wait_until([&] { return area().listed(inbox).count(known) == 2; }, seconds(20)));
    EXPECT_NE(open(known).status, 200) << "whose, it cannot know";
    const auto opened = open("police%2F" + known);
    EXPECT_EQ(opened.status, 200) << opened.text;
    EXPECT_NE(opened.text.find("Hollis"), std::string::npos) << opened.text;
    EXPECT_TRUE(area().wait_rung("police", known, desk_of(area().sent("police", known)), "opened"));
    EXPECT_EQ(area().sent("police", known).value("state", ""), "accepted");
    expect_others_undisturbed();
}

TEST_F(Hostile, APeerThatNeverReadsCostsTheOthersNothing) {
    auto peer = HostilePeer::as_host(area(), "health");
    ASSERT_TRUE(peer.open());
    peer.send(wire::Credit{limits::credit_max, limits::link_bytes_in_flight_max});
    const auto log = log_end();
    // Its inbox is named in each of these; and it asks for the documents over and over.
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i) {
        for (int j = 0; j < 10; ++j)
            peer.send(wire::FetchSigned{{wire::DocumentKind::policy, wire::DocumentKind::catalogue,
                                         wire::DocumentKind::registry}});
        ids.push_back(area().post("police", missing_wren("it/deaf/" + std::to_string(i))));
        ASSERT_FALSE(ids.back().empty());
    }
    for (const auto& id : ids) {
        EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
        EXPECT_TRUE(area().wait_rung("police", id, "teme-meadow/sch", "stored"));
    }
    // Until what lies before it is over its bound: then it is let go, and that is recorded.
    const auto is_dropped = [] { return metric("mash_broker_dropped_sessions_total") > 0; };
    for (int i = 0; i < 1500 && !(i % 50 == 0 && is_dropped()); ++i)
        peer.send(wire::FetchSigned{{wire::DocumentKind::policy, wire::DocumentKind::catalogue,
                                     wire::DocumentKind::registry}});
    EXPECT_TRUE(is_logged(log, "slow_reader_dropped", {"\"host\":\"health\""}));
    EXPECT_TRUE(area().program("broker").is_alive());
    // And the host's own agent, back at work, gets everything that waited.
    area().start("health");
    for (const auto& id : ids)
        EXPECT_TRUE(area().wait_rung("police", id, "health/hv", "stored")) << id;
}

/// The limit of open files of another process, put back at the end.
class FewFiles {
public:
    explicit FewFiles(pid_t pid) : pid_(pid) {
        EXPECT_EQ(::prlimit(pid_, RLIMIT_NOFILE, nullptr, &before_), 0);
        rlimit few = before_;
        // What is open stays usable, poll() included, which takes no more descriptors than this.
        few.rlim_cur = 0;
        const std::string open = "/proc/" + std::to_string(pid_) + "/fd/";
        while (std::filesystem::is_symlink(open + std::to_string(few.rlim_cur))) ++few.rlim_cur;
        EXPECT_EQ(::prlimit(pid_, RLIMIT_NOFILE, &few, nullptr), 0);
    }
    ~FewFiles() { EXPECT_EQ(::prlimit(pid_, RLIMIT_NOFILE, &before_, nullptr), 0); }
    FewFiles(const FewFiles&) = delete;
    FewFiles& operator=(const FewFiles&) = delete;

private:
    pid_t pid_;
    rlimit before_{};
};

TEST_F(Hostile, AConnectionThatCannotBeAcceptedIsAnAlarmAndTheBrokerGoesOn) {
    const auto log = log_end();
    const int line = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(line, 0);
    {
        const FewFiles few(area().program("broker").pid());
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(area().broker_port()));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(line, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        EXPECT_TRUE(is_logged(log, "accept_failed", {"\"level\":\"alarm\""}));
    }
    ::close(line);
    EXPECT_TRUE(area().program("broker").is_alive());
    expect_others_undisturbed();
}

}  // namespace
}  // namespace mash::integration
