// The record of every decision about something of ours (domain.md E3): the bytes it was made of,
// who, when, and what came of it. Written once and never changed; outlives what was said. The
// signed documents it rests on are kept beside it, so that it can be made again.
#include <algorithm>
#include <array>

#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

constexpr std::string_view rule_reduced = "E-20";

constexpr std::size_t removed_at_once_max = 512;
/// Refusals at the desk of what a system gave, among the latest decisions of a day: the records of
/// a broken feed must not fill the disk.
constexpr std::size_t refused_of_a_feed_max = 200;
constexpr std::size_t latest_looked_at = 1'000;
/// Of the section `con`: what domain.md E3 asks beside the answer itself.
constexpr std::array agreement_fields = {
    "form",        "date", "scope", "sought_by", "who_has_been_told", "facts_and_opinions_marked",
    "advice_taken"};

/// What the document that counts is called; kept from the first decision that rests on it.
DocumentName keep_document(Step& step, wire::DocumentKind kind) {
    const auto* document = step.agent.trusted.document(kind);
    if (document == nullptr) return {};
    const std::tuple key(static_cast<std::uint8_t>(kind), document->version);
    if (!table::documents_kept.contains(step.tx, key))
        table::documents_kept.put(step.tx, key, {wire::encode_body(*document), step.now.wall});
    return {document->version, area::document_digest(*document)};
}

void name_documents(Step& step, DecisionRow& row) {
    row.policy = keep_document(step, wire::DocumentKind::policy);
    row.catalogue = keep_document(step, wire::DocumentKind::catalogue);
    row.registry = keep_document(step, wire::DocumentKind::registry);
}

/// Later than every one before, so that a notification's decisions stand in the order in which they
/// were made, whatever the clock does.
DecisionId next_id(Step& step) {
    std::uint64_t ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms()));
    const auto last =
        table::decisions.collect_keys(step.tx, {.limit = 1, .order = store::Order::descending});
    if (!last.empty()) {
        std::uint64_t before = 0;
        for (std::size_t i = 0; i < 6; ++i) before = before << 8 | last[0].value()[i];
        ms = std::max(ms, before + 1);
    }
    return DecisionId(uuid_v7(ms, step.random.array<10>()));
}

void put(Step& step, DecisionRow row) {
    row.head.at = step.now.wall;
    name_documents(step, row);
    const auto id = next_id(step);
    Writer out;
    write(out, row);
    step.put_sealed(sealed::decision, store::key_bytes(id), out.done());
    table::decisions.put(step.tx, id, row.head);
    table::decisions_of.put(step.tx, {row.head.notification, id}, {});
}

/// What E3 asks of the agreement and the notification says; nothing else of its sections.
std::vector<std::pair<std::string, std::string>> agreement_of(Step& step,
                                                              const Notification& notification) {
    std::vector<std::pair<std::string, std::string>> said;
    if (const auto row = table::agreements.get(step.tx, notification.agreement_record)) {
        std::string scope;
        for (const auto& agency : row->said.named_agencies)
            scope += (scope.empty() ? "" : ", ") + agency.value();
        said.emplace_back("record", to_text(notification.agreement_record));
        said.emplace_back("form", row->form);
        said.emplace_back("date", to_rfc3339(row->said_at));
        said.emplace_back("scope", scope);
        if (const auto kept =
                step.get_sealed(sealed::agreement, store::key_bytes(notification.agreement_record)))
            said.emplace_back("sought_by", agreement_from_json(text_of(*kept)).sought_by.reveal());
    }
    const auto record = notification.sections.find("con");
    if (record == notification.sections.end()) return said;
    for (const auto* field : agreement_fields) {
        const auto found = record->second.find(field);
        const bool is_said = std::ranges::any_of(
            said, [&](const auto& one) { return one.first == std::string_view(field); });
        if (found != record->second.end() && !is_said)
            said.emplace_back(field, found->second.reveal());
    }
    return said;
}

bool rests_on(const Step& step, wire::DocumentKind kind, const DocumentName& name) {
    const auto* document = step.agent.trusted.document(kind);
    return (document == nullptr ? 0 : document->version) == name.version;
}

