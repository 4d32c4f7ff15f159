// The streams of open pages (GET /api/v1/events): that something changed which this person may know
// of, and how the link to the broker is. Never content. What a person may know of is the core's to
// say, one question at a time for each stream; no credential is kept here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "agents/runtime/core/changes.hpp"
#include "agents/runtime/shell/operation.hpp"

namespace mash::runtime_shell {

/// A browser opens six connections to one host at most: two are left for what its pages ask.
inline constexpr std::size_t streams_of_session_max = 4;
inline constexpr std::size_t streams_in_all_max = 160;
/// That wait for one stream's next question; over it the stream ends, and the page reads again.
inline constexpr std::size_t changes_waiting_max = 4'096;

class Events {
public:
    struct Parts {
        std::vector<ApiArea> areas;
        std::function<Now()> clocks;
        /// Whether a session still goes on.
        std::function<bool(const Digest&)> is_open;
    };
    explicit Events(Parts parts);

    /// `session`: in which it was asked for, and with which it ends; nothing: by a token.
    void open(const ApiArea& area, const http::Request& request, std::optional<Digest> session,
              const http::Server::Respond& respond);
    /// On the core's thread, after each commit.
    void committed(const AreaId& area, const runtime::Changes& changes);
    void link(const AreaId& area, bool up);
    /// All streams end.
    void stop();
    std::size_t size() const;

private:
    struct Watcher {
        ApiArea area;
        PersonId person;
        std::optional<Digest> session;
        std::shared_ptr<http::EventStream> stream;
        runtime::Changes waiting;
        bool is_asking = false;
    };
    struct LinkState {
        bool up = false;
        WallTime since;
    };
    using Number = std::uint64_t;

    void begin(const ApiArea& area, const PersonId& person, std::optional<Digest> session,
               const http::Server::Respond& respond);
    // With the mutex held
    void drop_ended();
    void ask(Number number, Watcher& watcher);

    void answered(Number number, const runtime::ApiReply& reply);

    Parts parts_;
    mutable std::mutex mutex_;
    std::map<Number, Watcher> watchers_;
    std::map<AreaId, LinkState> links_;
    Number next_ = 1;
    bool stopped_ = false;
};

}  // namespace mash::runtime_shell
