// What an adapter or a person gives: checked whole, made durable, known again by its source
// reference.
#include <algorithm>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/severed.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "agents/runtime/core/view_cutter.hpp"
#include "common/area/agreement.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/padding.hpp"
#include "common/crypto/storage_key.hpp"

namespace mash::runtime {
namespace {

InputFault fault(std::string path, std::string rule, std::string message) {
    return {std::move(path), std::move(rule), std::move(message)};
}

std::vector<InputFault> check_sender(const Step& step, const Notification& notification) {
    std::vector<InputFault> faults;
    if (!step.serves(notification.agency)) {
        faults.push_back(
            fault("/agency", "not_served", "This agent does not send for that agency"));
    }
    if (notification.source_ref.empty()) {
        faults.push_back(fault("/source_ref", "required",
                               "Give the reference of the record in your own system"));
    } else if (notification.source_ref.size() > limits::source_ref_bytes_max) {
        faults.push_back(
            fault("/source_ref", "too_long", "The reference is longer than 256 characters"));
    }
    return faults;
}

Digest ref_digest(const Step& step, std::string_view what, const AgencyId& agency,
                  std::string_view ref) {
    return step.keyed(what, {view_of(agency.value()), view_of(ref)});
}

/// An episode that began before the eighteenth birthday is updated and closed as one (domain.md
/// G20): a child in care leaves it on that day, as a rule, and whoever shows the flag must take it
/// down.
bool continues_episode(Step& step, const Notification& notification) {
    const auto* type = step.policy()->find_type(notification.facts.type);
    if (type == nullptr) return false;
    // Whoever asked or referred before that day still hears what came of it.
    if ((type->row == area::row_answer || type->row == area::row_outcome) &&
        !notification.about_thread.is_zero())
        return true;
    const bool ends_status =
        type->row == area::row_care_status && notification.facts.kind.ends_with("_ended");
    const bool may = type->row == area::row_updated || type->row == area::row_closed ||
                     ends_status || type->row == area::row_correction;
    return may && !notification.thread_ref.empty() &&
           table::thread_refs.contains(
               step.tx, ref_digest(step, "thread", notification.agency, notification.thread_ref));
}

EventId event_of(Step& step, const Notification& notification) {
    if (notification.event_ref.empty()) return {};
    const Digest key = ref_digest(step, "event", notification.agency, notification.event_ref);
    if (const auto known = table::event_refs.get(step.tx, key)) return *known;
    const auto made = step.random_id<EventId>();
    table::event_refs.put(step.tx, key, made);
    return made;
}

/// The thread that this belongs to, if anything was said in it before.
ThreadId known_thread(Step& step, const Notification& notification) {
    if (!notification.about_thread.is_zero())
        return thread_about(notification.about_thread, notification.agency);
    if (notification.thread_ref.empty()) return {};
    return table::thread_refs
        .get(step.tx, ref_digest(step, "thread", notification.agency, notification.thread_ref))
        .value_or(ThreadId());
}

/// Recorded for a colleague's referral it is bound to none, and counts in no other.
bool is_for_another_referral(Step& step, const AgreementId& id, const AgreementRow& row,
                             const Notification& notification, const ThreadId& thread) {
    if (!row.referral.is_zero()) return thread.is_zero() || row.referral != thread;
    const auto kept = step.get_sealed(sealed::agreement, store::key_bytes(id));
    if (!kept) return false;
    const auto named = agreement_from_json(text_of(*kept)).thread_ref;
    return !named.empty() && named != notification.thread_ref;
}

/// What the family said counts for one child and one referral (domain.md E4): a record may be cited
/// in its own referral only, and nothing is stated beside it. `says`: the statement as it counts.
std::vector<InputFault> check_agreement(Step& step, const Notification& notification,
                                        wire::Agreement& says) {
    const auto thread = known_thread(step, notification);
    if (notification.agreement_record.is_zero()) {
        const auto record = thread.is_zero() ? std::nullopt : agreement_of(step, thread);
        if (!record || says.status == wire::AgreementStatus::unstated ||
            says.status == wire::AgreementStatus::not_required)
            return {};
        const auto recorded = said_now(step, record->id, record->row);
        const bool differs = says.status != recorded.status;
        says = recorded;
        // Danger waits for no record: it goes on under rules that ask for no agreement.
        if (!differs || notification.facts.vital ||
            notification.facts.harm >= wire::Harm::suspected)
            return {};
        return {fault("/agreement", "recorded_otherwise",
                      "What the family said about this referral is on record and says otherwise: "
                      "record what they say now, then send this again")};
    }
    const auto& id = notification.agreement_record;
    const auto row = table::agreements.get(step.tx, id);
    if (!row || row->agency != notification.agency) {
        return {fault("/agreement/record", "unknown",
                      "Your agency has recorded no agreement under this id")};
    }
    if (is_for_another_referral(step, id, *row, notification, thread)) {
        return {fault("/agreement/record", "other_referral",
                      "This agreement was given for another referral and does not carry over: ask "
                      "the family again and record what they say")};
    }
    if (!is_about(step, id, notification.subject)) {
        return {fault("/agreement/record", "other_child",
                      "This agreement was given for another child")};
    }
    const auto current = thread.is_zero() ? std::nullopt : agreement_of(step, thread);
    if (current && current->id != id && current->row.recorded_at > row->recorded_at) {
        return {fault("/agreement/record", "replaced",
                      "The family has said something else about this referral since: cite the "
                      "newest record")};
    }
    says = said_now(step, id, *row);
    return {};
}

/// An earlier item of the same episode never makes a later, more urgent one wait.
void raise_thread_lane(Step& step, const ThreadId& thread, wire::Lane lane) {
    if (thread.is_zero()) return;
    const Bytes prefix = store::key_bytes(thread);
    for (const auto& key : table::outbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& id = std::get<2>(key);
        auto item = table::outbox.get(step.tx, id);
        if (!item || item->lane <= lane) continue;
        if (item->state != OutboxState::waiting && item->state != OutboxState::sealed) continue;
        const auto state = item->state;
        set_state(step, id, *item,
                  OutboxState::held);  // out of the sending order, then in again at its new place
        item->lane = lane;
        set_state(step, id, *item, state);
    }
}

/// All views that could be granted, sealed and padded, in one message with its parcels. Said at the
/// sender's desk, where somebody can shorten it: nothing of it has travelled.
constexpr std::size_t sealed_views_bytes_max = limits::frame_bytes_max - 128 * limits::kibibyte;
/// Of one view: name, nonce, commitment, tag.
constexpr std::size_t sealed_view_overhead_bytes = 256;

std::string kibibytes(std::size_t bytes) {
    return std::to_string((bytes + limits::kibibyte - 1) / limits::kibibyte) + " KiB";
}

std::vector<InputFault> check_size(const Step& step, const Notification& notification) {
    std::vector<InputFault> faults;
    for (const auto& [code, content] : notification.sections) {
        for (const auto& [field, value] : content) {
            if (value.reveal().size() <= limits::long_text_bytes_max) continue;
            faults.push_back(fault("/sections/" + code + "/" + field, "too_large",
                                   "This text is longer than " +
                                       kibibytes(limits::long_text_bytes_max) + ": shorten it"));
            return faults;
        }
    }
    std::size_t whole = 0;
    for (const auto& [view, content] : cut_views(notification, *step.policy(), {})) {
        const auto* definition = step.policy()->find_view(view);
        const auto* section =
            definition == nullptr ? nullptr : step.policy()->find_section(definition->section);
        if (section == nullptr || !section->travels) continue;
        const std::size_t bytes = content.reveal().size();
        if (bytes > limits::section_bytes_max) {
            faults.push_back(fault("/sections/" + definition->section, "too_large",
                                   "This section is larger than the " +
                                       kibibytes(limits::section_bytes_max) +
                                       " that may travel: shorten it"));
            return faults;
        }
        whole += crypto::padded_size(bytes) + sealed_view_overhead_bytes;
    }
    if (whole > sealed_views_bytes_max) {
        faults.push_back(fault("/sections", "too_large",
                               "All sections together take " + kibibytes(whole) +
                                   " when they are sealed, and " +
                                   kibibytes(sealed_views_bytes_max) +
                                   " fit into one message: shorten them, or send the rest as an "
                                   "update of its own under the same thread_ref"));
    }
    return faults;
}

constexpr std::string_view memory_digest = "source-memory";

void keep(Step& step, const std::vector<Remembered>& entries) {
    for (const auto& entry : entries) put_memory(step, memory_row(step, entry.key), entry.value);
}

void reject(Step& step, std::uint64_t reply, ErrorCode code, std::vector<InputFault> faults = {}) {
    step.effects.emplace_back(SubmitRejected{reply, code, std::move(faults)});
}

}  // namespace

wire::Lane lane_of(const Step& step, const Notification& notification) {
    auto facts = notification.facts;
    facts.sender = notification.agency;
    facts.sender_role = notification.role;
    return area::stated_lane(facts, step.registry(), *step.policy(), step.now.wall);
}

ThreadId thread_of(Step& step, const AgencyId& agency, const std::string& thread_ref) {
    if (thread_ref.empty()) return {};
    const Digest key = ref_digest(step, "thread", agency, thread_ref);
    if (const auto known = table::thread_refs.get(step.tx, key)) return *known;
    const auto made = step.random_id<ThreadId>();
    table::thread_refs.put(step.tx, key, made);
    return made;
}

std::optional<Notification> stored_notification(Step& step, const NotificationId& id) {
    const auto plain = step.get_sealed(sealed::notification, store::key_bytes(id));
    if (!plain) return std::nullopt;
    auto parsed = from_canonical_json(text_of(*plain));
    if (!parsed) {
        step.tx.mark_failed(ErrorCode::store_failed, sealed::notification.name(),
                            "stored notification does not parse");
        return std::nullopt;
    }
    return std::move(*parsed);
}

std::optional<NotificationId> id_of_source(Step& step, const AgencyId& agency,
                                           const std::string& source_ref) {
    const auto known =
        table::source_refs.get(step.tx, ref_digest(step, "source", agency, source_ref));
    return known ? std::optional(known->id) : std::nullopt;
}

NotificationId id_of_record(const Step& step, const AgencyId& agency, const std::string& source_ref,
                            WallTime at) {
    const Digest digest = ref_digest(step, "notification-id", agency, source_ref);
    std::array<std::uint8_t, 10> tail{};
    std::copy_n(digest.begin(), tail.size(), tail.begin());
    return NotificationId(
        uuid_v7(static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.unix_ms())), tail));
}

