#include "broker/core/requests.hpp"

#include "broker/core/tasks.hpp"
#include "common/crypto/hash.hpp"

namespace mash::broker {
namespace {

// An agent that is cut off for a moment, or told to wait, plans anew within it.
constexpr std::chrono::minutes sent_margin{10};

// The agent's own question when the floor has ended: it goes on only where that tells somebody new.

AskedEnd end_of(const AskedRecord& asked, bool can_be_published, bool is_accepted) {
    if (is_accepted) return AskedEnd::published;
    if (!asked.decision.refusal.empty()) return AskedEnd::refused;
    if (can_be_published) return AskedEnd::open;
    return asked.decision.held.empty() ? AskedEnd::nobody : AskedEnd::held;
}

void end(Step& step, const PlanId& id, AskedRecord& asked, AskedEnd how) {
    if (asked.ended == AskedEnd::not_sent) step.erase(tables::asked_not_sent, id);
    asked.ended = how;
    asked.ended_at = step.now.wall;
    step.put(tables::asked, id, asked);
}

bool is_same(const AskedRecord& a, const AskedRecord& b) {
    const Digest unknown{};
    return a.about == b.about || a.about == unknown || b.about == unknown;
}

}  // namespace

Digest about_of(const wire::RoutingFacts& facts) {
    wire::RoutingFacts about;
    about.type = facts.type;
    about.thread = facts.thread;
    about.tokens = facts.tokens;
    return crypto::labelled_hash("mash.v1.broker-about", {wire::encode_body(about)});
}

void record_request(Step& step, const PlanId& id, AskedRecord asked, bool can_be_published,
                    bool is_accepted) {
    asked.ended = end_of(asked, can_be_published, is_accepted);
    if (asked.ended != AskedEnd::open) asked.ended_at = step.now.wall;
    step.put(tables::asked, id, asked);
    const auto last = step.get(tables::asked_last, asked.item);
    // Whoever has seen a plan and then asks what a rule refuses has still not sent it.
    auto before = last ? step.get(tables::asked, *last) : std::nullopt;
    if (before && asked.ended != AskedEnd::refused && is_same(*before, asked)) {
        const bool is_open = before->ended == AskedEnd::open;
        const bool goes_on = before->ended == AskedEnd::not_sent && asked.ended == AskedEnd::open;
        if (is_open || goes_on) end(step, *last, *before, AskedEnd::asked_again);
        if (is_open && asked.ended != AskedEnd::open) step.erase(tables::asked_last, asked.item);
    }
    if (asked.ended != AskedEnd::open) return;
    step.put(tables::asked_last, asked.item, id);
    step.put(
        tables::expiries,
        {step.now.wall + step.state.config.plan_validity + sent_margin, DueKind::asked, key_of(id)},
        {});
}

void request_published(Step& step, const ItemKey& item, const PlanId& plan,
                       const std::vector<wire::Token>& tokens) {
    const auto sent = step.get(tables::asked, plan);
    const auto last = step.get(tables::asked_last, item);
    for (const auto& id : {plan, last.value_or(plan)}) {
        auto asked = step.get(tables::asked, id);
        if (!asked || (sent && !is_same(*sent, *asked))) continue;
        if (id == last) step.erase(tables::asked_last, item);
        if (asked->ended != AskedEnd::published) end(step, id, *asked, AskedEnd::published);
    }
    close_not_sent(step, item, tokens);
}

void request_lapsed(Step& step, const PlanId& id) {
    auto asked = step.get(tables::asked, id);
    if (!asked || asked->ended != AskedEnd::open) return;
    end(step, id, *asked, AskedEnd::not_sent);
    step.put(tables::asked_not_sent, id, {});
    step.record(LogEvent::asked_not_sent, asked->item.sender, asked->item.id);
    const auto plan = step.get(tables::plans, id);
    open_not_sent(step, *asked, plan ? KeptFrom{plan->tokens, plan->conflicts_stated} : KeptFrom{});
}

void forget_request(Step& step, const PlanId& id, const AskedRecord& asked) {
    step.erase(tables::asked, id);
    if (asked.ended == AskedEnd::not_sent) step.erase(tables::asked_not_sent, id);
    if (step.get(tables::asked_last, asked.item) == id) step.erase(tables::asked_last, asked.item);
}

std::string_view word_of(AskedEnd end) {
    switch (end) {
        case AskedEnd::unknown: return "unknown";
        case AskedEnd::open: return "open";
        case AskedEnd::published: return "published";
        case AskedEnd::held: return "held";
        case AskedEnd::refused: return "refused";
        case AskedEnd::nobody: return "nobody";
        case AskedEnd::asked_again: return "asked_again";
        case AskedEnd::not_sent: return "not_sent";
    }
    return "unknown";
}

}  // namespace mash::broker
