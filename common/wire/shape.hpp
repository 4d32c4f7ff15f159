// Walks received bytes before protobuf sees them and counts the elements of each list. Two bytes on
// the wire can make protobuf allocate a hundred in memory; a frame of such pairs must cost its
// sender more than it costs us. Private to the codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace mash::wire {

/// One field whose occurrences are bounded, and what is bounded inside it. Fields without a Shape
/// may stand anywhere and are not descended into.
struct Shape {
    std::uint32_t field = 0;
    std::size_t count_max = 1;
    std::span<const Shape> inside{};
};

/// Errors: malformed (cut, group, field number 0), too_many.
Result<void> check_shape(ByteView message, std::span<const Shape> shape);

/// What one frame is, by its own two kinds of field (session.proto): those below 10, and one body.
struct FrameOutline {
    std::uint64_t request = 0;
    std::uint64_t commit_serial = 0;  ///< of a broker's frame
    std::uint32_t body_field = 0;
    ByteView body;
};
inline constexpr std::uint32_t first_body_field = 10;

/// Errors: malformed (no body, two bodies, a body that is no message).
Result<FrameOutline> outline_of(ByteView frame);

}  // namespace mash::wire
