// What people wrote when they decided, sealed to whom design rule 9 names. It is carried here, read
// by nobody, and gone after 30 days, or after 60 where somebody had not heard it.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_decider_words(Step& step, const FrameIn& in, const wire::DeciderWords& frame);
void on_words_heard(Step& step, const FrameIn& in, const wire::WordsHeard& heard);

/// One bounded round over what the agencies of the session's host have not heard; goes on where the
/// last one stopped. Beside the round of notices, and after it: no amount of words delays a task.
void tell_words(Step& step, Session& session);
/// The host was restored from a backup, and may have lost what it had heard.
void tell_words_again(Step& step, const HostId& host);
/// Its time is over. What somebody has not heard stays as long again, once.
void forget_words(Step& step, const WordsKey& key, bool was_kept_longer);

/// Of an earlier release: told from now on as all are. False, so that the notice goes.
bool keep_earlier_words(Step& step, const NoticeKey& notice);

}  // namespace mash::broker
