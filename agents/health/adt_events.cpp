#include "agents/health/adt_events.hpp"

#include <algorithm>
#include <array>

#include "agents/health/care_status.hpp"
#include "agents/health/content.hpp"
#include "agents/health/hospital_memory.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::health {

namespace {

using runtime::Notification;
using runtime::SectionContent;
using runtime::SourceTime;

enum class Kind : std::uint8_t {
    arrived,
    to_inpatient,
    left,
    arrival_cancelled,
    departure_cancelled,
    changed,
    deleted,
    merged,
    visit_moved,
    counted
};

struct Event {
    std::string_view code;
    Kind kind;
    std::string_view word;  // in `understood`
};

// The older merges (A18, A34, A36, A39) say the same as A40 with less.
constexpr std::array<Event, 28> events{{
    {"A01", Kind::arrived, "admissions"},
    {"A04", Kind::arrived, "registrations"},
    {"A06", Kind::to_inpatient, "changes_to_inpatient"},
    {"A03", Kind::left, "discharges"},
    {"A11", Kind::arrival_cancelled, "cancelled_arrivals"},
    {"A13", Kind::departure_cancelled, "cancelled_discharges"},
    {"A08", Kind::changed, "updates"},
    {"A31", Kind::changed, "updates"},
    {"A28", Kind::changed, "people_added"},
    {"A29", Kind::deleted, "people_deleted"},
    {"A40", Kind::merged, "merges"},
    {"A18", Kind::merged, "merges"},
    {"A34", Kind::merged, "merges"},
    {"A36", Kind::merged, "merges"},
    {"A39", Kind::merged, "merges"},
    {"A47", Kind::merged, "identifiers_changed"},
    {"A43", Kind::merged, "identifiers_changed"},
    {"A45", Kind::visit_moved, "visits_moved"},
    {"A44", Kind::visit_moved, "visits_moved"},
    {"A02", Kind::counted, "moves"},
    {"A12", Kind::counted, "cancelled_moves"},
    {"A17", Kind::counted, "swaps"},
    {"A05", Kind::counted, "expected_admissions"},
    {"A07", Kind::counted, "changes_to_outpatient"},
    {"A09", Kind::counted, "moves"},
    {"A10", Kind::counted, "moves"},
    {"A21", Kind::counted, "leaves_of_absence"},
    {"A22", Kind::counted, "leaves_of_absence"},
}};

constexpr std::size_t told_visits_max = 32;
constexpr std::size_t merges_followed_max = 16;
// What lies further back when an agency's first message comes is history: remembered, and raises
// nothing.
constexpr std::chrono::hours news_at_first_import{24 * 7};

bool is_unscheduled(const AdtVisit& visit) {
    if (visit.patient_class == PatientClass::emergency) return true;
    std::string type = visit.admission_type;
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    // Table 0007: accident, emergency, urgent; many hospitals write the word.
    return type == "a" || type == "e" || type == "u" || type.starts_with("emer");
}

bool is_of_a_visit(Kind kind) {
    return kind == Kind::arrived || kind == Kind::to_inpatient || kind == Kind::left ||
           kind == Kind::arrival_cancelled || kind == Kind::departure_cancelled;
}

std::string plan_words(std::string_view plan) {
    if (plan == "looked_after") return "Looked after by a local authority";
    if (plan == "unborn_plan") return "Subject to a protection plan before birth";
    return "Subject to a child protection plan";
}

/// One message on its way.
class Taking {
public:
    Taking(const runtime::ReadContext& context, runtime::SourceMemory& memory,
           runtime::ReadFile& file, const AdtMessage& message, std::uint64_t record,
           std::uint64_t line)
        : context_(context),
          memory_(memory),
          file_(file),
          message_(message),
          record_(record),
          line_(line),
          base_("hl7/" + ref_part(message.application + "." + message.facility)) {}

    /// The key of the child for counting; "" for nobody.
    std::string run();

private:
    void note(std::string_view field, std::string rule, std::string words) {
        file_.note(record_, line_, field, std::move(rule), std::move(words));
    }
    void lose(std::string_view field, std::string rule, std::string words) {
        file_.lose(record_, line_, field, std::move(rule), std::move(words));
    }
    void count(std::string_view word) { ++file_.understood[std::string(word)]; }

    std::string memory_key(std::string_view what, const std::string& key) const {
        return base_ + "/" + context_.agency.value() + "/" + std::string(what) + "/" + key;
    }
    std::string person_key(const AdtPerson& person) const;
    std::string visit_key() const;
    WallTime happened() const;
    bool is_history(WallTime at) const {
        return file_.baseline && at + news_at_first_import < context_.now.wall;
    }

