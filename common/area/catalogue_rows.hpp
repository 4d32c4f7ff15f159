// Rows of the catalogue (domain.md C2) that the programs know by more than their policy.
#pragma once

#include <cstdint>

namespace mash::area {

inline constexpr std::uint16_t row_correction = 102;  // K2

}  // namespace mash::area
