// What a failure is called over HTTP, and what whoever asked should do next: the same whether the
// core answers or the shell.
#pragma once

#include <string_view>

#include "common/base/error.hpp"

namespace mash::runtime {

int http_status_of(ErrorCode code);
std::string_view next_words(ErrorCode code);

}  // namespace mash::runtime
