#include "broker/shell/config.hpp"

#include "common/area/enrolment.hpp"
#include "common/area/files.hpp"
#include "common/area/settings.hpp"
#include "common/area/toml.hpp"
#include "common/http/server.hpp"

namespace mash::broker_shell {

namespace {

constexpr std::size_t config_bytes_max = std::size_t{64} * 1024;
constexpr std::int64_t retention_days_max = std::int64_t{365} * 100;

}  // namespace

Result<BrokerConfig> read_broker_config(const std::filesystem::path& folder, std::string& problem) {
    const auto file = folder / "broker.toml";
    const auto text = area::read_file(file, config_bytes_max);
    if (!text) {
        problem = file.string() + " cannot be read: " + std::string(describe(text.error())) +
                  ". Make the area first with mashctl area init";
        return fail(text.error());
    }
    const auto parsed = toml::parse(text_of(*text), file.string());
    if (!parsed) {
        const auto& where = parsed.error().source().begin;
        problem = file.string() + ":" + std::to_string(where.line) + ":" +
                  std::to_string(where.column) + ": " + std::string(parsed.error().description());
        return fail(ErrorCode::malformed);
    }
    const toml::table& table = parsed.table();
    MASH_TRY(tree, area::parse_settings(text_of(*text), file.string(), problem));
    MASH_TRY_VOID(area::check_settings(
        tree, file.string(),
        {"documents", "key", "store", "admin_socket", "trust_anchor", "endpoints",
         "metrics_address", "metrics_port", "verify_threads", "retention_after_taken_days",
         "decision_record_years", "tombstone_retention_days", "plan_requests_per_minute",
         "plan_requests_of_person_per_minute", "publish_mebibytes_per_minute",
         "publish_mebibytes_per_day", "free_space_floor_mebibytes", "token_evaluations_per_hour",
         "token_import_allowance"},
        problem));
    // A key that is there with another type than ours is a mistake of the writer, never a default.
    const auto refuse = [&](const toml::node& node, std::string_view what) {
        problem = file.string() + ":" + std::to_string(node.source().begin.line) + ": " +
                  std::string(what);
        return fail(ErrorCode::bad_value);
    };
    for (const char* key :
         {"documents", "key", "store", "admin_socket", "trust_anchor", "metrics_address"}) {
        const auto* node = table.get(key);
        if (node != nullptr && !node->is_string())
            return refuse(*node, std::string(key) + " must be text in quotation marks");
    }
    for (const char* key : {"metrics_port", "verify_threads"}) {
        const auto* node = table.get(key);
        if (node != nullptr && !node->is_integer())
            return refuse(*node, std::string(key) + " must be a whole number");
    }
    BrokerConfig out;
    out.folder = folder;
    const auto path = [&](const char* key, const std::filesystem::path& fallback) {
        const std::filesystem::path given = table[key].value_or(fallback.string());
        return given.is_absolute() ? given : folder / given;
    };
    out.documents = path("documents", "../area/documents");
    out.key = path("key", "broker.key");
    out.store = path("store", "broker.sqlite");
    out.admin_socket = path("admin_socket", "admin.sock");
    const auto anchor_file = path("trust_anchor", "../area/area.json");
    const auto anchor_text = area::read_file(anchor_file, config_bytes_max);
    const auto anchor = anchor_text ? area::parse_trust_anchor(text_of(*anchor_text))
                                    : Result<area::TrustAnchor>(fail(anchor_text.error()));
    if (!anchor) {
        problem = anchor_file.string() +
                  " (trust_anchor) cannot be used: " + std::string(describe(anchor.error()));
        return fail(anchor.error());
    }
    out.area = anchor->area;
    out.root = anchor->root;
    if (const auto* list = table["endpoints"].as_array()) {
        for (const auto& item : *list) {
            const auto value = item.value_exact<std::string>();
            if (!value)
                return refuse(item,
                              "endpoints must be a list of texts such as \"tcp://127.0.0.1:7400\"");
            out.endpoints.push_back(*value);
        }
    }
    if (out.endpoints.empty()) {
        problem = file.string() +
                  ": endpoints is missing: give a list such as [\"tcp://127.0.0.1:7400\"]";
        return fail(ErrorCode::missing_field);
    }
    out.metrics_address = table["metrics_address"].value_or(out.metrics_address);
    if (!http::is_loopback(out.metrics_address)) {
        return refuse(
            *table.get("metrics_address"),
            "metrics_address is not the loopback address. /metrics and /health have "
            "neither TLS nor a password: write \"127.0.0.1\", and let a collector on this "
            "machine pass them on");
    }
    const auto port = table["metrics_port"].value_or<std::int64_t>(0);
    const auto threads = table["verify_threads"].value_or<std::int64_t>(2);
    if (port < 0 || port > 65535 || threads < 1 || threads > 64) {
        problem = file.string() + ": metrics_port is 0 to 65535 and verify_threads 1 to 64";
        return fail(ErrorCode::bad_value);
    }
    out.metrics_port = static_cast<std::uint16_t>(port);
    out.verify_threads = static_cast<unsigned>(threads);
    const auto number = [&](std::string_view key, std::int64_t fallback, std::int64_t min,
                            std::int64_t max) {
        return area::whole_number(tree, file.string(), key, fallback, min, max, problem);
    };
    MASH_TRY(taken_days, number("retention_after_taken_days", out.retention_after_taken.count(), 1,
                                retention_days_max));
    MASH_TRY(tombstone_days, number("tombstone_retention_days", out.tombstone_retention.count(),
                                    taken_days, retention_days_max));
    MASH_TRY(plans, number("plan_requests_per_minute", out.plan_requests_per_minute, 1, 100'000));
    MASH_TRY(of_person, number("plan_requests_of_person_per_minute",
                               out.plan_requests_of_person_per_minute, 1, 100'000));
    // Three quarters are for every lane, and must hold the largest frame.
    MASH_TRY(mebibytes,
             number("publish_mebibytes_per_minute", out.publish_mebibytes_per_minute, 2, 100'000));
    MASH_TRY(of_day,
             number("publish_mebibytes_per_day", out.publish_mebibytes_per_day, 2, 1'000'000));
    MASH_TRY(floor,
             number("free_space_floor_mebibytes", out.free_space_floor_mebibytes, 0, 10'000'000));
    out.publish_mebibytes_per_day = static_cast<std::uint32_t>(of_day);
    out.free_space_floor_mebibytes = static_cast<std::uint32_t>(floor);
    // Three quarters are for imports too, and must hold the largest question.
    MASH_TRY(evaluations, number("token_evaluations_per_hour", out.token_evaluations_per_hour,
                                 1'024, 100'000'000));
    MASH_TRY(allowance,
             number("token_import_allowance", out.token_import_allowance, 1'024, 100'000'000));
    out.token_evaluations_per_hour = static_cast<std::uint32_t>(evaluations);
    out.token_import_allowance = static_cast<std::uint32_t>(allowance);
    out.retention_after_taken = std::chrono::days(taken_days);
    MASH_TRY(record_years,
             number("decision_record_years", out.decision_record_term.count() / 365, 6, 100));
    out.decision_record_term = std::chrono::days(365 * record_years);
    out.tombstone_retention = std::chrono::days(tombstone_days);
    out.plan_requests_per_minute = static_cast<std::uint32_t>(plans);
    out.plan_requests_of_person_per_minute = static_cast<std::uint32_t>(of_person);
    out.publish_mebibytes_per_minute = static_cast<std::uint32_t>(mebibytes);
    return out;
}

std::string default_broker_toml(const std::string& documents, const std::string& anchor,
                                const std::vector<std::string>& endpoints,
                                std::uint16_t metrics_port) {
    std::string out =
        "# The broker's own machine. Who may share what is in the signed documents, not here.\n\n";
    out +=
        "# Signed registry, policy, catalogue and freshness; read again whenever a file "
        "changes.\ndocuments = \"" +
        documents + "\"\n\n";
    out += "# The area's root key, by which everything signed is judged.\ntrust_anchor = \"" +
           anchor + "\"\n\n";
    out += "key = \"broker.key\"\nstore = \"broker.sqlite\"\nadmin_socket = \"admin.sock\"\n\n";
    out += "# Where agents connect.\nendpoints = [";
    for (const auto& endpoint : endpoints)
        out += (&endpoint == &endpoints.front() ? "\"" : ", \"") + endpoint + "\"";
    out +=
        "]\n\n# /metrics and /health, for loopback.\nmetrics_address = \"127.0.0.1\"\nmetrics_port "
        "= " +
        std::to_string(metrics_port) +
        "\n\nverify_threads = 2\n\n"
        "# Sealed content is kept until everybody who acts has taken it and this much longer; then "
        "its id alone, so that\n# a repeat is known. An id outlives its content.\n"
        "retention_after_taken_days = 30\ntombstone_retention_days = 2555\n\n"
        "# Of one agency, and of one person of it (a service asks as its agency); over it the "
        "answer "
        "is \"busy\", with a time\n# to come again. The last quarter is for what goes in the "
        "immediate lane.\n"
        "plan_requests_per_minute = 600\nplan_requests_of_person_per_minute = 60\n"
        "publish_mebibytes_per_minute = 64\npublish_mebibytes_per_day = 4096\n\n"
        "# With less room than this on the store's disk, lists and routine notifications wait at "
        "their senders; with less\n# than a quarter of it, everything but the immediate lane. It "
        "is an alarm in the log.\n"
        "free_space_floor_mebibytes = 1024\n\n"
        "# How many identifiers of children one agency may have evaluated; a child has about four. "
        "Imports leave the last\n# quarter of an hour's to notifications, and have an allowance "
        "beside it that is whole again after 30 days.\n"
        "token_evaluations_per_hour = 20000\ntoken_import_allowance = 900000\n";
    return out;
}

}  // namespace mash::broker_shell
