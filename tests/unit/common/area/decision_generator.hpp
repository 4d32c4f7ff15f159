// Decision inputs of every shape from one seed: every type, every sender, words that no policy
// knows.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "decision_fixture.hpp"

namespace mash::area::testing {

class Generator {
public:
    Generator(const World& world, std::uint64_t seed) : world_(world), random_(seed) {}

    DecisionInput next() {
        std::vector<std::string> types{"no_such_type"};
        for (const auto& type : world_.policy.types()) types.push_back(type.type.value());
        DecisionInput in = input_from(
            world_, seats_[pick(seats_.size())], types[pick(types.size())],
            at("2026-08-25T00:00:00Z") + std::chrono::minutes(random_() % (60 * 24 * 810)));
        auto& facts = in.facts;
        const TypeRule* type = world_.policy.find_type(facts.type);
        std::vector<std::string> kinds{"", "rumour"};
        if (type != nullptr) kinds.insert(kinds.end(), type->kinds.begin(), type->kinds.end());
        facts.kind = one_of(kinds);
        facts.risk_grade = one_of({"", "none_apparent", "low", "medium", "high", "severe"});
        facts.level = static_cast<wire::Level>(pick(6));
        facts.harm = static_cast<wire::Harm>(pick(4));
        facts.purpose = static_cast<wire::Purpose>(pick(3));
        facts.rag = static_cast<wire::Rag>(pick(5));
        facts.vital = pick(10) == 0;
        facts.agreement.status = static_cast<wire::AgreementStatus>(pick(6));
        facts.agreement.not_sought_reason = static_cast<wire::NotSoughtReason>(pick(9));
        facts.agreement.giver = static_cast<wire::Giver>(pick(8));
        facts.agreement.purpose = static_cast<wire::Purpose>(pick(3));
        facts.agreement.other_holder_objects = pick(6) == 0;
        facts.agreement.child_and_parent_differ = pick(6) == 0;
        for (const auto& each : some_seats(3))
            facts.agreement.named_agencies.push_back(each.agency);
        if (pick(5) == 0) facts.tokens.clear();
        for (const auto& [marker, title] : world_.policy.markers()) {
            if (pick(4) == 0) facts.markers.push_back(marker);
        }
        std::erase_if(facts.views_on_offer, [&](const ViewId&) { return pick(3) == 0; });
        facts.detriment = some_seats(6);
        facts.conflicts_stated = some_seats(6);
        facts.addressed_to = some_seats(3);
        in.thread_seats = some_seats(3);
        facts.thread_seats = in.thread_seats;
        const std::pair<const char*, Seat> relations[] = {
            {"exploitation_team", get_safe},    {"gp", practice},
            {"health_visitor", health_visitor}, {"placing_authority", placing_authority},
            {"school", other_school},           {"school", school},
            {"social_worker", social_worker}};
        for (const auto& [relation, who] : relations) {
            if (pick(2) == 0) in.involved.push_back({relation, who});
        }
        for (const char* rule :
             {"D3-1", "D3-2", "E-07", "E-10", "E-13", "E-14", "E-19", "E-20", "E-21", "E-23"}) {
            if (pick(3) == 0) in.authorised.push_back({rule, some_seats(2), pick(2) == 0});
        }
        for (const auto& each : in.thread_seats) {
            if (pick(2) == 0) continue;
            wire::Unchanged held{each, facts.views_on_offer};
            std::erase_if(held.views, [&](const ViewId&) { return pick(2) == 0; });
            if (!held.views.empty()) facts.unchanged.push_back(std::move(held));
        }
        return in;
    }

    DecisionInput shuffled(DecisionInput in) {
        std::shuffle(in.involved.begin(), in.involved.end(), random_);
        std::shuffle(in.thread_seats.begin(), in.thread_seats.end(), random_);
        std::shuffle(in.authorised.begin(), in.authorised.end(), random_);
        std::shuffle(in.facts.markers.begin(), in.facts.markers.end(), random_);
        std::shuffle(in.facts.views_on_offer.begin(), in.facts.views_on_offer.end(), random_);
        std::shuffle(in.facts.detriment.begin(), in.facts.detriment.end(), random_);
        std::shuffle(in.facts.conflicts_stated.begin(), in.facts.conflicts_stated.end(), random_);
        std::shuffle(in.facts.addressed_to.begin(), in.facts.addressed_to.end(), random_);
        std::shuffle(in.facts.unchanged.begin(), in.facts.unchanged.end(), random_);
        auto& named = in.facts.agreement.named_agencies;
        std::shuffle(named.begin(), named.end(), random_);
        return in;
    }

private:
    std::size_t pick(std::size_t below) { return random_() % below; }
    std::string one_of(const std::vector<std::string>& words) { return words[pick(words.size())]; }
    std::vector<Seat> some_seats(std::size_t one_in) {
        std::vector<Seat> some;
        for (const auto& each : seats_) {
            if (pick(one_in) == 0) some.push_back(each);
        }
        std::sort(some.begin(), some.end());
        return some;
    }

    const World& world_;
    std::mt19937_64 random_;
    const std::vector<Seat> seats_ = {front_door,
                                      emergency_duty,
                                      social_worker,
                                      missing_officers,
                                      get_safe,
                                      police,
                                      school,
                                      other_school,
                                      health_visitor,
                                      emergency_department,
                                      placing_authority,
                                      practice,
                                      seat("closed-school", "sch")};
};

}  // namespace mash::area::testing
