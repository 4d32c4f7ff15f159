#include "common/area/files.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "common/area/document_files.hpp"
#include "tests/unit/common/area/area_fixture.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::TemporaryFolder;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Files, AreReadBackAndReplacedWhole) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a";
    ASSERT_TRUE(write_file(path, bytes_of("first"), FileAccess::everyone));
    ASSERT_TRUE(write_file(path, bytes_of("second"), FileAccess::everyone));
    EXPECT_EQ(read_file(path, 6).value(), bytes_of("second"));
    // Nothing of the way there is left behind.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, WithSecretsCanBeReadByTheirOwnerOnly) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder.path() / "secret", bytes_of("s"), FileAccess::owner_only));
    ASSERT_TRUE(write_file(folder.path() / "open", bytes_of("o"), FileAccess::everyone));
    EXPECT_TRUE(is_owner_only(folder.path() / "secret"));
    EXPECT_FALSE(is_owner_only(folder.path() / "open"));
    EXPECT_FALSE(is_owner_only(folder.path() / "absent"));
    ASSERT_TRUE(make_folder(folder.path() / "deep" / "keys", FileAccess::owner_only));
    EXPECT_TRUE(is_owner_only(folder.path() / "deep" / "keys"));
    EXPECT_FALSE(is_owner_only(folder.path() / "deep"));
}

TEST(Files, SayWhatIsWrong) {
    const TemporaryFolder folder;
    EXPECT_EQ(read_file(folder.path() / "absent", 10).error(), ErrorCode::not_found);
    EXPECT_EQ(read_file(folder.path(), 1'000'000).error(), ErrorCode::io_failed);
    ASSERT_TRUE(write_file(folder.path() / "a", bytes_of("12345"), FileAccess::everyone));
    EXPECT_EQ(read_file(folder.path() / "a", 4).error(), ErrorCode::too_large);
    EXPECT_TRUE(read_file(folder.path() / "a", 5));
    EXPECT_EQ(write_file(folder.path() / "no" / "a", bytes_of("x"), FileAccess::everyone).error(),
              ErrorCode::not_found);
}

TEST(Files, CannotBeReplacedByAFolderAndKeepWhatTheyHeld) {
    const TemporaryFolder folder;
    ASSERT_TRUE(make_folder(folder.path() / "a", FileAccess::everyone));
    EXPECT_FALSE(write_file(folder.path() / "a", bytes_of("x"), FileAccess::everyone));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, RemovingWhatIsGoneIsNoFailure) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder.path() / "a", bytes_of("x"), FileAccess::everyone));
    EXPECT_TRUE(remove_file(folder.path() / "a"));
    EXPECT_TRUE(remove_file(folder.path() / "a"));
}

TEST(FolderLock, IsHeldByOneAtATime) {
    const TemporaryFolder folder;
    {
        const auto first = FolderLock::take(folder.path());
        ASSERT_TRUE(first);
        EXPECT_EQ(FolderLock::take(folder.path()).error(), ErrorCode::busy);
    }
    EXPECT_TRUE(FolderLock::take(folder.path()));
    EXPECT_EQ(FolderLock::take(folder.path() / "absent").error(), ErrorCode::not_found);
}

TEST(DocumentFiles, AreReadInTheOrderInWhichTheyCanBeTrusted) {
    const TemporaryFolder folder;
    EXPECT_EQ(read_documents(folder.path()).error(), ErrorCode::not_found);
    Area area;
    const auto registry = area.signed_registry(area.registry());
    const auto delegation = area.signed_delegation(area.delegation(area.registrar));
    ASSERT_TRUE(write_document(folder.path(), registry));
    ASSERT_TRUE(write_document(folder.path(), delegation));
    EXPECT_EQ(read_documents(folder.path()).value(), (std::vector{delegation, registry}));
}

TEST(DocumentFiles, AreRefusedUnderAnothersName) {
    const TemporaryFolder folder;
    Area area;
    ASSERT_TRUE(write_document(folder.path(), area.signed_registry(area.registry())));
    std::filesystem::rename(folder.path() / "registry.signed", folder.path() / "policy.signed");
    EXPECT_EQ(read_documents(folder.path()).error(), ErrorCode::bad_value);
}

}  // namespace
}  // namespace mash::area
