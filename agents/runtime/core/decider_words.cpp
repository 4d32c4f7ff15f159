#include "agents/runtime/core/decider_words.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "agents/runtime/core/api.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

/// As sealed: under which salt the digests were made, the reason, the decider's name.
struct Words {
    std::array<std::uint8_t, 32> salt{};
    std::string reason;
    std::string name;
    std::string detail;
};

/// With its overhead a copy stays below limits::sealed_record_bytes_max.
constexpr std::size_t plain_bytes_max = limits::sealed_record_bytes_max - 256;
static_assert(words_detail_bytes_max + limits::display_name_bytes_max + 256 <= plain_bytes_max);
static_assert(limits::short_text_bytes_max + limits::display_name_bytes_max <= plain_bytes_max);
/// So long words may be on their way: the broker keeps what nobody has heard no longer.
constexpr std::chrono::hours on_the_way_max{24 * 60};
/// The signed answer itself goes before its words, in a quicker lane.
constexpr std::chrono::hours answer_awaited{24 * 7};

Digest digest_of(const Words& words) {
    return crypto::labelled_hash(
        wire::label::words_digest,
        {words.salt, view_of(words.reason), view_of(words.name), view_of(words.detail)});
}

/// At most so many bytes of it, and no half letter.
std::string beginning_of(const std::string& text, std::size_t bytes_max) {
    constexpr std::string_view cut = " [...]";
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max - cut.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + std::string(cut);
}

std::optional<Words> words_kept(Step& step, const Said& said) {
    const auto kept = said.kept_under.empty() ? step.get_sealed(sealed::reason, said.subject)
                                              : step.get_sealed(sealed::reason, said.kept_under);
    if (!kept) return std::nullopt;
    Words words;
    Reader in(*kept);
    words.salt = in.array<32>();
    words.reason = in.text();
    const auto name = name_of_person(step, said.person);
    if (name.is_string()) words.name = name.get<std::string>();
    words.detail = said.detail.reveal();
    return words;
}

/// Besides the decider's own agency, which has them.
std::set<AgencyId> whose_they_are(Step& step, const Said& said) {
    std::set<AgencyId> agencies;
    const auto& registry = *step.registry();
    for (const auto& seat :
         registry.seats_with_role(step.policy()->front_door_role(), step.now.wall))
        agencies.insert(seat.agency);
    if (said.sender_may_know && !said.sender.empty()) agencies.insert(said.sender);
    agencies.erase(said.decider.agency);
    return agencies;
}

std::string heard_errand(const wire::WordsBody& body, const AgencyId& agency) {
    return "words-heard/" + agency.value() + "/" + body.decider.agency.value() + "/" +
           to_text(body.id);
}

std::optional<Words> open_words(Step& step, const wire::SealedWords& copy) {
    const auto keys = step.agent.keys.agencies.find(copy.agency);
    if (keys == step.agent.keys.agencies.end()) return std::nullopt;
    for (const auto& box : keys->second.box) {
        const auto plain = crypto::open_sealed(box, copy.sealed);
        if (!plain) continue;
        Words words;
        Reader in(plain->reveal());
        words.salt = in.array<32>();
        words.reason = in.text();
        words.name = in.text();
        words.detail = in.text();
        if (in.finished()) return words;
    }
    return std::nullopt;
}

/// They are those of the signed answer that we have, if it is one about something of ours.
bool match_answer(Step& step, const wire::WordsBody& body, const Words& words) {
    const auto mark =
        table::authorisations.get(step.tx, {body.notification, AuthorisationId(body.subject)});
    const auto answer =
        mark ? wire::decode_body<wire::Authorisation>(mark->signed_authorisation.body)
             : fail(ErrorCode::not_found);
    return !answer ||
           answer->reason_digest ==
               crypto::labelled_hash("mash.v1.reason", {words.salt, view_of(words.reason)});
}

}  // namespace

