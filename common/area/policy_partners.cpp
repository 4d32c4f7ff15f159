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
    if (mode == "ask") {
        sink.add(
            reader.place_of("mode"),
            "relation " + member.key + ": \"ask\" is refused: index only until matching is in");
    }
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

void read_laws(TableReader& policy, PolicyState& state, FaultSink& sink) {
    const Node* node = policy.table("laws", Need::optional);
    if (node == nullptr) return;
    for (const auto& member : node->members) {
        InForce law;
        if (member.value.kind == Node::Kind::date) {
            if (state.calendar) law.from = state.calendar->local(member.value.date, 0);
        } else if (member.value.kind == Node::Kind::text && member.value.text == "not in force") {
            law.known = false;
        } else {
            sink.add(member.value.place,
                     "expected the date it came into force, or \"not in force\"");
        }
        state.laws.emplace(member.key, law);
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
    read_deciders(policy, state, sink);
    read_laws(policy, state, sink);
    if (const Node* node = policy.table("settings", Need::required)) {
        TableReader reader(*node, sink, "settings");
        state.schools_hear_of_missing_episodes =
            reader.boolean_or("schools_hear_of_missing_episodes", false);
        const auto below = reader.word_of("below_threshold", Need::required, "setting",
                                          {"agreement_led", "duty_led"});
        state.below_threshold =
            below == "duty_led" ? BelowThreshold::duty_led : BelowThreshold::agreement_led;
        reader.finish();
    }
}

}  // namespace mash::area
