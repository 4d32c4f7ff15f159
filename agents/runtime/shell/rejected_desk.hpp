// What the intake could not use, over the local interface: seen, mended and set aside by those who
// send in the role for which it was read. Who that is, and the record of it, is the core's; files
// are read and written on a thread of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agents/runtime/core/json.hpp"
#include "agents/runtime/shell/core_question.hpp"
#include "agents/runtime/shell/operation.hpp"
#include "agents/runtime/shell/rejected_files.hpp"

namespace mash::runtime_shell {

/// Requests that wait; one more is told to come again.
inline constexpr std::size_t rejected_queue_max = 32;

class RejectedDesk {
public:
    struct Place {
        AreaId area;
        std::filesystem::path folder;  ///< holds intake/, rejected/
        RejectedFiles::SeatOf seat_of;
    };
    RejectedDesk(std::vector<Place> places, std::function<Now()> clocks);
    ~RejectedDesk();
    RejectedDesk(const RejectedDesk&) = delete;
    RejectedDesk& operator=(const RejectedDesk&) = delete;
    /// What waits is answered busy. Before the core's loops stop.
    void stop();

    /// `id` in text; of a list "".
    void answer(const Operation& operation, const ApiArea& area, const http::Request& request,
                const std::string& id, const http::Server::Respond& respond);

private:
    using Json = runtime::Json;
    using Reply = CoreReply;
    struct Job;
    struct Shelf {
        AreaId area;
        std::unique_ptr<RejectedFiles> files;
    };

    void work();
    void hand_over(std::shared_ptr<Job> job);
    void run(Job& job);
    static void list(Job& job);
    void read(Job& job, RejectedFiles::Entry& entry);
    void mend(Job& job, RejectedFiles::Entry& entry);
    void set_aside(Job& job, RejectedFiles::Entry& entry);
    /// False: answered. Else who did it, and that it is in the access record.
    bool is_noted(Job& job, RejectedFiles::Entry& entry, std::string_view action);
    static void ask(const ApiArea& area, const PersonalText& credential, const std::string& id,
                    const Json& body, const std::function<void(Reply)>& then);
    static bool is_as_read(Job& job, const RejectedFiles::Entry& entry);

    std::vector<Shelf> shelves_;
    std::function<Now()> clocks_;
    std::mutex mutex_;  // guards the two below
    std::deque<std::shared_ptr<Job>> queue_;
    bool stopping_ = false;
    std::condition_variable ready_;
    std::thread thread_;
};

}  // namespace mash::runtime_shell
