// Cuts views out of sections as the signed catalogue says: fields are taken or left, text is never
// edited.
#pragma once

#include <map>

#include "agents/runtime/core/notification.hpp"
#include "common/area/policy.hpp"

namespace mash::runtime {

struct CutDefaults {
    std::string professional_contact;  ///< JSON of `pro` from configuration, for a source that
                                       ///< gives none; "" = none
};

/// Every view that can be cut, as JSON text of its fields. A view whose fields are all absent is
/// not made. An absent `sfc` reads "not known: ask the sender before any contact"; an absent `voi`
/// is `not_seen` where the row wants a voice; when `saf` is given, `adr` says "protected" and no
/// view has the fields that the catalogue keeps from it then (`unless_protected`);
/// `nar.short` exists only if the sender wrote it. Sections that never travel (saf, op) are in the
/// result so that they can be marked; the caller never seals them.
std::map<ViewId, PersonalText> cut_views(const Notification& notification,
                                         const area::Policy& policy, const CutDefaults& defaults);

}  // namespace mash::runtime