namespace {

/// What a correction (row K2) corrects decides who gets what of it, and everybody who had that
/// hears: a thread of its own would reach nobody.
void correct(Step& step, OutboxItem& item) {
    const auto* policy = step.policy();
    const auto* type = policy == nullptr ? nullptr : policy->find_type(item.type);
    const auto original = table::outbox.get(step.tx, item.supersedes);
    if (type == nullptr || type->row != area::row_correction || !original) return;
    item.kind = original->type == item.type ? original->kind : original->type.value();
    item.thread = area::referral_of(original->thread, item.supersedes);
}

OutboxItem new_item(Step& step, const Notification& notification, const NewItem& how,
                    const ThreadId& thread, const EventId& event) {
    OutboxItem item;
    item.agency = notification.agency;
    item.role = notification.role;
    item.type = notification.facts.type;
    item.kind = notification.facts.kind;
    item.created_at = step.now.wall;
    item.occurred_at =
        notification.facts.occurred_at.is_set() ? notification.facts.occurred_at : step.now.wall;
    item.supersedes = how.supersedes;
    item.person = how.person;
    item.reason = how.reason;
    item.lane = how.lane;
    item.thread = thread;
    item.event = event;
    return item;
}

/// Everything that must hold of a notification whose reference is new.
struct Judged {
    std::vector<InputFault> faults;
    Notification stated;  ///< as the rules will see it
    NotificationId supersedes;
};

/// Two starts of one episode were told: the later is put right as a second report of the earlier.
/// Of what a colleague sent and this person may not see the answer is that of what nobody sent; a
/// system of the agency (`who` null) gives what it has itself.
std::optional<InputFault> check_same_event(Step& step, const Notification& notification,
                                           const Caller* who) {
    const auto& ref = notification.same_event_as;
    if (ref.empty()) return std::nullopt;
    constexpr const char* path = "/same_event_as";
    const auto* type = step.policy()->find_type(notification.facts.type);
    if (type == nullptr || type->row != area::row_correction ||
        notification.supersedes_ref.empty() || notification.supersedes_ref == ref) {
        return fault(path, "not_a_correction",
                     "Only a correction says this: 'supersedes_ref' names the second report, this "
                     "the first");
    }
    const auto id = id_of_source(step, notification.agency, ref);
    const auto item = id ? table::outbox.get(step.tx, *id) : std::nullopt;
    const bool may_see = item && (who == nullptr || may_see_sent(step, *who, *id, *item));
    const auto first = may_see ? stored_notification(step, *id) : std::nullopt;
    if (!first)
        return fault(path, "unknown", "Nothing is kept here that was sent under this reference");
    if (how_same(child_of(first->subject), child_of(notification.subject)).empty())
        return fault(path, "other_child", "That was about another child");
    return std::nullopt;
}

Judged judge(Step& step, const Notification& notification, const Caller* who) {
    Judged out;
    out.stated = notification;
    auto& faults = out.faults;
    bind_ahead(step, known_thread(step, notification), notification.role);
    faults = check_agreement(step, notification, out.stated.facts.agreement);
    if (faults.empty()) faults = check_against_policy(out.stated, *step.policy());
    if (continues_episode(step, notification))
        std::erase_if(faults, [](const InputFault& one) { return one.rule == not_a_child; });
    if (faults.empty()) faults = check_size(step, notification);
    if (!notification.supersedes_ref.empty()) {
        if (const auto replaced =
                id_of_source(step, notification.agency, notification.supersedes_ref)) {
            out.supersedes = *replaced;
        } else {
            faults.push_back(fault("/supersedes_ref", "unknown",
                                   "Nothing was sent under the reference it replaces"));
        }
    }
    if (auto wrong = check_same_event(step, notification, who)) faults.push_back(std::move(*wrong));
    // An adapter builds it without the bounds of our JSON. What could not be read again would stop
    // every step from here on.
    if (faults.empty() && !from_canonical_json(to_canonical_json(notification).reveal())) {
        faults.push_back(fault("", "too_large",
                               "An identifier, name or reference is longer than it may be: look at "
                               "this record in your own system"));
    }
    return out;
}

/// Another text under a known reference is a mistake of the source.
InputFault changed_fault() {
    return fault("/source_ref", "changed",
                 "This reference was already sent with other content. Send the change under a new "
                 "reference that names this one in supersedes_ref");
}

/// A notification speaks with the authority of a role: what a school's lead may say, a clerk of the
/// same school may not. The service sends what a system of the agency gives, in whichever role.
std::optional<InputFault> check_caller(const Caller& caller, const Notification& notification) {
    if (caller.service) return std::nullopt;
    if (caller.row.agency != notification.agency)
        return fault("/agency", "not_yours", "You may send for your own agency only");
    if (!notification.role.empty() && !has_role(caller, notification.agency, notification.role)) {
        return fault("/role", "not_yours",
                     "You do not have this role: send in a role of your own, or ask a colleague "
                     "who has it to send this or to give it to you");
    }
    return std::nullopt;
}

Digest content_digest(const Step& step, const PersonalText& canonical) {
    return step.keyed("content", {view_of(canonical.reveal())});
}

}  // namespace

