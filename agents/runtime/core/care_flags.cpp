#include <algorithm>
#include <array>
#include <set>

#include "agents/runtime/core/care_flags_kept.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "common/area/agreement.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/base/stable_order.hpp"

namespace mash::runtime {
namespace {

constexpr std::string_view look_up_role = "look_up";  // words of the signed catalogue
constexpr std::string_view unscheduled_role = "urg";
constexpr std::string_view legal_section = "leg";
constexpr std::string_view event_section = "evt";
constexpr std::string_view active_marker = "care_status_active";

/// Who asks more often than an emergency department sees children looks for something else.
constexpr std::size_t look_ups_an_hour_max = 120;
/// Of everybody of this host together: whoever adds a colleague gets no more looks by it for long.
constexpr std::size_t look_ups_of_all_an_hour_max = 600;
constexpr std::chrono::hours look_ups_counted_for{1};
constexpr std::size_t visits_kept = 25;
constexpr std::string_view has_it = "has_it";  // CareNotice::plan of a correction
constexpr std::size_t notices_of_a_thread_max = 64;
constexpr std::size_t flags_of_a_council_max = 16;

std::string memory_key(const AgencyId& agency, const Identity& child) {
    return "care-flag/" + agency.value() + "/" + std::to_string(static_cast<int>(child.first)) +
           "/" + child.second.reveal();
}

/// A flag of an unborn child hangs on its mother, who is looked up as herself.
std::vector<Identity> identities_of(Subject subject) {
    subject.unborn = false;
    return canonical_identities(subject, TokenUse::caseload);
}

std::vector<CareFlag> flags_from(const std::optional<std::string>& text) {
    std::vector<CareFlag> flags;
    if (!text) return flags;
    const auto json = json_from_text(*text);
    if (!json || !json->is_array()) return flags;
    for (const auto& one : *json) {
        const auto thread = uuid_from_text(string_at(one, "thread"));
        if (!thread) continue;
        flags.push_back({AgencyId(string_at(one, "by")), ThreadId(*thread), string_at(one, "plan"),
                         string_at(one, "since")});
    }
    return flags;
}

std::string text_of(const std::vector<CareFlag>& flags) {
    Json json = Json::array();
    for (const auto& flag : flags) {
        json.push_back({{"by", flag.said_by.value()},
                        {"thread", to_text(flag.thread)},
                        {"plan", flag.plan},
                        {"since", flag.since}});
    }
    return text_of_json(json);
}

/// The flags of all these rows, each once, those of one council beside one another.
std::vector<CareFlag> united(std::vector<CareFlag> flags) {
    const auto key = [](const CareFlag& flag) { return std::tie(flag.said_by, flag.thread); };
    std::ranges::sort(flags, {}, key);
    flags.erase(std::ranges::unique(flags, {}, key).begin(), flags.end());
    return flags;
}

std::vector<CareFlag> flags_of(Step& step, const AgencyId& agency, const Subject& subject) {
    std::vector<CareFlag> flags;
    for (const auto& child : identities_of(subject)) {
        for (auto& flag : flags_from(memory_of(step, memory_row(step, memory_key(agency, child)))))
            flags.push_back(std::move(flag));
    }
    return united(std::move(flags));
}

// ---- what the notices of a thread come to ----

struct Standing {
    bool active = false;
    std::string plan;
    WallTime since;
    std::set<Digest> children;
};

bool is_correction(const CareNotice& notice) {
    return notice.plan.empty() || notice.plan == has_it;
}

/// What the corrections of one notice come to, and of the corrections themselves: of several the
/// one that came last. Neither its identifier nor its time says which the sender said last: both
/// are those of the event, which a correction repeats.
struct Corrected {
    const CareNotice* last = nullptr;   ///< none: it stands as it is
    const CareNotice* names = nullptr;  ///< the latest that says who is meant
    bool is_replaced = false;           ///< by a notice of its own, for good: a birth
};
Corrected corrected(const CareThread& thread, const CareNotice& notice) {
    Corrected out{.names = &notice};
    const auto next_of = [&](const NotificationId& id) {
        const CareNotice* next = nullptr;
        for (const auto& other : thread.notices) {
            if (other.replaces != id || other.id == id) continue;
            if (!is_correction(other))
                out.is_replaced = out.is_replaced || other.says == CareNotice::Says::never_was;
            else
                next = &other;
        }
        return next;
    };
    // Whoever names corrections in a ring has said nothing more after each was read once.
    auto left = thread.notices.size();
    for (const auto* next = next_of(notice.id); next != nullptr && left > 0; --left) {
        out.last = next;
        if (!next->children.empty()) out.names = next;
        next = next_of(next->id);
    }
    return out;
}

/// Struck out by its corrections: a beginning by "it does not have it", an end by "it has it".
/// Whatever else a correction says is about other things than the status.
bool is_struck_out(const CareNotice& notice, const Corrected& how) {
    if (how.is_replaced) return true;
    if (how.last == nullptr) return false;
    return notice.says == CareNotice::Says::ends ? how.last->plan == has_it
                                                 : how.last->says == CareNotice::Says::never_was;
}

/// In the order of what they tell, in whatever order they came; an end on the day of a beginning
/// ends it.
Standing standing_of(const CareThread& thread) {
    using Says = CareNotice::Says;
    std::vector<std::pair<const CareNotice*, const CareNotice*>> told;  // and who names the child
    for (const auto& notice : thread.notices) {
        if (notice.says != Says::begins && notice.says != Says::ends) continue;
        const auto how = corrected(thread, notice);
        if (!is_struck_out(notice, how)) told.emplace_back(&notice, how.names);
    }
    sort_keeping_order(told, [](const auto& a, const auto& b) {
        return std::pair(a.first->occurred_at, a.first->says) <
               std::pair(b.first->occurred_at, b.first->says);
    });
    Standing out;
    for (const auto& [notice, names] : told) {
        if (notice->says == Says::ends) {
            out.active = false;
            continue;
        }
        if (!out.active || out.plan != notice->plan) out.since = notice->occurred_at;
        out.active = true;
        out.plan = notice->plan;
        // An end or an update that names nobody is about whom the beginning named.
        if (!names->children.empty())
            out.children = {names->children.begin(), names->children.end()};
    }
    return out;
}

using ThreadKey = std::tuple<AgencyId, AgencyId, ThreadId>;

void put_flag(Step& step, const Digest& row, const ThreadKey& key, const Standing* standing) {
    auto flags = flags_from(memory_of(step, row));
    const auto& [agency, sender, thread] = key;
    std::erase_if(flags, [&](const CareFlag& flag) {
        return flag.said_by == sender && flag.thread == thread;
    });
    if (standing != nullptr) {
        // Of each council so many, so that none hides what another says; the oldest goes.
        const auto is_theirs = [&](const CareFlag& flag) { return flag.said_by == sender; };
        if (std::cmp_greater_equal(std::ranges::count_if(flags, is_theirs), flags_of_a_council_max))
            flags.erase(std::ranges::find_if(flags, is_theirs));
        flags.push_back(
            {sender, thread, standing->plan, to_rfc3339(standing->since).substr(0, 10)});
    }
    put_memory(step, row, flags.empty() ? std::string() : text_of(flags));
}

template <class Change>
void change(Step& step, const ThreadKey& key, const Change& how) {
    auto thread = table::care_threads.get(step.tx, key).value_or(CareThread{});
    const auto before = standing_of(thread);
    how(thread);
    if (thread.notices.size() > notices_of_a_thread_max)
        thread.notices.erase(thread.notices.begin());
    const auto after = standing_of(thread);
    for (const auto& row : before.children) put_flag(step, row, key, nullptr);
    if (after.active) {
        for (const auto& row : after.children) put_flag(step, row, key, &after);
    }
    if (thread.notices.empty())
        table::care_threads.erase(step.tx, key);
    else
        table::care_threads.put(step.tx, key, thread);
}

/// Where this notice counts. Whose it is says the inbox's own row: the inbox may have left the
/// registry since.
std::vector<ThreadKey> threads_with(Step& step, const InboxKey& key) {
    std::vector<ThreadKey> of;
    const auto row = table::inboxes.get(step.tx, std::get<0>(key));
    if (!row) return of;
    const Bytes prefix = store::key_bytes(row->agency, std::get<1>(key));
    table::care_threads.scan(
        step.tx, {.prefix = prefix}, [&](const ThreadKey& where, const CareThread& thread) {
            if (std::ranges::find(thread.notices, std::get<2>(key), &CareNotice::id) !=
                thread.notices.end())
                of.push_back(where);
            return true;
        });
    return of;
}

// ---- what one notice says ----

std::string_view plan_of(std::string_view kind) {
    if (kind.starts_with("cp_plan") || kind == "born") return "protection_plan";
    if (kind.starts_with("unborn_plan")) return "unborn_plan";
    return kind.starts_with("looked_after") ? "looked_after" : "";
}

std::vector<Digest> children_of(Step& step, const AgencyId& agency, const Opened& opened) {
    Subject subject;
    for (const auto& identity : section_of(step, opened, identity_section)) {
        subject.nhs_number = PersonalText(string_at(identity, "nhs_number"));
        subject.upn = PersonalText(string_at(identity, "upn"));
        subject.forename = PersonalText(string_at(identity, "forenames"));
        subject.surname = PersonalText(string_at(identity, "surname"));
        subject.date_of_birth = PersonalText(string_at(identity, "date_of_birth"));
    }
    std::vector<Digest> rows;
    for (const auto& child : identities_of(subject))
        rows.push_back(memory_row(step, memory_key(agency, child)));
    return rows;
}

/// What a correction says of the status itself. It repeats what the report before said and its
/// person did not change, in the words of whatever sent that: "Protection plan since ...", "Ended
/// on ...". Only a plain yes or no is a word about the status.
void say_of_status(Step& step, const Opened& opened, CareNotice& notice) {
    notice.says = CareNotice::Says::amends;
    const auto legal = section_of(step, opened, legal_section);
    if (legal.empty()) return;
    const auto field = legal.front().find("has_plan_or_care_status");
    if (field == legal.front().end()) return;
    auto word = string_at(legal.front(), "has_plan_or_care_status");
    if (field->is_boolean()) word = field->get<bool>() ? "yes" : "no";
    if (word == "no" || word == "No" || word.starts_with(care_status_entered_by_mistake))
        notice.says = CareNotice::Says::never_was;
    else if (word == "yes" || word == "Yes")
        notice.plan = has_it;
}

std::optional<CareNotice> notice_of(Step& step, const AgencyId& agency, const Opened& opened) {
    const auto& cover = opened.cover;
    const auto* type = step.policy()->find_type(cover.type);
    if (type == nullptr) return std::nullopt;
    CareNotice notice;
    notice.id = cover.id;
    notice.occurred_at = cover.occurred_at;
    notice.replaces = cover.supersedes;
    notice.children = children_of(step, agency, opened);
    if (type->row == area::row_correction) {
        say_of_status(step, opened, notice);
        return notice;
    }
    notice.plan = plan_of(cover.kind);
    if (type->row != area::row_care_status || notice.plan.empty()) return std::nullopt;
    notice.says =
        cover.kind.ends_with("_ended") ? CareNotice::Says::ends : CareNotice::Says::begins;
    return notice;
}

// ---- a person asks ----

bool may_look_up_again(Step& step, const PersonId& person) {
    std::size_t of_all = 0;
    for (auto& [other, looks] : step.agent.care_look_ups) {
        std::erase_if(looks,
                      [&](SteadyTime at) { return step.now.steady - at >= look_ups_counted_for; });
        of_all += looks.size();
    }
    auto& asked = step.agent.care_look_ups[person];
    if (asked.size() >= look_ups_an_hour_max || of_all >= look_ups_of_all_an_hour_max) return false;
    asked.push_back(step.now.steady);
    return true;
}

/// In the words of the request, which are not all those of the attendance that is made of it.
std::vector<InputFault> faults_of(const Json& body) {
    constexpr std::array<std::string_view, 4> known{"reference", "subject", "seen_at", "place"};
    std::vector<InputFault> faults;
    for (const auto& [key, value] : body.items()) {
        if (std::ranges::find(known, key) == known.end())
            faults.push_back({"/" + (is_valid_name(key) ? key : "?"), "unknown_field",
                              "This is no field of a look-up"});
    }
    if (string_at(body, "reference").empty()) {
        faults.push_back(
            {"/reference", "required",
             "Give the number of the visit, so that asking again makes no second one"});
    }
    const auto subject = body.find("subject");
    const auto number = subject == body.end() ? std::string() : string_at(*subject, "nhs_number");
    // Of a mistyped number "no status" would be the wrong answer, and "not enough" the wrong words.
    if (!number.empty() && normalise_nhs_number(number).empty()) {
        faults.push_back({"/subject/nhs_number", "bad_nhs_number",
                          "Nobody has this NHS number: a digit is mistyped. If you are worried "
                          "about the child, do not wait for it: ring the front door"});
    }
    return faults;
}

/// The attendance as unscheduled care reports it, in the words of the request.
Json attendance_json(const Step& step, const Caller& caller, const Json& body) {
    const std::string reference = string_at(body, "reference");
    std::string at = string_at(body, "seen_at");
    if (at.empty()) at = to_rfc3339(step.now.wall);
    Json event{{"what", "Came to unscheduled care"},
               {"date", at.substr(0, 10)},
               {"time", at},
               {"reference", reference}};
    if (const auto place = string_at(body, "place"); !place.empty()) event["place"] = place;
    Json json;
    json["source_ref"] = reference.empty() ? std::string() : "look-up/" + reference;
    json["agency"] = caller.row.agency.value();
    json["role"] = unscheduled_role;
    json["type"] = "unscheduled_health_attendance";
    json["occurred_at"] = at;
    json["markers"] = {active_marker};
    const auto subject = body.find("subject");
    json["subject"] = subject == body.end() ? Json::object() : *subject;
    json["sections"]["evt"] = std::move(event);
    Json identity = Json::object();
    for (const auto& [field, name] :
         {std::pair("forename", "forenames"), std::pair("surname", "surname"),
          std::pair("date_of_birth", "date_of_birth"), std::pair("nhs_number", "nhs_number")}) {
        if (auto text = string_at(json["subject"], field); !text.empty())
            identity[name] = std::move(text);
    }
    if (!identity.empty()) json["sections"]["idn"] = std::move(identity);
    json["sections"]["voi"] = {{"reason_for_none", "not_seen"}};
    return json;
}

/// Nothing in common by which either is known, or its content is gone and tells no more of whom it
/// was.
bool is_about_another(Step& step, const NotificationId& id, const Subject& subject) {
    const auto told = stored_notification(step, id);
    if (!told) return true;
    const auto before = identities_of(told->subject);
    const auto now = identities_of(subject);
    return std::ranges::none_of(now, [&](const Identity& one) {
        return std::ranges::any_of(before, [&](const Identity& other) {
            return one.first == other.first && one.second.reveal() == other.second.reveal();
        });
    });
}

Json numbers_json(const Step& step) {
    const auto number = [&](const RoleId& role) -> Json {
        for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall))
            return step.telephone_of(seat);
        return step.telephone_of({});
    };
    return Json{{"day", number(step.policy()->front_door_role())},
                {"night", number(step.policy()->emergency_duty_role())}};
}

