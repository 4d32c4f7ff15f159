// Any bytes as a frame from the broker: refused, or well formed and stable.
#include "common/base/check.hpp"
#include "common/wire/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    const auto frame = wire::decode_broker_frame({data, size});
    if (!frame) return 0;
    const Bytes once = wire::encode(*frame);
    const auto again = wire::decode_broker_frame(once);
    CHECK(again && wire::encode(*again) == once);
    CHECK(wire::request_of(once) == frame->request);
    return 0;
}
