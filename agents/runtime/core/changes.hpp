// What a commit changed, as far as a page shows it: which list, and which part of it. Never what it
// says: a page reads again, and is answered as anybody who asks.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/store/store.hpp"

namespace mash::runtime {

enum class Listed : std::uint8_t { received, sent, tasks, held, rolls };
std::string_view name_of(Listed list);

struct Change {
    Listed list{};
    /// By which the core finds out whose it is: inbox; notification; task; notification and
    /// decider; seat.
    Bytes key;
    friend auto operator<=>(const Change&, const Change&) = default;
};
using Changes = std::set<Change>;

/// `record`: what was written there, or what stood there before it was erased. Nothing: no page
/// shows what lies in that space.
std::optional<Change> change_of(store::Space space, ByteView key, ByteView record);
/// Of its rows the key alone does not say whose they are.
bool is_told_by_record(store::Space space);

}  // namespace mash::runtime
