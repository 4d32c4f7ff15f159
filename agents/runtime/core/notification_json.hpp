// Notification <-> the documented JSON (agents/README.md, openapi.yaml), and the checks that need
// policy and catalogue. A fault names place and rule, never the value.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "agents/runtime/core/notification.hpp"
#include "common/area/policy.hpp"
#include "common/base/result.hpp"

namespace mash::runtime {

/// Either a whole notification or every fault found. Bounded: depth limits::json_depth_max, size
/// checked by the caller.
struct ParsedNotification {
    Notification notification;
    std::vector<InputFault> faults;  ///< empty = the notification is whole
};
/// What a family said, as a person records it. `subject` may be left out where a notification is
/// named.
struct ParsedAgreement {
    wire::Agreement said;
    Subject subject;
    bool has_subject = false;
    std::string thread_ref;
    std::string notification;
    std::string form;  ///< "verbal", "written", or "" when nobody was asked
    WallTime said_at;
    WallTime expires_at;
    PersonalText sought_by;
    PersonalText evidence;
    std::vector<InputFault> faults;
};
ParsedAgreement agreement_from_json(std::string_view json);
ParsedNotification notification_from_json(std::string_view json);

/// The rule of the fault that the person was grown up when it happened.
inline constexpr std::string_view not_a_child = "not_a_child";

/// Unknown type, kind, section, field, marker, grade; a required fact or section absent; dates that
/// are not. An unconditional row takes level, purpose and status from the catalogue. Danger is
/// never refused as incomplete: with harm suspected or worse only faults without which nothing can
/// be sent remain. A type marked danger is none where agreement counts and no harm is stated.
std::vector<InputFault> check_against_policy(const Notification& notification,
                                             const area::Policy& policy);

/// A type marked danger is taken for it until its sender says that nobody is harmed.
bool is_danger(const Notification& notification, const area::Policy& policy);

/// The subject alone as in a notification, "" for what is not known; and read again. Nothing: it is
/// none.
PersonalText subject_text(const Subject& subject);
std::optional<Subject> subject_from_text(std::string_view json);

/// Canonical text of everything said, for "same source_ref, same content" and for storage at rest.
PersonalText to_canonical_json(const Notification& notification);
Result<Notification> from_canonical_json(std::string_view json);

}  // namespace mash::runtime
