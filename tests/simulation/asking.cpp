// Worlds in which some relations are asked for and not deposited, in which senders know some
// children by little, and twins are alike: what holders answer, and what the front door says of a
// weak match, under the faults of any other world (Workload::ask_holders).
#include <nlohmann/json.hpp>

#include "agents/runtime/core/asked.hpp"
#include "agents/runtime/core/records.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "tests/simulation/invariants.hpp"

namespace mash::simulation {
namespace {

namespace tables = broker::tables;
using nlohmann::json;
using Kind = runtime::ApiRequest::Kind;

std::string item_text(const broker::ItemKey& item) {
    return item.sender.value() + "/" + to_text(item.id);
}

std::string seat_text(const Seat& seat) { return seat.agency.value() + "." + seat.role.value(); }

}  // namespace

bool ask_holders_of(World& world, const std::string& relation) {
    auto& area = world.simulated().area;
    std::string policy;
    for (const auto& document : area.documents()) {
        if (document.kind == wire::DocumentKind::policy) policy = text_of(document.body);
    }
    const std::string listed = "mode = \"index\"";
    const auto begin = policy.find("[relations." + relation + "]");
    const auto end = policy.find(listed, begin);
    if (begin == std::string::npos || end == std::string::npos) return false;
    const auto head = policy.substr(begin, end - begin);
    area.change_policy(head + listed, head + "mode = \"ask\"", world.now().wall);
    world.load_documents();
    return true;
}

// ---- what people and agencies do ----

void Workload::ask_holders() {
    asks_ = true;
    const std::vector<std::string> relations{"school", "health_visitor", "social_worker"};
    const auto first = asking_.below(relations.size());
    const auto count = 1 + asking_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
        if (!ask_holders_of(world_, relations[(first + i) % relations.size()]))
            world_.violate("the policy has the relations that are played", relations[first]);
    }
}

void Workload::make_children_alike() {
    for (auto& child : children_) child.is_known_by_initial = asking_.chance(0.35);
    if (!asking_.chance(0.6)) return;
    auto twin = invented_child(children_.size());
    const auto& other = children_.front().subject;
    twin.subject.surname = other.surname;
    twin.subject.date_of_birth = other.date_of_birth;
    twin.subject.postcode = other.postcode;
    twin.school = asking_.chance(0.5) ? "orchard-gate" : "teme-meadow";
    twin.has_social_worker = asking_.chance(0.3);
    twin.has_health_visitor = asking_.chance(0.5);
    add_child(std::move(twin));
}

void Workload::somebody_answers_questions() {
    const bool looks = asking_.chance(0.4);
    const bool cannot_tell = asking_.chance(0.15);
    const bool takes_back = asking_.chance(0.2);
    answer_questions(asking_.chance(0.5) ? "hub.ffd" : "hub.edt", {looks, cannot_tell, takes_back});
}

/// Truthfully: the holder has the child, or does not.
void Workload::answer_questions(const std::string& inbox, const Answering& how) {
    const HostId hub("hub");
    const auto& token = world_.token_of(InboxId(inbox));
    const auto list = world_.ask(hub, Kind::questions_list, token);
    if (!list || list->status != 200) return;
    const std::string reason = json{{"reason", std::string(canary) + " reason: rang both"}}.dump();
    const auto questions = json::parse(list->json.reveal()).at("questions");
    for (const auto& one : questions) {
        const auto id = one.at("id").get<std::string>();
        if (one.at("state") == "answered") {
            if (how.takes_back) (void)world_.ask(hub, Kind::question_take_back, token, id, reason);
            continue;
        }
        if (one.at("state") != "open") continue;
        const auto about = uuid_from_text(one.at("notification").get<std::string>());
        const auto child = about ? child_of(NotificationId(*about)) : std::nullopt;
        if (!child) continue;
        const auto& holder = one.at("holder");
        const Seat seat{AgencyId(holder.at("agency").get<std::string>()),
                        RoleId(holder.at("role").get<std::string>())};
        if (how.looks) (void)world_.ask(hub, Kind::question_look, token, id, reason);
        const bool is_same = children_[*child].ever_involved.contains(seat);
        const json answer{{"outcome", how.cannot_tell ? "cannot_tell"
                                      : is_same       ? "same"
                                                      : "different"},
                          {"reason", std::string(canary) + " reason: rang both"}};
        (void)world_.ask(hub, Kind::question_answer, token, id, answer.dump());
    }
}

// ---- what must hold ----

void Invariants::check_question(const HostId& host, const wire::InvolvementQuestion& question) {
    const auto view = world_.broker().store().view();
    const auto asked = tables::asked_seats.get(*view, {question.asked.agency, question.id});
    if (!asked) return;  // taken back within the same commit
    if (!world_.files(host).keys.agencies.contains(question.asked.agency))
        violate("a question goes to the seat that it asks", seat_text(question.asked));
    const auto record = tables::notifications.get(*view, asked->item);
    if (!record) return violate("only about what was accepted is asked", item_text(asked->item));
    for (const auto& token : question.tokens) {
        const auto is_it = [&](const wire::Token& stated) { return stated.value == token.value; };
        if (std::ranges::any_of(record->tokens, is_it))
            violate("a question shows no token", item_text(asked->item));
    }
}

