// Identities that an adoption has severed (domain.md G11). The adoption team's list on this host
// says which; what this host sends and claims of the child of now is made without them. Another
// agency's agent is told by the broker which of its own tokens are of such an identity. Inside this
// folder only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// As the adoption teams of this host list them. Numbers and whole names, never the child of now.
class SeveredIdentities {
public:
    explicit SeveredIdentities(Step& step);
    bool empty() const { return numbers_.empty() && names_.empty(); }
    /// What the child of now is known by without what was its own before. A child of before, of
    /// whom nothing else is said, stays as it is: what is said of it reaches the adoption team.
    Subject without(const Subject& subject) const;
    struct Says {
        bool of_before = false;
        bool of_now = false;
    };
    /// Whose numbers and whole names it gives.
    Says says(const Subject& subject) const;
    /// A value of a section about the child of now holds a number or name of before.
    bool are_named_in(std::string_view text, const Subject& now) const;

private:
    bool is_number(std::string_view text) const;
    bool is_name(std::string_view forename, std::string_view surname,
                 std::string_view date_of_birth) const;

    std::set<std::string, std::less<>> numbers_;  ///< normalised NHS numbers and UPNs
    std::set<std::string, std::less<>> names_;    ///< "KIT|ROWAN|2016-03-01"
};

/// A notification about the child of now names nothing of before, neither by tokens nor in its
/// section on identity.
void sever(Step& step, Notification& notification);

/// A list of severed identities was taken in: the other lists of this host are stated without them.
void state_lists_without_severed(Step& step);

/// The broker says of which tokens of ours no claim is held any more, and brings the signed claims
/// that sever them: what none of those names is left as it is. An entry that has one is stated by
/// what its record holds today, without former names and numbers.
void on_severed_tokens(Step& step, const wire::ClaimsAccepted& word);
/// Takes them out, as long as that word is not old.
void leave_out_severed(Step& step, std::vector<wire::Token>& tokens);
bool touches_severed(Step& step, const Seat& seat, const std::string& relation,
                     const Digest& entry);
Subject of_today(Subject subject);
void forget_severed_tokens(Step& step);  ///< tidy

}  // namespace mash::runtime
