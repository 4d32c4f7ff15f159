// How well the matcher does on people whose truth is known: counts by class, precision, recall,
// questions per 1,000 people, and how often each evidence occurs among true and other pairs.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "agents/runtime/identity/compare.hpp"
#include "agents/runtime/identity/front_door.hpp"
#include "agents/runtime/identity/pairs.hpp"

namespace mash::identity {

using PersonPair = std::pair<std::uint32_t, std::uint32_t>;  ///< the smaller first

/// What is known of the truth: nothing, a group for each person, or labelled pairs.
class Truth {
public:
    Truth() = default;
    /// Same group, same person. "" : not known.
    static Truth of_groups(const std::vector<std::string>& groups);
    static Truth of_labels(const std::map<PersonPair, bool>& labels);

    bool is_known() const { return is_known_; }
    /// Nothing when it is not known of this pair.
    std::optional<bool> is_same(std::uint32_t a, std::uint32_t b) const;
    /// All pairs that are the same person, sorted.
    const std::vector<PersonPair>& same() const { return same_; }

private:
    bool is_known_ = false;
    std::vector<std::uint32_t> groups_;  ///< by person; 0: not known
    std::map<PersonPair, bool> labels_;
    std::vector<PersonPair> same_;
};

struct ClassCounts {
    std::uint64_t pairs = 0;
    std::uint64_t same = 0;
    std::uint64_t other = 0;
};

struct ScoreReport {
    std::size_t people = 0;
    PairCounts blocking;
    std::array<ClassCounts, 3> by_class;        ///< by MatchClass; none: of the pairs compared
    std::array<ClassCounts, 3> by_tokens;       ///< as the broker sees them (front_door.hpp)
    std::uint64_t other_pairs = 0;              ///< of two people, compared or not
    std::uint64_t same_letter_and_surname = 0;  ///< of these
    bool truth_known = false;
    std::uint64_t same_pairs = 0;
    std::uint64_t same_never_compared = 0;
    std::uint64_t strong_pairs = 0;  ///< agree exactly on a strong kind
    std::uint64_t strong_contradicted = 0;
    std::map<std::string, std::uint64_t, std::less<>> questions_by_rule;
    std::map<std::string, std::uint64_t, std::less<>> flags;

    const ClassCounts& of(MatchClass match) const {
        return by_class[static_cast<std::size_t>(match)];
    }
    /// Nothing where there is nothing to divide by.
    std::optional<double> precision(MatchClass match) const;
    std::optional<double> recall_of_links() const;
    std::optional<double> recall_of_links_and_questions() const;
    double questions_per_thousand() const;
    PeopleShown shown() const;
};

/// `on_pair` hears every link and question, then the pairs of the same person that are neither.
ScoreReport score(std::span<const PersonalIdentity> people, const Truth& truth,
                  const std::function<void(const PersonPair&, const Match&,
                                           std::optional<bool> is_same)>& on_pair = {},
                  const std::function<void(std::size_t, std::size_t)>& on_progress = {});

/// Of one evidence: its share among pairs of the same person (m) and among others (u).
struct EvidenceShare {
    std::uint64_t same = 0;
    std::uint64_t other = 0;
};
struct EvidenceShares {
    std::uint64_t same_pairs = 0;
    std::uint64_t other_pairs = 0;
    std::map<std::string, EvidenceShare, std::less<>> by_evidence;
};
/// Others: all of them, or an even sample of some `other_pairs_max`.
EvidenceShares evidence_shares(std::span<const PersonalIdentity> people, const Truth& truth,
                               std::uint64_t other_pairs_max = 1'000'000);

}  // namespace mash::identity
