// An area's lists in one broker core on the store that the programs use: 300 schools and four other
// kinds of agency. Time to take them in, bytes, memory, and what a look-up costs against the size.
// Usage: roll_bench [--schools N] [--dir FOLDER]; the folder decides which disk is measured.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "broker/core/core.hpp"
#include "broker/core/verify.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "common/base/program_main.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/init.hpp"
#include "common/crypto/random.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/bench/figures.hpp"
#include "tests/support/test_agent.hpp"

namespace mash::bench {
namespace {

using Clock = std::chrono::steady_clock;
using wire::TokenKind;

constexpr std::size_t pupils_of_a_school = 400;
constexpr std::size_t look_ups = 400;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One list of one seat: every `every`th child from `first` on.
struct List {
    Seat seat;
    std::string relation;
    std::size_t first = 0, children = 0, every = 1;
};

/// A child as five kinds of agency know it: number with birth date, number with surname, and name
/// with address; schools by their own number, and the name with their own school besides. With each
/// the weak ones of name, birth date and home, by which the front door may be asked.
std::vector<wire::Token> tokens_of(std::size_t child, bool is_school) {
    std::vector<wire::Token> tokens;
    for (const auto kind :
         {TokenKind::nhs_dob, TokenKind::nhs_surname, TokenKind::upn_dob,
          TokenKind::name_dob_postcode, TokenKind::name_dob_school, TokenKind::name_dob,
          TokenKind::name_postcode, TokenKind::dob_postcode}) {
        const bool schools_own = kind == TokenKind::upn_dob || kind == TokenKind::name_dob_school;
        const bool numbered = kind == TokenKind::nhs_dob || kind == TokenKind::nhs_surname;
        if (is_school ? numbered : schools_own) continue;
        tokens.push_back(test::token(child, kind));
    }
    std::ranges::sort(tokens);
    return tokens;
}

class RollBench {
public:
    RollBench(std::size_t schools, const std::filesystem::path& folder)
        : schools_(schools), children_(schools * pupils_of_a_school), area_(1), folder_(folder) {
        config_.area = area_.id;
        config_.root = area_.root();
        now_ = {SteadyTime::from_ms(1'000'000), test::working_morning};
        area_.change_registry([&](area::Registry& registry) { add_agencies(registry); }, now_.wall);
        auto opened = store_sqlite::SqliteStore::open((folder_ / "broker.db").string(),
                                                      {.create_if_absent = true});
        CHECK(opened.has_value());
        store_ = std::move(*opened);
        core_ = std::make_unique<broker::Core>(config_, area_.broker_key());
        auto transaction = store_->begin();
        CHECK(core_->load(now_, *transaction).has_value());
        CHECK(store_->commit(std::move(transaction)).is_committed());
        step({broker::Input{broker::LoadDocuments{area_.documents()}, {}}});
        for (const auto& [host, agency] : area_.registry().hosts) connect(host);
    }

