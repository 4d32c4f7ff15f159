// What the front door's agent passes on by itself (design.md rule 8). A sender who may not know who
// works with a child seals one parcel for this inbox, whether or not anybody does; in it stands, in
// the sender's own signed words, of which child it speaks. It is opened here by the host's key and
// goes on at once as a notification of the front door's own, under its own plan: same type, same
// child, the sender's words, to the involved and to nobody else. Once for each (sender, id).
#include <algorithm>
#include <set>

#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/asked.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

/// Of a missing child of whom nobody has said anything more: what comes later is another episode.
constexpr std::chrono::days episode_ends_after{30};

/// The reference under which something of another agency's is known to the outbox.
template <class IdType>
std::string ref_of(std::string_view what, const AgencyId& sender, const IdType& id) {
    if (id.is_zero()) return {};
    return "pass-on/" + std::string(what) + "/" + sender.value() + "/" + to_text(id);
}

/// The fields of the views that came. What each recipient gets is cut from them again, so nobody
/// can be given more than stands here.
Result<std::map<std::string, SectionContent>> sections_of(const area::Policy& policy,
                                                          const Opened& opened) {
    std::map<std::string, SectionContent> sections;
    for (const auto& [view, text] : opened.views) {
        const auto* definition = policy.find_view(view);
        if (definition == nullptr) continue;
        const auto parsed = json_from_text(text.reveal());
        if (!parsed || !parsed->is_object()) return fail(ErrorCode::malformed);
        for (const auto& [field, value] : parsed->items())
            sections[definition->section].emplace(field, PersonalText(text_of_json(value)));
    }
    return sections;
}

/// What the sender marked as withheld, named as a view on offer: decide() marks it to the next
/// recipient too. Only what no route of the pass-on could grant, for there is no content here.
std::vector<ViewId> marks_of(const area::Policy& policy, const area::TypeRule& type,
                             const std::vector<std::string>& withheld) {
    std::vector<ViewId> marks;
    for (const auto& code : withheld) {
        const auto of_section = [&](const ViewId& view) {
            const auto* definition = policy.find_view(view);
            return definition != nullptr && definition->section == code;
        };
        const bool granted = std::ranges::any_of(type.routes, [&](const area::Route& route) {
            return route.pass_on_by_itself && std::ranges::any_of(route.views, of_section);
        });
        const auto smallest =
            std::ranges::find(policy.views(), code, &area::ViewDefinition::section);
        if (!granted && smallest != policy.views().end()) marks.push_back(smallest->view);
    }
    return marks;
}

struct PassedOn {
    Notification notification;
    wire::RoutingFacts said;  ///< kept beside it: child, whose words, marks
};

Result<PassedOn> passed_on_from(const Step& step, const InboxKey& key, const Opened& opened) {
    const auto& [inbox, sender, id] = key;
    const auto& cover = opened.cover;
    MASH_TRY(said, wire::decode_body<wire::RoutingFacts>(cover.said));
    const auto* policy = step.policy();
    const auto* type = policy->find_type(cover.type);
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    // Facts of something else than what was sealed, or of a type that is no longer ours.
    if (said.sender != sender || said.type != cover.type || said.kind != cover.kind ||
        type == nullptr || agency == nullptr) {
        return fail(ErrorCode::malformed);
    }
    PassedOn out;
    out.said.sender = agency->id;
    out.said.sender_role = policy->pass_on_role();
    out.said.type = said.type;
    out.said.tokens = said.tokens;
    out.said.passed_on_from = {sender, said.sender_role};
    out.said.views_on_offer = marks_of(*policy, *type, cover.withheld);
    auto& notification = out.notification;
    notification.source_ref = ref_of("item", sender, id);
    notification.agency = agency->id;
    notification.role = policy->pass_on_role();
    notification.facts = std::move(said);
    notification.thread_ref = ref_of("thread", sender, cover.thread);
    notification.event_ref = ref_of("event", sender, notification.facts.event);
    MASH_TRY(sections, sections_of(*policy, opened));
    notification.sections = std::move(sections);
    // Whatever the sender sealed: what could not be read again would stop every step from here on.
    if (!from_canonical_json(to_canonical_json(notification).reveal()))
        return fail(ErrorCode::malformed);
    return out;
}

