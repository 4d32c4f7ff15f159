// Answers "may I, and to whom?": gathers the facts the sender may know of, runs the rules, keeps
// plan and request.
#pragma once

#include "broker/core/involvement.hpp"
#include "broker/core/step.hpp"

namespace mash::broker {

void on_request_plan(Step& step, const FrameIn& in, const wire::RequestPlan& request);

/// Of a child of whom somebody says that it is protected: its relations are for front door, social
/// care and whoever says so. To anybody else it looks like a child with whom nobody works.
bool is_protected_from(const std::vector<LinkedClaim>& linked, const wire::RoutingFacts& stated,
                       const area::Agency& sender, const area::Policy& policy);

}  // namespace mash::broker
