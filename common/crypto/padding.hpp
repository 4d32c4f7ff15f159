// Padding to a few sizes, so that the length of a sealed section tells little about what is in it.
#pragma once

#include <cstddef>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace mash::crypto {

/// The sizes: 256 B, 1 KiB, 4 KiB, 16 KiB, 64 KiB, then every multiple of 64 KiB. The smallest that
/// holds `plain_bytes` and one marker byte.
std::size_t padded_size(std::size_t plain_bytes);

/// plain ‖ 0x80 ‖ 0x00 ... (ISO/IEC 7816-4), padded_size(plain.size()) bytes.
Bytes pad(ByteView plain);

/// Accepts exactly what pad() makes: one padded form for each text. Call it on authenticated bytes
/// only (after decrypt), as it does not run in constant time. Errors: malformed.
Result<Bytes> unpad(ByteView padded);

}  // namespace mash::crypto
