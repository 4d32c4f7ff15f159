// Where a test finds the tree it belongs to, the programs that were built from it, and the public
// sample data. In one small library, so that the path of a checkout is compiled into one file only.
#pragma once

#include <filesystem>

namespace mash::test {

/// The top folder of the repository.
std::filesystem::path source_dir();

/// The top folder of the build: programs in bin/, test programs in tests/bin/.
std::filesystem::path build_dir();

/// The public sample data: MASH_SHARED_DATA, else ../shared/data beside the repository. It may be
/// absent: a test that needs it then says so and passes on what the repository holds itself.
std::filesystem::path shared_data();

}  // namespace mash::test