Json statuses_json(const Step& step, const std::vector<CareFlag>& flags) {
    Json list = Json::array();
    for (const auto& flag : flags) {
        list.push_back({{"status", flag.plan},
                        {"since", flag.since},
                        {"said_by", flag.said_by.value()},
                        {"telephone", step.telephone_of({flag.said_by, RoleId()})}});
    }
    return list;
}

}  // namespace

void write(Writer& out, const CareThread& thread) {
    out.u32(static_cast<std::uint32_t>(thread.notices.size()));
    for (const auto& notice : thread.notices) {
        out.id(notice.id).i64(notice.occurred_at.unix_ms());
        out.u8(static_cast<std::uint8_t>(notice.says)).text(notice.plan).id(notice.replaces);
        out.u32(static_cast<std::uint32_t>(notice.children.size()));
        for (const auto& child : notice.children) out.fixed(child);
    }
    out.u32(static_cast<std::uint32_t>(thread.visits.size()));
    for (const auto& at : thread.visits) out.i64(at.unix_ms());
}
void read(Reader& in, CareThread& thread) {
    for (auto left = in.count(45); left > 0 && in.ok(); --left) {
        CareNotice notice;
        notice.id = in.id<NotificationId>();
        notice.occurred_at = WallTime::from_unix_ms(in.i64());
        const auto says = in.u8();
        if (says > static_cast<std::uint8_t>(CareNotice::Says::never_was)) in.fail();
        notice.says = static_cast<CareNotice::Says>(says);
        notice.plan = in.text();
        notice.replaces = in.id<NotificationId>();
        for (auto rows = in.count(32); rows > 0 && in.ok(); --rows)
            notice.children.push_back(in.array<32>());
        thread.notices.push_back(std::move(notice));
    }
    for (auto left = in.count(8); left > 0 && in.ok(); --left)
        thread.visits.push_back(WallTime::from_unix_ms(in.i64()));
}

