#include "broker/ctl/decision_commands.hpp"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/ctl/admin_client.hpp"
#include "broker/ctl/broker_commands.hpp"
#include "broker/ctl/facts_json.hpp"
#include "common/area/decision_record.hpp"
#include "common/area/explain.hpp"
#include "common/area/files.hpp"
#include "common/wire/codec.hpp"

namespace mash::ctl {
namespace {

using Json = nlohmann::json;

constexpr const char* beginning = "1970-01-01T00:00:00Z";
constexpr const char* end_of_time = "9999-12-31T00:00:00Z";

struct Recorded {
    std::string id;
    WallTime at;
    std::string notification;
    std::string type;
    std::string accepted;
    std::uint64_t policy = 0;
    std::uint64_t catalogue = 0;
    std::uint64_t registry = 0;
    Bytes input;
    Bytes outcome;
};

std::unexpected<Problem> unreadable() {
    return problem("The broker's answer cannot be read.",
                   "Use the mashctl of the broker's own release.", Exit::no_broker);
}

Outcome<std::string> time_of(const std::string& text, const char* otherwise) {
    if (text.empty()) return std::string(otherwise);
    for (const auto& whole : {text, text + "T00:00:00Z"}) {
        if (wall_time_from_rfc3339(whole)) return whole;
    }
    return problem("\"" + text + "\" is no time.", "Write 2026-11-24 or 2026-11-24T08:00:00Z.");
}

/// What the broker answers; its refusals are told as every command tells them.
Outcome<Json> answer_of(const AskBroker& ask, const std::string& command,
                        const std::string& argument) {
    CTL_TRY(line, ask(command, argument));
    auto json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.value("ok", false) && json.contains("answer"))
        return std::move(json["answer"]);
    const auto refused = text_of_answer(line);
    if (!refused) return std::unexpected(refused.error());
    return unreadable();
}

Outcome<Recorded> read_row(const Json& row) {
    const auto text = [&](const char* name) {
        return row.contains(name) && row[name].is_string() ? row[name].get<std::string>()
                                                           : std::string();
    };
    const auto number = [&](const char* name) {
        return row.contains(name) && row[name].is_number_unsigned() ? row[name].get<std::uint64_t>()
                                                                    : 0;
    };
    const auto at = wall_time_from_rfc3339(text("at"));
    const auto input = from_base64url(text("input"));
    const auto outcome = from_base64url(text("outcome"));
    if (!at || !input || !outcome) return unreadable();
    return Recorded{text("decision"),
                    *at,
                    text("notification"),
                    text("type"),
                    text("accepted"),
                    number("policy"),
                    number("catalogue"),
                    number("registry"),
                    *input,
                    *outcome};
}

Outcome<void> each(const AskBroker& ask, const std::string& from, const std::string& to,
                   const std::function<Outcome<void>(Recorded)>& visit) {
    std::string after;
    while (true) {
        CTL_TRY(page, answer_of(ask, "decisions", from + " " + to + after));
        if (!page.is_object() || !page.contains("decisions") || !page["decisions"].is_array())
            return unreadable();
        for (const auto& row : page["decisions"]) {
            CTL_TRY(recorded, read_row(row));
            CTL_TRY_VOID(visit(std::move(recorded)));
        }
        if (!page.contains("next") || !page["next"].is_string()) return {};
        after = " " + page["next"].get<std::string>();
    }
}

Outcome<void> each(const AskBroker& ask, const DecisionsPeriod& period,
                   const std::function<Outcome<void>(Recorded)>& visit) {
    CTL_TRY(from, time_of(period.from, beginning));
    CTL_TRY(to, time_of(period.to, end_of_time));
    return each(ask, from, to, visit);
}

/// A decision's id begins with its time, so that one is found without a walk.
Outcome<Recorded> one(const AskBroker& ask, const std::string& id) {
    const auto bytes = uuid_from_text(id);
    if (!bytes) return problem("\"" + id + "\" is no id of a decision.", "See `decisions list`.");
    std::uint64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | (*bytes)[i];
    const auto at = WallTime::from_unix_ms(static_cast<std::int64_t>(ms));
    std::optional<Recorded> found;
    CTL_TRY_VOID(each(ask, to_rfc3339(at), to_rfc3339(at + std::chrono::milliseconds(1)),
                      [&](Recorded recorded) -> Outcome<void> {
                          if (recorded.id == id) found = std::move(recorded);
                          return {};
                      }));
    if (!found)
        return problem("The broker has recorded no decision " + id + ".", "See `decisions list`.");
    return std::move(*found);
}

/// The signed documents of the day, asked for once each.
class KeptDocuments {
public:
    explicit KeptDocuments(const AskBroker& ask) : ask_(ask) {}

