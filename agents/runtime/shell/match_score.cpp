#include "agents/runtime/shell/match_score.hpp"

#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/person_csv.hpp"
#include "agents/runtime/identity/score.hpp"
#include "agents/runtime/shell/file_text.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace {

using identity::MatchClass;
using Json = nlohmann::json;

constexpr MatchClass classes[] = {MatchClass::link, MatchClass::question, MatchClass::none};

std::optional<std::string> text_of_file_named(const std::string& file, std::string& problem) {
    std::string out;
    const auto opened = FileText::open(file);
    const auto read =
        !opened ? Result<void>(fail(opened.error())) : opened->each([&](std::string_view piece) {
            out += piece;
            return out.size() <= limits::intake_file_bytes_max;
        });
    const auto whole =
        read && out.size() > limits::intake_file_bytes_max ? fail(ErrorCode::too_large) : read;
    if (whole) return out;
    problem = file + " cannot be read: " + std::string(describe(whole.error()));
    return std::nullopt;
}

std::string word(MatchClass match) { return std::string(identity::to_text(match)); }

/// The same half of the groups on every machine.
bool is_in_first_half(const std::string& group) {
    std::uint32_t sum = 2166136261U;
    for (const char c : group) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619U;
    return (sum >> 7) % 2 == 0;
}

std::string group_from(const std::regex& pattern, const std::string& id) {
    std::smatch found;
    if (!std::regex_search(id, found, pattern)) return {};
    return found.size() > 1 ? found[1].str() : found[0].str();
}

class Scoring {
public:
    explicit Scoring(const MatchScoreOptions& options) : options_(options) {}

    /// Words on what is wrong, or "".
    std::string read() {
        runtime::ColumnMap map;
        for (const auto& entry : options_.columns) {
            if (auto problem = map.add(entry); !problem.empty()) return problem;
        }
        if (!options_.group.empty()) {
            if (auto problem = map.add("group=" + options_.group); !problem.empty()) return problem;
        }
        if (!map.has("id")) return "Say which column holds the id: --columns id=COLUMN";
        std::string problem;
        const auto content = text_of_file_named(options_.file, problem);
        if (!content) return problem;
        file_ = runtime::read_person_csv(*content, map);
        if (!file_.problem.empty()) return options_.file + ": " + file_.problem;
        if (auto wrong = derive_groups(); !wrong.empty()) return wrong;
        const bool has_groups = map.has("group") || !options_.group_from_id.empty();
        if (!options_.half.empty() && !has_groups)
            return "--half needs the truth as groups: --group or --group-from-id";
        keep_half();
        for (const auto& person : file_.people) {
            people_.push_back(identity::normalised(
                person.record, options_.any_postcode ? identity::Postcodes::any_country
                                                     : identity::Postcodes::british));
        }
        if (!options_.labels.empty()) return read_labels();
        if (has_groups) {
            std::vector<std::string> groups;
            for (const auto& person : file_.people) groups.push_back(person.group);
            truth_ = identity::Truth::of_groups(groups);
        }
        if (options_.weights && !truth_.is_known())
            return "--weights needs the truth: --group, --group-from-id or --labels";
        return {};
    }

    std::string run() {
        std::FILE* pairs = nullptr;
        if (!options_.pairs.empty()) {
            pairs = std::fopen(options_.pairs.c_str(), "w");
            if (pairs == nullptr) return options_.pairs + " cannot be written";
            std::fputs("id_1,id_2,class,bits,truth,reasons\n", pairs);
        }
        const auto began = std::chrono::steady_clock::now();
        report_ = identity::score(
            people_, truth_,
            [&](const identity::PersonPair& pair, const identity::Match& match,
                std::optional<bool> same) {
                if (pairs == nullptr) return;
                std::fprintf(pairs, "%s,%s,%s,%g,%s,%s\n", cell(pair.first).c_str(),
                             cell(pair.second).c_str(), word(match.match).c_str(), match.bits,
                             !same ? "" : (*same ? "same" : "other"),
                             identity::reasons_of(match).c_str());
            },
            [&](std::size_t done, std::size_t all) { show_progress(done, all); });
        if (showed_progress_) std::fprintf(stderr, "\r                              \r");
        seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        if (pairs != nullptr && std::fclose(pairs) != 0)
            return options_.pairs + " was not written whole: is the disk full?";
        if (options_.weights) shares_ = identity::evidence_shares(people_, truth_);
        return {};
    }

