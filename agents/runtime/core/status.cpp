// How this agent is: the link, the documents it decides by, and the age of the oldest unsent,
// unopened and untaken item. A backlog inside an agency is invisible from the centre otherwise.
// Counts, ages and codes only. Of files that wait everybody here is told: none of them has come to
// anybody's inbox yet. Of all else the service is told of the whole host; a person of what lies in
// their own inboxes, because one age more would tell an excluded person that something came to
// another.
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "common/crypto/curve_fingerprint.hpp"

namespace mash::runtime {
namespace {

std::int64_t age_seconds(const Step& step, WallTime since) {
    return std::max<std::int64_t>(0, (step.now.wall - since).count() / 1000);
}

/// Over all lanes; the list is in lane order, so the oldest of each lane is its first.
Json oldest_unsent(Step& step) {
    std::optional<WallTime> oldest;
    for (std::uint8_t lane = 1; lane <= static_cast<std::uint8_t>(wire::Lane::bulk); ++lane) {
        const Bytes prefix = store::key_bytes(lane);
        for (const auto& key :
             table::outbox_open.collect_keys(step.tx, {.prefix = prefix, .limit = 1})) {
            if (!oldest || std::get<1>(key) < *oldest) oldest = std::get<1>(key);
        }
    }
    return oldest ? Json(age_seconds(step, *oldest)) : Json(nullptr);
}

bool may_know_of(Step& step, const Caller& caller, const InboxId& inbox) {
    return caller.service || is_member(step, caller, inbox);
}

template <class Table>
Json oldest_of(Step& step, const Caller& caller, const Table& waiting) {
    Json oldest = nullptr;
    KeptFrom kept_from(step, caller);
    waiting.scan(step.tx, {}, [&](const auto& key, auto&) {
        const auto& [at, inbox, sender, id] = key;
        if (!may_know_of(step, caller, inbox) || kept_from.hides(InboxKey{inbox, sender, id}))
            return true;
        oldest = age_seconds(step, at);
        return false;
    });
    return oldest;
}

/// Of something that came in, not of something that was sent or of the agent itself.
bool is_of_an_inbox(std::uint8_t kind) {
    return kind == static_cast<std::uint8_t>(Alarm::Kind::undecryptable) ||
           kind == static_cast<std::uint8_t>(Alarm::Kind::delivery_rejected) ||
           kind == static_cast<std::uint8_t>(Alarm::Kind::not_handed_over);
}

/// Of what was sent: of what this person finds in the list of it. Of the agent itself: anybody.
bool may_know_of_alarm(Step& step, const Caller& caller, std::uint8_t kind,
                       const NotificationId& id) {
    if (is_of_an_inbox(kind)) return false;
    if (id.is_zero()) return true;
    const auto item = table::outbox.get(step.tx, id);
    return item && may_see_sent(step, caller, id, *item);
}

Json alarms_json(Step& step, const Caller& caller) {
    Json alarms = Json::array();
    for (const auto& [key, row] : table::alarms.collect(step.tx, {.limit = 500})) {
        if (!caller.service && !may_know_of_alarm(step, caller, std::get<0>(key), std::get<1>(key)))
            continue;
        Json one{{"alarm", std::string(name_of(static_cast<Alarm::Kind>(std::get<0>(key))))},
                 {"since", time_json(row.since)},
                 {"ring", row.telephone}};
        one["notification"] =
            std::get<1>(key).is_zero() ? Json(nullptr) : Json(to_text(std::get<1>(key)));
        alarms.push_back(std::move(one));
    }
    return alarms;
}

Json rolls_json(Step& step, const Caller& caller) {
    Json rolls = Json::array();
    for (const auto& [key, row] : table::rolls.collect(step.tx, {})) {
        if (!caller.service && std::get<0>(key).agency != caller.row.agency) continue;
        Json one{{"seat", seat_json(std::get<0>(key))},
                 {"relation", std::get<1>(key)},
                 {"held", row.held}};
        one["stated_at"] = time_json(row.sent_at);
        one["waits_for_person"] = row.waits;
        if (row.waits) {
            one["would_add"] = row.waiting_added;
            one["would_end"] = row.waiting_ended;
        }
        rolls.push_back(std::move(one));
    }
    return rolls;
}

/// Lists that wait for the broker, by when they came; entries before `done` have their tokens.
Json pending_rolls_json(Step& step, const Caller& caller) {
    Json rolls = Json::array();
    for (const auto& [key, row] : table::pending_rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = key;
        if (!caller.service && seat.agency != caller.row.agency) continue;
        std::size_t done = 0;
        const auto cursor = step.agent.desk.cursors.find({seat, relation});
        if (cursor != step.agent.desk.cursors.end()) {
            const Bytes prefix = store::key_bytes(seat, relation);
            for (const auto& entry :
                 table::pending_entries.collect_keys(step.tx, {.prefix = prefix}))
                done += std::get<2>(entry) < cursor->second ? 1 : 0;
        }
        rolls.push_back({{"seat", seat_json(seat)},
                         {"relation", relation},
                         {"since", time_json(row.since)},
                         {"entries", row.entries},
                         {"done", done}});
    }
    return rolls;
}

/// What an agency may not ask the broker about identifiers now, and from when it may again.
Json pauses_json(Step& step, const Caller& caller) {
    Json pauses = Json::array();
    for (const auto& [key, pause] : step.agent.desk.paused) {
        const auto& [is_roll, agency, epoch] = key;
        if (pause.until <= step.now.steady || (!caller.service && agency != caller.row.agency))
            continue;
        pauses.push_back(
            {{"agency", agency.value()},
             {"of", is_roll ? "lists" : "notifications"},
             {"epoch", epoch},
             {"code", std::string(name_of(pause.code))},
             {"again_at", time_json(step.now.wall + (pause.until - step.now.steady))}});
    }
    return pauses;
}

Json peppers_json(Step& step) {
    Json peppers = Json::array();
    for (const auto& agency : step.agent.pepper_unreadable) {
        peppers.push_back(
            {{"agency", agency.value()}, {"still_recognises", step.agent.tokens.contains(agency)}});
    }
    return peppers;
}

}  // namespace

Json keys_json(Step& step) {
    const auto dated = [](Json one, const auto& key) {
        one["from"] = time_json(key.not_before);
        one["until"] = time_json(key.not_after);
        one["revoked"] = time_json(key.revoked_at);
        return one;
    };
    Json transport = Json::array();
    Json agencies = Json::object();
    if (const auto* registry = step.registry()) {
        if (const auto host = registry->hosts.find(step.agent.config.host);
            host != registry->hosts.end()) {
            for (const auto& key : host->second.transport_keys) {
                const crypto::CurvePublicKey own(key.curve_public_key);
                transport.push_back(dated(Json{{"key", crypto::curve_text(own)},
                                               {"fingerprint", crypto::fingerprint_of(own).text()}},
                                          key));
            }
        }
        for (const auto& [id, keys] : step.agent.keys.agencies) {
            Json signing = Json::array();
            if (const auto* agency = registry->find_agency(id)) {
                for (const auto& key : agency->signing_keys)
                    signing.push_back(
                        dated(Json{{"key", to_base64url(key.key.view())},
                                   {"fingerprint", crypto::KeyFingerprint::of(key.key).text()}},
                              key));
            }
            agencies[id.value()] = std::move(signing);
        }
    }
    return {{"transport", std::move(transport)}, {"signing", std::move(agencies)}};
}

Json status_json(Step& step, const Caller* caller) {
    const auto& link = step.agent.link;
    const auto fresh = step.check_documents();
    const bool alarmed = caller == nullptr
                             ? !table::alarms.collect_keys(step.tx, {.limit = 1}).empty()
                             : !alarms_json(step, *caller).empty();
    Json json;
    json["status"] = alarmed ? "alarm" : link.welcomed && fresh ? "ok" : "waiting";
    json["link"] = link.welcomed ? "open" : link.up ? "opening" : "down";
    if (caller == nullptr) return json;
    json["area"] = step.agent.config.area.value();
    json["host"] = step.agent.config.host.value();
    json["documents"] = {{"registry", step.agent.trusted.version(wire::DocumentKind::registry)},
                         {"policy", step.agent.trusted.version(wire::DocumentKind::policy)},
                         {"catalogue", step.agent.trusted.version(wire::DocumentKind::catalogue)},
                         {"freshness", step.agent.trusted.version(wire::DocumentKind::freshness)},
                         {"fresh", fresh ? Json(true) : Json(std::string(name_of(fresh.error())))}};
    json["documents"]["policy_expires"] =
        step.policy() != nullptr ? time_json(step.policy()->expires()) : Json(nullptr);
    json["oldest_unsent_seconds"] = oldest_unsent(step);
    json["oldest_unopened_seconds"] = oldest_of(step, *caller, table::inbox_unopened);
    json["oldest_untaken_seconds"] = oldest_of(step, *caller, table::inbox_untaken);
    const auto files = step.agent.files.value_or(FilesSeen{});
    const auto age_of = [&](WallTime since) {
        return since.is_set() ? Json(age_seconds(step, since)) : Json(nullptr);
    };
    json["files_unread"] = files.unread;
    json["oldest_file_unread_seconds"] = age_of(files.unread_since);
    json["files_held"] = files.held;
    json["oldest_file_held_seconds"] = age_of(files.held_since);
    if (caller->service) {
        const auto count = [&](const auto& open) {
            return open.collect_keys(step.tx, {.limit = 10'000}).size();
        };
        json["receipts_owed"] = count(table::receipts_open);
        json["errands_owed"] = count(table::errands_open);
        json["handovers_owed"] = count(table::handover_open);
    }
    json["rolls"] = rolls_json(step, *caller);
    json["rolls_identifying"] = pending_rolls_json(step, *caller);
    json["identifying_paused"] = pauses_json(step, *caller);
    json["peppers_unreadable"] = peppers_json(step);
    json["alarms"] = alarms_json(step, *caller);
    return json;
}

}  // namespace mash::runtime