NotificationId keep_new(Step& step, const Notification& notification, const NewItem& how) {
    const bool is_about = !notification.about_thread.is_zero();
    const auto thread = is_about ? known_thread(step, notification)
                                 : thread_of(step, notification.agency, notification.thread_ref);
    if (is_about) table::threads_about.put(step.tx, thread, notification.about_thread);
    OutboxItem item = new_item(step, notification, how, thread, event_of(step, notification));
    const NotificationId id = id_of_record(step, item.agency, notification.source_ref,
                                           how.id_time.value_or(item.occurred_at));
    const auto identities = canonical_identities(notification.subject, TokenUse::notification);
    join_episode(step, item, notification.facts, identities,
                 how.tokens.value_or(std::vector<wire::Token>()));
    correct(step, item);

    if (!notification.agreement_record.is_zero()) {
        auto row = table::agreements.get(step.tx, notification.agreement_record);
        CHECK(row.has_value());
        if (row->referral.is_zero()) {
            bind_agreement(step, notification.agreement_record, *row,
                           area::referral_of(item.thread, id));
        }
    }
    const PersonalText canonical = to_canonical_json(notification);
    step.put_sealed(sealed::notification, store::key_bytes(id), view_of(canonical.reveal()));
    table::source_refs.put(step.tx,
                           ref_digest(step, "source", notification.agency, notification.source_ref),
                           {id, how.content ? *how.content : content_digest(step, canonical)});
    if (!item.thread.is_zero()) {
        raise_thread_lane(step, item.thread, item.lane);
        table::outbox_thread.put(step.tx, {item.thread, item.created_at, id}, {});
    }
    remember_rung(step, item.thread, notification.facts.addressed_to);
    note_conflicts(step, id, identities);
    if (how.tokens) note_conflicts(step, id, *how.tokens);
    set_state(step, id, item, OutboxState::waiting);
    step.record(LogEvent::outbox_stored, id, item.agency);
    step.pump_due = true;
    return id;
}

