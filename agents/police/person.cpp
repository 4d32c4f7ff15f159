#include "agents/police/person.hpp"

#include <algorithm>

#include "agents/runtime/core/json.hpp"
#include "common/base/stable_order.hpp"

namespace mash::police {

namespace {

constexpr std::size_t episodes_kept_max = 32;

std::string key_of(const AgencyId& force, const std::string& number) {
    return "police-person/" + force.value() + "/" + number;
}

}  // namespace

void keep_person(runtime::SourceMemory& memory, const AgencyId& force, const std::string& number,
                 const KnownPerson& person) {
    if (number.empty()) return;
    runtime::Json json;
    if (person.adult) {
        json["adult"] = true;
    } else {
        json["forename"] = person.forename.reveal();
        json["surname"] = person.surname.reveal();
        json["date_of_birth"] = person.date_of_birth.reveal();
        json["postcode"] = person.postcode.reveal();
    }
    std::string text = runtime::text_of_json(json);
    if (memory.get(key_of(force, number)) != text)
        memory.put(key_of(force, number), std::move(text));
}

std::optional<KnownPerson> person_of(const runtime::SourceMemory& memory, const AgencyId& force,
                                     const std::string& number) {
    const auto held = memory.get(key_of(force, number));
    if (number.empty() || !held) return std::nullopt;
    const auto json = runtime::json_from_text(*held);
    if (!json) return std::nullopt;
    KnownPerson out;
    out.adult = runtime::flag_at(*json, "adult");
    out.forename = PersonalText(runtime::string_at(*json, "forename"));
    out.surname = PersonalText(runtime::string_at(*json, "surname"));
    out.date_of_birth = PersonalText(runtime::string_at(*json, "date_of_birth"));
    out.postcode = PersonalText(runtime::string_at(*json, "postcode"));
    return out;
}

Episodes note_episode(runtime::SourceMemory& memory, const AgencyId& force,
                      const std::string& number, const Episode& episode) {
    Episodes out;
    if (number.empty() || episode.day.empty()) return out;
    const std::string key = "police-episodes/" + force.value() + "/" + number;
    const auto before = memory.get(key).value_or("");
    std::vector<Episode> all;
    if (const auto held = runtime::json_from_text(before); held && held->is_object()) {
        out.older = held->value("older", std::uint64_t{0});
        const auto known = held->value("known", runtime::Json::object());
        for (const auto& [report, day] : known.items())
            all.push_back({report, day.get<std::string>()});
    }
    const auto same = std::ranges::find(all, episode.report, &Episode::report);
    // One that is older than all that are kept may be among those that are counted.
    const bool counted =
        same == all.end() && out.older > 0 &&
        std::ranges::all_of(all, [&](const Episode& one) { return one.day > episode.day; });
    if (same != all.end())
        same->day = episode.day;
    else if (!counted)
        all.push_back(episode);
    sort_keeping_order(all, [](const Episode& a, const Episode& b) { return a.day < b.day; });
    if (all.size() > episodes_kept_max) {
        all.erase(all.begin());
        ++out.older;
    }
    runtime::Json known = runtime::Json::object();
    for (const auto& one : all) known[one.report] = one.day;
    std::string text = runtime::text_of_json({{"older", out.older}, {"known", known}});
    if (text != before) memory.put(key, std::move(text));
    for (auto& one : all) {
        if (one.report != episode.report && one.day <= episode.day)
            out.earlier.push_back(std::move(one));
    }
    return out;
}

}  // namespace mash::police
