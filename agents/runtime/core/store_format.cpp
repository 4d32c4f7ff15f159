#include "agents/runtime/core/store_format.hpp"

#include "agents/runtime/core/records.hpp"

namespace mash::runtime {

const store::Format& store_format() {
    static const store::Format format{.always_used = table::agent.space()};
    return format;
}

}  // namespace mash::runtime
