#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>

#include "common/area/calendar.hpp"
#include "common/wire/codec.hpp"

namespace mash::scenarios {
namespace {

using nlohmann::json;
using simulation::Source;
using Kind = runtime::ApiRequest::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<std::string> words_of(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

/// What a step could not do, or what it found instead.
struct Fault {
    std::string text;
};

const std::map<std::string, std::string> types{
    {"missing", "missing_episode_started"},       {"news", "missing_episode_updated"},
    {"found", "missing_episode_closed"},          {"concern", "safeguarding_referral"},
    {"sighting", "missing_episode_updated"},      {"exploitation", "exploitation_concern"},
    {"domestic-abuse", "domestic_abuse_incident"}};

const std::map<std::string, wire::Rung> rungs{
    {"stored", wire::Rung::stored},           {"opened", wire::Rung::opened},
    {"handed-over", wire::Rung::handed_over}, {"taken", wire::Rung::taken},
    {"decided", wire::Rung::decided},         {"recalled", wire::Rung::recalled}};

const std::map<std::string, wire::TaskKind> tasks{
    {"ring", wire::TaskKind::not_connected},
    {"decide", wire::TaskKind::held},
    {"pass-on", wire::TaskKind::pass_on},
    {"find-somebody-else", wire::TaskKind::both_conflicted}};

template <class Value>
Value look_up(const std::map<std::string, Value>& map, const std::string& word, const char* what) {
    const auto found = map.find(word);
    if (found == map.end()) throw Fault{"\"" + word + "\" is not " + what};
    return found->second;
}

/// "2027-01-15" and "22:40", in London.
WallTime london(const std::string& date, const std::string& time) {
    const auto utc = wall_time_from_rfc3339(date + "T" + time + ":00Z");
    if (!utc) throw Fault{"\"" + date + " " + time + "\" is not a date and time"};
    return *utc - std::chrono::minutes(area::uk_offset_minutes(*utc));
}

milliseconds duration(const std::string& number, const std::string& unit) {
    const auto count = std::strtol(number.c_str(), nullptr, 10);
    if (count <= 0) throw Fault{"\"" + number + "\" is not a number of " + unit};
    if (unit.starts_with("second")) return seconds(count);
    if (unit.starts_with("minute")) return std::chrono::minutes(count);
    if (unit.starts_with("hour")) return std::chrono::hours(count);
    throw Fault{"\"" + unit + "\" is not seconds, minutes or hours"};
}

class Player {
public:
    Player(const simulation::Enrolled& base) : base_(base) { words(); }

    void run(std::string_view line) {
        for (const auto& [pattern, act] : sentences_) {
            Bound bound;
            if (!matches(pattern, line, bound)) continue;
            act(bound);
            if (world_) check_world();
            return;
        }
        throw Fault{"this is no sentence of a scenario: " + std::string(line)};
    }
    void end() {
        if (!world_) throw Fault{"a scenario begins with a clock"};
        invariants_->check_stores(true);
        check_world();
    }

private:
    void on(std::string pattern, std::function<void(const Bound&)> act) {
        sentences_.emplace_back(std::move(pattern), std::move(act));
    }
    void words();
    void events();
    void expectations();

    void check_world() {
        if (world_->violation())
            throw Fault{"a rule is broken: " + world_->violation()->invariant + " - " +
                        world_->violation()->detail};
    }
    simulation::World& world() {
        if (!world_) throw Fault{"a scenario begins with \"clock DATE TIME\""};
        return *world_;
    }
    std::size_t child(const std::string& name) {
        const auto found = children_.find(name);
        if (found == children_.end()) throw Fault{"no child is called " + name};
        return found->second;
    }
    const Source& item(const std::string& name) {
        const auto found = items_.find(name);
        if (found == items_.end()) throw Fault{"nothing was reported as " + name};
        return workload_->sources()[found->second];
    }
    static std::string host_of(const std::string& inbox) {
        for (const auto& [host, known] : simulation::SimulatedArea::people_inboxes()) {
            if (known == inbox) return host;
        }
        if (inbox == "health.urg") return "health";
        if (inbox == "hub.pass_on") return "hub";
        throw Fault{"no inbox is called " + inbox};
    }
    static Seat seat(const std::string& name) {
        const auto dot = name.find('.');
        if (dot == std::string::npos) throw Fault{"\"" + name + "\" is not agency.role"};
        return {AgencyId(name.substr(0, dot)), RoleId(name.substr(dot + 1))};
    }
    json ask(Kind kind, const std::string& inbox, const std::string& id = {},
             const std::string& body = {}, int want = 200) {
        const auto reply = world().ask(HostId(host_of(inbox)), kind,
                                       world().token_of(InboxId(inbox)), id, body, inbox);
        if (!reply) throw Fault{"the agent of " + inbox + " does not answer"};
        if (reply->status != want)
            throw Fault{inbox + " is answered " + std::to_string(reply->status) + ": " +
                        reply->json.reveal()};
        world().settle();
        return json::parse(reply->json.reveal());
    }
    struct Named {
        AgencyId sender;
        NotificationId id;
    };
    /// What was reported under this name, or what was made of it (passed_on_).
    Named named(const std::string& name) {
        if (const auto known = passed_on_.find(name); known != passed_on_.end())
            return known->second;
        const auto& source = item(name);
        return {source.notification.agency, source.id.value_or(NotificationId())};
    }
    std::string id_of(const std::string& name) {
        const auto found = named(name);
        if (found.id.is_zero()) throw Fault{name + " was not taken in by its agent"};
        return found.sender.value() + "/" + to_text(found.id);
    }
    std::optional<runtime::InboxItem> held_by(const std::string& inbox, const std::string& name) {
        const auto found = named(name);
        const auto view = world().agent(HostId(host_of(inbox))).store().view();
        return runtime::table::inbox.get(*view, {InboxId(inbox), found.sender, found.id});
    }
    /// All that its sender is shown of an item, without ids and times.
    std::string shown_to_sender(const std::string& name) {
        const auto& source = item(name);
        auto shown =
            ask(Kind::sent_one, simulation::Workload::seat_inbox_of(source.notification.agency),
                to_text(source.id.value_or(NotificationId())));
        without_times(shown);
        return shown.dump();
    }
    static void without_times(json& value) {
        for (const auto* key : {"id", "at", "take_by", "take_by_in_words", "created_at",
                                "occurred_at", "accepted_at", "tell_by", "thread"}) {
            if (value.is_object()) value.erase(key);
        }
        for (auto& each : value) {
            if (each.is_structured()) without_times(each);
        }
    }
    std::optional<runtime::OutboxItem> sent(const std::string& name) {
        const auto& source = item(name);
        const auto view = world().agent(source.host).store().view();
        return source.id ? runtime::table::outbox.get(*view, *source.id) : std::nullopt;
    }
    bool sees(const std::string& inbox, const std::string& section, const std::string& name) {
        const auto text = ask(Kind::received_one, inbox, id_of(name)).dump();
        return text.find(std::string(simulation::canary) + " " + section) != std::string::npos;
    }
    bool has_task(const std::string& kind, const std::string& role, const std::string& name,
                  bool open) {
        const auto& source = item(name);
        const auto wanted = look_up(tasks, kind, "a kind of task");
        const auto view = world().broker().store().view();
        for (const auto& [id, record] : broker::tables::tasks.collect(*view, {})) {
            if (record.task.kind == wanted && record.task.role == RoleId(role) &&
                record.closed != open &&
                record.task.notification == source.id.value_or(NotificationId())) {
                return true;
            }
        }
        return false;
    }
    void report(const Bound& bound);

    const simulation::Enrolled& base_;
    std::vector<std::pair<std::string, std::function<void(const Bound&)>>> sentences_;
    std::unique_ptr<simulation::World> world_;
    std::unique_ptr<simulation::Workload> workload_;
    std::unique_ptr<simulation::Invariants> invariants_;
    std::map<std::string, std::size_t> children_;
    std::map<std::string, std::size_t> items_;
    std::map<std::string, std::string> looks_;
    std::map<std::string, Named> passed_on_;
};

void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw Fault{otherwise};
}

void Player::report(const Bound& bound) {
    const auto from = seat(bound.at("seat"));
    const auto type = look_up(types, bound.at("what"), "something that can be reported");
    std::string host;
    for (const auto& [known, process] : world().agents()) {
        if (world().files(known).keys.agencies.contains(from.agency)) host = known.value();
    }
    if (host.empty()) throw Fault{"no agent serves " + from.agency.value()};
    const auto number = workload_->sources().size();
    workload_->send(HostId(host), from.agency, from.role, type, child(bound.at("child")),
                    "scenario:" + bound.at("item"), [&](runtime::Notification& said) {
                        auto& facts = said.facts;
                        if (bound.at("what") == "news") facts.kind = "information";
                        if (bound.at("what") == "sighting") facts.kind = "sighting";
                        const bool is_passed_on =
                            bound.at("what") == "sighting" || bound.at("what") == "exploitation";
                        // As most are; "address protected" keeps them.
                        if (is_passed_on) {
                            said.sections.erase("saf");
                            said.sections.erase("op");
                        }
                        const auto rest = bound.contains("rest") ? bound.at("rest") : "";
                        std::istringstream options(rest);
                        for (std::string option; std::getline(options, option, ',');) {
                            const auto words = words_of(option);
                            if (words.size() != 2)
                                throw Fault{"\"" + option + "\" is not a word and its value"};
                            const auto& key = words[0];
                            const auto& value = words[1];
                            if (key == "risk")
                                facts.risk_grade = value;
                            else if (key == "episode")
                                said.thread_ref = value;
                            else if (key == "event")
                                said.event_ref = value;
                            else if (key == "level")
                                facts.level = look_up<wire::Level>({{"1", wire::Level::one},
                                                                    {"2", wire::Level::two},
                                                                    {"3", wire::Level::three},
                                                                    {"4", wire::Level::four}},
                                                                   value, "a level");
                            else if (key == "harm")
                                facts.harm =
                                    look_up<wire::Harm>({{"none", wire::Harm::none},
                                                         {"suspected", wire::Harm::suspected},
                                                         {"likely", wire::Harm::likely_or_actual}},
                                                        value, "a word for harm");
                            else if (key == "agreement")
                                facts.agreement.status = look_up<wire::AgreementStatus>(
                                    {{"given", wire::AgreementStatus::given},
                                     {"refused", wire::AgreementStatus::refused},
                                     {"not-sought", wire::AgreementStatus::not_sought}},
                                    value, "a status of agreement");
                            else if (key == "purpose")
                                facts.purpose = look_up<wire::Purpose>(
                                    {{"service", wire::Purpose::request_service},
                                     {"inform", wire::Purpose::inform_function}},
                                    value, "a purpose");
                            else if (key == "address" && value == "protected")
                                said.sections["saf"]["address"] =
                                    PersonalText(json("Canary saf.address of child 0.").dump());
                            else if (key == "marker")
                                facts.markers = {value};
                            else if (key == "worse-if-told")
                                facts.detriment = {seat(value)};
                            else
                                throw Fault{"\"" + key + "\" is not something a report can say"};
                        }
                    });
    items_[bound.at("item")] = number;
    world().settle();
}

void Player::words() {
    on("story {rest...}", [](const Bound&) {});
    on("clock {date} {time}", [this](const Bound& bound) {
        if (world_) throw Fault{"the clock is set once, at the beginning; afterwards time passes"};
        const auto start = london(bound.at("date"), bound.at("time"));
        if (start < base_.at) throw Fault{"a scenario begins on 13 January 2027 or later"};
        world_ = std::make_unique<simulation::World>(&base_, 1, simulation::Faults{}, nullptr,
                                                     start - base_.at);
        workload_ = std::make_unique<simulation::Workload>(*world_, 1);
        invariants_ = std::make_unique<simulation::Invariants>(*world_, *workload_);
        world_->connect_all();
        world_->settle();
    });
    on("child {name} {rest...}", [this](const Bound& bound) {
        world();
        auto made = simulation::invented_child(children_.size());
        const auto words = words_of(bound.at("rest"));
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == "at" && i + 1 < words.size())
                made.school = words[++i];
            else if (words[i] == "social-worker")
                made.has_social_worker = true;
            else if (words[i] == "health-visitor")
                made.has_health_visitor = true;
            else if (words[i] == "placed-by-northmere")
                made.is_placed = true;
            else if (words[i] == "protected")
                made.is_protected = true;
            else if (words[i] == "known-by-address-only")
                made.is_known_by_address_only = true;
            else if (words[i] != "nobody-involved")
                throw Fault{"\"" + words[i] + "\" is not something said of a child"};
        }
        children_[bound.at("name")] = workload_->add_child(std::move(made));
    });
    on("rolls are sent", [this](const Bound&) {
        world();
        workload_->send_rolls();
        world().pass(seconds(2), seconds(1));
    });
    on("nobody is connected as {role}", [this](const Bound& bound) {
        const RoleId role(bound.at("role"));
        world().simulated().area.change_registry(
            [&](area::Registry& registry) {
                for (auto& [id, agency] : registry.agencies) {
                    std::erase_if(agency.seats,
                                  [&](const area::SeatEntry& own) { return own.role == role; });
                }
            },
            world().now().wall);
        world().load_documents();
        world().pass(seconds(4), seconds(1));
    });
    events();
    expectations();
}

