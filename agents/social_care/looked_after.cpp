#include "agents/social_care/looked_after.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "common/base/stable_order.hpp"

namespace mash::social_care {

namespace {

using Json = nlohmann::json;

Json json_of(const std::optional<area::CivilDate>& date) {
    return date ? Json(area::to_text(*date)) : Json(nullptr);
}

std::optional<area::CivilDate> date_of(const Json& json) {
    if (!json.is_string()) return std::nullopt;
    const auto date = area::civil_date_from_text(json.get<std::string>());
    return date ? std::optional(*date) : std::nullopt;
}

/// Episodes by their end, of each the one that began first.
using ByEnd = std::map<area::CivilDate, const Episode*>;

/// The episode that this one goes on from; null when none in the file ends that day, or when this
/// one is a start.
const Episode* before(const ByEnd& ended, const Episode& episode) {
    if (episode.new_because == 'S') return nullptr;
    const auto found = ended.find(episode.start);
    return found != ended.end() && found->second->start < episode.start ? found->second : nullptr;
}

}  // namespace

Episode episode_of(std::string_view rne, std::string_view legal_status, std::string_view reason) {
    Episode out;
    out.new_because = rne.size() == 1 ? rne.front() : char{0};
    out.short_break = legal_status == "V3" || legal_status == "V4";
    out.care_goes_on = reason == "X1";
    out.adopted = reason == "E11" || reason == "E12";
    return out;
}

LookedAfter looked_after(std::vector<Episode> episodes) {
    std::erase_if(episodes, [](const Episode& one) { return one.short_break; });
    sort_keeping_order(episodes,
                       [](const Episode& a, const Episode& b) { return a.start < b.start; });
    LookedAfter out;
    ByEnd ended;
    std::set<area::CivilDate> gone_on;  // days on which care went on in another episode
    for (const auto& episode : episodes) {
        if (episode.end) ended.try_emplace(*episode.end, &episode);
        if (episode.new_because != 'S') gone_on.insert(episode.start);
    }
    const Episode* open = nullptr;
    const Episode* last = nullptr;
    area::CivilDate last_end;
    for (const auto& episode : episodes) {
        if (!episode.end) {
            ++out.open;
            open = &episode;
            continue;
        }
        if (last == nullptr || last_end <= *episode.end) {
            last = &episode;
            last_end = *episode.end;
        }
        const bool ceased = !episode.care_goes_on && !gone_on.contains(*episode.end);
        if (ceased && (!out.seen.ended_on || *out.seen.ended_on < *episode.end))
            out.seen.ended_on = episode.end;
    }
    if (open != nullptr) {
        const Episode* first = open;
        while (const Episode* earlier = before(ended, *first)) first = earlier;
        out.start_in_file = first->new_because == 'S';
        out.seen.open_since = first->start;
        out.seen.detail = open->legal_status;
        // A legal status alone moves nobody.
        const Episode* moved = open;
        while (moved->new_because == 'L') {
            const Episode* earlier = before(ended, *moved);
            if (earlier == nullptr) break;
            moved = earlier;
        }
        out.placement = Placement{moved->start, open->place, open->postcode, false};
        out.record = open->record;
        out.line = open->line;
    } else if (last != nullptr) {
        out.next_is_missing = last->care_goes_on;
        out.adopted = last->adopted;
        if (out.next_is_missing) out.seen.ended_on.reset();
        out.record = last->record;
        out.line = last->line;
    }
    return out;
}

std::string text_of(const LookedAfter& what, bool first_import) {
    Json placement = nullptr;
    if (what.placement)
        placement = {area::to_text(what.placement->since), what.placement->type,
                     what.placement->postcode};
    return Json{{"open", json_of(what.seen.open_since)},
                {"ended", json_of(what.seen.ended_on)},
                {"legal", what.seen.detail},
                {"placement", placement},
                {"adopted", what.adopted},
                {"first", first_import}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Waiting> waiting_from(std::string_view text) {
    const Json held = Json::parse(text, nullptr, false);
    if (!held.is_object()) return std::nullopt;
    Waiting out;
    out.what.seen.open_since = date_of(held.value("open", Json(nullptr)));
    out.what.seen.ended_on = date_of(held.value("ended", Json(nullptr)));
    out.what.seen.detail = held.value("legal", "");
    out.what.adopted = held.value("adopted", false);
    out.first_import = held.value("first", false);
    const Json placement = held.value("placement", Json(nullptr));
    if (placement.is_array() && placement.size() == 3) {
        if (const auto since = date_of(placement[0]))
            out.what.placement =
                Placement{*since, placement[1].get<std::string>(), placement[2].get<std::string>()};
    }
    return out;
}

bool tell(CareEvents& events, const Child& child, const LookedAfter& what, bool first_import,
          Record record) {
    bool news = events.compare(child, Status::looked_after, what.seen, record);
    if (what.seen.open_since) {
        events.involve(child);
        // Where a child lives is told about a child of whom it is told that they are looked after.
        if (what.placement && events.is_open(child.local_id, Status::looked_after))
            news = events.compare_placement(child, *what.placement, first_import, record) || news;
    }
    if (what.adopted) events.sever(child);
    return news;
}

}  // namespace mash::social_care