std::vector<CareFlag> care_flags_of(const SourceMemory& memory, const AgencyId& agency,
                                    const Subject& subject) {
    std::vector<CareFlag> flags;
    for (const auto& child : identities_of(subject)) {
        for (auto& flag : flags_from(memory.get(memory_key(agency, child))))
            flags.push_back(std::move(flag));
    }
    return united(std::move(flags));
}

bool is_look_up_inbox(const Step& step, const InboxId& inbox) {
    if (step.registry() == nullptr) return false;
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    return agency != nullptr &&
           std::ranges::any_of(agency->seats, [&](const area::SeatEntry& seat) {
               return seat.role.value() == look_up_role && seat.inbox == inbox && !seat.people;
           });
}

void keep_care_flag(Step& step, const InboxKey& key, InboxItem& item, const Opened& opened) {
    // Nothing can be read without the catalogue: it is taken in once there is one.
    if (step.policy() == nullptr) return table::handover_open.put(step.tx, key, {});
    const auto& [inbox, sender, id] = key;
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    CHECK(agency != nullptr);
    if (auto notice = notice_of(step, agency->id, opened)) {
        const auto thread = area::referral_of(opened.cover.thread, id);
        const auto put = [&](const ThreadKey& where, const CareNotice& what) {
            change(step, where, [&](CareThread& known) {
                const auto before = std::ranges::find(known.notices, what.id, &CareNotice::id);
                if (before == known.notices.end())
                    known.notices.push_back(what);
                else
                    *before = what;
            });
        };
        put({agency->id, sender, thread}, *notice);
        if (!notice->replaces.is_zero()) {
            // What it replaces was told as a thread of its own: a birth strikes it out there, a
            // correction says there what it says here.
            auto elsewhere = *notice;
            if (!is_correction(elsewhere)) elsewhere.says = CareNotice::Says::never_was;
            for (const auto& where : threads_with(step, {inbox, sender, notice->replaces})) {
                if (std::get<ThreadId>(where) != thread) put(where, elsewhere);
            }
        }
    }
    handed_over_here(step, key, item);
}

