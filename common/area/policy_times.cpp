// Duty hours, calendars and clocks of the policy. A week in which some minute has no duty inbox, or
// two, is refused: the front door's published hours once left such holes (domain.md F2).
#include <algorithm>
#include <array>
#include <chrono>

#include "common/area/policy_state.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

constexpr unsigned minutes_a_day = 1440;
constexpr unsigned minutes_a_week = 7 * minutes_a_day;
constexpr std::array<std::string_view, 7> day_words = {"mon", "tue", "wed", "thu",
                                                       "fri", "sat", "sun"};
constexpr std::array<std::string_view, 7> day_names = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

std::optional<unsigned> day_from(std::string_view word) {
    for (unsigned day = 0; day < 7; ++day) {
        if (word == day_words[day]) return day;
    }
    return std::nullopt;
}

/// [from, to) in minutes of the week; `to` may run past the end of the week and comes round.
struct WeekSpan {
    unsigned from = 0;
    unsigned to = 0;
};

// "mon-thu 09:00-17:00", "fri 09:00-16:30", "mon 17:00 to tue 09:00". Empty: not understood.
std::vector<WeekSpan> week_spans(std::string_view text) {
    const auto moment = [](std::string_view part) -> std::optional<unsigned> {
        if (part.size() != 9 || part[3] != ' ') return std::nullopt;
        const auto day = day_from(part.substr(0, 3));
        const auto minute = minutes_of_day(part.substr(4));
        if (!day || !minute) return std::nullopt;
        return *day * minutes_a_day + *minute;
    };
    if (const auto to = text.find(" to "); to != std::string_view::npos) {
        const auto from = moment(text.substr(0, to));
        auto until = moment(text.substr(to + 4));
        if (!from || !until) return {};
        if (*until <= *from) *until += minutes_a_week;
        return {{*from, *until}};
    }
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return {};
    const std::string_view days = text.substr(0, space);
    const std::string_view hours = text.substr(space + 1);
    if (hours.size() != 11 || hours[5] != '-') return {};
    const auto open = minutes_of_day(hours.substr(0, 5));
    const auto close = minutes_of_day(hours.substr(6));
    if (!open || !close || *close <= *open) return {};
    std::optional<unsigned> first = day_from(days.substr(0, 3));
    std::optional<unsigned> last = first;
    if (days.size() == 7 && days[3] == '-')
        last = day_from(days.substr(4));
    else if (days.size() != 3)
        return {};
    if (!first || !last || *last < *first) return {};
    std::vector<WeekSpan> spans;
    for (unsigned day = *first; day <= *last; ++day) {
        spans.push_back({day * minutes_a_day + *open, day * minutes_a_day + *close});
    }
    return spans;
}

std::string week_text(unsigned minute) {
    const unsigned day = (minute / minutes_a_day) % 7;
    const unsigned of_day = minute % minutes_a_day;
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::string(day_names[day]) + " " + two(of_day / 60) + ":" + two(of_day % 60);
}

/// Who is on duty in each minute of the week: 0 nobody, 1 front door, 2 emergency duty.
using DutyWeek = std::array<std::uint8_t, minutes_a_week>;

void mark(DutyWeek& week, const WeekSpan& span, std::uint8_t who, Place place, FaultSink& sink) {
    bool told = false;
    for (unsigned at = span.from; at < span.to; ++at) {
        std::uint8_t& minute = week[at % minutes_a_week];
        if (minute != 0 && !told) {
            sink.add(place, "two duty inboxes at " + week_text(at) +
                                ": every minute of the week needs exactly one");
            told = true;
        }
        minute = who;
    }
}

void check_no_hole(const DutyWeek& week, Place place, FaultSink& sink) {
    for (unsigned at = 0; at < minutes_a_week; ++at) {
        if (week[at] != 0 || (at > 0 && week[at - 1] == 0)) continue;
        unsigned end = at;
        while (end < minutes_a_week && week[end] == 0) ++end;
        sink.add(place, "no duty inbox from " + week_text(at) + " to " + week_text(end) +
                            ": every minute of the week needs exactly one");
    }
}

