// The reference policy and an invented Worcestershire to decide in. Builders state only what
// matters.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "common/crypto/random.hpp"
#include "common/crypto/signature.hpp"
#include "tests/paths/paths.hpp"

namespace mash::area::testing {

inline std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}
inline std::string reference_policy() {
    return text_of_file(test::source_dir() / "deploy/policy/policy.toml");
}
inline std::string reference_catalogue() {
    return text_of_file(test::source_dir() / "deploy/policy/catalogue.toml");
}

/// `text` with the one place that reads `from` reading `to`.
inline std::string changed(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) {
        std::cerr << "not in the text: " << from << "\n";
        std::abort();
    }
    return text.replace(at, from.size(), to);
}

inline Policy policy_from(const std::string& policy_toml,
                          const std::string& catalogue_toml = reference_catalogue()) {
    std::vector<PolicyFault> faults;
    auto policy =
        Policy::parse(policy_toml, "policy.toml", catalogue_toml, "catalogue.toml", faults);
    for (const auto& fault : faults) std::cerr << fault.text() << "\n";
    if (!policy) std::abort();
    return std::move(policy).value();
}

inline WallTime at(const std::string& rfc3339) { return wall_time_from_rfc3339(rfc3339).value(); }
inline Seat seat(const std::string& agency, const std::string& role) {
    return {AgencyId(agency), RoleId(role)};
}

inline const Seat front_door = seat("hub", "ffd");
inline const Seat emergency_duty = seat("hub", "edt");
inline const Seat social_worker = seat("council", "sw");
inline const Seat missing_officers = seat("council", "mco");
inline const Seat get_safe = seat("council", "gs");
inline const Seat police = seat("constabulary", "pol");
inline const Seat school = seat("orchard-gate", "sch");
inline const Seat other_school = seat("teme-meadow", "sch");
inline const Seat health_visitor = seat("trust", "hv");
inline const Seat emergency_department = seat("trust", "urg");
inline const Seat placing_authority = seat("northmere", "ola");
inline const Seat practice = seat("riverside-surgery", "gp");

// Tuesday, in hours; the evening of that day; a Saturday night.
inline const WallTime tuesday = at("2026-11-24T11:00:00Z");
inline const WallTime tuesday_evening = at("2026-11-24T19:00:00Z");
inline const WallTime saturday_night = at("2027-01-09T23:40:00Z");

class World {
public:
    explicit World(Policy the_policy = policy_from(reference_policy()))
        : policy(std::move(the_policy)) {
        add("hub", "front_door", {"ffd", "edt"});
        add("council", "social_care", {"sw", "mco", "gs"});
        add("constabulary", "police", {"pol"});
        add("orchard-gate", "school", {"sch"}, true);
        add("teme-meadow", "school", {"sch"}, true);
        add("trust", "health", {"hv", "urg"});
        add("northmere", "other_authority", {"ola"});
        add("riverside-surgery", "health", {"gp"});
        registry.version = 1;
    }

    Agency& add(const std::string& name, const std::string& kind,
                const std::vector<std::string>& roles, bool alternates = false) {
        const auto key = keys.emplace(AgencyId(name), crypto::SigningKey::generate(random)).first;
        Agency agency;
        agency.id = AgencyId(name);
        agency.kind = kind;
        agency.name = "The " + name;
        agency.host = HostId("host");
        agency.signing_keys = {{key->second.verify_key(), {}, {}, {}}};
        for (const auto& role : roles) {
            agency.roles.push_back(RoleId(role));
            SeatEntry entry{RoleId(role), InboxId(name + "." + role), true, std::nullopt,
                            "01632 960001"};
            if (alternates) {
                entry.alternate = InboxId(name + ".alternate");
                agency.alternate_inboxes = {*entry.alternate};
            }
            agency.seats.push_back(entry);
        }
        return registry.agencies[agency.id] = agency;
    }
    Agency& agency(const std::string& name) { return registry.agencies.at(AgencyId(name)); }

    wire::Decision decide(const DecisionInput& input) const {
        return area::decide(input, registry, policy);
    }

    crypto::SeededRandom random{11, "decisions"};
    std::map<AgencyId, crypto::SigningKey> keys;
    Registry registry;
    Policy policy;
};

inline std::vector<ViewId> every_view(const Policy& policy) {
    std::vector<ViewId> views;
    for (const auto& view : policy.views()) views.push_back(view.view);
    std::sort(views.begin(), views.end());
    return views;
}

inline DecisionInput input_from(const World& world, const Seat& sender, const std::string& type,
                                WallTime when = tuesday) {
    DecisionInput in;
    in.facts.sender = sender.agency;
    in.facts.sender_role = sender.role;
    in.facts.type = TypeId(type);
    in.facts.occurred_at = when;
    in.facts.tokens = {{wire::TokenKind::nhs_dob, 1, {1}}};
    in.facts.views_on_offer = every_view(world.policy);
    const Agency* agency = world.registry.find_agency(sender.agency);
    in.sender_kind = agency == nullptr ? "" : agency->kind;
    in.decided_at = when;
    return in;
}

inline DecisionInput missing_child(const World& world, const std::string& grade,
                                   WallTime when = tuesday) {
    auto in = input_from(world, police, "missing_episode_started", when);
    in.facts.risk_grade = grade;
    return in;
}

inline DecisionInput referral(const World& world, const Seat& sender, wire::Harm harm,
                              WallTime when = tuesday) {
    auto in = input_from(world, sender, "safeguarding_referral", when);
    in.facts.level = wire::Level::four;
    in.facts.harm = harm;
    in.facts.purpose = wire::Purpose::inform_function;
    in.facts.agreement.status = wire::AgreementStatus::refused;
    in.facts.agreement.giver = wire::Giver::parent_pr;
    return in;
}

inline void involve_everybody(DecisionInput& in) {
    in.involved = {{"gp", practice},
                   {"health_visitor", health_visitor},
                   {"placing_authority", placing_authority},
                   {"school", school},
                   {"social_worker", social_worker},
                   {"exploitation_team", get_safe}};
}

/// A copy, or null: tests ask it of decisions that live for one line.
inline std::shared_ptr<const wire::Recipient> recipient(const wire::Decision& decision,
                                                        const Seat& who) {
    for (const auto& each : decision.recipients) {
        if (each.seat == who) return std::make_shared<const wire::Recipient>(each);
    }
    return nullptr;
}
inline std::vector<std::string> words(const std::vector<ViewId>& views) {
    std::vector<std::string> out;
    for (const auto& view : views) out.push_back(view.value());
    return out;
}
inline std::vector<std::string> views_of(const wire::Decision& decision, const Seat& who) {
    const auto found = recipient(decision, who);
    return found == nullptr ? std::vector<std::string>{"(not told)"} : words(found->views);
}

inline std::vector<Seat> told(const wire::Decision& decision) {
    std::vector<Seat> seats;
    for (const auto& each : decision.recipients) seats.push_back(each.seat);
    return seats;
}
inline bool has(const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace mash::area::testing

namespace mash {
inline void PrintTo(const Seat& who, std::ostream* out) {
    *out << who.role.value() << "@" << who.agency.value();
}
inline void PrintTo(WallTime time, std::ostream* out) { *out << to_rfc3339(time); }
}  // namespace mash
