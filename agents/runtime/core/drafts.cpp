// What a person has begun to write and not sent: kept here because a browser must keep nothing of
// it, and sealed to that person's own key, so that neither a colleague nor whoever holds store and
// storage key reads a worry that its author may yet decide not to share.
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "common/base/stable_order.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours kept_for{24 * 14};  // from the last time it was saved
constexpr std::size_t drafts_max = 20;           // of one person
constexpr std::size_t content_bytes_max = 128 * limits::kibibyte;
constexpr std::string_view purpose = "mash.v1.draft";

using DraftKey = std::tuple<PersonId, DraftId>;

struct Words {
    std::string label;
    std::string content;  ///< JSON object, as the page gave it
};

/// Purpose, whose and which go inside, so that a blob moved elsewhere does not pass.
Result<Bytes> sealed_words(Step& step, const Caller& caller, const DraftKey& key,
                           const Words& words) {
    Bytes text = Writer()
                     .text(purpose)
                     .id(std::get<0>(key))
                     .id(std::get<1>(key))
                     .text(words.label)
                     .text(words.content)
                     .take();
    auto sealed = crypto::seal_to(caller.row.box_public, text, step.random);
    crypto::wipe(text);
    return sealed;
}

std::optional<Words> words_of(Step& step, const Caller& caller, const DraftKey& key) {
    const auto blob = table::drafts_sealed.get(step.tx, key);
    const auto own = box_key_of(caller);
    if (!blob || !own) return std::nullopt;
    const auto text = crypto::open_sealed(*own, blob->bytes);
    if (!text) return std::nullopt;
    Reader in(text->reveal());
    const bool fits = in.text() == purpose && in.id<PersonId>() == std::get<0>(key) &&
                      in.id<DraftId>() == std::get<1>(key);
    Words words;
    words.label = in.text();
    words.content = in.text();
    if (!fits || !in.finished()) return std::nullopt;
    return words;
}

Json line_of(const DraftId& id, const DraftRow& row, const std::string& label) {
    return {{"id", to_text(id)},
            {"revision", row.revision},
            {"label", label},
            {"saved_at", time_json(row.saved_at)},
            {"kept_until", time_json(row.saved_at + kept_for)}};
}

std::optional<DraftKey> key_of(const Caller& caller, const std::string& id) {
    const auto bytes = uuid_from_text(id);
    if (!bytes) return std::nullopt;
    return DraftKey{caller.person, DraftId(*bytes)};
}

void erase(Step& step, const DraftKey& key) {
    table::drafts.erase(step.tx, key);
    table::drafts_sealed.erase(step.tx, key);
}

void note(Step& step, const Caller& caller, std::string_view action, const DraftKey& key) {
    step.note_access(caller.person, action, {}, caller.row.agency,
                     NotificationId(std::get<1>(key).value()));
}

Answer nothing_there() {
    return Answer::failed(ErrorCode::not_found,
                          "You keep no draft under this id. It was sent, deleted, or not touched "
                          "for 14 days");
}

}  // namespace

Answer drafts_list(Step& step, const Caller& caller) {
    std::vector<std::pair<DraftKey, DraftRow>> rows;
    const Bytes prefix = store::key_bytes(caller.person);
    for (const auto& [key, row] : table::drafts.collect(step.tx, {.prefix = prefix}))
        rows.emplace_back(key, row);
    sort_keeping_order(
        rows, [](const auto& a, const auto& b) { return a.second.saved_at > b.second.saved_at; });
    Json list = Json::array();
    for (const auto& [key, row] : rows) {
        if (const auto words = words_of(step, caller, key))
            list.push_back(line_of(std::get<1>(key), row, words->label));
    }
    return Answer::of({{"drafts", std::move(list)}});
}

Answer draft_one(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto key = key_of(caller, request.id);
    const auto row = key ? table::drafts.get(step.tx, *key) : std::nullopt;
    const auto words = row ? words_of(step, caller, *key) : std::nullopt;
    if (!words) return nothing_there();
    Json json = line_of(std::get<1>(*key), *row, words->label);
    json["content"] = Json::parse(words->content, nullptr, false);
    note(step, caller, "draft_opened", *key);
    return Answer::of(std::move(json));
}

Answer save_draft(Step& step, const Caller& caller, const Json& body) {
    const auto key = key_of(caller, string_at(body, "id"));
    const auto revision = body.find("revision");
    const auto content = body.find("content");
    const bool is_whole = key && revision != body.end() && revision->is_number_unsigned() &&
                          content != body.end() && content->is_object();
    if (!is_whole) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give 'id' (a UUID of your own choice), 'revision' (0 for a new "
                              "draft), 'label' and 'content'");
    }
    const Words words{string_at(body, "label"), text_of_json(*content)};
    if (words.label.size() > limits::display_name_bytes_max ||
        words.content.size() > content_bytes_max)
        return Answer::failed(ErrorCode::too_large, "This is more than a draft may hold");
    auto row = table::drafts.get(step.tx, *key);
    const auto asked = revision->get<std::uint64_t>();
    if (row && row->revision != asked) {
        // Whoever lost our answer to their last saving says the same again.
        const auto kept = words_of(step, caller, *key);
        const bool is_same = kept && row->revision == asked + 1 && kept->label == words.label &&
                             kept->content == words.content;
        if (is_same) return Answer::of(line_of(std::get<1>(*key), *row, words.label));
    }
    if ((row ? row->revision : 0) != asked) {
        return Answer::failed(ErrorCode::already_exists,
                              "This draft was changed in another window, sent or deleted: open it "
                              "again");
    }
    const Bytes prefix = store::key_bytes(caller.person);
    if (!row && table::drafts.collect_keys(step.tx, {.prefix = prefix}).size() >= drafts_max) {
        return Answer::failed(ErrorCode::too_many,
                              "You keep 20 drafts already: send or delete one first");
    }
    auto sealed = sealed_words(step, caller, *key, words);
    if (!sealed) return Answer::failed(sealed.error());
    if (!row) note(step, caller, "draft_begun", *key);
    const DraftRow saved{asked + 1, step.now.wall};
    table::drafts.put(step.tx, *key, saved);
    table::drafts_sealed.put(step.tx, *key, {std::move(*sealed)});
    return Answer::of(line_of(std::get<1>(*key), saved, words.label));
}

Answer delete_draft(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto key = key_of(caller, request.id);
    if (!key || !table::drafts.contains(step.tx, *key)) return nothing_there();
    erase(step, *key);
    note(step, caller, "draft_deleted", *key);
    return Answer::of({{"id", request.id}});
}

void erase_drafts(Step& step, const PersonId& person) {
    const Bytes prefix = store::key_bytes(person);
    for (const auto& key : table::drafts.collect_keys(step.tx, {.prefix = prefix}))
        erase(step, key);
}

void remove_old_drafts(Step& step) {
    std::vector<DraftKey> old;
    table::drafts.scan(step.tx, {}, [&](const DraftKey& key, DraftRow& row) {
        if (row.saved_at + kept_for <= step.now.wall) old.push_back(key);
        return true;
    });
    for (const auto& key : old) erase(step, key);
}

}  // namespace mash::runtime
