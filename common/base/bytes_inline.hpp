#pragma once

#include <algorithm>
#include <type_traits>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"

namespace mash {

template <class Tag>
Writer& Writer::id(const NameId<Tag>& value) {
    return text(value.value());
}
template <class Tag>
Writer& Writer::id(const BinaryId<Tag>& value) {
    return fixed(value.value());
}

template <std::size_t N>
std::array<std::uint8_t, N> Reader::array() {
    std::array<std::uint8_t, N> out{};
    auto from = fixed(N);
    if (from.size() == N) std::copy(from.begin(), from.end(), out.begin());
    return out;
}

template <class IdType>
IdType Reader::id() {
    if constexpr (requires { IdType::size; }) {
        return IdType(array<16>());
    } else {
        return IdType(text());
    }
}

}  // namespace mash
