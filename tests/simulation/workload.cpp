#include "tests/simulation/workload.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/records.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/crypto/storage_key.hpp"

namespace mash::simulation {
namespace {

using nlohmann::json;
using Kind = runtime::ApiRequest::Kind;

/// A valid number of the 999 test range.
std::string nhs_number(std::size_t child) {
    for (std::size_t tail = 1000 + child * 37;; ++tail) {
        const auto digits = "999" + std::to_string(1'000'000 + tail).substr(1);
        int sum = 0;
        for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - static_cast<int>(i));
        const int check = (11 - sum % 11) % 11;
        if (check < 10) return digits + std::to_string(check);
    }
}

const std::map<std::string, std::vector<std::string>>& everything_sayable() {
    static const std::map<std::string, std::vector<std::string>> fields{
        {"idn", {"forenames", "surname", "known_as", "nhs_number", "upn"}},
        {"adr", {"address", "postcode"}},
        {"plc", {"contact", "address"}},
        {"saf", {"address", "why_protected"}},
        {"loc", {"last_seen_place", "found_place"}},
        {"evt", {"what", "reference", "place", "details"}},
        {"nar", {"short", "worries"}},
        {"voi", {"words"}},
        {"rsk", {"grade", "factors"}},
        {"leg", {"whom_to_ring", "orders"}},
        {"hhd", {"contact", "members"}},
        {"alg", {"people"}},
        {"hlt", {"life_saving_medication", "conditions"}},
        {"hsn", {"details"}},
        {"int", {"product"}},
        {"op", {"operation"}},
        {"edu", {"what_this_school_must_do", "attendance"}},
        {"rfr", {"name"}},
        {"pro", {"whom_to_ring"}},
        {"sfc", {"note"}},
    };
    return fields;
}

std::string text_json(const std::string& text) { return json(text).dump(); }

runtime::Subject without_numbers(runtime::Subject subject) {
    subject.nhs_number = PersonalText("");
    subject.upn = PersonalText("");
    return subject;
}

}  // namespace

std::string marked(const std::string& section, const std::string& field, std::size_t child) {
    return std::string(canary) + " " + section + "." + field + " of child " +
           std::to_string(child) + ".";
}

Child invented_child(std::size_t number) {
    Child child;
    child.number = number;
    const std::string letter(1, static_cast<char>('a' + number % 26));
    child.subject.nhs_number = PersonalText(nhs_number(number));
    child.subject.forename = PersonalText(std::string(canary) + letter);
    child.subject.surname = PersonalText(std::string(canary) + "folk" + letter);
    child.subject.date_of_birth = PersonalText("201" + std::to_string(number % 8 + 1) + "-04-0" +
                                               std::to_string(number % 9 + 1));
    child.subject.postcode = PersonalText("WR5 " + std::to_string(number % 10) + "A" +
                                          static_cast<char>('A' + number % 20));
    return child;
}

Workload::Workload(World& world, std::uint64_t seed)
    : world_(world),
      dice_(seed, "workload"),
      agreements_(seed, "agreements"),
      families_(seed, "families"),
      asking_(seed, "asking") {}

std::size_t Workload::add_child(Child child) {
    child.number = children_.size();
    children_.push_back(std::move(child));
    return children_.size() - 1;
}

const Source* Workload::source_of(const NotificationId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &sources_[found->second];
}

std::optional<std::size_t> Workload::child_of(const NotificationId& id) const {
    const auto* source = origin_of(id);
    return source == nullptr ? std::nullopt : std::optional(source->child);
}

const Source* Workload::origin_of(const NotificationId& id) const {
    if (const auto* source = source_of(id)) return source;
    if (const auto original = original_of(id)) return origin_of(*original);
    for (const auto& [host, process] : world_.agents()) {
        const auto view = const_cast<AgentProcess&>(process).store().view();
        const auto item = runtime::table::outbox.get(*view, id);
        if (item && !item->supersedes.is_zero() && item->supersedes != id)
            return origin_of(item->supersedes);
    }
    return nullptr;
}