void Player::events() {
    on("{seat} reports {what} about {child} as {item}",
       [this](const Bound& bound) { report(bound); });
    on("{seat} reports {what} about {child} as {item} with {rest...}",
       [this](const Bound& bound) { report(bound); });
    on("{number} {unit} pass", [this](const Bound& bound) {
        const auto time = duration(bound.at("number"), bound.at("unit"));
        world().pass(time, time > std::chrono::hours(2) ? milliseconds(std::chrono::minutes(10))
                           : time > std::chrono::minutes(10) ? milliseconds(seconds(60))
                                                             : milliseconds(seconds(5)));
    });
    on("{inbox} opens {item}", [this](const Bound& bound) {
        ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item")));
    });
    on("{inbox} takes {item}", [this](const Bound& bound) {
        ask(Kind::taken, bound.at("inbox"), id_of(bound.at("item")), "{}");
    });
    on("{inbox} decides {item} {outcome}", [this](const Bound& bound) {
        ask(Kind::decided, bound.at("inbox"), id_of(bound.at("item")),
            json{{"outcome", bound.at("outcome")}}.dump());
    });
    const auto answer = [this](const Bound& bound, bool allow) {
        ask(Kind::held_answer, bound.at("inbox"), to_text(named(bound.at("item")).id),
            json{{"allow", allow}, {"reason", "Canary reason"}}.dump());
        world().pass(seconds(3), seconds(1));
    };
    on("{inbox} allows {item}", [answer](const Bound& bound) { answer(bound, true); });
    on("{inbox} refuses {item}", [answer](const Bound& bound) { answer(bound, false); });
    on("{inbox} recalls {item}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        ask(Kind::recall, bound.at("inbox"), to_text(source.id.value_or(NotificationId())),
            R"({"reason":"wrong_child"})", 202);
    });
    on("a conflict about {child} excludes {inbox}", [this](const Bound& bound) {
        expect(workload_->declare_conflict(child(bound.at("child")), bound.at("inbox")).has_value(),
               "the conflict was not recorded");
        world().settle();
    });
    on("{host} is cut off",
       [this](const Bound& bound) { world().lose_link(HostId(bound.at("host"))); });
    on("{host} is back", [this](const Bound& bound) {
        world().regain_link(HostId(bound.at("host")));
        world().settle();
    });
    on("{item} is lost on its way to {host}", [this](const Bound& bound) {
        const auto id = item(bound.at("item")).id;
        world().lose_frames([id, host = HostId(bound.at("host"))](const HostId& to,
                                                                  const wire::BrokerFrame& frame) {
            const auto* delivery = std::get_if<wire::Delivery>(&frame.body);
            if (delivery == nullptr || to != host) return false;
            const auto statement = wire::decode_body<wire::StatementBody>(delivery->statement);
            return statement && statement->id == id;
        });
    });
    on("deliveries to {host} are lost", [this](const Bound& bound) {
        world().lose_frames(
            [host = HostId(bound.at("host"))](const HostId& to, const wire::BrokerFrame& frame) {
                return to == host && std::holds_alternative<wire::Delivery>(frame.body);
            });
    });
    on("nothing is lost any more", [this](const Bound&) { world().lose_frames(nullptr); });
    on("the broker is killed and starts again", [this](const Bound&) {
        world().kill_broker();
        world().pass(seconds(60), seconds(5));
    });
    on("remember how {inbox} looks", [this](const Bound& bound) {
        looks_[bound.at("inbox")] = ask(Kind::received_list, bound.at("inbox")).dump();
    });
}

