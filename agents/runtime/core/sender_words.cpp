#include "agents/runtime/core/sender_words.hpp"

#include <algorithm>

#include "agents/runtime/core/received.hpp"
#include "agents/runtime/core/same_child.hpp"

namespace mash::runtime {
namespace {

/// In the inbox and of the sender of the correction that says it.
struct SenderWord {
    NotificationId second;
    NotificationId first;
};
void write(Writer& out, const SenderWord& word) { out.id(word.second).id(word.first); }
void read(Reader& in, SenderWord& word) {
    word.second = in.id<NotificationId>();
    word.first = in.id<NotificationId>();
}

/// By the correction that says it, so that its recall finds what it joined.
constexpr store::Table<InboxKey, SenderWord> sender_words{store::Space("sender_words")};
constexpr store::Table<InboxKey, Flag> words_to_judge{store::Space("sender_words_to_judge")};
/// (what it waits for, the correction), of one inbox.
constexpr store::Table<std::tuple<InboxKey, InboxKey>, Flag> words_waiting{
    store::Space("sender_words_waiting")};

/// Of one request: whoever sends more than that fills no page with their own work.
constexpr std::size_t judged_at_once_max = 100;

enum class Judged { joined, dropped, waits };

struct Judgement {
    Judged judged = Judged::dropped;
    InboxKey for_what{};  ///< waits
};

Judgement judge(Step& step, SaidChildren& said, const InboxKey& key, const SenderWord& word) {
    const auto& [inbox, sender, id] = key;
    const InboxKey second{inbox, sender, word.second};
    const InboxKey first{inbox, sender, word.first};
    for (const auto& one : {second, first}) {
        const auto item = table::inbox.get(step.tx, one);
        if (!item) return {Judged::waits, one};
        if (gone(*item)) return {};
    }
    if (said_one_event(step, second, first, SaidBy::sender)) return {};
    const auto theirs = keys_of_event(step, second);
    if (!std::ranges::binary_search(theirs, first)) {
        const auto others = keys_of_event(step, first);
        if (theirs.size() + others.size() > reports_of_one_event_max) return {};
        const auto compared = said.compare(theirs, others);
        if (compared.same == SameChild::no) return {};
        if (compared.unreadable) return {Judged::waits, *compared.unreadable};
    }
    say_one_event(step, second, first, SaidBy::sender, {step.now.wall, {}, id});
    return {Judged::joined, {}};
}

}  // namespace

void keep_sender_word(Step& step, const InboxKey& key, const wire::Cover& cover) {
    const bool is_said = !cover.same_event_as.is_zero() && !cover.supersedes.is_zero() &&
                         cover.same_event_as != cover.supersedes;
    const auto row = is_said ? table::inboxes.get(step.tx, std::get<0>(key)) : std::nullopt;
    if (!row || !row->people) return;  // a system takes each by itself
    sender_words.put(step.tx, key, {cover.supersedes, cover.same_event_as});
    words_to_judge.put(step.tx, key, {});
}

void wake_sender_words(Step& step, const InboxKey& key) {
    const Bytes prefix = store::key_bytes(key);
    // More than fit into one event have nothing to wait for.
    for (const auto& row : words_waiting.collect_keys(
             step.tx, {.prefix = prefix, .limit = reports_of_one_event_max})) {
        words_waiting.erase(step.tx, row);
        if (sender_words.contains(step.tx, std::get<1>(row)))
            words_to_judge.put(step.tx, std::get<1>(row), {});
    }
}

bool is_sender_word_to_judge(Step& step, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    return !words_to_judge.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty();
}

bool judge_sender_words(Step& step, const InboxId& inbox,
                        std::span<const crypto::BoxKeyPair> keys) {
    bool is_joined = false;
    SaidChildren said(step, keys);
    const Bytes prefix = store::key_bytes(inbox);
    for (const auto& key :
         words_to_judge.collect_keys(step.tx, {.prefix = prefix, .limit = judged_at_once_max})) {
        words_to_judge.erase(step.tx, key);
        const auto word = sender_words.get(step.tx, key);
        if (!word) continue;
        const auto judgement = judge(step, said, key, *word);
        switch (judgement.judged) {
            case Judged::joined: is_joined = true; break;
            case Judged::dropped: sender_words.erase(step.tx, key); break;
            case Judged::waits: words_waiting.put(step.tx, {judgement.for_what, key}, {}); break;
        }
    }
    return is_joined;
}

void forget_sender_word(Step& step, const InboxKey& key) {
    const auto word = sender_words.get(step.tx, key);
    if (!word) return;
    const auto& [inbox, sender, id] = key;
    const InboxKey second{inbox, sender, word->second};
    const InboxKey first{inbox, sender, word->first};
    const auto said = said_one_event(step, second, first, SaidBy::sender);
    if (said && said->because == id) unsay_one_event(step, second, first, SaidBy::sender);
    sender_words.erase(step.tx, key);
    words_to_judge.erase(step.tx, key);
    for (const auto& one : {second, first}) words_waiting.erase(step.tx, {one, key});
}

}  // namespace mash::runtime
