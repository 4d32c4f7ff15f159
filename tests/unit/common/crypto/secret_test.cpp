#include "common/crypto/secret.hpp"

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <type_traits>

#include <gtest/gtest.h>

#include "common/crypto/init.hpp"
#include "common/crypto/random.hpp"

namespace mash::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

using TestKey = FixedSecret<struct TestKeyTag, 32>;

static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);
static_assert(!Printable<SecretBytes> && !Printable<TestKey>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView>);
static_assert(!std::is_default_constructible_v<TestKey>);
static_assert(!std::is_convertible_v<TestKey, FixedSecret<struct OtherKeyTag, 32>>);

/// The flags of the mapping that holds `address`, from /proc/self/smaps.
std::string mapping_flags(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool here = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
            here = from <= wanted && wanted < to;
        } else if (here && line.starts_with("VmFlags:")) {
            return line + " ";
        }
    }
    return {};
}

TEST(Init, MayBeCalledAgain) {
    EXPECT_TRUE(init());
    EXPECT_TRUE(init());
}

TEST(SecretBytes, StartsAsZeroBytes) {
    EXPECT_EQ(to_hex(SecretBytes(4).reveal()), "00000000");
    EXPECT_TRUE(SecretBytes().empty());
    EXPECT_TRUE(SecretBytes(0).empty());
}

TEST(SecretBytes, IsLeftOutOfCoreDumps) {
    const SecretBytes secret(32);
    EXPECT_NE(mapping_flags(secret.reveal().data()).find(" dd "), std::string::npos);
}

TEST(SecretBytes, LeavesNothingBehindWhenMoved) {
    SecretBytes a = SecretBytes::copy_of(view_of("abc"));
    SecretBytes b = std::move(a);
    EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): what a moved-from secret holds is
                             // the question
    EXPECT_EQ(text_of(b.reveal()), "abc");
    b = SecretBytes::copy_of(view_of("d"));
    EXPECT_EQ(text_of(b.reveal()), "d");
}

TEST(SecretBytes, CloneIsAnotherCopy) {
    SecretBytes a = SecretBytes::copy_of(view_of("abc"));
    const SecretBytes b = a.clone();
    a.writable()[0] = 'x';
    EXPECT_EQ(text_of(b.reveal()), "abc");
}

TEST(SecretBytes, TakesOverAndEmptiesItsSource) {
    Bytes source{1, 2, 3};
    const SecretBytes secret = SecretBytes::take(std::move(source));
    EXPECT_EQ(to_hex(secret.reveal()), "010203");
    EXPECT_TRUE(
        source.empty());  // NOLINT(bugprone-use-after-move): that it is emptied is the promise
}

TEST(SecretBytes, EqualsOnlyTheSameBytes) {
    EXPECT_TRUE(SecretBytes::copy_of(view_of("abc")) == SecretBytes::copy_of(view_of("abc")));
    EXPECT_FALSE(SecretBytes::copy_of(view_of("abc")) == SecretBytes::copy_of(view_of("abd")));
    EXPECT_FALSE(SecretBytes::copy_of(view_of("abc")) == SecretBytes::copy_of(view_of("ab")));
    EXPECT_TRUE(SecretBytes() == SecretBytes());
}

TEST(SecretBytes, IsNotShownByAFailingTest) {
    SeededRandom random(1);
    EXPECT_EQ(testing::PrintToString(SecretBytes::copy_of(view_of("abc"))), "[secret]");
    EXPECT_EQ(testing::PrintToString(TestKey::generate(random)), "[secret]");
}

TEST(FixedSecret, RefusesAnyOtherSize) {
    EXPECT_TRUE(TestKey::from(Bytes(32)));
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        EXPECT_EQ(TestKey::from(Bytes(size)).error(), ErrorCode::malformed);
        EXPECT_EQ(TestKey::from(SecretBytes(size)).error(), ErrorCode::malformed);
    }
}

TEST(Wipe, OverwritesEveryByte) {
    Bytes bytes{1, 2, 3};
    wipe(bytes);
    EXPECT_EQ(bytes, Bytes(3));
    wipe({});
}

}  // namespace
}  // namespace mash::crypto