    Json as_json() const {
        Json out;
        out["normalisation_version"] = identity::normalisation_version;
        out["people"] = report_.people;
        out["rows"] = file_.records;
        out["rows_not_used"] = rows_not_used();
        out["pairs_compared"] = report_.blocking.compared;
        out["keys_left_out"] = report_.blocking.keys_left_out;
        out["seconds"] = seconds_;
        for (const auto match : classes) {
            const auto& counts = report_.of(match);
            auto& one = out["classes"][word(match)];
            one["pairs"] = counts.pairs;
            if (report_.truth_known) {
                one["same_person"] = counts.same;
                one["other_people"] = counts.other;
            }
        }
        const auto put = [&](const char* name, const std::optional<double>& value) {
            out[name] = value ? Json(*value) : Json();
        };
        put("precision_of_links", report_.precision(MatchClass::link));
        put("precision_of_questions", report_.precision(MatchClass::question));
        put("recall_of_links", report_.recall_of_links());
        put("recall_of_links_and_questions", report_.recall_of_links_and_questions());
        out["questions_per_1000_people"] = report_.questions_per_thousand();
        out["same_person_pairs"] = report_.same_pairs;
        out["same_person_never_compared"] = report_.same_never_compared;
        out["strong_pairs"] = report_.strong_pairs;
        out["strong_pairs_contradicted"] = report_.strong_contradicted;
        out["questions_by_rule"] = report_.questions_by_rule;
        if (options_.population) out["a_working_day"] = day_json();
        out["flags"] = report_.flags;
        for (const auto& fault : file_.faults) ++faults(out, fault.field + " " + fault.rule);
        for (const auto& [what, shares] : shares_.by_evidence) {
            auto& one = out["weights"][what];
            one["share_of_same"] = share(shares.same, shares_.same_pairs);
            one["share_of_others"] = share(shares.other, shares_.other_pairs);
        }
        return out;
    }

    void print() const {
        std::printf("%s\n", std::filesystem::path(options_.file).filename().c_str());
        std::printf("  people          %zu", report_.people);
        if (rows_not_used() > 0) std::printf(" (%" PRIu64 " rows not used)", rows_not_used());
        std::printf("\n  pairs compared  %" PRIu64 " in %.1f s\n", report_.blocking.compared,
                    seconds_);
        if (report_.blocking.keys_left_out > 0)
            std::printf("  not compared    pairs that share nothing but one of %" PRIu64
                        " keys held by over %zu people\n",
                        report_.blocking.keys_left_out, identity::key_holders_max);
        if (report_.truth_known)
            std::printf("\n  %-10s %12s %12s %12s\n", "class", "pairs", "same person",
                        "other people");
        else
            std::printf("\n  %-10s %12s\n", "class", "pairs");
        for (const auto match : classes) {
            const auto& counts = report_.of(match);
            std::printf("  %-10s %12" PRIu64, word(match).c_str(), counts.pairs);
            if (report_.truth_known)
                std::printf(" %12" PRIu64 " %12" PRIu64, counts.same, counts.other);
            std::printf("\n");
        }
        std::printf("\n  agree exactly on a strong kind  %" PRIu64
                    ", of which contradicted %" PRIu64 "\n",
                    report_.strong_pairs, report_.strong_contradicted);
        if (report_.truth_known) {
            print_share("precision of links", report_.precision(MatchClass::link), "no links");
            print_share("precision of questions", report_.precision(MatchClass::question),
                        "no questions");
            print_share("recall of links", report_.recall_of_links(), "no pairs to find");
            print_share("recall of links and questions", report_.recall_of_links_and_questions(),
                        "no pairs to find");
            std::printf("  %-32s%" PRIu64 " of %" PRIu64 " pairs of the same person\n",
                        "never compared", report_.same_never_compared, report_.same_pairs);
        }
        std::printf("  %-32s%.1f\n", "questions per 1,000 people",
                    report_.questions_per_thousand());
        for (const auto& [rule, count] : report_.questions_by_rule)
            std::printf("    %-30s%" PRIu64 "\n", rule.c_str(), count);
        if (options_.population) print_day();
        print_faults();
        if (options_.weights) print_weights();
    }

private:
    identity::AreaAssumed area() const {
        auto area = options_.area;
        area.children = options_.population.value_or(area.children);
        return area;
    }

