#include "agents/health/fhir_events.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "agents/health/care_status.hpp"
#include "agents/health/content.hpp"
#include "agents/health/fhir_codes.hpp"
#include "agents/health/told_people.hpp"
#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::health {

namespace {

using Json = nlohmann::json;
using runtime::AgeGroup;
using runtime::Notification;
using runtime::SectionContent;
using runtime::SourceTime;

constexpr std::string_view nhs_system = "https://fhir.nhs.uk/Id/nhs-number";
constexpr std::chrono::hours news_at_first_import{24 * 7};
constexpr std::size_t records_max = 4;  // of one person
// Where several codings of one flag mean different things, the most guarded type is meant.
constexpr std::array<std::string_view, 4> by_weight{
    "harmful_practice_concern", "radicalisation_concern", "exploitation_concern",
    "safeguarding_referral"};

struct Resource {
    const FhirNode* node = nullptr;
    std::string full_url;
    std::string type;
    std::uint64_t record = 0;
};

/// Of whom something is said, as far as the message tells.
struct Who {
    bool is_place = false;
    std::string key;  ///< of the source, or a digest: to count children by
    PersonalText nhs_number;
    PersonalText family, given;
    std::string born;
    std::string sex;
    PersonalText postcode;
    std::vector<std::pair<PersonalText, PersonalText>> aliases;  ///< (forename, surname)
    /// What the source's own records of this person are known by: its own identifiers, of one
    /// without any the NHS number.
    std::vector<std::string> records;
    std::string id;  ///< of the resource; other resources' links name it
    bool is_linkable() const {
        return !runtime::normalise_nhs_number(nhs_number.reveal()).empty() ||
               (!family.reveal().empty() && !born.empty());
    }
    bool is_known() const { return !nhs_number.reveal().empty() || !family.reveal().empty(); }
};

std::string nhs_number_of(const FhirNode& node, std::string_view path) {
    for (const auto* identifier : node.all(path)) {
        if (identifier->text("system") == nhs_system) return identifier->text("value");
    }
    return {};
}

std::string record_of(const std::string& system, const std::string& value) {
    return runtime::revision_of({PersonalText(system), PersonalText(value)});
}

std::vector<std::string> records_of(const FhirNode& node, std::string_view path) {
    std::vector<std::string> out;
    for (const auto* identifier : node.all(path)) {
        const std::string system = identifier->text("system");
        const std::string value = identifier->text("value");
        if (system.empty() || value.empty() || system == nhs_system) continue;
        if (out.size() < records_max) out.push_back(record_of(system, value));
    }
    const std::string number = runtime::normalise_nhs_number(nhs_number_of(node, path));
    if (out.empty() && !number.empty()) out.push_back(record_of(std::string(nhs_system), number));
    return out;
}

Who who_of_patient(const Resource& resource) {
    const auto& node = *resource.node;
    Who out;
    out.nhs_number = PersonalText(nhs_number_of(node, "identifier"));
    const auto names = node.all("name");
    const auto is_in_use = [](const FhirNode* name) {
        const std::string use = name->text("use");
        return use == "official" || use == "usual" || use.empty();
    };
    const auto main = std::ranges::find_if(names, is_in_use);
    for (auto name = names.begin(); name != names.end(); ++name) {
        if (name == main) {
            out.family = PersonalText((*name)->text("family"));
            out.given = PersonalText((*name)->text("given"));
        } else {
            out.aliases.emplace_back((*name)->text("given"), (*name)->text("family"));
        }
    }
    out.born = runtime::source_birth_date(node.text("birthDate"));
    out.sex = node.text("gender");
    out.postcode = PersonalText(node.text("address/postalCode"));
    out.records = records_of(node, "identifier");
    out.id = node.text("id");
    const std::string number = runtime::normalise_nhs_number(out.nhs_number.reveal());
    out.key = !number.empty()
                  ? runtime::revision_of({PersonalText(number)})
                  : runtime::revision_of({out.family, out.given, PersonalText(out.born)});
    return out;
}

std::string plan_words(std::string_view plan) {
    if (plan == "looked_after") return "Looked after by a local authority";
    if (plan == "unborn_plan") return "Subject to a protection plan before birth";
    return "Subject to a child protection plan";
}

RecordedIdentity identity_of(const Who& who) {
    return RecordedIdentity(
        {who.nhs_number, who.family, who.given, PersonalText(who.born), who.postcode});
}

/// Of a flag: whether it says anything else of its child.
std::string subject_revision(const Who& who) {
    return runtime::revision_of({who.nhs_number, who.family, who.given, PersonalText(who.born)});
}

struct FlagState {
    std::string ref;
    std::string revision;
    std::string subject;  // a digest: of whom it was told last
    unsigned sent = 0;
    bool withdrawn = false;
    bool admitted = false;  // of a visit
    bool left = false;
};

// What is remembered of what was told.
constexpr std::string_view flag_prefix = "flag/";
constexpr std::string_view visit_prefix = "encounter/";

/// A moment as far as it is said.
struct Moment {
    SourceTime time;
    WallTime at;
    std::string as_known;  ///< "2026-07" where no day is said; "" otherwise
};

FlagState flag_state(const std::optional<std::string>& text) {
    FlagState out;
    const auto json = Json::parse(text.value_or("{}"), nullptr, false);
    if (!json.is_object()) return out;
    out.ref = json.value("ref", "");
    out.revision = json.value("revision", "");
    out.subject = json.value("subject", "");
    out.sent = json.value("sent", 0U);
    out.withdrawn = json.value("withdrawn", false);
    out.admitted = json.value("admitted", false);
    out.left = json.value("left", false);
    return out;
}

std::string text_of_state(const FlagState& state) {
    return Json{{"ref", state.ref},   {"revision", state.revision},   {"subject", state.subject},
                {"sent", state.sent}, {"withdrawn", state.withdrawn}, {"admitted", state.admitted},
                {"left", state.left}}
        .dump();
}

class FhirSet {
public:
    explicit FhirSet(const FhirNode& root) {
        if (root.name != "Bundle") {
            add(root, "");
            return;
        }
        for (const auto* entry : root.all("entry")) {
            if (const auto* resource = entry->at("resource"))
                add(*resource, entry->text("fullUrl"));
        }
    }
    const std::vector<Resource>& resources() const { return resources_; }

