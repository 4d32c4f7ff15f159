// The types as the area runs them: who publishes, which routes, how soon, on which basis. A route
// can only narrow what the catalogue allows.
#include <algorithm>
#include <array>

#include "common/area/policy_state.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> keys;
    for (const auto& entry : map) keys.push_back(entry.first);
    return keys;
}

template <class Word, std::size_t N>
std::vector<Word> values_of(TableReader& reader, std::string_view key,
                            const std::array<std::pair<std::string_view, Word>, N>& known) {
    std::vector<std::string> words;
    for (const auto& [word, value] : known) words.emplace_back(word);
    std::vector<Word> values;
    for (const auto& said : reader.words_of(key, Need::optional, "word", words)) {
        for (const auto& [word, value] : known) {
            if (word == said) values.push_back(value);
        }
    }
    return values;
}

constexpr std::array<std::pair<std::string_view, wire::Harm>, 3> harm_words = {
    {{"none", wire::Harm::none},
     {"suspected", wire::Harm::suspected},
     {"likely_or_actual", wire::Harm::likely_or_actual}}};
constexpr std::array<std::pair<std::string_view, wire::Level>, 5> level_words = {
    {{"1", wire::Level::one},
     {"2", wire::Level::two},
     {"3", wire::Level::three},
     {"4", wire::Level::four},
     {"unknown", wire::Level::unknown}}};
constexpr std::array<std::pair<std::string_view, wire::Purpose>, 2> purpose_words = {
    {{"inform_function", wire::Purpose::inform_function},
     {"request_service", wire::Purpose::request_service}}};
constexpr std::array<std::pair<std::string_view, wire::Rag>, 5> rag_words = {
    {{"red", wire::Rag::red},
     {"amber", wire::Rag::amber},
     {"green", wire::Rag::green},
     {"blue", wire::Rag::blue},
     {"unstated", wire::Rag::unstated}}};
constexpr std::array<std::pair<std::string_view, wire::AgreementStatus>, 5> agreement_words = {
    {{"given", wire::AgreementStatus::given},
     {"refused", wire::AgreementStatus::refused},
     {"withdrawn", wire::AgreementStatus::withdrawn},
     {"not_sought", wire::AgreementStatus::not_sought},
     {"not_required", wire::AgreementStatus::not_required}}};

bool has_condition(std::string_view basis) {
    while (!basis.empty()) {
        if (basis.front() == '9') return true;
        basis.remove_prefix(std::min(basis.find(';'), basis.size() - 1) + 1);
    }
    return false;
}

class TypeParser {
public:
    TypeParser(PolicyState& state, FaultSink& sink) : state_(state), sink_(sink) {}

    void read(const Member& member);

private:
    void read_publishers(TableReader& reader, TypeRule& rule);
    std::vector<RoleId> publishers_from(const Node& node, bool& any);
    void read_urgency(TableReader& reader, TypeRule& rule);
    void read_basis(TableReader& reader, TypeRule& rule);
    void read_route(const Node& node, const CatalogueType& known, TypeRule& rule);
    void read_reach(TableReader& reader, Route& route);
    void check_pass_on(TableReader& reader, const Route& route);
    void complete_for_role(TableReader& reader, const CatalogueType& known, const std::string& role,
                           const std::optional<std::string>& hours, Route& route);
    void check_stand_in(TableReader& reader, const CatalogueType& known, const Route& route);
    RouteCondition read_condition(TableReader& reader, const TypeRule& rule);
    void check_basis(const std::string& basis, Place place);
    InForce read_law(TableReader& reader);
    void read_advice(TableReader& reader, TypeRule& rule);
    void read_withholdings(TableReader& reader, TypeRule& rule);
    void read_ways(TableReader& reader, TypeRule& rule);
    void check_conditions(const TypeRule& rule);
    void check_reach(const TypeRule& rule);
    void expand_views(const std::string& content, const CatalogueType& known, Place place,
                      Route& route);
    void check_whole(const TypeRule& rule, Place place);

