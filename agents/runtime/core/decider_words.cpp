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

Digest digest_of(const Words& words) {
    return crypto::labelled_hash(
        wire::label::words_digest,
        {words.salt, view_of(words.reason), view_of(words.name), view_of(words.detail)});
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
    if (words.reason.size() + words.name.size() + said.detail.reveal().size() < plain_bytes_max)
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
    const auto words = words_kept(step, said);
    const auto* key = step.signing_key(said.decider.agency);
    if (!words || key == nullptr || step.registry() == nullptr || step.policy() == nullptr) return;
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

void on_decider_words(Step& step, const wire::DeciderWords& frame) {
    const auto body = wire::decode_body<wire::WordsBody>(frame.body);
    const auto what = body ? decision_kind_of(body->what) : std::nullopt;
    if (!what) return step.record(LogEvent::frame_refused, ErrorCode::malformed);
    if (!step.verify_agency(body->decider.agency, body->at, wire::label::words, frame.body,
                            frame.signature))
        return step.record(LogEvent::frame_refused, ErrorCode::bad_signature, body->notification,
                           body->decider.agency);
    for (const auto& copy : frame.sealed) {
        if (!step.serves(copy.agency)) continue;
        const auto heard = heard_errand(*body, copy.agency);
        if (!table::errands.contains(step.tx, heard)) {
            const auto words = open_words(step, copy);
            // Not said to be heard: the key may be put back, as with the pepper.
            if (!words)
                return step.record(LogEvent::frame_refused, ErrorCode::decrypt_failed,
                                   body->notification, copy.agency);
            if (digest_of(*words) != body->digest || !match_answer(step, *body, *words)) {
                step.record(LogEvent::fact_unproved, ErrorCode::bad_signature, body->notification,
                            body->decider.agency);
            } else {
                const auto about = body->notification.is_zero() ? NotificationId(body->subject)
                                                                : body->notification;
                record_words(step, {copy.agency, body->decider, body->person, *what, body->code,
                                    about, PersonalText(words->reason), PersonalText(words->name)});
                // Any agency can sign words; whom they keep out is not for any agency to say.
                const ConflictId conflict(body->subject);
                const bool is_conflict = *what == DecisionKind::conflict_declared ||
                                         *what == DecisionKind::conflict_ended;
                if (is_conflict && !declares_conflicts(step, body->decider))
                    step.record(LogEvent::fact_unproved, ErrorCode::not_entitled, {},
                                body->decider.agency);
                else if (*what == DecisionKind::conflict_declared)
                    conflict_from_elsewhere(step, conflict, body->decider.agency, copy.agency,
                                            PersonalText(words->detail));
                else if (*what == DecisionKind::conflict_ended)
                    conflict_ended_elsewhere(step, conflict, body->decider.agency);
            }
        }
        put_errand(step, heard, wire::WordsHeard{body->id, body->decider.agency, copy.agency},
                   wire::Lane::routine);
    }
}

}  // namespace mash::runtime