    /// What a reference leads to; null for nothing, which is common.
    const Resource* resolve(const std::string& reference) const {
        if (reference.empty()) return nullptr;
        const auto found = std::ranges::find_if(resources_, [&](const Resource& each) {
            if (!each.full_url.empty() &&
                (each.full_url == reference || each.full_url.ends_with("/" + reference)))
                return true;
            const std::string id = each.node->text("id");
            return !id.empty() && (each.type + "/" + id) == reference;
        });
        return found == resources_.end() ? nullptr : &*found;
    }

private:
    void add(const FhirNode& node, std::string full_url) {
        resources_.push_back(
            {&node, std::move(full_url), node.text("resourceType"), resources_.size() + 1});
    }
    std::vector<Resource> resources_;
};

class Taking {
public:
    Taking(const FhirNode& root, const runtime::ReadContext& context, runtime::SourceMemory& memory,
           runtime::ReadFile& out)
        : set_(root),
          context_(context),
          memory_(memory),
          out_(out),
          snapshot_(memory, "fhir", context.agency),
          people_(snapshot_) {
        out_.baseline = snapshot_.is_baseline();
        const auto said = runtime::parse_source_time(root.text("timestamp"));
        written_ = said && said->instant ? *said->instant : context.written_at;
    }

    void run() {
        out_.records = set_.resources().size();
        for (const auto& each : set_.resources()) {
            if (each.type == "MessageHeader") read_header(each);
        }
        // The national flag first: an attendance of the same message rests on it.
        for (const auto& each : set_.resources()) {
            if (each.type == "Flag") national_flag(each);
            if (each.type == "CareTeam") count("care_teams");
            if (each.type == "CarePlan" || each.type == "CareTeam") plan(each, nullptr);
        }
        for (const auto& each : set_.resources()) {
            if (each.type == "Flag") flag(each);
            if (each.type == "Encounter") encounter(each);
            if (each.type == "Patient") patient(each);
            if (each.type == "AuditEvent") looked_up(each);
        }
        // Last: what this message says of its own accord is not said twice.
        for (const auto& each : set_.resources()) {
            if (each.type == "Patient") recorded_anew(each);
        }
        snapshot_.end_baseline();
    }

private:
    void count(std::string_view word) { ++out_.understood[std::string(word)]; }

    void read_header(const Resource& header) {
        count("messages");
        contact_ = header.node->text("source/name");
        source_ = header.node->text("source/endpoint");
        const std::string phone = header.node->text("source/contact/value");
        if (!phone.empty()) contact_ += (contact_.empty() ? "" : ", ") + phone;
    }

    std::optional<Who> subject_of(const FhirNode& node, std::string_view path) {
        const auto* reference = node.at(path);
        if (reference == nullptr) return std::nullopt;
        const std::string to = reference->text("reference");
        if (const auto* found = set_.resolve(to)) {
            if (found->type == "Patient") return who_of_patient(*found);
            Who place;
            place.is_place = true;
            return place;
        }
        Who out;
        out.is_place = to.starts_with("Location/") || reference->text("type") == "Location";
        // A logical reference: the number alone, and nobody in the message.
        out.nhs_number = PersonalText(nhs_number_of(*reference, "identifier"));
        out.records = records_of(*reference, "identifier");
        const std::string number = runtime::normalise_nhs_number(out.nhs_number.reveal());
        out.key = number.empty() ? to : runtime::revision_of({PersonalText(number)});
        return out;
    }

    void saw(const Who& who) {
        if (!who.key.empty()) children_.insert(who.key);
        out_.children = children_.size();
    }

