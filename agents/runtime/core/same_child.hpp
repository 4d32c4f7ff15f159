// Whether reports that are to be one line are about one child, as far as they say themselves.
// Inside this folder.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "agents/runtime/core/one_event.hpp"
#include "agents/runtime/core/shown_child.hpp"

namespace mash::runtime {

enum class SameChild : std::uint8_t {
    yes,      ///< a number, the whole name with the birth date, or a token says so
    perhaps,  ///< nothing speaks against it, and only a person can say it
    no        ///< two alerts, whatever anybody says: a sister is no duplicate
};

/// Reports of one inbox, each opened once for one request.
class SaidChildren {
public:
    SaidChildren(Step& step, std::span<const crypto::BoxKeyPair> keys) : step_(step), keys_(keys) {}

    struct Compared {
        SameChild same = SameChild::perhaps;
        /// It does not open, so nobody can tell.
        std::optional<InboxKey> unreadable;
    };
    /// Each of one group with each of the other: whoever is unsure may stand between two sisters.
    /// What is not here any more is about nobody.
    Compared compare(const EventKeys& a, const EventKeys& b);

private:
    struct Said {
        bool is_here = false;
        bool is_read = false;
        Child child;
        std::optional<wire::Family> family;
    };
    static SameChild same(const Said& a, const Said& b);
    const Said& said_in(const InboxKey& key);

    Step& step_;
    std::span<const crypto::BoxKeyPair> keys_;
    std::map<InboxKey, Said> said_;
};

}  // namespace mash::runtime
