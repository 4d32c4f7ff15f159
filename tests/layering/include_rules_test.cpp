// The arrows of this code base as a table, held against the real tree. A wrong #include, library,
// word or CMake dependency fails here with its file and line. The second half plants one of each,
// to show that it would be found.
#include "tests/layering/include_rules.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"

namespace mash::layering {
namespace {

using Folders = std::vector<std::string>;

Folders with(Folders left, const Folders& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// clang-format off: a table
Rules arrows() {
    const Folders base{"common/base"};
    const Folders crypto = with(base, {"common/crypto"});
    const Folders wire = with(crypto, {"common/wire"});
    const Folders area = with(wire, {"common/area"});
    const Folders rules_and_store = with(area, {"common/store"});
    const Folders broker_shell = with(rules_and_store, {"common/store/sqlite", "common/batch", "common/http", "broker/core", "broker/store"});
    const Folders runtime_core = with(rules_and_store, {"common/sealing"});
    const Folders agency = with(runtime_core, {"agents/runtime/identity", "agents/runtime/core"});
    const Folders agency_main{"agents/runtime/shell", "common/store/sqlite", "common/http"};

    Rules rules;
    rules.folders = {
        // folder               target                 may see                        main.cpp also       pure
        {"proto",               "mash_proto",          {},                            {},                 true},
        {"common/base",         "common_base",         {},                            {},                 false},
        {"common/crypto",       "common_crypto",       base,                          {},                 false},
        {"common/wire",         "common_wire",         with(crypto, {"proto"}),       {},                 true},
        {"common/area",         "common_area",         wire,                          {},                 true},
        {"common/sealing",      "common_sealing",      wire,                          {},                 true},
        {"common/store",        "common_store",        base,                          {},                 false},
        {"common/store/sqlite", "common_store_sqlite", with(base, {"common/store"}),  {},                 false},
        {"common/batch",        "common_batch",        with(base, {"common/store"}),  {},                 false},
        {"common/http",         "common_http",         base,                          {},                 false},

        {"broker/core",         "broker_core",         rules_and_store,               {},                 true},
        {"broker/store",        "broker_store",        with(rules_and_store, {"common/store/sqlite", "broker/core"}), {}, false},
        {"broker/shell",        "broker_shell",        broker_shell,                  {},                 false},
        {"broker/ctl",          "broker_ctl",          rules_and_store,               with(broker_shell, {"broker/shell"}), false},
        {"broker",              "mash-broker",         rules_and_store,               with(broker_shell, {"broker/shell"}), false},

        {"agents/runtime/identity", "runtime_identity", base,                         {},                 true},
        {"agents/runtime/desk",  "runtime_desk",       crypto,                        {},                 true},
        {"agents/runtime/core",  "runtime_core",       with(runtime_core, {"agents/runtime/identity"}), {}, true},
        {"agents/runtime/shell", "runtime_shell",      with(agency, {"agents/runtime/desk", "common/store/sqlite", "common/batch", "common/http"}), {}, false},
        {"agents/police",        "agent_police",       agency,                        agency_main,        true},
        {"agents/health",        "agent_health",       agency,                        with(agency_main, {"agents/health/shell"}),       true},
        {"agents/health/shell",  "agent_health_shell", with(agency, {"agents/health", "agents/runtime/shell", "common/http"}), {}, false},
        {"agents/school",        "agent_school",       agency,                        agency_main,        true},
        {"agents/social_care",   "agent_social_care",  agency,                        agency_main,        true},
        {"agents/hub",           "agent_hub",          agency,                        agency_main,        true},
    };
    const Folders shells{"broker/shell", "broker/ctl", "broker/main.cpp", "agents/runtime/shell", "agents/health/shell"};
    rules.libraries = {
        // All that calls libsodium can be read in one sitting.
        {"libsodium", {"sodium"}, {"common/crypto"}, false},
        {"OpenSSL", {"openssl/"}, {"common/crypto", "common/http", "agents/runtime/shell"}, false},
        // A generated header costs every includer seconds, and protobuf types have no place in a decision.
        {"protobuf", {"google/protobuf", "mash/v1/"}, {"common/wire"}, false},
        {"ZeroMQ", {"zmq"}, {"broker/shell", "agents/runtime/shell"}},
        {"Boost", {"boost/"}, with(shells, {"common/http", "agents/police/main.cpp", "agents/health/main.cpp",
                                            "agents/school/main.cpp", "agents/social_care/main.cpp", "agents/hub/main.cpp"})},
        {"SQLite", {"sqlite3"}, {"common/store/sqlite"}},
        {"PostgreSQL", {"libpq", "postgresql/"}, {"broker/store"}},
        {"JSON", {"nlohmann/json.hpp"}, {"agents", "common/area", "broker/shell", "broker/ctl"}},
        {"TOML", {"toml++", "common/area/toml.hpp"}, with(shells, {"common/area", "agents"}), false, "common/area/toml.hpp"},
        {"libcurl", {"curl/"}, {"agents/runtime/shell"}, false},
        {"ICU", {"unicode/"}, {"agents/runtime/identity"}, false},
        {"the command line", {"CLI/"}, {"broker/ctl", "broker/main.cpp", "agents"}, false},
        {"an unstructured log", {"spdlog/"}, {}},
    };
    // Keys and signed documents at rest: for programs and their shells.
    rules.doors = {"common/area/backup_folder", "common/area/files", "common/area/keyfile", "common/area/document_files"};
    rules.impure_headers = {
        "arpa/", "atomic", "barrier", "boost/asio", "boost/beast", "condition_variable", "coroutine", "csignal",
        "ctime", "curl/", "fcntl.h", "filesystem", "fstream", "future", "iostream", "latch", "mutex", "netdb.h",
        "netinet/", "poll.h", "pthread.h", "random", "semaphore", "shared_mutex", "signal.h", "spawn.h", "sqlite3",
        "stop_token", "sys/", "thread", "time.h", "unistd.h", "zmq",
    };
    rules.impure_words = {
        "::now(", "std::time(", "gettimeofday", "clock_gettime", "std::clock(", "random_device", "std::rand(",
        "std::thread", "std::jthread", "this_thread", "std::async", "getenv(", "std::system(", "fopen(", "popen(",
        "std::cout", "std::cerr", "std::printf(", "fprintf(",
    };
    rules.blindness = {"broker", {"common/sealing", "common/base/personal.hpp"}};
    return rules;
}
// clang-format on

/// Passes if there are none; otherwise prints each as path:line: message.
testing::AssertionResult none(const std::vector<Violation>& violations) {
    if (violations.empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << violations.size() << " found:\n" << to_text(violations);
}

const std::vector<SourceFile>& tree() {
    // Read once for all tests of this program; nothing writes to it.
    static const auto files = committed_files(test::source_dir());
    return files;
}

bool any_mentions(const std::vector<Violation>& violations, std::string_view path, int line,
                  std::string_view words) {
    return std::any_of(violations.begin(), violations.end(), [&](const Violation& violation) {
        return violation.path == path && violation.line == line &&
               violation.message.find(words) != std::string::npos;
    });
}

// The real tree

TEST(Arrows, TableHasNoRings) { EXPECT_TRUE(none(check_table(arrows()))); }

TEST(Arrows, TreeIsReallyRead) {
    const auto holds = [](std::string_view path) {
        return std::any_of(tree().begin(), tree().end(),
                           [path](const SourceFile& f) { return f.path == path; });
    };
    EXPECT_TRUE(holds("common/base/result.hpp"));
    EXPECT_TRUE(holds("tests/layering/include_rules_test.cpp"));
    EXPECT_TRUE(holds("CMakeLists.txt"));
}

TEST(Arrows, EveryIncludeFollowsThem) { EXPECT_TRUE(none(check_arrows(arrows(), tree()))); }

TEST(Arrows, EveryLinkFollowsThem) { EXPECT_TRUE(none(check_cmake(arrows(), tree()))); }

TEST(Arrows, LibrariesStayInTheirFolders) { EXPECT_TRUE(none(check_libraries(arrows(), tree()))); }

TEST(Arrows, CoresHaveNoClockThreadFileSocketOrChance) {
    EXPECT_TRUE(none(check_purity(arrows(), tree())));
}

TEST(Arrows, BrokerReachesNothingThatReadsOrNamesAPerson) {
    EXPECT_TRUE(none(check_blindness(arrows(), tree())));
}

TEST(Arrows, IncludesNeverGoRoundInARing) { EXPECT_TRUE(none(check_cycles(tree()))); }

// One planted mistake of each kind

TEST(PlantedMistakes, WrongIncludesAreFoundWithTheirLine) {
    const std::vector<SourceFile> files{
        {"common/base/a.hpp", ""},
        {"broker/core/core.hpp",
         "#pragma once\n#include \"common/base/a.hpp\"\n#include \"agents/hub/b.hpp\"\n"},
        {"agents/hub/b.hpp", "#include \"agents/police/c.hpp\"\n"},
        {"agents/police/c.hpp", "#include \"agents/runtime/shell/d.hpp\"\n"},
        {"agents/runtime/shell/d.hpp", "\n\n#include \"agents/police/c.hpp\"\n"},
        {"agents/police/main.cpp", "#include \"agents/runtime/shell/d.hpp\"\n"},
        {"broker/core/e.cpp",
         "#include \"core.hpp\"\n#include <common/base/a.hpp>\n// #include \"agents/hub/b.hpp\"\n"},
        {"tools/f.cpp", ""},
    };
    const auto found = check_arrows(arrows(), files);
    EXPECT_TRUE(
        any_mentions(found, "broker/core/core.hpp", 3, "broker/core may not see agents/hub"));
    EXPECT_TRUE(any_mentions(found, "agents/hub/b.hpp", 1, "agents/hub may not see agents/police"));
    EXPECT_TRUE(any_mentions(found, "agents/police/c.hpp", 1, "may not see agents/runtime/shell"));
    EXPECT_TRUE(any_mentions(found, "agents/runtime/shell/d.hpp", 3, "may not see agents/police"));
    EXPECT_TRUE(any_mentions(found, "broker/core/e.cpp", 1, "no file core.hpp"));
    EXPECT_TRUE(any_mentions(found, "broker/core/e.cpp", 2, "in quotes"));
    EXPECT_TRUE(any_mentions(found, "tools/f.cpp", 1, "no arrow is drawn"));
    EXPECT_EQ(found.size(), 7U) << to_text(found);
}

TEST(PlantedMistakes, GeneratedHeadersOutsideTheCodecAreFound) {
    const std::vector<SourceFile> files{
        {"common/area/policy.cpp", "#include \"mash/v1/plan.pb.h\"\n"},
        {"common/wire/codec.cpp", "#include \"mash/v1/plan.pb.h\"\n"},
        {"common/wire/codec.hpp", "#include \"mash/v1/plan.pb.h\"\n"},
    };
    EXPECT_TRUE(
        any_mentions(check_arrows(arrows(), files), "common/area/policy.cpp", 1, "may not see"));
    const auto found = check_libraries(arrows(), files);
    EXPECT_TRUE(any_mentions(found, "common/area/policy.cpp", 1, "no business"));
    EXPECT_TRUE(any_mentions(found, "common/wire/codec.hpp", 1, ".cpp file"));
    EXPECT_EQ(found.size(), 2U) << to_text(found);
}

TEST(PlantedMistakes, LibrariesOutOfPlaceAreFound) {
    const std::vector<SourceFile> files{
        {"broker/core/a.cpp", "#include <sodium.h>\n#include <sqlite3.h>\n#include <zmq.hpp>\n"},
        {"common/crypto/a.cpp", "#include <sodium.h>\n"},
        {"common/crypto/a.hpp", "#include <sodium.h>\n"},
    };
    const auto found = check_libraries(arrows(), files);
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 1, "libsodium"));
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 2, "SQLite"));
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 3, "ZeroMQ"));
    EXPECT_TRUE(any_mentions(found, "common/crypto/a.hpp", 1, ".cpp file"));
    EXPECT_EQ(found.size(), 4U) << to_text(found);
}

