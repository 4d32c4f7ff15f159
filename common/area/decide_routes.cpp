#include "common/area/decide_routes.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/area/alternates.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide_rules.hpp"
#include "common/base/stable_order.hpp"

namespace mash::area {
namespace {

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

/// In whose name a condition is asked.
struct Speaker {
    const AgencyKind& kind;
    const RoleId& role;
};

bool holds_for(const RouteCondition& when, const wire::RoutingFacts& facts, const Speaker& speaker,
               wire::AgreementStatus status);

/// What `said_by` says does not reach the involved of this automatic route, and the front door's
/// agent, speaking as `passes_on`, does reach them. Of the row and the sender alone.
bool is_left_to_pass_on(const Route& route, const wire::RoutingFacts& facts, const Speaker& said_by,
                        const Speaker& passes_on, const Policy& policy, WallTime at) {
    if (!route.pass_on_by_itself || !route.in_force.at(at)) return false;
    const auto status = facts.agreement.status;
    // Whom the front door told in a thread of its own no sender knows.
    const bool by_sender = route.by == RouteBy::involved && route.visible &&
                           holds_for(route.when, facts, said_by, status) &&
                           may_know_involved(said_by.kind, said_by.role, route.relation, policy);
    return !by_sender && holds_for(route.when, facts, passes_on, status);
}

/// A protected address, a live operation: a person looks before anybody else hears of the child.
bool says_what_a_person_releases(const wire::RoutingFacts& facts, const Policy& policy) {
    return std::any_of(
        facts.views_on_offer.begin(), facts.views_on_offer.end(), [&](const ViewId& view) {
            const auto* known = policy.find_view(view);
            const auto* section = known == nullptr ? nullptr : policy.find_section(known->section);
            return section != nullptr && !section->goes_by_itself();
        });
}

struct PassOnSeat {
    const Agency* agency = nullptr;
    const SeatEntry* entry = nullptr;
};

/// The automatic inbox of the agency that holds the front door. None when the sender is that
/// agency, or states a conflict with any seat there: its people see what goes out in its name.
PassOnSeat pass_on_seat(const wire::RoutingFacts& facts, const Registry& registry,
                        const Policy& policy, WallTime at) {
    if (policy.pass_on_role().empty()) return {};
    for (const auto& seat : registry.seats_with_role(policy.pass_on_role(), at)) {
        const auto* agency = registry.find_active_agency(seat.agency, at);
        const auto* entry = registry.find_seat(seat);
        if (agency == nullptr || entry == nullptr || entry->people ||
            registry.find_seat({seat.agency, policy.front_door_role()}) == nullptr ||
            !contains(agency->roles, seat.role)) {
            continue;
        }
        const bool in_conflict =
            std::any_of(facts.conflicts_stated.begin(), facts.conflicts_stated.end(),
                        [&](const Seat& other) { return other.agency == seat.agency; });
        if (seat.agency == facts.sender || in_conflict) return {};
        return {agency, entry};
    }
    return {};
}

class RouteReader {
public:
    RouteReader(const DecisionInput& input, const TypeRule& type, const Registry& registry,
                const Policy& policy)
        : input_(input),
          type_(type),
          registry_(registry),
          policy_(policy),
          own_{input.facts.sender, input.facts.sender_role},
          passing_on_(passes_on(input.facts, policy)),
          by_itself_(passes_on_by_itself(input.facts, policy)),
          corrected_(corrected_type(input.facts, type, policy)),
          said_by_(by_itself_ ? registry.find_agency(input.facts.passed_on_from.agency) : nullptr),
          front_door_(policy.front_door_role()),
          emergency_duty_(policy.emergency_duty_role()) {}

