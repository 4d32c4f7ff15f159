#include "common/area/catalogue.hpp"

#include <algorithm>
#include <optional>

namespace mash::area {
namespace {

const std::vector<std::string> withholding_words = {"marked", "silent", "none"};
const std::vector<std::string> unqualified_words = {"smallest", "full"};
const std::vector<std::string> class_words = {"unconditional", "conditional", "agreement"};
const std::vector<std::string> fact_words = {"occurred_at", "level", "harm",       "purpose",
                                             "status",      "rag",   "risk_grade", "kind",
                                             "thread",      "giver"};

const std::vector<std::string> field_kinds = {"text",   "long_text", "date",  "instant",
                                              "yes_no", "list",      "choice"};
/// The vocabularies of the protocol and of the catalogue that people read.
const std::vector<std::string> vocabularies = {"level",
                                               "harm",
                                               "purpose",
                                               "rag",
                                               "risk_grade",
                                               "urgency",
                                               "agreement_status",
                                               "giver",
                                               "kind",
                                               "not_sought_reason",
                                               "outcome",
                                               "recall_reason",
                                               "search_reason",
                                               "to_do_today"};

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> keys;
    for (const auto& entry : map) keys.push_back(entry.first);
    return keys;
}

bool good_name(const Member& member, FaultSink& sink, std::string_view what) {
    if (is_valid_name(member.key)) return true;
    sink.add(member.place,
             std::string(what) + " must be named with 1 to 64 of a-z, 0-9, \"_\", \"-\" and \".\"");
    return false;
}

void read_view(const Node& node, const std::string& section, std::uint8_t rank, Catalogue& out,
               FaultSink& sink) {
    if (!is_table(node, sink, "a view")) return;
    TableReader view(node, sink, "view of " + section);
    const auto name = view.text("name", Need::required);
    const auto fields = view.words("fields", Need::required);
    const auto unless_protected =
        view.words_of("unless_protected", Need::optional, "field of this view", fields);
    view.finish();
    if (!name) return;
    const bool bare = *name == section;
    if (!bare && !(is_valid_view_name(*name) && name->starts_with(section + "."))) {
        sink.add(view.place_of("name"), "a view of " + section + " must be called \"" + section +
                                            "\" or \"" + section + ".something\"");
        return;
    }
    if (out.find_view(*name) != nullptr) {
        sink.add(view.place_of("name"), "view \"" + *name + "\" is there twice");
        return;
    }
    out.views.push_back({ViewId(*name), section, rank, fields, unless_protected});
}

void read_sections(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (!good_name(member, sink, "a section") || !is_table(member.value, sink, "a section"))
            continue;
        TableReader reader(member.value, sink, "section " + member.key);
        SectionDefinition section;
        section.code = member.key;
        section.title = reader.text("title", Need::required).value_or("");
        section.sensitivity = static_cast<std::uint8_t>(
            reader.integer("sensitivity", Need::required, 1, 4).value_or(4));
        section.withholding =
            reader.word_of("when_withheld", Need::optional, "way of withholding", withholding_words)
                .value_or("none");
        if (section.withholding == "none") section.withholding.clear();
        for (const auto& role :
             reader.words_of("mark_shown_to", Need::optional, "role", out.role_words())) {
            section.marked_to.push_back(RoleId(role));
        }
        section.travels = reader.boolean_or("travels", true);
        section.only_when_named = reader.boolean_or("only_when_named", false);
        section.needs_release = reader.boolean_or("needs_release", false);
        section.needs_condition = reader.boolean_or("needs_condition", false);
        section.in_every_update = reader.boolean_or("in_every_update", false);
        const Node* views = reader.array("views", Need::required);
        reader.finish();
        if (views != nullptr) {
            std::uint8_t rank = 0;
            for (const auto& view : views->items) {
                if (rank == 255) break;
                read_view(view, member.key, ++rank, out, sink);
            }
            if (views->items.empty())
                sink.add(views->place, "section " + member.key + " needs at least one view");
        }
        for (const auto& view : out.views) {
            if (view.section != member.key) continue;
            for (const auto& field : view.fields) {
                if (std::find(section.fields.begin(), section.fields.end(), field) ==
                    section.fields.end()) {
                    section.fields.push_back(field);
                }
            }
        }
        out.sections.emplace(member.key, std::move(section));
    }
}

