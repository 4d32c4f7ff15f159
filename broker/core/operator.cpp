#include "broker/core/operator.hpp"

#include <algorithm>
#include <functional>

#include "broker/core/clock.hpp"
#include "broker/core/decisions.hpp"
#include "broker/core/release.hpp"
#include "broker/core/requests.hpp"
#include "broker/core/tokens.hpp"

namespace mash::broker {
namespace {

constexpr std::size_t rows_in_answer_max = 500;
constexpr std::size_t rows_counted_max = 100'000;

// Names are of [a-z0-9_.-] and everything else is a number, a time or a word of ours: nothing needs
// escaping. The codec and the registry's parser have checked the names; telephone numbers and
// reasons are not shown.
class Json {
public:
    Json& field(std::string_view name, std::string_view value) {
        return raw(name, '"' + std::string(value) + '"');
    }
    Json& field(std::string_view name, std::uint64_t value) {
        return raw(name, std::to_string(value));
    }
    Json& field(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    Json& raw(std::string_view name, const std::string& value) {
        if (!fields_.empty()) fields_ += ',';
        fields_ += '"';
        fields_ += name;
        fields_ += "\":";
        fields_ += value;
        return *this;
    }
    std::string done() const { return '{' + fields_ + '}'; }

private:
    std::string fields_;
};

std::string list_of(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
    return out + ']';
}

std::string_view word(wire::TaskKind kind) {
    switch (kind) {
        case wire::TaskKind::held: return "held";
        case wire::TaskKind::not_connected: return "not_connected";
        case wire::TaskKind::pass_on: return "pass_on";
        case wire::TaskKind::both_conflicted: return "both_conflicted";
        case wire::TaskKind::not_sent: return "not_sent";
        case wire::TaskKind::review: return "review";
        case wire::TaskKind::possible_match: return "possible_match";
        case wire::TaskKind::unknown_person: return "unknown_person";
        case wire::TaskKind::lapsed: return "lapsed";
        case wire::TaskKind::severed: return "severed";
    }
    return "unknown";
}

std::size_t count(Step& step, store::Space space) {
    return step.tx.scan(space, {.limit = rows_counted_max, .keys_only = true},
                        [](ByteView, ByteView) { return true; });
}

std::string status(Step& step) {
    const auto& trusted = step.state.documents.trusted;
    const auto fresh = trusted.check_fresh(step.now.wall);
    return Json()
        .field("area", step.state.config.area.value())
        .field("store_epoch", to_hex(step.state.meta.epoch))
        .field("commit_serial", step.state.meta.serial)
        .field("registry_version", trusted.version(wire::DocumentKind::registry))
        .field("policy_version", trusted.version(wire::DocumentKind::policy))
        .raw("policy_expires",
             step.policy() ? '"' + to_rfc3339(step.policy()->expires()) + '"' : "null")
        .field("freshness_version", trusted.version(wire::DocumentKind::freshness))
        .field("fresh", fresh.has_value())
        .field("expiries_paused", step.expiries_paused())
        .field("sessions", step.state.sessions.size())
        .field("waiting_deliveries", count(step, tables::queue.space()))
        .field("waiting_receipts", count(step, tables::receipts_due.space()))
        .done();
}

std::string stats(Step& step) {
    const auto& counters = step.state.counters;
    return Json()
        .field("frames", counters.frames)
        .field("bad_frames", counters.bad_frames)
        .field("busy", counters.busy)
        .field("plans", counters.plans)
        .field("accepted", counters.accepted)
        .field("repeated", counters.repeated)
        .field("refused", counters.refused)
        .field("published_bytes", counters.published_bytes)
        .field("deliveries", counters.deliveries)
        .field("receipts", counters.receipts)
        .field("claims", counters.claims)
        .field("token_evaluations", counters.token_evaluations)
        .done();
}

std::string tasks(Step& step) {
    std::vector<std::string> open;
    tables::tasks.scan(step.tx, {}, [&](const TaskId& id, const TaskRecord& record) {
        if (record.closed) return true;
        open.push_back(Json()
                           .field("task", to_text(id))
                           .field("kind", word(record.task.kind))
                           .field("owner", record.task.owner.agency.value() + "/" +
                                               record.task.owner.role.value())
                           .field("notification", record.task.sender.value() + "/" +
                                                      to_text(record.task.notification))
                           .field("type", record.task.type.value())
                           .field("role", record.task.role.value())
                           .field("due", to_rfc3339(record.task.due))
                           .field("overdue", record.overdue)
                           .done());
        return open.size() < rows_in_answer_max;
    });
    return Json().raw("tasks", list_of(open)).done();
}

std::string token_change(Step& step) {
    std::vector<std::string> late;
    if (step.registry() == nullptr) return Json().raw("epochs", "[]").raw("agencies", "[]").done();
    for (const auto& agency : stated_under_old_keys(step))
        late.push_back(Json().field("agency", agency.value()).done());
    std::vector<std::string> epochs;
    for (const auto& key : step.registry()->broker.token_keys)
        epochs.push_back(std::to_string(key.epoch));
    return Json().raw("epochs", list_of(epochs)).raw("agencies", list_of(late)).done();
}

std::string quarantine_list(Step& step) {
    std::vector<std::string> rows;
    tables::quarantine.scan(step.tx,
                            {.limit = rows_in_answer_max, .order = store::Order::descending},
                            [&](const QuarantineKey& key, const QuarantineRecord& record) {
                                rows.push_back(Json()
                                                   .field("at", to_rfc3339(key.at))
                                                   .field("host", record.host.value())
                                                   .field("kind", std::uint64_t{record.kind})
                                                   .done());
                                return true;
                            });
    return Json().raw("quarantine", list_of(rows)).done();
}

struct RequestFilter {
    bool not_sent = false;
    bool of_holders = false;
    AgencyId agency;
    WallTime since;
};

Result<RequestFilter> filter_from(const std::string& argument) {
    RequestFilter filter;
    for (std::size_t from = 0; from < argument.size();) {
        const auto to = std::min(argument.find(' ', from), argument.size());
        const auto word = argument.substr(from, to - from);
        from = to + 1;
        const auto value = word.substr(std::min(word.find('=') + 1, word.size()));
        if (word == "not_sent") {
            filter.not_sent = true;
        } else if (word == "of_holders") {
            filter.of_holders = true;
        } else if (word.starts_with("agency=") && is_valid_name(value)) {
            filter.agency = AgencyId(value);
        } else if (word.starts_with("since=")) {
            MASH_TRY(since, wall_time_from_rfc3339(value));
            filter.since = since;
        } else if (!word.empty()) {
            return fail(ErrorCode::malformed);
        }
    }
    return filter;
}

std::string list_of_seats(const std::vector<Seat>& seats) {
    std::vector<std::string> names;
    for (const auto& seat : seats)
        names.push_back('"' + seat.agency.value() + '/' + seat.role.value() + '"');
    return list_of(names);
}

// What holders were asked (relations of mode `ask`), newest first; what waits for its sender's
// budget before the rest. Nobody's no is known, and of whom was asked only how many. Kept by
// sender, so all of them are looked at.
std::string holder_requests(Step& step, const RequestFilter& filter) {
    std::vector<std::pair<HolderQuestionKey, HolderQuestionRecord>> found;
    std::size_t looked_at = 0;
    bool is_all = true;
    const auto prefix = filter.agency.empty() ? Bytes{} : key_of(filter.agency);
    tables::holder_questions.scan(
        step.tx, {.prefix = prefix}, [&](const HolderQuestionKey& key, HolderQuestionRecord& row) {
            if (++looked_at > rows_counted_max) return is_all = false;
            if (filter.since.is_set() && row.asked_at.is_set() && row.asked_at < filter.since)
                return true;
            row.stated.resize(row.stated.empty() ? 0 : 1);  // whether it can be answered yet
            row.seats.clear();
            found.emplace_back(key, std::move(row));
            return true;
        });
    const auto when = [](const auto& one) {
        const auto at = one.second.asked_at;
        return std::pair(!at.is_set(), at);
    };
    std::ranges::stable_sort(found, std::ranges::greater{}, when);
    if (found.size() > rows_in_answer_max) {
        found.resize(rows_in_answer_max);
        is_all = false;
    }
    std::vector<std::string> rows;
    for (const auto& [key, row] : found) {
        const auto notification = step.get(tables::notifications, key.item);
        rows.push_back(Json()
                           .field("at", row.asked_at.is_set() ? to_rfc3339(row.asked_at)
                                                              : std::string("waits"))
                           .field("agency", key.item.sender.value())
                           .field("notification", to_text(key.item.id))
                           .field("type", notification ? notification->type.value() : "")
                           .field("relation", key.relation)
                           .field("asked", std::uint64_t{row.asked})
                           .raw("known", list_of_seats(row.known))
                           .field("over", row.stated.empty())
                           .done());
    }
    return Json().field("all", is_all).raw("requests", list_of(rows)).done();
}

// Newest first. Ids begin with their time: what is asked for since a time is read and no more, and
// never more than is counted anywhere.
Result<std::string> requests(Step& step, const std::string& argument) {
    MASH_TRY(filter, filter_from(argument));
    if (filter.of_holders) return holder_requests(step, filter);
    std::vector<std::string> rows;
    std::size_t looked_at = 0;
    bool is_all = true;
    const auto show = [&](const PlanId&, const AskedRecord& asked) {
        if (filter.since.is_set() && asked.at < filter.since) return false;
        if (++looked_at > rows_counted_max || rows.size() >= rows_in_answer_max) {
            is_all = false;
            return false;
        }
        if (!filter.agency.empty() && asked.item.sender != filter.agency) return true;
        rows.push_back(Json()
                           .field("at", to_rfc3339(asked.at))
                           .field("agency", asked.item.sender.value())
                           .field("role", asked.role.value())
                           .field("person", asked.person.value())
                           .field("reason", asked.reason)
                           .field("type", asked.type.value())
                           .field("notification", to_text(asked.item.id))
                           .field("ended", word_of(asked.ended))
                           .done());
        return true;
    };
    constexpr store::Scan newest_first{.order = store::Order::descending};
    if (filter.not_sent) {
        tables::asked_not_sent.scan(step.tx, newest_first, [&](const PlanId& id, const Nothing&) {
            const auto asked = step.get(tables::asked, id);
            return !asked || show(id, *asked);
        });
    } else {
        tables::asked.scan(step.tx, newest_first, show);
    }
    return Json().field("all", is_all).raw("requests", list_of(rows)).done();
}

Result<ItemKey> item_from(const std::string& argument) {
    const auto slash = argument.find('/');
    if (slash == std::string::npos) return fail(ErrorCode::malformed);
    const auto sender = argument.substr(0, slash);
    if (!is_valid_name(sender)) return fail(ErrorCode::malformed);
    MASH_TRY(id, uuid_from_text(std::string_view(argument).substr(slash + 1)));
    return ItemKey{AgencyId(sender), NotificationId(id)};
}

Result<std::string> release(Step& step, const std::string& argument) {
    MASH_TRY(item, item_from(argument));
    MASH_TRY(released, release_by_operator(step, item));
    return Json().field("released", std::uint64_t{released}).done();
}

}  // namespace

namespace {

void answer_with(OperatorReply& reply, Result<std::string> answer) {
    reply.ok = answer.has_value();
    reply.json =
        answer ? std::move(*answer) : Json().field("error", name_of(answer.error())).done();
}

}  // namespace

void on_operator(Step& step, const OperatorCommand& command) {
    OperatorReply reply;
    reply.reply = command.reply;
    reply.ok = true;
    switch (command.kind) {
        case OperatorCommand::Kind::status: reply.json = status(step); break;
        case OperatorCommand::Kind::stats: reply.json = stats(step); break;
        case OperatorCommand::Kind::token_change: reply.json = token_change(step); break;
        case OperatorCommand::Kind::tasks: reply.json = tasks(step); break;
        case OperatorCommand::Kind::quarantine_list: reply.json = quarantine_list(step); break;
        case OperatorCommand::Kind::requests: {
            const auto listed = requests(step, command.argument);
            reply.ok = listed.has_value();
            reply.json = listed ? *listed : Json().field("error", name_of(listed.error())).done();
            break;
        }
        case OperatorCommand::Kind::confirm_clock:
            confirm_clock(step);
            reply.json = Json().field("expiries_paused", false).done();
            break;
        case OperatorCommand::Kind::release_standby:
            answer_with(reply, release(step, command.argument));
            break;
        case OperatorCommand::Kind::decisions:
            answer_with(reply, decisions_page(step, command.argument));
            break;
        case OperatorCommand::Kind::kept_document:
            answer_with(reply, kept_document(step, command.argument));
            break;
    }
    step.record(reply.ok ? LogEvent::operator_command : LogEvent::operator_command_refused);
    step.effects.push_back(std::move(reply));
}

}  // namespace mash::broker