void Invariants::check_yes(const HostId& host, const wire::InvolvementAnswer& answer) {
    const auto view = world_.broker().store().view();
    const auto asked = tables::asked_seats.get(*view, {answer.asked.agency, answer.question});
    if (!asked) return;
    if (asked->item.id != answer.notification || !answer.claim)
        return violate("a yes is one to a question that stands", seat_text(answer.asked));
    const auto& agencies = world_.files(host).keys.agencies;
    if (!agencies.contains(asked->item.sender) && host != HostId("hub"))
        violate("a yes goes to the sender, or to who passes on for it", host.value());
}

void Invariants::check_holders() {
    const auto view = world_.broker().store().view();
    for (const auto& [key, row] : tables::holder_questions.collect(*view, {})) {
        const auto child = workload_.child_of(key.item.id);
        if (!child) continue;
        for (const auto& seat : row.known) {
            if (!was_involved(seat, *child))
                violate("only who has the child says yes",
                        item_text(key.item) + " " + seat_text(seat));
        }
    }
}

void Invariants::check_end_of_asking() {
    // Put back, somebody has forgotten a part of the conversation: the rules on whole stores hold.
    if (is_broker_restored_ || !restored_.empty()) return;
    check_yes_is_kept();
    const auto view = world_.broker().store().view();
    for (const auto& notice : tables::notices.collect_keys(*view, {})) {
        if (notice.kind == broker::NoticeKind::holder_asked)
            violate("each question to a holder is answered", notice.agency.value());
        if (notice.kind == broker::NoticeKind::holder_known)
            violate("each yes is heard", notice.agency.value());
        if (notice.kind == broker::NoticeKind::identity_answer)
            violate("each answer of the front door is heard", notice.agency.value());
    }
    for (const auto& [key, row] : tables::holder_questions.collect(*view, {})) {
        const auto record = tables::notifications.get(*view, key.item);
        if (!record || record->recalled || !record->has_content) continue;
        for (const auto& seat : row.known) {
            if (seat.agency == key.item.sender || is_told(key.item, *record, seat)) continue;
            violate("who has said yes is told, or somebody must tell them",
                    item_text(key.item) + " " + seat_text(seat));
        }
    }
}

/// At the holder it is written down; the broker has it as a claim.
void Invariants::check_yes_is_kept() {
    const auto view = world_.broker().store().view();
    for (auto& [host, process] : world_.agents()) {
        for (const auto& [question, yes] :
             runtime::table::asked_and_known.collect(*process.store().view(), {})) {
            const auto asked = tables::asked_seats.get(*view, {yes.seat.agency, question});
            const auto record =
                asked ? tables::notifications.get(*view, asked->item) : std::nullopt;
            if (!record || record->recalled || !record->has_content) continue;
            if (!tables::claims.contains(*view, {yes.seat.agency, question}))
                violate("each yes is kept by the broker",
                        item_text(asked->item) + " " + seat_text(yes.seat));
        }
    }
}

/// By the sender or by whoever passes on; or a rule or a person stands before it, or has the task.
bool Invariants::is_told(const broker::ItemKey& item, const broker::NotificationRecord& record,
                         const Seat& seat) {
    const auto has = [&](const broker::NotificationRecord& of) {
        return std::ranges::find(of.seats, seat, &broker::SeatRecord::seat) != of.seats.end();
    };
    if (has(record)) return true;
    const auto view = world_.broker().store().view();
    bool has_task = false;
    tables::task_causes.scan(*view, {}, [&](const broker::TaskCause& cause, TaskId&) {
        has_task = cause.item == item &&
                   (cause.kind == wire::TaskKind::pass_on || cause.kind == wire::TaskKind::held);
        return !has_task;
    });
    if (has_task) return true;
    const auto names = [&](const AgencyId& agency, const NotificationId& id) {
        for (auto& [host, process] : world_.agents()) {
            if (!world_.files(host).keys.agencies.contains(agency)) continue;
            const auto own = runtime::table::outbox.get(*process.store().view(), id);
            if (!own) return false;
            if (own->recalled_at.is_set()) return true;
            const auto decision = wire::decode_body<wire::Decision>(own->decision);
            if (!decision) continue;
            return std::ranges::find(decision->recipients, seat, &wire::Recipient::seat) !=
                       decision->recipients.end() ||
                   std::ranges::find(decision->held, seat, &wire::HeldRecipient::seat) !=
                       decision->held.end() ||
                   std::ranges::find(decision->refused, seat, &wire::RefusedRecipient::seat) !=
                       decision->refused.end();
        }
        return false;
    };
    if (names(item.sender, item.id)) return true;
    const auto* source = workload_.origin_of(item.id);
    if (source == nullptr) return false;
    return names(AgencyId("hub"), workload_.passed_on_id(item.sender, item.id,
                                                         source->notification.facts.occurred_at));
}

}  // namespace mash::simulation
