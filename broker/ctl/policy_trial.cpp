// `mashctl policy test`: a policy is proved by its cases, and the cases by altering the policy.
#include <algorithm>
#include <map>
#include <memory>

#include "broker/ctl/facts_json.hpp"
#include "broker/ctl/policy_cases.hpp"
#include "broker/ctl/policy_commands.hpp"
#include "common/area/decide.hpp"
#include "common/area/trial.hpp"

namespace mash::ctl {
namespace {

// A case's own lines stand in place of the policy's lines of the same key.
Outcome<std::string> with_lines(std::string text, const PolicyCase& one) {
    for (const auto& line : one.with) {
        const auto equals = line.find(" = ");
        const std::string key = "\n" + line.substr(0, equals) + " = ";
        const auto found = text.find(key);
        if (equals == std::string::npos || found == std::string::npos ||
            text.find(key, found + 1) != std::string::npos) {
            return problem(one.file + ":" + std::to_string(one.place.line) + ": \"" + line +
                               "\" is not one line of the policy read otherwise.",
                           "Write it as `key = value`; the key must begin exactly one line of "
                           "policy.toml.");
        }
        const auto end = text.find('\n', found + 1);
        text.replace(found + 1, end - found - 1, line);
    }
    return text;
}

area::Registry without(const area::Registry& registry, const std::vector<Seat>& seats) {
    area::Registry copy = registry;
    for (const auto& seat : seats) {
        const auto agency = copy.agencies.find(seat.agency);
        if (agency == copy.agencies.end()) continue;
        std::erase_if(agency->second.seats,
                      [&](const area::SeatEntry& entry) { return entry.role == seat.role; });
    }
    copy.build_index();
    return copy;
}

/// One case made ready: its variant of policy and area, and the facts.
struct Prepared {
    PolicyCase expected;
    std::size_t variant = 0;
    area::Registry registry;
    area::DecisionInput input;
};

constexpr std::size_t shown_max = 20;  // one mistake of a policy fails many tests

class Trial {
public:
    Trial(const Context& context, PolicyTexts texts)
        : context_(context), texts_(std::move(texts)) {}

    Outcome<void> prepare(const std::filesystem::path& tests, const area::Policy& policy) {
        std::vector<area::PolicyFault> faults;
        CTL_TRY(cases, read_cases(tests, policy, faults));
        CTL_TRY(registry, read_imagined_area(tests / "area.toml", faults));
        if (!faults.empty()) {
            for (const auto& fault : faults) context_.err << fault.text() << "\n";
            return problem("The tests cannot be read.", "Put right what is listed above.");
        }
        variants_.push_back(area::as_if_begun(policy));
        std::map<std::string, std::size_t> known{{texts_.policy, 0}};
        for (auto& one : cases) {
            CTL_TRY(text, with_lines(texts_.policy, one));
            const auto [place, is_new] = known.emplace(text, variants_.size());
            if (is_new) {
                CTL_TRY(variant,
                        parse_policy(context_, {text, texts_.catalogue}, "policy.toml", ""));
                variants_.push_back(area::as_if_begun(variant));
            }
            Prepared ready;
            ready.variant = place->second;
            ready.registry = without(registry, one.without);
            auto input =
                parse_facts(one.given, ready.registry, variants_[ready.variant], context_.now);
            if (!input) {
                return problem(
                    one.file + ":" + std::to_string(one.place.line) + ": " + input.error().what,
                    input.error().next);
            }
            ready.input = std::move(*input);
            ready.expected = std::move(one);
            cases_.push_back(std::move(ready));
        }
        return {};
    }

    std::size_t decide_all() {
        std::size_t failed = 0;
        for (const auto& one : cases_) {
            const auto& policy = variants_[one.variant];
            const auto decision = area::decide_traced(one.input, one.registry, policy, trace_);
            const auto wrong = complaints(one.expected, decision, policy);
            if (wrong.empty() || ++failed > shown_max) continue;
            context_.out << place_of(one) << "FAILED " << one.expected.name << "\n";
            for (const auto& sentence : wrong) context_.out << "    " << sentence << "\n";
        }
        if (failed > shown_max)
            context_.out << "... and " << failed - shown_max << " more that failed\n";
        return failed;
    }

