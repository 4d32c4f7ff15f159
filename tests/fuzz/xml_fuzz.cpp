// Any bytes as a file in XML and in JSON, whole and in pieces: what is found does not depend on
// where the pieces are cut, and nothing is found after an error.
#include <cstdint>
#include <string>
#include <vector>

#include "agents/runtime/core/json_reader.hpp"
#include "agents/runtime/core/text_decoder.hpp"
#include "agents/runtime/core/xml.hpp"
#include "common/base/bytes.hpp"
#include "common/base/check.hpp"

namespace {

using namespace mash;

void write(const runtime::XmlElement& element, std::string& out) {
    out += "<" + element.name + "|" + element.name_space;
    for (const auto& [name, value] : element.attributes) out += " " + name + "=" + value.reveal();
    out += ">" + element.text.reveal();
    for (const auto& child : element.children) write(child, out);
    out += "</>";
}

struct Pieces {
    std::string_view rest;
    std::size_t size;
    bool next(std::string_view& piece) {
        piece = rest.substr(0, size);
        rest.remove_prefix(piece.size());
        return !piece.empty();
    }
};

std::string as_xml(std::string_view text, std::size_t size) {
    std::string out;
    runtime::XmlLimits limits;
    limits.record_bytes = 4'000;
    runtime::XmlReader reader(
        {"CTfile/CTFpupilData/Pupil", "Message/Children/Child", "*/entry", "Flag"},
        [&](runtime::XmlFound&& found) {
            out += found.path + "#" + std::to_string(found.number);
            if (found.too_large)
                out += "large";
            else
                write(found.element, out);
        },
        limits);
    Pieces pieces{text, size};
    std::string_view piece;
    bool fit = true;
    while (fit && pieces.next(piece)) fit = reader.feed(piece).has_value();
    if (fit) fit = reader.finish().has_value();
    CHECK(fit == reader.fault().rule.empty());
    const std::size_t found = out.size();
    CHECK(fit || !reader.feed("<a/>").has_value());
    CHECK(out.size() == found);
    // Seven bytes that are no XML have ended too soon for a parser that saw them at once.
    const bool broken = reader.fault().rule == "cut_off" || reader.fault().rule == "not_xml";
    return out + (fit ? "fit" : broken ? "not_xml" : reader.fault().rule);
}

std::string as_json(std::string_view text, std::size_t size) {
    std::string out;
    runtime::JsonReader reader("entry", [&](runtime::JsonFound&& found) {
        out += found.member + "#" + std::to_string(found.number) + found.text.reveal();
    });
    Pieces pieces{text, size};
    std::string_view piece;
    bool fit = true;
    while (fit && pieces.next(piece)) fit = reader.feed(piece).has_value();
    if (fit) fit = reader.finish().has_value();
    return out + (fit ? "fit" : "not");
}

std::string decoded(std::string_view text, std::size_t size) {
    runtime::TextDecoder decoder;
    std::string out;
    Pieces pieces{text, size};
    std::string_view piece;
    while (pieces.next(piece)) out += decoder.feed(piece);
    return out + decoder.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t cut = 1 + data[0] % 32;
    const auto bytes = text_of({data + 1, size - 1});
    const std::string text = decoded(bytes, bytes.size() + 1);
    CHECK(decoded(bytes, cut) == text);
    CHECK(runtime::to_utf8(text) == text);
    CHECK(as_xml(text, text.size() + 1) == as_xml(text, cut));
    CHECK(as_json(text, text.size() + 1) == as_json(text, cut));
    (void)runtime::xml_root(text);
    return 0;
}
