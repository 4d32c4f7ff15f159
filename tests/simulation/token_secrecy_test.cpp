// Whoever has all that the broker has - its disk, what its process holds, its keys - and not the
// pepper cannot say which child a token is, although the numbers of a whole area can be tried.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "agents/runtime/core/tokens.hpp"
#include "broker/core/core.hpp"
#include "broker/core/store_format.hpp"
#include "broker/core/tokens.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/random.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "tests/support/test_area.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::simulation {
namespace {

constexpr std::size_t enrolled = 10'000;
constexpr std::size_t at_once = 100;
const AgencyId school("orchard-gate");
const HostId school_host("schools");

/// Numbers of the range that is kept for tests (999), with their check digit.
std::vector<std::string> test_numbers() {
    std::vector<std::string> numbers;
    for (int n = 0; numbers.size() < enrolled; ++n) {
        const std::string nine =
            "999" + std::string(6 - std::to_string(n).size(), '0') + std::to_string(n);
        for (char check = '0'; check <= '9'; ++check) {
            auto number = runtime::normalise_nhs_number(nine + check);
            if (!number.empty()) numbers.push_back(std::move(number));
        }
    }
    return numbers;
}

std::string canonical(const std::string& number) { return number + "|2014-01-01"; }

class TokenSecrecy : public ::testing::Test {
protected:
    TokenSecrecy()
        : numbers_(test_numbers()),
          key_(crypto::OprfKey::generate(random_)),
          pepper_(crypto::SecretBytes::random(32, random_)) {
        keys_.emplace(key_.public_key(), key_.clone());
        area_.change_registry(
            [&](area::Registry& registry) {
                registry.broker.token_keys = {{1, test::working_morning, key_.public_key()}};
                auto& agency = registry.agencies.at(school);
                agency.box_public_key = box_.public_key.value();
                agency.sealed_pepper =
                    crypto::seal_to(box_.public_key, pepper_.reveal(), random_).value();
            },
            test::working_morning);
        outputs_ = outputs_of(key_);
    }

    /// By number. As the agent asks and the broker answers, in frames.
    std::vector<Bytes> outputs_of(const crypto::OprfKey& key) {
        std::vector<Bytes> outputs;
        for (std::size_t from = 0; from < numbers_.size(); from += at_once) {
            std::vector<Bytes> inputs;
            for (std::size_t i = from; i < from + at_once; ++i)
                inputs.push_back(
                    runtime::oprf_input(wire::TokenKind::nhs_dob, canonical(numbers_[i])));
            const std::vector<ByteView> views(inputs.begin(), inputs.end());
            const auto question =
                crypto::OprfQuestion::ask(crypto::OprfMode::verifiable, views, random_).value();
            const auto answer =
                key.evaluate(crypto::OprfMode::verifiable, question.blinded(), random_).value();
            const auto all = question.finalize(answer, key.public_key()).value();
            for (std::size_t i = 0; i < at_once; ++i) {
                const auto one =
                    all.reveal().subspan(i * crypto::oprf_output_bytes, crypto::oprf_output_bytes);
                outputs.emplace_back(one.begin(), one.end());
            }
        }
        return outputs;
    }
    static Digest value_of(ByteView pepper, ByteView output) {
        runtime::TokenEpoch epoch;
        epoch.pepper = crypto::SecretBytes::copy_of(pepper);
        return runtime::token_of(epoch, wire::TokenKind::nhs_dob, output).value;
    }

