// Whom a notification names beside the child, as whoever decides is told it and nobody else: a body
// inside Cover::family. Its bounds stand here: nothing but the cover and the agents' core needs
// them.
#pragma once

#include <vector>

#include "common/wire/plan.hpp"

namespace mash::limits {

inline constexpr std::size_t linked_people_max = 12;
inline constexpr std::size_t linked_tokens_max = 48;      ///< of all of them together
inline constexpr std::size_t family_tokens_each_max = 8;  ///< of one of them; of the child
/// Child and linked people as they travel: always as many bytes, whoever is named.
inline constexpr std::size_t family_bytes = 2'432;

}  // namespace mash::limits

namespace mash::wire {

/// Who somebody is to the child of a notification.
enum class LinkedRelation : std::uint8_t {
    sibling = 1,
    other_child = 2,
    mother = 3,
    father = 4,
    carer = 5,
    household_adult = 6,
    person_of_concern = 7
};

/// Of two notifications' people: a school's roll vouches for neither side.
constexpr bool finds_people(TokenKind kind) {
    return is_strong(kind) && kind != TokenKind::name_dob_school;
}

/// Somebody whom the sender names beside the child: brother, mother, suspect.
struct LinkedPerson {
    LinkedRelation relation{};
    std::vector<Token> tokens;  ///< sorted, unique, at least one, all of kinds that finds_people()
    friend bool operator==(const LinkedPerson&, const LinkedPerson&) = default;
    friend auto operator<=>(const LinkedPerson&, const LinkedPerson&) = default;
};

/// Whom a deciding body can find again among what it holds.
struct Family {
    std::vector<Token> child;          ///< of the subject, sorted, unique; empty: unmatched
    std::vector<LinkedPerson> people;  ///< sorted, unique
    friend bool operator==(const Family&, const Family&) = default;
};

}  // namespace mash::wire
