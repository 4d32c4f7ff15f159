#include "agents/runtime/core/tokens.hpp"

#include <algorithm>

#include "agents/runtime/core/awaited_tokens.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/token_records.hpp"

namespace mash::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Questions under way: what is about one child must not wait behind its own kind.
constexpr std::size_t first_under_way_max = 8;
constexpr std::size_t rolls_under_way_max = 2;
/// Identities of lists in memory at once.
constexpr std::size_t rolls_wanted_max = 4'096;
constexpr seconds retry_at_least{2};
constexpr minutes retry_after_refusal{1};
/// A weekly list finds everything again; whoever left is forgotten.
constexpr hours output_kept_unused{24 * 35};
constexpr hours output_week{24 * 7};
constexpr std::size_t outputs_forgotten_at_once = 4'096;
constexpr std::size_t late_looked_at_once = 64;

/// How long an item waits for its tokens on an open link. Then the front door gets it unmatched:
/// without the link it could not travel anyway.
milliseconds patience(wire::Lane lane) {
    switch (lane) {
        case wire::Lane::immediate: return limits::request_timeout;
        case wire::Lane::urgent: return minutes(5);
        case wire::Lane::routine:
        case wire::Lane::bulk: break;
    }
    return hours(1);
}

WallTime week_of(WallTime at) {
    const auto week = milliseconds(output_week).count();
    return WallTime::from_unix_ms(at.unix_ms() / week * week);
}

Digest output_key(const Step& step, const crypto::OprfPublicKey& key, const Identity& identity) {
    const std::uint8_t kind[] = {static_cast<std::uint8_t>(identity.first)};
    return step.keyed("token-output", {key.view(), kind, view_of(identity.second.reveal())});
}

std::uint64_t outputs_kept(Step& step) {
    const auto kept = table::token_outputs_kept.get(step.tx, 0);
    return kept ? kept->rows : 0;
}

void keep_output(Step& step, const Digest& key, ByteView output) {
    const auto week = week_of(step.now.wall);
    Writer row;
    row.i64(week.unix_ms()).fixed(output);
    step.put_sealed(sealed::token_output, store::key_bytes(key), row.done());
    table::token_outputs_used.put(step.tx, {week, key}, {});
}

std::optional<std::array<std::uint8_t, crypto::oprf_output_bytes>> kept_output(Step& step,
                                                                               const Digest& key) {
    const auto row = step.get_sealed(sealed::token_output, store::key_bytes(key));
    if (!row) return std::nullopt;
    Reader in(*row);
    const auto used = WallTime::from_unix_ms(in.i64());
    const auto output = in.array<crypto::oprf_output_bytes>();
    if (!in.finished()) {
        step.tx.mark_failed(ErrorCode::store_failed, sealed::token_output.name(),
                            "an output does not decode");
        return std::nullopt;
    }
    if (used != week_of(step.now.wall)) {
        table::token_outputs_used.erase(step.tx, {used, key});
        keep_output(step, key, output);
    }
    return output;
}

void want(Step& step, const Digest& key, const WantedIdentity& identity, bool is_roll) {
    auto& desk = step.agent.desk;
    auto& wanted = is_roll ? desk.rolls : desk.first;
    if (is_roll && wanted.size() >= rolls_wanted_max) return;
    wanted.try_emplace(key, identity);
    step.pump_due = true;
}

bool is_refused(const Step& step, bool is_roll, const AgencyId& agency, std::uint16_t epoch) {
    const auto& paused = step.agent.desk.paused;
    const auto pause = paused.find({is_roll, agency, epoch});
    return pause != paused.end() && step.now.steady < pause->second.until;
}