void read_profiles(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (!good_name(member, sink, "a profile") || !is_table(member.value, sink, "a profile"))
            continue;
        if (out.sections.contains(member.key)) {
            sink.add(member.place, "\"" + member.key + "\" is a section already");
            continue;
        }
        TableReader reader(member.value, sink, "profile " + member.key);
        const auto content = reader.text("content", Need::required);
        const bool full =
            reader.word_of("unqualified", Need::required, "meaning", unqualified_words)
                .value_or("smallest") == "full";
        reader.text("for", Need::optional);
        reader.finish();
        if (!content) continue;
        Profile profile;
        // A bare section inside the definition means what the profile says it means.
        out.profiles[member.key] = {{}, full};
        profile =
            parse_content(member.key + "+" + *content, out, {}, reader.place_of("content"), sink);
        profile.full_when_unqualified = full;
        out.profiles[member.key] = std::move(profile);
    }
}

void read_roles(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (!good_name(member, sink, "a role") || !is_table(member.value, sink, "a role")) continue;
        TableReader reader(member.value, sink, "role " + member.key);
        RoleDefinition role;
        role.role = RoleId(member.key);
        role.title = reader.text("title", Need::required).value_or("");
        role.school_clock = reader.boolean_or("school_clock", false);
        role.internal = reader.boolean_or("internal", false);
        reader.finish();
        out.roles.emplace(role.role, role);
    }
}

/// Of which child it speaks, what has happened and whom it is safe to ring: an update that left one
/// of these out would be read wrongly, or get somebody hurt.
void check_update(const TypeRule& rule, TableReader& reader, const Catalogue& catalogue,
                  FaultSink& sink) {
    const Place place = reader.place_of("changed_only");
    if (!rule.carries_content)
        sink.add(place, "a type without content has no sections to leave out");
    std::vector<std::string> always = {"idn", "sfc"};
    always.insert(always.end(), rule.required_sections.begin(), rule.required_sections.end());
    for (const auto& code : always) {
        const auto section = catalogue.sections.find(code);
        if (section == catalogue.sections.end() || section->second.in_every_update) continue;
        sink.add(place, "section " + code + " must say in_every_update = true: an update of " +
                            rule.type.value() + " cannot be read without it");
    }
}

void read_types(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (!good_name(member, sink, "a type") || !is_table(member.value, sink, "a type")) continue;
        TableReader reader(member.value, sink, "type " + member.key);
        CatalogueType type;
        type.rule.type = TypeId(member.key);
        type.rule.row =
            static_cast<std::uint16_t>(reader.integer("row", Need::required, 0, 999).value_or(0));
        type.rule.title = reader.text("title", Need::required).value_or("");
        const auto cls =
            reader.word_of("class", Need::required, "class", class_words).value_or("conditional");
        type.rule.agreement_class = cls == "unconditional" ? TypeRule::Class::unconditional
                                    : cls == "agreement"   ? TypeRule::Class::agreement
                                                           : TypeRule::Class::conditional;
        type.rule.kinds = reader.words("kinds", Need::optional);
        for (const auto& kind : type.rule.kinds) {
            if (!is_valid_name(kind))
                sink.add(reader.place_of("kinds"), "a kind must be named like \"sighting\"");
        }
        type.recipients = reader.words_of("recipients", Need::required, "role", out.role_words());
        for (const auto& section :
             reader.words_of("may_grant", Need::optional, "section", keys_of(out.sections))) {
            if (out.sections.at(section).travels) {
                type.named_sections.insert(section);
            } else {
                sink.add(reader.place_of("may_grant"), "section " + section + " never travels");
            }
        }
        type.rule.required_facts =
            reader.words_of("required_facts", Need::optional, "fact", fact_words);
        type.rule.required_sections =
            reader.words_of("required_sections", Need::optional, "section", keys_of(out.sections));
        type.rule.wants_voice = reader.boolean_or("wants_voice", false);
        type.rule.statutory = reader.boolean_or("statutory", false);
        type.rule.carries_content = reader.boolean_or("carries_content", true);
        type.rule.changed_only = reader.boolean_or("changed_only", false);
        if (type.rule.changed_only) check_update(type.rule, reader, out, sink);
        reader.finish();
        out.types.emplace(member.key, std::move(type));
    }
}