    Outcome<const area::Registry*> registry(const Recorded& recorded) {
        auto& held = registries_[recorded.registry];
        if (!held) {
            CTL_TRY(document, fetch("registry", recorded.registry));
            CTL_TRY_RESULT(parsed, area::parse_registry(document.body), "read a kept registry");
            held = std::make_unique<area::Registry>(std::move(parsed));
        }
        return held.get();
    }
    Outcome<const area::Policy*> policy(const Recorded& recorded) {
        auto& held = policies_[{recorded.policy, recorded.catalogue}];
        if (!held) {
            CTL_TRY(text, fetch("policy", recorded.policy));
            CTL_TRY(words, fetch("catalogue", recorded.catalogue));
            std::vector<area::PolicyFault> faults;
            auto parsed = area::Policy::parse(text_of(text.body), "policy.toml",
                                              text_of(words.body), "catalogue.toml", faults);
            if (!parsed) {
                return problem("The policy of that day cannot be read by this release.",
                               "Use the mashctl of the release that was in use then.");
            }
            held = std::make_unique<area::Policy>(std::move(*parsed));
        }
        return held.get();
    }

private:
    Outcome<wire::SignedDocument> fetch(const std::string& kind, std::uint64_t version) {
        CTL_TRY(answer, answer_of(ask_, "kept_document", kind + " " + std::to_string(version)));
        if (!answer.is_object()) return unreadable();
        const auto bytes = from_base64url(answer.value("document", std::string()));
        if (!bytes) return unreadable();
        CTL_TRY_RESULT(document, wire::decode_body<wire::SignedDocument>(*bytes),
                       "read a kept " + kind);
        return document;
    }

    const AskBroker& ask_;
    std::map<std::uint64_t, std::unique_ptr<area::Registry>> registries_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::unique_ptr<area::Policy>> policies_;
};

AskBroker over(const DecisionsPeriod& period) {
    return [period](const std::string& command, const std::string& argument) {
        return ask_broker(period.socket, command, argument,
                          std::chrono::seconds(period.timeout_seconds));
    };
}

std::string ending(const Recorded& recorded, const wire::Decision& decision) {
    if (!recorded.accepted.empty()) return "accepted " + recorded.accepted;
    if (!decision.refusal.empty()) return "refused: " + decision.refusal;
    if (decision.recipients.empty() && !decision.held.empty()) return "held";
    return "not used";
}

}  // namespace

Outcome<void> list_decisions(const Context& context, const DecisionsList& command,
                             const AskBroker& ask) {
    std::size_t count = 0;
    CTL_TRY_VOID(each(ask, command.of, [&](Recorded recorded) -> Outcome<void> {
        CTL_TRY_RESULT(decision, wire::decode_body<wire::Decision>(recorded.outcome),
                       "read a recorded decision");
        ++count;
        context.out << recorded.id << "  " << to_rfc3339(recorded.at) << "  "
                    << recorded.notification << "  " << recorded.type << "  policy "
                    << recorded.policy << "  told " << decision.recipients.size() << ", held "
                    << decision.held.size() << ", refused " << decision.refused.size() << "  "
                    << ending(recorded, decision) << "\n";
        return {};
    }));
    context.out << count << (count == 1 ? " decision.\n" : " decisions.\n");
    return {};
}