    /// What the source itself calls it; of one without any name its content.
    static std::string key_of(const Resource& resource) {
        for (const auto& name : {resource.node->text("identifier/value"), resource.node->text("id"),
                                 resource.full_url}) {
            if (!name.empty()) return ref_part(name);
        }
        return "";
    }

    Notification common(const Who& who, std::string type) const {
        Notification out;
        out.agency = context_.agency;
        out.role = context_.role.empty() ? RoleId("urg") : context_.role;
        out.facts.type = TypeId(std::move(type));
        auto& child = out.subject;
        child.nhs_number = who.nhs_number;
        child.forename = who.given;
        child.surname = who.family;
        child.date_of_birth = PersonalText(who.born);
        child.postcode = who.postcode;
        child.aliases = who.aliases;
        SectionContent identity;
        put(identity, "forenames", who.given);
        put(identity, "surname", who.family);
        put(identity, "date_of_birth", child.date_of_birth);
        if (!who.sex.empty()) put(identity, "sex", PersonalText(runtime::sex_word(who.sex)));
        put(identity, "nhs_number", who.nhs_number);
        if (!identity.empty()) out.sections["idn"] = std::move(identity);
        SectionContent contact;
        put(contact, "whom_to_ring", PersonalText(contact_));
        if (!contact.empty()) out.sections["pro"] = std::move(contact);
        SectionContent voice;
        put(voice, "reason_for_none", PersonalText("not_seen"));
        out.sections["voi"] = std::move(voice);
        return out;
    }

    /// Of a year or a month alone the last day that it can have been: nothing is taken for older
    /// than it is.
    std::optional<Moment> moment(const std::string& text) const {
        if (const auto whole = runtime::parse_source_time(text))
            return Moment{*whole, instant_of(*whole), ""};
        const auto days = days_of(text);
        if (!days) return std::nullopt;
        const auto day = std::min(days->last, uk_day(written_));
        return Moment{SourceTime{day, std::nullopt},
                      std::min(runtime::from_uk_local(day, 12 * 3600), written_),
                      runtime::source_birth_date(text)};
    }

    SectionContent event(std::string_view what, const std::optional<Moment>& said,
                         const std::string& reference) const {
        SectionContent out;
        out["what"] = json_text(what);
        put(out, "date",
            PersonalText(!said                    ? area::to_text(uk_day(written_))
                         : said->as_known.empty() ? area::to_text(said->time.date)
                                                  : said->as_known));
        if (!said || said->time.instant)
            put(out, "time", PersonalText(to_rfc3339(said ? said->at : written_)));
        put(out, "reference", PersonalText(reference));
        return out;
    }

    // ---- the national flag (CP-IS) ----

    static bool is_national(const FhirNode& flag) {
        return std::ranges::any_of(flag.all("code/coding"), [](const FhirNode* coding) {
            return coding->text("code") == cpis_flag;
        });
    }
    static bool is_withdrawn(const FhirNode& node) {
        const std::string status = node.text("status");
        return status == "entered-in-error" || status == "inactive" || status == "revoked";
    }

    void national_flag(const Resource& flag) {
        if (!is_national(*flag.node)) return;
        count("national_flags");
        const auto* detail = flag.node->extension("flag-detail");
        const auto* found =
            detail == nullptr ? nullptr : set_.resolve(detail->text("valueReference/reference"));
        if (found == nullptr)
            return out_.note(flag.record, 0, "extension", "not_found",
                             "The flag's plan is not in the message: the flag says nothing");
        // A flag that is taken back takes its plan with it.
        if (is_withdrawn(*flag.node)) plan(*found, flag.node);
    }

    void plan(const Resource& resource, const FhirNode* withdrawn_by) {
        const auto& node = *resource.node;
        std::optional<std::string_view> kind;
        for (const auto* coding : node.all("category/coding")) {
            if (const auto each = plan_of_code(coding->text("code"))) kind = each;
        }
        if (!kind) return;
        auto who = subject_of(node, "subject");
        CareStatus status;
        status.plan = *kind;
        // Of a month alone: from its first day to its last.
        const auto start = days_of(node.text("period/start"));
        const auto end = days_of(node.text("period/end"));
        if (!end && !node.text("period/end").empty())
            return out_.note(resource.record, 0, "period/end", "bad_date",
                             "The plan's end is not a date, so that nobody knows whether it is "
                             "open: nothing was remembered of it");
        status.start = start ? area::to_text(start->first) : "";
        status.end = end ? area::to_text(end->last) : "";
        status.withdrawn = withdrawn_by != nullptr || is_withdrawn(node);
        const std::string word = node.text("status");
        if (status.end.empty() && (word == "completed" || word == "suspended"))
            status.end = area::to_text(uk_day(written_));
        if (withdrawn_by == nullptr) {
            // A past end is never active, whatever the status says.
            const bool open =
                !status.withdrawn &&
                (status.end.empty() || status.end >= area::to_text(uk_day(context_.now.wall)));
            count(open ? "active_plans" : "ended_plans");
            if (who) saw(*who);
            if (!who || runtime::normalise_nhs_number(who->nhs_number.reveal()).empty())
                return out_.note(resource.record, 0, "subject", "not_linkable",
                                 "The plan's child has no valid NHS number in this message: nobody "
                                 "is recognised by it");
        }
        if (who) remember_status(memory_, context_.agency, who->nhs_number, who->born, status);
    }

