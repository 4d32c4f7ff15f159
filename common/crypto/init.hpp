// Starts libsodium once, from main(), before any thread.
#pragma once

#include "common/base/result.hpp"

namespace mash::crypto {

/// Chooses the fastest code for this processor and opens the machine's random source. Safe to call
/// again. Parts that cannot work without it (SecretBytes, SystemRandom) call it themselves and stop
/// the process if it fails; main() calls it first so that a machine without a random source is a
/// sentence and not an abort. Errors: io_failed (no random source).
Result<void> init();

}  // namespace mash::crypto