TEST(PlantedMistakes, ClocksThreadsAndChanceInACoreAreFound) {
    const std::vector<SourceFile> files{
        {"broker/core/a.cpp",
         "#include <thread>\n#include <chrono>\n#include <random>\n"
         "auto t = std::chrono::system_clock::now();\n"
         "// std::chrono::system_clock::now() in a comment\n"
         "const char* s = \"::now( in a text\";\n"
         "auto n = 20'000; std::random_device d;\n"},
        {"broker/shell/a.cpp", "#include <thread>\nauto t = std::chrono::system_clock::now();\n"},
    };
    const auto found = check_purity(arrows(), files);
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 1, "<thread>"));
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 3, "<random>"));
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 4, "::now("));
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 7, "random_device"));
    EXPECT_EQ(found.size(), 4U) << to_text(found);
}

TEST(PlantedMistakes, ACoreThatReachesAFileThroughADoorIsFound) {
    const std::vector<SourceFile> files{
        {"common/area/files.cpp", "#include <unistd.h>\n#include \"common/area/files.hpp\"\n"},
        {"common/area/files.hpp", "#include <filesystem>\n"},
        {"common/area/keyfile.hpp", "#include \"common/area/files.hpp\"\n"},
        {"broker/core/a.cpp", "\n#include \"broker/core/b.hpp\"\n"},
        {"broker/core/b.hpp", "#include \"common/area/keyfile.hpp\"\n"},
        {"broker/shell/a.cpp", "#include \"common/area/keyfile.hpp\"\n"},
    };
    const auto found = check_purity(arrows(), files);
    EXPECT_TRUE(any_mentions(found, "broker/core/a.cpp", 2,
                             "common/area/keyfile.hpp touches the machine, which it reaches by"));
    EXPECT_TRUE(any_mentions(found, "broker/core/b.hpp", 1, "common/area/keyfile.hpp touches"));
    EXPECT_EQ(found.size(), 2U) << to_text(found);
}

