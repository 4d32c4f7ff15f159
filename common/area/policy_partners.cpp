// Who can be rung, who may claim to work with a child and who may be shown it, who decides, which
// laws are in force.
#include <algorithm>

#include "common/area/policy_state.hpp"

namespace mash::area {
namespace {

// Design rule 8 is not the area's to widen: an involvement is shown to police, front door and
// social care, and among health to health; everybody else is reached by the front door.
bool may_be_shown(const std::string& sender_kind, const RelationRule& relation) {
    if (sender_kind == "police" || sender_kind == "front_door" || sender_kind == "social_care")
        return true;
    return sender_kind == "health" &&
           std::find(relation.claimed_by.begin(), relation.claimed_by.end(), "health") !=
               relation.claimed_by.end();
}

void read_relation(const Member& member, PolicyState& state, FaultSink& sink) {
    if (!is_valid_name(member.key))
        sink.add(member.place, "a relation must be named like \"health_visitor\"");
    if (!is_table(member.value, sink, "a relation")) return;
    TableReader reader(member.value, sink, "relation " + member.key);
    RelationRule relation;
    relation.relation = member.key;
    relation.title = reader.text("title", Need::required).value_or("");
    const auto mode = reader.word_of("mode", Need::required, "mode", {"index", "ask"});
    relation.indexed = mode != "ask";
    relation.claimed_by = reader.words_of("claimed_by", Need::required, "kind of agency",
                                          state.catalogue.agency_kinds);
    for (const auto& role :
         reader.words_of("roles", Need::required, "role", state.catalogue.role_words())) {
        relation.roles.push_back(RoleId(role));
    }
    relation.known_to =
        reader.words_of("known_to", Need::required, "kind of agency", state.catalogue.agency_kinds);
    for (const auto& kind : relation.known_to) {
        if (!may_be_shown(kind, relation)) {
            sink.add(reader.place_of("known_to"),
                     "a sender of kind \"" + kind +
                         "\" may not be shown who is involved: the front door passes on");
        }
    }
    relation.protects = reader.boolean_or("protects", false);
    relation.severs = reader.boolean_or("severs", false);
    relation.closes = reader.boolean_or("closes", false);
    if (int{relation.protects} + int{relation.severs} + int{relation.closes} > 1) {
        sink.add(member.place, "relation " + member.key +
                                   ": only one of protects, severs and closes can be true");
    }
    if ((relation.protects || relation.severs || relation.closes) && !relation.indexed) {
        sink.add(reader.place_of("mode"), "relation " + member.key +
                                              " protects, severs or closes: its mode must be "
                                              "\"index\", because who asks first has already "
                                              "shown whom to ask");
    }
    relation.single = reader.boolean_or("single", false);
    relation.lapse_days = reader.integer("lapse_days", Need::optional, 1, 90).value_or(0);
    if (const auto role =
            reader.word_of("lapse_to", Need::optional, "role", state.catalogue.role_words()))
        relation.lapse_to = RoleId(*role);
    if ((relation.lapse_days == 0) != relation.lapse_to.empty()) {
        sink.add(member.place,
                 "relation " + member.key + ": lapse_days and lapse_to belong together");
    }
    if (relation.lapse_days != 0 && !relation.indexed) {
        sink.add(reader.place_of("mode"), "relation " + member.key +
                                              ": nobody sees that a list which is not deposited "
                                              "has lost a child: leave out lapse_days");
    }
    reader.finish();
    state.relations.emplace(member.key, std::move(relation));
}

void read_deciders(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("deciders", Need::required);
    if (node == nullptr) return;
    for (const auto& member : node->members) {
        const auto& kinds = state.catalogue.agency_kinds;
        if (std::find(kinds.begin(), kinds.end(), member.key) == kinds.end()) {
            sink.add(member.place, unknown_word("kind of agency", member.key, kinds));
            continue;
        }
        if (!is_table(member.value, sink, "deciders")) continue;
        TableReader reader(member.value, sink, "deciders of " + member.key);
        DeciderRoles deciders;
        const auto roles = state.catalogue.role_words();
        for (const auto& role :
             reader.words_of("safeguarding_lead", Need::required, "role", roles)) {
            deciders.safeguarding_lead.push_back(RoleId(role));
        }
        for (const auto& role : reader.words_of("manager", Need::required, "role", roles)) {
            deciders.manager.push_back(RoleId(role));
        }
        reader.finish();
        state.deciders.emplace(member.key, std::move(deciders));
    }
    for (const auto& kind : state.catalogue.agency_kinds) {
        if (!state.deciders.contains(kind)) {
            sink.add(node->place, "nobody decides for agencies of kind \"" + kind +
                                      "\": add [deciders." + kind + "]");
        }
    }
}

std::optional<InForce::Period> read_period(const Node& node, const PolicyState& state,
                                           FaultSink& sink) {
    const std::string expected =
        "expected the date it came into force, \"not in force\", or periods such as { from = "
        "2025-11-07, until = 2026-09-30 }";
    const auto start_of = [&](const CivilDate& date) {
        return state.calendar ? state.calendar->local(date, 0) : WallTime{};
    };
    if (node.kind == Node::Kind::date) return InForce::Period{start_of(node.date), {}};
    if (node.kind != Node::Kind::table) {
        sink.add(node.place, expected);
        return std::nullopt;
    }
    TableReader reader(node, sink, "period");
    const auto from = reader.date("from", Need::required);
    const auto until = reader.date("until", Need::optional);
    reader.finish();
    if (!from) return std::nullopt;
    InForce::Period period{start_of(*from), until ? start_of(*until) : WallTime{}};
    if (until && *until <= *from) sink.add(node.place, "a period must begin before it ends");
    return period;
}

void read_laws(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("laws", Need::optional);
    if (node == nullptr) return;
    for (const auto& member : node->members) {
        InForce law;
        law.always = false;
        const bool none =
            member.value.kind == Node::Kind::text && member.value.text == "not in force";
        if (member.value.kind == Node::Kind::array) {
            for (const auto& item : member.value.items) {
                const auto period = read_period(item, state, sink);
                if (!period) continue;
                const bool overlaps =
                    !law.periods.empty() &&
                    (!law.periods.back().until.is_set() || period->from < law.periods.back().until);
                if (overlaps) {
                    sink.add(item.place,
                             "this period overlaps the one before: a law is in force "
                             "once at a time");
                }
                law.periods.push_back(*period);
            }
        } else if (!none) {
            if (const auto period = read_period(member.value, state, sink))
                law.periods.push_back(*period);
        }
        state.laws.emplace(member.key, law);
    }
}

void read_duty_to_share(TableReader& policy, PolicyState& state, FaultSink& sink) {
    state.sharing_duty.in_force.always = false;
    const Node* node = policy.table("duty_to_share", Need::optional);
    if (node == nullptr) return;
    TableReader reader(*node, sink, "duty_to_share");
    std::vector<std::string> laws;
    for (const auto& [word, law] : state.laws) laws.push_back(word);
    const auto law = reader.word_of("law", Need::required, "law", laws);
    if (law) state.sharing_duty.in_force = state.laws.at(*law);
    state.sharing_duty.bodies =
        reader.words_of("bodies", Need::required, "kind of agency", state.catalogue.agency_kinds);
    reader.finish();
}

std::map<std::string, std::string> read_sentences(TableReader& policy, std::string_view key,
                                                  FaultSink& sink) {
    std::map<std::string, std::string> out;
    const Node* node = policy.table(key, Need::optional);
    if (node == nullptr) return out;
    TableReader reader(*node, sink, std::string(key));
    for (const auto& member : node->members)
        out[member.key] = reader.text(member.key, Need::required).value_or("");
    return out;
}

void read_out_of_hours(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("out_of_hours", Need::optional);
    if (node == nullptr) return;
    for (const auto& member : node->members) {
        if (!is_table(member.value, sink, "a way out of hours")) continue;
        TableReader reader(member.value, sink, "out_of_hours " + member.key);
        state.out_of_hours_ways[member.key] = reader.text("says", Need::required).value_or("");
        state.out_of_hours_desks[member.key] =
            reader.word_of("desk", Need::required, "word", {"emergency_duty", "queue"})
                .value_or("queue");
        reader.finish();
    }
}

void read_other_authorities(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("other_authorities", Need::optional);
    if (node == nullptr) return;
    for (const auto& member : node->members) {
        if (!is_valid_name(member.key)) {
            sink.add(member.place,
                     "expected the name of an agency as senders write it, such as \"northmere\"");
            continue;
        }
        if (!is_table(member.value, sink, "another authority")) continue;
        TableReader reader(member.value, sink, "other_authorities " + member.key);
        OtherAuthority authority;
        authority.name = reader.text("name", Need::required).value_or("");
        const auto number = reader.text("telephone", Need::required);
        if (number) check_telephone(*number, reader.place_of("telephone"), sink);
        authority.telephone = number.value_or("");
        reader.finish();
        state.other_authorities.emplace(AgencyId(member.key), std::move(authority));
    }
}

}  // namespace

void check_telephone(const std::string& number, Place place, FaultSink& sink) {
    if (number.size() >= 3 && number.size() <= 40 &&
        number.find_first_not_of("0123456789 +()") == std::string::npos) {
        return;
    }
    sink.add(place, "expected a telephone number such as \"01632 960101\"");
}

void read_partners(TableReader& policy, PolicyState& state, FaultSink& sink) {
    if (const Node* node = policy.table("telephones", Need::required)) {
        TableReader reader(*node, sink, "telephones");
        const auto roles = state.catalogue.role_words();
        for (const auto& member : node->members) {
            if (std::find(roles.begin(), roles.end(), member.key) == roles.end()) {
                sink.add(member.place, unknown_word("role", member.key, roles));
                continue;
            }
            const auto number = reader.text(member.key, Need::required);
            if (number) check_telephone(*number, member.value.place, sink);
            state.telephones[RoleId(member.key)] = number.value_or("");
        }
    }
    if (const Node* node = policy.table("relations", Need::required)) {
        for (const auto& member : node->members) read_relation(member, state, sink);
    }
    read_other_authorities(policy, state, sink);
    read_deciders(policy, state, sink);
    read_laws(policy, state, sink);
    read_duty_to_share(policy, state, sink);
    state.escalations = read_sentences(policy, "escalations", sink);
    read_out_of_hours(policy, state, sink);
    if (const Node* node = policy.table("settings", Need::required)) {
        TableReader reader(*node, sink, "settings");
        state.schools_hear_of_missing_episodes =
            reader.boolean_or("schools_hear_of_missing_episodes", false);
        const auto below = reader.word_of("below_threshold", Need::required, "setting",
                                          {"agreement_led", "duty_led"});
        state.below_threshold =
            below == "duty_led" ? BelowThreshold::duty_led : BelowThreshold::agreement_led;
        std::vector<std::string> sections;
        for (const auto& [code, section] : state.catalogue.sections) sections.push_back(code);
        state.withheld_when_reduced =
            reader.words_of("withheld_when_reduced", Need::required, "section", sections);
        state.pass_on_marker =
            reader
                .word_of("pass_on_marker", Need::optional, "marker", state.catalogue.marker_words())
                .value_or("");
        state.recall_confirm_within = std::chrono::hours(
            reader.integer("recall_confirm_hours", Need::optional, 1, 24 * 7).value_or(4));
        state.agreement_confirm_working_days = static_cast<unsigned>(
            reader.integer("agreement_confirm_working_days", Need::optional, 1, 20).value_or(1));
        reader.finish();
    }
}

}  // namespace mash::area
