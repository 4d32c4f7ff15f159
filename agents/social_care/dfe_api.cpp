// The daily payload that case systems send to the Department for Education (formats.md 3.3). A
// delta: what is absent is unchanged, an item that is purged never was. What earlier payloads said
// of a child is kept and brought up to date, and then compared like a snapshot; so a payload that
// comes twice says nothing new.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/json_reader.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/social_care/formats.hpp"
#include "agents/social_care/looked_after.hpp"
#include "agents/social_care/ssda903.hpp"

namespace mash::social_care {

namespace {

using Json = nlohmann::json;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::SourceMemory;

/// Numbers and flags are written as text or as they are, by whoever made the payload.
std::string text(const Json& object, const char* name) {
    if (!object.is_object()) return "";
    const auto found = object.find(name);
    if (found == object.end()) return "";
    if (found->is_string()) return runtime::clean_value(found->get<std::string>());
    if (found->is_number_integer()) return std::to_string(found->get<std::int64_t>());
    return "";
}

bool flag(const Json& object, const char* name) {
    if (!object.is_object()) return false;
    const auto found = object.find(name);
    if (found == object.end()) return false;
    if (found->is_boolean()) return found->get<bool>();
    const std::string word = text(object, name);
    return word == "true" || word == "True" || word == "1" || word == "Y" || word == "Yes";
}

/// The items under a name; a single one may stand without its list.
std::vector<const Json*> items(const Json& object, const char* name) {
    std::vector<const Json*> out;
    const auto found = object.find(name);
    if (found == object.end()) return out;
    if (found->is_object()) out.push_back(&*found);
    if (found->is_array()) {
        for (const auto& each : *found) {
            if (each.is_object()) out.push_back(&each);
        }
    }
    return out;
}

/// One plan or placement as the payloads up to now have it. Purged ids stay as such: a payload that
/// comes again does not bring them back.
struct Item {
    std::string start, end, reason, type, postcode, end_reason;
    bool purged = false;
};
using Items = std::map<std::string, Item>;

Item purged_item() {
    Item out;
    out.purged = true;
    return out;
}

Json json_of(const Items& list) {
    Json out = Json::object();
    for (const auto& [id, item] : list) {
        out[id] = item.purged ? Json::array()
                              : Json::array({item.start, item.end, item.reason, item.type,
                                             item.postcode, item.end_reason});
    }
    return out;
}

Items items_from(const Json& held) {
    Items out;
    if (!held.is_object()) return out;
    for (const auto& [id, each] : held.items()) {
        Item item;
        item.purged = each.empty();
        if (each.size() == 6) {
            std::string* const parts[] = {&item.start, &item.end,      &item.reason,
                                          &item.type,  &item.postcode, &item.end_reason};
            for (std::size_t i = 0; i < 6; ++i) {
                if (each[i].is_string()) *parts[i] = each[i].get<std::string>();
            }
        }
        out.emplace(id, std::move(item));
    }
    return out;
}

std::optional<area::CivilDate> day(const std::string& iso) {
    const auto date = area::civil_date_from_text(iso);
    return date ? std::optional(*date) : std::nullopt;
}

class ApiPayload final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "dfe-api"; }
    std::string_view title() const override {
        return "Children's social care API payload (JSON, daily changes)";
    }

    bool recognises(std::string_view head) const override {
        const auto first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        return first != std::string_view::npos && (head[first] == '{' || head[first] == '[') &&
               head.find("\"la_child_id\"") != std::string_view::npos;
    }

    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return runtime::select_json(records, std::move(write));
    }
    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<Reading>(context, memory, out);
    }

