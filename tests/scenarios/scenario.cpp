#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/calendar.hpp"
#include "common/area/policy.hpp"
#include "common/wire/codec.hpp"
#include "tests/simulation/looking.hpp"

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

/// Short for what is reported most; every other type goes by its name in the catalogue, with
/// hyphens: private-fostering-notice.
const std::map<std::string, std::string> short_names{
    {"missing", "missing_episode_started"},       {"news", "missing_episode_updated"},
    {"sighting", "missing_episode_updated"},      {"found", "missing_episode_closed"},
    {"concern", "safeguarding_referral"},         {"exploitation", "exploitation_concern"},
    {"domestic-abuse", "domestic_abuse_incident"}};

/// What a child may be said to have: the relation, and the inbox of whoever claims it.
const std::map<std::string, std::pair<std::string, std::string>> relations{
    {"gp", {"gp", "health.gp"}},
    {"maternity", {"maternity", "health.mat"}},
    {"specialist-health", {"specialist_health", "health.spec"}},
    {"get-safe", {"exploitation_team", "social-care.gs"}},
    {"early-help", {"early_help", "social-care.eh"}},
    {"return-interviews", {"return_interviews", "foxglove.vcs"}}};

/// Issues that a sentence may wait for; not-built: none brings it yet.
const std::set<std::string> issues{"timeliness", "matching",   "intake",
                                   "console",    "federation", "not-built"};

/// Words for sections that the seeds of the simulator leave out.
const std::map<std::string, std::vector<std::string>> more_sayable{
    {"div", {"language"}}, {"sib", {"children"}}, {"pln", {"own_tasks", "safety_plan"}},
    {"con", {"status"}},   {"chr", {"events"}},   {"req", {"questions"}},
    {"out", {"outcome"}},  {"att", {"files"}}};

const std::map<std::string, wire::Rung> rungs{{"stored", wire::Rung::stored},
                                              {"opened", wire::Rung::opened},
                                              {"handed-over", wire::Rung::handed_over},
                                              {"taken", wire::Rung::taken},
                                              {"decided", wire::Rung::decided},
                                              {"recalled", wire::Rung::recalled},
                                              {"stopped", wire::Rung::agreement_stopped}};

const std::map<std::string, wire::TaskKind> tasks{
    {"ring", wire::TaskKind::not_connected},
    {"decide", wire::TaskKind::held},
    {"pass-on", wire::TaskKind::pass_on},
    {"find-somebody-else", wire::TaskKind::both_conflicted},
    {"review", wire::TaskKind::review}};

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
    explicit Player(const simulation::Enrolled& base) : base_(base) { words(); }

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
    const std::vector<std::string>& pending() const { return pending_; }
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
    std::string host_of(const std::string& inbox) {
        const auto own = seat(inbox);
        const auto* entry = world().simulated().area.registry().find_seat(own);
        if (entry == nullptr) throw Fault{"no inbox is called " + inbox};
        return host_of_agency(own.agency);
    }
    std::string host_of_agency(const AgencyId& agency) {
        for (const auto& [host, files] : world().simulated().hosts) {
            if (files.keys.agencies.contains(agency)) return host.value();
        }
        throw Fault{"no agent serves " + agency.value()};
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
    void ask_release(const Bound& bound);
    void also_opens(const std::string& inbox, const std::string& other);
    void fail_to_report(const Bound& bound);
    void send_about(const Bound& bound);
    std::string type_of(const std::string& what);
    void say(runtime::Notification& said, const std::string& what, const std::string& options);
    void say_one(runtime::Notification& said, const std::string& key, const std::string& value);
    simulation::Child described(const std::string& rest);
    runtime::Subject with_former(bool names, const std::string& other);
    std::string record_of(const std::string& inbox, Kind kind, const std::string& id,
                          std::map<std::string, std::string> filter);
    std::vector<std::string> documents_of(const std::string& inbox);
    bool is_held_beside_severed();
    void is_born_as(const std::string& unborn, const std::string& name);
    bool is_linked(const Bound& bound, const std::string& how);
    std::size_t open_count(const std::string& inbox);
    /// "same-event child-is-named-here ": how the chronology of the one leads to the other.
    std::string links_of(const Bound& bound);
    std::string look_of(const std::string& inbox);
    std::vector<WallTime> clocks_of(const std::string& inbox, const std::string& name);
    void holds(const Bound& bound, const std::string& clock);
    json line_of(const std::string& inbox, const std::string& name);
    std::string sender_reads(const std::string& name);
    std::string record_of(const std::string& name);
    /// Of the front door: what it was asked about this item and this holder, open or answered.
    std::vector<json> questions_about(const Bound& bound);
    std::size_t open_questions(const Bound& bound);
    std::string question_id(const Bound& bound);
    json ring_task(const Bound& bound);
    void agreements();  ///< their words, events and expectations
    const std::pair<std::string, std::string>& recorded(const std::string& name) {
        const auto found = agreements_.find(name);
        if (found == agreements_.end()) throw Fault{"no agreement was recorded as " + name};
        return found->second;
    }

    const simulation::Enrolled& base_;
    std::vector<std::pair<std::string, std::function<void(const Bound&)>>> sentences_;
    std::unique_ptr<simulation::World> world_;
    std::unique_ptr<simulation::Workload> workload_;
    std::unique_ptr<simulation::Invariants> invariants_;
    std::map<std::string, std::size_t> children_;
    std::map<std::string, std::size_t> items_;
    std::map<std::string, std::string> looks_;
    std::vector<std::string> pending_;
    std::set<std::string> types_;                                            ///< of the catalogue
    std::map<std::string, std::pair<std::string, std::string>> agreements_;  ///< inbox, id
    std::map<std::string, std::vector<AgencyId>> named_in_;                  ///< by the record's id
    std::map<std::string, Named> passed_on_;
};

void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw Fault{otherwise};
}

void Player::ask_release(const Bound& bound) {
    const auto& of = item(bound.at("item"));
    const auto to = seat(bound.at("seat"));
    const auto asked =
        ask(Kind::release, bound.at("inbox"), to_text(of.id.value_or(NotificationId())),
            json{{"recipients", {{{"agency", to.agency.value()}, {"role", to.role.value()}}}},
                 {"reason", "Canary reason"}}
                .dump(),
            201);
    Source release = of;
    release.notification.facts.type = TypeId("protected_address_release");
    release.notification.facts.addressed_to = {to};
    release.notification.source_ref.clear();
    release.id = NotificationId(*uuid_from_text(asked.at("id").get<std::string>()));
    items_[bound.at("other")] = workload_->sources().size();
    workload_->adopt(std::move(release));
    world().pass(seconds(3), seconds(1));
}

void Player::also_opens(const std::string& inbox, const std::string& other) {
    const auto person = runtime::credential_from_text(world().token_of(InboxId(inbox)));
    const auto& files = world().files(HostId(host_of(other)));
    const json body{{"person", person->person.value()},
                    {"inboxes", {other}},
                    {"recovery_key", to_base64url(files.recovery.secret_key.reveal())}};
    const auto reply =
        world().ask(HostId(host_of(other)), Kind::person_add, PersonalText(""), "", body.dump());
    if (!reply || reply->status != 201) throw Fault{"the person was not added to " + other};
    world().settle();
}

