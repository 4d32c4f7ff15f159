// Records of decisions as people read them: the practitioner's words (what, to whom, why, what was
// held back and whom to ask, what to do now), the auditor's full form, and the decision made again
// from its record. Reading them is recorded like any other look.
#include <algorithm>
#include <map>

#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/received.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "common/area/decision_record.hpp"
#include "common/area/explain.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t listed_max = 500;
/// Lines looked at for one page: whoever asks for what is rare gets a short page and its `next`.
constexpr std::size_t looked_at_max = 20'000;

bool is_about_conflict(const DecisionHead& head) {
    return head.kind == DecisionKind::conflict_declared ||
           head.kind == DecisionKind::conflict_ended;
}

/// What colleagues wrote about a child from whom a conflict keeps this person, as the item itself.
bool is_hidden(Step& step, KeptFrom& kept_from, const NotificationId& about) {
    if (!kept_from.anything()) return false;
    const Bytes prefix = store::key_bytes(about);
    return std::ranges::any_of(table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix}),
                               [&](const auto& held) {
                                   const auto& [id, inbox, sender] = held;
                                   return kept_from.hides(InboxKey{inbox, sender, id});
                               });
}

bool may_see(Step& step, const Caller& caller, const DecisionHead& head, KeptFrom& kept_from) {
    if (caller.row.agency != head.agency) return false;
    // That there is one says enough to whom it names.
    if (is_about_conflict(head))
        return is_auditor(caller) &&
               may_audit_conflict(step, caller, ConflictId(head.notification.value()));
    const auto item = table::outbox.get(step.tx, head.notification);
    // Of what never began nobody knows whom a conflict, or whoever stood in, keeps it from.
    if (!item && head.kind == DecisionKind::refused)
        return is_auditor(caller) || head.person == caller.person;
    if (item && is_kept_from(step, caller, head.notification, *item)) return false;
    if (!item && head.person != caller.person && is_hidden(step, kept_from, head.notification))
        return false;
    if (is_auditor(caller)) return true;
    if (item && item->agency == head.agency && may_see_sent(step, caller, head.notification, *item))
        return true;
    // Another agency's words about another's item: for whoever has that item before them.
    if (head.role.empty())
        return find_received(step, caller, to_text(head.notification), {}).row.has_value();
    // Whoever answered the question, here or about somebody else's item.
    if (head.person == caller.person) return true;
    // What an alternate sent is not the seat's, by whichever way it asks.
    if (item && item->role == head.role && sees_as_alternate(step, caller, head.notification))
        return false;
    return has_role_itself(step, caller, {head.agency, head.role});
}

/// Registry and policy of the day. Those in force now are at hand; others are read from what was
/// kept, once for each answer.
class DocumentsOfTheDay {
public:
    explicit DocumentsOfTheDay(Step& step) : step_(step) {}

    /// Null: not kept, not the text that the record names, or not to be read.
    const area::Registry* registry(const DocumentName& name) {
        const auto* now = step_.registry();
        if (now != nullptr && is_in_force(wire::DocumentKind::registry, name)) return now;
        auto& read = registries_[name.version];
        if (!read) {
            const auto document = kept(wire::DocumentKind::registry, name);
            if (!document) return nullptr;
            auto parsed = area::parse_registry(document->body);
            if (!parsed) return nullptr;
            read = std::make_unique<area::Registry>(std::move(*parsed));
        }
        return read.get();
    }
    const area::Policy* policy(const DocumentName& name, const DocumentName& catalogue) {
        const auto* now = step_.policy();
        if (now != nullptr && step_.agent.policy_version == name.version &&
            step_.agent.catalogue_version == catalogue.version &&
            is_in_force(wire::DocumentKind::policy, name) &&
            is_in_force(wire::DocumentKind::catalogue, catalogue))
            return now;
        auto& read = policies_[{name.version, catalogue.version}];
        if (!read) {
            const auto text = kept(wire::DocumentKind::policy, name);
            const auto words = kept(wire::DocumentKind::catalogue, catalogue);
            if (!text || !words) return nullptr;
            std::vector<area::PolicyFault> faults;
            auto parsed = area::Policy::parse(text_of(text->body), "policy.toml",
                                              text_of(words->body), "catalogue.toml", faults);
            if (!parsed) return nullptr;
            read = std::make_unique<area::Policy>(std::move(*parsed));
        }
        return read.get();
    }

private:
    bool is_in_force(wire::DocumentKind kind, const DocumentName& name) const {
        const auto* document = step_.agent.trusted.document(kind);
        return document != nullptr && document->version == name.version &&
               area::document_digest(*document) == name.digest;
    }
    std::optional<wire::SignedDocument> kept(wire::DocumentKind kind, const DocumentName& name) {
        const auto row =
            table::documents_kept.get(step_.tx, {static_cast<std::uint8_t>(kind), name.version});
        if (!row) return std::nullopt;
        auto document = wire::decode_body<wire::SignedDocument>(row->document);
        if (!document || area::document_digest(*document) != name.digest) return std::nullopt;
        return std::move(*document);
    }

