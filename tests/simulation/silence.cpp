// Silent means indistinguishable (domain.md D3): two worlds in which everything happens at the same
// moments, one of them with a conflict and what the conflict concerns. Compared is everything that
// the excluded can ask for, and for a host where nobody may be told every frame, log event, alarm
// and hand-over.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "tests/simulation/run.hpp"

namespace mash::simulation {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using Kind = runtime::ApiRequest::Kind;

struct Case {
    std::string name;
    std::vector<std::string> excluded;
    std::string host;
    bool is_host_told = true;   ///< another inbox of the same host is told instead
    bool names_people = false;  ///< the conflict names who opens them, and no inbox
};

const std::array<Case, 5>& cases() {
    static const std::array<Case, 5> all{
        {{"a lead, and the other lead stands in", {"orchard-gate.sch"}, "schools"},
         {"both leads of a school", {"orchard-gate.sch", "orchard-gate.sch2"}, "schools", false},
         {"the front door by day, and emergency duty stands in", {"hub.ffd"}, "hub"},
         {"a person who is a lead, and the other lead stands in",
          {"orchard-gate.sch"},
          "schools",
          true,
          true},
         {"the people who are both leads",
          {"orchard-gate.sch", "orchard-gate.sch2"},
          "schools",
          false,
          true}}};
    return all;
}

/// Beside the invariants, which watch too: what one host gets, sends, logs and hands over. To five
/// seconds, which is how far apart people act here: how long a frame takes differs when there is
/// one frame more on the wire.
class HostView final : public Watcher {
public:
    HostView(World& world, Invariants& invariants, HostId host)
        : world_(world), invariants_(invariants), host_(std::move(host)) {
        world.watch(this);
    }
    void broker_said(const std::vector<broker::Effect>& effects) override {
        invariants_.broker_said(effects);
    }
    void agent_said(const HostId& host, const std::vector<runtime::Effect>& effects) override {
        invariants_.agent_said(host, effects);
        if (host != host_) return;
        for (const auto& effect : effects) {
            if (const auto* said = std::get_if<runtime::Recorded>(&effect)) {
                note("logs " + std::string(name_of(said->event)) + " " +
                     std::to_string(said->count) + " " + to_text(said->notification));
            } else if (const auto* alarm = std::get_if<runtime::Alarm>(&effect)) {
                note("alarms " + std::string(runtime::name_of(alarm->kind)));
            } else if (const auto* item = std::get_if<runtime::HandOver>(&effect)) {
                note("hands over " + to_text(item->notification));
            } else if (const auto* send = std::get_if<runtime::SendFrame>(&effect)) {
                note("in lane " + std::to_string(static_cast<int>(send->lane)));
            }
        }
    }
    void frame_to_broker(const HostId& host, ByteView bytes) override {
        invariants_.frame_to_broker(host, bytes);
        if (host != host_) return;
        const auto frame = wire::decode_agent_frame(bytes);
        note("sends " + std::to_string(frame ? frame->body.index() : 0) + " of " +
             std::to_string(bytes.size()) + " bytes");
    }
    void frame_to_agent(const HostId& host, ByteView bytes) override {
        invariants_.frame_to_agent(host, bytes);
        if (host != host_) return;
        const auto frame = wire::decode_broker_frame(bytes);
        note("gets " + std::to_string(frame ? frame->body.index() : 0) + " of " +
             std::to_string(bytes.size()) + " bytes");
    }
    void broker_restored() override { invariants_.broker_restored(); }
    void agent_restored(const HostId& host) override { invariants_.agent_restored(host); }

    json seen() const {
        auto lines = lines_;
        std::ranges::sort(lines);
        return lines;
    }

private:
    void note(const std::string& what) {
        auto when = std::to_string((world_.now().steady - began_).count() / 5000 * 5);
        lines_.push_back("+" + std::string(6 - std::min<std::size_t>(6, when.size()), '0') + when +
                         " " + what);
    }

