// RFC 9497 over ristretto255-SHA512: the RFC's own vectors, and what a lying holder or asker sends.
#include "common/crypto/oprf.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/bytes.hpp"
#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;
using test::outcome;

/// Gives the scalars that the RFC names: each draw of 64 bytes is the next of them, and reducing
/// leaves it as it is.
class NamedScalars final : public RandomSource {
public:
    explicit NamedScalars(std::vector<Bytes> scalars) : left_(scalars.begin(), scalars.end()) {}
    void fill(std::span<std::uint8_t> out) override {
        std::ranges::fill(out, std::uint8_t{0});
        ASSERT_FALSE(left_.empty()) << "more scalars drawn than the vector names";
        std::ranges::copy(left_.front(), out.begin());
        left_.pop_front();
    }

private:
    std::deque<Bytes> left_;
};

std::vector<Bytes> hex_list(const nlohmann::json& value) {
    std::vector<Bytes> out;
    std::string rest = test::text(value);
    while (true) {
        const auto comma = rest.find(',');
        out.push_back(hex(rest.substr(0, comma)));
        if (comma == std::string::npos) return out;
        rest.erase(0, comma + 1);
    }
}

template <class T>
std::vector<T> fixed(const std::vector<Bytes>& list) {
    std::vector<T> out;
    for (const auto& bytes : list) out.push_back(T::from(bytes).value());
    return out;
}

std::vector<ByteView> views(const std::vector<Bytes>& list) { return {list.begin(), list.end()}; }

void play(const nlohmann::json& suite, const OprfKey& key, OprfMode mode, int& played) {
    for (const auto& v : suite["vectors"]) {
        SCOPED_TRACE("mode " + std::to_string(static_cast<int>(mode)) + ", vector " +
                     std::to_string(played));
        const auto inputs = hex_list(v["Input"]);
        NamedScalars blinds(hex_list(v["Blind"]));
        const auto question = OprfQuestion::ask(mode, views(inputs), blinds).value();
        EXPECT_EQ(question.blinded(), fixed<OprfElement>(hex_list(v["BlindedElement"])));

        NamedScalars proof_scalar(mode == OprfMode::base
                                      ? std::vector<Bytes>{}
                                      : std::vector<Bytes>{hex(v["Proof"]["r"])});
        const auto answer = key.evaluate(mode, question.blinded(), proof_scalar).value();
        EXPECT_EQ(answer.elements, fixed<OprfElement>(hex_list(v["EvaluationElement"])));
        ASSERT_EQ(answer.proof.has_value(), mode == OprfMode::verifiable);
        if (answer.proof) {
            EXPECT_EQ(*answer.proof, OprfProof::from(hex(v["Proof"]["proof"])).value());
        }

        Bytes expected;
        for (const auto& output : hex_list(v["Output"])) {
            expected.insert(expected.end(), output.begin(), output.end());
        }
        const auto output = question.finalize(answer, key.public_key());
        ASSERT_TRUE(output) << outcome(output);
        EXPECT_TRUE(std::ranges::equal(output->reveal(), expected));
        ++played;
    }
}

TEST(OprfRfc9497, VectorsOfBothModesAreMet) {
    const auto suites = test::public_vectors("rfc9497_oprf.json");
    if (!suites)
        GTEST_SKIP() << "The public sample file vectors/rfc9497_oprf.json is not on this machine";
    int played = 0;
    for (const auto& suite : *suites) {
        if (test::text(suite["identifier"]) != "ristretto255-SHA512" || suite["mode"] == 2)
            continue;
        const auto mode = suite["mode"] == 0 ? OprfMode::base : OprfMode::verifiable;
        const auto seed = SecretBytes::copy_of(hex(suite["seed"]));
        const auto key = OprfKey::derive(mode, seed, hex(suite["keyInfo"])).value();
        EXPECT_TRUE(std::ranges::equal(key.secret().reveal(), hex(suite["skSm"])));
        if (mode == OprfMode::verifiable) {
            EXPECT_EQ(key.public_key(), OprfPublicKey::from(hex(suite["pkSm"])).value());
        }
        play(suite, key, mode, played);
    }
    EXPECT_EQ(played, 5);
}

