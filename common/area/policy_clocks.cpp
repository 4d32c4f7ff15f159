// Time limits in law that a notification starts (domain.md F1, F2). One that could never be held,
// or whose last day no calendar knows, is refused: somebody would believe that it is stated.
#include <algorithm>

#include "common/area/policy_state.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

constexpr std::int64_t hours_max = 366 * 24;
constexpr std::int64_t working_days_max = 60;

const TypeRule* type_of(const PolicyState& state, const TypeId& type) {
    const auto found = std::ranges::find(state.types, type, &TypeRule::type);
    return found == state.types.end() ? nullptr : &*found;
}

bool reaches(const TypeRule& type, const RoleId& role, const PolicyState& state) {
    return std::ranges::any_of(type.routes, [&](const Route& route) {
        const bool is_at_night =
            role == state.emergency_duty &&
            (route.role == state.front_door || route.out_of_hours == OutOfHours::emergency_duty);
        return route.role == role || is_at_night;
    });
}

std::vector<const TypeRule*> read_starts(TableReader& reader, const PolicyState& state,
                                         ClockRule& clock, FaultSink& sink) {
    std::vector<std::string> words;
    for (const auto& type : state.types) words.push_back(type.type.value());
    std::vector<const TypeRule*> types;
    std::vector<std::string> kinds;
    for (const auto& word : reader.words_of("types", Need::required, "type", words)) {
        const auto* type = type_of(state, TypeId(word));
        types.push_back(type);
        clock.types.push_back(type->type);
        kinds.insert(kinds.end(), type->kinds.begin(), type->kinds.end());
    }
    clock.kinds = reader.words_of("kinds", Need::optional, "kind", kinds);
    for (const auto* type : types) {
        const bool is_of_it =
            clock.kinds.empty() || std::ranges::any_of(type->kinds, [&](const std::string& kind) {
                return std::ranges::find(clock.kinds, kind) != clock.kinds.end();
            });
        if (!is_of_it) {
            sink.add(reader.place_of("types"),
                     "type " + type->type.value() + " has none of these kinds: it never starts it");
        }
    }
    return types;
}

void read_length(TableReader& reader, const PolicyState& state, ClockRule& clock, FaultSink& sink) {
    const auto hours = reader.integer("hours", Need::optional, 1, hours_max);
    const auto days = reader.integer("working_days", Need::optional, 1, working_days_max);
    const bool said_hours = reader.find("hours") != nullptr;
    const bool said_days = reader.find("working_days") != nullptr;
    if (said_hours == said_days)
        sink.add(reader.place(), "a clock needs exactly one of hours, working_days");
    clock.hours = static_cast<unsigned>(hours.value_or(0));
    clock.working_days = static_cast<unsigned>(days.value_or(0));
    if (clock.working_days == 0 || !state.calendar) return;
    const auto covers = [&](unsigned working_days) {
        return state.times().covers(
            state.times().end_of_working_day(state.grace_until, working_days));
    };
    // A calendar that ends before any deadline is said once, where the policy ends.
    if (covers(calendar_days_checked) && !covers(clock.working_days)) {
        sink.add(reader.place_of("working_days"),
                 "the bank holidays end (known_to) before the last day of a clock that starts on "
                 "the last day of this policy; load more, or let it expire earlier");
    }
}

void read_holders(TableReader& reader, const PolicyState& state,
                  const std::vector<const TypeRule*>& types, ClockRule& clock, FaultSink& sink) {
    for (const auto& word :
         reader.words_of("held_by", Need::required, "role", state.catalogue.role_words())) {
        const RoleId role(word);
        const auto tells = [&](const TypeRule* type) { return reaches(*type, role, state); };
        if (!types.empty() && std::ranges::none_of(types, tells)) {
            sink.add(reader.place_of("held_by"),
                     "no route of these types reaches role \"" + word + "\": it never holds it");
        }
        clock.held_by.push_back(role);
    }
    if (clock.held_by.empty()) return;
    for (const auto* type : types) {
        const auto is_told = [&](const RoleId& role) { return reaches(*type, role, state); };
        if (std::ranges::none_of(clock.held_by, is_told)) {
            sink.add(
                reader.place_of("held_by"),
                "type " + type->type.value() + " reaches none of these roles: nobody holds it");
        }
    }
}

void read_clock(const Node& node, PolicyState& state, FaultSink& sink) {
    if (!is_table(node, sink, "a clock")) return;
    TableReader reader(node, sink, "clock");
    ClockRule clock;
    clock.name = reader.text("name", Need::required).value_or("");
    if (!clock.name.empty() && !is_valid_name(clock.name))
        sink.add(reader.place_of("name"), "a clock must be named like \"return_interview\"");
    if (std::ranges::find(state.clocks, clock.name, &ClockRule::name) != state.clocks.end())
        sink.add(reader.place_of("name"), "clock \"" + clock.name + "\" is there twice");
    for (const auto& [key, text] :
         {std::pair{"label", &clock.label}, std::pair{"source", &clock.source}}) {
        const auto said = reader.text(key, Need::required);
        if (said && said->empty())
            sink.add(reader.place_of(key), std::string(key) + " is what people read: say it");
        *text = said.value_or("");
    }
    const auto types = read_starts(reader, state, clock, sink);
    clock.from = reader.word_of("from", Need::required, "start", {"event", "receipt"}) == "receipt"
                     ? ClockRule::From::receipt
                     : ClockRule::From::event;
    read_length(reader, state, clock, sink);
    read_holders(reader, state, types, clock, sink);
    reader.finish();
    for (const auto& type : clock.types) {
        const auto started = std::ranges::count_if(state.clocks, [&](const ClockRule& other) {
            return std::ranges::find(other.types, type) != other.types.end();
        });
        if (static_cast<std::size_t>(started) == limits::clocks_max)
            sink.add(node.place, "too many clocks for type " + type.value());
    }
    state.clocks.push_back(std::move(clock));
}

}  // namespace

void read_clocks(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* list = policy.array("clock", Need::optional);
    if (list == nullptr) return;
    for (const auto& node : list->items) read_clock(node, state, sink);
    std::ranges::sort(state.clocks, {}, &ClockRule::name);
}

}  // namespace mash::area