private:
    struct Reading final : runtime::SourceReading {
        Reading(const ReadContext& context_of, SourceMemory& memory_of, ReadFile& file_of)
            : context(context_of),
              memory(memory_of),
              file(file_of),
              known(context, memory),
              // An item that has ended stays so; what is open again is another one.
              events(context, memory, file, source::api, today(context)),
              first(context, memory, "dfe-api"),
              reader("", [this](runtime::JsonFound&& found) { value(found); }) {
            file.baseline = first.is();
        }

        bool feed(std::string_view piece) override {
            whole = whole && reader.feed(piece).has_value();
            return whole;
        }

        void finish() override {
            whole = whole && reader.finish().has_value();
            file.children = children.count();
            events.finish();
            if (whole) return first.done();
            const std::string rule = reader.too_deep()  ? "too_deep"
                                     : reader.cut_off() ? "cut_off"
                                                        : "not_json";
            const std::string message =
                "The file is no payload from this line on, or ends too early: the children before "
                "it were used. Send it again whole";
            if (file.records == 0) return file.refuse("", rule, message, reader.line());
            file.note(0, reader.line(), "", rule, message);
        }

        void value(const runtime::JsonFound& found) {
            Record record(file, ++file.records, found.line);
            if (found.too_large)
                return record.lose("", "too_large", "This child's record is far too long");
            const auto json = Json::parse(found.text.reveal(), nullptr, false);
            if (!json.is_object())
                return record.lose("", "not_an_object",
                                   "Each child is an object in curly brackets");
            child(json, record);
        }

        std::string key(const std::string& id) const {
            return "social-care/" + context.agency.value() + "/dfe-api/" + id;
        }

        void child(const Json& json, Record& record) {
            const std::string id = text(json, "la_child_id");
            if (id.empty())
                return record.lose("la_child_id", "required",
                                   "Without the child's own number the record belongs to nobody");
            children.add(id);
            const auto held = memory.get(key(id));
            const Json before = held ? Json::parse(*held, nullptr, false) : Json();
            Items plans = items_from(before.is_object() ? before.value("plans", Json()) : Json());
            Items placements =
                items_from(before.is_object() ? before.value("placements", Json()) : Json());
            const bool all_purged = flag(json, "purge");
            const Child who = person(json, id, record);
            bool has_worker = false;
            bool adopted = false;
            if (all_purged) {
                record.count("children_purged");
                for (auto* list : {&plans, &placements}) {
                    for (auto& [item_id, item] : *list) item = purged_item();
                }
            } else {
                for (const auto* episode : items(json, "social_care_episodes")) {
                    read_episode(*episode, plans, placements, record);
                    has_worker = has_worker || works(*episode);
                    adopted = adopted || text(*episode, "closure_reason") == "RC1";
                }
            }
            const std::string now =
                Json{{"plans", json_of(plans)}, {"placements", json_of(placements)}}.dump();
            if (now != held) memory.put(key(id), now);

            tell_plans(who, plans, record);
            adopted = tell_placements(who, placements, record) || adopted;
            if (has_worker) events.involve(who);
            if (all_purged || adopted) known.forget(id);
        }

        Child person(const Json& json, const std::string& id, Record& record) {
            Child out = known.from(source::api, id).value_or(Child{});
            out.local_id = id;
            const auto details = json.find("child_details");
            if (details == json.end() || !details->is_object()) return out;
            if (flag(*details, "purge")) {
                known.forget(id);
                Child nameless;
                nameless.local_id = id;
                return nameless;
            }
            auto& subject = out.subject;
            const auto take = [&](PersonalText& into, const char* name) {
                if (const std::string value = text(*details, name); !value.empty())
                    into = PersonalText(value);
            };
            take(subject.forename, "first_name");
            take(subject.surname, "surname");
            take(subject.postcode, "postcode");
            const auto add_former = [&](PersonalText upn) {
                if (!upn.reveal().empty() && upn != subject.upn &&
                    std::ranges::find(subject.former_upns, upn) == subject.former_upns.end())
                    subject.former_upns.push_back(std::move(upn));
            };
            PersonalText upn_before = subject.upn;
            take(subject.upn, "unique_pupil_number");
            add_former(std::move(upn_before));
            add_former(PersonalText(text(*details, "former_unique_pupil_number")));
            if (const auto born =
                    record.date("child_details/date_of_birth", text(*details, "date_of_birth"))) {
                subject.date_of_birth = PersonalText(area::to_text(*born));
                subject.unborn = false;
                out.due_date.clear();
            }
            if (const auto due = record.date("child_details/expected_date_of_birth",
                                             text(*details, "expected_date_of_birth"));
                due && subject.date_of_birth.reveal().empty()) {
                subject.unborn = true;
                out.due_date = area::to_text(*due);
            }
            if (const std::string sex = text(*details, "sex"); !sex.empty())
                out.sex = runtime::sex_word(sex);
            if (!subject.upn.reveal().empty() &&
                runtime::normalise_upn(subject.upn.reveal()).empty())
                record.note("child_details/unique_pupil_number", "check_failed",
                            "The UPN does not pass its check and is not used to match");
            if (!flag(json, "purge")) known.remember(source::api, out);
            return out;
        }

        static bool works(const Json& episode) {
            if (flag(episode, "purge") || !text(episode, "closure_date").empty()) return false;
            for (const auto* worker : items(episode, "care_worker_details")) {
                if (text(*worker, "end_date").empty() && !flag(*worker, "purge")) return true;
            }
            return false;
        }

        static void read_episode(const Json& episode, Items& plans, Items& placements,
                                 Record& record) {
            record.count("social_care_episodes");
            const bool purged = flag(episode, "purge");
            for (const auto* each : items(episode, "section_47_assessments")) {
                (void)each;
                record.count("section_47_assessments");
            }
            for (const auto* each : items(episode, "child_protection_plans")) {
                record.count(purged || flag(*each, "purge") ? "plans_purged" : "plans");
                read_item(*each, "child_protection_plan_id", purged, plans, record);
            }
            for (const auto* each : items(episode, "child_looked_after_placements")) {
                record.count(purged || flag(*each, "purge") ? "placements_purged" : "placements");
                read_item(*each, "child_looked_after_placement_id", purged, placements, record);
            }
        }

        static void read_item(const Json& json, const char* id_name, bool purged, Items& list,
                              Record& record) {
            const std::string id = text(json, id_name);
            if (id.empty())
                return record.note(id_name, "required",
                                   "An item without its id cannot be told from another: it was "
                                   "passed over");
            Item& item = list[id];
            if (item.purged) return record.count("purged_before");
            if (purged || flag(json, "purge")) {
                item = purged_item();
                return;
            }
            const auto take = [&](std::string& into, const char* name) {
                if (const std::string value = text(json, name); !value.empty()) into = value;
            };
            const auto take_date = [&](std::string& into, const char* name) {
                if (const auto date = record.date(name, text(json, name)))
                    into = area::to_text(*date);
            };
            take_date(item.start, "start_date");
            take_date(item.end, "end_date");
            // An end that cannot be read is no open item: it is taken when the date is mended.
            if (!text(json, "end_date").empty() && item.end.empty()) item.start.clear();
            take(item.reason, "start_reason");
            take(item.type, "placement_type");
            take(item.postcode, "postcode");
            take(item.end_reason, "end_reason");
        }

        void tell_plans(const Child& who, const Items& plans, Record& record) {
            std::vector<Span> spans;
            bool purged = false;
            for (const auto& [id, plan] : plans) {
                purged = purged || plan.purged;
                if (const auto start = day(plan.start)) spans.push_back({*start, day(plan.end)});
            }
            Seen seen = seen_of(spans);
            seen.deleted = purged && spans.empty();
            events.compare(who, Status::protection_plan, seen, record);
        }

        /// True: the child was adopted.
        bool tell_placements(const Child& who, const Items& placements, Record& record) {
            std::vector<Episode> episodes;
            bool purged = false;
            for (const auto& [id, item] : placements) {
                purged = purged || item.purged;
                const auto start = day(item.start);
                if (!start) continue;
                auto episode = episode_of(item.reason, "", item.end_reason);
                episode.start = *start;
                episode.end = day(item.end);
                episode.place = item.type;
                episode.postcode = item.postcode;
                episode.record = file.records;
                episodes.push_back(std::move(episode));
            }
            if (episodes.empty()) {
                Seen seen;
                seen.deleted = purged;
                events.compare(who, Status::looked_after, seen, record);
                return false;
            }
            const auto what = looked_after(std::move(episodes));
            (void)tell(events, who, what, first.is(), record);
            return what.adopted;
        }

        const ReadContext& context;
        SourceMemory& memory;
        ReadFile& file;
        KnownChildren known;
        CareEvents events;
        FirstImport first;
        runtime::DistinctCount children;
        bool whole = true;
        runtime::JsonReader reader;
    };
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_dfe_api() { return std::make_unique<ApiPayload>(); }

}  // namespace mash::social_care
