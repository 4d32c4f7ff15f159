// Each bound, name, word and order that decoding promises to check, broken one at a time.
#include <functional>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/padding.hpp"
#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

using test::Sample;

const Seat some_seat{AgencyId("police"), RoleId("pol")};

template <class T>
std::vector<T> sorted_many(Sample& sample, std::size_t count) {
    std::vector<T> out(count);
    for (auto& item : out) item = sample.make<T>();
    std::ranges::sort(out);
    return out;
}

template <class T>
ErrorCode outcome(const Result<T>& result) {
    return result ? ErrorCode{} : result.error();
}

/// One well-formed body, broken by `spoil`.
template <class Body>
ErrorCode refused_body(std::function<void(Body&, Sample&)> spoil) {
    Sample sample(21);
    Body body = sample.make<Body>();
    EXPECT_TRUE(decode_body<Body>(encode_body(body))) << "before it is spoilt";
    spoil(body, sample);
    return outcome(decode_body<Body>(encode_body(body)));
}
template <class Message>
ErrorCode refused_by_broker(std::function<void(Message&, Sample&)> spoil) {
    Sample sample(22);
    Message message = sample.make<Message>();
    EXPECT_TRUE(decode_agent_frame(encode(AgentFrame{1, message}))) << "before it is spoilt";
    spoil(message, sample);
    return outcome(decode_agent_frame(encode(AgentFrame{1, message})));
}
template <class Message>
ErrorCode refused_by_agent(std::function<void(Message&, Sample&)> spoil) {
    Sample sample(23);
    Message message = sample.make<Message>();
    EXPECT_TRUE(decode_broker_frame(encode(BrokerFrame{1, message}))) << "before it is spoilt";
    spoil(message, sample);
    return outcome(decode_broker_frame(encode(BrokerFrame{1, message})));
}

ErrorCode facts(std::function<void(RoutingFacts&)> spoil) {
    return refused_body<RoutingFacts>([&](RoutingFacts& body, Sample&) { spoil(body); });
}

