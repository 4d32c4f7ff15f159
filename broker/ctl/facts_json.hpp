// The routing facts of an imagined notification, for `mashctl policy explain`: what a sender would
// state, without tokens and without anything about a child.
#pragma once

#include <string>
#include <string_view>

#include "broker/ctl/outcome.hpp"
#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "common/area/registry.hpp"

namespace mash::ctl {

/// Fields, all but the first three may be left out:
///   sender, role, type · kind · level ("1".."4", "unknown") · harm ("none", "suspected",
///   "likely_or_actual") · vital · purpose ("inform_function", "request_service") · rag ·
///   risk_grade · markers [...] · agreement {status, not_sought_reason, giver,
///   other_holder_objects, child_and_parent_differ, named_agencies [...], purpose} · matched (true)
///   · views [...] (all of the catalogue) · involved [{relation, agency, role}] · detriment
///   [{agency, role}] · conflicts [{agency, role}] · addressed_to, thread_seats [{agency, role}] ·
///   passed_on_from [{agency, role}], one: whose words the automatic pass-on passes on ·
///   unchanged [{agency, role, views [...]}]: of thread_seats, what it holds already ·
///   answers [{rule, about [{agency, role}], allow}] · occurred_at, decided_at (now)
/// A field that nobody knows is a problem: a misspelt one must not change the answer quietly.
Outcome<area::DecisionInput> parse_facts(std::string_view json, const area::Registry& registry,
                                         const area::Policy& policy, WallTime now);

/// The same facts as one line, so that parse_facts() reads them again. Without tokens, and without
/// the floor, which no policy decides.
std::string facts_text(const area::DecisionInput& input);

}  // namespace mash::ctl
