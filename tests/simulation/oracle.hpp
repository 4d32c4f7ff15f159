// What domain.md C2, C3, D3 and E2 say, written down a second time and by hand: who may ever be
// told of a type, which views at most, and what agreement does to it. Knows nothing of policy files
// or of decide(), so that a fault there shows here.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/wire/plan.hpp"

namespace mash::simulation::oracle {

/// Views that `role` may ever see of `type`; null: it is told nothing of this type.
const std::set<std::string, std::less<>>* views_for(std::string_view type, std::string_view role);
/// What somebody is told of it: the bound of what a person who must decide about it may be shown.
std::set<std::string, std::less<>> views_of_any(std::string_view type);
/// Told of this type only because of a child of theirs, never because of an area-wide duty.
bool must_be_involved(std::string_view type, std::string_view role);
/// The sender addresses this seat, or the family named its agency, in a row where that counts.
bool is_named(const wire::RoutingFacts& facts, const Seat& seat);
/// D3, C3: of this view the row grants it only to a seat of that role whom the sender names.
bool only_if_named(std::string_view type, std::string_view role, std::string_view view);
/// Sections that leave their sender never. Others that only a row names are in no view here but of
/// that row.
bool never_travels(std::string_view section);

/// What E2 makes of a notification for one seat that its row names, by its facts alone.
enum class Outcome : std::uint8_t { share, refuse, ask };
struct Judged {
    Outcome outcome{};
    std::string code;  ///< of a refusal
};
Judged judge(const wire::RoutingFacts& facts, const Seat& recipient);

/// What F1 makes somebody owe, and C6 whom of those told or rung.
struct Owed {
    std::string role;
    wire::Clock clock;
};
struct Happened {
    std::string type;  ///< of a correction the type that it puts right
    bool is_correction = false;
    WallTime at;
    WallTime told_at;
};
std::vector<Owed> owed(const Happened& what, const std::set<std::string, std::less<>>& told,
                       const std::set<std::string, std::less<>>& rung);

}  // namespace mash::simulation::oracle
