// Whatever says that reports are one event, every one of them finds the same group; nothing is
// hidden behind a report that does not name it, nothing becomes one line that is about two
// children, and no sender makes a list slow or moves what others sent.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/core.hpp"
#include "agents/runtime/core/keys.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;
using Ids = std::set<std::string>;

struct Known {
    const char* number;
    const char* forename;
};
constexpr Known ava{"9990000018", "Canarychild"};
constexpr Known jon{"9990000026", "Canaryjon"};
constexpr Known mia{"", "Canarymia"};
constexpr Known mae{"", "Canarymae"};
constexpr Known unsure{"", "C"};

/// Counts what a request reads: rows and look-ups.
class CountingTransaction final : public store::Transaction {
public:
    explicit CountingTransaction(store::Transaction& in) : in_(in) {}
    std::size_t reads = 0;

private:
    bool do_with(store::Space space, ByteView key, store::TakeValue take) override {
        ++reads;
        return in_.with(space, key, take);
    }
    void do_scan(store::Space space, const store::Scan& what, store::Visit visit) override {
        ++reads;
        in_.scan(space, what, [&](ByteView key, ByteView value) {
            ++reads;
            return visit(key, value);
        });
    }
    void do_put(store::Space space, ByteView key, ByteView value) override {
        in_.put(space, key, value);
    }
    void do_erase(store::Space space, ByteView key) override { in_.erase(space, key); }

    store::Transaction& in_;
};

