// Answers of persons to held decisions and tasks. Inside this folder only.
#pragma once

#include <string>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// True for a person of that agency who holds that role, not only as its alternate: what waits for
/// an answer shows everything that was written.
bool may_act_for(Step& step, const Caller& caller, const Seat& seat);

/// Neither kept from it by a conflict, nor of the seat in whose role somebody stood in. Overdue it
/// rings: whoever may not know of it is not asked, and nobody answers for them.
bool may_read_held(Step& step, const Caller& caller, const NotificationId& id,
                   const OutboxItem& item);

/// A person's words, kept under `key`; the digest that is signed in their place. Salted, so that a
/// guess at the words cannot be tested by whoever holds it.
Digest keep_reason(Step& step, ByteView key, const PersonalText& words);

/// release.cpp: this question is for the second person, and the caller was the first, or one of the
/// two was added by the other, or both by the same member (first_voucher).
bool released_first(Step& step, const Caller& caller, const NotificationId& id,
                    const std::string& rule, const Seat& seat);

/// True for the task's owner, and for the area's front door or emergency duty team when it came to
/// them overdue.
bool may_clear(Step& step, const Caller& caller, const wire::Task& task);

/// `id`: of a held notification of ours, or of a task that asks for a decision.
/// Errors: malformed, not_found, not_entitled, expired (content is gone), not_available,
/// wrong_credential.
Result<void> answer_held(Step& step, const Caller& caller, const std::string& id, bool allow,
                         const PersonalText& words);
Result<void> answer_task(Step& step, const Caller& caller, const std::string& id,
                         wire::TaskOutcome outcome, const PersonalText& words);

/// A task that is answered under questions, where both sides are shown, and not as a task.
bool is_identity_question(Step& step, const std::string& task);

/// What this person may decide, with what it is about.
Json held_json(Step& step, const Caller& caller);
Json task_json(const Step& step, const TaskRow& row);
/// Where the decider reads what it decides about: what was sealed for that, or its own part. Null:
/// nothing of it has come, and somebody rings.
Json shown_json(Step& step, const Caller& caller, const wire::Task& task);

}  // namespace mash::runtime
