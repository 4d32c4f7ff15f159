#include "agents/runtime/identity/similarity.hpp"

#include <algorithm>
#include <vector>

namespace mash::identity {

double jaro(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return 0;
    if (a == b) return 1;
    // Letters are paired greedily from one side, so the order is fixed: symmetric, whoever asks.
    if (a.size() > b.size() || (a.size() == b.size() && a > b)) std::swap(a, b);
    const std::size_t longer = std::max(a.size(), b.size());
    const std::size_t window = longer / 2 > 0 ? longer / 2 - 1 : 0;
    std::vector<bool> used(b.size(), false);
    std::string common_a;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t from = i > window ? i - window : 0;
        const std::size_t to = std::min(b.size(), i + window + 1);
        for (std::size_t j = from; j < to; ++j) {
            if (used[j] || a[i] != b[j]) continue;
            used[j] = true;
            common_a += a[i];
            break;
        }
    }
    if (common_a.empty()) return 0;
    std::size_t at = 0;
    std::size_t out_of_place = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
        if (used[j] && b[j] != common_a[at++]) ++out_of_place;
    }
    const auto common = static_cast<double>(common_a.size());
    const double transpositions = static_cast<double>(out_of_place) / 2;
    return (common / static_cast<double>(a.size()) + common / static_cast<double>(b.size()) +
            (common - transpositions) / common) /
           3;
}

double jaro_winkler(std::string_view a, std::string_view b) {
    const double plain = jaro(a, b);
    const std::size_t most = std::min({a.size(), b.size(), std::size_t{4}});
    std::size_t prefix = 0;
    while (prefix < most && a[prefix] == b[prefix]) ++prefix;
    return plain + static_cast<double>(prefix) * 0.1 * (1 - plain);
}

std::string soundex(std::string_view upper) {
    // A to Z; 0: a vowel, which separates equal codes. H and W do not separate and are passed over.
    static constexpr std::string_view codes = "01230120022455012623010202";
    std::string out;
    char last = 0;
    for (const char c : upper) {
        if (c < 'A' || c > 'Z') continue;
        const char code = codes[static_cast<std::size_t>(c - 'A')];
        if (out.empty()) {
            out += c;
            last = code;
            continue;
        }
        if (c == 'H' || c == 'W') continue;
        if (code != '0' && code != last) out += code;
        last = code;
        if (out.size() == 4) break;
    }
    if (!out.empty()) out.resize(4, '0');
    return out;
}

bool is_one_slip(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > 1 || a == b) return false;
    std::size_t i = 0;
    while (i < a.size() && a[i] == b[i]) ++i;
    if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
    if (a.substr(i + 1) == b.substr(i + 1)) return true;
    return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] &&
           a.substr(i + 2) == b.substr(i + 2);
}

}  // namespace mash::identity