    Step& step_;
    std::map<std::uint64_t, std::unique_ptr<area::Registry>> registries_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::unique_ptr<area::Policy>> policies_;
};

std::string_view outcome_in_words(DecisionKind kind) {
    switch (kind) {
        case DecisionKind::shared: return "It was shared with those whom the rules name";
        case DecisionKind::reduced: return "Less was shared, as a person decided";
        case DecisionKind::floor:
            return "It went to the front door and emergency duty only, because nothing else was "
                   "in force";
        case DecisionKind::held: return "It waits for a named person to decide";
        case DecisionKind::refused: return "A rule refuses it. Nothing was sent";
        case DecisionKind::waits:
            return "The rules would share it, and something stands in the way";
        case DecisionKind::allowed: return "A named person allowed it";
        case DecisionKind::disallowed: return "A named person refused it";
        case DecisionKind::not_sent: return "It was decided not to send it";
        case DecisionKind::recalled: return "It was taken back after it was sent";
        case DecisionKind::copy_recalled: return "It was taken back from some who had it";
        case DecisionKind::task_answered: return "A named person answered a task about it";
        case DecisionKind::conflict_declared: return "A conflict of interest was recorded";
        case DecisionKind::conflict_ended: return "A conflict of interest was ended";
        case DecisionKind::agreement_withdrawn: return "The family's agreement was withdrawn";
        case DecisionKind::identity_asked:
            return "A named person looked at whether it is one child";
        case DecisionKind::identity_answered: return "A named person said whether it is one child";
        case DecisionKind::identity_taken_back:
            return "A named person took back what was said of whether it is one child";
    }
    return "";
}

Json line_of(const DecisionId& id, const DecisionHead& head) {
    return {{"id", to_text(id)},
            {"sent", to_text(head.notification)},
            {"agency", head.agency.value()},
            {"at", time_json(head.at)},
            {"kind", std::string(name_of(head.kind))},
            {"code", head.code},
            {"outcome", std::string(outcome_in_words(head.kind))}};
}

std::optional<wire::Authorisation> answer_of(const DecisionRow& row) {
    if (row.answer.empty()) return std::nullopt;
    AuthorisationMark mark;
    Reader in(row.answer);
    read(in, mark);
    auto body = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
    if (!body) return std::nullopt;
    return std::move(*body);
}

std::string seat_words(const Seat& seat) { return seat.agency.value() + "/" + seat.role.value(); }

std::string explain_answer(const DecisionRow& row, const wire::Authorisation& answer) {
    std::string out = "Who decided\n- " + seat_words(answer.decider) + " (" +
                      answer.person.value() + "), on " + area::time_in_words(answer.at) + "\n\n" +
                      (answer.allow ? "What may go now, and to whom\n" : "What does not go\n");
    for (const auto& seat : answer.seats) out += "- " + seat_words(seat) + "\n";
    out += "\nWhy a person was asked\n- " + std::string(area::explain_rule(answer.rule)) + " (" +
           answer.rule + ")\n\nWhat to do now\n";
    out +=
        row.head.kind == DecisionKind::allowed
            ? "- Nothing. It goes by itself, and is listed among what was sent.\n"
            : "- If the worry grows, send what is new, or ring the front door for advice without "
              "naming the child.\n";
    return out + "- If a child is in danger now, ring 999.\n";
}

