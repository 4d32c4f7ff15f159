// `mashctl policy diff` and `simulate`: two policies as changed outcomes, never as changed lines.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "broker/ctl/area_folder.hpp"
#include "broker/ctl/facts_json.hpp"
#include "broker/ctl/policy_cases.hpp"
#include "broker/ctl/policy_commands.hpp"
#include "common/area/decide.hpp"
#include "common/area/trial.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using Json = nlohmann::json;

std::string seat_text(const Seat& seat) { return seat.agency.value() + "/" + seat.role.value(); }

/// What became of one seat, in words that can be compared.
struct SeatOutcome {
    std::string what = "not told";
    std::set<std::string> views;
    std::string terms;  ///< act or know, urgency, rule, basis, clocks
};

std::map<std::string, SeatOutcome> outcomes_of(const wire::Decision& decision) {
    std::map<std::string, SeatOutcome> out;
    for (const auto& each : decision.recipients) {
        auto& one = out[seat_text(each.seat)];
        one.what = "told";
        for (const auto& view : each.views) one.views.insert(view.value());
        one.terms = std::string(each.act ? "acts" : "knows") + " U" +
                    std::to_string(static_cast<int>(each.urgency)) + ", " + each.rule + ", " +
                    each.basis;
        for (const auto& clock : each.clocks)
            one.terms += ", " + clock.name + " by " + to_rfc3339(clock.by);
    }
    for (const auto& each : decision.held)
        out[seat_text(each.seat)].what = "held for " + seat_text(each.decider) + " by " + each.rule;
    for (const auto& each : decision.refused)
        out[seat_text(each.seat)].what = "refused by " + each.rule + ", " + each.code;
    for (const auto& each : decision.not_connected)
        out["(nobody connected)/" + each.role.value()].what = "rung";
    if (!decision.refusal.empty() && decision.refused.empty())
        out["the whole"].what = "refused, " + decision.refusal;
    return out;
}

std::string listed(const std::set<std::string>& views) {
    std::string out;
    for (const auto& view : views) out += (out.empty() ? "" : " ") + view;
    return out;
}

std::vector<std::string> changes_between(const wire::Decision& before,
                                         const wire::Decision& after) {
    const auto old_outcomes = outcomes_of(before);
    const auto new_outcomes = outcomes_of(after);
    std::set<std::string> seats;
    for (const auto& [seat, outcome] : old_outcomes) seats.insert(seat);
    for (const auto& [seat, outcome] : new_outcomes) seats.insert(seat);
    std::vector<std::string> changes;
    const auto of = [](const auto& outcomes, const std::string& seat) {
        const auto found = outcomes.find(seat);
        return found == outcomes.end() ? SeatOutcome{} : found->second;
    };
    for (const auto& seat : seats) {
        const SeatOutcome was = of(old_outcomes, seat);
        const SeatOutcome is = of(new_outcomes, seat);
        if (was.what != is.what) {
            changes.push_back(seat + ": " + was.what + " -> " + is.what +
                              (is.views.empty() ? "" : " (" + listed(is.views) + ")"));
            continue;
        }
        std::set<std::string> more;
        std::set<std::string> less;
        std::set_difference(is.views.begin(), is.views.end(), was.views.begin(), was.views.end(),
                            std::inserter(more, more.end()));
        std::set_difference(was.views.begin(), was.views.end(), is.views.begin(), is.views.end(),
                            std::inserter(less, less.end()));
        if (!more.empty()) changes.push_back(seat + ": gets also " + listed(more));
        if (!less.empty()) changes.push_back(seat + ": no longer gets " + listed(less));
        if (was.terms != is.terms) changes.push_back(seat + ": " + was.terms + " -> " + is.terms);
    }
    return changes;
}

/// Changes gathered by type, with how often and where first.
class Report {
public:
    void compare(const std::string& type, const std::string& which, const wire::Decision& before,
                 const wire::Decision& after) {
        ++cases_;
        const auto changes = changes_between(before, after);
        if (!changes.empty()) ++changed_;
        for (const auto& change : changes) {
            auto& line = lines_[type][change];
            if (line.count++ == 0) line.first = which;
        }
    }