bool is_of_care_status(Step& step, const InboxKey& key) {
    return is_look_up_inbox(step, std::get<0>(key)) || !threads_with(step, key).empty();
}

void recall_care_flag(Step& step, const InboxKey& key) {
    table::handover_open.erase(step.tx, key);
    step.agent.handover_at.erase(key);
    const auto& id = std::get<2>(key);
    for (const auto& where : threads_with(step, key)) {
        change(step, where, [&](CareThread& thread) {
            std::erase_if(thread.notices,
                          [&](const CareNotice& notice) { return notice.id == id; });
        });
    }
}

void add_care_flags(Step& step, Notification& notification) {
    const auto* type = step.policy()->find_type(notification.facts.type);
    if (type == nullptr || type->row != area::row_attendance) return;
    const auto flags = flags_of(step, notification.agency, notification.subject);
    if (flags.empty()) return;
    auto& markers = notification.facts.markers;
    if (std::ranges::find(markers, active_marker) == markers.end()) {
        markers.emplace_back(active_marker);
        std::ranges::sort(markers);
    }
    std::set<WallTime> visits;
    for (const auto& flag : flags) {
        const ThreadKey key{notification.agency, flag.said_by, flag.thread};
        if (const auto thread = table::care_threads.get(step.tx, key))
            visits.insert(thread->visits.begin(), thread->visits.end());
    }
    if (visits.empty()) return;
    Json list = Json::array();
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(notification.agency);
    const std::string where = agency == nullptr ? notification.agency.value() : agency->name;
    for (auto at = visits.rbegin(); at != visits.rend() && list.size() < visits_kept; ++at)
        list.push_back(to_rfc3339(*at) + ", " + where);
    notification.sections[std::string(event_section)].insert_or_assign(
        "seen_before", PersonalText(text_of_json(list)));
}

