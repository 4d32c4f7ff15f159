// Which items of one inbox are reports of one event: who said so of which two, and the closed
// groups that follow. Every member of a group finds the same group, so that none is hidden behind
// one that does not name it. Inside this folder.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// By inbox, sender and id of a report that was said to be of one event with another: its lists
/// change with it.
inline constexpr store::Space one_event_space{"one_event"};

/// Whoever would make a group larger joins nothing: a line that names more is read by nobody, and
/// each list looks through the whole of it.
constexpr std::size_t reports_of_one_event_max = 32;

/// Each says it for itself: what a person said stands when the sender takes its own word back.
enum class SaidBy : std::uint8_t { person = 1, sender = 2 };
struct OneEvent {
    WallTime at;
    PersonId by;             ///< empty: their sender
    NotificationId because;  ///< the sender's correction; zero: none
};
inline void write(Writer& out, const OneEvent& said) {
    out.i64(said.at.unix_ms()).id(said.by).id(said.because);
}
inline void read(Reader& in, OneEvent& said) {
    said.at = WallTime::from_unix_ms(in.i64());
    said.by = in.id<PersonId>();
    said.because = in.id<NotificationId>();
}

/// No more than one of each kind between two. The caller has made sure that the group stays within
/// its bound and is about one child.
void say_one_event(Step& step, const InboxKey& a, const InboxKey& b, SaidBy how,
                   const OneEvent& said);
std::optional<OneEvent> said_one_event(Step& step, const InboxKey& a, const InboxKey& b,
                                       SaidBy how);
void unsay_one_event(Step& step, const InboxKey& a, const InboxKey& b, SaidBy how);
/// All that was said of this one.
void unsay_all(Step& step, const InboxKey& key);
bool is_anything_one_event(Step& step);

using EventKeys = std::vector<InboxKey>;
/// Its whole group, itself included, sorted: by what was said, and by being attached to the same
/// report of the agency's own in one line. The same for each member.
EventKeys keys_of_event(Step& step, const InboxKey& key);

}  // namespace mash::runtime
