#include "broker/core/words.hpp"

#include <algorithm>

#include "broker/core/involvement.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {
namespace {

constexpr std::chrono::hours kept_for{24 * 30};
/// Of one agency. Who decides more than that in a month is not a person.
constexpr std::uint32_t kept_max = 4'096;
constexpr std::size_t kept_bytes_max = std::size_t{kept_max} * 4 * limits::kibibyte;
constexpr std::uint32_t full_retry_ms = 60'000;
constexpr std::size_t told_per_round_max = 64;

/// As the second part of a copy's key.
constexpr std::uint8_t to_tell = 0;
constexpr std::uint8_t is_heard = 1;

using CopyOfWords = std::tuple<AgencyId, std::uint8_t, AgencyId, wire::WordsId>;

CopyOfWords copy_of(const AgencyId& agency, std::uint8_t state, const WordsKey& key) {
    return {agency, state, key.agency, key.id};
}

/// Design rule 9: the front door, and the sender. Nobody is sent a copy by whomever it pleases.
bool may_have(const Step& step, const wire::WordsBody& body, const AgencyId& agency) {
    return agency == body.sender ||
           step.registry()->find_seat({agency, step.policy()->front_door_role()}) != nullptr;
}

std::uint32_t bytes_of(const wire::DeciderWords& frame) {
    auto bytes = frame.body.size();
    for (const auto& one : frame.sealed) bytes += one.sealed.size();
    return static_cast<std::uint32_t>(bytes);
}

/// False: there is nothing to tell that agency any more.
bool send_copy(Step& step, const Session& session, const AgencyId& agency, const WordsKey& key) {
    const auto record = step.get(tables::words, key);
    if (!record) return false;
    wire::DeciderWords own{record->frame.body, record->frame.signature, {}};
    std::ranges::copy_if(record->frame.sealed, std::back_inserter(own.sealed),
                         [&](const wire::SealedWords& one) { return one.agency == agency; });
    if (own.sealed.empty()) return false;
    step.send(session.id, 0, std::move(own), wire::Lane::routine);
    return true;
}

void keep_copy(Step& step, const AgencyId& agency, const WordsKey& key) {
    step.put(tables::words_copies, copy_of(agency, to_tell, key), {});
    if (const auto* session = step.session_of_agency(agency))
        send_copy(step, *session, agency, key);
}

}  // namespace

void on_decider_words(Step& step, const FrameIn& in, const wire::DeciderWords& frame) {
    const auto& body = in.frame.words();
    const WordsKey key{body.decider.agency, body.id};
    const bool is_known = std::ranges::all_of(frame.sealed, [&](const wire::SealedWords& one) {
        return step.registry()->find_agency(one.agency) != nullptr;
    });
    if (!is_known) return step.refuse(in, ErrorCode::not_found, "agency", body.notification);
    if (step.policy() == nullptr)
        return step.refuse(in, ErrorCode::busy, "policy", body.notification, full_retry_ms);
    // The others still have theirs: who holds the front door may have changed a moment ago.
    auto kept = frame;
    std::erase_if(kept.sealed,
                  [&](const wire::SealedWords& one) { return !may_have(step, body, one.agency); });
    if (kept.sealed.empty())
        return step.refuse(in, ErrorCode::not_entitled, "words", body.notification);
    if (const auto before = step.get(tables::words, key)) {
        if (before->frame == kept) return step.answer(in, wire::Done{});
        return step.refuse(in, ErrorCode::already_exists, "words", body.notification);
    }
    if (waits_for_space(step, in)) return;
    const auto bytes = count_of(step, tables::words_bytes, key.agency) + bytes_of(kept);
    if (count_of(step, tables::words_kept, key.agency) >= kept_max || bytes > kept_bytes_max)
        return step.refuse(in, ErrorCode::busy, "words", body.notification, full_retry_ms);
    count_one_more(step, tables::words_kept, key.agency);
    step.put(tables::words_bytes, key.agency, {bytes});
    step.put(tables::words, key, {kept});
    step.put(tables::expiries, {step.now.wall + kept_for, DueKind::words, key_of(key)}, {});
    for (const auto& one : kept.sealed) keep_copy(step, one.agency, key);
    step.answer(in, wire::Done{});
}

