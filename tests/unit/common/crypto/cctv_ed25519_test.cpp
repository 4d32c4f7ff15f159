// C2SP/CCTV's Ed25519 edge cases: the standards leave open which to accept. What ours accepts is
// recorded, because all agencies and the broker must agree on every signature; another version of
// libsodium that decides otherwise shows here.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/crypto/signature.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

TEST(CctvEd25519, EdgeCasesAreDecidedAsRecorded) {
    const auto cases = test::public_vectors("cctv_ed25519.json");
    if (!cases)
        GTEST_SKIP() << "The public sample file vectors/cctv_ed25519.json is not on this machine";
    std::map<std::string, std::map<std::string, int>> by_flag;
    std::set<int> accepted;
    for (const auto& v : *cases) {
        const VerifyKey key = VerifyKey::from(hex(v["key"])).value();
        const Signature signature = Signature::from(hex(v["sig"])).value();
        const bool good =
            verify_raw(key, view_of(v["msg"].get_ref<const std::string&>()), signature);
        if (good) accepted.insert(v["number"].get<int>());
        if (v["flags"].is_null()) {
            ++by_flag["none"][good ? "accepted" : "refused"];
            continue;
        }
        for (const auto& flag : v["flags"]) ++by_flag[flag][good ? "accepted" : "refused"];
    }
    const auto recorded = test::own_vectors("cctv_ed25519_behaviour.json");
    EXPECT_EQ(nlohmann::json(by_flag), recorded["by_flag"]);
    EXPECT_EQ(nlohmann::json(accepted), recorded["accepted_numbers"]);
    // What the rest of the project relies on, whatever is recorded.
    for (const auto flag : {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R",
                            "low_order_residue"}) {
        EXPECT_EQ(by_flag[flag]["accepted"], 0) << flag;
    }
}

}  // namespace
}  // namespace mash::crypto