    // ---- safeguarding flags ----

    struct Meaning {
        bool is_safeguarding = false;
        bool only_of_children = false;
        bool unborn = false;
        std::string type;
        std::string kind;
        std::string words;
    };

    static Meaning meaning_of(const FhirNode& flag) {
        Meaning out;
        for (const auto* coding : flag.all("category/coding")) {
            if (coding->text("system") == flag_categories_system &&
                coding->text("code") == safeguarding_category)
                out.is_safeguarding = true;
        }
        std::size_t best = by_weight.size();
        bool has_coding = false;
        for (const auto* coding : flag.all("code/coding")) {
            const std::string code = coding->text("code");
            if (coding->text("system") == safeguarding_codes_system || code == fgm_family_history)
                out.is_safeguarding = true;
            const auto* known = safeguarding_code(code);
            has_coding = true;
            std::string words =
                known != nullptr ? std::string(known->words) : coding->text("display");
            if (words.empty()) words = "Unspecified safeguarding concern";
            const std::string_view type =
                known != nullptr ? known->type : std::string_view("safeguarding_referral");
            if (type.empty()) continue;
            out.words += (out.words.empty() ? "" : "; ") + words;
            out.unborn = out.unborn || code == unborn_concern;
            out.only_of_children =
                out.only_of_children || (known != nullptr && known->only_of_children);
            const auto weight =
                static_cast<std::size_t>(std::ranges::find(by_weight, type) - by_weight.begin());
            if (weight >= best) continue;
            best = weight;
            out.type = type;
            out.kind = known != nullptr ? known->kind : std::string_view();
        }
        if (!has_coding) {
            out.type = "safeguarding_referral";
            out.words = flag.text("code/text");
        }
        return out;
    }

    void flag(const Resource& resource) {
        const auto& node = *resource.node;
        count("flags");
        const auto meaning = meaning_of(node);
        if (is_national(node) || !meaning.is_safeguarding) return;
        count("safeguarding_flags");
        if (meaning.type.empty()) {
            count("no_concern_or_about_adults");
            return ++out_.passed_over, void();
        }
        auto who = subject_of(node, "subject").value_or(Who());
        if (who.is_place) {
            count("about_places");
            return ++out_.passed_over, void();
        }
        const auto start = moment(node.text("period/start"));
        const SourceTime day{uk_day(written_), std::nullopt};
        const auto age = runtime::age_group(PersonalText(who.born), day);
        // An unborn child's flag hangs on the mother.
        if (age == AgeGroup::adult && !meaning.unborn) {
            count("about_adults");
            return ++out_.passed_over, void();
        }
        saw(who);
        std::string key = key_of(resource);
        if (key.empty())
            key = runtime::revision_of({who.nhs_number, who.family, PersonalText(meaning.words),
                                        PersonalText(node.text("period/start"))});
        if (who.key.empty() || !who.is_linkable()) {
            if (!meaning.only_of_children)
                return out_.lose(resource.record, 0, "subject", "not_linkable",
                                 "The message does not say whom the flag is about, so that nobody "
                                 "could be recognised by it or be known to be a child. If it is "
                                 "about a child, ring the front door");
            out_.note(resource.record, 0, "subject", "not_linkable",
                      "The message does not say enough of the child to recognise them: the front "
                      "door gets this unmatched");
        } else if (age == AgeGroup::unknown && !meaning.only_of_children && !meaning.unborn) {
            out_.note(resource.record, 0, "subject", "unknown_age",
                      "The message gives no date of birth: this goes as about a child");
        }
        tell_flag(resource, meaning, who, start, key);
    }

