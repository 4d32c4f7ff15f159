// The broker's own record of each decision: what decide() looked at, in codes and without tokens,
// and how it ended. The decision itself stands beside the request, under the same plan id. With the
// signed documents of the day, which are kept as well, each can be made again.
#pragma once

#include <string>

#include "broker/core/step.hpp"
#include "common/area/decide.hpp"

namespace mash::broker {

struct DecidedRecord {
    ItemKey item;
    std::uint64_t policy_version = 0;
    std::uint64_t catalogue_version = 0;
    std::uint64_t registry_version = 0;
    Bytes input;  ///< area::encode_input
};
void write(Writer& out, const DecidedRecord& record);
void read(Reader& in, DecidedRecord& record);

namespace tables {
inline constexpr Table<PlanId, DecidedRecord> decided{Space("decided")};
/// When the plan was used: without a row it never was.
inline constexpr Table<PlanId, WallTime> decided_accepted{Space("decided_accepted")};
/// Each signed document that a decision rests on, by (kind, version).
inline constexpr Table<std::tuple<std::uint8_t, std::uint64_t>, DocumentRecord> documents_kept{
    Space("documents_kept")};
}  // namespace tables

void record_decision(Step& step, const PlanId& id, const ItemKey& item,
                     const area::DecisionInput& input);
void record_accepted(Step& step, const PlanId& id);
/// With the request they belong to, past the term.
void forget_decisions(Step& step, const std::vector<PlanId>& ids);

/// For the operator: a page of records after the plan `after` ("" from the first), of `from` to
/// `to`. The argument is "FROM TO [AFTER]", times as RFC 3339. Errors: malformed.
Result<std::string> decisions_page(Step& step, const std::string& argument);
/// A kept document, base64url of its signed form: "KIND VERSION". Errors: malformed, not_found.
Result<std::string> kept_document(Step& step, const std::string& argument);

}  // namespace mash::broker