    const identity::ClassCounts& by_tokens(MatchClass match) const {
        return report_.by_tokens[static_cast<std::size_t>(match)];
    }

    Json day_json() const {
        const auto assumed = area();
        const auto shown = report_.shown();
        const auto day = identity::questions_a_day(shown, assumed);
        const auto or_null = [](const std::optional<double>& value) {
            return value ? Json(*value) : Json();
        };
        return {{"children", assumed.children},
                {"notifications", assumed.notifications},
                {"weak_share", assumed.weak_share},
                {"claims", assumed.claims},
                {"same_letter_and_surname", shown.same_letter_and_surname},
                {"asked_of_not_linked", or_null(shown.asked_of_not_linked)},
                {"pairs_linked_by_tokens", by_tokens(MatchClass::link).pairs},
                {"pairs_asked_by_tokens", by_tokens(MatchClass::question).pairs},
                {"others_alike", day.others_alike},
                {"questions_by_chance", day.by_chance},
                {"questions_least", or_null(day.least())},
                {"questions_most", day.most()}};
    }

    /// The broker asks by tokens alone, so this rests on other pairs than the classes above.
    void print_day() const {
        const auto assumed = area();
        const auto shown = report_.shown();
        const auto day = identity::questions_a_day(shown, assumed);
        std::printf("\n  by tokens alone, as the broker sees them\n");
        std::printf("    %-28s%" PRIu64 "\n", "pairs that link", by_tokens(MatchClass::link).pairs);
        std::printf("    %-28s%" PRIu64 "\n", "pairs asked about",
                    by_tokens(MatchClass::question).pairs);
        if (shown.asked_of_not_linked)
            std::printf("    %-28s%.4f\n", "asked of what does not link",
                        *shown.asked_of_not_linked);
        std::printf("    %-28s%.7f of pairs of two people\n", "same letter and surname",
                    shown.same_letter_and_surname);
        std::printf("\n  a working day of %.0f children\n", assumed.children);
        std::printf(
            "    assumed  %g notifications, %g of them without a token that links, %g claims "
            "of a child reached\n",
            assumed.notifications, assumed.weak_share, assumed.claims);
        std::printf("    %-28s%.4f other children a record, %.1f questions\n", "by chance",
                    day.others_alike, day.by_chance);
        if (const auto least = day.least())
            std::printf("    %-28s%.0f to %.0f\n", "questions a working day", *least, day.most());
        else
            std::printf("    %-28sat most %.0f\n", "questions a working day", day.most());
    }

    static Json::number_unsigned_t& faults(Json& out, const std::string& what) {
        auto& count = out["faults"][what];
        if (count.is_null()) count = Json::number_unsigned_t{0};
        return count.get_ref<Json::number_unsigned_t&>();
    }

    static double share(std::uint64_t part, std::uint64_t whole) {
        return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
    }