    void tell_flag(const Resource& resource, const Meaning& meaning, const Who& who,
                   const std::optional<Moment>& start, const std::string& key) {
        const auto& node = *resource.node;
        const std::string held_as = std::string(flag_prefix) + key;
        auto state = flag_state(snapshot_.before(held_as));
        const bool withdrawn = node.text("status") != "active";
        const WallTime at = start ? start->at : written_;
        count(withdrawn ? "withdrawn_flags" : "active_flags");
        if (withdrawn) {
            if (state.withdrawn) return ++out_.passed_over, void();
            state.withdrawn = true;
            if (state.ref.empty()) {
                ++out_.passed_over;
                return snapshot_.keep(held_as, text_of_state(state));
            }
            auto out = common(who, "correction");
            out.facts.occurred_at = written_;
            out.sections["evt"] =
                event("The health service has taken this flag back", std::nullopt, key);
            return give(resource, std::move(out), key, "withdrawn", held_as, state);
        }
        const std::string revision = runtime::revision_of(
            {PersonalText(meaning.words), PersonalText(node.text("code/text"))});
        const std::string subject_now = subject_revision(who);
        if (!state.withdrawn && state.revision == revision && state.subject == subject_now)
            return ++out_.passed_over, void();
        state.revision = revision;
        state.subject = subject_now;
        if (out_.baseline && at + news_at_first_import < context_.now.wall) {
            count("history");
            ++out_.passed_over;
            return snapshot_.keep(held_as, text_of_state(state));
        }
        Who subject = who;
        if (meaning.unborn) subject = Who();
        auto out = common(subject, meaning.type);
        out.subject.unborn = meaning.unborn;
        if (meaning.unborn) {
            const std::string mother =
                "Mother: " + who.given.reveal() + " " + who.family.reveal() +
                (who.nhs_number.reveal().empty() ? "" : ", NHS number " + who.nhs_number.reveal());
            SectionContent household;
            household["members"] = json_list({mother});
            out.sections["hhd"] = std::move(household);
        }
        out.facts.kind = meaning.kind;
        out.facts.harm = wire::Harm::suspected;
        out.facts.purpose = wire::Purpose::inform_function;
        out.facts.occurred_at = at;
        auto facts =
            event("The health service has set a safeguarding flag: " + meaning.words, start, key);
        put(facts, "details", PersonalText(node.text("code/text")));
        out.sections["evt"] = std::move(facts);
        const bool raised_before = state.withdrawn;
        state.withdrawn = false;
        if (raised_before) state.ref.clear();
        give(resource, std::move(out), key, "raised", held_as, state);
        // Of the unborn child's flag the mother is not the child.
        if (!meaning.unborn) note_told(who, held_as);
    }

    void give(const Resource& resource, Notification out, const std::string& key,
              std::string_view kind, const std::string& held_as, FlagState& state,
              bool replaces = true) {
        out.thread_ref = "fhir/flag/" + key;
        out.source_ref =
            out.thread_ref + "/" + std::string(kind) + "/" + std::to_string(++state.sent);
        if (replaces) out.supersedes_ref = state.ref;
        state.ref = out.source_ref;
        out_.notifications.push_back({resource.record, std::move(out)});
        snapshot_.keep_once_taken(out_.notifications.back(), held_as, text_of_state(state));
        said_here_.insert(held_as);
    }

    // ---- who a person is recorded as ----

    std::string id_record(const std::string& reference) const {
        return "id/" + runtime::revision_of({PersonalText(source_), PersonalText(reference)});
    }

    /// By the notification that was given last.
    void note_told(const Who& who, const std::string& held_as) {
        auto& made = out_.notifications.back();
        people_.tell(made, who.records, identity_of(who), held_as);
        const auto found = people_.find(who.records);
        if (found && !who.id.empty())
            people_.keep_record(made, id_record("Patient/" + who.id), found->key);
    }

    /// Corrects each of these that still stands; whether any did.
    bool correct(const Resource& resource, const std::vector<std::string>& all, const Who& who,
                 std::string_view what, std::string_view kind) {
        const std::size_t before = out_.notifications.size();
        for (const auto& held_as : all) {
            auto state = flag_state(snapshot_.before(held_as));
            if (state.ref.empty() || state.withdrawn || said_here_.contains(held_as)) continue;
            const bool is_visit = held_as.starts_with(visit_prefix);
            const std::string key =
                held_as.substr(is_visit ? visit_prefix.size() : flag_prefix.size());
            auto out = common(who, "correction");
            if (is_visit) out.role = RoleId("urg");
            out.facts.occurred_at = written_;
            out.sections["evt"] = event(what, std::nullopt, key);
            state.subject = subject_revision(who);
            give(resource, std::move(out), (is_visit ? "visit-" : "") + key, kind, held_as, state);
        }
        return out_.notifications.size() > before;
    }

    bool is_adult(const Who& who) const {
        return runtime::age_group(PersonalText(who.born), SourceTime{uk_day(written_), {}}) ==
               AgeGroup::adult;
    }

    void recorded_anew(const Resource& resource) {
        const auto& node = *resource.node;
        const auto who = who_of_patient(resource);
        bool is_replaced = node.text("active") == "false";
        for (const auto* link : node.all("link")) {
            const std::string type = link->text("type");
            is_replaced = is_replaced || type == "replaced-by";
            if (type == "replaced-by" || type == "replaces")
                joined(resource, who, *link, type == "replaces");
        }
        if (is_replaced || is_adult(who) || who.family.reveal().empty()) return;
        auto found = people_.find(who.records);
        // What an old record says of somebody whose records were joined is old.
        if (!found || found->is_merged) return;
        const auto before = RecordedIdentity::from(found->state.identity);
        const auto now = identity_of(who);
        if (!now.is_news_to(before)) return;
        count("demographic_changes");
        found->state.identity = now.over(before).text();
        const bool is_told =
            correct(resource, found->state.visits, who,
                    "The health service has changed who this child is recorded as", "identity");
        people_.keep(is_told ? &out_.notifications.back() : nullptr, found->key, found->state);
    }

