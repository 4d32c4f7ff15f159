#include "agents/health/care_status.hpp"

#include <array>

#include "agents/health/content.hpp"
#include "agents/health/handed_item.hpp"
#include "agents/runtime/core/care_flags.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/identity/names.hpp"

namespace mash::health {

namespace {

constexpr std::array<std::string_view, 3> plans{"protection_plan", "looked_after", "unborn_plan"};

std::string key_of(const AgencyId& agency, const std::string& child, std::string_view plan) {
    return "care-status/" + agency.value() + "/" + child + "/" + std::string(plan);
}

/// "" for nobody.
std::string by_number(const PersonalText& nhs_number) {
    const std::string number = runtime::normalise_nhs_number(nhs_number.reveal());
    return number.empty() ? "" : runtime::revision_of({PersonalText(number)});
}

/// "" when the name is not whole or the date of birth is not: then it is nobody's.
std::string by_name(const PersonalText& forename_text, const PersonalText& surname_text,
                    const std::string& birth_date) {
    const auto forename = identity::folded(forename_text.reveal());
    const auto surname = identity::folded(surname_text.reveal());
    if (birth_date.size() < 10 || !identity::is_full_forename(forename) ||
        !identity::is_full_surname(surname))
        return "";
    return "named-" + runtime::revision_of({PersonalText(forename.first),
                                            PersonalText(surname.whole), PersonalText(birth_date)});
}

// A year or a month alone contradicts no whole date: it counts as not known.
std::string birth_digest(const std::string& birth_date) {
    return birth_date.size() < 10 ? "" : runtime::revision_of({PersonalText(birth_date)});
}

/// "start end birth", each "-" when it is not known.
struct Held {
    std::string start, end, birth;
};

std::string word(const std::string& text) { return text.empty() ? "-" : text; }

Held held_of(std::string_view text) {
    std::array<std::string, 3> parts;
    for (auto& part : parts) {
        const auto end = text.find(' ');
        const auto each = text.substr(0, end);
        part = each == "-" ? std::string() : std::string(each);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return {parts[0], parts[1], parts[2]};
}

std::string text_of(const Held& held) {
    return word(held.start) + " " + word(held.end) + " " + word(held.birth);
}

constexpr std::string_view withdrawn = "withdrawn";

std::optional<std::string> active_plan(const runtime::SourceMemory& memory, const AgencyId& agency,
                                       const std::string& child, const std::string& birth_date,
                                       const area::CivilDate& day) {
    if (child.empty()) return std::nullopt;
    const std::string today = area::to_text(day);
    const std::string birth = birth_digest(birth_date);
    for (const auto plan : plans) {
        const auto found = memory.get(key_of(agency, child, plan));
        if (!found || *found == withdrawn) continue;
        const auto held = held_of(*found);
        const bool other_child = !held.birth.empty() && !birth.empty() && held.birth != birth;
        const bool begun = held.start.empty() || held.start <= today;
        if (!other_child && begun && (held.end.empty() || held.end >= today))
            return std::string(plan);
    }
    return std::nullopt;
}

// ---- notices

std::string notice_key(const runtime::HandOver& item, const std::string& id) {
    return "care-notice/" + item.inbox.value() + "/" + item.sender.value() + "/" + id;
}

/// What was held before the notice is held again, unless something newer was said since.
void take_back(runtime::SourceMemory& memory, const std::string& notice) {
    const auto text = memory.get(notice);
    if (!text) return;
    const auto marks = HandedJson::parse(*text, nullptr, false);
    if (!marks.is_array()) return;
    for (const auto& mark : marks) {
        const auto key = text_in(mark, "key");
        if (memory.get(key) == text_in(mark, "now")) memory.put(key, text_in(mark, "before"));
    }
    memory.put(notice, "");
}

/// By the kind of the notice. Of an unborn child's plan the notice tells under the mother's name,
/// who is no child: that stays with the people who read it.
std::string_view plan_of_kind(std::string_view kind) {
    if (kind.starts_with("cp_plan") || kind == "born") return "protection_plan";
    return kind.starts_with("looked_after") ? "looked_after" : "";
}

/// The status after the notice; nothing when what is held is newer. Notices are opened in any
/// order.
std::optional<Held> after_notice(const std::optional<std::string>& before, bool ends,
                                 const std::string& day, const std::string& birth) {
    const Held held = before && *before != withdrawn ? held_of(*before) : Held{};
    if (!ends) {
        if (held.end >= day && !held.end.empty()) return std::nullopt;
        return Held{day, "", birth};
    }
    if (held.start > day) return std::nullopt;
    return Held{held.start, day, birth};
}

void apply(runtime::SourceMemory& memory, const runtime::HandOver& item, const HandedJson& json,
           std::string_view plan) {
    const AgencyId agency(json.contains("seat") ? text_in(json["seat"], "agency") : "");
    const auto said = runtime::parse_source_time(text_in(json, "occurred_at"));
    if (agency.empty() || !said || !said->instant) return;
    const std::string day = area::to_text(uk_day(*said->instant));
    const auto child = handed_child(json);
    const std::string born = runtime::source_birth_date(child.born);
    HandedJson marks = HandedJson::array();
    for (const auto& who :
         {by_number(PersonalText(child.nhs_number)),
          by_name(PersonalText(child.forenames), PersonalText(child.surname), born)}) {
        if (who.empty()) continue;
        const auto key = key_of(agency, who, plan);
        const auto before = memory.get(key);
        const auto now = after_notice(before, text_in(json, "kind").ends_with("_ended"), day,
                                      birth_digest(born));
        if (!now) continue;
        memory.put(key, text_of(*now));
        marks.push_back({{"key", key}, {"now", text_of(*now)}, {"before", before.value_or("")}});
    }
    if (!marks.empty()) memory.put(notice_key(item, to_text(item.notification)), marks.dump());
}

}  // namespace

void remember_status(runtime::SourceMemory& memory, const AgencyId& agency,
                     const PersonalText& nhs_number, const std::string& birth_date,
                     const CareStatus& status) {
    const std::string child = by_number(nhs_number);
    if (child.empty()) return;
    const std::string key = key_of(agency, child, status.plan);
    const std::string value =
        status.withdrawn ? std::string(withdrawn)
                         : text_of(Held{status.start, status.end, birth_digest(birth_date)});
    if (memory.get(key) != value) memory.put(key, value);
}

std::optional<std::string> active_status(const runtime::SourceMemory& memory,
                                         const AgencyId& agency, const PersonalText& nhs_number,
                                         const std::string& birth_date,
                                         const area::CivilDate& day) {
    runtime::Subject child;
    child.nhs_number = nhs_number;
    child.date_of_birth = PersonalText(birth_date);
    for (const auto& flag : runtime::care_flags_of(memory, agency, child)) {
        if (flag.since <= area::to_text(day)) return flag.plan;
    }
    return active_plan(memory, agency, by_number(nhs_number), birth_date, day);
}

bool may_have_status(const runtime::SourceMemory& memory, const AgencyId& agency,
                     const PersonalText& forename, const PersonalText& surname,
                     const std::string& birth_date, const area::CivilDate& day) {
    return active_plan(memory, agency, by_name(forename, surname, birth_date), birth_date, day)
        .has_value();
}

std::vector<runtime::Remembered> note_status_notice(const runtime::HandOver& item,
                                                    const runtime::SourceMemory::Held& held) {
    runtime::SourceMemory memory(held);
    if (item.recalled) {
        take_back(memory, notice_key(item, to_text(item.notification)));
        return memory.entries();
    }
    const auto json = handed_json(item);
    const std::string type = text_in(json, "type");
    const auto plan = plan_of_kind(text_in(json, "kind"));
    if (type == "care_status_changed" && !plan.empty()) apply(memory, item, json, plan);
    // One that was wrong altogether says so in its first word; what else a correction says is for
    // the people who read it.
    if (type == "correction" &&
        text_in(view_in(json, "leg.full", "leg.flag"), "has_plan_or_care_status")
            .starts_with("None"))
        take_back(memory, notice_key(item, text_in(json, "supersedes")));
    return memory.entries();
}

}  // namespace mash::health
