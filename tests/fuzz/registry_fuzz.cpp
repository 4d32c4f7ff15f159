// Bodies of registry, delegation and freshness documents: whatever is read is written back to the
// same bytes.
#include <cstdlib>

#include "common/area/registry.hpp"
#include "common/area/second_registrar.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    if (size == 0) return 0;
    const ByteView body(data + 1, size - 1);
    const auto same = [&](const Bytes& again) {
        if (again != Bytes(body.begin(), body.end())) std::abort();
    };
    switch (data[0] % 3) {
        case 0:
            if (const auto registry = area::parse_registry(body)) {
                same(area::encode_registry(*registry));
                for (const auto& [id, agency] : registry->agencies) {
                    for (const auto& seat : agency.seats) {
                        if (registry->agency_of_inbox(seat.inbox) != &agency) std::abort();
                    }
                }
            }
            break;
        case 1:
            if (const auto delegation = area::parse_delegation(body)) {
                if (const auto second = area::second_registrar(body))
                    same(area::encode_delegation(*delegation, *second));
                else
                    same(area::encode_delegation(*delegation));
            }
            break;
        default:
            if (const auto freshness = area::parse_freshness(body))
                same(area::encode_freshness(*freshness));
    }
    return 0;
}
