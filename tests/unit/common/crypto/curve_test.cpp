#include "common/crypto/curve.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

TEST(Z85, IsThatOfZeroMqRfc32) {
    EXPECT_EQ(z85_encode(hex("864fd26fb559f75b")).value(), "HelloWorld");
    EXPECT_EQ(to_hex(z85_decode("HelloWorld").value()), "864fd26fb559f75b");
    EXPECT_EQ(z85_encode(hex("ffffffff")).value(), "%nSc0");
    EXPECT_EQ(z85_encode({}).value(), "");
    EXPECT_TRUE(z85_decode("").value().empty());
}

TEST(Z85, GivesBackEveryByteString) {
    SeededRandom random(1);
    for (std::size_t size = 0; size <= 400; size += 4) {
        Bytes bytes(size);
        random.fill(bytes);
        EXPECT_EQ(z85_decode(z85_encode(bytes).value()).value(), bytes);
    }
}

TEST(Z85, RefusesWhatHasNoOrASecondMeaning) {
    for (const std::size_t size : {1U, 2U, 3U, 5U})
        EXPECT_EQ(test::outcome(z85_encode(Bytes(size))), "malformed");
    for (const std::string_view bad :
         {"H", "Hell", "HelloW", "Hel o", "Hel,o", "Hel\"o", "Hel\x80o", "%nSc1", "#####"}) {
        EXPECT_EQ(test::outcome(z85_decode(bad)), "malformed") << bad;
    }
    EXPECT_EQ(test::outcome(z85_decode(std::string_view("Hel\0o", 5))), "malformed");
}

TEST(CurveKey, IsTheSamePairAsInZeroMqsManual) {
    // zmq_curve(7), "Test key values"
    const Bytes secret = z85_decode("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs").value();
    const CurveKeyPair pair =
        CurveKeyPair::from_secret(std::move(CurveSecretKey::from(secret)).value());
    EXPECT_EQ(curve_text(pair.public_key), "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
}

TEST(CurveKey, IsReadFromItsText) {
    SeededRandom random(2);
    const CurveKeyPair pair = CurveKeyPair::generate(random);
    EXPECT_EQ(curve_text(pair.public_key).size(), 40U);
    EXPECT_EQ(curve_from_text(curve_text(pair.public_key)).value(), pair.public_key);
    EXPECT_EQ(test::outcome(curve_from_text("HelloWorld")), "malformed");
    EXPECT_EQ(test::outcome(curve_from_text(curve_text(pair.public_key) + "00000")), "malformed");
    EXPECT_TRUE(pair.clone().secret_key == pair.secret_key);
}

}  // namespace
}  // namespace mash::crypto
