// Why somebody is rung once more who was told of something by telephone: no agent of theirs hears
// that it was wrong, taken back, or is not to be used any more.
#pragma once

#include <string_view>

namespace mash::wire {

// The `rule` of such a Task, after the control type.
inline constexpr std::string_view rung_again_withdrawn = "K1";
inline constexpr std::string_view rung_again_corrected = "K2";
inline constexpr std::string_view rung_again_recalled = "K3";

constexpr bool is_rung_again(std::string_view rule) {
    return rule == rung_again_withdrawn || rule == rung_again_corrected ||
           rule == rung_again_recalled;
}

}  // namespace mash::wire