std::optional<NotificationId> known_as(Step& step, const AgencyId& own, const AgencyId& sender,
                                       const NotificationId& original) {
    return id_of_source(step, own, ref_of("item", sender, original));
}

/// Of the id of what came, as in any UUIDv7. Nothing else of it is known when only its recall
/// comes.
WallTime time_of(const NotificationId& original) {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | original.value()[i];
    return WallTime::from_unix_ms(ms);
}

// Twins share a name's token only if somebody mistook one for the other: a number decides, where
// both sides have one.
bool is_of_a_number(wire::TokenKind kind) {
    return kind == wire::TokenKind::nhs_dob || kind == wire::TokenKind::nhs_surname ||
           kind == wire::TokenKind::upn_dob;
}

Digest episode_key(const Step& step, const AgencyId& agency, const wire::Token& token) {
    wire::RoutingFacts facts;
    facts.tokens = {token};
    return step.keyed("episode-told", {view_of(agency.value()), wire::encode_body(facts)});
}

/// What a person at the desk passes on has no tokens before the broker has answered.
Digest episode_key(const Step& step, const AgencyId& agency, const Identity& identity) {
    const std::uint8_t kind[] = {static_cast<std::uint8_t>(identity.first)};
    return step.keyed("episode-told-of",
                      {view_of(agency.value()), kind, view_of(identity.second.reveal())});
}

/// Whose notification a question was about: its id is made of that, so nobody can say another.
std::optional<AgencyId> asked_because_of(const area::Registry& registry,
                                         const wire::InvolvementAnswer& answer) {
    for (const auto& [sender, agency] : registry.agencies) {
        if (wire::asked_claim_id(sender, answer.notification, answer.asked, answer.relation) ==
            answer.question)
            return sender;
    }
    return std::nullopt;
}

/// What came for this seat and did not become something of our own, and never will.
bool was_not_passed_on(Step& step, const Seat& seat, const AgencyId& sender,
                       const NotificationId& id) {
    const auto* entry = step.registry()->find_seat(seat);
    if (entry == nullptr) return false;
    const auto came = table::inbox.get(step.tx, {entry->inbox, sender, id});
    return came && came->state == InboxState::undecryptable;
}

void owe_nothing(Step& step, const InboxKey& key, const InboxItem& item) {
    table::handover_open.erase(step.tx, key);
    step.agent.handover_at.erase(key);
    if (const auto statement = statement_of(item)) waits_no_longer(step, key, *statement);
}

}  // namespace

bool is_pass_on_inbox(const Step& step, const InboxId& inbox) {
    const auto* policy = step.policy();
    if (policy == nullptr || step.registry() == nullptr || policy->pass_on_role().empty())
        return false;
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    return agency != nullptr &&
           std::ranges::any_of(agency->seats, [&](const area::SeatEntry& seat) {
               return seat.role == policy->pass_on_role() && seat.inbox == inbox && !seat.people;
           });
}

void pass_on(Step& step, const InboxKey& key, InboxItem& item, const Opened& opened) {
    const auto& [inbox, sender, id] = key;
    if (table::inbox_stops.contains(step.tx, key)) return owe_nothing(step, key, item);
    auto passed = passed_on_from(step, key, opened);
    if (!passed) return does_not_open(step, key, item, passed.error());
    auto& notification = passed->notification;
    const auto statement = statement_of(item);
    CHECK(statement.has_value());
    if (!known_as(step, notification.agency, sender, id)) {
        NewItem fresh;
        fresh.person = service_person();
        fresh.reason = passed_on;
        fresh.lane = statement->lane;
        fresh.id_time = time_of(id);
        fresh.tokens = passed->said.tokens;
        if (const auto replaced =
                known_as(step, notification.agency, sender, opened.cover.supersedes))
            fresh.supersedes = *replaced;
        const auto own = keep_new(step, notification, fresh);
        step.put_sealed(sealed::passed_on, store::key_bytes(own), wire::encode_body(passed->said));
    }
    // It is this agency's own from here on, and as safe as anything in the outbox. Said at once and
    // always: how long a plan takes, and whether there is anybody, is nothing for the sender.
    handed_over_here(step, key, item);
}