void erase_content(Step& step, const NotificationId& id) {
    step.tx.erase(sealed::notification, store::key_bytes(id));
    step.tx.erase(sealed::passed_on, store::key_bytes(id));
    forget_family(step, id);
}

TakenIn take_in(Step& step, Notification notification, const PersonId& person,
                const std::string& reason, const Caller* who) {
    const auto refused = [&](ErrorCode code, std::vector<InputFault> faults = {}) {
        record_refused_at_desk(step, notification, person, reason, faults);
        return TakenIn{std::nullopt, false, code, std::move(faults)};
    };
    auto faults = check_sender(step, notification);
    if (!faults.empty()) return refused(ErrorCode::bad_value, std::move(faults));
    // Without a policy nothing can be checked or sent: the caller keeps it and comes again.
    if (step.policy() == nullptr) return refused(ErrorCode::busy);

    // As it was given: what it is about may be gone when it is given again, and more may be known
    // of the child.
    const Digest content = content_digest(step, to_canonical_json(notification));
    const Digest ref = ref_digest(step, "source", notification.agency, notification.source_ref);
    if (const auto known = table::source_refs.get(step.tx, ref)) {
        if (known->content == content) return TakenIn{known->id, true, {}, {}};
        return refused(ErrorCode::duplicate_conflict, {changed_fault()});
    }
    InboxKey about;
    if (!notification.about.empty()) {
        auto filled = fill_about(step, who, notification);
        if (!filled.faults.empty()) return refused(ErrorCode::bad_value, std::move(filled.faults));
        about = std::move(filled.from);
    }
    sever(step, notification);
    add_care_flags(step, notification);
    Judged judged = judge(step, notification, who);
    if (!judged.faults.empty()) return refused(ErrorCode::bad_value, std::move(judged.faults));

    const bool begins = known_thread(step, notification).is_zero();
    NewItem fresh{person, reason, judged.supersedes, lane_of(step, judged.stated), {}};
    fresh.content = content;
    const auto id = keep_new(step, notification, fresh);
    if (who != nullptr) note_standing_by(step, *who, id, {notification.agency, notification.role});
    if (begins) note_care_visit(step, notification, notification.facts.occurred_at);
    if (!notification.about.empty()) {
        const auto& [inbox, sender, of] = about;
        table::sent_about.put(step.tx, {inbox, sender, of, id}, {});
        step.note_access(person, "sent_about", inbox, sender, of);
    }
    return TakenIn{id, false, {}, {}};
}