    Reach read(bool floor) {
        const bool is_severed = follow_severed();
        if (!is_severed) {
            follow_rows(floor);
            if (is_owed_to_a_desk()) tell_desk_of_danger();
        }
        if (!floor && !passing_on_ && !is_severed) add_pass_on();
        keep_best_of_each_seat();
        if (!floor && !is_severed) find_without_function();
        std::sort(reach_.missing.begin(), reach_.missing.end(),
                  [](const MissingRole& a, const MissingRole& b) {
                      return std::tuple(std::cref(a.role), !a.conflicted, std::cref(a.agency)) <
                             std::tuple(std::cref(b.role), !b.conflicted, std::cref(b.agency));
                  });
        const auto same_role = [](const MissingRole& a, const MissingRole& b) {
            return a.role == b.role;
        };
        reach_.missing.erase(std::unique(reach_.missing.begin(), reach_.missing.end(), same_role),
                             reach_.missing.end());
        return std::move(reach_);
    }

private:
    void follow_rows(bool floor) {
        for (const auto& route : type_.routes) {
            if (floor && route.role != front_door_) continue;
            if (!route.in_force.at(input_.decided_at)) continue;
            if (by_itself_ && corrected_ != nullptr) {
                // Whoever had what was wrong had it from here; the front door had it from its
                // sender.
                if (route.by == RouteBy::thread && route.role != front_door_) follow(route);
                continue;
            }
            const bool is_passed_on = route.by == RouteBy::involved ||
                                      (route.by == RouteBy::thread && route.pass_on_by_itself);
            if (passing_on_ ? !is_passed_on : !route.visible) continue;
            if (by_itself_ && !is_left_to_us(route)) continue;
            if (!route.instead_of.empty() && contains(found_, route.instead_of)) continue;
            if (!holds(route.when, input_.facts, input_.sender_kind)) continue;
            follow(route);
        }
    }

    bool is_desk(const RoleId& role) const {
        return role == front_door_ || role == emergency_duty_;
    }

    // domain.md E-05 and note 1 of E2 name the front door whatever the row, and danger must not
    // end at nobody. Asked of the facts and of whom the row reaches, never of anybody's answer:
    // whoever was told is not untold by one.
    bool is_owed_to_a_desk() const {
        const auto& facts = input_.facts;
        const bool harm = harm_suspected_or_worse(facts);
        if (type_.agreement_class == TypeRule::Class::unconditional || passing_on_ ||
            (!harm && !facts.vital))
            return false;
        if (std::ranges::any_of(reach_.candidates,
                                [&](const Candidate& each) { return is_desk(each.seat.role); }) ||
            std::ranges::any_of(reach_.missing,
                                [&](const MissingRole& each) { return is_desk(each.role); }))
            return false;
        // Ringing is telling: whom the row must reach is rung.
        const bool is_rung = std::ranges::any_of(
            reach_.missing, [](const MissingRole& each) { return each.route->must; });
        if (reach_.candidates.empty() && !is_rung) return true;
        return harm && (!missing_facts(facts, type_).empty() || is_silence_asked_for());
    }
    bool is_silence_asked_for() const {
        return std::ranges::any_of(input_.facts.detriment, [&](const Seat& seat) {
            return std::ranges::find(type_.routes, seat.role, &Route::role) != type_.routes.end();
        });
    }

    // As much as the row gives anybody: what of it is for whom the sender had thought out for the
    // row's own recipients. As a referral it needs nobody's agreement.
    void tell_desk_of_danger() {
        std::map<std::string_view, std::uint16_t> largest;  // of each section
        for (const auto& each : type_.routes) {
            if (!each.in_force.at(input_.decided_at)) continue;
            for (const auto slot : each.view_slots) {
                const auto& code = policy_.views()[slot].section;
                const auto* section = policy_.find_section(code);
                if (section == nullptr || !section->goes_by_itself()) continue;
                auto& held = largest[code];
                held = std::max(held, slot);
            }
        }
        auto route = std::make_unique<Route>();
        route->id = danger_route;
        route->role = front_door_;
        route->telephone = policy_.telephone_of(front_door_);
        route->act = true;
        route->must = true;
        route->out_of_hours = OutOfHours::emergency_duty;
        if (const auto* referral = referral_type(policy_)) route->basis = referral->basis;
        for (const auto& [section, slot] : largest) {
            route->views.push_back(policy_.views()[slot].view);
            route->view_slots.push_back(slot);
        }
        follow_front_door(*route);
        reach_.danger = std::move(route);
    }

