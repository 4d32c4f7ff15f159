#include "common/area/decision_record.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"

namespace mash::area {
namespace {

constexpr std::uint8_t input_version = 1;
constexpr std::size_t seat_bytes_min = 10;  // two names of at least a letter, each with its length

std::string said(const std::string& text) { return text.empty() ? "nothing" : text; }
std::string said(bool value) { return value ? "yes" : "no"; }
std::string said(WallTime at) { return at.is_set() ? to_rfc3339(at) : "no time"; }
std::string said(const Seat& seat) { return seat.agency.value() + "/" + seat.role.value(); }
template <class Tag>
std::string said(const NameId<Tag>& id) {
    return said(id.value());
}
template <class Enum>
    requires std::is_enum_v<Enum>
std::string said(Enum value) {
    return std::to_string(static_cast<int>(value));
}
std::string said(const wire::Standby& standby) {
    return standby.inbox.value() + " (" + said(standby.cause) + ")";
}
std::string said(const wire::Clock& clock) { return clock.name + " by " + said(clock.by); }
template <class T>
std::string said(const std::vector<T>& list) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : " ") + said(one);
    return said(out);
}

/// Keeps the first difference only.
class Comparison {
public:
    template <class T>
    void field(const std::string& name, const T& recorded, const T& now) {
        if (!first_.empty() || recorded == now) return;
        first_ = name + ": recorded " + said(recorded) + ", now " + said(now);
    }
    /// Entries one by one, and then whether one side has more of them.
    template <class T, class Entry>
    void list(const std::string& name, const std::vector<T>& recorded, const std::vector<T>& now,
              const Entry& entry) {
        for (std::size_t i = 0; i < std::min(recorded.size(), now.size()); ++i)
            entry(name + "[" + std::to_string(i) + "].", recorded[i], now[i]);
        if (first_.empty() && recorded.size() != now.size()) {
            first_ = name + ": recorded " + std::to_string(recorded.size()) + " entries, now " +
                     std::to_string(now.size());
        }
    }
    std::string done() { return std::move(first_); }

private:
    std::string first_;
};

void write_seat(Writer& out, const Seat& seat) { out.id(seat.agency).id(seat.role); }
Seat read_seat(Reader& in) {
    const auto agency = in.id<AgencyId>();
    return {agency, in.id<RoleId>()};
}
void write_seats(Writer& out, const std::vector<Seat>& seats) {
    out.u32(static_cast<std::uint32_t>(seats.size()));
    for (const auto& seat : seats) write_seat(out, seat);
}
std::vector<Seat> read_seats(Reader& in) {
    std::vector<Seat> seats;
    for (auto n = in.count(seat_bytes_min); n > 0; --n) seats.push_back(read_seat(in));
    return seats;
}

Result<Replayed> compare(const DecisionInput& input, ByteView recorded_bytes,
                         const Registry& registry, const Policy& policy) {
    MASH_TRY(recorded, wire::decode_body<wire::Decision>(recorded_bytes));
    const auto now = decide(input, registry, policy);
    const auto now_bytes = wire::encode_body(now);
    if (std::ranges::equal(now_bytes, recorded_bytes)) return Replayed{true, {}};
    return Replayed{false, first_difference(recorded, now)};
}

}  // namespace

