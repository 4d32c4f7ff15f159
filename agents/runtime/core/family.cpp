#include "agents/runtime/core/family.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/severed.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/decide.hpp"
#include "common/base/check.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

constexpr std::uint8_t end_mark = 0x80;

/// (notification, place in the list): the broker did not help in time, so no token of them travels.
constexpr store::Table<std::tuple<NotificationId, std::uint32_t>, Flag> linked_left_out{
    store::Space("linked_left_out")};

/// The mother of a child who is not born yet has identifiers already: they are the child's.
std::optional<LinkedPerson> mother_of(const Subject& subject) {
    const Subject* known = subject.unborn                 ? &subject
                           : subject.before_birth.empty() ? nullptr
                                                          : &subject.before_birth.front();
    if (known == nullptr) return std::nullopt;
    LinkedPerson mother{wire::LinkedRelation::mother, *known};
    mother.known_by.unborn = false;
    mother.known_by.due_date = PersonalText();
    mother.known_by.before_birth.clear();
    return mother;
}

std::vector<LinkedPerson> people_of(const Notification& notification) {
    auto people = notification.linked;
    if (auto mother = mother_of(notification.subject);
        mother && people.size() < limits::linked_people_max)
        people.push_back(std::move(*mother));
    return people;
}

/// By what each can be found again. Of an identity that an adoption severed: nothing.
std::vector<std::vector<Identity>> identities_of(Step& step,
                                                 const std::vector<LinkedPerson>& people) {
    std::vector<std::vector<Identity>> identities;
    const SeveredIdentities severed(step);
    for (const auto& person : people) {
        const auto said = severed.says(person.known_by);
        auto& found = identities.emplace_back();
        if (said.of_before && !said.of_now) continue;
        found = canonical_identities(severed.without(person.known_by), TokenUse::caseload);
    }
    return identities;
}

std::size_t tokens_of_each(const std::vector<std::vector<Identity>>& people) {
    const auto known = static_cast<std::size_t>(
        std::ranges::count_if(people, [](const auto& one) { return !one.empty(); }));
    return std::min(limits::family_tokens_each_max,
                    limits::linked_tokens_max / std::max<std::size_t>(known, 1));
}

struct Made {
    std::vector<std::vector<wire::Token>> of_each;  ///< in the order in which they are named
    std::vector<bool> is_unanswered;                ///< what they gave would do, and made nothing
    std::size_t missing = 0;
};

Made make_linked(Step& step, const AgencyId& agency, const std::vector<LinkedPerson>& people) {
    Made made;
    const auto identities = identities_of(step, people);
    const auto most = tokens_of_each(identities);
    for (const auto& one : identities) {
        auto tokens = make_tokens(step, agency, one, most, {});
        made.missing += tokens.missing;
        made.is_unanswered.push_back(!one.empty() && tokens.tokens.empty());
        leave_out_severed(step, tokens.tokens);
        made.of_each.push_back(std::move(tokens.tokens));
    }
    return made;
}

Bytes padded(const wire::Family& family) {
    Bytes bytes = wire::encode_body(family);
    CHECK(bytes.size() < limits::family_bytes);
    bytes.push_back(end_mark);
    bytes.resize(limits::family_bytes, 0);
    return bytes;
}

area::Link link(const std::vector<wire::Token>& a, const std::vector<wire::Token>& b) {
    wire::InvolvementClaim other;
    other.tokens = b;
    return area::link(a, other, {});
}

/// Whom so many share a token with is told by the first of them, or by nobody.
constexpr std::size_t compared_with_each_max = 256;

void add_tokens(std::vector<wire::Token>& all, const std::vector<wire::Token>& more) {
    all.insert(all.end(), more.begin(), more.end());
    std::ranges::sort(all);
    const auto repeats = std::ranges::unique(all);
    all.erase(repeats.begin(), repeats.end());
}

/// By a number alone: two children of one name and birth date are two. "": by none.
std::string number_of(const Child& child) {
    if (!child.nhs_number.empty()) return "nhs " + child.nhs_number;
    return child.upn.empty() ? std::string() : "upn " + child.upn;
}

