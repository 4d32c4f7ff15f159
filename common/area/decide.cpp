#include "common/area/decide.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "common/area/decide_deadlines.hpp"
#include "common/area/decide_routes.hpp"
#include "common/area/decide_rules.hpp"
#include "common/area/policy.hpp"
#include "common/area/trial.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// What the sender offers, asked once: by place in the policy's views, and the sections that would
/// be marked.
class Offer {
public:
    Offer(const DecisionInput& input, const TypeRule& type, const Policy& policy)
        : policy_(policy), on_offer_(policy.views().size()) {
        const auto& facts = input.facts;
        std::vector<std::string_view> sections;
        for (const auto& view : facts.views_on_offer) {
            const auto slot = policy.view_slot(view);
            if (!slot) continue;  // not of this catalogue: nobody can be granted it
            on_offer_[*slot] = true;
            sections.push_back(policy.views()[*slot].section);
        }
        sort_unique(sections);
        for (const auto& each : type.withholdings) {
            if (holds(each.when, facts, input.sender_kind)) take_back(each.sections);
        }
        for (const auto& code : sections) {
            const SectionDefinition* section = policy.find_section(code);
            if (section != nullptr && section->withholding == "marked") marked_.push_back(section);
        }
    }

    /// `reduced`: without the sections that the policy holds back from a reduced share, each
    /// marked.
    void fill(const Route& route, bool reduced, wire::Recipient& recipient) const {
        const auto& views = policy_.views();
        const auto& held_back = policy_.withheld_when_reduced();
        std::vector<std::size_t> granted;
        granted.reserve(route.view_slots.size());
        recipient.views.reserve(route.view_slots.size());
        for (const std::size_t slot : route.view_slots) {
            // Down through the smaller views of the same section; rank 1 is its smallest.
            for (std::size_t i = slot;; --i) {
                if (on_offer_[i]) {
                    const std::string& section = views[i].section;
                    if (reduced &&
                        std::find(held_back.begin(), held_back.end(), section) != held_back.end()) {
                        recipient.withheld.push_back(section);
                        break;
                    }
                    recipient.views.push_back(views[i].view);
                    granted.push_back(i);
                    break;
                }
                if (views[i].rank == 1) break;
            }
        }
        if (!std::is_sorted(recipient.views.begin(), recipient.views.end())) {
            std::sort(recipient.views.begin(), recipient.views.end());
        }
        for (const auto* section : marked_) {
            const auto& roles = section->marked_to;
            if (!roles.empty() &&
                std::find(roles.begin(), roles.end(), recipient.seat.role) == roles.end())
                continue;
            const auto has_it = [&](std::size_t i) { return views[i].section == section->code; };
            if (std::none_of(granted.begin(), granted.end(), has_it))
                recipient.withheld.push_back(section->code);
        }
        if (reduced) sort_unique(recipient.withheld);
    }

private:
    void take_back(const std::vector<std::string>& sections) {
        for (std::size_t i = 0; i < on_offer_.size(); ++i) {
            const auto& section = policy_.views()[i].section;
            if (std::find(sections.begin(), sections.end(), section) != sections.end())
                on_offer_[i] = false;
        }
    }

    const Policy& policy_;
    std::vector<bool> on_offer_;
    std::vector<const SectionDefinition*> marked_;  // by code
};

struct Outcome {
    Verdict verdict = Verdict::refuse;
    const Rule* rule = nullptr;
    wire::AgreementStatus status{};  ///< the family's answer as it counts
    wire::NotSoughtReason reason{};
    std::array<const Rule*, 2> rewritten{};
};

// A person's answer to this rule about this seat: true allowed, false refused, none not asked.
std::optional<bool> answer_of(const RuleInput& r, std::string_view rule) {
    std::optional<bool> answer;
    for (const auto& authorised : r.in.authorised) {
        if (authorised.rule != rule) continue;
        if (std::find(authorised.seats.begin(), authorised.seats.end(), r.seat) ==
            authorised.seats.end())
            continue;
        answer = answer.value_or(true) && authorised.allow;
    }
    return answer;
}

