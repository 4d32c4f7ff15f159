// The seeds of the local API's target reach what they are named for: every request that the agent
// serves from its core has one, and it succeeds.
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "agents/runtime/shell/operation.hpp"
#include "tests/fuzz/local_api_office.hpp"
#include "tests/paths/paths.hpp"

namespace mash::fuzz {
namespace {

std::string named(const runtime_shell::Operation& operation) {
    return std::string(operation.method) + " " + std::string(operation.pattern);
}

TEST(LocalApiSeeds, ReachEachRequestAndSucceed) {
    Office office;
    std::set<std::string> reached;
    for (const auto& file :
         std::filesystem::directory_iterator(test::source_dir() / "tests/fuzz/corpus/local_api")) {
        std::ifstream in(file.path(), std::ios::binary);
        const std::string seed{std::istreambuf_iterator<char>(in), {}};
        const auto played = office.play(seed);
        EXPECT_EQ(played.operation, seed.substr(0, seed.find('\n'))) << file.path().filename();
        EXPECT_TRUE(played.status >= 200 && played.status < 300)
            << file.path().filename() << " is answered by " << played.status;
        reached.insert(played.operation);
    }
    for (const auto& operation : runtime_shell::operations()) {
        if (operation.target != runtime_shell::Operation::Target::core) continue;
        EXPECT_TRUE(reached.contains(named(operation))) << named(operation) << " has no seed";
    }
}

TEST(LocalApiSeeds, FindTheOfficeAsItWasWhateverWasAskedBefore) {
    Office office;
    const std::string recall =
        "POST /api/v1/sent/*/recall\nofficer item\n{\"reason\":\"wrong_child\"}";
    EXPECT_EQ(office.play(recall).status, 202);
    EXPECT_EQ(office.play(recall).status, 202) << "nobody has taken it back yet";
}

TEST(LocalApiSeeds, AnyOtherBytesAreARequestToo) {
    Office office;
    EXPECT_EQ(office.play("").status, office.play("").status);
    EXPECT_LT(office.play("nonsense\nsomebody ../x q=\xFF\n{").status, 500);
}

}  // namespace
}  // namespace mash::fuzz