void note_care_visit(Step& step, const Notification& notification, WallTime at) {
    const auto* type = step.policy()->find_type(notification.facts.type);
    if (type == nullptr || type->row != area::row_attendance) return;
    for (const auto& flag : flags_of(step, notification.agency, notification.subject)) {
        const ThreadKey key{notification.agency, flag.said_by, flag.thread};
        auto thread = table::care_threads.get(step.tx, key);
        if (!thread) continue;
        auto& visits = thread->visits;
        visits.insert(std::ranges::upper_bound(visits, at), at);
        if (visits.size() > visits_kept) visits.erase(visits.begin());
        table::care_threads.put(step.tx, key, *thread);
    }
}

bool is_still_to_be_heard(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(item.type);
    if (type == nullptr || type->row != area::row_attendance) return false;
    const auto told = stored_notification(step, id);
    if (!told || std::ranges::find(told->facts.markers, active_marker) == told->facts.markers.end())
        return false;
    const Bytes prefix = store::key_bytes(id);
    const auto rungs = table::rungs.collect_keys(step.tx, {.prefix = prefix});
    // What is passed on by itself nobody has read there.
    const auto& by_itself = step.policy()->pass_on_role();
    return std::ranges::none_of(rungs, [&](const auto& key) {
        if (std::get<1>(key).role == by_itself) return false;
        const auto rung = static_cast<wire::Rung>(std::get<2>(key));
        return rung == wire::Rung::opened || rung == wire::Rung::handed_over ||
               rung == wire::Rung::taken;
    });
}