TEST(Bounds, RoutingFactsNameSenderRoleAndType) {
    EXPECT_EQ(facts([](auto& f) { f.sender = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(facts([](auto& f) { f.sender_role = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(facts([](auto& f) { f.type = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(facts([](auto& f) { f.sender = AgencyId("Police"); }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.type = TypeId("missing episode"); }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.kind = "sight\xFFing"; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.sender = AgencyId(std::string(65, 'a')); }),
              ErrorCode::too_large);
    EXPECT_EQ(facts([](auto& f) { f.sender = AgencyId(std::string(64, 'a')); }), ErrorCode{});
}

TEST(Bounds, RoutingFactsHoldKnownWordsOnly) {
    EXPECT_EQ(facts([](auto& f) { f.level = Level{6}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.harm = Harm{4}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.purpose = Purpose{3}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.rag = Rag{5}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.agreement.status = AgreementStatus{6}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.agreement.giver = Giver{8}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.agreement.not_sought_reason = NotSoughtReason{9}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.tokens[0].kind = TokenKind{}; }), ErrorCode::missing_field);
    EXPECT_EQ(facts([](auto& f) { f.tokens[0].kind = TokenKind{10}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.tokens[0].epoch = 0; }), ErrorCode::bad_value);
}

TEST(Bounds, RoutingFactsHaveBoundedSortedLists) {
    const auto many = [](auto list, std::size_t count) {
        return facts([&](auto& f) {
            Sample sample(5);
            auto& to = f.*list;
            to = sorted_many<typename std::remove_reference_t<decltype(to)>::value_type>(sample,
                                                                                         count);
        });
    };
    EXPECT_EQ(many(&RoutingFacts::tokens, limits::tokens_max), ErrorCode{});
    EXPECT_EQ(many(&RoutingFacts::tokens, limits::tokens_max + 1), ErrorCode::too_many);
    EXPECT_EQ(many(&RoutingFacts::markers, limits::markers_max), ErrorCode{});
    EXPECT_EQ(many(&RoutingFacts::markers, limits::markers_max + 1), ErrorCode::too_many);
    EXPECT_EQ(many(&RoutingFacts::views_on_offer, limits::sections_max), ErrorCode{});
    EXPECT_EQ(many(&RoutingFacts::views_on_offer, limits::sections_max + 1), ErrorCode::too_many);
    EXPECT_EQ(many(&RoutingFacts::thread_seats, limits::thread_seats_max), ErrorCode{});
    EXPECT_EQ(many(&RoutingFacts::thread_seats, limits::thread_seats_max + 1), ErrorCode::too_many);
    for (auto list : {&RoutingFacts::detriment, &RoutingFacts::conflicts_stated}) {
        EXPECT_EQ(many(list, limits::seats_per_list_max), ErrorCode{});
        EXPECT_EQ(many(list, limits::seats_per_list_max + 1), ErrorCode::too_many);
    }
    EXPECT_EQ(facts([](auto& f) {
                  f.agreement.named_agencies.assign(limits::named_agencies_max + 1,
                                                    AgencyId("police"));
              }),
              ErrorCode::too_many);
    EXPECT_EQ(facts([](auto& f) { f.markers = {"b", "a"}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.markers = {"a", "a"}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.views_on_offer = {ViewId("voi"), ViewId("evt.full")}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.tokens = {f.tokens[0], f.tokens[0]}; }), ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.thread_seats = {some_seat, some_seat}; }),
              ErrorCode::bad_value);
    const auto unchanged_for = [](std::size_t seats) {
        return facts([&](auto& f) {
            f.unchanged.clear();
            for (std::size_t i = 0; i < seats; ++i) {
                const AgencyId agency("school-" + std::to_string(100 + i));
                f.unchanged.push_back({{agency, RoleId("sch")}, {ViewId("loc")}});
            }
        });
    };
    EXPECT_EQ(unchanged_for(limits::unchanged_seats_max), ErrorCode{});
    EXPECT_EQ(unchanged_for(limits::unchanged_seats_max + 1), ErrorCode::too_many);
    EXPECT_EQ(facts([](auto& f) {
                  f.unchanged = {{some_seat, {ViewId("loc")}}, {some_seat, {ViewId("voi")}}};
              }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.unchanged = {{some_seat, {}}}; }), ErrorCode::missing_field);
    EXPECT_EQ(facts([](auto& f) { f.unchanged = {{some_seat, {ViewId("voi"), ViewId("loc")}}}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(many(&RoutingFacts::addressed_to, limits::seats_per_list_max), ErrorCode{});
    EXPECT_EQ(many(&RoutingFacts::addressed_to, limits::seats_per_list_max + 1),
              ErrorCode::too_many);
    EXPECT_EQ(facts([](auto& f) { f.addressed_to = {some_seat, some_seat}; }),
              ErrorCode::bad_value);
}

TEST(Bounds, TimesAreBetween1970And9999) {
    EXPECT_EQ(facts([](auto& f) { f.occurred_at = WallTime::from_unix_ms(-1); }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.occurred_at = WallTime::from_unix_ms(253'402'300'800'000); }),
              ErrorCode::bad_value);
    EXPECT_EQ(facts([](auto& f) { f.occurred_at = WallTime::from_unix_ms(253'402'300'799'999); }),
              ErrorCode{});
}

TEST(Bounds, RoutingOverItsBoundIsRefused) {
    EXPECT_EQ(refused_body<Routing>([](Routing& body, Sample& sample) {
                  const auto long_seat = [&] {
                      return Seat{AgencyId(sample.name() + std::string(50, 'x')),
                                  RoleId(sample.name() + std::string(50, 'y'))};
                  };
                  for (auto* list : {&body.facts.detriment, &body.facts.conflicts_stated}) {
                      list->clear();
                      while (list->size() < limits::seats_per_list_max)
                          list->push_back(long_seat());
                  }
              }),
              ErrorCode::too_large);
}

TEST(Bounds, AClaimIsAboutSomebodyAndHasALease) {
    using Body = InvolvementClaim;
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.tokens.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample& s) {
                  c.tokens = sorted_many<Token>(s, limits::tokens_per_claim_max + 1);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample& s) {
                  c.tokens = sorted_many<Token>(s, limits::tokens_per_claim_max);
              }),
              ErrorCode{});
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample& s) {
                  c.tokens = sorted_many<Token>(s, 2);
                  std::swap(c.tokens[0], c.tokens[1]);
              }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.lease_until = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.starts = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.id = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.seat.role = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.relation = "Social Worker"; }),
              ErrorCode::bad_value);
}