Outcome outcome_of(const Rulebook& book, RuleInput r) {
    Outcome out;
    const auto settle = [&](Verdict verdict, const Rule& rule) {
        out.verdict = verdict;
        out.rule = &rule;
        out.status = r.status;
        out.reason = r.reason;
        return out;
    };
    r.status = r.in.facts.agreement.status;
    r.reason = r.in.facts.agreement.not_sought_reason;
    for (const auto& rule : book.rules) {
        if (!rule.when(r)) continue;
        if (book.trace != nullptr) book.trace->rules.insert(&rule - book.rules.data());
        if (rule.rewrite != nullptr) {
            rule.rewrite(r);
            out.rewritten[out.rewritten[0] == nullptr ? 0 : 1] = &rule;
            continue;
        }
        const Verdict verdict = rule.verdict(r);
        if (verdict != Verdict::hold) return settle(verdict, rule);
        const auto answer = answer_of(r, rule.id);
        if (!answer) return settle(Verdict::hold, rule);
        if (!*answer) return settle(Verdict::refuse, rule);
        if (!rule.permission_goes_on) return settle(Verdict::share, rule);
    }
    CHECK(false);  // the last rule holds always
    return {};
}

// Data Protection Act 2018 Sch 1 para 18 asks why there is no consent: a, it cannot be given; b, it
// cannot reasonably be expected to be obtained; c, asking would prejudice the protection.
std::string_view reason_without_consent(const Outcome& outcome) {
    using Reason = wire::NotSoughtReason;
    switch (outcome.status) {
        case wire::AgreementStatus::given: return "";
        case wire::AgreementStatus::refused:
        case wire::AgreementStatus::withdrawn: return "b";
        case wire::AgreementStatus::not_sought:
            switch (outcome.reason) {
                case Reason::cannot_be_given: return "a";
                case Reason::cannot_be_contacted:
                case Reason::none:
                case Reason::unknown: return "b";
                default: return "c";
            }
        default: return "c";
    }
}

/// The row's basis on these facts, and what the law of the moment adds to it.
std::string basis_of(const DecisionInput& input, const TypeRule& type, const Route& route,
                     const Outcome& outcome, const Agency* recipient, const Policy& policy) {
    const std::string* chosen = &type.basis;
    if (!route.basis.empty()) {
        chosen = &route.basis;
    } else {
        for (const auto& rule : type.bases) {
            if (!rule.in_force.at(input.decided_at) ||
                !holds(rule.when, input.facts, input.sender_kind, outcome.status)) {
                continue;
            }
            chosen = &rule.basis;
            break;
        }
    }
    std::string basis = *chosen;
    constexpr std::string_view p18 = "9g-p18";
    if (type.agreement_class != TypeRule::Class::unconditional) {
        const auto at = basis.find(p18);
        if (at != std::string::npos) basis.insert(at + p18.size(), reason_without_consent(outcome));
    }
    // domain.md C4: where the duty to share is in force, it stands beside the public task.
    if (basis.starts_with("e;") && recipient != nullptr && basis.find(";c") == std::string::npos &&
        policy.sharing_duty().between(input.sender_kind, recipient->kind, input.decided_at)) {
        basis.insert(0, "c;");
    }
    return basis;
}

wire::Decision refused_whole(std::string_view rule, std::string_view refusal) {
    wire::Decision out;
    out.rule = rule;
    out.refusal = refusal;
    return out;
}

/// One decision under way, recipient by recipient.
class DecisionMaker {
public:
    DecisionMaker(const Rulebook& book, const DecisionInput& input, const TypeRule& type,
                  const Registry& registry, const Policy& policy)
        : book_(book),
          input_(input),
          type_(type),
          registry_(registry),
          policy_(policy),
          corrected_(corrected_type(input.facts, type, policy)),
          timing_(input, type, policy, corrected_),
          danger_timing_(input, type, policy, referral_type(policy)),
          offer_(input, type, policy) {}