std::string Player::type_of(const std::string& what) {
    if (types_.empty()) {
        std::string policy, catalogue;
        for (const auto& document : world().simulated().area.documents()) {
            if (document.kind == wire::DocumentKind::policy) policy = text_of(document.body);
            if (document.kind == wire::DocumentKind::catalogue) catalogue = text_of(document.body);
        }
        std::vector<area::PolicyFault> faults;
        const auto parsed = area::Policy::parse(policy, "", catalogue, "", faults);
        if (!parsed) throw Fault{"the area's policy cannot be read"};
        for (const auto& type : parsed->types()) types_.insert(type.type.value());
    }
    const auto known = short_names.find(what);
    auto type = known == short_names.end() ? what : known->second;
    std::ranges::replace(type, '-', '_');
    if (!types_.contains(type))
        throw Fault{"\"" + what + "\" is not something that can be reported"};
    return type;
}

void Player::say_one(runtime::Notification& said, const std::string& key,
                     const std::string& value) {
    auto& facts = said.facts;
    auto& agreement = facts.agreement;
    const auto with_underscores = [&] {
        auto word = value;
        std::ranges::replace(word, '-', '_');
        return word;
    };
    if (key == "risk")
        facts.risk_grade = value;
    else if (key == "episode")
        said.thread_ref = value;
    else if (key == "event")
        said.event_ref = value;
    else if (key == "kind")
        facts.kind = with_underscores();
    else if (key == "level")
        facts.level = look_up<wire::Level>({{"1", wire::Level::one},
                                            {"2", wire::Level::two},
                                            {"3", wire::Level::three},
                                            {"4", wire::Level::four}},
                                           value, "a level");
    else if (key == "harm")
        facts.harm = look_up<wire::Harm>({{"none", wire::Harm::none},
                                          {"suspected", wire::Harm::suspected},
                                          {"likely", wire::Harm::likely_or_actual}},
                                         value, "a word for harm");
    else if (key == "rag")
        facts.rag = look_up<wire::Rag>({{"red", wire::Rag::red},
                                        {"amber", wire::Rag::amber},
                                        {"green", wire::Rag::green},
                                        {"blue", wire::Rag::blue}},
                                       value, "a colour");
    else if (key == "life")
        facts.vital = value == "at-stake";
    else if (key == "agreement")
        agreement.status =
            look_up<wire::AgreementStatus>({{"given", wire::AgreementStatus::given},
                                            {"refused", wire::AgreementStatus::refused},
                                            {"withdrawn", wire::AgreementStatus::withdrawn},
                                            {"not-sought", wire::AgreementStatus::not_sought}},
                                           value, "a status of agreement");
    else if (key == "under") {
        const auto id = uuid_from_text(recorded(value).second);
        if (!id) throw Fault{value + " has no id"};
        said.agreement_record = AgreementId(*id);
    } else if (key == "by")
        agreement.giver = look_up<wire::Giver>({{"parent", wire::Giver::parent_pr},
                                                {"young-person", wire::Giver::young_person_16_17},
                                                {"competent-child", wire::Giver::gillick_child},
                                                {"no-parental-responsibility", wire::Giver::no_pr}},
                                               value, "somebody who may answer");
    else if (key == "naming")
        agreement.named_agencies.emplace_back(value);
    else if (key == "not-asked-because")
        agreement.not_sought_reason = look_up<wire::NotSoughtReason>(
            {{"risk-to-child", wire::NotSoughtReason::risk_to_child},
             {"cannot-be-contacted", wire::NotSoughtReason::cannot_be_contacted},
             {"giver-is-suspect", wire::NotSoughtReason::giver_is_suspect}},
            value, "a reason for not asking");
    else if (key == "objecting")
        agreement.other_holder_objects = value == "other-parent";
    else if (key == "purpose")
        facts.purpose = look_up<wire::Purpose>({{"service", wire::Purpose::request_service},
                                                {"inform", wire::Purpose::inform_function}},
                                               value, "a purpose");
    else if (key == "marker")
        facts.markers.push_back(with_underscores());
    else if (key.starts_with("whose-")) {
        // "whose-sibling jon": of whom it is said.
        auto word = key.substr(6);
        std::ranges::replace(word, '-', '_');
        const auto relation = runtime::from_word<wire::LinkedRelation>(word);
        if (!relation) throw Fault{"\"" + word + "\" is no relation"};
        auto person = workload_->children()[child(value)].subject;
        person.unborn = false;  // then it is the mother who is named
        person.due_date = PersonalText();
        said.linked.push_back({*relation, std::move(person)});
    } else if (key == "worse-if-told")
        facts.detriment = {seat(value)};
    else if (key == "told")
        said.sections["con"]["who_has_been_told"] = PersonalText(json({value}).dump());
    else if (key == "correcting")
        said.supersedes_ref = "scenario:" + value;
    else if (key == "same-event-as")
        said.same_event_as = "scenario:" + value;
    else if (key == "to")
        facts.addressed_to.push_back(seat(value));
    else if (key == "called") {
        said.subject.forename = PersonalText(value);
        said.subject.nhs_number = PersonalText("");
        said.subject.upn = PersonalText("");
    } else if (key == "numbers" && value == "unknown") {
        said.subject.nhs_number = PersonalText("");
        said.subject.upn = PersonalText("");
    } else if (key == "number") {
        said.subject.nhs_number = workload_->children()[child(value)].subject.nhs_number;
    } else if (key == "surname") {
        said.subject.surname = PersonalText(value);
    } else if (key == "birth-date") {
        said.subject.date_of_birth = PersonalText(value);
    } else if (key == "names" && value == "swapped") {
        std::swap(said.subject.forename, said.subject.surname);
    } else if (key == "home" && value == "unknown") {
        said.subject.postcode = PersonalText("");
    } else if (key == "identity" && value == "stated") {
        const auto text = [](const PersonalText& of) {
            return PersonalText(json(of.reveal()).dump());
        };
        auto& identity = said.sections["idn"];
        identity["forenames"] = text(said.subject.forename);
        identity["surname"] = text(said.subject.surname);
        identity["date_of_birth"] = text(said.subject.date_of_birth);
        identity["nhs_number"] = text(said.subject.nhs_number);
        identity["upn"] = text(said.subject.upn);
    } else if (key == "address" && value == "protected")
        said.sections["saf"]["address"] =
            PersonalText(json("Canary saf.address of child 0.").dump());
    else if (key == "saying-nothing-of")
        said.sections.erase(value);
    else if (key == "saying-only") {
        std::istringstream sections(value);
        std::set<std::string> kept;
        for (std::string section; std::getline(sections, section, '+');) kept.insert(section);
        std::erase_if(said.sections, [&](const auto& one) { return !kept.contains(one.first); });
    } else
        throw Fault{"\"" + key + "\" is not something a report can say"};
}