    void arrived();
    void to_inpatient();
    void left();
    void arrival_cancelled();
    void departure_cancelled();
    void changed();
    void deleted();
    void merged();
    void visit_moved();
    void death();

    Notification common(std::string type) const;
    SectionContent event(std::string_view what, WallTime at,
                         const std::optional<SourceTime>& said) const;
    void send(Notification notification, std::string_view kind, const std::string& visit,
              VisitState& state, bool replaces);
    void correct(const std::string& visit, std::string_view what, std::string_view kind);
    void correct_all(const std::vector<std::string>& visits, std::string_view what,
                     std::string_view kind);
    void keep_visit(const std::string& visit, const VisitState& state) {
        const std::string key = memory_key("visit", visit);
        const std::string text = text_of_state(state);
        if (memory_.get(key) != text) keep(key, text);
    }
    void keep_person(const std::string& person, const PersonState& state) {
        const std::string key = memory_key("person", person);
        const std::string text = text_of_state(state);
        if (memory_.get(key) != text) keep(key, text);
    }
    /// With the last notification of this message when it gave one: nothing refused is remembered.
    void keep(const std::string& key, const std::string& text) {
        if (made_ > 0)
            memory_.put_once_taken(file_.notifications.back(), key, text);
        else
            memory_.put(key, text);
    }
    VisitState visit(const std::string& key) const {
        return visit_state(memory_.get(memory_key("visit", key)));
    }
    PersonState person(const std::string& key) const {
        return person_state(memory_.get(memory_key("person", key)));
    }

    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& file_;
    const AdtMessage& message_;
    std::uint64_t record_;
    std::uint64_t line_;
    std::string base_;
    std::string who_;
    PersonState now_;
    bool expects_ = false;  ///< the patient is the mother of an unborn child who has a plan
    std::string identity_;
    std::size_t made_ = 0;
};

std::string Taking::person_key(const AdtPerson& person) const {
    if (!person.mrn.empty()) return ref_part(person.mrn);
    const std::string number = runtime::normalise_nhs_number(person.nhs_number.reveal());
    if (!number.empty()) return runtime::revision_of({PersonalText(number)});
    if (person.family.reveal().empty() || person.birth_date().empty()) return "";
    return runtime::revision_of({person.family, person.given, PersonalText(person.birth_date())});
}

std::string Taking::visit_key() const {
    if (!message_.visit.number.empty()) return ref_part(message_.visit.number);
    if (!message_.visit.admitted_at) return "";
    return who_ + "." + runtime::revision_of({PersonalText(words_of(*message_.visit.admitted_at))});
}

WallTime Taking::happened() const {
    const auto said = message_.happened_at();
    return said ? instant_of(*said) : context_.written_at;
}

Notification Taking::common(std::string type) const {
    const auto& person = message_.person;
    Notification out;
    out.agency = context_.agency;
    // Attendances, and what corrects them, are unscheduled care's to say, whatever else the agency
    // does.
    const bool of_a_visit = type != "child_death_notice" || context_.role.empty();
    out.role = of_a_visit ? RoleId("urg") : context_.role;
    out.facts.type = TypeId(std::move(type));
    auto& child = out.subject;
    child.unborn = expects_;
    child.nhs_number = person.nhs_number;
    child.forename = person.given;
    child.surname = person.family;
    child.date_of_birth = PersonalText(person.birth_date());
    child.postcode = person.postcode;
    for (const auto& alias : person.aliases) child.aliases.emplace_back(alias.given, alias.family);

    SectionContent identity;
    std::string forenames = person.given.reveal();
    if (!person.middle.reveal().empty()) forenames += " " + person.middle.reveal();
    put(identity, "forenames", PersonalText(forenames));
    put(identity, "surname", person.family);
    put(identity, "date_of_birth", child.date_of_birth);
    put(identity, "sex", PersonalText(runtime::sex_word(person.sex)));
    put(identity, "nhs_number", person.nhs_number);
    std::vector<std::string> aliases;
    for (const auto& alias : person.aliases)
        aliases.push_back(alias.given.reveal() + " " + alias.family.reveal());
    if (!aliases.empty()) identity["former_names"] = json_list(aliases);
    if (!person.mrn.empty()) identity["local_ids"] = json_list({"hospital number " + person.mrn});
    out.sections["idn"] = std::move(identity);
    return out;
}

SectionContent Taking::event(std::string_view what, WallTime at,
                             const std::optional<SourceTime>& said) const {
    SectionContent out;
    out["what"] = json_text(what);
    put(out, "date", PersonalText(area::to_text(said ? said->date : uk_day(at))));
    if (!said || said->instant) put(out, "time", PersonalText(to_rfc3339(at)));
    put(out, "reference", PersonalText(message_.visit.number));
    std::string place = message_.facility;
    const std::string ward = message_.visit.location.substr(0, message_.visit.location.find('^'));
    if (!ward.empty()) place += (place.empty() ? "" : ", ") + ward;
    put(out, "place", PersonalText(place));
    return out;
}

void Taking::send(Notification notification, std::string_view kind, const std::string& visit,
                  VisitState& state, bool replaces) {
    notification.thread_ref = base_ + "/visit/" + visit;
    const std::string ref = base_ + "/visit/" + visit + "/" + std::string(kind) + "/" +
                            std::to_string(++state.sent) + "/" + who_;
    notification.source_ref = ref;
    if (replaces) notification.supersedes_ref = state.ref;
    state.ref = ref;
    file_.notifications.push_back({record_, std::move(notification)});
    ++made_;
    memory_.put_once_taken(file_.notifications.back(), memory_key("visit", visit),
                           text_of_state(state));
}

void Taking::correct(const std::string& visit_id, std::string_view what, std::string_view kind) {
    auto state = visit(visit_id);
    if (!state.told) return;
    auto out = common("correction");
    const WallTime at = happened();
    out.facts.occurred_at = at;
    auto facts = event(what, at, message_.happened_at());
    put(facts, "reference", PersonalText(visit_id));
    out.sections["evt"] = std::move(facts);
    send(std::move(out), kind, visit_id, state, true);
}

void Taking::correct_all(const std::vector<std::string>& visits, std::string_view what,
                         std::string_view kind) {
    for (const auto& each : visits) correct(each, what, kind);
}

void Taking::arrived() {
    const std::string key = visit_key();
    if (key.empty())
        return lose("PV1-19", "required",
                    "The message names neither a visit nor when it began: a resend could not be "
                    "told from a second visit");
    if (message_.visit.number.empty())
        note("PV1-19", "required",
             "The visit has no number: it is known by patient and time of admission");
    auto state = visit(key);
    const auto said =
        message_.visit.admitted_at ? message_.visit.admitted_at : message_.happened_at();
    const WallTime at = said ? instant_of(*said) : context_.written_at;
    const auto recorded = message_.recorded_at ? instant_of(*message_.recorded_at) : at;
    if (state.cancelled_at != 0 && recorded.unix_ms() <= state.cancelled_at)
        return;  // its cancellation came first
    const bool is_admission = message_.event == "A01";
    if (state.told) {
        // Registered in the emergency department first, and now admitted; or the same once more.
        if (is_admission && !state.admitted) return to_inpatient();
        return;
    }
    if (state.history || !is_unscheduled(message_.visit)) return;
    count("unscheduled_attendances");
    const auto plan = active_status(memory_, context_.agency, message_.person.nhs_number,
                                    message_.person.birth_date(), said ? said->date : uk_day(at));
    // Nobody's business outside health (domain.md C6, row 7).
    if (!plan) return count("without_known_care_status");
    if (is_history(at)) {
        state.history = true;
        count("history");
        return keep_visit(key, state);
    }
    auto out = common("unscheduled_health_attendance");
    out.facts.occurred_at = at;
    out.facts.markers = {"care_status_active"};
    auto facts = event(
        is_admission ? "Admitted to hospital without an appointment" : "Came to unscheduled care",
        at, said);
    if (!message_.visit.arrival_mode.empty())
        put(facts, "details", PersonalText("Arrived by: " + message_.visit.arrival_mode));
    out.sections["evt"] = std::move(facts);
    SectionContent legal;
    put(legal, "has_plan_or_care_status", PersonalText("yes"));
    put(legal, "plan", PersonalText(plan_words(*plan)));
    out.sections["leg"] = std::move(legal);
    SectionContent voice;
    put(voice, "reason_for_none", PersonalText(expects_ ? "unborn" : "not_seen"));
    out.sections["voi"] = std::move(voice);
    state.told = true;
    state.admitted = is_admission;
    send(std::move(out), "attended", key, state, false);
    now_.visits.push_back(key);
    if (now_.visits.size() > told_visits_max) now_.visits.erase(now_.visits.begin());
}

void Taking::to_inpatient() {
    const std::string key = visit_key();
    auto state = visit(key);
    if (!state.told || state.admitted) return;
    auto out = common("unscheduled_health_attendance");
    const WallTime at = happened();
    out.facts.occurred_at = at;
    out.facts.markers = {"care_status_active"};
    out.sections["evt"] =
        event("Admitted to hospital from unscheduled care", at, message_.happened_at());
    state.admitted = true;
    send(std::move(out), "admitted", key, state, false);
}

void Taking::left() {
    const std::string key = visit_key();
    auto state = visit(key);
    if (key.empty() || state.left) return;
    const auto said =
        message_.visit.discharged_at ? message_.visit.discharged_at : message_.happened_at();
    const WallTime at = said ? instant_of(*said) : context_.written_at;
    state.left = true;
    if (!state.told) return keep_visit(key, state);
    auto out = common("unscheduled_health_attendance");
    out.facts.occurred_at = at;
    out.facts.markers = {"care_status_active"};
    auto facts = event("Discharged from hospital", at, said);
    if (said) put(facts, "ended_at", PersonalText(words_of(*said)));
    out.sections["evt"] = std::move(facts);
    send(std::move(out), "left", key, state, false);
}

void Taking::arrival_cancelled() {
    const std::string key = visit_key();
    if (key.empty()) return;
    auto state = visit(key);
    const auto recorded =
        message_.recorded_at ? instant_of(*message_.recorded_at) : context_.written_at;
    if (state.cancelled_at != 0) return;
    const bool told = state.told;
    state.cancelled_at = recorded.unix_ms();
    if (!told) return keep_visit(key, state);
    auto out = common("correction");
    out.facts.occurred_at = happened();
    out.sections["evt"] = event("This attendance was recorded in error: the child did not come",
                                happened(), message_.happened_at());
    // Its number may be used for a true attendance later.
    state.told = state.admitted = state.left = false;
    send(std::move(out), "cancelled", key, state, true);
    std::erase(now_.visits, key);
}

void Taking::departure_cancelled() {
    const std::string key = visit_key();
    auto state = visit(key);
    if (key.empty() || !state.left) return;
    state.left = false;
    if (!state.told) return keep_visit(key, state);
    auto out = common("correction");
    out.facts.occurred_at = happened();
    out.sections["evt"] = event("The discharge was recorded in error: the child has not left",
                                happened(), message_.happened_at());
    send(std::move(out), "discharge-cancelled", key, state, true);
}

void Taking::changed() {
    const bool is_news = !now_.identity.empty() && now_.identity != identity_;
    if (!is_news) return;
    count("demographic_changes");
    correct_all(now_.visits, "The hospital has changed who this child is recorded as", "identity");
}

void Taking::deleted() {
    if (now_.visits.empty() && now_.death_ref.empty()) return;
    note("PID-3", "person_deleted",
         "The hospital has deleted this person, and something was sent about them before: look it "
         "up under its reference, and recall it if it was wrong");
}

void Taking::merged() {
    if (message_.previous_mrn.empty())
        return lose("MRG-1", "required",
                    "The message does not say which record was merged: join them by hand");
    const std::string old_key = ref_part(message_.previous_mrn);
    if (old_key == who_) return;
    auto old = person(old_key);
    if (old.became == who_) return;
    const auto visits = old.visits;
    correct_all(visits, "The hospital has joined two records: this child is the one named here",
                "merged");
    now_.visits.insert(now_.visits.end(), visits.begin(), visits.end());
    if (now_.visits.size() > told_visits_max)
        now_.visits.erase(now_.visits.begin(), now_.visits.end() - told_visits_max);
    if (now_.death_ref.empty()) now_.death_ref = old.death_ref;
    old = {};
    old.became = who_;
    keep_person(old_key, old);
}

void Taking::visit_moved() {
    const std::string visit_id =
        !message_.previous_visit.empty() ? ref_part(message_.previous_visit) : visit_key();
    const std::string old_key = ref_part(message_.previous_mrn);
    auto old = person(old_key);
    if (message_.previous_mrn.empty() || old_key == who_ ||
        std::ranges::find(old.visits, visit_id) == old.visits.end())
        return;
    correct(visit_id,
            "This attendance was recorded for another child: it belongs to the one named "
            "here",
            "moved");
    std::erase(old.visits, visit_id);
    now_.visits.push_back(visit_id);
    keep_person(old_key, old);
}

void Taking::death() {
    const auto& person = message_.person;
    if (person.dead == false && person.died_at)
        note("PID-29", "death_contradicted",
             "The message gives a time of death and says that the person is not dead: nothing was "
             "announced. Find out which is true, and report a death by hand if it is one");
    if (person.dead != true) return;
    count("deaths");
    if (!now_.death_ref.empty()) return;
    const auto said = person.died_at ? person.died_at : message_.happened_at();
    const WallTime at = said ? instant_of(*said) : context_.written_at;
    if (person.birth_date().empty())
        return note("PID-7", "unknown_age",
                    "A death without a date of birth: nobody can tell whether it was a child. Find "
                    "out, and report it by hand if it was");
    const std::string ref = base_ + "/death/1/" + who_;
    now_.death_ref = ref;
    if (is_history(at)) return count("history");
    auto out = common("child_death_notice");
    out.source_ref = ref;
    out.thread_ref = base_ + "/death/" + who_;
    out.facts.occurred_at = at;
    out.sections["evt"] = event("The hospital has recorded the death of this child", at, said);
    file_.notifications.push_back({record_, std::move(out)});
    ++made_;
}

std::string Taking::run() {
    if (message_.type != "ADT") {
        lose("MSH-9", "unsupported_type", "This is no ADT message: only those are read here");
        return "";
    }
    const auto* found = std::ranges::find(events, message_.event, &Event::code);
    if (found == events.end()) {
        count("other_events");
        ++file_.passed_over;
        return "";
    }
    count(found->word);
    if (!message_.has_pid) {
        lose("PID", "required", "The message names no patient");
        return "";
    }
    const auto& patient = message_.person;
    const auto happened_at = message_.happened_at();
    const auto day = patient.dead == true && patient.died_at ? patient.died_at->date
                     : happened_at                           ? happened_at->date
                                                             : uk_day(context_.written_at);
    expects_ = active_status(memory_, context_.agency, patient.nhs_number, patient.birth_date(),
                             day) == "unborn_plan";
    const bool is_adult = runtime::age_at(patient.birth_date(), day).value_or(0) >= 18;
    // An adult is nobody we may speak of: not even a fault is told of the message. That a mother
    // came whose unborn child has a plan is about the child.
    if (is_adult && !(expects_ && is_of_a_visit(found->kind))) {
        count("about_adults");
        ++file_.passed_over;
        return "";
    }
    who_ = person_key(patient);
    if (who_.empty()) {
        lose("PID-3", "not_linkable",
             "No number of the patient, and no surname with a date of birth: nobody could be "
             "recognised by this. If it reports danger to a child, ring the front door");
        return "";
    }
    now_ = person(who_);
    // A record may have been merged more than once; a ring is no chain.
    for (std::size_t step = 0; !now_.became.empty() && step < merges_followed_max; ++step) {
        who_ = now_.became;
        now_ = person(who_);
    }
    for (const auto& fault : message_.faults) note(fault.field, fault.rule, fault.message);
    if (!message_.processing.empty() && message_.processing != "P") {
        count("test_messages");
        ++file_.passed_over;
        return who_;
    }
    identity_ = runtime::revision_of({patient.nhs_number, patient.family, patient.given,
                                      PersonalText(patient.birth_date()), patient.postcode});
    switch (found->kind) {
        case Kind::arrived: arrived(); break;
        case Kind::to_inpatient: to_inpatient(); break;
        case Kind::left: left(); break;
        case Kind::arrival_cancelled: arrival_cancelled(); break;
        case Kind::departure_cancelled: departure_cancelled(); break;
        case Kind::changed: changed(); break;
        case Kind::deleted: deleted(); break;
        case Kind::merged: merged(); break;
        case Kind::visit_moved: visit_moved(); break;
        case Kind::counted: break;
    }
    const bool lost = !file_.rejected_records.empty() && file_.rejected_records.back() == record_;
    if (lost) return who_;
    if (!is_adult) death();
    if (made_ == 0) ++file_.passed_over;
    // An event without demographics (a bare merge) says nothing new about who this is.
    if (!patient.family.reveal().empty()) now_.identity = identity_;
    keep_person(who_, now_);
    return who_;
}

}  // namespace

void AdtEvents::take(const AdtMessage& message, std::uint64_t record, std::uint64_t line) {
    Taking taking(context_, memory_, file_, message, record, line);
    const std::string child = taking.run();
    if (child.empty()) return;
    children_.add(message.application + "/" + child);
    file_.children = children_.count();
}

}  // namespace mash::health
