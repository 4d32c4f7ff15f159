// Reads the vectors of tests/vectors/crypto and, where they are present, the public ones of the
// shared data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/bytes.hpp"
#include "common/base/error.hpp"

namespace mash::crypto::test {

/// tests/vectors/crypto/<name>. Stops the test program when it cannot be read.
nlohmann::json own_vectors(std::string_view name);

/// <shared data>/vectors/<name>, from MASH_SHARED_DATA or beside the repository. Nothing when
/// the shared data are not on this machine: the test is then skipped, in words that name the file.
std::optional<nlohmann::json> public_vectors(std::string_view name);

/// Hexadecimal text of a JSON value. Stops the test program on anything else.
Bytes hex(const nlohmann::json& value);
Bytes hex(std::string_view text);
inline Bytes hex(const char* text) { return hex(std::string_view(text)); }
inline Bytes hex(const std::string& text) { return hex(std::string_view(text)); }

/// The text of a JSON string: json itself does not compare with std::string on every compiler.
inline std::string text(const nlohmann::json& value) { return value.get<std::string>(); }

/// The stable name of the error, "accepted" for a success.
template <class T>
std::string outcome(const T& result) {
    return result ? std::string("accepted") : std::string(name_of(result.error()));
}

}  // namespace mash::crypto::test
