#include "agents/runtime/core/about.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "agents/runtime/core/shown_child.hpp"
#include "common/area/agreement.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {
namespace {

/// About what is about what came, and so on. Each is a message that somebody wrote.
constexpr std::size_t answers_followed_max = 64;

InputFault fault(std::string path, std::string rule, std::string message) {
    return {std::move(path), std::move(rule), std::move(message)};
}

bool has(const std::vector<RoleId>& roles, const RoleId& role) {
    return std::ranges::find(roles, role) != roles.end();
}

/// `kind` empty: of some kind.
bool may_publish(const area::TypeRule& type, const RoleId& role, const std::string& kind) {
    if (type.any_agency_may_publish || has(type.publishers, role)) return true;
    return std::ranges::any_of(type.publishers_of_kind, [&](const auto& own) {
        return (kind.empty() || own.first == kind) && (own.second.empty() || has(own.second, role));
    });
}

/// An answer is sent about a question, everything else about whatever came.
bool may_be_about(const Step& step, const area::TypeRule& type, const TypeId& of) {
    if (type.row < area::row_invitation || type.row > area::row_step) return false;
    const auto* asked = step.policy()->find_type(of);
    return type.row != area::row_answer || (asked != nullptr && asked->row == area::row_question);
}

bool serves(const area::SeatEntry& seat, const InboxId& inbox) {
    return seat.inbox == inbox || (seat.alternate && *seat.alternate == inbox);
}

/// In an inbox of the role that sends. What came to a colleague's other desk is not told through
/// this one.
FoundReceived find_item(Step& step, const Caller& caller, const Notification& notification) {
    const auto* seat = step.registry()->find_seat({notification.agency, notification.role});
    if (seat != nullptr) {
        std::vector<InboxId> inboxes{seat->inbox};
        if (seat->alternate) inboxes.push_back(*seat->alternate);
        for (const auto& inbox : inboxes) {
            auto found = find_received(step, caller, notification.about, inbox);
            if (found.row) return found;
        }
    }
    return find_received(step, caller, notification.about, {});
}

Result<Opened> open_row(Step& step, const Caller& caller, const ReceivedRow& row) {
    const auto delivery = stored_delivery(step, row.key);
    if (!delivery) return fail(ErrorCode::not_found);
    return open_item(row.item, row.key, *delivery,
                     inbox_keys_of(step, caller, std::get<0>(row.key)));
}

bool says_who(const Subject& subject) {
    return !subject.nhs_number.reveal().empty() || !subject.upn.reveal().empty() ||
           !subject.forename.reveal().empty() || !subject.surname.reveal().empty() ||
           !subject.date_of_birth.reveal().empty();
}

bool is_empty(const Subject& subject) {
    return !says_who(subject) && subject.aliases.empty() && subject.postcode.reveal().empty() &&
           subject.school_urn.reveal().empty() && !subject.unborn;
}

constexpr std::string_view unknown_item =
    "Nothing under this id is in an inbox that you may open: look at its id again";

/// Why nothing is sent about it, whoever asks.
std::optional<InputFault> closed_for(Step& step, const ReceivedRow& row) {
    if (gone(row.item)) {
        return fault("/about", "taken_back",
                     "It was taken back or was here for a decision only, so nothing is sent about "
                     "it. If you must act all the same, send this without 'about'");
    }
    if (row.statement.route == area::decider_route) {
        return fault("/about", "for_a_decision",
                     "It is shown to you for a decision only and may not be used for anything "
                     "else. Decide first; if it comes to you then, send this about what came");
    }
    if (table::inbox_stops.contains(step.tx, row.key)) {
        return fault("/about", "agreement_withdrawn",
                     "The family has withdrawn the agreement it rests on, so it is used and passed "
                     "on no more. If you must act all the same, send this without 'about'");
    }
    return std::nullopt;
}

/// What the item said of the child, and not one word more.
void fill_child(const Step& step, const Opened& opened, Notification& notification) {
    const auto* section = step.policy()->find_section(std::string(identity_section));
    if (section == nullptr) return;
    auto& subject = notification.subject;
    for (const auto& identity : section_of(step, opened, identity_section)) {
        for (const auto& [field, value] : identity.items()) {
            if (std::ranges::find(section->fields, field) == section->fields.end()) continue;
            notification.sections[std::string(identity_section)].emplace(
                field, PersonalText(text_of_json(value)));
        }
        subject.forename = PersonalText(string_at(identity, "forenames"));
        subject.surname = PersonalText(string_at(identity, "surname"));
        subject.date_of_birth = PersonalText(string_at(identity, "date_of_birth"));
        subject.nhs_number = PersonalText(string_at(identity, "nhs_number"));
        subject.upn = PersonalText(string_at(identity, "upn"));
    }
}

/// A page that shows who the child is may send it back as it was, and nothing else: the words would
/// speak of one child and the tokens of another.
std::vector<InputFault> said_otherwise(const SectionContent& stated, const SectionContent& came) {
    std::vector<InputFault> faults;
    for (const auto& [field, value] : stated) {
        const auto same = came.find(field);
        if (same != came.end() && Json::parse(same->second.reveal(), nullptr, false) ==
                                      Json::parse(value.reveal(), nullptr, false))
            continue;
        faults.push_back(fault("/sections/" + std::string(identity_section) + "/" + field,
                               "said_otherwise",
                               "Who the child is is taken from the item. Leave it as it came, or "
                               "send this without 'about'"));
    }
    return faults;
}

/// The seat that sent it, where the row addresses such a one. Of several that could have been it,
/// none is guessed.
std::optional<InputFault> fill_addressee(const Step& step, const area::TypeRule& type,
                                         const ReceivedRow& row, const Opened& opened,
                                         Notification& notification) {
    auto& to = notification.facts.addressed_to;
    if (!to.empty()) return std::nullopt;
    const auto is_addressed = [](const area::Route& route) {
        return route.by == area::RouteBy::addressed;
    };
    const Seat own{notification.agency, notification.role};
    const auto* sent = step.policy()->find_type(opened.cover.type);
    const auto* agency = step.registry()->find_agency(std::get<1>(row.key));
    if (agency != nullptr && sent != nullptr) {
        for (const auto& entry : agency->seats) {
            const Seat seat{agency->id, entry.role};
            const bool is_reached = std::ranges::any_of(type.routes, [&](const auto& route) {
                return is_addressed(route) && route.role == entry.role;
            });
            if (seat != own && is_reached && may_publish(*sent, entry.role, opened.cover.kind))
                to.push_back(seat);
        }
    }
    if (to.size() == 1) return std::nullopt;
    if (to.size() > 1) {
        to.clear();
        return fault("/addressed_to", "required",
                     "More than one team of the agency that sent it can have this. Say in "
                     "'addressed_to' which one");
    }
    const bool reaches_others = std::ranges::any_of(
        type.routes, [&](const auto& route) { return route.must && !is_addressed(route); });
    if (reaches_others) return std::nullopt;
    return fault("/addressed_to", "required",
                 "This does not go back to whoever sent the item. Say in 'addressed_to' who is to "
                 "have it");
}

std::vector<InputFault> said_twice(const Notification& notification) {
    std::vector<InputFault> faults;
    constexpr std::string_view taken = "Leave it out: it is taken from the item named in 'about'";
    if (!is_empty(notification.subject))
        faults.push_back(fault("/subject", "said_twice", std::string(taken)));
    if (!notification.thread_ref.empty())
        faults.push_back(fault("/thread_ref", "said_twice", std::string(taken)));
    return faults;
}

Json answer_line(const Step& step, const ReceivedRow& row) {
    Json json{{"id", to_text(std::get<2>(row.key))},
              {"sender", std::get<1>(row.key).value()},
              {"inbox", std::get<0>(row.key).value()},
              {"type", row.statement.type.value()}};
    const auto* rule =
        step.policy() == nullptr ? nullptr : step.policy()->find_type(row.statement.type);
    json["title"] = rule == nullptr ? row.statement.type.value() : rule->title;
    json["accepted_at"] = time_json(row.statement.accepted_at);
    return json;
}

}  // namespace

