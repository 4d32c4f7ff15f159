// Answers "may I, and to whom?": gathers the facts the sender may know of, runs the rules, keeps
// plan and request.
#pragma once

#include "broker/core/involvement.hpp"
#include "broker/core/step.hpp"

namespace mash::broker {

void on_request_plan(Step& step, const FrameIn& in, const wire::RequestPlan& request);

/// Of a child of whom somebody says that it is protected, or who may be that child: its relations
/// are for front door, social care and whoever says so of the child that is stated. To anybody else
/// it looks like a child with whom nobody works, and the front door passes on. `known`: all that is
/// known of the child, weak tokens and those of linked claims among it; nobody is reached by them.
bool is_protected_from(Step& step, const wire::RoutingFacts& stated,
                       const std::set<wire::Token>& known, const area::Agency& sender);
/// The same of an accepted item, by the claims of now; `also`: of one that is about to count.
bool is_protected_from(Step& step, const ItemKey& item, const wire::RoutingFacts& stated,
                       const area::Agency& sender, const std::vector<wire::Token>& also = {});

}  // namespace mash::broker
