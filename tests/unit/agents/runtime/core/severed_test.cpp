#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/box.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;

const Seat social_worker{AgencyId("social-care"), RoleId("sw")};
const Seat adoption_team{AgencyId("social-care"), RoleId("adopt")};
const Seat dsl{AgencyId("orchard-gate"), RoleId("sch")};

Subject subject(const char* nhs, const char* forename, const char* surname) {
    Subject out;
    out.nhs_number = PersonalText(nhs);
    out.forename = PersonalText(forename);
    out.surname = PersonalText(surname);
    out.date_of_birth = PersonalText("2016-03-04");
    out.postcode = PersonalText("WR5 1AA");
    return out;
}
/// Adopted where the child lived: home and birth date are the same.
Subject of_before() { return subject("999 000 0042", "Kit", "Rowan"); }
Subject of_now() { return subject("999 000 0018", "Kit", "Ashby"); }
/// A record of now that has kept what the child was before.
Subject of_both() {
    auto both = of_now();
    both.former_nhs_numbers = {of_before().nhs_number};
    both.aliases = {{PersonalText(), of_before().surname}};
    return both;
}

std::vector<wire::Token> tokens_in(const wire::SignedClaim& claim) {
    return wire::decode_body<wire::InvolvementClaim>(claim.body)->tokens;
}
bool have_common(const std::vector<wire::Token>& a, const std::vector<wire::Token>& b) {
    return std::ranges::any_of(
        a, [&](const wire::Token& token) { return std::ranges::find(b, token) != b.end(); });
}

class SeveredIdentity : public ::testing::Test {
protected:
    SeveredIdentity() : care(world.area, world.now, "social-care", {"social-care"}, 9) {
        crypto::SeededRandom random(9, "pepper");
        const auto pepper = crypto::SecretBytes::random(32, random);
        world.area.change_registry(
            [&](area::Registry& registry) {
                auto& agency = registry.agencies.at(social_worker.agency);
                const auto& box = care.keys.agencies.at(agency.id).box.front().public_key;
                agency.box_public_key = box.value();
                agency.sealed_pepper = *crypto::seal_to(box, pepper.reveal(), random);
                area::SeatEntry seat;
                seat.role = adoption_team.role;
                seat.inbox = InboxId("social-care.adopt");
                agency.roles.push_back(seat.role);
                agency.seats.push_back(std::move(seat));
            },
            world.now.wall);
        world.connect(care);
        world.connect(world.schools);
    }
    /// What a broker tells of these tokens, with a claim of that seat that severs them.
    wire::ClaimsAccepted word_of(std::vector<wire::Token> tokens, const Seat& by = adoption_team,
                                 const std::string& relation = "severed",
                                 std::chrono::hours ago = std::chrono::hours(0)) {
        std::ranges::sort(tokens);
        wire::ClaimsAccepted word;
        word.severed = tokens;
        word.severing = {world.area.claim(by, relation, std::move(tokens), world.now.wall - ago)};
        return word;
    }
    void hear(wire::ClaimsAccepted word) {
        world.broker.queue(world.schools.id, std::move(word));
        world.settle();
    }
    static std::vector<wire::Token> number_of_before(const std::vector<wire::Token>& clean,
                                                     const std::vector<wire::Token>& both) {
        std::vector<wire::Token> before;
        std::ranges::copy_if(both, std::back_inserter(before), [&](const wire::Token& token) {
            return token.kind == wire::TokenKind::nhs_dob &&
                   std::ranges::find(clean, token) == clean.end();
        });
        EXPECT_EQ(before.size(), 1U);
        return before;
    }
    static std::vector<Subject> pupils(std::size_t count) {
        const char* surnames[] = {"Alder", "Birch", "Cedar",  "Damson",  "Elder",
                                  "Furze", "Gorse", "Hazels", "Juniper", "Larch"};
        std::vector<Subject> out;
        for (std::size_t i = 0; i < count; ++i)
            out.push_back(subject("", "Invented", surnames[i % std::size(surnames)]));
        return out;
    }
    RollReplaced list(TestHost& host, const Seat& seat, const std::string& relation,
                      const std::vector<Subject>& subjects, bool confirmed = false) {
        ReplaceRoll roll;
        roll.confirmed = confirmed;
        roll.seat = seat;
        roll.relation = relation;
        for (const auto& one : subjects)
            roll.entries.push_back({one, "case:" + std::to_string(roll.entries.size())});
        RollReplaced reply;
        const auto effects = host.give(std::move(roll));
        for (const auto& effect : effects) {
            // The list itself is answered first; what is stated anew because of it, after.
            const auto* one = std::get_if<RollReplaced>(&effect);
            if (one != nullptr && reply.reply == 0 && !reply.ok) reply = *one;
        }
        world.settle();
        return reply;
    }
    /// Of the last list that anybody stated.
    std::vector<wire::Token> stated() {
        EXPECT_EQ(world.broker.claims.size(), 1U);
        return world.broker.claims.empty() ? std::vector<wire::Token>()
                                           : tokens_in(world.broker.claims.front());
    }
    std::vector<wire::Token> severed_tokens() {
        list(care, adoption_team, "severed", {of_before()});
        return stated();
    }
    Notification referral(const std::string& ref, Subject about) {
        auto out = world.missing_child(ref, "safeguarding_referral");
        out.agency = social_worker.agency;
        out.role = social_worker.role;
        out.thread_ref.clear();
        out.facts.risk_grade.clear();
        out.facts.harm = wire::Harm::likely_or_actual;
        out.facts.level = wire::Level::four;
        out.facts.purpose = wire::Purpose::request_service;
        out.facts.agreement.status = wire::AgreementStatus::given;
        out.facts.agreement.giver = wire::Giver::parent_pr;
        out.subject = std::move(about);
        auto& identity = out.sections["idn"];
        identity.clear();
        const auto text = [](const std::string& words) { return PersonalText(Json(words).dump()); };
        identity["forenames"] = text("Kit");
        identity["surname"] = text("Ashby");
        identity["known_as"] = text("Kit Rowan");
        identity["nhs_number"] = text("999 000 0018");
        return out;
    }

