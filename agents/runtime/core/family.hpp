// Whom a notification names beside the child, as tokens: made by its sender, sealed in the cover of
// whoever decides, and compared there with what else that desk holds (domain.md D1 sib, hhd, alg).
// Inside this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/shown_child.hpp"

namespace mash::runtime {

/// Linked people of ours wait for the broker's answer. They never make the child's own notice wait
/// for a budget: nothing is waited for that was refused.
bool waits_for_family(Step& step, const AgencyId& agency, const Notification& notification);

/// What travels in the cover of front door and emergency duty: as many bytes whoever is named.
/// Notes of whom nothing could be used.
Bytes sealed_family(Step& step, const NotificationId& id, const OutboxItem& item,
                    const Notification& notification, const wire::RoutingFacts& facts,
                    const wire::Decision& decision);
/// For its sender: of each whom it names, in that order, whether the front door can find them. An
/// identity that an adoption severed is answered as any other of its form: whoever tries an old
/// number learns nothing by it.
Json linked_said_json(Step& step, const NotificationId& id, const Notification& notification);
void forget_family(Step& step, const NotificationId& id);

/// Nothing: this recipient is none that decides, or the sender's release is older.
std::optional<wire::Family> family_in(const wire::Cover& cover);
/// Who is named, in a word each; an empty list also where nobody is, or it was not for this inbox.
Json linked_people_json(const wire::Cover& cover);
void add_to(wire::Family& all, const wire::Family& more);
bool is_same_child(const wire::Family& a, const wire::Family& b);
bool are_two_children(const wire::Family& a, const wire::Family& b);
/// How other children's items are linked to a child's, each with who is meant on both sides. By a
/// table of the child's tokens that is made once: who is compared shares a token, however many
/// people the items of a long history name.
class FamilyLinks {
public:
    explicit FamilyLinks(const wire::Family& child);
    Json to(const wire::Family& other, bool is_one_event);
    /// Pairs of people so far.
    std::size_t compared() const { return compared_; }

private:
    std::vector<std::size_t> sharing_with(const std::vector<wire::Token>& tokens) const;
    bool is_linked(std::size_t person, const std::vector<wire::Token>& tokens);

    std::vector<std::optional<wire::LinkedRelation>> relations_;  ///< the child first, who has none
    std::vector<wire::InvolvementClaim> known_by_;                ///< in the same order
    std::map<wire::Token, std::vector<std::size_t>> by_token_;
    std::size_t compared_ = 0;
};

/// Children that items are about, each by its number as somebody read it. What was sent before the
/// keys of tokens changed shares no token with what came after; that two such items are about one
/// child their words say. So what leads to the one leads to the other.
class ChildrenByNumber {
public:
    void note(const Child& child, const wire::Family& family);
    /// The same item: its child, and whom it names, also under the tokens of other items about that
    /// child. Nothing is added where its sender gave no token.
    wire::Family known_by_all(const Child& child, wire::Family family) const;

private:
    std::map<std::string, std::vector<wire::Token>> by_number_;
};

}  // namespace mash::runtime