    /// Two records of one person: `survives`: this one replaces the other.
    void joined(const Resource& resource, const Who& who, const FhirNode& link, bool survives) {
        count("merges");
        const std::string reference = link.text("other/reference");
        const auto* found = set_.resolve(reference);
        if (found != nullptr && found->type != "Patient") return;
        Who other = found != nullptr ? who_of_patient(*found) : Who();
        if (found == nullptr) {
            other.records = records_of(link, "other/identifier");
            other.nhs_number = PersonalText(nhs_number_of(link, "other/identifier"));
            if (!reference.empty()) other.records.push_back(id_record(reference));
        }
        const auto old_told = people_.find(survives ? other.records : who.records);
        if (!old_told || old_told->state.visits.empty()) return;
        Who now = survives ? who : other;
        if (!survives && found == nullptr) {
            // A number that was superseded: the same person under another.
            if (runtime::normalise_nhs_number(other.nhs_number.reveal()).empty())
                return out_.note(resource.record, 0, "link", "not_found",
                                 "This record was joined to one that is not in the message, and "
                                 "something was told of it before: send both records together, so "
                                 "that whoever was told hears who the child is");
            now = who;
            now.nhs_number = other.nhs_number;
            now.records = other.records;
        }
        if (is_adult(now)) return count("about_adults");
        if (now.records.empty()) return;
        auto new_told =
            people_.find(now.records).value_or(ToldPeople::Found{now.records.front(), {}, false});
        if (new_told.key == old_told->key) return;
        const auto visits = old_told->state.visits;
        if (!correct(resource, visits, now,
                     "The health service has joined two records: this child is the one named here",
                     "merged"))
            return;
        auto& made = out_.notifications.back();
        auto& state = new_told.state;
        state.visits.insert(state.visits.end(), visits.begin(), visits.end());
        state.identity = identity_of(now).over(RecordedIdentity::from(state.identity)).text();
        people_.keep(&made, new_told.key, state);
        for (const auto& record : now.records) people_.keep_record(made, record, new_told.key);
        PersonState gone;
        gone.became = new_told.key;
        people_.keep(&made, old_told->key, gone);
    }

    // ---- unscheduled care and death ----

    Notification attendance(const Who& who, std::string_view what,
                            const std::optional<Moment>& said, const FhirNode& node,
                            const std::string& key) const {
        auto out = common(who, "unscheduled_health_attendance");
        out.role = RoleId("urg");  // whatever else the agency does
        out.facts.occurred_at = said ? said->at : written_;
        out.facts.markers = {"care_status_active"};
        auto facts = event(what, said, key);
        put(facts, "place", PersonalText(node.text("serviceProvider/display")));
        out.sections["evt"] = std::move(facts);
        return out;
    }

    void encounter(const Resource& resource) {
        const auto& node = *resource.node;
        count("encounters");
        const std::string patient_class = node.text("class/code");
        const bool is_emergency = patient_class == "EMER";
        // A stay on a ward is news only of a child whose arrival was.
        if (!is_emergency && patient_class != "IMP") return;
        const auto who = subject_of(node, "subject");
        const auto start = moment(node.text("period/start"));
        const auto end = moment(node.text("period/end"));
        const WallTime at = start ? start->at : written_;
        const SourceTime day = start ? start->time : SourceTime{uk_day(at), std::nullopt};
        if (!who || runtime::age_group(PersonalText(who->born), day) == AgeGroup::adult) {
            count("about_adults");
            return ++out_.passed_over, void();
        }
        saw(*who);
        if (is_emergency) count("unscheduled_attendances");
        const std::string key = key_of(resource);
        const std::string status = node.text("status");
        const bool cancelled = status == "cancelled" || status == "entered-in-error";
        const bool left = status == "finished";
        const std::string held_as = std::string(visit_prefix) + key;
        auto state = flag_state(snapshot_.before(held_as));
        const bool told = !state.ref.empty() && !state.withdrawn;
        if (told && cancelled) {
            auto out = common(*who, "correction");
            out.role = RoleId("urg");
            out.facts.occurred_at = written_;
            out.sections["evt"] = event(
                "This attendance was recorded in error: the child did not come", std::nullopt, key);
            state.withdrawn = true;
            return give(resource, std::move(out), "visit-" + key, "cancelled", held_as, state);
        }
        if (told && left && !state.left) {
            state.left = true;
            auto out = attendance(*who, "Discharged from hospital", end, node, key);
            if (end) put(out.sections["evt"], "ended_at", PersonalText(words_of(end->time)));
            return give(resource, std::move(out), "visit-" + key, "left", held_as, state, false);
        }
        if (told && !is_emergency && !left && !state.left && !state.admitted) {
            state.admitted = true;
            return give(
                resource,
                attendance(*who, "Admitted to hospital from unscheduled care", start, node, key),
                "visit-" + key, "admitted", held_as, state, false);
        }
        if (key.empty() || status == "planned" || cancelled || !is_emergency ||
            !state.ref.empty() || !state.revision.empty())
            return ++out_.passed_over, void();
        const auto plan =
            active_status(memory_, context_.agency, who->nhs_number, who->born, day.date);
        const bool is_history = out_.baseline && at + news_at_first_import < context_.now.wall;
        if (!plan) {
            count("without_known_care_status");
            return ++out_.passed_over, void();
        }
        if (is_history) {
            state.revision = "history";
            count("history");
            ++out_.passed_over;
            return snapshot_.keep(held_as, text_of_state(state));
        }
        auto out = attendance(*who, "Came to unscheduled care", start, node, key);
        if (left) {
            state.left = true;
            put(out.sections["evt"], "ended_at",
                PersonalText(end ? words_of(end->time) : std::string()));
        }
        SectionContent legal;
        put(legal, "has_plan_or_care_status", PersonalText("yes"));
        put(legal, "plan", PersonalText(plan_words(*plan)));
        out.sections["leg"] = std::move(legal);
        give(resource, std::move(out), "visit-" + key, "attended", held_as, state);
        note_told(*who, held_as);
    }