    void follow(const Route& route) {
        if (route.role == front_door_) return follow_front_door(route);
        bool found = false;
        const auto add = [&](const Seat& seat) {
            found = true;
            place(seat, route);
        };
        switch (route.by) {
            case RouteBy::area_role:
                for (const auto& seat : registry_.seats_with_role(route.role, input_.decided_at))
                    add(seat);
                if (stands_in_at_night(route)) add_emergency_duty(route);
                break;
            case RouteBy::involved:
                for (const auto& involved : input_.involved) {
                    // Nobody is told their own words.
                    if (by_itself_ && involved.seat.agency == input_.facts.passed_on_from.agency)
                        continue;
                    // A person says whom it is passed on to: the others have it already.
                    const auto& to = input_.facts.addressed_to;
                    if (passing_on_ && !by_itself_ && !to.empty() && !contains(to, involved.seat))
                        continue;
                    if (involved.relation == route.relation && involved.seat.role == route.role)
                        add(involved.seat);
                }
                break;
            case RouteBy::thread:
                for (const auto& seat : input_.thread_seats) {
                    if (by_itself_ && seat.agency == input_.facts.passed_on_from.agency) continue;
                    if (seat.role == route.role) add(seat);
                }
                break;
            case RouteBy::named:
                for (const auto& agency : input_.facts.agreement.named_agencies) {
                    // The family names an agency; which of its roles the row names is known here.
                    const Seat seat{agency, route.role};
                    if (registry_.find_seat(seat) != nullptr) add(seat);
                }
                break;
            case RouteBy::addressed:
                for (const auto& seat : input_.facts.addressed_to) {
                    if (seat.role == route.role) add(seat);
                }
                break;
        }
        if (found) found_.push_back(route.id);
        // Nobody in the thread is nobody to tell again; nobody for a role that the row names is a
        // task. A sender that may not know who is involved learns nothing from finding nobody.
        if (found || !route.task_if_absent || route.by == RouteBy::thread ||
            route.by == RouteBy::addressed || passing_on_) {
            return;
        }
        if (route.by == RouteBy::involved && !may_know(route)) return;
        reach_.missing.push_back({route.role, &route, false});
    }

    /// Of another role than the front door, which nobody holds at night (domain.md C5, O1).
    bool stands_in_at_night(const Route& route) const {
        return route.role != front_door_ && route.out_of_hours == OutOfHours::emergency_duty;
    }

    // It is told what the role is told, which has it all the same; whether the role itself passes
    // anything on is the role's to say.
    void add_emergency_duty(const Route& route) {
        if (policy_.is_front_door_open(input_.decided_at) || own_.role == route.role) return;
        const auto seats = registry_.seats_with_role(emergency_duty_, input_.decided_at);
        for (const auto& seat : seats) place(seat, route);
        if (seats.empty()) reach_.missing.push_back({emergency_duty_, &route, false});
    }

    // Of what was said about a child before it was adopted (domain.md G11): what the front door
    // would read, for whoever keeps that identity, and nothing for anybody else. Where the row has
    // no part for the front door either, only that something was said and by whom.
    bool follow_severed() {
        std::vector<Seat> keepers;
        for (const auto& involved : input_.involved) {
            const auto* relation = policy_.find_relation(involved.relation);
            if (relation != nullptr && relation->severs) keepers.push_back(involved.seat);
        }
        if (keepers.empty()) return false;
        std::map<std::string_view, std::uint16_t> largest;  // of each section
        for (const auto& route : type_.routes) {
            if (route.role != front_door_ || !route.in_force.at(input_.decided_at)) continue;
            for (const auto slot : route.view_slots) {
                auto& held = largest[policy_.views()[slot].section];
                held = std::max(held, slot);
            }
        }
        auto route = std::make_unique<Route>();
        route->id = severed_route;
        route->role = keepers.front().role;
        route->telephone = policy_.telephone_of(route->role);
        route->act = true;
        route->must = true;
        for (const auto& [section, slot] : largest) {
            route->views.push_back(policy_.views()[slot].view);
            route->view_slots.push_back(slot);
        }
        for (const auto& seat : keepers) place(seat, *route);
        reach_.severed = std::move(route);
        return true;
    }

    void place(const Seat& seat, const Route& route) {
        if (seat == own_) {
            reach_.own_seat = true;
            return;
        }
        const SeatEntry* entry = connected(seat);
        if (entry == nullptr) {
            reach_.missing.push_back({seat.role, &route, false, seat.agency});
        } else if (!is_conflicted(seat)) {
            reach_.candidates.push_back({seat, entry->inbox, &route, route.act, false});
        } else if (const auto alternate = alternate_for(seat)) {
            reach_.candidates.push_back({seat, *alternate, &route, route.act, true});
        } else {
            reach_.missing.push_back({seat.role, &route, true});
        }
    }

