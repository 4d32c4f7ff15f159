// Bytes <-> frames; the only door to protobuf. Decoding checks every bound of limits.hpp, every
// name, every enum and sortedness, so that what comes out is well formed; signatures are checked
// elsewhere.
#pragma once

#include "common/base/bytes.hpp"
#include "common/wire/frames.hpp"

namespace mash::wire {

Bytes encode(const AgentFrame& frame);
Bytes encode(const BrokerFrame& frame);
/// Errors: malformed, too_large, too_many, missing_field, bad_value, unsupported_version. A body
/// that this release does not serve, known or not, gives NotServed.
Result<AgentFrame> decode_agent_frame(ByteView bytes);
/// As above, but such a body gives not_available: an agent ignores it and its session lives.
Result<BrokerFrame> decode_broker_frame(ByteView bytes);
/// The request number of a frame that did not decode, so that the typed error can be tied to its
/// question. 0 when the frame does not say.
std::uint64_t request_of(ByteView bytes);

// Bodies that are signed, compared or stored as bytes. Each has exactly one encoding: two are equal
// when their bytes are, and decode_body refuses every other spelling (malformed) and unknown fields
// (unsupported_version). Frames, in contrast, ignore unknown fields, so that they may grow.
Bytes encode_body(const Routing& body);
Bytes encode_body(const RoutingFacts& body);
Bytes encode_body(const Grant& body);
Bytes encode_body(const Family& body);
Bytes encode_body(const AcceptedBody& body);
Bytes encode_body(const StatementBody& body);
Bytes encode_body(const ReceiptsBody& body);
Bytes encode_body(const RecallBody& body);
Bytes encode_body(const AgreementBody& body);
Bytes encode_body(const WithdrawalBody& body);
Bytes encode_body(const InvolvementClaim& body);
Bytes encode_body(const InboxCertificate& body);
Bytes encode_body(const PersonCertificate& body);
Bytes encode_body(const Authorisation& body);
Bytes encode_body(const IdentityLook& body);
Bytes encode_body(const IdentityAnswer& body);
Bytes encode_body(const ConflictBody& body);
Bytes encode_body(const Decision& body);
Bytes encode_body(const PlanFacts& body);
Bytes encode_body(const Task& body);
Bytes encode_body(const WordsBody& body);
Bytes encode_body(const SealedNotification& body);
Bytes encode_body(const SignedDocument& body);
Bytes encode_body(const Delivery& body);

/// One template, explicitly instantiated in the .cpp for each body above.
template <class Body>
Result<Body> decode_body(ByteView bytes);

}  // namespace mash::wire
