// The local interface's description, as served and as tests and the console read it.
#pragma once

#include <string_view>

namespace mash::runtime_shell {

/// openapi.yaml of this folder.
std::string_view openapi_document();

}  // namespace mash::runtime_shell