    PolicyState& state_;
    FaultSink& sink_;
    std::vector<std::string> route_ids_;
    std::vector<Place> route_places_;  ///< of the routes of the type being read
    std::string way_desk_;             ///< what the type's out_of_hours asks of the front door
};

std::vector<RoleId> TypeParser::publishers_from(const Node& node, bool& any) {
    std::vector<RoleId> roles;
    if (node.kind == Node::Kind::text && node.text == "any_agency") {
        any = true;
        return roles;
    }
    if (node.kind != Node::Kind::array || node.items.empty()) {
        sink_.add(node.place, "expected \"any_agency\", or a list of roles such as [\"pol\"]");
        return roles;
    }
    for (const auto& item : node.items) {
        if (item.kind != Node::Kind::text || !state_.catalogue.roles.contains(RoleId(item.text))) {
            sink_.add(item.place, unknown_word("role", item.text, state_.catalogue.role_words()));
        } else {
            roles.push_back(RoleId(item.text));
        }
    }
    return roles;
}

void TypeParser::read_publishers(TableReader& reader, TypeRule& rule) {
    if (const Node* node = reader.find("publishers", Need::required)) {
        rule.publishers = publishers_from(*node, rule.any_agency_may_publish);
    }
    const Node* kinds = reader.table("publishers_of_kind", Need::optional);
    if (kinds == nullptr) return;
    for (const auto& member : kinds->members) {
        if (!has(rule.kinds, member.key)) {
            sink_.add(member.place, unknown_word("kind", member.key, rule.kinds));
            continue;
        }
        bool any = false;
        rule.publishers_of_kind[member.key] = publishers_from(member.value, any);
    }
}

RouteCondition TypeParser::read_condition(TableReader& reader, const TypeRule& rule) {
    RouteCondition when;
    auto grades = state_.catalogue.risk_grades;
    grades.push_back("");
    const auto& agency_kinds = state_.catalogue.agency_kinds;
    when.risk_grades = reader.words_of("risk_grade", Need::optional, "risk grade", grades);
    when.markers_any =
        reader.words_of("marker", Need::optional, "marker", state_.catalogue.marker_words());
    when.markers_none =
        reader.words_of("no_marker", Need::optional, "marker", state_.catalogue.marker_words());
    when.kinds = reader.words_of("kind", Need::optional, "kind", rule.kinds);
    when.sender_kinds = reader.words_of("sender", Need::optional, "kind of agency", agency_kinds);
    when.sender_roles =
        reader.words_of("sender_role", Need::optional, "role", state_.catalogue.role_words());
    when.sender_kinds_except =
        reader.words_of("sender_other_than", Need::optional, "kind of agency", agency_kinds);
    if (reader.find("harm_suspected_or_worse") != nullptr) {
        when.harm_suspected_or_worse = reader.boolean_or("harm_suspected_or_worse", true);
    }
    if (reader.find("matched") != nullptr) when.matched = reader.boolean_or("matched", true);
    when.harms = values_of(reader, "harm", harm_words);
    when.levels = values_of(reader, "level", level_words);
    when.purposes = values_of(reader, "purpose", purpose_words);
    when.rags = values_of(reader, "rag", rag_words);
    when.agreements = values_of(reader, "agreement", agreement_words);
    if (when.never_holds())
        sink_.add(reader.place(), "this can never hold: its parts exclude each other");
    return when;
}

