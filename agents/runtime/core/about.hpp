// What a person sends about something that came: the invitation to talk, the question, the answer,
// the outcome, the step up or down (domain.md C2 rows 18 to 22). The child is taken from what came,
// and both sides can see which message it speaks of. Inside this folder.
#pragma once

#include <vector>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/received.hpp"

namespace mash::runtime {

namespace table {

/// (item that came, what was sent about it)
inline constexpr Table<std::tuple<InboxId, AgencyId, NotificationId, NotificationId>, Flag>
    sent_about{Space("sent_about")};

}  // namespace table

/// Whatever agency `by` sends about the messages of one thread is a thread of its own, and whoever
/// knows that thread, and nobody else, can tell that it speaks of it.
ThreadId thread_about(const ThreadId& of, const AgencyId& by);

struct Filled {
    std::vector<InputFault> faults;  ///< else it is whole
    InboxKey from;
};
/// Child, thread and addressee of a notification that names what it is about. `caller` null: no
/// person asks.
Filled fill_about(Step& step, const Caller* caller, Notification& notification);

/// Which types this person may send about it in the roles of its inbox.
Json may_send_about_json(Step& step, const Caller& caller, const ReceivedRow& row,
                         const Opened& opened);
/// Its cover says what it answers, so it is read as soon as a list shows it.
bool may_answer(const Step& step, const TypeId& type);

/// A thread, and whose.
struct Spoken {
    ThreadId thread;
    AgencyId sender;
};
Spoken spoken_in(const InboxKey& key, const wire::Cover& cover);
/// One is about the other, or both are about the same, or both are of one thread.
bool is_same_thread(Step& step, const Spoken& a, const Spoken& b);
/// What everything about it goes back to, as far as it is known here.
ThreadId root_of(Step& step, const Spoken& spoken);

/// What a notification of ours is about, and whether that was taken back since; null: nothing that
/// came.
Json about_json(Step& step, const NotificationId& id, const OutboxItem& item);
/// It was taken back: whoever sent something about it may have said what nobody should know, or
/// what is not so. It rings at each until one of them has looked at it, taken it back or put it
/// right.
void ring_what_was_said_about(Step& step, const InboxKey& key);
/// What came back about the thread of a notification of ours, of what this person may open.
Json answers_json(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item);

}  // namespace mash::runtime
