// What people wrote when they decided, sealed to whom design rule 9 names. It is carried here, read
// by nobody, and gone once it has been heard and 30 days are over.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_decider_words(Step& step, const FrameIn& in, const wire::DeciderWords& frame);
void on_words_heard(Step& step, const FrameIn& in, const wire::WordsHeard& heard);

/// False: there is nothing to tell that agency any more.
bool send_words(Step& step, const Session& session, const NoticeKey& notice);
/// The host was restored from a backup, and may have lost what it had heard.
void tell_words_again(Step& step, const HostId& host);
/// Its time is over. What somebody has not heard stays as long again.
void forget_words(Step& step, const WordsKey& key);

}  // namespace mash::broker