NotificationId Workload::passed_on_id(const AgencyId& sender, const NotificationId& original,
                                      WallTime occurred_at) const {
    const std::string ref = "pass-on/item/" + sender.value() + "/" + to_text(original);
    const auto digest = runtime::keyed_digest(world_.files(HostId("hub")).keys, "notification-id",
                                              {view_of(std::string_view("hub")), view_of(ref)});
    std::array<std::uint8_t, 10> tail{};
    std::copy_n(digest.begin(), tail.size(), tail.begin());
    return NotificationId(uuid_v7(static_cast<std::uint64_t>(occurred_at.unix_ms()), tail));
}

std::optional<NotificationId> Workload::original_of(const NotificationId& id) const {
    if (const auto known = originals_.find(id); known != originals_.end()) return known->second;
    for (const auto& [original, at] : by_id_) {
        const auto& said = sources_[at].notification;
        originals_.emplace(passed_on_id(said.agency, original, said.facts.occurred_at), original);
    }
    for (const auto& [host, process] : world_.agents()) {
        const auto view = const_cast<AgentProcess&>(process).store().view();
        for (const auto& [own, item] : runtime::table::outbox.collect(*view, {})) {
            if (item.agency != AgencyId("hub") && !by_id_.contains(own))
                originals_.emplace(passed_on_id(item.agency, own, item.occurred_at), own);
        }
    }
    const auto found = originals_.find(id);
    return found == originals_.end() ? std::nullopt : std::optional(found->second);
}

// ---- sources ----

runtime::Notification Workload::compose(
    const AgencyId& agency, const RoleId& role, const std::string& type, std::size_t child,
    const std::string& ref, const std::function<void(runtime::Notification&)>& change) const {
    runtime::Notification said;
    said.source_ref = ref;
    said.agency = agency;
    said.role = role;
    said.facts.type = TypeId(type);
    said.facts.occurred_at = world_.now().wall - std::chrono::minutes(10);
    const auto& known = children_[child];
    said.subject = known.is_known_by_address_only || known.is_known_by_initial
                       ? without_numbers(known.subject)
                       : known.subject;
    if (known.is_known_by_initial)
        said.subject.forename = PersonalText(known.subject.forename.reveal().substr(0, 1));
    for (const auto& [section, fields] : everything_sayable()) {
        for (const auto& field : fields)
            said.sections[section][field] = PersonalText(text_json(marked(section, field, child)));
    }
    if (change) change(said);
    return said;
}

Source& Workload::send(const HostId& host, const AgencyId& agency, const RoleId& role,
                       const std::string& type, std::size_t child, const std::string& ref,
                       const std::function<void(runtime::Notification&)>& change) {
    Source source;
    source.host = host;
    source.child = child;
    source.notification = compose(agency, role, type, child, ref, change);
    sources_.push_back(std::move(source));
    submit(sources_.back());
    return sources_.back();
}

void Workload::submit(Source& source) {
    runtime::Submit submit;
    submit.reply = 1;
    submit.notification = source.notification;
    submit.person = runtime::service_person();
    submit.reason = "intake";
    const auto effects = world_.give(source.host, std::move(submit));
    if (!effects) return learn_id(source);  // the folder keeps the file
    for (const auto& effect : *effects) {
        if (const auto* done = std::get_if<runtime::Submitted>(&effect)) {
            if (source.id && *source.id != done->id) {
                world_.violate("one record of a source is one notification",
                               to_text(*source.id) + " became " + to_text(done->id));
            }
            source.id = done->id;
            by_id_[done->id] = static_cast<std::size_t>(&source - sources_.data());
        }
        if (const auto* rejected = std::get_if<runtime::SubmitRejected>(&effect)) {
            if (rejected->code == ErrorCode::busy) return;
            source.is_rejected = true;
            std::string why(name_of(rejected->code));
            for (const auto& fault : rejected->faults) why += " " + fault.path + " " + fault.rule;
            world_.violate("what a source gives is taken in",
                           source.notification.facts.type.value() + ": " + why);
        }
    }
}

