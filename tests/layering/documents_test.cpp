#include "tests/layering/documents.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"

namespace mash::layering {
namespace {

/// Passes if there are none; otherwise prints each as path:line: message.
testing::AssertionResult none(const std::vector<Violation>& violations) {
    if (violations.empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << violations.size() << " found:\n" << to_text(violations);
}

const std::vector<SourceFile>& tree() {
    static const auto files = committed_files(test::source_dir());
    return files;
}

// The real tree

TEST(Documents, NameOnlyFilesThatExist) { EXPECT_TRUE(none(check_named_files(tree()))); }

TEST(Documents, EveryFolderExplainsItselfAndItsDecisions) {
    EXPECT_TRUE(none(check_readmes(tree(), "tests/unit")));
}

TEST(Documents, TheProtocolsPageExplainsEveryMessage) {
    EXPECT_TRUE(none(check_protocol_page(tree())));
}

TEST(Documents, NothingCommittedNamesAFolderOfOneMachine) {
    EXPECT_TRUE(none(check_machine_paths(tree())));
}

TEST(Documents, TheFirstPageStatesTheLicence) {
    const auto readme = std::find_if(tree().begin(), tree().end(),
                                     [](const SourceFile& f) { return f.path == "README.md"; });
    ASSERT_NE(readme, tree().end()) << "README.md:0: is missing";
    EXPECT_NE(readme->text.find("SPDX-License-Identifier: Apache-2.0"), std::string::npos);
}

// One planted mistake of each kind

TEST(PlantedMistakes, ReadmesThatNameMissingFilesAreFound) {
    const std::vector<SourceFile> files{
        {"common/base/id.hpp", ""},
        {"proto/mash/v1/plan.proto", ""},
        {"common/base/README.md",
         "`id.hpp` `common/base/id.hpp` `common/base` `common/base/*.hpp` "
         "`proto/mash/v1/{plan}.proto`\n"
         "`gone.hpp` and `common/base/{id,lost}.hpp` and `./deploy/gone --once`\n"
         "`agents/<agency>` `DIR/agents/police` `a/b` `common/base/id.hpp:3` `std::vector` "
         "`build/dev/x.hpp2`\n"
         "```\n`missing.hpp`\n```\n"},
    };
    EXPECT_EQ(to_text(check_named_files(files)),
              "common/base/README.md:2: names gone.hpp, which does not exist\n"
              "common/base/README.md:2: names common/base/lost.hpp, which does not exist\n"
              "common/base/README.md:2: names deploy/gone, which does not exist\n");
}

TEST(PlantedMistakes, RowsThatListWhatDoesNotExistAreFound) {
    const std::vector<SourceFile> files{
        {"agents/police/main.cpp", ""},
        {"agents/README.md",
         "| folder | what |\n| --- | --- |\n| `police`, `console` | `any` words |\n\n"
         "| word | what |\n| --- | --- |\n| `elsewhere` | no list of places |\n\n"
         "| file | what |\n| --- | --- |\n| `police/main.cpp` | `agents/gone` |\n"
         "| `agents/lost` | |\n"},
    };
    EXPECT_EQ(to_text(check_named_files(files)),
              "agents/README.md:3: names console, which does not exist\n"
              "agents/README.md:11: names agents/gone, which does not exist\n"
              "agents/README.md:12: names agents/lost, which does not exist\n");
}

TEST(PlantedMistakes, FoldersThatDoNotExplainThemselvesAreFound) {
    const std::string explained = "## Decisions\n";
    const std::vector<SourceFile> files{
        {"README.md", "# top\n## Decisions\n## More\n```\n## Decisions\n```\n"},
        {"broker/README.md", explained},
        {"broker/core/core.cpp", ""},
        {"common/base/id.hpp", ""},
        {"common/base/README.md", "# base\n### Decisions\n"},
        {"deploy/lib/area.sh", ""},
        {"deploy/README.md", "`deploy/lib` `demo/feed/*.csv` `demo/{people}/`\n" + explained},
        {"deploy/demo/feed/one.csv", ""},
        {"deploy/demo/people/one.csv", ""},
        {"deploy/demo/unsaid/one.csv", ""},
        {"tests/unit/README.md", explained},
        {"tests/unit/common/base/id_test.cpp", ""},
    };
    EXPECT_EQ(to_text(check_readmes(files, "tests/unit")),
              "broker/core/README.md:0: is missing: each folder says what it decides\n"
              "deploy/README.md:0: does not name deploy/demo/unsaid, which has no README\n"
              "deploy/lib/README.md:0: is missing: each folder says what it decides\n"
              "README.md:6: does not end in \"## Decisions\"\n"
              "common/base/README.md:2: does not end in \"## Decisions\"\n");
}

TEST(PlantedMistakes, WhatIsNoDecisionAmongDecisionsIsFound) {
    const std::string good =
        "# broker\n## Decisions\n\n- 2026-11-21. **One.** Words\n  that go on.\n- **2026-11-22, "
        "two.**\n\n  indented\n\n**2026-11-23. Three.**\nWords:\n\n| a | b |\n| - | - |\n\nwhat "
        "the table says\n\n```\n\ncode\n```\n\nwhat the code says\n";
    const auto found_in = [](const std::string& text) {
        return to_text(check_readmes({{"README.md", text}}, "tests/unit"));
    };
    EXPECT_EQ(found_in(good), "");
    const std::string what = ": stands under \"## Decisions\" and is no dated decision\n";
    EXPECT_EQ(found_in("## Decisions\n\nWords first.\n\n**2026-11-21. One.**\n"),
              "README.md:3" + what);
    EXPECT_EQ(found_in("## Decisions\n\n- 2026-11-21. One.\n- Two.\n"), "README.md:4" + what);
    EXPECT_EQ(found_in("## Decisions\n\n- 2026-11-21. One.\n\n**When it burns.**\nRing.\n"),
              "README.md:5" + what);
    EXPECT_EQ(found_in("## Decisions\n\n| a | b |\n"), "README.md:3" + what);
}

TEST(PlantedMistakes, MessagesThatTheProtocolsPageDoesNotExplainAreFound) {
    const std::vector<SourceFile> files{
        {"proto/README.md",
         "| file | what |\n| - | - |\n| `one.proto` | `Told` |\n\n`two.proto`\n"},
        {"proto/mash/v1/one.proto", "message Told {\n  message Within { bytes a = 1; }\n}\n"},
        {"proto/mash/v1/two.proto", "// message Said {\nmessage Unsaid {\n}\n"},
    };
    EXPECT_EQ(to_text(check_protocol_page(files)),
              "proto/mash/v1/one.proto:2: Within is not explained in proto/README.md\n"
              "proto/README.md:0: has no row for two.proto\n"
              "proto/mash/v1/two.proto:2: Unsaid is not explained in proto/README.md\n");
}

TEST(PlantedMistakes, FoldersOfOneMachineAreFound) {
    const std::string home = std::string("/") + "home/";
    const std::vector<SourceFile> files{
        {"deploy/a", "cd " + home + "someone\nDIR=" + home + "x\nsocial" + home +
                         "\nhttps://example.org" + home + "\n"},
    };
    const auto found = check_machine_paths(files);
    ASSERT_EQ(found.size(), 2U) << to_text(found);
    EXPECT_EQ(found[0].line, 1);
    EXPECT_EQ(found[1].line, 2);
}

TEST(Patterns, LetAStarStandForAnythingButASlash) {
    EXPECT_TRUE(matches("a/*.hpp", "a/b.hpp"));
    EXPECT_TRUE(matches("a/*", "a/"));
    EXPECT_FALSE(matches("a/*.hpp", "a/b/c.hpp"));
    EXPECT_FALSE(matches("a/*.hpp", "a/b.cpp"));
    EXPECT_TRUE(matches("*_store.*", "memory_store.hpp"));
}

}  // namespace
}  // namespace mash::layering
