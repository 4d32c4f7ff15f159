// Design rule 9: what a person wrote when they decided, and their name, go sealed to the sender, to
// the front door and so to each one's auditor; the broker that carries them reads codes, a role and
// a salted digest. Inside this folder.
#pragma once

#include <array>
#include <string>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// Of a conflict, what was declared. The decider's name and the beginning of the reason find room
/// beside it (limits::sealed_record_bytes_max).
inline constexpr std::size_t words_detail_bytes_max = 7 * limits::kibibyte;

struct Said {
    DecisionKind what{};
    Seat decider;
    PersonId person;
    std::string code;
    AgencyId sender;  ///< of the notification; empty: about none
    NotificationId notification;
    /// The authorisation, task, conflict or agreement.
    std::array<std::uint8_t, 16> subject{};
    /// Under which the words are kept (keep_reason); empty: under the subject.
    Bytes kept_under = {};
    /// It may know that this was asked: not of who is involved, nor of a conflict.
    bool sender_may_know = false;
    PersonalText detail = {};  ///< of a conflict: what was declared, as JSON
};

/// Sealed for whoever is to have it, and sent.
void send_words(Step& step, const Said& said);
/// The same of what leaves no signed answer: recorded here as well.
void record_and_send_words(Step& step, const Said& said);
/// conflict.cpp: whoever holds this seat may declare conflicts, by the registry that we trust.
bool declares_conflicts(const Step& step, const Seat& seat);
void on_decider_words(Step& step, const wire::DeciderWords& frame);
/// conflict.cpp, of one that stands or is over: everybody but whom it keeps out. Of one of which
/// nobody here can tell whom it names: nobody.
bool may_audit_conflict(Step& step, const Caller& auditor, const ConflictId& id);

}  // namespace mash::runtime
