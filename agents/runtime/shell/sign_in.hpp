// The console's sign-in: accounts and sessions by HTTP. A session is one more way to carry a
// person's token to the core; what the token may do is the core's to say. Slow work (Argon2id) is
// done on a thread of its own, one piece at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/desk/account.hpp"
#include "agents/runtime/desk/lock_out.hpp"
#include "agents/runtime/desk/request_rate.hpp"
#include "agents/runtime/desk/sessions.hpp"
#include "agents/runtime/shell/core_question.hpp"
#include "agents/runtime/shell/operation.hpp"
#include "common/base/log_event.hpp"

namespace mash::runtime_shell {

/// Pieces of slow work that wait; one more is told to come again.
inline constexpr std::size_t sign_in_queue_max = 16;

class SignIn {
public:
    struct Parts {
        std::vector<ApiArea> areas;
        Digest browser_key{};  ///< marks the browsers that an account was used at
        RandomSource& random;  ///< any thread
        std::function<Now()> clocks;
        /// For the log: which failure, never whose.
        std::function<void(LogEvent, ErrorCode)> note;
        bool is_training = false;
        crypto::Argon2Params price = crypto::Argon2Params::interactive();
        desk::SessionTimes times{};
        desk::RequestRateLimits rates{};
    };
    explicit SignIn(Parts parts);
    ~SignIn();
    SignIn(const SignIn&) = delete;
    SignIn& operator=(const SignIn&) = delete;
    /// What waits is answered busy. Before the core's loops stop.
    void stop();

    struct Admitted {
        http::Request request;
        http::Server::Respond respond;
        std::optional<Digest> session{};  ///< in which it came
    };
    /// A request of the core's that may come by cookie. Nothing: it has been answered. Else as it
    /// goes on, with the session's token and area; as it came when it brings a token or no cookie.
    std::optional<Admitted> admit(const Operation& operation, const http::Request& request,
                                  const http::Server::Respond& respond);
    /// Whether that session still goes on. Any thread; no activity.
    bool is_open(const Digest& session);
    /// Whoever has no account any more, or is nobody here any more.
    void end_sessions_of(const AreaId& area, const PersonId& person);
    /// A code for a colleague who has lost telephone and recovery codes. `person`: theirs.
    void allow_reset(const ApiArea& area, const http::Request& request, const std::string& person,
                     const http::Server::Respond& respond);
    /// Of whoever has no session yet.
    void at_the_door(const Operation& operation, const ApiArea& area, const http::Request& request,
                     const http::Server::Respond& respond);
    /// Of a session: by cookie only.
    void of_session(const Operation& operation, const http::Request& request,
                    const http::Server::Respond& respond);

private:
    using Json = runtime::Json;
    using Kind = runtime::ApiRequest::Kind;
    using Respond = http::Server::Respond;
    using Reply = CoreReply;
    /// A request with what slow work needs of it.
    struct Job;
    /// Lives on in each answer that is owed.
    struct Turns;
    /// The row as it was read.
    struct Kept {
        std::uint64_t revision = 0;
        desk::Account account;
        std::optional<Digest> reset{};  ///< of a code that a colleague asked for
    };
    /// A passphrase and a code that fit.
    struct Shown {
        Kept kept;
        desk::Opened opened;
    };

    void work();
    void hand_over(std::shared_ptr<Job> job, void (SignIn::*piece)(Job&));
    void ask(const ApiArea& area, Kind kind, std::string_view credential, const Json& body,
             const std::function<void(Reply)>& then, const std::string& id = {}) const;
    Reply ask_and_wait(const ApiArea& area, Kind kind, std::string_view credential,
                       const Json& body) const;

    void make_account(Job& job);
    void begin_session(Job& job);
    void confirm_session(Job& job);
    void change_passphrase(Job& job);
    void change_second_factor(Job& job);

    /// Nothing: the job has been answered, in the same time and words whatever was wrong.
    std::optional<Shown> show(Job& job, bool by_recovery_code);
    /// Nothing: the core cannot say now. `revision` 0: nobody has that name.
    std::optional<Kept> read(const Job& job) const;
    /// False: answered.
    bool keep(Job& job, const Shown& shown, std::string_view event);
    void refuse(Job& job);
    desk::Attempt attempt_of(const Job& job) const;
    std::optional<desk::Seen> session_of(const http::Request& request, const Operation& operation);
    /// False: answered.
    bool is_own_page(const http::Request& request, const desk::Seen& seen, const Respond& respond);
    /// Nothing: this session asks too fast, and has been told to wait. Else how the answer goes.
    std::optional<Respond> take_turn(const Operation& operation, const http::Request& request,
                                     const Respond& respond);
    void answer_with_session(const desk::Seen& seen, std::string cookie_line, std::string mark_line,
                             const Respond& respond);
    std::string browser_mark(const std::string& area, const std::string& name) const;
    bool is_known_browser(const http::Request& request, const std::string& area,
                          const std::string& name) const;
    const ApiArea* area_named(const AreaId& area) const;

    Parts parts_;
    std::mutex desk_mutex_;  // guards the two below
    desk::Sessions sessions_;
    desk::LockOut lock_out_;
    std::shared_ptr<Turns> turns_;

    std::mutex queue_mutex_;  // guards the two below
    std::deque<std::function<void(bool)>> queue_;
    bool stopping_ = false;
    std::condition_variable ready_;
    std::thread thread_;
};

}  // namespace mash::runtime_shell