ThreadId thread_about(const ThreadId& of, const AgencyId& by) {
    const Digest digest =
        crypto::labelled_hash("mash.v1.thread-about", {ByteView(of.value()), view_of(by.value())});
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    return ThreadId(bytes);
}

Filled fill_about(Step& step, const Caller* caller, Notification& notification) {
    const auto one = [](InputFault only) { return Filled{{std::move(only)}, {}}; };
    const auto* type = step.policy()->find_type(notification.facts.type);
    if (type == nullptr || step.registry() == nullptr) {
        return one(fault("/type", "unknown_type",
                         "this is not a kind of notification of this area's catalogue"));
    }
    if (auto faults = said_twice(notification); !faults.empty()) return {std::move(faults), {}};
    if (caller == nullptr || caller->service) {
        return one(fault("/about", "not_a_person",
                         "Only a person who opens the inbox may send something about what came to "
                         "it"));
    }
    if (step.row.catching_up) {
        return one(fault("/about", "not_yet",
                         "This agent was put back from a backup and does not know yet which "
                         "messages were taken back since. Try again in a minute"));
    }
    const auto found = find_item(step, *caller, notification);
    if (!found.row) {
        const bool is_unknown = found.failure.error == ErrorCode::not_found;
        return one(fault("/about", "unknown",
                         is_unknown ? std::string(unknown_item) : found.failure.message));
    }
    const auto& row = *found.row;
    const auto& [inbox, sender, id] = row.key;
    const auto* seat = step.registry()->find_seat({notification.agency, notification.role});
    if (seat == nullptr || !serves(*seat, inbox)) {
        return one(fault("/role", "other_inbox",
                         "It came to another inbox of yours: send in the role that it came to"));
    }
    if (!may_be_about(step, *type, row.statement.type)) {
        return one(fault("/type", "not_about",
                         "This kind of notification is not sent about what came here: leave out "
                         "'about'"));
    }
    if (auto closed = closed_for(step, row)) return one(std::move(*closed));
    const auto opened = open_row(step, *caller, row);
    if (!opened) {
        return one(fault("/about", "does_not_open",
                         "It does not open with the inbox's key, so nobody can tell which child it "
                         "is about. Ring the sender"));
    }
    auto& identity = notification.sections[std::string(identity_section)];
    const SectionContent stated = std::exchange(identity, SectionContent());
    fill_child(step, *opened, notification);
    if (auto otherwise = said_otherwise(stated, identity); !otherwise.empty())
        return {std::move(otherwise), {}};
    if (!says_who(notification.subject)) {
        return one(fault("/about", "no_child",
                         "It does not say here which child it is about. Send this without 'about' "
                         "and name the child in 'subject'"));
    }
    if (auto missing = fill_addressee(step, *type, row, *opened, notification))
        return one(std::move(*missing));
    notification.about = sender.value() + "/" + to_text(id);
    notification.about_thread = spoken_in(row.key, opened->cover).thread;
    return {{}, row.key};
}