    World& world_;
    Invariants& invariants_;
    const HostId host_;
    const SteadyTime began_ = world_.now().steady;
    std::vector<std::string> lines_;
};

/// Everything that the person of an inbox can ask for. Null: no answer.
json look(World& world, const std::string& host, const std::string& inbox) {
    const auto& token = world.token_of(InboxId(inbox));
    const auto lines = world.received(HostId(host), token, InboxId(inbox));
    if (!lines) return nullptr;
    json all;
    for (const auto& line : *lines) all["received"].push_back(json::parse(line));
    for (const auto kind : {Kind::tasks_list, Kind::held_list, Kind::sent_list, Kind::status,
                            Kind::rolls_list, Kind::keys}) {
        const auto reply = world.ask(HostId(host), kind, token);
        if (!reply) return nullptr;
        all["answers"].push_back({reply->status, json::parse(reply->json.reveal())});
    }
    for (const auto& list : {std::string("received"), std::string("sent")}) {
        const auto items = list == "received" ? all["received"]
                                              : all["answers"][2][1].value("sent", json::array());
        for (const auto& item : items) {
            const auto own = item.at("id").get<std::string>();
            const auto reply =
                list == "received"
                    ? world.ask(HostId(host), Kind::received_one, token,
                                item.at("sender").get<std::string>() + "/" + own, "", inbox)
                    : world.ask(HostId(host), Kind::sent_one, token, own);
            if (!reply) return nullptr;
            all["opened"].push_back({reply->status, json::parse(reply->json.reveal())});
        }
    }
    return all;
}

/// To the second, for the same reason as above.
std::string to_the_second(std::string text) {
    for (std::size_t at = 0; (at = text.find('Z', at)) != std::string::npos; ++at) {
        if (at >= 4 && text[at - 4] == '.') text.replace(at - 6, 6, "--.---");
    }
    return text;
}

std::string view_of_world(const Enrolled& base, std::uint64_t seed, const Case& of, bool with) {
    World world(&base, seed, Faults{}, nullptr);
    Workload workload(world, seed);
    Invariants invariants(world, workload);
    HostView host(world, invariants, HostId(of.host));
    world.connect_all();
    // Both worlds do everything at the same moments: what differs is not the hour at which somebody
    // sent something.
    const auto began = world.now().steady;
    const auto until = [&](seconds since) {
        while (world.now().steady - began < since)
            world.pass_until(world.now().steady + seconds(1));
    };
    until(seconds(5));
    for (std::size_t i = 0; i < 2; ++i) {
        auto child = invented_child(i);
        child.school = "orchard-gate";
        workload.add_child(std::move(child));
    }
    workload.send_rolls();
    until(seconds(10));
    if (with) {
        for (const auto& inbox : of.excluded) {
            of.names_people ? workload.declare_conflict_of_person(0, inbox)
                            : workload.declare_conflict(0, inbox);
        }
    }
    until(seconds(15));
    Dice dice(seed, "silence");
    for (int i = 0; i < 4; ++i) {
        const bool about_excluded = i == 2 || dice.chance(0.3);
        const bool recalls = dice.chance(0.3);
        if (with || !about_excluded) {
            auto& source = workload.send(HostId("police"), AgencyId("police-wm"), RoleId("pol"),
                                         "domestic_abuse_incident", about_excluded ? 0U : 1U,
                                         "da:" + std::to_string(i));
            if (recalls && about_excluded) {
                until(seconds(18 + 5 * i));
                workload.recall(source, "police-wm.pol");
            }
        }
        until(seconds(20 + 5 * i));
        const bool takes = dice.chance(0.5);
        for (const auto& inbox : of.excluded) {
            if (takes) workload.take_all(of.host, inbox, false);
        }
    }
    // A colleague of the accused reports it. What the agency sent is no clue either.
    if (with && of.host == "schools" && of.is_host_told) {
        workload.send(HostId("schools"), AgencyId("orchard-gate"), RoleId("sch2"),
                      "safeguarding_referral", 0, "colleague", [](runtime::Notification& said) {
                          said.facts.level = wire::Level::four;
                          said.facts.harm = wire::Harm::likely_or_actual;
                          said.facts.purpose = wire::Purpose::request_service;
                          said.facts.agreement.status = wire::AgreementStatus::refused;
                          said.facts.agreement.giver = wire::Giver::parent_pr;
                      });
    }
    until(seconds(110));
    invariants.check_stores(true);
    json all;
    for (const auto& inbox : of.excluded) {
        all[inbox] = look(world, of.host, inbox);
        if (all[inbox].is_null()) return "violation: no answer for " + inbox;
    }
    if (!of.is_host_told) all["the host"] = host.seen();
    if (world.violation())
        return "violation: " + world.violation()->invariant + " " + world.violation()->detail;
    return to_the_second(all.dump(1));
}

}  // namespace

std::optional<std::string> compare_conflict_silence(const Enrolled& base, std::uint64_t seed) {
    const auto& of = cases()[seed % cases().size()];
    const auto with = view_of_world(base, seed, of, true);
    const auto without = view_of_world(base, seed, of, false);
    if (with == without && !with.starts_with("violation")) return std::nullopt;
    // Where they part, with some lines around it: the whole is thousands of lines.
    const auto [here, there] = std::ranges::mismatch(with, without);
    const auto at = static_cast<std::size_t>(here - with.begin());
    const auto part = [&](const std::string& text) {
        return text.substr(std::min(text.size(), at < 600 ? 0 : at - 600), 1200);
    };
    return of.name + "\n-- with --\n" + part(with) + "\n-- without --\n" + part(without);
}

}  // namespace mash::simulation
