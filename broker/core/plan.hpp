// Answers "may I, and to whom?": gathers the facts the sender may know of, runs the rules, keeps
// plan and request.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_request_plan(Step& step, const FrameIn& in, const wire::RequestPlan& request);

}  // namespace mash::broker
