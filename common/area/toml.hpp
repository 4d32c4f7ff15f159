// toml++ as every file of ours includes it: with the same switches, because code that differs under
// one name is joined by the linker as it likes (a broker whose configuration was read with others
// refused every policy).
//
// The library asserts on some malformed texts ("[%x]") one line before it reports them, and a
// release build of clang takes the assertion for granted (found by fuzz_policy). Both are switched
// off here, so that it always reports.
#pragma once

#ifdef TOMLPLUSPLUS_H
#error "include common/area/toml.hpp instead of toml++ itself"
#endif
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