/// One question of up to a frame of what one agency wants under one key. False: nothing to ask.
bool ask_next(Step& step, std::map<Digest, WantedIdentity>& wanted, bool is_roll) {
    auto& link = step.agent.link;
    std::vector<Digest> keys;
    std::vector<Bytes> inputs;
    const WantedIdentity* first = nullptr;
    for (const auto& [key, one] : wanted) {
        if (link.identities_asked.contains(key) || is_refused(step, is_roll, one.agency, one.epoch))
            continue;
        if (first != nullptr && (one.agency != first->agency || one.key != first->key)) continue;
        if (first == nullptr) first = &one;
        keys.push_back(key);
        inputs.push_back(oprf_input(one.kind, one.canonical.reveal()));
        if (keys.size() == limits::token_evaluations_per_frame_max) break;
    }
    if (first == nullptr) return false;
    std::vector<ByteView> views(inputs.begin(), inputs.end());
    auto question = crypto::OprfQuestion::ask(crypto::OprfMode::verifiable, views, step.random);
    CHECK(question.has_value());
    Asked asked;
    asked.kind = Asked::Kind::tokens;
    asked.identities = keys;
    asked.agency = first->agency;
    asked.token_key = first->key;
    asked.token_epoch = first->epoch;
    asked.is_roll = is_roll;
    asked.lane = is_roll ? wire::Lane::bulk : wire::Lane::immediate;
    wire::EvaluateTokens body{first->agency, PersonId("service"),
                              std::string(is_roll ? wire::reason_roll : "notification"),
                              first->epoch, question->blinded()};
    asked.question = std::make_shared<const crypto::OprfQuestion>(std::move(*question));
    link.identities_asked.insert(keys.begin(), keys.end());
    ++(is_roll ? link.roll_questions : link.first_questions);
    step.ask(std::move(body), std::move(asked));
    return true;
}

void wait_for(Step& step, const Asked& asked, milliseconds wait, ErrorCode why) {
    step.agent.desk.paused[{asked.is_roll, asked.agency, asked.token_epoch}] = {
        step.now.steady + std::clamp<milliseconds>(wait, retry_at_least, limits::retry_after_max),
        why};
    // Whoever waited for this one may go on without the epoch that comes.
    ++step.agent.desk.round;
    step.pump_due = true;
}

bool is_blind(const Step& step, const AgencyId& agency) {
    const auto epochs = step.agent.tokens.find(agency);
    return epochs != step.agent.tokens.end() &&
           std::ranges::any_of(epochs->second, [](const auto& one) { return one.is_blind(); });
}

/// Whom it names beside the child nobody waits for once the broker has said no: the child's own
/// notice is not later for it.
bool waits_for_linked_people(Step& step, const NotificationId& id, const AgencyId& agency) {
    const auto& epochs = step.agent.tokens.at(agency);
    if (is_refused(step, false, agency, epochs.front().epoch)) return false;
    const auto notification = stored_notification(step, id);
    return notification && waits_for_family(step, agency, *notification);
}

MadeTokens tokens_of_stored(Step& step, const NotificationId& id, const AgencyId& agency) {
    const auto notification = stored_notification(step, id);
    if (!notification) return {};
    return make_tokens(step, agency, stated_identities(notification->subject), limits::tokens_max,
                       {});
}

/// While the keys change everybody has the older one, so a child of many names keeps all tokens
/// under it that there is room for. The strongest go under the next one as well: by them the child
/// is found, and the list known as stated anew, until the older key has ended.
std::size_t kept_for_next(std::size_t tokens_max, std::size_t epochs_to_come) {
    constexpr std::size_t of_each = 4;
    return epochs_to_come * (tokens_max / of_each);
}

}  // namespace

