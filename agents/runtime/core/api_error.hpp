// What a failure is called over HTTP, and what whoever asked should do next: the same whether the
// core answers or the shell.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agents/runtime/core/notification.hpp"
#include "common/base/error.hpp"

namespace mash::runtime {

int http_status_of(ErrorCode code);
std::string_view next_words(ErrorCode code);
/// The body of a 422 for a notification with faults.
std::string faults_body(std::span<const InputFault> faults);

}  // namespace mash::runtime