void TypeParser::read_urgency(TableReader& reader, TypeRule& rule) {
    const Node* node = reader.find("urgency", Need::required);
    if (node == nullptr) return;
    const std::string expected =
        "expected \"U1\" to \"U5\", \"by_rag\", or a list of {when..., is = \"U2\"}";
    if (node->kind == Node::Kind::text && node->text == "by_rag") {
        for (const auto rag :
             {wire::Rag::red, wire::Rag::amber, wire::Rag::green, wire::Rag::blue}) {
            RouteCondition when;
            when.rags = {rag};
            rule.urgencies.push_back({std::move(when), state_.rag[static_cast<std::size_t>(rag)]});
        }
        rule.urgency_default = state_.rag[static_cast<std::size_t>(wire::Rag::unstated)];
    } else if (const auto word =
                   node->kind == Node::Kind::text ? urgency_from(node->text) : std::nullopt) {
        rule.urgency_default = *word;
    } else if (node->kind == Node::Kind::array && !node->items.empty()) {
        bool otherwise = false;
        for (const auto& item : node->items) {
            if (!is_table(item, sink_, "an urgency")) continue;
            if (otherwise)
                sink_.add(item.place, "nothing reaches this: the line before holds always");
            TableReader line(item, sink_, "urgency");
            const auto is = line.word_of("is", Need::required, "urgency", urgency_words());
            RouteCondition when = read_condition(line, rule);
            line.finish();
            otherwise = when.empty();
            if (std::any_of(rule.urgencies.begin(), rule.urgencies.end(),
                            [&](const UrgencyRule& before) { return before.when.covers(when); })) {
                sink_.add(item.place, "nothing reaches this: a line before holds whenever it does");
            }
            if (!is) continue;
            if (otherwise)
                rule.urgency_default = known_urgency(*is);
            else
                rule.urgencies.push_back({std::move(when), known_urgency(*is)});
        }
        if (!otherwise) sink_.add(node->place, "the last line must hold always: { is = \"U2\" }");
    } else {
        sink_.add(node->place, expected);
    }
}

void TypeParser::read_basis(TableReader& reader, TypeRule& rule) {
    rule.basis = reader.text("basis", Need::required).value_or("");
    check_basis(rule.basis, reader.place_of("basis"));
    const Node* list = reader.array("basis_when", Need::optional);
    if (list == nullptr) return;
    for (const auto& item : list->items) {
        if (!is_table(item, sink_, "a basis")) continue;
        TableReader line(item, sink_, "basis_when");
        const auto is = line.text("is", Need::required);
        RouteCondition when = read_condition(line, rule);
        const InForce law = read_law(line);
        line.finish();
        if (when.empty() && law.always) sink_.add(item.place, "say when this basis applies");
        if (std::any_of(rule.bases.begin(), rule.bases.end(), [&](const BasisRule& before) {
                return before.when.covers(when) &&
                       (before.in_force.always || before.in_force == law);
            })) {
            sink_.add(item.place, "nothing reaches this: a line before holds whenever it does");
        }
        if (!is) continue;
        check_basis(*is, line.place_of("is"));
        rule.bases.push_back({std::move(when), law, *is});
    }
}

void TypeParser::check_basis(const std::string& basis, Place place) {
    const bool good =
        !basis.empty() && basis.size() <= limits::code_bytes_max &&
        basis.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789;-") == std::string::npos;
    if (!good) sink_.add(place, "expected letters of the law such as \"e;9g-p18\"");
}

// `law`: while that statute is in force; `before_law`: until it is, and when it no longer is.
InForce TypeParser::read_law(TableReader& reader) {
    const auto law = reader.word_of("law", Need::optional, "law", keys_of(state_.laws));
    const auto before = reader.word_of("before_law", Need::optional, "law", keys_of(state_.laws));
    if (law && before) sink_.add(reader.place_of("before_law"), "either law or before_law");
    if (law) return state_.laws.at(*law);
    InForce in_force;
    if (before) {
        in_force = state_.laws.at(*before);
        in_force.inverted = true;
    }
    return in_force;
}

void TypeParser::read_advice(TableReader& reader, TypeRule& rule) {
    const Node* list = reader.array("advice", Need::optional);
    if (list == nullptr) return;
    for (const auto& item : list->items) {
        if (!is_table(item, sink_, "advice")) continue;
        TableReader line(item, sink_, "advice");
        Advice advice;
        advice.code = line.text("code", Need::required).value_or("");
        advice.says = line.text("says", Need::required).value_or("");
        advice.when = read_condition(line, rule);
        advice.in_force = read_law(line);
        line.finish();
        if (!advice.code.empty() && !is_valid_name(advice.code))
            sink_.add(line.place_of("code"), "advice must be named like \"keep_on_roll\"");
        rule.advice.push_back(std::move(advice));
    }
}