std::array<DayHours, 7> front_door_hours(const DutyWeek& week, Place place, FaultSink& sink) {
    std::array<DayHours, 7> hours{};
    for (unsigned day = 0; day < 7; ++day) {
        const auto at = [&](unsigned minute) { return week[day * minutes_a_day + minute] == 1; };
        unsigned open = 0;
        while (open < minutes_a_day && !at(open)) ++open;
        if (open == minutes_a_day) continue;
        unsigned close = open;
        while (close < minutes_a_day && at(close)) ++close;
        for (unsigned later = close; later < minutes_a_day; ++later) {
            if (!at(later)) continue;
            sink.add(place, "the front door opens twice on " + std::string(day_names[day]) +
                                ": one span a day is served");
            break;
        }
        hours[day] = {static_cast<std::uint16_t>(open), static_cast<std::uint16_t>(close)};
    }
    return hours;
}

std::optional<std::array<DayHours, 7>> read_duty(TableReader& policy, PolicyState& state,
                                                 FaultSink& sink) {
    const auto roles = state.catalogue.role_words();
    if (const Node* node = policy.table("front_door", Need::required)) {
        TableReader reader(*node, sink, "front_door");
        state.front_door =
            RoleId(reader.word_of("role", Need::required, "role", roles).value_or(""));
        state.emergency_duty =
            RoleId(reader.word_of("emergency_duty", Need::required, "role", roles).value_or(""));
        state.pass_on =
            RoleId(reader.word_of("pass_on", Need::optional, "role", roles).value_or(""));
        if (!state.pass_on.empty() &&
            (state.pass_on == state.front_door || state.pass_on == state.emergency_duty)) {
            sink.add(reader.place_of("pass_on"),
                     "the automatic pass-on needs a role of its own: people read this one");
        }
        reader.finish();
    }
    const Node* duty = policy.array("duty", Need::required);
    if (duty == nullptr || state.front_door.empty() || state.emergency_duty.empty())
        return std::nullopt;
    DutyWeek week{};
    for (const auto& node : duty->items) {
        if (!is_table(node, sink, "duty")) continue;
        TableReader reader(node, sink, "duty");
        const auto role = reader.word_of("role", Need::required, "duty role",
                                         {state.front_door.value(), state.emergency_duty.value()});
        const Node* hours = reader.array("hours", Need::required);
        reader.finish();
        if (!role || hours == nullptr) continue;
        for (const auto& span_node : hours->items) {
            const auto spans = week_spans(span_node.text);
            if (spans.empty()) {
                sink.add(
                    span_node.place,
                    "expected hours such as \"mon-thu 09:00-17:00\" or \"fri 16:30 to mon 09:00\"");
            }
            for (const auto& span : spans) {
                mark(week, span, *role == state.front_door.value() ? 1 : 2, span_node.place, sink);
            }
        }
    }
    check_no_hole(week, duty->place, sink);
    return front_door_hours(week, duty->place, sink);
}

std::chrono::sys_days days_of(const CivilDate& date) {
    return std::chrono::year(date.year) / std::chrono::month(date.month) /
           std::chrono::day(date.day);
}
CivilDate date_from(std::chrono::sys_days days) {
    const std::chrono::year_month_day ymd(days);
    return {static_cast<std::int16_t>(static_cast<int>(ymd.year())),
            static_cast<std::uint8_t>(static_cast<unsigned>(ymd.month())),
            static_cast<std::uint8_t>(static_cast<unsigned>(ymd.day()))};
}
bool is_weekend(const CivilDate& date) {
    return std::chrono::weekday(days_of(date)).iso_encoding() > 5;
}

std::set<CivilDate> read_dates(TableReader& reader, std::string_view key, Need need,
                               FaultSink& sink) {
    std::set<CivilDate> dates;
    const Node* list = reader.array(key, need);
    if (list == nullptr) return dates;
    if (list->items.size() > limits::closed_dates_max) sink.add(list->place, "too many dates");
    for (const auto& item : list->items) {
        if (item.kind != Node::Kind::date) {
            sink.add(item.place, "expected a date such as 2026-12-24, without quotes");
        } else if (!dates.insert(item.date).second) {
            sink.add(item.place, to_text(item.date) + " is there twice");
        }
    }
    return dates;
}

// England has eight bank holidays in every year; a list with fewer was cut short and would set
// deadlines on Christmas Day.
void check_holidays(const std::set<CivilDate>& holidays, const CivilDate& known_to, Place place,
                    FaultSink& sink) {
    if (holidays.empty()) return;
    const bool last_year_whole = known_to.month == 12 && known_to.day >= 28;
    for (int year = holidays.begin()->year; year < known_to.year + (last_year_whole ? 1 : 0);
         ++year) {
        const auto count = std::count_if(holidays.begin(), holidays.end(),
                                         [&](const CivilDate& d) { return d.year == year; });
        if (count < 8) {
            sink.add(place, "the calendar holds " + std::to_string(count) + " bank holidays for " +
                                std::to_string(year) + "; England has at least 8");
        }
    }
}

