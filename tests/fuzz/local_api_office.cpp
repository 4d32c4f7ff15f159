#include "tests/fuzz/local_api_office.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>
#include <vector>

#include <nlohmann/json.hpp>

#include "agents/runtime/shell/operation.hpp"
#include "common/base/check.hpp"
#include "common/crypto/box.hpp"
#include "common/wire/codec.hpp"

namespace mash::fuzz {

using namespace runtime;
using namespace runtime::testing;

using nlohmann::json;
using runtime_shell::Operation;
using Kind = ApiRequest::Kind;

namespace {

const json wren{{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};

std::vector<Operation> operations_of_the_core() {
    std::vector<Operation> out;
    for (const auto& operation : runtime_shell::operations())
        if (operation.target == Operation::Target::core) out.push_back(operation);
    return out;
}

/// One of `size`, always the same for the same word.
std::size_t chosen_by(std::string_view word, std::size_t size) {
    return std::accumulate(
               word.begin(), word.end(), std::size_t{7},
               [](std::size_t sum, char c) { return sum * 31 + static_cast<unsigned char>(c); }) %
           size;
}

std::string_view cut(std::string_view& text, char at) {
    const auto end = text.find(at);
    const auto first = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return first;
}

ReplaceRoll roll_of(int pupils) {
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    for (int i = 0; i < pupils; ++i) {
        RollEntry entry;
        entry.source_ref = "pupil:" + std::to_string(i);
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText(std::string("Pupil") + static_cast<char>('A' + i));
        entry.subject.date_of_birth = PersonalText("2014-01-01");
        roll.entries.push_back(std::move(entry));
    }
    return roll;
}

}  // namespace

Office::Office() : hospital_(world_.area, world_.now, "health", {"health"}, 12) {
    crypto::SeededRandom random(13, "pepper");
    const auto pepper = crypto::SecretBytes::random(32, random);
    world_.area.change_registry(
        [&](area::Registry& registry) {
            const auto& box = hospital_.keys.agencies.at(AgencyId("health")).box.front();
            auto& entry = registry.agencies.at(AgencyId("health"));
            entry.box_public_key = box.public_key.value();
            entry.sealed_pepper = *crypto::seal_to(box.public_key, pepper.reveal(), random);
        },
        world_.now.wall);
    world_.connect_all();
    world_.connect(hospital_);
    const auto add = [&](const char* who, TestHost& host, const char* agency,
                         const std::vector<std::string>& inboxes,
                         const std::vector<std::string>& roles = {}) {
        people_[who] = {&host, host.add_person("Invented Person", agency, inboxes, roles)};
    };
    add("officer", world_.police, "police-wm", {"police-wm.pol", "police-wm.manager"});
    add("front_door", world_.hub, "hub", {"hub.ffd", "hub.lado"}, {"ffd"});
    add("colleague", world_.hub, "hub", {"hub.ffd"});
    add("lead", world_.schools, "orchard-gate", {"orchard-gate.sch"});
    add("nurse", hospital_, "health", {"health.urg"});
    people_["service"] = {&world_.hub, world_.hub.service_token};
    people_["nobody"] = {&world_.hub, PersonalText("")};
    world_.settle();

    receive_and_hold();
    ask_whether_it_is_the_same_child();
    let_a_roll_wait();
    record_agreements();
    keep_small_things();
    for (auto* host : {&world_.police, &world_.hub, &world_.schools, &hospital_}) {
        kept_.emplace(host->id, host->store.snapshot());
        host->restart();
    }
}

ApiReply Office::ask(const std::string& who, Kind kind, const std::string& id,
                     const std::string& body) {
    const auto& asker = people_.at(who);
    auto reply = asker.host->ask(kind, asker.token, id, body);
    world_.settle();
    return reply;
}

std::string Office::made(const std::string& who, Kind kind, const std::string& id,
                         const std::string& body, const char* name) {
    const auto reply = ask(who, kind, id, body);
    CHECK(reply.status >= 200 && reply.status < 300);
    return json::parse(reply.json.reveal()).value(name, "");
}

/// A received item, the same held for one recipient and with an address that may be released, and
/// a task.
void Office::receive_and_hold() {
    auto notification = world_.detrimental_child();
    notification.sections["saf"]["address"] = PersonalText(R"("1 Invented Street")");
    ids_["item"] = to_text(world_.send(world_.police, notification));
    ids_["task"] = to_text(world_.give_gap_task().id);
    const auto decisions = ask("officer", Kind::decisions_list, "", "");
    ids_["decision"] =
        json::parse(decisions.json.reveal()).at("decisions").back().at("id").get<std::string>();
}

/// Two questions of the front door: one open, one answered.
void Office::ask_whether_it_is_the_same_child() {
    const auto claim =
        wire::decode_body<wire::InvolvementClaim>(world_.broker.claims.front().body)->id;
    const NotificationId item(*uuid_from_text(ids_.at("item")));
    for (const auto& [name, number] : {std::pair("question", 77), {"answered", 78}}) {
        const auto id = test::id_of<TaskId>(static_cast<std::uint8_t>(number));
        wire::TaskNotice notice;
        notice.task.id = id;
        notice.task.kind = wire::TaskKind::possible_match;
        notice.task.owner = {AgencyId("hub"), RoleId("ffd")};
        notice.task.notification = item;
        notice.task.sender = AgencyId("police-wm");
        notice.task.type = TypeId("missing_episode_started");
        notice.task.agency = AgencyId("orchard-gate");
        notice.task.role = RoleId("sch");
        notice.task.due = world_.now.wall + std::chrono::hours(1);
        notice.question =
            wire::IdentityQuestion{claim, "school", ThreadId(item.value()), false, {}};
        world_.broker.queue(world_.hub.id, notice);
        world_.settle();
        ids_[name] = to_text(id);
    }
    made("front_door", Kind::question_answer, ids_.at("answered"),
         R"({"outcome":"different","reason":"I rang them"})");
}

void Office::let_a_roll_wait() {
    for (const int pupils : {20, 5}) {
        world_.schools.give(roll_of(pupils));
        world_.settle();
    }
    const auto rolls = ask("lead", Kind::rolls_list, "", "");
    ids_["roll"] = json::parse(rolls.json.reveal()).at("rolls").at(0).at("id").get<std::string>();
}

/// An agreement that stands, and another on which something was sent before it was withdrawn.
void Office::record_agreements() {
    const json said{{"status", "given"},
                    {"giver", "parent_pr"},
                    {"form", "written"},
                    {"purpose", "request_service"},
                    {"named_agencies", {"hub"}},
                    {"said_at", to_rfc3339(world_.now.wall)},
                    {"subject", wren}};
    ids_["agreement"] = made("lead", Kind::agreement_add, "", said.dump());
    const auto withdrawn = made("lead", Kind::agreement_add, "", said.dump());
    auto help = world_.missing_child("help:1", "safeguarding_referral");
    help.agency = AgencyId("orchard-gate");
    help.role = RoleId("sch");
    help.thread_ref = help.facts.risk_grade = "";
    help.facts.level = wire::Level::three;
    help.facts.harm = wire::Harm::none;
    help.facts.purpose = wire::Purpose::request_service;
    help.agreement_record = AgreementId(*uuid_from_text(withdrawn));
    ids_["helped"] = to_text(world_.send(world_.schools, help));
    made("lead", Kind::agreement_withdraw, withdrawn, "");
}

void Office::keep_small_things() {
    ids_["draft"] = "0192f000-0000-7000-8000-000000000001";
    made(
        "front_door", Kind::draft_save, "",
        json{
            {"id", ids_["draft"]}, {"revision", 0}, {"label", "begun"}, {"content", json::object()}}
            .dump());
    ids_["conflict"] = made(
        "front_door", Kind::conflict_add, "",
        json{{"subject", wren}, {"excluded", {"teme-meadow.sch"}}, {"reason", "an uncle"}}.dump());
    const auto& colleague = people_.at("colleague");
    const auto name = credential_from_text(colleague.token)->person;
    ids_["colleague"] = name.value();
    made("colleague", Kind::account_write, "",
         json{{"name", "a.colleague"},
              {"revision", 0},
              {"account", to_base64url(view_of("sealed by the shell"))},
              {"confirmed", true},
              {"event", "signed_in"}}
             .dump());
    ids_["inbox"] = "hub.ffd";
}

Office::Played Office::play(std::string_view text) {
    static const auto operations = operations_of_the_core();
    const auto wanted = cut(text, '\n');
    auto words = cut(text, '\n');
    const auto named = [&](const Operation& one) {
        return std::string(one.method) + " " + std::string(one.pattern);
    };
    auto operation = std::ranges::find_if(
        operations, [&](const Operation& one) { return named(one) == wanted; });
    if (operation == operations.end())
        operation =
            operations.begin() + static_cast<std::ptrdiff_t>(chosen_by(wanted, operations.size()));
    const auto who = cut(words, ' ');
    auto person = people_.find(std::string(who));
    if (person == people_.end())
        person =
            std::next(people_.begin(), static_cast<std::ptrdiff_t>(chosen_by(who, people_.size())));

    const auto meant = [&](std::string_view word) {
        const auto known = ids_.find(std::string(word));
        return known == ids_.end() ? std::string(word) : known->second;
    };
    ApiRequest request;
    request.kind = operation->kind;
    request.credential = person->second.token;
    request.id = meant(cut(words, ' '));
    while (!words.empty()) {
        auto value = cut(words, ' ');
        const std::string name(cut(value, '='));
        if (name == "inbox") {
            request.inbox = InboxId(meant(value));
        } else if (name == "cursor") {
            request.cursor = meant(value);
        } else if (name == "limit") {
            std::from_chars(value.data(), value.data() + value.size(), request.limit);
        } else {
            request.filter.emplace(name, meant(value));
        }
    }
    request.body = PersonalText(std::string(text));
    auto& host = *person->second.host;
    const auto reply = host.ask(std::move(request));
    host.store.restore(kept_.at(host.id));
    host.restart();
    host.seen.clear();
    return {named(*operation), reply.status};
}

}  // namespace mash::fuzz