    AgentWorld world;
    TestHost care;
};

TEST_F(SeveredIdentity, ListsOfTheChildOfNowAreStatedWithoutTheOneOfBeforeWhicheverCameFirst) {
    list(care, social_worker, "social_worker", {of_now()});
    const auto clean = stated();
    list(care, social_worker, "social_worker", {of_both()});
    ASSERT_GT(stated().size(), clean.size()) << "nobody has said yet that it was severed";

    list(care, adoption_team, "severed", {of_before()});
    EXPECT_EQ(stated(), clean) << "the list was stated anew by itself";
    EXPECT_EQ(area::strong_tokens(severed_tokens()), severed_tokens())
        << "nothing is to be like the child of before";
    list(care, social_worker, "social_worker", {of_both()});
    EXPECT_EQ(stated(), clean) << "and so is every later one";

    // The child of before alone is no mixture: what is said of it is the adoption team's.
    list(care, social_worker, "protected", {of_before()});
    EXPECT_FALSE(have_common(stated(), clean));
    EXPECT_GE(stated().size(), 3U);
}

TEST_F(SeveredIdentity, WhatIsSentAboutTheChildOfNowNamesNothingOfBefore) {
    const auto severed = severed_tokens();
    const auto desk = care.add_person("Invented Worker", "social-care", {"social-care.sw"});
    const auto id = world.send(care, referral("case:1", of_both()));
    ASSERT_FALSE(world.broker.plan_requests.empty());
    const auto& tokens = world.broker.plan_requests.back().facts.tokens;
    EXPECT_FALSE(tokens.empty());
    EXPECT_FALSE(have_common(tokens, severed));
    const auto reply = care.ask(ApiRequest::Kind::sent_content, desk, to_text(id));
    ASSERT_EQ(reply.status, 200);
    const auto text = text_of_reply(reply);
    EXPECT_EQ(text.find("Rowan"), std::string::npos);
    EXPECT_EQ(text.find("0042"), std::string::npos);
    EXPECT_NE(text.find("Ashby"), std::string::npos);

    // The same record given again is the same notification.
    Submit once_more;
    once_more.reply = 5;
    once_more.notification = referral("case:1", of_both());
    once_more.person = service_person();
    once_more.reason = "intake";
    const auto again = care.give(std::move(once_more));
    const auto known = std::ranges::any_of(again, [&](const Effect& effect) {
        const auto* done = std::get_if<Submitted>(&effect);
        return done != nullptr && done->id == id && done->existed;
    });
    EXPECT_TRUE(known);
}

