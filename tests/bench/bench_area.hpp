// An area for measuring: signed documents made in code (tests/support), the real mash-broker as a
// program of its own, and as many agents as a bench asks for in this process. Every child is
// invented, has a social worker, and one school when there are schools.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_agent.hpp"
#include "tests/bench/figures.hpp"
#include "tests/integration/process.hpp"
#include "tests/support/test_area.hpp"

namespace mash::bench {

struct Shape {
    std::size_t senders = 8;  ///< police forces, each on a host of its own
    std::size_t schools = 0;  ///< each on a host of its own
    std::size_t children = 200;
    int broker_sync_ms = 0;        ///< added to each fsync and fdatasync of the broker
    std::filesystem::path folder;  ///< where the temporary folder is made: which disk is measured
};

class BenchArea {
public:
    /// Documents, keys and stores; the broker runs; no agent yet.
    BenchArea(const Shape& shape, Watch watch);
    ~BenchArea();
    BenchArea(const BenchArea&) = delete;
    BenchArea& operator=(const BenchArea&) = delete;

    /// Starts every agent, states who works with which child, and waits until the broker has
    /// confirmed all of it. Stops the bench when it does not come.
    void connect_all();
    /// Hosts of whom nothing was heard of late.
    void start_broker();
    void kill_broker() { broker_->kill_hard(); }
    pid_t broker_pid() const { return broker_->pid(); }
    Usage broker_usage() const { return usage_of(broker_->pid()); }
    /// One number of the broker's /metrics.
    double metric(const std::string& name) const;

    BenchAgent& sender(std::size_t number) { return *agents_.at(sender_host(number)); }
    std::size_t agent_count() const { return agents_.size(); }
    /// A child who is missing, 4 KiB of words: to the desk on duty, the social work team and the
    /// Missing Children Officers, three inboxes; and to the child's school, if it has one.
    runtime::Notification missing(std::size_t sender, std::size_t child, std::string grade);
    const Shape& shape() const { return shape_; }
    std::filesystem::path folder() const { return folder_; }
    /// What must be 0 in the end, over all agents.
    std::uint64_t refusals() const;
    std::uint64_t alarms() const;

private:
    static HostId sender_host(std::size_t number) {
        return HostId("police-" + std::to_string(number));
    }
    void add_host(const HostId& host, const std::vector<AgencyId>& agencies);
    void sign_area();
    void write_broker_folder();
    void send_rolls();
    void wait_settled() const;
    runtime::Subject subject(std::size_t child) const;

    Shape shape_;
    Watch watch_;
    std::filesystem::path folder_;
    crypto::SystemRandom random_;
    test::TestArea area_;
    crypto::CurveKeyPair broker_transport_;
    int port_ = 0;
    int metrics_port_ = 0;
    std::map<HostId, HostSecrets> hosts_;
    std::unique_ptr<integration::Process> broker_;
    std::map<HostId, std::unique_ptr<BenchAgent>> agents_;
    std::size_t next_ref_ = 0;
};

}  // namespace mash::bench
