// The cases of tests/vectors/identity, as any other implementer would read them.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/paths/paths.hpp"

namespace mash::identity {

struct VectorCase {
    int line = 0;
    std::string rule;
    std::string input;
    std::string output;
};

/// "\u00A0" and "\xFF" to the bytes they stand for.
inline std::string without_escapes(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '\\' || i + 3 >= text.size()) {
            out += text[i++];
            continue;
        }
        const std::size_t digits = text[i + 1] == 'x' ? 2 : 4;
        const auto value =
            static_cast<unsigned>(std::stoul(text.substr(i + 2, digits), nullptr, 16));
        i += 2 + digits;
        if (digits == 2 || value < 0x80) {
            out += static_cast<char>(value);
        } else if (value < 0x800) {
            out += static_cast<char>(0xC0 | (value >> 6));
            out += static_cast<char>(0x80 | (value & 0x3F));
        } else {
            out += static_cast<char>(0xE0 | (value >> 12));
            out += static_cast<char>(0x80 | ((value >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (value & 0x3F));
        }
    }
    return out;
}

inline std::vector<VectorCase> normalisation_cases() {
    std::ifstream in(test::source_dir() / "tests" / "vectors" / "identity" / "normalisation_2.txt");
    std::vector<VectorCase> out;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line.front() == '#') continue;
        const auto first = line.find('\t');
        const auto second = line.find('\t', first + 1);
        if (second == std::string::npos) {
            out.push_back({number, "a line without two tabs", "", ""});
            continue;
        }
        out.push_back({number, line.substr(0, first),
                       without_escapes(line.substr(first + 1, second - first - 1)),
                       line.substr(second + 1)});
    }
    return out;
}

}  // namespace mash::identity