    wire::Decision run() {
        const std::string_view why = floor_reason();
        out_.floor = !why.empty();
        if (out_.floor) {
            if (!type_.danger || timing_.urgency() > wire::Urgency::u2) {
                auto waits = refused_whole("", why);
                waits.floor = true;
                return waits;
            }
            out_.warnings.emplace_back(why);
        }
        if (policy_.in_grace_at(input_.decided_at)) out_.warnings.emplace_back("policy_in_grace");

        Reach reach = reach_of(input_, type_, registry_, policy_, out_.floor);
        const auto as_corrected = reach.severed == nullptr
                                      ? follow_corrected(reach)
                                      : std::vector<std::unique_ptr<const Route>>();
        for (const auto& seat : reach.no_function) {
            const Outcome outcome = judge(seat, nullptr);
            out_.refused.push_back(
                {seat, std::string(outcome.rule->id), std::string(outcome.rule->refusal)});
        }
        judge_candidates(reach);
        judge_missing(reach.missing);
        settle_recipients();
        state_clocks();
        warn(reach);
        settle();
        return std::move(out_);
    }

private:
    std::string_view floor_reason() const {
        if (!policy_.in_force_at(input_.decided_at)) {
            return input_.decided_at < policy_.valid_from() ? "policy_not_in_force"
                                                            : "policy_expired";
        }
        return input_.floor ? "documents_not_fresh" : "";
    }

    void judge_candidates(const Reach& reach) {
        std::vector<Candidate> granted;
        std::vector<Outcome> outcomes;
        std::vector<Question> questions;
        for (const auto& candidate : reach.candidates) {
            const Outcome outcome = judge(candidate.seat, candidate.route);
            // Where a person decides, a person passes on as well: nothing to ask twice about.
            const bool passes_on = candidate.route == reach.pass_on.get();
            if (passes_on && outcome.verdict != Verdict::share) continue;
            note(outcome);
            if (book_.trace != nullptr) book_.trace->routes.insert(candidate.route->id);
            switch (outcome.verdict) {
                case Verdict::share:
                    granted.push_back(candidate);
                    outcomes.push_back(outcome);
                    break;
                case Verdict::refuse:
                    out_.refused.push_back({candidate.seat, std::string(outcome.rule->id),
                                            std::string(outcome.rule->refusal)});
                    break;
                case Verdict::hold:
                    if (hold(candidate.seat, outcome)) questions.push_back({&candidate, outcome});
                    break;
            }
        }
        const auto shown = add_deciders(questions, granted, outcomes);
        auto standbys = standbys_of(granted, input_, registry_, policy_);
        out_.recipients.reserve(granted.size());
        for (std::size_t i = 0; i < granted.size(); ++i) {
            grant(granted[i], outcomes[i], std::move(standbys[i]));
            if (granted[i].route->id != decider_route) continue;
            out_.recipients.back().take_by = timing_.decide_by();
            out_.recipients.back().estimated = false;
        }
    }

    // K2: each gets what the row of the wrong message gives its role, not what its kind of agency
    // gets elsewhere; a role that the row gives nothing had nothing to correct. The front door may
    // hear of any.
    std::vector<std::unique_ptr<const Route>> follow_corrected(Reach& reach) const {
        std::vector<std::unique_ptr<const Route>> routes;
        if (corrected_ == nullptr) return routes;
        for (auto& candidate : reach.candidates) {
            if (candidate.route == reach.pass_on.get()) continue;
            const auto views = largest_for(candidate.seat.role, *corrected_, &candidate.seat);
            const bool is_desk = candidate.route->role == policy_.front_door_role();
            if (!views && is_desk) continue;
            auto route = std::make_unique<Route>(*candidate.route);
            set_views(*route, views.value_or(Largest{}));
            // What the duty team had in another role's stead is no more the front door's now.
            if (candidate.seat.role == policy_.emergency_duty_role()) {
                for (const auto& of : corrected_->routes) {
                    if (of.role != policy_.front_door_role() &&
                        of.out_of_hours == OutOfHours::emergency_duty)
                        route->role = of.role;
                }
            }
            candidate.route = route.get();
            routes.push_back(std::move(route));
        }
        std::erase_if(reach.candidates, [&](const Candidate& candidate) {
            if (!candidate.route->view_slots.empty()) return false;
            reach.no_function.push_back(candidate.seat);
            return true;
        });
        return routes;
    }

    /// Of each section the largest view.
    using Largest = std::map<std::string_view, std::uint16_t>;

    void add_largest(const Route& route, Largest& largest) const {
        for (const auto slot : route.view_slots) {
            auto& held = largest[policy_.views()[slot].section];
            held = std::max(held, slot);
        }
    }

