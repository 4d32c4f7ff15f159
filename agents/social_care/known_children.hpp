// Who a record is about. Social care's files know a child by a local number, and only some of them
// say a name, a birth date or a pupil number: what an earlier file said of the same number is kept,
// encrypted, and completes the later one.
#pragma once

#include <string>
#include <string_view>

#include "agents/runtime/core/source.hpp"

namespace mash::social_care {

struct Child {
    std::string local_id;
    runtime::Subject subject;  ///< date_of_birth as YYYY-MM-DD, "" when not known
    std::string sex;           ///< male, female, unknown; "" when not said
    std::string due_date;      ///< of somebody unborn
    bool died = false;
    bool grown_up = false;  ///< born so long ago that no calendar of ours has the day
};

/// Who gave it, in the order in which it is believed: a caseload has the names and the NHS number.
namespace source {
inline constexpr std::string_view caseload = "caseload";
inline constexpr std::string_view api = "dfe-api";
inline constexpr std::string_view census = "cin-census";
inline constexpr std::string_view placements = "ssda903";
}  // namespace source

class KnownChildren {
public:
    KnownChildren(const runtime::ReadContext& context, runtime::SourceMemory& memory)
        : agency_(context.agency.value()), memory_(memory) {}

    void remember(std::string_view source, const Child& child);
    /// What this source said last; nothing: nothing.
    std::optional<Child> from(std::string_view source, const std::string& local_id) const;
    /// Of every source: an identity that adoption severs, a child that was deleted.
    void forget(const std::string& local_id);

    /// Fills what `child` lacks from the other sources, where the birth dates agree: a local number
    /// alone ties no two systems together. Somebody unborn becomes who the caseload says the mother
    /// is, where the due dates are near. False: one of them gives another date.
    bool complete(std::string_view source, Child& child) const;
    /// As the caseload names her, of somebody whom it lists as unborn.
    std::optional<Child> mother_of(const std::string& local_id) const;

private:
    bool complete_unborn(std::string_view source, Child& child) const;
    std::string key(std::string_view source, const std::string& local_id) const;
    std::string agency_;
    runtime::SourceMemory& memory_;
};

/// By an NHS number, a pupil number or a name, as other agencies could find the child.
bool is_linkable(const Child& child);

}  // namespace mash::social_care
