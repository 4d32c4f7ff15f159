#include "tests/simulation/looking.hpp"

#include <algorithm>
#include <vector>

#include "agents/runtime/core/records.hpp"
#include "tests/simulation/workload.hpp"

namespace mash::simulation {
namespace {

using nlohmann::json;
using Kind = runtime::ApiRequest::Kind;
namespace table = runtime::table;

constexpr std::size_t page = 3;  // so that whoever reads has to turn pages

class Look {
public:
    Look(World& world, HostId host, InboxId inbox, LookedAt when)
        : world_(world), host_(std::move(host)), inbox_(std::move(inbox)), when_(when) {}

    bool failed() const { return failed_; }

    /// Every answer to requests of this kind; null: it is none by which a person reads.
    json answers_to(Kind kind) {
        switch (kind) {
            case Kind::received_list: return received_lists();
            case Kind::received_one:
                if (when_ == LookedAt::another_moment) return nullptr;
                return each_received(kind, true);
            case Kind::chronology: return chronologies();
            case Kind::search: return searches();
            case Kind::access_log:
                if (when_ == LookedAt::another_moment) return nullptr;
                return access_log();
            case Kind::sent_list:
            case Kind::decisions_list: {
                json all = pages(kind, {});
                if (kind == Kind::decisions_list) append(all, decisions_of_what_is_known());
                return all;
            }
            case Kind::sent_one:
            case Kind::sent_content: return each(kind, listed(Kind::sent_list, "sent"));
            case Kind::decision_one: {
                const auto ids = listed(Kind::decisions_list, "decisions");
                json all = each(kind, ids);
                for (const auto& id : ids)
                    all.push_back(ask(request(kind, id), {{"full", "true"}}));
                return all;
            }
            case Kind::decision_replay:
                return each(kind, listed(Kind::decisions_list, "decisions"));
            case Kind::agreements_list: return one(kind);
            case Kind::agreement_one:
                return each(kind, listed(Kind::agreements_list, "agreements"));
            case Kind::questions_list: return one(kind);
            case Kind::question_one: return each(kind, listed(Kind::questions_list, "questions"));
            case Kind::drafts_list: return one(kind);
            case Kind::draft_one: return each(kind, listed(Kind::drafts_list, "drafts"));
            case Kind::tasks_list:
            case Kind::held_list:
            case Kind::conflicts_list:
            case Kind::rolls_list:
            case Kind::unconfirmed_list:
            case Kind::keys:
            case Kind::me:
            case Kind::catalogue: return one(kind);
            case Kind::status: return status();
            case Kind::colleagues: return one(kind);
            case Kind::preview: return previews();
            // What a person does. `care_status` looks up a child, and tells of it as an attendance.
            case Kind::taken:
            case Kind::decided:
            case Kind::held_answer:
            case Kind::recall:
            case Kind::release:
            case Kind::task_answer:
            case Kind::person_add:
            case Kind::person_remove:
            case Kind::conflict_add:
            case Kind::conflict_end:
            case Kind::roll_answer:
            case Kind::agreement_add:
            case Kind::agreement_withdraw:
            case Kind::stopped:
            case Kind::attached:
            case Kind::assigned:
            case Kind::case_number:
            case Kind::draft_save:
            case Kind::draft_delete:
            case Kind::inbox_rotate:
            case Kind::care_status:
            case Kind::question_look:
            case Kind::question_answer:
            case Kind::question_take_back:
            case Kind::account_remove: return nullptr;
            // The shell's own. What it tells a page that waits (`known_changes`) is watched as it
            // happens: silence.cpp.
            case Kind::account_read:
            case Kind::account_write:
            case Kind::account_reset:
            case Kind::known_changes:
            case Kind::intake_reader: return nullptr;
        }
        return nullptr;
    }

    /// By an id that this person was not shown.
    json guesses_of(Kind kind, const std::string& id) {
        auto asked = request(kind, id);
        if (kind == Kind::chronology || kind == Kind::received_list) {
            asked.id.clear();
            return ask(std::move(asked), {{"received", id}});
        }
        if (kind == Kind::decisions_list) {
            asked.id.clear();
            return ask(std::move(asked), {{"sent", id}});
        }
        return ask(std::move(asked), {});
    }

private:
    using Filter = std::map<std::string, std::string>;