Json may_send_about_json(Step& step, const Caller& caller, const ReceivedRow& row,
                         const Opened& opened) {
    Json types = Json::array();
    if (step.policy() == nullptr || step.registry() == nullptr || closed_for(step, row))
        return types;
    Notification child;
    fill_child(step, opened, child);
    if (!says_who(child.subject)) return types;
    for (const auto& type : step.policy()->types()) {
        if (!type.in_force.at(step.now.wall) || !may_be_about(step, type, row.statement.type))
            continue;
        const bool may = std::ranges::any_of(caller.row.roles, [&](const RoleId& role) {
            const auto* seat = step.registry()->find_seat({caller.row.agency, role});
            return seat != nullptr && serves(*seat, std::get<0>(row.key)) &&
                   may_publish(type, role, {});
        });
        if (may) types.push_back(type.type.value());
    }
    return types;
}

bool may_answer(const Step& step, const TypeId& type) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
    return rule != nullptr && rule->row >= area::row_invitation && rule->row <= area::row_step;
}

Spoken spoken_in(const InboxKey& key, const wire::Cover& cover) {
    return {area::referral_of(cover.thread, std::get<2>(key)), std::get<1>(key)};
}

ThreadId root_of(Step& step, const Spoken& spoken) {
    auto thread = spoken.thread;
    for (std::size_t i = 0; i < answers_followed_max; ++i) {
        const auto of = table::threads_about.get(step.tx, thread);
        // The first is what somebody else says; the others are our own.
        if (!of || (i == 0 && thread != thread_about(*of, spoken.sender))) break;
        thread = *of;
    }
    return thread;
}