void Workload::learn_id(const Source& source) {
    const auto view = world_.agent(source.host).store().view();
    const auto& storage = world_.files(source.host).keys.storage;
    for (const auto& id : runtime::table::outbox.collect_keys(*view, {})) {
        if (by_id_.contains(id)) continue;
        const auto key = store::key_bytes(id);
        const auto space = runtime::sealed::notification;
        const auto stored = view->get(space, key);
        if (!stored) continue;
        const auto plain = crypto::decrypt_column(storage, space.name(), key, *stored);
        if (!plain) continue;
        const auto kept = runtime::from_canonical_json(text_of(*plain));
        if (kept && kept->agency == source.notification.agency &&
            kept->source_ref == source.notification.source_ref)
            by_id_[id] = static_cast<std::size_t>(&source - sources_.data());
    }
}

void Workload::read_again(const HostId& host) {
    for (auto& source : sources_) {
        if (source.host == host) submit(source);
    }
    rolls_sent_.clear();
}

bool Workload::send_roll(const std::string& host, const Seat& seat, const std::string& relation,
                         const std::function<bool(const Child&)>& is_on) {
    if (rolls_sent_.contains({seat, relation})) return false;
    runtime::ReplaceRoll roll;
    roll.reply = 1;
    roll.seat = seat;
    roll.relation = relation;
    roll.confirmed = true;
    roll.credential = world_.token_of(InboxId(seat.agency.value() + "." + seat.role.value()));
    for (auto& child : children_) {
        if (!is_on(child)) continue;
        child.ever_involved.insert(seat);
        auto said = child.in_lists.find(seat.agency.value());
        if (said == child.in_lists.end()) said = child.in_lists.find("");
        roll.entries.push_back({said == child.in_lists.end() ? child.subject : said->second,
                                "roll:" + std::to_string(child.number)});
    }
    const auto effects = world_.give(HostId(host), std::move(roll));
    if (!effects) return true;
    for (const auto& effect : *effects) {
        const auto* done = std::get_if<runtime::RollReplaced>(&effect);
        if (done != nullptr && done->ok) rolls_sent_.insert({seat, relation});
        if (done != nullptr && !done->ok && done->code != ErrorCode::busy) {
            world_.violate("a confirmed roll is taken in",
                           seat.agency.value() + " " + std::string(name_of(done->code)));
        }
    }
    return true;
}

void Workload::send_rolls() {
    for (const auto* school : {"orchard-gate", "teme-meadow", "quarry-college"}) {
        if (!world_.simulated().area.registry().agencies.contains(AgencyId(school))) continue;
        send_roll("schools", {AgencyId(school), RoleId("sch")}, "school",
                  [&](const Child& child) { return child.school == school; });
    }
    send_roll("social-care", {AgencyId("social-care"), RoleId("sw")}, "social_worker",
              [](const Child& child) { return child.has_social_worker; });
    if (std::ranges::any_of(children_, &Child::is_protected)) {
        send_roll("social-care", {AgencyId("social-care"), RoleId("sw")}, "protected",
                  [](const Child& child) { return child.is_protected; });
    }
    send_roll("health", {AgencyId("health"), RoleId("hv")}, "health_visitor",
              [](const Child& child) { return child.has_health_visitor; });
    send_roll(northmere, {AgencyId(northmere), RoleId("ola")}, "placing_authority",
              [](const Child& child) { return child.is_placed; });
    std::map<std::string, std::string> others;
    for (const auto& child : children_) others.insert(child.also.begin(), child.also.end());
    for (const auto& [relation, inbox] : others) {
        const auto dot = inbox.find('.');
        const Seat seat{AgencyId(inbox.substr(0, dot)), RoleId(inbox.substr(dot + 1))};
        for (const auto& [host, files] : world_.simulated().hosts) {
            if (!files.keys.agencies.contains(seat.agency)) continue;
            send_roll(host.value(), seat, relation, [&](const Child& child) {
                const auto own = child.also.find(relation);
                return own != child.also.end() && own->second == inbox;
            });
        }
    }
}

// ---- what happens ----

