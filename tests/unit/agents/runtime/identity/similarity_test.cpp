#include "agents/runtime/identity/similarity.hpp"

#include <array>

#include <gtest/gtest.h>

namespace mash::identity {
namespace {

struct Likeness {
    const char* a;
    const char* b;
    double jaro;
    double winkler;
};

// W. E. Winkler, "Overview of record linkage and current research directions", US Census Bureau,
// Research Report Series (Statistics #2006-2), comparison of string comparators.
constexpr std::array<Likeness, 15> published{{{"SHACKLEFORD", "SHACKELFORD", .970, .982},
                                              {"DUNNINGHAM", "CUNNIGHAM", .896, .896},
                                              {"NICHLESON", "NICHULSON", .926, .956},
                                              {"JONES", "JOHNSON", .790, .832},
                                              {"MASSEY", "MASSIE", .889, .933},
                                              {"ABROMS", "ABRAMS", .889, .922},
                                              {"JERALDINE", "GERALDINE", .926, .926},
                                              {"MARHTA", "MARTHA", .944, .961},
                                              {"MICHELLE", "MICHAEL", .869, .921},
                                              {"JULIES", "JULIUS", .889, .933},
                                              {"TANYA", "TONYA", .867, .880},
                                              {"DWAYNE", "DUANE", .822, .840},
                                              {"SEAN", "SUSAN", .783, .805},
                                              {"JON", "JOHN", .917, .933},
                                              {"DIXON", "DICKSONX", .767, .813}}};

TEST(JaroWinkler, GivesThePublishedValues) {
    for (const auto& pair : published) {
        EXPECT_NEAR(jaro(pair.a, pair.b), pair.jaro, .0006) << pair.a;
        EXPECT_NEAR(jaro_winkler(pair.a, pair.b), pair.winkler, .0006) << pair.a;
    }
}

TEST(JaroWinkler, IsSymmetricAndBounded) {
    for (const auto& one : published) {
        for (const auto& other : published) {
            const double forward = jaro_winkler(one.a, other.b);
            EXPECT_EQ(forward, jaro_winkler(other.b, one.a));
            EXPECT_GE(forward, 0);
            EXPECT_LE(forward, 1);
        }
        EXPECT_EQ(jaro_winkler(one.a, one.a), 1);
    }
    EXPECT_EQ(jaro("", "A"), 0);
    EXPECT_EQ(jaro("AB", "CD"), 0);
}

// US National Archives, "The Soundex indexing system"; Robert and Rupert from Knuth, volume 3.
TEST(Soundex, GivesThePublishedCodes) {
    EXPECT_EQ(soundex("WASHINGTON"), "W252");
    EXPECT_EQ(soundex("LEE"), "L000");
    EXPECT_EQ(soundex("GUTIERREZ"), "G362");
    EXPECT_EQ(soundex("PFISTER"), "P236");
    EXPECT_EQ(soundex("JACKSON"), "J250");
    EXPECT_EQ(soundex("TYMCZAK"), "T522");
    EXPECT_EQ(soundex("ASHCRAFT"), "A261");
    EXPECT_EQ(soundex("VANDEUSEN"), "V532");
    EXPECT_EQ(soundex("ROBERT"), "R163");
    EXPECT_EQ(soundex("RUPERT"), "R163");
    EXPECT_EQ(soundex("HONEYMAN"), "H555");
    EXPECT_EQ(soundex(""), "");
    EXPECT_EQ(soundex("\xD0\x9E"), "");
}

TEST(OneSlip, IsOneEditAndNotTwo) {
    EXPECT_TRUE(is_one_slip("ALLEN", "ALEN"));
    EXPECT_TRUE(is_one_slip("ALEN", "ALLEN"));
    EXPECT_TRUE(is_one_slip("ALLEN", "ELLEN"));
    EXPECT_TRUE(is_one_slip("ALLEN", "ALELN"));
    EXPECT_TRUE(is_one_slip("", "A"));
    EXPECT_FALSE(is_one_slip("ALLEN", "ALLEN"));
    EXPECT_FALSE(is_one_slip("ALLEN", "ALAN"));
    EXPECT_FALSE(is_one_slip("AB", "BA B"));
    EXPECT_FALSE(is_one_slip("ABCD", "ABEF"));
}

}  // namespace
}  // namespace mash::identity
