#include "common/crypto/init.hpp"

#include <sodium.h>

namespace mash::crypto {

Result<void> init() {
    // 0: done now, 1: was done before, -1: cannot be done.
    if (sodium_init() < 0) return fail(ErrorCode::io_failed);
    return {};
}

}  // namespace mash::crypto
