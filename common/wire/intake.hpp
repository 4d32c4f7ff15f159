// Checks the fields of one received message. Private to the codec. After the first fault the rest
// of the message is read harmlessly and error() says what was wrong: read a whole message, then ask
// once.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/error.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/wire/family.hpp"
#include "common/wire/questions.hpp"
#include "common/wire/vocabulary.hpp"

namespace mash::wire {

class Intake {
public:
    bool ok() const { return ok_; }
    ErrorCode error() const { return error_; }
    /// Only the first fault is kept.
    void fault(ErrorCode code);

    template <class Tag>
    void name(const std::string& from, NameId<Tag>& to) {
        to = NameId<Tag>(checked_name(from));
    }
    template <class Tag>
    void name_if_any(const std::string& from, NameId<Tag>& to) {
        if (!from.empty()) name(from, to);
    }
    void name(const std::string& from, std::string& to) { to = checked_name(from); }
    void name_if_any(const std::string& from, std::string& to) {
        if (!from.empty()) name(from, to);
    }
    /// A word of policy that may hold capitals and a few marks: "E-08", "e;9g-p18". May be empty.
    void code(const std::string& from, std::string& to);
    /// One line of UTF-8 without control characters. May be empty.
    void line(const std::string& from, std::string& to, std::size_t bytes_max);

    /// Not zero.
    template <class Tag>
    void id(const std::string& from, BinaryId<Tag>& to) {
        to = BinaryId<Tag>(exactly<16>(from));
        if (ok_ && to.is_zero()) fault(ErrorCode::bad_value);
    }
    /// Absent, or as id().
    template <class Tag>
    void id_if_any(const std::string& from, BinaryId<Tag>& to) {
        if (!from.empty()) id(from, to);
    }
    template <std::size_t N>
    void fixed(const std::string& from, std::array<std::uint8_t, N>& to) {
        to = exactly<N>(from);
    }
    template <std::size_t N>
    void fixed_if_any(const std::string& from, std::array<std::uint8_t, N>& to) {
        if (!from.empty()) to = exactly<N>(from);
    }
    template <class Tag, std::size_t N>
    void fixed(const std::string& from, crypto::FixedBytes<Tag, N>& to) {
        to = crypto::FixedBytes<Tag, N>(exactly<N>(from));
    }

    /// Not empty.
    void bytes(const std::string& from, Bytes& to, std::size_t bytes_max);
    void bytes_if_any(const std::string& from, Bytes& to, std::size_t bytes_max);

    void time(std::uint64_t unix_ms, WallTime& to);
    void time_if_any(std::uint64_t unix_ms, WallTime& to);
    void u16(std::uint32_t from, std::uint16_t& to);

    /// Zero passes only where the vocabulary has a word for it.
    template <class Enum>
    void word(int from, Enum& to) {
        if (is_known(from, Enum{})) {
            to = static_cast<Enum>(from);
        } else {
            fault(from == 0 ? ErrorCode::missing_field : ErrorCode::bad_value);
        }
    }

    /// False, with the fault set, when there are too many. Nothing has been copied by then.
    bool count(int from, std::size_t count_max) {
        if (static_cast<std::size_t>(from) > count_max) fault(ErrorCode::too_many);
        return ok_;
    }
    /// Each strictly above the one before, by `key`.
    template <class T, class Key = std::identity>
    void ascending(const std::vector<T>& list, Key key = {}) {
        const auto not_above = [&](const T& a, const T& b) {
            return !(std::invoke(key, a) < std::invoke(key, b));
        };
        if (std::ranges::adjacent_find(list, not_above) != list.end()) fault(ErrorCode::bad_value);
    }

private:
    static bool is_known(int value, Level) { return value >= 0 && value <= 5; }
    static bool is_known(int value, Harm) { return value >= 0 && value <= 3; }
    static bool is_known(int value, Purpose) { return value >= 0 && value <= 2; }
    static bool is_known(int value, AgreementStatus) { return value >= 0 && value <= 5; }
    static bool is_known(int value, NotSoughtReason) { return value >= 0 && value <= 8; }
    static bool is_known(int value, Giver) { return value >= 0 && value <= 7; }
    static bool is_known(int value, Urgency) { return value >= 1 && value <= 5; }
    static bool is_known(int value, Lane) { return value >= 1 && value <= 4; }
    static bool is_known(int value, Rag) { return value >= 0 && value <= 4; }
    static bool is_known(int value, StandbyCause) { return value >= 1 && value <= 2; }
    static bool is_known(int value, Rung) {
        return (value >= 1 && value <= 6) || (value >= 20 && value <= 24) || value == 26;
    }
    static bool is_known(int value, TokenKind) { return value >= 1 && value <= 9; }
    static bool is_known(int value, TaskKind) {
        return (value >= 1 && value <= 8) || value == 10 || value == 11;
    }
    static bool is_known(int value, IdentityOutcome) { return value >= 1 && value <= 4; }
    static bool is_known(int value, LinkedRelation) { return value >= 1 && value <= 7; }
    static bool is_known(int value, TaskOutcome) { return value >= 1 && value <= 4; }
    static bool is_known(int value, IdentityHeard::What) { return value >= 1 && value <= 4; }
    static bool is_known(int value, DocumentKind) { return value >= 1 && value <= 5; }
    static bool is_known(int value, ErrorCode);

    std::string checked_name(const std::string& from);
    void copy_exactly(const std::string& from, std::uint8_t* to, std::size_t size);
    template <std::size_t N>
    std::array<std::uint8_t, N> exactly(const std::string& from) {
        std::array<std::uint8_t, N> out{};
        copy_exactly(from, out.data(), N);
        return out;
    }

    bool ok_ = true;
    ErrorCode error_ = ErrorCode::malformed;
};

}  // namespace mash::wire
