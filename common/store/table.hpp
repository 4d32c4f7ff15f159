// Typed records over a space. A stored record is one version byte, then what its write() wrote.
//
// For a record type the core declares, in the record's own namespace:
//     void write(Writer& out, const Record& record);
//     void read(Reader& in, Record& record);                        // only version 1 so far, or
//     void read(Reader& in, Record& record, std::uint8_t version);  // every version up to the
//     table's own
// read() need not check anything that Reader checks; in.fail() refuses a value that cannot be.
// Keys are written and read by the same pair of functions, without a version byte, so that they
// sort by their bytes; below are those of the usual parts. A field of variable length sorts by its
// length first: make it the last part of a key only if no scan needs its order.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/store/store.hpp"

namespace mash::store {

/// The key of a space that holds exactly one record.
struct Only {
    friend constexpr auto operator<=>(Only, Only) = default;
};

inline void write(Writer&, Only) {}
inline void read(Reader&, Only&) {}

inline void write(Writer& out, std::uint8_t value) { out.u8(value); }
inline void read(Reader& in, std::uint8_t& value) { value = in.u8(); }
inline void write(Writer& out, std::uint32_t value) { out.u32(value); }
inline void read(Reader& in, std::uint32_t& value) { value = in.u32(); }
inline void write(Writer& out, std::uint64_t value) { out.u64(value); }
inline void read(Reader& in, std::uint64_t& value) { value = in.u64(); }
inline void write(Writer& out, WallTime value) { out.i64(value.unix_ms()); }
inline void read(Reader& in, WallTime& value) { value = WallTime::from_unix_ms(in.i64()); }
inline void write(Writer& out, const std::string& value) { out.text(value); }
inline void read(Reader& in, std::string& value) { value = in.text(); }
inline void write(Writer& out, const Bytes& value) { out.bytes(value); }
inline void read(Reader& in, Bytes& value) { value = in.owned_bytes(); }

template <std::size_t N>
void write(Writer& out, const std::array<std::uint8_t, N>& value) {
    out.fixed(value);
}
template <std::size_t N>
void read(Reader& in, std::array<std::uint8_t, N>& value) {
    value = in.array<N>();
}

template <class Tag>
void write(Writer& out, const NameId<Tag>& value) {
    out.id(value);
}
template <class Tag>
void read(Reader& in, NameId<Tag>& value) {
    value = in.id<NameId<Tag>>();
}
template <class Tag>
void write(Writer& out, const BinaryId<Tag>& value) {
    out.id(value);
}
template <class Tag>
void read(Reader& in, BinaryId<Tag>& value) {
    value = in.id<BinaryId<Tag>>();
}

inline void write(Writer& out, const Seat& value) { out.id(value.agency).id(value.role); }
inline void read(Reader& in, Seat& value) {
    value.agency = in.id<AgencyId>();
    value.role = in.id<RoleId>();
}

template <class... Parts>
void write(Writer& out, const std::tuple<Parts...>& parts) {
    std::apply([&](const auto&... part) { (write(out, part), ...); }, parts);
}
template <class... Parts>
void read(Reader& in, std::tuple<Parts...>& parts) {
    std::apply([&](auto&... part) { (read(in, part), ...); }, parts);
}

/// The leading parts of a composite key, as bytes: the prefix of a scan or where it starts.
template <class... Parts>
Bytes key_bytes(const Parts&... parts) {
    Writer out;
    (write(out, parts), ...);
    return out.take();
}

namespace detail {
template <class Record>
concept ReadsVersions = requires(Reader& in, Record& record) { read(in, record, std::uint8_t{1}); };
// Neither constexpr nor defined: reaching it is a compile error that carries its name.
void this_version_cannot_be_read();
}  // namespace detail

template <class Key, class Record>
class Table {
public:
    using Row = std::pair<Key, Record>;

    /// `version` is written from now on. Above 1 only with a read() that takes the version.
    consteval explicit Table(Space space, std::uint8_t version = 1)
        : space_(space), version_(version) {
        if (version < 1 || (version > 1 && !detail::ReadsVersions<Record>))
            detail::this_version_cannot_be_read();
    }

    Space space() const { return space_; }

    /// Nothing: no such record, or view.failed().
    std::optional<Record> get(View& view, const Key& key) const {
        std::optional<Record> record;
        view.with(space_, key_bytes(key), [&](ByteView stored) {
            Record decoded{};
            if (decode(view, stored, decoded)) record.emplace(std::move(decoded));
        });
        return record;
    }
    bool contains(View& view, const Key& key) const {
        return view.contains(space_, key_bytes(key));
    }

    void put(Transaction& transaction, const Key& key, const Record& record) const {
        Writer out;
        out.u8(version_);
        write(out, record);
        transaction.put(space_, key_bytes(key), out.done());
    }
    void erase(Transaction& transaction, const Key& key) const {
        transaction.erase(space_, key_bytes(key));
    }

    /// `visit(const Key&, Record&) -> bool`; false stops. Inside it reads are allowed, writes are
    /// not. A record that does not decode is not visited: it fails the view and ends the scan.
    template <class VisitRow>
        requires std::is_invocable_r_v<bool, VisitRow&, const Key&, Record&>
    std::size_t scan(View& view, const Scan& what, VisitRow&& visit) const {
        std::size_t visited = 0;
        view.scan(space_, what, [&](ByteView stored_key, ByteView stored) {
            Key key{};
            Record record{};
            if (!decode_key(view, stored_key, key) || !decode(view, stored, record)) return false;
            ++visited;
            return static_cast<bool>(std::invoke(visit, std::as_const(key), record));
        });
        return visited;
    }

    /// For changing what was found. `what.limit` bounds the memory.
    std::vector<Row> collect(View& view, const Scan& what) const {
        std::vector<Row> rows;
        scan(view, what, [&](const Key& key, Record& record) {
            rows.emplace_back(key, std::move(record));
            return true;
        });
        return rows;
    }
    /// Does not read the values.
    std::vector<Key> collect_keys(View& view, Scan what) const {
        std::vector<Key> keys;
        what.keys_only = true;
        view.scan(space_, what, [&](ByteView stored_key, ByteView) {
            Key key{};
            if (!decode_key(view, stored_key, key)) return false;
            keys.push_back(std::move(key));
            return true;
        });
        return keys;
    }
    /// The record with the highest key under `prefix`.
    std::optional<Row> last(View& view, ByteView prefix = {}) const {
        auto rows = collect(view, {.prefix = prefix, .limit = 1, .order = Order::descending});
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }

private:
    bool decode(View& view, ByteView stored, Record& record) const {
        Reader in(stored);
        std::uint8_t version = in.u8();
        if (in.ok() && version > version_) {
            view.mark_failed(ErrorCode::store_failed, space_.name(), "record of a newer version");
            return false;
        }
        if (version == 0) in.fail();
        if constexpr (detail::ReadsVersions<Record>) {
            if (in.ok()) read(in, record, version);
        } else {
            if (in.ok()) read(in, record);
        }
        if (in.finished()) return true;
        view.mark_failed(ErrorCode::store_failed, space_.name(), "corrupt record");
        return false;
    }
    bool decode_key(View& view, ByteView stored, Key& key) const {
        Reader in(stored);
        read(in, key);
        if (in.finished()) return true;
        view.mark_failed(ErrorCode::store_failed, space_.name(), "corrupt key");
        return false;
    }

    Space space_;
    std::uint8_t version_;
};

}  // namespace mash::store
