#include "agents/runtime/core/store_format.hpp"

#include "agents/runtime/core/inbox_lists.hpp"

namespace mash::runtime {
namespace {

constexpr store::FormatStep steps[] = {
    make_inbox_lists,
};

}  // namespace

const store::Format& store_format() {
    static const store::Format format{
        .version = 2, .always_used = table::agent.space(), .steps = steps};
    return format;
}

}  // namespace mash::runtime
