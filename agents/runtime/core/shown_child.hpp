// The child of an item that came, as far as its opened views say. Inside this folder.
#pragma once

#include <map>
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
Child child_of(const Subject& subject);
/// Twins share a name and a day: a number decides, where both sides have one. "": not the same, as
/// far as anybody can tell.
std::string_view how_same(const Child& a, const Child& b);
bool is_one_of(const Child& child, const std::vector<Child>& others);

/// What conflicts declared here keep from this person. An item says of which child it is only once
/// it is opened; so of whoever is kept from nobody nothing is opened, and for the few others each
/// item that a request comes upon is, which says no rung. What does not open any more (it was taken
/// back) cannot be told from another child's and is not hidden.
class KeptFrom {
public:
    KeptFrom(Step& step, const Caller& caller);
    bool anything() const { return !children_.empty(); }
    bool hides(const Child& child) const { return is_one_of(child, children_); }
    bool hides(const InboxKey& key);

private:
    bool is_about_one_of_them(const InboxKey& key);

    Step& step_;
    const Caller& caller_;
    std::vector<Child> children_;
    std::map<InboxId, std::vector<crypto::BoxKeyPair>> keys_;
    std::map<InboxKey, bool> hidden_;  ///< opened once for one request
};

}  // namespace mash::runtime