    void run() {
        std::size_t claims = 0;
        double signing = 0;
        double importing = 0;
        std::printf("  %8s %10s %12s %12s %10s %14s\n", "rolls", "claims", "store", "resident",
                    "import", "look-up p50/p99");
        report(0, 0, 0);
        std::size_t done = 0;
        for (const auto& list : lists_) {
            claims += list.children;
            const auto start = Clock::now();
            import(list, signing);
            importing += seconds_since(start);
            ++done;
            const bool round = done == lists_.size() / 8 || done == lists_.size() / 4 ||
                               done == lists_.size() / 2 || done == lists_.size();
            if (round) report(done, claims, importing - signing);
        }
        std::printf(
            "  %zu children, %zu lists of five kinds of agency, %zu claims in %.0f s (%.0f a "
            "second); the agents' signatures beside it %.0f s\n",
            children_, lists_.size(), claims, importing - signing,
            static_cast<double>(claims) / (importing - signing), signing);
        // A list that is given again, as each week.
        double again = 0;
        const auto start = Clock::now();
        ++serial_;
        import(lists_.front(), again);
        std::printf("  the first list again: %.2f s\n", seconds_since(start) - again);
    }

private:
    void add_agencies(area::Registry& registry) {
        const auto add = [&](const std::string& name, const std::string& kind,
                             const std::string& role) {
            auto agency = registry.agencies.at(AgencyId("orchard-gate"));
            agency.id = AgencyId(name);
            agency.kind = kind;
            agency.name = name;
            agency.urn = kind == "school" ? std::to_string(100'000 + registry.agencies.size()) : "";
            area::SeatEntry seat;
            seat.role = RoleId(role);
            seat.inbox = InboxId(name + "." + role);
            agency.seats = {seat};
            agency.alternate_inboxes.clear();
            agency.roles = {seat.role};
            auto key = crypto::SigningKey::generate(random_);
            agency.signing_keys.front().key = key.verify_key();
            agency.box_public_key = random_.array<32>();
            keys_.emplace(agency.id, std::move(key));
            registry.agencies.insert_or_assign(agency.id, std::move(agency));
        };
        std::size_t first = 0;
        for (std::size_t i = 0; i < schools_; ++i, first += pupils_of_a_school) {
            const auto name = "school-" + std::to_string(i);
            add(name, "school", "sch");
            lists_.push_back(
                {{AgencyId(name), RoleId("sch")}, "school", first, pupils_of_a_school});
        }
        // Practices no larger than one seat may list.
        const auto share = std::max<std::size_t>(1, schools_ / 30);
        const auto patients = children_ / share;
        for (std::size_t i = 0; i < share; ++i) {
            const auto name = "practice-" + std::to_string(i);
            add(name, "health", "gp");
            lists_.push_back({{AgencyId(name), RoleId("gp")}, "gp", i * patients, patients});
        }
        add("visitors", "health", "hv");
        lists_.push_back(
            {{AgencyId("visitors"), RoleId("hv")}, "health_visitor", 0, children_ / 7, 7});
        add("care", "social_care", "sw");
        lists_.push_back(
            {{AgencyId("care"), RoleId("sw")}, "social_worker", 1, children_ / 40, 40});
        add("nurseries", "early_years", "ey");
        lists_.push_back({{AgencyId("nurseries"), RoleId("ey")}, "nursery", 2, children_ / 20, 20});
        add("youth", "youth_justice", "yjs");
        lists_.push_back({{AgencyId("youth"), RoleId("yjs")},
                          "youth_justice",
                          3,
                          std::max<std::size_t>(1, children_ / 400),
                          400});
    }

    void connect(const HostId& host) {
        sessions_[host] = broker::SessionId{sessions_.size() + 1};
        wire::Hello hello;
        hello.agent_time = now_.wall;
        say(host, hello);
    }

    std::vector<broker::Effect> step(std::vector<broker::Input> batch) {
        for (auto& input : batch) {
            const auto bytes = Writer().u64(++entropy_).take();
            std::copy(bytes.begin(), bytes.end(), input.entropy.begin());
        }
        auto transaction = store_->begin();
        auto effects = core_->step(now_, batch, *transaction);
        CHECK(!transaction->failed());
        CHECK(store_->commit(std::move(transaction)).is_committed());
        return effects;
    }

    /// As on the wire: encoded, decoded, verified, worked off and committed.
    std::vector<wire::BrokerBody> say(const HostId& host, wire::AgentBody body) {
        const wire::AgentFrame frame{++request_, std::move(body)};
        const auto bytes = wire::encode(frame);
        auto decoded = wire::decode_agent_frame(bytes);
        CHECK(decoded.has_value());
        auto verified = broker::verify(std::move(*decoded), host, *core_->registry(), now_.wall);
        CHECK(verified.has_value());
        std::vector<wire::BrokerBody> answers;
        for (auto& effect :
             step({broker::Input{broker::FrameIn{sessions_.at(host), host, std::move(*verified),
                                                 static_cast<std::uint32_t>(bytes.size())},
                                 {}}})) {
            if (auto* sent = std::get_if<broker::SendFrame>(&effect))
                answers.push_back(std::move(sent->frame.body));
        }
        return answers;
    }

    template <class T>
    T expect(const HostId& host, wire::AgentBody body) {
        for (auto& answer : say(host, std::move(body))) {
            if (auto* wanted = std::get_if<T>(&answer)) return std::move(*wanted);
            if (const auto* error = std::get_if<wire::ErrorFrame>(&answer))
                std::printf("refused: %s %s\n", std::string(name_of(error->code)).c_str(),
                            error->detail.c_str());
        }
        CHECK(false);
        return {};
    }

    void import(const List& list, double& signing) {
        const auto parts =
            (list.children + limits::claims_per_frame_max - 1) / limits::claims_per_frame_max;
        for (std::size_t part = 0; part < parts; ++part) {
            const auto start = Clock::now();
            wire::ReplaceRoll roll;
            roll.agency = list.seat.agency;
            roll.seat = list.seat;
            roll.relation = list.relation;
            roll.serial = serial_;
            roll.part = static_cast<std::uint32_t>(part);
            roll.parts = static_cast<std::uint32_t>(parts);
            const auto end = std::min(list.children, (part + 1) * limits::claims_per_frame_max);
            for (auto i = part * limits::claims_per_frame_max; i < end; ++i)
                roll.claims.push_back(claim(list, list.first + i * list.every));
            signing += seconds_since(start);
            // Rates are another bench's.
            now_.steady = now_.steady + std::chrono::seconds(2);
            (void)expect<wire::ClaimsAccepted>(HostId("schools"), std::move(roll));
        }
    }

    wire::SignedClaim claim(const List& list, std::size_t child) {
        wire::InvolvementClaim claim;
        const auto id = crypto::labelled_hash(
            "mash.v1.bench-claim", {view_of(list.seat.agency.value()), Writer().u64(child).done()});
        std::array<std::uint8_t, 16> raw{};
        std::copy_n(id.begin(), raw.size(), raw.begin());
        claim.id = ClaimId(raw);
        claim.agency = list.seat.agency;
        claim.seat = list.seat;
        claim.relation = list.relation;
        claim.tokens = tokens_of(child, list.relation == "school");
        claim.serial = serial_;
        claim.starts = now_.wall;
        claim.lease_until = now_.wall + std::chrono::hours(24 * 90);
        wire::SignedClaim out;
        out.body = wire::encode_body(claim);
        out.signature = crypto::sign(keys_.at(list.seat.agency), wire::label::claim, out.body);
        return out;
    }

    void report(std::size_t rolls, std::size_t claims, double seconds) {
        Spread spread;
        for (std::size_t i = 0; i < look_ups; ++i) {
            auto facts = test::missing_child(0, now_.wall);
            facts.tokens = tokens_of((i * 7919) % children_, false);
            auto request =
                test::request_plan(test::id_of<NotificationId>(++next_id_), facts, now_.wall);
            now_.steady = now_.steady + std::chrono::seconds(2);
            const auto start = Clock::now();
            (void)expect<wire::DisclosurePlan>(HostId("police"), std::move(request));
            spread.add(Clock::now() - start);
        }
        const auto bytes = std::filesystem::file_size(folder_ / "broker.db") +
                           (std::filesystem::exists(folder_ / "broker.db-wal")
                                ? std::filesystem::file_size(folder_ / "broker.db-wal")
                                : 0);
        std::printf("  %8zu %10zu %8.1f MiB %8zu MiB %8.1f s %6.2f/%.2f ms\n", rolls, claims,
                    static_cast<double>(bytes) / (1024 * 1024),
                    usage_of(::getpid()).resident_kib / 1024, seconds, spread.at(0.5),
                    spread.at(0.99));
    }

    std::size_t schools_;
    std::size_t children_;
    crypto::SeededRandom random_{1, "roll-bench"};
    test::TestArea area_;
    std::filesystem::path folder_;
    broker::CoreConfig config_;
    Now now_;
    std::unique_ptr<store_sqlite::SqliteStore> store_;
    std::unique_ptr<broker::Core> core_;
    std::map<HostId, broker::SessionId> sessions_;
    std::map<AgencyId, crypto::SigningKey> keys_;
    std::vector<List> lists_;
    std::uint64_t serial_ = 1;
    std::uint64_t entropy_ = 0;
    std::uint64_t request_ = 0;
    std::uint64_t next_id_ = 0;
};

int run(int argc, char** argv) {
    std::size_t schools = 300;
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--schools") == 0) schools = std::stoul(argv[i + 1]);
        if (std::strcmp(argv[i], "--dir") == 0) folder = argv[i + 1];
    }
    CHECK(crypto::init().has_value());
    print_command(argc, argv);
    print_machine(folder);
    const auto own = folder / ("roll-bench-" + std::to_string(::getpid()));
    std::filesystem::create_directory(own);
    RollBench(schools, own).run();
    std::filesystem::remove_all(own);
    return 0;
}

}  // namespace
}  // namespace mash::bench

int main(int argc, char** argv) {
    return mash::program_main("roll_bench", 1, [&] { return mash::bench::run(argc, argv); });
}
