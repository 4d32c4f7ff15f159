// The keys under which children are recognised change while everything runs and one host is away.
#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

class TokenChange : public OnArea<TokenChange> {
protected:
    static Finished tokens(const Argv& arguments) {
        Argv all{"tokens"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return area().mashctl(all);
    }
    static std::string area_dir() { return (area().dir() / "area").string(); }
    /// The agencies that the broker still waits for, as it answers.
    static Json waited_for() {
        const auto asked = tokens({"waiting", "--json", "--socket", area().socket()});
        EXPECT_EQ(asked.code, 0) << asked.output;
        return Json::parse(asked.output, nullptr, false).value("answer", Json::object());
    }
    static std::set<std::string> names(const Json& waited) {
        std::set<std::string> out;
        for (const auto& one : waited.value("agencies", Json::array()))
            out.insert(one.value("agency", ""));
        return out;
    }
    static void reload() {
        const auto done = area().mashctl({"reload", "--socket", area().socket()});
        ASSERT_EQ(done.code, 0) << done.output;
    }
    /// Sent now, it finds everybody who works with Wren.
    static std::string expect_found(const std::string& source_ref) {
        const auto id = area().post("police", missing_wren(source_ref));
        EXPECT_FALSE(id.empty());
        for (const auto& [seat, inbox] : around_wren) {
            EXPECT_TRUE(area().wait_until(
                [&, wanted = seat] {
                    return Area::seats(area().sent("police", id)).contains(wanted);
                },
                seconds(60)))
                << seat << " is not found: " << source_ref;
        }
        return id;
    }
    static void expect_stored(const std::string& id) {
        for (const auto& [seat, inbox] : around_wren)
            EXPECT_TRUE(area().wait_rung("police", id, seat, "stored", seconds(60))) << seat;
    }
};

TEST_F(TokenChange, NobodyIsMissedBeforeItDuringItAndAfterIt) {
    expect_stored(expect_found("it/tokens/before"));

    const auto made =
        tokens({"key", "--key", (area().dir() / "area" / "broker" / "broker.key").string()});
    ASSERT_EQ(made.code, 0) << made.output;
    auto line = made.output.substr(0, made.output.find_last_not_of('\n') + 1);
    line = line.substr(line.find_last_of('\n') + 1);
    area().program("broker").kill_hard();
    area().start("broker");
    // Its lists stay under the old keys for as long as it is away.
    area().program("schools").kill_hard();
    const auto begun = tokens({"begin", "--dir", area_dir(), "--broker-key", line});
    ASSERT_EQ(begun.code, 0) << begun.output;
    reload();

    ASSERT_TRUE(area().wait_until(
        [] {
            const auto waited = waited_for();
            return waited.value("epochs", Json()) == Json::array({1, 2}) &&
                   !names(waited).contains("social-care") && !names(waited).contains("health");
        },
        seconds(120)))
        << waited_for().dump();
    EXPECT_TRUE(names(waited_for()).contains("teme-meadow")) << waited_for().dump();
    const auto during = expect_found("it/tokens/during");
    EXPECT_NE(tokens({"finish", "--dir", area_dir(), "--socket", area().socket()}).code, 0);

    area().start("schools");
    expect_stored(during);
    ASSERT_TRUE(area().wait_until([] { return names(waited_for()).empty(); }, seconds(120)))
        << waited_for().dump();
    const auto finished =
        tokens({"finish", "--dir", area_dir(), "--now", "--socket", area().socket()});
    ASSERT_EQ(finished.code, 0) << finished.output;
    EXPECT_EQ(finished.output.find("Not recognised"), std::string::npos) << finished.output;
    reload();
    ASSERT_TRUE(area().wait_until(
        [] { return waited_for().value("epochs", Json()) == Json::array({2}); }, seconds(30)));
    expect_stored(expect_found("it/tokens/after"));
}

}  // namespace
}  // namespace mash::integration
