#include "agents/social_care/care_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/care_flags.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/notification_json.hpp"

namespace mash::social_care {

namespace {

using area::CivilDate;
using runtime::Notification;
using runtime::SectionContent;

std::string_view word_of(Status status) {
    return status == Status::protection_plan ? "plan" : "looked-after";
}
std::string_view noun_of(Status status, bool unborn) {
    if (status == Status::looked_after) return "Looked after by the local authority";
    return unborn ? "Unborn child subject to a protection plan"
                  : "Subject to a child protection plan";
}

std::string kind_of(Status status, bool unborn, std::string_view begins_or_ends) {
    const std::string_view what = status == Status::looked_after ? "looked_after"
                                  : unborn                       ? "unborn_plan"
                                                                 : "cp_plan";
    return std::string(what) + "_" + std::string(begins_or_ends);
}

std::optional<CivilDate> date_of(const std::string& text) {
    const auto date = area::civil_date_from_text(text);
    return date ? std::optional(*date) : std::nullopt;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> out{""};
    for (const char c : text) {
        if (c == ' ')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

}  // namespace

Seen seen_of(const std::vector<Span>& spans) {
    Seen out;
    for (const auto& span : spans) {
        if (!span.end) {
            if (!out.open_since || *out.open_since < span.start) out.open_since = span.start;
        } else if (!out.ended_on || *out.ended_on < *span.end) {
            out.ended_on = span.end;
        }
    }
    return out;
}

/// "open START NUMBER", "unborn START NUMBER", "ended START NUMBER END", "deleted START NUMBER";
/// "waits START 0": of somebody unborn whose mother no file names, so that the birth is told as
/// one.
struct CareEvents::Held {
    std::string state;
    CivilDate start;
    unsigned number = 0;
    std::optional<CivilDate> end;

    bool open() const { return state == "open" || state == "unborn"; }
    std::string text() const {
        return state + " " + area::to_text(start) + " " + std::to_string(number) +
               (end ? " " + area::to_text(*end) : "");
    }
};

CareEvents::CareEvents(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                       runtime::ReadFile& file, std::string_view source,
                       std::optional<CivilDate> as_of)
    : context_(context),
      memory_(memory),
      file_(file),
      source_(source),
      as_of_(as_of),
      known_(context, memory) {}

std::string CareEvents::key(const std::string& local_id, std::string_view what) const {
    return "social-care/" + context_.agency.value() + "/status/" + std::string(what) + "/" +
           local_id;
}

CareEvents::Held CareEvents::held(const std::string& local_id, Status status) const {
    Held out;
    const auto text = memory_.get(key(local_id, word_of(status)));
    if (!text) return out;
    const auto words = words_of(*text);
    const auto start = words.size() < 3 ? std::nullopt : date_of(words[1]);
    if (!start) return out;
    out.state = words[0];
    out.start = *start;
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), out.number);
    if (words.size() > 3) out.end = date_of(words[3]);
    return out;
}

bool CareEvents::is_open(const std::string& local_id, Status status) const {
    return held(local_id, status).open();
}

bool CareEvents::is_child(const Child& child, Record& record) const {
    if (child.died) {
        record.pass_over("died");
        return false;
    }
    const auto age = runtime::age_at(child.subject.date_of_birth.reveal(), today(context_));
    if (child.grown_up || age.value_or(0) >= 18) {
        record.pass_over("grown_up");
        return false;
    }
    return true;
}

bool CareEvents::completed(Child& child, Record& record) const {
    if (!known_.complete(source_, child)) {
        record.note("date_of_birth", "contradicts_earlier",
                    "Another of your files gives this local number with another date of birth: "
                    "what it says was not used. Look which one is right");
    }
    if (is_linkable(child)) return true;
    if (child.subject.unborn) {
        record.lose("", "mother_not_known",
                    "The plan is for a child who is not born yet, and this file does not say who "
                    "the mother is: put her into your caseload list (roll CSV), under the child's "
                    "local_id and with the due_date, then this file again");
    } else {
        record.lose("", "not_linkable",
                    "Nobody could find this child: there is no UPN that passes its check with a "
                    "date of birth. Put your caseload list (roll CSV) with the same local_id into "
                    "the folder, then this file again");
    }
    return false;
}

Notification CareEvents::start_of(const Child& child, std::string_view type,
                                  const CivilDate& on) const {
    Notification out;
    out.agency = context_.agency;
    // Another authority's agent gives the same formats as ola.
    out.role = context_.role == RoleId("ola") ? context_.role : RoleId("sw");
    out.facts.type = TypeId(std::string(type));
    out.facts.occurred_at = noon_of(on);
    out.subject = child.subject;
    if (child.subject.unborn) out.subject.due_date = PersonalText(child.due_date);
    SectionContent identity;
    put(identity, "forenames", child.subject.forename.reveal());
    put(identity, "surname", child.subject.surname.reveal());
    put(identity, "date_of_birth", child.subject.date_of_birth.reveal());
    put(identity, "due_date", child.due_date);
    put(identity, "sex", child.sex);
    put(identity, "nhs_number", child.subject.nhs_number.reveal());
    put(identity, "upn", child.subject.upn.reveal());
    const std::string local = "social care child " + child.local_id;
    identity.emplace("local_ids", PersonalText(nlohmann::json::array({local}).dump(
                                      -1, ' ', false, nlohmann::json::error_handler_t::replace)));
    out.sections["idn"] = std::move(identity);
    SectionContent voice;
    put(voice, "reason_for_none", child.subject.unborn ? "unborn" : "not_seen");
    out.sections["voi"] = std::move(voice);
    return out;
}

void CareEvents::say(const Child& child, Status status, std::string_view kind, const CivilDate& on,
                     const Held& now, const Seen& seen, Record& record) {
    Notification out = start_of(child, "care_status_changed", on);
    const std::string thread = "care/" + child.local_id + "/" + std::string(word_of(status)) + "/" +
                               area::to_text(now.start) + "/" + std::to_string(now.number);
    const bool unborn = child.subject.unborn;
    out.thread_ref = thread;
    SectionContent event;
    SectionContent legal;
    const std::string noun(noun_of(status, unborn));
    const auto other =
        status == Status::looked_after ? Status::protection_plan : Status::looked_after;
    const std::string standing =
        is_open(child.local_id, other) ? std::string(noun_of(other, unborn)) : std::string();
    const auto also = [&](const std::string& text) {
        return standing.empty() ? text : text + ". " + standing;
    };
    if (now.state == "deleted") {
        // The message before it was wrong: it is put right, not followed by an end that never was.
        out.facts.type = TypeId("correction");
        out.facts.occurred_at = context_.written_at;
        out.source_ref = thread + "/deleted";
        out.supersedes_ref = thread + "/started";
        put(event, "what", "Our records do not hold this any more: it had been entered by mistake");
        put(legal, "has_plan_or_care_status",
            also(std::string(runtime::care_status_entered_by_mistake)));
    } else if (now.state == "ended") {
        out.facts.kind = kind_of(status, unborn, "ended");
        out.source_ref = thread + "/ended/" + area::to_text(on);
        put(event, "what", noun + ": ended");
        put(legal, "has_plan_or_care_status", also("Ended on " + area::to_text(on)));
    } else {
        out.facts.kind = kind == "born" ? "born" : kind_of(status, unborn, "started");
        out.source_ref = thread + (kind == "born" ? "/born" : "/started");
        put(event, "what", kind == "born" ? "Born: " + noun : noun + ": began");
        put(legal, "has_plan_or_care_status", also(noun + " since " + area::to_text(now.start)));
        put(legal, status == Status::protection_plan ? "category" : "care_basis", seen.detail);
    }
    put(event, "date", area::to_text(on));
    out.sections["evt"] = std::move(event);
    out.sections["leg"] = std::move(legal);
    const auto unborn_key = key(child.local_id, "before-birth");
    if (kind == "born") {
        const auto told = memory_.get(unborn_key);
        auto mother = told ? runtime::subject_from_text(*told) : std::nullopt;
        // Never told from these files, perhaps by hand: the caseload may know her.
        if (const auto known = known_.mother_of(child.local_id); known && !mother) {
            mother = known->subject;
            mother->due_date = PersonalText(known->due_date);
        }
        if (mother) out.subject.before_birth.push_back(std::move(*mother));
    }
    const std::string mother = unborn ? runtime::subject_text(out.subject).reveal() : std::string();
    auto& made = record.add(std::move(out));
    memory_.put_once_taken(made, key(child.local_id, word_of(status)), now.text());
    // The birth is told under this identity too, which no later file gives.
    if (unborn) memory_.put_once_taken(made, unborn_key, mother);
}

bool CareEvents::compare(Child child, Status status, const Seen& seen, Record record) {
    if (seen.empty()) return false;
    const auto passed = [&](std::string_view why) {
        record.pass_over(why);
        return false;
    };
    const Held before = held(child.local_id, status);
    const bool born =
        (before.state == "unborn" || before.state == "waits") && !child.subject.unborn;
    if (seen.open_since) {
        const CivilDate start = *seen.open_since;
        const bool ended_between = before.open() && before.start < start && seen.ended_on &&
                                   *seen.ended_on >= before.start;
        if (before.open() && !born && !ended_between) {
            // A start that was corrected stays under the date that it was told with.
            if (before.start != start) record.count("start_corrected");
            return passed("known");
        }
        const bool same_again = before.end && start < *before.end;
        if (same_again && (!as_of_ || *as_of_ <= *before.end)) {
            record.note("", "ended_before",
                        "An earlier file said that this had ended; here it is open with the same "
                        "start. Nothing was sent. If the end was a mistake, send it as JSON");
            return passed("ended_before");
        }
        if (!is_child(child, record)) return false;
        if (!completed(child, record)) {
            if (child.subject.unborn && before.state.empty())
                memory_.put(key(child.local_id, word_of(status)),
                            Held{"waits", start, 0, {}}.text());
            return true;
        }
        if (ended_between) {
            Held ended = before;
            ended.state = "ended";
            ended.end = seen.ended_on;
            say(child, status, "", *seen.ended_on, ended, seen, record);
        }
        Held now;
        now.state = child.subject.unborn ? "unborn" : "open";
        now.start = start;
        // A birth goes on in the thread of the unborn child's plan, which it takes over.
        now.number = born && before.number > 0 ? before.number
                     : before.start == start   ? before.number + 1
                                               : 1;
        const auto day = born ? date_of(child.subject.date_of_birth.reveal()) : std::nullopt;
        say(child, status, born ? "born" : "", day.value_or(start), now, seen, record);
        return true;
    }
    if (seen.deleted) {
        if (!before.open() && before.state != "ended") return passed("deleted");
        if (!completed(child, record)) return true;
        Held now = before;
        now.state = "deleted";
        say(child, status, "", now.start, now, seen, record);
        return true;
    }
    if (!before.open()) return passed(before.state.empty() ? "history" : "known");
    if (!seen.ended_on) return passed("known");
    const CivilDate ended_on = *seen.ended_on;
    if (ended_on < before.start) return passed("history");
    if (child.died) {
        // The death is told by whoever reports deaths; no letter about a care status follows it.
        memory_.put(key(child.local_id, word_of(status)), "");
        return passed("died");
    }
    if (!completed(child, record)) return true;
    Held now = before;
    now.state = "ended";
    now.end = seen.ended_on;
    say(child, status, "", ended_on, now, seen, record);
    if (status == Status::looked_after) end_placement(child, ended_on, record);
    return true;
}

void CareEvents::say_placement(const Child& child, std::string_view kind, const CivilDate& since,
                               const CivilDate& on, const Placement* placement, Record& record) {
    Notification out = start_of(child, "placement_notice", on);
    out.facts.kind = kind;
    out.thread_ref = "care/" + child.local_id + "/placement/" + area::to_text(since);
    out.source_ref = out.thread_ref + "/" + std::string(kind);
    SectionContent event;
    put(event, "what",
        placement != nullptr ? "A looked-after child was placed"
                             : "A placement of a looked-after child ended");
    put(event, "date", area::to_text(on));
    out.sections["evt"] = std::move(event);
    SectionContent place;
    put(place, "contact", "Ask the child's social worker for the carer's name and number");
    put(place, "placed_from", area::to_text(since));
    if (placement != nullptr) {
        put(place, "postcode", placement->postcode);
        put(place, "carers", placement->type.empty() ? "" : "Placement type " + placement->type);
    }
    out.sections["plc"] = std::move(place);
    auto& made = record.add(std::move(out));
    memory_.put_once_taken(made, key(child.local_id, "placement"),
                           placement != nullptr ? area::to_text(since) : "");
}

bool CareEvents::compare_placement(Child child, const Placement& placement, bool first_import,
                                   Record record) {
    const std::string where = key(child.local_id, "placement");
    const std::string since = area::to_text(placement.since);
    const auto before = memory_.get(where);
    if (before && *before >= since) return false;
    // Where an adoptive family lives nobody learns under the name that the child had before.
    if (placement.type.starts_with('A')) {
        record.count("placed_for_adoption");
        return false;
    }
    if (first_import) {
        memory_.put(where, since);
        record.count("placements_before_first_import");
        return false;
    }
    if (!is_child(child, record)) return false;
    if (!completed(child, record)) return true;
    say_placement(child, placement.emergency ? "emergency" : "starts", placement.since,
                  placement.since, &placement, record);
    return true;
}

void CareEvents::end_placement(const Child& child, const CivilDate& on, Record& record) {
    const auto before = memory_.get(key(child.local_id, "placement"));
    const auto since = before ? date_of(*before) : std::nullopt;
    if (since) say_placement(child, "ends", *since, on, nullptr, record);
}

void CareEvents::say_interview(Child child, const std::string& kind, const std::string& episodes,
                               const std::string& remember_as, const std::string& remembered,
                               Record& record) {
    if (!is_child(child, record) || !completed(child, record)) return;
    const std::string day = to_rfc3339(context_.written_at).substr(0, 10);
    Notification out = start_of(child, "return_interview_outcome", CivilDate{1970, 1, 1});
    out.role = RoleId("mco");
    out.facts.kind = kind;
    out.facts.occurred_at = context_.written_at;
    out.source_ref = "care/" + child.local_id + "/interview/" + day + "/" + kind;
    SectionContent event;
    put(event, "what",
        kind == "declined" ? "The child did not want a return interview"
                           : "No return interview was offered");
    put(event, "details",
        "After the last missing episode; episodes in the last 12 months: " + episodes +
            ". The list that says so gives no date of the interview");
    out.sections["evt"] = std::move(event);
    if (kind == "declined") put(out.sections["voi"], "reason_for_none", "declined");
    auto& made = record.add(std::move(out));
    memory_.put_once_taken(made, remember_as, remembered);
}

void CareEvents::involve(Child child) {
    const auto age = runtime::age_at(child.subject.date_of_birth.reveal(), today(context_));
    if (child.died || child.grown_up || age.value_or(0) >= 18) return;
    if (known_.from(source::caseload, child.local_id)) return;
    (void)known_.complete(source_, child);
    if (runtime::canonical_identities(child.subject, runtime::TokenUse::caseload).empty()) return;
    involved_.insert_or_assign(child.local_id, runtime::RollEntry{child.subject, child.local_id});
}

void CareEvents::sever(const Child& child) { known_.forget(child.local_id); }

void CareEvents::finish() {
    if (involved_.empty()) return;
    runtime::ReplaceRoll roll;
    roll.seat = Seat{context_.agency, RoleId("sw")};
    roll.relation = "social_worker";
    // None of these files is a whole caseload: they add and renew, and only the caseload list ends.
    roll.partial = true;
    for (auto& [local_id, entry] : involved_) roll.entries.push_back(std::move(entry));
    file_.understood["involved"] += roll.entries.size();
    file_.rolls.push_back(std::move(roll));
    involved_.clear();
}

}  // namespace mash::social_care