TEST(PlantedMistakes, ABrokerThatSeesPersonalDataByAChainIsFound) {
    const std::vector<SourceFile> files{
        {"common/base/personal.hpp", ""},
        {"common/area/child.hpp", "#include \"common/base/personal.hpp\"\n"},
        {"common/area/policy.hpp", "#include \"common/area/child.hpp\"\n"},
        {"broker/core/plan.cpp", "\n#include \"common/area/policy.hpp\"\n"},
        {"broker/core/seal.cpp", "#include \"common/sealing/section.hpp\"\n"},
        {"common/sealing/section.hpp", ""},
        {"agents/runtime/core/a.cpp", "#include \"common/base/personal.hpp\"\n"},
    };
    const auto found = check_blindness(arrows(), files);
    EXPECT_TRUE(
        any_mentions(found, "broker/core/plan.cpp", 2,
                     "common/base/personal.hpp, which it reaches by common/area/policy.hpp"));
    EXPECT_TRUE(
        any_mentions(found, "broker/core/seal.cpp", 1, "must not see common/sealing/section.hpp"));
    EXPECT_EQ(found.size(), 2U) << to_text(found);
}

TEST(PlantedMistakes, ARingOfIncludesIsFoundOnce) {
    const std::vector<SourceFile> files{
        {"common/area/a.hpp", "#include \"common/area/b.hpp\"\n"},
        {"common/area/b.hpp", "#include \"common/area/c.hpp\"\n"},
        {"common/area/c.hpp", "\n#include \"common/area/a.hpp\"\n"},
        {"common/area/d.hpp", "#include \"common/area/a.hpp\"\n"},
    };
    const auto found = check_cycles(files);
    EXPECT_TRUE(any_mentions(found, "common/area/c.hpp", 2, "ring"));
    EXPECT_EQ(found.size(), 1U) << to_text(found);
}

