#include "tests/simulation/run.hpp"

#include <nlohmann/json.hpp>

namespace mash::simulation {
namespace {

using Kind = runtime::ApiRequest::Kind;

constexpr std::uint64_t stores_checked_every = 100;

std::size_t stored_items(World& world) {
    std::size_t count = 0;
    for (auto& [host, process] : world.agents()) {
        const auto view = process.store().view();
        count += runtime::table::inbox.collect_keys(*view, {}).size();
    }
    return count;
}

}  // namespace

Faults faults_of(std::uint64_t seed) {
    Dice dice(seed, "faults");
    const auto maybe = [&](double likely, double most) {
        const bool on = dice.chance(likely);
        const double part = static_cast<double>(dice.below(1000)) / 1000.0;
        return on ? most * part : 0.0;
    };
    Faults faults;
    faults.drop = maybe(0.6, 0.15);
    faults.duplicate = maybe(0.5, 0.15);
    faults.delay = maybe(0.5, 0.1);
    faults.commit = maybe(0.5, 0.08);
    faults.cut = maybe(0.5, 0.03);
    faults.kill = maybe(0.5, 0.02);
    faults.backup = maybe(0.35, 0.03);
    faults.restore = faults.backup > 0 ? maybe(0.8, 0.012) : 0;
    faults.clock = maybe(0.2, 0.01);
    faults.documents = maybe(0.4, 0.01);
    faults.leap = maybe(0.5, 0.15);
    const bool late = dice.chance(0.2);
    faults.registrar_late = late && dice.chance(0.4);
    faults.late_host = late ? (faults.registrar_late ? 0.3 : 0.6) : 0;
    faults.late_ends = maybe(late ? 1 : 0, 0.03);
    return faults;
}

RunResult run_seed(const Enrolled& base, std::uint64_t seed, std::uint64_t steps,
                   std::ostream* trace) {
    Dice start(seed, "start");
    // Any hour of the week: the front door is open, about to close, or closed for the weekend.
    const auto after = std::chrono::minutes(start.below(7 * 24 * 60));
    World world(&base, seed, faults_of(seed), trace, after);
    Workload workload(world, seed);
    Invariants invariants(world, workload);
    world.connect_all();
    const auto began = world.now();
    Dice when(seed, "when");
    const double busy = 0.02 + 0.01 * static_cast<double>(when.below(12));
    for (std::uint64_t i = 0; i < steps && !world.violation(); ++i) {
        if (i == 0 || when.chance(busy)) workload.act();
        world.step();
        if (i % stores_checked_every == stores_checked_every - 1) invariants.check_stores(false);
    }
    if (!world.violation()) world.heal();
    if (!world.violation()) workload.finish();
    if (!world.violation()) invariants.check_ends();
    RunResult result;
    result.violation = world.violation();
    result.trace_hash = world.trace_hash();
    result.steps = world.steps();
    result.notifications = workload.sources().size();
    result.stored = stored_items(world);
    result.virtual_hours = static_cast<double>((world.now().steady - began.steady).count()) / 3.6e6;
    return result;
}

std::optional<std::string> compare_conflict_silence(const Enrolled& base, std::uint64_t seed) {
    const InboxId excluded("orchard-gate.sch");
    const auto view_of_world = [&](bool with) -> std::string {
        World world(&base, seed, Faults{}, nullptr);
        Workload workload(world, seed);
        Invariants invariants(world, workload);
        world.connect_all();
        // Both worlds do everything at the same moments: what differs is not the hour at which
        // somebody sent something.
        const auto began = world.now().steady;
        const auto until = [&](std::chrono::seconds since) {
            while (world.now().steady - began < since)
                world.pass_until(world.now().steady + std::chrono::seconds(1));
        };
        until(std::chrono::seconds(5));
        for (std::size_t i = 0; i < 2; ++i) {
            auto child = invented_child(i);
            child.school = "orchard-gate";
            workload.add_child(std::move(child));
        }
        workload.send_rolls();
        until(std::chrono::seconds(10));
        if (with) workload.declare_conflict(0, excluded.value());
        until(std::chrono::seconds(15));
        Dice dice(seed, "silence");
        for (int i = 0; i < 4; ++i) {
            const bool about_excluded = i == 2 || dice.chance(0.3);
            const bool recalls = dice.chance(0.3);
            const auto child = about_excluded ? 0U : 1U;
            if (with || !about_excluded) {
                auto& source =
                    workload.send(HostId("police"), AgencyId("police-wm"), RoleId("pol"),
                                  "domestic_abuse_incident", child, "da:" + std::to_string(i));
                if (recalls && about_excluded) {
                    until(std::chrono::seconds(18 + 5 * i));
                    workload.recall(source, "police-wm.pol");
                }
            }
            until(std::chrono::seconds(20 + 5 * i));
            if (dice.chance(0.3)) workload.take_all("schools", excluded.value(), false);
        }
        until(std::chrono::seconds(110));
        invariants.check_stores(true);
        if (world.violation())
            return "violation: " + world.violation()->invariant + " " + world.violation()->detail;
        const auto& token = world.token_of(excluded);
        nlohmann::json all;
        for (const auto kind :
             {Kind::received_list, Kind::tasks_list, Kind::held_list, Kind::sent_list}) {
            if (kind == Kind::received_list) {
                const auto lines = world.received(HostId("schools"), token, excluded);
                if (!lines) return "no answer";
                auto& list = all.emplace_back(nlohmann::json::array());
                for (const auto& line : *lines) list.push_back(nlohmann::json::parse(line));
                continue;
            }
            const auto reply = world.ask(HostId("schools"), kind, token);
            if (!reply) return "no answer";
            all.push_back(nlohmann::json::parse(reply->json.reveal()));
        }
        const auto received = all.front();
        for (const auto& item : received) {
            const auto id =
                item.at("sender").get<std::string>() + "/" + item.at("id").get<std::string>();
            const auto reply =
                world.ask(HostId("schools"), Kind::received_one, token, id, "", excluded.value());
            if (!reply) return "no answer";
            all.push_back(nlohmann::json::parse(reply->json.reveal()));
        }
        // To the second: how long a frame takes on the wire differs when there is one frame more on
        // it.
        std::string text = all.dump(1);
        for (std::size_t at = 0; (at = text.find('Z', at)) != std::string::npos; ++at) {
            if (at >= 4 && text[at - 4] == '.') text.replace(at - 6, 6, "--.---");
        }
        return text;
    };
    const auto with = view_of_world(true);
    const auto without = view_of_world(false);
    if (with == without && with.find("violation") != 0) return std::nullopt;
    return with + "\n-- without --\n" + without;
}

}  // namespace mash::simulation