    void print(std::ostream& out) const {
        for (const auto& [type, lines] : lines_) {
            out << type << "\n";
            for (const auto& [change, line] : lines) {
                out << "  " << change << "\n      in " << line.count
                    << (line.count == 1 ? " case: " : " cases, first: ") << line.first << "\n";
            }
        }
        out << cases_ << " cases decided under both; " << changed_ << " end differently.\n";
    }

private:
    struct Line {
        std::size_t count = 0;
        std::string first;
    };
    std::map<std::string, std::map<std::string, Line>> lines_;
    std::size_t cases_ = 0;
    std::size_t changed_ = 0;
};

/// Somebody may say it of any child. What protects a child, severs an identity or closes one makes
/// it another case: said of every child it would hide every other difference.
bool is_of_everybody(const area::RelationRule& relation) {
    return !relation.protects && !relation.severs && !relation.closes;
}

/// One type under one policy or the other: every fact that can matter, crossed where the rules
/// cross them, one at a time where only routes ask.
class Cases {
public:
    Cases(const area::Registry& registry, const area::Policy& policy)
        : registry_(registry), policy_(policy) {}

    template <class Visit>
    void each(const area::TypeRule& type, const Visit& visit) const {
        for (const auto& [id, agency] : registry_.agencies) {
            for (const auto& role : agency.roles) {
                const bool publishes = type.any_agency_may_publish ||
                                       std::find(type.publishers.begin(), type.publishers.end(),
                                                 role) != type.publishers.end() ||
                                       role == policy_.front_door_role();
                if (publishes) of_sender(type, {id, role}, visit);
            }
        }
    }

private:
    template <class Visit>
    void of_sender(const area::TypeRule& type, const Seat& sender, const Visit& visit) const {
        Json base = {{"sender", sender.agency.value()},
                     {"role", sender.role.value()},
                     {"type", type.type.value()}};
        // Told some days after it happened, so that it shows from which of the two a clock runs.
        for (const auto& [happened, when] :
             {std::pair{"2026-11-19T08:30:00Z", "2026-11-24T11:00:00Z"},
              std::pair{"2027-01-06T21:10:00Z", "2027-01-09T23:40:00Z"}}) {
            base["occurred_at"] = happened;
            base["decided_at"] = when;
            agreements(type, base, visit);
            const auto vary = [&](const char* key, const Json& value) {
                Json one = base;
                one["harm"] = "likely_or_actual";
                one["level"] = "4";
                one["purpose"] = "inform_function";
                one["agreement"] = {{"status", "not_required"}};
                one[key] = value;
                visit(one);
            };
            for (const auto& grade : policy_.risk_grades()) vary("risk_grade", grade);
            for (const auto& kind : type.kinds) vary("kind", kind);
            for (const char* rag : {"red", "amber", "green", "blue"}) vary("rag", rag);
            for (const auto& [marker, title] : policy_.markers())
                vary("markers", Json::array({marker}));
            vary("vital", true);
            vary("matched", false);
            for (const auto& [word, relation] : policy_.relations()) {
                if (is_of_everybody(relation)) continue;
                if (const auto holder = holder_of(relation))
                    vary("involved", Json::array({{{"relation", word},
                                                   {"agency", holder->agency.value()},
                                                   {"role", holder->role.value()}}}));
            }
        }
    }

    std::optional<Seat> holder_of(const area::RelationRule& relation) const {
        for (const auto& [id, agency] : registry_.agencies) {
            for (const auto& entry : agency.seats) {
                if (std::ranges::find(relation.roles, entry.role) != relation.roles.end())
                    return Seat{id, entry.role};
            }
        }
        return std::nullopt;
    }