    /// What the row gives this role at most; of a seat, not what it keeps for one that the sender
    /// names where it gives less to whoever is involved. None: it does not name it.
    std::optional<Largest> largest_for(const RoleId& role, const TypeRule& type,
                                       const Seat* seat = nullptr) const {
        const auto& named = input_.facts.addressed_to;
        const bool is_unnamed = seat != nullptr && std::ranges::find(named, *seat) == named.end() &&
                                std::ranges::any_of(type.routes, [&](const Route& route) {
                                    return route.role == role && route.by == RouteBy::involved;
                                });
        std::optional<Largest> largest;
        for (const auto& route : type.routes) {
            if (is_unnamed && route.by == RouteBy::addressed) continue;
            const bool is_desk = role == policy_.emergency_duty_role() &&
                                 (route.role == policy_.front_door_role() ||
                                  route.out_of_hours == OutOfHours::emergency_duty);
            if ((route.role != role && !is_desk) || !route.in_force.at(input_.decided_at)) continue;
            if (!largest) largest.emplace();
            add_largest(route, *largest);
        }
        return largest;
    }

    void set_views(Route& route, const Largest& largest) const {
        route.views.clear();
        route.view_slots.clear();
        for (const auto& [section, slot] : largest) {
            route.views.push_back(policy_.views()[slot].view);
            route.view_slots.push_back(slot);
        }
    }

    /// Somebody whom a person must decide about.
    struct Question {
        const Candidate* about = nullptr;
        Outcome outcome;
    };

    // Whoever decides at another agency reads what it decides about: what those whom it decides
    // about would get, of each section no more than the row permits its own role. Not if it is in
    // the sender's own agency, gets its part of the row anyway, or is asked about itself or was
    // refused: what it may not have it does not get by being asked. Then somebody rings.
    std::vector<std::unique_ptr<const Route>> add_deciders(const std::vector<Question>& questions,
                                                           std::vector<Candidate>& granted,
                                                           std::vector<Outcome>& outcomes) const {
        std::vector<std::unique_ptr<const Route>> routes;
        if (out_.floor) return routes;
        std::vector<Seat> deciders;
        for (const auto& held : out_.held) deciders.push_back(held.decider);
        sort_unique(deciders);
        for (const auto& decider : deciders) {
            const SeatEntry* entry = registry_.find_seat(decider);
            if (decider.agency == input_.facts.sender || entry == nullptr || !entry->people ||
                has_part(decider, entry->inbox, granted))
                continue;
            std::vector<Question> asked;
            for (std::size_t i = 0; i < questions.size(); ++i) {
                if (out_.held[i].decider == decider) asked.push_back(questions[i]);
            }
            auto route = shown_to(decider, asked);
            if (route->view_slots.empty()) continue;
            Outcome outcome = asked.front().outcome;
            outcome.verdict = Verdict::share;
            for (const auto& each : asked) {
                if (!each.outcome.rule->reduced) outcome.rule = each.outcome.rule;
            }
            granted.push_back({decider, entry->inbox, route.get(), false, false});
            outcomes.push_back(outcome);
            routes.push_back(std::move(route));
        }
        return routes;
    }

    bool has_part(const Seat& decider, const InboxId& inbox,
                  const std::vector<Candidate>& granted) const {
        // Front door and emergency duty are one recipient with two desks.
        const auto is_desk = [&](const Seat& seat) {
            return seat.role == policy_.front_door_role() ||
                   seat.role == policy_.emergency_duty_role();
        };
        const auto is_same = [&](const Seat& seat) {
            const SeatEntry* entry = registry_.find_seat(seat);
            return seat == decider || (is_desk(seat) && is_desk(decider)) ||
                   (entry != nullptr && entry->inbox == inbox);
        };
        const auto is_about = [&](const auto& each) { return is_same(each.seat); };
        return std::any_of(granted.begin(), granted.end(),
                           [&](const Candidate& each) {
                               return each.inbox == inbox || is_same(each.seat);
                           }) ||
               std::any_of(out_.held.begin(), out_.held.end(), is_about) ||
               std::any_of(out_.refused.begin(), out_.refused.end(), is_about);
    }

