// Result<T>: the only way a function of ours reports a failure that it expects.
// std::expected of this library lacks [[nodiscard]] on the class; the member names are the same.
#pragma once

#include <utility>
#include <variant>

#include "common/base/check.hpp"
#include "common/base/error.hpp"

namespace mash {

/// A failure on its way to become a Result of any type. Made by fail().
struct Failure {
    ErrorCode code;
};

inline Failure fail(ErrorCode code) { return Failure{code}; }

template <class T>
class [[nodiscard]] Result {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): `return value;`
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): `return fail(...);`
    Result(Failure failure) : state_(std::in_place_index<1>, failure.code) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        CHECK(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    ErrorCode error() const {
        CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, ErrorCode> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): `return fail(...);`
    Result(Failure failure) : code_(failure.code), ok_(false) {}

    bool has_value() const { return ok_; }
    explicit operator bool() const { return ok_; }
    ErrorCode error() const {
        CHECK(!ok_);
        return code_;
    }

private:
    ErrorCode code_ = ErrorCode::malformed;
    bool ok_ = true;
};

}  // namespace mash

// NOLINTBEGIN(bugprone-macro-parentheses): `name` is declared, so it cannot stand in parentheses
// Leaves the enclosing function with the failure of `expression`, or binds its value to `name`.
#define MASH_TRY(name, expression)                                  \
    auto name##_result = (expression);                              \
    if (!name##_result) return ::mash::fail(name##_result.error()); \
    auto name = std::move(name##_result).value()
// NOLINTEND(bugprone-macro-parentheses)

#define MASH_TRY_VOID(expression)                                 \
    do {                                                          \
        auto try_result = (expression);                           \
        if (!try_result) return ::mash::fail(try_result.error()); \
    } while (false)
