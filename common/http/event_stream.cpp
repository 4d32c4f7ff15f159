#include "common/http/event_stream.hpp"

#include <utility>

namespace mash::http {

bool EventStream::push(std::string_view event, std::string_view data) {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return false;
        const std::size_t bytes = event.size() + data.size() + 16;
        if (waiting_.size() + bytes > bytes_max_) {
            waiting_.clear();
            ended_ = true;
        } else {
            waiting_.append("event: ").append(event).append("\ndata: ").append(data).append("\n\n");
        }
    }
    changed();
    return !has_ended();
}

void EventStream::end() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed();
}

bool EventStream::has_ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
}

void EventStream::on_change(std::function<void()> wake) {
    {
        const std::lock_guard lock(mutex_);
        wake_ = std::move(wake);
    }
    changed();
}

std::string EventStream::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

void EventStream::drop() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    waiting_.clear();
    wake_ = nullptr;
}

void EventStream::changed() {
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        wake = wake_;
    }
    if (wake) wake();
}

}  // namespace mash::http
