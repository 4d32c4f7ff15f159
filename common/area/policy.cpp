#include "common/area/policy.hpp"

#include <algorithm>

#include "common/area/policy_state.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"

namespace mash::area {

const Calendar& PolicyState::times() const {
    CHECK(calendar.has_value());
    return *calendar;
}

WallTime PolicyState::end_of(const TimeSpan& span, WallTime from) const {
    switch (span.unit) {
        case TimeSpan::Unit::minutes: return from + std::chrono::minutes(span.count);
        case TimeSpan::Unit::working_hours: return times().add_working_hours(from, span.count * 60);
        case TimeSpan::Unit::working_days: return times().end_of_working_day(from, span.count);
    }
    return from;
}

bool RouteCondition::empty() const { return *this == RouteCondition{}; }

namespace {
// An empty list is not stated: it allows everything.
template <class T>
bool allows_all_of(const std::vector<T>& wider, const std::vector<T>& narrower) {
    if (wider.empty()) return true;
    return !narrower.empty() && std::all_of(narrower.begin(), narrower.end(), [&](const T& word) {
        return std::find(wider.begin(), wider.end(), word) != wider.end();
    });
}
template <class T>
bool all_within(const std::vector<T>& words, const std::vector<T>& list) {
    return std::all_of(words.begin(), words.end(), [&](const T& word) {
        return std::find(list.begin(), list.end(), word) != list.end();
    });
}
bool is_harm(wire::Harm harm) {
    return harm == wire::Harm::suspected || harm == wire::Harm::likely_or_actual;
}
}  // namespace

bool RouteCondition::covers(const RouteCondition& narrower) const {
    const bool harm_covered =
        !harm_suspected_or_worse || harm_suspected_or_worse == narrower.harm_suspected_or_worse ||
        (!narrower.harms.empty() &&
         std::all_of(narrower.harms.begin(), narrower.harms.end(),
                     [&](wire::Harm harm) { return is_harm(harm) == *harm_suspected_or_worse; }));
    const bool sender_covered =
        all_within(sender_kinds_except, narrower.sender_kinds_except) ||
        (!narrower.sender_kinds.empty() &&
         std::none_of(narrower.sender_kinds.begin(), narrower.sender_kinds.end(),
                      [&](const std::string& kind) {
                          return std::find(sender_kinds_except.begin(), sender_kinds_except.end(),
                                           kind) != sender_kinds_except.end();
                      }));
    return allows_all_of(risk_grades, narrower.risk_grades) &&
           allows_all_of(markers_any, narrower.markers_any) &&
           all_within(markers_none, narrower.markers_none) &&
           allows_all_of(kinds, narrower.kinds) &&
           allows_all_of(sender_kinds, narrower.sender_kinds) &&
           allows_all_of(sender_roles, narrower.sender_roles) && sender_covered && harm_covered &&
           (!matched || matched == narrower.matched) && allows_all_of(harms, narrower.harms) &&
           allows_all_of(levels, narrower.levels) && allows_all_of(purposes, narrower.purposes) &&
           allows_all_of(rags, narrower.rags) && allows_all_of(agreements, narrower.agreements);
}

bool RouteCondition::never_holds() const {
    const bool markers_exclude = !markers_any.empty() && all_within(markers_any, markers_none);
    const bool senders_exclude =
        !sender_kinds.empty() && all_within(sender_kinds, sender_kinds_except);
    const bool harms_exclude = harm_suspected_or_worse && !harms.empty() &&
                               std::none_of(harms.begin(), harms.end(), [&](wire::Harm harm) {
                                   return is_harm(harm) == *harm_suspected_or_worse;
                               });
    return markers_exclude || senders_exclude || harms_exclude;
}

bool ClockRule::starts(const TypeId& type, std::string_view kind) const {
    return std::ranges::find(types, type) != types.end() &&
           (kinds.empty() || std::ranges::find(kinds, kind) != kinds.end());
}

bool SharingDuty::between(const std::string& sender_kind, const std::string& recipient_kind,
                          WallTime at) const {
    const auto listed = [&](const std::string& kind) {
        return std::find(bodies.begin(), bodies.end(), kind) != bodies.end();
    };
    return listed(sender_kind) && listed(recipient_kind) && in_force.at(at);
}

Policy::Policy(std::shared_ptr<const PolicyState> state) : state_(std::move(state)) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::Policy(const Policy&) = default;
Policy& Policy::operator=(const Policy&) = default;
Policy::~Policy() = default;

Result<Policy> Policy::parse(std::string_view policy_toml, std::string_view policy_file,
                             std::string_view catalogue_toml, std::string_view catalogue_file,
                             std::vector<PolicyFault>& faults) {
    const std::size_t faults_before = faults.size();
    FaultSink catalogue_sink(std::string(catalogue_file), faults);
    FaultSink sink(std::string(policy_file), faults);
    for (const auto& [text, target] :
         {std::pair{catalogue_toml, &catalogue_sink}, std::pair{policy_toml, &sink}}) {
        if (text.size() > limits::signed_document_bytes_max) {
            target->add({1, 1}, "the file is too large");
            return fail(ErrorCode::too_large);
        }
    }
    // Both texts are read even when the first is broken, so that one check shows everything.
    const auto catalogue = parse_document(catalogue_toml, catalogue_sink);
    const auto document = parse_document(policy_toml, sink);
    if (!catalogue || !document) return fail(ErrorCode::malformed);

    auto state = std::make_shared<PolicyState>();
    state->catalogue = parse_catalogue(*catalogue, catalogue_sink);
    for (std::size_t slot = 0; slot < state->catalogue.views.size(); ++slot) {
        state->view_slots[state->catalogue.views[slot].view] = static_cast<std::uint16_t>(slot);
    }

    TableReader reader(*document, sink, "policy");
    reader.integer("format", Need::required, 1, 1);
    state->title = reader.text_or("title", "");
    if (const auto area = reader.text("area", Need::required)) {
        if (!is_valid_name(*area))
            sink.add(reader.place_of("area"), "\"area\" must be a name such as \"worcestershire\"");
        state->area = AreaId(*area);
    }
    if (const auto version = reader.integer("version", Need::required, 1, INT64_MAX)) {
        state->version = static_cast<std::uint64_t>(*version);
    }
    read_times(reader, *state, sink);
    if (state->calendar) read_validity(reader, *state, sink);
    read_partners(reader, *state, sink);
    read_types(reader, *state, sink);
    read_clocks(reader, *state, sink);
    if (state->calendar) reader.finish();
    if (faults.size() != faults_before) return fail(ErrorCode::bad_value);
    CHECK(state->calendar.has_value());
    return PolicyState::wrap(std::move(state));
}

const AreaId& Policy::area() const { return state_->area; }
std::uint64_t Policy::version() const { return state_->version; }
const std::string& Policy::title() const { return state_->title; }
WallTime Policy::valid_from() const { return state_->valid_from; }
WallTime Policy::expires() const { return state_->expires; }
bool Policy::in_force_at(WallTime at) const {
    return state_->valid_from <= at && at <= state_->grace_until;
}
bool Policy::in_grace_at(WallTime at) const {
    return state_->expires < at && at <= state_->grace_until;
}

const TypeRule* Policy::find_type(const TypeId& type) const {
    const auto& types = state_->types;
    const auto found =
        std::lower_bound(types.begin(), types.end(), type,
                         [](const TypeRule& rule, const TypeId& id) { return rule.type < id; });
    return found != types.end() && found->type == type ? &*found : nullptr;
}
const std::vector<TypeRule>& Policy::types() const { return state_->types; }

const std::vector<ViewDefinition>& Policy::views() const { return state_->catalogue.views; }
std::optional<std::uint16_t> Policy::view_slot(const ViewId& view) const {
    const auto found = state_->view_slots.find(view);
    if (found == state_->view_slots.end()) return std::nullopt;
    return found->second;
}
const ViewDefinition* Policy::find_view(const ViewId& view) const {
    const auto slot = view_slot(view);
    return slot ? &views()[*slot] : nullptr;
}
const std::map<std::string, SectionDefinition>& Policy::sections() const {
    return state_->catalogue.sections;
}
const SectionDefinition* Policy::find_section(std::string_view code) const {
    const auto found = state_->catalogue.sections.find(std::string(code));
    return found == state_->catalogue.sections.end() ? nullptr : &found->second;
}
const FieldDefinition* Policy::find_field(std::string_view section, std::string_view field) const {
    const auto& fields = state_->catalogue.fields;
    const auto own = fields.find(std::string(section) + "." + std::string(field));
    if (own != fields.end()) return &own->second;
    const auto shared = fields.find(std::string(field));
    return shared == fields.end() ? nullptr : &shared->second;
}
const std::map<std::string, CodeWords>& Policy::words() const {
    return state_->catalogue.code_words;
}
std::optional<ViewId> Policy::fit_view(const ViewId& granted,
                                       const std::vector<ViewId>& on_offer) const {
    const auto slot = view_slot(granted);
    if (!slot) return std::nullopt;
    const std::string& section = views()[*slot].section;
    for (std::size_t i = *slot; views()[i].section == section; --i) {
        if (std::find(on_offer.begin(), on_offer.end(), views()[i].view) != on_offer.end())
            return views()[i].view;
        if (i == 0) break;
    }
    return std::nullopt;
}

const Calendar& Policy::calendar() const { return state_->times(); }
bool Policy::is_front_door_open(WallTime at) const { return state_->times().is_open(at); }
WallTime Policy::next_front_door_change(WallTime at) const {
    return state_->times().next_change(at);
}
WallTime Policy::take_by(wire::Urgency urgency, WallTime from) const {
    return state_->end_of(state_->urgencies[place_of(urgency)], from);
}
wire::Lane Policy::lane_of(wire::Urgency urgency) const { return state_->lanes[place_of(urgency)]; }
WallTime Policy::decide_by(wire::Rag rag, WallTime from) const {
    return state_->end_of(rag == wire::Rag::red ? state_->hold_red : state_->hold, from);
}

std::optional<WallTime> Policy::next_school_session(WallTime at) const {
    const auto& sessions = state_->sessions;
    const auto found = std::upper_bound(sessions.begin(), sessions.end(), at);
    if (found == sessions.end()) return std::nullopt;
    return *found;
}
Policy::Due Policy::know_by(const RoleId& role, WallTime from) const {
    const RoleDefinition* definition = find_role(role);
    if (definition != nullptr && definition->school_clock) {
        if (const auto session = next_school_session(from)) return {*session, true};
    }
    return {state_->end_of(state_->know, from), false};
}
Policy::Due Policy::before_session(WallTime take_by, WallTime from) const {
    const auto session = next_school_session(from);
    if (!session) return {take_by, true};
    // In the holidays nobody is there when four working hours of the front door have passed: the
    // first session counts.
    const bool at_work =
        take_by < *session && state_->school_days.contains(calendar().date_of(take_by));
    return {at_work ? take_by : *session, true};
}

bool Policy::relation_is_indexed(std::string_view relation) const {
    const RelationRule* rule = find_relation(relation);
    return rule != nullptr && rule->indexed;
}
const std::map<std::string, RelationRule, std::less<>>& Policy::relations() const {
    return state_->relations;
}
const RelationRule* Policy::find_relation(std::string_view relation) const {
    const auto found = state_->relations.find(relation);
    return found == state_->relations.end() ? nullptr : &found->second;
}
const std::string& Policy::telephone_of(const RoleId& role) const {
    static const std::string none;
    const auto found = state_->telephones.find(role);
    return found == state_->telephones.end() ? none : found->second;
}
const std::map<AgencyId, OtherAuthority>& Policy::other_authorities() const {
    return state_->other_authorities;
}
const OtherAuthority* Policy::find_other_authority(const AgencyId& agency) const {
    const auto found = state_->other_authorities.find(agency);
    return found == state_->other_authorities.end() ? nullptr : &found->second;
}
const DeciderRoles& Policy::deciders_of(const std::string& agency_kind) const {
    static const DeciderRoles none;
    const auto found = state_->deciders.find(agency_kind);
    return found == state_->deciders.end() ? none : found->second;
}
RoleId Policy::front_door_role() const { return state_->front_door; }
RoleId Policy::pass_on_role() const { return state_->pass_on; }
RoleId Policy::emergency_duty_role() const { return state_->emergency_duty; }
const std::vector<std::string>& Policy::risk_grades() const {
    return state_->catalogue.risk_grades;
}
const std::map<std::string, std::string>& Policy::markers() const {
    return state_->catalogue.markers;
}
const std::vector<std::string>& Policy::agency_kinds() const {
    return state_->catalogue.agency_kinds;
}
const std::map<RoleId, RoleDefinition>& Policy::roles() const { return state_->catalogue.roles; }
const RoleDefinition* Policy::find_role(const RoleId& role) const {
    const auto found = state_->catalogue.roles.find(role);
    return found == state_->catalogue.roles.end() ? nullptr : &found->second;
}
std::optional<wire::Urgency> Policy::urgency_when_vital() const {
    return state_->urgency_when_vital;
}
BelowThreshold Policy::below_threshold() const { return state_->below_threshold; }
const SharingDuty& Policy::sharing_duty() const { return state_->sharing_duty; }
const std::vector<std::string>& Policy::withheld_when_reduced() const {
    return state_->withheld_when_reduced;
}
const std::string& Policy::pass_on_marker() const { return state_->pass_on_marker; }
std::chrono::hours Policy::recall_confirm_within() const { return state_->recall_confirm_within; }
WallTime Policy::agreement_confirm_by(WallTime at) const {
    return calendar().end_of_working_day(at, state_->agreement_confirm_working_days);
}
const std::vector<ClockRule>& Policy::clocks() const { return state_->clocks; }
const ClockRule* Policy::find_clock(std::string_view name) const {
    const auto found = std::ranges::find(state_->clocks, name, &ClockRule::name);
    return found == state_->clocks.end() ? nullptr : &*found;
}
WallTime Policy::clock_by(const ClockRule& clock, WallTime from) const {
    if (clock.working_days == 0) return from + std::chrono::hours(clock.hours);
    return calendar().end_of_working_day(from, clock.working_days);
}
const std::map<std::string, std::string>& Policy::escalations() const {
    return state_->escalations;
}
const std::map<std::string, std::string>& Policy::out_of_hours_ways() const {
    return state_->out_of_hours_ways;
}
const Advice* Policy::find_advice(std::string_view code) const {
    for (const auto& type : state_->types) {
        for (const auto& advice : type.advice) {
            if (advice.code == code) return &advice;
        }
    }
    return nullptr;
}
bool Policy::schools_hear_of_missing_episodes() const {
    return state_->schools_hear_of_missing_episodes;
}

}  // namespace mash::area
