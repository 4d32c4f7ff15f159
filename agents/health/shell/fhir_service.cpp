#include "agents/health/shell/fhir_service.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "agents/health/fhir_tree.hpp"
#include "agents/health/shell/fhir_intake.hpp"

namespace mash::health_shell {

namespace {

using health::FhirForm;

// Bundles of up to 8 MiB that wait for the one before them.
constexpr std::size_t waiting_max = 8;

/// Takes one bundle after another on a thread of its own, because the next may rest on the one
/// before and the server's thread must not wait for commits.
class FhirService final : public runtime_shell::AgentService {
public:
    FhirService(runtime_shell::ServicePlace place, std::string agency, http::ServerConfig config)
        : place_(std::move(place)),
          intake_(place_, std::move(agency)),
          config_(std::move(config)) {}
    ~FhirService() override { FhirService::stop(); }

    Result<void> start(std::string& problem) override {
        worker_ = std::thread([this] { work(); });
        auto server = http::Server::start(
            config_, [this](http::Request request, http::Server::Respond respond) {
                handle(std::move(request), std::move(respond));
            });
        if (!server) {
            problem = "The address of listen in [services.fhir] cannot be used: " +
                      std::string(describe(server.error()));
            return fail(server.error());
        }
        server_ = std::move(*server);
        return {};
    }

    void stop() override {
        intake_.stop();
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (worker_.joinable()) worker_.join();
        if (server_) server_->stop();
    }

private:
    struct Job {
        http::Request request;
        FhirForm form;
        http::Server::Respond respond;
    };

    void handle(http::Request request, http::Server::Respond respond) {
        const auto form = fhir_form_of(request.content_type);
        const auto refuse = [&](int status, std::string_view words) {
            respond(fhir_answer(status, form.value_or(FhirForm::json), words));
        };
        constexpr std::string_view scheme = "Bearer ";
        if (!request.authorization.starts_with(scheme) ||
            !place_.is_service(PersonalText(request.authorization.substr(scheme.size()))))
            return refuse(401,
                          "The service token of api.json is needed: Authorization: Bearer TOKEN");
        if (request.path != "/fhir" && request.path != "/fhir/$process-message")
            return refuse(404, "There is nothing here: POST to /fhir/$process-message or /fhir");
        if (request.method != "POST") return refuse(405, "Bundles are sent with POST");
        if (!form)
            return refuse(415, "Say what it is: application/fhir+json or application/fhir+xml");
        {
            const std::lock_guard lock(mutex_);
            if (!stopping_ && jobs_.size() < waiting_max) {
                jobs_.push_back({std::move(request), *form, std::move(respond)});
                wake_.notify_one();
                return;
            }
        }
        auto busy = fhir_answer(503, *form, "Others wait before it: send it again");
        busy.retry_after_seconds = 5;
        respond(std::move(busy));
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            Job job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job.respond(intake_.take(job.request.body, job.form, job.request.path != "/fhir"));
            lock.lock();
        }
    }

    runtime_shell::ServicePlace place_;
    FhirIntake intake_;
    http::ServerConfig config_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::thread worker_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace

Result<std::unique_ptr<runtime_shell::AgentService>> make_fhir_service(
    runtime_shell::ServicePlace place, std::string& problem) {
    const auto refuse = [&](std::string words) {
        problem = "agent.toml, [services.fhir]: " + std::move(words);
        return fail(ErrorCode::bad_value);
    };
    static constexpr std::array<std::string_view, 3> known{"listen", "agency", "area"};
    for (const auto& [name, value] : place.settings) {
        if (std::ranges::find(known, name) == known.end())
            return refuse(name + " is no setting of this section");
    }
    const auto setting = [&](std::string_view name) {
        const auto found = place.settings.find(name);
        return found == place.settings.end() ? std::string() : found->second;
    };
    const std::string listen = setting("listen");
    const auto colon = listen.find_last_of(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535)
        return refuse("listen must be an address and a port, for example \"127.0.0.1:8070\"");
    http::ServerConfig config;
    config.address = listen.substr(0, colon);
    config.port = static_cast<std::uint16_t>(std::stoul(port));
    config.body_bytes_max = health::fhir_bytes_max;
    if (!http::is_loopback(config.address))
        return refuse(
            "listen is not the loopback address: tokens and children's names would travel in "
            "clear. Listen on 127.0.0.1 behind the hospital's own integration engine");
    std::string agency = setting("agency");
    if (!place.context_of(agency))
        return refuse("agency must be the id of an agency that this agent serves");
    return std::unique_ptr<runtime_shell::AgentService>(
        new FhirService(std::move(place), std::move(agency), std::move(config)));
}

}  // namespace mash::health_shell