TEST_F(SeveredIdentity, NoRecordThatIsReadOrTakenAwayJoinsTheTwo) {
    list(care, adoption_team, "severed", {of_before()});
    const auto desk = care.add_person("Invented Worker", "social-care", {"social-care.sw"});
    const auto auditor = care.add_person("Invented Auditor", "social-care", {}, {"dpo"});
    // Of a record of now that has kept what the child was before.
    const auto now = world.send(care, referral("case:1", of_both()));
    const auto before = world.send(care, referral("case:2", of_before()));
    const auto ask = [&](ApiRequest request, const PersonalText& who) {
        request.credential = who;
        const auto reply = care.ask(std::move(request));
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return reply.json.reveal();
    };
    std::vector<std::string> documents;
    for (const auto& id : {now, before}) {
        ApiRequest listed;
        listed.kind = ApiRequest::Kind::decisions_list;
        listed.filter["sent"] = to_text(id);
        const auto decisions = Json::parse(ask(listed, auditor)).at("decisions");
        EXPECT_FALSE(decisions.empty());
        for (const auto& line : decisions) {
            ApiRequest full;
            full.kind = ApiRequest::Kind::decision_one;
            full.id = line.at("id");
            full.filter["full"] = "true";
            documents.push_back(ask(full, auditor));
        }
    }
    ApiRequest taken_away;
    taken_away.kind = ApiRequest::Kind::sent_list;
    taken_away.filter["export"] = "true";
    taken_away.body = PersonalText(R"({"reason":"own_records"})");
    documents.push_back(ask(taken_away, desk));
    ApiRequest access;
    access.kind = ApiRequest::Kind::access_log;
    documents.push_back(ask(access, auditor));
    for (const auto& text : documents) {
        for (const auto* part : {"Rowan", "ROWAN", "0000042", "000 0042"})
            EXPECT_EQ(text.find(part), std::string::npos) << text;
    }
}

TEST_F(SeveredIdentity, NobodyIsLinkedByAnIdentityOfBefore) {
    world.connect(world.hub);
    const auto ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
    const auto desk = care.add_person("Invented Worker", "social-care", {"social-care.sw"});
    list(care, adoption_team, "severed", {of_before()});
    world.send(care, referral("case:4", of_before()));
    const auto of_new = world.send(care, referral("case:5", of_now()));
    auto said = referral("case:6", subject("999 000 0026", "Jon", "Lark"));
    said.sections["idn"]["nhs_number"] = PersonalText("\"999 000 0026\"");
    const auto brother = [](Subject known_by) {
        return LinkedPerson{wire::LinkedRelation::sibling, std::move(known_by)};
    };
    said.linked = {brother(of_before()), brother(of_both())};
    const auto start = world.send(care, said);
    const auto shown =
        Json::parse(care.ask(ApiRequest::Kind::sent_one, desk, to_text(start)).json.reveal())
            .at("linked");
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0], shown[1]) << "that one was severed is nobody's to say here";

    // The front door is led to the child of now, and by no way to the one of before.
    ApiRequest request;
    request.kind = ApiRequest::Kind::chronology;
    request.credential = ann;
    request.filter["received"] = to_text(start);
    const auto answer = Json::parse(world.hub.ask(std::move(request)).json.reveal());
    std::vector<std::string> ids;
    for (const auto& one : answer.at("linked")) ids.push_back(one.at("id").get<std::string>());
    EXPECT_EQ(ids, std::vector<std::string>{to_text(of_new)});
}

