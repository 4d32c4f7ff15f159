// Any bytes as a file of each format that the agent of social care reads.
#include "agents/social_care/formats.hpp"
#include "tests/fuzz/source_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto formats = mash::social_care::all_formats();
    static const auto where = mash::fuzz::context_of("social-care", "sw");
    return mash::fuzz::read_as_file(formats, where, data, size);
}