/// The same as at the last try: no new decision. What only waits does so by its code, for its plan
/// is of another minute each time.
bool is_as_before(Step& step, const NotificationId& id, const DecisionRow& row) {
    const Bytes prefix = store::key_bytes(id);
    const auto last = table::decisions_of.collect_keys(
        step.tx, {.prefix = prefix, .limit = 1, .order = store::Order::descending});
    if (last.empty()) return false;
    const auto& last_id = std::get<1>(last.front());
    const auto head = table::decisions.get(step.tx, last_id);
    if (!head || head->kind != row.head.kind || head->code != row.head.code) return false;
    if (row.head.kind == DecisionKind::waits) return true;
    const auto before = decision_row(step, last_id);
    return before && before->decision == row.decision &&
           before->routing_facts == row.routing_facts && before->agreement == row.agreement &&
           rests_on(step, wire::DocumentKind::policy, before->policy) &&
           rests_on(step, wire::DocumentKind::catalogue, before->catalogue) &&
           rests_on(step, wire::DocumentKind::registry, before->registry);
}

DecisionRow row_of(const NotificationId& id, const OutboxItem& item, DecisionKind kind,
                   std::string_view code) {
    DecisionRow row;
    row.head.agency = item.agency;
    row.head.notification = id;
    row.head.kind = kind;
    row.head.code = code;
    row.head.person = item.person;
    row.person_agency = item.agency;
    row.head.role = item.role;
    row.reason = item.reason;
    return row;
}

/// "/level required": the place only where it is ours. What nobody knows (a section of a name of
/// the sender's own) may be anything, and a child's name too.
std::string fault_line(const InputFault& fault) {
    const bool is_ours = !fault.rule.starts_with("unknown");
    const auto section = fault.path.find('/', 1);
    return (is_ours ? fault.path : fault.path.substr(0, section)) + " " + fault.rule;
}

bool is_feed_broken(Step& step) {
    std::size_t refused = 0;
    table::decisions.scan(step.tx, {.limit = latest_looked_at, .order = store::Order::descending},
                          [&](const DecisionId&, DecisionHead& head) {
                              if (head.at + std::chrono::days(1) <= step.now.wall) return false;
                              if (head.kind == DecisionKind::refused &&
                                  head.person == service_person() &&
                                  !table::outbox.contains(step.tx, head.notification))
                                  ++refused;
                              return refused < refused_of_a_feed_max;
                          });
    return refused >= refused_of_a_feed_max;
}

}  // namespace

void record_refused_at_desk(Step& step, const Notification& given, const PersonId& person,
                            const std::string& reason, const std::vector<InputFault>& faults) {
    if (faults.empty() || !step.serves(given.agency)) return;
    DecisionRow row;
    row.head.agency = given.agency;
    row.head.notification =
        id_of_record(step, given.agency, given.source_ref, given.facts.occurred_at);
    row.head.kind = DecisionKind::refused;
    row.head.code = faults.front().rule;
    row.head.person = person;
    row.head.role = given.role;
    row.person_agency = given.agency;
    row.reason = reason;
    for (const auto& fault : faults)
        row.words += (row.words.empty() ? "" : "\n") + fault_line(fault);
    if (is_as_before(step, row.head.notification, row)) return;
    if (person == service_person() && is_feed_broken(step)) return;
    put(step, std::move(row));
}

DecisionKind kind_of(const wire::Decision& decision) {
    if (decision.floor) return DecisionKind::floor;
    const bool reduced = std::ranges::any_of(
        decision.recipients, [](const wire::Recipient& one) { return one.rule == rule_reduced; });
    return reduced ? DecisionKind::reduced : DecisionKind::shared;
}

void record_plan(Step& step, const NotificationId& id, const OutboxItem& item,
                 const wire::RoutingFacts& facts, const wire::DisclosurePlan& plan,
                 DecisionKind kind, std::string_view code) {
    auto row = row_of(id, item, kind, code);
    row.routing_facts = wire::encode_body(facts);
    row.plan_facts = wire::encode_body(plan.facts);
    row.decision = wire::encode_body(plan.decision);
    if (const auto notification = stored_notification(step, id))
        row.agreement = agreement_of(step, *notification);
    if (is_as_before(step, id, row)) return;
    put(step, std::move(row));
}