class OneEventTest : public ::testing::Test {
protected:
    OneEventTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        officer =
            world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"}, {"pol"});
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"},
                                        {"sch"});
    }
    Notification about(const Known& child, const std::string& ref, const std::string& type) {
        auto said = world.missing_child(ref, type);
        said.subject.nhs_number = PersonalText(child.number);
        said.subject.forename = PersonalText(child.forename);
        said.sections["idn"]["nhs_number"] = PersonalText(json(child.number).dump());
        said.sections["idn"]["forenames"] = PersonalText(json(child.forename).dump());
        said.sections["idn"]["date_of_birth"] = PersonalText("\"2013-04-05\"");
        if (*child.number == '\0') said.sections["idn"].erase("nhs_number");
        return said;
    }
    /// The police tell the front door of a start.
    NotificationId start(const std::string& name, const Known& child = ava) {
        world.pass(std::chrono::minutes(1));
        auto said = about(child, "misper:" + name, "missing_episode_started");
        said.thread_ref = name;
        return world.send(world.police, said);
    }
    /// A school tells police and front door of a sighting.
    NotificationId sighting(const std::string& name, const Known& child = ava) {
        world.pass(std::chrono::minutes(1));
        auto said = about(child, "sighting:" + name, "missing_episode_updated");
        said.agency = AgencyId("orchard-gate");
        said.role = RoleId("sch");
        said.thread_ref = name;
        said.facts.kind = "sighting";
        said.facts.risk_grade.clear();
        return world.send(world.schools, said);
    }
    Notification correction(const std::string& name, const std::string& of,
                            const std::string& first, const Known& child = ava) {
        auto said = about(child, "misper:" + name, "correction");
        said.thread_ref = of;
        said.supersedes_ref = "misper:" + of;
        said.same_event_as = "misper:" + first;
        return said;
    }
    json ask(TestHost& host, Kind kind, const PersonalText& who, const NotificationId& id,
             const json& body = {}) {
        const auto reply = host.ask(kind, who, to_text(id), body.is_null() ? "" : body.dump());
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json front_door(Kind kind, const NotificationId& id, const json& body = {}) {
        return ask(world.hub, kind, ann, id, body);
    }
    json police(Kind kind, const NotificationId& id, const json& body = {}) {
        return ask(world.police, kind, officer, id, body);
    }
    json join(const NotificationId& one, const NotificationId& to, const char* sender) {
        for (const auto& id : {one, to}) front_door(Kind::received_one, id);
        return front_door(Kind::attached, one, {{"to", sender + ("/" + to_text(to))}});
    }
    json attach(const NotificationId& one, const NotificationId& own) {
        police(Kind::received_one, one);
        return police(Kind::attached, one, {{"to", to_text(own)}});
    }
    static ApiRequest list_request(const PersonalText& who, const std::string& state) {
        ApiRequest request;
        request.kind = Kind::received_list;
        request.credential = who;
        request.filter["state"] = state;
        request.filter["counts"] = "true";
        return request;
    }
    json page(TestHost& host, const PersonalText& who, const std::string& state = "open") {
        auto request = list_request(who, state);
        const auto reply = host.ask(std::move(request));
        EXPECT_EQ(reply.status, 200);
        return json::parse(reply.json.reveal());
    }
    json lines(const std::string& state = "open") {
        return page(world.hub, ann, state).at("received");
    }
    int count(const std::string& state = "open") {
        return page(world.hub, ann).at("counts").at("inboxes").at(0).at(state).get<int>();
    }
    static Ids ids_in(const json& reports) {
        Ids ids;
        for (const auto& report : reports) ids.insert(report.at("id").get<std::string>());
        return ids;
    }
    static Ids ids_of(const std::vector<NotificationId>& ids) {
        Ids texts;
        for (const auto& id : ids) texts.insert(to_text(id));
        return texts;
    }
    /// What a line stands for, itself included.
    static Ids named_in(const json& line) {
        auto ids = ids_in(line.at("reports"));
        ids.insert(line.at("id").get<std::string>());
        if (line.contains("episode")) ids.merge(ids_in(line.at("episode").at("items")));
        return ids;
    }
    std::size_t reads_of_list() {
        Core core(world.hub.config, world.hub.keys);
        auto transaction = world.hub.store.begin();
        EXPECT_TRUE(core.load(world.now, *transaction).has_value());
        CountingTransaction counting(*transaction);
        Input input;
        input.body = list_request(ann, "open");
        core.step(world.now, {&input, 1}, counting);
        EXPECT_FALSE(counting.failed());
        return counting.reads;
    }
    void recall(const NotificationId& id) {
        world.police.ask(Kind::recall, officer, to_text(id), R"({"reason":"wrong_child"})");
        world.settle();
    }
    /// To the front door, whatever came before it.
    void arrive(const NotificationId& id) {
        for (const auto& recipient : world.broker.plans.at(id).plan.decision.recipients) {
            if (recipient.inbox != InboxId("hub.ffd")) continue;
            world.hub.give(FrameIn{{0, world.broker.delivery_of(world.broker.published.at(id), id,
                                                                recipient, recipient.inbox)}});
        }
        world.settle();
    }

    AgentWorld world;
    PersonalText ann;
    PersonalText officer;
    PersonalText lead;
    int status = 0;
};