    // ---- who looked a child up in the national service ----

    /// Whose plan this answer is about; nothing when it is about several.
    std::optional<Who> child_of_answer() {
        std::optional<Who> out;
        for (const auto& each : set_.resources()) {
            if (each.type != "CareTeam" && each.type != "CarePlan") continue;
            const auto who = subject_of(*each.node, "subject");
            if (!who || (out && out->key != who->key)) return std::nullopt;
            out = who;
        }
        return out;
    }

    std::optional<Who> child_of_look(const FhirNode& look) {
        for (const auto* entity : look.all("entity")) {
            const auto who = subject_of(*entity, "what");
            if (who && !who->is_place &&
                !runtime::normalise_nhs_number(who->nhs_number.reveal()).empty())
                return who;
        }
        return child_of_answer();
    }

    struct Looker {
        std::string place;
        std::string words;    ///< who, as the message names them
        std::string setting;  ///< in lower case: codes and words of the kind of care
    };

    /// A name here, or of the resource that is referred to.
    std::string name_at(const FhirNode& node, std::string_view path) const {
        const auto* reference = node.at(path);
        if (reference == nullptr) return {};
        if (auto shown = reference->text("display"); !shown.empty()) return shown;
        const auto* found = set_.resolve(reference->text("reference"));
        if (found == nullptr) return {};
        std::string plain = found->node->text("name");
        if (!plain.empty()) return plain;
        const std::string whole = found->node->text("name/text");
        return !whole.empty() ? whole
                              : runtime::clean_value(found->node->text("name/given") + " " +
                                                     found->node->text("name/family"));
    }

    Looker looker_of(const FhirNode& look) const {
        Looker out;
        const auto add = [](std::string& to, const std::string& words) {
            if (!words.empty()) to += (to.empty() ? "" : ", ") + words;
        };
        const auto add_setting = [&](const FhirNode& node, std::string_view path) {
            for (const auto* kind_of_care : node.all(path)) {
                for (const auto* word :
                     {"text", "coding/code", "coding/display", "code", "display"})
                    add(out.setting, kind_of_care->text(word));
            }
        };
        add_setting(look, "purposeOfEvent");
        add_setting(look, "subtype");
        for (const auto* agent : look.all("agent")) {
            add(out.place, name_at(*agent, "location"));
            const auto* role = set_.resolve(agent->text("who/reference"));
            if (role == nullptr || role->type != "PractitionerRole") {
                add(out.words, name_at(*agent, "who"));
                continue;
            }
            add(out.words, name_at(*role->node, "practitioner"));
            add(out.words, role->node->text("code/text").empty()
                               ? role->node->text("code/coding/display")
                               : role->node->text("code/text"));
            add(out.place, name_at(*role->node, "organization"));
            add(out.place, name_at(*role->node, "location"));
            add_setting(*role->node, "code");
            add_setting(*role->node, "specialty");
        }
        std::ranges::transform(out.setting, out.setting.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        });
        return out;
    }

    enum class Care : std::uint8_t { unscheduled, scheduled, not_said };
    static Care care_of(const std::string& setting) {
        for (const auto* word : {"unscheduled", "emergency", "urgent", "ambulance", "walk-in"})
            if (setting.find(word) != std::string::npos) return Care::unscheduled;
        for (const auto* word : {"scheduled", "elective", "booked", "routine"})
            if (setting.find(word) != std::string::npos) return Care::scheduled;
        return Care::not_said;
    }

