#include "agents/runtime/core/asked.hpp"

#include <algorithm>

#include "agents/runtime/core/token_records.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours lease{24 * 14};
constexpr std::chrono::hours kept_for{24 * 365};

std::uint32_t day_of(WallTime at) {
    return static_cast<std::uint32_t>(at.unix_ms() /
                                      std::chrono::milliseconds(std::chrono::hours(24)).count());
}

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
    return std::ranges::find(values, value) != values.end();
}

/// The policy that we trust has this seat asked, and it is ours.
bool may_be_asked(Step& step, const wire::InvolvementQuestion& question) {
    const auto& asked = question.asked;
    if (step.registry() == nullptr || step.policy() == nullptr || !step.serves(asked.agency))
        return false;
    const auto* agency = step.registry()->find_active_agency(asked.agency, step.now.wall);
    const auto* relation = step.policy()->find_relation(question.relation);
    return agency != nullptr && step.registry()->find_seat(asked) != nullptr &&
           relation != nullptr && !relation->indexed &&
           contains(relation->claimed_by, agency->kind) && contains(relation->roles, asked.role);
}

/// Told again in a minute.
bool may_answer_one_more(Step& step, const AgencyId& agency) {
    auto& answered = step.agent.involvement_answers[agency];
    if (step.now.steady - answered.since >= std::chrono::hours(1)) answered = {step.now.steady, 0};
    if (answered.count >= limits::involvement_answers_per_hour_max) return false;
    ++answered.count;
    return true;
}

void note_asked(Step& step, const wire::InvolvementQuestion& question) {
    const std::tuple key{day_of(step.now.wall), question.asked, question.relation};
    auto row = table::asked_counts.get(step.tx, key).value_or(AskedCount{});
    ++row.asked;
    table::asked_counts.put(step.tx, key, row);
    step.record(LogEvent::involvement_asked, NotificationId{}, question.asked.agency);
}

struct Known {
    Digest entry{};
    std::vector<wire::Token> tokens;
};

/// Whether one of our children is the one asked about: by its tokens, or perhaps, which is for the
/// front door to say.
std::optional<Known> find(Step& step, const wire::InvolvementQuestion& question) {
    const auto& kind = step.registry()->find_agency(question.asked.agency)->kind;
    std::optional<Known> known;
    const Bytes prefix = store::key_bytes(question.asked, question.relation);
    table::claims.scan(step.tx, {.prefix = prefix}, [&](const auto& key, ClaimRow& row) {
        auto claim = wire::decode_body<wire::InvolvementClaim>(row.body);
        if (!claim) return true;
        auto tokens = std::move(claim->tokens);
        claim->tokens = wire::asked_tokens(question.id, tokens);
        const bool is_linked = area::link(question.tokens, *claim, kind) == area::Link::linked;
        if (is_linked || (!known && area::is_possible_match(question.tokens, *claim, kind)))
            known = Known{std::get<2>(key), std::move(tokens)};
        return !is_linked;
    });
    return known;
}

std::string errand_name(const ClaimId& question) { return "involvement/" + to_text(question); }

}  // namespace

void write(Writer& out, const AskedRow& row) {
    out.id(row.seat.agency).id(row.seat.role).text(row.relation).fixed(row.entry);
    out.i64(row.at.unix_ms());
}
void read(Reader& in, AskedRow& row) {
    row.seat.agency = in.id<AgencyId>();
    row.seat.role = in.id<RoleId>();
    row.relation = in.text();
    row.entry = in.array<32>();
    row.at = WallTime::from_unix_ms(in.i64());
}

void on_involvement_question(Step& step, const wire::InvolvementQuestion& question) {
    if (!may_be_asked(step, question))
        return step.record(LogEvent::frame_refused, ErrorCode::not_entitled, {},
                           question.asked.agency);
    const auto under_way = table::errands.get(step.tx, errand_name(question.id));
    if (under_way && !under_way->done_at.is_set()) return;
    const auto* key = step.signing_key(question.asked.agency);
    if (key == nullptr) return step.record(LogEvent::frame_refused, ErrorCode::unknown_key);
    if (!may_answer_one_more(step, question.asked.agency))
        return step.record(LogEvent::rate_limited, NotificationId{}, question.asked.agency);
    wire::InvolvementAnswer answer;
    answer.question = question.id;
    answer.asked = question.asked;
    answer.relation = question.relation;
    const auto known = find(step, question);
    // A list whose tokens are being made may hold the child: it is asked again until it is here.
    if (!known && table::pending_rolls.contains(step.tx, {question.asked, question.relation}))
        return;
    note_asked(step, question);
    if (!known) {
        // Nobody keeps a no: one that is lost is asked for again.
        Asked asked;
        asked.kind = Asked::Kind::errand;
        asked.lane = wire::Lane::urgent;
        step.ask(std::move(answer), std::move(asked));
        return;
    }
    wire::InvolvementClaim claim;
    claim.id = question.id;
    claim.agency = question.asked.agency;
    claim.seat = question.asked;
    claim.relation = question.relation;
    claim.tokens = known->tokens;
    claim.serial = next_claim_serial(step);
    claim.starts = step.now.wall;
    claim.lease_until = step.now.wall + lease;
    auto& signed_claim = answer.claim.emplace();
    signed_claim.body = wire::encode_body(claim);
    signed_claim.signature = crypto::sign(*key, wire::label::claim, signed_claim.body);
    table::asked_and_known.put(step.tx, question.id,
                               {question.asked, question.relation, known->entry, step.now.wall});
    put_errand(step, errand_name(question.id), std::move(answer), wire::Lane::immediate);
}

bool proves_itself(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::InvolvementAnswer& answer) {
    const auto request = plan_request(step, id, item, false);
    if (!request || !answer.claim) return false;
    wire::PlanFacts alone;
    alone.decided_at = step.now.wall;
    alone.claims.push_back(*answer.claim);
    const auto proved =
        area::facts_for(id, request->facts, alone, *step.registry(), *step.policy());
    if (!proved) step.record(LogEvent::fact_unproved, proved.error(), id, item.agency);
    return proved.has_value();
}

void send_back(Step& step, wire::InvolvementAnswer answer, bool takes_it_up) {
    if (takes_it_up) answer.claim.reset();
    Asked asked;
    asked.kind = Asked::Kind::errand;
    asked.lane = wire::Lane::urgent;
    step.ask(std::move(answer), std::move(asked));
}

void on_involvement_answer(Step& step, const wire::InvolvementAnswer& answer) {
    if (step.registry() == nullptr || step.policy() == nullptr) return;
    const auto& id = answer.notification;
    const auto item = table::outbox.get(step.tx, id);
    if (!item && answer.claim && found_for_pass_on(step, answer)) return;
    if (!item || !answer.claim)
        return step.record(LogEvent::fact_unproved, ErrorCode::not_found, id);
    if (item->state != OutboxState::accepted) return;
    if (!proves_itself(step, id, *item, answer)) return send_back(step, answer, false);
    want_supplement(step, id);
}

void tidy_asked(Step& step) {
    const auto last = day_of(step.now.wall - kept_for);
    for (const auto& key : table::asked_counts.collect_keys(step.tx, {.limit = 1'000})) {
        if (std::get<0>(key) > last) break;
        table::asked_counts.erase(step.tx, key);
    }
    for (const auto& [id, row] : table::asked_and_known.collect(step.tx, {})) {
        if (row.at + kept_for < step.now.wall) table::asked_and_known.erase(step.tx, id);
    }
}

}  // namespace mash::runtime
