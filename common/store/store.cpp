#include "common/store/store.hpp"

#include <algorithm>
#include <cstring>

#include "common/base/check.hpp"

namespace mash::store {

namespace {

class Counted {
public:
    explicit Counted(int& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    int& count_;
};

constexpr std::string_view key_too_long = "key over the bound";
constexpr std::string_view value_too_long = "value over the bound";

}  // namespace

int compare_keys(ByteView a, ByteView b) {
    std::size_t common = std::min(a.size(), b.size());
    int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
    if (order != 0) return order;
    return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

bool starts_with(ByteView key, ByteView prefix) {
    return key.size() >= prefix.size() && compare_keys(key.first(prefix.size()), prefix) == 0;
}

KeyRange range_of(const Scan& what) {
    KeyRange range;
    range.low.assign(what.prefix.begin(), what.prefix.end());
    // The first key after every extension of the prefix: drop trailing 0xff, add one to the last
    // byte left.
    Bytes high = range.low;
    while (!high.empty() && high.back() == 0xff) high.pop_back();
    if (!high.empty()) {
        ++high.back();
        range.high = std::move(high);
    }
    if (what.from.empty()) return range;
    if (what.order == Order::ascending) {
        if (compare_keys(what.from, range.low) > 0)
            range.low.assign(what.from.begin(), what.from.end());
    } else if (!range.high || compare_keys(what.from, *range.high) < 0) {
        Bytes just_after(what.from.begin(), what.from.end());
        just_after.push_back(0);
        range.high = std::move(just_after);
    }
    return range;
}

std::optional<Bytes> View::get(Space space, ByteView key) {
    std::optional<Bytes> found;
    with(space, key, [&](ByteView value) { found.emplace(value.begin(), value.end()); });
    return found;
}

bool View::contains(Space space, ByteView key) {
    return with(space, key, [](ByteView) {});
}

bool View::with(Space space, ByteView key, TakeValue take) {
    if (failed()) return false;
    if (key.size() > key_bytes_max) {
        mark_failed(ErrorCode::too_large, space.name(), key_too_long);
        return false;
    }
    Counted reading(reads_under_way_);
    return do_with(space, key, take);
}

std::size_t View::scan(Space space, const Scan& what, Visit visit) {
    if (failed() || what.limit == 0) return 0;
    if (what.prefix.size() > key_bytes_max || what.from.size() > key_bytes_max) {
        mark_failed(ErrorCode::too_large, space.name(), key_too_long);
        return 0;
    }
    Counted reading(reads_under_way_);
    std::size_t visited = 0;
    do_scan(space, what, [&](ByteView key, ByteView value) {
        ++visited;
        return visit(key, value) && visited < what.limit && !failed();
    });
    return visited;
}

const StoreFailure& View::failure() const {
    CHECK(failure_.has_value());
    return *failure_;
}

void View::mark_failed(ErrorCode code, std::string_view space, std::string_view detail) {
    if (!failure_) failure_ = StoreFailure{code, space, detail};
}

void Transaction::put(Space space, ByteView key, ByteView value) {
    CHECK(!is_reading());
    if (failed()) return;
    // Lengths can follow from what a peer sent, so they are a failure of this transaction, not of
    // the process.
    if (key.size() > key_bytes_max) {
        return mark_failed(ErrorCode::too_large, space.name(), key_too_long);
    }
    if (value.size() > value_bytes_max) {
        return mark_failed(ErrorCode::too_large, space.name(), value_too_long);
    }
    do_put(space, key, value);
}

void Transaction::erase(Space space, ByteView key) {
    CHECK(!is_reading());
    if (failed()) return;
    if (key.size() > key_bytes_max) {
        return mark_failed(ErrorCode::too_large, space.name(), key_too_long);
    }
    do_erase(space, key);
}

}  // namespace mash::store
