#include "agents/runtime/core/put_right.hpp"

#include <algorithm>
#include <tuple>

#include "agents/runtime/core/received.hpp"

namespace mash::runtime {
namespace {

struct Told {
    NotificationId id;
    WallTime accepted_at;  ///< or what it corrects, if that came later
    std::size_t corrections_before = 0;
    bool is_here = false;
    bool opens = false;

    auto order() const { return std::tie(accepted_at, corrections_before, id); }
};

Told told(Step& step, const InboxKey& key) {
    Told out;
    out.id = std::get<2>(key);
    const auto item = table::inbox.get(step.tx, key);
    const auto statement = item ? statement_of(*item) : std::nullopt;
    if (!statement) return out;
    out.accepted_at = statement->accepted_at;
    out.is_here = !gone(*item);
    out.opens = item->state == InboxState::stored;
    return out;
}

std::vector<NotificationId> corrections_of(Step& step, const InboxKey& key, std::size_t limit) {
    std::vector<NotificationId> ids;
    const Bytes prefix = store::key_bytes(key);
    for (const auto& row :
         table::inbox_corrections.collect_keys(step.tx, {.prefix = prefix, .limit = limit}))
        ids.push_back(std::get<1>(row));
    return ids;
}

/// Which corrects nothing that is known. Nothing: too far back, or a ring.
std::optional<NotificationId> first_of(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    auto first = id;
    for (std::size_t steps = 0; steps < put_right_together_max; ++steps) {
        const auto before = corrected_by(step, {inbox, sender, first});
        if (before.is_zero()) return first;
        first = before;
    }
    return std::nullopt;
}

}  // namespace

void note_correction(Step& step, const InboxKey& key, const NotificationId& corrects) {
    if (corrects.is_zero() || corrected_by(step, key) == corrects) return;
    const auto& [inbox, sender, id] = key;
    const InboxKey before{inbox, sender, corrects};
    table::inbox_corrects.put(step.tx, key, corrects);
    table::inbox_corrections.put(step.tx, {before, id}, {});
    // Lists read covers newest first: what is read last is not what was said last.
    const auto known = table::inbox_replaced.get(step.tx, before);
    const auto other = known ? told(step, {inbox, sender, *known}) : Told{};
    if (!other.is_here || other.order() <= told(step, key).order())
        table::inbox_replaced.put(step.tx, before, id);
}

NotificationId corrected_by(Step& step, const InboxKey& key) {
    return table::inbox_corrects.get(step.tx, key).value_or(NotificationId());
}

std::optional<NotificationId> last_correction(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    std::optional<Told> last;
    for (const auto& correction : corrections_of(step, key, put_right_together_max)) {
        const auto one = told(step, {inbox, sender, correction});
        if (one.is_here && (!last || last->order() < one.order())) last = one;
    }
    return last ? std::optional(last->id) : std::nullopt;
}

std::optional<std::vector<PutRight>> put_right_together(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    const auto first = first_of(step, key);
    if (!first) return std::nullopt;
    std::vector<Told> all{told(step, {inbox, sender, *first})};
    for (std::size_t at = 0; at < all.size(); ++at) {
        const auto before = all[at];
        const auto room = put_right_together_max - all.size();
        const auto next = corrections_of(step, {inbox, sender, before.id}, room + 1);
        if (next.size() > room) return std::nullopt;
        for (const auto& correction : next) {
            auto one = told(step, {inbox, sender, correction});
            one.accepted_at = std::max(one.accepted_at, before.accepted_at);
            one.corrections_before = before.corrections_before + 1;
            all.push_back(one);
        }
    }
    std::ranges::sort(all, {}, &Told::order);
    std::vector<PutRight> here;
    for (const auto& one : all) {
        if (one.is_here) here.push_back({{inbox, sender, one.id}, one.opens});
    }
    return here;
}

}  // namespace mash::runtime
