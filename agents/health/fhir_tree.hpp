// FHIR R4 resources, written as JSON or as XML, as one tree: what is said with either is the same
// tree. Only the shape; what the elements mean is fhir_events.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/personal.hpp"

namespace mash::runtime {
struct XmlElement;
}

namespace mash::health {

/// An element: a value, or further elements, or both (a primitive with extensions). One that is
/// repeated stands as often. `resource` and `contained` hold the resource's own elements and its
/// `resourceType`. Texts for people (`div`) are left out.
struct FhirNode {
    std::string name;
    PersonalText value;
    std::vector<FhirNode> children;

    /// The first under this path, "code/coding"; null when there is none.
    const FhirNode* at(std::string_view path) const;
    /// All under this path, of each element that it leads to.
    std::vector<const FhirNode*> all(std::string_view path) const;
    /// The value at the path, trimmed; "" when there is none.
    std::string text(std::string_view path) const;
    /// The extension whose address is this, or ends with "/" and this; null when there is none.
    const FhirNode* extension(std::string_view address) const;
};

constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";
/// A bundle refers to itself back and forth, so it is held whole: this much of it.
constexpr std::size_t fhir_bytes_max = std::size_t{8} * 1024 * 1024;

/// The root is named by its resource type. Nothing: not JSON, not an object with a resourceType,
/// nested deeper than 64.
std::optional<FhirNode> fhir_from_json(std::string_view text);
/// Nothing when the element is not of FHIR's namespace.
std::optional<FhirNode> fhir_from_xml(const runtime::XmlElement& root);

}  // namespace mash::health