bool is_same_thread(Step& step, const Spoken& a, const Spoken& b) {
    // Of two senders it is a coincidence that one of them made.
    if (a.thread == b.thread) return a.sender == b.sender;
    const auto root_a = root_of(step, a);
    const auto root_b = root_of(step, b);
    return root_a == root_b || root_a == thread_about(root_b, a.sender) ||
           root_b == thread_about(root_a, b.sender);
}

Json about_json(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto sent = stored_notification(step, id);
    const auto slash = sent ? sent->about.find('/') : std::string::npos;
    if (slash == std::string::npos) return nullptr;
    const AgencyId sender(sent->about.substr(0, slash));
    const auto bytes = uuid_from_text(sent->about.substr(slash + 1));
    if (!bytes) return nullptr;
    const NotificationId of(*bytes);
    bool taken_back = false;
    const Bytes prefix = store::key_bytes(of);
    for (const auto& [found, inbox, from] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        const auto row = table::inboxes.get(step.tx, inbox);
        if (from != sender || !row || row->agency != item.agency) continue;
        const auto came = table::inbox.get(step.tx, {inbox, from, found});
        taken_back = taken_back || (came && came->state == InboxState::recalled);
    }
    return Json{{"sender", sender.value()}, {"id", to_text(of)}, {"taken_back", taken_back}};
}

void ring_what_was_said_about(Step& step, const InboxKey& key) {
    const Bytes prefix = store::key_bytes(key);
    for (const auto& row : table::sent_about.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& said = std::get<3>(row);
        const auto sent = table::outbox.get(step.tx, said);
        if (!sent || sent->recalled_at.is_set() || sent->state == OutboxState::withdrawn ||
            sent->state == OutboxState::closed)
            continue;
        raise(step, Alarm::Kind::about_taken_back, said, step.telephone_of({std::get<1>(key), {}}));
    }
}

Json answers_json(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item) {
    Json list = Json::array();
    const auto inboxes = inboxes_asked_for(step, caller, {});
    if (!inboxes) return list;
    std::set<ThreadId> threads;
    const auto thread = area::referral_of(item.thread, id);
    for (const auto& recipient : decision_of(item).recipients)
        threads.insert(thread_about(thread, recipient.seat.agency));
    for (const auto& inbox : *inboxes) {
        for (const auto& about : threads) {
            const Bytes prefix = store::key_bytes(inbox, about);
            for (const auto& key : table::inbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
                const InboxKey answer{inbox, std::get<2>(key), std::get<3>(key)};
                const auto row = row_of(step, answer);
                if (!row || gone(row->item) || about != thread_about(thread, std::get<2>(key)))
                    continue;
                list.push_back(answer_line(step, *row));
            }
        }
    }
    return list;
}

}  // namespace mash::runtime