    template <class Visit>
    void agreements(const area::TypeRule& type, const Json& base, const Visit& visit) const {
        using Class = area::TypeRule::Class;
        for (const char* harm : {"none", "suspected", "likely_or_actual"}) {
            Json one = base;
            one["harm"] = harm;
            if (type.agreement_class == Class::unconditional) {
                visit(one);
                continue;
            }
            for (const char* level : {"1", "2", "4", "unknown"}) {
                for (const char* purpose : {"inform_function", "request_service"}) {
                    for (const char* status : {"given", "refused", "withdrawn", "not_sought"}) {
                        one["level"] = level;
                        one["purpose"] = purpose;
                        one["agreement"] = {{"status", status}, {"giver", "parent_pr"}};
                        visit(one);
                    }
                }
            }
        }
    }

    const area::Registry& registry_;
    const area::Policy& policy_;
};

std::string named(const Json& facts) {
    std::string out = facts.value("sender", "") + "/" + facts.value("role", "");
    for (const auto& [key, value] : facts.items()) {
        if (key == "sender" || key == "role" || key == "type" || key == "occurred_at") continue;
        if (key == "agreement") {
            out += ", agreement " + value.value("status", "");
            continue;
        }
        out += ", " + key + " " + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    return out;
}

// A sender is shown only who it may know of, as facts_for sees to it outside this tool.
void keep_what_the_sender_may_know(area::DecisionInput& input, const area::Policy& policy) {
    std::erase_if(input.involved, [&](const area::Involvement& one) {
        return !area::may_know_involved(input.sender_kind, input.facts.sender_role, one.relation,
                                        policy);
    });
}

// Everybody of the imagined area works with the child, is addressed, had the thread and is named by
// the family: then only the policy leaves anybody out.
void concern_everybody(area::DecisionInput& input, const area::Registry& registry,
                       const area::Policy& policy) {
    for (const auto& [id, agency] : registry.agencies) {
        input.facts.agreement.named_agencies.push_back(id);
        for (const auto& entry : agency.seats) {
            const Seat seat{id, entry.role};
            input.facts.addressed_to.push_back(seat);
            input.thread_seats.push_back(seat);
            for (const auto& [word, relation] : policy.relations()) {
                if (is_of_everybody(relation) &&
                    std::find(relation.roles.begin(), relation.roles.end(), entry.role) !=
                        relation.roles.end())
                    input.involved.push_back({word, seat});
            }
        }
    }
    // A protected address among it would leave to a person what otherwise goes on by itself.
    std::erase_if(input.facts.views_on_offer, [&](const ViewId& view) {
        const auto* known = policy.find_view(view);
        const auto* section = known == nullptr ? nullptr : policy.find_section(known->section);
        return section != nullptr && !section->goes_by_itself();
    });
    std::sort(input.facts.addressed_to.begin(), input.facts.addressed_to.end());
    input.facts.thread_seats = input.facts.addressed_to;
    input.thread_seats = input.facts.addressed_to;
    std::sort(input.involved.begin(), input.involved.end());
}

/// A wrong file is a wall of lines that all say the same.
constexpr std::size_t listed_max = 20;

// A type or word that only one of the two knows is refused by the other: that is a difference, not
// a mistake.
Outcome<wire::Decision> decide_facts(std::string_view facts, const area::Registry& registry,
                                     const area::Policy& policy, WallTime now, bool everybody) {
    auto input = parse_facts(facts, registry, policy, now);
    if (!input) return std::unexpected(std::move(input).error());
    if (everybody) concern_everybody(*input, registry, policy);
    keep_what_the_sender_may_know(*input, policy);
    return area::decide(*input, registry, policy);
}

Outcome<std::pair<PolicyTexts, area::Policy>> read_folder(const Context& context,
                                                          const std::filesystem::path& folder) {
    const PolicyFiles files{folder / "policy.toml", folder / "catalogue.toml"};
    CTL_TRY(texts, read_texts(files));
    CTL_TRY(policy, parse_policy(context, texts, files.policy.string(), files.catalogue.string()));
    // Cases are dated; that a new policy begins later is no difference of what it decides.
    return std::pair{std::move(texts), area::as_if_begun(policy)};
}

}  // namespace

