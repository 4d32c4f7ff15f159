// The decision table of domain.md E2 as a table: first match wins, for each recipient. Private to
// this folder.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

/// One recipient in the eyes of the rules. The seat's agency is empty for a role that nobody is
/// connected for.
struct RuleInput {
    const DecisionInput& in;
    const TypeRule& type;
    const Registry& registry;
    const Policy& policy;
    const Seat& seat;
    const Route* route;  ///< null: the sender asked for a seat that the row has no route to
    /// What counts as the family's answer: as stated, until E-11 or E-12 rewrites it.
    wire::AgreementStatus status{};
    wire::NotSoughtReason reason{};
};

enum class Verdict { share, refuse, hold };
enum class Decider { none, safeguarding_lead, manager, front_door };

struct Rule {
    std::string_view id;  ///< several lines may bear one id of domain.md E2
    bool (*when)(const RuleInput&);
    /// Asked when `when` holds; rules that say different things to different recipients answer
    /// here. Null: the line rewrites and the rules go on.
    Verdict (*verdict)(const RuleInput&);
    Decider decider = Decider::none;
    std::string_view refusal =
        {};  ///< code of a refusal, and of a held item that the decider refused
    std::string_view offer = {};  ///< what to do instead
    bool permission_goes_on =
        false;  ///< E-07: allowed means the harm is not seen; the later rules still speak
    bool reduced = false;  ///< E-20: shared without the sections that the policy holds back
    void (*rewrite)(RuleInput&) = nullptr;
    std::string_view warning = {};  ///< told to the sender when the line was reached
};

/// Verdicts of the lines that say one thing to everybody.
Verdict to_share(const RuleInput&);
Verdict to_refuse(const RuleInput&);
Verdict to_ask(const RuleInput&);

struct Trace;
/// The table that decides. Tools that prove a policy's tests hand in an altered one (trial.hpp).
struct Rulebook {
    std::span<const Rule> rules;
    bool publishers = true;  ///< false: E-02 left out
    Trace* trace = nullptr;
};

wire::Decision decide_with(const Rulebook& book, const DecisionInput& input,
                           const Registry& registry, const Policy& policy);

/// E-01 and E-02 concern routes and the whole notification, and are applied before (decide.cpp).
std::span<const Rule> rules();
/// Of several lines of one id, the one that gives a question to somebody.
const Rule* find_rule(std::string_view id);

bool harm_suspected_or_worse(const wire::RoutingFacts& facts);
/// E-02: may this seat publish this type (and kind)?
bool may_publish(const DecisionInput& input, const TypeRule& type, const Registry& registry,
                 const Policy& policy);
/// E-05: codes of the fields that are missing, "missing_level" ...; none for unconditional rows.
std::vector<std::string> missing_facts(const wire::RoutingFacts& facts, const TypeRule& type);
/// In whose queue it waits: the sender's own decider, else the front door, else the designated
/// officer, the first who is not in a stated conflict. Nothing: there is nobody, so it is refused.
std::optional<Seat> decider_seat(Decider decider, const DecisionInput& input,
                                 const Registry& registry, const Policy& policy);
/// The part of that order which is the same for every sender; at an instant, because the front door
/// closes.
std::optional<Seat> decider_after_the_sender(const wire::RoutingFacts& facts, WallTime at,
                                             const Registry& registry, const Policy& policy);
/// The seat is stated as conflicted, or whoever opens a conflicted seat's inbox opens it too, or it
/// is not listed.
bool may_not_decide(const wire::RoutingFacts& facts, const Seat& seat, const Registry& registry);

}  // namespace mash::area