MadeTokens make_tokens(Step& step, const AgencyId& agency, const std::vector<Identity>& identities,
                       std::size_t tokens_max, HowMade how) {
    MadeTokens made;
    const auto found = step.agent.tokens.find(agency);
    if (found == step.agent.tokens.end()) return made;
    const auto& epochs = found->second;
    std::size_t room = tokens_max;
    for (std::size_t number = 0; number < epochs.size(); ++number) {
        const auto& epoch = epochs[number];
        const auto of_this = std::min(identities.size(),
                                      room - kept_for_next(tokens_max, epochs.size() - number - 1));
        room -= of_this;
        const bool may_lack =
            number > 0 && !how.wait_for_next && is_refused(step, how.is_roll, agency, epoch.epoch);
        for (std::size_t i = 0; i < of_this; ++i) {
            const auto& [kind, canonical] = identities[i];
            if (!epoch.is_blind()) {
                made.tokens.push_back(epoch.pepper_only->derive(kind, canonical.reveal()));
                continue;
            }
            const auto key = output_key(step, epoch.key, identities[i]);
            if (const auto output = kept_output(step, key)) {
                made.tokens.push_back(token_of(epoch, kind, *output));
                continue;
            }
            made.without_next = made.without_next || may_lack;
            if (!may_lack) ++made.missing;
            want(step, key, {agency, epoch.epoch, epoch.key, kind, canonical}, how.is_roll);
        }
    }
    std::ranges::sort(made.tokens);
    const auto repeats = std::ranges::unique(made.tokens);
    made.tokens.erase(repeats.begin(), repeats.end());
    return made;
}

bool tokens_are_ready(Step& step, const NotificationId& id, const OutboxItem& item) {
    // Of what is passed on its sender said which child it is.
    if (!is_blind(step, item.agency) || passed_on_facts(step, id)) return true;
    auto& desk = step.agent.desk;
    const auto known = desk.waiting.find(id);
    const bool is_late =
        known != desk.waiting.end() && step.now.steady - known->second.since >= patience(item.lane);
    if (known != desk.waiting.end() && known->second.round == desk.round && !is_late) return false;
    const bool is_child_known = tokens_of_stored(step, id, item.agency).missing == 0;
    if (is_child_known && (is_late || !waits_for_linked_people(step, id, item.agency))) {
        desk.waiting.erase(id);
        return true;
    }
    auto& wait = desk.waiting.try_emplace(id, TokenWait{0, step.now.steady}).first->second;
    wait.round = desk.round;
    if (!is_late) return false;
    if (!wait.late) {
        wait.late = true;
        table::tokens_late.put(step.tx, id, {});
        raise(step, Alarm::Kind::tokens_missing, id);
    }
    return true;
}

std::optional<AwaitedTokens> awaited_tokens(const Step& step, const NotificationId& id,
                                            const OutboxItem& item) {
    const auto& desk = step.agent.desk;
    const auto known = desk.waiting.find(id);
    if (item.state != OutboxState::waiting || known == desk.waiting.end() || known->second.late)
        return std::nullopt;
    const auto wall = [&](SteadyTime at) { return step.now.wall + (at - step.now.steady); };
    AwaitedTokens out;
    out.until = wall(known->second.since + patience(item.lane));
    for (const auto& [key, pause] : desk.paused) {
        const auto& [is_roll, agency, epoch] = key;
        if (is_roll || agency != item.agency || pause.until <= step.now.steady) continue;
        if (out.asked_again_at.is_set() && out.asked_again_at <= wall(pause.until)) continue;
        out.refused = pause.code;
        out.asked_again_at = wall(pause.until);
    }
    return out;
}

void supplement_late_tokens(Step& step) {
    auto& desk = step.agent.desk;
    if (desk.looked_at == desk.round) return;
    desk.looked_at = desk.round;
    for (const auto& id :
         table::tokens_late.collect_keys(step.tx, {.limit = late_looked_at_once})) {
        const auto item = table::outbox.get(step.tx, id);
        const bool goes_on =
            item && (item->state == OutboxState::waiting || item->state == OutboxState::sealed ||
                     item->state == OutboxState::accepted);
        if (goes_on && (item->state == OutboxState::sealed ||
                        tokens_of_stored(step, id, item->agency).missing > 0))
            continue;
        table::tokens_late.erase(step.tx, id);
        clear(step, Alarm::Kind::tokens_missing, id);
        if (goes_on && item->state == OutboxState::accepted) want_supplement(step, id);
    }
}

void send_token_questions(Step& step) {
    auto& link = step.agent.link;
    auto& desk = step.agent.desk;
    if (!link.welcomed) return;
    while (link.first_questions < first_under_way_max && ask_next(step, desk.first, false)) {
    }
    while (link.roll_questions < rolls_under_way_max && ask_next(step, desk.rolls, true)) {
    }
}

