#include "agents/health/care_status.hpp"

#include <array>

#include "agents/health/content.hpp"
#include "agents/runtime/core/care_flags.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::health {

namespace {

constexpr std::array<std::string_view, 3> plans{"protection_plan", "looked_after", "unborn_plan"};

std::string key_of(const AgencyId& agency, const std::string& number, std::string_view plan) {
    return "care-status/" + agency.value() + "/" + runtime::revision_of({PersonalText(number)}) +
           "/" + std::string(plan);
}

// A year or a month alone contradicts no whole date: it counts as not known.
std::string birth_digest(const std::string& birth_date) {
    return birth_date.size() < 10 ? "" : runtime::revision_of({PersonalText(birth_date)});
}

/// "start end birth", each "-" when it is not known.
struct Held {
    std::string start, end, birth;
};

std::string word(const std::string& text) { return text.empty() ? "-" : text; }

Held held_of(std::string_view text) {
    std::array<std::string, 3> parts;
    for (auto& part : parts) {
        const auto end = text.find(' ');
        const auto each = text.substr(0, end);
        part = each == "-" ? std::string() : std::string(each);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return {parts[0], parts[1], parts[2]};
}

}  // namespace

void remember_status(runtime::SourceMemory& memory, const AgencyId& agency,
                     const PersonalText& nhs_number, const std::string& birth_date,
                     const CareStatus& status) {
    const std::string number = runtime::normalise_nhs_number(nhs_number.reveal());
    if (number.empty()) return;
    const std::string key = key_of(agency, number, status.plan);
    const std::string value = status.withdrawn ? "withdrawn"
                                               : word(status.start) + " " + word(status.end) + " " +
                                                     word(birth_digest(birth_date));
    if (memory.get(key) != value) memory.put(key, value);
}

std::optional<std::string> active_status(const runtime::SourceMemory& memory,
                                         const AgencyId& agency, const PersonalText& nhs_number,
                                         const std::string& birth_date,
                                         const area::CivilDate& day) {
    const std::string number = runtime::normalise_nhs_number(nhs_number.reveal());
    if (number.empty()) return std::nullopt;
    runtime::Subject child;
    child.nhs_number = nhs_number;
    child.date_of_birth = PersonalText(birth_date);
    for (const auto& flag : runtime::care_flags_of(memory, agency, child)) {
        if (flag.since <= area::to_text(day)) return flag.plan;
    }
    const std::string today = area::to_text(day);
    const std::string birth = birth_digest(birth_date);
    for (const auto plan : plans) {
        const auto found = memory.get(key_of(agency, number, plan));
        if (!found || *found == "withdrawn") continue;
        const auto held = held_of(*found);
        const bool other_child = !held.birth.empty() && !birth.empty() && held.birth != birth;
        const bool begun = held.start.empty() || held.start <= today;
        if (!other_child && begun && (held.end.empty() || held.end >= today))
            return std::string(plan);
    }
    return std::nullopt;
}

}  // namespace mash::health