std::string first_difference(const wire::Decision& recorded, const wire::Decision& now) {
    Comparison same;
    same.field("rule", recorded.rule, now.rule);
    same.field("refusal", recorded.refusal, now.refusal);
    same.field("incomplete", recorded.incomplete, now.incomplete);
    same.field("floor", recorded.floor, now.floor);
    same.list("recipients", recorded.recipients, now.recipients,
              [&](const std::string& at, const wire::Recipient& a, const wire::Recipient& b) {
                  same.field(at + "seat", a.seat, b.seat);
                  same.field(at + "inbox", a.inbox, b.inbox);
                  same.field(at + "act", a.act, b.act);
                  same.field(at + "urgency", a.urgency, b.urgency);
                  same.field(at + "lane", a.lane, b.lane);
                  same.field(at + "take_by", a.take_by, b.take_by);
                  same.field(at + "estimated", a.estimated, b.estimated);
                  same.field(at + "views", a.views, b.views);
                  same.field(at + "withheld", a.withheld, b.withheld);
                  same.field(at + "rule", a.rule, b.rule);
                  same.field(at + "route", a.route, b.route);
                  same.field(at + "basis", a.basis, b.basis);
                  same.field(at + "standbys", a.standbys, b.standbys);
                  same.field(at + "unchanged", a.unchanged, b.unchanged);
                  same.field(at + "clocks", a.clocks, b.clocks);
              });
    same.list(
        "held", recorded.held, now.held,
        [&](const std::string& at, const wire::HeldRecipient& a, const wire::HeldRecipient& b) {
            same.field(at + "seat", a.seat, b.seat);
            same.field(at + "decider", a.decider, b.decider);
            same.field(at + "rule", a.rule, b.rule);
            same.field(at + "decide_by", a.decide_by, b.decide_by);
        });
    same.list("refused", recorded.refused, now.refused,
              [&](const std::string& at, const wire::RefusedRecipient& a,
                  const wire::RefusedRecipient& b) {
                  same.field(at + "seat", a.seat, b.seat);
                  same.field(at + "rule", a.rule, b.rule);
                  same.field(at + "code", a.code, b.code);
              });
    same.list("not_connected", recorded.not_connected, now.not_connected,
              [&](const std::string& at, const wire::NotConnected& a, const wire::NotConnected& b) {
                  same.field(at + "role", a.role, b.role);
                  same.field(at + "telephone", a.telephone, b.telephone);
                  same.field(at + "tell_by", a.tell_by, b.tell_by);
              });
    same.field("offers", recorded.offers, now.offers);
    same.field("warnings", recorded.warnings, now.warnings);
    return same.done();
}

Result<Replayed> replay(const DecisionEvidence& evidence, const Registry& registry,
                        const Policy& policy) {
    MASH_TRY(stated, wire::decode_body<wire::RoutingFacts>(evidence.routing_facts));
    MASH_TRY(facts, wire::decode_body<wire::PlanFacts>(evidence.plan_facts));
    MASH_TRY(input, facts_for(evidence.notification, stated, facts, registry, policy));
    return compare(input, evidence.decision, registry, policy);
}

Result<Replayed> replay(ByteView input_bytes, ByteView decision, const Registry& registry,
                        const Policy& policy) {
    MASH_TRY(input, decode_input(input_bytes));
    return compare(input, decision, registry, policy);
}

Bytes encode_input(const DecisionInput& input) {
    auto facts = input.facts;
    const bool matched = is_matched(facts);
    facts.tokens.clear();
    if (matched) facts.tokens = {{wire::TokenKind::nhs_dob, 1, {}}};
    Writer out;
    out.u8(input_version).bytes(wire::encode_body(facts)).text(input.sender_kind);
    out.u32(static_cast<std::uint32_t>(input.involved.size()));
    for (const auto& one : input.involved) {
        out.text(one.relation);
        write_seat(out, one.seat);
    }
    write_seats(out, input.thread_seats);
    out.u32(static_cast<std::uint32_t>(input.authorised.size()));
    for (const auto& one : input.authorised) {
        out.text(one.rule);
        write_seats(out, one.seats);
        out.flag(one.allow);
    }
    out.i64(input.decided_at.unix_ms()).flag(input.floor);
    return out.take();
}

Result<DecisionInput> decode_input(ByteView bytes) {
    Reader in(bytes);
    DecisionInput input;
    if (in.u8() != input_version) return fail(ErrorCode::malformed);
    MASH_TRY(facts, wire::decode_body<wire::RoutingFacts>(in.bytes()));
    input.facts = std::move(facts);
    input.sender_kind = in.text();
    for (auto n = in.count(4 + seat_bytes_min); n > 0; --n) {
        auto relation = in.text();
        input.involved.push_back({std::move(relation), read_seat(in)});
    }
    input.thread_seats = read_seats(in);
    for (auto n = in.count(4 + 4 + 1); n > 0; --n) {
        AuthorisedDecision one;
        one.rule = in.text();
        one.seats = read_seats(in);
        one.allow = in.flag();
        input.authorised.push_back(std::move(one));
    }
    input.decided_at = WallTime::from_unix_ms(in.i64());
    input.floor = in.flag();
    if (!in.finished()) return fail(ErrorCode::malformed);
    return input;
}

}  // namespace mash::area