Answer look_up_care_status(Step& step, const Caller& caller, const Json& body) {
    if (!has_role(caller, caller.row.agency, RoleId(std::string(unscheduled_role)))) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only people of unscheduled care look up a care status");
    }
    if (step.policy() == nullptr || step.registry() == nullptr)
        return Answer::failed(ErrorCode::busy, "This agent holds no policy yet");
    if (auto faults = faults_of(body); !faults.empty()) return Answer::faulty(std::move(faults));
    auto parsed = notification_from_json(text_of_json(attendance_json(step, caller, body)));
    if (!parsed.faults.empty()) return Answer::faulty(std::move(parsed.faults));
    auto& attendance = parsed.notification;
    if (identities_of(attendance.subject).empty()) {
        return Answer::faulty(
            {{"/subject", "not_linkable",
              "Nobody is found by this: give the NHS number with the date of birth or the surname. "
              "If you are worried about the child, do not wait for it: ring the front door"}});
    }
    if (!may_look_up_again(step, caller.person)) {
        return Answer::failed(ErrorCode::busy,
                              "More children were looked up than are seen in an hour. "
                              "If a child is before you now, ring the front door");
    }
    const auto flags = flags_of(step, caller.row.agency, attendance.subject);
    Json json;
    json["active"] = !flags.empty();
    json["statuses"] = statuses_json(step, flags);
    json["ring"] = numbers_json(step);
    json["attendance"] = nullptr;
    if (flags.empty()) {
        step.note_access(caller.person, "care_status_none", {}, caller.row.agency, {});
        return Answer::of(std::move(json));
    }
    // A plan of an unborn child stands under the mother, who may be an adult.
    attendance.subject.unborn =
        std::ranges::all_of(flags, [](const CareFlag& flag) { return flag.plan == "unborn_plan"; });
    if (attendance.subject.unborn)
        attendance.sections["voi"].insert_or_assign("reason_for_none", PersonalText("\"unborn\""));
    // A visit is told of once, whenever it is asked about again.
    const auto known = id_of_source(step, attendance.agency, attendance.source_ref);
    if (known && is_about_another(step, *known, attendance.subject)) {
        return Answer::faulty({{"/reference", "changed",
                                "This reference is that of another child's visit, or of one long "
                                "past: give the number of this one"}});
    }
    const auto before = known ? table::outbox.get(step.tx, *known) : std::nullopt;
    if (before && before->recalled_at.is_set()) {
        return Answer::faulty({{"/reference", "taken_back",
                                "What was told of this visit was taken back. To look up again, "
                                "give a number of its own"}});
    }
    const auto taken =
        known ? TakenIn{known, true, {}, {}}
              : take_in(step, attendance, caller.person, "care_status_look_up", &caller);
    if (!taken.id && taken.faults.empty()) return Answer::failed(taken.error);
    if (!taken.id) return Answer::faulty(taken.faults);
    json["attendance"] = to_text(*taken.id);
    step.note_access(caller.person, "care_status_found", {}, flags.front().said_by, *taken.id);
    return Answer::of(std::move(json));
}

}  // namespace mash::runtime
