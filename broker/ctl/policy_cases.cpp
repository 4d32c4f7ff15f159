#include "broker/ctl/policy_cases.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "common/area/files.hpp"
#include "common/area/trial.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using area::FaultSink;
using area::Need;
using area::Node;
using area::TableReader;
using Json = nlohmann::json;

Seat seat_from(const std::string& text, area::Place place, FaultSink& sink) {
    const auto slash = text.find('/');
    if (slash == std::string::npos || !is_valid_name(text.substr(0, slash)) ||
        !is_valid_name(text.substr(slash + 1))) {
        sink.add(place, "expected an agency and a role such as \"hub/ffd\"");
        return {};
    }
    return {AgencyId(text.substr(0, slash)), RoleId(text.substr(slash + 1))};
}

const std::vector<std::string> lane_words = {"immediate", "urgent", "routine", "bulk"};

std::vector<Seat> seats_of(TableReader& reader, std::string_view key) {
    const auto words = reader.words(key, Need::optional);
    std::vector<Seat> seats;
    seats.reserve(words.size());
    for (const auto& word : words)
        seats.push_back(seat_from(word, reader.place_of(key), reader.sink()));
    return seats;
}

Json json_of(const Seat& seat) {
    return {{"agency", seat.agency.value()}, {"role", seat.role.value()}};
}
Json json_of(const std::vector<Seat>& seats) {
    Json list = Json::array();
    for (const auto& seat : seats) list.push_back(json_of(seat));
    return list;
}

Json json_of(const Node& node) {
    switch (node.kind) {
        case Node::Kind::text: return node.text;
        case Node::Kind::integer: return node.integer;
        case Node::Kind::boolean: return node.boolean;
        case Node::Kind::instant: return to_rfc3339(node.instant);
        case Node::Kind::array: {
            Json list = Json::array();
            for (const auto& item : node.items) list.push_back(json_of(item));
            return list;
        }
        case Node::Kind::table: {
            Json object = Json::object();
            for (const auto& member : node.members) object[member.key] = json_of(member.value);
            return object;
        }
        default: return nullptr;
    }
}

// Each role has one relation in the words of a test; a role that nobody claims is a mistake.
std::string relation_of(const RoleId& role, const area::Policy& policy, area::Place place,
                        FaultSink& sink) {
    for (const auto& [word, relation] : policy.relations()) {
        if (relation.protects || relation.closes) continue;
        if (std::find(relation.roles.begin(), relation.roles.end(), role) != relation.roles.end())
            return word;
    }
    sink.add(place, "no relation of the policy is claimed for role \"" + role.value() + "\"");
    return "";
}

void read_given(const Node& node, const area::Policy& policy, PolicyCase& out, FaultSink& sink) {
    TableReader reader(node, sink, "given");
    Json json = Json::object();
    const auto sender = reader.text("sender", Need::required);
    if (sender) {
        const Seat who = seat_from(*sender, reader.place_of("sender"), sink);
        json["sender"] = who.agency.value();
        json["role"] = who.role.value();
    }
    const Node* at = reader.find("at");
    json["decided_at"] = at == nullptr ? "2026-11-24T11:00:00Z" : json_of(*at);
    for (const char* key :
         {"addressed_to", "thread_seats", "detriment", "conflicts", "passed_on_from"}) {
        const auto seats = seats_of(reader, key);
        if (!seats.empty()) json[key] = json_of(seats);
    }
    for (const auto& seat : seats_of(reader, "involved")) {
        Json one = json_of(seat);
        one["relation"] = relation_of(seat.role, policy, reader.place_of("involved"), sink);
        json["involved"].push_back(std::move(one));
    }
    if (const Node* held = reader.array("unchanged", Need::optional)) {
        for (const auto& item : held->items) {
            if (!area::is_table(item, sink, "what is unchanged")) continue;
            TableReader one(item, sink, "unchanged");
            const auto who = one.text("who", Need::required).value_or("");
            Json of_seat = json_of(seat_from(who, one.place_of("who"), sink));
            of_seat["views"] = one.words("views", Need::required);
            json["unchanged"].push_back(std::move(of_seat));
            one.finish();
        }
    }
    if (const Node* answers = reader.array("answers", Need::optional)) {
        for (const auto& item : answers->items) {
            if (!area::is_table(item, sink, "an answer")) continue;
            TableReader answer(item, sink, "answer");
            json["answers"].push_back({{"rule", answer.text("rule", Need::required).value_or("")},
                                       {"about", json_of(seats_of(answer, "about"))},
                                       {"allow", answer.boolean_or("allow", false)}});
            answer.finish();
        }
    }
    for (const char* key :
         {"type", "kind", "level", "harm", "vital", "purpose", "rag", "risk_grade", "markers",
          "agreement", "matched", "views", "occurred_at"}) {
        const Node* value = reader.find(key);
        if (value != nullptr) json[key] = json_of(*value);
    }
    out.without = seats_of(reader, "without");
    reader.finish();
    out.given = json.dump();
}