class Oprf : public testing::Test {
protected:
    SeededRandom random{9497};
    OprfKey key = OprfKey::generate(random);
    std::vector<Bytes> inputs{Bytes{1, 2, 3}, Bytes{}, Bytes(300, 7)};
    OprfQuestion question = OprfQuestion::ask(OprfMode::verifiable, views(inputs), random).value();
    OprfEvaluation answer = key.evaluate(OprfMode::verifiable, question.blinded(), random).value();

    std::string finalized(const OprfEvaluation& changed) {
        return outcome(question.finalize(changed, key.public_key()));
    }
};

// The group order, and the identity; RFC 9496 section 4 and appendix A.
const char* const order_hex = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
const char* const base_hex = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";

/// x plus the group order, spelled in 32 bytes: the same scalar a second time.
Bytes second_spelling(ByteView scalar) {
    const Bytes order = hex(order_hex);
    Bytes out(32);
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += scalar[i] + order[i];
        out[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    return out;
}

TEST_F(Oprf, TheSameInputGivesTheSameOutputUnderEveryBlind) {
    const auto first = question.finalize(answer, key.public_key()).value();
    const auto again = OprfQuestion::ask(OprfMode::verifiable, views(inputs), random).value();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_NE(again.blinded()[i], question.blinded()[i]);
    }
    const auto other = key.evaluate(OprfMode::verifiable, again.blinded(), random).value();
    EXPECT_EQ(again.finalize(other, key.public_key()).value(), first);
}

TEST_F(Oprf, OutputsDifferByKeyAndByMode) {
    const auto first = question.finalize(answer, key.public_key()).value();
    const auto other_key = OprfKey::generate(random);
    const auto second =
        other_key.evaluate(OprfMode::verifiable, question.blinded(), random).value();
    EXPECT_NE(question.finalize(second, other_key.public_key()).value(), first);
    const auto base = OprfQuestion::ask(OprfMode::base, views(inputs), random).value();
    const auto third = key.evaluate(OprfMode::base, base.blinded(), random).value();
    EXPECT_FALSE(third.proof);
    EXPECT_NE(base.finalize(third, key.public_key()).value(), first);
}

TEST_F(Oprf, AHolderThatUsesAnotherKeyIsFoundOut) {
    const auto other = OprfKey::generate(random);
    const auto wrong = other.evaluate(OprfMode::verifiable, question.blinded(), random).value();
    EXPECT_EQ(finalized(wrong), "bad_signature");
    // One element of the batch under another key is enough.
    OprfEvaluation mixed = answer;
    mixed.elements[1] = wrong.elements[1];
    EXPECT_EQ(finalized(mixed), "bad_signature");
}

TEST_F(Oprf, AnswersInAnotherOrderAreRefused) {
    std::swap(answer.elements[0], answer.elements[2]);
    EXPECT_EQ(finalized(answer), "bad_signature");
}

TEST_F(Oprf, AnotherQuestionsProofIsRefused) {
    const auto other = OprfQuestion::ask(OprfMode::verifiable, views(inputs), random).value();
    const auto elsewhere = key.evaluate(OprfMode::verifiable, other.blinded(), random).value();
    answer.proof = elsewhere.proof;
    EXPECT_EQ(finalized(answer), "bad_signature");
}

TEST_F(Oprf, EveryChangedBitOfAProofIsRefused) {
    const auto good = answer.proof.value().value();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto changed = good;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        answer.proof = OprfProof(changed);
        ASSERT_EQ(finalized(answer), "bad_signature") << "bit " << bit;
    }
}

