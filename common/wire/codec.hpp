// Bytes <-> frames; the only door to protobuf. Decoding checks every bound of limits.hpp, every name, every enum and
// sortedness, so that what comes out is well formed; signatures are checked elsewhere.
#pragma once

#include "common/base/bytes.hpp"
#include "common/wire/frames.hpp"

namespace mash::wire {

Bytes encode(const AgentFrame& frame);
Bytes encode(const BrokerFrame& frame);
/// Errors: malformed, too_large, too_many, bad_value, unsupported_version. An unknown oneof field gives NotServed.
Result<AgentFrame> decode_agent_frame(ByteView bytes);
Result<BrokerFrame> decode_broker_frame(ByteView bytes);

// Bodies that are signed or stored as bytes. encode is deterministic; decode refuses trailing and unknown fields only
// where said in proto/README.md.
Bytes encode_body(const Routing& body);
Bytes encode_body(const RoutingFacts& body);
Bytes encode_body(const Grant& body);
Bytes encode_body(const AcceptedBody& body);
Bytes encode_body(const StatementBody& body);
Bytes encode_body(const ReceiptsBody& body);
Bytes encode_body(const RecallBody& body);
Bytes encode_body(const InvolvementClaim& body);
Bytes encode_body(const InboxCertificate& body);
Bytes encode_body(const PersonCertificate& body);
Bytes encode_body(const Authorisation& body);
Bytes encode_body(const ConflictBody& body);
Bytes encode_body(const Decision& body);
Bytes encode_body(const PlanFacts& body);
Bytes encode_body(const Task& body);
Bytes encode_body(const SealedNotification& body);
Bytes encode_body(const SignedDocument& body);
Bytes encode_body(const Delivery& body);

/// One template, explicitly instantiated in the .cpp for each body above.
template <class Body>
Result<Body> decode_body(ByteView bytes);

}  // namespace mash::wire
