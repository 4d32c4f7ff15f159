// The area as an operator makes it, idle: a police CSV is put into the intake folder, and the
// agents' own logs say when each step was done.
#include <fstream>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "common/base/time.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/figures.hpp"
#include "tests/integration/area.hpp"

namespace mash::bench {

namespace {

using integration::Area;
using integration::Json;

constexpr std::size_t inboxes =
    5;  // the desk on duty, social work, missing officers, school, nurse
constexpr std::chrono::seconds patience{30};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Lines that a program's log has gained since the last look.
class LogTail {
public:
    explicit LogTail(const std::filesystem::path& file) : in_(file) {}
    template <class See>
    void read(See see) {
        in_.clear();
        for (char c = 0; in_.get(c);) {
            if (c != '\n') {
                line_ += c;
                continue;
            }
            const auto json = Json::parse(line_, nullptr, false);
            line_.clear();
            if (json.is_object()) see(json);
        }
    }

private:
    std::ifstream in_;
    std::string line_;
};

/// Milliseconds since the epoch, by name of the step; the last of each kind counts.
struct Steps {
    std::map<std::string, std::int64_t> last;
    std::size_t stored = 0;
};

std::string report(const std::string& number) {
    const auto since = integration::uk_local(std::chrono::minutes(50)).substr(0, 17) + "00";
    const auto reported = integration::uk_local(std::chrono::minutes(40)).substr(0, 17) + "00";
    return ",reportid,misperid,initial_risk_level,current_final_risk_level,forenames,surname,dob,"
           "pob,"
           "age,sex,residence_type,occdesc,nominalpersionid,missing_since,date_reported_missing,"
           "day_"
           "reported_missing,length_missing_mins,when_traced,mf_address,missing_from,reported_"
           "missing_by,TL_address,return_method_desc,circumstances,q_1,q_1_explanation\n0," +
           number + ",70012,Medium,Medium,Wren,Hollis,03/04/2017,,9,Female,Home Address,,81002," +
           since + "," + reported +
           ",,,,\"19 Invented Lane, Evesham, WR11 4QZ\",Home,Grandparent,\"\",,\"Went out to play "
           "and is not with her friends.\",1,Child aged 9.\n";
}

class Watcher {
public:
    explicit Watcher(const Area& area) {
        for (const auto& host : integration::hosts) logs_.emplace(host, area.log(host));
        logs_.emplace("broker", area.log("broker"));
    }
    void look(Steps& steps) {
        for (auto& [name, log] : logs_) {
            log.read([&](const Json& line) {
                const auto event = line.value("event", "");
                const auto at = wall_time_from_rfc3339(line.value("at", ""));
                if (!at) return;
                if (name == "broker" && event != "notification_accepted") return;
                if (event == "delivery_stored") ++steps.stored;
                steps.last[event] = std::max(steps.last[event], at->unix_ms());
            });
        }
    }

private:
    std::map<std::string, LogTail> logs_;
};

}  // namespace

bool measure_latency(const LatencyOptions& options) {
    auto area = Area::make();
    area->feed_involvement();
    Watcher watcher(*area);
    Steps before;
    watcher.look(before);
    const std::vector<std::pair<std::string, std::string>> names{
        {"published", "decided, sealed, committed by the sender"},
        {"notification_accepted", "accepted, committed by the broker"},
        {"delivery_stored", "stored in the last of five inboxes"}};
    std::map<std::string, Spread> spreads;
    bool complete = true;
    for (std::size_t i = 0; i < options.files; ++i) {
        const auto name = "bench-" + std::to_string(i) + ".csv";
        const auto intake = area->folder("police") / "intake";
        std::ofstream(intake / ("." + name), std::ios::binary) << report("B-" + std::to_string(i));
        Steps steps;
        const auto began = now_ms();
        std::filesystem::rename(intake / ("." + name), intake / name);
        const bool arrived = area->wait_until(
            [&] {
                watcher.look(steps);
                return steps.stored >= inboxes;
            },
            patience);
        if (!arrived) {
            fmt::print(stderr, "bench: {} reached {} of {} inboxes in {} s\n", name, steps.stored,
                       inboxes, patience.count());
            complete = false;
            continue;
        }
        for (const auto& [event, words] : names)
            spreads[event].add(static_cast<double>(steps.last[event] - began));
        // Receipts come back to the sender before the next one begins: the area is idle again.
        complete = area->wait_until(
                       [&] {
                           return area->status("police")["receipts_owed"] == 0 &&
                                  area->status("hub")["receipts_owed"] == 0;
                       },
                       patience) &&
                   complete;
    }
    fmt::print(
        "{} police reports, one after another, each from the moment it was renamed into the "
        "intake folder:\n",
        options.files);
    for (const auto& [event, words] : names)
        fmt::print("  {:<42} {}\n", words + ":", spreads[event].text());
    return complete && spreads["delivery_stored"].count() == options.files;
}

}  // namespace mash::bench