/// `clocks = { return_interview = 2027-01-13T16:20:00Z }`
std::vector<wire::Clock> read_clocks(TableReader& reader, const area::Policy& policy) {
    std::vector<wire::Clock> clocks;
    const Node* node = reader.table("clocks", Need::optional);
    if (node == nullptr) return clocks;
    std::vector<std::string> known;
    for (const auto& clock : policy.clocks()) known.push_back(clock.name);
    for (const auto& member : node->members) {
        if (policy.find_clock(member.key) == nullptr)
            reader.sink().add(member.place, area::unknown_word("clock", member.key, known));
        else if (member.value.kind != Node::Kind::instant)
            reader.sink().add(member.value.place, "expected a time such as 2027-01-13T16:20:00Z");
        else
            clocks.push_back({member.key, member.value.instant});
    }
    std::ranges::sort(clocks);
    return clocks;
}

std::vector<ExpectedRecipient> read_tell(TableReader& test, const std::string& rule,
                                         const area::Policy& policy, FaultSink& sink) {
    std::vector<ExpectedRecipient> out;
    const Node* list = test.array("tell", Need::optional);
    if (list == nullptr) return out;
    for (const auto& item : list->items) {
        if (!area::is_table(item, sink, "who is told")) continue;
        TableReader reader(item, sink, "tell");
        ExpectedRecipient one;
        if (const auto who = reader.text("who", Need::required))
            one.who = seat_from(*who, reader.place_of("who"), sink);
        const std::vector<std::string> urgencies = {"U1", "U2", "U3", "U4", "U5"};
        const auto acts = reader.word_of("acts", Need::optional, "urgency", urgencies);
        const auto knows = reader.word_of("knows", Need::optional, "urgency", urgencies);
        if (acts.has_value() == knows.has_value())
            sink.add(item.place, "say either acts = \"U2\" or knows = \"U4\"");
        one.act = acts.has_value();
        one.urgency = acts.value_or(knows.value_or(""));
        one.gets = reader.text("gets", Need::required).value_or("");
        one.rule = reader.text_or("rule", rule);
        one.withheld_stated = reader.find("withheld") != nullptr;
        one.withheld = reader.words("withheld", Need::optional);
        one.has_already_stated = reader.find("has_already") != nullptr;
        one.has_already = reader.words("has_already", Need::optional);
        one.basis = reader.text_or("basis", "");
        if (const Node* by = reader.find("by")) {
            if (by->kind == Node::Kind::instant)
                one.by = to_rfc3339(by->instant);
            else
                sink.add(by->place, "expected a time such as 2026-11-24T23:40:00Z");
        }
        one.inbox = reader.text_or("inbox", "");
        one.lane = reader.word_of("lane", Need::optional, "lane", lane_words).value_or("");
        one.standby_stated = reader.find("standby") != nullptr;
        one.standby = reader.words("standby", Need::optional);
        one.clocks = read_clocks(reader, policy);
        reader.finish();
        out.push_back(std::move(one));
    }
    return out;
}

