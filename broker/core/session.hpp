// Who is connected: one session a host, opened by Hello, with the rates and credit it has.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_hello(Step& step, const FrameIn& in, const wire::Hello& hello);
void on_credit(Step& step, const FrameIn& in, Session& session, const wire::Credit& credit);
void on_session_closed(Step& step, SessionId session);

/// Counts the frame against its host's rate. False: refused with `busy`.
bool admit_frame(Step& step, const FrameIn& in);

/// Forgets the session and tells the shell to.
void close_session(Step& step, SessionId session, ErrorCode code);

}  // namespace mash::broker