void Workload::missing() {
    const auto pick = dice_.below(10);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < episodes_.size(); ++i) {
        if (episodes_[i].is_open) open.push_back(i);
    }
    const bool starts = open.empty() || pick < 3;
    const auto grade =
        std::string(std::array{"high", "medium", "low", "none_apparent"}[dice_.below(4)]);
    const bool detrimental = dice_.chance(0.15);
    const auto child = dice_.below(children_.size());
    auto at = open.empty() ? 0 : dice_.pick(open);
    if (starts) {
        episodes_.push_back({child, next_ref_++, true, 0});
        at = episodes_.size() - 1;
    }
    auto& episode = episodes_[at];
    const auto ref = "misper:" + std::to_string(episode.number);
    const auto& school = children_[episode.child].school;
    const auto shape = [&](runtime::Notification& said) {
        said.thread_ref = ref;
        said.facts.risk_grade = grade;
        if (detrimental && !school.empty())
            said.facts.detriment = {{AgencyId(school), RoleId("sch")}};
    };
    const HostId police("police");
    if (starts) {
        send(police, AgencyId("police-wm"), RoleId("pol"), "missing_episode_started", episode.child,
             ref + ":start", shape);
    } else if (pick < 7) {
        const auto number = ++episode.updates;
        send(police, AgencyId("police-wm"), RoleId("pol"), "missing_episode_updated", episode.child,
             ref + ":update:" + std::to_string(number), [&](runtime::Notification& said) {
                 shape(said);
                 said.facts.kind = "information";
             });
    } else {
        episode.is_open = false;
        send(police, AgencyId("police-wm"), RoleId("pol"), "missing_episode_closed", episode.child,
             ref + ":closed", shape);
    }
}

void Workload::domestic_abuse() {
    const auto event = next_ref_++;
    const auto first = dice_.below(children_.size());
    const bool sibling = dice_.chance(0.5);
    const bool harmed = dice_.chance(0.3);
    for (std::size_t i = 0; i < (sibling ? 2U : 1U); ++i) {
        const auto child = (first + i) % children_.size();
        send(HostId("police"), AgencyId("police-wm"), RoleId("pol"), "domestic_abuse_incident",
             child, "da:" + std::to_string(event) + ":" + std::to_string(child),
             [&](runtime::Notification& said) {
                 said.event_ref = "da:" + std::to_string(event);
                 if (sibling) {
                     const auto other = (first + 1 - i) % children_.size();
                     said.linked.push_back(
                         {wire::LinkedRelation::sibling, children_[other].subject});
                 }
                 if (harmed) said.facts.harm = wire::Harm::likely_or_actual;
             });
    }
}

std::optional<wire::RoutingFacts> Workload::agreed_otherwise() {
    using enum wire::AgreementStatus;
    using wire::Giver;
    using wire::NotSoughtReason;
    wire::RoutingFacts facts;
    auto& agreement = facts.agreement;
    const bool applies = agreements_.chance(0.5);
    facts.level = std::array{
        wire::Level::one,   wire::Level::two,  wire::Level::two,
        wire::Level::three, wire::Level::four, wire::Level::unknown}[agreements_.below(6)];
    facts.purpose =
        agreements_.chance(0.6) ? wire::Purpose::request_service : wire::Purpose::inform_function;
    agreement.status =
        std::array{given, given, refused, withdrawn, not_sought}[agreements_.below(5)];
    agreement.giver = std::array{Giver::parent_pr, Giver::parent_pr, Giver::young_person_16_17,
                                 Giver::no_pr, Giver::unknown}[agreements_.below(5)];
    const auto reason = std::array{NotSoughtReason::none, NotSoughtReason::delay_to_enquiry,
                                   NotSoughtReason::giver_is_suspect}[agreements_.below(3)];
    if (agreement.status == not_sought || reason == NotSoughtReason::giver_is_suspect)
        agreement.not_sought_reason = reason;
    if (agreements_.chance(0.5)) agreement.named_agencies.emplace_back("hub");
    if (agreements_.chance(0.3)) agreement.named_agencies.emplace_back("social-care");
    agreement.other_holder_objects = agreements_.chance(0.1);
    agreement.child_and_parent_differ = agreements_.chance(0.1);
    return applies ? std::optional(facts) : std::nullopt;
}

