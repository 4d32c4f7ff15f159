// What is stored of the care-status look-up. Inside this folder.
#pragma once

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/care_flags.hpp"

namespace mash::runtime {

/// One notice of a thread.
struct CareNotice {
    enum class Says : std::uint8_t { begins, amends, ends, never_was };
    NotificationId id;
    WallTime occurred_at;
    Says says{};
    std::string plan;         ///< as in CareFlag; of a correction "has_it" if it says so, else ""
    NotificationId replaces;  ///< zero: no other
    std::vector<Digest> children;  ///< rows of the source memory, one for each identity
};

/// All notices of one thread: one span of one status.
struct CareThread {
    std::vector<CareNotice> notices;
    /// When unscheduled care saw the child while the status was active, oldest first.
    std::vector<WallTime> visits;
};
void write(Writer& out, const CareThread& thread);
void read(Reader& in, CareThread& thread);

namespace table {

/// By the agency that looks up, and whose thread it is.
inline constexpr Table<std::tuple<AgencyId, AgencyId, ThreadId>, CareThread> care_threads{
    Space("care_threads")};

}  // namespace table

/// It is taken in here and by no system: for the look-up, or it was when it came.
bool is_of_care_status(Step& step, const InboxKey& key);

/// An attendance that says a status is active, which nobody who was told has opened yet. Taken back
/// now, somebody would have looked and nobody heard of it.
bool is_still_to_be_heard(Step& step, const NotificationId& id, const OutboxItem& item);

}  // namespace mash::runtime