void TypeParser::read_withholdings(TableReader& reader, TypeRule& rule) {
    const Node* list = reader.array("withhold", Need::optional);
    if (list == nullptr) return;
    std::vector<std::string> codes = keys_of(state_.catalogue.sections);
    for (const auto& item : list->items) {
        if (!is_table(item, sink_, "withhold")) continue;
        TableReader line(item, sink_, "withhold");
        Withholding one;
        one.sections = line.words_of("section", Need::required, "section", codes);
        one.when = read_condition(line, rule);
        line.finish();
        // Losing the safe-contact line is how people get hurt (domain.md D1).
        if (has(one.sections, "sfc")) sink_.add(line.place_of("section"), "sfc always goes");
        rule.withholdings.push_back(std::move(one));
    }
}

void TypeParser::read_ways(TableReader& reader, TypeRule& rule) {
    rule.escalation =
        reader.words_of("escalation", Need::optional, "escalation", keys_of(state_.escalations));
    const auto way = reader.word_of("out_of_hours", Need::optional, "way out of hours",
                                    keys_of(state_.out_of_hours_ways));
    rule.out_of_hours = way.value_or("");
    way_desk_ = way ? state_.out_of_hours_desks.at(*way) : "";
}

void TypeParser::read_reach(TableReader& reader, Route& route) {
    const auto reach = reader
                           .word_of("reach", Need::required, "reach",
                                    {"area", "involved", "thread", "named", "addressed"})
                           .value_or("area");
    route.by = reach == "involved"    ? RouteBy::involved
               : reach == "thread"    ? RouteBy::thread
               : reach == "named"     ? RouteBy::named
               : reach == "addressed" ? RouteBy::addressed
                                      : RouteBy::area_role;
    std::vector<std::string> words;
    for (const auto& [word, relation] : state_.relations) words.push_back(word);
    const bool involved = route.by == RouteBy::involved;
    const auto relation =
        reader.word_of("relation", involved ? Need::required : Need::optional, "relation", words);
    if (!relation) return;
    route.relation = *relation;
    const auto rule = state_.relations.find(*relation);
    if (rule != state_.relations.end() && rule->second.protects) {
        sink_.add(reader.place_of("relation"),
                  "relation " + *relation + " says that a child is protected: it reaches nobody");
    }
    if (rule != state_.relations.end() && (rule->second.severs || rule->second.closes)) {
        sink_.add(reader.place_of("relation"),
                  "relation " + *relation +
                      " says that an identity is no longer in use: no route follows it");
    }
    if (!involved)
        sink_.add(reader.place_of("relation"),
                  "only a route with reach = \"involved\" has a relation");
}

void TypeParser::expand_views(const std::string& content, const CatalogueType& known, Place place,
                              Route& route) {
    if (!known.rule.carries_content) {
        if (content != "nothing")
            sink_.add(place, "this type carries no content: expected \"nothing\"");
        return;
    }
    Profile granted = parse_content(content, state_.catalogue, known.named_sections, place, sink_);
    // The safe-contact line goes with every message about a child (domain.md D1): losing it is how
    // people get hurt.
    if (!granted.views.contains("sfc") && state_.catalogue.find_view("sfc") != nullptr) {
        granted.views["sfc"] = ViewId("sfc");
    }
    for (const auto& [section, view] : granted.views) route.views.push_back(view);
    std::sort(route.views.begin(), route.views.end());
    for (const auto& view : route.views) route.view_slots.push_back(state_.view_slots.at(view));
}

// Of a role that nobody holds at night (domain.md C5, row 12) the emergency duty team is told too.
void TypeParser::check_stand_in(TableReader& reader, const CatalogueType& known,
                                const Route& route) {
    const Place place = reader.place_of("out_of_hours");
    if (route.by != RouteBy::area_role || !route.act) {
        sink_.add(place,
                  "emergency duty stands in only for a role of the area that acts: reach = "
                  "\"area\", does = \"act\"");
    }
    if (!has(known.recipients, state_.emergency_duty.value())) {
        sink_.add(place, "role \"" + state_.emergency_duty.value() +
                             "\" is not among the recipients that the catalogue allows for " +
                             known.rule.type.value());
    }
    if (!way_desk_.empty() && way_desk_ != "emergency_duty")
        sink_.add(place, "the type's out_of_hours says \"" + way_desk_ + "\"");
}

