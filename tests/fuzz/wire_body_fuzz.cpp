// Any bytes as a body that is signed, compared or stored. The first byte says as which
// (for_each_body). What is read was its body's only encoding.
#include <algorithm>

#include "common/base/check.hpp"
#include "tests/unit/common/wire/sample.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    if (size == 0) return 0;
    const ByteView bytes(data + 1, size - 1);
    std::size_t number = 0;
    wire::test::for_each_body([&]<class Body>(const char*) {
        if (number++ != data[0]) return;
        const auto body = wire::decode_body<Body>(bytes);
        if (body) CHECK(std::ranges::equal(wire::encode_body(*body), bytes));
    });
    return 0;
}
