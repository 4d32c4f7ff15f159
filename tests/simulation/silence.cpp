// Silent means indistinguishable (domain.md D3): two worlds in which everything happens at the same
// moments, one of them with a conflict and what the conflict concerns. Compared is everything that
// the excluded can ask for, whatever ids they guess, and everything that a page of theirs which
// waits for changes is told; and for a host where nobody may be told every frame, log event, alarm
// and hand-over.
#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "agents/runtime/shell/noted_transaction.hpp"
#include "common/wire/codec.hpp"
#include "tests/simulation/looking.hpp"
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

/// Beside the invariants, which watch too: what one host gets, sends, logs and hands over, and that
/// something changed, as the pages of these people are told after each commit. To five seconds,
/// which is how far apart people act here: how long a frame takes differs when there is one frame
/// more on the wire.
class HostView final : public Watcher {
public:
    HostView(World& world, Invariants& invariants, HostId host,
             const std::vector<std::string>& readers)
        : world_(world), invariants_(invariants), host_(std::move(host)), readers_(readers) {
        world.watch(this);
        world.agent(host_).through = [this](store::Transaction& tx, const auto& step) {
            runtime_shell::NotedTransaction noted(tx, changes_);
            auto effects = step(noted);
            noted.hand_back();
            return effects;
        };
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
        tell_pages();
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
    /// How often within five seconds depends on which frames came together, and says nothing: a
    /// page reads again once.
    json pages_told(const std::string& inbox) const {
        const auto found = told_.find(inbox);
        return found == told_.end() ? json() : json(found->second);
    }

private:
    std::string moment() const {
        auto when = std::to_string((world_.now().steady - began_).count() / 5000 * 5);
        return "+" + std::string(6 - std::min<std::size_t>(6, when.size()), '0') + when + " ";
    }
    void note(const std::string& what) { lines_.push_back(moment() + what); }

    /// As the shell asks for each page that waits (agents/runtime/shell/events.cpp).
    void tell_pages() {
        if (is_asking_ || changes_.empty()) return;
        is_asking_ = true;
        json list = json::array();
        for (const auto& one : std::exchange(changes_, {}))
            list.push_back({{"list", std::string(runtime::name_of(one.list))},
                            {"key", to_base64url(one.key)}});
        for (const auto& inbox : readers_) {
            const auto who = runtime::credential_from_text(world_.token_of(InboxId(inbox)));
            const auto reply = world_.ask(host_, Kind::known_changes, PersonalText(""),
                                          who->person.value(), json{{"changes", list}}.dump());
            if (!reply || reply->status != 200) {
                world_.violate("a page that waits is answered", inbox);
                continue;
            }
            const auto told = json::parse(reply->json.reveal());
            for (const auto* of : {"what", "inboxes"}) {
                for (const auto& one : told.at(of))
                    told_[inbox].insert(moment() + of + " " + one.get<std::string>());
            }
        }
        changes_.clear();
        is_asking_ = false;
    }

    World& world_;
    Invariants& invariants_;
    const HostId host_;
    const std::vector<std::string> readers_;
    const SteadyTime began_ = world_.now().steady;
    std::vector<std::string> lines_;
    runtime::Changes changes_;
    std::map<std::string, std::set<std::string>> told_;
    bool is_asking_ = false;
};

json agreed_about(const World& world, std::size_t child) {
    const auto subject = invented_child(child).subject;
    return {{"status", "given"},
            {"giver", "parent_pr"},
            {"form", "verbal"},
            {"purpose", "request_service"},
            {"named_agencies", {"social-care"}},
            {"said_at", to_rfc3339(world.now().wall)},
            {"subject",
             {{"nhs_number", subject.nhs_number.reveal()},
              {"forename", subject.forename.reveal()},
              {"surname", subject.surname.reveal()}}}};
}

json draft_of(int number) {
    return {{"id", "01900000-0000-7000-8000-00000000000" + std::to_string(number)},
            {"revision", 0},
            {"label", "Canary label"},
            {"content", {{"words", "Canary words"}}}};
}

/// What the excluded do themselves, in both worlds, about the other child: so that every list of
/// theirs has something in which a gap could be seen. `pause`: what is decided at one moment stands
/// in an order that is drawn.
template <class Pause>
void work_of_their_own(World& world, Workload& workload, const Case& of, const Pause& pause) {
    const HostId host(of.host);
    const auto harmed = [](runtime::Notification& said) {
        said.facts.level = wire::Level::four;
        said.facts.harm = wire::Harm::likely_or_actual;
        said.facts.purpose = wire::Purpose::inform_function;
        said.facts.agreement.status = wire::AgreementStatus::refused;
        said.facts.agreement.giver = wire::Giver::parent_pr;
    };
    if (of.host == "schools") {
        workload.send(host, AgencyId("orchard-gate"), RoleId("sch"), "safeguarding_referral", 1,
                      "own:shared", harmed);
        pause();
        workload.send(host, AgencyId("orchard-gate"), RoleId("sch"), "safeguarding_referral", 1,
                      "own:waits", [&](runtime::Notification& said) {
                          harmed(said);
                          said.facts.harm = wire::Harm::none;  // E-14: their lead decides
                      });
    } else {
        workload.send(host, AgencyId("hub"), RoleId("ffd"), "information_request", 1, "own:asks",
                      [&](runtime::Notification& said) {
                          harmed(said);
                          said.facts.addressed_to = {{AgencyId("health"), RoleId("hv")}};
                      });
    }
    for (const auto& inbox : of.excluded) {
        const auto& token = world.token_of(InboxId(inbox));
        (void)world.ask(host, Kind::agreement_add, token, "", agreed_about(world, 1).dump());
        (void)world.ask(host, Kind::draft_save, token, "", draft_of(1).dump());
    }
}

/// To the second, for the same reason as above.
std::string to_the_second(std::string text) {
    for (std::size_t at = 0; (at = text.find('Z', at)) != std::string::npos; ++at) {
        if (at >= 4 && text[at - 4] == '.') text.replace(at - 6, 6, "--.---");
    }
    return text;
}

/// What the excluded see, and of what they do not the ids: with the conflict those that they must
/// not be able to tell from ones that there are not.
struct Seen {
    std::string text;
    std::map<std::string, Guesses> guesses;
};

/// Ids are drawn, and an agent that is given more draws more: each is named by where it is read
/// first.
std::string with_ids_in_order(const std::string& text) {
    static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    std::map<std::string, std::size_t> names;
    std::string out;
    auto rest = text.cbegin();
    for (std::sregex_iterator found(text.cbegin(), text.cend(), id), end; found != end; ++found) {
        out.append(rest, found->begin()->first);
        out += "#" + std::to_string(names.try_emplace(found->str(), names.size()).first->second);
        rest = (*found)[0].second;
    }
    return out.append(rest, text.cend());
}

Seen view_of_world(const Enrolled& base, std::uint64_t seed, const Case& of, bool with,
                   std::map<std::string, Guesses> guesses) {
    const auto broken = [](const std::string& why) { return Seen{"violation: " + why, {}}; };
    World world(&base, seed, Faults{}, nullptr);
    Workload workload(world, seed);
    Invariants invariants(world, workload);
    HostView host(world, invariants, HostId(of.host), of.excluded);
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
    until(seconds(13));
    work_of_their_own(world, workload, of, [&] { until(seconds(14)); });
    until(seconds(15));
    json all;
    const auto look = [&](const std::string& when) {
        for (const auto& inbox : of.excluded) {
            all[when][inbox] =
                everything_shown(world, HostId(of.host), InboxId(inbox), LookedAt::same_moment);
        }
    };
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
        if (i == 2) look("on the way");
        // What makes tasks, questions and waiting decisions for a front door.
        if (with && i == 0) {
            workload.send(HostId("police"), AgencyId("police-wm"), RoleId("pol"),
                          "missing_episode_started", 0, "missing:0",
                          [](runtime::Notification& said) { said.facts.risk_grade = "high"; });
        }
        if (with && i == 1) {
            workload.send(HostId("police"), AgencyId("police-wm"), RoleId("pol"),
                          "exploitation_concern", 0, "exploited:0",
                          [](runtime::Notification& said) {
                              said.facts.level = wire::Level::four;
                              said.facts.harm = wire::Harm::suspected;
                              said.facts.purpose = wire::Purpose::inform_function;
                              said.facts.agreement.status = wire::AgreementStatus::refused;
                              said.facts.agreement.giver = wire::Giver::parent_pr;
                          });
        }
    }
    // A colleague of the accused reports it. What the agency sent is no clue either, nor what the
    // family said to them and what they have begun to write.
    if (with && of.host == "schools" && of.is_host_told) {
        const auto& colleague = world.token_of(InboxId("orchard-gate.sch2"));
        (void)world.ask(HostId("schools"), Kind::agreement_add, colleague, "",
                        agreed_about(world, 0).dump());
        (void)world.ask(HostId("schools"), Kind::draft_save, colleague, "", draft_of(2).dump());
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
    look("at the end");
    for (const auto& inbox : of.excluded) {
        if (with) {
            guesses[inbox] = ids_in_store(world, HostId(of.host));
            for (const auto& shown : ids_in(all, guesses[inbox])) guesses[inbox].erase(shown);
        }
        all["of what they guess"][inbox] =
            answers_to_guesses(world, HostId(of.host), InboxId(inbox), guesses[inbox]);
        all["pages that wait"][inbox] = host.pages_told(inbox);
    }
    if (!of.is_host_told) all["the host"] = host.seen();
    if (world.violation())
        return broken(world.violation()->invariant + " " + world.violation()->detail);
    for (const auto& inbox : of.excluded) {
        if (all["on the way"][inbox].is_null() || all["at the end"][inbox].is_null() ||
            all["of what they guess"][inbox].is_null())
            return broken("no answer for " + inbox);
    }
    return {with_ids_in_order(to_the_second(all.dump(1))), std::move(guesses)};
}

}  // namespace

std::optional<std::string> compare_conflict_silence(const Enrolled& base, std::uint64_t seed) {
    const auto& of = cases()[seed % cases().size()];
    const auto seen = view_of_world(base, seed, of, true, {});
    const auto& with = seen.text;
    const auto without = view_of_world(base, seed, of, false, seen.guesses).text;
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