void Workload::referral() {
    struct From {
        const char* host;
        const char* agency;
        const char* role;
    };
    const auto from = std::array<From, 4>{{{"schools", "orchard-gate", "sch"},
                                           {"schools", "teme-meadow", "sch"},
                                           {"health", "health", "hv"},
                                           {"social-care", "social-care", "sw"}}}[dice_.below(4)];
    const auto child = dice_.below(children_.size());
    const auto number = next_ref_++;
    const auto shape = dice_.below(6);
    const bool crime = dice_.chance(0.4);
    const auto otherwise = agreed_otherwise();
    send(HostId(from.host), AgencyId(from.agency), RoleId(from.role), "safeguarding_referral",
         child, "referral:" + std::to_string(number), [&](runtime::Notification& said) {
             auto& facts = said.facts;
             facts.purpose = wire::Purpose::request_service;
             facts.agreement.status = wire::AgreementStatus::given;
             facts.agreement.giver = wire::Giver::parent_pr;
             if (crime) facts.markers = {"crime_suspected"};
             switch (shape) {
                 case 0:
                 case 1:
                     facts.level = wire::Level::four;
                     facts.harm = wire::Harm::likely_or_actual;
                     break;
                 case 2:
                     facts.level = wire::Level::three;
                     facts.harm = wire::Harm::suspected;
                     break;
                 case 3:
                     facts.level = wire::Level::two;
                     facts.harm = wire::Harm::none;
                     facts.agreement.status = wire::AgreementStatus::refused;
                     break;
                 case 4:
                     facts.level = wire::Level::four;
                     facts.harm = wire::Harm::none;
                     break;
                 default:
                     facts.level = wire::Level::unknown;
                     facts.harm = wire::Harm::none;
                     facts.vital = crime;
                     break;
             }
             if (!otherwise) return;
             facts.vital = false;
             facts.harm = wire::Harm::none;
             facts.level = otherwise->level;
             facts.purpose = otherwise->purpose;
             facts.agreement = otherwise->agreement;
         });
}

void Workload::sighting_or_exploitation() {
    struct From {
        const char* host;
        const char* agency;
        const char* role;
    };
    const auto from = std::array<From, 4>{{{"schools", "orchard-gate", "sch"},
                                           {"schools", "teme-meadow", "sch"},
                                           {"health", "health", "hv"},
                                           {"social-care", "social-care", "sw"}}}[dice_.below(4)];
    const auto child = dice_.below(children_.size());
    const auto number = std::to_string(next_ref_++);
    const bool is_sighting = dice_.chance(0.5);
    const bool is_likely = dice_.chance(0.6);
    // A protected address or a live operation: a person passes on.
    const bool never_travels = dice_.chance(0.2);
    send(HostId(from.host), AgencyId(from.agency), RoleId(from.role),
         is_sighting ? "missing_episode_updated" : "exploitation_concern", child,
         (is_sighting ? "sighting:" : "exploitation:") + number, [&](runtime::Notification& said) {
             auto& facts = said.facts;
             if (!never_travels) {
                 said.sections.erase("saf");
                 said.sections.erase("op");
             }
             if (is_sighting) {
                 facts.kind = "sighting";
                 return;
             }
             facts.level = wire::Level::four;
             facts.harm = is_likely ? wire::Harm::likely_or_actual : wire::Harm::suspected;
             facts.purpose = wire::Purpose::inform_function;
             facts.agreement.status = wire::AgreementStatus::not_sought;
             facts.agreement.not_sought_reason = wire::NotSoughtReason::risk_to_child;
         });
}

std::string Workload::seat_inbox_of(const AgencyId& agency) {
    if (agency == AgencyId("police-wm")) return "police-wm.pol";
    if (agency == AgencyId("hub")) return "hub.ffd";
    if (agency == AgencyId("social-care")) return "social-care.sw";
    if (agency == AgencyId("health")) return "health.hv";
    if (agency == AgencyId(northmere)) return "northmere.ola";
    return agency.value() + ".sch";
}

