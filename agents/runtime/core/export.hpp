// What a person takes away from the desk as a file: read as they would read it, for a reason that
// the area lists, and noted line by line. Inside this folder.
#pragma once

#include <optional>
#include <string>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

/// Of a request that came by the way of exports: the shell has seen who it is once more.
bool is_export(const ApiRequest& request);
/// A part of a child's chronology.
Answer export_chronology(Step& step, const Caller& caller, const ApiRequest& request,
                         const Json& body);
/// A part of what was sent, each with whom it told and what became of it; no word of what was said.
Answer export_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// look_through.cpp
/// The area's own list of reasons is its demand for one. Nothing: `reason` is as it must be.
std::optional<Answer> wrong_look_reason(const Step& step, const std::string& reason);
// sent.cpp
/// As GET /api/v1/sent/{id}; nobody counts as told of its alarms by that.
Json sent_whole(Step& step, const Caller& caller, const NotificationId& id, const OutboxItem& item);

}  // namespace mash::runtime