Json link_json(std::string_view how, std::optional<wire::LinkedRelation> here,
               std::optional<wire::LinkedRelation> there) {
    const auto word = [](std::optional<wire::LinkedRelation> relation) {
        return relation ? Json(std::string(word_of(*relation))) : Json(nullptr);
    };
    return {{"how", std::string(how)}, {"here", word(here)}, {"there", word(there)}};
}

}  // namespace

bool waits_for_family(Step& step, const AgencyId& agency, const Notification& notification) {
    const auto people = people_of(notification);
    return !people.empty() && make_linked(step, agency, people).missing > 0;
}

Bytes sealed_family(Step& step, const NotificationId& id, const OutboxItem& item,
                    const Notification& notification, const wire::RoutingFacts& facts,
                    const wire::Decision& decision) {
    forget_family(step, id);
    wire::Family family;
    // What is said of an identity from before an adoption leads to nobody's brother or mother.
    const bool is_severed =
        std::ranges::find(decision.warnings, area::severed_warning) != decision.warnings.end();
    if (!is_severed) {
        const auto people = people_of(notification);
        const auto made = make_linked(step, item.agency, people);
        for (std::size_t i = 0; i < people.size(); ++i) {
            if (!made.of_each[i].empty())
                family.people.push_back({people[i].relation, made.of_each[i]});
            else if (i < notification.linked.size() && made.is_unanswered[i])
                linked_left_out.put(step.tx, {id, static_cast<std::uint32_t>(i)}, {});
        }
        std::ranges::copy_if(facts.tokens, std::back_inserter(family.child),
                             [](const auto& token) { return wire::finds_people(token.kind); });
        if (family.child.size() > limits::family_tokens_each_max)
            family.child.resize(limits::family_tokens_each_max);
    }
    std::ranges::sort(family.people);
    const auto repeats = std::ranges::unique(family.people);
    family.people.erase(repeats.begin(), repeats.end());
    return padded(family);
}

Json linked_said_json(Step& step, const NotificationId& id, const Notification& notification) {
    Json list = Json::array();
    for (std::size_t i = 0; i < notification.linked.size(); ++i) {
        const bool is_left_out =
            canonical_identities(notification.linked[i].known_by, TokenUse::caseload).empty() ||
            linked_left_out.contains(step.tx, {id, static_cast<std::uint32_t>(i)});
        list.push_back(
            {{"relation", std::string(word_of(notification.linked[i].relation))},
             {"used", !is_left_out},
             {"message",
              is_left_out
                  ? "Nothing that you gave of this person could be used to find them. They are "
                    "read "
                    "only where the sections name them. An NHS number with the date of birth or "
                    "the "
                    "surname, a pupil number with the date of birth, or the full name with date of "
                    "birth and postcode is enough"
                  : "Whoever decides sees what else their desk holds about this person"}});
    }
    return list;
}

void forget_family(Step& step, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    for (const auto& key : linked_left_out.collect_keys(step.tx, {.prefix = prefix}))
        linked_left_out.erase(step.tx, key);
}

std::optional<wire::Family> family_in(const wire::Cover& cover) {
    if (cover.family.size() != limits::family_bytes) return std::nullopt;
    auto end = cover.family.end();
    while (end != cover.family.begin() && *(end - 1) == 0) --end;
    if (end == cover.family.begin() || *(end - 1) != end_mark) return std::nullopt;
    const auto bytes = static_cast<std::size_t>(end - 1 - cover.family.begin());
    auto family = wire::decode_body<wire::Family>(ByteView(cover.family).first(bytes));
    return family ? std::optional(std::move(*family)) : std::nullopt;
}

Json linked_people_json(const wire::Cover& cover) {
    Json list = Json::array();
    const auto family = family_in(cover);
    if (!family) return list;
    for (const auto& person : family->people)
        list.push_back({{"relation", std::string(word_of(person.relation))}});
    return list;
}

