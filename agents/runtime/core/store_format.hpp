// What the records of an agent's store look like, as one number (common/store/README.md says when
// it is raised).
#pragma once

#include "common/store/format.hpp"

namespace mash::runtime {

const store::Format& store_format();

}  // namespace mash::runtime