TEST_F(Oprf, AProofSpelledASecondWayIsRefused) {
    const auto good = answer.proof.value().value();
    for (const std::size_t half : {0U, 32U}) {
        auto changed = good;
        const auto again = second_spelling(ByteView(good).subspan(half, 32));
        std::ranges::copy(again, changed.begin() + static_cast<std::ptrdiff_t>(half));
        answer.proof = OprfProof(changed);
        EXPECT_EQ(finalized(answer), "bad_signature");
    }
}

TEST_F(Oprf, AnAnswerWithoutProofOrOfAnotherLengthIsRefused) {
    OprfEvaluation bare = answer;
    bare.proof.reset();
    EXPECT_EQ(finalized(bare), "malformed");
    OprfEvaluation shorter = answer;
    shorter.elements.pop_back();
    EXPECT_EQ(finalized(shorter), "malformed");
    OprfEvaluation longer = answer;
    longer.elements.push_back(longer.elements.back());
    EXPECT_EQ(finalized(longer), "malformed");
}

/// RFC 9496 appendix A.2 to A.3: bytes that are no element or not its one spelling, and the
/// identity.
std::vector<OprfElement> no_elements() {
    std::vector<Bytes> list{Bytes(32, 0)};  // the identity
    for (const auto text : {
             "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
             "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
         }) {
        list.push_back(hex(text));
    }
    return fixed<OprfElement>(list);
}

TEST_F(Oprf, WhatIsNoElementIsRefusedByTheHolder) {
    for (const auto& bad : no_elements()) {
        const std::vector<OprfElement> asked{question.blinded()[0], bad};
        for (const auto mode : {OprfMode::base, OprfMode::verifiable}) {
            EXPECT_EQ(outcome(key.evaluate(mode, asked, random)), "weak_point");
        }
    }
}

TEST_F(Oprf, WhatIsNoElementIsRefusedByTheAsker) {
    const auto base = OprfQuestion::ask(OprfMode::base, views(inputs), random).value();
    const auto good = key.evaluate(OprfMode::base, base.blinded(), random).value();
    for (const auto& bad : no_elements()) {
        OprfEvaluation changed = good;
        changed.elements[1] = bad;
        EXPECT_EQ(outcome(base.finalize(changed, key.public_key())), "weak_point");
        OprfEvaluation proved = answer;
        proved.elements[1] = bad;
        EXPECT_EQ(finalized(proved), "weak_point");
    }
}

TEST_F(Oprf, APublicKeyThatIsNoElementProvesNothingAndIsRefusedAtEnrolment) {
    EXPECT_EQ(outcome(check_usable(key.public_key())), "accepted");
    for (const auto& bad : no_elements()) {
        const OprfPublicKey holder(bad.value());
        EXPECT_EQ(outcome(check_usable(holder)), "weak_point");
        EXPECT_EQ(outcome(question.finalize(answer, holder)), "bad_signature");
    }
}

TEST_F(Oprf, KeysAreReducedAndNeverZero) {
    EXPECT_EQ(outcome(OprfKey::from_secret(key.secret())), "accepted");
    EXPECT_EQ(outcome(OprfKey::from_secret(SecretBytes(31))), "malformed");
    EXPECT_EQ(outcome(OprfKey::from_secret(SecretBytes(32))), "bad_value");
    EXPECT_EQ(outcome(OprfKey::from_secret(SecretBytes::copy_of(hex(order_hex)))), "bad_value");
    const auto again = second_spelling(key.secret().reveal());
    EXPECT_EQ(outcome(OprfKey::from_secret(SecretBytes::copy_of(again))), "bad_value");
    // The key one: its public key is the base point.
    SecretBytes one(32);
    one.writable()[0] = 1;
    EXPECT_EQ(OprfKey::from_secret(one).value().public_key(),
              OprfPublicKey::from(hex(base_hex)).value());
}