void read_rest(TableReader& test, const std::string& rule, PolicyCase& out, FaultSink& sink) {
    if (const Node* list = test.array("hold", Need::optional)) {
        for (const auto& item : list->items) {
            if (!area::is_table(item, sink, "what is held")) continue;
            TableReader reader(item, sink, "hold");
            ExpectedHeld one;
            if (const auto who = reader.text("who", Need::required))
                one.who = seat_from(*who, reader.place_of("who"), sink);
            if (const auto decider = reader.text("decider", Need::required))
                one.decider = seat_from(*decider, reader.place_of("decider"), sink);
            one.rule = reader.text_or("rule", rule);
            reader.finish();
            out.hold.push_back(std::move(one));
        }
    }
    if (const Node* list = test.array("refuse", Need::optional)) {
        for (const auto& item : list->items) {
            if (!area::is_table(item, sink, "who is refused")) continue;
            TableReader reader(item, sink, "refuse");
            wire::RefusedRecipient one;
            if (const auto who = reader.text("who", Need::required))
                one.seat = seat_from(*who, reader.place_of("who"), sink);
            one.code = reader.text("code", Need::required).value_or("");
            one.rule = reader.text_or("rule", rule);
            reader.finish();
            out.refuse.push_back(std::move(one));
        }
    }
    if (const Node* node = test.table("nothing", Need::optional)) {
        TableReader reader(*node, sink, "nothing");
        out.nothing_code = reader.text("code", Need::required).value_or("");
        out.nothing_rule = reader.text_or("rule", rule);
        reader.finish();
    }
}

std::string text_of(const Seat& seat) { return seat.agency.value() + "/" + seat.role.value(); }

template <class Words>
std::string joined(const Words& words) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += " ";
        if constexpr (requires { word.value(); })
            out += word.value();
        else
            out += word;
    }
    return out.empty() ? "nothing" : out;
}

std::vector<std::string> texts_of(const std::vector<wire::Standby>& standbys) {
    std::vector<std::string> out;
    out.reserve(standbys.size());
    for (const auto& standby : standbys) {
        out.push_back(standby.inbox.value() + (standby.cause == wire::StandbyCause::alternate
                                                   ? " alternate"
                                                   : " out_of_hours"));
    }
    return out;
}

std::vector<std::string> texts_of(const std::vector<wire::Clock>& clocks) {
    std::vector<std::string> out;
    out.reserve(clocks.size());
    for (const auto& clock : clocks) out.push_back(clock.name + " by " + to_rfc3339(clock.by));
    return out;
}

class Comparison {
public:
    Comparison(const wire::Decision& decision, const area::Policy& policy)
        : decision_(decision), policy_(policy) {}

    void recipient(const TypeId& type, const ExpectedRecipient& expected) {
        const auto found = std::find_if(decision_.recipients.begin(), decision_.recipients.end(),
                                        [&](const auto& r) { return r.seat == expected.who; });
        const std::string who = text_of(expected.who);
        if (found == decision_.recipients.end()) return say(who + " is not told");
        expect(who + (expected.act ? " acts" : " is told"), true, found->act == expected.act);
        expect(who + "'s urgency", expected.urgency,
               "U" + std::to_string(static_cast<int>(found->urgency)));
        expect(who + "'s rule", expected.rule, found->rule);
        std::vector<area::PolicyFault> faults;
        const auto views = area::views_of_content(policy_, type, expected.gets, faults);
        for (const auto& fault : faults) say("gets = \"" + expected.gets + "\": " + fault.message);
        expect(who + " gets", joined(views), joined(found->views));
        if (expected.withheld_stated)
            expect(who + "'s withheld", joined(expected.withheld), joined(found->withheld));
        if (expected.has_already_stated) {
            expect(who + " has already", joined(expected.has_already), joined(found->unchanged));
        }
        if (!expected.basis.empty()) expect(who + "'s basis", expected.basis, found->basis);
        if (!expected.by.empty())
            expect(who + "'s deadline", expected.by, to_rfc3339(found->take_by));
        if (!expected.inbox.empty()) expect(who + "'s inbox", expected.inbox, found->inbox.value());
        if (!expected.lane.empty()) {
            expect(who + "'s lane", expected.lane,
                   lane_words[static_cast<std::size_t>(found->lane) - 1]);
        }
        if (expected.standby_stated) {
            expect(who + "'s standbys", joined(expected.standby),
                   joined(texts_of(found->standbys)));
        }
        expect(who + "'s own to hold", joined(texts_of(expected.clocks)),
               joined(texts_of(found->clocks)));
    }

