#include "agents/runtime/core/json.hpp"

#include <vector>

namespace mash::runtime {

bool is_within(std::string_view json, const JsonBounds& bounds) {
    struct Level {
        bool is_object = false;
        std::size_t commas = 0;
    };
    std::vector<Level> open;
    std::size_t values = 1;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
            continue;
        }
        if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (open.size() == bounds.depth) return false;
            open.push_back({c == '{', 0});
            ++values;
        } else if ((c == '}' || c == ']') && !open.empty()) {
            open.pop_back();
        } else if (c == ',') {
            ++values;
            if (!open.empty() && open.back().is_object && ++open.back().commas >= bounds.members)
                return false;
        }
        if (values > bounds.values) return false;
    }
    return true;
}

Result<Json> json_from_text(std::string_view text) {
    if (text.size() > limits::http_body_bytes_max) return fail(ErrorCode::too_large);
    if (!is_within(text)) return fail(ErrorCode::malformed);
    // No callback: the parser would look through a whole list at the end of each object in it.
    auto parsed = Json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return fail(ErrorCode::malformed);
    return parsed;
}

}  // namespace mash::runtime
