#include "tests/support/test_agent.hpp"

#include <algorithm>

#include "common/area/decide.hpp"
#include "common/base/check.hpp"
#include "common/sealing/section.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::test {

wire::RoutingFacts facts_about(const AgencyId& sender, const RoleId& role, const TypeId& type,
                               std::vector<wire::Token> tokens, WallTime occurred_at) {
    wire::RoutingFacts facts;
    facts.sender = sender;
    facts.sender_role = role;
    facts.type = type;
    std::ranges::sort(tokens);
    facts.tokens = std::move(tokens);
    facts.occurred_at = occurred_at;
    facts.level = wire::Level::four;
    facts.harm = wire::Harm::suspected;
    facts.purpose = wire::Purpose::inform_function;
    facts.agreement.status = wire::AgreementStatus::not_required;
    facts.agreement.giver = wire::Giver::unknown;
    for (const auto* view : {"evt.full", "evt.headline", "idn.full", "idn.match", "loc", "pro",
                             "rsk.full", "rsk.word", "sfc", "voi"}) {
        facts.views_on_offer.emplace_back(view);
    }
    std::ranges::sort(facts.views_on_offer);
    return facts;
}

wire::RoutingFacts missing_child(std::uint64_t child, WallTime at, const std::string& grade) {
    auto facts = facts_about(AgencyId("police-wm"), RoleId("pol"),
                             TypeId("missing_episode_started"), {token(child)}, at);
    facts.risk_grade = grade;
    return facts;
}

wire::RequestPlan request_plan(const NotificationId& id, wire::RoutingFacts facts, WallTime at) {
    wire::RequestPlan request;
    request.notification = id;
    request.facts = std::move(facts);
    request.asked_at = at;
    request.person = PersonId("service");
    request.reason = "intake";
    return request;
}

wire::Publish seal(TestArea& area, const wire::DisclosurePlan& plan,
                   const wire::RoutingFacts& facts, WallTime at) {
    std::map<InboxId, crypto::BoxPublicKey> keys;
    for (const auto& certificate : plan.facts.certificates) {
        const auto body = wire::decode_body<wire::InboxCertificate>(certificate.body);
        CHECK(body);
        keys.emplace(body->inbox, crypto::BoxPublicKey(body->box_public_key));
    }
    std::map<InboxId, const wire::Recipient*> parts;
    for (const auto& recipient : plan.decision.recipients)
        parts.emplace(recipient.inbox, &recipient);
    for (const auto& recipient : plan.decision.recipients) {
        for (const auto& standby : recipient.standbys) parts.emplace(standby.inbox, &recipient);
    }
    std::erase_if(parts, [&](const auto& part) { return !keys.contains(part.first); });

    wire::Publish publish;
    auto& sealed = publish.notification;
    wire::Routing routing;
    routing.id = plan.notification;
    routing.plan = plan.id;
    routing.facts = facts;
    routing.sealed_at = at;
    sealed.routing = wire::encode_body(routing);
    std::map<ViewId, sealing::SealedWithKey> views;
    for (const auto& [inbox, recipient] : parts) {
        for (const auto& view : area::views_for(*recipient, inbox)) {
            if (views.contains(view)) continue;
            auto one = sealing::seal_view(facts.sender, plan.notification, view,
                                          view_of("invented " + view.value()), area.random());
            CHECK(one);
            views.emplace(view, std::move(*one));
        }
    }
    for (const auto& [inbox, recipient] : parts) {
        wire::Cover cover;
        cover.id = plan.notification;
        cover.sender = facts.sender;
        cover.recipient = inbox;
        cover.type = facts.type;
        cover.thread = facts.thread.is_zero() ? ThreadId(plan.notification.value()) : facts.thread;
        cover.occurred_at = facts.occurred_at;
        cover.basis = recipient->basis;
        cover.rule = recipient->rule;
        cover.policy_version = plan.facts.policy_version;
        cover.withheld = recipient->withheld;
        cover.clocks = recipient->clocks;
        if (!cover.withheld.empty()) cover.ask = "01632 960100";
        std::vector<const sealing::SealedWithKey*> granted;
        for (const auto& view : area::views_for(*recipient, inbox))
            granted.push_back(&views.at(view));
        auto parcel =
            sealing::make_parcel(cover, recipient->lane, keys.at(inbox), granted, area.random());
        CHECK(parcel);
        sealed.parcels.push_back(std::move(*parcel));
    }
    for (auto& [view, one] : views) sealed.views.push_back(one.sealed);
    sign_again(area, facts.sender, plan.notification, sealed);
    return publish;
}

wire::Supplement supplement(TestArea& area, wire::DisclosurePlan plan,
                            const wire::RoutingFacts& facts, const std::set<InboxId>& told,
                            WallTime at) {
    std::erase_if(plan.decision.recipients,
                  [&](const auto& recipient) { return told.contains(recipient.inbox); });
    for (auto& recipient : plan.decision.recipients) {
        std::erase_if(recipient.standbys,
                      [&](const auto& standby) { return told.contains(standby.inbox); });
    }
    wire::Supplement out{seal(area, plan, facts, at).notification};
    out.added.signature =
        crypto::sign(area.signing_key(facts.sender), wire::label::supplement,
                     wire::notification_message(facts.sender, plan.notification, out.added));
    return out;
}

