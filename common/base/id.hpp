// Strong ids: explicit to make, compared with their own kind only, no way back but value().
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.hpp"

namespace mash {

/// A name chosen by people and written in configuration: 1 to 64 of [a-z0-9_.-], for example
/// "schools-884001". Says nothing about a child.
template <class Tag>
class NameId {
public:
    NameId() = default;
    explicit NameId(std::string value) : value_(std::move(value)) {}
    const std::string& value() const { return value_; }
    bool empty() const { return value_.empty(); }
    friend auto operator<=>(const NameId&, const NameId&) = default;

private:
    std::string value_;
};

/// True for 1 to 64 characters of [a-z0-9_.-] that begin with a letter or digit.
bool is_valid_name(std::string_view text);
/// True for two such names with a dot between, at most 64 characters in all: "rsk.word".
bool is_valid_view_name(std::string_view text);

/// 16 bytes: a UUIDv7 (RFC 9562 section 5.7) or 16 random bytes.
template <class Tag>
class BinaryId {
public:
    static constexpr std::size_t size = 16;
    BinaryId() = default;
    explicit BinaryId(const std::array<std::uint8_t, size>& value) : value_(value) {}
    const std::array<std::uint8_t, size>& value() const { return value_; }
    bool is_zero() const { return value_ == std::array<std::uint8_t, size>{}; }
    friend auto operator<=>(const BinaryId&, const BinaryId&) = default;

private:
    std::array<std::uint8_t, size> value_{};
};

/// 8-4-4-4-12 lower-case hexadecimal.
std::string uuid_text(const std::array<std::uint8_t, 16>& value);
Result<std::array<std::uint8_t, 16>> uuid_from_text(std::string_view text);
/// UUIDv7 (RFC 9562 section 5.7): 48 bits of `unix_ms`, then version, variant and `random`.
std::array<std::uint8_t, 16> uuid_v7(std::uint64_t unix_ms,
                                     const std::array<std::uint8_t, 10>& random);

template <class Tag>
std::string to_text(const BinaryId<Tag>& id) {
    return uuid_text(id.value());
}

using AreaId = NameId<struct AreaTag>;
using AgencyId = NameId<struct AgencyTag>;  ///< survives re-organisation; never re-used
using HostId = NameId<struct HostTag>;      ///< a machine that serves one or many agencies
using RoleId = NameId<struct RoleTag>;      ///< a code of domain.md B: "ffd", "sch", "pol" ...
using InboxId = NameId<struct InboxTag>;    ///< unique in the area, "<agency>.<role>" by habit
using PersonId = NameId<struct PersonTag>;  ///< a pseudonym: "p-3f9a..." or "service"; never a name
using TypeId = NameId<struct TypeTag>;      ///< catalogue row: "missing_episode_started"
using ViewId = NameId<struct ViewTag>;      ///< "rsk.word"

using NotificationId = BinaryId<struct NotificationTag>;
using ThreadId = BinaryId<struct ThreadTag>;
using EventId = BinaryId<struct EventTag>;
using PlanId = BinaryId<struct PlanTag>;
using DeliveryId = BinaryId<struct DeliveryTag>;
using TaskId = BinaryId<struct TaskTag>;
using ClaimId = BinaryId<struct ClaimTag>;
using ConflictId = BinaryId<struct ConflictTag>;
using AuthorisationId = BinaryId<struct AuthorisationTag>;
using AgreementId = BinaryId<struct AgreementTag>;
using BatchId = BinaryId<struct BatchTag>;

/// A seat is a role at one agency: what senders and receipts name instead of an inbox or a person.
struct Seat {
    AgencyId agency;
    RoleId role;
    friend auto operator<=>(const Seat&, const Seat&) = default;
};

}  // namespace mash

template <class Tag>
struct std::hash<mash::NameId<Tag>> {
    std::size_t operator()(const mash::NameId<Tag>& id) const {
        return std::hash<std::string>{}(id.value());
    }
};
template <class Tag>
struct std::hash<mash::BinaryId<Tag>> {
    std::size_t operator()(const mash::BinaryId<Tag>& id) const {
        std::size_t h = 0;
        for (auto b : id.value()) h = h * 1099511628211ULL + b;
        return h;
    }
};
