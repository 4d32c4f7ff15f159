#include "broker/core/step.hpp"

#include <algorithm>
#include <cmath>

#include "common/crypto/hash.hpp"

namespace mash::broker {

Digest Step::draw_digest() {
    const auto counter = Writer().u32(drawn_++).take();
    return crypto::labelled_hash("mash.v1.broker-draw", {entropy_, counter});
}

Session* Step::session_of(const HostId& host) {
    const auto it = state.session_of_host.find(host);
    if (it == state.session_of_host.end()) return nullptr;
    const auto session = state.sessions.find(it->second);
    return session == state.sessions.end() ? nullptr : &session->second;
}

Session* Step::session_of_agency(const AgencyId& agency) {
    if (!registry()) return nullptr;
    const auto* entry = registry()->find_active_agency(agency, now.wall);
    return entry ? session_of(entry->host) : nullptr;
}

void Step::send(SessionId session, std::uint64_t request, wire::BrokerBody body, wire::Lane lane) {
    effects.push_back(SendFrame{session, wire::BrokerFrame{request, std::move(body)}, lane});
}

void Step::answer(const FrameIn& in, wire::BrokerBody body) {
    send(in.session, in.frame.frame().request, std::move(body));
}

void Step::refuse(const FrameIn& in, ErrorCode code, std::string detail,
                  const NotificationId& about, std::uint32_t retry_after_ms) {
    record_code(LogEvent::frame_refused, code, in.host, {}, about);
    wire::ErrorFrame error;
    error.code = code;
    error.retry_after_ms = retry_after_ms;
    error.notification = about;
    error.detail = std::move(detail);
    answer(in, std::move(error));
}

void Step::record(LogEvent event, const AgencyId& agency, const NotificationId& notification,
                  std::int64_t count) {
    Recorded recorded;
    recorded.event = event;
    recorded.agency = agency;
    recorded.notification = notification;
    recorded.count = count;
    effects.push_back(std::move(recorded));
}

void Step::record_code(LogEvent event, ErrorCode code, const HostId& host, const AgencyId& agency,
                       const NotificationId& notification) {
    Recorded recorded;
    recorded.event = event;
    recorded.host = host;
    recorded.agency = agency;
    recorded.notification = notification;
    recorded.code = code;
    recorded.has_code = true;
    effects.push_back(std::move(recorded));
}

bool Step::is_proved(const area::Agency& agency, std::string_view label, ByteView body,
                     const crypto::Signature& signature) {
    const auto digest =
        crypto::labelled_hash("mash.v1.broker-proved",
                              {view_of(agency.id.value()), view_of(label), body, signature.view()});
    if (state.proved.contains(digest)) return true;
    const bool is_good =
        std::ranges::any_of(agency.signing_keys, [&](const area::DatedVerifyKey& key) {
            return !key.revoked_at.is_set() && key.not_before <= now.wall &&
                   crypto::verify(key.key, label, body, signature);
        });
    if (!is_good) return false;
    if (state.proved.size() >= proved_signatures_max) state.proved.clear();
    state.proved.insert(digest);
    return true;
}

Result<void> Step::check_fresh() {
    auto& documents = state.documents;
    const auto age = now.wall - documents.fresh_checked_at;
    if (!documents.fresh_checked_at.is_set() || age < std::chrono::seconds(0) ||
        age >= std::chrono::seconds(1)) {
        const auto checked = documents.trusted.check_fresh(now.wall);
        documents.not_fresh = checked ? std::nullopt : std::optional<ErrorCode>(checked.error());
        documents.fresh_checked_at = now.wall;
    }
    if (documents.not_fresh) return fail(*documents.not_fresh);
    return {};
}

std::uint32_t count_of(Step& step, const store::Table<AgencyId, CountRecord>& table,
                       const AgencyId& agency) {
    const auto known = step.get(table, agency);
    return known ? known->count : 0;
}

void count_one_more(Step& step, const store::Table<AgencyId, CountRecord>& table,
                    const AgencyId& agency) {
    step.put(table, agency, {count_of(step, table, agency) + 1});
}

void count_one_less(Step& step, const store::Table<AgencyId, CountRecord>& table,
                    const AgencyId& agency) {
    const auto count = count_of(step, table, agency);
    if (count > 1) return step.put(table, agency, {count - 1});
    step.erase(table, agency);
}

bool serves(const area::Registry& registry, const HostId& host, const AgencyId& agency,
            WallTime at) {
    const auto* entry = registry.find_active_agency(agency, at);
    return entry && entry->host == host;
}

std::vector<AgencyId> agencies_of(const area::Registry& registry, const HostId& host) {
    std::vector<AgencyId> agencies;
    for (const auto& [id, agency] : registry.agencies) {
        if (agency.host == host) agencies.push_back(id);
    }
    return agencies;
}

HostId host_of_inbox(const area::Registry& registry, const InboxId& inbox, WallTime at) {
    const auto* agency = registry.agency_of_inbox(inbox);
    if (!agency || !registry.find_active_agency(agency->id, at)) return {};
    return agency->host;
}

std::chrono::milliseconds take(Bucket& bucket, SteadyTime now, double per_second, double burst,
                               double amount) {
    if (!bucket.started) {
        bucket = {burst, now, true};
    } else {
        const auto waited = static_cast<double>((now - bucket.at).count()) / 1000.0;
        bucket.tokens = std::min(burst, bucket.tokens + std::max(0.0, waited) * per_second);
        bucket.at = now;
    }
    if (bucket.tokens >= amount) {
        bucket.tokens -= amount;
        return std::chrono::milliseconds(0);
    }
    const auto wait = (amount - bucket.tokens) / per_second * 1000.0;
    return std::chrono::milliseconds(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(wait) + 1));
}

std::chrono::milliseconds take_in_lane(Bucket& bucket, SteadyTime now, std::chrono::seconds period,
                                       double budget, double amount,
                                       const std::function<bool()>& is_immediate) {
    auto after = bucket;
    const double per_second = budget / static_cast<double>(period.count());
    const auto wait = take(after, now, per_second, std::max(amount, budget), amount);
    const double missing = std::floor(budget / 4) - after.tokens;
    if (wait.count() == 0 && missing > 0 && !is_immediate())
        return std::chrono::milliseconds(static_cast<std::int64_t>(missing / per_second * 1000.0) +
                                         1);
    bucket = after;
    return wait;
}

}  // namespace mash::broker