void sign_again(TestArea& area, const AgencyId& sender, const NotificationId& id,
                wire::SealedNotification& sealed) {
    const auto& key = area.signing_key(sender);
    for (auto& parcel : sealed.parcels) {
        parcel.signature =
            crypto::sign(key, wire::label::parcel, wire::parcel_message(sender, id, parcel));
    }
    sealed.signature = crypto::sign(key, wire::label::notification,
                                    wire::notification_message(sender, id, sealed));
}

wire::Receipts receipt(TestArea& area, const AgencyId& from, const AgencyId& sender,
                       std::vector<wire::ReceiptEntry> entries,
                       std::vector<DeliveryId> deliveries) {
    wire::ReceiptsBody body;
    body.batch = BatchId(area.random().array<16>());
    body.from = from;
    body.sender = sender;
    body.entries = std::move(entries);
    wire::Receipts receipts;
    receipts.body = wire::encode_body(body);
    receipts.signature = crypto::sign(area.signing_key(from), wire::label::receipts, receipts.body);
    receipts.deliveries = std::move(deliveries);
    return receipts;
}

wire::Receipts receipt(TestArea& area, const wire::Delivery& delivery, wire::Rung rung,
                       WallTime at) {
    const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
    CHECK(statement);
    return receipt(area, statement->seat.agency, statement->sender,
                   {{statement->id, statement->seat, rung, at, ""}}, {delivery.id});
}

wire::Recall recall(TestArea& area, const AgencyId& sender, const NotificationId& id, WallTime at,
                    const InboxId& inbox) {
    wire::RecallBody body;
    body.notification = id;
    body.sender = sender;
    body.person = PersonId("p-sender");
    body.reason = "wrong_recipient";
    body.at = at;
    body.confirm_by = at + std::chrono::hours(4);
    body.inbox = inbox;
    wire::Recall recall;
    recall.body = wire::encode_body(body);
    recall.signature = crypto::sign(area.signing_key(sender), wire::label::recall, recall.body);
    return recall;
}

wire::DeclareConflict conflict(TestArea& area, const AgencyId& by, const ConflictId& id,
                               std::vector<wire::Token> tokens, std::vector<InboxId> excluded,
                               WallTime from, std::uint64_t serial) {
    wire::ConflictBody body;
    body.id = id;
    body.declared_by = by;
    std::ranges::sort(tokens);
    std::ranges::sort(excluded);
    body.tokens = std::move(tokens);
    body.excluded = std::move(excluded);
    body.starts = from;
    body.serial = serial;
    wire::DeclareConflict declare;
    declare.body = wire::encode_body(body);
    declare.signature = crypto::sign(area.signing_key(by), wire::label::conflict, declare.body);
    return declare;
}

wire::EndConflict end_conflict(TestArea& area, const AgencyId& by, const ConflictId& id,
                               WallTime at) {
    wire::EndConflict end;
    end.id = id;
    end.ended_by = by;
    end.at = at;
    end.signature = crypto::sign(area.signing_key(by), wire::label::end_conflict,
                                 wire::end_conflict_message(end));
    return end;
}

wire::AuthorisationFrame authorise(TestArea& area, const Seat& decider, const NotificationId& id,
                                   const AgencyId& sender, const std::string& rule,
                                   std::vector<Seat> seats, bool allow, WallTime at) {
    const auto& person = area.person(decider);
    wire::Authorisation body;
    body.id = AuthorisationId(area.random().array<16>());
    body.notification = id;
    body.sender = sender;
    body.decider = decider;
    body.person = person.certificate.person;
    body.rule = rule;
    body.seats = std::move(seats);
    body.allow = allow;
    body.at = at;
    wire::AuthorisationFrame frame;
    frame.authorisation.body = wire::encode_body(body);
    frame.authorisation.signature =
        crypto::sign(person.key, wire::label::authorisation, frame.authorisation.body);
    frame.authorisation.certificate = person.certificate_bytes;
    frame.authorisation.certificate_signature = person.certificate_signature;
    return frame;
}

wire::TaskAnswer answer_task(TestArea& area, const wire::Task& task, wire::TaskOutcome outcome,
                             WallTime at) {
    const auto& person = area.person(task.owner);
    wire::TaskAnswer answer;
    answer.task = task.id;
    answer.outcome = outcome;
    answer.person = person.certificate.person;
    answer.at = at;
    answer.signature =
        crypto::sign(person.key, wire::label::task_answer, wire::task_answer_message(answer));
    answer.certificate = person.certificate_bytes;
    answer.certificate_signature = person.certificate_signature;
    return answer;
}

}  // namespace mash::test
