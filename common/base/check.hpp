// CHECK stops the process on our own mistakes, in release too. Never for bad input, never for a
// lost peer.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace mash {

[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
    std::fprintf(stderr, "check failed: %s at %s:%d\n", what, file, line);
    std::abort();
}

}  // namespace mash

// The text of the condition is printed, so a condition never holds a literal about a person.
#define CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::mash::check_failed(#condition, __FILE__, __LINE__))