void Player::say(runtime::Notification& said, const std::string& what, const std::string& options) {
    if (what == "news") said.facts.kind = "information";
    if (what == "sighting") said.facts.kind = "sighting";
    // What is passed on by itself says of no protected address and no live operation, as most do;
    // "address protected" puts one back.
    if (what == "sighting" || what == "exploitation" || what == "unscheduled-health-attendance") {
        said.sections.erase("saf");
        said.sections.erase("op");
    }
    std::istringstream rest(options);
    for (std::string option; std::getline(rest, option, ',');) {
        const auto words = words_of(option);
        if (words.size() != 2) throw Fault{"\"" + option + "\" is not a word and its value"};
        say_one(said, words[0], words[1]);
    }
    // Whoever was asked was asked about what this is for.
    if (said.facts.agreement.status == wire::AgreementStatus::given)
        said.facts.agreement.purpose = said.facts.purpose;
    // Only of a birth does anybody say who the child was before.
    if (said.facts.kind != "born") said.subject.before_birth.clear();
    const auto sort = [](auto& values) {
        std::ranges::sort(values);
        const auto twice = std::ranges::unique(values);
        values.erase(twice.begin(), twice.end());
    };
    sort(said.facts.markers);
    sort(said.facts.addressed_to);
    sort(said.facts.agreement.named_agencies);
}

void Player::report(const Bound& bound) {
    const auto from = seat(bound.at("seat"));
    const auto type = type_of(bound.at("what"));
    const auto host = host_of_agency(from.agency);
    const auto of = child(bound.at("child"));
    const auto number = workload_->sources().size();
    auto& kept = workload_->send(
        HostId(host), from.agency, from.role, type, of, "scenario:" + bound.at("item"),
        [&](runtime::Notification& said) {
            for (const auto& [section, fields] : more_sayable) {
                for (const auto& field : fields)
                    said.sections[section][field] =
                        PersonalText(json(simulation::marked(section, field, of)).dump());
            }
            say(said, bound.at("what"), bound.contains("rest") ? bound.at("rest") : "");
        });
    items_[bound.at("item")] = number;
    // Whom the family named stands in the record that is cited, and counts as if it were stated.
    if (const auto& record = kept.notification.agreement_record; !record.is_zero())
        kept.notification.facts.agreement.named_agencies = named_in_[to_text(record)];
    world().settle();
}

// Refused at the desk, before anything travels.
void Player::fail_to_report(const Bound& bound) {
    const auto from = seat(bound.at("seat"));
    runtime::Submit submit;
    submit.reply = 1;
    submit.person = runtime::service_person();
    submit.reason = "intake";
    submit.notification = workload_->compose(
        from.agency, from.role, type_of(bound.at("what")), child(bound.at("child")),
        "scenario:refused", [&](runtime::Notification& said) {
            say(said, bound.at("what"), bound.contains("rest") ? bound.at("rest") : "");
        });
    const auto effects = world().give(HostId(host_of_agency(from.agency)), std::move(submit));
    std::string said = "nothing";
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        if (std::holds_alternative<runtime::Submitted>(effect)) said = "it was taken in";
        if (const auto* rejected = std::get_if<runtime::SubmitRejected>(&effect)) {
            said = name_of(rejected->code);
            for (const auto& fault : rejected->faults) {
                if (fault.rule == bound.at("rule")) return;
                said += " " + fault.rule;
            }
        }
    }
    throw Fault{"it is not refused as " + bound.at("rule") + ", but: " + said};
}

// By the person of the inbox, who says nothing of the child. Whom it then names is told here from
// who sent the other, not from what the agent made of it.
void Player::send_about(const Bound& bound) {
    const auto from = seat(bound.at("inbox"));
    const auto& other = item(bound.at("other"));
    Source source;
    source.host = HostId(host_of(bound.at("inbox")));
    source.child = other.child;
    source.notification = workload_->compose(
        from.agency, from.role, type_of(bound.at("what")), source.child,
        "scenario:" + bound.at("item"), [&](runtime::Notification& said) {
            for (const auto* section : {"req", "out", "pln"}) {
                for (const auto& field : more_sayable.at(section))
                    said.sections[section][field] =
                        PersonalText(json(simulation::marked(section, field, source.child)).dump());
            }
            say(said, bound.at("what"), bound.contains("rest") ? bound.at("rest") : "");
        });
    runtime::Submit submit;
    submit.reply = 1;
    submit.reason = "manual_entry";
    submit.credential = world().token_of(InboxId(bound.at("inbox")));
    submit.notification = source.notification;
    submit.notification.subject = {};
    submit.notification.sections.erase("idn");
    submit.notification.about = id_of(bound.at("other"));
    auto& named = source.notification.facts.addressed_to;
    if (named.empty()) named = {{other.notification.agency, other.notification.role}};
    const auto effects = world().give(source.host, std::move(submit));
    std::string refused = "nothing was answered";
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        if (const auto* done = std::get_if<runtime::Submitted>(&effect)) source.id = done->id;
        if (const auto* rejected = std::get_if<runtime::SubmitRejected>(&effect)) {
            refused = name_of(rejected->code);
            for (const auto& fault : rejected->faults)
                refused += " " + fault.path + " " + fault.rule;
        }
    }
    if (!source.id) throw Fault{"it is not taken in: " + refused};
    items_[bound.at("item")] = workload_->sources().size();
    workload_->adopt(std::move(source));
    world().settle();
}

simulation::Child Player::described(const std::string& rest) {
    auto made = simulation::invented_child(children_.size());
    std::optional<runtime::Subject> before;
    const auto words = words_of(rest);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const auto next = [&] {
            if (i + 1 >= words.size()) throw Fault{"\"" + word + "\" wants another word"};
            return words[++i];
        };
        auto& subject = made.subject;
        if (word == "at")
            made.school = next();
        else if (word == "social-worker")
            made.has_social_worker = true;
        else if (word == "health-visitor")
            made.has_health_visitor = true;
        else if (word == "placed-by-northmere")
            made.is_placed = true;
        else if (word == "protected")
            made.is_protected = true;
        else if (word == "known-by-address-only")
            made.is_known_by_address_only = true;
        else if (word == "known-by-forename-only") {
            for (auto* unknown :
                 {&subject.nhs_number, &subject.surname, &subject.date_of_birth, &subject.postcode})
                *unknown = PersonalText("");
        } else if (word == "born")
            subject.date_of_birth = PersonalText(next());
        else if (word == "unborn") {
            // Known by the mother's number and surname until birth.
            subject.unborn = true;
            subject.date_of_birth = PersonalText("");
        } else if (word == "due")
            subject.due_date = PersonalText(next());
        else if (word == "severed")
            made.also.insert({"severed", "social-care.adopt"});
        else if (word == "listed-with-the-number-of" || word == "listed-with-all-of")
            before = with_former(word == "listed-with-all-of", next());
        else if (word == "twin-of") {
            const auto& other = workload_->children()[child(next())];
            subject.surname = other.subject.surname;
            subject.date_of_birth = other.subject.date_of_birth;
            subject.postcode = other.subject.postcode;
            made.school = other.school;
        } else if (const auto relation = relations.find(word); relation != relations.end())
            made.also.insert(relation->second);
        else if (word != "nobody-involved")
            throw Fault{"\"" + word + "\" is not something said of a child"};
    }
    if (before) {
        auto said = made.subject;
        said.former_nhs_numbers = before->former_nhs_numbers;
        said.aliases = before->aliases;
        made.in_lists[""] = std::move(said);
    }
    return made;
}