void Player::expectations() {
    on("{inbox} holds {item}", [this](const Bound& bound) {
        const auto held = held_by(bound.at("inbox"), bound.at("item"));
        expect(held && held->state == runtime::InboxState::stored,
               bound.at("inbox") + " does not hold " + bound.at("item"));
    });
    on("{inbox} does not hold {item}", [this](const Bound& bound) {
        const auto held = held_by(bound.at("inbox"), bound.at("item"));
        expect(!held || held->state == runtime::InboxState::recalled,
               bound.at("inbox") + " holds " + bound.at("item"));
    });
    on("{inbox} never had {item}", [this](const Bound& bound) {
        const auto held = held_by(bound.at("inbox"), bound.at("item"));
        expect(!held || !held->stored_at.is_set(), bound.at("inbox") + " had " + bound.at("item"));
    });
    on("{inbox} sees {section} of {item}", [this](const Bound& bound) {
        expect(sees(bound.at("inbox"), bound.at("section"), bound.at("item")),
               bound.at("inbox") + " does not see " + bound.at("section"));
    });
    on("{inbox} does not see {section} of {item}", [this](const Bound& bound) {
        expect(!sees(bound.at("inbox"), bound.at("section"), bound.at("item")),
               bound.at("inbox") + " sees " + bound.at("section"));
    });
    on("{inbox} lists {count}", [this](const Bound& bound) {
        const auto count = ask(Kind::received_list, bound.at("inbox")).at("received").size();
        expect(std::to_string(count) == bound.at("count"),
               bound.at("inbox") + " lists " + std::to_string(count));
    });
    on("{inbox} reads {rest...}", [this](const Bound& bound) {
        const auto list = ask(Kind::received_list, bound.at("inbox")).dump();
        expect(list.find(bound.at("rest")) != std::string::npos,
               bound.at("inbox") + " does not read that, but " + list);
    });
    on("{inbox} looks as remembered", [this](const Bound& bound) {
        const auto now = ask(Kind::received_list, bound.at("inbox")).dump();
        expect(looks_.contains(bound.at("inbox")),
               "nothing was remembered of " + bound.at("inbox"));
        expect(now == looks_.at(bound.at("inbox")), bound.at("inbox") + " looks different: " + now);
    });
    on("{other} is what the front door passes on of {item}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        expect(source.id.has_value(), bound.at("item") + " was not taken in");
        passed_on_[bound.at("other")] = {
            AgencyId("hub"), workload_->passed_on_id(source.notification.agency, *source.id,
                                                     source.notification.facts.occurred_at)};
    });
    on("the front door's agent passes nothing on of {item}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        const auto view = world().agent(HostId("hub")).store().view();
        const auto own = runtime::table::outbox.get(
            *view, workload_->passed_on_id(source.notification.agency, *source.id,
                                           source.notification.facts.occurred_at));
        expect(!own || own->state == runtime::OutboxState::withdrawn, "it does");
    });
    on("{item} looks to its sender as {other} does", [this](const Bound& bound) {
        const auto one = shown_to_sender(bound.at("item"));
        const auto other = shown_to_sender(bound.at("other"));
        expect(one == other, one + " and not " + other);
    });
    on("{inbox} has {item} because {rest...}", [this](const Bound& bound) {
        const auto why =
            ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item"))).at("why").dump();
        expect(why.find(bound.at("rest")) != std::string::npos, why);
    });
    on("{item} is {state}", [this](const Bound& bound) {
        const auto own = sent(bound.at("item"));
        expect(own.has_value(), bound.at("item") + " was not taken in");
        const std::string state(runtime::name_of(own->state));
        expect(state == bound.at("state"), bound.at("item") + " is " + state + " " + own->refusal);
    });
    on("{item} is refused as {code}", [this](const Bound& bound) {
        const auto own = sent(bound.at("item"));
        expect(
            own && own->state == runtime::OutboxState::refused && own->refusal == bound.at("code"),
            bound.at("item") + " is " +
                (own ? std::string(runtime::name_of(own->state)) + " " + own->refusal : "unknown"));
    });
    on("the sender of {item} sees {rung} by {seat}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        const auto view = world().agent(source.host).store().view();
        const auto rung = look_up(rungs, bound.at("rung"), "a rung");
        expect(runtime::table::rungs.contains(
                   *view, {source.id.value_or(NotificationId()), seat(bound.at("seat")),
                           static_cast<std::uint8_t>(rung)}),
               "the sender does not see that");
    });
    on("the sender of {item} does not see {rung} by {seat}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        const auto view = world().agent(source.host).store().view();
        const auto rung = look_up(rungs, bound.at("rung"), "a rung");
        expect(!runtime::table::rungs.contains(
                   *view, {source.id.value_or(NotificationId()), seat(bound.at("seat")),
                           static_cast<std::uint8_t>(rung)}),
               "the sender sees that");
    });
    on("somebody must {kind} for {role} about {item}", [this](const Bound& bound) {
        expect(has_task(bound.at("kind"), bound.at("role"), bound.at("item"), true),
               "there is no such task");
    });
    on("{inbox} has it on the list to {kind} for {role} about {item}", [this](const Bound& bound) {
        const auto wanted = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        const auto list = ask(Kind::tasks_list, bound.at("inbox")).at("tasks");
        expect(std::ranges::any_of(list,
                                   [&](const json& one) {
                                       return one.at("notification") == wanted &&
                                              one.at("role") == bound.at("role");
                                   }),
               bound.at("inbox") + " has " + list.dump());
    });
}

}  // namespace