/// Code = "words" pairs, in the order of the text.
CodeWords read_codes(const Node& node, const std::string& what, FaultSink& sink) {
    CodeWords out;
    TableReader reader(node, sink, what);
    for (const auto& member : node.members) {
        const auto words = reader.text(member.key, Need::required);
        if (!words) continue;
        if (words->empty())
            sink.add(member.place, "\"" + member.key + "\" of " + what + " needs words");
        else
            out.emplace_back(member.key, *words);
    }
    return out;
}

/// Words for a field that no section has are a slip of the pen: the field itself would go without.
bool is_field(const std::string& name, const Catalogue& catalogue) {
    const auto dot = name.find('.');
    const auto has = [&](const SectionDefinition& section, const std::string& field) {
        return std::find(section.fields.begin(), section.fields.end(), field) !=
               section.fields.end();
    };
    if (dot == std::string::npos) {
        return std::any_of(catalogue.sections.begin(), catalogue.sections.end(),
                           [&](const auto& section) { return has(section.second, name); });
    }
    const auto section = catalogue.sections.find(name.substr(0, dot));
    return section != catalogue.sections.end() && has(section->second, name.substr(dot + 1));
}

void read_fields(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (!is_table(member.value, sink, "a field")) continue;
        if (!is_field(member.key, out)) {
            sink.add(member.place, "no section has a field \"" + member.key + "\"");
            continue;
        }
        TableReader reader(member.value, sink, "field " + member.key);
        FieldDefinition field;
        field.title = reader.text("title", Need::required).value_or("");
        field.hint = reader.text_or("hint", "");
        field.kind =
            reader.word_of("kind", Need::optional, "kind of field", field_kinds).value_or("text");
        const Node* choices = reader.table("choices", Need::optional);
        if (choices != nullptr)
            field.choices = read_codes(*choices, "choices of " + member.key, sink);
        if ((field.kind == "choice") == field.choices.empty()) {
            sink.add(member.place, "field " + member.key +
                                       " needs choices when its kind is \"choice\", and else none");
        }
        reader.finish();
        out.fields.emplace(member.key, std::move(field));
    }
}

/// "domestic_abuse_incident.2", "any.1": words for a type that nobody sends would never be read.
void check_to_do(const Node& node, const Catalogue& catalogue, FaultSink& sink) {
    auto types = keys_of(catalogue.types);
    types.emplace_back("any");
    for (const auto& member : node.members) {
        const auto type = member.key.substr(0, member.key.find('.'));
        if (std::find(types.begin(), types.end(), type) == types.end())
            sink.add(member.place, unknown_word("type", type, types));
    }
}

void read_words(const Node& node, Catalogue& out, FaultSink& sink) {
    for (const auto& member : node.members) {
        if (std::find(vocabularies.begin(), vocabularies.end(), member.key) == vocabularies.end()) {
            sink.add(member.place, unknown_word("vocabulary", member.key, vocabularies));
        } else if (is_table(member.value, sink, "a vocabulary")) {
            out.code_words[member.key] = read_codes(member.value, "words." + member.key, sink);
            if (member.key == "to_do_today") check_to_do(member.value, out, sink);
        }
    }
}

}  // namespace

const ViewDefinition* Catalogue::find_view(std::string_view view) const {
    const auto found = std::find_if(views.begin(), views.end(), [&](const ViewDefinition& v) {
        return v.view.value() == view;
    });
    return found == views.end() ? nullptr : &*found;
}

std::vector<std::string> Catalogue::role_words() const {
    std::vector<std::string> words;
    for (const auto& [role, definition] : roles) words.push_back(role.value());
    return words;
}