TEST_F(OneEventTest, HoweverManyReportsASenderSaysAreOneAListCostsTheSame) {
    world.disconnect(world.schools);
    const auto first = start("first");
    std::string last = "last";
    start(last);
    int sent = 0;
    const auto go_on_to = [&](int corrections) {
        for (; sent < corrections; ++sent) {
            const auto name = "k" + std::to_string(sent);
            auto said = correction(name, last, "first");
            said.thread_ref = "last";
            world.send(world.police, said);
            last = name;
            if (sent % 50 == 0) front_door(Kind::received_one, first);
        }
        front_door(Kind::received_one, first);
    };
    go_on_to(40);
    const auto few = lines();
    Ids named;
    for (const auto& line : few) {
        EXPECT_LE(line.at("reports").size(), 32U);
        named.merge(named_in(line));
    }
    EXPECT_EQ(named.size(), 42U) << "each is a line, or named in one";
    EXPECT_EQ(few.size(), 42U - 31U);
    EXPECT_EQ(count(), 42 - 31);
    // More than a page and its counts hold: of two thousand no more is read.
    go_on_to(600);
    EXPECT_LT(reads_of_list(), 10'000U);
}

TEST_F(OneEventTest, WhatASenderSaysWaitsForWhatHasNotCome) {
    world.broker.delivers = false;
    for (const auto* order : {"012", "210", "021", "120", "201", "102"}) {
        const std::string name = order;
        const auto first = start("first" + name);
        const auto second = start("second" + name);
        const auto merged =
            world.send(world.police, correction("merged" + name, "second" + name, "first" + name));
        const std::vector<NotificationId> all{first, second, merged};
        for (const char place : name) {
            arrive(all[static_cast<std::size_t>(place - '0')]);
            lines();
        }
        for (const auto& id : {first, second}) {
            EXPECT_EQ(ids_in(front_door(Kind::received_one, id).at("reports")),
                      ids_of({first, second}))
                << order;
        }
    }
    EXPECT_EQ(lines().size(), 12U);
}

TEST_F(OneEventTest, EveryReportOfAnEventFindsTheSameEvent) {
    const auto own = start("own");
    const auto first = sighting("first");
    const auto a = sighting("a");
    const auto b = sighting("b");
    attach(a, own);
    attach(b, own);
    police(Kind::received_one, first);
    police(Kind::attached, a, {{"to", "orchard-gate/" + to_text(first)}});
    ASSERT_EQ(status, 200);
    for (const auto& id : {first, a, b}) {
        EXPECT_EQ(ids_in(police(Kind::received_one, id).at("reports")), ids_of({first, a, b}))
            << to_text(id);
    }
    const auto open = page(world.police, officer);
    ASSERT_EQ(open.at("received").size(), 1U);
    EXPECT_EQ(named_in(open.at("received")[0]), ids_of({first, a, b}));
    EXPECT_EQ(open.at("counts").at("inboxes").at(0).at("open"), 1);
    // What one of them leaves are one event as far as somebody said so of them.
    police(Kind::attached, a, {{"to", nullptr}});
    for (const auto& id : {first, a, b})
        EXPECT_TRUE(police(Kind::received_one, id).at("reports").empty());
    police(Kind::attached, a, {{"to", "orchard-gate/" + to_text(first)}});
    attach(a, own);
    EXPECT_EQ(police(Kind::taken, first).at("covers").size(), 3U);
    EXPECT_TRUE(page(world.police, officer).at("received").empty());
}

TEST_F(OneEventTest, AReportJoinedToTheEndOfAnEpisodeIsReadInItsLine) {
    const auto begins = start("misper");
    world.pass(std::chrono::minutes(1));
    const auto ends =
        world.send(world.police, about(ava, "misper:closed", "missing_episode_closed"));
    const auto other = start("other");
    join(other, ends, "police-wm");
    ASSERT_EQ(status, 200);
    const auto open = lines();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].at("id"), to_text(ends));
    EXPECT_TRUE(open[0].contains("episode"));
    EXPECT_EQ(ids_in(open[0].at("reports")), ids_of({ends, other}));
    for (const auto& id : {begins, ends, other})
        EXPECT_EQ(ids_in(front_door(Kind::received_one, id).at("reports")), ids_of({ends, other}));
    EXPECT_EQ(front_door(Kind::taken, begins).at("covers").size(), 3U);
    EXPECT_TRUE(lines().empty());
}

