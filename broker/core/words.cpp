#include "broker/core/words.hpp"

#include <algorithm>

#include "broker/core/notices.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {
namespace {

constexpr std::chrono::hours kept_for{24 * 30};
/// Of one agency. Who decides more than that in a month is not a person.
constexpr std::uint32_t kept_max = 4'096;
constexpr std::uint32_t full_retry_ms = 60'000;

NoticeKey notice_of(const AgencyId& agency, const WordsKey& key) {
    return {agency, NoticeKind::words, key_of(key)};
}

WordsKey key_from(const NoticeKey& notice) {
    Reader in(notice.subject);
    WordsKey key;
    read(in, key);
    return key;
}

}  // namespace

void on_decider_words(Step& step, const FrameIn& in, const wire::DeciderWords& frame) {
    const auto& body = in.frame.words();
    const WordsKey key{body.decider.agency, body.id};
    if (const auto known = step.get(tables::words, key)) {
        if (known->frame == frame) return step.answer(in, wire::Done{});
        return step.refuse(in, ErrorCode::already_exists, "words", body.notification);
    }
    const bool is_known = std::ranges::all_of(frame.sealed, [&](const wire::SealedWords& one) {
        return step.registry()->find_agency(one.agency) != nullptr;
    });
    if (!is_known) return step.refuse(in, ErrorCode::not_found, "agency", body.notification);
    if (count_of(step, tables::words_kept, key.agency) >= kept_max)
        return step.refuse(in, ErrorCode::busy, "words", body.notification, full_retry_ms);
    count_one_more(step, tables::words_kept, key.agency);
    step.put(tables::words, key, {frame});
    step.put(tables::expiries, {step.now.wall + kept_for, DueKind::words, key_of(key)}, {});
    for (const auto& one : frame.sealed) add_notice(step, notice_of(one.agency, key));
    step.answer(in, wire::Done{});
}

void on_words_heard(Step& step, const FrameIn& in, const wire::WordsHeard& heard) {
    step.erase(tables::notices, notice_of(heard.agency, {heard.decider, heard.id}));
    step.answer(in, wire::Done{});
}

bool send_words(Step& step, const Session& session, const NoticeKey& notice) {
    const auto record = step.get(tables::words, key_from(notice));
    if (!record) return false;
    wire::DeciderWords own{record->frame.body, record->frame.signature, {}};
    std::ranges::copy_if(record->frame.sealed, std::back_inserter(own.sealed),
                         [&](const wire::SealedWords& one) { return one.agency == notice.agency; });
    if (own.sealed.empty()) return false;
    step.send(session.id, 0, std::move(own), wire::Lane::routine);
    return true;
}

void tell_words_again(Step& step, const HostId& host) {
    const auto agencies = agencies_of(*step.registry(), host);
    for (const auto& [key, record] : tables::words.collect(step.tx, {})) {
        for (const auto& one : record.frame.sealed) {
            if (std::ranges::find(agencies, one.agency) != agencies.end())
                step.put(tables::notices, notice_of(one.agency, key), {});
        }
    }
}

void forget_words(Step& step, const WordsKey& key) {
    const auto record = step.get(tables::words, key);
    if (!record) return;
    const bool is_heard =
        std::ranges::none_of(record->frame.sealed, [&](const wire::SealedWords& one) {
            const auto* agency =
                step.registry() ? step.registry()->find_agency(one.agency) : nullptr;
            return agency && !agency->revoked_at.is_set() &&
                   tables::notices.contains(step.tx, notice_of(one.agency, key));
        });
    if (!is_heard)
        return step.put(tables::expiries, {step.now.wall + kept_for, DueKind::words, key_of(key)},
                        {});
    for (const auto& one : record->frame.sealed)
        step.erase(tables::notices, notice_of(one.agency, key));
    count_one_less(step, tables::words_kept, key.agency);
    step.erase(tables::words, key);
}

}  // namespace mash::broker
