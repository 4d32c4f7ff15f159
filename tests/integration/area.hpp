// One whole area on this machine: broker and five agents, made by deploy/area as an operator makes
// it, then run as children of the test. The first area is made; each further one is a copy of it as
// it was new.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/integration/process.hpp"

namespace mash::integration {

using Json = nlohmann::json;
using std::chrono::seconds;

struct Answer {
    long status = 0;  ///< 0: no answer
    std::string text;
    std::string content_type{};
    Json json() const { return Json::parse(text, nullptr, false); }
};

class Area {
public:
    /// Makes and starts everything; every agent has reached the broker.
    static std::unique_ptr<Area> make();
    /// The same area with nothing started, for whoever runs it in another way.
    static std::unique_ptr<Area> stopped();
    /// The first of sixteen free ports.
    static int free_port_base();
    ~Area();

    std::filesystem::path dir() const { return dir_; }
    /// DIR/broker or DIR/agents/HOST.
    std::filesystem::path folder(const std::string& name) const;
    /// The agent's own databases.
    std::filesystem::path store(const std::string& host) const {
        return folder(host) / "areas" / "worcestershire";
    }
    std::filesystem::path log(const std::string& name) const {
        return dir_ / "log" / (name + ".log");
    }
    /// Of the programs under test, such as "mash-hub".
    static std::string path_of(const std::string& program);
    Process& program(const std::string& name) { return *programs_.at(name); }
    int broker_port() const { return port_base_; }
    int metrics_port() const { return port_base_ + 1; }

    static std::string program_of(const std::string& name);
    /// Waits for "is ready".
    void start(const std::string& name);
    void start_unwaited(const std::string& name);
    bool is_ready(const std::string& name);
    Finished mashctl(Argv arguments) const;
    Finished agent(const std::string& host, Argv arguments) const;
    std::string socket() const { return (dir_ / "broker" / "admin.sock").string(); }

    Answer call(const std::string& host, const std::string& token, const std::string& method,
                const std::string& path, const std::string& body = "") const;
    Answer get(const std::string& url) const;
    std::string service(const std::string& host) const;
    std::string person(const std::string& host, const std::string& name) const;
    Json status(const std::string& host) const;

    /// Looks again whenever a program has written to its log, and every 50 ms; false when the time
    /// is over.
    bool wait_until(const std::function<bool()>& holds, seconds deadline) const;
    bool wait_linked(const std::string& host) const;
    /// Where this program's log ends now.
    std::size_t log_end(const std::string& name) const;
    /// True as soon as the log has a line after `from` with this event and all these words.
    bool is_logged(const std::string& name, std::size_t from, const std::string& event,
                   const std::vector<std::string>& words) const;

    /// A whole file, by renaming, as a careful system does it.
    void drop(const std::string& host, const std::string& sub_folder, const std::string& name,
              const std::string& text) const;
    /// Caseloads and rolls of deploy/demo, confirmed by the broker.
    void feed_involvement() const;
    /// Posts with the service token; the id, "" when it was not taken.
    std::string post(const std::string& host, const Json& notification) const;

    /// How far the sender's agent knows it to be.
    Json sent(const std::string& host, const std::string& id) const;
    /// The rungs of one seat, "agency/role".
    static std::set<std::string> rungs(const Json& sent, const std::string& seat);
    /// Seats of the plan.
    static std::set<std::string> seats(const Json& sent);
    bool wait_rung(const std::string& host, const std::string& id, const std::string& seat,
                   const std::string& rung, seconds deadline = seconds(30)) const;
    /// Every seat of the plan has stored it; false when the time is over.
    bool wait_stored(const std::string& host, const std::string& id,
                     seconds deadline = seconds(40)) const;
    /// Ids in an inbox, as the list shows them; each as often as it is there.
    std::multiset<std::string> listed(const std::string& inbox) const;
    /// Who opens it: host and file of people/.
    static std::pair<std::string, std::string> opener(const std::string& inbox);
    static const std::map<std::string, std::pair<std::string, std::string>>& openers();

private:
    Area() = default;
    std::filesystem::path dir_;
    int port_base_ = 0;
    int watch_ = -1;
    std::map<std::string, std::unique_ptr<Process>> programs_;
};

inline const std::vector<std::string> hosts{"police", "health", "schools", "social-care", "hub"};

/// The time as a police system writes it: UK local, to the second.
std::string uk_local(std::chrono::minutes ago);
std::string utc(std::chrono::minutes ago);

}  // namespace mash::integration
