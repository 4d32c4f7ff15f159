#include "agents/runtime/core/json.hpp"

namespace mash::runtime {

Result<Json> json_from_text(std::string_view text) {
    if (text.size() > limits::http_body_bytes_max) return fail(ErrorCode::too_large);
    if (!is_within(text)) return fail(ErrorCode::malformed);
    // No callback: the parser would look through a whole list at the end of each object in it.
    auto parsed = Json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return fail(ErrorCode::malformed);
    return parsed;
}

}  // namespace mash::runtime