TEST(PlantedMistakes, WrongLinksInCMakeAreFound) {
    const std::vector<SourceFile> files{
        {"broker/core/CMakeLists.txt",
         "mash_library(NAME broker_core\n    SOURCES a.cpp\n    DEPS common_base common_sealing) # "
         "runtime_core\n"},
        {"agents/police/CMakeLists.txt",
         "mash_library(NAME agent_police SOURCES a.cpp DEPS runtime_shell)\n"
         "mash_program(NAME mash-police SOURCES main.cpp DEPS agent_police runtime_shell)\n"},
    };
    const auto found = check_cmake(arrows(), files);
    EXPECT_TRUE(
        any_mentions(found, "broker/core/CMakeLists.txt", 3, "may not link common_sealing"));
    EXPECT_TRUE(
        any_mentions(found, "agents/police/CMakeLists.txt", 1, "may not link runtime_shell"));
    EXPECT_EQ(found.size(), 2U) << to_text(found);
}

TEST(PlantedMistakes, ATableThatLeadsBackIsFound) {
    Rules rules;
    rules.folders = {
        {"a", "a", {"b"}, {}}, {"b", "b", {"a"}, {}}, {"c", "c", {}, {}}, {"d", "d", {"gone"}, {}}};
    EXPECT_EQ(check_table(rules).size(), 3U);
}

TEST(CodeWithoutComments, KeepsLinesAndBlanksTheRest) {
    EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
    EXPECT_EQ(code_only("a /* b\n c */ d"), "a     \n      d");
    EXPECT_EQ(code_only("f(\"x // y\") 'z' 20'000"), "f(\"      \") ' ' 20'000");
    EXPECT_EQ(code_only("\"a\\\"b\" c"), "\"    \" c");
    EXPECT_EQ(code_only("R\"x(a\"b)x\" c"), "R\"x(   )x\" c");
    EXPECT_EQ(without_comments("\"// kept\" // gone"), "\"// kept\"        ");
}

}  // namespace
}  // namespace mash::layering