void on_words_heard(Step& step, const FrameIn& in, const wire::WordsHeard& heard) {
    const WordsKey key{heard.decider, heard.id};
    const auto told = copy_of(heard.agency, to_tell, key);
    if (tables::words_copies.contains(step.tx, told)) {
        step.erase(tables::words_copies, told);
        step.put(tables::words_copies, copy_of(heard.agency, is_heard, key), {});
    }
    step.answer(in, wire::Done{});
}

void tell_words(Step& step, Session& session) {
    if (!step.registry()) return;
    std::size_t left = told_per_round_max;
    const auto from = std::exchange(session.words_from, CopyOfWords{});
    for (const auto& agency : agencies_of(*step.registry(), session.host)) {
        if (agency < std::get<0>(from)) continue;
        const auto prefix = store::key_bytes(agency, to_tell);
        const auto start = agency == std::get<0>(from) ? store::key_bytes(from) : Bytes{};
        for (const auto& copy : tables::words_copies.collect_keys(
                 step.tx, {.prefix = prefix, .from = start, .limit = left + 1})) {
            if (left == 0) {
                session.words_from = copy;
                return;
            }
            --left;
            const auto& [to, state, whose, id] = copy;
            if (!send_copy(step, session, to, {whose, id})) step.erase(tables::words_copies, copy);
        }
    }
}

void tell_words_again(Step& step, const HostId& host) {
    for (const auto& agency : agencies_of(*step.registry(), host)) {
        const auto prefix = store::key_bytes(agency, is_heard);
        for (const auto& copy : tables::words_copies.collect_keys(step.tx, {.prefix = prefix})) {
            const auto& [to, state, whose, id] = copy;
            step.erase(tables::words_copies, copy);
            step.put(tables::words_copies, copy_of(to, to_tell, {whose, id}), {});
        }
    }
}

void forget_words(Step& step, const WordsKey& key, bool was_kept_longer) {
    const auto record = step.get(tables::words, key);
    if (!record) return;
    std::vector<AgencyId> unheard;
    for (const auto& one : record->frame.sealed) {
        const auto* agency = step.registry() ? step.registry()->find_agency(one.agency) : nullptr;
        if (agency && !agency->revoked_at.is_set() &&
            tables::words_copies.contains(step.tx, copy_of(one.agency, to_tell, key)))
            unheard.push_back(one.agency);
    }
    if (!unheard.empty() && !was_kept_longer)
        return step.put(tables::expiries,
                        {step.now.wall + kept_for, DueKind::words_again, key_of(key)}, {});
    // They lie where they were written; whoever could not open or prove them has said so there.
    for (const auto& agency : unheard)
        step.record_code(LogEvent::delivery_refused, ErrorCode::expired, {}, agency);
    for (const auto& one : record->frame.sealed) {
        step.erase(tables::words_copies, copy_of(one.agency, to_tell, key));
        step.erase(tables::words_copies, copy_of(one.agency, is_heard, key));
    }
    count_one_less(step, tables::words_kept, key.agency);
    const auto bytes = count_of(step, tables::words_bytes, key.agency);
    if (const auto own = bytes_of(record->frame); bytes > own)
        step.put(tables::words_bytes, key.agency, {bytes - own});
    else
        step.erase(tables::words_bytes, key.agency);
    step.erase(tables::words, key);
}

bool keep_earlier_words(Step& step, const NoticeKey& notice) {
    Reader in(notice.subject);
    WordsKey key;
    read(in, key);
    if (tables::words.contains(step.tx, key)) keep_copy(step, notice.agency, key);
    return false;
}

}  // namespace mash::broker