Outcome<void> diff_policies(const Context& context, const PolicyDiff& command) {
    CTL_TRY(before, read_folder(context, command.before));
    CTL_TRY(after, read_folder(context, command.after));
    std::vector<area::PolicyFault> faults;
    CTL_TRY(registry, read_imagined_area(command.after / "tests" / "area.toml", faults));
    for (const auto& fault : faults) context.err << fault.text() << "\n";
    if (!faults.empty())
        return problem("The imagined area cannot be read.", "Put right what is listed above.");
    registry.build_index();
    Report report;
    std::set<std::string> done;
    const wire::Decision no_such_type;
    std::size_t types = 0;
    for (const auto* policy : {&before.second, &after.second}) {
        for (const auto& type : policy->types()) {
            if (!done.insert(type.type.value()).second) continue;
            if (++types % 10 == 0) context.err << types << " types compared\n";
            Cases(registry, *policy).each(type, [&](const Json& one) {
                const auto facts = one.dump();
                report.compare(type.type.value(), named(one),
                               decide_facts(facts, registry, before.second, context.now, true)
                                   .value_or(no_such_type),
                               decide_facts(facts, registry, after.second, context.now, true)
                                   .value_or(no_such_type));
            });
        }
    }
    report.print(context.out);
    return {};
}

Outcome<void> simulate_policy(const Context& context, const PolicySimulate& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto* policy = folder.trusted().document(wire::DocumentKind::policy);
    const auto* catalogue = folder.trusted().document(wire::DocumentKind::catalogue);
    if (policy == nullptr || catalogue == nullptr)
        return problem("No policy is signed in this area yet.",
                       "There is nothing to compare with.");
    CTL_TRY(present, parse_policy(context,
                                  {std::string(text_of(policy->body)),
                                   std::string(text_of(catalogue->body))},
                                  "policy.signed", "catalogue.signed"));
    CTL_TRY(texts, read_texts(command.draft));
    CTL_TRY(draft_as_written, parse_policy(context, texts, command.draft.policy.string(),
                                           command.draft.catalogue.string()));
    const area::Policy draft = area::as_if_begun(draft_as_written);
    CTL_TRY_RESULT(bytes, area::read_file(command.recorded, limits::intake_file_bytes_max),
                   "read " + command.recorded.string());
    return compare_recorded(context, text_of(bytes), command.recorded.string(), folder.registry(),
                            present, draft);
}

Outcome<void> compare_recorded(const Context& context, std::string_view text,
                               const std::string& file, const area::Registry& registry,
                               const area::Policy& present, const area::Policy& draft) {
    Report report;
    std::size_t number = 0;
    std::size_t decided = 0;
    std::size_t unread = 0;
    const auto cannot = [&](const std::string& why) {
        if (++unread <= listed_max) context.err << file << ":" << number << ": " << why << "\n";
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.empty()) continue;
        const auto facts = Json::parse(line, nullptr, false);
        if (!facts.is_object()) {
            cannot("it is no JSON object, as `mashctl decisions export` writes them");
            continue;
        }
        const auto was = decide_facts(line, registry, present, context.now, false);
        if (!was) {
            cannot("under the policy in force: " + was.error().what);
            continue;
        }
        const auto would = decide_facts(line, registry, draft, context.now, false);
        if (!would) {
            cannot("under the draft: " + would.error().what);
            continue;
        }
        ++decided;
        report.compare(facts.value("type", ""), "line " + std::to_string(number), *was, *would);
        if (number % 10'000 == 0) context.err << number << " decided\n";
    }
    if (decided == 0) {
        return problem("Nothing was compared: " + file + " holds " +
                           (unread == 0 ? "no line." : "no line that can be decided."),
                       "Give a file that `mashctl decisions export` wrote.");
    }
    report.print(context.out);
    if (unread == 0) return {};
    return problem(
        std::to_string(unread) + (unread == 1 ? " line" : " lines") + " could not be decided.",
        (unread > listed_max ? "The first " + std::to_string(listed_max) + " are listed above"
                             : std::string("They are listed above")) +
            "; the others were compared.",
        Exit::partly);
}

}  // namespace mash::ctl
