// Cuts the views again from what is kept encrypted, seals each once under its own key, and grants
// each inbox exactly what the checked decision says. A view that nobody is granted is never sealed
// and never leaves.
#include <algorithm>
#include <map>

#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/marks.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/view_cutter.hpp"
#include "common/area/decide.hpp"
#include "common/sealing/section.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t statement_bytes_max = 2 * limits::signed_body_bytes_max;

using Certificates = std::map<InboxId, wire::InboxCertificate>;

Result<Certificates> certificates_of(const wire::PlanFacts& facts) {
    Certificates certificates;
    for (const auto& signed_certificate : facts.certificates) {
        MASH_TRY(certificate, wire::decode_body<wire::InboxCertificate>(signed_certificate.body));
        certificates.emplace(certificate.inbox, certificate);
    }
    return certificates;
}

/// Which recipient's part an inbox gets. An inbox that is named for itself and also stands by for
/// another gets its own; one that stands by for several gets the first in the decision's order. An
/// inbox without a certificate has no key yet: the broker opens a task for it. The broker demands
/// exactly these parcels.
std::map<InboxId, const wire::Recipient*> parts_of(const wire::Decision& decision,
                                                   const Certificates& certificates) {
    std::map<InboxId, const wire::Recipient*> parts;
    for (const auto& recipient : decision.recipients) {
        if (certificates.contains(recipient.inbox)) parts.emplace(recipient.inbox, &recipient);
    }
    for (const auto& recipient : decision.recipients) {
        for (const auto& standby : recipient.standbys) {
            if (certificates.contains(standby.inbox)) parts.emplace(standby.inbox, &recipient);
        }
    }
    return parts;
}

/// What the front door's agent must know to pass it on: the child, and what its own rules ask
/// about. Not whom else this plan or the thread reaches.
wire::RoutingFacts said(wire::RoutingFacts facts) {
    facts.views_on_offer.clear();
    facts.thread_seats.clear();
    facts.addressed_to.clear();
    facts.unchanged.clear();
    return facts;
}

/// Of what the recipient is not sent again, where it has it.
Result<std::vector<wire::SentBefore>> left_out(Step& step, const OutboxItem& item,
                                               const wire::Recipient& recipient) {
    std::vector<wire::SentBefore> out;
    for (const auto& view : recipient.unchanged) {
        const auto in = sent_before(step, item, recipient.seat, view);
        if (!in) return fail(ErrorCode::decision_differs);
        out.push_back({view, *in});
    }
    return out;
}

/// Of two reports the first, to whoever was sent it; of anybody else it says nothing.
NotificationId first_report(Step& step, const Notification& notification, const Seat& seat) {
    const auto id = notification.same_event_as.empty()
                        ? std::nullopt
                        : id_of_source(step, notification.agency, notification.same_event_as);
    const auto first = id ? table::outbox.get(step.tx, *id) : std::nullopt;
    if (!first || first->recalled_at.is_set() || is_copy_recalled(step, *id, seat)) return {};
    const auto decision = decision_of(*first);
    const bool was_told = std::ranges::any_of(decision.recipients, [&](const auto& recipient) {
        return recipient.seat == seat && recipient.route != area::decider_route;
    });
    return was_told ? *id : NotificationId();
}

bool decides(const Step& step, const wire::Recipient& recipient) {
    const auto& role = recipient.seat.role;
    return role == step.policy()->front_door_role() || role == step.policy()->emergency_duty_role();
}

wire::Cover cover_for(const Step& step, const NotificationId& id, const OutboxItem& item,
                      const InboxId& inbox, const wire::Recipient& recipient,
                      const wire::RoutingFacts& facts) {
    wire::Cover cover;
    cover.id = id;
    cover.sender = item.agency;
    cover.recipient = inbox;
    cover.type = item.type;
    cover.kind = item.kind;
    cover.thread = item.thread;
    cover.supersedes = item.supersedes;
    cover.occurred_at = item.occurred_at;
    cover.basis = recipient.basis;
    cover.rule = recipient.rule;
    cover.policy_version = item.policy_version;
    cover.withheld = recipient.withheld;
    cover.clocks = recipient.clocks;
    if (!recipient.withheld.empty()) cover.ask = step.telephone_of({item.agency, item.role});
    cover.passed_on_from = facts.passed_on_from;
    if (recipient.route == area::pass_on_route) cover.said = wire::encode_body(said(facts));
    return cover;
}

}  // namespace