void TypeParser::complete_for_role(TableReader& reader, const CatalogueType& known,
                                   const std::string& role, const std::optional<std::string>& hours,
                                   Route& route) {
    route.role = RoleId(role);
    const Place place = reader.place_of("role");
    if (!has(known.recipients, role)) {
        sink_.add(place, "role \"" + role +
                             "\" is not among the recipients that the catalogue allows for " +
                             known.rule.type.value());
    }
    if (state_.catalogue.roles.at(route.role).internal)
        sink_.add(place, "role \"" + role + "\" is never a recipient");
    if (!route.relation.empty()) {
        const auto& roles = state_.relations.find(route.relation)->second.roles;
        if (std::find(roles.begin(), roles.end(), route.role) == roles.end()) {
            sink_.add(reader.place_of("relation"),
                      "relation " + route.relation + " is not claimed for role " + role);
        }
    }
    if (route.role == state_.front_door && !hours) {
        sink_.add(place,
                  "the front door's route needs out_of_hours = \"emergency_duty\" or \"queue\"");
    }
    if (route.role == state_.front_door && hours && !way_desk_.empty() && *hours != way_desk_) {
        sink_.add(reader.place_of("out_of_hours"),
                  "the type's out_of_hours says \"" + way_desk_ + "\" for the front door");
    }
    if (route.role != state_.front_door && hours == "emergency_duty")
        check_stand_in(reader, known, route);
    if (route.role == state_.emergency_duty) {
        sink_.add(place,
                  "name the front door with out_of_hours = \"emergency_duty\"; the hours decide");
    }
    if (!state_.pass_on.empty() && route.role == state_.pass_on) {
        sink_.add(place,
                  "no route names the automatic pass-on: pass_on = \"automatic\" at the routes it "
                  "follows reaches it");
    }
    if (route.telephone.empty()) {
        const auto number = state_.telephones.find(route.role);
        if (number != state_.telephones.end()) route.telephone = number->second;
    }
    if (route.task_if_absent && route.telephone.empty()) {
        sink_.add(place,
                  "task_if_nobody needs a number to ring: add it to [telephones] or to the route");
    }
}

// What goes by itself no person looks at first: small things, said to those who are told only. But
// whom the row must reach about a child who is surely that child does not wait for a person.
void TypeParser::check_pass_on(TableReader& reader, const Route& route) {
    const Place place = reader.place_of("pass_on");
    const bool to_told = route.by == RouteBy::thread && route.pass_on_by_itself;
    if (route.by != RouteBy::involved && !to_told) {
        sink_.add(place,
                  "only a route with reach = \"involved\" is passed on; one with reach = "
                  "\"thread\" only by itself");
    }
    if (!route.pass_on_by_itself) return;
    if (state_.pass_on.empty()) {
        sink_.add(place,
                  "nothing is passed on by itself without an inbox for it: name its role as "
                  "pass_on in [front_door]");
    }
    if (route.act && !(route.must && route.when.matched == true))
        sink_.add(place,
                  "a route that makes somebody act is passed on by a person, unless the row must "
                  "reach them and the child is matched: does = \"know\", or must = true and "
                  "when = { matched = true }");
}