    std::size_t report_unseen() const {
        std::size_t unseen = 0;
        for (const auto& rule : area::rules_unseen(trace_)) {
            context_.out << "never exercised: rule " << rule << "\n";
            ++unseen;
        }
        std::set<std::string> routes;
        for (const auto& variant : variants_) {
            for (const auto& route : area::routes_unseen(variant, trace_)) routes.insert(route);
        }
        for (const auto& route : routes) context_.out << "never exercised: route " << route << "\n";
        return unseen + routes.size();
    }

    /// How many alterations no case noticed.
    std::size_t alter_each(std::size_t& tried) {
        std::map<std::string, area::Alteration> all;
        for (const auto& variant : variants_) {
            for (auto& one : area::alterations(variant)) all.emplace(one.says, one);
        }
        tried = all.size();
        std::size_t missed = 0;
        std::size_t done = 0;
        for (const auto& [says, alteration] : all) {
            if (!is_noticed(alteration)) {
                context_.out << "no test notices: " << says << "\n";
                ++missed;
            }
            if (++done % 500 == 0)
                context_.err << done << " of " << all.size() << " alterations tried\n";
        }
        return missed;
    }

    std::size_t cases() const { return cases_.size(); }

private:
    static std::string place_of(const Prepared& one) {
        return one.expected.file + ":" + std::to_string(one.expected.place.line) + ": ";
    }

    bool is_noticed(const area::Alteration& alteration) const {
        std::map<std::size_t, area::Policy> made;
        return std::any_of(cases_.begin(), cases_.end(), [&](const Prepared& one) {
            if (!alteration.type.empty() && alteration.type != one.input.facts.type) return false;
            auto policy = made.find(one.variant);
            if (policy == made.end()) {
                policy =
                    made.emplace(one.variant, area::altered(variants_[one.variant], alteration))
                        .first;
            }
            return !complaints(
                        one.expected,
                        area::decide_altered(one.input, one.registry, policy->second, alteration),
                        policy->second)
                        .empty();
        });
    }

    const Context& context_;
    PolicyTexts texts_;
    std::vector<area::Policy> variants_;  // the first is the policy as it stands
    std::vector<Prepared> cases_;
    area::Trace trace_;
};

std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Outcome<void> test_policy(const Context& context, const PolicyTest& command) {
    const PolicyFiles files{command.dir / "policy.toml", command.dir / "catalogue.toml"};
    CTL_TRY(texts, read_texts(files));
    CTL_TRY(policy, parse_policy(context, texts, files.policy.string(), files.catalogue.string()));
    Trial trial(context, std::move(texts));
    CTL_TRY_VOID(trial.prepare(command.dir / "tests", policy));
    const std::size_t failed = trial.decide_all();
    // Which rules and routes a failing policy exercises says nothing of its tests.
    const std::size_t unseen = failed == 0 ? trial.report_unseen() : 0;
    context.out << counted(trial.cases(), "test", "tests") << ", " << failed << " failed; "
                << counted(unseen, "rule or route", "rules and routes") << " never exercised";
    std::size_t tried = 0;
    std::size_t missed = 0;
    if (!command.quick && failed == 0) {
        context.out << ".\n";
        missed = trial.alter_each(tried);
        context.out << counted(tried, "alteration", "alterations") << ", " << missed
                    << " that no test notices";
    }
    context.out << ".\n";
    if (failed + unseen + missed == 0) return {};
    return problem("The policy's tests do not prove it.",
                   failed > 0 ? "Put the policy right, or the test that expects otherwise."
                              : "Add a test for each line above.");
}

}  // namespace mash::ctl