bool matches(std::string_view pattern, std::string_view line, Bound& bound) {
    bound.clear();
    const auto wanted = words_of(pattern);
    const auto given = words_of(line);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& want = wanted[i];
        if (want.front() != '{') {
            if (i >= given.size() || given[i] != want) return false;
            continue;
        }
        auto name = want.substr(1, want.size() - 2);
        if (name.ends_with("...")) {
            name.resize(name.size() - 3);
            std::string rest;
            for (auto at = i; at < given.size(); ++at) rest += (at == i ? "" : " ") + given[at];
            if (rest.empty()) return false;
            bound[name] = rest;
            return true;
        }
        if (i >= given.size()) return false;
        bound[name] = given[i];
    }
    return wanted.size() == given.size();
}

std::vector<std::string> play(const simulation::Enrolled& base, const std::string& file,
                              std::string_view text) {
    std::vector<std::string> faults;
    Player player(base);
    std::istringstream in{std::string(text)};
    int number = 0;
    const auto say = [&](const std::string& what) {
        faults.push_back(file + ":" + std::to_string(number) + ": " + what);
    };
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (const auto comment = line.find('#'); comment != std::string::npos) line.resize(comment);
        if (words_of(line).empty()) continue;
        try {
            player.run(line);
        } catch (const Fault& fault) {
            say(fault.text);
            return faults;  // what follows rests on it
        }
    }
    try {
        player.end();
    } catch (const Fault& fault) {
        say(fault.text);
    }
    return faults;
}

}  // namespace mash::scenarios
