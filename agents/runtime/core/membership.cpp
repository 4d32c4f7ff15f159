// Who may open which inbox. Adding somebody needs a key that already opens it: a member's own, or
// the offline recovery key. Removing somebody begins a new key, so that what comes from now on is
// not theirs.
#include <algorithm>
#include <set>
#include <variant>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "common/area/alternates.hpp"

namespace mash::runtime {
namespace {

/// Who vouches: a member, or the holder of the recovery key.
struct Voucher {
    std::variant<Caller, crypto::BoxKeyPair> who;
    const Caller* member() const { return std::get_if<Caller>(&who); }
    PersonId name() const { return member() ? member()->person : PersonId("recovery"); }
};

Result<Voucher> voucher_of(Step& step, const ApiRequest& request, const Json& body) {
    if (const auto text = string_at(body, "recovery_key"); !text.empty()) {
        auto bytes = from_base64url(text);
        if (!bytes) return fail(ErrorCode::wrong_credential);
        auto secret = crypto::BoxSecretKey::from(crypto::SecretBytes::take(std::move(*bytes)));
        if (!secret) return fail(ErrorCode::wrong_credential);
        auto pair = crypto::BoxKeyPair::from_secret(std::move(*secret));
        if (pair.public_key != step.agent.keys.recovery) return fail(ErrorCode::wrong_credential);
        return Voucher{std::move(pair)};
    }
    auto caller = authenticate(step, request.credential);
    if (!caller) return fail(caller.error());
    if (caller->service) return fail(ErrorCode::not_entitled);
    return Voucher{std::move(*caller)};
}

template <class IdType>
Result<std::vector<IdType>> names_at(const Json& body, std::string_view field) {
    std::vector<IdType> names;
    const auto found = body.find(std::string(field));
    if (found == body.end()) return names;
    if (!found->is_array() || found->size() > limits::members_per_inbox_max)
        return fail(ErrorCode::bad_value);
    for (const auto& one : *found) {
        if (!one.is_string() || !is_valid_name(one.get<std::string>()))
            return fail(ErrorCode::bad_value);
        names.emplace_back(one.get<std::string>());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<crypto::BoxKeyPair> keys_of(Step& step, const Voucher& voucher, const InboxId& inbox) {
    if (const auto* member = voucher.member()) return inbox_keys_of(step, *member, inbox);
    return recovered_keys_of(step, std::get<crypto::BoxKeyPair>(voucher.who), inbox);
}

/// The roles that come with being a member: those of the seats which these inboxes serve.
void add_seat_roles(const Step& step, const AgencyId& agency, const std::vector<InboxId>& inboxes,
                    std::vector<RoleId>& roles) {
    const auto* listed =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(agency);
    if (listed == nullptr) return;
    for (const auto& seat : listed->seats) {
        const auto alternates = area::alternates_of(*listed, seat.role);
        for (const auto& inbox : inboxes) {
            if (seat.inbox == inbox || std::ranges::find(alternates, inbox) != alternates.end())
                roles.push_back(seat.role);
        }
    }
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
}

std::size_t member_count(Step& step, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    return table::members.collect_keys(step.tx, {.prefix = prefix}).size();
}

/// `known`: "" of somebody new, behind whom stands nobody but who opens the inbox already.
bool has_room_for(Step& step, const InboxId& inbox, const PersonId& known, const Voucher& voucher) {
    const auto opened_by = people_behind(step, inbox);
    std::set<PersonId> people(opened_by.begin(), opened_by.end());
    people.insert(known);
    if (voucher.member() != nullptr) {
        const auto behind = vouchers_of(step, known);
        people.insert(behind.begin(), behind.end());
    }
    return people.size() <= limits::members_per_inbox_max;
}

Answer not_entitled_to(const InboxId& inbox) {
    return Answer::failed(
        ErrorCode::not_entitled,
        "Only a member of " + inbox.value() + " or the recovery key may change who opens it");
}

void leave_inbox(Step& step, const InboxId& inbox, const PersonId& person) {
    keep_out_who_leaves(step, inbox, person);
    table::members.erase(step.tx, {inbox, person});
    auto row = table::inboxes.get(step.tx, inbox);
    if (!row) return;
    for (std::uint64_t epoch = 1; epoch <= row->epoch; ++epoch) {
        table::member_keys.erase(step.tx, {inbox, epoch, person});
    }
    clear_desk(step.tx, inbox, person);
    rotate_inbox(step, inbox, *row);
}

/// Whoever answers for a person: a member of each of these inboxes, or the recovery key. Nothing:
/// they do.
std::optional<Answer> refusal_of(Step& step, const Voucher& voucher, const PersonRow& row,
                                 const std::vector<InboxId>& inboxes) {
    const auto* member = voucher.member();
    if (member == nullptr) return std::nullopt;
    if (member->row.agency != row.agency) return Answer::failed(ErrorCode::not_entitled);
    for (const auto& inbox : inboxes) {
        if (!is_member(step, *member, inbox)) return not_entitled_to(inbox);
    }
    // Somebody without any inbox has roles only: the recovery key gave them and takes them.
    if (inboxes.empty()) return Answer::failed(ErrorCode::not_entitled);
    return std::nullopt;
}

/// Nobody hands on a role that they do not have, nor one without an inbox that it comes with:
/// whoever opens none stands on no list of colleagues.
bool may_hand_on(Step& step, const Caller& member, const std::vector<RoleId>& roles,
                 const std::vector<InboxId>& inboxes, const PersonId& to) {
    auto opens = to.empty() ? std::vector<InboxId>() : inboxes_of(step, to);
    opens.insert(opens.end(), inboxes.begin(), inboxes.end());
    std::vector<RoleId> come;
    add_seat_roles(step, member.row.agency, opens, come);
    return std::ranges::all_of(roles, [&](const RoleId& role) {
        return has_role(member, member.row.agency, role) && std::ranges::binary_search(come, role);
    });
}

/// To whom, and to which inboxes: a line of their own beside that of whoever did it.
void note_of(Step& step, const PersonId& person, std::string_view what,
             const std::vector<InboxId>& inboxes, const AgencyId& agency) {
    for (const auto& inbox : inboxes) step.note_access(person, what, inbox, agency, {});
    if (inboxes.empty()) step.note_access(person, what, {}, agency, {});
}

constexpr std::string_view too_many_people =
    "Too many people open this inbox or have added those who do. Remove whoever has left; a person "
    "added again with the recovery key stands on their own";

constexpr std::string_view role_without_inbox =
    "A member's token gives inboxes, and the roles of theirs that come with them. Any other role "
    "needs the recovery key";

constexpr std::string_view no_such_account =
    "'same_as' is the id of another account of this person on this host, and needs the recovery "
    "key";

constexpr std::string_view needs_colleague =
    "This needs the token of a colleague who opens the same inboxes, or the recovery key";

}  // namespace

std::vector<InboxId> inboxes_of(Step& step, const PersonId& person) {
    std::vector<InboxId> inboxes;
    for (const auto& inbox : table::inboxes.collect_keys(step.tx, {})) {
        if (table::members.contains(step.tx, {inbox, person})) inboxes.push_back(inbox);
    }
    return inboxes;
}

Answer add_person(Step& step, const ApiRequest& request, const Json& body) {
    const auto voucher = voucher_of(step, request, body);
    if (!voucher) {
        return Answer::failed(voucher.error(),
                              "Adding a person needs a member's token or the inbox's recovery key");
    }
    const auto inboxes = names_at<InboxId>(body, "inboxes");
    auto roles = names_at<RoleId>(body, "roles");
    if (!inboxes || !roles)
        return Answer::failed(ErrorCode::bad_value, "'inboxes' and 'roles' are lists of names");
    AgencyId agency(string_at(body, "agency"));
    PersonId person(string_at(body, "person"));
    std::optional<PersonRow> known;
    if (!person.empty()) {
        known = table::people.get(step.tx, person);
        if (!known || known->removed_at.is_set())
            return Answer::failed(ErrorCode::not_found, "There is no such person");
        agency = known->agency;
    }
    if (agency.empty() && step.agent.keys.agencies.size() == 1)
        agency = step.agent.keys.agencies.begin()->first;
    if (!step.serves(agency))
        return Answer::failed(ErrorCode::bad_value, "'agency' is not one that this agent serves");
    const std::string name = string_at(body, "name");
    if (!known && (name.empty() || name.size() > limits::display_name_bytes_max)) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give the person's 'name', for the records of this agency");
    }
    if (inboxes->empty() && roles->empty()) {
        return Answer::failed(ErrorCode::missing_field,
                              "Name the 'inboxes' to open or the 'roles' to act in");
    }
    if (const auto* member = voucher->member()) {
        if (member->row.agency != agency) return Answer::failed(ErrorCode::not_entitled);
        if (!may_hand_on(step, *member, *roles, *inboxes, person))
            return Answer::failed(ErrorCode::not_entitled, std::string(role_without_inbox));
    }
    const PersonId same_as(string_at(body, "same_as"));
    if (!same_as.empty() &&
        (voucher->member() != nullptr || same_as == person || !person_here(step, same_as)))
        return Answer::failed(ErrorCode::bad_value, std::string(no_such_account));
    std::vector<std::vector<crypto::BoxKeyPair>> keys;
    for (const auto& inbox : *inboxes) {
        const auto row = table::inboxes.get(step.tx, inbox);
        if (!row || row->agency != agency)
            return Answer::failed(ErrorCode::not_found, "No inbox " + inbox.value() + " here");
        if (!row->people) {
            return Answer::failed(ErrorCode::bad_value,
                                  inbox.value() + " hands over by itself; nobody opens it");
        }
        if (!has_room_for(step, inbox, person, *voucher))
            return Answer::failed(ErrorCode::too_many, std::string(too_many_people));
        keys.push_back(keys_of(step, *voucher, inbox));
        if (keys.back().empty()) return not_entitled_to(inbox);
    }
    add_seat_roles(step, agency, *inboxes, *roles);
    Json reply;
    if (known) {
        // What a member once gave beside any inbox does not come back by the recovery key's word.
        if (const auto here = person_here(step, person))
            known->roles = here->roles;
        else
            known->roles.clear();
        known->roles.insert(known->roles.end(), roles->begin(), roles->end());
        std::sort(known->roles.begin(), known->roles.end());
        known->roles.erase(std::unique(known->roles.begin(), known->roles.end()),
                           known->roles.end());
        ++known->serial;
        table::people.put(step.tx, person, *known);
        reply["person"] = person.value();
    } else {
        auto made = make_person(step, agency, *roles);
        person = made.person;
        known = made.row;
        step.put_sealed(sealed::person_name, store::key_bytes(person), view_of(name));
        reply["person"] = person.value();
        reply["token"] = text_of_credential(person, made.token).reveal();  // shown this once
    }
    const auto* member = voucher->member();
    if (member == nullptr && table::vouched.contains(step.tx, person)) {
        table::vouched.erase(step.tx, person);
        tell_members_again(step, agency);
    } else if (member != nullptr && reply.contains("token")) {
        table::vouched.put(step.tx, person, {member->person});
        keep_out_too(step, *member, person);
    }
    if (!same_as.empty()) {
        note_same_person(step, person, same_as);
        step.note_access(person, "is_same_as", {}, agency, {});
        for (const auto& other : same_people(step, person)) {
            if (const auto row = table::people.get(step.tx, other))
                tell_members_again(step, row->agency);
        }
        tell_members_again(step, agency);
    }
    for (std::size_t i = 0; i < inboxes->size(); ++i) {
        share_inbox_keys(step, (*inboxes)[i], keys[i], person, known->box_public);
    }
    reply["agency"] = agency.value();
    reply["roles"] = Json::array();
    for (const auto& role : known->roles) reply["roles"].push_back(role.value());
    reply["inboxes"] = Json::array();
    for (const auto& inbox : inboxes_of(step, person)) reply["inboxes"].push_back(inbox.value());
    step.note_access(voucher->name(), "person_added", {}, agency, {});
    note_of(step, person, "was_added", *inboxes, agency);
    step.record(LogEvent::person_added, {}, agency);
    return Answer::of(std::move(reply), 201);
}

Answer remove_person(Step& step, const ApiRequest& request, const Json& body) {
    const auto voucher = voucher_of(step, request, body);
    if (!voucher) {
        return Answer::failed(
            voucher.error(),
            "Removing a person needs a member's token or the inbox's recovery key");
    }
    const PersonId person(request.id.empty() ? string_at(body, "person") : request.id);
    auto row = table::people.get(step.tx, person);
    if (!row || row->removed_at.is_set())
        return Answer::failed(ErrorCode::not_found, "There is no such person");
    const auto all = inboxes_of(step, person);
    std::vector<InboxId> leaving = all;
    if (!request.inbox.empty()) {
        if (std::find(all.begin(), all.end(), request.inbox) == all.end())
            return Answer::failed(ErrorCode::not_found);
        leaving = {request.inbox};
    }
    if (auto refused = refusal_of(step, *voucher, *row, leaving)) return std::move(*refused);
    for (const auto& inbox : leaving) leave_inbox(step, inbox, person);
    Json reply{
        {"person", person.value()}, {"left", Json::array()}, {"nobody_left_in", Json::array()}};
    for (const auto& inbox : leaving) {
        reply["left"].push_back(inbox.value());
        if (member_count(step, inbox) == 0) reply["nobody_left_in"].push_back(inbox.value());
    }
    ++row->serial;
    if (request.inbox.empty()) {
        row->removed_at = step.now.wall;
        row->roles.clear();
        row->box_wrapped.clear();
        row->signing_wrapped.clear();
        (void)erase_account(step, person);
        erase_drafts(step, person);
    } else {
        std::vector<RoleId> gone;
        std::vector<RoleId> kept;
        add_seat_roles(step, row->agency, leaving, gone);
        add_seat_roles(step, row->agency, inboxes_of(step, person), kept);
        std::erase_if(row->roles, [&](const RoleId& role) {
            return std::binary_search(gone.begin(), gone.end(), role) &&
                   !std::binary_search(kept.begin(), kept.end(), role);
        });
    }
    table::people.put(step.tx, person, *row);
    step.note_access(voucher->name(), "person_removed", {}, row->agency, {});
    note_of(step, person, "was_removed", leaving, row->agency);
    step.record(LogEvent::person_removed, {}, row->agency);
    return Answer::of(std::move(reply));
}

Answer remove_account(Step& step, const ApiRequest& request, const Json& body) {
    const auto voucher = voucher_of(step, request, body);
    if (!voucher) return Answer::failed(voucher.error(), std::string(needs_colleague));
    const PersonId person(request.id);
    const auto row = table::people.get(step.tx, person);
    if (!row || row->removed_at.is_set())
        return Answer::failed(ErrorCode::not_found, "There is no such person");
    // One's own, with the token that makes the next one, is nobody else's business.
    const bool is_own = voucher->member() != nullptr && voucher->name() == person;
    if (!is_own) {
        auto refused = refusal_of(step, *voucher, *row, inboxes_of(step, person));
        if (refused) return std::move(*refused);
    }
    if (!erase_account(step, person))
        return Answer::failed(ErrorCode::not_found, "This person has no account");
    step.note_access(voucher->name(), "account_removed", {}, row->agency, {});
    note_of(step, person, "account_was_removed", {}, row->agency);
    return Answer::of({{"person", person.value()}});
}

Answer allow_reset(Step& step, const ApiRequest& request, const Json& body) {
    constexpr std::chrono::hours counts_for{24};
    const auto voucher = voucher_of(step, request, body);
    if (!voucher) return Answer::failed(voucher.error(), std::string(needs_colleague));
    const PersonId person(request.id);
    const auto row = table::people.get(step.tx, person);
    if (!row || row->removed_at.is_set())
        return Answer::failed(ErrorCode::not_found, "There is no such person");
    // Whoever sits at somebody's open page must not give themselves another telephone for it.
    if (voucher->member() != nullptr && voucher->name() == person)
        return Answer::failed(ErrorCode::not_entitled, std::string(needs_colleague));
    auto refused = refusal_of(step, *voucher, *row, inboxes_of(step, person));
    if (refused) return std::move(*refused);
    const auto bytes = from_base64url(string_at(body, "digest"));
    Digest digest{};
    if (!bytes || bytes->size() != digest.size()) return Answer::failed(ErrorCode::bad_value);
    std::ranges::copy(*bytes, digest.begin());
    const WallTime until = step.now.wall + counts_for;
    if (const auto put = put_reset(step, person, digest, until); !put) {
        return Answer::failed(put.error(),
                              put.error() == ErrorCode::not_found
                                  ? "This person has no account"
                                  : "A reset was allowed a moment ago: its code counts for a day. "
                                    "If it is lost, ask again in five minutes");
    }
    step.note_access(voucher->name(), "account_reset", {}, row->agency, {});
    note_of(step, person, "account_was_reset", {}, row->agency);
    return Answer::of({{"person", person.value()}, {"counts_until", to_rfc3339(until)}});
}

Answer rotate_inbox_key(Step& step, const ApiRequest& request, const Json& body) {
    const auto voucher = voucher_of(step, request, body);
    if (!voucher) {
        return Answer::failed(voucher.error(),
                              "A new key needs a member's token or the inbox's recovery key");
    }
    if (!is_valid_name(request.id)) return Answer::failed(ErrorCode::not_found);
    const InboxId inbox(request.id);
    auto row = table::inboxes.get(step.tx, inbox);
    if (!row) return Answer::failed(ErrorCode::not_found, "This agent has no inbox of that name");
    // An automatic inbox has no members: any person of its agency may ask.
    const auto* member = voucher->member();
    const bool may = member == nullptr || (row->people ? is_member(step, *member, inbox)
                                                       : member->row.agency == row->agency);
    if (!may) return not_entitled_to(inbox);
    if (step.signing_key(row->agency) == nullptr) return Answer::failed(ErrorCode::unknown_key);
    rotate_inbox(step, inbox, *row);
    step.note_access(voucher->name(), "inbox_key_rotated", inbox, row->agency, {});
    return Answer::of({{"inbox", inbox.value()}, {"key", row->epoch}});
}

}  // namespace mash::runtime
