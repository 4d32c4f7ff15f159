#include "broker/ctl/facts_json.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <nlohmann/json.hpp>

#include "common/area/explain.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using Json = nlohmann::json;

template <class Enum>
struct Word {
    const char* word;
    Enum value;
};

constexpr std::array levels = {Word{"1", wire::Level::one}, Word{"2", wire::Level::two},
                               Word{"3", wire::Level::three}, Word{"4", wire::Level::four},
                               Word{"unknown", wire::Level::unknown}};
constexpr std::array harms = {Word{"none", wire::Harm::none},
                              Word{"suspected", wire::Harm::suspected},
                              Word{"likely_or_actual", wire::Harm::likely_or_actual}};
constexpr std::array purposes = {Word{"inform_function", wire::Purpose::inform_function},
                                 Word{"request_service", wire::Purpose::request_service}};
constexpr std::array rags = {Word{"red", wire::Rag::red}, Word{"amber", wire::Rag::amber},
                             Word{"green", wire::Rag::green}, Word{"blue", wire::Rag::blue}};
constexpr std::array statuses = {Word{"given", wire::AgreementStatus::given},
                                 Word{"refused", wire::AgreementStatus::refused},
                                 Word{"withdrawn", wire::AgreementStatus::withdrawn},
                                 Word{"not_sought", wire::AgreementStatus::not_sought},
                                 Word{"not_required", wire::AgreementStatus::not_required}};
constexpr std::array reasons = {
    Word{"risk_to_child", wire::NotSoughtReason::risk_to_child},
    Word{"risk_to_other", wire::NotSoughtReason::risk_to_other},
    Word{"delay_to_enquiry", wire::NotSoughtReason::delay_to_enquiry},
    Word{"prejudice_crime", wire::NotSoughtReason::prejudice_crime},
    Word{"cannot_be_contacted", wire::NotSoughtReason::cannot_be_contacted},
    Word{"cannot_be_given", wire::NotSoughtReason::cannot_be_given},
    Word{"giver_is_suspect", wire::NotSoughtReason::giver_is_suspect},
    Word{"unknown", wire::NotSoughtReason::unknown}};
constexpr std::array givers = {Word{"parent_pr", wire::Giver::parent_pr},
                               Word{"other_pr_holder", wire::Giver::other_pr_holder},
                               Word{"young_person_16_17", wire::Giver::young_person_16_17},
                               Word{"gillick_child", wire::Giver::gillick_child},
                               Word{"la_with_care_order", wire::Giver::la_with_care_order},
                               Word{"no_pr", wire::Giver::no_pr},
                               Word{"unknown", wire::Giver::unknown}};