    std::unique_ptr<const Route> shown_to(const Seat& decider,
                                          const std::vector<Question>& asked) const {
        Largest shown;
        for (const auto& each : asked) add_largest(*each.about->route, shown);
        // What two people must release is shown to nobody before they have.
        std::erase_if(shown, [&](const auto& view) {
            const auto* section = policy_.find_section(policy_.views()[view.second].section);
            return section == nullptr || !section->goes_by_itself();
        });
        if (const auto own = largest_for(decider.role, type_)) {
            std::erase_if(shown, [&](const auto& view) { return !own->contains(view.first); });
            for (auto& [section, slot] : shown) slot = std::min(slot, own->at(section));
        }
        auto route = std::make_unique<Route>();
        route->id = decider_route;
        route->role = decider.role;
        route->out_of_hours = OutOfHours::emergency_duty;
        set_views(*route, shown);
        return route;
    }

    bool hold(const Seat& seat, const Outcome& outcome) {
        const auto decider = decider_seat(outcome.rule->decider, input_, registry_, policy_);
        const std::string rule(outcome.rule->id);
        if (decider)
            out_.held.push_back({seat, *decider, rule, timing_.decide_by()});
        else
            out_.refused.push_back({seat, rule, "nobody_to_decide"});
        return decider.has_value();
    }

    // A row of a few working days' time does not make a danger wait for them.
    Timing& timing_by(const Route& route) {
        return route.id == danger_route ? danger_timing_ : timing_;
    }

    void grant(const Candidate& candidate, const Outcome& outcome,
               std::vector<wire::Standby> standbys) {
        wire::Recipient& recipient = out_.recipients.emplace_back();
        recipient.seat = candidate.seat;
        recipient.inbox = candidate.inbox;
        recipient.act = candidate.act;
        Timing& timing = timing_by(*candidate.route);
        recipient.urgency = timing.urgency_of(candidate.act);
        // How fast it travels is the event's; how soon it must be taken is the recipient's.
        recipient.lane = timing.lane();
        const auto due = timing.due(*candidate.route, candidate.seat.role, candidate.act);
        recipient.take_by = due.at;
        recipient.estimated = due.estimated;
        recipient.rule = outcome.rule->id;
        recipient.route = candidate.route->id;
        recipient.basis = basis_of(input_, type_, *candidate.route, outcome,
                                   registry_.find_agency(candidate.seat.agency), policy_);
        recipient.standbys = std::move(standbys);
        offer_.fill(*candidate.route, outcome.rule->reduced, recipient);
        leave_out_unchanged(candidate, recipient);
    }

    // Only what the recipient would be granted anew, so that it learns of nothing else; only from
    // whoever both sides know to be of the thread. The alternate behind a stated conflict has its
    // part in its own inbox or nowhere, the automatic pass-on reads what it gets alone, and what is
    // shown for a decision is gone after it.
    void leave_out_unchanged(const Candidate& candidate, wire::Recipient& recipient) const {
        const auto& thread = input_.thread_seats;
        if (!type_.changed_only || candidate.alternate || candidate.route->id == pass_on_route ||
            candidate.route->id == decider_route ||
            std::find(thread.begin(), thread.end(), recipient.seat) == thread.end())
            return;
        const auto& stated = input_.facts.unchanged;
        const auto of_seat = std::find_if(stated.begin(), stated.end(), [&](const auto& one) {
            return one.seat == recipient.seat;
        });
        if (of_seat == stated.end()) return;
        for (const auto& view : recipient.views) {
            const auto* section = policy_.find_section(policy_.find_view(view)->section);
            if (section == nullptr || section->in_every_update) continue;
            if (std::find(of_seat->views.begin(), of_seat->views.end(), view) !=
                of_seat->views.end())
                recipient.unchanged.push_back(view);
        }
    }

    // Ringing is telling: a role without an inbox is rung only where a message would have gone.
    void judge_missing(const std::vector<MissingRole>& missing) {
        for (const auto& role : missing) {
            const Seat nobody{{}, role.role};
            const Outcome outcome = judge(nobody, role.route);
            note(outcome);
            if (book_.trace != nullptr) book_.trace->routes.insert(role.route->id);
            if (outcome.verdict == Verdict::hold)
                out_.warnings.emplace_back("held_but_not_connected");
            if (outcome.verdict != Verdict::share) continue;
            wire::NotConnected& task = out_.not_connected.emplace_back();
            task.role = role.role;
            // Behind a conflict the seat's own number may ring on the very desk that must not know.
            task.telephone = number_of(role);
            task.tell_by = timing_by(*role.route).due(*role.route, role.role, role.route->act).at;
            if (role.conflicted) out_.warnings.emplace_back("no_alternate");
        }
    }

