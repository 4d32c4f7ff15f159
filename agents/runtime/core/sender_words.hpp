// What a sender says in a correction: that of two of its own reports the later was a second report
// of the earlier (domain.md G12). It counts for that sender's reports alone, and once whoever opens
// the inbox could compare the children: a wrong word would hide one child's alert behind another's.
// Inside this folder.
#pragma once

#include <span>

#include "agents/runtime/core/one_event.hpp"

namespace mash::runtime {

/// The cover of this one was read. Nothing is joined yet.
void keep_sender_word(Step& step, const InboxKey& key, const wire::Cover& cover);
/// It came, or opens after all: a word may have waited for it.
void wake_sender_words(Step& step, const InboxKey& key);
bool is_sender_word_to_judge(Step& step, const InboxId& inbox);
/// Those that can be judged now, with the keys of the inbox. What lacks a report stays; what is
/// about two children, or too many, is dropped. True: something was joined.
bool judge_sender_words(Step& step, const InboxId& inbox, std::span<const crypto::BoxKeyPair> keys);
/// Its sender does not say it any more.
void forget_sender_word(Step& step, const InboxKey& key);

}  // namespace mash::runtime
