// Who is signed in, in memory only. A session's token lies wrapped under a key that only the
// browser's cookie gives: what is held here alone opens nothing.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/random.hpp"
#include "common/base/time.hpp"
#include "common/crypto/secret.hpp"

namespace mash::desk {

struct SessionTimes {
    std::chrono::milliseconds idle = std::chrono::minutes(15);
    std::chrono::milliseconds whole = std::chrono::hours(12);  ///< the longest shift
    std::chrono::milliseconds confirmed = std::chrono::minutes(5);
};
inline constexpr std::size_t sessions_of_account_max = 4;
inline constexpr std::size_t sessions_in_all_max = 1'024;

/// What the account's row was called and whose it is.
struct SignedIn {
    std::string account;
    PersonId person;
    AreaId area;
    std::optional<std::size_t> codes_left{};  ///< of a printed sheet, as of the sign-in
};

/// A session as of one request.
struct Seen {
    SignedIn who;
    crypto::SecretBytes credential;
    std::string csrf;
    WallTime signed_in_at;
    WallTime idle_until;
    WallTime ends_at;
    std::optional<WallTime> confirmed_until;  ///< nothing: not confirmed lately
};

/// One thread at a time.
class Sessions {
public:
    explicit Sessions(SessionTimes times = {}) : times_(times) {}

    /// The cookie's value, which nobody keeps but the browser. Over the bounds the session that was
    /// used longest ago ends.
    std::string begin(const SignedIn& who, const crypto::SecretBytes& credential, const Now& now,
                      RandomSource& random);
    /// Nothing: no such session, or it is over. `is_activity`: a person did this, so that it is not
    /// idle.
    std::optional<Seen> find(std::string_view cookie, const Now& now, bool is_activity);
    /// Who it is was shown anew.
    void confirm(std::string_view cookie, const Now& now);
    void end(std::string_view cookie);
    /// Of whoever has no account any more.
    void end_of(const AreaId& area, const PersonId& person);
    /// By which something that lasts asks whether its session does. Nothing: it is no cookie.
    static std::optional<Digest> id_of(std::string_view cookie);
    /// Asking is no activity.
    bool is_open(const Digest& id, const Now& now) const;
    /// All of an account but the one with this cookie ("" = all).
    void end_others(const AreaId& area, std::string_view account, std::string_view cookie);
    std::size_t size() const { return open_.size(); }

private:
    /// A moment on both clocks: sleep stops one of them, and a person may put back the other.
    struct Moment {
        SteadyTime steady;
        WallTime wall;
        bool is_longer_ago(std::chrono::milliseconds span, const Now& now) const {
            return now.steady - steady >= span || now.wall - wall >= span;
        }
    };
    struct Session {
        SignedIn who;
        Bytes wrapped;
        Moment began;
        Moment used;
        std::optional<Moment> confirmed;
    };
    bool has_ended(const Session& session, const Now& now) const;
    void drop_ended(const Now& now);
    void make_room(const SignedIn& who);

    SessionTimes times_;
    std::map<Digest, Session> open_;  ///< by a digest of the cookie, from which it is not found
};

}  // namespace mash::desk
