// Frames: their own fields and one body. The numbers of session.proto; protobuf itself is not
// needed here, and a body is parsed only when it is one that this release serves.
#include "common/wire/codec.hpp"

#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "common/wire/shape.hpp"

namespace mash::wire {

// Instantiated in codec_*.cpp.
template <class T>
Bytes encode_message(const T& from);
template <class T>
Result<T> decode_message(ByteView bytes);

namespace {

constexpr std::uint32_t request_field = 1;
constexpr std::uint32_t commit_serial_field = 2;

template <std::uint32_t number, class Message>
struct At {
    static constexpr std::uint32_t field = number;
    using type = Message;
};

template <class... Rows>
struct Table {};

using AgentTable =
    Table<At<10, Hello>, At<11, FetchSigned>, At<12, PublishInboxKey>, At<13, RequestPlan>,
          At<14, Publish>, At<15, Credit>, At<16, Receipts>, At<17, ReceiptsAck>,
          At<18, ClaimInvolvement>, At<19, EndInvolvement>, At<20, ReplaceRoll>,
          At<21, AuthorisationFrame>, At<22, TaskAnswer>, At<23, DeclareConflict>,
          At<24, EndConflict>, At<25, Recall>, At<41, Supplement>, At<42, RecordAgreement>,
          At<43, WithdrawAgreement>, At<40, EvaluateTokens>, At<26, LookAtIdentity>,
          At<27, ShowIdentity>, At<28, AnswerIdentity>, At<29, IdentityHeard>,
          At<47, InvolvementAnswer>, At<35, DeciderWords>, At<36, WordsHeard>>;

using BrokerTable =
    Table<At<10, Welcome>, At<11, SignedDocuments>, At<12, DocumentsChanged>,
          At<13, DisclosurePlan>, At<14, Accepted>, At<15, Delivery>, At<16, Receipts>,
          At<17, ReceiptsAck>, At<18, ClaimsAccepted>, At<19, TaskNotice>, At<20, TaskClosed>,
          At<21, AuthorisationFrame>, At<22, RecallNotice>, At<23, Done>, At<24, ErrorFrame>,
          At<42, WithdrawalNotice>, At<46, AgreementHeld>, At<40, EvaluatedTokens>,
          At<26, LookAtIdentity>, At<27, ShowIdentity>, At<28, AnswerIdentity>,
          At<29, IdentityReached>, At<43, InvolvementQuestion>, At<47, InvolvementAnswer>,
          At<35, DeciderWords>>;

template <class Message, class... Rows>
constexpr std::uint32_t field_of(Table<Rows...>) {
    return ((std::is_same_v<Message, typename Rows::type> ? Rows::field : 0) + ...);
}

void append_varint(Bytes& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

void append_fixed64(Bytes& out, std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}

Bytes frame_of(std::uint64_t request, std::uint64_t commit_serial, std::uint32_t field,
               ByteView body) {
    constexpr std::size_t header_bytes_max = 32;
    CHECK(field >= first_body_field);
    Bytes out;
    out.reserve(body.size() + header_bytes_max);
    if (request != 0) {
        append_varint(out, request_field << 3);
        append_varint(out, request);
    }
    if (commit_serial != 0) {
        append_varint(out, (commit_serial_field << 3) | 1U);
        append_fixed64(out, commit_serial);
    }
    append_varint(out, (static_cast<std::uint64_t>(field) << 3) | 2U);
    append_varint(out, body.size());
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

/// Tries one row; true when it was the one, with the outcome in `result`.
template <class Row, class Frame>
bool decode_row(const FrameOutline& outline, Result<Frame>& result) {
    if (outline.body_field != Row::field) return false;
    auto body = decode_message<typename Row::type>(outline.body);
    if (body) {
        result = Frame{.request = outline.request, .body = std::move(*body)};
    } else {
        result = fail(body.error());
    }
    return true;
}

template <class Frame, class... Rows>
bool decode_rows(const FrameOutline& outline, Result<Frame>& result, Table<Rows...>) {
    return (decode_row<Rows>(outline, result) || ...);
}

}  // namespace

Bytes encode(const AgentFrame& frame) {
    return std::visit(
        [&]<class Message>(const Message& body) {
            if constexpr (std::is_same_v<Message, NotServed>) {
                return frame_of(frame.request, 0, body.field, {});
            } else {
                return frame_of(frame.request, 0, field_of<Message>(AgentTable{}),
                                encode_message(body));
            }
        },
        frame.body);
}

Bytes encode(const BrokerFrame& frame) {
    return std::visit(
        [&]<class Message>(const Message& body) {
            return frame_of(frame.request, frame.commit_serial, field_of<Message>(BrokerTable{}),
                            encode_message(body));
        },
        frame.body);
}

Result<AgentFrame> decode_agent_frame(ByteView bytes) {
    if (bytes.size() > limits::frame_bytes_max) return fail(ErrorCode::too_large);
    MASH_TRY(outline, outline_of(bytes));
    Result<AgentFrame> result = AgentFrame{outline.request, NotServed{outline.body_field}};
    decode_rows(outline, result, AgentTable{});
    return result;
}

Result<BrokerFrame> decode_broker_frame(ByteView bytes) {
    if (bytes.size() > limits::frame_bytes_max) return fail(ErrorCode::too_large);
    MASH_TRY(outline, outline_of(bytes));
    Result<BrokerFrame> result = fail(ErrorCode::not_available);
    decode_rows(outline, result, BrokerTable{});
    if (result) result->commit_serial = outline.commit_serial;
    return result;
}

std::uint64_t request_of(ByteView bytes) {
    if (bytes.size() > limits::frame_bytes_max) return 0;
    const auto outline = outline_of(bytes);
    return outline ? outline->request : 0;
}

}  // namespace mash::wire
