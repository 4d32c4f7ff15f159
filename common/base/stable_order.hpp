// Sorting that keeps equals in their order, for both compilers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mash {

/// As std::stable_sort, which in g++ 12's library calls what clang 19 refuses as deprecated.
/// n log n comparisons for n items; each item is moved twice. `before(a, b)` is a strict weak
/// order.
template <typename Item, typename Before>
void sort_keeping_order(std::vector<Item>& items, Before before) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (before(items[a], items[b])) return true;
        return !before(items[b], items[a]) && a < b;
    });
    std::vector<Item> sorted;
    sorted.reserve(items.size());
    for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
    items = std::move(sorted);
}

}  // namespace mash