    bool is_left_to_us(const Route& route) const {
        if (said_by_ == nullptr) return false;
        return is_left_to_pass_on(
            route, input_.facts, {said_by_->kind, input_.facts.passed_on_from.role},
            {input_.sender_kind, input_.facts.sender_role}, policy_, input_.decided_at);
    }

    // One recipient whether or not anybody is involved: it says nothing of that to the sender.
    void add_pass_on() {
        const auto& routes = corrected_ == nullptr ? type_.routes : corrected_->routes;
        const auto is_automatic = [](const Route& route) { return route.pass_on_by_itself; };
        if (std::none_of(routes.begin(), routes.end(), is_automatic)) return;
        const bool needs_a_person = says_what_a_person_releases(input_.facts, policy_);
        const auto [agency, entry] =
            pass_on_seat(input_.facts, registry_, policy_, input_.decided_at);
        if (entry == nullptr) return;
        // What was put right reaches those who had it the way that it went.
        if (corrected_ != nullptr && !contains(input_.thread_seats, Seat{agency->id, entry->role}))
            return;
        std::map<std::string_view, std::uint16_t> largest;  // of each section
        for (const auto& route : routes) {
            if (corrected_ != nullptr
                    ? !is_automatic(route)
                    : !is_left_to_pass_on(
                          route, input_.facts, {input_.sender_kind, input_.facts.sender_role},
                          {agency->kind, entry->role}, policy_, input_.decided_at)) {
                continue;
            }
            // Whoever was told before may hear how it ended: nobody new hears of the child.
            if (needs_a_person && (corrected_ != nullptr || route.by != RouteBy::thread)) continue;
            for (const auto slot : route.view_slots) {
                auto& held = largest[policy_.views()[slot].section];
                held = std::max(held, slot);
            }
        }
        if (largest.empty()) return;
        auto route = std::make_unique<Route>();
        route->id = pass_on_route;
        route->role = entry->role;
        // It decides nothing: what a person must decide is left to one (decide.cpp).
        route->must = true;
        for (const auto& [section, slot] : largest) {
            route->views.push_back(policy_.views()[slot].view);
            route->view_slots.push_back(slot);
        }
        const Seat seat{agency->id, entry->role};
        reach_.candidates.push_back({seat, entry->inbox, route.get(), false, false});
        reach_.pass_on = std::move(route);
    }

    bool may_know(const Route& route) const {
        return may_know_involved(input_.sender_kind, input_.facts.sender_role, route.relation,
                                 policy_);
    }

    // Front door and emergency duty are one recipient with two desks: whoever is on duty acts.
    void follow_front_door(const Route& route) {
        const auto is_desk = [&](const Seat& seat) { return this->is_desk(seat.role); };
        if (route.by == RouteBy::thread &&
            std::none_of(input_.thread_seats.begin(), input_.thread_seats.end(), is_desk)) {
            return;
        }
        const auto& addressed = input_.facts.addressed_to;
        if (route.by == RouteBy::addressed &&
            std::none_of(addressed.begin(), addressed.end(), is_desk)) {
            return;
        }
        found_.push_back(route.id);
        // Where the duty team stood in for somebody else it alone had it, and the front door hears
        // nothing of it in the morning either.
        if (route.by == RouteBy::thread && corrected_ != nullptr &&
            std::any_of(corrected_->routes.begin(), corrected_->routes.end(),
                        [&](const Route& of) { return stands_in_at_night(of); })) {
            for (const auto& seat : input_.thread_seats) {
                if (is_desk(seat)) place(seat, route);
            }
            return;
        }
        const bool at_night =
            route.out_of_hours == OutOfHours::emergency_duty ||
            (route.emergency_if_harm_actual && input_.facts.harm == wire::Harm::likely_or_actual);
        const bool emergency_on_duty = at_night && !policy_.is_front_door_open(input_.decided_at);
        const RoleId& on_duty = emergency_on_duty ? emergency_duty_ : front_door_;
        const RoleId& other = emergency_on_duty ? front_door_ : emergency_duty_;

        auto seats = registry_.seats_with_role(on_duty, input_.decided_at);
        const bool own = std::erase(seats, own_) > 0;
        if (own) reach_.own_seat = true;
        bool conflicted_away = false;
        bool placed = false;
        for (const auto& seat : seats) {
            if (is_conflicted(seat) && !alternate_for(seat)) {
                conflicted_away = true;
            } else {
                place(seat, route);
                placed = true;
            }
        }
        if (!placed) {
            if (!own && !conflicted_away) reach_.missing.push_back({on_duty, &route, false});
            // A desk that is not connected, or conflicted, must not leave a child with nobody: the
            // other desk acts. The front door itself handing over by day gives its own night desk
            // nothing to do.
            const bool other_may = emergency_on_duty || (!own && (at_night || conflicted_away));
            bool stood_in = false;
            if (other_may) {
                for (const auto& seat : registry_.seats_with_role(other, input_.decided_at)) {
                    if (seat == own_ || (is_conflicted(seat) && !alternate_for(seat))) continue;
                    place(seat, route);
                    stood_in = true;
                }
            }
            if (!stood_in && (conflicted_away || (own && emergency_on_duty))) {
                reach_.missing.push_back({on_duty, &route, conflicted_away});
            }
        }
        if (route.by != RouteBy::thread) return;
        // The desk off duty that had the start hears the rest; it need not act.
        for (const auto& seat : input_.thread_seats) {
            if (!is_desk(seat) || has_candidate(seat) || seat == own_) continue;
            const SeatEntry* entry = connected(seat);
            if (entry == nullptr || is_conflicted(seat)) continue;
            reach_.candidates.push_back({seat, entry->inbox, &route, false, false});
        }
    }