void add_to(wire::Family& all, const wire::Family& more) {
    add_tokens(all.child, more.child);
    all.people.insert(all.people.end(), more.people.begin(), more.people.end());
    std::ranges::sort(all.people);
    const auto again = std::ranges::unique(all.people);
    all.people.erase(again.begin(), again.end());
}

bool is_same_child(const wire::Family& a, const wire::Family& b) {
    return link(a.child, b.child) == area::Link::linked;
}

bool are_two_children(const wire::Family& a, const wire::Family& b) {
    return link(a.child, b.child) == area::Link::contradicted;
}

FamilyLinks::FamilyLinks(const wire::Family& child) {
    const auto add = [&](std::optional<wire::LinkedRelation> relation,
                         const std::vector<wire::Token>& tokens) {
        for (const auto& token : tokens) by_token_[token].push_back(relations_.size());
        relations_.push_back(relation);
        known_by_.emplace_back().tokens = tokens;
    };
    add({}, child.child);
    for (const auto& person : child.people) add(person.relation, person.tokens);
}

std::vector<std::size_t> FamilyLinks::sharing_with(const std::vector<wire::Token>& tokens) const {
    std::set<std::size_t> people;
    for (const auto& token : tokens) {
        const auto found = by_token_.find(token);
        if (found == by_token_.end()) continue;
        for (const auto person : found->second) {
            if (people.size() == compared_with_each_max) break;
            people.insert(person);
        }
    }
    return {people.begin(), people.end()};
}

bool FamilyLinks::is_linked(std::size_t person, const std::vector<wire::Token>& tokens) {
    ++compared_;
    return area::link(tokens, known_by_[person], {}) == area::Link::linked;
}

Json FamilyLinks::to(const wire::Family& other, bool is_one_event) {
    Json links = Json::array();
    if (is_one_event) links.push_back(link_json("same_event", {}, {}));
    // As who, here and there; the child of either side is nobody of its own family.
    std::set<std::pair<std::optional<wire::LinkedRelation>, std::optional<wire::LinkedRelation>>>
        found;
    const auto compare = [&](const std::vector<wire::Token>& tokens,
                             std::optional<wire::LinkedRelation> there) {
        for (const auto person : sharing_with(tokens)) {
            const std::pair as(relations_[person], there);
            const bool are_both_children = !as.first && !as.second;
            if (are_both_children || found.contains(as) || !is_linked(person, tokens)) continue;
            found.insert(as);
        }
    };
    compare(other.child, {});
    for (const auto& named : other.people) compare(named.tokens, named.relation);
    const auto add = [&](std::string_view how, auto is_meant) {
        for (const auto& [here, there] : found) {
            if (is_meant(here, there)) links.push_back(link_json(how, here, there));
        }
    };
    add("child_is_named_here", [](auto here, auto there) { return here && !there; });
    add("names_this_child", [](auto here, auto there) { return !here && there; });
    add("names_the_same_person", [](auto here, auto there) { return here && there; });
    return links;
}

void ChildrenByNumber::note(const Child& child, const wire::Family& family) {
    const auto number = number_of(child);
    if (number.empty() || family.child.empty()) return;
    auto& known = by_number_[number];
    // The words of one of them are wrong: the tokens say two children.
    if (link(known, family.child) == area::Link::contradicted) return;
    add_tokens(known, family.child);
}

wire::Family ChildrenByNumber::known_by_all(const Child& child, wire::Family family) const {
    const auto add_known = [](std::vector<wire::Token>& tokens,
                              const std::vector<wire::Token>& known) {
        if (link(tokens, known) != area::Link::contradicted) add_tokens(tokens, known);
    };
    const auto own = by_number_.find(number_of(child));
    if (!family.child.empty() && own != by_number_.end()) add_known(family.child, own->second);
    for (auto& person : family.people) {
        for (const auto& [number, known] : by_number_) {
            if (link(person.tokens, known) == area::Link::linked) add_known(person.tokens, known);
        }
    }
    return family;
}

}  // namespace mash::runtime