/// At the desk: no rule was asked.
bool is_refused_at_desk(const DecisionRow& row) {
    return row.head.kind == DecisionKind::refused && row.decision.empty();
}

std::string explain_refused_at_desk(const DecisionRow& row) {
    std::string out = "What was wrong\n- ";
    for (const char letter : row.words)
        out += letter == '\n' ? std::string("\n- ") : std::string(1, letter);
    return out +
           "\n\nWhat went, and to whom\n- Nothing, to nobody: it was refused at the desk before "
           "anything travelled.\n\nWhat to do now\n- Put it right, and send it again.\n- If a "
           "child is in danger now, ring 999.\n";
}

RoleId role_of(const DecisionRow& row) {
    return row.decider_role.empty() ? row.head.role : row.decider_role;
}

/// Recorded here because a person wrote it, not because a rule was asked.
bool is_words(const DecisionRow& row) { return !row.decider_role.empty(); }

std::string explain_words(const DecisionRow& row) {
    std::string out = "Who\n- " + seat_words({row.person_agency, role_of(row)}) + " (" +
                      row.head.person.value() + ")";
    if (!row.head.code.empty()) out += ", answer: " + row.head.code;
    out += "\n\nIn their words\n- " + (row.words.empty() ? "Nothing was written" : row.words);
    return out + "\n\nWhat to do now\n- Nothing. If a child is in danger now, ring 999.\n";
}

std::string explain_taken_back(const DecisionRow& row) {
    const bool is_copy = row.head.kind == DecisionKind::copy_recalled;
    const bool left = is_copy || row.head.kind == DecisionKind::recalled;
    return (is_copy ? "Whose copy only\n- " + row.words + ". Nobody else is disturbed.\n\n" : "") +
           std::string(left ? "What does not go on\n- Whoever had not stored it does not get it. "
                              "Whoever has it is told to remove it, and confirms.\n"
                            : "What does not go\n- Nothing was sent, to anybody.\n") +
           "\nWhy\n- " + row.head.person.value() + " said: " + row.head.code +
           "\n\nWhat to do now\n" +
           (left
                ? "- Look at the item: each recipient's confirmation is listed there.\n"
                : "- If the worry is still there, send it again, or ring the front door for advice "
                  "without naming the child.\n") +
           "- If a child is in danger now, ring 999.\n";
}

bool is_withdrawal(const DecisionRow& row) {
    return row.head.kind == DecisionKind::agreement_withdrawn && !is_words(row);
}

std::string explain(Step& step, DocumentsOfTheDay& documents, const DecisionRow& row) {
    if (const auto answer = answer_of(row)) return explain_answer(row, *answer);
    if (is_words(row)) return explain_words(row);
    if (is_withdrawal(row)) return explain_withdrawal(step, row);
    if (is_refused_at_desk(row)) return explain_refused_at_desk(row);
    if (row.decision.empty()) return explain_taken_back(row);
    const auto decision = wire::decode_body<wire::Decision>(row.decision);
    const auto* registry = documents.registry(row.registry);
    const auto* policy = documents.policy(row.policy, row.catalogue);
    if (!decision || registry == nullptr || policy == nullptr) {
        return "The documents of that day are no longer kept here, so it cannot be put into words. "
               "The record itself is whole.\n";
    }
    return area::explain_for_practitioner(*decision, *registry, *policy);
}

struct Again {
    area::Replayed result;
    std::string why_not;  ///< it could not be made again
};

Again made_again(DocumentsOfTheDay& documents, const DecisionRow& row) {
    if (is_refused_at_desk(row))
        return {{}, "No rule was asked here: it was refused at the desk, and the record says why"};
    if (row.decision.empty())
        return {{}, "No rule was asked here: a person decided, and the record holds their answer"};
    const auto* registry = documents.registry(row.registry);
    const auto* policy = documents.policy(row.policy, row.catalogue);
    if (registry == nullptr || policy == nullptr)
        return {{}, "The signed documents of that day are not kept here"};
    auto result =
        area::replay({row.head.notification, row.routing_facts, row.plan_facts, row.decision},
                     *registry, *policy);
    if (!result) return {{}, "Its facts do not hold: " + std::string(describe(result.error()))};
    return {std::move(*result), {}};
}