void Workload::take_all(const std::string& host, const std::string& inbox, bool decide) {
    const auto& token = world_.token_of(InboxId(inbox));
    const auto received = world_.received(HostId(host), token, InboxId(inbox));
    if (!received) return;
    for (const auto& line : *received) {
        const auto item = json::parse(line);
        const auto id =
            item.at("sender").get<std::string>() + "/" + item.at("id").get<std::string>();
        const auto& stop = item.at("agreement_withdrawn");
        if (!stop.is_null() && stop.at("confirmed_at").is_null() &&
            item.at("progress").at("recalled_at").is_null()) {
            const auto said = world_.ask(HostId(host), Kind::stopped, token, id, "{}", inbox);
            if (!said) return;
            if (said->status != 200)
                return world_.violate("whoever is told to stop can say that they have",
                                      inbox + " " + said->json.reveal());
            continue;
        }
        if (!stop.is_null() || !item.at("progress").at("taken_at").is_null() ||
            !item.at("progress").at("recalled_at").is_null())
            continue;
        const auto opened = world_.ask(HostId(host), Kind::received_one, token, id, "", inbox);
        if (!opened) return;
        if (opened->status != 200) {
            world_.violate("what is listed opens", inbox + " " + id + " " + opened->json.reveal());
            return;
        }
        const auto taken = world_.ask(HostId(host), Kind::taken, token, id, "{}", inbox);
        if (!taken) return;
        if (taken->status != 200)
            return world_.violate("what is opened can be taken",
                                  inbox + " " + taken->json.reveal());
        if (decide)
            (void)world_.ask(HostId(host), Kind::decided, token, id,
                             R"({"outcome":"no_further_action"})", inbox);
    }
}

void Workload::answer_all(const std::string& host, const std::string& inbox, bool allow) {
    const auto& token = world_.token_of(InboxId(inbox));
    const json answer{{"allow", allow},
                      {"reason", std::string(canary) + " reason: it is right for her"}};
    if (const auto held = world_.ask(HostId(host), Kind::held_list, token);
        held && held->status == 200) {
        const auto parsed = json::parse(held->json.reveal());
        for (const auto& one : parsed.at("held")) {
            (void)world_.ask(HostId(host), Kind::held_answer, token,
                             one.at("id").get<std::string>(), answer.dump());
        }
    }
    if (const auto tasks = world_.ask(HostId(host), Kind::tasks_list, token);
        tasks && tasks->status == 200) {
        const auto parsed = json::parse(tasks->json.reveal());
        for (const auto& one : parsed.at("tasks")) {
            if (one.at("kind") == "held") continue;
            const bool is_done = one.at("kind") == "review" || one.at("kind") == "unknown_person";
            const json told{{"outcome", is_done ? "done" : "told_by_other_means"},
                            {"reason", std::string(canary) + " reason: rang them"}};
            (void)world_.ask(HostId(host), Kind::task_answer, token,
                             one.at("id").get<std::string>(), told.dump());
        }
    }
}

bool Workload::recall(Source& source, const std::string& inbox) {
    if (!source.id) return false;
    const auto reply = world_.ask(source.host, Kind::recall, world_.token_of(InboxId(inbox)),
                                  to_text(*source.id), R"({"reason":"wrong_child"})");
    if (!reply || reply->status != 202) return false;
    source.was_recalled = true;
    const auto sent = world_.ask(source.host, Kind::sent_one, world_.token_of(InboxId(inbox)),
                                 to_text(*source.id));
    if (sent && sent->status == 200 &&
        !json::parse(sent->json.reveal()).at("recalled").at("confirm_by").is_string())
        world_.violate("whoever recalls is told until when it is confirmed", to_text(*source.id));
    return true;
}

std::optional<std::string> Workload::declare_conflict(std::size_t child,
                                                      const std::string& excluded_inbox) {
    return declare(child, "excluded", json::array({excluded_inbox}));
}

std::optional<std::string> Workload::declare_conflict_of_person(std::size_t child,
                                                                const std::string& inbox) {
    const auto credential = runtime::credential_from_text(world_.token_of(InboxId(inbox)));
    const auto agency = inbox.substr(0, inbox.find('.'));
    return declare(child, "people",
                   json::array({{{"agency", agency}, {"person", credential->person.value()}}}));
}

void Workload::adopt(Source source) {
    if (!source.id) return;
    by_id_[*source.id] = sources_.size();
    sources_.push_back(std::move(source));
}

