// Whether a child is looked after, since when and where, from the episodes of the placement return
// (formats.md 3.2): an episode without an end is open whatever its reason says, only RNE S starts,
// short breaks do not count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/social_care/care_status.hpp"

namespace mash::social_care {

struct Episode {
    area::CivilDate start;
    std::optional<area::CivilDate> end;
    char new_because = 0;                       ///< RNE: S, P, L, T, B, U; 0 when not said
    bool short_break = false;                   ///< LS V3, V4
    bool care_goes_on = false;                  ///< REC X1, of an episode that has an end
    bool adopted = false;                       ///< REC E11, E12
    std::string legal_status, place, postcode;  ///< of open episodes only
    std::uint64_t record = 0;
    std::uint64_t line = 0;
};
Episode episode_of(std::string_view rne, std::string_view legal_status, std::string_view reason);

struct LookedAfter {
    Seen seen;
    std::optional<Placement> placement;
    bool adopted = false;
    bool start_in_file = true;     ///< false: the episode that began it is in an older return
    bool next_is_missing = false;  ///< care goes on, but no later episode is in the file
    unsigned open = 0;
    std::uint64_t record = 0;  ///< of the episode that decides
    std::uint64_t line = 0;
};
LookedAfter looked_after(std::vector<Episode> episodes);

/// One line of our own, for what waits until a later file says who the child is.
std::string text_of(const LookedAfter& what, bool first_import);
struct Waiting {
    LookedAfter what;
    bool first_import = false;
};
std::optional<Waiting> waiting_from(std::string_view text);

/// Compares status and placement, involves the social worker. False: nothing was news.
bool tell(CareEvents& events, const Child& child, const LookedAfter& what, bool first_import,
          Record record);

}  // namespace mash::social_care
