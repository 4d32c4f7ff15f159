// What hosts are told again until it no longer applies: tasks, authorisations, recalls. Each is
// harmless twice.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Keeps the notice and tells the agency's host at once if it is connected.
void add_notice(Step& step, const NoticeKey& notice);

/// Every open recall of the agencies of the session's host, now.
void send_recalls(Step& step, Session& session);

/// One bounded round over what the agencies of the session's host have open; goes on where the last
/// one stopped.
void send_notices(Step& step, Session& session, bool recalls_were_sent = false);

}  // namespace mash::broker