Views views_of(const Step& step, const OutboxItem& item, const Notification& notification) {
    CutDefaults defaults;
    if (const auto contact = step.agent.config.professional_contact.find(item.agency);
        contact != step.agent.config.professional_contact.end()) {
        defaults.professional_contact = contact->second;
    }
    return cut_views(notification, *step.policy(), defaults);
}

std::string_view parcel_label(std::string_view route) {
    return route == area::decider_route ? wire::label::parcel_to_decide : wire::label::parcel;
}

Result<wire::SealedNotification> seal(Step& step, const NotificationId& id, const OutboxItem& item,
                                      const wire::RoutingFacts& facts,
                                      const wire::DisclosurePlan& plan, std::string_view label) {
    const auto* key = step.signing_key(item.agency);
    if (key == nullptr) return fail(ErrorCode::unknown_key);
    const auto notification = stored_notification(step, id);
    if (!notification) return fail(ErrorCode::store_failed);
    MASH_TRY(certificates, certificates_of(plan.facts));
    const auto contents = views_of(step, item, *notification);
    const auto parts = parts_of(plan.decision, certificates);

    std::map<ViewId, sealing::SealedWithKey> sealed;
    for (const auto& [inbox, recipient] : parts) {
        for (const auto& view : area::views_for(*recipient, inbox)) {
            const auto content = contents.find(view);
            if (content == contents.end()) return fail(ErrorCode::decision_differs);
            const auto* definition = step.policy()->find_view(view);
            const auto* section =
                definition == nullptr ? nullptr : step.policy()->find_section(definition->section);
            // Rules never grant these; the last look before something irrevocable is ours.
            if (section == nullptr || !section->travels ||
                (section->needs_release &&
                 !area::is_released_to(recipient->seat, plan.facts.authorisations)))
                return fail(ErrorCode::decision_differs);
            if (sealed.contains(view)) continue;
            MASH_TRY(one, sealing::seal_view(item.agency, id, view,
                                             view_of(content->second.reveal()), step.random));
            sealed.emplace(view, std::move(one));
        }
    }

    const bool is_for_a_decider =
        std::ranges::any_of(parts, [&](const auto& part) { return decides(step, *part.second); });
    const Bytes family = is_for_a_decider
                             ? sealed_family(step, id, item, *notification, facts, plan.decision)
                             : Bytes();
    const auto marks = marks_of(plan.decision, facts);
    wire::SealedNotification out;
    wire::Routing routing;
    routing.id = id;
    routing.plan = plan.id;
    routing.facts = facts;
    routing.sealed_at = step.now.wall;
    out.routing = wire::encode_body(routing);
    for (const auto& [inbox, recipient] : parts) {
        const auto& certificate = certificates.at(inbox);
        std::vector<const sealing::SealedWithKey*> granted;
        for (const auto& view : area::views_for(*recipient, inbox))
            granted.push_back(&sealed.at(view));
        auto cover = cover_for(step, id, item, inbox, *recipient, facts);
        // Whoever decides sees that the same was told of a brother or sister, how this came to be
        // sent, and finds again whom it names; nobody else can, nor tell that anybody is named.
        if (decides(step, *recipient)) {
            cover.event = facts.event;
            cover.family = family;
            cover.marks = marks;
        }
        if (inbox == recipient->inbox) {
            MASH_TRY(unchanged, left_out(step, item, *recipient));
            cover.unchanged = std::move(unchanged);
            cover.same_event_as = first_report(step, *notification, recipient->seat);
        }
        MASH_TRY(parcel, sealing::make_parcel(cover, recipient->lane,
                                              crypto::BoxPublicKey(certificate.box_public_key),
                                              granted, step.random));
        parcel.signature = crypto::sign(*key, parcel_label(recipient->route),
                                        wire::parcel_message(item.agency, id, parcel));
        out.parcels.push_back(std::move(parcel));
    }
    for (auto& [view, one] : sealed) out.views.push_back(std::move(one.sealed));
    out.signature = crypto::sign(*key, label, wire::notification_message(item.agency, id, out));
    // It must fit into one frame, here and again on its way to a recipient, beside the broker's
    // statement. submit() has refused nearly all that does not; a catalogue may have changed since.
    if (wire::encode(wire::AgentFrame{1, wire::Publish{out}}).size() + statement_bytes_max >
        limits::frame_bytes_max) {
        return fail(ErrorCode::too_large);
    }
    for (const auto& [inbox, recipient] : parts) {
        if (inbox != recipient->inbox || recipient->route == area::decider_route) continue;
        remember_sent(step, id, item, *recipient, area::views_for(*recipient, inbox), contents);
    }
    return out;
}

}  // namespace mash::runtime