TEST_F(SeveredIdentity, WhoeverTriesAnOldNumberInAPreviewLearnsNothing) {
    const auto desk = care.add_person("Invented Worker", "social-care", {"social-care.sw"}, {"sw"});
    list(care, adoption_team, "severed", {of_before()});
    auto stranger = subject("999 000 0034", "Noor", "Larch");
    const auto preview = [&](const Subject& named) {
        auto said = referral("case:7", subject("999 000 0026", "Jon", "Lark"));
        said.linked = {{wire::LinkedRelation::sibling, named}};
        const auto reply =
            care.ask(ApiRequest::Kind::preview, desk, "", to_canonical_json(said).reveal());
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return Json::parse(reply.json.reveal());
    };
    const auto ordinary = preview(stranger);
    EXPECT_EQ(ordinary.at("linked").at(0).at("used"), true);
    EXPECT_EQ(preview(of_before()), ordinary);
    stranger.nhs_number = PersonalText("999 000 0000");
    stranger.postcode = PersonalText();
    EXPECT_EQ(preview(stranger).at("linked").at(0).at("used"), false) << "no number at all";
}

TEST_F(SeveredIdentity, WhatIsSentAboutTheChildOfBeforeKeepsItsOwnWords) {
    const auto severed = severed_tokens();
    world.send(care, referral("case:2", of_before()));
    EXPECT_TRUE(have_common(world.broker.plan_requests.back().facts.tokens, severed));
}

TEST_F(SeveredIdentity, AnotherAgencyIsToldByTheBrokerAndStatesWhatItsRecordHoldsToday) {
    list(world.schools, dsl, "school", {of_now()});
    const auto clean = stated();
    list(world.schools, dsl, "school", {of_both()});
    // Those of the number of before, which a school cannot tell from another that was superseded.
    hear(word_of(number_of_before(clean, stated())));
    EXPECT_EQ(stated(), clean);
    list(world.schools, dsl, "school", {of_both()});
    EXPECT_EQ(stated(), clean) << "the next list names it again";
}

TEST_F(SeveredIdentity, TheBrokersWordAloneShortensNobodysList) {
    list(world.schools, dsl, "school", {of_now()});
    const auto clean = stated();
    list(world.schools, dsl, "school", {of_both()});
    const auto both = stated();
    const auto before = number_of_before(clean, both);
    const auto is_ignored = [&](const wire::ClaimsAccepted& word) {
        hear(word);
        list(world.schools, dsl, "school", {of_both()});
        return stated() == both;
    };
    auto word = word_of(before);
    word.severing.clear();
    EXPECT_TRUE(is_ignored(word)) << "nobody's signed word";
    EXPECT_TRUE(is_ignored(word_of(before, social_worker, "social_worker")))
        << "a relation that severs nothing";
    EXPECT_TRUE(is_ignored(word_of(before, social_worker, "severed"))) << "not the adoption team";
    EXPECT_TRUE(is_ignored(word_of(before, dsl, "severed"))) << "nor a school";
    word = word_of(before);
    word.severing[0].signature = word_of({test::token(77)}).severing[0].signature;
    EXPECT_TRUE(is_ignored(word)) << "signed by nobody";
    word = word_of(before);
    word.severing = word_of({test::token(77)}).severing;
    EXPECT_TRUE(is_ignored(word)) << "of another child";
    EXPECT_TRUE(is_ignored(word_of(before, adoption_team, "severed", std::chrono::hours(24 * 91))))
        << "whose lease is over";
    // Of one name and home, and another number: two children.
    std::vector<wire::Token> alike{test::token(78)};
    std::ranges::copy_if(both, std::back_inserter(alike), [](const wire::Token& token) {
        return token.kind == wire::TokenKind::name_dob_postcode;
    });
    hear(word_of(alike));
    EXPECT_EQ(stated(), both);

    hear(word_of(before));
    EXPECT_EQ(stated(), clean);
}

TEST_F(SeveredIdentity, ARecordOfTheChildOfBeforeAloneIsClaimedNoMore) {
    list(world.schools, dsl, "school", {of_before()});
    std::vector<wire::Token> severed;
    std::ranges::copy_if(stated(), std::back_inserter(severed),
                         [](const wire::Token& token) { return wire::is_strong(token.kind); });
    auto roll = pupils(10);
    const auto others = roll.size();
    roll.insert(roll.begin(), of_before());
    list(world.schools, dsl, "school", roll);
    ASSERT_EQ(world.broker.claims.size(), others + 1);
    hear(word_of(severed));
    EXPECT_EQ(world.broker.claims.size(), others);
    list(world.schools, dsl, "school", roll);
    EXPECT_EQ(world.broker.claims.size(), others);
    // After five weeks without the broker's word it is asked again: an adoption may be a mistake.
    world.pass(std::chrono::hours(24 * 36));
    list(world.schools, dsl, "school", roll);
    EXPECT_EQ(world.broker.claims.size(), others + 1);
}