    std::string number_of(const MissingRole& role) const {
        if (!role.conflicted) {
            if (const auto* authority = policy_.find_other_authority(role.agency))
                return authority->telephone;
            const std::string& own = role.role == role.route->role
                                         ? role.route->telephone
                                         : policy_.telephone_of(role.role);
            if (!own.empty()) return own;
        }
        return policy_.telephone_of(policy_.front_door_role());
    }

    // Whose each clock in law is. Nobody else reads of it, not even that there is one; whoever
    // stands by for the holder's seat holds it there. At the floor none is stated: nobody vouches
    // for the text that gives its length, and a wrong date in law is worse than the mark that says
    // so. Who is shown something to decide about, or to pass on, or of an identity of before, owes
    // nothing by it.
    void state_clocks() {
        if (out_.floor) return;
        const TypeRule& started = corrected_ == nullptr ? type_ : *corrected_;
        for (const auto& clock : policy_.clocks()) {
            if (!clock.starts(started.type, input_.facts.kind) || !is_restated(clock)) continue;
            const RoleId* holder = holder_of(clock);
            if (holder == nullptr) continue;
            const WallTime by = timing_.clock_by(clock, input_.facts.occurred_at);
            for (auto& recipient : out_.recipients) {
                if (recipient.seat.role == *holder && may_hold(recipient))
                    recipient.clocks.push_back({clock.name, by});
            }
        }
    }

    // A correction says anew when it happened and not when it was first told; and it names the type
    // of what was wrong and not its kind. What it does not state goes on as it was (the reader's
    // agent has it).
    bool is_restated(const ClockRule& clock) const {
        return corrected_ == nullptr || clock.from == ClockRule::From::event;
    }

    static bool may_hold(const wire::Recipient& recipient) {
        return recipient.route != pass_on_route && recipient.route != decider_route &&
               recipient.route != severed_route;
    }

    /// None: nobody of the plan. Whoever is rung counts: what another authority owes is not ours
    /// because it has no agent (domain.md C6, rows 3 and 4). Of several seats of the role each
    /// holds it: which of two authorities owes it no rule knows.
    const RoleId* holder_of(const ClockRule& clock) const {
        for (const auto& role : clock.held_by) {
            const auto is_holder = [&](const wire::Recipient& each) {
                return each.seat.role == role && may_hold(each);
            };
            if (std::ranges::any_of(out_.recipients, is_holder)) return &role;
            if (std::ranges::find(out_.not_connected, role, &wire::NotConnected::role) !=
                out_.not_connected.end())
                return nullptr;
        }
        return nullptr;
    }

    void note(const Outcome& outcome) {
        for (const Rule* rewritten : outcome.rewritten) {
            if (rewritten != nullptr) out_.warnings.emplace_back(rewritten->warning);
        }
        const std::string_view id = outcome.rule->id;
        const auto status = input_.facts.agreement.status;
        if (outcome.verdict == Verdict::share) {
            if (id == review_rule) out_.warnings.emplace_back(review_warning);
            if (id == "E-05") out_.incomplete = true;
            if (id == "E-06" && status != wire::AgreementStatus::not_required &&
                status != wire::AgreementStatus::unstated) {
                out_.warnings.emplace_back("family_must_not_be_asked");
            }
            if ((id == "E-09" || id == "E-10") && (status == wire::AgreementStatus::refused ||
                                                   status == wire::AgreementStatus::withdrawn)) {
                out_.warnings.emplace_back("agreement_overridden");
            }
        } else if (!outcome.rule->offer.empty()) {
            out_.offers.emplace_back(outcome.rule->offer);
        }
        if (id == "E-05") {
            for (auto& code : missing_facts(input_.facts, type_))
                out_.warnings.push_back(std::move(code));
        }
        if (id == "E-07" && type_.statutory)
            out_.warnings.emplace_back("only_statutory_exceptions");
    }

