#include "tests/simulation/invariants.hpp"

#include <algorithm>
#include <cstring>

#include "agents/runtime/core/parts.hpp"
#include "broker/core/receipts.hpp"
#include "common/area/agreement.hpp"
#include "common/area/policy.hpp"
#include "common/crypto/hash.hpp"
#include "common/sealing/section.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/ring_again.hpp"
#include "common/wire/signing.hpp"
#include "tests/simulation/oracle.hpp"

namespace mash::simulation {
namespace {

namespace tables = broker::tables;
namespace table = runtime::table;

bool holds(ByteView bytes, std::string_view text) {
    return !text.empty() && memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

HostId host_of(const World& world, const AgencyId& agency) {
    for (const auto& [host, process] : world.agents()) {
        if (world.files(host).keys.agencies.contains(agency)) return host;
    }
    return {};
}

AgencyId agency_of(const InboxId& inbox) {
    return AgencyId(inbox.value().substr(0, inbox.value().find('.')));
}
RoleId role_of(const InboxId& inbox) {
    return RoleId(inbox.value().substr(inbox.value().find('.') + 1));
}

/// An alternate is told what its principal would have been.
RoleId row_role_of(const InboxId& inbox) {
    const auto role = role_of(inbox);
    return role == RoleId("sch2") || role == RoleId("chair-of-governors") ? RoleId("sch") : role;
}

std::string item_text(const AgencyId& sender, const NotificationId& id) {
    return sender.value() + "/" + to_text(id);
}

template <class Visit>
void each_broker_space(Visit visit) {
    visit(tables::meta.space());
    visit(tables::documents.space());
    visit(tables::staged.space());
    visit(tables::inbox_keys.space());
    visit(tables::hosts.space());
    visit(tables::claims.space());
    visit(tables::claims_by_token.space());
    visit(tables::claims_by_seat.space());
    visit(tables::asked_by_token.space());
    visit(tables::asked_by_item.space());
    visit(tables::weak_tokens.space());
    visit(tables::severed_by_token.space());
    visit(tables::closed_by_token.space());
    visit(tables::rolls.space());
    visit(tables::plans.space());
    visit(tables::asked.space());
    visit(tables::asked_last.space());
    visit(tables::asked_not_sent.space());
    visit(tables::not_sent_open.space());
    visit(tables::notifications.space());
    visit(tables::content.space());
    visit(tables::added.space());
    visit(tables::queue.space());
    visit(tables::queue_turns.space());
    visit(tables::immediate_backlog.space());
    visit(tables::held.space());
    visit(tables::threads_waiting.space());
    visit(tables::thread_seats.space());
    visit(tables::thread_kept_from.space());
    visit(tables::receipts_due.space());
    visit(tables::receipts_kept.space());
    visit(tables::notices.space());
    visit(tables::tasks.space());
    visit(tables::task_causes.space());
    visit(tables::questions.space());
    visit(tables::question_items.space());
    visit(tables::lapses.space());
    visit(tables::holder_questions.space());
    visit(tables::asked_seats.space());
    visit(tables::authorisations.space());
    visit(tables::conflicts.space());
    visit(tables::conflicts_by_token.space());
    visit(tables::words.space());
    visit(tables::words_copies.space());
    visit(tables::words_kept.space());
    visit(tables::words_bytes.space());
    visit(tables::recalls.space());
    visit(tables::recalls_of_copies.space());
    visit(tables::earlier_copies.space());
    visit(tables::earlier_copies_kept.space());
    visit(tables::agreements.space());
    visit(tables::agreement_relied.space());
    visit(tables::withdrawals.space());
    visit(tables::recalls_ahead.space());
    visit(tables::quarantine.space());
    visit(tables::due.space());
    visit(tables::expiries.space());
}

/// What the front door's agent had to pass on when nobody worked with the child.
bool reached_nobody(const runtime::OutboxItem& item) {
    const auto decision = wire::decode_body<wire::Decision>(item.decision);
    return item.reason == runtime::passed_on && decision && decision->refusal == "no_recipient";
}

}  // namespace

Invariants::Invariants(World& world, const Workload& workload)
    : world_(world), workload_(workload) {
    world.watch(this);
}

// ---- after every step ----

void Invariants::check_blind(ByteView bytes, const std::string& where) {
    if (holds(bytes, canary) || holds(bytes, "CANARY"))
        return violate("the broker is blind", "a word of content in " + where);
    for (const auto& child : workload_.children()) {
        const auto& subject = child.subject;
        for (const auto* text : {&subject.nhs_number.reveal(), &subject.date_of_birth.reveal(),
                                 &subject.postcode.reveal()}) {
            if (holds(bytes, *text))
                return violate("the broker is blind", "an identifier in " + where);
        }
    }
}

void Invariants::frame_to_broker(const HostId& host, ByteView bytes) {
    check_blind(bytes, "a frame of " + host.value());
}
void Invariants::frame_to_agent(const HostId& host, ByteView bytes) {
    check_blind(bytes, "a frame to " + host.value());
}

void Invariants::broker_said(const std::vector<broker::Effect>& effects) {
    for (const auto& effect : effects) {
        if (const auto* reply = std::get_if<broker::OperatorReply>(&effect))
            check_blind(view_of(reply->json), "an operator's answer");
        const auto* send = std::get_if<broker::SendFrame>(&effect);
        if (send == nullptr) continue;
        if (const auto* accepted = std::get_if<wire::Accepted>(&send->frame.body))
            check_accepted(*accepted);
        const auto host = world_.host_of_session(send->session.value);
        if (!host) continue;
        if (const auto* delivery = std::get_if<wire::Delivery>(&send->frame.body))
            check_delivery(*host, *delivery);
        if (const auto* question = std::get_if<wire::InvolvementQuestion>(&send->frame.body))
            check_question(*host, *question);
        if (const auto* answer = std::get_if<wire::InvolvementAnswer>(&send->frame.body))
            check_yes(*host, *answer);
    }
}

void Invariants::check_accepted(const wire::Accepted& accepted) {
    const auto body = wire::decode_body<wire::AcceptedBody>(accepted.body);
    if (!body) return violate("accepted decodes", std::string(name_of(body.error())));
    const broker::ItemKey item{body->sender, body->id};
    const auto view = world_.broker().store().view();
    const auto record = tables::notifications.get(*view, item);
    const auto added =
        record ? std::ranges::find(record->added, body->digest, &broker::AddedRecord::digest)
               : std::vector<broker::AddedRecord>::iterator();
    if (record && added != record->added.end()) {
        if (record->has_content && !tables::added.contains(*view, {item, added->plan}))
            violate("accepted means durable at the broker",
                    "no added content: " + item_text(body->sender, body->id));
        added_.insert({item, body->digest});
        return;
    }
    if (!record || record->digest != body->digest) {
        return violate("accepted means durable at the broker", item_text(body->sender, body->id));
    }
    if (record->has_content && !tables::content.contains(*view, item)) {
        return violate("accepted means durable at the broker",
                       "no content: " + item_text(body->sender, body->id));
    }
    accepted_[item] = body->digest;
}

void Invariants::check_delivery(const HostId& host, const wire::Delivery& delivery) {
    const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
    if (!statement) return violate("a statement decodes", std::string(name_of(statement.error())));
    const auto where =
        item_text(statement->sender, statement->id) + " for " + statement->inbox.value();
    if (host_of(world_, agency_of(statement->inbox)) != host ||
        delivery.parcel.recipient != statement->inbox) {
        return violate("a parcel goes to its own inbox only", where + " sent to " + host.value());
    }
    const auto view = world_.broker().store().view();
    const auto record = tables::notifications.get(*view, {statement->sender, statement->id});
    if (!record) return violate("what is delivered was accepted", where);
    if (record->recalled) return violate("what was recalled is not delivered", where);
    const broker::ItemKey item{statement->sender, statement->id};
    const auto relying = tables::agreement_relied.get(*view, item);
    if (tables::withdrawals.contains(*view, item) && relying &&
        std::ranges::binary_search(relying->seats, statement->seat))
        return violate("what rests on a withdrawn agreement is not delivered", where);
    if (delivery.views.size() != delivery.parcel.views.size())
        return violate("no view that was not granted", where);
    for (const auto& seat : record->seats) {
        for (const auto& route : seat.inboxes) {
            if (route.inbox == statement->inbox && route.delivery == delivery.id &&
                route.state == broker::RouteState::excluded) {
                violate("the excluded see nothing", where);
            }
        }
    }
}

void Invariants::agent_said(const HostId& host, const std::vector<runtime::Effect>& effects) {
    for (const auto& effect : effects) {
        if (const auto* send = std::get_if<runtime::SendFrame>(&effect)) {
            if (const auto* publish = std::get_if<wire::Publish>(&send->frame.body))
                check_publish(host, *publish);
            if (const auto* supplement = std::get_if<wire::Supplement>(&send->frame.body))
                check_supplement(host, *supplement);
            if (const auto* receipts = std::get_if<wire::Receipts>(&send->frame.body))
                check_receipts(host, *receipts);
        }
        if (const auto* done = std::get_if<runtime::Submitted>(&effect)) {
            const auto view = world_.agent(host).store().view();
            if (!table::outbox.contains(*view, done->id))
                violate("submitted means durable at the sender", to_text(done->id));
        }
        if (const auto* alarm = std::get_if<runtime::Alarm>(&effect);
            alarm != nullptr && alarm->telephone.empty()) {
            violate("an alarm says whom to ring", std::string(runtime::name_of(alarm->kind)));
        }
        if (const auto* item = std::get_if<runtime::HandOver>(&effect)) check_hand_over(*item);
    }
}

void Invariants::check_publish(const HostId& host, const wire::Publish& publish) {
    const auto routing = wire::decode_body<wire::Routing>(publish.notification.routing);
    if (!routing) return violate("routing decodes", std::string(name_of(routing.error())));
    const auto view = world_.agent(host).store().view();
    const auto item = table::outbox.get(*view, routing->id);
    const auto kept = table::outbox_sealed.get(*view, routing->id);
    if (!item || !kept || kept->bytes != wire::encode_body(publish.notification)) {
        return violate("what is offered is kept by its sender", to_text(routing->id));
    }
    check_floor(host, publish.notification, *item);
}

void Invariants::check_supplement(const HostId& host, const wire::Supplement& supplement) {
    const auto routing = wire::decode_body<wire::Routing>(supplement.added.routing);
    if (!routing) return violate("routing decodes", std::string(name_of(routing.error())));
    const auto view = world_.agent(host).store().view();
    const auto where = to_text(routing->id);
    const auto item = table::outbox.get(*view, routing->id);
    if (!item) return violate("what is offered is kept by its sender", where);
    bool is_kept = false;
    const Bytes prefix = store::key_bytes(routing->id);
    for (const auto& [key, kept] : table::supplements_sealed.collect(*view, {.prefix = prefix}))
        is_kept = is_kept || kept.bytes == wire::encode_body(supplement.added);
    if (!is_kept) violate("what is offered is kept by its sender", where + " (supplement)");
    const auto first = table::outbox_sealed.get(*view, routing->id);
    const auto sealed = first ? wire::decode_body<wire::SealedNotification>(first->bytes)
                              : Result<wire::SealedNotification>(fail(ErrorCode::not_found));
    const auto decision = wire::decode_body<wire::Decision>(item->decision);
    if (!sealed || !decision) return;
    for (const auto& parcel : supplement.added.parcels) {
        const auto& inbox = parcel.recipient;
        if (std::ranges::find(sealed->parcels, inbox, &wire::Parcel::recipient) !=
            sealed->parcels.end())
            violate("a supplement is for whom nothing was sent to", where + " " + inbox.value());
        const bool is_decided = std::ranges::any_of(decision->recipients, [&](const auto& one) {
            return one.inbox == inbox ||
                   std::ranges::find(one.standbys, inbox, &wire::Standby::inbox) !=
                       one.standbys.end();
        });
        if (!is_decided) violate("nobody outside the decision", where + " " + inbox.value());
    }
}

// What its store holds judges, not what the core made of it. A statement that came after the
// sealing does not.
void Invariants::check_floor(const HostId& host, const wire::SealedNotification& said,
                             const runtime::OutboxItem& item) {
    const auto view = world_.agent(host).store().view();
    const auto row =
        table::documents.get(*view, static_cast<std::uint8_t>(wire::DocumentKind::freshness));
    if (!row) return violate("nothing is offered without documents", host.value());
    const auto document = wire::decode_body<wire::SignedDocument>(row->document);
    const auto fresh = document ? area::parse_freshness(document->body)
                                : Result<area::Freshness>(fail(document.error()));
    if (!fresh) return violate("a kept document decodes", host.value());
    if (item.sealed_at - fresh->issued_at < limits::freshness_max) return;
    for (const auto& parcel : said.parcels) {
        if (parcel.recipient != InboxId("hub.ffd") && parcel.recipient != InboxId("hub.edt"))
            violate("under the floor only front door and emergency duty get anything",
                    item.type.value() + " for " + parcel.recipient.value());
    }
    const auto decision = wire::decode_body<wire::Decision>(item.decision);
    if (!decision) return violate("a kept decision decodes", host.value());
    for (const auto& recipient : decision->recipients) {
        if (recipient.act && recipient.urgency > wire::Urgency::u2)
            violate("under the floor only what is due within the hour goes", item.type.value());
    }
}

void Invariants::check_receipts(const HostId& host, const wire::Receipts& receipts) {
    const auto body = wire::decode_body<wire::ReceiptsBody>(receipts.body);
    if (!body) return violate("receipts decode", std::string(name_of(body.error())));
    const auto view = world_.agent(host).store().view();
    for (const auto& entry : body->entries) {
        rungs_said_.emplace(body->sender, entry.notification, entry.seat, entry.rung);
        if (entry.rung == wire::Rung::refused) continue;
        // A rung says what lies in one of this seat's inboxes. A batch kept from before a recall is
        // sent again as signed.
        bool reached = false;
        if (entry.rung == wire::Rung::agreement_stopped) {
            for (const auto& [key, mark] : table::inbox_stops.collect(*view, {})) {
                reached = reached || (std::get<1>(key) == body->sender &&
                                      std::get<2>(key) == entry.notification &&
                                      mark.seat == entry.seat && mark.confirmed_at.is_set());
            }
        }
        const Bytes prefix = store::key_bytes(entry.notification);
        std::vector<runtime::InboxItem> items;
        for (const auto& [inbox_host_key, unused] : world_.files(host).keys.agencies) {
            const auto* agency = world_.simulated().area.registry().find_agency(inbox_host_key);
            for (const auto& seat : agency->seats) {
                const auto item =
                    table::inbox.get(*view, {seat.inbox, body->sender, entry.notification});
                if (item) items.push_back(*item);
            }
        }
        for (const auto& item : items) {
            switch (entry.rung) {
                case wire::Rung::stored: reached = reached || item.stored_at.is_set(); break;
                case wire::Rung::opened: reached = reached || item.opened_at.is_set(); break;
                case wire::Rung::handed_over:
                    reached = reached || item.handed_over_at.is_set();
                    break;
                case wire::Rung::taken: reached = reached || item.taken_at.is_set(); break;
                case wire::Rung::decided: reached = reached || item.decided_at.is_set(); break;
                case wire::Rung::recalled: reached = reached || item.recalled_at.is_set(); break;
                case wire::Rung::undecryptable: reached = true; break;
                default: break;
            }
        }
        if (!reached) {
            violate("no rung before what it says is durable",
                    item_text(body->sender, entry.notification) + " rung " +
                        std::to_string(static_cast<int>(entry.rung)) + " at " + host.value());
        }
    }
}

void Invariants::check_hand_over(const runtime::HandOver& item) {
    if (item.recalled) return;
    const auto child = workload_.child_of(item.notification);
    const auto source = child ? workload_.source_of(item.notification) : nullptr;
    if (source == nullptr) return;
    const bool is_severed = workload_.children()[*child].also.contains("severed");
    const auto views =
        allowed_views(source->notification.facts.type,
                      is_severed ? RoleId("ffd") : row_role_of(item.inbox), item.notification);
    const auto where =
        item_text(item.sender, item.notification) + " handed over for " + item.inbox.value();
    if (!views) return violate("nobody outside row C2", where);
    check_content(item.json.reveal(), *views, *child, where);
}

void Invariants::broker_restored() {
    is_broker_restored_ = true;
    accepted_.clear();
    added_.clear();
    std::erase_if(versions_, [](const auto& entry) { return std::get<0>(entry.first).empty(); });
}

void Invariants::agent_restored(const HostId& host) {
    restored_.insert(host);
    std::erase_if(versions_, [&](const auto& entry) { return std::get<0>(entry.first) == host; });
    std::erase_if(parcels_, [&](const auto& entry) { return std::get<0>(entry.first) == host; });
}

// ---- at quiet points ----

void Invariants::check_stores(bool thorough) {
    const auto view = world_.broker().store().view();
    each_broker_space([&](store::Space space) {
        view->scan(space, {}, [&](ByteView key, ByteView value) {
            check_blind(key, "the broker's store, " + std::string(space.name()));
            check_blind(value, "the broker's store, " + std::string(space.name()));
            return true;
        });
    });
    check_accepted_is_durable();
    check_versions();
    check_rungs();
    if (workload_.asks()) check_holders();
    for (auto& [host, process] : world_.agents()) {
        const auto own = process.store().view();
        std::vector<std::pair<runtime::InboxKey, runtime::InboxItem>> items =
            table::inbox.collect(*own, {});
        const auto listed = table::inbox_by_time.collect_keys(*own, {});
        std::set<runtime::InboxKey> once;
        for (const auto& [inbox, at, sender, id] : listed) {
            if (!once.insert({inbox, sender, id}).second)
                violate("exactly once in each inbox",
                        item_text(sender, id) + " in " + inbox.value());
        }
        for (const auto& [key, item] : items) {
            if (item.stored_at.is_set() && !once.contains(key))
                violate("what is stored is listed", to_text(std::get<2>(key)));
            check_inbox_item(host, key, item, thorough);
        }
        for (const auto& [key, mark] : table::inbox_stops.collect(*own, {}))
            check_stop(host, key, mark);
    }
}

void Invariants::check_accepted_is_durable() {
    const auto view = world_.broker().store().view();
    for (const auto& [item, digest] : accepted_) {
        const auto record = tables::notifications.get(*view, item);
        if (!record || record->digest != digest)
            violate("accepted means durable at the broker", item_text(item.sender, item.id));
        const auto host = host_of(world_, item.sender);
        if (restored_.contains(host)) continue;
        const auto own = world_.agent(host).store().view();
        const auto kept = table::outbox.get(*own, item.id);
        if (!kept || kept->sealed_digest != digest) {
            violate("accepted means durable at the sender", item_text(item.sender, item.id));
        } else if (kept->state != runtime::OutboxState::closed &&
                   !table::outbox_sealed.contains(*own, item.id)) {
            violate("the sealed bytes stay at the sender", item_text(item.sender, item.id));
        }
    }
    for (const auto& [item, digest] : added_) {
        const auto record = tables::notifications.get(*view, item);
        const bool is_there =
            record && std::ranges::find(record->added, digest, &broker::AddedRecord::digest) !=
                          record->added.end();
        if (!is_there)
            violate("accepted means durable at the broker",
                    item_text(item.sender, item.id) + " (supplement)");
    }
}

void Invariants::check_versions() {
    const auto only_up = [&](const HostId& who, const std::string& what, std::uint64_t version) {
        auto& highest = versions_[{who, what}];
        if (version < highest)
            violate("versions never go back",
                    what + " at " + (who.empty() ? "the broker" : who.value()));
        highest = std::max(highest, version);
    };
    const auto view = world_.broker().store().view();
    for (const auto& [kind, record] : tables::documents.collect(*view, {})) {
        only_up({}, "document " + std::to_string(kind), record.document.version);
    }
    for (const auto& [inbox, record] : tables::inbox_keys.collect(*view, {})) {
        only_up({}, "key of " + inbox.value(), record.certificate.serial);
    }
    only_up({}, "commit serial", tables::meta.get(*view, {}).value_or(broker::MetaRecord{}).serial);
    for (auto& [host, process] : world_.agents()) {
        const auto own = process.store().view();
        for (const auto& [kind, row] : table::documents.collect(*own, {})) {
            const auto document = wire::decode_body<wire::SignedDocument>(row.document);
            if (document) only_up(host, "document " + std::to_string(kind), document->version);
        }
    }
}

void Invariants::check_rungs() {
    for (auto& [host, process] : world_.agents()) {
        const auto view = process.store().view();
        for (const auto& [key, mark] : table::rungs.collect(*view, {})) {
            const auto& [id, seat, number] = key;
            const auto rung = static_cast<wire::Rung>(number);
            if (rung == wire::Rung::not_connected || rung == wire::Rung::expired) continue;
            const auto item = table::outbox.get(*view, id);
            const auto is_said_to = [&](const AgencyId& sender) {
                return rungs_said_.contains({sender, id, seat, rung});
            };
            // Of what a restored agent sent in its earlier life, before its source gives it again.
            const auto& own = world_.files(host).keys.agencies;
            const bool is_of_earlier_life = !item && restored_.contains(host) &&
                                            std::ranges::any_of(own, [&](const auto& entry) {
                                                return is_said_to(entry.first);
                                            });
            if (!is_of_earlier_life && (!item || !is_said_to(item->agency))) {
                violate("rungs are what recipients signed",
                        to_text(id) + " " + seat.agency.value() + "." + seat.role.value());
            }
        }
    }
}

// A person says that an office stopped, and "not held" is no word of who holds it.
void Invariants::check_stop(const HostId& host, const runtime::InboxKey& key,
                            const runtime::StopMark& mark) {
    if (!mark.confirmed_at.is_set()) return;
    const auto view = world_.agent(host).store().view();
    const auto inbox = table::inboxes.get(*view, std::get<0>(key));
    const auto item = table::inbox.get(*view, key);
    const bool holds =
        item && item->stored_at.is_set() && item->state == runtime::InboxState::stored;
    if (!inbox || !inbox->people || !holds) return;
    if (mark.confirmed_by.empty() || mark.code != "stopped")
        violate("only a person says that an office has stopped",
                item_text(std::get<1>(key), std::get<2>(key)) + " in " + std::get<0>(key).value() +
                    " " + mark.code);
}

bool Invariants::was_involved(const Seat& seat, std::size_t child) const {
    return workload_.children()[child].ever_involved.contains(seat);
}

std::vector<crypto::BoxKeyPair>& Invariants::keys_of(const HostId& host, const InboxId& inbox) {
    auto& [epoch, pairs] = keys_[inbox];
    const auto view = world_.agent(host).store().view();
    const auto row = table::inboxes.get(*view, inbox);
    if (!row || row->epoch == epoch) return pairs;
    pairs.clear();
    for (std::uint64_t each = 1; each <= row->epoch; ++each) {
        const auto key = table::inbox_keys.get(*view, {inbox, each});
        if (!key || key->recovery_sealed.empty()) continue;
        const auto text = crypto::open_sealed(world_.files(host).recovery, key->recovery_sealed);
        if (!text) continue;
        Reader in(text->reveal());
        (void)in.text();
        (void)in.id<InboxId>();
        (void)in.u64();
        auto secret = crypto::BoxSecretKey::from(in.fixed(crypto::BoxSecretKey::size));
        if (secret) pairs.push_back(crypto::BoxKeyPair::from_secret(std::move(*secret)));
    }
    epoch = row->epoch;
    return pairs;
}

/// In their own signed words, at the sender; asked of the signatures, not of what the rules say.
bool Invariants::is_released(const NotificationId& id, const Seat& seat) {
    const auto* source = workload_.source_of(id);
    if (source == nullptr) return false;
    const auto view = world_.agent(source->host).store().view();
    std::map<std::string, std::set<PersonId>> signers;
    const auto prefix = store::key_bytes(id);
    for (const auto& [key, mark] : table::authorisations.collect(*view, {.prefix = prefix})) {
        const auto given = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
        if (given && given->allow && std::ranges::find(given->seats, seat) != given->seats.end())
            signers[given->rule].insert(given->person);
    }
    auto both = signers["D3-1"];
    both.insert(signers["D3-2"].begin(), signers["D3-2"].end());
    return !signers["D3-1"].empty() && !signers["D3-2"].empty() && both.size() >= 2;
}

std::optional<std::set<std::string, std::less<>>> Invariants::allowed_views(
    const TypeId& type, const RoleId& role, const NotificationId& id) const {
    const auto* views = oracle::views_for(type.value(), role.value());
    if (views == nullptr) return std::nullopt;
    auto out = *views;
    // K2: "same profile as the original", so by the row of what was wrong as well.
    const auto* said = workload_.source_of(id);
    if (type != TypeId("correction") || said == nullptr) return out;
    const auto wrong = std::ranges::find_if(workload_.sources(), [&](const Source& one) {
        return !said->notification.supersedes_ref.empty() &&
               one.notification.source_ref == said->notification.supersedes_ref;
    });
    const auto* row = wrong == workload_.sources().end()
                          ? nullptr
                          : oracle::views_for(wrong->notification.facts.type.value(), role.value());
    if (row != nullptr) out.insert(row->begin(), row->end());
    return out;
}

void Invariants::check_inbox_item(const HostId& host, const runtime::InboxKey& key,
                                  const runtime::InboxItem& item, bool thorough) {
    const auto& [inbox, sender, id] = key;
    if (item.state == runtime::InboxState::recalled || !item.stored_at.is_set()) return;
    const auto where = item_text(sender, id) + " in " + inbox.value();
    auto& first = parcels_[{host, inbox, sender, id}];
    const bool is_new = first == Digest{};
    if (!is_new && first != item.parcel)
        return violate("the same id keeps the same content", where);
    first = item.parcel;
    if (!is_new) return;
    const auto child = workload_.child_of(id);
    if (!child) return violate("only what a source gave arrives", where);
    const auto view = world_.agent(host).store().view();
    const auto stored = table::inbox_sealed.get(*view, key);
    if (!stored) return violate("what is stored is kept", where);
    const auto delivery = wire::decode_body<wire::Delivery>(stored->bytes);
    const auto statement = wire::decode_body<wire::StatementBody>(item.statement);
    if (!delivery || !statement) return violate("what is stored decodes", where);

    const auto role = row_role_of(inbox);
    const bool decides = statement->route == area::decider_route;
    const bool is_severed = workload_.children()[*child].also.contains("severed");
    if (is_severed && statement->route != area::severed_route)
        return violate("a severed identity is nobody's but its keeper's", where);
    // The keeper reads what the front door would have.
    const auto allowed =
        decides ? std::optional(oracle::views_of_any(statement->type.value()))
        : statement->route == area::danger_route
            ? oracle::views_of_danger(statement->type.value(), role.value())
            : allowed_views(statement->type, is_severed ? RoleId("ffd") : role, id);
    if (!allowed) return violate("nobody outside row C2", where + " " + statement->type.value());
    const Seat seat{agency_of(inbox), role};
    const auto* said = workload_.origin_of(id);
    if (!decides && oracle::must_be_involved(statement->type.value(), role.value()) &&
        !was_involved(seat, *child) &&
        (said == nullptr || !oracle::is_named(said->notification.facts, seat))) {
        return violate("nobody who was never involved", where);
    }
    if (statement->type == TypeId("protected_address_release") && !is_released(id, seat))
        return violate("a protected address has two different people's word", where);
    for (const auto& named : delivery->parcel.views) {
        if (!allowed->contains(named.view.value()))
            return violate("nobody has a view beyond C3", where + " " + named.view.value());
        if (oracle::only_if_named(statement->type.value(), role.value(), named.view.value()) &&
            (said == nullptr || !oracle::is_named(said->notification.facts, seat)))
            return violate("where a child is placed is told to whom the sender names",
                           where + " " + named.view.value());
    }
    if (thorough) {
        for (auto& [other, pairs] : keys_) {
            if (other == inbox) continue;
            for (const auto& pair : pairs.second) {
                if (sealing::open_parcel(pair, sender, id, delivery->parcel))
                    violate("a parcel opens for its own inbox only",
                            where + " for " + other.value());
            }
        }
    }
    bool opened = false;
    const auto& own_keys = keys_of(host, inbox);
    for (const auto& pair : own_keys) {
        const auto grant = sealing::open_parcel(pair, sender, id, delivery->parcel);
        if (!grant) continue;
        opened = true;
        std::string all;
        for (const auto& sealed : delivery->views) {
            const auto granted = std::ranges::find(grant->keys, sealed.view, &wire::ViewKey::view);
            const auto digest =
                std::ranges::find(delivery->parcel.views, sealed.view, &wire::ViewDigest::view);
            if (granted == grant->keys.end() || digest == delivery->parcel.views.end())
                return violate("no view without its key", where);
            const auto plain = sealing::open_view(sender, id, sealed, digest->digest, granted->key);
            if (!plain) return violate("what is granted opens", where + " " + sealed.view.value());
            all += text_of(*plain);
        }
        check_content(all, *allowed, *child, where);
        check_left_out(host, key, grant->cover, *allowed, where);
        check_own_clocks(grant->cover, *statement, where);
        break;
    }
    if (!opened && !own_keys.empty() && !restored_.contains(host))
        violate("what is granted opens", where);
}

void Invariants::check_left_out(const HostId& host, const runtime::InboxKey& key,
                                const wire::Cover& cover,
                                const std::set<std::string, std::less<>>& views,
                                const std::string& where) {
    const auto view = world_.agent(host).store().view();
    for (const auto& [name, in] : cover.unchanged) {
        if (!views.contains(name.value()))
            violate("an update names nothing beyond C3", where + " " + name.value());
        if (restored_.contains(host)) continue;  // what it had comes again
        const auto earlier = table::inbox.get(*view, {std::get<0>(key), std::get<1>(key), in});
        if (!earlier || (!earlier->stored_at.is_set() && !earlier->recalled_at.is_set()))
            violate("an update leans on what its reader has", where + " " + to_text(in));
    }
}

void Invariants::check_content(const std::string& text,
                               const std::set<std::string, std::less<>>& views, std::size_t child,
                               const std::string& where) {
    const std::string mark = std::string(canary) + " ";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
        at += mark.size();
        const auto dot = text.find('.', at);
        const auto section = text.substr(at, dot - at);
        const bool granted = std::ranges::any_of(views, [&](const std::string& view) {
            return view == section || view.starts_with(section + ".");
        });
        if (oracle::never_travels(section))
            return violate("protected content never travels", where + " " + section);
        if (!granted)
            return violate("nobody has a section that was not granted", where + " " + section);
        const auto of = text.find(" of child ", at);
        const auto end = text.find('.', of);
        if (text.substr(of + 10, end - of - 10) != std::to_string(child))
            return violate("one child's message says nothing of another", where);
    }
}

// ---- once the world has healed ----

bool Invariants::has_task(const broker::ItemKey& item) const {
    const auto view = world_.broker().store().view();
    bool found = false;
    tables::task_causes.scan(*view, {}, [&](const broker::TaskCause& cause, TaskId&) {
        // Nobody is rung by a review of what has gone.
        found = cause.item == item && cause.kind != wire::TaskKind::review;
        return !found;
    });
    return found;
}

bool Invariants::was_excluded(const InboxId& inbox,
                              const broker::NotificationRecord& record) const {
    const auto view = world_.broker().store().view();
    return std::ranges::any_of(tables::conflicts.collect(*view, {}), [&](const auto& row) {
        const auto& conflict = row.second.conflict;
        return std::ranges::find(conflict.excluded, inbox) != conflict.excluded.end() &&
               std::ranges::any_of(conflict.tokens, [&](const auto& token) {
                   return std::ranges::find(record.tokens, token) != record.tokens.end();
               });
    });
}

void Invariants::check_told_by_telephone() {
    const auto view = world_.broker().store().view();
    for (const auto& [cause, id] : tables::task_causes.collect(*view, {})) {
        const bool is_conflict = cause.kind == wire::TaskKind::both_conflicted;
        const bool is_of_recipient =
            is_conflict || cause.kind == wire::TaskKind::pass_on ||
            (cause.kind == wire::TaskKind::not_connected && !cause.about.agency.empty());
        const auto task = tables::tasks.get(*view, id);
        const auto record = tables::notifications.get(*view, cause.item);
        const bool was_told =
            is_of_recipient && task && task->closed &&
            task->outcome == static_cast<std::uint8_t>(wire::TaskOutcome::told_by_other_means);
        if (!was_told || !record || !record->recalled) continue;
        auto again = cause;
        again.kind = is_conflict ? cause.kind : wire::TaskKind::not_connected;
        again.rule = wire::rung_again_recalled;
        if (!tables::task_causes.contains(*view, again))
            violate("whoever was told by telephone is rung about its recall",
                    item_text(cause.item.sender, cause.item.id) + " " + cause.role.value());
    }
}

void Invariants::check_ends() {
    check_stores(true);
    if (workload_.asks()) check_end_of_asking();
    check_told_by_telephone();
    // What a holder said yes to stands under the keys of its day until its 14 days are over.
    if (!workload_.asks() && world_.is_token_change_awaited() != false)
        violate("a change of keys comes to its end",
                "lists or conflicts stand under old keys alone");
    for (auto& [host, process] : world_.agents()) {
        const auto view = process.store().view();
        for (const auto& [id, item] : table::outbox.collect(*view, {}))
            check_end_of(host, id, item);
        for (const auto& [key, item] : table::inbox.collect(*view, {})) check_is_listed(key, item);
    }
    for (const auto& source : workload_.sources()) {
        if (!source.id) {
            violate("what a source gave is kept", source.notification.source_ref);
            continue;
        }
        const auto view = world_.agent(source.host).store().view();
        const auto item = table::outbox.get(*view, *source.id);
        if (!item)
            violate("what a source gave is kept", source.notification.source_ref);
        else if (source.was_recalled && !item->recalled_at.is_set() &&
                 !restored_.contains(source.host))
            violate("a recall is kept", to_text(*source.id));
    }
}

void Invariants::check_is_listed(const runtime::InboxKey& key, const runtime::InboxItem& item) {
    const auto& [inbox, sender, id] = key;
    const auto host = host_of(world_, sender);
    if (!item.stored_at.is_set() || restored_.contains(host)) return;
    const auto statement = wire::decode_body<wire::StatementBody>(item.statement);
    const auto sent = table::outbox.get(*world_.agent(host).store().view(), id);
    if (!statement || !sent || sent->decision.empty()) return;
    const auto decision = wire::decode_body<wire::Decision>(sent->decision);
    // What was planned anew without the agreement lists it among those who have to stop.
    const auto withdrawn = table::withdrawals.get(*world_.agent(host).store().view(), id);
    if (withdrawn && std::ranges::binary_search(withdrawn->seats, statement->seat)) return;
    if (decision && std::ranges::find(decision->recipients, statement->seat,
                                      &wire::Recipient::seat) == decision->recipients.end())
        violate("whoever has it stands on its sender's list",
                item_text(sender, id) + " in " + inbox.value());
}

void Invariants::check_end_of(const HostId& host, const NotificationId& id,
                              const runtime::OutboxItem& item) {
    const auto view = world_.agent(host).store().view();
    const auto where = item_text(item.agency, id) + " " + item.type.value() + " is " +
                       std::string(runtime::name_of(item.state)) + " " + item.refusal;
    const auto alarmed = [&] {
        for (std::uint8_t kind = 0;
             kind <= static_cast<std::uint8_t>(runtime::Alarm::Kind::delivery_rejected); ++kind) {
            if (table::alarms.contains(*view, {kind, id})) return true;
        }
        return false;
    };
    check_decision(id, item);
    switch (item.state) {
        case runtime::OutboxState::accepted:
        case runtime::OutboxState::closed: return check_end_of_accepted(host, id, item);
        case runtime::OutboxState::refused:
            if (item.refusal.empty()) violate("a refusal says why", where);
            return;
        case runtime::OutboxState::withdrawn:
            if (!item.recalled_at.is_set() && !reached_nobody(item))
                violate("only a recall withdraws", where);
            // Passed on in its earlier life, and today nobody works with the child.
            if (reached_nobody(item) && restored_.contains(host)) return;
            return check_withdrawn({item.agency, id}, where);
        case runtime::OutboxState::held: {
            if (runtime::went_to_nobody(item)) return;  // asked again for a day
            const Bytes prefix = store::key_bytes(id);
            if (table::held.collect_keys(*view, {.prefix = prefix}).empty())
                violate("what is held is on somebody's list", where);
            return;
        }
        case runtime::OutboxState::blocked:
            // Two histories of one id: only a backup makes them, and a person is told.
            if (!is_broker_restored_ && !restored_.contains(host))
                violate("nothing is blocked without a restored backup", where);
            if (!alarmed()) violate("what is blocked is said", where);
            return;
        case runtime::OutboxState::waiting:
        case runtime::OutboxState::sealed: violate("everything ends", where); return;
    }
}

namespace {

oracle::Happened happened(const TypeId& type, const std::string& kind, WallTime at,
                          WallTime told_at) {
    const bool is_correction = type == TypeId("correction");
    return {is_correction ? kind : type.value(), is_correction, at, told_at};
}

/// Somebody who is shown it to decide, to pass on, or because an adoption severed the identity.
bool owes_nothing(const std::string& route) {
    return route == area::pass_on_route || route == area::decider_route ||
           route == area::severed_route;
}

}  // namespace

// Whose each clock is and when it runs out, as the oracle has it.
void Invariants::check_clocks(const NotificationId& id, const runtime::OutboxItem& item,
                              const wire::Decision& decision) {
    std::set<std::string, std::less<>> told;
    std::set<std::string, std::less<>> rung;
    for (const auto& each : decision.recipients) {
        if (!owes_nothing(each.route)) told.insert(each.seat.role.value());
    }
    for (const auto& each : decision.not_connected) rung.insert(each.role.value());
    const auto all =
        decision.floor
            ? std::vector<oracle::Owed>()
            : oracle::owed(happened(item.type, item.kind, item.occurred_at, item.decided_at), told,
                           rung);
    for (const auto& each : decision.recipients) {
        std::vector<wire::Clock> own;
        for (const auto& one : all) {
            if (one.role == each.seat.role.value() && !owes_nothing(each.route))
                own.push_back(one.clock);
        }
        if (own != each.clocks)
            violate("a clock is its holder's, as domain.md F1 and C6 say",
                    item_text(item.agency, id) + " " + each.seat.role.value());
    }
}

// What a recipient reads of clocks is what its seat can itself owe; planned before it was accepted.
void Invariants::check_own_clocks(const wire::Cover& cover, const wire::StatementBody& statement,
                                  const std::string& where) {
    const auto own = owes_nothing(statement.route)
                         ? std::vector<oracle::Owed>()
                         : oracle::owed(happened(cover.type, cover.kind, cover.occurred_at,
                                                 statement.accepted_at),
                                        {statement.seat.role.value()}, {});
    for (const auto& clock : cover.clocks) {
        if (std::ranges::none_of(own, [&](const oracle::Owed& one) {
                return one.clock.name == clock.name && clock.by <= one.clock.by;
            }))
            violate("nobody reads of a clock that is not theirs", where + " " + clock.name);
    }
}

void Invariants::check_decision(const NotificationId& id, const runtime::OutboxItem& item) {
    const auto* source = workload_.origin_of(id);
    const auto decision = item.decision.empty() ? Result<wire::Decision>(fail(ErrorCode::not_found))
                                                : wire::decode_body<wire::Decision>(item.decision);
    if (source == nullptr || !decision) return;
    check_clocks(id, item, *decision);
    const auto& facts = source->notification.facts;
    if (item.reason == runtime::passed_on) {
        static const std::set<std::string> roles{"sch", "hv", "yjs", "gs"};
        static const std::set<std::string> told{"sch", "hv",  "yjs", "gs",
                                                "sw",  "ola", "urg", "pol"};
        const bool is_found = facts.type == TypeId("missing_episode_closed");
        for (const auto& recipient : decision->recipients) {
            const bool is_own = recipient.seat.agency == source->notification.agency;
            if (is_own || !(is_found ? told : roles).contains(recipient.seat.role.value()))
                violate("passed on by itself to others who are involved only",
                        item_text(item.agency, id) + " " + recipient.seat.role.value());
        }
    }
    const auto must = [&](bool holds, const Seat& seat, const std::string& what) {
        if (!holds)
            violate("decided as domain.md E2 says", item_text(item.agency, id) + " " + what + " " +
                                                        seat.agency.value() + "." +
                                                        seat.role.value());
    };
    // Decided before the family took it back, or after.
    auto without = facts;
    without.agreement.status = wire::AgreementStatus::withdrawn;
    const auto either = [&](const Seat& seat, const auto& holds) {
        return holds(oracle::judge(facts, seat)) ||
               (source->was_withdrawn && holds(oracle::judge(without, seat)));
    };
    for (const auto& recipient : decision->recipients) {
        // What was asked may have been allowed.
        must(oracle::judge(facts, recipient.seat).outcome != oracle::Outcome::refuse,
             recipient.seat, "shared with");
    }
    for (const auto& held : decision->held) {
        must(either(held.seat,
                    [](const auto& judged) { return judged.outcome == oracle::Outcome::ask; }),
             held.seat, "held for");
    }
    for (const auto& refused : decision->refused) {
        const bool is_right = either(refused.seat, [&](const oracle::Judged& judged) {
            return judged.outcome == oracle::Outcome::ask ||
                   (judged.outcome == oracle::Outcome::refuse && judged.code == refused.code);
        });
        must(is_right, refused.seat, "refused (" + refused.code + ") for");
    }
}

void Invariants::check_end_of_supplements(const HostId& host, const broker::ItemKey& item,
                                          const wire::Decision& decision,
                                          const broker::NotificationRecord& record) {
    const auto view = world_.agent(host).store().view();
    const auto where = item_text(item.sender, item.id);
    const Bytes prefix = store::key_bytes(item.id);
    for (const auto& [key, row] : table::supplements.collect(*view, {.prefix = prefix})) {
        const bool is_open = row.state == runtime::SupplementState::wanted ||
                             row.state == runtime::SupplementState::sealed;
        // Whoever has no key yet is waited for, and rung.
        const bool is_alarmed = table::alarms.contains(
            *view, {static_cast<std::uint8_t>(runtime::Alarm::Kind::not_accepted), item.id});
        if (is_open && !is_alarmed) violate("every supplement ends", where);
    }
    if (decision.floor && !restored_.contains(host))
        violate("whom the floor left out is told", where);
    for (const auto& seat : record.seats) {
        if (!restored_.contains(host) && !is_broker_restored_ &&
            std::ranges::find(decision.recipients, seat.seat, &wire::Recipient::seat) ==
                decision.recipients.end())
            violate("nobody outside the decision", where + " " + seat.seat.role.value());
    }
    std::set<InboxId> inboxes;
    const auto broker_view = world_.broker().store().view();
    const auto once = [&](const std::optional<broker::ContentRecord>& content) {
        if (!content) return;
        for (const auto& parcel : content->parcels) {
            if (!inboxes.insert(parcel.recipient).second)
                violate("one parcel for an inbox", where + " " + parcel.recipient.value());
        }
    };
    once(tables::content.get(*broker_view, item));
    for (const auto& added : record.added)
        once(tables::added.get(*broker_view, {item, added.plan}));
}

void Invariants::check_withdrawn(const broker::ItemKey& item, const std::string& where) {
    const auto view = world_.broker().store().view();
    const auto record = tables::notifications.get(*view, item);
    if (record && !record->recalled) return violate("what is withdrawn is with nobody", where);
    if (record) check_end_of_recalled(item.id, item.sender, *record);
}

void Invariants::check_end_of_accepted(const HostId& host, const NotificationId& id,
                                       const runtime::OutboxItem& item) {
    const broker::ItemKey key{item.agency, id};
    const auto broker_view = world_.broker().store().view();
    const auto record = tables::notifications.get(*broker_view, key);
    const auto where = item_text(item.agency, id) + " " + item.type.value();
    if (!record) {
        // Lost by a broker that was put back, and today's plan names nobody to whom what was taken
        // back could be offered again. The recall itself is there, for whoever says that they have
        // it.
        if (!is_broker_restored_ || !item.recalled_at.is_set() || item.sealed_digest != Digest{})
            return violate("what was accepted is at the broker", where);
        if (!tables::recalls.contains(*broker_view, key))
            return violate("a recall reaches the broker", where);
        return check_end_of_recalled(id, item.agency, {});
    }
    // No digest: this agent was restored, had sealed the item anew, and learnt that the first was
    // sent before. It says that it does not hold the bytes; what must not be is that it holds
    // others.
    const bool has_bytes = item.sealed_digest != Digest{} || !restored_.contains(host);
    if (has_bytes && record->digest != item.sealed_digest)
        return violate("both sides hold the same bytes", where);
    if (item.recalled_at.is_set()) {
        if (!record->recalled) return violate("a recall reaches the broker", where);
        return check_end_of_recalled(id, item.agency, *record);
    }
    if (record->recalled) {
        if (!restored_.contains(host)) violate("only the sender recalls", where);
        return;
    }
    const auto own = world_.agent(host).store().view();
    check_end_of_withdrawn(host, id, item, *record);
    const auto relied = tables::agreement_relied.get(*broker_view, key);
    const bool was_withdrawn = relied && tables::withdrawals.contains(*broker_view, key);
    for (const auto& seat : record->seats) {
        const auto name = seat.seat.agency.value() + "." + seat.seat.role.value();
        const bool is_stopped =
            was_withdrawn && std::ranges::binary_search(relied->seats, seat.seat);
        bool arrived = false;
        for (const auto& route : seat.inboxes) {
            if (route.state == broker::RouteState::waiting)
                return violate("everything ends stored", where + " for " + name);
            if (route.state != broker::RouteState::stored) continue;
            const auto at = host_of(world_, agency_of(route.inbox));
            const auto view = world_.agent(at).store().view();
            const auto stored = table::inbox.get(*view, {route.inbox, item.agency, id});
            if (!stored || !stored->stored_at.is_set()) {
                // Put back, and the family has taken back its agreement since: it does not have it
                // again, and has said so.
                const auto stop = table::inbox_stops.get(*view, {route.inbox, item.agency, id});
                if (restored_.contains(at) && is_stopped && stop && stop->confirmed_at.is_set())
                    continue;
                // Put back, and kept from having it again: then it is with somebody else of that
                // seat, or rung.
                if (!restored_.contains(at) || !was_excluded(route.inbox, *record))
                    return violate("stored means in the inbox",
                                   where + " for " + route.inbox.value());
                arrived = arrived || broker::has_rung(seat, wire::Rung::taken);
                continue;
            }
            arrived = true;
            // This copy alone was taken back: the front door had taken back what it rested on.
            if (route.was_recalled && stored->recalled_at.is_set()) continue;
            const bool is_automatic =
                route.inbox == InboxId("health.urg") || route.inbox == InboxId("hub.pass_on");
            // Used no more: nobody takes it.
            if (!stored->taken_at.is_set() && !is_automatic &&
                table::inbox_stops.contains(*view, {route.inbox, item.agency, id}))
                continue;
            if (is_automatic ? !stored->handed_over_at.is_set() &&
                                   stored->state != runtime::InboxState::undecryptable
                             : !stored->taken_at.is_set()) {
                violate("people have taken what arrived", where + " in " + route.inbox.value());
            }
            const auto rung = is_automatic ? wire::Rung::handed_over : wire::Rung::taken;
            if (!restored_.contains(host) && !is_broker_restored_ &&
                !table::rungs.contains(*own, {id, seat.seat, static_cast<std::uint8_t>(rung)})) {
                violate("the sender sees who has taken it", where + " by " + name);
            }
        }
        // What the family took back before it came is with nobody.
        if (!arrived && !is_stopped && !has_task(key))
            violate("nobody is left out without a task", where + " for " + name);
    }
    if (!record->has_content || item.decision.empty()) return;
    const auto decision = wire::decode_body<wire::Decision>(item.decision);
    if (!decision) return violate("a decision decodes", where);
    check_end_of_supplements(host, key, *decision, *record);
    if (is_broker_restored_) return;
    // Sent before the agent was restored, by a plan that is lost. Today's decision names those who
    // became involved since, and they are told as little as after any other sending; the agent
    // watches over them.
    if (item.sealed_digest == Digest{}) {
        if (!table::outbox_watch_at.contains(*own, id))
            violate("what was sent before a restore is watched", where);
        return;
    }
    for (const auto& recipient : decision->recipients) {
        const bool listed = std::ranges::find(record->seats, recipient.seat,
                                              &broker::SeatRecord::seat) != record->seats.end();
        if (!listed && !has_task(key))
            violate("everyone decided on is told or rung",
                    where + " for " + recipient.seat.role.value());
    }
    if (!decision->not_connected.empty() && !has_task(key)) violate("a gap is a task", where);
}

void Invariants::check_end_of_withdrawn(const HostId& host, const NotificationId& id,
                                        const runtime::OutboxItem& item,
                                        const broker::NotificationRecord& record) {
    const auto* source = workload_.source_of(id);
    // An agent that was put back may not know of the withdrawal, nor of the agreement. What had not
    // gone yet was decided without the agreement, and rests on something else.
    if (source == nullptr || !source->was_withdrawn || !source->had_gone ||
        restored_.contains(host))
        return;
    const auto where = item_text(item.agency, id);
    const auto own = world_.agent(host).store().view();
    const auto decision = wire::decode_body<wire::Decision>(item.decision);
    if (!decision) return violate("a decision decodes", where);
    const auto relying =
        area::relying_on_agreement(*decision, source->notification.facts.agreement);
    const auto mark = table::withdrawals.get(*own, id);
    for (const auto& seat : record.seats) {
        if (!std::ranges::binary_search(relying, seat.seat)) continue;
        for (const auto& route : seat.inboxes) {
            const auto at = host_of(world_, agency_of(route.inbox));
            const auto view = world_.agent(at).store().view();
            const runtime::InboxKey key{route.inbox, item.agency, id};
            const auto held = table::inbox.get(*view, key);
            if (!held || held->state != runtime::InboxState::stored ||
                was_excluded(route.inbox, record))
                continue;
            const auto stop = table::inbox_stops.get(*view, key);
            if (stop && stop->confirmed_at.is_set()) continue;
            // Of an earlier life of the broker or of the recipient: rung by the sender's list.
            const bool is_listed =
                mark && std::ranges::find(mark->seats, seat.seat) != mark->seats.end();
            if ((is_broker_restored_ || restored_.contains(at)) && is_listed) continue;
            violate(stop ? "whoever relied on an agreement confirms that they stopped"
                         : "whoever holds what was withdrawn is told to stop",
                    where + " in " + route.inbox.value());
        }
    }
}

void Invariants::check_end_of_recalled(const NotificationId& id, const AgencyId& sender,
                                       const broker::NotificationRecord& record) {
    const auto where = item_text(sender, id);
    if (const auto sent =
            table::outbox.get(*world_.agent(host_of(world_, sender)).store().view(), id)) {
        const auto view = world_.agent(HostId("hub")).store().view();
        const auto own =
            table::outbox.get(*view, workload_.passed_on_id(sender, id, sent->occurred_at));
        if (own && own->accepted_at.is_set() && !own->recalled_at.is_set() &&
            !restored_.contains(HostId("hub")))
            violate("what was passed on is recalled with it", where);
    }
    for (auto& [host, process] : world_.agents()) {
        const auto view = process.store().view();
        for (const auto& [key, item] : table::inbox.collect(*view, {})) {
            if (std::get<1>(key) != sender || std::get<2>(key) != id) continue;
            if (item.state != runtime::InboxState::recalled)
                violate("recalled everywhere", where + " in " + std::get<0>(key).value());
            if (table::inbox_sealed.contains(*view, key))
                violate("recalled content is gone", where + " in " + std::get<0>(key).value());
        }
    }
    for (const auto& seat : record.seats) {
        for (const auto& route : seat.inboxes) {
            const bool may_have =
                !route.delivery.is_zero() && route.state != broker::RouteState::excluded;
            if (may_have && !route.was_recalled)
                violate("every holder confirms a recall", where + " " + route.inbox.value());
        }
    }
}

}  // namespace mash::simulation
