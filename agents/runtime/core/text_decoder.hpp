// Files as Windows and its programs write them, piece by piece into UTF-8: UTF-16 with its byte
// order mark, Windows-1252 and Latin-1, and UTF-8 in which somebody pasted a byte of those.
#pragma once

#include <string>
#include <string_view>

namespace mash::runtime {

/// Fed with pieces of a file in order. What comes out is UTF-8 without a byte order mark; bytes
/// that are no UTF-8 are read as Windows-1252, which holds Latin-1. An XML file that declares a
/// one-byte encoding is read as that throughout.
class TextDecoder {
public:
    std::string feed(std::string_view piece);
    /// What was left over: the last character of a file that was cut inside it.
    std::string finish();

private:
    enum class As { unknown, utf8, one_byte, utf16_little, utf16_big };
    std::string decode(bool last);
    void recognise();
    As as_ = As::unknown;
    std::string pending_;
};

/// `text` if it is UTF-8, else read as Windows-1252 throughout.
std::string to_utf8(std::string_view text);

}  // namespace mash::runtime