    static void print_share(const char* what, const std::optional<double>& value,
                            const char* otherwise) {
        if (value)
            std::printf("  %-32s%.4f\n", what, *value);
        else
            std::printf("  %-32s%s\n", what, otherwise);
    }

    std::uint64_t rows_not_used() const {
        std::uint64_t lost = 0;
        for (const auto& fault : file_.faults) lost += fault.record_lost ? 1 : 0;
        return lost;
    }

    void print_faults() const {
        std::map<std::string, std::uint64_t> counts;
        for (const auto& fault : file_.faults)
            ++counts[fault.field + ": " + fault.rule + ". " + fault.message];
        for (const auto& [flag, count] : report_.flags) counts[flag] += count;
        if (!counts.empty()) std::printf("\n  quality, in rows\n");
        for (const auto& [what, count] : counts)
            std::printf("    %6" PRIu64 "  %s\n", count, what.c_str());
    }

    void print_weights() const {
        std::printf("\n  %-32s%10s%12s%8s\n", "evidence", "of same", "of others", "bits");
        for (const auto& [what, counts] : shares_.by_evidence) {
            const double m = share(counts.same, shares_.same_pairs);
            const double u = share(counts.other, shares_.other_pairs);
            std::printf("  %-32s%10.4f%12.6f", what.c_str(), m, u);
            if (m > 0 && u > 0)
                std::printf("%8.1f\n", std::log2(m / u));
            else
                std::printf("%8s\n", "-");
        }
    }

    std::string derive_groups() {
        if (options_.group_from_id.empty()) return {};
        if (!options_.group.empty()) return "Give --group or --group-from-id, not both";
        try {
            const std::regex pattern(options_.group_from_id);
            for (auto& person : file_.people) person.group = group_from(pattern, person.id);
        } catch (const std::regex_error&) {
            return "--group-from-id is not a pattern that can be read: such as 'rec-([0-9]+)-'";
        }
        for (const auto& person : file_.people) {
            if (!person.group.empty()) return {};
        }
        return "--group-from-id fits no id of the file";
    }

    void keep_half() {
        if (options_.half.empty()) return;
        const bool first = options_.half == "first";
        std::erase_if(file_.people, [&](const runtime::Person& person) {
            return is_in_first_half(person.group) != first;
        });
    }

    std::string read_labels() {
        if (!options_.half.empty()) return "--half goes with groups, not with --labels";
        if (options_.label_columns.size() != 3)
            return "--label-columns takes three columns: left, right, match";
        std::string problem;
        const auto content = text_of_file_named(options_.labels, problem);
        if (!content) return problem;
        const auto file = runtime::read_label_csv(*content, options_.label_columns);
        if (!file.problem.empty()) return options_.labels + ": " + file.problem;
        std::map<std::string, std::uint32_t> by_id;
        for (std::uint32_t i = 0; i < file_.people.size(); ++i) by_id[file_.people[i].id] = i;
        std::map<identity::PersonPair, bool> labels;
        std::uint64_t strangers = 0;
        for (const auto& label : file.labels) {
            const auto left = by_id.find(label.left);
            const auto right = by_id.find(label.right);
            if (left == by_id.end() || right == by_id.end() || left == right)
                ++strangers;
            else
                labels[std::minmax(left->second, right->second)] = label.same;
        }
        if (strangers > 0)
            std::fprintf(stderr, "%" PRIu64 " labels name no two people of the file\n", strangers);
        if (labels.empty()) return options_.labels + ": no label names two people of the file";
        truth_ = identity::Truth::of_labels(labels);
        return {};
    }

    std::string cell(std::uint32_t at) const {
        const std::string& id = file_.people[at].id;
        // A spreadsheet would run a cell that begins so.
        const bool is_formula = std::string_view("=+-@").find(id.front()) != std::string_view::npos;
        if (!is_formula && id.find_first_of(",\"\r\n") == std::string::npos) return id;
        std::string out = is_formula ? "\"'" : "\"";
        for (const char c : id) out += c == '"' ? std::string("\"\"") : std::string(1, c);
        return out + "\"";
    }

