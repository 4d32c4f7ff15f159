#include "agents/runtime/desk/lock_out.hpp"

#include <algorithm>

namespace mash::desk {
namespace {

using std::chrono::milliseconds;

// A slip or two cost nothing.
constexpr std::uint32_t free_of_pair = 3;
constexpr std::uint32_t free_of_name = 6;
/// Many people share one machine or one office's address.
constexpr std::uint32_t free_of_source = 30;
constexpr milliseconds longest_of_pair = std::chrono::minutes(15);
/// Whoever guesses from many places keeps the owner out of a new browser for no longer than this.
constexpr milliseconds longest_of_name = std::chrono::seconds(30);
constexpr milliseconds longest_of_source = std::chrono::minutes(1);
constexpr milliseconds forgotten_after = std::chrono::hours(24);

}  // namespace

milliseconds LockOut::wait_of(const Failures& failures, std::uint32_t free, milliseconds longest,
                              SteadyTime now) {
    const auto since = now - failures.last;
    if (failures.count < free || since >= forgotten_after) return milliseconds(0);
    const auto doublings = std::min<std::uint32_t>(failures.count - free, 20);
    const milliseconds whole =
        std::min(longest, milliseconds(std::chrono::seconds(std::int64_t{1} << doublings)));
    return std::max(milliseconds(0), whole - since);
}

milliseconds LockOut::wait(const Attempt& attempt, SteadyTime now) const {
    const auto of = [&](const Key& key, std::uint32_t free, milliseconds longest) {
        const auto found = failures_.find(key);
        return found == failures_.end() ? milliseconds(0)
                                        : wait_of(found->second, free, longest, now);
    };
    auto longest = of({attempt.name, attempt.source}, free_of_pair, longest_of_pair);
    if (attempt.is_known_browser) return longest;
    longest = std::max(longest, of({attempt.name, ""}, free_of_name, longest_of_name));
    return std::max(longest, of({"", attempt.source}, free_of_source, longest_of_source));
}

void LockOut::failed(const Attempt& attempt, SteadyTime now) {
    add({attempt.name, attempt.source}, now);
    // A browser that its owner signed in with is not a stranger who guesses.
    if (attempt.is_known_browser) return;
    add({attempt.name, ""}, now);
    add({"", attempt.source}, now);
}

// The name's count and the place's stay: whoever has one account must not begin the guessing of
// others anew with it.
void LockOut::succeeded(const Attempt& attempt) { failures_.erase({attempt.name, attempt.source}); }

void LockOut::add(const Key& key, SteadyTime now) {
    if (failures_.size() >= lock_out_entries_max && !failures_.contains(key)) {
        const auto oldest = std::ranges::min_element(
            failures_, {}, [](const auto& one) { return one.second.last; });
        failures_.erase(oldest);
    }
    auto& failures = failures_[key];
    if (now - failures.last >= forgotten_after) failures.count = 0;
    ++failures.count;
    failures.last = now;
}

std::string source_of(std::string_view address) {
    if (address.find(':') == std::string_view::npos) return std::string(address);
    if (address.starts_with("::ffff:")) return std::string(address.substr(7));
    std::size_t end = 0;
    for (int groups = 0; groups < 4 && end != std::string_view::npos; ++groups) {
        end = address.find(':', groups == 0 ? 0 : end + 1);
        // "::" ends the first half early: the rest of it is zero.
        if (end != std::string_view::npos && address.substr(end).starts_with("::")) break;
    }
    return std::string(address.substr(0, end)) + "::/64";
}

}  // namespace mash::desk