std::optional<std::string> Workload::declare(std::size_t child, const char* field,
                                             const json& excluded) {
    const auto& subject = children_[child].subject;
    const json body{{"subject",
                     {{"nhs_number", subject.nhs_number.reveal()},
                      {"forename", subject.forename.reveal()},
                      {"surname", subject.surname.reveal()},
                      {"date_of_birth", subject.date_of_birth.reveal()},
                      {"postcode", subject.postcode.reveal()}}},
                    {field, excluded},
                    {"reason", std::string(canary) + " reason: her father"}};
    const auto reply = world_.ask(HostId("hub"), Kind::conflict_add,
                                  world_.token_of(InboxId("hub.lado")), "", body.dump());
    if (!reply) return std::nullopt;
    if (reply->status == 503) return std::nullopt;  // no documents yet
    if (reply->status != 201) {
        world_.violate("the designated officer declares a conflict", reply->json.reveal());
        return std::nullopt;
    }
    return json::parse(reply->json.reveal()).at("id").get<std::string>();
}

void Workload::somebody_reads() {
    const auto& [host, inbox] = dice_.pick(SimulatedArea::people_inboxes());
    const bool answers = dice_.chance(0.3);
    const bool allow = dice_.chance(0.6);
    if (answers) return answer_all(host, inbox, allow);
    take_all(host, inbox, allow);
}

void Workload::somebody_recalls() {
    if (sources_.empty()) return;
    auto& source = sources_[dice_.below(sources_.size())];
    recall(source, seat_inbox_of(source.notification.agency));
}

void Workload::somebody_conflicted() {
    const auto child = dice_.below(children_.size());
    const bool ends = dice_.chance(0.3);
    const auto& inbox = dice_.pick(SimulatedArea::people_inboxes()).second;
    if (ends && !conflicts_.empty()) {
        (void)world_.ask(HostId("hub"), Kind::conflict_end, world_.token_of(InboxId("hub.ffd")),
                         conflicts_.back());
        conflicts_.pop_back();
        return;
    }
    if (auto id = declare_conflict(child, inbox)) conflicts_.push_back(std::move(*id));
}

void Workload::family_agrees() {
    const auto from = std::array<std::pair<const char*, const char*>, 3>{
        {{"schools", "orchard-gate"},
         {"schools", "teme-meadow"},
         {"health", "health"}}}[families_.below(3)];
    const auto child = families_.below(children_.size());
    const auto number = next_ref_++;
    const bool is_in_need = families_.chance(0.4);
    const bool names_social_care = families_.chance(0.5);
    const AgencyId agency(from.second);
    const RoleId role(agency == AgencyId("health") ? "hv" : "sch");
    const auto& sent = send(HostId(from.first), agency, role, "safeguarding_referral", child,
                            "agreed:" + std::to_string(number), [&](runtime::Notification& said) {
                                auto& facts = said.facts;
                                facts.harm = wire::Harm::none;
                                facts.level = is_in_need ? wire::Level::four : wire::Level::two;
                                facts.purpose = wire::Purpose::request_service;
                                facts.agreement.status = wire::AgreementStatus::given;
                                facts.agreement.giver = wire::Giver::parent_pr;
                                facts.agreement.purpose = wire::Purpose::request_service;
                                facts.agreement.named_agencies.emplace_back("hub");
                                if (names_social_care)
                                    facts.agreement.named_agencies.emplace_back("social-care");
                            });
    record_agreement(sent);
}

void Workload::record_agreement(const Source& source) {
    if (!source.id) return;
    const auto& said = source.notification;
    const auto& agreement = said.facts.agreement;
    json record{{"status", "given"},
                {"giver", std::string(runtime::word_of(agreement.giver))},
                {"form", "verbal"},
                {"purpose", std::string(runtime::word_of(said.facts.purpose))},
                {"named_agencies", json::array()},
                // The agent's clock may have been put right since.
                {"said_at", to_rfc3339(said.facts.occurred_at - std::chrono::hours(24))},
                {"notification", to_text(*source.id)},
                {"subject",
                 {{"nhs_number", said.subject.nhs_number.reveal()},
                  {"forename", said.subject.forename.reveal()},
                  {"surname", said.subject.surname.reveal()},
                  {"date_of_birth", said.subject.date_of_birth.reveal()},
                  {"postcode", said.subject.postcode.reveal()}}}};
    for (const auto& agency : agreement.named_agencies)
        record["named_agencies"].push_back(agency.value());
    const InboxId inbox(seat_inbox_of(said.agency));
    const auto reply =
        world_.ask(source.host, Kind::agreement_add, world_.token_of(inbox), "", record.dump());
    if (!reply) return;
    if (reply->status != 201)
        return world_.violate("what a family agreed to is recorded", reply->json.reveal());
    recorded_.push_back({static_cast<std::size_t>(&source - sources_.data()),
                         json::parse(reply->json.reveal()).at("id").get<std::string>()});
}