/// A record that knows the child by another's number too, and by the other's name if `names`.
runtime::Subject Player::with_former(bool names, const std::string& other) {
    const auto& of = workload_->children()[child(other)].subject;
    runtime::Subject said;
    said.former_nhs_numbers = {of.nhs_number};
    if (names) said.aliases = {{of.forename, of.surname}};
    return said;
}

/// Each thing that the person of this inbox can be shown, by itself.
std::string Player::record_of(const std::string& inbox, Kind kind, const std::string& id,
                              std::map<std::string, std::string> filter) {
    runtime::ApiRequest request;
    request.kind = kind;
    request.credential = world().token_of(InboxId(inbox));
    request.id = id;
    request.filter = std::move(filter);
    const auto effects = world().give(HostId(host_of(inbox)), std::move(request));
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        const auto* reply = std::get_if<runtime::ApiReply>(&effect);
        if (reply != nullptr && reply->status == 200) return reply->json.reveal();
    }
    throw Fault{inbox + " is not answered about " + (id.empty() ? "its records" : id)};
}

/// When the clocks of this name run out, of all that the person of an inbox can open.
std::vector<WallTime> Player::clocks_of(const std::string& inbox, const std::string& name) {
    std::vector<WallTime> found;
    const auto lines =
        world().received(HostId(host_of(inbox)), world().token_of(InboxId(inbox)), InboxId(inbox));
    for (const auto& line : lines.value_or(std::vector<std::string>{})) {
        const auto parsed = json::parse(line);
        const auto id =
            parsed.at("sender").get<std::string>() + "/" + parsed.at("id").get<std::string>();
        if (!parsed.at("progress").at("recalled_at").is_null()) continue;
        const auto opened = ask(Kind::received_one, inbox, id);
        for (const auto& clock : opened.at("clocks")) {
            if (clock.at("name") != name) continue;
            const auto by = wall_time_from_rfc3339(clock.at("by").get<std::string>());
            if (by) found.push_back(*by);
        }
    }
    return found;
}

std::string words_of_all(const std::vector<WallTime>& times) {
    std::string out;
    for (const auto& time : times) out += (out.empty() ? "" : ", ") + to_rfc3339(time);
    return out.empty() ? "nothing" : out;
}

void Player::holds(const Bound& bound, const std::string& clock) {
    const auto wanted = london(bound.at("date"), bound.at("time"));
    const auto held = clocks_of(bound.at("inbox"), clock);
    const auto is_it = [&](WallTime by) {
        return by >= wanted && by < wanted + std::chrono::minutes(1);
    };
    expect(held.size() == 1 && is_it(held.front()),
           bound.at("inbox") + " has it to hold by " + words_of_all(held));
}

/// What the person of an inbox can open, look up, export and read of what was decided, each as it
/// is answered.
std::vector<std::string> Player::documents_of(const std::string& inbox) {
    std::vector<std::string> all;
    const HostId host(host_of(inbox));
    const auto lines = world().received(host, world().token_of(InboxId(inbox)), InboxId(inbox));
    for (const auto& line : lines.value_or(std::vector<std::string>{})) {
        all.push_back(line);
        const auto parsed = json::parse(line);
        const auto id =
            parsed.at("sender").get<std::string>() + "/" + parsed.at("id").get<std::string>();
        all.push_back(ask(Kind::received_one, inbox, id).dump());
        all.push_back(record_of(inbox, Kind::chronology, {}, {{"received", id}}));
    }
    const auto decisions = record_of(inbox, Kind::decisions_list, {}, {});
    all.push_back(decisions);
    for (const auto& one : json::parse(decisions).at("decisions"))
        all.push_back(record_of(inbox, Kind::decision_one, one.at("id").get<std::string>(), {}));
    all.push_back(record_of(inbox, Kind::access_log, {}, {}));
    for (const auto& one : ask(Kind::sent_list, inbox).at("sent"))
        all.push_back(ask(Kind::sent_one, inbox, one.at("id").get<std::string>()).dump());
    for (const auto& one : ask(Kind::questions_list, inbox).at("questions"))
        all.push_back(ask(Kind::question_one, inbox, one.at("id").get<std::string>()).dump());
    all.push_back(ask(Kind::tasks_list, inbox).dump());
    return all;
}

/// Of lists that stand now: a token of an identity that the adoption team keeps.
bool Player::is_held_beside_severed() {
    const auto view = world().broker().store().view();
    std::set<wire::Token> severed;
    const auto claims = broker::tables::claims.collect(*view, {});
    for (const auto& [key, record] : claims) {
        if (!record.ended && record.claim.relation == "severed")
            severed.insert(record.claim.tokens.begin(), record.claim.tokens.end());
    }
    return !severed.empty() && std::ranges::any_of(claims, [&](const auto& row) {
        const auto& record = row.second;
        return !record.ended && record.claim.relation != "severed" &&
               std::ranges::any_of(record.claim.tokens, [&](const wire::Token& token) {
                   return severed.contains(token);
               });
    });
}

// The unborn child leaves the lists that named it, and the child stands there; not before the lists
// are sent again.
void Player::is_born_as(const std::string& unborn, const std::string& name) {
    auto& before = workload_->children()[child(unborn)];
    auto& now = workload_->children()[child(name)];
    now.subject.before_birth = {before.subject};
    now.has_social_worker = before.has_social_worker;
    now.has_health_visitor = before.has_health_visitor;
    now.also.insert(before.also.begin(), before.also.end());
    now.also.erase("maternity");
    now.ever_involved.insert(before.ever_involved.begin(), before.ever_involved.end());
    before.has_social_worker = before.has_health_visitor = false;
    before.also.clear();
    workload_->rolls_changed();
}

/// Everything that the person of an inbox can ask for, as it reads.
std::string Player::look_of(const std::string& inbox) {
    const auto all = simulation::everything_shown(world(), HostId(host_of(inbox)), InboxId(inbox),
                                                  simulation::LookedAt::another_moment);
    if (all.is_null()) throw Fault{"the agent of " + inbox + " does not answer"};
    return all.dump(1);
}

json Player::line_of(const std::string& inbox, const std::string& name) {
    const auto lines =
        world().received(HostId(host_of(inbox)), world().token_of(InboxId(inbox)), InboxId(inbox));
    for (const auto& line : lines.value_or(std::vector<std::string>{})) {
        auto parsed = json::parse(line);
        if (parsed.at("sender").get<std::string>() + "/" + parsed.at("id").get<std::string>() ==
            id_of(name))
            return parsed;
    }
    throw Fault{inbox + " does not list " + name};
}

std::vector<json> Player::questions_about(const Bound& bound) {
    const auto of = to_text(item(bound.at("item")).id.value_or(NotificationId()));
    const Seat holder = seat(bound.at("seat"));
    std::vector<json> found;
    auto listed = ask(Kind::questions_list, bound.at("inbox"));
    for (auto& one : listed.at("questions")) {
        if (one.at("notification") == of &&
            one.at("holder").at("agency") == holder.agency.value() &&
            one.at("holder").at("role") == holder.role.value())
            found.push_back(std::move(one));
    }
    return found;
}

std::size_t Player::open_questions(const Bound& bound) {
    return static_cast<std::size_t>(std::ranges::count_if(
        questions_about(bound), [](const json& one) { return one.at("state") == "open"; }));
}

