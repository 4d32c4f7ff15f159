// What one decision costs under the reference policy, and that it does not grow with the number of
// agencies that are not concerned. With --once nothing is timed: only whether each case is decided,
// and alike, in every area, for without that its figures say nothing.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace {

using namespace mash;

std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

void add(area::Registry& registry, const std::string& id, const std::string& kind,
         const std::vector<std::string>& roles) {
    area::Agency agency;
    agency.id = AgencyId(id);
    agency.kind = kind;
    agency.name = id;
    agency.host = HostId("host");
    for (const auto& role : roles) {
        agency.roles.push_back(RoleId(role));
        agency.seats.push_back({RoleId(role), InboxId(id + "." + role), true,
                                InboxId(id + ".alternate"), "01632 960000"});
    }
    agency.alternate_inboxes = {InboxId(id + ".alternate")};
    registry.agencies.emplace(agency.id, std::move(agency));
}

area::Registry area_with(int schools) {
    area::Registry registry;
    registry.version = 1;
    add(registry, "hub", "front_door", {"ffd", "edt"});
    add(registry, "council", "social_care", {"sw", "mco", "gs", "lado", "edw"});
    add(registry, "constabulary", "police", {"pol", "pint", "prv"});
    add(registry, "trust", "health", {"hv", "urg", "mat"});
    add(registry, "northmere", "other_authority", {"ola"});
    for (int i = 0; i < schools; ++i)
        add(registry, "school-" + std::to_string(i), "school", {"sch"});
    registry.build_index();
    return registry;
}

struct Case {
    const char* name;
    area::DecisionInput input;
};

std::vector<Case> cases(const area::Policy& policy) {
    const auto input = [&](const char* agency, const char* role, const char* kind,
                           const char* type) {
        area::DecisionInput in;
        in.facts.sender = AgencyId(agency);
        in.facts.sender_role = RoleId(role);
        in.facts.type = TypeId(type);
        in.sender_kind = kind;
        in.facts.tokens = {{wire::TokenKind::nhs_dob, 1, {1}}};
        for (const auto& view : policy.views()) in.facts.views_on_offer.push_back(view.view);
        std::sort(in.facts.views_on_offer.begin(), in.facts.views_on_offer.end());
        in.decided_at = wall_time_from_rfc3339("2027-01-09T23:40:00Z").value();
        in.facts.occurred_at = in.decided_at;
        return in;
    };
    auto missing = input("constabulary", "pol", "police", "missing_episode_started");
    missing.facts.risk_grade = "high";
    missing.involved = {{"health_visitor", {AgencyId("trust"), RoleId("hv")}},
                        {"placing_authority", {AgencyId("northmere"), RoleId("ola")}},
                        {"social_worker", {AgencyId("council"), RoleId("sw")}}};
    auto referral = input("school-0", "sch", "school", "safeguarding_referral");
    referral.facts.level = wire::Level::four;
    referral.facts.harm = wire::Harm::likely_or_actual;
    referral.facts.purpose = wire::Purpose::inform_function;
    referral.facts.agreement.status = wire::AgreementStatus::refused;
    referral.facts.agreement.giver = wire::Giver::parent_pr;
    auto held = referral;
    held.facts.harm = wire::Harm::none;
    auto abuse = input("constabulary", "pol", "police", "domestic_abuse_incident");
    abuse.involved = {{"school", {AgencyId("school-0"), RoleId("sch")}}};
    return {{"missing child, high risk", missing},
            {"referral, harm likely", referral},
            {"referral, held (E-14)", held},
            {"domestic abuse, one school", abuse}};
}

// The quickest of several rounds: the machine's other work only ever adds.
double microseconds(const area::DecisionInput& input, const area::Registry& registry,
                    const area::Policy& policy) {
    double best = 1e9;
    std::size_t kept = 0;
    for (int round = 0; round < 7; ++round) {
        constexpr int decisions = 2000;
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < decisions; ++i) {
            const auto decision = area::decide(input, registry, policy);
            kept += decision.recipients.size() + decision.held.size();
        }
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        best = std::min(best, took.count() / decisions);
    }
    return kept > 0 ? best : -1;
}

/// Somebody is told or asked, and the same in every area.
bool is_complete(const Case& one, const std::vector<area::Registry>& areas,
                 const area::Policy& policy) {
    const auto first = area::decide(one.input, areas.front(), policy);
    const bool decides = !first.recipients.empty() || !first.held.empty();
    if (!decides) std::fprintf(stderr, "%s: nobody is told or asked\n", one.name);
    for (const auto& each : areas) {
        if (area::decide(one.input, each, policy) == first) continue;
        std::fprintf(stderr, "%s: decided otherwise among %zu agencies\n", one.name,
                     each.agencies.size());
        return false;
    }
    return decides;
}

}  // namespace

int main(int argc, char** argv) {
    bool once = false;
    std::string folder = "deploy/policy";
    for (const std::string_view given :
         std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
        if (given == "--once")
            once = true;
        else
            folder = given;
    }
    std::vector<area::PolicyFault> faults;
    const auto policy =
        area::Policy::parse(text_of(folder + "/policy.toml"), "policy.toml",
                            text_of(folder + "/catalogue.toml"), "catalogue.toml", faults);
    if (!policy) {
        std::fprintf(stderr, "%s holds no policy that can be used; run mashctl policy check\n",
                     folder.c_str());
        return 1;
    }
    constexpr std::array sizes = {10, 300, 1200, 4000};
    std::vector<area::Registry> areas;
    for (const int size : sizes) areas.push_back(area_with(size));
    const auto all = cases(*policy);
    for (const auto& one : all) {
        if (!is_complete(one, areas, *policy)) return 1;
    }
    if (once) {
        std::printf("%zu cases are decided alike in every area.\n", all.size());
        return 0;
    }
    std::printf("%-28s", "microseconds a decision");
    for (const int size : sizes) std::printf(" %8d", size);
    std::printf("  schools in the area\n");
    double first = 0;
    double last = 0;
    for (const auto& one : all) {
        std::printf("%-28s", one.name);
        for (const auto& each : areas) {
            const double cost = microseconds(one.input, each, *policy);
            std::printf(" %8.2f", cost);
            if (&each == &areas.front()) first += cost;
            if (&each == &areas.back()) last += cost;
        }
        std::printf("\n");
    }
    const bool flat = last < 2 * first;
    std::printf("%s\n", flat ? "It does not grow with the agencies that are not concerned."
                             : "IT GROWS with the agencies that are not concerned.");
    return flat ? 0 : 1;
}