void send_words(Step& step, const Said& said) {
    auto words = words_kept(step, said);
    const auto* key = step.signing_key(said.decider.agency);
    if (!words || key == nullptr || step.registry() == nullptr || step.policy() == nullptr) return;
    // Whom a conflict names must arrive. The whole reason lies where it was written.
    words->reason =
        beginning_of(words->reason, plain_bytes_max - words->name.size() - words->detail.size());
    const Bytes plain = Writer()
                            .fixed(words->salt)
                            .text(words->reason)
                            .text(words->name)
                            .text(words->detail)
                            .take();
    wire::DeciderWords frame;
    for (const auto& agency : whose_they_are(step, said)) {
        const auto* listed = step.registry()->find_active_agency(agency, step.now.wall);
        if (listed == nullptr) continue;
        auto sealed =
            crypto::seal_to(crypto::BoxPublicKey(listed->box_public_key), plain, step.random);
        if (sealed) frame.sealed.push_back({agency, std::move(*sealed)});
    }
    if (frame.sealed.empty()) return;
    wire::WordsBody body;
    body.id = step.random_id<wire::WordsId>();
    body.decider = said.decider;
    body.person = said.person;
    body.what = name_of(said.what);
    body.code = said.code;
    body.sender = said.sender;
    if (!said.sender.empty()) body.notification = said.notification;
    body.subject = said.subject;
    body.at = step.now.wall;
    body.digest = digest_of(*words);
    frame.body = wire::encode_body(body);
    frame.signature = crypto::sign(*key, wire::label::words, frame.body);
    put_errand(step, "words/" + to_text(body.id), std::move(frame), wire::Lane::routine);
}

void record_and_send_words(Step& step, const Said& said) {
    const auto words = words_kept(step, said);
    if (!words) return;
    record_words(step, {said.decider.agency, said.decider, said.person, said.what, said.code,
                        said.notification, PersonalText(words->reason), PersonalText(words->name)});
    send_words(step, said);
}