std::string Player::question_id(const Bound& bound) {
    const auto found = questions_about(bound);
    if (found.empty()) throw Fault{bound.at("inbox") + " is not asked that"};
    return found.front().at("id").get<std::string>();
}

/// On the inbox's own list: to ring another authority that has no agent.
json Player::ring_task(const Bound& bound) {
    const auto of = to_text(item(bound.at("item")).id.value_or(NotificationId()));
    const auto list = ask(Kind::tasks_list, bound.at("inbox")).at("tasks");
    const auto found = std::ranges::find_if(list, [&](const json& task) {
        return task.at("kind") == "not_connected" && task.at("notification") == of &&
               task.at("agency") == bound.at("agency");
    });
    if (found == list.end()) throw Fault{bound.at("inbox") + " has " + list.dump()};
    return *found;
}

std::string Player::sender_reads(const std::string& name) {
    const auto& said = item(name).notification;
    const auto inbox = said.agency.value() + "." + said.role.value();
    return ask(Kind::sent_one, inbox, to_text(item(name).id.value_or(NotificationId()))).dump();
}

/// Of what was decided about it, as its sender's own agency keeps it.
std::string Player::record_of(const std::string& name) {
    const auto& of = item(name);
    const auto& said = of.notification;
    const auto inbox = said.agency.value() + "." + said.role.value();
    runtime::ApiRequest request;
    request.kind = Kind::decisions_list;
    request.credential = world().token_of(InboxId(inbox));
    request.filter["sent"] = to_text(of.id.value_or(NotificationId()));
    const auto effects = world().give(HostId(host_of(inbox)), std::move(request));
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        if (const auto* reply = std::get_if<runtime::ApiReply>(&effect))
            return reply->json.reveal();
    }
    throw Fault{"the agent of " + inbox + " does not answer"};
}

void Player::words() {
    on("story {rest...}", [](const Bound&) {});
    on("pending {issue} {rest...}", [this](const Bound& bound) {
        auto issue = bound.at("issue");
        if (!issue.ends_with(':') || !issues.contains(issue.substr(0, issue.size() - 1)))
            throw Fault{"\"" + issue + "\" is no issue that a sentence can wait for"};
        pending_.push_back(issue + " " + bound.at("rest"));
    });
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
        children_[bound.at("name")] = workload_->add_child(described(bound.at("rest")));
    });
    on("rolls are sent", [this](const Bound&) {
        world();
        workload_->send_rolls();
        world().pass(seconds(2), seconds(1));
    });
    on("holders of {relation} are asked", [this](const Bound& bound) {
        if (!ask_holders_of(world(), bound.at("relation")))
            throw Fault{"the policy has no such relation"};
        world().pass(seconds(4), seconds(1));
    });
    on("below the threshold the {setting} leads", [this](const Bound& bound) {
        const bool duty = look_up<bool>({{"duty", true}, {"agreement", false}}, bound.at("setting"),
                                        "what leads below the threshold");
        auto& area = world().simulated().area;
        const std::string setting = "below_threshold = ";
        area.change_policy(setting + (duty ? "\"agreement_led\"" : "\"duty_led\""),
                           setting + (duty ? "\"duty_led\"" : "\"agreement_led\""),
                           world().now().wall);
        // Without its statute the duty has no effect.
        const std::string law = "children_act_s16la = ";
        area.change_policy(law + (duty ? "\"not in force\"" : "2026-09-30"),
                           law + (duty ? "2026-09-30" : "\"not in force\""), world().now().wall);
        world().load_documents();
        world().pass(seconds(4), seconds(1));
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
    agreements();
}

void Player::agreements() {
    const auto record = [this](const Bound& bound) {
        const auto& inbox = bound.at("inbox");
        const auto& subject = workload_->children()[child(bound.at("child"))].subject;
        std::string status = bound.at("status");
        const bool objects = status == "given-but-contested";
        if (objects) status = "given";
        json said{{"status", status},
                  {"giver", bound.at("giver")},
                  {"form", "verbal"},
                  {"purpose", "request_service"},
                  {"other_holder_objects", objects},
                  {"named_agencies", json::array()},
                  {"said_at", to_rfc3339(world().now().wall)},
                  {"subject",
                   {{"nhs_number", subject.nhs_number.reveal()},
                    {"forename", subject.forename.reveal()},
                    {"surname", subject.surname.reveal()}}}};
        if (bound.contains("agencies")) {
            std::istringstream agencies(bound.at("agencies"));
            for (std::string one; std::getline(agencies, one, ',');)
                said["named_agencies"].push_back(one);
        }
        if (bound.contains("item"))
            said["notification"] = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        const auto made = ask(Kind::agreement_add, inbox, {}, said.dump(), 201);
        agreements_[bound.at("name")] = {inbox, made.at("id").get<std::string>()};
        auto& named = named_in_[made.at("id").get<std::string>()];
        for (const auto& agency : said.at("named_agencies"))
            named.emplace_back(agency.get<std::string>());
        world().pass(seconds(3), seconds(1));
    };
    on("{inbox} records {status} by {giver} about {child} as {name}", record);
    on("{inbox} records {status} by {giver} about {child} as {name} for {agencies}", record);
    on("{inbox} records {status} by {giver} about {child} as {name} for {agencies} in {item}",
       record);
    on("the family withdraws {name}", [this](const Bound& bound) {
        const auto& [inbox, id] = recorded(bound.at("name"));
        ask(Kind::agreement_withdraw, inbox, id, {}, 202);
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} stops using {item}", [this](const Bound& bound) {
        ask(Kind::stopped, bound.at("inbox"), id_of(bound.at("item")), "{}");
    });
    on("without {name} the rules say {outcome} about {item}", [this](const Bound& bound) {
        const auto& [inbox, id] = recorded(bound.at("name"));
        const auto wanted = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        const auto recorded_now = ask(Kind::agreement_one, inbox, id);
        for (const auto& one : recorded_now.at("notifications")) {
            if (one.at("id").get<std::string>() != wanted) continue;
            const auto says = one.at("without_agreement").at("outcome").get<std::string>();
            return expect(says == bound.at("outcome"), "they say " + says);
        }
        throw Fault{bound.at("item") + " is not of that referral"};
    });
    on("{count} have not confirmed that they stopped using {item} under {name}",
       [this](const Bound& bound) {
           const auto& [inbox, id] = recorded(bound.at("name"));
           const auto wanted = to_text(item(bound.at("item")).id.value_or(NotificationId()));
           const auto recorded_now = ask(Kind::agreement_one, inbox, id);
           for (const auto& one : recorded_now.at("notifications")) {
               if (one.at("id").get<std::string>() != wanted) continue;
               const auto count = std::to_string(one.at("not_confirmed").size());
               return expect(count == bound.at("count"), "it is " + count);
           }
           throw Fault{bound.at("item") + " is not of that referral"};
       });
    on("the sender of {item} is warned {code}", [this](const Bound& bound) {
        const auto own = sent(bound.at("item"));
        const auto decision = own ? wire::decode_body<wire::Decision>(own->decision)
                                  : Result<wire::Decision>(fail(ErrorCode::not_found));
        expect(decision && std::ranges::find(decision->warnings, bound.at("code")) !=
                               decision->warnings.end(),
               "there is no such warning");
    });
    const auto is_alarmed = [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        const auto view = world().agent(source.host).store().view();
        for (const auto& key : runtime::table::alarms.collect_keys(*view, {})) {
            if (std::get<1>(key) == source.id && runtime::name_of(static_cast<runtime::Alarm::Kind>(
                                                     std::get<0>(key))) == bound.at("alarm"))
                return true;
        }
        return false;
    };
    on("the sender of {item} is alarmed as {alarm}",
       [is_alarmed](const Bound& bound) { expect(is_alarmed(bound), "there is no such alarm"); });
    on("the sender of {item} is not alarmed as {alarm}",
       [is_alarmed](const Bound& bound) { expect(!is_alarmed(bound), "there is such an alarm"); });
}

