// A decision as it was made, in the bytes that it was made of, and the same decision made again:
// whoever doubts it needs the record and the signed documents of that day, and nobody's word.
#pragma once

#include <string>

#include "common/area/decide.hpp"
#include "common/base/bytes.hpp"

namespace mash::area {

/// The exact bytes: wire::encode_body of RoutingFacts, PlanFacts and Decision.
struct DecisionEvidence {
    NotificationId notification;
    Bytes routing_facts;
    Bytes plan_facts;
    Bytes decision;
};

struct Replayed {
    bool equal = false;
    /// Not equal: the first field that differs, with what was recorded and what comes out now:
    /// "recipients[1].take_by: recorded ..., now ...".
    std::string difference;
};

/// The decision once more, from the record alone, under `registry` and `policy`, which are those of
/// the versions that the record's plan facts name. Every signature is checked again. Errors:
/// malformed (the record is not what was written), and those of facts_for().
Result<Replayed> replay(const DecisionEvidence& evidence, const Registry& registry,
                        const Policy& policy);

/// The same from an input that encode_input() kept.
Result<Replayed> replay(ByteView input, ByteView decision, const Registry& registry,
                        const Policy& policy);

/// What decide() looked at, without the child's tokens: of those it asks only whether there are
/// any, so one that belongs to nobody stands for them. For whoever may keep codes and no tokens.
Bytes encode_input(const DecisionInput& input);
Result<DecisionInput> decode_input(ByteView bytes);

/// "" when equal; else the first field that differs.
std::string first_difference(const wire::Decision& recorded, const wire::Decision& now);

}  // namespace mash::area