    /// formats.md 4.3: the access history goes back to the social worker for unscheduled care.
    void looked_up(const Resource& resource) {
        const auto& node = *resource.node;
        count("times_looked_up");
        const std::string outcome = node.text("outcome");
        const auto said = moment(node.text("recorded"));
        if (!outcome.empty() && outcome != "0") return ++out_.passed_over, void();
        if (!said)
            return out_.note(
                resource.record, 0, "recorded", "required",
                "The record of a look does not say when it was: nothing was told of it");
        const auto looker = looker_of(node);
        const auto care = care_of(looker.setting);
        if (care == Care::scheduled) {
            count("scheduled_looks");
            return ++out_.passed_over, void();
        }
        const auto who = child_of_look(node);
        if (!who || who->is_place)
            return out_.note(resource.record, 0, "entity", "not_linkable",
                             "The record of a look does not say which child was looked up: nothing "
                             "was told of it");
        if (runtime::age_group(PersonalText(who->born), said->time) == AgeGroup::adult) {
            count("about_adults");
            return ++out_.passed_over, void();
        }
        saw(*who);
        std::string name = key_of(resource);
        if (name.empty())
            name = runtime::revision_of({PersonalText(node.text("recorded")), who->nhs_number,
                                         PersonalText(looker.words), PersonalText(looker.place)});
        const std::string key = "lookup-" + name;
        const std::string held_as = std::string(visit_prefix) + key;
        auto state = flag_state(snapshot_.before(held_as));
        if (!state.ref.empty() || !state.revision.empty()) return ++out_.passed_over, void();
        const auto plan =
            active_status(memory_, context_.agency, who->nhs_number, who->born, said->time.date);
        if (!plan) {
            count("without_known_care_status");
            return ++out_.passed_over, void();
        }
        // Each answer brings the whole history again; what is old is no news to anybody.
        if (said->at + news_at_first_import < context_.now.wall) {
            state.revision = "history";
            count("history");
            ++out_.passed_over;
            return snapshot_.keep(held_as, text_of_state(state));
        }
        auto out = attendance(*who,
                              care == Care::unscheduled
                                  ? "Looked up in the national child protection service by "
                                    "unscheduled care"
                                  : "Looked up in the national child protection service",
                              said, node, name);
        auto& facts = out.sections["evt"];
        put(facts, "place", PersonalText(looker.place));
        std::string details = looker.words.empty() ? "" : "Looked up by: " + looker.words + ". ";
        if (care == Care::not_said)
            details += "The record does not say whether that was unscheduled care.";
        put(facts, "details", PersonalText(runtime::clean_value(details)));
        SectionContent legal;
        put(legal, "has_plan_or_care_status", PersonalText("yes"));
        put(legal, "plan", PersonalText(plan_words(*plan)));
        out.sections["leg"] = std::move(legal);
        give(resource, std::move(out), "visit-" + key, "looked-up", held_as, state);
        note_told(*who, held_as);
    }

    void patient(const Resource& resource) {
        count("patients");
        const auto& node = *resource.node;
        const std::string time = node.text("deceasedDateTime");
        if (time.empty() && node.text("deceasedBoolean") != "true") return;
        count("deaths");
        const auto who = who_of_patient(resource);
        const auto said = moment(time);
        const WallTime at = said ? said->at : written_;
        const SourceTime day = said ? said->time : SourceTime{uk_day(at), std::nullopt};
        const auto age = runtime::age_group(PersonalText(who.born), day);
        if (age == AgeGroup::adult) {
            count("about_adults");
            return ++out_.passed_over, void();
        }
        if (age == AgeGroup::unknown)
            return out_.note(resource.record, 0, "birthDate", "unknown_age",
                             "A death without a date of birth: nobody can tell whether it was a "
                             "child. Find out, and report it by hand if it was");
        saw(who);
        const std::string held_as = "death/" + who.key;
        auto state = flag_state(snapshot_.before(held_as));
        if (!state.ref.empty() || !state.revision.empty()) return ++out_.passed_over, void();
        if (out_.baseline && at + news_at_first_import < context_.now.wall) {
            state.revision = "history";
            count("history");
            return snapshot_.keep(held_as, text_of_state(state));
        }
        auto out = common(who, "child_death_notice");
        out.sections.erase("voi");
        out.facts.occurred_at = at;
        out.sections["evt"] =
            event("The health service has recorded the death of this child", said, "");
        give(resource, std::move(out), "death-" + who.key, "died", held_as, state);
    }

    FhirSet set_;
    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& out_;
    runtime::Snapshot snapshot_;
    WallTime written_;
    std::string contact_;
    std::string source_;  ///< the system that sent the message
    ToldPeople people_;
    std::set<std::string> said_here_;
    std::set<std::string> children_;
};

}  // namespace

void take_fhir(const FhirNode& root, const runtime::ReadContext& context,
               runtime::SourceMemory& memory, runtime::ReadFile& out) {
    Taking(root, context, memory, out).run();
}

}  // namespace mash::health
