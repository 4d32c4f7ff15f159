#include "tests/bench/traffic.hpp"

#include <utility>

namespace mash::bench {

Watch Traffic::watch() {
    Watch out;
    out.submitted = [this](std::uint64_t reply, const NotificationId& id) {
        on_submitted(reply, id);
    };
    out.stored = [this](const NotificationId& id) { on_stored(id); };
    return out;
}

// Counted as begun and as under way in one moment, so that nobody who waits sees neither.
runtime::Input Traffic::begin(std::size_t sender, std::size_t child, const std::string& grade,
                              bool flood) {
    runtime::Submit submit;
    submit.notification = area_->missing(sender, child, grade);
    submit.person = runtime::service_person();
    submit.reason = "intake";
    submit.reply = next_reply_++;
    given_[submit.reply] = {sender, Clock::now(), 0, flood};
    return {std::move(submit), {}};
}

void Traffic::send(std::size_t sender, std::size_t child, const std::string& grade) {
    std::unique_lock lock(mutex_);
    auto input = begin(sender, child, grade, false);
    lock.unlock();
    area_->sender(sender).push(std::move(input));
}

void Traffic::begin_flood(std::size_t senders, std::size_t count, std::size_t window) {
    {
        const std::lock_guard lock(mutex_);
        flood_left_ = count;
        flood_arrived_ = 0;
    }
    for (std::size_t i = 0; i < window; ++i) {
        for (std::size_t sender = 0; sender < senders; ++sender) next_of_flood(sender);
    }
}

void Traffic::stop_flood() {
    const std::lock_guard lock(mutex_);
    flood_left_ = 0;
}

void Traffic::next_of_flood(std::size_t sender) {
    std::unique_lock lock(mutex_);
    if (flood_left_ == 0) return;
    --flood_left_;
    auto input = begin(sender, next_child_++ % area_->shape().children, "none_apparent", true);
    lock.unlock();
    area_->sender(sender).push(std::move(input));
}

void Traffic::on_submitted(std::uint64_t reply, const NotificationId& id) {
    const std::lock_guard lock(mutex_);
    const auto given = given_.find(reply);
    if (given == given_.end()) return;
    under_way_.emplace(id, given->second);
    given_.erase(given);
}

void Traffic::on_stored(const NotificationId& id) {
    std::size_t sender = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = under_way_.find(id);
        if (found == under_way_.end() || ++found->second.stored < inboxes_) return;
        const auto item = found->second;
        under_way_.erase(found);
        (item.flood ? flood_times_ : single_times_).add(Clock::now() - item.began);
        if (item.flood) ++flood_arrived_;
        changed_.notify_all();
        if (!item.flood) return;
        sender = item.sender;
    }
    next_of_flood(sender);
}

bool Traffic::wait_all(std::chrono::seconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(
        lock, deadline, [&] { return flood_left_ == 0 && given_.empty() && under_way_.empty(); });
}

bool Traffic::wait_arrived(std::size_t count, std::chrono::seconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return flood_arrived_ >= count; });
}

std::size_t Traffic::arrived() const {
    const std::lock_guard lock(mutex_);
    return flood_arrived_;
}

Spread Traffic::take(Spread& from) {
    const std::lock_guard lock(mutex_);
    return std::exchange(from, {});
}

}  // namespace mash::bench