void TypeParser::read_route(const Node& node, const CatalogueType& known, TypeRule& rule) {
    if (!is_table(node, sink_, "a route")) return;
    TableReader reader(node, sink_, "route");
    Route route;
    route.id = reader.text("id", Need::required).value_or("");
    if (route.id == pass_on_route)
        sink_.add(reader.place_of("id"), "\"pass-on\" is what the automatic pass-on is called");
    if (route.id == decider_route)
        sink_.add(reader.place_of("id"), "\"to-decide\" is what whoever decides is shown by");
    if (route.id == severed_route)
        sink_.add(reader.place_of("id"),
                  "\"severed\" is how whoever keeps a severed identity is told");
    if (route.id == danger_route)
        sink_.add(reader.place_of("id"),
                  "\"danger\" is how the desk on duty is told where a row reaches none");
    if (!route.id.empty() && !is_valid_name(route.id)) {
        sink_.add(reader.place_of("id"), "a route must be named like \"referral-front-door\"");
    }
    if (has(route_ids_, route.id))
        sink_.add(reader.place_of("id"), "route \"" + route.id + "\" is there twice");
    route_ids_.push_back(route.id);
    const auto roles =
        reader.words_of("role", Need::required, "role", state_.catalogue.role_words());
    read_reach(reader, route);
    route.act = reader.word_of("does", Need::required, "word", {"act", "know"}) == "act";
    route.must = reader.boolean_or("must", false);
    route.visible = reader.boolean_or("visible", true);
    const auto content = reader.text("content", Need::required);
    if (content) expand_views(*content, known, reader.place_of("content"), route);
    const auto hours =
        reader.word_of("out_of_hours", Need::optional, "word", {"emergency_duty", "queue"});
    route.out_of_hours = hours == "emergency_duty" ? OutOfHours::emergency_duty
                         : hours == "queue"        ? OutOfHours::queue
                                                   : OutOfHours::none;
    route.emergency_if_harm_actual =
        reader.boolean_or("emergency_duty_if_harm_likely_or_actual", false);
    if (route.emergency_if_harm_actual && hours != "queue") {
        sink_.add(reader.place_of("emergency_duty_if_harm_likely_or_actual"),
                  "this goes with out_of_hours = \"queue\" only");
    }
    route.task_if_absent = reader.boolean_or("task_if_nobody", false);
    route.telephone = reader.text_or("telephone", "");
    if (!route.telephone.empty())
        check_telephone(route.telephone, reader.place_of("telephone"), sink_);
    const auto pass_on = reader.word_of("pass_on", Need::optional, "word", {"task", "automatic"});
    route.pass_on_by_itself = pass_on == "automatic";
    route.before_school_session = reader.boolean_or("before_school_session", false);
    if (route.before_school_session) rule.before_school_session = true;
    if (const Node* when = reader.table("when", Need::optional)) {
        TableReader condition(*when, sink_, "when");
        route.when = read_condition(condition, rule);
        condition.finish();
    }
    if (pass_on) check_pass_on(reader, route);
    route.in_force = read_law(reader);
    route.basis = reader.text_or("basis", "");
    if (!route.basis.empty() && route.pass_on_by_itself) {
        sink_.add(reader.place_of("basis"),
                  "what is passed on by itself rests on the type's own basis");
    }
    if (!route.basis.empty()) check_basis(route.basis, reader.place_of("basis"));
    route.instead_of = reader.text_or("instead_of", "");
    if (!route.instead_of.empty() &&
        std::none_of(rule.routes.begin(), rule.routes.end(),
                     [&](const Route& before) { return before.id == route.instead_of; })) {
        sink_.add(reader.place_of("instead_of"),
                  "no route of this type before this one is called \"" + route.instead_of + "\"");
    }
    const auto setting =
        reader.word_of("only_if", Need::optional, "setting", {"schools_hear_of_missing_episodes"});
    reader.finish();
    for (const auto& role : roles) {
        Route one = route;
        complete_for_role(reader, known, role, hours, one);
        // Checked all the same: a switch that is off must not hide a mistake until the day it is
        // turned on.
        if (!setting || state_.schools_hear_of_missing_episodes)
            rule.routes.push_back(std::move(one));
        route_places_.resize(rule.routes.size(), reader.place());
    }
}

// domain.md E2, per section (ii): special-category sections go only where an Article 9 condition is
// among the bases.
void TypeParser::check_conditions(const TypeRule& rule) {
    for (std::size_t i = 0; i < rule.routes.size(); ++i) {
        const Route& route = rule.routes[i];
        const bool good =
            route.basis.empty()
                ? has_condition(rule.basis) &&
                      std::all_of(rule.bases.begin(), rule.bases.end(),
                                  [](const BasisRule& basis) { return has_condition(basis.basis); })
                : has_condition(route.basis);
        if (good) continue;
        for (const std::size_t slot : route.view_slots) {
            const auto& section = state_.catalogue.views[slot].section;
            if (!state_.catalogue.sections.at(section).needs_condition) continue;
            sink_.add(route_places_[i], "route " + route.id + " grants section " + section +
                                            ", which needs an Article 9 condition: a basis with "
                                            "\"9g-p18\", \"9h\" or another");
            break;
        }
    }
}

