// The child of an item that came, as far as its opened views say. Inside this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

/// Words of the signed catalogue.
inline constexpr std::string_view identity_section = "idn";

/// As far as it was read.
struct Child {
    std::string nhs_number;
    std::string upn;
    std::string born;
    std::string forename;  ///< folded; "" unless whole
    std::string surname;
};

/// The views of a section that came, as objects.
std::vector<Json> section_of(const Step& step, const Opened& opened, std::string_view section);
Child child_of(const Step& step, const Opened& opened);
/// Twins share a name and a day: a number decides, where both sides have one. "": not the same, as
/// far as anybody can tell.
std::string_view how_same(const Child& a, const Child& b);
/// The children whom conflicts declared here keep from this person.
std::vector<Child> children_kept_from(Step& step, const Caller& caller);
bool is_one_of(const Child& child, const std::vector<Child>& others);

}  // namespace mash::runtime