// One object of the text; the first mistake is kept, with the field's name.
class Fields {
public:
    Fields(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {
        if (!object.is_object()) mistake("", "must be an object in braces");
    }

    const Json* find(const char* name) {
        asked_.insert(name);
        if (!object_->is_object()) return nullptr;
        const auto it = object_->find(name);
        return it == object_->end() ? nullptr : &*it;
    }
    std::string name(const char* field, bool needed) {
        const Json* value = find(field);
        if (value == nullptr) {
            if (needed) mistake(field, "is missing");
            return {};
        }
        if (!value->is_string() || !is_valid_name(value->get_ref<const std::string&>())) {
            mistake(field, "must be a name in quotes");
            return {};
        }
        return value->get<std::string>();
    }
    std::vector<std::string> names(const char* field) {
        std::vector<std::string> out;
        for (const auto& item : list(field)) {
            // Markers, agencies and sections with one view are names without a dot.
            if (!item.is_string() || !(is_valid_name(item.get_ref<const std::string&>()) ||
                                       is_valid_view_name(item.get_ref<const std::string&>()))) {
                mistake(field, "must be a list of names");
                break;
            }
            out.push_back(item.get<std::string>());
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }
    Json list(const char* field) {
        const Json* value = find(field);
        if (value == nullptr) return Json::array();
        if (!value->is_array()) {
            mistake(field, "must be a list in brackets");
            return Json::array();
        }
        return *value;
    }
    bool flag(const char* field, bool otherwise) {
        const Json* value = find(field);
        if (value == nullptr) return otherwise;
        if (!value->is_boolean()) mistake(field, "must be true or false");
        return value->is_boolean() && value->get<bool>();
    }
    template <class Enum, std::size_t N>
    Enum word(const char* field, const std::array<Word<Enum>, N>& words) {
        const Json* value = find(field);
        if (value == nullptr) return Enum{};
        const auto said = value->is_string() ? value->get<std::string>()
                          : value->is_number_unsigned()
                              ? std::to_string(value->get<std::uint64_t>())
                              : std::string();
        std::string known;
        for (const auto& each : words) {
            if (said == each.word) return each.value;
            known += (known.empty() ? "" : ", ") + std::string(each.word);
        }
        mistake(field, "must be one of: " + known);
        return Enum{};
    }
    WallTime time(const char* field, WallTime otherwise) {
        const Json* value = find(field);
        if (value == nullptr) return otherwise;
        if (value->is_string()) {
            if (const auto parsed = wall_time_from_rfc3339(value->get_ref<const std::string&>()))
                return *parsed;
        }
        mistake(field, "must be a time such as 2026-11-24T23:40:00Z");
        return otherwise;
    }
    std::vector<Seat> seats(const char* field);

    void mistake(const std::string& field, const std::string& what) {
        if (mistake_.empty()) mistake_ = where_ + field + " " + what + ".";
    }
    Outcome<void> finish() {
        if (object_->is_object()) {
            for (const auto& [name, value] : object_->items()) {
                if (!asked_.contains(name)) mistake(name, "is not a field that decides anything");
            }
        }
        if (!mistake_.empty())
            return problem(mistake_, "See `mashctl policy explain --help` for the fields.");
        return {};
    }

private:
    const Json* object_;
    std::string where_;
    std::set<std::string> asked_;
    std::string mistake_;
};

std::vector<Seat> Fields::seats(const char* field) {
    std::vector<Seat> out;
    for (const auto& item : list(field)) {
        Fields inner(item, where_ + field + ": ");
        out.push_back({AgencyId(inner.name("agency", true)), RoleId(inner.name("role", true))});
        if (const auto read = inner.finish(); !read) {
            mistake_ = read.error().what;
            break;
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<area::Involvement> read_involved(Fields& fields) {
    std::vector<area::Involvement> involved;
    for (const auto& item : fields.list("involved")) {
        Fields inner(item, "involved: ");
        area::Involvement one;
        one.relation = inner.name("relation", true);
        one.seat = {AgencyId(inner.name("agency", true)), RoleId(inner.name("role", true))};
        if (const auto read = inner.finish(); !read) {
            fields.mistake("involved", "cannot be read: " + read.error().what);
            break;
        }
        involved.push_back(std::move(one));
    }
    std::sort(involved.begin(), involved.end());
    involved.erase(std::unique(involved.begin(), involved.end()), involved.end());
    return involved;
}

std::vector<area::AuthorisedDecision> read_answers(Fields& fields) {
    std::vector<area::AuthorisedDecision> answers;
    for (const auto& item : fields.list("answers")) {
        Fields inner(item, "answers: ");
        area::AuthorisedDecision one;
        const Json* rule = inner.find("rule");
        if (rule != nullptr && rule->is_string()) one.rule = rule->get<std::string>();
        if (area::explain_rule(one.rule) == area::explain_rule(""))
            inner.mistake("rule", "must be one of the rules, such as \"E-07\"");
        one.seats = inner.seats("about");
        one.allow = inner.flag("allow", false);
        if (const auto read = inner.finish(); !read) {
            fields.mistake("answers", "cannot be read: " + read.error().what);
            break;
        }
        answers.push_back(std::move(one));
    }
    std::sort(answers.begin(), answers.end());
    return answers;
}

std::vector<wire::Unchanged> read_unchanged(Fields& fields) {
    std::vector<wire::Unchanged> unchanged;
    for (const auto& item : fields.list("unchanged")) {
        Fields inner(item, "unchanged: ");
        wire::Unchanged one;
        one.seat = {AgencyId(inner.name("agency", true)), RoleId(inner.name("role", true))};
        for (const auto& view : inner.names("views")) one.views.emplace_back(view);
        if (const auto read = inner.finish(); !read) {
            fields.mistake("unchanged", "cannot be read: " + read.error().what);
            break;
        }
        unchanged.push_back(std::move(one));
    }
    std::ranges::sort(unchanged, {}, &wire::Unchanged::seat);
    return unchanged;
}

void read_agreement(Fields& fields, wire::Agreement& agreement) {
    const Json* value = fields.find("agreement");
    if (value == nullptr) return;
    Fields inner(*value, "agreement.");
    agreement.status = inner.word("status", statuses);
    agreement.not_sought_reason = inner.word("not_sought_reason", reasons);
    agreement.giver = inner.word("giver", givers);
    agreement.other_holder_objects = inner.flag("other_holder_objects", false);
    agreement.child_and_parent_differ = inner.flag("child_and_parent_differ", false);
    for (auto& agency : inner.names("named_agencies"))
        agreement.named_agencies.emplace_back(std::move(agency));
    agreement.purpose = inner.word("purpose", purposes);
    if (const auto read = inner.finish(); !read)
        fields.mistake("agreement", "cannot be read: " + read.error().what);
}

template <class Enum, std::size_t N>
void put_word(Json& object, const char* field, Enum value, const std::array<Word<Enum>, N>& words) {
    for (const auto& each : words) {
        if (each.value == value) object[field] = each.word;
    }
}

void put_flag(Json& object, const char* field, bool value) {
    if (value) object[field] = true;
}

template <class Ids>
void put_names(Json& object, const char* field, const Ids& names) {
    Json list = Json::array();
    for (const auto& name : names) {
        if constexpr (requires { name.value(); }) {
            list.push_back(name.value());
        } else {
            list.push_back(name);
        }
    }
    if (!list.empty()) object[field] = std::move(list);
}

Json seats_json(const std::vector<Seat>& seats) {
    Json list = Json::array();
    for (const auto& seat : seats)
        list.push_back({{"agency", seat.agency.value()}, {"role", seat.role.value()}});
    return list;
}

void put_seats(Json& object, const char* field, const std::vector<Seat>& seats) {
    if (!seats.empty()) object[field] = seats_json(seats);
}

Json agreement_json(const wire::Agreement& agreement) {
    Json out = Json::object();
    put_word(out, "status", agreement.status, statuses);
    put_word(out, "not_sought_reason", agreement.not_sought_reason, reasons);
    put_word(out, "giver", agreement.giver, givers);
    put_flag(out, "other_holder_objects", agreement.other_holder_objects);
    put_flag(out, "child_and_parent_differ", agreement.child_and_parent_differ);
    put_names(out, "named_agencies", agreement.named_agencies);
    put_word(out, "purpose", agreement.purpose, purposes);
    return out;
}

}  // namespace

std::string facts_text(const area::DecisionInput& input) {
    const auto& facts = input.facts;
    Json out{{"sender", facts.sender.value()},
             {"role", facts.sender_role.value()},
             {"type", facts.type.value()}};
    if (!facts.kind.empty()) out["kind"] = facts.kind;
    put_word(out, "level", facts.level, levels);
    put_word(out, "harm", facts.harm, harms);
    put_flag(out, "vital", facts.vital);
    put_word(out, "purpose", facts.purpose, purposes);
    put_word(out, "rag", facts.rag, rags);
    if (!facts.risk_grade.empty()) out["risk_grade"] = facts.risk_grade;
    put_names(out, "markers", facts.markers);
    if (auto agreement = agreement_json(facts.agreement); !agreement.empty())
        out["agreement"] = std::move(agreement);
    out["matched"] = !facts.tokens.empty();
    out["views"] = Json::array();
    for (const auto& view : facts.views_on_offer) out["views"].push_back(view.value());
    put_seats(out, "detriment", facts.detriment);
    put_seats(out, "conflicts", facts.conflicts_stated);
    put_seats(out, "addressed_to", facts.addressed_to);
    put_seats(out, "thread_seats", input.thread_seats);
    for (const auto& one : facts.unchanged) {
        Json held = seats_json({one.seat}).front();
        held["views"] = Json::array();
        for (const auto& view : one.views) held["views"].push_back(view.value());
        out["unchanged"].push_back(std::move(held));
    }
    for (const auto& one : input.involved) {
        out["involved"].push_back({{"relation", one.relation},
                                   {"agency", one.seat.agency.value()},
                                   {"role", one.seat.role.value()}});
    }
    for (const auto& one : input.authorised) {
        out["answers"].push_back(
            {{"rule", one.rule}, {"about", seats_json(one.seats)}, {"allow", one.allow}});
    }
    out["decided_at"] = to_rfc3339(input.decided_at);
    out["occurred_at"] = to_rfc3339(facts.occurred_at);
    return out.dump();
}

Outcome<area::DecisionInput> parse_facts(std::string_view text, const area::Registry& registry,
                                         const area::Policy& policy, WallTime now) {
    const auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded())
        return problem("The facts are not JSON.", "See `mashctl policy explain --help`.");
    Fields fields(json, "");
    area::DecisionInput input;
    auto& facts = input.facts;
    facts.sender = AgencyId(fields.name("sender", true));
    facts.sender_role = RoleId(fields.name("role", true));
    facts.type = TypeId(fields.name("type", true));
    facts.kind = fields.name("kind", false);
    facts.level = fields.word("level", levels);
    facts.harm = fields.word("harm", harms);
    facts.vital = fields.flag("vital", false);
    facts.purpose = fields.word("purpose", purposes);
    facts.rag = fields.word("rag", rags);
    facts.risk_grade = fields.name("risk_grade", false);
    facts.markers = fields.names("markers");
    read_agreement(fields, facts.agreement);
    // One token that belongs to nobody stands for "matched".
    if (fields.flag("matched", true)) facts.tokens = {{wire::TokenKind::nhs_dob, 1, {}}};
    if (fields.find("views") != nullptr) {
        for (const auto& view : fields.names("views")) facts.views_on_offer.emplace_back(view);
    } else {
        for (const auto& view : policy.views()) facts.views_on_offer.push_back(view.view);
        std::sort(facts.views_on_offer.begin(), facts.views_on_offer.end());
    }
    facts.detriment = fields.seats("detriment");
    facts.conflicts_stated = fields.seats("conflicts");
    facts.addressed_to = fields.seats("addressed_to");
    if (const auto said_by = fields.seats("passed_on_from"); !said_by.empty())
        facts.passed_on_from = said_by.front();
    facts.thread_seats = fields.seats("thread_seats");
    input.thread_seats = facts.thread_seats;
    facts.unchanged = read_unchanged(fields);
    input.involved = read_involved(fields);
    input.authorised = read_answers(fields);
    input.decided_at = fields.time("decided_at", now);
    facts.occurred_at = fields.time("occurred_at", input.decided_at);
    CTL_TRY_VOID(fields.finish());

    const auto* sender = registry.find_active_agency(facts.sender, input.decided_at);
    if (sender == nullptr) {
        return problem("No agency " + facts.sender.value() + " is enrolled.",
                       "See `mashctl agency list`.");
    }
    input.sender_kind = sender->kind;
    if (policy.find_type(facts.type) == nullptr) {
        return problem("The policy has no type \"" + facts.type.value() + "\".",
                       "The types are the [types.*] of the catalogue.");
    }
    for (const auto& view : facts.views_on_offer) {
        if (policy.find_view(view) == nullptr) {
            return problem("The catalogue has no view \"" + view.value() + "\".",
                           "The views stand in its [sections.*].");
        }
    }
    return input;
}

}  // namespace mash::ctl