    void show_progress(std::size_t done, std::size_t all) {
        if (::isatty(STDERR_FILENO) == 0 || all < 100'000) return;
        const auto percent = static_cast<int>(done * 100 / all);
        if (percent == last_percent_) return;
        last_percent_ = percent;
        showed_progress_ = true;
        std::fprintf(stderr, "\r  %d %% of the keys compared", percent);
    }

    const MatchScoreOptions& options_;
    runtime::PersonFile file_;
    std::vector<identity::PersonalIdentity> people_;
    identity::Truth truth_;
    identity::ScoreReport report_;
    identity::EvidenceShares shares_;
    double seconds_ = 0;
    int last_percent_ = -1;
    bool showed_progress_ = false;
};

std::string fields_in_words() {
    std::string out =
        "Which column holds what, FIELD=COLUMN with commas between; COLUMN+COLUMN puts "
        "two together. Fields: ";
    bool first = true;
    for (const auto field : runtime::ColumnMap::fields()) {
        out += (first ? "" : ", ") + std::string(field);
        first = false;
    }
    return out;
}

}  // namespace

void add_match_score_options(CLI::App& command, MatchScoreOptions& options) {
    command.add_option("file", options.file, "A CSV of people; its first row names the columns")
        ->required();
    command.add_option("--columns", options.columns, fields_in_words())->required()->delimiter(',');
    command.add_option("--group", options.group,
                       "The column that is the same for rows of one person: the truth");
    command.add_option("--group-from-id", options.group_from_id,
                       "The truth is a part of the id: a pattern, such as 'rec-([0-9]+)-'");
    command.add_option("--labels", options.labels,
                       "The truth is a CSV of pairs that people judged");
    command
        .add_option("--label-columns", options.label_columns,
                    "Its columns: left id, right id, match (0 to 1, or true and false)")
        ->delimiter(',');
    command.add_option("--half", options.half, "Only this half of the groups: first or second")
        ->check(CLI::IsMember({"first", "second"}));
    command.add_option("--pairs", options.pairs,
                       "Write links, questions and missed pairs to this CSV, by id, with reasons");
    command.add_flag("--any-postcode", options.any_postcode,
                     "Take postcodes of any country as they stand; for published test sets");
    command.add_flag("--weights", options.weights,
                     "How often each evidence occurs in pairs of one person and in others");
    auto* population =
        command
            .add_option("--population", options.population,
                        "Say how many questions a working day brings the front door of an area of "
                        "so many children")
            ->check(CLI::Range(1.0, 1e9));
    command
        .add_option("--notifications", options.area.notifications,
                    "With --population: notifications in a working day")
        ->capture_default_str()
        ->needs(population)
        ->check(CLI::Range(0.0, 1e6));
    command
        .add_option("--weak-share", options.area.weak_share,
                    "With --population: share of them in which nothing links by itself")
        ->capture_default_str()
        ->needs(population)
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--claims", options.area.claims,
                    "With --population: agencies' claims of one child that a notification reaches, "
                    "each a question of its own")
        ->capture_default_str()
        ->needs(population)
        ->check(CLI::Range(0.0, 100.0));
    command.add_option("--format", options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
}

int match_score(const std::string& program, const MatchScoreOptions& options) {
    Scoring scoring(options);
    std::string problem = scoring.read();
    if (problem.empty()) problem = scoring.run();
    if (!problem.empty()) {
        std::fprintf(stderr, "%s: %s\n", program.c_str(), problem.c_str());
        return 1;
    }
    if (options.format == "json")
        std::printf("%s\n", scoring.as_json().dump(2).c_str());
    else
        scoring.print();
    return 0;
}

}  // namespace mash::runtime_shell