    void warn(const Reach& reach) {
        const auto& grades = policy_.risk_grades();
        const auto& grade = input_.facts.risk_grade;
        if (!grade.empty() && std::find(grades.begin(), grades.end(), grade) == grades.end()) {
            out_.warnings.emplace_back("unknown_risk_grade");
        }
        for (const auto& marker : input_.facts.markers) {
            if (!policy_.markers().contains(marker)) out_.warnings.emplace_back("unknown_marker");
        }
        if (reach.own_seat) out_.warnings.emplace_back("sender_is_recipient");
        if (reach.severed != nullptr) {
            out_.warnings.emplace_back(severed_warning);
            return;
        }
        if (!is_matched(input_.facts)) out_.warnings.emplace_back("unmatched");
        if (leaves_involved_to_front_door()) out_.warnings.emplace_back("front_door_passes_on");
        if (!timing_.covered() || !danger_timing_.covered())
            out_.warnings.emplace_back("calendar_ends");
        for (const auto& advice : type_.advice) {
            if (advice.in_force.at(input_.decided_at) &&
                holds(advice.when, input_.facts, input_.sender_kind)) {
                out_.warnings.push_back(advice.code);
            }
        }
    }

    // Said of the row and the sender alone, so that it tells nothing of who is in fact involved.
    bool leaves_involved_to_front_door() const {
        return std::any_of(type_.routes.begin(), type_.routes.end(), [&](const Route& route) {
            if (route.by != RouteBy::involved) return false;
            const auto& kinds = route.when.sender_kinds;
            const bool for_others = !kinds.empty() && std::find(kinds.begin(), kinds.end(),
                                                                input_.sender_kind) == kinds.end();
            return for_others || !route.visible ||
                   !may_know_involved(input_.sender_kind, input_.facts.sender_role, route.relation,
                                      policy_);
        });
    }

    // A plan has room for so many parcels. Nobody real is involved with that many agencies; who
    // floods the area with claims crowds out those who are only told, never a deciding body, and it
    // is said.
    void keep_within_bounds() {
        const auto parcels = [&] {
            std::size_t count = out_.recipients.size();
            for (const auto& each : out_.recipients) count += each.standbys.size();
            return count;
        };
        while (parcels() > limits::parcels_max) {
            const auto told = std::find_if(out_.recipients.rbegin(), out_.recipients.rend(),
                                           [](const wire::Recipient& each) { return !each.act; });
            const auto victim =
                told != out_.recipients.rend() ? std::prev(told.base()) : last_but_the_desks();
            out_.refused.push_back({victim->seat, victim->rule, "too_many_recipients"});
            out_.recipients.erase(victim);
        }
        const auto cut = [&](auto& list) {
            if (list.size() > limits::seats_per_list_max) {
                list.resize(limits::seats_per_list_max);
                out_.warnings.emplace_back("too_many_recipients");
            }
        };
        cut(out_.held);
        cut(out_.refused);
        cut(out_.not_connected);
    }

    std::vector<wire::Recipient>::iterator last_but_the_desks() {
        const auto is_desk = [&](const wire::Recipient& each) {
            return each.seat.role == policy_.front_door_role() ||
                   each.seat.role == policy_.emergency_duty_role();
        };
        const auto found =
            std::find_if_not(out_.recipients.rbegin(), out_.recipients.rend(), is_desk);
        return found != out_.recipients.rend() ? std::prev(found.base())
                                               : std::prev(out_.recipients.end());
    }

    void settle_recipients() {
        std::ranges::sort(out_.recipients, {}, &wire::Recipient::seat);
        keep_within_bounds();
    }

    void settle() {
        const auto by_seat = [](const auto& a, const auto& b) { return a.seat < b.seat; };
        std::sort(out_.held.begin(), out_.held.end(), by_seat);
        std::sort(out_.refused.begin(), out_.refused.end(), by_seat);
        std::sort(out_.not_connected.begin(), out_.not_connected.end(),
                  [](const auto& a, const auto& b) { return a.role < b.role; });
        sort_unique(out_.warnings);
        sort_unique(out_.offers);
        // A policy may hold more advice than a decision has room for.
        if (out_.warnings.size() > limits::decision_codes_max)
            out_.warnings.resize(limits::decision_codes_max);
        if (!out_.recipients.empty() || !out_.held.empty() || !out_.not_connected.empty()) return;
        if (out_.refused.empty()) {
            out_.refusal = "no_recipient";
            return;
        }
        const auto& first = out_.refused.front();
        const bool same = std::all_of(out_.refused.begin(), out_.refused.end(), [&](const auto& r) {
            return r.rule == first.rule && r.code == first.code;
        });
        out_.rule = same ? first.rule : "";
        out_.refusal = same ? first.code : "all_refused";
    }

