#include "agents/runtime/core/json_bounds.hpp"

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

}  // namespace mash::runtime