void submit(Step& step, const Submit& submit) {
    Notification notification = submit.notification;
    PersonId person = submit.person.empty() ? service_person() : submit.person;
    std::optional<Caller> who;
    if (submit.credential) {
        auto caller = authenticate(step, *submit.credential);
        if (!caller) {
            step.record(LogEvent::access_refused, caller.error());
            return reject(step, submit.reply, caller.error());
        }
        if (auto refused = check_caller(*caller, notification)) {
            std::vector<InputFault> faults{std::move(*refused)};
            notification.agency = caller->row.agency;  // whose decision it is, whoever was named
            record_refused_at_desk(step, notification, caller->person, submit.reason, faults);
            return reject(step, submit.reply, ErrorCode::not_entitled, std::move(faults));
        }
        person = caller->person;
        who.emplace(std::move(*caller));
    }
    auto taken =
        take_in(step, std::move(notification), person, submit.reason, who ? &*who : nullptr);
    if (!taken.id) return reject(step, submit.reply, taken.error, std::move(taken.faults));
    keep(step, submit.remember);
    step.effects.emplace_back(Submitted{submit.reply, *taken.id, taken.existed});
}

Drafted draft(Step& step, const Caller& caller, const Notification& given) {
    Drafted out;
    out.notification = given;
    auto& notification = out.notification;
    if (auto refused = check_caller(caller, notification)) {
        out.faults.push_back(std::move(*refused));
        return out;
    }
    out.faults = check_sender(step, notification);
    if (!out.faults.empty()) return out;
    const auto known = table::source_refs.get(
        step.tx, ref_digest(step, "source", notification.agency, notification.source_ref));
    if (known && known->content != content_digest(step, to_canonical_json(notification))) {
        out.faults.push_back(changed_fault());
        return out;
    }
    if (!notification.about.empty()) {
        out.faults = fill_about(step, &caller, notification).faults;
        if (!out.faults.empty()) return out;
    }
    Judged judged = judge(step, notification, &caller);
    out.faults = std::move(judged.faults);
    if (!out.faults.empty()) return out;
    // A reference that is new gets a thread and an event of its own; these are nobody's.
    ThreadId thread = known_thread(step, notification);
    if (thread.is_zero() && !notification.thread_ref.empty()) thread = step.random_id<ThreadId>();
    const auto event = notification.event_ref.empty() ? EventId() : step.random_id<EventId>();
    out.item =
        new_item(step, notification,
                 {caller.person, "preview", judged.supersedes, lane_of(step, judged.stated), {}},
                 thread, event);
    correct(step, out.item);
    out.id = id_of_record(step, notification.agency, notification.source_ref, out.item.occurred_at);
    return out;
}

