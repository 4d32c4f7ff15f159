// What may be shown to people about a bad input: words of ours and the input's own field names, no
// control character and nothing beyond ASCII, as a value from outside would bring them.
#pragma once

#include <algorithm>
#include <string_view>

namespace mash::fuzz {

inline bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace mash::fuzz