std::string lines_of(const DecisionRow& row) {
    std::string out = "Who: " + row.head.person.value() + ", as " +
                      seat_words({row.person_agency, role_of(row)}) + ", on " +
                      to_rfc3339(row.head.at) +
                      (row.reason.empty() ? "" : ", asked as " + row.reason) + "\n";
    if (!row.name.empty()) out += "Their name: " + row.name + "\n";
    out += "Policy digest " + to_hex(row.policy.digest) + ", catalogue version " +
           std::to_string(row.catalogue.version) + " digest " + to_hex(row.catalogue.digest) +
           ", registry digest " + to_hex(row.registry.digest) + "\n";
    for (const auto& [field, text] : row.agreement)
        out += "Agreement, " + field + ": " + text + "\n";
    if (row.agreement.empty() && !row.routing_facts.empty())
        out += "Agreement, its form, date, scope and who was told: not stated\n";
    if (!row.words.empty()) {
        out += (is_refused_at_desk(row) ? "What was wrong: "
                : is_withdrawal(row)    ? "Who relied on it: "
                                        : "In the decider's words: ") +
               row.words + "\n";
    }
    if (const auto answer = answer_of(row))
        out += "Answer signed, digest of the words " + to_hex(answer->reason_digest) + "\n";
    return out;
}

/// Everything, silent withholdings and words too.
std::string explain_in_full(DocumentsOfTheDay& documents, const DecisionRow& row) {
    std::string out = lines_of(row);
    const auto* registry = documents.registry(row.registry);
    const auto* policy = documents.policy(row.policy, row.catalogue);
    const auto stated = wire::decode_body<wire::RoutingFacts>(row.routing_facts);
    const auto facts = wire::decode_body<wire::PlanFacts>(row.plan_facts);
    const auto decision = wire::decode_body<wire::Decision>(row.decision);
    if (row.decision.empty() || !stated || !facts || !decision || registry == nullptr ||
        policy == nullptr)
        return out;
    const auto input = area::facts_for(row.head.notification, *stated, *facts, *registry, *policy);
    if (!input) return out;
    return out + area::explain_for_auditor(*input, *decision, *registry, *policy);
}

Json name_json(const DocumentName& name) {
    return {{"version", name.version}, {"digest", to_hex(name.digest)}};
}

struct Found {
    DecisionId id;
    std::optional<DecisionRow> row;
    Answer failure;
};

Found find(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto bytes = uuid_from_text(request.id);
    if (!bytes)
        return {{}, {}, Answer::failed(ErrorCode::malformed, "That is not the id of a decision")};
    const DecisionId id(*bytes);
    const auto head = table::decisions.get(step.tx, id);
    KeptFrom kept_from(step, caller);
    if (!head || !may_see(step, caller, *head, kept_from)) {
        return {{},
                {},
                Answer::failed(ErrorCode::not_found,
                               "Your agency has recorded no decision under this id")};
    }
    return {id, decision_row(step, id), {}};
}

/// False: `text` is there and no time.
bool read_time(const ApiRequest& request, const char* name, WallTime& out) {
    const auto found = request.filter.find(name);
    if (found == request.filter.end()) return true;
    const auto parsed = wall_time_from_rfc3339(found->second);
    if (parsed) out = *parsed;
    return parsed.has_value();
}

Answer decisions_of(Step& step, const Caller& caller, const std::string& sent) {
    const auto bytes = uuid_from_text(sent);
    if (!bytes)
        return Answer::failed(ErrorCode::malformed, "'sent' is not the id of a notification");
    const NotificationId notification(*bytes);
    DocumentsOfTheDay documents(step);
    KeptFrom kept_from(step, caller);
    Json list = Json::array();
    const Bytes prefix = store::key_bytes(notification);
    for (const auto& key :
         table::decisions_of.collect_keys(step.tx, {.prefix = prefix, .limit = listed_max})) {
        const auto& id = std::get<1>(key);
        const auto row = decision_row(step, id);
        if (!row || !may_see(step, caller, row->head, kept_from)) continue;
        auto line = line_of(id, row->head);
        line["explanation"] = explain(step, documents, *row);
        list.push_back(std::move(line));
    }
    if (list.empty())
        return Answer::failed(ErrorCode::not_found,
                              "Your agency has decided nothing under this id");
    step.note_access(caller.person, "decision_read", {}, caller.row.agency, notification);
    return Answer::of({{"decisions", std::move(list)}, {"next", nullptr}});
}

}  // namespace