void Player::events() {
    on("{seat} reports {what} about {child} as {item}",
       [this](const Bound& bound) { report(bound); });
    on("{seat} reports {what} about {child} as {item} with {rest...}",
       [this](const Bound& bound) { report(bound); });
    on("{inbox} sends {what} about what came as {other} as {item}",
       [this](const Bound& bound) { send_about(bound); });
    on("{inbox} sends {what} about what came as {other} as {item} with {rest...}",
       [this](const Bound& bound) { send_about(bound); });
    const auto is_offered = [this](const Bound& bound) {
        const auto types = ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item")))
                               .at("may_send_about");
        const auto wanted = type_of(bound.at("what"));
        return std::ranges::any_of(types, [&](const json& type) { return type == wanted; });
    };
    on("{inbox} may send {what} about {item}",
       [is_offered](const Bound& bound) { expect(is_offered(bound), "it is not offered"); });
    on("{inbox} may not send {what} about {item}",
       [is_offered](const Bound& bound) { expect(!is_offered(bound), "it is offered"); });
    on("{inbox} sees {other} as an answer to {item}", [this](const Bound& bound) {
        const auto shown =
            ask(Kind::sent_one, bound.at("inbox"), to_text(named(bound.at("item")).id));
        const auto answer = to_text(named(bound.at("other")).id);
        expect(std::ranges::any_of(shown.at("answers"),
                                   [&](const json& one) { return one.at("id") == answer; }),
               "it is none of its answers");
    });
    on("to {inbox} {item} and {other} are one thread",
       [this](const Bound& bound) { expect(is_linked(bound, "same_thread"), "they are not"); });
    on("to {inbox} {item} and {other} are one event",
       [this](const Bound& bound) { expect(is_linked(bound, "same_event"), "they are not"); });
    on("to {inbox} {item} leads to {other} by {link}", [this](const Bound& bound) {
        const auto links = links_of(bound);
        expect(links.find(bound.at("link")) != std::string::npos,
               links.empty() ? "nothing leads there" : "by " + links);
    });
    on("to {inbox} {item} does not lead to {other}",
       [this](const Bound& bound) { expect(links_of(bound).empty(), "by " + links_of(bound)); });
    on("{inbox} says that {item} and {other} are reports of one event", [this](const Bound& bound) {
        for (const auto* one : {"item", "other"})
            ask(Kind::received_one, bound.at("inbox"), id_of(bound.at(one)));
        ask(Kind::attached, bound.at("inbox"), id_of(bound.at("item")),
            json{{"to", id_of(bound.at("other"))}}.dump());
    });
    on("{inbox} says that {item} is a report of its own", [this](const Bound& bound) {
        ask(Kind::attached, bound.at("inbox"), id_of(bound.at("item")), R"({"to":null})");
    });
    on("{inbox} attaches {item} to {other}", [this](const Bound& bound) {
        ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item")));
        ask(Kind::attached, bound.at("inbox"), id_of(bound.at("item")),
            json{{"to", to_text(named(bound.at("other")).id)}}.dump());
    });
    on("the sender of {item} sees {other} attached", [this](const Bound& bound) {
        const auto shown = json::parse(sender_reads(bound.at("item"))).at("attached");
        expect(std::ranges::any_of(shown,
                                   [&](const json& one) {
                                       return one.at("id") == to_text(named(bound.at("other")).id);
                                   }),
               shown.dump());
    });
    on("{child} is now {other}",
       [this](const Bound& bound) { is_born_as(bound.at("child"), bound.at("other")); });
    on("{inbox} records another name of {child}", [this](const Bound& bound) {
        auto& known = workload_->children()[child(bound.at("child"))];
        auto said = known.subject;
        said.surname = PersonalText("Canaryother");
        known.in_lists[seat(bound.at("inbox")).agency.value()] = std::move(said);
        workload_->rolls_changed();
        workload_->send_rolls();
        world().pass(seconds(4), seconds(1));
    });
    on("{child} is on the roll of {agency} from now on", [this](const Bound& bound) {
        workload_->children()[child(bound.at("child"))].school = bound.at("agency");
        workload_->rolls_changed();
        workload_->send_rolls();
        world().pass(seconds(4), seconds(1));
    });
    on("{seat} cannot report {what} about {child} as {rule}",
       [this](const Bound& bound) { fail_to_report(bound); });
    on("{seat} cannot report {what} about {child} as {rule} with {rest...}",
       [this](const Bound& bound) { fail_to_report(bound); });
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
    on("{inbox} reviews {item}", [this](const Bound& bound) {
        const auto of = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        const auto list = ask(Kind::tasks_list, bound.at("inbox")).at("tasks");
        const auto one = std::ranges::find_if(list, [&](const json& task) {
            return task.at("kind") == "review" && task.at("notification") == of;
        });
        if (one == list.end()) throw Fault{bound.at("inbox") + " has " + list.dump()};
        ask(Kind::task_answer, bound.at("inbox"), one->at("id").get<std::string>(),
            R"({"outcome":"done","reason":"Canary reason"})");
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} says that {agency} was told of {item} by other means", [this](const Bound& bound) {
        ask(Kind::task_answer, bound.at("inbox"), ring_task(bound).at("id").get<std::string>(),
            R"({"outcome":"told_by_other_means","reason":"Canary reason"})");
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} looks at who {item} is about to {seat}", [this](const Bound& bound) {
        ask(Kind::question_look, bound.at("inbox"), question_id(bound),
            R"({"reason":"Canary reason"})", 202);
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} says that {item} is {outcome} to {seat}", [this](const Bound& bound) {
        ask(Kind::question_answer, bound.at("inbox"), question_id(bound),
            json{{"outcome", bound.at("outcome")}, {"reason", "Canary reason"}}.dump());
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} takes back what {item} is to {seat}", [this](const Bound& bound) {
        ask(Kind::question_take_back, bound.at("inbox"), question_id(bound),
            R"({"reason":"Canary reason"})");
        world().pass(seconds(3), seconds(1));
    });
    on("{inbox} recalls {item}", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        ask(Kind::recall, bound.at("inbox"), to_text(source.id.value_or(NotificationId())),
            R"({"reason":"wrong_child"})", 202);
    });
    on("{inbox} recalls {item} from {seat} only", [this](const Bound& bound) {
        const auto& source = item(bound.at("item"));
        const Seat from = seat(bound.at("seat"));
        const json recipient{{"agency", from.agency.value()}, {"role", from.role.value()}};
        ask(Kind::recall, bound.at("inbox"), to_text(source.id.value_or(NotificationId())),
            json{{"reason", "wrong_recipient"}, {"recipients", {recipient}}}.dump(), 202);
    });
    on("a conflict about {child} excludes {inbox}", [this](const Bound& bound) {
        expect(workload_->declare_conflict(child(bound.at("child")), bound.at("inbox")).has_value(),
               "the conflict was not recorded");
        world().settle();
    });
    on("a conflict about {child} names the person of {inbox}", [this](const Bound& bound) {
        expect(workload_->declare_conflict_of_person(child(bound.at("child")), bound.at("inbox"))
                   .has_value(),
               "the conflict was not recorded");
        world().settle();
    });
    on("the person of {inbox} also opens {other} from now on",
       [this](const Bound& bound) { also_opens(bound.at("inbox"), bound.at("other")); });
    on("{inbox} asks to release the address of {item} to {seat} as {other}",
       [this](const Bound& bound) { ask_release(bound); });
    on("{inbox} may not allow {item}", [this](const Bound& bound) {
        ask(Kind::held_answer, bound.at("inbox"), to_text(named(bound.at("item")).id),
            json{{"allow", true}, {"reason", "Canary reason"}}.dump(), 403);
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
    on("remember how {inbox} looks",
       [this](const Bound& bound) { looks_[bound.at("inbox")] = look_of(bound.at("inbox")); });
}

std::size_t Player::open_count(const std::string& inbox) {
    runtime::ApiRequest request;
    request.kind = Kind::received_list;
    request.credential = world().token_of(InboxId(inbox));
    request.inbox = InboxId(inbox);
    request.filter["counts"] = "true";
    const auto effects = world().give(HostId(host_of(inbox)), std::move(request));
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        const auto* reply = std::get_if<runtime::ApiReply>(&effect);
        if (reply == nullptr) continue;
        return json::parse(reply->json.reveal()).at("counts").at("inboxes").at(0).at("open");
    }
    throw Fault{inbox + " counts nothing"};
}

