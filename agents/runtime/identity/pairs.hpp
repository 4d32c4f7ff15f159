// Which pairs are worth comparing. All pairs of 120,000 children are 7,200 million; those that
// share a key are some millions, and every pair that could be a link or a question shares one, but
// for the losses that README.md "Blocking" counts.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agents/runtime/identity/person.hpp"

namespace mash::identity {

/// Sorted, unique. Hashes of what two records of one person very probably share: a number, the
/// birth date, the sound of both names, a name and a part of the date, a name and the home.
std::vector<std::uint64_t> keys_of(const Identity& person);

struct PairCounts {
    std::uint64_t compared = 0;
    std::uint64_t keys_left_out = 0;     ///< shared by more than `key_holders_max`
    std::uint64_t holders_left_out = 0;  ///< of the commonest of them
};

/// A key that more people share tells nobody apart (a date that a system puts in by itself).
inline constexpr std::size_t key_holders_max = 4000;

/// Calls `on_pair(i, j)`, i < j, once for each pair that shares a key, in an order that depends on
/// the people alone. `on_progress(done, all)` counts keys.
PairCounts each_candidate_pair(
    std::span<const PersonalIdentity> people,
    const std::function<void(std::uint32_t, std::uint32_t)>& on_pair,
    const std::function<void(std::size_t, std::size_t)>& on_progress = {});

}  // namespace mash::identity