void read_calendar(TableReader& policy, const std::array<DayHours, 7>& hours, PolicyState& state,
                   FaultSink& sink) {
    const Node* node = policy.table("calendar", Need::required);
    if (node == nullptr) return;
    TableReader reader(*node, sink, "calendar");
    const auto holidays = read_dates(reader, "bank_holidays", Need::required, sink);
    const auto closed = read_dates(reader, "front_door_closed", Need::optional, sink);
    const auto known_to = reader.date("known_to", Need::required);
    reader.finish();
    if (const Node* list = reader.find("bank_holidays")) {
        for (const auto& item : list->items) {
            if (item.kind == Node::Kind::date && is_weekend(item.date)) {
                sink.add(item.place,
                         to_text(item.date) + " is at a weekend: list the substitute day");
            }
        }
    }
    if (!known_to) return;
    check_holidays(holidays, *known_to, reader.place_of("bank_holidays"), sink);
    state.calendar.emplace(hours, closed, holidays, *known_to);
}

void read_schools(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("school_calendar", Need::required);
    if (node == nullptr) return;
    TableReader reader(*node, sink, "school_calendar");
    const auto start_text = reader.text("session_start", Need::required);
    const auto inset = read_dates(reader, "inset_days", Need::optional, sink);
    const Node* terms = reader.array("terms", Need::required);
    reader.finish();
    std::optional<std::uint16_t> start;
    if (start_text) start = minutes_of_day(*start_text);
    if (start_text && !start)
        sink.add(reader.place_of("session_start"), "expected a time such as \"08:50\"");
    if (terms == nullptr || !start || !state.calendar) return;
    CivilDate last{};
    for (const auto& item : terms->items) {
        if (!is_table(item, sink, "a term")) continue;
        TableReader term(item, sink, "term");
        const auto from = term.date("from", Need::required);
        const auto to = term.date("to", Need::required);
        term.finish();
        if (!from || !to) continue;
        if (*to < *from || days_of(*to) - days_of(*from) > std::chrono::days(200)) {
            sink.add(item.place,
                     "a term must begin before it ends, and last no more than 200 days");
            continue;
        }
        if (*from <= last) sink.add(item.place, "terms must follow one another");
        last = *to;
        for (auto day = days_of(*from); day <= days_of(*to); day += std::chrono::days(1)) {
            const CivilDate date = date_from(day);
            if (!state.calendar->is_working_day(date) || inset.contains(date)) continue;
            state.school_days.insert(date);
            state.sessions.push_back(state.calendar->local(date, *start));
        }
    }
    std::sort(state.sessions.begin(), state.sessions.end());
}

std::optional<TimeSpan> read_span(const Node& node, FaultSink& sink, const std::string& what) {
    if (!is_table(node, sink, what)) return std::nullopt;
    TableReader reader(node, sink, what);
    const auto minutes = reader.integer("minutes", Need::optional, 1, 7 * 1440);
    const auto hours = reader.integer("working_hours", Need::optional, 1, 200);
    const auto days = reader.integer("working_days", Need::optional, 1, 60);
    reader.finish();
    const int said = (minutes ? 1 : 0) + (hours ? 1 : 0) + (days ? 1 : 0);
    if (said != 1) {
        sink.add(node.place, what + " needs exactly one of minutes, working_hours, working_days");
        return std::nullopt;
    }
    if (minutes) return TimeSpan{TimeSpan::Unit::minutes, static_cast<unsigned>(*minutes)};
    if (hours) return TimeSpan{TimeSpan::Unit::working_hours, static_cast<unsigned>(*hours)};
    return TimeSpan{TimeSpan::Unit::working_days, static_cast<unsigned>(days.value_or(1))};
}

TimeSpan read_span(TableReader& reader, std::string_view key, FaultSink& sink) {
    const Node* node = reader.table(key, Need::required);
    if (node == nullptr) return {};
    return read_span(*node, sink, std::string(key)).value_or(TimeSpan{});
}

