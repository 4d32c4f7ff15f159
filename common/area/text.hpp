// Words that people will read on a screen: an agency's name, a telephone number. Checked where they
// come in, so that nobody downstream meets a control character or half a letter.
#pragma once

#include <cstddef>
#include <string_view>

namespace mash::area {

/// True for well-formed UTF-8 (RFC 3629) without control characters, at most `bytes_max` bytes.
/// Empty is true.
bool is_display_text(std::string_view text, std::size_t bytes_max);
/// True for six digits: a school's number in the national register.
bool is_urn(std::string_view text);

}  // namespace mash::area