void on_evaluated_tokens(Step& step, const wire::EvaluatedTokens& body, std::uint64_t request) {
    const auto found = step.agent.link.asked.find(request);
    if (found == step.agent.link.asked.end() || found->second.kind != Asked::Kind::tokens) {
        step.record(LogEvent::frame_refused, ErrorCode::bad_value);
        return;
    }
    const Asked asked = found->second;
    forget_request(step, request);
    const crypto::OprfEvaluation evaluation{body.evaluated, body.proof};
    const auto outputs = asked.question->finalize(evaluation, asked.token_key);
    if (!outputs || body.key_epoch != asked.token_epoch) {
        // Under another key it would be another child, or nobody: nothing is made of it.
        const auto why = outputs ? ErrorCode::bad_value : outputs.error();
        raise(step, Alarm::Kind::tokens_unproved, {});
        step.record(LogEvent::tokens_unproved, why, {}, asked.agency);
        return wait_for(step, asked, retry_after_refusal, why);
    }
    clear(step, Alarm::Kind::tokens_unproved, {});
    auto& desk = step.agent.desk;
    const auto all = outputs->reveal();
    auto kept = outputs_kept(step);
    for (std::size_t i = 0; i < asked.identities.size(); ++i) {
        if (!step.tx.contains(sealed::token_output, store::key_bytes(asked.identities[i]))) ++kept;
        keep_output(step, asked.identities[i],
                    all.subspan(i * crypto::oprf_output_bytes, crypto::oprf_output_bytes));
        desk.first.erase(asked.identities[i]);
        desk.rolls.erase(asked.identities[i]);
    }
    table::token_outputs_kept.put(step.tx, 0, {kept});
    // More comes in an hour than the hourly tidying takes away.
    if (kept > step.agent.config.token_outputs_max) forget_unused_outputs(step);
    desk.paused.erase({asked.is_roll, asked.agency, asked.token_epoch});
    ++desk.round;
    state_open_conflicts(step);
    go_on_with_rolls(step);
    step.pump_due = true;
}

void on_tokens_error(Step& step, const Asked& asked, const wire::ErrorFrame& error) {
    const bool passes = next_step(error.code) == NextStep::retry_later;
    step.record(
        error.code == ErrorCode::busy ? LogEvent::tokens_over_budget : LogEvent::frame_refused,
        error.code, {}, asked.agency);
    wait_for(step, asked, passes ? milliseconds(error.retry_after_ms) : retry_after_refusal,
             error.code);
}

void forget_token_question(Step& step, const Asked& asked) {
    auto& link = step.agent.link;
    for (const auto& key : asked.identities) link.identities_asked.erase(key);
    --(asked.is_roll ? link.roll_questions : link.first_questions);
}

void forget_wanted_tokens(Step& step) {
    auto& desk = step.agent.desk;
    desk.first.clear();
    desk.rolls.clear();
    desk.paused.clear();
    desk.waiting.clear();
    desk.cursors.clear();
    ++desk.round;
}

void forget_unused_outputs(Step& step) {
    const auto before = step.now.wall - output_kept_unused;
    const auto kept = outputs_kept(step);
    const auto may_stay = step.agent.config.token_outputs_max;
    std::uint64_t left = kept;
    // Longest unused first; never what this week needs, or it would be asked for without end.
    for (const auto& key :
         table::token_outputs_used.collect_keys(step.tx, {.limit = outputs_forgotten_at_once})) {
        const auto week = std::get<0>(key);
        if (week == week_of(step.now.wall) || (left <= may_stay && week + output_week > before))
            break;
        step.tx.erase(sealed::token_output, store::key_bytes(std::get<1>(key)));
        table::token_outputs_used.erase(step.tx, key);
        left -= left > 0 ? 1 : 0;
    }
    if (left != kept) table::token_outputs_kept.put(step.tx, 0, {left});
}

}  // namespace mash::runtime