    template <class T>
    void expect(const std::string& what, const T& expected, const T& got) {
        if (expected == got) return;
        if constexpr (std::is_same_v<T, bool>)
            say(what + ": expected " + (expected ? "yes" : "no") + ", it is " +
                (got ? "yes" : "no"));
        else
            say(what + ": expected " + expected + ", it is " + got);
    }
    void expect(const std::string& what, const char* expected, const std::string& got) {
        expect(what, std::string(expected), got);
    }
    void say(std::string sentence) { out.push_back(std::move(sentence)); }

    std::vector<std::string> out;

private:
    const wire::Decision& decision_;
    const area::Policy& policy_;
};

template <class List, class ToText>
std::string sorted_texts(const List& list, const ToText& to_text) {
    std::vector<std::string> texts;
    texts.reserve(std::size(list));
    for (const auto& item : list) texts.push_back(to_text(item));
    std::sort(texts.begin(), texts.end());
    return joined(texts);
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::vector<PolicyCase> parse_cases(std::string_view text, const std::string& file,
                                    const area::Policy& policy,
                                    std::vector<area::PolicyFault>& faults) {
    std::vector<PolicyCase> out;
    FaultSink sink(file, faults);
    const auto document = area::parse_document(text, sink);
    if (!document) return out;
    TableReader reader(*document, sink, "tests");
    const Node* list = reader.array("test", Need::required);
    reader.finish();
    if (list == nullptr) return out;
    for (const auto& item : list->items) {
        if (!area::is_table(item, sink, "a test")) continue;
        TableReader test(item, sink, "test");
        PolicyCase one;
        one.file = file;
        one.place = item.place;
        one.name = test.text("name", Need::required).value_or("");
        if (const Node* given = test.table("given", Need::required))
            read_given(*given, policy, one, sink);
        one.with = test.words("with", Need::optional);
        const std::string rule = test.text_or("rule", "E-08");
        one.tell = read_tell(test, rule, policy, sink);
        read_rest(test, rule, one, sink);
        one.ring = test.words("ring", Need::optional);
        one.warn = test.words("warn", Need::optional);
        one.no_warning = test.words("no_warning", Need::optional);
        one.offer = test.words("offer", Need::optional);
        one.incomplete = test.boolean_or("incomplete", false);
        one.floor = test.boolean_or("floor", false);
        test.finish();
        std::sort(one.ring.begin(), one.ring.end());
        out.push_back(std::move(one));
    }
    return out;
}

Outcome<std::vector<PolicyCase>> read_cases(const std::filesystem::path& folder,
                                            const area::Policy& policy,
                                            std::vector<area::PolicyFault>& faults) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".toml" && entry.path().filename() != "area.toml")
            files.push_back(entry.path());
    }
    if (error || files.empty()) {
        return problem("There are no tests in " + folder.string() + ".",
                       "Tests are *.toml files beside area.toml; the README of deploy/policy "
                       "shows one.");
    }
    std::sort(files.begin(), files.end());
    std::vector<PolicyCase> cases;
    for (const auto& file : files) {
        CTL_TRY_RESULT(bytes, area::read_file(file, limits::signed_document_bytes_max),
                       "read " + file.string());
        auto read = parse_cases(mash::text_of(bytes), file.filename().string(), policy, faults);
        std::move(read.begin(), read.end(), std::back_inserter(cases));
    }
    return cases;
}

Outcome<area::Registry> read_imagined_area(const std::filesystem::path& file,
                                           std::vector<area::PolicyFault>& faults) {
    CTL_TRY_RESULT(bytes, area::read_file(file, limits::signed_document_bytes_max),
                   "read " + file.string());
    return parse_imagined_area(mash::text_of(bytes), file.filename().string(), faults);
}