/// Draws what it can name afterwards without having it: only its complement is kept.
class NotedScalars final : public RandomSource {
public:
    void fill(std::span<std::uint8_t> out) override {
        std::ranges::fill(out, std::uint8_t{0});
        auto& noted = complements.emplace_back(32);
        for (std::size_t i = 0; i < 32; ++i) {
            state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
            // Under the group order, so that reducing leaves it as it is.
            out[i] = static_cast<std::uint8_t>(i == 31 ? 0x07 : state_ >> 56U);
            noted[i] = static_cast<std::uint8_t>(~out[i]);
        }
    }
    std::vector<Bytes> complements;

private:
    std::uint64_t state_ = 9497;
};

bool stands_at(const std::uint8_t* at, const Bytes& complement) {
    for (std::size_t i = 0; i < complement.size(); ++i) {
        if (at[i] != static_cast<std::uint8_t>(~complement[i])) return false;
    }
    return true;
}

/// How often the bytes of this complement stand in what this process can write: heap, stacks,
/// locked memory. Read where they lie, for a copy would be found as well.
__attribute__((no_sanitize("address", "thread"))) std::size_t times_in_memory(
    const Bytes& complement) {
    constexpr std::uintptr_t larger_is_no_memory = 256U << 20U;  // shadows of a sanitizer
    struct Mapping {
        std::uintptr_t begin, end;
    };
    std::vector<Mapping> mappings;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        Mapping one{};
        char rights[5] = {};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &one.begin, &one.end, rights) != 3) continue;
        if (rights[0] != 'r' || rights[1] != 'w') continue;
        if (one.end - one.begin <= larger_is_no_memory) mappings.push_back(one);
    }
    std::size_t times = 0;
    for (const auto& [begin, end] : mappings) {
        const auto* const last = reinterpret_cast<const std::uint8_t*>(end - complement.size());
        for (const auto* at = reinterpret_cast<const std::uint8_t*>(begin); at <= last; ++at)
            times += stands_at(at, complement) ? 1 : 0;
    }
    return times;
}

TEST(OprfMemory, BlindsAreGoneWithTheirQuestionAndLeaveNoCopy) {
    SeededRandom random(1);
    const auto key = OprfKey::generate(random);
    NotedScalars noted;
    const std::vector<Bytes> inputs{Bytes{1, 2, 3}, Bytes{4, 5}};
    {
        const auto question = OprfQuestion::ask(OprfMode::verifiable, views(inputs), noted).value();
        ASSERT_EQ(noted.complements.size(), 2U);
        // The control: while the question lives each of them is there, once.
        for (const auto& complement : noted.complements) EXPECT_EQ(times_in_memory(complement), 1U);
        const auto answer = key.evaluate(OprfMode::verifiable, question.blinded(), random).value();
        EXPECT_TRUE(question.finalize(answer, key.public_key()));
    }
    for (const auto& complement : noted.complements) EXPECT_EQ(times_in_memory(complement), 0U);
}

TEST_F(Oprf, QuestionsAreBounded) {
    const std::vector<OprfElement> none;
    EXPECT_EQ(outcome(key.evaluate(OprfMode::base, none, random)), "missing_field");
    const std::vector<OprfElement> many(oprf_batch_max + 1, question.blinded()[0]);
    EXPECT_EQ(outcome(key.evaluate(OprfMode::base, many, random)), "too_many");
    EXPECT_EQ(outcome(OprfQuestion::ask(OprfMode::base, {}, random)), "missing_field");
    const Bytes large(oprf_input_max + 1);
    const std::vector<ByteView> too_large{large};
    EXPECT_EQ(outcome(OprfQuestion::ask(OprfMode::base, too_large, random)), "too_large");
    const Bytes largest(oprf_input_max);
    const std::vector<ByteView> fits{largest};
    EXPECT_EQ(outcome(OprfQuestion::ask(OprfMode::base, fits, random)), "accepted");
    const auto long_info = Bytes(oprf_input_max + 1);
    EXPECT_EQ(outcome(OprfKey::derive(OprfMode::base, SecretBytes(32), long_info)), "too_large");
}

}  // namespace
}  // namespace mash::crypto
