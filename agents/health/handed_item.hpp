// An item that arrived, as the core hands it over: what of its JSON more than one part of this
// folder reads.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/core.hpp"

namespace mash::health {

using HandedJson = nlohmann::ordered_json;

/// Discarded when it is no JSON.
HandedJson handed_json(const runtime::HandOver& item);
/// "" when it is absent; what is no text as JSON.
std::string text_in(const HandedJson& object, const std::string& name);
/// The larger of two views that came; an empty object for neither.
const HandedJson& view_in(const HandedJson& item, const std::string& larger,
                          const std::string& smaller);

struct HandedChild {
    std::string forenames, surname, born, sex, nhs_number;
};
HandedChild handed_child(const HandedJson& item);

}  // namespace mash::health