area::Registry parse_imagined_area(std::string_view text, const std::string& file,
                                   std::vector<area::PolicyFault>& faults) {
    FaultSink sink(file, faults);
    area::Registry registry;
    registry.version = 1;
    const auto document = area::parse_document(text, sink);
    if (!document) return registry;
    TableReader reader(*document, sink, "area");
    const Node* agencies = reader.table("agencies", Need::required);
    reader.finish();
    if (agencies == nullptr) return registry;
    for (const auto& member : agencies->members) {
        if (!area::is_table(member.value, sink, "an agency")) continue;
        TableReader entry(member.value, sink, "agency " + member.key);
        area::Agency agency;
        agency.id = AgencyId(member.key);
        agency.name = entry.text_or("name", member.key);
        agency.kind = entry.text("kind", Need::required).value_or("");
        agency.host = HostId("host");
        const bool alternates = entry.boolean_or("alternates", false);
        const auto automatic = entry.words("automatic", Need::optional);
        // A role without a seat publishes and is never told.
        for (const auto& role : entry.words("roles", Need::optional))
            agency.roles.push_back(RoleId(role));
        for (const auto& role : entry.words("seats", Need::required)) {
            agency.roles.push_back(RoleId(role));
            area::SeatEntry seat{RoleId(role), InboxId(member.key + "." + role), true, std::nullopt,
                                 "01632 960999"};
            seat.people = std::find(automatic.begin(), automatic.end(), role) == automatic.end();
            if (alternates && seat.people) {
                seat.alternate = InboxId(member.key + ".alternate");
                agency.alternate_inboxes = {*seat.alternate};
            }
            agency.seats.push_back(std::move(seat));
        }
        entry.finish();
        registry.agencies.emplace(agency.id, std::move(agency));
    }
    return registry;
}

std::vector<std::string> complaints(const PolicyCase& expected, const wire::Decision& decision,
                                    const area::Policy& policy) {
    Comparison compare(decision, policy);
    const TypeId type(Json::parse(expected.given).value("type", ""));
    for (const auto& recipient : expected.tell) compare.recipient(type, recipient);
    const auto seat_text = [](const auto& item) { return text_of(item.seat); };
    for (const auto& recipient : decision.recipients) {
        if (std::none_of(expected.tell.begin(), expected.tell.end(),
                         [&](const auto& e) { return e.who == recipient.seat; })) {
            compare.say(text_of(recipient.seat) + " is told by " + recipient.rule + " over route " +
                        recipient.route + ", and should not be");
        }
    }
    compare.expect("held",
                   sorted_texts(expected.hold,
                                [](const ExpectedHeld& h) {
                                    return text_of(h.who) + ":" + text_of(h.decider) + ":" + h.rule;
                                }),
                   sorted_texts(decision.held, [&](const wire::HeldRecipient& h) {
                       return seat_text(h) + ":" + text_of(h.decider) + ":" + h.rule;
                   }));
    const auto refused = [&](const wire::RefusedRecipient& r) {
        return seat_text(r) + ":" + r.rule + ":" + r.code;
    };
    compare.expect("refused", sorted_texts(expected.refuse, refused),
                   sorted_texts(decision.refused, refused));
    compare.expect("rung", joined(expected.ring),
                   sorted_texts(decision.not_connected,
                                [](const wire::NotConnected& n) { return n.role.value(); }));
    // A whole refusal that only sums up what was said of each is not said twice.
    if (!expected.nothing_code.empty() || expected.refuse.empty()) {
        compare.expect("refused as a whole", expected.nothing_code, decision.refusal);
        if (!expected.nothing_code.empty())
            compare.expect("rule of the whole", expected.nothing_rule, decision.rule);
    }
    for (const auto& warning : expected.warn) {
        if (!contains(decision.warnings, warning))
            compare.say("warning " + warning + " is missing");
    }
    for (const auto& warning : expected.no_warning) {
        if (contains(decision.warnings, warning)) compare.say("warning " + warning + " is there");
    }
    for (const auto& offer : expected.offer) {
        if (!contains(decision.offers, offer)) compare.say("offer " + offer + " is missing");
    }
    compare.expect("marked incomplete", expected.incomplete, decision.incomplete);
    compare.expect("floor", expected.floor, decision.floor);
    return std::move(compare.out);
}

}  // namespace mash::ctl