void record_answer(Step& step, const AgencyId& agency, const wire::SignedAuthorisation& given,
                   const PersonalText& words) {
    const auto body = wire::decode_body<wire::Authorisation>(given.body);
    if (!body) return;
    DecisionRow row;
    row.head.agency = agency;
    row.head.notification = body->notification;
    row.head.kind = body->allow ? DecisionKind::allowed : DecisionKind::disallowed;
    row.head.code = body->rule;
    row.head.person = body->person;
    row.person_agency = body->decider.agency;
    row.head.role = body->decider.role;
    Writer out;
    write(out, AuthorisationMark{given});
    row.answer = out.take();
    row.words = words.reveal();
    put(step, std::move(row));
}

void record_words(Step& step, const WordsRecord& said) {
    DecisionRow row;
    row.head.agency = said.agency;
    row.head.notification = said.about;
    row.head.kind = said.what;
    row.head.code = said.code;
    row.head.person = said.person;
    if (said.agency == said.decider.agency) row.head.role = said.decider.role;
    row.person_agency = said.decider.agency;
    row.decider_role = said.decider.role;
    row.words = said.reason.reveal();
    row.name = said.name.reveal();
    put(step, std::move(row));
}

void record_taken_back(Step& step, const NotificationId& id, const OutboxItem& item,
                       DecisionKind kind, const PersonId& person, const std::string& reason,
                       const std::string& whose) {
    auto row = row_of(id, item, kind, reason);
    row.words = whose;
    row.head.person = person;
    if (const auto notification = stored_notification(step, id)) {
        row.routing_facts = wire::encode_body(routing_facts(step, id, item, *notification));
        row.agreement = agreement_of(step, *notification);
    }
    put(step, std::move(row));
}

void record_withdrawn(Step& step, const NotificationId& id, const OutboxItem& item,
                      const WithdrawalMark& mark) {
    auto row = row_of(id, item, DecisionKind::agreement_withdrawn, {});
    row.head.person = mark.by;
    row.agreement.emplace_back("record", to_text(mark.agreement));
    for (const auto& seat : mark.seats)
        row.words +=
            (row.words.empty() ? "" : "\n") + seat.agency.value() + "/" + seat.role.value();
    put(step, std::move(row));
}

std::optional<DecisionRow> decision_row(Step& step, const DecisionId& id) {
    const auto stored = step.get_sealed(sealed::decision, store::key_bytes(id));
    if (!stored) return std::nullopt;
    DecisionRow row;
    Reader in(*stored);
    read(in, row);
    if (in.finished()) return row;
    step.tx.mark_failed(ErrorCode::store_failed, "decision_records", "corrupt record");
    return std::nullopt;
}

void remove_old_decisions(Step& step) {
    const auto is_over = [&](WallTime at) {
        return at + step.agent.config.decision_record_term <= step.now.wall;
    };
    std::vector<std::pair<DecisionId, NotificationId>> old;
    table::decisions.scan(step.tx, {.limit = removed_at_once_max},
                          [&](const DecisionId& id, DecisionHead& head) {
                              if (!is_over(head.at)) return false;
                              old.emplace_back(id, head.notification);
                              return true;
                          });
    for (const auto& [id, notification] : old) {
        table::decisions.erase(step.tx, id);
        table::decisions_of.erase(step.tx, {notification, id});
        step.tx.erase(sealed::decision, store::key_bytes(id));
    }
    for (const auto& key : table::access.collect_keys(step.tx, {.limit = removed_at_once_max})) {
        if (!is_over(std::get<0>(key))) break;
        table::access.erase(step.tx, key);
    }
    // Versions never go back: whatever rested on one is older than the next one's first use.
    std::optional<std::tuple<std::uint8_t, std::uint64_t>> before;
    std::vector<std::tuple<std::uint8_t, std::uint64_t>> outlived;
    table::documents_kept.scan(step.tx, {}, [&](const auto& key, DocumentRow& row) {
        if (before && std::get<0>(*before) == std::get<0>(key) && is_over(row.first_accepted))
            outlived.push_back(*before);
        before = key;
        return true;
    });
    for (const auto& key : outlived) table::documents_kept.erase(step.tx, key);
}

}  // namespace mash::runtime
