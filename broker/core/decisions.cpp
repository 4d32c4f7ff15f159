#include "broker/core/decisions.hpp"

#include <charconv>
#include <sstream>

#include "common/area/decision_record.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {
namespace {

using wire::DocumentKind;

constexpr std::size_t rows_in_page_max = 500;
constexpr std::size_t looked_at_max = 5'000;
/// As an operator names them.
constexpr std::array<std::pair<std::string_view, DocumentKind>, 3> kinds = {
    {{"policy", DocumentKind::policy},
     {"catalogue", DocumentKind::catalogue},
     {"registry", DocumentKind::registry}}};

std::uint64_t keep(Step& step, DocumentKind kind) {
    const auto* document = step.state.documents.trusted.document(kind);
    if (document == nullptr) return 0;
    const std::tuple key(static_cast<std::uint8_t>(kind), document->version);
    if (!tables::documents_kept.contains(step.tx, key)) {
        DocumentRecord record;
        record.accepted_at = step.now.wall;
        record.document = *document;
        step.put(tables::documents_kept, key, record);
    }
    return document->version;
}

/// Versions never go back: whatever rested on one is older than the next one's first use.
void forget_documents(Step& step) {
    std::optional<std::tuple<std::uint8_t, std::uint64_t>> before;
    std::vector<std::tuple<std::uint8_t, std::uint64_t>> outlived;
    tables::documents_kept.scan(step.tx, {}, [&](const auto& key, DocumentRecord& record) {
        const bool is_next = before && std::get<0>(*before) == std::get<0>(key);
        if (is_next &&
            record.accepted_at + step.state.config.decision_log_retention <= step.now.wall)
            outlived.push_back(*before);
        before = key;
        return true;
    });
    for (const auto& key : outlived) step.erase(tables::documents_kept, key);
}

// Names, numbers, times and base64url: nothing needs escaping.
std::string row_json(const PlanId& id, const DecidedRecord& decided, const AskedRecord& asked,
                     const std::optional<WallTime>& accepted) {
    const auto quoted = [](std::string_view text) { return '"' + std::string(text) + '"'; };
    return "{\"decision\":" + quoted(to_text(id)) + ",\"at\":" + quoted(to_rfc3339(asked.at)) +
           ",\"notification\":" +
           quoted(decided.item.sender.value() + "/" + to_text(decided.item.id)) +
           ",\"type\":" + quoted(asked.type.value()) +
           ",\"person\":" + quoted(asked.person.value()) +
           ",\"policy\":" + std::to_string(decided.policy_version) +
           ",\"catalogue\":" + std::to_string(decided.catalogue_version) +
           ",\"registry\":" + std::to_string(decided.registry_version) +
           ",\"accepted\":" + (accepted ? quoted(to_rfc3339(*accepted)) : std::string("null")) +
           ",\"input\":" + quoted(to_base64url(decided.input)) +
           ",\"outcome\":" + quoted(to_base64url(wire::encode_body(asked.decision))) + "}";
}

}  // namespace

void write(Writer& out, const DecidedRecord& record) {
    write(out, record.item);
    out.u64(record.policy_version).u64(record.catalogue_version).u64(record.registry_version);
    out.bytes(record.input);
}
void read(Reader& in, DecidedRecord& record) {
    read(in, record.item);
    record.policy_version = in.u64();
    record.catalogue_version = in.u64();
    record.registry_version = in.u64();
    record.input = in.owned_bytes();
}

void record_decision(Step& step, const PlanId& id, const ItemKey& item,
                     const area::DecisionInput& input) {
    DecidedRecord record;
    record.item = item;
    record.policy_version = keep(step, DocumentKind::policy);
    record.catalogue_version = keep(step, DocumentKind::catalogue);
    record.registry_version = keep(step, DocumentKind::registry);
    record.input = area::encode_input(input);
    step.put(tables::decided, id, record);
}

void record_accepted(Step& step, const PlanId& id) {
    step.put(tables::decided_accepted, id, step.now.wall);
}

void forget_decisions(Step& step, const std::vector<PlanId>& ids) {
    if (ids.empty()) return;
    for (const auto& id : ids) {
        step.erase(tables::decided, id);
        step.erase(tables::decided_accepted, id);
    }
    forget_documents(step);
}

Result<std::string> decisions_page(Step& step, const std::string& argument) {
    std::istringstream words(argument);
    std::string from_text;
    std::string until_text;
    std::string after_text;
    words >> from_text >> until_text >> after_text;
    MASH_TRY(from, wall_time_from_rfc3339(from_text));
    MASH_TRY(to, wall_time_from_rfc3339(until_text));
    // Plan ids begin with their time: the walk starts where the period does.
    std::array<std::uint8_t, 16> start{};
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, from.unix_ms()));
    for (std::size_t i = 0; i < 6; ++i) start[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    PlanId first(start);
    if (!after_text.empty()) {
        MASH_TRY(bytes, uuid_from_text(after_text));
        first = PlanId(bytes);
    }
    const auto key = key_of(first);
    std::string rows;
    std::size_t count = 0;
    std::size_t looked_at = 0;
    PlanId last;
    bool more = false;
    tables::asked.scan(step.tx, {.from = key}, [&](const PlanId& id, AskedRecord& asked) {
        if (!after_text.empty() && id == first) return true;
        if (asked.at >= to) return false;
        more = count == rows_in_page_max || looked_at++ == looked_at_max;
        if (more) return false;
        last = id;
        const auto decided = step.get(tables::decided, id);
        if (!decided || asked.at < from) return true;
        rows += (count++ == 0 ? "" : ",") +
                row_json(id, *decided, asked, step.get(tables::decided_accepted, id));
        return true;
    });
    return "{\"decisions\":[" + rows +
           "],\"next\":" + (more ? '"' + to_text(last) + '"' : std::string("null")) + "}";
}

Result<std::string> kept_document(Step& step, const std::string& argument) {
    std::istringstream words(argument);
    std::string name;
    std::uint64_t version = 0;
    if (!(words >> name >> version)) return fail(ErrorCode::malformed);
    for (const auto& [word, kind] : kinds) {
        if (word != name) continue;
        const auto kept =
            step.get(tables::documents_kept, {static_cast<std::uint8_t>(kind), version});
        if (!kept) return fail(ErrorCode::not_found);
        return "{\"document\":\"" + to_base64url(wire::encode_body(kept->document)) + "\"}";
    }
    return fail(ErrorCode::malformed);
}

}  // namespace mash::broker
