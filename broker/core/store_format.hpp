// What the records of a broker's store look like, as one number (common/store/README.md says when
// it is raised).
#pragma once

#include "common/store/format.hpp"

namespace mash::broker {

const store::Format& store_format();

}  // namespace mash::broker