Answer decisions_list(Step& step, const Caller& caller, const ApiRequest& request) {
    if (const auto sent = request.filter.find("sent"); sent != request.filter.end())
        return decisions_of(step, caller, sent->second);
    WallTime from;
    WallTime to;
    const auto after = uuid_from_text(request.cursor);
    if (!read_time(request, "from", from) || !read_time(request, "to", to) ||
        (!after && !request.cursor.empty()) || request.limit > listed_max) {
        return Answer::failed(ErrorCode::bad_value,
                              "'from' and 'to' are times such as 2026-11-24T23:40:00Z; 'cursor' is "
                              "the 'next' of the page before; 'limit' goes up to " +
                                  std::to_string(listed_max));
    }
    const std::size_t limit = request.limit == 0 ? listed_max : request.limit;
    const Bytes start = after ? store::key_bytes(DecisionId(*after)) : Bytes();
    Json list = Json::array();
    DecisionId last;
    bool more = false;
    std::size_t looked_at = 0;
    KeptFrom kept_from(step, caller);
    table::decisions.scan(step.tx, {.from = start, .order = store::Order::descending},
                          [&](const DecisionId& id, DecisionHead& head) {
                              if (after && id == DecisionId(*after)) return true;
                              more = list.size() == limit || looked_at++ == looked_at_max;
                              if (more) return false;
                              last = id;
                              if (from.is_set() && head.at < from) return true;
                              if (to.is_set() && head.at >= to) return true;
                              if (may_see(step, caller, head, kept_from))
                                  list.push_back(line_of(id, head));
                              return true;
                          });
    step.note_access(caller.person, "decisions_listed", {}, caller.row.agency, {});
    return Answer::of(
        {{"decisions", std::move(list)}, {"next", more ? Json(to_text(last)) : Json(nullptr)}});
}

Answer decision_one(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto full = request.filter.find("full");
    const bool in_full = full != request.filter.end() && full->second == "true";
    if (in_full && !is_auditor(caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "The full form is for the agency's data protection officer");
    }
    auto found = find(step, caller, request);
    if (!found.row) return std::move(found.failure);
    const auto& row = *found.row;
    DocumentsOfTheDay documents(step);
    Json json = line_of(found.id, row.head);
    json["person"] = row.head.person.value();
    json["role"] = seat_json({row.person_agency, role_of(row)});
    json["asked_as"] = row.reason;
    json["policy"] = name_json(row.policy);
    json["catalogue"] = name_json(row.catalogue);
    json["registry"] = name_json(row.registry);
    json["explanation"] = explain(step, documents, row);
    if (in_full) {
        json["full"] = explain_in_full(documents, row);
        json["evidence"] = {{"routing_facts", to_base64url(row.routing_facts)},
                            {"plan_facts", to_base64url(row.plan_facts)},
                            {"decision", to_base64url(row.decision)},
                            {"answer", to_base64url(row.answer)}};
    }
    step.note_access(caller.person, in_full ? "decision_read_in_full" : "decision_read", {},
                     row.head.agency, row.head.notification);
    return Answer::of(std::move(json));
}

Answer decision_replay(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find(step, caller, request);
    if (!found.row) return std::move(found.failure);
    const auto& row = *found.row;
    DocumentsOfTheDay documents(step);
    const auto again = made_again(documents, row);
    step.note_access(caller.person, "decision_replayed", {}, row.head.agency,
                     row.head.notification);
    const bool could = again.why_not.empty();
    return Answer::of({{"id", to_text(found.id)},
                       {"kind", std::string(name_of(row.head.kind))},
                       {"of_a_person", row.decision.empty() && !is_refused_at_desk(row)},
                       {"equal", could ? Json(again.result.equal) : Json(nullptr)},
                       {"difference", again.result.difference},
                       {"why_not", again.why_not}});
}

}  // namespace mash::runtime