bool stop_passed_on(Step& step, const InboxKey& key, const InboxItem& item,
                    const AgreementId& agreement) {
    const auto& [inbox, sender, id] = key;
    owe_nothing(step, key, item);
    const auto row = table::inboxes.get(step.tx, inbox);
    const auto own = row ? known_as(step, row->agency, sender, id) : std::nullopt;
    const auto sent = own ? table::outbox.get(step.tx, *own) : std::nullopt;
    // Perhaps passed on before a backup of this store was put back: then its readers have it.
    if (!sent && row) {
        const auto known = id_of_record(step, row->agency, ref_of("item", sender, id), time_of(id));
        stop_unknown(step, own.value_or(known), row->agency, agreement);
    }
    if (!sent) return false;
    // Whoever is added later is not told on the family's first word either.
    if (auto notification = stored_notification(step, *own)) {
        auto& said = notification->facts.agreement;
        if (said.status == wire::AgreementStatus::given) {
            said.status = wire::AgreementStatus::withdrawn;
            said.other_holder_objects = said.child_and_parent_differ = false;
            step.put_sealed(sealed::notification, store::key_bytes(*own),
                            view_of(to_canonical_json(*notification).reveal()));
        }
    }
    if (sent->state == OutboxState::waiting || sent->state == OutboxState::held ||
        sent->state == OutboxState::refused) {
        if (!sent->accepted_at.is_set())
            return recall(step, *own, service_person(), "agreement_withdrawn").has_value();
    }
    stop_own(step, *own, *sent, agreement);
    return true;
}

bool is_of_pass_on(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    if (step.registry() == nullptr || step.registry()->agency_of_inbox(inbox) != nullptr)
        return is_pass_on_inbox(step, inbox);
    const auto row = table::inboxes.get(step.tx, inbox);
    return row && !row->people && known_as(step, row->agency, sender, id);
}

void recall_passed_on(Step& step, const InboxKey& key, const std::string& reason) {
    const auto& [inbox, sender, id] = key;
    const auto row = table::inboxes.get(step.tx, inbox);
    if (!row) return;
    const auto own = known_as(step, row->agency, sender, id);
    // Perhaps passed on before a backup of this store was put back: then its readers have it.
    if (!own) {
        return recall_unknown(
            step, id_of_record(step, row->agency, ref_of("item", sender, id), time_of(id)),
            row->agency, service_person(), reason);
    }
    // Also when it reached nobody: a store that was put back does not know whom it once reached.
    // Past its retention there is nothing left to take back, as for anything that was sent.
    if (const auto done = recall(step, *own, service_person(), reason); !done)
        step.record(LogEvent::frame_refused, done.error(), *own, row->agency);
}

void join_episode(Step& step, OutboxItem& item, const wire::RoutingFacts& said,
                  const std::vector<Identity>& identities, const std::vector<wire::Token>& tokens) {
    const auto* policy = step.policy();
    const auto* type = policy == nullptr ? nullptr : policy->find_type(item.type);
    auto facts = said;
    facts.sender_role = item.role;
    if (type == nullptr || type->row > area::row_closed || !area::passes_on(facts, *policy)) return;
    std::vector<std::pair<Digest, bool>> keys;
    const auto add = [&](const auto& one, wire::TokenKind kind) {
        // Links to the school's own roll only, or nobody.
        if (kind == wire::TokenKind::name_dob_school || !wire::is_strong(kind)) return;
        keys.emplace_back(episode_key(step, item.agency, one), is_of_a_number(kind));
    };
    for (const auto& token : tokens) add(token, token.kind);
    for (const auto& identity : identities) add(identity, identity.first);
    if (keys.empty()) return;
    EpisodeTold told;
    std::optional<EpisodeTold> as_before;
    told.is_numbered = std::ranges::any_of(keys, [](const auto& key) { return key.second; });
    std::set<ThreadId> threads;
    for (const auto& [key, is_number] : keys) {
        const auto known = table::episodes_told.get(step.tx, key);
        if (!known || (!is_number && told.is_numbered && known->is_numbered)) continue;
        if (known->last_at + episode_ends_after < item.occurred_at) continue;
        if (known->closed_at.is_set() && known->closed_at < item.occurred_at) continue;
        if (known->thread == item.thread) {
            as_before = known;
            continue;
        }
        threads.insert(known->thread);
        told.closed_at = known->closed_at;
        told.last_at = known->last_at;
    }
    // Of two children at once it is nobody's: a thread of its own.
    if (threads.size() == 1) {
        told.thread = item.thread = *threads.begin();
    } else if (threads.empty() && as_before) {
        told.thread = item.thread;
        told.closed_at = as_before->closed_at;
        told.last_at = as_before->last_at;
    } else {
        if (item.thread.is_zero()) item.thread = step.random_id<ThreadId>();
        told.thread = item.thread;
        told.closed_at = told.last_at = {};
    }
    told.last_at = std::max(told.last_at, item.occurred_at);
    if (type->row == area::row_closed) told.closed_at = std::max(told.closed_at, item.occurred_at);
    for (const auto& [key, is_number] : keys) table::episodes_told.put(step.tx, key, told);
}

