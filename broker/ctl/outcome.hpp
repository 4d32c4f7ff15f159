// What a command of mashctl ends in: a value, or a problem told in words, with what to do next.
// Words are made here and in the commands, never in the libraries below.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "common/base/error.hpp"

namespace mash::ctl {

/// Exit codes, documented in README.md.
enum class Exit : int { done = 0, refused = 1, usage = 2, no_broker = 3, partly = 4 };

struct Problem {
    std::string what;  ///< one or more sentences
    std::string next;  ///< what the operator can do; may be empty
    Exit exit = Exit::refused;
};

template <class T>
using Outcome = std::expected<T, Problem>;

inline std::unexpected<Problem> problem(std::string what, std::string next,
                                        Exit exit = Exit::refused) {
    return std::unexpected(Problem{std::move(what), std::move(next), exit});
}

/// "Could not <doing>. <what the code means>." and what to do about such a code.
std::unexpected<Problem> problem_of(ErrorCode code, const std::string& doing,
                                    std::string next = {});

}  // namespace mash::ctl

// NOLINTBEGIN(bugprone-macro-parentheses): `name` is declared, so it cannot stand in parentheses
// Leaves the function with the problem of `expression`, or binds its value to `name`.
#define CTL_TRY(name, expression)                                                   \
    auto name##_outcome = (expression);                                             \
    if (!name##_outcome) return std::unexpected(std::move(name##_outcome).error()); \
    auto name = std::move(name##_outcome).value()

#define CTL_TRY_VOID(expression)                                                  \
    do {                                                                          \
        auto try_outcome = (expression);                                          \
        if (!try_outcome) return std::unexpected(std::move(try_outcome).error()); \
    } while (false)

// The same for a Result: `doing` completes "Could not ...".
#define CTL_TRY_RESULT(name, expression, ...)                                               \
    auto name##_result = (expression);                                                      \
    if (!name##_result) return ::mash::ctl::problem_of(name##_result.error(), __VA_ARGS__); \
    auto name = std::move(name##_result).value()

#define CTL_TRY_RESULT_VOID(expression, ...)                                              \
    do {                                                                                  \
        auto try_result = (expression);                                                   \
        if (!try_result) return ::mash::ctl::problem_of(try_result.error(), __VA_ARGS__); \
    } while (false)
// NOLINTEND(bugprone-macro-parentheses)