void Workload::family_withdraws() {
    if (recorded_.empty()) return;
    const auto at = families_.below(recorded_.size());
    auto& source = sources_[recorded_[at].source];
    const InboxId inbox(seat_inbox_of(source.notification.agency));
    const auto sent = source.id ? runtime::table::outbox.get(
                                      *world_.agent(source.host).store().view(), *source.id)
                                : std::nullopt;
    const auto reply = world_.ask(source.host, Kind::agreement_withdraw, world_.token_of(inbox),
                                  recorded_[at].id, R"({"reason":"she took it back"})");
    if (!reply) return;
    // A record that a backup does not have is gone with it.
    if (reply->status == 202) {
        source.had_gone = !source.was_withdrawn && sent && sent->accepted_at.is_set();
        source.was_withdrawn = true;
    }
    recorded_.erase(recorded_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Workload::child_moves() {
    auto& child = children_[dice_.below(children_.size())];
    child.school = child.school == "orchard-gate" ? "teme-meadow" : "orchard-gate";
    rolls_sent_.clear();
}

void Workload::act() {
    if (children_.empty()) {
        const auto count = 2 + dice_.below(3);
        for (std::size_t i = 0; i < count; ++i) {
            auto child = invented_child(i);
            child.is_known_by_address_only = dice_.chance(0.3);
            child.school = dice_.chance(0.5)   ? "orchard-gate"
                           : dice_.chance(0.7) ? "teme-meadow"
                                               : "";
            child.has_social_worker = dice_.chance(0.5);
            child.has_health_visitor = dice_.chance(0.4);
            child.is_placed = dice_.chance(0.3);
            add_child(std::move(child));
        }
        if (asks_) make_children_alike();
    }
    if (asks_ && asking_.chance(0.25)) return somebody_answers_questions();
    if (families_agree_ && families_.chance(0.12)) family_agrees();
    if (families_agree_ && families_.chance(0.08)) family_withdraws();
    const auto draw = dice_.below(100);
    if (rolls_sent_.size() < 5 && draw < 40) return send_rolls();
    if (draw < 30) return missing();
    if (draw < 38) return domestic_abuse();
    if (draw < 46) return referral();
    if (draw < 54) return sighting_or_exploitation();
    if (draw < 84) return somebody_reads();
    if (draw < 89) return somebody_recalls();
    if (draw < 93) return somebody_conflicted();
    if (draw < 96) return child_moves();
    read_again(dice_.pick(world_.agents()).first);
}

void Workload::finish() {
    for (const auto& [host, process] : world_.agents()) read_again(host);
    send_rolls();
    bool answers = asks_;
    const auto look = [&](bool allow) {
        if (answers) {
            answer_questions("hub.ffd", {.looks = allow});
            answer_questions("hub.edt", {});
            world_.settle();
        }
        for (const auto& [host, inbox] : SimulatedArea::people_inboxes()) {
            answer_all(host, inbox, allow);
            world_.settle();
        }
        for (const auto& [host, inbox] : SimulatedArea::people_inboxes())
            take_all(host, inbox, false);
        world_.settle();
    };
    if (families_.chance(0.5)) family_withdraws();
    for (int round = 0; round < 4 && !world_.violation(); ++round) {
        world_.pass(std::chrono::seconds(66), std::chrono::seconds(22));
        send_rolls();
        look(round % 2 == 0);
    }
    world_.pass(std::chrono::seconds(130), std::chrono::seconds(65));
    if (asks_ && !world_.violation()) {
        // Nobody is rung about whoever may still say yes before five minutes have passed.
        look(true);
        answers = false;  // whom the last answer reached is to have time to take it
        world_.pass(std::chrono::minutes(6), std::chrono::seconds(60));
        look(true);
        world_.pass(std::chrono::seconds(130), std::chrono::seconds(65));
    }
    // What found nobody at first is asked about again, at growing intervals, and may only have
    // come now.
    if (!world_.violation()) look(true);
}

}  // namespace mash::simulation
