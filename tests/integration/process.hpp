// Programs as an operator runs them: started with arguments, watched for what they say, ended
// politely or at once. Every one dies with the test that started it, also when the test itself is
// killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mash::integration {

using Argv = std::vector<std::string>;

/// A program that runs on. Owned by the test; the destructor ends it.
class Process {
public:
    /// Standard output and error are appended to `log`. Stops the test run when it cannot be
    /// started.
    static std::unique_ptr<Process> start(const Argv& argv, const std::filesystem::path& log);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    bool is_alive();
    /// What it has said since this start.
    std::string said() const;
    /// False when it ended, or said nothing of the kind in time.
    bool wait_for(std::string_view words, std::chrono::seconds deadline);

    /// SIGKILL, and waits until it is gone.
    void kill_hard();
    /// SIGTERM; false when it had to be killed, or ended with another code than 0.
    bool stop(std::chrono::seconds deadline);
    /// SIGSTOP and SIGCONT: a machine that hangs.
    void pause();
    void resume();

private:
    Process(pid_t pid, std::filesystem::path log, std::uintmax_t from)
        : pid_(pid), log_(std::move(log)), from_(from) {}
    bool wait_end(std::chrono::milliseconds deadline);

    pid_t pid_;
    std::filesystem::path log_;
    std::uintmax_t from_;  // length of the log before this start
    bool ended_ = false;
    int status_ = 0;
};

struct Finished {
    int code = -1;  ///< -1: killed, as a rule because the deadline was over
    std::string output;
};

/// Runs a command to its end.
Finished run(const Argv& argv, std::chrono::seconds deadline);

/// A file's bytes, "" when it is not there.
std::string read_whole(const std::filesystem::path& file);

}  // namespace mash::integration