std::string Player::links_of(const Bound& bound) {
    runtime::ApiRequest request;
    request.kind = Kind::chronology;
    request.credential = world().token_of(InboxId(bound.at("inbox")));
    request.filter["received"] = id_of(bound.at("item"));
    const auto effects = world().give(HostId(host_of(bound.at("inbox"))), std::move(request));
    const auto other = to_text(named(bound.at("other")).id);
    std::string links;
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        const auto* reply = std::get_if<runtime::ApiReply>(&effect);
        if (reply == nullptr) continue;
        for (const auto& entry : json::parse(reply->json.reveal()).value("linked", json::array())) {
            if (entry.at("id") != other) continue;
            for (const auto& link : entry.at("links"))
                links += link.at("how").get<std::string>() + " ";
        }
    }
    std::ranges::replace(links, '_', '-');
    return links;
}

bool Player::is_linked(const Bound& bound, const std::string& how) {
    runtime::ApiRequest request;
    request.kind = Kind::chronology;
    request.credential = world().token_of(InboxId(bound.at("inbox")));
    request.filter["received"] = id_of(bound.at("item"));
    const auto effects = world().give(HostId(host_of(bound.at("inbox"))), std::move(request));
    const auto other = to_text(named(bound.at("other")).id);
    for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
        const auto* reply = std::get_if<runtime::ApiReply>(&effect);
        if (reply == nullptr) continue;
        for (const auto& entry :
             json::parse(reply->json.reveal()).value("entries", json::array())) {
            if (entry.at("id") == other && entry.at("how_linked") == how) return true;
        }
    }
    return false;
}