// A route that another one before it always beats tells nobody anything: its author believes
// otherwise.
void TypeParser::check_reach(const TypeRule& rule) {
    for (std::size_t later = 0; later < rule.routes.size(); ++later) {
        const Route& b = rule.routes[later];
        const bool beaten = std::any_of(
            rule.routes.begin(), rule.routes.begin() + static_cast<std::ptrdiff_t>(later),
            [&](const Route& a) {
                return a.role == b.role && a.instead_of.empty() && a.visible &&
                       (a.by == RouteBy::area_role || (a.by == b.by && a.relation == b.relation)) &&
                       // The front door's agent follows only what is marked for it.
                       (a.pass_on_by_itself || !b.pass_on_by_itself) && a.act >= b.act &&
                       a.must >= b.must && a.when.covers(b.when) &&
                       (a.in_force.always || a.in_force == b.in_force);
            });
        if (beaten) {
            sink_.add(route_places_[later], "nothing reaches route " + b.id + " for role " +
                                                b.role.value() +
                                                ": a route before it holds whenever it does");
        }
    }
}

void TypeParser::check_whole(const TypeRule& rule, Place place) {
    const bool front_door =
        std::any_of(rule.routes.begin(), rule.routes.end(), [&](const Route& route) {
            return route.role == state_.front_door && (route.must || route.by == RouteBy::thread);
        });
    if (rule.danger && !front_door) {
        sink_.add(place, "type " + rule.type.value() +
                             " is marked danger: the front door must be among its routes");
    }
    if (rule.routes.empty()) sink_.add(place, "type " + rule.type.value() + " reaches nobody");
    // Holders are asked once it is accepted, and nothing is accepted that reaches nobody yet.
    const auto is_asked = [&](const Route& route) {
        const auto relation = state_.relations.find(route.relation);
        return relation != state_.relations.end() && !relation->second.indexed;
    };
    if (!rule.routes.empty() && std::ranges::all_of(rule.routes, is_asked)) {
        sink_.add(place, "type " + rule.type.value() +
                             " reaches only whoever is asked: add a route for a role of the area, "
                             "or keep one of its relations in mode \"index\"");
    }
}

void TypeParser::read(const Member& member) {
    const auto& types = state_.catalogue.types;
    const auto known = types.find(member.key);
    if (known == types.end()) {
        std::vector<std::string> words;
        for (const auto& [word, type] : types) words.push_back(word);
        sink_.add(member.place, unknown_word("type", member.key, words));
        return;
    }
    if (!is_table(member.value, sink_, "a type")) return;
    TableReader reader(member.value, sink_, "type " + member.key);
    TypeRule rule = known->second.rule;
    route_places_.clear();
    read_publishers(reader, rule);
    read_ways(reader, rule);
    rule.danger = reader.boolean_or("danger", false);
    read_urgency(reader, rule);
    read_basis(reader, rule);
    rule.in_force = read_law(reader);
    read_advice(reader, rule);
    read_withholdings(reader, rule);
    if (const Node* routes = reader.array("routes", Need::required)) {
        for (const auto& route : routes->items) read_route(route, known->second, rule);
    }
    reader.finish();
    check_whole(rule, member.place);
    check_conditions(rule);
    check_reach(rule);
    state_.types.push_back(std::move(rule));
}

}  // namespace

void read_types(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("types", Need::required);
    if (node == nullptr) return;
    TypeParser parser(state, sink);
    for (const auto& member : node->members) parser.read(member);
    std::sort(state.types.begin(), state.types.end(),
              [](const TypeRule& a, const TypeRule& b) { return a.type < b.type; });
}

}  // namespace mash::area