    void keep_best_of_each_seat() {
        auto& all = reach_.candidates;
        // Acting before told, must before may, then the order of the policy's text: each goes
        // behind its equals.
        const auto before = [](const Candidate& a, const Candidate& b) {
            return std::tuple(std::cref(a.seat), !a.act, !a.route->must) <
                   std::tuple(std::cref(b.seat), !b.act, !b.route->must);
        };
        sort_keeping_order(all, before);
        const auto same_seat = [](const Candidate& a, const Candidate& b) {
            return a.seat == b.seat;
        };
        all.erase(std::unique(all.begin(), all.end(), same_seat), all.end());
        // One inbox is one parcel. A stand-in who is a recipient already gets only that; the other
        // role is rung.
        std::vector<InboxId> inboxes;
        for (const auto& candidate : all) {
            if (!candidate.alternate) inboxes.push_back(candidate.inbox);
        }
        std::erase_if(all, [&](const Candidate& candidate) {
            if (!candidate.alternate) return false;
            if (contains(inboxes, candidate.inbox)) {
                reach_.missing.push_back({candidate.seat.role, candidate.route, true});
                return true;
            }
            inboxes.push_back(candidate.inbox);
            return false;
        });
    }

    void find_without_function() {
        const auto by_thread = [](const Route& route) { return route.by == RouteBy::thread; };
        std::vector<Seat> asked_for = input_.facts.addressed_to;
        if (std::any_of(type_.routes.begin(), type_.routes.end(), by_thread)) {
            asked_for.insert(asked_for.end(), input_.thread_seats.begin(),
                             input_.thread_seats.end());
            std::sort(asked_for.begin(), asked_for.end());
            asked_for.erase(std::unique(asked_for.begin(), asked_for.end()), asked_for.end());
        }
        for (const auto& seat : asked_for) {
            // It had the thread's start to pass on, and has nothing to hear for itself.
            if (seat.role == policy_.pass_on_role()) continue;
            if (reach_.danger != nullptr && is_desk(seat.role)) continue;
            const RoleId& role = seat.role == emergency_duty_ ? front_door_ : seat.role;
            const auto reaches = [&](const Route& route) { return route.role == role; };
            if (std::none_of(type_.routes.begin(), type_.routes.end(), reaches))
                reach_.no_function.push_back(seat);
        }
    }

    const SeatEntry* connected(const Seat& seat) const {
        if (registry_.find_active_agency(seat.agency, input_.decided_at) == nullptr) return nullptr;
        return registry_.find_seat(seat);
    }
    bool is_conflicted(const Seat& seat) const {
        return contains(input_.facts.conflicts_stated, seat);
    }
    /// The nearest who may see it; none: nobody stands in for the seat.
    std::optional<InboxId> alternate_for(const Seat& seat) const;
    bool has_candidate(const Seat& seat) const {
        return std::any_of(reach_.candidates.begin(), reach_.candidates.end(),
                           [&](const Candidate& candidate) { return candidate.seat == seat; });
    }

