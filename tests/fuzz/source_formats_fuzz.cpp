// Any bytes as a file of each format that the police agent reads.
#include "agents/police/formats.hpp"
#include "tests/fuzz/source_formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto formats = mash::police::all_formats();
    return mash::fuzz::attack(formats, data, size);
}