void Player::expectations() {
    on("no list holds what was severed",
       [this](const Bound&) { expect(!is_held_beside_severed(), "one does"); });
    on("{inbox} sees no name of {child} beside a name of {other}", [this](const Bound& bound) {
        const auto names = [&](const std::string& of) {
            const auto& subject = workload_->children()[child(of)].subject;
            return std::vector<std::string>{subject.nhs_number.reveal(),
                                            json(subject.surname.reveal()).dump()};
        };
        const auto holds = [](const std::string& text, const std::vector<std::string>& parts) {
            return std::ranges::any_of(parts, [&](const std::string& part) {
                return text.find(part) != std::string::npos;
            });
        };
        for (const auto& document : documents_of(bound.at("inbox"))) {
            expect(!holds(document, names(bound.at("child"))) ||
                       !holds(document, names(bound.at("other"))),
                   document);
        }
    });
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
    on("{inbox} may not read {item}", [this](const Bound& bound) {
        ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item")), {}, 404);
    });
    on("nobody of {inbox} asks it for {item} and is refused and logged",
       [this](const Bound& bound) {
           const auto refused = [&](const NotificationId& id) {
               runtime::ApiRequest request;
               request.kind = Kind::received_one;
               request.id = to_text(id);
               request.inbox = InboxId(bound.at("inbox"));
               request.credential = PersonalText("whoever knows a child's name");
               const auto effects = world().give(HostId(host_of(bound.at("inbox"))), request);
               std::string answer;
               bool is_logged = false;
               for (const auto& effect : effects.value_or(std::vector<runtime::Effect>())) {
                   if (const auto* reply = std::get_if<runtime::ApiReply>(&effect))
                       answer = std::to_string(reply->status) + " " + reply->json.reveal();
                   if (const auto* said = std::get_if<runtime::Recorded>(&effect))
                       is_logged = is_logged || said->event == LogEvent::access_refused;
               }
               expect(is_logged, "nothing is logged");
               return answer;
           };
           const auto answer = refused(named(bound.at("item")).id);
           expect(answer.starts_with("401 "), "it is answered " + answer);
           expect(answer == refused(NotificationId({9, 9, 9})), "it is told more than of nothing");
       });
    on("{inbox} lists {count}", [this](const Bound& bound) {
        const auto count = ask(Kind::received_list, bound.at("inbox")).at("received").size();
        expect(std::to_string(count) == bound.at("count"),
               bound.at("inbox") + " lists " + std::to_string(count));
    });
    on("{inbox} counts {count}", [this](const Bound& bound) {
        expect(std::to_string(open_count(bound.at("inbox"))) == bound.at("count"),
               bound.at("inbox") + " counts " + std::to_string(open_count(bound.at("inbox"))));
    });
    on("{inbox} reads in {item} {rest...}", [this](const Bound& bound) {
        const auto text =
            ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item"))).dump();
        expect(text.find(bound.at("rest")) != std::string::npos,
               bound.at("inbox") + " does not read that, but " + text);
    });
    on("{inbox} does not read in {item} {rest...}", [this](const Bound& bound) {
        const auto text =
            ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item"))).dump();
        expect(text.find(bound.at("rest")) == std::string::npos,
               bound.at("inbox") + " reads " + text);
    });
    on("{inbox} reads {rest...}", [this](const Bound& bound) {
        const auto list = ask(Kind::received_list, bound.at("inbox")).dump();
        expect(list.find(bound.at("rest")) != std::string::npos,
               bound.at("inbox") + " does not read that, but " + list);
    });
    const auto is_told_withheld = [this](const Bound& bound) {
        const auto opened = ask(Kind::received_one, bound.at("inbox"), id_of(bound.at("item")));
        return std::ranges::any_of(opened.at("withheld"), [&](const json& one) {
            return one.at("section") == bound.at("section");
        });
    };
    on("{inbox} is told that {section} of {item} is withheld",
       [is_told_withheld](const Bound& bound) {
           expect(is_told_withheld(bound), bound.at("inbox") + " is not told that");
       });
    on("{inbox} is not told that {section} of {item} is withheld",
       [is_told_withheld](const Bound& bound) {
           expect(!is_told_withheld(bound), bound.at("inbox") + " is told that");
       });
    on("{inbox} must take {item} by {date} {time}", [this](const Bound& bound) {
        const auto line = line_of(bound.at("inbox"), bound.at("item"));
        const auto by = wall_time_from_rfc3339(line.at("take_by").get<std::string>());
        const auto wanted = london(bound.at("date"), bound.at("time"));
        // Counted from the moment of sending, which is some milliseconds past the minute.
        expect(by && *by >= wanted && *by < wanted + std::chrono::minutes(1),
               bound.at("inbox") + " must take it by " + line.at("take_by_in_words").dump());
    });
    on("{inbox} has the return interview to hold by {date} {time}",
       [this](const Bound& bound) { holds(bound, "return_interview"); });
    on("{inbox} sees that a visit is due by {date} {time}",
       [this](const Bound& bound) { holds(bound, "private_fostering_visit"); });
    on("{inbox} has no return interview to hold", [this](const Bound& bound) {
        const auto held = clocks_of(bound.at("inbox"), "return_interview");
        expect(held.empty(), bound.at("inbox") + " has it to hold by " + words_of_all(held));
    });
    on("{inbox} has {item} as {urgency}", [this](const Bound& bound) {
        const auto urgency =
            line_of(bound.at("inbox"), bound.at("item")).at("urgency").get<std::string>();
        expect(urgency == bound.at("urgency"), bound.at("inbox") + " has it as " + urgency);
    });
    const auto is_asked = [this](const Bound& bound) {
        const auto wanted = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        return ask(Kind::held_list, bound.at("inbox")).dump().find(wanted) != std::string::npos;
    };
    on("{inbox} is asked about {item}", [is_asked](const Bound& bound) {
        expect(is_asked(bound), bound.at("inbox") + " is not asked");
    });
    on("{inbox} is not asked about {item}", [is_asked](const Bound& bound) {
        expect(!is_asked(bound), bound.at("inbox") + " is asked");
    });
    on("{inbox} is asked whether {item} is known to {seat}", [this](const Bound& bound) {
        expect(open_questions(bound) > 0, bound.at("inbox") + " is not asked that");
    });
    on("{inbox} is not asked whether {item} is known to {seat}", [this](const Bound& bound) {
        expect(open_questions(bound) == 0, bound.at("inbox") + " is asked");
    });
    on("{inbox} has {count} open questions", [this](const Bound& bound) {
        const auto list = ask(Kind::questions_list, bound.at("inbox")).at("questions");
        const auto count =
            std::ranges::count_if(list, [](const json& one) { return one.at("state") == "open"; });
        expect(std::to_string(count) == bound.at("count"),
               bound.at("inbox") + " has " + std::to_string(count));
    });
    on("the question of {inbox} about {item} and {seat} says {rest...}",
       [this](const Bound& bound) {
           const auto text = ask(Kind::question_one, bound.at("inbox"), question_id(bound)).dump();
           expect(text.find(bound.at("rest")) != std::string::npos, text);
       });
    on("{inbox} must answer whether {item} is known to {seat} by {date} {time}",
       [this](const Bound& bound) {
           const auto one = ask(Kind::question_one, bound.at("inbox"), question_id(bound));
           const auto by = wall_time_from_rfc3339(one.at("due").get<std::string>());
           const auto wanted = london(bound.at("date"), bound.at("time"));
           expect(by && *by >= wanted && *by < wanted + std::chrono::minutes(1), one.dump());
       });
    on("the sender of {item} reads {rest...}", [this](const Bound& bound) {
        const auto text = sender_reads(bound.at("item"));
        expect(text.find(bound.at("rest")) != std::string::npos,
               "the sender does not read that, but " + text);
    });
    on("the sender of {item} does not read {rest...}", [this](const Bound& bound) {
        const auto text = sender_reads(bound.at("item"));
        expect(text.find(bound.at("rest")) == std::string::npos, "the sender reads " + text);
    });
    on("the record of {item} says {rest...}", [this](const Bound& bound) {
        const auto text = record_of(bound.at("item"));
        expect(text.find(bound.at("rest")) != std::string::npos, "the record says " + text);
    });
    on("{inbox} looks as remembered", [this](const Bound& bound) {
        const auto now = look_of(bound.at("inbox"));
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
        expect(!own || runtime::went_to_nobody(*own), "it does");
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
    on("nobody must {kind} for {role} about {item}", [this](const Bound& bound) {
        expect(!has_task(bound.at("kind"), bound.at("role"), bound.at("item"), true),
               "there is such a task");
    });
    on("{inbox} must ring {agency} on {number} about {item} by {date} {time}",
       [this](const Bound& bound) {
           const auto task = ring_task(bound);
           auto number = task.at("telephone").get<std::string>();
           std::ranges::replace(number, ' ', '-');
           expect(number == bound.at("number"), "the number is " + number);
           const auto by = wall_time_from_rfc3339(task.at("due").get<std::string>());
           const auto wanted = london(bound.at("date"), bound.at("time"));
           expect(by && *by >= wanted && *by < wanted + std::chrono::minutes(1), task.dump());
       });
    on("{inbox} has it on the list to {kind} for {role} about {item}", [this](const Bound& bound) {
        const auto wanted = to_text(item(bound.at("item")).id.value_or(NotificationId()));
        const auto kind = look_up(tasks, bound.at("kind"), "something to be done");
        const auto list = ask(Kind::tasks_list, bound.at("inbox")).at("tasks");
        expect(std::ranges::any_of(list,
                                   [&](const json& one) {
                                       return one.at("notification").get<std::string>() == wanted &&
                                              one.at("role").get<std::string>() ==
                                                  bound.at("role") &&
                                              one.at("kind").get<std::string>() ==
                                                  std::string(runtime::word_of(kind));
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

Played play(const simulation::Enrolled& base, const std::string& file, std::string_view text) {
    Played played;
    Player player(base);
    std::istringstream in{std::string(text)};
    int number = 0;
    const auto at = [&] { return file + ":" + std::to_string(number) + ": "; };
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (const auto comment = line.find('#'); comment != std::string::npos) line.resize(comment);
        if (words_of(line).empty()) continue;
        try {
            const auto waited = player.pending().size();
            player.run(line);
            if (player.pending().size() > waited)
                played.pending.push_back(at() + player.pending().back());
        } catch (const Fault& fault) {
            played.faults.push_back(at() + fault.text);
            return played;  // what follows rests on it
        }
    }
    try {
        player.end();
    } catch (const Fault& fault) {
        played.faults.push_back(at() + fault.text);
    }
    return played;
}

}  // namespace mash::scenarios