TEST_F(OneEventTest, AnOverdueReportIsInNoLineOfOneThatIsTaken) {
    const auto agreed = [&](const std::string& ref) {
        const json body{{"status", "given"},
                        {"giver", "parent_pr"},
                        {"form", "verbal"},
                        {"purpose", "request_service"},
                        {"named_agencies", {"hub"}},
                        {"said_at", to_rfc3339(world.now.wall - std::chrono::hours(1))},
                        {"sought_by", "Canarylead"},
                        {"evidence", "Canaryform"},
                        {"subject",
                         {{"nhs_number", ava.number},
                          {"forename", ava.forename},
                          {"surname", "Canaryfamily"}}}};
        const auto made = json::parse(
            world.schools.ask(Kind::agreement_add, lead, "", body.dump()).json.reveal());
        auto said = about(ava, ref, "safeguarding_referral");
        said.agency = AgencyId("orchard-gate");
        said.role = RoleId("sch");
        said.thread_ref.clear();
        said.facts.risk_grade.clear();
        said.facts.level = wire::Level::three;
        said.facts.harm = wire::Harm::none;
        said.facts.purpose = wire::Purpose::request_service;
        const auto agreement = made.value("id", "");
        said.agreement_record = AgreementId(*uuid_from_text(agreement));
        return std::pair(world.send(world.schools, said), agreement);
    };
    const auto [first, agreement] = agreed("help:1");
    world.pass(std::chrono::minutes(1));
    const auto [late, other] = agreed("help:2");
    front_door(Kind::taken, first);
    world.schools.ask(Kind::agreement_withdraw, lead, agreement);
    world.settle();
    join(late, first, "orchard-gate");
    ASSERT_EQ(status, 200);
    world.pass(std::chrono::hours(24 * 14));
    const auto overdue = lines("overdue");
    ASSERT_EQ(overdue.size(), 1U);
    EXPECT_EQ(overdue[0].at("id"), to_text(late));
    EXPECT_EQ(count("overdue"), 1);
}

TEST_F(OneEventTest, TwinsAreTwoAlertsThoughNobodyKnowsTheirNumbers) {
    const auto one = start("mia", mia);
    const auto other = start("mae", mae);
    const auto refused = join(other, one, "police-wm");
    EXPECT_EQ(status, 422);
    EXPECT_NE(refused.at("error").value("message", "").find("two children"), std::string::npos);
    EXPECT_EQ(lines().size(), 2U);
}

TEST_F(OneEventTest, NobodyStandsBetweenTwoSistersAndMakesThemOne) {
    const auto known = start("mia", mia);
    const auto between = start("unsure", unsure);
    const auto sister = start("mae", mae);
    join(between, known, "police-wm");
    ASSERT_EQ(status, 200);
    join(sister, between, "police-wm");
    EXPECT_EQ(status, 422) << "of the two, one is the sister";
    join(between, sister, "police-wm");
    EXPECT_EQ(status, 422) << "the other way round";
    EXPECT_EQ(lines().size(), 2U);
}

TEST_F(OneEventTest, WhatIsAttachedToOneReportAboutAFamilyIsALineForEachChild) {
    const auto own = start("own");
    const auto one = sighting("one", mia);
    const auto sister = sighting("sister", mae);
    const auto again = sighting("again", mia);
    const auto either = sighting("either", unsure);
    for (const auto& id : {one, sister, again, either}) {
        attach(id, own);
        EXPECT_EQ(status, 200) << "an own report may be about a family";
    }
    EXPECT_EQ(ids_in(police(Kind::received_one, one).at("reports")), ids_of({one, again}));
    for (const auto& id : {sister, either})
        EXPECT_TRUE(police(Kind::received_one, id).at("reports").empty());
    EXPECT_EQ(page(world.police, officer).at("received").size(), 3U);
    EXPECT_EQ(police(Kind::taken, again).at("covers").size(), 2U);
    EXPECT_EQ(page(world.police, officer).at("received").size(), 2U);
    const auto shown =
        json::parse(world.police.ask(Kind::sent_one, officer, to_text(own)).json.reveal());
    EXPECT_EQ(shown.at("attached").size(), 4U);
}

