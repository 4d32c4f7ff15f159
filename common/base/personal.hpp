// Personal<T>: anything about a person. It cannot be printed, formatted or logged; reveal() is the
// one way to the value and is easy to search for. The broker may not include this file
// (tests/layering).
#pragma once

#include <compare>
#include <ostream>
#include <string>
#include <utility>

namespace mash {

template <class T>
class Personal {
public:
    Personal() = default;
    explicit Personal(T value) : value_(std::move(value)) {}
    const T& reveal() const { return value_; }
    T& reveal() { return value_; }
    friend bool operator==(const Personal&, const Personal&) = default;
    friend auto operator<=>(const Personal&, const Personal&) = default;

private:
    T value_{};
};

using PersonalText = Personal<std::string>;

template <class T>
std::ostream& operator<<(std::ostream&, const Personal<T>&) = delete;

/// Without this GoogleTest prints the raw bytes of any type on failure.
template <class T>
void PrintTo(const Personal<T>&, std::ostream* out) {
    *out << "[personal]";
}

}  // namespace mash
