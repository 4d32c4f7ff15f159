// Any bytes as each request of the local API, by somebody who may make it, at a real core: an
// answer that openapi.yaml describes, always. local_api_office.hpp says how a request is written;
// local_api_seeds_test.cpp that each has a seed that succeeds.
#include <cstdint>

#include <gtest/gtest.h>

#include "common/base/check.hpp"
#include "tests/fuzz/local_api_office.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static mash::fuzz::Office office = [] {
        // An answer that is not as documented, or a store that fails, ends the run.
        ::testing::GTEST_FLAG(throw_on_failure) = true;
        return mash::fuzz::Office();
    }();
    const auto played = office.play(mash::text_of({data, size}));
    CHECK(played.status >= 200 && played.status < 500);
    return 0;
}