TEST_F(OneEventTest, WhatASenderTakesBackLeavesWhatTheDeskHadJoined) {
    const auto first = start("first");
    const auto second = start("second");
    const auto seen = sighting("seen");
    join(seen, second, "police-wm");
    const auto merged = world.send(world.police, correction("merged", "second", "first"));
    lines();
    EXPECT_EQ(ids_in(front_door(Kind::received_one, seen).at("reports")),
              ids_of({first, second, seen}));
    recall(merged);
    EXPECT_EQ(ids_in(front_door(Kind::received_one, seen).at("reports")), ids_of({second, seen}));
    EXPECT_TRUE(front_door(Kind::received_one, first).at("reports").empty());
}

TEST_F(OneEventTest, ASendersWordAboutTwoChildrenJoinsNothing) {
    const auto brothers = start("brother", jon);
    const auto second = start("second");
    const auto seen = sighting("seen");
    join(seen, second, "police-wm");
    // Of the wrong child itself, so that its sender's own agent finds nothing wrong with it.
    const auto merged = world.send(world.police, correction("merged", "second", "brother", jon));
    const auto is_as_the_desk_put_it = [&] {
        lines();
        EXPECT_TRUE(front_door(Kind::received_one, brothers).at("reports").empty());
        EXPECT_EQ(ids_in(front_door(Kind::received_one, seen).at("reports")),
                  ids_of({second, seen}));
    };
    is_as_the_desk_put_it();
    recall(merged);
    is_as_the_desk_put_it();
}

TEST_F(OneEventTest, WhomAConflictKeepsOutLearnsNothingByNamingAColleaguesReport) {
    const auto uncle =
        world.hub.add_person("Invented Uncle", "hub", {"hub.ffd", "hub.edt"}, {"edt"});
    const auto person = credential_from_text(uncle)->person.value();
    const auto said = [&](const Known& child, const std::string& ref, const std::string& type) {
        auto made = about(child, "misper:" + ref, type);
        made.agency = AgencyId("hub");
        made.role = RoleId("edt");
        made.thread_ref = ref;
        made.facts.kind = "sighting";
        made.facts.risk_grade.clear();
        return made;
    };
    world.send(world.hub, said(ava, "colleagues", "missing_episode_updated"));
    world.send(world.hub, said(jon, "own", "missing_episode_updated"));
    const json body{{"subject", {{"nhs_number", ava.number}, {"date_of_birth", "2013-04-05"}}},
                    {"people", {{{"agency", "hub"}, {"person", person}}}},
                    {"reason", "an uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, ann, "", body.dump()).status, 201);
    world.settle();
    const auto answer = [&](const char* first, const Known& child, const PersonalText& who) {
        Submit submit;
        submit.reply = 8;
        submit.credential = who;
        submit.notification = said(child, "try", "correction");
        submit.notification.thread_ref = "own";
        submit.notification.supersedes_ref = "misper:own";
        submit.notification.same_event_as = std::string("misper:") + first;
        submit.reason = "manual_entry";
        std::string words;
        for (const auto& effect : world.hub.give(std::move(submit))) {
            const auto* refused = std::get_if<SubmitRejected>(&effect);
            if (refused == nullptr) continue;
            words += name_of(refused->code);
            for (const auto& fault : refused->faults) words += fault.path + ' ' + fault.rule + ' ';
        }
        return words;
    };
    const auto nothing = answer("never-sent", jon, uncle);
    EXPECT_NE(nothing.find("/same_event_as unknown"), std::string::npos) << nothing;
    EXPECT_EQ(answer("colleagues", jon, uncle), nothing);
    EXPECT_EQ(answer("colleagues", ava, uncle), answer("never-sent", ava, uncle));
    const auto colleague = world.hub.add_person("Invented Bob", "hub", {"hub.edt"}, {"edt"});
    EXPECT_NE(answer("colleagues", jon, colleague).find("/same_event_as other_child"),
              std::string::npos)
        << "whoever may see it is told what is wrong";
}

}  // namespace
}  // namespace mash::runtime::testing