    Outcome judge(const Seat& seat, const Route* route) const {
        return outcome_of(book_, {input_, type_, registry_, policy_, seat, route});
    }

    const Rulebook& book_;
    const DecisionInput& input_;
    const TypeRule& type_;
    const Registry& registry_;
    const Policy& policy_;
    const TypeRule* corrected_;  ///< of a correction: the type of what was wrong
    Timing timing_;
    Timing danger_timing_;  ///< of whom the danger route tells
    Offer offer_;
    wire::Decision out_;
};

}  // namespace

std::vector<ViewId> views_for(const wire::Recipient& recipient, const InboxId& inbox) {
    if (inbox != recipient.inbox) return recipient.views;
    std::vector<ViewId> views;
    std::set_difference(recipient.views.begin(), recipient.views.end(), recipient.unchanged.begin(),
                        recipient.unchanged.end(), std::back_inserter(views));
    return views;
}

wire::Decision decide(const DecisionInput& input, const Registry& registry, const Policy& policy) {
    return decide_with({rules()}, input, registry, policy);
}

wire::Decision decide_with(const Rulebook& book, const DecisionInput& input,
                           const Registry& registry, const Policy& policy) {
    const auto instead = [&](std::string_view rule, std::string_view refusal) {
        wire::Decision refused = refused_whole(rule, refusal);
        // Danger must not end at a form: what may not go as this type may go to the front door as
        // another, and the sender is told so.
        if (input.facts.vital || harm_suspected_or_worse(input.facts)) {
            refused.offers.emplace_back("send_as_safeguarding_referral");
        }
        return refused;
    };
    const TypeRule* type = policy.find_type(input.facts.type);
    if (type == nullptr) return instead("", "unknown_type");
    if (!type->in_force.at(input.decided_at)) return instead("", "type_not_in_force");
    const auto& kind = input.facts.kind;
    const bool is_kind =
        std::find(type->kinds.begin(), type->kinds.end(), kind) != type->kinds.end() ||
        corrected_type(input.facts, *type, policy) != nullptr;
    if (!kind.empty() && !is_kind) {
        return instead("", "unknown_kind");
    }
    if (book.publishers && !may_publish(input, *type, registry, policy)) {
        if (book.trace != nullptr) book.trace->refused_publisher = true;
        return instead("E-02", "publisher_not_entitled");
    }
    return DecisionMaker(book, input, *type, registry, policy).run();
}

bool may_know_involved(const AgencyKind& sender_kind, const RoleId& sender_role,
                       const std::string& relation, const Policy& policy) {
    const RelationRule* rule = policy.find_relation(relation);
    if (rule == nullptr) return false;
    // Whoever speaks of an identity that an adoption severed learns whom to ring, and no more.
    if (rule->severs) return true;
    if (sender_role == policy.front_door_role() || sender_role == policy.emergency_duty_role() ||
        (!policy.pass_on_role().empty() && sender_role == policy.pass_on_role()))
        return true;
    return std::find(rule->known_to.begin(), rule->known_to.end(), sender_kind) !=
           rule->known_to.end();
}

bool may_know_protected(const AgencyKind& sender_kind, const RoleId& sender_role,
                        const Policy& policy) {
    // Nobody looks before the agent passes on by itself.
    if (!policy.pass_on_role().empty() && sender_role == policy.pass_on_role()) return false;
    return sender_kind == "front_door" || sender_kind == "social_care" ||
           sender_role == policy.front_door_role() || sender_role == policy.emergency_duty_role();
}

bool row_uses_relation(const wire::RoutingFacts& facts, const AgencyKind& sender_kind,
                       const std::string& relation, const Policy& policy, WallTime at) {
    const TypeRule* type = policy.find_type(facts.type);
    if (type == nullptr) return false;
    const bool passing_on = passes_on(facts, policy);
    const bool by_itself = passes_on_by_itself(facts, policy);
    return std::any_of(type->routes.begin(), type->routes.end(), [&](const Route& route) {
        return route.by == RouteBy::involved && route.relation == relation &&
               (by_itself ? route.pass_on_by_itself : route.visible || passing_on) &&
               route.in_force.at(at) && holds(route.when, facts, sender_kind);
    });
}

}  // namespace mash::area
