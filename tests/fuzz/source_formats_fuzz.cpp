// Any bytes as a file of each format that the agent of police reads.
#include "agents/police/formats.hpp"
#include "tests/fuzz/source_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto formats = mash::police::all_formats();
    static const auto where = mash::fuzz::context_of("police-wm", "pol");
    return mash::fuzz::read_as_file(formats, where, data, size);
}
