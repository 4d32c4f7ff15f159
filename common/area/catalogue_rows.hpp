// Rows of the catalogue (domain.md C2) that the programs know by more than their policy.
#pragma once

#include <cstdint>

namespace mash::area {

inline constexpr std::uint16_t row_started = 1;  // a missing episode
inline constexpr std::uint16_t row_updated = 2;
inline constexpr std::uint16_t row_closed = 3;
inline constexpr std::uint16_t row_referral = 5;
inline constexpr std::uint16_t row_attendance = 7;
inline constexpr std::uint16_t row_care_status = 8;
inline constexpr std::uint16_t row_death = 16;
inline constexpr std::uint16_t row_invitation = 18;
inline constexpr std::uint16_t row_question = 19;
inline constexpr std::uint16_t row_answer = 20;
inline constexpr std::uint16_t row_outcome = 21;
inline constexpr std::uint16_t row_step = 22;
inline constexpr std::uint16_t row_correction = 102;  // K2

}  // namespace mash::area
