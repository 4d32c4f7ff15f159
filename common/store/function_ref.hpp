// A callable passed down for the length of one call: no allocation, no ownership.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace mash::store {

template <class Signature>
class FunctionRef;

/// The callable must outlive the call it is passed to; a temporary lambda does.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
public:
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
                 std::is_invocable_r_v<R, F&, Args...>)
    // NOLINTNEXTLINE(google-explicit-constructor): lambdas are passed as they are
    FunctionRef(F&& callable)
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* object, Args... args) -> R {
              return std::invoke(*static_cast<std::remove_reference_t<F>*>(object),
                                 std::forward<Args>(args)...);
          }) {}

    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

private:
    void* object_;
    R (*call_)(void*, Args...);
};

}  // namespace mash::store
