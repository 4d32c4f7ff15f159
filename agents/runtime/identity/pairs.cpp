#include "agents/runtime/identity/pairs.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "agents/runtime/identity/similarity.hpp"

namespace mash::identity {

namespace {

enum class KeyKind : char {
    number,
    birth_date,
    sound,
    name_and_month,
    name_and_day,
    home,
    contact
};

// FNV-1a: equal on every machine. Two keys that meet by chance cost a comparison, nothing else.
std::uint64_t key_of(KeyKind kind, std::initializer_list<std::string_view> parts) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&](char c) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    };
    add(static_cast<char>(kind));
    for (const auto part : parts) {
        for (const char c : part) add(c);
        add('\0');
    }
    return hash;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += word + " ";
    return out;
}

std::uint64_t first_shared(const std::vector<std::uint64_t>& a,
                           const std::vector<std::uint64_t>& b) {
    auto i = a.begin();
    auto j = b.begin();
    while (i != a.end() && j != b.end() && *i != *j) *i < *j ? ++i : ++j;
    return i != a.end() && j != b.end() ? *i : 0;
}

}  // namespace

std::vector<std::uint64_t> keys_of(const Identity& person) {
    std::vector<std::uint64_t> keys;
    const auto add = [&](KeyKind kind, std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) {
            if (part.empty()) return;
        }
        keys.push_back(key_of(kind, parts));
    };
    for (const auto& nhs : person.nhs_numbers) add(KeyKind::number, {nhs});
    for (const auto* upns : {&person.upns, &person.weak_upns}) {
        for (const auto& upn : *upns) add(KeyKind::number, {upn});
    }
    add(KeyKind::number, {person.uln});
    add(KeyKind::contact, {person.contact});

    std::string month;
    std::string day;
    if (const auto& born = person.date_of_birth) {
        const std::string year = std::to_string(born->year);
        const auto two = [](unsigned value) { return std::to_string(100 + value).substr(1); };
        month = year + two(born->month);
        if (born->is_whole()) {
            // Day and month in either order.
            const auto low = two(std::min(born->month, born->day));
            const auto high = two(std::max(born->month, born->day));
            add(KeyKind::birth_date, {year, low, high});
            day = low + high;
        }
    }
    const std::string address = joined(person.address);
    for (const auto& name : person.names) {
        const auto& forename = name.forename.first;
        const auto& surname = name.surname.whole;
        const auto [x, y] = std::minmax({soundex(forename), soundex(surname)});
        add(KeyKind::sound, {x, y});
        // The two fields may have changed places, so a key does not say which name it holds.
        for (const auto& word : {forename, surname}) {
            add(KeyKind::name_and_month, {word, month});
            add(KeyKind::name_and_day, {word, day});
            add(KeyKind::home, {word, person.postcode});
            add(KeyKind::home, {word, address});
        }
        add(KeyKind::home, {soundex(surname), person.postcode});
    }
    std::ranges::sort(keys);
    const auto repeats = std::ranges::unique(keys);
    keys.erase(repeats.begin(), repeats.end());
    return keys;
}

PairCounts each_candidate_pair(std::span<const PersonalIdentity> people,
                               const std::function<void(std::uint32_t, std::uint32_t)>& on_pair,
                               const std::function<void(std::size_t, std::size_t)>& on_progress) {
    PairCounts counts;
    std::vector<std::vector<std::uint64_t>> keys;
    keys.reserve(people.size());
    std::vector<std::pair<std::uint64_t, std::uint32_t>> holders;
    for (std::uint32_t i = 0; i < people.size(); ++i) {
        keys.push_back(keys_of(people[i].reveal()));
        for (const auto key : keys.back()) holders.emplace_back(key, i);
    }
    std::ranges::sort(holders);

    // Keys that are left out must not count as the first that two people share.
    std::vector<std::uint64_t> left_out;
    const auto each_key = [&](const auto& visit) {
        for (std::size_t from = 0; from < holders.size();) {
            std::size_t to = from + 1;
            while (to < holders.size() && holders[to].first == holders[from].first) ++to;
            visit(from, to);
            from = to;
        }
    };
    each_key([&](std::size_t from, std::size_t to) {
        if (to - from <= key_holders_max) return;
        left_out.push_back(holders[from].first);
        ++counts.keys_left_out;
        counts.holders_left_out = std::max(counts.holders_left_out, std::uint64_t{to - from});
    });
    if (!left_out.empty()) {
        for (auto& own : keys) {
            std::erase_if(
                own, [&](std::uint64_t key) { return std::ranges::binary_search(left_out, key); });
        }
    }

    each_key([&](std::size_t from, std::size_t to) {
        if (on_progress) on_progress(from, holders.size());
        if (to - from > key_holders_max) return;
        const std::uint64_t key = holders[from].first;
        for (std::size_t i = from; i < to; ++i) {
            for (std::size_t j = i + 1; j < to; ++j) {
                const auto a = holders[i].second;
                const auto b = holders[j].second;
                if (first_shared(keys[a], keys[b]) != key) continue;
                ++counts.compared;
                on_pair(a, b);
            }
        }
    });
    return counts;
}

}  // namespace mash::identity
