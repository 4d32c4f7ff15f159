#include "agents/health/mllp_frame.hpp"

namespace mash::health {

namespace {

constexpr char begin_sign = '\x0B';
constexpr char end_sign = '\x1C';
// Line ends and a stray sign between frames are common; more than this is another protocol.
constexpr std::size_t outside_bytes_max = 256;

}  // namespace

std::string mllp_framed(std::string_view message) {
    return begin_sign + std::string(message) + end_sign + '\r';
}

std::vector<std::string> MllpReader::feed(std::string_view piece) {
    std::vector<std::string> out;
    for (const char c : piece) {
        if (broken_) break;
        if (c == begin_sign) {
            message_.clear();
            inside_ = true;
        } else if (!inside_) {
            if (c != '\r' && c != '\n') broken_ = ++outside_bytes_ > outside_bytes_max;
        } else if (c == end_sign) {
            // The 0x0D after it is left out by some: nothing waits for it.
            out.push_back(std::move(message_));
            message_.clear();
            inside_ = false;
            outside_bytes_ = 0;
        } else if (message_.size() >= message_bytes_max_) {
            broken_ = true;
        } else {
            message_ += c;
        }
    }
    return out;
}

}  // namespace mash::health