Outcome<void> show_decision(const Context& context, const DecisionsShow& command,
                            const AskBroker& ask) {
    CTL_TRY(recorded, one(ask, command.id));
    KeptDocuments kept(ask);
    CTL_TRY(registry, kept.registry(recorded));
    CTL_TRY(policy, kept.policy(recorded));
    CTL_TRY_RESULT(decision, wire::decode_body<wire::Decision>(recorded.outcome),
                   "read the recorded decision");
    CTL_TRY_RESULT(input, area::decode_input(recorded.input), "read the recorded facts");
    context.out << recorded.notification << ", " << ending(recorded, decision) << "\n\n"
                << area::explain_for_practitioner(decision, *registry, *policy) << "\n"
                << area::explain_for_auditor(input, decision, *registry, *policy);
    return {};
}

Outcome<void> replay_decisions(const Context& context, const DecisionsReplay& command,
                               const AskBroker& ask) {
    KeptDocuments kept(ask);
    std::size_t equal = 0;
    std::size_t others = 0;
    const auto again = [&](const Recorded& recorded) -> Outcome<void> {
        CTL_TRY(registry, kept.registry(recorded));
        CTL_TRY(policy, kept.policy(recorded));
        const auto made = area::replay(recorded.input, recorded.outcome, *registry, *policy);
        if (made && made->equal) {
            ++equal;
            return {};
        }
        ++others;
        context.out << recorded.id
                    << (made ? " differs in " + made->difference
                             : " cannot be read: " + std::string(describe(made.error())))
                    << "\n";
        return {};
    };
    if (command.id.empty()) {
        CTL_TRY_VOID(
            each(ask, command.of, [&](const Recorded& recorded) { return again(recorded); }));
    } else {
        CTL_TRY(recorded, one(ask, command.id));
        CTL_TRY_VOID(again(recorded));
    }
    context.out << equal + others << " made again: " << equal << " equal byte for byte, " << others
                << " not.\n";
    if (others == 0) return {};
    return problem(std::to_string(others) + " recorded decisions do not come out the same.",
                   "Keep the broker's store as it is and tell whoever audits the area: a record "
                   "was changed, or this release decides otherwise than the one of that day.");
}

Outcome<void> export_decisions(const Context& context, const DecisionsExport& command,
                               const AskBroker& ask) {
    std::map<std::string, std::pair<WallTime, std::string>> lines;  // notification -> last line
    std::size_t under_floor = 0;
    CTL_TRY_VOID(each(ask, command.of, [&](const Recorded& recorded) -> Outcome<void> {
        CTL_TRY_RESULT(input, area::decode_input(recorded.input), "read recorded facts");
        if (input.floor) {
            ++under_floor;
            return {};
        }
        lines.insert_or_assign(recorded.notification, std::pair{recorded.at, facts_text(input)});
        return {};
    }));
    std::vector<std::pair<WallTime, std::string>> in_time;
    in_time.reserve(lines.size());
    for (auto& [notification, line] : lines) in_time.push_back(std::move(line));
    std::sort(in_time.begin(), in_time.end());
    std::string text;
    for (const auto& [at, line] : in_time) text += line + "\n";
    CTL_TRY_RESULT_VOID(area::write_file(command.file, view_of(text), area::FileAccess::owner_only),
                        "write " + command.file.string());
    context.out << in_time.size() << (in_time.size() == 1 ? " notification" : " notifications")
                << " of the period, in " << command.file.string()
                << ": codes, agencies and times. Decide them again with `mashctl policy "
                   "simulate`.\n";
    if (under_floor > 0) {
        context.out << under_floor
                    << " decisions are left out: nothing was in force, and only the floor went "
                       "on.\n";
    }
    return {};
}

Outcome<void> list_decisions(const Context& context, const DecisionsList& command) {
    return list_decisions(context, command, over(command.of));
}
Outcome<void> show_decision(const Context& context, const DecisionsShow& command) {
    return show_decision(context, command, over(command.of));
}
Outcome<void> replay_decisions(const Context& context, const DecisionsReplay& command) {
    return replay_decisions(context, command, over(command.of));
}
Outcome<void> export_decisions(const Context& context, const DecisionsExport& command) {
    return export_decisions(context, command, over(command.of));
}

}  // namespace mash::ctl
