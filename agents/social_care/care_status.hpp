// What every format of social care comes down to: a child has a protection plan, is looked after,
// lives in a placement; or had and was. Compared with what was said before, whichever file said it,
// this gives the events (domain.md C2 rows 8 and 17) and the involvement of the social worker.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/social_care/known_children.hpp"
#include "agents/social_care/record.hpp"

namespace mash::social_care {

enum class Status { protection_plan, looked_after };

/// One stretch of a status as a file gives it.
struct Span {
    area::CivilDate start;
    std::optional<area::CivilDate> end;  ///< nothing: open
};

/// What a file says of one status of one child.
struct Seen {
    std::optional<area::CivilDate> open_since;
    std::optional<area::CivilDate> ended_on;  ///< the latest end
    bool deleted = false;  ///< the source says that there never was one: not the same as ended
    std::string detail;    ///< category of abuse, legal status
    bool empty() const { return !open_since && !ended_on && !deleted; }
};
Seen seen_of(const std::vector<Span>& spans);

/// Where a looked-after child lives now.
struct Placement {
    area::CivilDate since;
    std::string type;  ///< code of the return: U4, K1 ...
    std::string postcode;
    bool emergency = false;
};

class CareEvents {
public:
    /// `as_of`: the day of which the file speaks. What had ended before it and is open then was
    /// opened again; of a file that has no date of its own nobody can tell, it may be an old one.
    CareEvents(const runtime::ReadContext& context, runtime::SourceMemory& memory,
               runtime::ReadFile& file, std::string_view source,
               std::optional<area::CivilDate> as_of = {});

    /// Adds what is news. The child is completed from what other files said; who could not be found
    /// by anybody is set aside with the reason, and is news again when the file comes mended.
    /// False: nothing is news, nothing was set aside.
    bool compare(Child child, Status status, const Seen& seen, Record record);
    /// Of a child who is looked after. At a first import placements are remembered only: the notice
    /// was owed when they began.
    bool compare_placement(Child child, const Placement& placement, bool first_import,
                           Record record);
    /// A return interview that was declined or not offered, as far as a list says it.
    void say_interview(Child child, const std::string& kind, const std::string& episodes,
                       const std::string& remember_as, const std::string& remembered,
                       Record& record);
    /// The social worker works with this child. What is on the caseload list is left to that list.
    void involve(Child child);
    /// Adoption: what ends is said, the reason never, and what was known is forgotten.
    void sever(const Child& child);

    bool is_open(const std::string& local_id, Status status) const;
    /// Hands the involvement over; once, after the last record.
    void finish();

private:
    struct Held;
    Held held(const std::string& local_id, Status status) const;
    bool is_child(const Child& child, Record& record) const;
    bool completed(Child& child, Record& record) const;
    void say(const Child& child, Status status, std::string_view kind, const area::CivilDate& on,
             const Held& now, const Seen& seen, Record& record);
    void end_placement(const Child& child, const area::CivilDate& on, Record& record);
    void say_placement(const Child& child, std::string_view kind, const area::CivilDate& since,
                       const area::CivilDate& on, const Placement* placement, Record& record);
    runtime::Notification start_of(const Child& child, std::string_view type,
                                   const area::CivilDate& on) const;
    std::string key(const std::string& local_id, std::string_view what) const;

    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& file_;
    std::string source_;
    std::optional<area::CivilDate> as_of_;
    KnownChildren known_;
    std::map<std::string, runtime::RollEntry> involved_;
};

}  // namespace mash::social_care