    runtime::ApiRequest request(Kind kind, std::string id = {}) const {
        runtime::ApiRequest made;
        made.kind = kind;
        made.credential = world_.token_of(inbox_);
        made.id = std::move(id);
        if (kind == Kind::colleagues) made.inbox = inbox_;
        return made;
    }
    json ask(runtime::ApiRequest asked, Filter filter) {
        asked.filter = std::move(filter);
        const auto kind = asked.kind;
        const auto effects = world_.give(host_, std::move(asked));
        for (const auto& effect : effects.value_or(std::vector<runtime::Effect>{})) {
            const auto* reply = std::get_if<runtime::ApiReply>(&effect);
            if (reply == nullptr) continue;
            auto body = json::parse(reply->json.reveal());
            // One that is refused for its form shows nothing, and would always be the same.
            if (reply->status == 400 || reply->status == 422) {
                world_.violate("whoever looks asks what can be answered",
                               std::to_string(static_cast<int>(kind)) + " " + body.dump());
            }
            return json::array({reply->status, std::move(body)});
        }
        failed_ = true;
        return nullptr;
    }
    json one(Kind kind) { return json::array({ask(request(kind), {})}); }
    static void append(json& all, json more) {
        for (auto& each : more) all.push_back(std::move(each));
    }
    json pages(Kind kind, const Filter& filter) {
        json all = json::array();
        for (std::string cursor; !failed_;) {
            auto asked = request(kind);
            asked.cursor = cursor;
            asked.limit = page;
            all.push_back(ask(std::move(asked), filter));
            if (!goes_on(all.back(), cursor)) break;
        }
        return all;
    }
    /// The place of the next page tells of the moment and of ids, as the lines themselves do.
    static bool goes_on(json& answer, std::string& cursor) {
        if (!answer.is_array() || !answer.at(1).is_object()) return false;
        auto& next = answer.at(1)["next"];
        if (next.is_null()) return false;
        cursor = next.get<std::string>();
        next = "some";
        return true;
    }
    json each(Kind kind, const std::vector<std::string>& ids) {
        json all = json::array();
        for (const auto& id : ids) all.push_back(ask(request(kind, id), {}));
        return all;
    }
    std::vector<std::string> listed(Kind kind, const char* list) {
        std::vector<std::string> ids;
        const auto all =
            kind == Kind::sent_list || kind == Kind::decisions_list ? pages(kind, {}) : one(kind);
        for (const auto& answer : all) {
            if (!answer.is_array() || !answer.at(1).contains(list)) continue;
            for (const auto& line : answer.at(1).at(list))
                ids.push_back(line.at("id").get<std::string>());
        }
        return ids;
    }
    /// "sender/id" of what is in this inbox.
    std::vector<std::string> received() {
        std::vector<std::string> ids;
        for (const auto& answer : pages(Kind::received_list, {})) {
            if (!answer.is_array() || !answer.at(1).contains("received")) continue;
            for (const auto& line : answer.at(1).at("received"))
                ids.push_back(line.at("sender").get<std::string>() + "/" +
                              line.at("id").get<std::string>());
        }
        return ids;
    }
    /// How old the oldest waiting item is grows with the hours; that there is one at all does not.
    json status() {
        json all = one(Kind::status);
        if (when_ == LookedAt::same_moment || !all.front().is_array()) return all;
        for (auto& [name, value] : all.front().at(1).items()) {
            if (name.ends_with("_seconds") && value.is_number()) value = "some";
        }
        return all;
    }
    /// What was noted in one moment stands in an order that is drawn.
    json access_log() {
        json all = one(Kind::access_log);
        for (auto& answer : all) {
            if (!answer.is_array() || !answer.at(1).contains("access")) continue;
            auto& access = answer.at(1).at("access");
            auto lines = access.get<std::vector<json>>();
            std::ranges::sort(lines, {}, [](const json& line) { return line.dump(); });
            access = std::move(lines);
        }
        return all;
    }
    json each_received(Kind kind, bool by_id) {
        json all = json::array();
        for (const auto& id : received()) {
            auto asked = request(kind, by_id ? id : std::string());
            asked.inbox = inbox_;
            all.push_back(ask(std::move(asked), by_id ? Filter{} : Filter{{"received", id}}));
        }
        return all;
    }
    json received_lists() {
        json all = pages(Kind::received_list, {});
        for (const auto* state : {"open", "overdue", "mine", "unassigned", "taken", "closed"})
            append(all, pages(Kind::received_list, {{"state", state}, {"counts", "true"}}));
        append(all, each_received(Kind::received_list, false));
        return all;
    }
    json chronologies() {
        json all = each_received(Kind::chronology, false);
        // Taken away as a file.
        for (const auto& id : received()) {
            auto asked = request(Kind::chronology);
            asked.body = PersonalText(R"({"reason":"my_case"})");
            all.push_back(ask(std::move(asked), {{"received", id}, {"export", "true"}}));
        }
        return all;
    }
    json searches() {
        json all = json::array();
        for (const auto* words : {"canary", "canaryfolka", "canaryfolkb", "evt.what"}) {
            for (std::string cursor; !failed_;) {
                auto asked = request(Kind::search);
                asked.cursor = cursor;
                asked.body = PersonalText(json{{"words", words}, {"reason", "my_case"}}.dump());
                all.push_back(ask(std::move(asked), {}));
                if (!goes_on(all.back(), cursor)) break;
            }
        }
        return all;
    }
    json decisions_of_what_is_known() {
        json all = json::array();
        auto ids = listed(Kind::sent_list, "sent");
        for (const auto& id : received()) ids.push_back(id.substr(id.find('/') + 1));
        for (const auto& id : ids)
            all.push_back(ask(request(Kind::decisions_list), {{"sent", id}}));
        return all;
    }
    /// Who would be told, of each child of this world, were this person to send it now.
    json previews() {
        if (when_ == LookedAt::another_moment) return nullptr;
        json all = json::array();
        const auto dot = inbox_.value().find('.');
        for (std::size_t number = 0; number < 2; ++number) {
            const auto subject = invented_child(number).subject;
            const json said{{"agency", inbox_.value().substr(0, dot)},
                            {"role", inbox_.value().substr(dot + 1)},
                            {"source_ref", "looked:" + std::to_string(number)},
                            {"type", "safeguarding_referral"},
                            {"occurred_at", to_rfc3339(world_.now().wall)},
                            {"level", "4"},
                            {"harm", "likely_or_actual"},
                            {"purpose", "inform_function"},
                            {"agreement", {{"status", "refused"}, {"giver", "parent_pr"}}},
                            {"subject",
                             {{"nhs_number", subject.nhs_number.reveal()},
                              {"forename", subject.forename.reveal()},
                              {"surname", subject.surname.reveal()},
                              {"date_of_birth", subject.date_of_birth.reveal()}}},
                            {"sections", {{"evt", {{"what", "Canary words"}}}}}};
            auto asked = request(Kind::preview);
            asked.body = PersonalText(said.dump());
            all.push_back(ask(std::move(asked), {}));
        }
        return all;
    }