    void step(broker::Core& core, store::Store& store, broker::Input input) {
        input.entropy.fill(++entropy_);
        auto transaction = store.begin();
        core.step({SteadyTime::from_ms(1'000'000), test::working_morning}, {&input, 1},
                  *transaction);
        ASSERT_FALSE(transaction->failed());
        ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    }
    void say(broker::Core& core, store::Store& store, wire::AgentBody body) {
        auto verified = broker::verify({1, std::move(body)}, school_host, *core.registry(),
                                       test::working_morning);
        ASSERT_TRUE(verified) << name_of(verified.error());
        step(core, store,
             {broker::FrameIn{broker::SessionId{1}, school_host, std::move(*verified), 100}, {}});
    }
    /// A real core over a file; then every byte of the folder.
    std::string disk_of_the_broker() {
        const auto path = (folder_.path() / "broker.sqlite").string();
        {
            auto store = store_sqlite::SqliteStore::open(path).value();
            std::string problem;
            EXPECT_TRUE(store::bring_to_format(*store, broker::store_format(), path, problem));
            broker::CoreConfig config;
            config.area = area_.id;
            config.root = area_.root();
            broker::Core core(config, area_.broker_key());
            step(core, *store, {broker::LoadDocuments{area_.documents()}, {}});
            wire::Hello hello;
            hello.agent_time = test::working_morning;
            hello.agent_epoch.fill(1);
            say(core, *store, hello);
            const Seat dsl{school, RoleId("sch")};
            for (std::size_t from = 0; from < numbers_.size(); from += at_once) {
                wire::ClaimInvolvement claims;
                for (std::size_t i = from; i < from + at_once; ++i)
                    claims.claims.push_back(area_.claim(
                        dsl, "school",
                        {{wire::TokenKind::nhs_dob, 1, value_of(pepper_.reveal(), outputs_[i])}},
                        test::working_morning, i + 1));
                say(core, *store, std::move(claims));
            }
        }
        std::string all;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
            std::ifstream in(file.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    }

    /// How many of the numbers somebody who guesses `pepper` finds on the disk.
    std::size_t found(const std::set<Digest>& on_disk, ByteView pepper,
                      const std::vector<Bytes>& outputs) {
        return static_cast<std::size_t>(std::ranges::count_if(outputs, [&](const Bytes& output) {
            return on_disk.contains(value_of(pepper, output));
        }));
    }

    crypto::SeededRandom random_{9, "secrecy"};
    area::testing::TemporaryFolder folder_;
    test::TestArea area_;
    std::vector<std::string> numbers_;
    crypto::OprfKey key_;
    crypto::SecretBytes pepper_;
    crypto::BoxKeyPair box_ = crypto::BoxKeyPair::generate(random_);
    broker::TokenKeys keys_;
    std::vector<Bytes> outputs_;
    std::uint8_t entropy_ = 0;
};

TEST_F(TokenSecrecy, HoldsAgainstWhoeverHasTheBrokerAndNotThePepper) {
    const auto disk = disk_of_the_broker();
    // What lies there and could be a token: every window of 32 bytes that a right guess would hit.
    std::set<Digest> right;
    for (const auto& output : outputs_) right.insert(value_of(pepper_.reveal(), output));
    std::set<Digest> on_disk;
    for (std::size_t i = 0; i + 32 <= disk.size(); ++i) {
        Digest window;
        std::copy_n(disk.begin() + static_cast<std::ptrdiff_t>(i), 32, window.begin());
        if (right.contains(window)) on_disk.insert(window);
    }
    // The control: with pepper and key every child is found, so the test can fail.
    ASSERT_EQ(on_disk.size(), enrolled);
    EXPECT_EQ(found(on_disk, pepper_.reveal(), outputs_of(key_)), enrolled);

    // The broker's thief: the key is there, and every secret of the broker is tried as a pepper.
    EXPECT_EQ(disk.find(std::string(text_of(pepper_.reveal()))), std::string::npos);
    const auto signing_seed = area_.broker_key().seed();
    const auto sealed = area_.registry().agencies.at(school).sealed_pepper;
    const std::array<std::uint8_t, 32> zeros{};
    for (const ByteView guess : {key_.secret().reveal(), signing_seed.reveal(), ByteView(zeros),
                                 ByteView(sealed).first(32), ByteView(sealed).last(32)})
        EXPECT_EQ(found(on_disk, guess, outputs_), 0U);
    // Numbers as they are, and the digests that need no key.
    std::size_t plain = 0;
    const std::set<std::string> all_numbers(numbers_.begin(), numbers_.end());
    for (auto at = disk.find("999"); at != std::string::npos; at = disk.find("999", at + 1))
        plain += all_numbers.contains(disk.substr(at, 10)) ? 1 : 0;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        const auto input = runtime::oprf_input(wire::TokenKind::nhs_dob, canonical(numbers_[i]));
        plain += on_disk.contains(crypto::sha256(input)) ? 1 : 0;
        plain += on_disk.contains(crypto::sha256(outputs_[i])) ? 1 : 0;
    }
    EXPECT_EQ(plain, 0U);

    // An agency's thief with a copy of the broker's disk: the pepper is there, the key is not.
    crypto::SeededRandom guess(10, "another-key");
    EXPECT_EQ(found(on_disk, pepper_.reveal(), outputs_of(crypto::OprfKey::generate(guess))), 0U);
    std::size_t under_the_pepper_alone = 0;
    const runtime::PepperTokens without_key(pepper_.clone(), 1);
    for (const auto& number : numbers_)
        under_the_pepper_alone +=
            on_disk.contains(without_key.derive(wire::TokenKind::nhs_dob, canonical(number)).value)
                ? 1
                : 0;
    EXPECT_EQ(under_the_pepper_alone, 0U);
}

}  // namespace
}  // namespace mash::simulation