bool join_episode_by_tokens(Step& step, const NotificationId& id, OutboxItem& item,
                            const wire::RoutingFacts& facts) {
    // Of what goes on by itself the sender said so when it came.
    if (facts.tokens.empty() || passed_on_facts(step, id)) return false;
    const auto notification = stored_notification(step, id);
    if (!notification) return false;
    const auto before = item.thread;
    join_episode(step, item, notification->facts,
                 canonical_identities(notification->subject, TokenUse::notification), facts.tokens);
    if (item.thread == before) return false;
    if (!before.is_zero()) table::outbox_thread.erase(step.tx, {before, item.created_at, id});
    table::outbox_thread.put(step.tx, {item.thread, item.created_at, id}, {});
    put_item(step, id, item);
    return true;
}

std::optional<wire::RoutingFacts> passed_on_facts(Step& step, const NotificationId& id) {
    const auto plain = step.get_sealed(sealed::passed_on, store::key_bytes(id));
    if (!plain) return std::nullopt;
    auto facts = wire::decode_body<wire::RoutingFacts>(*plain);
    if (!facts) {
        step.tx.mark_failed(ErrorCode::store_failed, sealed::passed_on.name(),
                            "facts of what is passed on do not decode");
        return std::nullopt;
    }
    return std::move(*facts);
}

bool waits_for_somebody_involved(const OutboxItem& item) {
    return item.reason == passed_on && item.state == OutboxState::held &&
           item.refusal == nobody_involved;
}

void look_again_for_involved(Step& step, const NotificationId& id, OutboxItem& item) {
    set_state(step, id, item, OutboxState::waiting);
    watch_again(step, id, {});  // nothing is late: it is only looked for once more
    step.pump_due = true;
}

bool found_for_pass_on(Step& step, const wire::InvolvementAnswer& answer) {
    const auto sender = asked_because_of(*step.registry(), answer);
    const auto role = step.policy()->pass_on_role();
    if (!sender || role.empty()) return false;
    for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall)) {
        if (!step.serves(seat.agency)) continue;
        const auto own = known_as(step, seat.agency, *sender, answer.notification);
        auto item = own ? table::outbox.get(step.tx, *own) : std::nullopt;
        // A person passes on what this agent could not.
        if (!item && was_not_passed_on(step, seat, *sender, answer.notification)) {
            send_back(step, answer, false);
            return true;
        }
        // Its parcel, or the plan that is under way, comes first; then this is said again.
        if (!item || item->state == OutboxState::waiting || item->state == OutboxState::sealed)
            return true;
        const bool is_kept =
            item->state == OutboxState::accepted || item->state == OutboxState::held;
        if (is_kept && !proves_itself(step, *own, *item, answer)) {
            send_back(step, answer, false);
            return true;
        }
        if (item->state == OutboxState::accepted) want_supplement(step, *own);
        // What waits for a person is planned anew with their answer.
        if (waits_for_somebody_involved(*item)) look_again_for_involved(step, *own, *item);
        send_back(step, answer, is_kept || item->recalled_at.is_set());
        return true;
    }
    return false;
}

bool went_to_nobody(const OutboxItem& item) {
    if (item.recalled_at.is_set() || item.reason != passed_on) return false;
    return item.state == OutboxState::withdrawn ||
           (item.refusal == nobody_involved &&
            (item.state == OutboxState::held || item.state == OutboxState::waiting));
}

}  // namespace mash::runtime