    World& world_;
    const HostId host_;
    const InboxId inbox_;
    const LookedAt when_;
    bool failed_ = false;
};

constexpr auto last_kind = Kind::intake_reader;

}  // namespace

json everything_shown(World& world, const HostId& host, const InboxId& inbox, LookedAt when) {
    Look look(world, host, inbox, when);
    json all;
    for (int kind = 0; kind <= static_cast<int>(last_kind); ++kind) {
        auto answers = look.answers_to(static_cast<Kind>(kind));
        if (!answers.is_null()) all["request " + std::to_string(kind)] = std::move(answers);
    }
    return look.failed() || world.violation() ? json() : all;
}

Guesses ids_in_store(World& world, const HostId& host) {
    Guesses ids;
    const auto view = world.agent(host).store().view();
    for (const auto& [inbox, sender, id] : table::inbox.collect_keys(*view, {}))
        ids.insert(sender.value() + "/" + to_text(id));
    for (const auto& id : table::outbox.collect_keys(*view, {})) ids.insert(to_text(id));
    for (const auto& id : table::decisions.collect_keys(*view, {})) ids.insert(to_text(id));
    for (const auto& id : table::agreements.collect_keys(*view, {})) ids.insert(to_text(id));
    for (const auto& id : table::tasks.collect_keys(*view, {})) ids.insert(to_text(id));
    for (const auto& id : table::conflicts.collect_keys(*view, {})) ids.insert(to_text(id));
    for (const auto& [person, id] : table::drafts.collect_keys(*view, {})) ids.insert(to_text(id));
    return ids;
}

json answers_to_guesses(World& world, const HostId& host, const InboxId& inbox,
                        const Guesses& guesses) {
    Look look(world, host, inbox, LookedAt::same_moment);
    json all = json::object();
    for (const auto& guess : guesses) {
        auto& answers = all[guess];
        const bool is_received = guess.find('/') != std::string::npos;
        const std::vector<Kind> kinds =
            is_received
                ? std::vector{Kind::received_list, Kind::received_one, Kind::chronology}
                : std::vector{Kind::received_one,   Kind::sent_one,     Kind::sent_content,
                              Kind::decisions_list, Kind::decision_one, Kind::decision_replay,
                              Kind::agreement_one,  Kind::question_one, Kind::draft_one};
        for (const auto kind : kinds) answers.push_back(look.guesses_of(kind, guess));
    }
    return look.failed() || world.violation() ? json() : all;
}

Guesses ids_in(const json& shown, const Guesses& of) {
    const auto text = shown.dump();
    Guesses found;
    for (const auto& id : of) {
        const auto bare = id.substr(id.find('/') == std::string::npos ? 0 : id.find('/') + 1);
        if (text.find(bare) != std::string::npos) found.insert(id);
    }
    return found;
}

}  // namespace mash::simulation