namespace {

/// Verified as of when they were said, for they may have been long on their way, but by no key that
/// is revoked now: whoever has it writes the time as well.
bool are_theirs(const Step& step, const wire::WordsBody& body, const wire::DeciderWords& frame) {
    const auto* agency = step.registry() == nullptr ? nullptr
                                                    : step.registry()->find_active_agency(
                                                          body.decider.agency, step.now.wall);
    if (agency == nullptr) return false;
    const auto at = std::clamp(body.at, step.now.wall - on_the_way_max, step.now.wall);
    return std::ranges::any_of(agency->signing_keys, [&](const area::DatedVerifyKey& key) {
        const bool is_revoked = key.revoked_at.is_set() && key.revoked_at <= step.now.wall;
        return !is_revoked &&
               area::verify_with_any({key}, at, wire::label::words, frame.body, frame.signature);
    });
}

enum class Counts { yes, no, not_yet };

Counts counts_if(bool counts) { return counts ? Counts::yes : Counts::no; }

bool has_role_of(const Step& step, const Seat& seat, std::initializer_list<RoleId> roles) {
    return step.registry()->find_seat(seat) != nullptr &&
           std::ranges::find(roles, seat.role) != roles.end();
}

/// Either half of the front door's day, and who decides when both are in a conflict.
bool is_desk_or_officer(const Step& step, const Seat& seat) {
    return has_role_of(
        step, seat,
        {step.policy()->front_door_role(), step.policy()->emergency_duty_role(), RoleId("lado")});
}

/// Who decides at the sender, by its kind.
bool is_decider_of_sender(const Step& step, const wire::WordsBody& body) {
    const auto* agency = step.registry()->find_agency(body.sender);
    if (agency == nullptr || body.decider.agency != body.sender) return false;
    const auto& deciders = step.policy()->deciders_of(agency->kind);
    const auto& role = body.decider.role;
    return std::ranges::find(deciders.manager, role) != deciders.manager.end() ||
           std::ranges::find(deciders.safeguarding_lead, role) != deciders.safeguarding_lead.end();
}

/// Told of a child that left a list.
bool is_told_of_lapses(const Step& step, const RoleId& role) {
    return std::ranges::any_of(step.policy()->relations(), [&](const auto& relation) {
        return relation.second.lapse_to == role;
    });
}

/// At the sender they are those of an answer that is here, signed by the same person.
Counts answers_what_was_held(Step& step, const wire::WordsBody& body) {
    if (body.sender.empty()) return Counts::no;
    if (!step.serves(body.sender))
        return counts_if(is_desk_or_officer(step, body.decider) ||
                         is_decider_of_sender(step, body));
    const auto mark =
        table::authorisations.get(step.tx, {body.notification, AuthorisationId(body.subject)});
    if (!mark) return step.now.wall < body.at + answer_awaited ? Counts::not_yet : Counts::no;
    const auto answer = wire::decode_body<wire::Authorisation>(mark->signed_authorisation.body);
    return counts_if(answer && answer->sender == body.sender && answer->decider == body.decider &&
                     answer->person == body.person && answer->rule == body.code &&
                     answer->allow == (body.what == name_of(DecisionKind::allowed)));
}

Counts clears_tasks(Step& step, const wire::WordsBody& body) {
    return counts_if(is_desk_or_officer(step, body.decider) || is_decider_of_sender(step, body) ||
                     is_told_of_lapses(step, body.decider.role));
}

Counts is_about_a_conflict(Step& step, const wire::WordsBody& body) {
    return counts_if(body.sender.empty() && declares_conflicts(step, body.decider));
}

/// Its agency's own record, which any of its members takes down; so of no seat, and of nothing that
/// anybody sent.
Counts is_of_its_own_record(Step& step, const wire::WordsBody& body) {
    const NotificationId id(body.subject);
    const Bytes prefix = store::key_bytes(id);
    return counts_if(
        body.sender.empty() && !table::outbox.contains(step.tx, id) &&
        table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty());
}

/// Said by the front door or emergency duty alone.
Counts is_the_desks(Step& step, const wire::WordsBody& body) {
    return counts_if(
        has_role_of(step, body.decider,
                    {step.policy()->front_door_role(), step.policy()->emergency_duty_role()}));
}

/// Any agency can sign words. Of each kind, whose are recorded here; of a kind that is not listed
/// nobody's.
struct SaidBy {
    std::string_view what;
    bool by_a_seat;  ///< that the registry lists
    Counts (*counts)(Step&, const wire::WordsBody&);
};
constexpr SaidBy said_by[] = {
    {"allowed", true, answers_what_was_held},
    {"disallowed", true, answers_what_was_held},
    {"task_answered", true, clears_tasks},
    {"conflict_declared", true, is_about_a_conflict},
    {"conflict_ended", true, is_about_a_conflict},
    {"agreement_withdrawn", false, is_of_its_own_record},
    {"identity_asked", true, is_the_desks},
    {"identity_answered", true, is_the_desks},
    {"identity_taken_back", true, is_the_desks},
};

Counts counts(Step& step, const wire::WordsBody& body) {
    const auto kind = std::ranges::find(said_by, body.what, &SaidBy::what);
    if (kind == std::end(said_by)) return Counts::no;
    if (step.policy() == nullptr) return Counts::not_yet;
    // The registry that is here may be the older one.
    if (kind->by_a_seat && step.registry()->find_seat(body.decider) == nullptr)
        return Counts::not_yet;
    return kind->counts(step, body);
}

void take_in(Step& step, const wire::WordsBody& body, DecisionKind what, const AgencyId& at,
             const Words& words) {
    const auto about =
        body.notification.is_zero() ? NotificationId(body.subject) : body.notification;
    record_words(step, {at, body.decider, body.person, what, body.code, about,
                        PersonalText(words.reason), PersonalText(words.name)});
    const ConflictId conflict(body.subject);
    if (what == DecisionKind::conflict_declared)
        conflict_from_elsewhere(step, conflict, body.decider.agency, at,
                                PersonalText(words.detail));
    else if (what == DecisionKind::conflict_ended)
        conflict_ended_elsewhere(step, conflict, body.decider.agency);
}

/// False: they are not said to be heard, and come again.
bool hear(Step& step, const wire::WordsBody& body, DecisionKind what,
          const wire::SealedWords& copy) {
    const auto refuse = [&](LogEvent event, ErrorCode code) {
        step.record(event, code, body.notification, body.decider.agency);
    };
    const auto words = open_words(step, copy);
    // The key may be put back, as with the pepper.
    if (!words) {
        refuse(LogEvent::frame_refused, ErrorCode::decrypt_failed);
        return false;
    }
    const auto may = counts(step, body);
    if (may == Counts::not_yet) {
        refuse(LogEvent::frame_refused, ErrorCode::fact_unproved);
        return false;
    }
    if (may == Counts::no)
        refuse(LogEvent::fact_unproved, ErrorCode::not_entitled);
    else if (digest_of(*words) != body.digest || !match_answer(step, body, *words))
        refuse(LogEvent::fact_unproved, ErrorCode::bad_signature);
    else
        take_in(step, body, what, copy.agency, *words);
    return true;
}

}  // namespace

void on_decider_words(Step& step, const wire::DeciderWords& frame) {
    const auto body = wire::decode_body<wire::WordsBody>(frame.body);
    const auto what = body ? decision_kind_of(body->what) : std::nullopt;
    if (!what) return step.record(LogEvent::frame_refused, ErrorCode::malformed);
    if (!are_theirs(step, *body, frame))
        return step.record(LogEvent::frame_refused, ErrorCode::bad_signature, body->notification,
                           body->decider.agency);
    for (const auto& copy : frame.sealed) {
        if (!step.serves(copy.agency)) continue;
        const auto heard = heard_errand(*body, copy.agency);
        if (!table::errands.contains(step.tx, heard) && !hear(step, *body, *what, copy)) continue;
        put_errand(step, heard, wire::WordsHeard{body->id, body->decider.agency, copy.agency},
                   wire::Lane::routine);
    }
}

}  // namespace mash::runtime