TEST(Bounds, AFullFrameOfFullClaimsHolds) {
    Sample sample(24);
    InvolvementClaim claim = sample.make<InvolvementClaim>();
    claim.tokens = sorted_many<Token>(sample, limits::tokens_per_claim_max);
    claim.agency = AgencyId("schools-884001");
    claim.seat = {claim.agency, RoleId("sch")};
    ReplaceRoll roll = sample.make<ReplaceRoll>();
    roll.claims.assign(limits::claims_per_frame_max,
                       {encode_body(claim), roll.claims[0].signature});
    const Bytes bytes = encode(AgentFrame{1, roll});
    EXPECT_LT(bytes.size(), limits::frame_bytes_max);
    EXPECT_TRUE(decode_agent_frame(bytes));
}

TEST(Bounds, CertificatesEnd) {
    EXPECT_EQ(refused_body<InboxCertificate>([](auto& c, Sample&) { c.not_after = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<PersonCertificate>([](auto& c, Sample&) { c.not_after = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<PersonCertificate>([](auto& c, Sample&) {
                  c.roles.assign(limits::roles_per_person_max + 1, RoleId("ffd"));
              }),
              ErrorCode::too_many);
}

TEST(Bounds, AnAuthorisationNamesWhatItIsAbout) {
    using Body = Authorisation;
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.notification = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.person = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.at = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.rule = std::string(129, 'E'); }),
              ErrorCode::too_large);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.rule = "E 08"; }), ErrorCode::bad_value);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) {
                  a.seats.assign(limits::seats_per_list_max + 1, some_seat);
              }),
              ErrorCode::too_many);
}