std::vector<std::string> Catalogue::marker_words() const { return keys_of(markers); }

Catalogue parse_catalogue(const Node& root, FaultSink& sink) {
    Catalogue out;
    TableReader reader(root, sink, "catalogue");
    if (const auto format = reader.integer("format", Need::required, 1, 1); !format) return out;
    reader.text("title", Need::optional);
    out.agency_kinds = reader.words("agency_kinds", Need::required);
    out.risk_grades = reader.words("risk_grades", Need::required);
    if (const Node* roles = reader.table("roles", Need::required)) read_roles(*roles, out, sink);
    if (const Node* markers = reader.table("markers", Need::required)) {
        TableReader words(*markers, sink, "markers");
        for (const auto& member : markers->members) {
            if (good_name(member, sink, "a marker")) {
                out.markers[member.key] = words.text(member.key, Need::required).value_or("");
            }
        }
    }
    if (const Node* sections = reader.table("sections", Need::required))
        read_sections(*sections, out, sink);
    if (const Node* profiles = reader.table("profiles", Need::required))
        read_profiles(*profiles, out, sink);
    if (const Node* types = reader.table("types", Need::required)) read_types(*types, out, sink);
    if (const Node* fields = reader.table("fields", Need::optional))
        read_fields(*fields, out, sink);
    if (const Node* words = reader.table("words", Need::optional)) read_words(*words, out, sink);
    reader.finish();
    return out;
}

Profile parse_content(std::string_view expression, const Catalogue& catalogue,
                      const std::set<std::string>& named, Place place, FaultSink& sink) {
    Profile out;
    std::vector<std::string> words = keys_of(catalogue.sections);
    for (const auto& [name, profile] : catalogue.profiles) words.push_back(name);
    for (const auto& view : catalogue.views) words.push_back(view.view.value());

    const auto grant = [&](const ViewDefinition& view) {
        const SectionDefinition& section = catalogue.sections.at(view.section);
        if (!section.travels) {
            sink.add(place, "section " + view.section + " never travels");
        } else if (section.only_when_named && !named.contains(view.section)) {
            sink.add(place, "section " + view.section +
                                " is granted only by a type whose catalogue entry says may_grant");
        } else {
            out.views[view.section] = view.view;
        }
    };
    const auto grant_section = [&](const std::string& code) {
        const ViewDefinition* chosen = nullptr;
        for (const auto& view : catalogue.views) {
            if (view.section != code) continue;
            if (chosen == nullptr || out.full_when_unqualified) chosen = &view;
        }
        if (chosen != nullptr) grant(*chosen);
    };

    std::size_t at = 0;
    bool add = true;
    bool first = true;
    while (at <= expression.size()) {
        const std::size_t end = std::min(expression.find_first_of("+-", at), expression.size());
        std::string word(expression.substr(at, end - at));
        std::erase(word, ' ');
        const auto profile = catalogue.profiles.find(word);
        const ViewDefinition* view = catalogue.find_view(word);
        if (word.empty()) {
            sink.add(place, "expected a profile, section or view before or after \"+\" or \"-\"");
        } else if (profile != catalogue.profiles.end() && add) {
            if (first) out.full_when_unqualified = profile->second.full_when_unqualified;
            for (const auto& [section, granted] : profile->second.views)
                out.views[section] = granted;
        } else if (catalogue.sections.contains(word)) {
            if (add) {
                grant_section(word);
            } else if (out.views.erase(word) == 0) {
                sink.add(place, "\"-" + word + "\" takes away what is not there");
            }
        } else if (view != nullptr && add) {
            grant(*view);
        } else if (!add && (view != nullptr || profile != catalogue.profiles.end())) {
            sink.add(place, "only a whole section can be taken away, not \"" + word + "\"");
        } else {
            sink.add(place, unknown_word("profile, section or view", word, words));
        }
        if (end == expression.size()) break;
        add = expression[end] == '+';
        first = false;
        at = end + 1;
    }
    return out;
}

}  // namespace mash::area
