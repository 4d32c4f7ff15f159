// Any bytes as a file of each format that the agent of social care reads.
#include "agents/social_care/formats.hpp"
#include "tests/fuzz/source_formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto formats = mash::social_care::all_formats();
    return mash::fuzz::attack(formats, data, size);
}