TEST_F(SeveredIdentity, MoreThanATenthOfAListWaitsForAPersonWhoeverSaysSo) {
    list(world.schools, dsl, "school", {of_before()});
    std::vector<wire::Token> severed;
    std::ranges::copy_if(stated(), std::back_inserter(severed),
                         [](const wire::Token& token) { return wire::is_strong(token.kind); });
    const std::vector<Subject> roll{of_before(), of_now()};
    list(world.schools, dsl, "school", roll);
    hear(word_of(severed));
    EXPECT_EQ(world.broker.claims.size(), 2U);
    const auto reply = list(world.schools, dsl, "school", roll);
    EXPECT_TRUE(reply.waits_for_person);
    EXPECT_EQ(reply.ended, 1U);
    EXPECT_EQ(world.broker.claims.size(), 2U) << "both are still said";
    EXPECT_FALSE(list(world.schools, dsl, "school", roll, true).waits_for_person);
    EXPECT_EQ(world.broker.claims.size(), 1U);
}

TEST_F(SeveredIdentity, WhatWasSeveredLongAgoIsKeptNowhere) {
    const auto rows_of = [&](store::Space space) {
        return world.schools.store.view()->scan(space, {}, [](ByteView, ByteView) { return true; });
    };
    constexpr store::Space severed_tokens("severed_tokens");
    constexpr store::Space severed_entries("severed_entries");
    const auto hear_of = [&](std::uint64_t first) {
        for (std::uint64_t child = first; child < first + 400; child += 10) {
            std::vector<wire::Token> tokens;
            for (std::uint64_t one = child; one < child + 10; ++one)
                tokens.push_back(test::token(one));
            hear(word_of(tokens));
        }
    };
    list(world.schools, dsl, "school", {of_now()});
    const auto clean = stated();
    list(world.schools, dsl, "school", {of_both()});
    hear(word_of(number_of_before(clean, stated())));
    EXPECT_EQ(rows_of(severed_entries), 1U);
    hear_of(1000);
    world.pass(std::chrono::hours(24 * 30));
    hear_of(2000);
    EXPECT_EQ(rows_of(severed_tokens), 801U);
    world.pass(std::chrono::hours(24 * 6));
    EXPECT_EQ(rows_of(severed_tokens), 400U) << "however many are younger";
    EXPECT_EQ(rows_of(severed_entries), 0U);
}

TEST_F(SeveredIdentity, AListOfBirthsNamesNobodyWhoWasBorn) {
    auto unborn = of_before();
    unborn.unborn = true;
    unborn.due_date = PersonalText("2027-05-02");
    const auto reply = list(care, social_worker, "born", {of_now(), unborn});
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.unusable, 1U) << "a row without a due date";
    for (const auto& token : area::strong_tokens(stated()))
        EXPECT_EQ(token.kind, wire::TokenKind::unborn);
}

TEST_F(SeveredIdentity, ANewNameIsAFurtherOneWhereTheNumberSaysThatItIsTheSameChild) {
    list(world.schools, dsl, "school", {subject("999 000 0018", "Mara", "Lark")});
    const auto then = stated();
    list(world.schools, dsl, "school", {subject("999 000 0018", "Mara", "Penrose")});
    const auto now = stated();
    EXPECT_TRUE(std::ranges::includes(now, then)) << "found by the name of then";
    EXPECT_GT(now.size(), then.size()) << "and by the one of today";
    list(world.schools, dsl, "school", {subject("999 000 0018", "Mara", "Penrose")});
    EXPECT_EQ(stated(), now) << "however often the list comes again";

    // The reference is another child's now, and somebody has looked.
    list(world.schools, dsl, "school", {subject("999 000 0026", "Mia", "Dunmore")}, true);
    EXPECT_FALSE(have_common(stated(), now));
}

}  // namespace
}  // namespace mash::runtime::testing
