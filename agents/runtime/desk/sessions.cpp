#include "agents/runtime/desk/sessions.hpp"

#include <algorithm>

#include "common/crypto/token.hpp"
#include "common/crypto/wrap.hpp"

namespace mash::desk {
namespace {

constexpr std::string_view wrap_label = "mash.v1.session";
constexpr std::string_view csrf_label = "mash.v1.session-csrf";

Bytes aad_of(const SignedIn& who) {
    return Writer().text(wrap_label).text(who.account).id(who.person).id(who.area).take();
}

// Another key of the same cookie: whoever reads it in a page learns nothing of the cookie.
std::string csrf_of(const crypto::BearerToken& cookie) {
    return to_base64url(crypto::derive_from_token(cookie, csrf_label).reveal());
}

}  // namespace

std::string Sessions::begin(const SignedIn& who, const crypto::SecretBytes& credential,
                            const Now& now, RandomSource& random) {
    drop_ended(now);
    make_room(who);
    const auto cookie = crypto::BearerToken::generate(random);
    Session session;
    session.who = who;
    session.wrapped = crypto::wrap_secret(crypto::derive_from_token(cookie, wrap_label),
                                          aad_of(who), credential, random);
    session.began = session.used = {now.steady, now.wall};
    open_.emplace(crypto::token_verifier(cookie), std::move(session));
    return crypto::text_of_token(cookie);
}

std::optional<Seen> Sessions::find(std::string_view cookie, const Now& now, bool is_activity) {
    const auto token = crypto::token_from_text(cookie);
    if (!token) return std::nullopt;
    const auto found = open_.find(crypto::token_verifier(*token));
    if (found == open_.end()) return std::nullopt;
    auto& session = found->second;
    if (has_ended(session, now)) {
        open_.erase(found);
        return std::nullopt;
    }
    auto credential = crypto::unwrap_secret(crypto::derive_from_token(*token, wrap_label),
                                            aad_of(session.who), session.wrapped);
    if (!credential) return std::nullopt;
    if (is_activity) session.used = {now.steady, now.wall};
    Seen out;
    out.who = session.who;
    out.credential = std::move(*credential);
    out.csrf = csrf_of(*token);
    out.signed_in_at = session.began.wall;
    out.ends_at = session.began.wall + times_.whole;
    out.idle_until = std::min(session.used.wall + times_.idle, out.ends_at);
    if (session.confirmed && !session.confirmed->is_longer_ago(times_.confirmed, now))
        out.confirmed_until = session.confirmed->wall + times_.confirmed;
    return out;
}

void Sessions::confirm(std::string_view cookie, const Now& now) {
    const auto token = crypto::token_from_text(cookie);
    if (!token) return;
    const auto found = open_.find(crypto::token_verifier(*token));
    if (found != open_.end()) found->second.confirmed = Moment{now.steady, now.wall};
}

void Sessions::end(std::string_view cookie) {
    if (const auto token = crypto::token_from_text(cookie))
        open_.erase(crypto::token_verifier(*token));
}

void Sessions::end_others(const AreaId& area, std::string_view account, std::string_view cookie) {
    const auto token = crypto::token_from_text(cookie);
    const auto kept = token ? crypto::token_verifier(*token) : Digest{};
    std::erase_if(open_, [&](const auto& one) {
        const auto& who = one.second.who;
        return one.first != kept && who.area == area && who.account == account;
    });
}

void Sessions::end_of(const AreaId& area, const PersonId& person) {
    std::erase_if(open_, [&](const auto& one) {
        return one.second.who.area == area && one.second.who.person == person;
    });
}

std::optional<Digest> Sessions::id_of(std::string_view cookie) {
    const auto token = crypto::token_from_text(cookie);
    return token ? std::optional(crypto::token_verifier(*token)) : std::nullopt;
}

bool Sessions::is_open(const Digest& id, const Now& now) const {
    const auto found = open_.find(id);
    return found != open_.end() && !has_ended(found->second, now);
}

bool Sessions::has_ended(const Session& session, const Now& now) const {
    return session.used.is_longer_ago(times_.idle, now) ||
           session.began.is_longer_ago(times_.whole, now);
}

void Sessions::drop_ended(const Now& now) {
    std::erase_if(open_, [&](const auto& one) { return has_ended(one.second, now); });
}

void Sessions::make_room(const SignedIn& who) {
    const auto is_theirs = [&](const auto& one) {
        return one.second.who.area == who.area && one.second.who.account == who.account;
    };
    const bool has_many =
        std::cmp_greater_equal(std::ranges::count_if(open_, is_theirs), sessions_of_account_max);
    if (!has_many && open_.size() < sessions_in_all_max) return;
    auto oldest = open_.end();
    for (auto at = open_.begin(); at != open_.end(); ++at) {
        if (has_many && !is_theirs(*at)) continue;
        if (oldest == open_.end() || at->second.used.steady < oldest->second.used.steady)
            oldest = at;
    }
    open_.erase(oldest);
}

}  // namespace mash::desk