TEST(Bounds, ADecisionIsSortedAndBounded) {
    using Body = Decision;
    const auto with_recipients = [](std::size_t count) {
        return refused_body<Body>([&](Body& d, Sample& s) {
            d.recipients.resize(count);
            for (auto& recipient : d.recipients) recipient = s.make<Recipient>();
            std::ranges::sort(d.recipients, {}, &Recipient::seat);
        });
    };
    EXPECT_EQ(with_recipients(limits::parcels_max), ErrorCode{});
    EXPECT_EQ(with_recipients(limits::parcels_max + 1), ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>(
                  [](Body& d, Sample&) { d.recipients = {d.recipients[0], d.recipients[0]}; }),
              ErrorCode::bad_value)
        << "one seat stands once";
    const auto recipient = [](std::function<void(Recipient&, Sample&)> spoil) {
        return refused_body<Body>([&](Body& d, Sample& s) { spoil(d.recipients[0], s); });
    };
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.inbox = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.urgency = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.lane = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.lane = Lane{5}; }), ErrorCode::bad_value);
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.views = {ViewId("b"), ViewId("a")}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(recipient([](auto& r, Sample&) { r.withheld = {"plc", "loc"}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(recipient([](auto& r, Sample& s) {
                  r.standbys = sorted_many<Standby>(s, limits::standbys_max + 1);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& d, Sample&) {
                  d.warnings.assign(limits::decision_codes_max + 1, "late");
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& d, Sample&) {
                  d.held.assign(limits::seats_per_list_max + 1, d.held[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& d, Sample&) { d.not_connected[0].telephone = "a\nb"; }),
              ErrorCode::bad_value);
}

TEST(Bounds, AnIdentityAnswerLinksByStrongTokensOnly) {
    using Body = IdentityAnswer;
    for (const auto weak :
         {TokenKind::name_dob, TokenKind::name_postcode, TokenKind::dob_postcode}) {
        EXPECT_EQ(refused_body<Body>([&](Body& a, Sample&) { a.tokens[0].kind = weak; }),
                  ErrorCode::bad_value)
            << "by a weak one it would link every child of that name, or of that day";
    }
    EXPECT_EQ(refused_body<Body>(
                  [](Body& a, Sample&) { a.tokens.assign(limits::tokens_max + 1, a.tokens[0]); }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.outcome = IdentityOutcome{5}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_body<Body>([](Body& a, Sample&) { a.at = {}; }), ErrorCode::missing_field);
}

TEST(Bounds, PlanFactsAreDatedAndBounded) {
    using Body = PlanFacts;
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) { p.decided_at = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>(
                  [](Body& p, Sample&) { p.claims.assign(limits::facts_max + 1, p.claims[0]); }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) {
                  p.authorisations.assign(limits::authorisations_max + 1, p.authorisations[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) {
                  p.certificates.assign(limits::facts_max + 1, p.certificates[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) {
                  p.identity_answers.assign(limits::identity_answers_max + 1,
                                            p.identity_answers[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) { p.claims[0].body.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) {
                  p.claims[0].body.assign(limits::signed_body_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
    EXPECT_EQ(refused_body<Body>([](Body& p, Sample&) { p.thread_seats = {some_seat, some_seat}; }),
              ErrorCode::bad_value);
}

ErrorCode published(std::function<void(SealedNotification&, Sample&)> spoil) {
    return refused_by_broker<Publish>([&](Publish& p, Sample& s) { spoil(p.notification, s); });
}

TEST(Bounds, ASealedNotificationNamesExactlyTheViewsItHolds) {
    EXPECT_EQ(published([](auto& n, Sample& s) {
                  n.views.push_back(s.make<SealedView>());
                  std::ranges::sort(n.views, {}, &SealedView::view);
              }),
              ErrorCode::bad_value)
        << "a view for nobody";
    EXPECT_EQ(published([](auto& n, Sample& s) {
                  n.parcels[0].views.push_back(s.make<ViewDigest>());
                  std::ranges::sort(n.parcels[0].views, {}, &ViewDigest::view);
              }),
              ErrorCode::bad_value)
        << "a view that is not there";
    EXPECT_EQ(published([](auto& n, Sample&) { n.views.push_back(n.views.back()); }),
              ErrorCode::bad_value)
        << "twice the same view";
    EXPECT_EQ(published([](auto& n, Sample&) { n.parcels.push_back(n.parcels.back()); }),
              ErrorCode::bad_value)
        << "twice the same recipient";
    EXPECT_EQ(published([](auto& n, Sample&) {
                  n.parcels[0].views.push_back(n.parcels[0].views.back());
              }),
              ErrorCode::bad_value);
}

TEST(Bounds, ASealedNotificationIsBounded) {
    EXPECT_EQ(published([](auto& n, Sample&) { n.routing.clear(); }), ErrorCode::missing_field);
    EXPECT_EQ(
        published([](auto& n, Sample&) { n.routing.assign(limits::routing_bytes_max + 1, 1); }),
        ErrorCode::too_large);
    EXPECT_EQ(published([](auto& n, Sample&) {
                  n.parcels[0].grant.assign(limits::grant_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
    EXPECT_EQ(published([](auto& n, Sample&) { n.parcels[0].grant.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(published([](auto& n, Sample&) {
                  n.views[0].ciphertext.assign(limits::sealed_view_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
    EXPECT_EQ(published([](auto& n, Sample&) {
                  n.views[0].ciphertext.assign(limits::sealed_view_bytes_max, 1);
              }),
              ErrorCode{});
    const auto with_parcels = [](std::size_t count) {
        return published([&](auto& n, Sample& s) {
            while (n.parcels.size() < count) {
                n.parcels.push_back(s.make<Parcel>());
                n.parcels.back().views.clear();
            }
            std::ranges::sort(n.parcels, {}, &Parcel::recipient);
        });
    };
    EXPECT_EQ(with_parcels(limits::parcels_max), ErrorCode{});
    EXPECT_EQ(with_parcels(limits::parcels_max + 1), ErrorCode::too_many);
    const auto with_views = [](std::size_t count) {
        return published([&](auto& n, Sample& s) {
            while (n.views.size() < count) {
                n.views.push_back(s.make<SealedView>());
                n.parcels[0].views.push_back(s.make<ViewDigest>());
                n.parcels[0].views.back().view = n.views.back().view;
            }
            std::ranges::sort(n.views, {}, &SealedView::view);
            std::ranges::sort(n.parcels[0].views, {}, &ViewDigest::view);
        });
    };
    EXPECT_EQ(with_views(limits::sections_max), ErrorCode{});
    EXPECT_EQ(with_views(limits::sections_max + 1), ErrorCode::too_many);
}

TEST(Bounds, TheLargestSectionFitsWhenSealed) {
    EXPECT_EQ(crypto::padded_size(limits::section_bytes_max) + crypto::aead_tag_bytes,
              limits::sealed_view_bytes_max);
}

TEST(Bounds, AGrantHasOneKeyForAView) {
    EXPECT_EQ(refused_body<Grant>([](auto& g, Sample&) { g.keys.push_back(g.keys.back()); }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_body<Grant>([](auto& g, Sample&) { g.cover.recipient = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Grant>([](auto& g, Sample&) { g.cover.ask = std::string(257, 'a'); }),
              ErrorCode::too_large);
}

TEST(Bounds, ACoverSaysEachMarkOnceAndInOrder) {
    const auto with = [](std::vector<std::string> marks) {
        return refused_body<Grant>([&](auto& g, Sample&) { g.cover.marks = marks; });
    };
    EXPECT_EQ(with({}), ErrorCode{});
    EXPECT_EQ(with({"floor", "incomplete", "unmatched"}), ErrorCode{});
    EXPECT_EQ(with({"unmatched", "incomplete"}), ErrorCode::bad_value);
    EXPECT_EQ(with({"floor", "floor"}), ErrorCode::bad_value);
    EXPECT_EQ(with({"In words"}), ErrorCode::bad_value) << "a code, and nothing of a child";
    std::vector<std::string> many;
    for (char code = 'a'; many.size() <= limits::cover_marks_max; ++code)
        many.emplace_back(1, code);
    EXPECT_EQ(with(many), ErrorCode::too_many);
}

TEST(Bounds, ClocksHaveANameAndATimeAndStandOnceAndInOrder) {
    const auto by = WallTime::from_unix_ms(1'799'999'999'999);
    const auto both = [&](const std::vector<Clock>& clocks) {
        const auto of_recipient =
            refused_body<Decision>([&](auto& d, Sample&) { d.recipients[0].clocks = clocks; });
        const auto of_cover =
            refused_body<Grant>([&](auto& g, Sample&) { g.cover.clocks = clocks; });
        EXPECT_EQ(of_recipient, of_cover);
        return of_recipient;
    };
    EXPECT_EQ(both({}), ErrorCode{});
    EXPECT_EQ(both({{"a", by}, {"b", by}}), ErrorCode{});
    EXPECT_EQ(both({{"b", by}, {"a", by}}), ErrorCode::bad_value);
    EXPECT_EQ(both({{"a", by}, {"a", by + std::chrono::hours(1)}}), ErrorCode::bad_value)
        << "one clock has one end";
    EXPECT_EQ(both({{"", by}}), ErrorCode::missing_field);
    EXPECT_EQ(both({{"In words", by}}), ErrorCode::bad_value) << "a code, and nothing of a child";
    EXPECT_EQ(both({{"a", {}}}), ErrorCode::missing_field);
    std::vector<Clock> many;
    for (char name = 'a'; many.size() <= limits::clocks_max; ++name)
        many.push_back({std::string(1, name), by});
    EXPECT_EQ(both(many), ErrorCode::too_many);
    many.pop_back();
    EXPECT_EQ(both(many), ErrorCode{});
}

TEST(Bounds, AFamilyHoldsNoMoreThanAlwaysTravels) {
    const auto family = [](auto change) { return refused_body<Family>(change); };
    const auto token = [](Sample& s, TokenKind kind = TokenKind::nhs_dob) {
        auto made = s.make<Token>();
        made.kind = kind;
        return made;
    };
    const auto with = [&](std::size_t people, std::size_t tokens_each) {
        return family([&](auto& f, Sample& s) {
            f.people.assign(people, {});
            for (auto& person : f.people) {
                person.relation = LinkedRelation::sibling;
                for (std::size_t i = 0; i < tokens_each; ++i) person.tokens.push_back(token(s));
                std::ranges::sort(person.tokens);
            }
            std::ranges::sort(f.people);
        });
    };
    EXPECT_EQ(with(limits::linked_people_max, 4), ErrorCode{});
    EXPECT_EQ(with(limits::linked_people_max + 1, 1), ErrorCode::too_many);
    EXPECT_EQ(with(6, limits::family_tokens_each_max), ErrorCode{});
    EXPECT_EQ(with(1, limits::family_tokens_each_max + 1), ErrorCode::too_many);
    EXPECT_EQ(with(7, 7), ErrorCode::too_many) << "49 of all of them together";
    EXPECT_EQ(with(1, 0), ErrorCode::missing_field) << "whom nothing is known of is not named";
    for (const auto kind : {TokenKind::name_dob, TokenKind::name_dob_school,
                            TokenKind::name_postcode, TokenKind::dob_postcode}) {
        EXPECT_EQ(family([&](auto& f, Sample& s) { f.child = {token(s, kind)}; }),
                  ErrorCode::bad_value)
            << "it finds nobody";
    }
    EXPECT_EQ(family([](auto& f, Sample&) { f.people.push_back(f.people.back()); }),
              ErrorCode::bad_value);
    EXPECT_EQ(family([](auto& f, Sample&) { f.people.front().relation = LinkedRelation(0); }),
              ErrorCode::missing_field);
    EXPECT_EQ(family([](auto& f, Sample&) {
                  for (auto& person : f.people) person.relation = LinkedRelation(8);
              }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_body<Grant>(
                  [](auto& g, Sample&) { g.cover.family.resize(limits::family_bytes + 1); }),
              ErrorCode::too_large);
}

TEST(Bounds, TheLargestFamilyFitsIntoWhatAlwaysTravels) {
    Sample s(7);
    Family family;
    const auto add = [&](std::vector<Token>& to) {
        Token token = s.make<Token>();
        token.kind = TokenKind::name_dob_postcode;
        token.epoch = 65'535;
        to.push_back(token);
    };
    while (family.child.size() < limits::family_tokens_each_max) add(family.child);
    while (family.people.size() < limits::linked_people_max) {
        auto& person = family.people.emplace_back();
        person.relation = LinkedRelation::person_of_concern;
        while (person.tokens.size() < limits::linked_tokens_max / limits::linked_people_max)
            add(person.tokens);
    }
    EXPECT_LT(encode_body(family).size(), limits::family_bytes) << "with the mark of its end";
}

TEST(Bounds, LinesAreUtf8WithoutControls) {
    const auto ask = [](std::string text) {
        return refused_body<Grant>([&](auto& g, Sample&) { g.cover.ask = text; });
    };
    EXPECT_EQ(ask("Mrs \xC3\x93 Br\xC3\xAD"
                  "ain, 01632 960 001"),
              ErrorCode{});
    EXPECT_EQ(ask("\xF0\x9F\x93\x9E 01632 960 001"), ErrorCode{});
    for (const char* bad :
         {"a\x01", "a\x7F", "a\xC2\x85", "a\xC3", "\x80", "\xC0\xAF", "\xE0\x80\xAF",
          "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "a\xE2\x82"}) {
        EXPECT_EQ(ask(bad), ErrorCode::bad_value) << to_hex(view_of(bad));
    }
}

TEST(Bounds, ADeliveryHoldsExactlyTheViewsItsParcelNames) {
    EXPECT_EQ(refused_by_agent<Delivery>([](auto& d, Sample&) { d.views.pop_back(); }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_agent<Delivery>(
                  [](auto& d, Sample& s) { d.views.push_back(s.make<SealedView>()); }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_agent<Delivery>([](auto& d, Sample&) { d.id = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_agent<Delivery>([](auto& d, Sample&) { d.statement.clear(); }),
              ErrorCode::missing_field);
}

TEST(Bounds, ReceiptsAreDatedKnownAndBounded) {
    using Body = ReceiptsBody;
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) { r.entries.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) {
                  r.entries.assign(limits::receipts_entries_max, r.entries[0]);
              }),
              ErrorCode{});
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) {
                  r.entries.assign(limits::receipts_entries_max + 1, r.entries[0]);
              }),
              ErrorCode::too_many);
    for (int rung : {7, 19, 25}) {
        EXPECT_EQ(refused_body<Body>(
                      [&](Body& r, Sample&) { r.entries[0].rung = static_cast<Rung>(rung); }),
                  ErrorCode::bad_value)
            << rung;
    }
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) { r.entries[0].rung = Rung{}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) { r.entries[0].at = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& r, Sample&) { r.entries[0].code = "Rang the mother"; }),
              ErrorCode::bad_value)
        << "codes, never words";
    EXPECT_EQ(refused_by_broker<Receipts>([](Receipts& r, Sample&) {
                  r.deliveries.assign(limits::receipts_entries_max + 1, r.deliveries[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<Receipts>([](Receipts& r, Sample&) {
                  r.inboxes.assign(limits::receipts_entries_max + 1, InboxId("n1"));
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<Receipts>(
                  [](Receipts& r, Sample&) { r.inboxes = {InboxId("Not a name")}; }),
              ErrorCode::bad_value);
}

TEST(Bounds, RollsComeInNumberedParts) {
    using Roll = ReplaceRoll;
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) { r.parts = 0; }), ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) { r.part = r.parts; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) { r.parts = 20'001; }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) { r.claims.clear(); }), ErrorCode{})
        << "a roll that names nobody";
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) {
                  r.claims.assign(limits::claims_per_frame_max, r.claims[0]);
              }),
              ErrorCode{});
    EXPECT_EQ(refused_by_broker<Roll>([](Roll& r, Sample&) {
                  r.claims.assign(limits::claims_per_frame_max + 1, r.claims[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<ClaimInvolvement>([](auto& c, Sample&) { c.claims.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_broker<EndInvolvement>([](auto& e, Sample&) { e.claims.clear(); }),
              ErrorCode::missing_field);
}

TEST(Bounds, ConflictsKeepSomebodyFromSomething) {
    using Body = ConflictBody;
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.tokens.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.excluded.clear(); }), ErrorCode{});
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.people.clear(); }), ErrorCode{});
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) {
                  c.excluded.clear();
                  c.people.clear();
              }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) {
                  c.people.assign(limits::excluded_inboxes_max + 1, c.people[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) { c.people[0].person = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& c, Sample&) {
                  c.excluded.assign(limits::excluded_inboxes_max + 1, InboxId("school.dsl"));
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<DeclareConflict>([](auto& c, Sample&) {
                  c.records[0].sealed.assign(limits::sealed_record_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
}

TEST(Bounds, WhatIsSaidOfSeveredTokensIsBoundedAndSorted) {
    using Word = ClaimsAccepted;
    EXPECT_EQ(refused_by_agent<Word>([](Word& word, Sample& sample) {
                  word.severed = sorted_many<Token>(sample, limits::severed_tokens_max + 1);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_agent<Word>([](Word& word, Sample&) {
                  word.severing.assign(limits::severing_claims_max + 1, word.severing.at(0));
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_agent<Word>([](Word& word, Sample&) { word.severing.at(0).body.clear(); }),
              ErrorCode::missing_field);
}

TEST(Bounds, TasksHaveAnOwner) {
    using Body = Task;
    EXPECT_EQ(refused_body<Body>([](Body& t, Sample&) { t.owner.role = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& t, Sample&) { t.kind = {}; }), ErrorCode::missing_field);
    EXPECT_EQ(refused_body<Body>([](Body& t, Sample&) { t.kind = TaskKind{9}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<TaskAnswer>([](auto& t, Sample&) { t.outcome = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_broker<TaskAnswer>([](auto& t, Sample&) { t.outcome = TaskOutcome{5}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<TaskAnswer>([](auto& t, Sample&) { t.certificate.clear(); }),
              ErrorCode::missing_field);
}

TEST(Bounds, SessionsOpenWithAVersionAndATime) {
    EXPECT_EQ(refused_by_broker<Hello>([](auto& h, Sample&) { h.version_min = 0; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<Hello>([](auto& h, Sample&) {
                  h.version_min = 2;
                  h.version_max = 1;
              }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_broker<Hello>([](auto& h, Sample&) { h.agent_time = {}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_broker<Hello>([](auto& h, Sample&) {
                  h.checkpoint.assign(limits::checkpoint_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
    EXPECT_EQ(refused_by_agent<Welcome>([](auto& w, Sample&) { w.version = 0; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_by_agent<Welcome>([](auto& w, Sample&) { w.area = {}; }),
              ErrorCode::missing_field);
}

TEST(Bounds, DocumentsAreOfAKnownKind) {
    EXPECT_EQ(refused_body<SignedDocument>([](auto& d, Sample&) { d.kind = DocumentKind{6}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(refused_body<SignedDocument>([](auto& d, Sample&) {
                  d.signatures.assign(limits::document_signatures_max + 1, d.signatures[0]);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_body<SignedDocument>([](auto& d, Sample&) {
                  d.body.assign(limits::signed_document_bytes_max + 1, 1);
              }),
              ErrorCode::too_large);
    EXPECT_EQ(refused_body<SignedDocument>(
                  [](auto& d, Sample&) { d.body.assign(limits::signed_document_bytes_max, 1); }),
              ErrorCode{});
    EXPECT_EQ(refused_by_broker<FetchSigned>([](auto& f, Sample&) { f.kinds.clear(); }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_broker<FetchSigned>([](auto& f, Sample&) {
                  f.kinds.assign(limits::documents_per_frame_max + 1, DocumentKind::policy);
              }),
              ErrorCode::too_many);
    EXPECT_EQ(refused_by_broker<FetchSigned>([](auto& f, Sample&) { f.kinds[0] = DocumentKind{}; }),
              ErrorCode::missing_field);
}

TEST(Bounds, AnErrorHasACodeOfOursAndNoTextFromOutside) {
    EXPECT_EQ(refused_by_agent<ErrorFrame>([](auto& e, Sample&) { e.code = ErrorCode{}; }),
              ErrorCode::missing_field);
    EXPECT_EQ(refused_by_agent<ErrorFrame>([](auto& e, Sample&) { e.code = ErrorCode{10}; }),
              ErrorCode::bad_value);
    EXPECT_EQ(
        refused_by_agent<ErrorFrame>([](auto& e, Sample&) { e.detail = "No such child: Example"; }),
        ErrorCode::bad_value);
}

}  // namespace
}  // namespace mash::wire
