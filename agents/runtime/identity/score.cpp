#include "agents/runtime/identity/score.hpp"

#include <algorithm>
#include <set>

namespace mash::identity {

namespace {

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Truth Truth::of_groups(const std::vector<std::string>& groups) {
    Truth out;
    out.is_known_ = true;
    std::unordered_map<std::string, std::vector<std::uint32_t>> members;
    std::unordered_map<std::string, std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < groups.size(); ++i) {
        const auto& group = groups[i];
        if (group.empty()) {
            out.groups_.push_back(0);
            continue;
        }
        const auto next = static_cast<std::uint32_t>(numbers.size() + 1);
        out.groups_.push_back(numbers.emplace(group, next).first->second);
        members[group].push_back(i);
    }
    for (const auto& [group, people] : members) {
        for (std::size_t i = 0; i < people.size(); ++i) {
            for (std::size_t j = i + 1; j < people.size(); ++j)
                out.same_.emplace_back(people[i], people[j]);
        }
    }
    std::ranges::sort(out.same_);
    return out;
}

Truth Truth::of_labels(const std::map<PersonPair, bool>& labels) {
    Truth out;
    out.is_known_ = true;
    out.labels_ = labels;
    for (const auto& [pair, same] : labels) {
        if (same) out.same_.push_back(pair);
    }
    return out;
}

std::optional<bool> Truth::is_same(std::uint32_t a, std::uint32_t b) const {
    if (!groups_.empty()) {
        if (groups_[a] == 0 || groups_[b] == 0) return std::nullopt;
        return groups_[a] == groups_[b];
    }
    const auto found = labels_.find(std::minmax(a, b));
    if (found == labels_.end()) return std::nullopt;
    return found->second;
}

std::optional<double> ScoreReport::precision(MatchClass match) const {
    return share(of(match).same, of(match).same + of(match).other);
}

std::optional<double> ScoreReport::recall_of_links() const {
    return truth_known ? share(of(MatchClass::link).same, same_pairs) : std::nullopt;
}

std::optional<double> ScoreReport::recall_of_links_and_questions() const {
    if (!truth_known) return std::nullopt;
    return share(of(MatchClass::link).same + of(MatchClass::question).same, same_pairs);
}

double ScoreReport::questions_per_thousand() const {
    const auto questions = static_cast<double>(of(MatchClass::question).pairs);
    return people == 0 ? 0 : questions * 1000 / static_cast<double>(people);
}

PeopleShown ScoreReport::shown() const {
    const auto of_tokens = [&](MatchClass match) {
        return by_tokens[static_cast<std::size_t>(match)].same;
    };
    PeopleShown out;
    out.same_letter_and_surname = share(same_letter_and_surname, other_pairs).value_or(0);
    if (truth_known)
        out.asked_of_not_linked =
            share(of_tokens(MatchClass::question), same_pairs - of_tokens(MatchClass::link));
    return out;
}

namespace {

/// Pairs of two people, and those who could have one weak token if they were born on one day. Who
/// share two names of this kind count twice.
void count_namesakes(std::span<const PersonalIdentity> people, const Truth& truth,
                     ScoreReport& out) {
    const std::uint64_t n = people.size();
    const auto pairs_of = [](std::uint64_t members) { return members * (members - 1) / 2; };
    out.other_pairs = n == 0 ? 0 : pairs_of(n) - truth.same().size();
    std::unordered_map<std::string, std::uint64_t> bearers;
    for (const auto& person : people) {
        for (const auto& name : letters_and_surnames(person.reveal())) ++bearers[name];
    }
    for (const auto& [name, members] : bearers) out.same_letter_and_surname += pairs_of(members);
    for (const auto& [a, b] : truth.same()) {
        const auto theirs = letters_and_surnames(people[b].reveal());
        for (const auto& name : letters_and_surnames(people[a].reveal()))
            out.same_letter_and_surname -= std::ranges::binary_search(theirs, name) ? 1 : 0;
    }
}

}  // namespace

ScoreReport score(std::span<const PersonalIdentity> people, const Truth& truth,
                  const std::function<void(const PersonPair&, const Match&,
                                           std::optional<bool> is_same)>& on_pair,
                  const std::function<void(std::size_t, std::size_t)>& on_progress) {
    ScoreReport out;
    out.people = people.size();
    out.truth_known = truth.is_known();
    out.same_pairs = truth.same().size();
    count_namesakes(people, truth, out);
    for (const auto& person : people) {
        for (const auto flag : person.reveal().flags) ++out.flags[std::string(to_text(flag))];
    }
    std::set<PersonPair> found;
    std::uint64_t same_compared = 0;
    const auto take = [&](std::uint32_t a, std::uint32_t b) {
        const Match match = compare(people[a].reveal(), people[b].reveal());
        const auto same = truth.is_same(a, b);
        const auto count = [&](ClassCounts& counts) {
            ++counts.pairs;
            if (same) ++(*same ? counts.same : counts.other);
        };
        count(out.by_class[static_cast<std::size_t>(match.match)]);
        // Either may be the one that is reported.
        const auto as_tokens =
            std::min(match_by_tokens(people[a].reveal(), people[b].reveal(), match),
                     match_by_tokens(people[b].reveal(), people[a].reveal(), match));
        count(out.by_tokens[static_cast<std::size_t>(as_tokens)]);
        if (same && *same) ++same_compared;
        if (!match.strong.empty()) {
            ++out.strong_pairs;
            if (!match.contradictions.empty()) ++out.strong_contradicted;
        }
        if (match.match == MatchClass::none) return;
        if (match.match == MatchClass::question) {
            if (match.asked.empty()) ++out.questions_by_rule["weight"];
            for (const auto rule : match.asked) ++out.questions_by_rule[std::string(to_text(rule))];
        }
        if (same && *same) found.emplace(a, b);
        if (on_pair) on_pair({a, b}, match, same);
    };
    out.blocking = each_candidate_pair(people, take, on_progress);
    out.same_never_compared = out.same_pairs - same_compared;
    if (on_pair) {
        for (const auto& pair : truth.same()) {
            if (found.contains(pair)) continue;
            on_pair(pair, compare(people[pair.first].reveal(), people[pair.second].reveal()), true);
        }
    }
    return out;
}

EvidenceShares evidence_shares(std::span<const PersonalIdentity> people, const Truth& truth,
                               std::uint64_t other_pairs_max) {
    EvidenceShares out;
    const auto count = [&](std::uint32_t a, std::uint32_t b, bool same) {
        const Match match = compare(people[a].reveal(), people[b].reveal());
        ++(same ? out.same_pairs : out.other_pairs);
        for (const auto& one : match.evidence) {
            auto& shares = out.by_evidence[std::string(one.what)];
            ++(same ? shares.same : shares.other);
        }
    };
    for (const auto& [a, b] : truth.same()) count(a, b, true);
    const std::uint64_t all = people.size() * (people.size() - (people.empty() ? 0 : 1)) / 2;
    const std::uint64_t stride = std::max<std::uint64_t>(1, all / other_pairs_max);
    std::uint64_t at = 0;
    for (std::uint32_t i = 0; i < people.size(); ++i) {
        for (std::uint32_t j = i + 1; j < people.size(); ++j) {
            if (at++ % stride != 0) continue;
            const auto same = truth.is_same(i, j);
            if (same && !*same) count(i, j, false);
        }
    }
    return out;
}

}  // namespace mash::identity