void read_urgencies(TableReader& policy, PolicyState& state, FaultSink& sink) {
    if (const Node* node = policy.table("take_by", Need::required)) {
        TableReader reader(*node, sink, "take_by");
        for (std::size_t i = 0; i < 5; ++i)
            state.urgencies[i] = read_span(reader, urgency_words()[i], sink);
        state.know = read_span(reader, "told_only", sink);
        state.hold = read_span(reader, "held", sink);
        state.hold_red = read_span(reader, "held_when_red", sink);
        reader.finish();
    }
    if (const Node* node = policy.table("lanes", Need::required)) {
        TableReader reader(*node, sink, "lanes");
        std::array<bool, 5> said{};
        const std::pair<std::string_view, wire::Lane> lanes[] = {
            {"immediate", wire::Lane::immediate},
            {"urgent", wire::Lane::urgent},
            {"routine", wire::Lane::routine}};
        for (const auto& [key, lane] : lanes) {
            for (const auto& word :
                 reader.words_of(key, Need::required, "urgency", urgency_words())) {
                const std::size_t i = place_of(known_urgency(word));
                if (said[i]) sink.add(reader.place_of(key), word + " is in two lanes");
                said[i] = true;
                state.lanes[i] = lane;
            }
        }
        reader.finish();
        for (std::size_t i = 0; i < 5; ++i) {
            if (!said[i]) sink.add(node->place, urgency_words()[i] + " is in no lane");
            if (i > 0 && said[i] && said[i - 1] && state.lanes[i] < state.lanes[i - 1]) {
                sink.add(node->place,
                         urgency_words()[i] + " must not travel before " + urgency_words()[i - 1]);
            }
        }
    }
    if (const Node* node = policy.table("rag", Need::required)) {
        TableReader reader(*node, sink, "rag");
        const std::pair<std::string_view, wire::Rag> words[] = {{"red", wire::Rag::red},
                                                                {"amber", wire::Rag::amber},
                                                                {"green", wire::Rag::green},
                                                                {"blue", wire::Rag::blue},
                                                                {"unstated", wire::Rag::unstated}};
        for (const auto& [key, rag] : words) {
            const auto word = reader.word_of(key, Need::required, "urgency", urgency_words());
            if (word) state.rag[static_cast<std::size_t>(rag)] = known_urgency(*word);
        }
        reader.finish();
    }
    const auto vital =
        policy.word_of("when_life_is_at_stake", Need::optional, "urgency", urgency_words());
    if (vital) state.urgency_when_vital = urgency_from(*vital);
}

WallTime moment(const Node& node, unsigned days_on, const PolicyState& state, FaultSink& sink) {
    if (node.kind == Node::Kind::instant) return node.instant;
    if (node.kind == Node::Kind::date) {
        return state.times().local(date_from(days_of(node.date) + std::chrono::days(days_on)), 0);
    }
    sink.add(node.place, "expected a date such as 2026-12-24, or a date and time with its offset");
    return {};
}

}  // namespace

const std::vector<std::string>& urgency_words() {
    static const std::vector<std::string> words = {"U1", "U2", "U3", "U4", "U5"};
    return words;
}

std::optional<wire::Urgency> urgency_from(std::string_view word) {
    for (std::size_t i = 0; i < urgency_words().size(); ++i) {
        if (urgency_words()[i] == word) return static_cast<wire::Urgency>(i + 1);
    }
    return std::nullopt;
}

wire::Urgency known_urgency(std::string_view word) {
    const auto known = urgency_from(word);
    CHECK(known.has_value());
    return *known;
}

void read_times(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const auto hours = read_duty(policy, state, sink);
    // With a broken week the rest is still read against an ordinary one, so that all its faults are
    // found at once.
    std::array<DayHours, 7> week{};
    for (std::size_t day = 0; day < 5; ++day) week[day] = {540, 1020};
    read_calendar(policy, hours.value_or(week), state, sink);
    read_schools(policy, state, sink);
    read_urgencies(policy, state, sink);
}

void read_validity(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* from = policy.find("valid_from", Need::required);
    const Node* expires = policy.find("expires", Need::required);
    const auto grace = policy.integer("grace_days", Need::optional, 0, 60);
    if (from != nullptr) state.valid_from = moment(*from, 0, state, sink);
    if (expires != nullptr) state.expires = moment(*expires, 1, state, sink);
    if (from == nullptr || expires == nullptr) return;
    if (state.expires <= state.valid_from)
        sink.add(expires->place, "the policy must expire after it begins");
    state.grace_until = state.expires + std::chrono::days(grace.value_or(0));
    const WallTime last_due =
        state.times().end_of_working_day(state.grace_until, calendar_days_checked);
    if (!state.times().covers(last_due)) {
        sink.add(expires->place,
                 "the bank holidays end (known_to) before the last deadline that this policy can "
                 "set; load more, or "
                 "let it expire earlier");
    }
}

}  // namespace mash::area
