// The vocabulary of an area: sections and their views, profiles, roles, kinds of agency, markers,
// and the types with the widest circle of recipients that the area's policy may choose from
// (domain.md B, C, D). Signed beside the policy.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/policy.hpp"
#include "common/area/policy_document.hpp"

namespace mash::area {

struct Profile {
    std::map<std::string, ViewId> views;  ///< section -> the view granted
    bool full_when_unqualified =
        false;  ///< what a bare section code means in `profile+section` (domain.md C1)
};

/// What the catalogue says of a type; the policy adds who publishes, routes and times.
struct CatalogueType {
    TypeRule rule;
    std::vector<std::string> recipients;   ///< roles that C2 names, at most these
    std::set<std::string> named_sections;  ///< sections of only_when_named that this row may grant
};

struct Catalogue {
    std::map<std::string, SectionDefinition> sections;
    std::vector<ViewDefinition> views;  ///< by section, smallest first
    std::map<std::string, Profile> profiles;
    std::map<RoleId, RoleDefinition> roles;
    std::vector<std::string> agency_kinds;
    std::map<std::string, std::string> markers;
    std::vector<std::string> risk_grades;
    std::map<std::string, CatalogueType> types;
    std::map<std::string, FieldDefinition>
        fields;  ///< "what", or "out.what" where it differs there
    std::map<std::string, CodeWords> code_words;

    const ViewDefinition* find_view(std::string_view view) const;
    std::vector<std::string> role_words() const;
    std::vector<std::string> marker_words() const;
};

/// Reads what it can and leaves a fault for everything else.
Catalogue parse_catalogue(const Node& root, FaultSink& sink);

/// "care+loc", "flag+voi+rsk.word", "care-hlt": profiles, sections and views added and taken away
/// from left to right. `named`: sections of only_when_named that may be granted here.
Profile parse_content(std::string_view expression, const Catalogue& catalogue,
                      const std::set<std::string>& named, Place place, FaultSink& sink);

}  // namespace mash::area
