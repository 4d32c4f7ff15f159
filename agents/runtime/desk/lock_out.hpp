// How long somebody who guesses has to wait, in memory only. The wait grows for whoever guesses;
// the account's owner, at a browser that signed in before, does not wait for a stranger's guesses.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/time.hpp"

namespace mash::desk {

/// Who tries: one name (whether anybody has it or not), from one place.
struct Attempt {
    std::string name;
    std::string source;  ///< source_of() an address; of a known browser, its own mark
    bool is_known_browser = false;
};

/// Of what is remembered in all; over it the one that failed longest ago is forgotten.
inline constexpr std::size_t lock_out_entries_max = 8'192;

/// One thread at a time.
class LockOut {
public:
    /// Zero: may try now.
    std::chrono::milliseconds wait(const Attempt& attempt, SteadyTime now) const;
    void failed(const Attempt& attempt, SteadyTime now);
    void succeeded(const Attempt& attempt);

private:
    struct Failures {
        std::uint32_t count = 0;
        SteadyTime last;
    };
    using Key = std::pair<std::string, std::string>;
    static std::chrono::milliseconds wait_of(const Failures& failures, std::uint32_t free,
                                             std::chrono::milliseconds longest, SteadyTime now);
    void add(const Key& key, SteadyTime now);

    /// (name, source), (name, "") and ("", source).
    std::map<Key, Failures> failures_;
};

/// The address, of IPv6 its first 64 bits: what one machine can change freely is one place.
std::string source_of(std::string_view address);

}  // namespace mash::desk
