// What an adapter produces (design.md part 4): one event about one child, in full, before anything
// is cut or sealed. Lives only inside an agent. JSON form: agents/README.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/personal.hpp"
#include "common/base/time.hpp"
#include "common/wire/family.hpp"
#include "common/wire/plan.hpp"

namespace mash::runtime {

/// Identifiers of the subject as the source gives them; normalised by identity.hpp when tokens are
/// made.
struct Subject {
    PersonalText nhs_number;
    /// Superseded, as when two records of one child were joined; never one severed by adoption.
    std::vector<PersonalText> former_nhs_numbers;
    PersonalText upn;
    std::vector<PersonalText> former_upns;
    PersonalText forename;
    PersonalText surname;
    std::vector<std::pair<PersonalText, PersonalText>>
        aliases;                 ///< (forename, surname); never one severed by adoption
    PersonalText date_of_birth;  ///< "2016-02-29"; "2016-02" or "2016" as far as known; or ""
    PersonalText postcode;
    PersonalText school_urn;  ///< the school the sender names
    bool unborn = false;      ///< then everything but the due date is the mother's
    PersonalText due_date;    ///< of an unborn child
    /// Of a child whose birth is told: as it was known before. None, or one.
    std::vector<Subject> before_birth;
};

/// Somebody the sender names beside the child, for whoever decides: a brother, the mother, a
/// suspect.
struct LinkedPerson {
    wire::LinkedRelation relation{};
    Subject known_by;
};

/// One section's fields as given; a value is JSON text of the field (string, array, object). Keys
/// are catalogue words.
using SectionContent = std::map<std::string, PersonalText>;

struct Notification {
    std::string source_ref;  ///< source key + event kind + revision + child; not personal by rule
                             ///< of the adapters
    AgencyId agency;         ///< sender
    RoleId role;
    wire::RoutingFacts facts;      ///< type, kind, level, harm ... ; tokens, views and threads are
                                   ///< filled in by the core
    AgreementId agreement_record;  ///< cited instead of stated: what it says counts; zero: none
    std::string thread_ref;        ///< the source's own key of the episode; same ref = same thread
    std::string event_ref;         ///< ties siblings
    std::string supersedes_ref;    ///< source_ref of what this replaces
    /// Of a correction: source_ref of the earlier one of which `supersedes_ref` was a second
    /// report.
    std::string same_event_as;
    std::string about;      ///< id of what came, that a person sends this about; "": of nothing
    ThreadId about_thread;  ///< its thread; filled in by the core, and not kept
    Subject subject;
    std::vector<LinkedPerson> linked;
    std::map<std::string, SectionContent> sections;  ///< "evt" -> fields
};

/// One fault of an incoming notification, for the sender's own eyes and log alike: names the place
/// and the rule, never the value.
struct InputFault {
    std::string path;     ///< "/sections/evt/headline"
    std::string rule;     ///< "required", "unknown_field", "bad_date" ...
    std::string message;  ///< plain English
};

}  // namespace mash::runtime