Digest memory_row(const Step& step, std::string_view key) {
    return step.keyed(memory_digest, {view_of(key)});
}

std::optional<std::string> memory_of(Step& step, const Digest& row) {
    const auto plain = step.get_sealed(sealed::source_memory, store::key_bytes(row));
    return plain ? std::optional(std::string(text_of(*plain))) : std::nullopt;
}

void put_memory(Step& step, const Digest& row, const std::string& value) {
    const auto key = store::key_bytes(row);
    if (value.empty())
        step.tx.erase(sealed::source_memory, key);
    else
        step.put_sealed(sealed::source_memory, key, view_of(value));
}

void remember(Step& step, const Remember& remember) {
    keep(step, remember.entries);
    step.effects.emplace_back(Kept{remember.reply});
}

std::optional<std::string> remembered(store::View& view, const HostKeys& keys,
                                      std::string_view key) {
    const auto row = store::key_bytes(keyed_digest(keys, memory_digest, {view_of(key)}));
    const auto held = view.get(sealed::source_memory, row);
    if (!held) return std::nullopt;
    const auto plain =
        crypto::decrypt_column(keys.storage, sealed::source_memory.name(), row, *held);
    if (plain) return std::string(text_of(*plain));
    view.mark_failed(ErrorCode::store_failed, sealed::source_memory.name(),
                     "content does not open under the storage key");
    return std::nullopt;
}

}  // namespace mash::runtime
