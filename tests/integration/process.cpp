#include "tests/integration/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/base/check.hpp"

namespace mash::integration {

namespace {

using Clock = std::chrono::steady_clock;

pid_t spawn(const Argv& argv, int out) {
    std::vector<char*> raw;
    for (const auto& argument : argv) raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    CHECK(child >= 0);
    if (child > 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setpgid(0, 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execvp(raw[0], raw.data());
    ::_exit(127);
}

}  // namespace

std::string read_whole(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::unique_ptr<Process> Process::start(const Argv& argv, const std::filesystem::path& log) {
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK(out >= 0);
    const auto from = std::filesystem::file_size(log);
    const pid_t pid = spawn(argv, out);
    ::close(out);
    return std::unique_ptr<Process>(new Process(pid, log, from));
}

Process::~Process() { kill_hard(); }

bool Process::is_alive() { return !wait_end(std::chrono::milliseconds(0)); }

std::string Process::said() const { return read_whole(log_).substr(from_); }

bool Process::wait_for(std::string_view words, std::chrono::seconds deadline) {
    const auto end = Clock::now() + deadline;
    while (said().find(words) == std::string::npos) {
        if (Clock::now() > end || wait_end(std::chrono::milliseconds(20))) return false;
    }
    return true;
}

bool Process::wait_end(std::chrono::milliseconds deadline) {
    if (ended_) return true;
    // A descriptor of the process becomes readable when it ends, so waiting is no polling.
    const int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (watch >= 0) {
        pollfd item{watch, POLLIN, 0};
        ::poll(&item, 1, static_cast<int>(deadline.count()));
        ::close(watch);
    }
    if (::waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
    return ended_;
}

void Process::kill_hard() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    CHECK(::waitpid(pid_, &status_, 0) == pid_);
    ended_ = true;
}

bool Process::stop(std::chrono::seconds deadline) {
    if (ended_) return false;
    ::kill(pid_, SIGTERM);
    if (!wait_end(deadline)) {
        kill_hard();
        return false;
    }
    return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

void Process::pause() { ::kill(pid_, SIGSTOP); }
void Process::resume() { ::kill(pid_, SIGCONT); }

Finished run(const Argv& argv, std::chrono::seconds deadline) {
    int ends[2];
    CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t pid = spawn(argv, ends[1]);
    ::close(ends[1]);
    Finished out;
    bool late = false;
    const auto end = Clock::now() + deadline;
    char buffer[4096];
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) {
            late = true;
            break;
        }
        pollfd item{ends[0], POLLIN, 0};
        // A grandchild that runs on may hold the pipe open: the command itself decides when it is
        // over.
        ::poll(&item, 1, static_cast<int>(std::min<long long>(left, 100)));
        if (item.revents != 0) {
            const auto got = ::read(ends[0], buffer, sizeof buffer);
            if (got <= 0) break;
            out.output.append(buffer, static_cast<std::size_t>(got));
            continue;
        }
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == pid)
            break;
    }
    ::close(ends[0]);
    if (late) ::kill(-pid, SIGKILL);
    int status = 0;
    CHECK(::waitpid(pid, &status, 0) == pid);
    if (!late && WIFEXITED(status)) out.code = WEXITSTATUS(status);
    return out;
}

}  // namespace mash::integration
