#include "agents/health/hospital_memory.hpp"

#include <nlohmann/json.hpp>

namespace mash::health {

using Json = nlohmann::json;

VisitState visit_state(const std::optional<std::string>& text) {
    VisitState out;
    const auto json = Json::parse(text.value_or("{}"), nullptr, false);
    if (!json.is_object()) return out;
    out.told = json.value("told", false);
    out.admitted = json.value("admitted", false);
    out.left = json.value("left", false);
    out.history = json.value("history", false);
    out.ref = json.value("ref", "");
    out.sent = json.value("sent", 0U);
    out.cancelled_at = json.value("cancelled_at", std::int64_t{0});
    return out;
}

std::string text_of_state(const VisitState& state) {
    return Json{{"told", state.told},
                {"admitted", state.admitted},
                {"left", state.left},
                {"history", state.history},
                {"ref", state.ref},
                {"sent", state.sent},
                {"cancelled_at", state.cancelled_at}}
        .dump();
}

PersonState person_state(const std::optional<std::string>& text) {
    PersonState out;
    const auto json = Json::parse(text.value_or("{}"), nullptr, false);
    if (!json.is_object()) return out;
    out.identity = json.value("identity", "");
    out.death_ref = json.value("death", "");
    out.became = json.value("became", "");
    out.visits = json.value("visits", std::vector<std::string>());
    return out;
}

std::string text_of_state(const PersonState& state) {
    return Json{{"identity", state.identity},
                {"death", state.death_ref},
                {"became", state.became},
                {"visits", state.visits}}
        .dump();
}

}  // namespace mash::health
