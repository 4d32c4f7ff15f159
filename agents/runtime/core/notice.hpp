// What a sender says about an item that went to an inbox of ours: a recall, a withdrawal. Inside
// this folder only.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {

/// Its body, if the sender signed it when it says and the broker brought it to the right inbox.
/// Nothing: refused, and recorded.
template <class Body, class Notice>
std::optional<Body> checked_notice(Step& step, const Notice& notice, std::string_view label) {
    auto body = wire::decode_body<Body>(notice.body);
    if (!body || !step.verify_agency(body->sender, std::min(body->at, step.now.wall), label,
                                     notice.body, notice.signature)) {
        step.record(LogEvent::delivery_rejected, body ? ErrorCode::bad_signature : body.error());
        return std::nullopt;
    }
    const auto row = table::inboxes.get(step.tx, notice.inbox);
    if (!row || notice.seat.agency != row->agency) {
        step.record(LogEvent::delivery_rejected, ErrorCode::wrong_host, body->notification,
                    body->sender);
        return std::nullopt;
    }
    return std::move(*body);
}

}  // namespace mash::runtime
