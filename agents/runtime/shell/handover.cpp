#include "agents/runtime/shell/handover.hpp"

#include <algorithm>
#include <memory>

#include <curl/curl.h>

#include "common/area/files.hpp"
#include "common/http/server.hpp"

namespace mash::runtime_shell {

namespace {

constexpr ErrorCode done{};
constexpr long webhook_deadline_seconds = 20;

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string out(text);
    curl_free(text);
    return out;
}

std::size_t drop_answer(char*, std::size_t size, std::size_t count, void*) { return size * count; }

int ends_when_stopping(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

bool post(const std::string& url, const std::string& content_type, const std::string& body,
          const std::atomic<bool>& stopping) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                   curl_easy_cleanup);
    if (!curl) return false;
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()), curl_slist_free_all);
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, webhook_deadline_seconds);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, drop_answer);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, ends_when_stopping);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &stopping);
    if (curl_easy_perform(curl.get()) != CURLE_OK) return false;
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

}  // namespace

bool may_carry_content(const std::string& webhook) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
    if (!url || curl_url_set(url.get(), CURLUPART_URL, webhook.c_str(), 0) != CURLUE_OK)
        return false;
    const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "http") return scheme == "https";
    auto host = part_of(url.get(), CURLUPART_HOST);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host == "localhost" || http::is_loopback(host);
}

Handover::Handover(std::map<InboxId, HandoverTarget> targets, Answer answer,
                   HandoverFormats formats)
    : targets_(std::move(targets)), answer_(std::move(answer)), formats_(std::move(formats)) {}

Handover::~Handover() { stop(); }

void Handover::start() {
    for (std::size_t i = 0; i < std::min(targets_.size(), threads_max); ++i)
        threads_.emplace_back([this] { run(); });
}

void Handover::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

Handover::Key Handover::key_of(const runtime::HandOver& item) {
    return {item.notification, item.sender, item.recalled};
}

void Handover::give(runtime::HandOver effect) {
    const auto target = targets_.find(effect.inbox);
    if (target == targets_.end() || (target->second.folder.empty() &&
                                     target->second.webhook.empty() && target->second.to.empty()))
        return answer(effect, ErrorCode::not_available);
    {
        const std::lock_guard lock(mutex_);
        auto& lane = lanes_[effect.inbox];
        if (lane.owed.size() >= items_of_inbox_max || !lane.owed.insert(key_of(effect)).second)
            return;
        if (lane.queue.empty() && !lane.is_under_way) due_.push_back(effect.inbox);
        lane.queue.push_back(std::move(effect));
    }
    ready_.notify_one();
}

std::size_t Handover::owed() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [inbox, lane] : lanes_) count += lane.owed.size();
    return count;
}

void Handover::answer(const runtime::HandOver& item, ErrorCode code) {
    if (code == done) {
        answer_(
            {runtime::HandedOver{item.inbox, item.notification, item.sender, item.recalled}, {}});
    } else {
        answer_({runtime::HandoverFailed{item.inbox, item.notification, item.sender, code,
                                         item.recalled},
                 {}});
    }
}

ErrorCode Handover::deliver(const runtime::HandOver& item, const HandoverTarget& target) {
    const auto format = formats_.find(target.format);
    std::string ending = ".json";
    std::string content_type = "application/json";
    PersonalText text = item.json;
    if (format != formats_.end()) {
        auto own = format->second.write(item);
        if (!own) return ErrorCode::malformed;
        text = std::move(*own);
        ending = format->second.ending;
        content_type = format->second.content_type;
    }
    if (!target.folder.empty()) {
        const auto folder = target.folder / item.inbox.value();
        const auto made = area::make_folder(folder, area::FileAccess::owner_only);
        if (!made) return made.error();
        const auto file = folder / (item.sender.value() + "-" + to_text(item.notification) +
                                    (item.recalled ? ".recall" : "") + ending);
        const auto written =
            area::write_file(file, view_of(text.reveal()), area::FileAccess::owner_only);
        if (!written) return written.error();
        if (item.recalled) {
            const auto removed = area::remove_file(
                folder / (item.sender.value() + "-" + to_text(item.notification) + ending));
            if (!removed) return removed.error();
        }
    }
    if (!target.webhook.empty() && !post(target.webhook, content_type, text.reveal(), stopping_))
        return ErrorCode::io_failed;
    if (!target.to.empty() && (format == formats_.end() || !format->second.send ||
                               !format->second.send(target.to, item, text.reveal(), stopping_)))
        return ErrorCode::io_failed;
    return done;
}

void Handover::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [&] { return stopping_ || !due_.empty(); });
        if (stopping_) return;
        auto& lane = lanes_.at(due_.front());
        due_.pop_front();
        const runtime::HandOver item = std::move(lane.queue.front());
        lane.queue.pop_front();
        lane.is_under_way = true;
        lock.unlock();
        const ErrorCode code = deliver(item, targets_.at(item.inbox));
        lock.lock();
        lane.is_under_way = false;
        lane.owed.erase(key_of(item));
        // Behind the other inboxes: one with much to hand over takes no more than its turn.
        if (!lane.queue.empty()) {
            due_.push_back(item.inbox);
            ready_.notify_one();
        }
        lock.unlock();
        answer(item, code);
        lock.lock();
    }
}

}  // namespace mash::runtime_shell