    const DecisionInput& input_;
    const TypeRule& type_;
    const Registry& registry_;
    const Policy& policy_;
    const Seat own_;
    const bool passing_on_;
    const bool by_itself_;
    const TypeRule* corrected_;       ///< of a correction: the type of what was wrong
    const Agency* said_by_;           ///< whose words are passed on by itself
    std::vector<std::string> found_;  ///< ids of routes that found somebody
    const RoleId front_door_;
    const RoleId emergency_duty_;
    Reach reach_;
};

// Who stands in for the seat, the nearest first. An alternate may itself be the main inbox of a
// seat in the conflict, or of the publisher: then it is passed over.
std::vector<InboxId> usable_alternates(const Seat& seat, const DecisionInput& input,
                                       const Registry& registry) {
    const Agency* agency = registry.find_agency(seat.agency);
    if (agency == nullptr) return {};
    auto alternates = alternates_of(*agency, seat.role);
    std::erase_if(alternates, [&](const InboxId& inbox) {
        return std::any_of(agency->seats.begin(), agency->seats.end(), [&](const SeatEntry& other) {
            if (other.inbox != inbox) return false;
            const Seat behind{seat.agency, other.role};
            return contains(input.facts.conflicts_stated, behind) ||
                   behind == Seat{input.facts.sender, input.facts.sender_role};
        });
    });
    return alternates;
}

std::optional<InboxId> RouteReader::alternate_for(const Seat& seat) const {
    const auto alternates = usable_alternates(seat, input_, registry_);
    return alternates.empty() ? std::nullopt : std::optional(alternates.front());
}

}  // namespace

bool holds(const RouteCondition& when, const wire::RoutingFacts& facts,
           const AgencyKind& sender_kind) {
    return holds(when, facts, sender_kind, facts.agreement.status);
}

bool holds(const RouteCondition& when, const wire::RoutingFacts& facts,
           const AgencyKind& sender_kind, wire::AgreementStatus status) {
    return holds_for(when, facts, {sender_kind, facts.sender_role}, status);
}

namespace {

bool holds_for(const RouteCondition& when, const wire::RoutingFacts& facts, const Speaker& speaker,
               wire::AgreementStatus status) {
    const auto allowed = [](const auto& list, const auto& value) {
        return list.empty() || contains(list, value);
    };
    const auto marked = [&](const std::string& marker) { return contains(facts.markers, marker); };
    if (!allowed(when.risk_grades, facts.risk_grade) || !allowed(when.kinds, facts.kind) ||
        !allowed(when.sender_kinds, speaker.kind) ||
        !allowed(when.sender_roles, speaker.role.value()) || !allowed(when.harms, facts.harm) ||
        !allowed(when.levels, facts.level) || !allowed(when.purposes, facts.purpose) ||
        !allowed(when.rags, facts.rag) || !allowed(when.agreements, status)) {
        return false;
    }
    if (contains(when.sender_kinds_except, speaker.kind)) return false;
    if (when.harm_suspected_or_worse) {
        const bool harm =
            facts.harm == wire::Harm::suspected || facts.harm == wire::Harm::likely_or_actual;
        if (harm != *when.harm_suspected_or_worse) return false;
    }
    if (when.matched && *when.matched != is_matched(facts)) return false;
    if (std::any_of(when.markers_none.begin(), when.markers_none.end(), marked)) return false;
    return when.markers_any.empty() ||
           std::any_of(when.markers_any.begin(), when.markers_any.end(), marked);
}

}  // namespace

const TypeRule* corrected_type(const wire::RoutingFacts& facts, const TypeRule& type,
                               const Policy& policy) {
    if (type.row != row_correction || facts.kind.empty()) return nullptr;
    return policy.find_type(TypeId(facts.kind));
}

const TypeRule* referral_type(const Policy& policy) {
    const auto& types = policy.types();
    const auto found = std::ranges::find(types, row_referral, &TypeRule::row);
    return found == types.end() ? nullptr : &*found;
}

bool passes_on_by_itself(const wire::RoutingFacts& facts, const Policy& policy) {
    return !policy.pass_on_role().empty() && facts.sender_role == policy.pass_on_role();
}

bool passes_on(const wire::RoutingFacts& facts, const Policy& policy) {
    if (passes_on_by_itself(facts, policy)) return true;
    const auto& marker = policy.pass_on_marker();
    const bool desk = facts.sender_role == policy.front_door_role() ||
                      facts.sender_role == policy.emergency_duty_role();
    return desk && !marker.empty() && contains(facts.markers, marker);
}

Reach reach_of(const DecisionInput& input, const TypeRule& type, const Registry& registry,
               const Policy& policy, bool floor) {
    return RouteReader(input, type, registry, policy).read(floor);
}

std::vector<std::vector<wire::Standby>> standbys_of(const std::vector<Candidate>& candidates,
                                                    const DecisionInput& input,
                                                    const Registry& registry,
                                                    const Policy& policy) {
    std::vector<InboxId> used;
    used.reserve(candidates.size() * 2);
    for (const auto& candidate : candidates) used.push_back(candidate.inbox);
    const RoleId front_door = policy.front_door_role();
    const RoleId emergency_duty = policy.emergency_duty_role();
    std::vector<std::vector<wire::Standby>> all(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& candidate = candidates[i];
        // Behind a stated conflict stands nobody: the seat's own inbox is the one that must not see
        // it.
        if (candidate.alternate) continue;
        const auto add = [&](const InboxId& inbox, wire::StandbyCause cause) {
            if (contains(used, inbox)) return;
            used.push_back(inbox);
            all[i].push_back({inbox, cause});
        };
        const SeatEntry* entry = registry.find_seat(candidate.seat);
        if (entry != nullptr && entry->people) {
            for (const auto& inbox : usable_alternates(candidate.seat, input, registry))
                add(inbox, wire::StandbyCause::alternate);
        }
        const bool is_front_door = candidate.seat.role == front_door;
        if (!is_front_door && candidate.seat.role != emergency_duty) continue;
        // Whoever stands in for another role at night has nothing for the front door's morning.
        const RoleId& role_of_row = candidate.route->role;
        if (!is_front_door && role_of_row != front_door && role_of_row != emergency_duty) continue;
        // What queues for the morning stands by for a conflict only, never for the hour.
        const bool queued = candidate.route->out_of_hours == OutOfHours::queue && is_front_door;
        const auto cause =
            queued ? wire::StandbyCause::alternate : wire::StandbyCause::out_of_hours;
        if (queued && !all[i].empty()) continue;
        for (const auto& seat : registry.seats_with_role(
                 is_front_door ? emergency_duty : front_door, input.decided_at)) {
            if (contains(input.facts.conflicts_stated, seat)) continue;
            // Receipts are signed by an agency: one that stood in for another's seat would show the
            // sender that it did, and so a conflict. A duty team of its own has its own seat's
            // items, at night, and the tasks.
            if (seat.agency != candidate.seat.agency) continue;
            if (seat == Seat{input.facts.sender, input.facts.sender_role}) continue;
            add(registry.find_seat(seat)->inbox, cause);
        }
    }
    for (auto& standbys : all) std::sort(standbys.begin(), standbys.end());
    return all;
}

PassOn pass_on_of(const wire::RoutingFacts& facts, const AgencyKind& sender_kind,
                  const std::string& relation, const Registry& registry, const Policy& policy,
                  WallTime at) {
    const TypeRule* type = policy.find_type(facts.type);
    if (type == nullptr || passes_on(facts, policy)) return PassOn::nobody;
    const auto desks = registry.seats_with_role(policy.front_door_role(), at);
    const Agency* desk = desks.empty() ? nullptr : registry.find_agency(desks.front().agency);
    const bool by_itself =
        desk != nullptr &&
        std::any_of(type->routes.begin(), type->routes.end(), [&](const Route& route) {
            return route.relation == relation &&
                   is_left_to_pass_on(route, facts, {sender_kind, facts.sender_role},
                                      {desk->kind, policy.pass_on_role()}, policy, at);
        });
    if (by_itself) return PassOn::by_itself;
    if (may_know_involved(sender_kind, facts.sender_role, relation, policy)) return PassOn::nobody;
    // What the row keeps for police and front door (a sighting to the social worker) the front
    // door says in its own name.
    const auto by_the_desk = [&](const Route& route) {
        return route.by == RouteBy::involved && route.relation == relation && route.visible &&
               route.in_force.at(at) &&
               holds_for(route.when, facts, {desk->kind, policy.front_door_role()},
                         facts.agreement.status);
    };
    const bool by_person =
        row_uses_relation(facts, sender_kind, relation, policy, at) ||
        (desk != nullptr && std::any_of(type->routes.begin(), type->routes.end(), by_the_desk));
    return by_person ? PassOn::by_person : PassOn::nobody;
}

}  // namespace mash::area
