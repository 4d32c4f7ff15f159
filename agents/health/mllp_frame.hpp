// The frame around HL7 v2 messages on a connection: 0x0B message 0x1C 0x0D. Read as real senders
// write it, cut anywhere; memory is bounded by one message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agents/health/hl7_message.hpp"

namespace mash::health {

std::string mllp_framed(std::string_view message);

class MllpReader {
public:
    explicit MllpReader(std::size_t message_bytes_max = hl7_message_bytes_max)
        : message_bytes_max_(message_bytes_max) {}

    /// Whole messages in `piece`, in order. A half one that a new frame begins in is dropped: it
    /// was never answered, so its sender still has it.
    std::vector<std::string> feed(std::string_view piece);
    /// Nothing sensible comes any more: bytes outside frames, or a message over the limit. The
    /// connection is to end.
    bool is_broken() const { return broken_; }
    bool is_inside() const { return inside_; }

private:
    std::size_t message_bytes_max_;
    std::string message_;
    std::size_t outside_bytes_ = 0;
    bool inside_ = false;
    bool broken_ = false;
};

}  // namespace mash::health
