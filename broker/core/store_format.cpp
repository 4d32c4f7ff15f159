#include "broker/core/store_format.hpp"

#include "broker/core/records.hpp"

namespace mash::broker {

const store::Format& store_format() {
    static const store::Format format{.always_used = tables::meta.space()};
    return format;
}

}  // namespace mash::broker
